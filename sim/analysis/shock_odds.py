"""What each shock of several scenarios does to the odds of growth targets, one at a time, set beside one scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim._typing import Floats
from sim.engine.exact.growth_odds import integrate_growth
from sim.engine.exact.odds import explain_paths
from sim.engine.exact.pilot import fit_proposal
from sim.engine.exact.points import Points, lay_points
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario

__all__ = ["ShockOdds", "measure_shocks"]

_POINTS = 256
"""Points of each of the 16 replicates: changes of odds are told to a few tenths of a point."""

_SIZES = {"small": 0.1, "large": 0.9}
"""Quantiles of a shock's law that stand for its sizes."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ShockOdds:
    """How one shock changes the odds of the headline targets of growth, as printed.

    Attributes
    ----------
    shock : Shock
    scenario : str
        In which it happens for certain and no other shock is added; empty where none is.
    sizes : tuple of float
        Small and large.
    without, certain, small, large : array, shape (target,)
        Change of the odds against the scenario as it stands: if the shock does not happen; if it does, of any size its
        law allows; if it is small, or large. Targets as in `plan.headline_growth`.
    """

    shock: Shock
    scenario: str
    sizes: tuple[float, float]
    without: Floats
    certain: Floats
    small: Floats
    large: Floats


def measure_shocks(
    model: Model, scenarios: Sequence[Scenario], *, seed: int = 2024, known: Known | None = None
) -> list[ShockOdds]:
    """Measure what each shock of any of the scenarios does to the odds of the first of them.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
        The first is the one that shocks are set into.
    seed : int
        Of the points; all changes are measured on the same ones.
    known : Known, optional
        Published figures to condition on.

    Returns
    -------
    list of ShockOdds
        Each shock once, in the smallest scenario that has it: what is struck out there does not happen, nor does what
        the first one lacks. None where the first scenario needs paths
        or has rules; those of others with rules are left out.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("qingdao-2024")
    >>> scenarios = sim.read_scenarios(["baseline", "export-slump"], model.plan)
    >>> found = measure_shocks(model, scenarios)
    >>> [(each.shock.title.en, round(100 * each.certain[0])) for each in found]
    [('Rare common shock', -32), ('Export slump', -16)]
    """
    base = scenarios[0]
    if base.mixture or base.has_rules or base.judgements or explain_paths(model, base):
        return []
    proposal = None if known is None else fit_proposal(model, [base], known, seed)
    points = lay_points(model, _POINTS, seed, proposal=proposal)
    stands = _find_odds(model, points, compile_scenario(model, base, whole=True), known, {})
    homes: dict[str, Scenario] = {}
    others = [each for each in scenarios[1:] if not (each.has_rules or each.judgements)]
    for scenario in sorted(others, key=lambda each: len(each.shocks)):
        homes = dict.fromkeys(scenario.shocks, scenario) | homes
    names = dict.fromkeys(name for scenario in (base, *others) for name in scenario.shocks)
    chosen = {name: base if name in base.shocks else homes[name] for name in names}
    return [_measure(model, points, known, stands, base, name, home) for name, home in chosen.items()]


def _measure(
    model: Model, points: Points, known: Known | None, stands: Floats, base: Scenario, name: str, home: Scenario
) -> ShockOdds:
    """Measure one shock in the scenario that has it, where shocks that the first scenario lacks do not happen."""
    law = compile_scenario(model, home, whole=True)
    place, others = law.names.index(name), {each: 0.0 for each in home.shocks if each not in {*base.shocks, name}}
    sizes = law.size[place](np.array([*_SIZES.values()])).tolist()
    laws = [law, *(_fix_size(law, place, size) for size in sizes)]
    found = [_find_odds(model, points, each, known, {**others, name: 1.0}) - stands for each in laws]
    without = _find_odds(model, points, law, known, {name: 0.0}) - stands if home is base else np.zeros_like(stands)
    shock = home.shocks[name]
    return ShockOdds(
        shock=shock,
        scenario="" if others or shock.depends_on or shock.probability != 1 else home.name,
        sizes=(sizes[0], sizes[1]),
        without=without,
        certain=found[0],
        small=found[1],
        large=found[2],
    )


def _fix_size(law: ScenarioLaw, place: int, size: float) -> ScenarioLaw:
    """Give a shock one size."""
    drawn, definition = [*law.size], [*law.definition]
    drawn[place] = lambda uniforms: np.full(np.shape(uniforms), size)
    definition[place] += f" of size {size:.17g}"
    return replace(law, size=tuple(drawn), definition=tuple(definition))


def _find_odds(
    model: Model, points: Points, law: ScenarioLaw, known: Known | None, chances: Mapping[str, float]
) -> Floats:
    """Find the odds of the headline targets of growth, some shocks taken with other probabilities."""
    asked, plan = model.thresholds, model.plan
    judged = [plan.judged.index(target) for target in plan.headline_growth]
    rows = [int(np.flatnonzero((asked.reading == 0) & (asked.target == number))[0]) for number in judged]
    chance = law.chance.copy()
    for name, probability in chances.items():
        chance[law.names.index(name)] = probability
    found = integrate_growth(points, law, asked.pick(np.array(rows, int)), np.zeros(0, int), chance=chance, known=known)
    return np.asarray(found.odds.mean(axis=-1), dtype=np.float64)
