"""What a page needs for its what-if once figures are published: odds given them, for each set of shocks and sizes.

Figures tell of shocks: what a larger shock does to the odds depends on whether the figures would then have come out as
they did, so that shocks no longer add up on their own. Their sizes move in steps instead, and for each set of shocks
and steps the table has how likely the figures were and the odds given them. Chances stay free: which sets happen is
summed over in the page.

The odds of a set of shocks that the figures speak against rest on few points: moved far, the page is off by up to one
percentage point where a run is off by a quarter of one; at rest it shows the run's own odds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
from scipy.special import ndtr

from sim._typing import Floats
from sim.analysis.packing import DIGITS, write_share
from sim.engine.exact.pilot import fit_proposal
from sim.engine.exact.points import Points, lay_points
from sim.engine.exact.updating import update_points
from sim.inputs.plan.readings import READINGS, direct
from sim.inputs.plan.targets import Growth
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model
from sim.model.products import weigh
from sim.model.scenario_law import ScenarioLaw
from sim.model.thresholds import find_bound, find_width

__all__ = ["STEP", "choose_scenarios", "describe_given"]

STEP = 0.5
"""Step of the factor on a shock's size; the largest is 3."""


_LEVELS = 6

_MOST = 520  # sets of shocks and sizes in a table, which is then at most 300,000 bytes long

_BUDGET, _MOST_POINTS = 65_536, 1024  # points of a replicate: of all sets together, and of one

_TOLERANCES = np.arange(21) / 20  # those that the page's slider has

_FIXED = 0.04  # a figure with a smaller standard deviation is known: a step of printing has 0.03


def choose_scenarios(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Choose the scenarios that a page can hold once figures are known: those of few shocks, in their order.

    Parameters
    ----------
    scenarios : sequence of Scenario

    Returns
    -------
    list of Scenario
        Fewer where all of them would have more sets of shocks and sizes than a page holds.
    """
    kept, total = [], 0
    for scenario in sorted(scenarios, key=lambda each: len(each.shocks)):
        total += (_LEVELS + 1) ** len(scenario.shocks)
        if total <= _MOST:
            kept.append(scenario)
    return [scenario for scenario in scenarios if scenario in kept]


def describe_given(
    model: Model,
    scenarios: Sequence[Scenario],
    laws: Sequence[ScenarioLaw],
    chosen: Sequence[Sequence[int]],
    known: Known,
    seed: int,
) -> dict[str, Any]:
    """Describe the odds given figures for each set of shocks, and each step of their sizes.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    laws : sequence of ScenarioLaw
        Theirs.
    chosen : sequence of sequence of int
        Places of their shocks among all of the table.
    known : Known
    seed : int

    Returns
    -------
    dict
        `step`; `tolerances`, those of the slider; `digits`, by which odds are written; `nodes`, by shocks and steps
        such as `0:2,3:1`: how likely the figures were; odds of the targets, each as printed, stated, within its
        tolerance and, where it has one, within each of the slider's, two digits each, then of all together, three
        digits each; mean and standard deviation of each indicator's figure by period, a standard deviation of 0 where
        it is known.
    """
    sets = sum((_LEVELS + 1) ** len(places) for places in chosen)
    count = min(_MOST_POINTS, 2 ** int(np.log2(max(_BUDGET / sets, 64))))
    points = lay_points(model, count, seed, proposal=fit_proposal(model, scenarios, known, seed))
    nodes: dict[str, list[Any]] = {}
    asked = [_ask(model, target) for target in model.plan.headline_growth]
    for law, places in zip(laws, chosen, strict=True):
        for subset, levels in _list_steps(len(places)):
            steps = dict(zip((places[shock] for shock in subset), levels, strict=True))
            name = ",".join(f"{place}:{steps[place]}" for place in sorted(steps))
            if name not in nodes:
                factors = np.zeros(len(places))
                factors[list(subset)] = STEP * np.array(levels)
                nodes[name] = _describe_node(points, law, subset, factors, known, asked)
    heaviest = max(node[0] for node in nodes.values())
    for node in nodes.values():
        node[0] = float(f"{node[0] / heaviest:.5g}")
    return {"step": STEP, "tolerances": _TOLERANCES.tolist(), "digits": DIGITS, "nodes": nodes}


def _list_steps(shocks: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """List sets of shocks, each with a step of every one's size."""
    for count in range(shocks + 1):
        for subset in combinations(range(shocks), count):
            for levels in product(range(1, _LEVELS + 1), repeat=count):
                yield subset, levels


def _ask(model: Model, target: Growth) -> tuple[int, float, list[float], list[float]]:
    """Ask what a target wants: its indicator, the better side, bounds and how far past them a figure still counts."""
    plan = model.plan
    sign = direct(plan, target)
    bounds = [find_bound(plan, target, reading) for reading in READINGS]
    widths = [np.inf if target.upper is None else find_width(plan, target, reading) for reading in READINGS]
    if target.criterion == "about":
        bounds += [bounds[0] - sign * tolerance for tolerance in _TOLERANCES]
        widths += [widths[-1]] * len(_TOLERANCES)
    return [each.id for each in plan.indicators].index(target.indicator), sign, bounds, widths


def _describe_node(
    points: Points,
    law: ScenarioLaw,
    subset: tuple[int, ...],
    factors: Floats,
    known: Known,
    asked: Sequence[tuple[int, float, list[float], list[float]]],
) -> list[Any]:
    updated = update_points(points, law, subset, known, factors)
    share = updated.weight / max(updated.weight.sum(), 1e-300)
    growth, left = updated.points.cumulative.astype(np.float64), np.maximum(updated.points.spread, 1e-9)
    text, together = "", np.ones((len(READINGS) + len(_TOLERANCES), points.n_points))
    for indicator, sign, bounds, widths in asked:
        away = sign * (growth[-1, indicator] - np.array(bounds)[:, None])
        met = ndtr(away / left[-1, indicator]) - ndtr((away - np.array(widths)[:, None]) / left[-1, indicator])
        text += "".join(write_share(odds, 2) for odds in weigh(met, share))
        together *= met if len(met) == len(together) else met[[0, 1, 2, *[2] * len(_TOLERANCES)]]
    text += "".join(write_share(odds, 3) for odds in weigh(together, share))
    mean = weigh(growth, share)
    sd = np.sqrt(weigh(growth**2 + left.astype(np.float64) ** 2, share) - mean**2)
    sd[sd < _FIXED] = 0
    laws = [
        [[float(f"{a:.4g}"), float(f"{b:.3g}")] if b else 0 for a, b in zip(*each, strict=True)]
        for each in zip(mean.T, sd.T, strict=True)
    ]
    return [float(updated.weight.mean()), text, laws]
