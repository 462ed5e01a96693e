"""A run: several scenarios on the same draws, by the exact road where the model allows and by paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from sim.engine.counting import divide
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.exact.odds import (
    QUANTILE_POINTS,
    sum_up,
)
from sim.engine.exact.points import lay_points
from sim.engine.executors import do_pieces
from sim.engine.ledgers import keep_ledgers
from sim.engine.nets import REPLICATES
from sim.engine.path_runs import count_scenarios, cut_paths, weigh_first_paths
from sim.engine.path_tilts import tilt_scenarios
from sim.engine.pieces import RANGE_POINTS, Advance, count_steps, cut_calibrations, cut_replicates
from sim.engine.plausibility import check_paths_left
from sim.engine.point_runs import integrate_scenarios
from sim.engine.redraw import count_range
from sim.engine.roads import compare_roads
from sim.engine.tasks import RunTask, prepare_run
from sim.engine.tilting import check_tilts, settle_judged
from sim.inputs.plan.plan import Plan
from sim.inputs.published.figures import Published
from sim.inputs.scenario.building import Given
from sim.inputs.scenario.reading import Scenario
from sim.model.judged import hold_centres
from sim.model.model import Model
from sim.model.tilting import Tilt
from sim.results.attainment import Attainment
from sim.results.evidence import Evidence
from sim.results.integrals import Integrals, join
from sim.results.run import Deviation, Run
from sim.results.settings import RunSettings
from sim.results.soundness import refuse_impossible

__all__ = ["run"]

_TOGETHER = 16
"""Scenarios that are counted and integrated together: of many, memory is that of so many, and so is what they share."""


_STATED_POINTS = 64
_KNOWN_POINTS = 256  # where published figures leave fewer that speak: for the stated calibration, and for quantiles


def run(
    model: Model | Plan | str | Path,
    scenarios: Given | Iterable[Given] | None = None,
    *,
    n_paths: int | None = None,
    seed: int = 2024,
    method: str = "auto",
    n_points: int = 1024,
    n_calibrations: int = 256,
    tolerance: float | None = None,
    advance: Advance | None = None,
    executor: Executor | None = None,
    published: Published | str | Path | None = None,
    even_so: bool = False,
) -> Run:
    """Run scenarios on the same draws, by the exact method where the model allows and by paths.

    Parameters
    ----------
    model : Model, Plan, str or Path
        A model, or the plan or shipped name of one.
    scenarios : Scenario, str, Path or iterable of them, optional
        One or several: scenarios, names, files or compositions such as "export-slump+mine.yaml"; None means all of
        the plan's own, or the shipped ones that fit it.
    n_paths : int, optional
        From 1 to a thousand million; None means 200,000, or 16,384 where they only check the analytic road.
    seed : int
        Same seed, same bits, whatever the executor.
    method : str
        `paths` counts; `analytic` conditions and inverts; `auto` takes the analytic road where the model allows,
        and paths otherwise. The analytic road is always checked by paths.
    n_points : int
        Points of each of the 16 replicates of the analytic road, a power of two.
    n_calibrations : int
        Calibrations of which the range is made, a power of two from 16 on; 0 means none.
    tolerance : float, optional
        Standard error to reach, as a probability, in place of `n_points` or `n_paths`: they are fixed by a pilot, for
        all odds that are printed, up to 65,536 points; `Run.largest_error` tells what was reached.
    advance : callable, optional
        Called with the pieces of work done and their number after each of them.
    executor : Executor, optional
        As for `do_pieces`; None means threads for paths, and none for points, whose steps are too short to share.
    published : Published, str or Path, optional
        Figures of the year that are known, or what `sim.read_published` reads them by; None means that none is.
    even_so : bool
        Whether to go on where figures are once in a million years of the model.

    Returns
    -------
    Run
        A mapping of scenario names to attainments, in memory that does not grow with `n_paths`.

    Raises
    ------
    InputError
        With every fault of the model, the scenarios and the settings, whether they came from files or were built or
        changed in code; if `method` is `analytic` where a scenario needs paths; or if published figures contradict one
        another, are once in a million years of the model, or leave too few points that still speak.

    See Also
    --------
    sim.scenario : Builds a scenario in code.
    sim.WhatIf : Answers for many settings of one scenario within milliseconds.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", ["baseline", "export-slump"], n_paths=1000, n_calibrations=0)
    >>> result
    <Run of qingdao-2024: baseline, export-slump; seed 2024>
    >>> result["export-slump"].n_points
    16384
    """
    task = prepare_run(
        model,
        scenarios,
        RunSettings(
            n_paths=n_paths,
            seed=seed,
            method=method,
            n_points=n_points,
            n_calibrations=n_calibrations,
            tolerance=tolerance,
        ),
        executor=executor,
        published=published,
        even_so=even_so,
    )
    return refuse_impossible(_carry_out(task, advance, executor, even_so))


def _carry_out(task: RunTask, advance: Advance | None, executor: Executor | None, even_so: bool) -> Run:
    """Carry out a run of settled settings, some scenarios at a time: what is counted of them is held no longer."""
    model, scenarios, settings = task.model, task.scenarios, task.settings
    n_paths = settings.n_paths or 0
    parts = [slice(first, first + _TOGETHER) for first in range(0, len(scenarios), _TOGETHER)]
    step = count_steps(advance, sum(_count_pieces(task, part) for part in parts))
    known, proposal, seed = task.known, task.proposal, settings.seed
    tilts = tilt_scenarios(model, scenarios, n_paths, seed, executor, known, proposal)
    by_paths = [None if chosen else tilt for tilt, chosen in zip(tilts, task.exact, strict=True)]
    check_tilts(scenarios, by_paths)
    units, weighed = weigh_first_paths(model, scenarios, n_paths, seed, known, proposal, tilts)
    check_paths_left(scenarios, weighed, task.exact, n_paths, even_so)
    attainments: list[Attainment] = []
    deviations: list[Deviation] = []
    for part in parts:
        some = replace(task, scenarios=scenarios[part], exact=task.exact[part])
        found, apart = _carry_out_part(some, units[part], weighed[part], tilts[part], executor, step)
        attainments += found
        deviations += apart
    attainments = keep_ledgers(model, settings, known, proposal, attainments, by_paths, executor)
    return Run(
        model=model,
        scenarios=tuple(scenarios),
        attainments=tuple(attainments),
        settings=settings,
        deviations=tuple(deviations),
        published=task.published,
    )


def _count_pieces(task: RunTask, part: slice) -> int:
    """Count the pieces of work of some scenarios."""
    settings, targets = task.settings, len(task.model.plan.judged)
    pieces = len(list(cut_paths(settings.n_paths or 0)))
    if any(task.exact[part]):
        pieces += len(list(cut_replicates(settings.n_points, targets))) + 1
        pieces += len(list(cut_calibrations(settings.n_calibrations, targets)))
    return pieces


def _carry_out_part(
    task: RunTask,
    units: Sequence[float | None],
    weighed: Sequence[Evidence | None],
    tilts: Sequence[Tilt | None],
    executor: Executor | None,
    step: Callable[[], None],
) -> tuple[list[Attainment], list[Deviation]]:
    """Carry out a run of some scenarios on the same draws, which no other scenario changes."""
    model, scenarios, settings, exact, known = task.model, task.scenarios, task.settings, task.exact, task.known
    seed, n_calibrations, n_paths = settings.seed, settings.n_calibrations, settings.n_paths or 0
    conditioned = [scenario for scenario, chosen in zip(scenarios, exact, strict=True) if chosen]
    tallies = count_scenarios(model, scenarios, n_paths, seed, executor, step, known, units, task.proposal, tilts)
    counted = [replace(divide(tally, seed), evidence=each) for tally, each in zip(tallies, weighed, strict=True)]
    del tallies
    summed = iter(_sum_up(task, conditioned, counted, executor, step) if conditioned else [])
    attainments = [next(summed) if chosen else each for each, chosen in zip(counted, exact, strict=True)]
    deviations = [found for pair in zip(attainments, counted, strict=True) for found in compare_roads(*pair)]
    if n_calibrations and not all(exact) and known is None:
        attainments = [
            each if chosen or each.scenario.judgements else count_range(model, each, n_calibrations, seed)
            for each, chosen in zip(attainments, exact, strict=True)
        ]
    return attainments, deviations


def _sum_up(
    task: RunTask,
    scenarios: Sequence[Scenario],
    counted: Sequence[Attainment],
    executor: Executor | None,
    step: Callable[[], None],
) -> list[Attainment]:
    """Odds of the scenarios that take the analytic road: predictive, of the stated calibration, and by calibration."""
    model, settings, known, proposal = task.model, task.settings, task.known, task.proposal
    seed, count = settings.seed, settings.n_points
    predictive = integrate_scenarios(model, scenarios, count, seed, executor, step, known, proposal)
    stated = predictive
    ranges: list[Integrals | None] = [None] * len(scenarios)
    given = [known is not None or each.has_rules or bool(each.events) for each in scenarios]  # figures are drawn
    if model.uncertain:
        few = [min(count, _KNOWN_POINTS if each else _STATED_POINTS) for each in given]
        stated = [
            settle_judged(
                integrate_replicates(model, [each], many, seed, range(REPLICATES), "stated", known=known)[0], each
            )
            for each, many in zip(scenarios, few, strict=True)
        ]
        step()
    if model.uncertain and settings.n_calibrations:
        pieces = (
            (model, scenarios, RANGE_POINTS, seed, replicates, "replicate", settings.n_calibrations, known, proposal)
            for replicates in cut_calibrations(settings.n_calibrations, len(model.plan.judged))
        )
        parts = []
        for part in do_pieces(integrate_replicates, pieces, executor):
            parts.append(part)
            step()
        ranges = [
            settle_judged(join(each), scenario, odds.tilt, each=True)
            for each, scenario, odds in zip(zip(*parts, strict=True), scenarios, predictive, strict=True)
        ]
    checks = iter(each for each, chosen in zip(counted, task.exact, strict=True) if chosen)
    many = [min(count, _KNOWN_POINTS if each else QUANTILE_POINTS) for each in given]
    held = [hold_centres(model, scenario) for scenario in scenarios]
    laid = {
        (each.opinions, few): lay_points(each, few, seed, proposal=proposal)
        for each, few in dict.fromkeys(zip(held, many, strict=True))
    }
    own = [laid[each.opinions, few] for each, few in zip(held, many, strict=True)]
    return [
        sum_up(scenario, points, integrals, plain, by_calibration, next(checks), count, known)
        for scenario, points, integrals, plain, by_calibration in zip(
            scenarios, own, predictive, stated, ranges, strict=True
        )
    ]
