"""Single things that arrive as a Poisson process, given how many have come by the ends of quarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim._typing import Floats
from sim.model.known import KnownDelivery

__all__ = ["ArrivalsDrawn", "draw_arrivals", "find_arrival_chance", "wait_given_counts"]

_STEPS = 12
_WIDER = 1.1  # by which the proposal is wider than the normal law at the peak of the posterior: its tails are covered


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ArrivalsDrawn:
    """A process of arrivals given counts.

    Attributes
    ----------
    own : array, shape (sample,)
        What is its own of its log speed, drawn from nearly its posterior.
    correction : array, shape (sample,)
        Prior over proposal density of it, by which every chance is to be weighted.
    expected : array, shape (quarter, sample)
        Things expected by each quarter's end.
    quarters : tuple of int
        Of the counts.
    counts : array, shape (figure, sample)
    chance, below, above : array, shape (figure, sample)
        Probability of each cell, and of either side, given the earlier counts as drawn.
    """

    own: Floats
    correction: Floats
    expected: Floats
    quarters: tuple[int, ...]
    counts: Floats
    chance: Floats
    below: Floats
    above: Floats


def draw_arrivals(
    logs: Floats, spread: Floats, cells: Sequence[KnownDelivery], normals: Floats, uniforms: Sequence[Floats]
) -> ArrivalsDrawn:
    """Draw counts of arrivals within their cells, and the speed that may have brought them.

    Parameters
    ----------
    logs : array, shape (quarter, sample)
        Log of the things expected by each quarter's end where the process' own error is nothing.
    spread : array, shape () or (sample,)
        Standard deviation of that error.
    cells : sequence of KnownDelivery
        By quarter.
    normals : array, shape (sample,)
        Standard normals for the error.
    uniforms : sequence of array, shape (figure, sample)

    Returns
    -------
    ArrivalsDrawn
    """
    from scipy.special import gammaln

    centre, width = _propose(np.exp(logs[cells[-1].quarter]), spread, cells[-1])
    own = centre + width * normals
    correction = width * np.exp((normals**2 - own**2) / 2)
    expected = np.exp(logs + spread * own)
    shape = len(cells), len(normals)
    counts, chance, below, above = (np.empty(shape) for _ in range(4))
    before, rate_before = np.zeros(shape[1]), np.zeros(shape[1])
    for row, cell in enumerate(cells):
        rate = np.maximum(expected[cell.quarter] - rate_before, 0)
        first, last = np.ceil(cell.low - 1e-9) - before, np.ceil(cell.high - 1e-9) - before
        below[row] = _fewer_than(first, rate)
        above[row] = 1 - _fewer_than(last, rate)
        if np.ceil(cell.high - 1e-9) == np.ceil(cell.low - 1e-9) + 1:
            come = np.maximum(first, 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                logs_of = np.where(come > 0, come * np.log(rate), 0) - rate - gammaln(come + 1)
            chance[row] = np.where(first >= 0, np.exp(logs_of), 0)
        else:
            chance[row] = np.maximum(1 - below[row] - above[row], 0)
            come = _find_count(below[row] + uniforms[row] * chance[row], rate, np.maximum(first, 0), last)
        counts[row] = before + come
        before, rate_before = counts[row], expected[cell.quarter]
    return ArrivalsDrawn(
        own=own,
        correction=correction,
        expected=expected,
        quarters=tuple(cell.quarter for cell in cells),
        counts=counts,
        chance=chance,
        below=below,
        above=above,
    )


def _propose(rate: Floats, spread: Floats, cell: KnownDelivery) -> tuple[Floats, Floats]:
    """Peak and width of the error's posterior given the last count, by which the earlier ones tell nothing of it.

    Of "at least", what is expected stands in where it is more.
    """
    first, last = np.ceil(cell.low - 1e-9), np.ceil(cell.high - 1e-9)
    count = (first + last - 1) / 2 if np.isfinite(last) else np.maximum(rate, first)
    peak = np.clip(np.log(np.maximum(count, 0.5) / np.maximum(rate, 1e-300)) / np.maximum(spread, 1e-9), -3, 3)
    for _ in range(_STEPS):  # Newton's method; the posterior is concave
        fed = rate * np.exp(spread * peak)
        step = (spread * (count - fed) - peak) / (1 + spread**2 * fed)
        peak = peak + np.clip(step, -2, 2)
    told = rate * np.exp(spread * peak) if np.isfinite(last) else 0.0
    return peak, np.minimum(_WIDER / np.sqrt(1 + spread**2 * told), 1)


def _fewer_than(count: Floats, rate: Floats) -> Floats:
    """Probability that fewer than so many arrive; `count` may be infinite, or nothing and less."""
    from scipy.special import gammaincc

    inside = np.clip(count, 1, 1e6)
    fewer: Floats = np.where(np.isinf(count), 1.0, np.where(count >= 1, gammaincc(inside, rate), 0.0))
    return fewer


def _find_count(levels: Floats, rate: Floats, first: Floats, last: Floats) -> Floats:
    """Find counts at levels of the Poisson distribution function, within a cell."""
    from scipy.special import pdtr, pdtrik

    with np.errstate(invalid="ignore"):
        found = np.ceil(np.nan_to_num(pdtrik(np.clip(levels, 1e-300, 1 - 1e-15), np.maximum(rate, 1e-12))))
    found = np.where(pdtr(np.maximum(found - 1, 0), rate) >= levels, np.maximum(found - 1, 0), found)
    held: Floats = np.clip(found, first, np.where(np.isfinite(last), last - 1, np.inf))
    return held


def find_arrival_chance(drawn: ArrivalsDrawn, quarter: int, due: float, early: Floats | float = 1.0) -> Floats:
    """Find the probability that so many things have come by a quarter's end.

    Parameters
    ----------
    drawn : ArrivalsDrawn
    quarter : int
    due : float
    early : float or array, shape (sample,)
        Share of what is expected by the quarter's end, by which they are to have come.

    Returns
    -------
    array, shape (sample,)

    Notes
    -----
    After the last count the rest is Poisson; between two counts the things of their difference fall evenly into the
    time of the process.
    """
    from scipy.special import betainc, gammainc

    time = drawn.expected[quarter] * early
    chance, left = np.zeros(len(drawn.own)), np.ones(len(drawn.own), bool)
    count, since = np.zeros((2, len(drawn.own)))
    for row, at in enumerate(drawn.quarters):
        inside = left & (time < drawn.expected[at])
        missing, coming = due - count, drawn.counts[row] - count
        need, whole = np.maximum(missing, 1), np.maximum(drawn.expected[at] - since, 1e-300)
        share = np.clip((time - since) / whole, 0, 1)
        between = betainc(need, np.maximum(coming - need + 1, 1), share)
        between = np.where(missing <= 0, 1.0, np.where(missing > coming, 0.0, between))
        chance, left = np.where(inside, between, chance), left & ~inside
        count, since = np.where(left, drawn.counts[row], count), np.where(left, drawn.expected[at], since)
    missing = due - count
    after = gammainc(np.maximum(missing, 1), np.maximum(time - since, 0))
    return np.where(left, np.where(missing <= 0, 1.0, after), chance)


def wait_given_counts(drawn: ArrivalsDrawn, due: Sequence[float], uniforms: Floats) -> Floats:
    """Draw when so many things have come, in things expected by then.

    Parameters
    ----------
    drawn : ArrivalsDrawn
    due : sequence of float, shape (quarter,)
        Never falling.
    uniforms : array, shape (quarter, sample)

    Returns
    -------
    array, shape (quarter, sample)
        Never falling; nothing where nothing is due.

    Notes
    -----
    Between two counts the things of their difference fall evenly: the time of each is beta distributed. After the last
    one the wait is a gamma.
    """
    from scipy.special import betaincinv, gammaincinv

    ends = [drawn.expected[quarter] for quarter in drawn.quarters]
    waits = np.zeros(uniforms.shape)
    time, come = np.zeros(uniforms.shape[1]), np.zeros(uniforms.shape[1])
    for quarter, things in enumerate(due):
        if quarter and things == due[quarter - 1]:
            waits[quarter] = waits[quarter - 1]
            continue
        left = np.ones(len(time), bool)  # where the thing asked for comes after all counts looked at
        for row, end in enumerate(ends):
            count = drawn.counts[row]
            inside = left & (things <= count)
            need, among = np.maximum(things - come, 1), np.maximum(count - come, 1)
            share = betaincinv(need[inside], (among - need + 1)[inside], uniforms[quarter, inside])
            waits[quarter, inside] = time[inside] + (end - time)[inside] * share
            left &= ~inside
            passed = left & (count >= come)
            time, come = np.where(passed, end, time), np.where(passed, count, come)
        need = np.maximum(things - come, 1)
        waits[quarter, left] = time[left] + gammaincinv(need[left], uniforms[quarter, left])
        time, come = waits[quarter].copy(), np.full(len(time), float(things))
    return waits
