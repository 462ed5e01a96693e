"""What scenarios assume, in words: each shock with its odds, onset, size, course and what it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.document import Rule, Shock, Struck
from sim.inputs.scenario.reading import Scenario
from sim.views.notes import say_note
from sim.views.phrases import pair, say_odds, say_period
from sim.views.rule_lines import say_when
from sim.views.words import Phrase, join, read_words, say

__all__ = ["Assumption", "Told", "tell_scenarios"]


@dataclass(frozen=True)
class Told:
    """A shock in words.

    Attributes
    ----------
    title, probability, onset, size, profile : Phrase
    moves : tuple of Phrase
        What it adds to growth, speed and delay at full strength.
    source : Phrase
    """

    title: Phrase
    probability: Phrase
    onset: Phrase
    size: Phrase
    profile: Phrase
    moves: tuple[Phrase, ...]
    source: Phrase


@dataclass(frozen=True)
class Assumption:
    """What one scenario assumes.

    Attributes
    ----------
    name : str
    title : Phrase
    why : Phrase or str
        In both languages, or in the one that the scenario has it in.
    sources : tuple of Phrase
    shocks : tuple of Told
        Those told here.
    known : tuple of (Phrase, Phrase)
        Title of each other shock, and of the scenario above that tells of the very same one.
    """

    name: str
    title: Phrase
    why: Phrase | str
    sources: tuple[Phrase, ...]
    shocks: tuple[Told, ...]
    known: tuple[tuple[Phrase, Phrase], ...]


def tell_scenarios(scenarios: Sequence[Scenario], plan: Plan) -> list[Assumption]:
    """Tell every scenario in words; a shock that an earlier one has too is told once.

    Parameters
    ----------
    scenarios : sequence of Scenario
    plan : Plan

    Returns
    -------
    list of Assumption

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> told = tell_scenarios(sim.read_scenarios(["baseline", "export-slump"], plan), plan)
    >>> [len(each.shocks) for each in told], told[1].known[0][1].en == told[0].title.en
    ([1, 1], True)
    """
    seen: list[tuple[Struck, Phrase]] = []
    assumptions = []
    for scenario in scenarios:
        title = pair(scenario, "title")
        shocks, known = [], []
        for shock in (*scenario.shocks.values(), *scenario.rules.values()):
            before = next((where for other, where in seen if other == shock), None)
            if before is None or (isinstance(shock, Shock) and shock.depends_on is not None):
                shocks.append(_tell(shock, scenario, plan))
                seen.append((shock, title))
            else:
                known.append((Phrase(shock.title.en, shock.title.zh), before))
        told = tuple(shocks), tuple(known)
        why = Phrase(scenario.why, scenario.why_zh) if scenario.why_zh else scenario.why
        assumptions.append(Assumption(scenario.name, title, why, tuple(map(say_note, scenario.sources)), *told))
    return assumptions


def _tell(shock: Struck, scenario: Scenario, plan: Plan) -> Told:
    return Told(
        title=Phrase(shock.title.en, shock.title.zh),
        probability=_tell_chance(shock, scenario, plan),
        onset=_tell_onset(shock),
        size=_tell_size(shock),
        profile=_tell_profile(shock),
        moves=tuple(_list_moves(shock, plan)) or (say("shock.nothing"),),
        source=say_note(shock.source),
    )


def _tell_chance(shock: Struck, scenario: Scenario, plan: Plan) -> Phrase:
    if isinstance(shock, Rule):
        return say("rule.when", condition=say_when(shock.when, plan))
    assert isinstance(shock, Shock)
    depends = shock.depends_on
    if depends is None:
        assert shock.probability is not None
        return (
            say("shock.certain")
            if shock.probability == 1
            else say("shock.likely", odds=say_odds(shock.probability, digits=0))
        )
    other = scenario.shocks[depends.shock].title
    return say(
        "shock.depends",
        shock=Phrase(other.en, other.zh),
        odds=say_odds(depends.probability_if_happened, digits=0),
        otherwise=say_odds(depends.probability_if_not, digits=0),
    )


def _tell_onset(shock: Struck) -> Phrase:
    quarters = [(quarter, weight) for quarter, weight in shock.onset.items() if weight]
    if len(quarters) == 1:
        return say_period(quarters[0][0])
    return join(
        [say("shock.onset", quarter=say_period(name), share=say_odds(weight, digits=0)) for name, weight in quarters]
    )


def _tell_size(shock: Struck) -> Phrase:
    low, middle, high = (f"{size:.3g}".replace("-", "−") for size in shock.size.quantile(np.array([0.05, 0.5, 0.95])))
    if shock.size.law == "fixed" or low == high:
        size = say("shock.size_fixed", value=middle)
    else:
        size = say("shock.size_spread", law=say(f"law.{shock.size.law}"), low=low, middle=middle, high=high)
    return size if shock.size.unit == "1" else say("shock.size_unit", size=size, unit=say_note(shock.size.unit))


def _tell_profile(shock: Struck) -> Phrase:
    given = shock.profile.model_dump(exclude={"shape"})
    values = {
        name: join([Phrase(*2 * [_print(each)]) for each in value]) if isinstance(value, list) else _print(value)
        for name, value in given.items()
    }
    return say(f"profile.{shock.profile.shape}", **values)


def _list_moves(shock: Struck, plan: Plan) -> list[Phrase]:
    """List what it adds per unit of size: growth, speed, delay."""
    moves = [
        say("shock.loading", name=pair(plan.find_indicator(name)), value=_sign(value))
        for name, value in shock.loadings.items()
        if value
    ]
    for name, value in shock.speed.items():
        share = say("odds.percent", number=_sign(100 * value))
        moves.append(say("shock.speed", name=_name_touched(name, plan, "shock.all_deliveries"), value=share))
    for name, value in shock.delay.items():
        moves.append(say("shock.delay", name=_name_touched(name, plan, "shock.all_milestones"), value=f"{value:g}"))
    return moves


def _name_touched(name: str, plan: Plan, everything: str) -> Phrase:
    """Name a target, a group or a class of deliveries."""
    if name == "all":
        return say(everything)
    names = {group.id: pair(group) for group in plan.groups} | {target.id: pair(target) for target in plan.targets}
    if name in names:
        return names[name]
    plain = name.replace("_", " ")
    return say("target.class", name=read_words().get(f"class.{name}", Phrase(plain, plain)))


def _print(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _sign(value: float) -> str:
    return f"{value:+g}".replace("-", "−")
