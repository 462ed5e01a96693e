"""Proper scores, coverage, calibration in bins, and standard errors clustered by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Ints
from sim.model.thresholds import reaches

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["average", "bin_reliability", "find_covered", "judge_outcome", "measure_tilt", "score_brier", "score_log"]


def judge_outcome(outcome: Floats, target: Floats, at_most: NDArray[np.bool_]) -> Floats:
    """Judge whether each target was met.

    Parameters
    ----------
    outcome, target : array
        %.
    at_most : array of bool
        Where the target is met by staying at or below it.

    Returns
    -------
    array
        1 where it was met, 0 where not, NaN where the outcome is unknown.

    Examples
    --------
    >>> judge_outcome(np.array([5.5, 3.0]), np.array([5.5, 3.5]), np.array([False, True])).tolist()
    [1.0, 1.0]
    """
    met = reaches(outcome, np.where(at_most, -1.0, 1.0), target)
    return np.where(np.isnan(outcome), np.nan, met.astype(np.float64))


def score_brier(probability: Floats, met: Floats) -> Floats:
    """Score probabilities by the Brier score, (p - met)^2; the smaller the better.

    Parameters
    ----------
    probability, met : array

    Returns
    -------
    array

    Examples
    --------
    >>> score_brier(np.array([0.5, 0.9]), np.array([1.0, 0.0])).tolist()
    [0.25, 0.81]
    """
    return np.asarray((probability - met) ** 2, dtype=np.float64)


def score_log(probability: Floats, met: Floats) -> Floats:
    """Score probabilities by minus the log of what was given to what happened; the smaller the better.

    Parameters
    ----------
    probability, met : array

    Returns
    -------
    array
        Infinite where what happened had probability 0; NaN where it is unknown.
    """
    given = np.where(met > 0.5, probability, 1 - probability)
    with np.errstate(divide="ignore"):
        return np.where(np.isnan(met), np.nan, -np.log(given))


def find_covered(pit: Floats, level: float) -> Floats:
    """Find which outcomes lie in the central interval of a level.

    Parameters
    ----------
    pit : array
        Probability integral transform: the law's P(X <= outcome).
    level : float
        Between 0 and 1.

    Returns
    -------
    array
        1 inside, 0 outside, NaN where the outcome is unknown.
    """
    inside = (np.abs(pit - 0.5) <= level / 2).astype(np.float64)
    return np.where(np.isnan(pit), np.nan, inside)


def average(values: Floats, year: Ints) -> tuple[float, float]:
    """Average the known values, with a standard error clustered by year.

    Parameters
    ----------
    values : array
        NaN where unknown.
    year : array of int

    Returns
    -------
    mean, error : float
        The error is NaN with a single year.

    Notes
    -----
    sqrt(G / (G - 1) sum_g (sum_{i in g} (x_i - mean))^2) / n: the errors of one year are one piece of evidence.

    Examples
    --------
    >>> average(np.array([1.0, 1.0, 0.0, 0.0]), np.array([1, 1, 2, 2]))
    (0.5, 0.5)
    """
    keep = ~np.isnan(values)
    kept, cluster = values[keep], year[keep]
    if not len(kept):
        return np.nan, np.nan
    mean = float(kept.mean())
    clusters = np.unique(cluster)
    if len(clusters) < 2 or not np.isfinite(mean):
        return mean, np.nan
    sums = np.array([(kept[cluster == one] - mean).sum() for one in clusters])
    return mean, float(np.sqrt(len(clusters) / (len(clusters) - 1) * (sums**2).sum()) / len(kept))


def measure_tilt(pit: Floats, year: Ints) -> tuple[float, float]:
    """Measure the slope of the density of the PIT; 0 means no tilt.

    Parameters
    ----------
    pit : array
    year : array of int

    Returns
    -------
    slope, error : float
        The standard error is clustered by year.

    Notes
    -----
    A density 1 + b (u - 1/2) has the mean 1/2 + b / 12.
    """
    mean, error = average(pit, year)
    return 12 * (mean - 0.5), 12 * error


def bin_reliability(probability: Floats, met: Floats, edges: Floats | None = None) -> pd.DataFrame:
    """How often targets were met, by bins of the probability that was given.

    Parameters
    ----------
    probability, met : array
    edges : array, optional
        None means tenths.

    Returns
    -------
    DataFrame
        Columns low, high, n, probability (mean given), met (share), q05, q95: where the share lies nine times in
        ten if the probabilities are right and the outcomes independent (exact, Poisson binomial). Years move
        together, so honest bars are wider. Empty bins are left out.

    Examples
    --------
    >>> bin_reliability(np.full(4, 0.5), np.array([1.0, 1.0, 0.0, 0.0]))[["n", "met", "q05", "q95"]].to_numpy().tolist()
    [[4.0, 0.5, 0.0, 1.0]]
    """
    import pandas as pd

    edges = np.linspace(0, 1, 11) if edges is None else edges
    known = ~np.isnan(met)
    probability, met = probability[known], met[known]
    places = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, len(edges) - 2)
    rows = []
    for place in np.unique(places):
        here = places == place
        given, count = probability[here], int(here.sum())
        law = np.ones(1)
        for one in given:
            law = np.convolve(law, [1 - one, one])
        total = law.cumsum()
        low, high = (float(np.searchsorted(total, level - 1e-12)) / count for level in (0.05, 0.95))
        rows.append((edges[place], edges[place + 1], count, given.mean(), met[here].mean(), low, high))
    return pd.DataFrame(rows, columns=["low", "high", "n", "probability", "met", "q05", "q95"])
