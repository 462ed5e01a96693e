"""The table from which a page computes odds and a fan in the browser as a reader drags a slider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from sim._typing import Floats
from sim.analysis.figure_table import choose_figures, describe_figures, draw_figures
from sim.analysis.given_table import describe_given
from sim.analysis.packing import DIGITS, pack, write_whole
from sim.analysis.point_weights import list_moments, list_products, weigh_points
from sim.engine.exact.growth_odds import integrate_growth
from sim.engine.exact.pilot import fit_proposal
from sim.engine.exact.points import Points, lay_points
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, direct
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model, keep_growth
from sim.model.scenario_law import ScenarioLaw, compile_scenario, draw_onset_and_size
from sim.model.shock_subsets import find_chance, list_cases
from sim.model.thresholds import find_bound, find_width
from sim.results.attainment import Attainment

__all__ = ["MOST_SHOCKS", "POINTS", "build_table", "publish_odds"]

POINTS = 1024
"""Points of the odds of all targets together; those of one target need none, and at rest the page is off by nothing."""


MOST_SHOCKS = 12
"""Of a scenario on a page, which goes through every set of them."""


_COUNT = 1024  # points of a replicate whose odds those of the table reproduce


_LEVELS = 64  # equal parts into which the distribution of what a shock does to an indicator is cut


_REACH, _CELLS = 8, 8  # the cdf of ordinary growth is tabulated so many standard deviations out, each in so many cells


_GRID, _SCALES, _NARROW = 32, 97, 0.02  # cells a standard deviation, levels of spread, and the least of them


def build_table(
    model: Model,
    scenarios: Sequence[Scenario],
    seed: int,
    *,
    words: Mapping[str, Mapping[str, str]],
    periods: Sequence[Mapping[str, str]],
    aims: Mapping[str, Mapping[str, str]],
    known: Known | None = None,
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
    known : Known, optional
        Published figures to condition on.

    Returns
    -------
    dict
        Of plain values, for JSON: `indicators` with mean, standard deviation and cdf of ordinary cumulative growth;
        headline `targets` of growth with what each reading asks for; `points`, of the year; `shocks` with a size and
        an onset at each point, what a size of one adds by onset, period and indicator, and, whatever the point, how
        likely each onset is and how size times loading is spread; `scenarios` with their shocks and probabilities,
        and with the `cases` in which shocks happen: which of its probabilities each shock then has.
        Given figures, `given` (see `describe_given`) stands in place of points and of what describes shocks.

    Notes
    -----
    The conditional road. Given the calibration, the heavy-tail scales, the common factors, and onset and size of each
    shock, the figures of the indicators are normal and independent: the odds that all targets are met are a product of
    normal cdfs, averaged over points of a Sobol net, each with a calibration of its own. One target alone needs no
    factors: its cdf without shocks and what each shock adds are tabulated from many points, and folded together.
    Which shocks happen is enumerated, so that odds are smooth in their probabilities. What is not known of a shock's
    chance keeps its mean and moves no odds.

    The page shows the odds that a run has found (`publish_odds`) and the change that the table computes.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> aims = {target.id: {"en": "at least"} for target in plan.headline}
    >>> words = {"words": {"en": {}}, "periods": [{"en": name} for name in ("Q1", "H1", "Q1-Q3", "FY")], "aims": aims}
    >>> table = build_table(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), 2024, **words)
    >>> list(table)
    ['words', 'year', 'before', 'periods', 'indicators', 'targets', 'cells', 'digits', 'points', 'figures', 'shocks', \
'scenarios']
    """
    plan = model.plan
    ids = [indicator.id for indicator in plan.indicators]
    laws = [compile_scenario(model, scenario, whole=True) for scenario in scenarios]
    placed, chosen = _place_shocks(scenarios, laws)
    told = {"words": words, "year": plan.year_name, "before": plan.name_year(plan.year - 1), "periods": periods}
    named = [
        {"id": each.id, "en": each.name_en, "zh": each.name_zh, "before": each.baseline} for each in plan.indicators
    ]
    if known is not None:
        return {
            **told,
            "indicators": named,
            "targets": _describe_targets(plan, ids, aims),
            "given": describe_given(model, scenarios, laws, chosen, known, seed),
            "shocks": [{"en": each.shock.title.en, "zh": each.shock.title.zh} for each in placed],
            "scenarios": [_describe_scenario(*each) for each in zip(scenarios, laws, chosen, strict=True)],
        }
    bare = keep_growth(model)
    points, many = lay_points(bare, POINTS, seed, range(1)), lay_points(bare, 2 * POINTS, seed)
    mean = many.cumulative.mean(axis=-1, dtype=float)
    sd = np.sqrt(many.cumulative.var(axis=-1, dtype=float) + (many.spread.astype(float) ** 2).mean(axis=-1))
    scale = 1 / sd[-1][:, None]
    figures = choose_figures(model, points)
    drawn = draw_figures(points, figures, mean, sd)
    shares = _weigh_points(model, points, many.cut(_COUNT), figures, mean, sd)
    periods_of = [model.reduced.find_cumulative(quarter) for quarter in range(len(mean))]
    return {
        **told,
        "indicators": _describe_indicators(named, mean, sd, many),
        "targets": _describe_targets(plan, ids, aims),
        "cells": _CELLS,
        "digits": DIGITS,
        "points": {
            "common": [pack(row, 2) for row in (points.cumulative[-1] - mean[-1][:, None]) * scale],
            "own": [pack(row, 2) for row in points.spread[-1] * scale],
            "shares": pack(shares, 2),
        },
        "figures": describe_figures(figures, many, sd, drawn),
        "shocks": [_describe_shock(each, points, many, periods_of) for each in placed],
        "scenarios": [_describe_scenario(*each) for each in zip(scenarios, laws, chosen, strict=True)],
    }


