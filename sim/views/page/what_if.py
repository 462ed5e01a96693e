"""What-if: the model as a compact table, from which the page computes odds and a fan as a reader drags a slider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.engine.draws import draw_net
from sim.inputs.plan.readings import direct
from sim.inputs.quarters import PRINTED_STEP, name_cumulative
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.model.reduced_form import Reduced
from sim.model.responses import expose
from sim.views.charts.style import Look

if TYPE_CHECKING:
    from sim.inputs.plan.plan import Plan

__all__ = ["POINTS", "WORDS", "build_table"]

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "scenario": "Scenario",
        "chance": "Probability",
        "happened": "Probability if “{}” happens",
        "otherwise": "Probability if it does not",
        "size": "Size, times the scenario’s",
        "about": "Tolerance of “about”",
        "points": "{} points",
        "published": "As published",
        "none": "No shocks",
        "calm": "This scenario has no shocks.",
        "all": "All {} together",
        "summary": "All {} targets together, as stated: {}",
        "indicator": "Indicator",
        "percent": "{} %",
        "median": "median",
        "aim": "target",
        "fan": "{}, year: median {}, half of the outcomes from {} to {}",
    },
    "zh": {
        "scenario": "情景",
        "chance": "发生概率",
        "happened": "“{}”发生时的概率",
        "otherwise": "未发生时的概率",
        "size": "强度（情景设定的倍数）",
        "about": "“左右”的容差",
        "points": "{} 个百分点",
        "published": "恢复原情景",
        "none": "去除冲击",
        "calm": "本情景没有冲击。",
        "all": "{} 项全部实现",
        "summary": "{} 项目标全部实现的概率（按原文）：{}",
        "indicator": "指标",
        "percent": "{}%",
        "median": "中位数",
        "aim": "目标",
        "fan": "{}，全年：中位数 {}，一半结果在 {} 至 {} 之间",
    },
}
"""What the page says, by language; `{}` is filled in by the page."""


POINTS = 1024
"""Points of the table: the page is then off by some hundredths of a percentage point."""


_REACH, _CELLS = 8, 8  # the cdf of ordinary growth is tabulated so many standard deviations out, each in so many cells


_FINE = 1000  # whole numbers in the table are in thousandths of a standard deviation


_MILLION = 1_000_000


def build_table(model: Model, scenarios: Sequence[Scenario], seed: int) -> dict[str, Any]:
    """Everything the page needs to compute odds and a fan under changed shocks.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
        Those a reader may choose from.
    seed : int
        Of the points.

    Returns
    -------
    dict
        Of plain values, for JSON: `indicators` with mean, standard deviation and cdf of ordinary cumulative growth;
        headline `targets` of growth; `points`, of the year; `shocks` with a size and an onset at each point, and what
        a size of one adds by onset, period and indicator; `scenarios` with their shocks and probabilities.

    Notes
    -----
    The conditional road. Given the heavy-tail scales, the common factors, and onset and size of each shock, the
    figures of the indicators are normal and independent: the odds that all targets are met are a product of normal
    cdfs, averaged over points of a Sobol net. One target alone needs no factors: its cdf without shocks is tabulated,
    and only onset and size are averaged over. Which shocks happen is enumerated, so that odds are smooth in their
    probabilities. Where one indicator's news spills over to others, that news is one of the factors.

    The factors are turned, point by point, so that the first coordinate of the net moves the figures most.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> table = build_table(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), seed=2024)
    >>> list(table)
    ['words', 'year', 'periods', 'indicators', 'targets', 'printed', 'cells', 'points', 'shocks', 'scenarios']
    """
    plan, law = model.plan, model.law
    ids = [indicator.id for indicator in plan.indicators]
    reduced = model.reduced
    places, chosen = _place_shocks(scenarios)
    taken = 2 * (1 + max((slot for _, slot in places), default=-1))
    uniforms = draw_net(seed, taken + _count_factors(reduced) + len(law.path), POINTS, range(1))[:, 0]
    periods = [reduced.find_cumulative(quarter) for quarter in range(len(law.path))]
    sd = reduced.deviation[periods]
    points = _condition(reduced, uniforms, taken)
    return {
        "words": WORDS,
        "year": plan.year,
        "periods": [_say_period(quarter, len(law.path)) for quarter in range(len(law.path))],
        "indicators": _describe_indicators(plan, reduced.mean[periods], sd, points.total[:, periods]),
        "targets": _describe_targets(plan, ids),
        "printed": PRINTED_STEP / 2,
        "cells": _CELLS,
        "points": {
            "common": np.rint(points.common / sd[-1] * _FINE).astype(int).T.tolist(),
            "own": np.rint(points.own / sd[-1] * _FINE).astype(int).T.tolist(),
        },
        "shocks": [
            _describe_shock(shock, uniforms[1 + 2 * slot : 3 + 2 * slot], plan, expose(law, shock, ids)[:, periods])
            for shock, slot in places
        ],
        "scenarios": [_describe_scenario(*pair) for pair in zip(scenarios, chosen, strict=True)],
    }


@dataclass(frozen=True)
class _Points:
    """Growth of the year given the factors and scales, percentage points.

    Attributes
    ----------
    common, own : array, shape (point, series)
        Shift by the factors; standard deviation of what is each indicator's own.
    total : array, shape (point, period, series)
        Standard deviation given the scales alone.
    """

    common: Floats
    own: Floats
    total: Floats


def _find_spilling(reduced: Reduced) -> list[int]:
    """Indicators whose own news reaches others."""
    persistence = reduced.law.persistence
    return [int(number) for number in np.flatnonzero((persistence - np.diag(np.diag(persistence))).any(axis=0))]


def _count_factors(reduced: Reduced) -> int:
    """Coordinates that move the year's figures together: no more than there are figures."""
    quarters, series = reduced.law.path.shape
    most: int = 1 + quarters * (1 + len(_find_spilling(reduced)))
    return min(most, int(series))


