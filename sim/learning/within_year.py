"""How a year's spread comes about quarter by quarter: persistence, news and what is a quarter's own, fitted together.

Growth of a quarter departs from its ordinary path by `trend + x[q] + quarter_sd V[q]`, with
`x[q] = persistence x[q-1] + innovation_sd e[q]`. What the quarters bring to the year, and how much of that lasts, is
read off published figures from a year's start to a quarter's end. Between such figures of one year the path's level and
the trend cancel; what came before the year is not known, so that x starts from its stationary law.

The year's spread is the annual law's. The fit divides it: a share that the quarters bring, of which a share does not
last. Both shares are believed to be anywhere between 0 and 1, half of what is not known of them being common to all
indicators (of the first no more than 0.91, so that 0.3 of the spread is left to the trend).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from sim._typing import Floats
from sim.inputs.within_year import CourseFigure, SpreadLeft, WithinYearPrior

__all__ = ["Dynamics", "compute_course_covariance", "compute_spread_left", "fit_within_year"]

PERIODS = ("Q1", "H1", "Q1-Q3", "FY")
"""Cumulative periods of a year, by their last quarter."""


LARGEST_SHARE = 0.91
"""Of the year's variance that the quarters may bring: the trend keeps 0.3 of the spread."""


_WIDE = 1.5
"""Standard deviation of the logit of a share: with it, any value is about as likely as any other."""


_COMMON = 0.5
"""Share of what is not known of the two shares that is common to all indicators."""


_PRINTED = 0.1**2 / 12
"""Variance that rounding to 0.1 adds to a published figure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dynamics:
    """How an indicator moves within the year.

    Attributes
    ----------
    persistence, innovation_sd, quarter_sd : tuple of float
        Value and Laplace standard deviation; the last two in percentage points.
    spread_left : float
        Standard deviation of the year minus its first half, percentage points.
    years, differences : int
        Years of places that it was fitted on, and differences between figures of one year.
    """

    persistence: tuple[float, float]
    innovation_sd: tuple[float, float]
    quarter_sd: tuple[float, float]
    spread_left: float
    years: int
    differences: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Courses:
    """Years of places of which the same periods are known: differences from the first of these.

    Attributes
    ----------
    contrast : array, shape (difference, period)
        How a difference is made of the four cumulative figures.
    differences : array, shape (difference, year)
    """

    contrast: Floats
    differences: Floats


def _weigh_quarters(shares: Floats) -> Floats:
    """Weigh the single quarters in each cumulative figure, shape (period, quarter)."""
    weights = np.tril(np.broadcast_to(shares, (len(shares), len(shares))))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def compute_course_covariance(shares: Floats, persistence: float, innovation_sd: float, quarter_sd: float) -> Floats:
    """Compute the covariance of a year's cumulative figures, the trend left out and what came before unknown.

    Parameters
    ----------
    shares : array, shape (quarter,)
        Of the base year's level.
    persistence : float
        Within -1 and 1.
    innovation_sd, quarter_sd : float
        Percentage points.

    Returns
    -------
    array, shape (period, period)
        Squared percentage points.

    Examples
    --------
    >>> compute_course_covariance(np.full(2, 0.5), 0.0, 3.0, 4.0).tolist()
    [[25.0, 12.5], [12.5, 12.5]]
    """
    apart = np.abs(np.subtract.outer(np.arange(len(shares)), np.arange(len(shares))))
    lasting = innovation_sd**2 / (1 - persistence**2) * persistence ** apart.astype(np.float64)
    weights = _weigh_quarters(shares)
    return np.asarray(weights @ (lasting + quarter_sd**2 * np.eye(len(shares))) @ weights.T)


def compute_spread_left(covariance: Floats) -> float:
    """Compute the standard deviation of the year minus its first half from the covariance of a year's figures."""
    half, year = 1, 3
    return float(np.sqrt(covariance[half, half] + covariance[year, year] - 2 * covariance[half, year]))


def _divide_spread(shares: Floats, spread: float, at: Floats) -> tuple[float, float, float]:
    """Turn what the quarters bring, how much of it does not last, and persistence into the three numbers."""
    brought, own, persistence = LARGEST_SHARE * scipy.special.expit(at[0]), scipy.special.expit(at[1]), float(at[2])
    weights = shares / shares.sum()
    carried = np.array([weights[q:] @ persistence ** np.arange(len(weights) - q) for q in range(len(weights))])
    innovation_sd = spread * np.sqrt(brought * (1 - own) / (carried**2).sum())
    return persistence, float(innovation_sd), float(spread * np.sqrt(brought * own / (weights**2).sum()))


def _gather_courses(figures: Sequence[CourseFigure], indicator: str, left_out: Sequence[int]) -> list[_Courses]:
    """Gather the years of an indicator with at least two figures, by the periods that are known."""
    years: dict[tuple[str, int], dict[int, float]] = {}
    for row in figures:
        if row.indicator == indicator and row.year not in left_out:
            years.setdefault((row.region, row.year), {})[PERIODS.index(row.period)] = row.growth
    found: dict[tuple[int, ...], list[list[float]]] = {}
    for key in sorted(years):
        periods = tuple(sorted(years[key]))
        found.setdefault(periods, []).append([years[key][period] for period in periods])
    courses = []
    for periods, growth in sorted(found.items()):
        if len(periods) > 1:
            contrast = np.eye(len(PERIODS))[list(periods[1:])] - np.eye(len(PERIODS))[periods[0]]
            columns = np.array(growth).T  # (period, year)
            courses.append(_Courses(contrast=contrast, differences=columns[1:] - columns[0]))
    return courses


