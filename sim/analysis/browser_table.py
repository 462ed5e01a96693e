"""The table from which a page computes odds and a fan in the browser as a reader drags a slider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim._typing import Floats
from sim.engine.draws import draw_net
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, direct
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.model.reduced_form import Reduced
from sim.model.scenario_law import ScenarioLaw, compile_scenario, draw_onset_and_size, find_chance, list_cases
from sim.model.thresholds import find_bound

__all__ = ["POINTS", "build_table"]

POINTS = 1024
"""Points of the table: the page is then off by some hundredths of a percentage point."""


_REACH, _CELLS = 8, 8  # the cdf of ordinary growth is tabulated so many standard deviations out, each in so many cells


_FINE = 1000  # whole numbers in the table are in thousandths of a standard deviation


_MILLION = 1_000_000


def build_table(
    model: Model,
    scenarios: Sequence[Scenario],
    seed: int,
    *,
    words: Mapping[str, Mapping[str, str]],
    periods: Sequence[Mapping[str, str]],
    aims: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """Build the table from which a page computes odds and a fan under changed shocks.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
        Those a reader may choose from.
    seed : int
        Of the points.
    words : mapping of str to mapping of str to str
        What the page says, by language.
    periods : sequence of mapping of str to str
        Name of the figure to each quarter's end, by language.
    aims : mapping of str to mapping of str to str
        What each headline target of growth asks for, by target and language.

    Returns
    -------
    dict
        Of plain values, for JSON: `indicators` with mean, standard deviation and cdf of ordinary cumulative growth;
        headline `targets` of growth with what each reading asks for; `points`, of the year; `shocks` with a size and
        an onset at each point, and what a size of one adds by onset, period and indicator; `scenarios` with their
        shocks and probabilities, and with the `cases` in which shocks happen: which of its probabilities each shock
        then has.

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
    >>> aims = {target.id: {"en": "at least"} for target in plan.headline}
    >>> words = {"words": {"en": {}}, "periods": [{"en": name} for name in ("Q1", "H1", "Q1-Q3", "FY")], "aims": aims}
    >>> table = build_table(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), 2024, **words)
    >>> list(table)
    ['words', 'year', 'periods', 'indicators', 'targets', 'cells', 'points', 'shocks', 'scenarios']
    """
    plan, law = model.plan, model.law
    ids = [indicator.id for indicator in plan.indicators]
    reduced = model.reduced
    laws = [compile_scenario(model, scenario, whole=True) for scenario in scenarios]
    placed, chosen = _place_shocks(scenarios, laws)
    taken = 2 * (1 + max((each.slot for each in placed), default=-1))
    uniforms = draw_net(seed, taken + _count_factors(reduced) + len(law.path), POINTS, range(1))[:, 0]
    figures = [reduced.find_cumulative(quarter) for quarter in range(len(law.path))]
    sd = reduced.deviation[figures]
    points = _condition(reduced, uniforms, taken)
    return {
        "words": words,
        "year": plan.year,
        "periods": periods,
        "indicators": _describe_indicators(plan, reduced.mean[figures], sd, points.total[:, figures]),
        "targets": _describe_targets(plan, ids, aims),
        "cells": _CELLS,
        "points": {
            "common": np.rint(points.common / sd[-1] * _FINE).astype(int).T.tolist(),
            "own": np.rint(points.own / sd[-1] * _FINE).astype(int).T.tolist(),
        },
        "shocks": [_describe_shock(each, uniforms, figures) for each in placed],
        "scenarios": [_describe_scenario(*each) for each in zip(scenarios, laws, chosen, strict=True)],
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
    """Find the indicators whose own news reaches others."""
    persistence = reduced.law.persistence
    return [int(number) for number in np.flatnonzero((persistence - np.diag(np.diag(persistence))).any(axis=0))]


def _count_factors(reduced: Reduced) -> int:
    """Count the coordinates that move the year's figures together: no more than there are figures."""
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


class _Placed(NamedTuple):
    """A shock of the table: as a scenario has it, its law and place there, and its coordinates in the net."""

    shock: Shock
    law: ScenarioLaw
    place: int
    slot: int


def _place_shocks(scenarios: Sequence[Scenario], laws: Sequence[ScenarioLaw]) -> tuple[list[_Placed], list[list[int]]]:
    """Give shocks their coordinates in the net, and list which of them each scenario has.

    Scenarios share what they can: a shock is listed twice only where its coordinates are taken by another one.
    """
    placed: list[_Placed] = []
    chosen: list[list[int]] = []
    for scenario, law in zip(scenarios, laws, strict=True):
        used: list[int] = []
        for place, shock in enumerate(scenario.shocks.values()):
            busy = {placed[number].slot for number in used}
            again = [n for n, each in enumerate(placed) if each.slot not in busy and _is_alike(each.shock, shock)]
            if not again:
                again = [len(placed)]
                slot = next(slot for slot in range(len(busy) + 1) if slot not in busy)
                placed.append(_Placed(shock, law, place, slot))
            used.append(again[0])
        chosen.append(used)
    return placed, chosen


def _is_alike(one: Shock, other: Shock) -> bool:
    """Say whether two shocks differ at most in how likely they are."""
    chances = {"probability", "depends_on"}
    return one.model_dump(exclude=chances) == other.model_dump(exclude=chances)


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


def _describe_targets(plan: Plan, ids: list[str], aims: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "id": target.id,
            "en": target.name_en,
            "zh": target.name_zh,
            "aim": aims[target.id],
            "indicator": ids.index(target.indicator),
            "sign": direct(plan, target),
            "value": target.value,
            "bounds": {reading: find_bound(plan, target, reading) for reading in READINGS},
            "about": target.criterion == "about",
            "tolerance": target.tolerance,
        }
        for target in plan.headline_growth
    ]


def _describe_shock(placed: _Placed, uniforms: Floats, periods: Sequence[int]) -> dict[str, Any]:
    onsets, sizes = draw_onset_and_size(placed.law, placed.place, uniforms[1 + 2 * placed.slot : 3 + 2 * placed.slot])
    return {
        "en": placed.shock.title.en,
        "zh": placed.shock.title.zh,
        "sizes": _shorten(sizes),
        "onsets": onsets.tolist(),
        "added": [[_shorten(row) for row in rows] for rows in placed.law.growth[placed.place][:, periods]],
    }


def _describe_scenario(scenario: Scenario, law: ScenarioLaw, chosen: Sequence[int]) -> dict[str, Any]:
    chances = [row[: 1 if parent is None else 2] for row, parent in zip(law.chance.tolist(), law.parent, strict=True)]
    rows = zip(law.names, chosen, law.parent, chances, strict=True)
    return {
        "name": scenario.name,
        "en": scenario.title_en,
        "zh": scenario.title_zh,
        "shocks": [dict(zip(("name", "shock", "on", "chances"), row, strict=True)) for row in rows],
        "cases": _list_columns(law),
    }


def _list_columns(law: ScenarioLaw) -> list[str]:
    """List which of its chances each shock has in each set of shocks, a digit a shock.

    Bit s of a set's number says whether shock s happens.
    """
    shocks = len(law.names)
    cases = list_cases(shocks)[:, ::-1]
    numbered = np.tile([0.0, 1.0], (shocks, 1))  # in place of chances: what the tree picks then is which of the two
    columns = [np.broadcast_to(find_chance(law, shock, cases.T, numbered), len(cases)) for shock in range(shocks)]
    return ["".join(str(int(column[number])) for column in columns) for number in range(len(cases))]


def _shorten(values: Floats) -> list[float]:
    """Round numbers to five digits."""
    return [float(f"{value:.5g}") for value in values]
