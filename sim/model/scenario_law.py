"""The law of a scenario: what its shocks do to the year, as arrays, and the one tree of which shocks happen.

Shocks of rules stand after all others. They do not happen by chance: printed figures decide, and until they have
decided the law holds the rule, and a chance of zero.

Names (a delivery's class, a milestone's group, an indicator) are resolved when a scenario is compiled, and nowhere
else. Nothing is random here: what draws shocks hands in uniforms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.errors import InputError, blame
from sim.model.responses import unit_response
from sim.model.rules import RuleLaw, check_order, compile_rules, tell_printed

if TYPE_CHECKING:
    from sim.inputs.indicator_numbers import ShockNumbers
    from sim.inputs.scenario.reading import Scenario
    from sim.model.known import Known
    from sim.model.model import Model

__all__ = [
    "Quantile",
    "ScenarioLaw",
    "compile_parts",
    "compile_scenario",
    "compile_whole",
    "decide_rules",
    "draw_onset_and_size",
    "find_largest_size",
    "refuse_rules",
]

Quantile = Callable[[Floats], Floats]
"""From uniforms to sizes."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScenarioLaw:
    """What a scenario does to the year; a shock stands after the one it depends on.

    Attributes
    ----------
    names : tuple of str, shape (shock,)
        Also the names of the shocks' random streams.
    parent : tuple of int or None, shape (shock,)
        Place of the shock that each one depends on.
    chance : array, shape (shock, 2)
        Probability if the parent happened, and if it did not; twice the same without a parent.
    onset : array, shape (shock, quarter)
        Weights of the quarter in which a shock begins; they sum to one.
    size : tuple of callable, shape (shock,)
        Quantile function of each size, in the shock's own unit.
    growth : array, shape (shock, onset, period, series)
        Response of growth to a size of one, percentage points; periods as `stack_periods` stacks them.
    speed : array, shape (shock, delivery)
        Change of the speed of each delivery at a size of one and full profile, as a share.
    delay : array, shape (shock, milestone)
        Delay of each milestone at a size of one, quarters.
    profile : array, shape (shock, quarter)
        Strength in each quarter from the onset on.
    definition : tuple of str, shape (shock,)
        What a shock is, but for its chance: those of one definition move alike in every scenario.
    series : tuple of str, shape (series,)
        Indicators, by which what is not known of loadings is drawn.
    unknown : ShockNumbers
        How far sizes, loadings and chances of shocks are known.
    rules : tuple of RuleLaw
        Rules that wait for a figure, in the order in which figures come out.
    """

    names: tuple[str, ...]
    parent: tuple[int | None, ...]
    chance: Floats
    onset: Floats
    size: tuple[Quantile, ...]
    growth: Floats
    speed: Floats
    delay: Floats
    profile: Floats
    definition: tuple[str, ...]
    series: tuple[str, ...]
    unknown: ShockNumbers
    rules: tuple[RuleLaw, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.chance, self.onset, self.growth, self.speed, self.delay, self.profile):
            array.setflags(write=False)


def compile_scenario(model: Model, scenario: Scenario, *, whole: bool = False, with_rules: bool = False) -> ScenarioLaw:
    """Compile a scenario for a model: names become places, shocks become rows of arrays.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    whole : bool
        Whether to keep shocks that change nothing as they stand, as whoever changes their sizes or chances must.
    with_rules : bool
        Whether the caller follows rules; else a scenario that has some is refused.

    Returns
    -------
    ScenarioLaw
        Without shocks that change nothing: on no road do they move a single bit.

    Raises
    ------
    InputError
        If the scenario is a mixture, or has rules that nobody would follow.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> law = compile_scenario(sim.load_model(plan), sim.read_scenario("baseline", plan))
    >>> law.names, law.chance.tolist(), law.growth.shape
    (('rare_common_shock',), [[0.08, 0.08]], (1, 4, 7, 6))
    """
    if scenario.mixture:
        problem = f"'{scenario.name}' is a mixture, and this is asked of one scenario"
        raise InputError([blame("scenario", problem, "choose one of its parts")])
    if scenario.judgements:
        problem = f"'{scenario.name}' holds judgements, and this is asked of the model alone"
        raise InputError([blame("scenario", problem, "take them out, or ask `sim run`")])
    if not with_rules:
        refuse_rules(scenario)
    shocks = {**scenario.shocks, **{name: rule.shock for name, rule in scenario.rules.items()}}
    names, plan, quarters = tuple(shocks), model.plan, len(model.law.path)
    deliveries = {each.id: (each.id, each.season, each.group) for each in plan.deliveries}
    milestones = {each.id: (each.id, each.group) for each in plan.milestones}
    depends = [shock.depends_on for shock in shocks.values()]
    profile = np.empty((len(names), quarters))
    growth = np.empty((len(names), quarters, 2 * quarters - 1, len(plan.indicators)))
    for place, shock in enumerate(shocks.values()):
        profile[place] = shock.profile.follow(quarters)
        loadings = np.array([shock.loadings.get(indicator.id, 0.0) for indicator in plan.indicators])
        growth[place] = unit_response(model.law, profile[place], loadings)
    weights = [shock.weigh_onsets(plan.quarter_names) for shock in shocks.values()]
    chances = [
        (shock.probability, shock.probability)
        if shock.depends_on is None
        else (shock.depends_on.probability_if_happened, shock.depends_on.probability_if_not)
        for shock in shocks.values()
    ]
    law = ScenarioLaw(
        names=names,
        parent=tuple(None if each is None else names.index(each.shock) for each in depends),
        chance=np.array(chances, np.float64).reshape(-1, 2),
        onset=np.array(weights, np.float64).reshape(-1, quarters),
        size=tuple(shock.size.quantile for shock in shocks.values()),
        growth=growth,
        speed=_resolve(
            [shock.speed for shock in shocks.values()], [deliveries[name] for name in model.delivery_law.ids]
        ),
        delay=_resolve(
            [shock.delay for shock in shocks.values()], [milestones[name] for name in model.milestone_law.ids]
        ),
        profile=profile,
        definition=tuple(
            f"{name}: {shock.model_dump_json(exclude={'probability', 'depends_on'})}" for name, shock in shocks.items()
        ),
        series=tuple(indicator.id for indicator in plan.indicators),
        unknown=model.calibration.shocks,
        rules=compile_rules(model, scenario.rules, len(scenario.shocks)),
    )
    return law if whole else _drop_idle(law)


