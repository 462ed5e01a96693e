"""Counting: whole numbers gathered from blocks of paths, so that no order of adding can change them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.macro import compute_moments
from sim.model import Model
from sim.paths import Paths
from sim.plan import Plan, Target
from sim.quarters import PRINTED_STEP, Float, accumulate, name_cumulative
from sim.scenario import Scenario

__all__ = ["READINGS", "Histogram", "Tally", "direct", "name_readings", "open_tally"]

READINGS = ("stated", "printed", "tolerance")
"""As stated; after printing to one decimal; within the tolerance."""
BINS = 4096
_REACH = 14.0  # standard deviations that a histogram covers on either side of the mean, before shocks


def direct(plan: Plan, target: Target) -> int:
    """+1 where more is better, -1 where less is."""
    if target.criterion == "about":
        return 1 if plan.find_indicator(target.indicator).better == "higher" else -1
    return 1 if target.criterion == "at_least" else -1


def name_readings(plan: Plan) -> tuple[str, ...]:
    """Names of all readings: three of the year, then the cumulative figure as stated at each earlier quarter."""
    count = len(plan.quarter_names)
    return (*READINGS, *(name_cumulative(quarter, count) for quarter in range(count - 1)))


def _find_thresholds(plan: Plan) -> NDArray[np.float64]:
    """Least cumulative growth (times direction) that meets each target, shape (reading, target)."""
    rows = []
    for target in plan.targets:
        sign = direct(plan, target)
        stated = sign * target.value
        readings = [stated, stated - PRINTED_STEP / 2, stated - target.tolerance]
        rows.append(readings + [stated] * (len(plan.quarter_names) - 1))
    return np.array(rows).T


@dataclass
class Histogram:
    """Counts of many series on fine grids of their own.

    Attributes
    ----------
    low, width : array, shape (series,)
        Lower end and bin width of each series' grid, %.
    counts : array, shape (series, BINS)
    """

    low: NDArray[np.float64]
    width: NDArray[np.float64]
    counts: NDArray[np.int64]

    def add(self, values: NDArray[np.float32]) -> None:
        """Count values of shape (series, path); those beyond a grid's end go into its last bin."""
        low, scale = self.low.astype(np.float32), (1 / self.width).astype(np.float32)
        for row, series in enumerate(values):
            position = (series - low[row]) * scale[row]
            np.clip(position, 0, BINS - 1, out=position)
            self.counts[row] += np.bincount(position.astype(np.int64), minlength=BINS)

    def find_quantiles(self, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Quantiles, shape (series, level), interpolated within a bin; off by less than a bin's width."""
        found = np.empty((len(self.counts), len(levels)))
        for row, counts in enumerate(self.counts):
            cumulative = np.concatenate([[0], np.cumsum(counts)])
            wanted = levels * cumulative[-1]
            bins = np.clip(np.searchsorted(cumulative, wanted, side="left") - 1, 0, BINS - 1)
            inside = (wanted - cumulative[bins]) / np.maximum(counts[bins], 1)
            found[row] = self.low[row] + (bins + inside) * self.width[row]
        return found


@dataclass
class Tally:
    """What has been counted of a scenario.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    n_paths : int
    met : array of int, shape (reading, target)
        Paths that meet each target in each reading.
    both : array of int, shape (target, target)
        Paths that meet both, as stated.
    number_met : dict of str to array of int
        By group: paths that meet exactly 0, 1, 2, ... of its targets, as stated.
    histogram : Histogram
        Of single quarters, then of cumulative growth from the second quarter on; one row a quarter and series.
    """

    model: Model
    scenario: Scenario
    n_paths: int
    met: NDArray[np.int64]
    both: NDArray[np.int64]
    number_met: dict[str, NDArray[np.int64]]
    histogram: Histogram

    def add(self, paths: Paths) -> None:
        """Count more paths of the same model and scenario."""
        plan = self.model.plan
        cumulative = paths.cumulative
        ids = [indicator.id for indicator in plan.indicators]
        stated = np.empty((len(plan.targets), paths.n_paths), bool)
        thresholds = _find_thresholds(plan).astype(np.float32)
        for number, target in enumerate(plan.targets):
            figures = np.float32(direct(plan, target)) * cumulative[:, ids.index(target.indicator)]
            stated[number] = figures[-1] >= thresholds[0, number]
            self.met[0, number] += np.count_nonzero(stated[number])
            for reading in range(1, len(READINGS)):
                self.met[reading, number] += np.count_nonzero(figures[-1] >= thresholds[reading, number])
            for quarter in range(len(figures) - 1):
                reading = len(READINGS) + quarter
                self.met[reading, number] += np.count_nonzero(figures[quarter] >= thresholds[reading, number])
        counted = stated.astype(np.float32)
        self.both += (counted @ counted.T).astype(np.int64)  # sums of ones are exact in single precision below 2^24
        for group, members in _list_groups(plan).items():
            number_met = stated[members].sum(axis=0)
            self.number_met[group] += np.bincount(number_met, minlength=len(members) + 1)
        self.histogram.add(_stack(paths.growth, cumulative))
        self.n_paths += paths.n_paths


def _list_groups(plan: Plan) -> dict[str, list[int]]:
    """Places of the targets of each group whose joint odds are reported: the headline."""
    members = [number for number, target in enumerate(plan.targets) if target.headline == "yes"]
    return {"headline": members} if members else {}


def open_tally(model: Model, scenario: Scenario) -> Tally:
    """An empty tally of a scenario.

    The grids of its histogram come from the exact moments of the model and the reach of the shocks, never from
    the draws: so chunks of a run count on the same grid.
    """
    plan = model.plan
    quarters, series = model.law.path.shape
    readings, targets = len(name_readings(plan)), len(plan.targets)
    mean, covariance = compute_moments(model.law)
    sd = np.sqrt(np.einsum("qiqi->qi", covariance))
    reach = np.zeros(series)
    for shock in scenario.shocks.values():
        extreme = np.abs(shock.size.quantile(np.array([0.001, 0.999]))).max()
        strongest = max(abs(value) for value in shock.profile.follow(quarters))
        loadings = np.array([shock.loadings.get(indicator.id, 0.0) for indicator in plan.indicators])
        reach += np.abs(loadings) * extreme * strongest
    half = _REACH * sd + reach
    low = _stack(mean - half, accumulate(mean - half, model.law.shares))
    width = _stack(half, accumulate(half, model.law.shares)) * 2 / BINS
    return Tally(
        model,
        scenario,
        0,
        np.zeros((readings, targets), np.int64),
        np.zeros((targets, targets), np.int64),
        {group: np.zeros(len(members) + 1, np.int64) for group, members in _list_groups(plan).items()},
        Histogram(low, width, np.zeros((len(low), BINS), np.int64)),
    )


def _stack(single: NDArray[Float], cumulative: NDArray[Float]) -> NDArray[Float]:
    """Single quarters above cumulative growth from the second quarter on, shape (row, ...)."""
    rows = np.concatenate([single, cumulative[1:]])
    return rows.reshape(-1, *single.shape[2:])
