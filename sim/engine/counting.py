"""Counting: whole numbers gathered from blocks of paths, so that no order of adding can change them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Ints
from sim.engine.executors import do_pieces
from sim.engine.histogram import BINS, Histogram
from sim.engine.judging import count_odds, judge
from sim.engine.paths import Paths
from sim.engine.streams import BLOCK
from sim.errors import InputError, blame_kind
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import check_plan_rows, take_plan
from sim.inputs.plan.readings import list_groups, name_readings
from sim.inputs.scenario.reading import Scenario
from sim.model.deliveries import PILE
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_parts, compile_whole, find_largest_size
from sim.results.attainment import QUANTILE_LEVELS, Attainment, find_blanks

__all__ = ["UNIT_PATHS", "Tally", "attain", "divide", "estimate_error", "find_unit", "open_tally"]

HEAVY = 1 << 24
"""Whole number that the weight of a heavy path becomes."""

UNIT_PATHS = 4096
"""Paths of the beginning of a run of which the heaviest is such a one."""

_HEAVIEST = 64  # times as heavy: beyond, a weight is cut

PROGRESS_PATHS = 16_384
"""Paths of which the quantiles of deliveries are made: the first ones of a run."""


_AROUND = 0.02


_REACH = 14.0  # standard deviations that a histogram covers on either side of the mean, before shocks


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
    unit : float, optional
        Weight that counts as `HEAVY`, where paths are weighted by published figures.
    weighed : array of int, shape (2,)
        Of weighted paths: their number, and the sum of their weights' squares in units of 2^20.
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
    unit: float | None = None
    weighed: Ints = field(default_factory=lambda: np.zeros(2, np.int64))

    @property
    def total(self) -> int:
        """Weight counted so far, of each path one without published figures: each is in every row of growth."""
        return int(self.growth.counts[0].sum())

    @property
    def n_paths(self) -> int:
        """Paths counted so far."""
        return self.total if self.unit is None else int(self.weighed[0])

    @property
    def effective(self) -> float | int:
        """Effective number of paths: as many of equal weight would say as much."""
        return self.total if self.unit is None else self.total**2 / max(float(self.weighed[1]) * 2.0**20, 1.0)

    def add(self, paths: Paths) -> None:
        """Count more paths of the same model and scenario.

        Parameters
        ----------
        paths : Paths
        """
        left = PROGRESS_PATHS - self.first_path - self.n_paths
        weights = None if self.unit is None else self._weigh(paths)
        counts = count_odds(judge(paths), self.groups, weights)
        self.met[:] += counts.met
        self.both[:] += counts.both
        for group, exactly in counts.number_met.items():
            self.number_met[group] += exactly
        single = paths.growth.reshape(-1, paths.n_paths)
        self.growth.add(single, 0, weights)
        self.growth.add(paths.cumulative[1:].reshape(-1, paths.n_paths), len(single), weights)
        if left > 0:
            kept = (paths.cut(slice(left)) if left < paths.n_paths else paths).progress
            self.progress.add(kept.reshape(-1, kept.shape[-1]), 0, None if weights is None else weights[:left])

    def _weigh(self, paths: Paths) -> Ints:
        """Turn weights into whole numbers, which add up to the same in any order."""
        heavy = np.ones(paths.n_paths) if paths.weight is None else paths.weight / (self.unit or 1.0)
        weights: Ints = np.rint(np.minimum(heavy, _HEAVIEST) * HEAVY).astype(np.int64)
        self.weighed[0] += paths.n_paths
        self.weighed[1] += ((weights >> 10) ** 2).sum()
        return weights

    def merge(self, other: Tally) -> None:
        """Add the counts of further paths of the same run.

        Parameters
        ----------
        other : Tally
        """
        self.weighed[:] += other.weighed
        self.met[:] += other.met
        self.both[:] += other.both
        self.growth.counts[:] += other.growth.counts
        if len(other.progress.counts):
            self.progress.counts[:] += other.progress.counts
        for group, counts in other.number_met.items():
            self.number_met[group] += counts


def open_tally(
    model: Model, scenario: Scenario, law: ScenarioLaw | None, first_path: int = 0, unit: float | None = None
) -> Tally:
    """Open an empty tally of a scenario, for the paths of a run from some number on.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    law : ScenarioLaw or None
        The scenario compiled; None for a mixture.
    first_path : int
        Number of the first path in its run.
    unit : float, optional
        Weight that counts as `HEAVY`, the same for all chunks of a run; None where paths are not weighted.

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
        growth=_open_growth(model, [law] if law else [each for each, _ in compile_parts(model, scenario)]),
        progress=_open_progress(model, first_path < PROGRESS_PATHS),
        unit=unit,
    )


