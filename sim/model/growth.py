"""The law of motion of growth: its arrays, built from plan and calibration, and its exact moments.

The equations stand in `docs/model.md`, sections 3 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from sim._typing import Floats
from sim.inputs.calibration import Calibration
from sim.inputs.indicator_numbers import IndicatorNumbers
from sim.inputs.plan.past import recall_outlook
from sim.inputs.plan.plan import Plan
from sim.model.products import multiply
from sim.model.values import Values, stack, take_values

__all__ = [
    "Law",
    "build_law",
    "compute_centre",
    "compute_moments",
    "compute_outlook_shift",
    "compute_spread_left",
    "lift",
]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Law:
    """The law of motion in arrays; series are the plan's indicators in file order.

    Growth of a single quarter is `path[q] + trend + x[q]`. The trend error `trend_common f + trend_own e` is drawn
    once a year; the deviation follows
    `x[q] = persistence @ x[q-1] + r[q] (innovation_common F[q] + innovation_own E[q])` from `x[-1] = momentum`; beside
    it a quarter has `r[q] quarter_own V[q]`, which does not last. The letters f, e, F, E and V are standard normal; the
    square of r[q] is `degrees_of_freedom - 2` over a chi-square, so news is Student t with the standard deviations that
    the calibration gives. Where the calibration's numbers are drawn, every array has one axis more, a calibration a
    sample.

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
    innovation_common, innovation_own, quarter_own, trend_common, trend_own : array, shape (series,)
        Percentage points per standard normal.
    degrees_of_freedom : array, shape ()
        More than 2.
    has_spillovers : bool
        Whether one indicator's own news reaches another; found from the others, once: of many calibrations of many
        indicators the matrix is large.
    """

    AXES: ClassVar[dict[str, int]] = {
        **dict.fromkeys(("path", "shares", "persistence"), 2),
        **dict.fromkeys(("momentum", "innovation_common", "innovation_own", "quarter_own"), 1),
        **dict.fromkeys(("trend_common", "trend_own"), 1),
        "degrees_of_freedom": 0,
    }
    """Axes of each array, but for that of samples."""

    path: Floats
    shares: Floats
    momentum: Floats
    persistence: Floats
    innovation_common: Floats
    innovation_own: Floats
    quarter_own: Floats
    trend_common: Floats
    trend_own: Floats
    degrees_of_freedom: Floats
    has_spillovers: bool = field(init=False)

    def __post_init__(self) -> None:
        for name in self.AXES:
            array = getattr(self, name)
            if isinstance(array, np.ndarray):
                array.setflags(write=False)
        rows = list(enumerate(np.asarray(self.persistence)))
        spilling = any(row[:place].any() or row[place + 1 :].any() for place, row in rows)
        object.__setattr__(self, "has_spillovers", spilling)

    @property
    def is_drawn(self) -> bool:
        """Whether the arrays have an axis of samples."""
        return self.innovation_own.ndim > 1 or np.ndim(self.degrees_of_freedom) > 0


def lift(law: Law) -> Law:
    """Give the arrays of a law the axis of samples, with one of them."""
    lifted: dict[str, Any] = {name: np.asarray(getattr(law, name))[..., None] for name in law.AXES}
    return replace(law, **lifted)


def compute_outlook_shift(plan: Plan) -> float | None:
    """Compute by how much the country's growth is expected to change from last year to the plan's.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    float or None
        Percentage points: mean of the January forecasts for the plan's year minus the growth announced for the year
        before. None if the plan lacks either.

    Examples
    --------
    >>> import sim
    >>> round(compute_outlook_shift(sim.read_plan("qingdao-2024")), 2)
    -0.65
    """
    outlook, before = recall_outlook(plan), plan.year - 1
    if plan.year not in outlook.forecast or before not in outlook.national:
        return None
    return outlook.forecast[plan.year] - outlook.national[before]


def compute_centre(plan: Plan, calibration: Calibration) -> Floats:
    """Gather the calibration's centres: expected growth of each indicator in an ordinary year.

    Parameters
    ----------
    plan : Plan
    calibration : Calibration

    Returns
    -------
    array, shape (series,)
        %.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model(sim.read_plan("qingdao-2024"))
    >>> compute_centre(model.plan, model.calibration).shape
    (6,)
    """
    return np.array([calibration.indicators[indicator.id].centre.value for indicator in plan.indicators])


def build_law(plan: Plan, calibration: Calibration, values: Values | None = None) -> Law:
    """Build the law of motion of a plan under a calibration.

    Parameters
    ----------
    plan : Plan
    calibration : Calibration
    values : mapping of str to array, optional
        Of the calibration's numbers; None means as they stand. With shape (sample,), so have the law's arrays.

    Returns
    -------
    Law

    See Also
    --------
    compute_moments : Its mean and covariance.
    sim.model.reduced_form.reduce_law : Every figure of the year as a sum of independent pieces.

    Notes
    -----
    Momentum and base effects shape the course of the year but do not move the year: its mean is the calibration's
    centre, because that is what was fitted and scored. Momentum is how far last year's last quarter stood above this
    year's ordinary growth.
    """
    values = take_values(calibration) if values is None else values
    ids = [indicator.id for indicator in plan.indicators]
    taken = [stack(values, [f"indicators/{name}/{field}" for name in ids]) for field in IndicatorNumbers.model_fields]
    spills = [values[f"spillovers/{place}"] for place in range(len(calibration.spillovers))]
    tail = np.broadcast_shapes(*(each.shape[1:] for each in taken), *(each.shape for each in spills))
    centre, trend_sd, trend_common, innovation_sd, innovation_common, kept, quarter_sd = (  # as they are declared
        np.broadcast_to(each if each.ndim > 1 else _lift(each, tail), (len(ids), *tail)) for each in taken
    )
    persistence = np.zeros((len(ids), len(ids), *tail))
    persistence[np.arange(len(ids)), np.arange(len(ids))] = kept
    for spillover, spilt in zip(calibration.spillovers, spills, strict=True):
        persistence[ids.index(spillover.reaches), ids.index(spillover.origin)] = spilt
    shares, base_effect = (_lift(each, tail) for each in _read_year(plan))
    started = np.array([indicator.baseline + indicator.momentum for indicator in plan.indicators])
    momentum = _lift(started, tail) - centre
    course, carried = np.broadcast_to(base_effect, (len(shares), *centre.shape)).copy(), momentum
    for quarter in range(len(course)):
        carried = np.einsum("ij...,j...->i...", persistence, carried)
        course[quarter] += carried
    return Law(
        path=centre + base_effect - (shares * course).sum(axis=0),
        shares=shares,
        momentum=momentum,
        persistence=persistence,
        innovation_common=innovation_sd * innovation_common,
        innovation_own=innovation_sd * np.sqrt(1 - innovation_common**2),
        quarter_own=quarter_sd.copy(),
        trend_common=trend_common * trend_sd,
        trend_own=trend_sd * np.sqrt(1 - trend_common**2),
        degrees_of_freedom=values["degrees_of_freedom"],
    )


def _read_year(plan: Plan) -> tuple[Floats, Floats]:
    """Shares of the quarters, which sum to one, and base effects, both of shape (quarter, series)."""
    rows = [plan.quarters[indicator.id] for indicator in plan.indicators]
    shares = np.array([[row.share for row in each] for each in rows]).T
    return shares / shares.sum(axis=0), np.array([[row.base_effect for row in each] for each in rows]).T


def _lift(array: Floats, tail: tuple[int, ...]) -> Floats:
    """Give an array one axis more where the numbers have one."""
    return array.reshape(*array.shape, *(1 for _ in tail))


def compute_moments(law: Law) -> tuple[Floats, Floats]:
    """Compute the exact mean and covariance of growth of single quarters, without shocks.

    Parameters
    ----------
    law : Law

    Returns
    -------
    mean : array, shape (quarter, series)
        %.
    covariance : array, shape (quarter, series, quarter, series)
        Squared percentage points.

    Notes
    -----
    From the moving-average form x[q] = A^(q+1) momentum + sum(A^(q-p) u[p], p <= q), where
    Var u = c c' + diag(o^2) because the heavy-tail scale has mean one.
    """
    quarters, series = law.path.shape
    powers = [np.eye(series)]
    for _ in range(quarters):
        powers.append(multiply(law.persistence, powers[-1]))
    news = np.outer(law.innovation_common, law.innovation_common) + np.diag(law.innovation_own**2)
    trend = np.outer(law.trend_common, law.trend_common) + np.diag(law.trend_own**2)
    mean = law.path + np.array([multiply(powers[q + 1], law.momentum) for q in range(quarters)])
    covariance = np.empty((quarters, series, quarters, series))
    for first in range(quarters):
        for second in range(quarters):
            shared = sum(
                multiply(multiply(powers[first - p], news), powers[second - p].T) for p in range(min(first, second) + 1)
            )
            covariance[first, :, second, :] = trend + shared + (np.diag(law.quarter_own**2) if first == second else 0)
    return mean, covariance


def compute_spread_left(law: Law) -> Floats:
    """Compute the standard deviation of the year's figure that is left once quarters are published.

    Parameters
    ----------
    law : Law

    Returns
    -------
    array, shape (quarter, series)
        Percentage points. Row q is for q quarters known: the first is the spread in January.

    Notes
    -----
    Conditional standard deviation of a normal law with the exact covariance, given each indicator's own quarters;
    shocks and the rounding of published figures are left out.

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