def publish_odds(attainments: Sequence[Attainment], known: Known | None = None) -> list[dict[str, Any]]:
    """Gather what a run has found, from which a page starts: headline odds and fans of growth.

    Parameters
    ----------
    attainments : sequence of Attainment
        Of one run.
    known : Known, optional
        What their odds are given.

    Returns
    -------
    list of dict
        Of each scenario `targets`, a row each, and `joint`, all of them together, by reading; `fans` by indicator,
        period and level. Without `joint` where two of the targets share an indicator.
    """
    model, seed = attainments[0].model, attainments[0].seed
    published = [_publish_alone(each) for each in attainments]
    targets = model.plan.headline_growth
    if len({each.indicator for each in targets}) < len(targets):
        return published
    proposal = None if known is None else fit_proposal(model, [each.scenario for each in attainments], known, seed)
    points = lay_points(keep_growth(model) if known is None else model, POINTS // 4, seed, proposal=proposal)
    for told, attainment in zip(published, attainments, strict=True):
        joint = _join_targets(points, attainment, known)
        told["joint"] = {reading: float(f"{share:.7f}") for reading, share in joint.items()}
    return published


def _publish_alone(attainment: Attainment) -> dict[str, Any]:
    """Odds of each target in each reading, and fans."""
    plan = attainment.plan
    odds = [
        dict(zip(READINGS, attainment.met[: len(READINGS), plan.judged.index(each)], strict=False))
        for each in plan.headline_growth
    ]
    quarters = len(attainment.model.law.path)
    fans = attainment.growth[[0, *range(quarters, 2 * quarters - 1)]].swapaxes(0, 1)
    return {
        "targets": [{reading: float(f"{share:.7f}") for reading, share in each.items()} for each in odds],
        "fans": [[_shorten(levels) for levels in rows] for rows in fans.tolist()],
    }


def _join_targets(points: Points, attainment: Attainment, known: Known | None) -> dict[str, float]:
    """Odds of all targets together by reading; as printed those of the run, where it has them."""
    plan, asked = attainment.plan, attainment.model.thresholds
    law = compile_scenario(attainment.model, attainment.scenario)
    places = [plan.judged.index(each) for each in plan.headline_growth]
    joint = {}
    for place, reading in enumerate(READINGS):
        rows = np.flatnonzero((asked.reading == place) & np.isin(asked.target, places))
        picked = asked.pick(rows)
        joint[reading] = float(integrate_growth(points, law, picked, np.arange(len(rows)), known=known).joint.mean())
    if len(plan.headline) == len(places) and places:
        joint[READINGS[0]] = float(attainment.number_met["headline"][-1])
    return joint


def _weigh_points(
    model: Model, points: Points, many: Points, figures: Sequence[int], mean: Floats, sd: Floats
) -> Floats:
    """Weigh points so that odds of all targets together, without shocks, are those of many more points."""
    plan, ids = model.plan, [each.id for each in model.plan.indicators]
    bounds = []
    for target in plan.headline_growth:
        place = ids.index(target.indicator)
        bound = (find_bound(plan, target, READINGS[0]) - mean[-1, place]) / sd[-1, place]
        bounds.append((place, float(direct(plan, target)), float(bound)))
    found = []
    for each in (points, many):
        common, own = (each.cumulative[-1] - mean[-1][:, None]) / sd[-1][:, None], each.spread[-1] / sd[-1][:, None]
        drawn = draw_figures(each, figures, mean, sd)
        found.append(list_products(common.astype(np.float32), own.astype(np.float32), bounds, drawn))
    return weigh_points(found[0], found[1].mean(axis=1))


class _Placed(NamedTuple):
    """A shock of the table: as a scenario has it, and its law and place there."""

    shock: Shock
    law: ScenarioLaw
    place: int


def _place_shocks(scenarios: Sequence[Scenario], laws: Sequence[ScenarioLaw]) -> tuple[list[_Placed], list[list[int]]]:
    """List the shocks, those that differ at most in their chances once, and which of them each scenario has."""
    numbers: dict[str, int] = {}
    placed: list[_Placed] = []
    for scenario, law in zip(scenarios, laws, strict=True):
        for place, (shock, definition) in enumerate(zip(scenario.shocks.values(), law.definition, strict=True)):
            if definition not in numbers:
                numbers[definition] = len(placed)
                placed.append(_Placed(shock, law, place))
    return placed, [[numbers[definition] for definition in law.definition] for law in laws]


def _describe_indicators(
    named: Sequence[dict[str, Any]], mean: Floats, sd: Floats, points: Points
) -> list[dict[str, Any]]:
    below = _tabulate_below((points.cumulative - mean[..., None]) / sd[..., None], points.spread / sd[..., None])
    rows = []
    for number, each in enumerate(named):
        rows.append(
            {
                **each,
                "mean": _shorten(mean[:, number].tolist()),
                "sd": _shorten(sd[:, number].tolist()),
                "below": [pack(row, 3) for row in below[:, number]],
            }
        )
    return rows


def _tabulate_below(away: Floats, left: Floats) -> Floats:
    """Tabulate how likely a figure stays below so many of its standard deviations from its mean, as good as symmetric.

    Points are gathered on a grid, in place of a normal cdf for each of them: by how far their mean is away, and by the
    logarithm of what is left of the spread.

    Parameters
    ----------
    away, left : array, shape (period, series, point)
        Mean and standard deviation at each point, in standard deviations of the figure.

    Returns
    -------
    array, shape (period, series, step)
    """
    from scipy.special import ndtr

    logs = np.log(np.maximum(left, _NARROW))
    scales = np.linspace(logs.min(), logs.max() + 1e-6, _SCALES)
    reach = int(np.ceil(np.abs(away).max())) + 1
    centres = np.linspace(-reach, reach, 2 * reach * _GRID + 1)
    steps = np.arange(_REACH * _CELLS + 1) / _CELLS
    kernel = ndtr((steps[:, None, None] - centres[:, None]) / np.exp(scales)).reshape(len(steps), -1)
    rows = []
    for far, log in zip(away.reshape(-1, away.shape[-1]), logs.reshape(-1, away.shape[-1]), strict=True):
        at, scale = (far + reach) * _GRID, (log - scales[0]) / (scales[1] - scales[0])
        places, parts = at.astype(np.intp), at % 1
        levels, shares = scale.astype(np.intp), scale % 1
        mass = np.zeros(len(centres) * _SCALES)
        for side, other in product((0, 1), (0, 1)):
            weight = (parts if side else 1 - parts) * (shares if other else 1 - shares)
            mass += np.bincount((places + side) * _SCALES + levels + other, weight, len(mass))
        grid = mass.reshape(len(centres), _SCALES) / len(far)
        rows.append(kernel @ ((grid + grid[::-1]) / 2).reshape(-1))
    return np.array(rows).reshape(*away.shape[:2], len(steps))


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
            **(
                {}
                if target.upper is None
                else {"widths": {reading: find_width(plan, target, reading) for reading in READINGS}}
            ),
            "about": target.criterion == "about",
            "tolerance": target.tolerance,
        }
        for target in plan.headline_growth
    ]


