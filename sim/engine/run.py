"""A run: several scenarios on the same draws, by the exact road where the model allows and by paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.engine.counting import Tally, divide, open_tally
from sim.engine.draws import BLOCK, REPLICATES, Draws, draw
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.exact.odds import (
    MANY_NETS,
    MARGIN,
    ONE_NET,
    PILOT_POINTS,
    QUANTILE_POINTS,
    choose_count,
    explain_paths,
    sum_up,
)
from sim.engine.exact.points import lay_points
from sim.engine.executors import do_pieces, open_threads
from sim.engine.paths import start, unfold
from sim.engine.redraw import count_range
from sim.engine.roads import compare_roads
from sim.errors import InputError, blame, blame_kind, try_all
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.building import Given, take_scenarios
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import take_model
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario
from sim.results.attainment import Attainment
from sim.results.integrals import Integrals, join
from sim.results.run import Run
from sim.results.settings import MOST_PATHS, RunSettings, check_settings

__all__ = [
    "CHECK_PATHS",
    "RANGE_POINTS",
    "RunTask",
    "count_scenarios",
    "cut_calibrations",
    "cut_replicates",
    "prepare_run",
    "run",
    "take_task",
]

MANY_PATHS = 200_000


CHECK_PATHS = BLOCK // 4
"""Paths that check the analytic road, and from which the quantiles of deliveries come."""


_PIECES = 16  # that a run of paths is cut into, if it is long enough


_PIECE_POINTS = 8192


_HEAP = 31 << 20
"""Bytes asked for and given back before a piece: from then on the C library keeps what blocks give back for the next
one, where it would else return it to the system and fetch it again, a sixth of the time of a path."""


_STATED_POINTS = 64
RANGE_POINTS = 32
"""Points of each calibration of which ranges are made: all have the same ones, and the mean's error is taken off."""


Advance = Callable[[int, int], None]


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
        From 1 to ten thousand million; None means 200,000, or 16,384 where they only check the analytic road.
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

    Returns
    -------
    Run
        A mapping of scenario names to attainments, in memory that does not grow with `n_paths`.

    Raises
    ------
    InputError
        With every fault of the model, the scenarios and the settings, whether they came from files or were built or
        changed in code; or if `method` is `analytic` where a scenario needs paths.

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
        n_paths=n_paths,
        seed=seed,
        method=method,
        n_points=n_points,
        n_calibrations=n_calibrations,
        tolerance=tolerance,
        executor=executor,
    )
    return _carry_out(task.model, task.scenarios, task.settings, task.exact, advance, executor)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RunTask:
    """A run that is checked and settled, and not carried out: what questions that need no whole run start from.

    Attributes
    ----------
    model : Model
    scenarios : tuple of Scenario
    settings : RunSettings
        With the paths and points that it takes.
    exact : tuple of bool
        Which scenarios take the analytic road.
    """

    model: Model
    scenarios: tuple[Scenario, ...]
    settings: RunSettings
    exact: tuple[bool, ...]


def prepare_run(
    model: Model | Plan | str | Path,
    scenarios: Given | Iterable[Given] | None = None,
    *,
    n_paths: int | None = None,
    seed: int = 2024,
    method: str = "auto",
    n_points: int = 1024,
    n_calibrations: int = 256,
    tolerance: float | None = None,
    executor: Executor | None = None,
) -> RunTask:
    """Check what a run is asked for, and settle the paths and points that it takes.

    Parameters
    ----------
    model, scenarios, n_paths, seed, method, n_points, n_calibrations, tolerance, executor
        As for `run`.

    Returns
    -------
    RunTask

    Raises
    ------
    InputError
        With every fault.
    """
    model = take_model(model)
    asked = RunSettings(
        n_paths=n_paths,
        seed=seed,
        method=method,
        n_points=n_points,
        n_calibrations=n_calibrations,
        tolerance=tolerance,
    )
    chosen, asked = try_all(
        lambda: take_scenarios(scenarios, model.plan),
        lambda: check_settings(asked, model.plan),
    )
    exact = _choose_exact(model, chosen, method)
    settings = _settle(model, chosen, asked, exact, executor)
    return RunTask(model=model, scenarios=tuple(chosen), settings=settings, exact=tuple(exact))


