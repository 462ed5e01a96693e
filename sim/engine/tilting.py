"""Judgements laid over what was integrated or counted: branches weighed, and refused where too little is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from sim._typing import Floats
from sim.errors import Fault, InputError, blame, try_all, warn_of
from sim.inputs.scenario.reading import Scenario
from sim.model.judged import list_judged_figures, place_event
from sim.model.known import Known
from sim.model.model import Model
from sim.model.opinions import measure_opinions, place_opinions
from sim.model.tilting import Tilt, find_clash, solve_tilt
from sim.results.evidence import Evidence
from sim.results.integrals import Integrals, settle
from sim.results.ledger import count_heads, is_little

__all__ = [
    "check_opinions",
    "check_tilt",
    "check_tilts",
    "list_asked",
    "refuse_judged_figures",
    "settle_judged",
    "tilt_integrals",
]

FEWEST = 0.05
"""Share of years that judgements must leave of equal weight."""

MOST = 3.0
"""Relative entropy of judgements, nats, beyond which they are refused."""


def list_asked(scenario: Scenario) -> Floats:
    """List how likely the judged events of a scenario are said to be, shape (judgement,)."""
    return np.array([0.5 if each.say == "median" else each.asked for each in scenario.events])


def settle_judged(integrals: Integrals, scenario: Scenario, tilt: Tilt | None = None, each: bool = False) -> Integrals:
    """Divide weighted integrals by their weights, judged events weighed as the scenario says.

    Parameters
    ----------
    integrals : Integrals
        Of all replicates.
    scenario : Scenario
    tilt : Tilt, optional
        As for `tilt_integrals`.
    each : bool
        As for `settle`.

    Returns
    -------
    Integrals
    """
    if not scenario.events:
        return settle(integrals, each)
    return tilt_integrals(integrals, list_asked(scenario), tilt, each)


def tilt_integrals(integrals: Integrals, asked: Floats, tilt: Tilt | None = None, each: bool = False) -> Integrals:
    """Weigh the branches of integrals so that judged events are as likely as asked.

    Parameters
    ----------
    integrals : Integrals
        Of all replicates, with branches.
    asked : array, shape (judgement,)
    tilt : Tilt, optional
        Found before, of the same judgements; None means that of these integrals.
    each : bool
        Whether each replicate is divided by its own weight, as calibrations are.

    Returns
    -------
    Integrals
        Odds by replicate, with their tilt. Their mean is what the judged law gives, and their scatter its error:
        linearized, as the tilt is fitted to the mean over replicates and what is asked has no error.
    """
    keys, parts = [*integrals.branches], [*integrals.branches.values()]
    told = [part.evidence for part in parts if part.evidence is not None]
    masses = np.stack([part.weight for part in told])
    events = np.array(keys, bool)
    if tilt is None:
        tilt = solve_tilt(events, masses.mean(axis=-1), asked)
    factor = tilt.weigh(events.T) / max(float(masses.mean(axis=-1).sum()), 1e-300)
    weight = factor @ masses
    away = events - asked
    offs = np.einsum("b,br,bj->jr", factor, masses, away)
    spread = np.einsum("b,b,bj,bk->jk", factor, masses.mean(axis=-1), away, away)

    def divide(pick: Callable[[Integrals], Floats]) -> Floats:
        arrays = [pick(part) for part in parts]
        summed = np.zeros_like(arrays[0])
        for by, array in zip(factor, arrays, strict=True):
            summed += by * array
        if each:
            own: Floats = summed / np.maximum(weight, 1e-300)
            return own
        share = summed.mean(axis=-1, keepdims=True)
        with_events = np.stack([by * array.mean(axis=-1) for by, array in zip(factor, arrays, strict=True)], axis=-1)
        slope = with_events @ away @ np.linalg.pinv(spread)
        linear: Floats = share + (summed - share * weight) - slope @ offs
        return linear

    squared = np.einsum("b,br->r", factor**2, np.stack([part.squared for part in told]))
    known = integrals.evidence
    n_points = max(part.n_points for part in told) if known is None else known.n_points
    flat = Evidence.flat(masses.shape[1], n_points) if known is None else known
    return replace(
        integrals,
        met=divide(lambda part: part.met),
        both=divide(lambda part: part.both),
        number_met={group: divide(lambda part, g=group: part.number_met[g]) for group in integrals.number_met},  # type: ignore[misc]
        evidence=replace(flat, weight=weight, squared=squared),
        used={rule: divide(lambda part, r=rule: part.used[r]) for rule in integrals.used},  # type: ignore[misc]
        tilt=tilt,
    )


def check_tilt(scenario: Scenario, tilt: Tilt) -> list[Fault]:
    """Refuse judgements that cannot be met, or leave too little of the model; question those that leave little.

    Parameters
    ----------
    scenario : Scenario
    tilt : Tilt

    Returns
    -------
    list of Fault
        What is questioned.

    Raises
    ------
    InputError
        With the pair that cannot be met together, or how few years are left.
    """
    if not tilt.is_met:
        places = find_clash(tilt)
        clash = [scenario.events[place] for place in places]
        said = " and ".join(f"{each.say} {each.asked:g} of '{each.words}'" for each in clash)
        if len(places) > 1:
            problem = f"scenario '{scenario.name}': {said} cannot be met together"
        else:
            problem = f"scenario '{scenario.name}': {said}, and it is {tilt.before[places[0]]:g} whatever comes"
        raise InputError([blame("judgements", problem, "change one of them, or the scenario")])
    return _question(scenario, tilt.divergence, tilt.effective)


def check_tilts(scenarios: Sequence[Scenario], tilts: Sequence[Tilt | None]) -> None:
    """Refuse judgements that cannot be met or leave too little, and question those that leave little."""
    checks = [
        partial(check_tilt, scenario, tilt) for scenario, tilt in zip(scenarios, tilts, strict=True) if tilt is not None
    ]
    warn_of([fault for found in try_all(*checks) for fault in found])


def check_opinions(model: Model, scenario: Scenario) -> list[Fault]:
    """Refuse opinions of centres that leave too little of the model; question those that leave little.

    Parameters
    ----------
    model : Model
    scenario : Scenario

    Returns
    -------
    list of Fault
        What is questioned.

    Raises
    ------
    InputError
    """
    if not scenario.centres:
        return []
    opinions = place_opinions(scenario.centres, [each.id for each in model.plan.indicators])
    return _question(scenario, *measure_opinions(model.law, opinions))


def _question(scenario: Scenario, divergence: float, effective: float) -> list[Fault]:
    heads = count_heads(divergence)
    said = (
        f"the judgements of scenario '{scenario.name}' leave {effective:.1%} of its years, and are as surprising as "
        f"{heads:.1f} heads in a row"
    )
    if effective < FEWEST or divergence > MOST:
        mend = f"at least {FEWEST:.0%} and at most {count_heads(MOST):.1f} heads; say less, or change the scenario"
        raise InputError([blame("judgements", said, mend)])
    if is_little(divergence, effective):
        return [blame("judgements", said, "what else moves rests on few years of the model", code="range")]
    return []


def refuse_judged_figures(model: Model, scenarios: Sequence[Scenario], known: Known | None) -> None:
    """Refuse to judge figures that are published.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    known : Known or None

    Raises
    ------
    InputError
    """
    if known is None:
        return
    faults = [fault for scenario in scenarios for fault in _find_published(model, scenario, known)]
    if faults:
        raise InputError(faults)


def _find_published(model: Model, scenario: Scenario, known: Known) -> Iterator[Fault]:
    published = {(each.kind, each.quarter, each.series): each.name for each in known.growth}
    if not published.keys() & list_judged_figures(model.plan, scenario):
        return
    for each in scenario.events:
        name = published.get(place_event(model.plan, each).figure) if each.series else None
        if name is not None:
            problem = (
                f"scenario '{scenario.name}' judges '{each.words}', and {known.words.get(name, name)} is published"
            )
            yield blame("judgements", problem, "take the judgement out")