def _find_negative_log_likelihood(courses: Sequence[_Courses], covariance: Floats, df: float) -> float:
    """Minus the log likelihood of the differences: Student t with the covariance given, in each year of each place."""
    total = 0.0
    for course in courses:
        spread = course.contrast @ (covariance + _PRINTED * np.eye(len(PERIODS))) @ course.contrast.T
        size, years = course.differences.shape
        far = (course.differences * np.linalg.solve(spread, course.differences)).sum(axis=0) / (df - 2)
        each = (
            scipy.special.gammaln(df / 2) - scipy.special.gammaln((df + size) / 2) + size / 2 * np.log((df - 2) * np.pi)
        )
        total += years * (each + 0.5 * np.linalg.slogdet(spread)[1]) + (df + size) / 2 * np.log1p(far).sum()
    return float(total)


def _miss_others(spread_left: float, others: SpreadLeft | None) -> float:
    """Minus the log of what other places let expect of the spread that is left."""
    if others is None:
        return 0.0
    wide = np.hypot(others.between, 1 / np.sqrt(2 * (others.n - 1)))
    return float(0.5 * (np.log(spread_left / others.sd) / wide) ** 2)


def fit_within_year(
    figures: Sequence[CourseFigure],
    shares: Mapping[str, Floats],
    spreads: Mapping[str, float],
    prior: WithinYearPrior,
    degrees_of_freedom: float = 5.0,
) -> dict[str, Dynamics]:
    """Fit persistence, news and what is a quarter's own, of all indicators together.

    Parameters
    ----------
    figures : sequence of CourseFigure
        Of earlier years and of any places.
    shares : mapping of str to array, shape (quarter,)
        Each quarter's share of the base year's level, by indicator.
    spreads : mapping of str to float
        Spread of ordinary years by the annual law, percentage points.
    prior : WithinYearPrior
    degrees_of_freedom : float
        Of the heavy-tail scale.

    Returns
    -------
    dict of str to Dynamics
        By indicator, at the posterior mode.

    Examples
    --------
    >>> from sim.inputs.within_year import read_course_figures, read_within_year_prior
    >>> quarters = {"gdp": np.array([0.22, 0.25, 0.27, 0.26])}
    >>> found = fit_within_year(read_course_figures(), quarters, {"gdp": 0.88}, read_within_year_prior())["gdp"]
    >>> 0.45 < found.spread_left < 1
    True
    """
    names = list(shares)
    courses = {name: _gather_courses(figures, name, prior.extraordinary) for name in names}
    means = np.array([prior.persistence[name].mean for name in names])
    spread_of = np.array([prior.persistence[name].sd for name in names])

    def place(at: Floats) -> Floats:  # standard normals, two common ones first, to logits and persistence
        own = at[2:].reshape(len(names), 3)
        logits = _WIDE * (np.sqrt(_COMMON) * at[:2] + np.sqrt(1 - _COMMON) * own[:, :2])
        persistence = np.clip(means + spread_of * own[:, 2], -0.98, 0.98)
        return np.column_stack([logits, persistence])

    def fall(at: Floats) -> float:
        total = 0.5 * float(at @ at)
        for name, each in zip(names, place(at), strict=True):
            covariance = compute_course_covariance(shares[name], *_divide_spread(shares[name], spreads[name], each))
            total += _find_negative_log_likelihood(courses[name], covariance, degrees_of_freedom)
            total += _miss_others(compute_spread_left(covariance), prior.spread_left.get(name))
        return total

    def turn(at: Floats) -> Floats:
        found = [_divide_spread(shares[name], spreads[name], each) for name, each in zip(names, place(at), strict=True)]
        return np.array(found).ravel()

    at, covariance = _descend(fall, 2 + 3 * len(names))
    slope = np.asarray(scipy.differentiate.jacobian(_each(turn), at, initial_step=0.05, order=2, maxiter=1).df)
    wide = np.sqrt(np.einsum("ij,jk,ik->i", slope, covariance, slope))
    found = zip(turn(at).reshape(-1, 3), wide.reshape(-1, 3), strict=True)
    return {name: _describe(courses[name], shares[name], *each) for name, each in zip(names, found, strict=True)}


def _descend(fall: Callable[[Floats], float], size: int) -> tuple[Floats, Floats]:
    """Find the mode and its Laplace covariance, never wider in any direction than the prior.

    Newton steps after the search settle the last digits.
    """
    at = np.asarray(scipy.optimize.minimize(fall, np.zeros(size), method="BFGS").x)
    curvature = scipy.differentiate.hessian(_each(fall), at, initial_step=0.1, order=2, maxiter=1).ddf
    values, vectors = np.linalg.eigh(np.asarray(curvature))
    covariance = np.asarray((vectors / np.maximum(values, 1.0)) @ vectors.T)
    for _ in range(3):
        slope = scipy.differentiate.jacobian(_each(fall), at, initial_step=0.05, order=4, maxiter=1).df
        at = at - covariance @ np.asarray(slope)
    return at, covariance


def _each(one: Callable[[Floats], float | Floats]) -> Callable[[Floats], Floats]:
    """Apply a function of one point to each of many, the point's coordinates first."""
    return lambda points: np.apply_along_axis(one, 0, points)


def _describe(courses: Sequence[_Courses], shares: Floats, value: Floats, sd: Floats) -> Dynamics:
    persistence, innovation_sd, quarter_sd = ((float(one), float(other)) for one, other in zip(value, sd, strict=True))
    return Dynamics(
        persistence=persistence,
        innovation_sd=innovation_sd,
        quarter_sd=quarter_sd,
        spread_left=compute_spread_left(compute_course_covariance(shares, *value)),
        years=sum(course.differences.shape[1] for course in courses),
        differences=sum(course.differences.size for course in courses),
    )