def _condition(reduced: Reduced, uniforms: Floats, taken: int) -> _Points:
    """Lay the points: the first coordinate is the main factor; shocks take some; other factors and scales follow."""
    from scipy.special import gammaincinv, ndtri

    law, spilling, factors = reduced.law, _find_spilling(reduced), _count_factors(reduced)
    series = law.path.shape[1]
    normals = ndtri(uniforms[[0, *range(1 + taken, taken + factors)]]).T
    half = law.degrees_of_freedom / 2
    drawn = uniforms[taken + factors :].T
    scales = np.sqrt((half - 1) / gammaincinv(half, drawn)) if np.isfinite(half) else np.ones_like(drawn)

    kept = [number for number in range(series) if number not in spilling]
    own = np.sqrt(scales**2 @ (reduced.own[-1][:, :, kept] ** 2).sum(axis=-1) + law.trend_own**2)
    total = np.sqrt(np.einsum("kp,cpi->kci", scales**2, reduced.spread**2) + reduced.trend**2)
    together = [np.broadcast_to(law.trend_common, (len(drawn), 1, series)), scales[:, :, None] * reduced.common[-1]]
    together += [scales[:, :, None] * reduced.own[-1][:, :, number] for number in spilling]
    moves = np.concatenate(together, axis=1) / total[:, -1, None, :]
    _, strength, turned = np.linalg.svd(moves, full_matrices=False)
    turned *= np.where(turned.sum(axis=-1, keepdims=True) < 0, -1, 1)  # the same direction at every point
    common = np.einsum("kf,kf,kfi->ki", normals, strength, turned) * total[:, -1]
    return _Points(common, own, total)


def _place_shocks(scenarios: Sequence[Scenario]) -> tuple[list[tuple[Shock, int]], list[list[int]]]:
    """Shocks with their coordinates in the net, and which of them each scenario has.

    Scenarios share what they can: a shock is listed twice only where its coordinates are taken by another one.
    """
    places: list[tuple[Shock, int]] = []
    chosen: list[list[int]] = []
    for scenario in scenarios:
        used: list[int] = []
        for shock in scenario.shocks.values():
            busy = {places[place][1] for place in used}
            again = [n for n, (known, slot) in enumerate(places) if slot not in busy and _is_alike(known, shock)]
            if not again:
                again = [len(places)]
                places.append((shock, next(slot for slot in range(len(busy) + 1) if slot not in busy)))
            used.append(again[0])
        chosen.append(used)
    return places, chosen


def _is_alike(one: Shock, other: Shock) -> bool:
    """Whether two shocks differ at most in how likely they are."""
    chances = {"probability", "depends_on"}
    return one.model_dump(exclude=chances) == other.model_dump(exclude=chances)


def _say_period(quarter: int, count: int) -> dict[str, str]:
    name = name_cumulative(quarter, count)
    return {lang: Look(lang, ()).say(name) for lang in WORDS}


def _describe_indicators(plan: Plan, mean: Floats, sd: Floats, total: Floats) -> list[dict[str, Any]]:
    from scipy.special import ndtr

    steps = np.arange(_REACH * _CELLS + 1) / _CELLS
    below = ndtr(steps[:, None, None, None] * (sd / total)).mean(axis=1)
    rows = []
    for number, indicator in enumerate(plan.indicators):
        rows.append(
            {
                "id": indicator.id,
                "en": indicator.name_en,
                "zh": indicator.name_zh,
                "before": indicator.baseline,
                "mean": _shorten(mean[:, number]),
                "sd": _shorten(sd[:, number]),
                "below": np.rint(below[:, :, number].T * _MILLION).astype(int).tolist(),
            }
        )
    return rows


def _describe_targets(plan: Plan, ids: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": target.id,
            "en": target.name_en,
            "zh": target.name_zh,
            "aim": {lang: Look(lang, ()).aim(target) for lang in WORDS},
            "indicator": ids.index(target.indicator),
            "sign": direct(plan, target),
            "value": target.value,
            "about": target.criterion == "about",
            "tolerance": target.tolerance,
        }
        for target in plan.headline_growth
    ]


def _describe_shock(shock: Shock, uniforms: Floats, plan: Plan, added: Floats) -> dict[str, Any]:
    edges = np.cumsum(shock.weigh_onsets(plan.quarter_names))[:-1]
    onsets = np.searchsorted(edges, uniforms[0], side="right")
    return {
        "en": shock.title.en,
        "zh": shock.title.zh,
        "sizes": _shorten(shock.size.quantile(uniforms[1])),
        "onsets": onsets.tolist(),
        "added": [[_shorten(row) for row in rows] for rows in added],
    }


def _describe_scenario(scenario: Scenario, chosen: list[int]) -> dict[str, Any]:
    names = list(scenario.shocks)
    shocks: list[dict[str, Any]] = []
    for (name, shock), place in zip(scenario.shocks.items(), chosen, strict=True):
        depends = shock.depends_on
        if depends is None:
            shocks.append({"name": name, "shock": place, "on": None, "chances": [shock.probability]})
        else:
            chances = [depends.probability_if_happened, depends.probability_if_not]
            shocks.append({"name": name, "shock": place, "on": names.index(depends.shock), "chances": chances})
    return {"name": scenario.name, "en": scenario.title_en, "zh": scenario.title_zh, "shocks": shocks}


def _shorten(values: Floats) -> list[float]:
    """Numbers to five digits."""
    return [float(f"{value:.5g}") for value in values]
