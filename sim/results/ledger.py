"""The ledger of a scenario's judgements: who says what and why, what it moves, and how surprising it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.inputs.plan.targets import Growth
from sim.model.opinions import find_centre, measure_opinions, place_opinions
from sim.model.tilting import Tilt, solve_tilt

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs.scenario.reading import Scenario
    from sim.model.model import Model

__all__ = ["Entry", "Ledger", "count_heads", "is_little", "open_ledger"]

_MOST_MOVED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One judgement, or all events together.

    Attributes
    ----------
    say : str
        `probability`, `median` or `centre`; `all` for all judgements together.
    about : str
        The event or figure.
    asked : float
        As it is written: a probability, or %.
    before, after : float
        The probability of the event without and with all judgements; of a median, of a figure at least so large; of a
        centre the growth expected of the year without shocks, %.
    divergence : float
        Relative entropy of this judgement alone, nats.
    effective : float
        Share of years that would say as much, were they all of equal weight.
    who, why : str
    """

    say: str
    about: str
    asked: float
    before: float
    after: float
    divergence: float
    effective: float
    who: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ledger:
    """The judgements of a scenario and what they move.

    Attributes
    ----------
    scenario : str
    entries : tuple of Entry
        In the order of what they are about; the last one is of all together.
    before : array, shape (reading, target), optional
        Odds of each target without the judgements; None where a finished run was read back, whose tables lack them.
    direct : tuple of str
        Targets of indicators that are judged: what else moves is told of the others.
    """

    scenario: str
    entries: tuple[Entry, ...]
    before: Floats | None
    direct: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """The entries.

        Returns
        -------
        DataFrame
            Columns scenario, say, about, is, before, after, divergence (nats), heads (as surprising as so many in a
            row), effective, who, why.
        """
        import pandas as pd

        rows = [
            (
                self.scenario,
                each.say,
                each.about,
                each.asked,
                each.before,
                each.after,
                each.divergence,
                count_heads(each.divergence),
                each.effective,
                each.who,
                each.why,
            )
            for each in self.entries
        ]
        columns = [
            "scenario",
            "say",
            "about",
            "is",
            "before",
            "after",
            "divergence",
            "heads",
            "effective",
            "who",
            "why",
        ]
        return pd.DataFrame(rows, columns=columns)

    def list_moved(self, met: Floats, targets: Mapping[str, int]) -> list[tuple[str, float, float]]:
        """List the targets that move most though nothing was said of them, at most three.

        Parameters
        ----------
        met : array, shape (reading, target)
            Odds with the judgements.
        targets : mapping of str to int
            Places of the targets with odds.

        Returns
        -------
        list of (str, float, float)
            As `list_all_moved` gives them.
        """
        return self.list_all_moved(met, targets)[:_MOST_MOVED]

    def list_all_moved(self, met: Floats, targets: Mapping[str, int]) -> list[tuple[str, float, float]]:
        """List the targets that move though nothing was said of them.

        Parameters
        ----------
        met, targets
            As for `list_moved`.

        Returns
        -------
        list of (str, float, float)
            Target, odds before and after; those that move at all, the largest change first.
        """
        if self.before is None:
            return []
        changes = [
            (name, float(self.before[0, place]), float(met[0, place]))
            for name, place in targets.items()
            if name not in self.direct
        ]
        moved = [each for each in changes if abs(each[2] - each[1]) > 5e-5]
        return sorted(moved, key=lambda each: -abs(each[2] - each[1]))


def count_heads(divergence: float) -> float:
    """Say how surprising a relative entropy is: as so many heads of a fair coin in a row.

    Examples
    --------
    >>> round(count_heads(float(np.log(8))), 9)
    3.0
    """
    return divergence / float(np.log(2))


FEW = 0.20
"""Share of years of equal weight below which judgements are questioned."""

MUCH = 1.0
"""Relative entropy, nats, beyond which judgements are questioned."""


def is_little(divergence: float, effective: float) -> bool:
    """Tell whether judgements leave so little of the model that a reader must know."""
    return effective < FEW or divergence > MUCH


def open_ledger(model: Model, scenario: Scenario, tilt: Tilt | None, before: Tilt | None, met: Floats) -> Ledger:
    """Open the ledger of a scenario.

    Parameters
    ----------
    model : Model
        Without opinions.
    scenario : Scenario
        With judgements.
    tilt : Tilt or None
        Of its events.
    before : Tilt or None
        Of the same events where opinions of centres are left out too.
    met : array, shape (reading, target)
        Odds without its judgements.

    Returns
    -------
    Ledger
    """
    rows: dict[str, Entry] = {}
    divergence, effective = 0.0, 1.0
    if tilt is not None and before is not None:
        divergence, effective = tilt.divergence, tilt.effective
        for place, each in enumerate(scenario.events):
            share = float(tilt.before[place])
            alone = solve_tilt(np.array([[False], [True]]), np.array([1 - share, share]), tilt.asked[place : place + 1])
            told = {"before": float(before.before[place]), "after": float(tilt.after[place])}
            rows[each.words] = _enter(each, told, alone.divergence, alone.effective)
    ids = [indicator.id for indicator in model.plan.indicators]
    if scenario.centres:
        opinions = place_opinions(scenario.centres, ids)
        held = model.hold(opinions)
        for centre in scenario.centres:
            place = ids.index(centre.series)
            told = {"before": float(find_centre(model.law, place)), "after": float(find_centre(held.law, place))}
            rows[centre.words] = _enter(centre, told, *measure_opinions(model.law, place_opinions([centre], ids)))
        moved = measure_opinions(model.law, opinions)
        divergence, effective = divergence + moved[0], effective * moved[1]
    judged = {each.series for each in scenario.judgements if getattr(each, "series", None)}
    nothing = float("nan")
    whole = Entry(
        say="all",
        about="all",
        asked=nothing,
        before=nothing,
        after=nothing,
        divergence=divergence,
        effective=effective,
        who="",
        why="",
    )
    return Ledger(
        scenario=scenario.name,
        entries=(*(rows[each.words] for each in scenario.judgements), whole),
        before=met,
        direct=tuple(each.id for each in model.plan.judged if isinstance(each, Growth) and each.indicator in judged),
    )


def _enter(judgement: Any, told: Mapping[str, float], divergence: float, effective: float) -> Entry:
    return Entry(
        say=judgement.say,
        about=judgement.words,
        asked=judgement.asked,
        divergence=divergence,
        effective=effective,
        who=judgement.who,
        why=judgement.why,
        **told,
    )
