"""The law of motion of the indicators: its arrays, built from plan and calibration, and its exact moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim._typing import Floats
from sim.inputs.calibration import Calibration
from sim.inputs.plan.plan import Plan

__all__ = ["Law", "build_law", "compute_centre", "compute_moments", "compute_outlook_shift", "compute_spread_left"]


@dataclass(frozen=True)
class Law:
    """The law of motion in arrays; series are the plan's indicators in file order.

    Growth of a single quarter is `path[q] + trend + x[q]`, where the trend error is
    `trend_common f + trend_own e` (once a year, standard normal f and e), and the deviation follows
    `x[q] = persistence @ x[q-1] + sqrt(scale[q]) (innovation_common F[q] + innovation_own E[q])` from
    `x[-1] = momentum`; `scale[q]` is `degrees_of_freedom - 2` over a chi-square, so that innovations are Student t
    and their standard deviations are what the calibration calls them.

    Attributes
    ----------
    path : array, shape (quarter, series)
        Ordinary-year growth, %.
    shares : array, shape (quarter, series)
        Share of each quarter in the base year's level.
    momentum : array, shape (series,)
        Deviation in the quarter before the year, percentage points.
    persistence : array, shape (series, series)
        Diagonal: what is left of a deviation a quarter later; off it: spillovers.
    innovation_common, innovation_own, trend_common, trend_own : array, shape (series,)
        Percentage points per standard normal.
    degrees_of_freedom : float
        More than 2.
    """

    path: Floats
    shares: Floats
    momentum: Floats
    persistence: Floats
    innovation_common: Floats
    innovation_own: Floats
    trend_common: Floats
    trend_own: Floats
    degrees_of_freedom: float

    def __post_init__(self) -> None:
        for array in vars(self).values():
            if isinstance(array, np.ndarray):
                array.setflags(write=False)


def compute_outlook_shift(plan: Plan) -> float | None:
    """By how much the country's growth is expected to change, percentage points.

    Returns
    -------
    float or None
        Mean of the January forecasts for the plan's year minus the growth announced for the year before; None
        if the plan has not both.

    Examples
    --------
    >>> import sim
    >>> round(compute_outlook_shift(sim.read_plan("qingdao-2024")), 2)
    -0.65
    """
    forecasts = [row.value for row in plan.outlook if row.kind == "forecast" and row.year == plan.year]
    announced = [row.value for row in plan.outlook if row.kind == "announced" and row.year == plan.year - 1]
    if not forecasts or not announced:
        return None
    return float(np.mean(forecasts) - np.mean(announced))


def compute_centre(plan: Plan, calibration: Calibration) -> Floats:
    """Expected growth of each indicator in an ordinary year, %, shape (series,): the calibration's centres.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model(sim.read_plan("qingdao-2024"))
    >>> compute_centre(model.plan, model.calibration).shape
    (6,)
    """
    return np.array([calibration.indicators[indicator.id].centre.value for indicator in plan.indicators])


def build_law(plan: Plan, calibration: Calibration) -> Law:
    """The law of motion of a plan under a calibration.

    Notes
    -----
    Momentum and base effects shape the course of the year; the year as a whole has the calibration's centre, as
    that is what was fitted and scored.
    """
    ids = [indicator.id for indicator in plan.indicators]
    numbers = [calibration.indicators[name] for name in ids]
    quarters = [plan.quarters[name] for name in ids]
    shares = np.array([[row.share for row in rows] for rows in quarters]).T
    shares = shares / shares.sum(axis=0)
    base_effect = np.array([[row.base_effect for row in rows] for rows in quarters]).T
    momentum = np.array([indicator.momentum for indicator in plan.indicators])

    innovation_sd = np.array([each.innovation_sd.value for each in numbers])
    innovation_common = np.array([each.innovation_common.value for each in numbers])
    trend_sd = np.array([each.trend_sd.value for each in numbers])
    trend_common = np.array([each.trend_common.value for each in numbers]) * trend_sd

    persistence = np.diag([each.persistence.value for each in numbers])
    for spillover in calibration.spillovers:
        persistence[ids.index(spillover.reaches), ids.index(spillover.origin)] = spillover.value
    course, carried = base_effect.copy(), momentum
    for quarter in range(len(course)):
        carried = persistence @ carried
        course[quarter] += carried
    return Law(
        path=compute_centre(plan, calibration) + base_effect - (shares * course).sum(axis=0),
        shares=shares,
        momentum=momentum,
        persistence=persistence,
        innovation_common=innovation_sd * innovation_common,
        innovation_own=innovation_sd * np.sqrt(1 - innovation_common**2),
        trend_common=trend_common,
        trend_own=np.sqrt(trend_sd**2 - trend_common**2),
        degrees_of_freedom=calibration.degrees_of_freedom.value,
    )


def compute_moments(law: Law) -> tuple[Floats, Floats]:
    """Exact mean and covariance of growth of single quarters, without shocks.

    Returns
    -------
    mean : array, shape (quarter, series)
        %.
    covariance : array, shape (quarter, series, quarter, series)
        Squared percentage points.

    Notes
    -----
    From the moving-average form x[q] = A^(q+1) momentum + sum(A^(q-p) u[p], p <= q), with
    Var u = c c' + diag(o^2), as the heavy-tail scale has mean one.
    """
    quarters, series = law.path.shape
    powers = [np.eye(series)]
    for _ in range(quarters):
        powers.append(law.persistence @ powers[-1])
    news = np.outer(law.innovation_common, law.innovation_common) + np.diag(law.innovation_own**2)
    trend = np.outer(law.trend_common, law.trend_common) + np.diag(law.trend_own**2)
    mean = law.path + np.array([powers[q + 1] @ law.momentum for q in range(quarters)])
    covariance = np.empty((quarters, series, quarters, series))
    for first in range(quarters):
        for second in range(quarters):
            shared = sum(powers[first - p] @ news @ powers[second - p].T for p in range(min(first, second) + 1))
            covariance[first, :, second, :] = trend + shared
    return mean, covariance


def compute_spread_left(law: Law) -> Floats:
    """Standard deviation of the year's figure that is left once so many quarters are published.

    Returns
    -------
    array, shape (quarter, series)
        Percentage points; row q is for q quarters known, the first for none.

    Notes
    -----
    Of a normal law with the exact covariance: what each indicator's own quarters leave of its year. Without shocks
    and without rounding of what is published.

    Examples
    --------
    >>> import sim
    >>> spread = compute_spread_left(sim.load_model(sim.read_plan("qingdao-2024")).law)
    >>> bool((spread[1:] < spread[:-1]).all())
    True
    """
    _, covariance = compute_moments(law)
    quarters, series = law.path.shape
    left = np.empty((quarters, series))
    for number in range(series):
        own = covariance[:, number, :, number]
        weights = law.shares[:, number]
        for known in range(quarters):
            first, rest = own[:known, :known], own[known:, :known]
            ahead = own[known:, known:] - rest @ np.linalg.pinv(first) @ rest.T
            left[known, number] = np.sqrt(weights[known:] @ ahead @ weights[known:])
    return left