def refuse_rules(scenario: Scenario) -> None:
    """Refuse a scenario with rules where nobody would follow them.

    Raises
    ------
    InputError
    """
    if scenario.has_rules:
        named = ", ".join(name for part, _ in scenario.parts for name in part.rules)
        problem = f"'{scenario.name}' has rules ({named}), and this question does not follow them"
        raise InputError([blame("scenario", problem, "ask it of the scenario without them")])


def compile_parts(model: Model, scenario: Scenario) -> list[tuple[ScenarioLaw, float]]:
    """Compile what comes true of a scenario: itself, or the parts of a mixture.

    Parameters
    ----------
    model : Model
    scenario : Scenario

    Returns
    -------
    list of (ScenarioLaw, float)
        With the probability of each.
    """
    return [(compile_scenario(model, part, with_rules=True), weight) for part, weight in scenario.parts]


def compile_whole(model: Model, scenario: Scenario) -> ScenarioLaw | None:
    """Compile a scenario; None for a mixture, which has no law of its own."""
    return None if scenario.mixture else compile_scenario(model, scenario, with_rules=True)


def decide_rules(law: ScenarioLaw, known: Known | None) -> ScenarioLaw:
    """Decide the rules whose figures are published: their shocks are certain, or absent.

    Parameters
    ----------
    law : ScenarioLaw
    known : Known or None

    Returns
    -------
    ScenarioLaw
        With the rules that still wait; the same object where none is decided.

    Raises
    ------
    InputError
        If a figure is known that a waiting rule may have moved.
    """
    told = {rule: strikes for rule in law.rules if (strikes := tell_printed(rule, known)) is not None}
    waiting = tuple(rule for rule in law.rules if rule not in told)
    if known is not None:
        check_order(waiting, known)
    if not told:
        return law
    chance = law.chance.copy()
    for rule, strikes in told.items():
        chance[rule.shock] = strikes
    return replace(law, chance=chance, rules=waiting)


def _drop_idle(law: ScenarioLaw) -> ScenarioLaw:
    """Leave out shocks that change nothing and on which no other depends; a parent that cannot happen is no parent."""
    parent, chance = list(law.parent), law.chance.copy()
    for shock, of in enumerate(parent):
        if of is not None and (chance[shock, 0] == chance[shock, 1] or not chance[of].any()):
            parent[shock], chance[shock] = None, chance[shock, 1]
    kept, ruled = list(range(len(law.names))), {rule.shock for rule in law.rules}
    for shock in reversed(kept.copy()):
        touches = law.growth[shock].any() or law.speed[shock].any() or law.delay[shock].any()
        felt = touches and (chance[shock].any() or shock in ruled) and find_largest_size(law, shock) > 0
        if not felt and not any(parent[other] == shock for other in kept):
            kept.remove(shock)
    return replace(
        law,
        names=tuple(law.names[shock] for shock in kept),
        parent=tuple(None if (of := parent[shock]) is None else kept.index(of) for shock in kept),
        chance=chance[kept],
        onset=law.onset[kept],
        size=tuple(law.size[shock] for shock in kept),
        growth=law.growth[kept],
        speed=law.speed[kept],
        delay=law.delay[kept],
        profile=law.profile[kept],
        definition=tuple(law.definition[shock] for shock in kept),
        rules=tuple(replace(rule, shock=kept.index(rule.shock)) for rule in law.rules if rule.shock in kept),
    )


def _resolve(changes: Sequence[Mapping[str, float]], touched: Sequence[tuple[str, ...]]) -> Floats:
    """Take the most specific change of each target by its names, most specific first; without any, zero."""
    rows = [
        [next((change[name] for name in (*names, "all") if name in change), 0.0) for names in touched]
        for change in changes
    ]
    return np.array(rows, np.float64).reshape(len(changes), len(touched))


def draw_onset_and_size(law: ScenarioLaw, shock: int, uniforms: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Turn uniforms into onsets and sizes of a shock where it happens.

    Parameters
    ----------
    law : ScenarioLaw
    shock : int
        Its place.
    uniforms : array, shape (2, ...)
        Of the onset and of the size, between 0 and 1.

    Returns
    -------
    onsets : array of int, shape (...)
        Quarters, counted from 0.
    sizes : array, shape (...)
        In the shock's own unit.
    """
    ends = law.onset[shock].cumsum()[:-1]
    return np.searchsorted(ends, uniforms[0], side="right"), law.size[shock](uniforms[1])


def find_largest_size(law: ScenarioLaw, shock: int, tail: float = 0.001) -> float:
    """Find the absolute size that a shock hardly exceeds.

    Parameters
    ----------
    law : ScenarioLaw
    shock : int
        Its place.
    tail : float
        Probability left beyond it on either side.

    Returns
    -------
    float
        In the shock's own unit; zero if the shock has no size.
    """
    return float(np.abs(law.size[shock](np.array([tail, 1 - tail]))).max())