def _describe_shock(placed: _Placed, points: Points, many: Points, periods: Sequence[int]) -> dict[str, Any]:
    law, place = placed.law, placed.place
    onsets, sizes, loads = _draw_shock(placed, points)
    every_onset, every_size, every_load = _draw_shock(placed, many)
    moments = [
        list_moments(
            start, np.array([size, *(size * each for each in load if each is not None)]), len(law.onset[place])
        )
        for start, size, load in ((onsets, sizes, loads), (every_onset, every_size, every_load))
    ]
    return {
        "en": placed.shock.title.en,
        "zh": placed.shock.title.zh,
        "sizes": pack(sizes, 2),
        "loads": [None if load is None else pack(load, 1) for load in loads],
        "onsets": write_whole(onsets, 1),
        "shares": pack(weigh_points(moments[0], moments[1].mean(axis=1)), 1),
        "added": [[_shorten(row) for row in rows] for rows in law.growth[place][:, periods].tolist()],
        "weights": _shorten(law.onset[place].tolist()),
        "spread": _cut(every_size),
        "spreads": [None if load is None else _cut(every_size * load) for load in every_load],
    }


def _draw_shock(placed: _Placed, points: Points) -> tuple[Any, Floats, list[Floats | None]]:
    """Onset, size and each indicator's loading at each point; no loading where it is what the scenario says."""
    law, place = placed.law, placed.place
    onsets, sizes = draw_onset_and_size(law, place, points.draw_shock(law.names[place]))
    move = points.move_shock(law, place)
    loads: list[Floats | None] = [None] * len(law.series)
    if move is not None:
        sizes = sizes * move.strength
        for number in np.flatnonzero(law.growth[place].any(axis=(0, 1))):
            loads[number] = np.broadcast_to(move.loading[number], sizes.shape)
    return onsets, sizes, loads


def _cut(values: Floats) -> dict[str, Any]:
    """Cut a distribution into equal parts: the mean of each."""
    return pack(np.sort(values).reshape(_LEVELS, -1).mean(axis=1), 2)


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


def _shorten(values: Sequence[float], digits: int = 5) -> list[float]:
    """Round numbers to so many digits."""
    return [float(f"{value:.{digits}g}") for value in values]