def take_task(result: Run | RunTask) -> RunTask:
    """Take the task of a run that is finished, or one that is only prepared.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(result, RunTask):
        return result
    if not isinstance(result, Run):
        raise InputError([blame_kind("result", result, "a run", "write what sim.run gives")])
    exact = tuple(bool(each.n_points) for each in result.attainments)
    return RunTask(model=result.model, scenarios=result.scenarios, settings=result.settings, exact=exact)


def _settle(
    model: Model, scenarios: Sequence[Scenario], asked: RunSettings, exact: Sequence[bool], executor: Executor | None
) -> RunSettings:
    """Settle the paths and points that the run will take, by a pilot where a tolerance is asked for."""
    n_paths, n_points, tolerance = asked.n_paths, asked.n_points, asked.tolerance
    if n_paths is None:
        n_paths = CHECK_PATHS if all(exact) else MANY_PATHS
        if tolerance is not None and not all(exact):
            n_paths = _choose_paths(model, scenarios, asked.seed, tolerance, executor)
    conditioned = [scenario for scenario, chosen in zip(scenarios, exact, strict=True) if chosen]
    if tolerance is not None and conditioned:
        pilot = _integrate(model, conditioned, PILOT_POINTS, asked.seed, executor, lambda: None)
        n_points = choose_count(pilot, tolerance, MANY_NETS if model.uncertain else ONE_NET)
    return check_settings(replace(asked, n_paths=n_paths, n_points=n_points), model.plan)


def _carry_out(
    model: Model,
    scenarios: Sequence[Scenario],
    settings: RunSettings,
    exact: Sequence[bool],
    advance: Advance | None,
    executor: Executor | None,
) -> Run:
    """Carry out a run of settled settings; `exact` tells which scenarios take the analytic road."""
    seed, n_points, n_calibrations = settings.seed, settings.n_points, settings.n_calibrations
    n_paths = settings.n_paths or 0
    conditioned = [scenario for scenario, chosen in zip(scenarios, exact, strict=True) if chosen]
    steps = [len(list(_cut_paths(n_paths)))]
    if conditioned:
        steps += [len(list(cut_replicates(n_points))), 1, len(list(cut_calibrations(n_calibrations)))]
    step = _count_steps(advance, sum(steps))
    counted = [divide(tally, seed) for tally in count_scenarios(model, scenarios, n_paths, seed, executor, step)]
    summed = iter(_sum_up(model, conditioned, counted, exact, settings, executor, step) if conditioned else [])
    attainments = [next(summed) if chosen else each for each, chosen in zip(counted, exact, strict=True)]
    deviations = [found for pair in zip(attainments, counted, strict=True) for found in compare_roads(*pair)]
    if n_calibrations and not all(exact):
        attainments = [
            each if chosen else count_range(model, each, n_calibrations, seed)
            for each, chosen in zip(attainments, exact, strict=True)
        ]
    return Run(
        model=model,
        scenarios=tuple(scenarios),
        attainments=tuple(attainments),
        settings=settings,
        deviations=tuple(deviations),
    )


def _sum_up(
    model: Model,
    scenarios: Sequence[Scenario],
    counted: Sequence[Attainment],
    exact: Sequence[bool],
    settings: RunSettings,
    executor: Executor | None,
    step: Callable[[], None],
) -> list[Attainment]:
    """Odds of the scenarios that take the analytic road: predictive, of the stated calibration, and by calibration."""
    seed, count = settings.seed, settings.n_points
    predictive = _integrate(model, scenarios, count, seed, executor, step)
    stated = predictive
    ranges: list[Integrals | None] = [None] * len(scenarios)
    if model.uncertain:
        stated = integrate_replicates(model, scenarios, min(count, _STATED_POINTS), seed, range(REPLICATES), "stated")
        step()
    if model.uncertain and settings.n_calibrations:
        pieces = (
            (model, scenarios, RANGE_POINTS, seed, replicates, "replicate", settings.n_calibrations)
            for replicates in cut_calibrations(settings.n_calibrations)
        )
        parts = []
        for part in do_pieces(integrate_replicates, pieces, executor):
            parts.append(part)
            step()
        ranges = [join(each) for each in zip(*parts, strict=True)]
    checks = iter(each for each, chosen in zip(counted, exact, strict=True) if chosen)
    points = lay_points(model, min(count, QUANTILE_POINTS), seed)
    return [
        sum_up(scenario, points, integrals, plain, by_calibration, next(checks), count)
        for scenario, integrals, plain, by_calibration in zip(scenarios, predictive, stated, ranges, strict=True)
    ]


def _choose_exact(model: Model, scenarios: Sequence[Scenario], method: str) -> list[bool]:
    """Choose the scenarios that take the analytic road."""
    if method == "paths":
        return [False] * len(scenarios)
    reasons = [explain_paths(model, scenario) for scenario in scenarios]
    if method == "analytic" and any(reasons):
        raise InputError(
            blame("method", f"scenario '{scenario.name}' needs paths: {reason}", 'write `method="auto"`')
            for scenario, reason in zip(scenarios, reasons, strict=True)
            if reason
        )
    return [not reason for reason in reasons]


def _count_steps(advance: Advance | None, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if advance is not None:
            advance(done, total)

    return step


def _cut_paths(n_paths: int) -> Iterator[tuple[int, int]]:
    """Cut paths into pieces by first block and number: whole blocks, the last one as far as it is needed."""
    blocks = -(-n_paths // BLOCK)
    size = max(1, min(blocks // _PIECES, 64))
    for first in range(0, blocks, size):
        yield first, min(size * BLOCK, n_paths - first * BLOCK)


def count_piece(model: Model, scenarios: Sequence[Scenario], seed: int, first_block: int, n_paths: int) -> list[Tally]:
    """Simulate and count some blocks of paths: a piece of work that any executor can do.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    seed : int
    first_block : int
        Number of the first block.
    n_paths : int
        From there on.

    Returns
    -------
    list of Tally
        One a scenario.
    """
    np.empty(_HEAP, np.uint8)
    laws = [compile_scenario(model, scenario) for scenario in scenarios]
    tallies = [open_tally(model, *pair, first_block * BLOCK) for pair in zip(scenarios, laws, strict=True)]
    for block in range(-(-n_paths // BLOCK)):
        _count_block(draw(model, min(BLOCK, n_paths - block * BLOCK), seed, first_block + block), tallies, laws)
    return tallies


def _count_block(draws: Draws, tallies: list[Tally], laws: list[ScenarioLaw]) -> None:
    ordinary = start(tallies[0].model, draws)  # local, so that no block outlives its count
    for tally, law in zip(tallies, laws, strict=True):
        tally.add(unfold(ordinary, tally.scenario, law))


def count_scenarios(
    model: Model,
    scenarios: Sequence[Scenario],
    n_paths: int,
    seed: int,
    executor: Executor | None = None,
    step: Callable[[], None] = lambda: None,
) -> list[Tally]:
    """Simulate and count several scenarios on the same draws, piece by piece, merged in order.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_paths : int
    seed : int
    executor : Executor, optional
        As for `do_pieces`; None means threads.
    step : callable
        Called after each piece.

    Returns
    -------
    list of Tally
        One a scenario.
    """
    tallies = [open_tally(model, scenario, compile_scenario(model, scenario)) for scenario in scenarios]
    pieces = ((model, scenarios, seed, first, count) for first, count in _cut_paths(n_paths))
    with open_threads(executor) as chosen:
        for counted in do_pieces(count_piece, pieces, chosen):
            for tally, part in zip(tallies, counted, strict=True):
                tally.merge(part)
            step()
    return tallies


def cut_replicates(count: int) -> Iterator[range]:
    """Cut the replicates of a net into pieces of work, by the points of each replicate."""
    size = max(1, min(_PIECE_POINTS // count, REPLICATES))
    for first in range(0, REPLICATES, size):
        yield range(first, min(first + size, REPLICATES))


def cut_calibrations(count: int) -> Iterator[range]:
    """Cut the calibrations of a range into pieces of work."""
    size = _PIECE_POINTS // RANGE_POINTS
    for first in range(0, count, size):
        yield range(first, min(first + size, count))


def _integrate(
    model: Model,
    scenarios: Sequence[Scenario],
    count: int,
    seed: int,
    executor: Executor | None,
    step: Callable[[], None],
) -> list[Integrals]:
    pieces = ((model, scenarios, count, seed, replicates) for replicates in cut_replicates(count))
    parts = []
    for part in do_pieces(integrate_replicates, pieces, executor):
        parts.append(part)
        step()
    return [join(each) for each in zip(*parts, strict=True)]


def _choose_paths(
    model: Model, scenarios: Sequence[Scenario], seed: int, tolerance: float, executor: Executor | None
) -> int:
    """Choose the paths for a standard error of everything that is counted, from a pilot."""
    pilot = [divide(tally, seed) for tally in count_scenarios(model, scenarios, CHECK_PATHS, seed, executor)]
    worst = max(each.largest_error for each in pilot)
    return int(np.clip(np.ceil(CHECK_PATHS * (worst / (MARGIN * tolerance)) ** 2), 1, MOST_PATHS))
