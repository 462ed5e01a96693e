"""Counting: whole numbers gathered from blocks of paths, so that no order of adding can change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.engine.draws import BLOCK
from sim.engine.executors import do_pieces
from sim.engine.histogram import BINS, Histogram
from sim.engine.paths import Paths
from sim.errors import InputError, blame_kind
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import check_plan_rows, take_plan
from sim.inputs.plan.readings import READINGS, list_groups, name_readings
from sim.inputs.plan.targets import Composite
from sim.inputs.scenario.reading import Scenario
from sim.model.deliveries import PILE
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario, find_largest_size
from sim.model.thresholds import met
from sim.results.attainment import QUANTILE_LEVELS, Attainment, find_blanks

__all__ = ["Counts", "Tally", "attain", "count_odds", "divide", "estimate_error", "judge", "open_tally"]

PROGRESS_PATHS = 16_384
"""Paths of which the quantiles of deliveries are made: the first ones of a run."""


_AROUND = 0.02


_REACH = 14.0  # standard deviations that a histogram covers on either side of the mean, before shocks


def judge(paths: Paths) -> NDArray[np.bool_]:
    """Judge every target with odds in every reading.

    Parameters
    ----------
    paths : Paths

    Returns
    -------
    array of bool, shape (reading, target, path)
        Whether it is met in the year, and on course at each earlier quarter's end. Growth: the figure is on the right
        side. Deliveries: the share due by then is delivered. Milestones: done. Composites: all members are. False in
        readings that a target lacks.
    """
    plan = paths.model.plan
    judged = plan.judged
    places = {target.id: number for number, target in enumerate(judged)}
    reached = np.zeros((len(name_readings(plan)), len(places), paths.n_paths), bool)
    asked = paths.model.thresholds
    ends, series = paths.model.reduced.split_cumulative(asked.figure)
    figures = [paths.cumulative[place] for place in zip(ends, series, strict=True)]
    reached[asked.reading, asked.target] = met(asked, figures).reshape(-1, paths.n_paths)
    course = _find_rows(plan)
    for number, delivery in enumerate(plan.deliveries):
        reached[course, places[delivery.id]] = paths.courses[paths.course_of[number]] >= paths.needed[:, number]
    for number, milestone in enumerate(plan.milestones):
        reached[course, places[milestone.id]] = paths.reached[:, number]
    for number, target in enumerate(judged):
        if isinstance(target, Composite):
            reached[:, number] = reached[:, [places[member] for member in target.members]].all(axis=1)
    return reached


def _find_rows(plan: Plan) -> list[int]:
    """Rows of the readings that follow the course of the year: by quarter, the year's own last."""
    return [*range(len(READINGS), len(name_readings(plan))), 0]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Counts:
    """Paths that meet targets, alone and together; as in `Tally`."""

    met: NDArray[np.int64]
    both: NDArray[np.int64]
    number_met: dict[str, NDArray[np.int64]]


