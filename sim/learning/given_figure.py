"""The law of a year's outcome once growth since January is published: Bayes' rule within the cell of the figure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sim._typing import Floats
from sim.learning.predictive import Predictive

__all__ = ["GivenFigure", "YearCourse", "condition_on_figure", "relate_course"]

SHOCK_PROFILE = (1.0, 0.22, 0.17)
"""What a rare shock takes from growth in the quarter that it strikes and the next two: mean of 2020 and 2022."""


_CELLS = 3000


_NODES, _WEIGHTS = (np.asarray(each, dtype=np.float64) for each in np.polynomial.hermite_e.hermegauss(9))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class YearCourse:
    """How growth since January to the end of a quarter goes with that of the year.

    Attributes
    ----------
    slope : float
        Of the part's departure from its centre, on the year's.
    rest_sd : float
        What is left of the part's, percentage points.
    struck : array, shape (onset,)
        What a rare shock that takes one point from the year takes from the part, by the quarter in which it strikes.
    df : float
        Degrees of freedom of the rest.
    """

    slope: float
    rest_sd: float
    struck: Floats
    df: float


def relate_course(covariance: Floats, spread: float, shares: Floats, quarter: int, df: float = 5.0) -> YearCourse:
    """Relate growth since January to that of the year.

    Parameters
    ----------
    covariance : array, shape (period, period)
        Of cumulative figures without the trend's error, as `compute_course_covariance` gives it.
    spread : float
        Standard deviation of an ordinary year, percentage points.
    shares : array, shape (quarter,)
        Of the base year's level.
    quarter : int
        The last quarter of the part, counted from 0.
    df : float

    Returns
    -------
    YearCourse

    Notes
    -----
    The trend's error takes what the quarters leave of the year's variance, at least 0.3 squared of it, as in
    `sim.fit_calibration`; it moves all figures of a year alike.

    Examples
    --------
    >>> even = np.full(4, 0.25)
    >>> course = relate_course(np.zeros((4, 4)), 1.0, even, 1)
    >>> course.slope, course.rest_sd
    (1.0, 0.0)
    """
    year = covariance[-1, -1]
    trend = max(spread**2 - year, (0.3 * spread) ** 2)
    both, part = covariance[quarter, -1] + trend, covariance[quarter, quarter] + trend
    count = len(shares)
    hits = np.zeros((count, count))  # (onset, quarter)
    for onset in range(count):
        hits[onset, onset:] = (SHOCK_PROFILE + (0.0,) * count)[: count - onset]
    taken = np.cumsum(hits * shares, axis=1) / np.cumsum(shares)
    return YearCourse(
        slope=float(both / (year + trend)),
        rest_sd=float(np.sqrt(max(part - both**2 / (year + trend), 0.0))),
        struck=np.asarray(taken[:, quarter] / taken[:, -1]),
        df=df,
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GivenFigure:
    """The law of one outcome, as chances of narrow cells.

    Attributes
    ----------
    edges : array, shape (cell + 1,)
        %.
    below : array, shape (cell + 1,)
        Probability below each edge.
    probability : float
        Of the figure, before it was known.
    """

    edges: Floats
    below: Floats
    probability: float

    def cdf(self, x: ArrayLike) -> Floats:
        """Find the probability that the outcome is at most x.

        Parameters
        ----------
        x : array
            %.

        Returns
        -------
        array, shape of `x`
        """
        return np.asarray(np.interp(np.asarray(x, dtype=np.float64), self.edges, self.below), dtype=np.float64)


def condition_on_figure(law: Predictive, course: YearCourse, low: float, high: float) -> GivenFigure:
    """Condition the law of one outcome on growth since January lying in a cell.

    Parameters
    ----------
    law : Predictive
        Of one outcome.
    course : YearCourse
    low, high : float
        Ends of the cell, %; infinite ends leave the law as it is.

    Returns
    -------
    GivenFigure

    Notes
    -----
    The year's departure from its location is ordinary, or a rare shock and what is ordinary beside it. A shock strikes
    in any quarter alike and takes from the part what `SHOCK_PROFILE` makes of it, so that a deep first quarter tells
    of a shock, and a shock that is over by then of a better rest.

    Examples
    --------
    >>> one = np.ones(1)
    >>> year = {"common_sd": 0.5 * one, "shock_sd": one, "shock_probability": 0.1, "shock_size": -3.0}
    >>> law = Predictive(location=5 * one, scale=0.5 * one, df=4.0, **year)
    >>> course = relate_course(np.zeros((4, 4)), 1.0, np.full(4, 0.25), 1)
    >>> nothing = condition_on_figure(law, course, -np.inf, np.inf)
    >>> bool(abs(nothing.cdf(5.0) - law.cdf(5.0)[0]) < 1e-4)
    True
    """
    centre = float(law.location[0])
    reach = 12 * float(law.scale[0] + law.common_sd[0] + law.shock_sd[0]) + 2 * abs(law.shock_size)
    ends = [end for end in (low, high) if np.isfinite(end)]
    edges = np.linspace(min([centre - reach, *ends]) - 2, max([centre + reach, *ends]) + 2, _CELLS + 1)
    calm = replace(law, shock_probability=0.0)
    mass = (1 - law.shock_probability) * _weigh(calm, edges, course, low, high, 0.0, np.zeros(1))
    for node, weight in zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True):
        size = law.shock_size + float(law.shock_sd[0]) * float(node)
        struck = replace(calm, location=law.location + size, common_sd=np.zeros(1))
        mass += law.shock_probability * weight * _weigh(struck, edges, course, low, high, size, course.struck)
    total = np.concatenate([[0.0], np.cumsum(mass)])
    return GivenFigure(edges=edges, below=total / total[-1], probability=float(total[-1]))


def _weigh(
    law: Predictive, edges: Floats, course: YearCourse, low: float, high: float, size: float, struck: Floats
) -> Floats:
    """Weigh the cells of the year by how likely they are, and the figure given them; shape (cell,)."""
    away = (edges[:-1] + edges[1:]) / 2 - law.location[0]
    unstruck = float(law.location[0]) - size
    part = unstruck + course.slope * away + size * struck[:, None]  # (onset, cell)
    unit = max(course.rest_sd, 1e-6) * np.sqrt((course.df - 2) / course.df)
    inside = special.stdtr(course.df, (high - part) / unit) - special.stdtr(course.df, (low - part) / unit)
    return np.asarray(np.diff(law.cdf(edges[:, None])[:, 0]) * inside.mean(axis=0), dtype=np.float64)
