"""Thresholds: what each growth target asks of which figure, and whether a figure meets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Bools, Float, Floats, Ints
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, direct, list_readings
from sim.inputs.plan.targets import Growth
from sim.inputs.quarters import find_printed_step
from sim.model.reduced_form import Reduced

__all__ = [
    "Thresholds",
    "find_bound",
    "find_odds",
    "find_width",
    "measure_margins",
    "met",
    "place_thresholds",
    "reaches",
]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Thresholds:
    """What growth targets ask of the figures of a year, a row for each target and reading.

    Attributes
    ----------
    reading : array of int, shape (threshold,)
        Place among the plan's readings.
    target : array of int, shape (threshold,)
        Place among the judged targets.
    figure : array of int, shape (threshold,)
        Place among periods by series, flattened.
    sign : array, shape (threshold,)
        1 where the figure must be at least the value, -1 where at most.
    value : array, shape (threshold,)
        %.
    width : array, shape (threshold,)
        How far past the value a figure still counts, percentage points: infinity but for the ranges.
    """

    reading: Ints
    target: Ints
    figure: Ints
    sign: Floats
    value: Floats
    width: Floats

    def __post_init__(self) -> None:
        for array in (self.reading, self.target, self.figure, self.sign, self.value, self.width):
            array.setflags(write=False)

    def pick(self, rows: Ints | Bools) -> Thresholds:
        """Pick some of the thresholds.

        Parameters
        ----------
        rows : array of int, or of bool, shape (threshold,)

        Returns
        -------
        Thresholds
        """
        return Thresholds(
            reading=self.reading[rows],
            target=self.target[rows],
            figure=self.figure[rows],
            sign=self.sign[rows],
            value=self.value[rows],
            width=self.width[rows],
        )

    def pick_year(self, targets: Sequence[int]) -> Thresholds:
        """Pick what some targets ask of the year, as printed.

        Parameters
        ----------
        targets : sequence of int
            Places of growth targets among the judged ones.

        Returns
        -------
        Thresholds
            One for each of them, in this order.
        """
        printed = {int(self.target[row]): row for row in np.flatnonzero(self.reading == 0)}
        return self.pick(np.array([printed[target] for target in targets], np.int64))


def find_bound(plan: Plan, target: Growth, reading: str, tolerance: float | None = None) -> float:
    """Find the figure that a growth target asks for, at least or at most, in a reading.

    Parameters
    ----------
    plan : Plan
    target : Growth
    reading : str
        One of `READINGS`, or a quarter's name for the course of the year, which is read as printed.
    tolerance : float, optional
        In place of the target's, percentage points.

    Returns
    -------
    float
        %.

    Notes
    -----
    A published figure is rounded to one decimal, half up: at least 5.5 is printed from 5.45 on. Where last year's
    figure or the target has two decimals, so has the one to come.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> [round(find_bound(plan, plan.growth[0], reading), 2) for reading in READINGS]
    [5.45, 5.5, 5.25]
    """
    half = _find_step(plan, target) / 2
    within = target.tolerance if tolerance is None else tolerance
    room = {"stated": 0.0, "tolerance": within + half}
    sign = direct(plan, target)
    goal = target.value if sign > 0 or target.upper is None else target.upper
    return goal - sign * room.get(reading, half)


def _find_step(plan: Plan, target: Growth) -> float:
    """Find the step in which the figure of a target is printed, percentage points."""
    upper = target.value if target.upper is None else target.upper
    return find_printed_step(plan.find_indicator(target.indicator).baseline, target.value, upper)


def find_width(plan: Plan, target: Growth, reading: str) -> float:
    """Find how far past its bound a figure still meets a target in a reading, percentage points.

    Parameters
    ----------
    plan : Plan
    target : Growth
    reading : str
        As for `find_bound`.

    Returns
    -------
    float
        Infinity but for a range.
    """
    if target.upper is None:
        return np.inf
    return target.upper - target.value + (0.0 if reading == "stated" else _find_step(plan, target))


def place_thresholds(plan: Plan, reduced: Reduced, tolerances: Mapping[str, float] | None = None) -> Thresholds:
    """Place what the growth targets ask in every reading among the figures of a year.

    Parameters
    ----------
    plan : Plan
    reduced : Reduced
        Whose figures they are.
    tolerances : mapping of str to float, optional
        By target, in place of the plan's, percentage points.

    Returns
    -------
    Thresholds
        In the order of targets, then of readings.
    """
    tolerances = tolerances or {}
    quarters, series = reduced.law.path.shape
    ids = [indicator.id for indicator in plan.indicators]
    places, bounds = [], []
    for number, target in enumerate(plan.judged):
        if not isinstance(target, Growth):
            continue
        for place, reading in list_readings(plan, target):
            quarter = quarters - 1 if place < len(READINGS) else place - len(READINGS)
            figure = reduced.find_cumulative(quarter) * series + ids.index(target.indicator)
            places.append((place, number, figure))
            bound = find_bound(plan, target, reading, tolerances.get(target.id))
            bounds.append((direct(plan, target), bound, find_width(plan, target, reading)))
    readings, judged, figures = np.array(places, np.int64).reshape(-1, 3).T
    sign, value, width = np.array(bounds, np.float64).reshape(-1, 3).T
    return Thresholds(reading=readings, target=judged, figure=figures, sign=sign, value=value, width=width)


def reaches(figure: NDArray[Any], sign: NDArray[Any] | float, value: NDArray[Any] | float) -> Bools:
    """Say whether figures are on the right side of a value, or on it.

    Parameters
    ----------
    figure : array
        %.
    sign : array or float
        1 where more is better, -1 where less is; broadcasts against `figure`, as `value` does.
    value : array or float
        %.

    Returns
    -------
    array of bool, shape of `figure`

    Examples
    --------
    >>> reaches(np.array([5.4, 5.5, 5.6]), -1, 5.5).tolist()
    [True, True, False]
    """
    reached: Bools = sign * figure >= sign * value
    return reached


def met(thresholds: Thresholds, figures: Sequence[NDArray[Float]] | NDArray[Float]) -> Bools:
    """Say whether figures meet thresholds.

    Parameters
    ----------
    thresholds : Thresholds
    figures : sequence of array, shape (threshold, ...)
        The figure that each threshold asks, %; compared in its own precision.

    Returns
    -------
    array of bool, shape (threshold, ...)
    """
    rows = []
    asked = zip(figures, thresholds.sign, thresholds.value, thresholds.width, strict=True)
    for figure, sign, value, width in asked:
        kind = figure.dtype.type
        reached = reaches(figure, kind(sign), kind(value))
        rows.append(reached & reaches(figure, kind(-sign), kind(value + sign * width)) if width < np.inf else reached)
    return np.array(rows) if rows else np.empty(np.shape(figures), bool)


def measure_margins(thresholds: Thresholds, figures: NDArray[Float]) -> NDArray[Float]:
    """Measure how far figures are on the right side of thresholds.

    Parameters
    ----------
    thresholds : Thresholds
    figures : array, shape (threshold, ...)
        The figure that each threshold asks, %.

    Returns
    -------
    array, shape (threshold, ...)
        Percentage points, in the precision of `figures`; negative on the wrong side.
    """
    shape = (-1, *[1] * (figures.ndim - 1))
    sign, value = (each.astype(figures.dtype).reshape(shape) for each in (thresholds.sign, thresholds.value))
    margins: NDArray[Float] = sign * (figures - value)
    return margins


def find_odds(thresholds: Thresholds, below: Floats, below_end: Floats) -> Floats:
    """Find how likely thresholds are met, from the distribution functions of their figures.

    Parameters
    ----------
    thresholds : Thresholds
    below : array, shape (threshold, ...)
        Probability that each figure is below the threshold's value.
    below_end : array, shape (threshold, ...)
        Of the ranges: that it is below their other end; of the others it does not count.

    Returns
    -------
    array, shape (threshold, ...)
        Between 0 and 1.
    """
    sign = thresholds.sign.reshape(-1, *[1] * (below.ndim - 1))
    ranged = (thresholds.width < np.inf).reshape(sign.shape)
    odds = np.where(sign > 0, 1 - below, below)
    return np.clip(np.where(ranged, sign * (below_end - below), odds), 0, 1)