def _open_growth(model: Model, laws: Sequence[ScenarioLaw]) -> Histogram:
    reduced = model.reduced
    quarters, series = model.law.path.shape
    reach = np.zeros(series)
    for law in laws:
        far = np.zeros(series)
        for shock in range(len(law.names)):
            far += np.abs(law.growth[shock, :, :quarters]).max(axis=(0, 1)) * find_largest_size(law, shock)
        reach = np.maximum(reach, far)
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


def estimate_error(met: NDArray[Any], paths: NDArray[Any] | float) -> Floats:
    """Estimate the Monte Carlo standard error of a counted probability.

    Parameters
    ----------
    met, paths : array
        Paths that count, of how many; effective ones where they are weighted.

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
    model, law = paths.model, compile_whole(paths.model, paths.scenario)
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
    unit = None if paths.weight is None else find_unit(paths.weight)
    pieces = ((replace(paths.cut(slice(start, start + BLOCK)), model=model), law, start, unit) for start in starts)
    tally = open_tally(model, paths.scenario, law, unit=unit)
    for part in do_pieces(count_paths, pieces, executor):
        tally.merge(part)
    return divide(tally, paths.seed)


def find_unit(weight: Floats) -> float:
    """Find the weight that counts as `HEAVY`: the heaviest of the first paths of a run."""
    return max(float(weight[:UNIT_PATHS].max()), 1e-300)


def count_paths(paths: Paths, law: ScenarioLaw | None, first_path: int, unit: float | None = None) -> Tally:
    """Count some paths of a run: a piece of work that any executor can do.

    Parameters
    ----------
    paths : Paths
    law : ScenarioLaw
        Their scenario compiled.
    first_path : int
        Number of the first of them in its run.
    unit : float, optional
        As for `open_tally`.

    Returns
    -------
    Tally
    """
    tally = open_tally(paths.model, paths.scenario, law, first_path, unit)
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
    total, levels = tally.total, np.array(QUANTILE_LEVELS)
    n_paths = tally.effective  # of which the errors are; the number of paths itself without published figures
    quarters, series = tally.model.law.path.shape
    at_least = {group: np.cumsum(counts[::-1])[::-1] for group, counts in tally.number_met.items()}
    misses = np.diag(total - tally.both)[:, None]
    hits = np.diag(tally.both)[None, :] - tally.both
    per = 1 if tally.unit is None else n_paths / total  # effective paths per weight
    with np.errstate(invalid="ignore"):
        if_missed = hits / misses
    blank = find_blanks(tally.model.plan, tally.model.delivery_law)
    none = np.full(tally.met.shape, np.nan)
    growth, density = tally.growth.find_quantiles(levels), tally.growth.find_density(levels)
    return Attainment(
        model=tally.model,
        scenario=tally.scenario,
        seed=seed,
        n_paths=tally.n_paths,
        n_points=0,
        met=np.where(blank, np.nan, tally.met / total),
        met_se=np.where(blank, np.nan, estimate_error(tally.met * per, n_paths)),
        plug_in=none,
        met_range=np.stack([none, none]),
        number_met={group: counts / total for group, counts in tally.number_met.items()},
        at_least_se={group: estimate_error(counts * per, n_paths) for group, counts in at_least.items()},
        at_least_range={},
        if_missed=if_missed,
        if_missed_se=np.where(misses > 0, estimate_error(hits * per, misses * per), np.nan),
        growth=growth.reshape(-1, series, len(levels)),
        growth_se=(np.sqrt(levels * (1 - levels) / n_paths) / density).reshape(-1, series, len(levels)),
        n_effective=None if tally.unit is None else tally.effective,
        progress=tally.progress.find_quantiles(levels).reshape(quarters, -1, len(levels)),
    )