def count_odds(reached: NDArray[np.bool_], groups: Mapping[str, Sequence[int]]) -> Counts:
    """Count the paths that meet each target, two headline targets, and so many of each group.

    Parameters
    ----------
    reached : array of bool, shape (reading, target, path)
        As `judge` gives it.
    groups : mapping of str to sequence of int
        Places of each group's targets.

    Returns
    -------
    Counts
    """
    printed, number_met = reached[0], {}
    headline = printed[groups.get("headline", [])].astype(np.float32)
    for group, members in groups.items():
        narrow = np.uint8 if len(members) < 256 else np.uint16
        number = printed.view(np.uint8)[members].sum(axis=0, dtype=narrow)
        number_met[group] = np.bincount(number, minlength=len(members) + 1)
    return Counts(
        met=np.array([[np.count_nonzero(target) for target in reading] for reading in reached], np.int64),
        both=(headline @ headline.T).astype(np.int64),  # sums of ones are exact in single precision below 2^24
        number_met=number_met,
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Tally:
    """What has been counted of a scenario; its counters grow in place.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    first_path : int
        Number of the first path in its run.
    groups : dict of str to list of int
        Places of each group's targets among those with odds.
    met : array of int, shape (reading, target)
        Paths that meet each target with odds in each reading; only growth has more than one of the year.
    both : array of int, shape (target, target)
        Paths that meet both of two headline targets, as printed.
    number_met : dict of str to array of int
        By group: paths that meet exactly 0, 1, 2, ... of its targets, as printed.
    growth : Histogram
        Of single quarters, then of cumulative growth from the second quarter on; one row a quarter and series.
    progress : Histogram
        Of the share delivered by the first `PROGRESS_PATHS` paths; one row a quarter and delivery.
    """

    model: Model
    scenario: Scenario
    first_path: int
    groups: dict[str, list[int]]
    met: NDArray[np.int64]
    both: NDArray[np.int64]
    number_met: dict[str, NDArray[np.int64]]
    growth: Histogram
    progress: Histogram

    @property
    def n_paths(self) -> int:
        """Paths counted so far: each has one figure in every row of growth."""
        return int(self.growth.counts[0].sum())

    def add(self, paths: Paths) -> None:
        """Count more paths of the same model and scenario.

        Parameters
        ----------
        paths : Paths
        """
        left = PROGRESS_PATHS - self.first_path - self.n_paths
        counts = count_odds(judge(paths), self.groups)
        self.met[:] += counts.met
        self.both[:] += counts.both
        for group, exactly in counts.number_met.items():
            self.number_met[group] += exactly
        single = paths.growth.reshape(-1, paths.n_paths)
        self.growth.add(single)
        self.growth.add(paths.cumulative[1:].reshape(-1, paths.n_paths), len(single))
        if left > 0:
            kept = paths.cut(slice(left)).progress
            self.progress.add(kept.reshape(-1, kept.shape[-1]))

    def merge(self, other: Tally) -> None:
        """Add the counts of further paths of the same run.

        Parameters
        ----------
        other : Tally
        """
        self.met[:] += other.met
        self.both[:] += other.both
        self.growth.counts[:] += other.growth.counts
        if len(other.progress.counts):
            self.progress.counts[:] += other.progress.counts
        for group, counts in other.number_met.items():
            self.number_met[group] += counts


def open_tally(model: Model, scenario: Scenario, law: ScenarioLaw, first_path: int = 0) -> Tally:
    """Open an empty tally of a scenario, for the paths of a run from some number on.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    law : ScenarioLaw
        The scenario compiled.
    first_path : int
        Number of the first path in its run.

    Returns
    -------
    Tally
        The grids of its histograms come from the laws and the reach of the shocks, never from the draws: so chunks
        of a run count on the same grid.
    """
    groups = list_groups(model.plan)
    headline = len(groups.get("headline", []))
    return Tally(
        model=model,
        scenario=scenario,
        first_path=first_path,
        groups=groups,
        met=np.zeros((len(name_readings(model.plan)), len(model.plan.judged)), np.int64),
        both=np.zeros((headline, headline), np.int64),
        number_met={group: np.zeros(len(members) + 1, np.int64) for group, members in groups.items()},
        growth=_open_growth(model, law),
        progress=_open_progress(model, first_path < PROGRESS_PATHS),
    )


def _open_growth(model: Model, law: ScenarioLaw) -> Histogram:
    reduced = model.reduced
    quarters, series = model.law.path.shape
    reach = np.zeros(series)
    for shock in range(len(law.names)):
        reach += np.abs(law.growth[shock, :, :quarters]).max(axis=(0, 1)) * find_largest_size(law, shock)
    half = (_REACH * reduced.deviation + reach).reshape(-1)
    width = np.maximum(2 * half / BINS, 1e-9)
    counts = np.zeros((len(half), BINS), np.int64)
    return Histogram(low=reduced.mean.reshape(-1) - half, width=width, counts=counts)


def _open_progress(model: Model, needed: bool) -> Histogram:
    """Reach from nothing to five standard deviations of log speed, and three of arrivals, above what is expected."""
    law = model.delivery_law
    spread = np.sqrt(law.spread**2 + law.common**2 + law.macro**2)
    high = np.maximum(np.exp(law.lead), 1) * np.exp(5 * spread) * (1 + 3 / np.sqrt(law.arrivals))
    high = np.maximum(high, PILE + 8 * law.tail)
    width = (law.season.cumsum(axis=0) * high).reshape(-1) / BINS
    counts = np.zeros((len(width) if needed else 0, BINS), np.int64)
    return Histogram(low=np.zeros(len(width)), width=np.maximum(width, 1e-9), counts=counts)


def estimate_error(met: NDArray[np.int64], paths: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Estimate the Monte Carlo standard error of a counted probability.

    Parameters
    ----------
    met, paths : array of int
        Paths that count, of how many.

    Returns
    -------
    array
        sqrt(p (1 - p) / n) with p = (met + 1) / (paths + 2), so that it is not zero where no path, or every
        path, counts.

    Examples
    --------
    >>> estimate_error(np.array([5000, 0]), 10_000).round(5).tolist()
    [0.005, 0.0001]
    """
    share = (met + 1) / (np.asarray(paths) + 2)
    error: NDArray[np.float64] = np.sqrt(share * (1 - share) / np.maximum(paths, 1))
    return error


def attain(paths: Paths, plan: Plan | str | Path | None = None, executor: Executor | None = None) -> Attainment:
    """Count the odds of a plan's targets over simulated paths.

    Parameters
    ----------
    paths : Paths
    plan : Plan, str or Path, optional
        The plan of the paths with other growth targets; None means the plan of the paths.
    executor : Executor, optional
        As for `do_pieces`; whole numbers are counted, so every executor gives the same bits.

    Returns
    -------
    Attainment

    Raises
    ------
    InputError
        If `paths` are none, or the plan is faulty, as code may have changed it.
    ValueError
        If the plan has other indicators, deliveries or milestones than the paths.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> model = sim.load_model(plan)
    >>> draws = sim.draw(model, n_paths=10_000, seed=2024)
    >>> attainment = sim.attain(sim.simulate(model, sim.read_scenario("baseline", plan), draws), plan)
    >>> attainment.odds.columns.tolist()[8:10]
    ['probability', 'mc_se']
    """
    from dataclasses import replace

    if not isinstance(paths, Paths):
        raise InputError([blame_kind("paths", paths, "paths", "write what sim.simulate gives")])
    model, law = paths.model, compile_scenario(paths.model, paths.scenario)
    if plan is not None and plan is not model.plan:
        plan = take_plan(plan)
        check_plan_rows(plan)
        if plan.indicators != model.plan.indicators:
            raise ValueError(f"plan {plan.name!r} has other indicators than the paths of {model.plan.name!r}")
        simulated = {*model.delivery_law.ids, *model.milestone_law.ids}
        others = [each.id for each in (*plan.deliveries, *plan.milestones) if each.id not in simulated]
        if others:
            raise ValueError(f"the paths of {model.plan.name!r} do not hold {', '.join(others)}")
        model = replace(model, plan=plan)
    starts = range(0, paths.n_paths, BLOCK)
    pieces = ((replace(paths.cut(slice(start, start + BLOCK)), model=model), law, start) for start in starts)
    tally = open_tally(model, paths.scenario, law)
    for part in do_pieces(count_paths, pieces, executor):
        tally.merge(part)
    return divide(tally, paths.seed)


def count_paths(paths: Paths, law: ScenarioLaw, first_path: int) -> Tally:
    """Count some paths of a run: a piece of work that any executor can do.

    Parameters
    ----------
    paths : Paths
    law : ScenarioLaw
        Their scenario compiled.
    first_path : int
        Number of the first of them in its run.

    Returns
    -------
    Tally
    """
    tally = open_tally(paths.model, paths.scenario, law, first_path)
    tally.add(paths)
    return tally


def divide(tally: Tally, seed: int) -> Attainment:
    """Divide counts by paths: the odds that they amount to.

    Parameters
    ----------
    tally : Tally
        With at least one path.
    seed : int
        Of the draws.

    Returns
    -------
    Attainment
    """
    n_paths, levels = tally.n_paths, np.array(QUANTILE_LEVELS)
    quarters, series = tally.model.law.path.shape
    at_least = {group: np.cumsum(counts[::-1])[::-1] for group, counts in tally.number_met.items()}
    misses = np.diag(n_paths - tally.both)[:, None]
    hits = np.diag(tally.both)[None, :] - tally.both
    with np.errstate(invalid="ignore"):
        if_missed = hits / misses
    blank = find_blanks(tally.model.plan, tally.model.delivery_law)
    none = np.full(tally.met.shape, np.nan)
    growth, density = tally.growth.find_quantiles(levels), tally.growth.find_density(levels)
    return Attainment(
        model=tally.model,
        scenario=tally.scenario,
        seed=seed,
        n_paths=n_paths,
        n_points=0,
        met=np.where(blank, np.nan, tally.met / n_paths),
        met_se=np.where(blank, np.nan, estimate_error(tally.met, n_paths)),
        plug_in=none,
        met_range=np.stack([none, none]),
        number_met={group: counts / n_paths for group, counts in tally.number_met.items()},
        at_least_se={group: estimate_error(counts, n_paths) for group, counts in at_least.items()},
        at_least_range={},
        if_missed=if_missed,
        if_missed_se=np.where(misses > 0, estimate_error(hits, misses), np.nan),
        growth=growth.reshape(-1, series, len(levels)),
        growth_se=(np.sqrt(levels * (1 - levels) / n_paths) / density).reshape(-1, series, len(levels)),
        progress=tally.progress.find_quantiles(levels).reshape(quarters, -1, len(levels)),
    )
