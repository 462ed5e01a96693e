"""How many targets of a group are met: distributions of counts, exactly for some targets and by cumulants for many."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.polynomial import Polynomial

from sim._typing import Floats, Ints, Singles
from sim.engine.exact.points import Points
from sim.inputs.plan.plan import Plan

__all__ = ["MANY", "average_number_met", "convolve", "count_met"]

MANY = 256
"""Targets of a group from which their number is found by cumulants: each target takes the same time, however many."""
_LEAST_VARIANCE = 16.0  # of the number met, from which twelve cumulants are within a millionth
_CUMULANTS = 12
_WINDOW = 64  # on either side of the mean there is all of a number of less variance
_NOTHING = 10.0  # half the logarithm below which a characteristic function is nothing
_ROWS, _POINTS = 64, 512  # targets or frequencies, and points, that are worked on at once


def count_met(plan: Plan, members: Sequence[int], chances: Singles) -> Singles:
    """Compute the distribution of how many targets of a group are met at each point.

    Parameters
    ----------
    plan : Plan
    members : sequence of int
        Places of the group's targets among those with odds.
    chances : array, shape (target, point)
        Of all targets with odds.

    Returns
    -------
    array, shape (number of members + 1, point)

    Notes
    -----
    Independent targets are convolved. A composite is met with all of its members: it lifts the
    case that all those inside the group are met, if those outside are met too.
    """
    alone, blocks = _split_members(plan, members, chances)
    singles = [np.stack([1 - chances[number], chances[number]]) for number in alone]
    return convolve(singles + blocks) if members else np.ones((1, chances.shape[1]), np.float32)


def _split_members(plan: Plan, members: Sequence[int], chances: Singles) -> tuple[list[int], list[Singles]]:
    """Split a group into targets that stand alone, and the distribution of each composite with its parts."""
    places = {target.id: number for number, target in enumerate(plan.judged)}
    parts_of = {places[target.id]: [places[name] for name in target.members] for target in plan.composites}
    composites = [number for number in members if number in parts_of]
    bound = {part for number in composites for part in parts_of[number]}
    alone = [number for number in members if number not in bound and number not in composites]
    blocks = []
    for composite in composites:
        parts = parts_of[composite]
        block = np.ones((1, chances.shape[1]), np.float32)
        for number in parts:
            if number in members:
                block = _convolve(block, np.stack([1 - chances[number], chances[number]]))
        lifted = np.vstack([block, np.zeros_like(block[:1])])
        outside = chances[[number for number in parts if number not in members]].prod(axis=0)
        lifted[-1], lifted[-2] = block[-1] * outside, block[-1] * (1 - outside)
        blocks.append(lifted)
    return alone, blocks


def convolve(blocks: Sequence[Singles]) -> Singles:
    """Compute the distribution of the sum of independent counts.

    Parameters
    ----------
    blocks : sequence of array, shape (count, point)
        Distributions, one at least.

    Returns
    -------
    array, shape (count, point)
    """
    left = list(blocks)
    while len(left) > 1:  # in pairs, which takes fewer and larger steps than one after the other
        pairs = [_convolve(*left[place : place + 2]) for place in range(0, len(left) - 1, 2)]
        left = pairs + left[len(left) - len(left) % 2 :]
    return left[0]


def _convolve(first: Singles, second: Singles) -> Singles:
    """Compute the distribution of the sum of two independent counts, each of shape (count, point)."""
    total = np.zeros((len(first) + len(second) - 1, first.shape[1]), np.float32)
    if len(second) > len(first):
        first, second = second, first
    for number, chance in enumerate(second):
        total[number : number + len(first)] += first * chance
    return total


def average_number_met(plan: Plan, members: Sequence[int], chances: Singles, points: Points) -> Floats:
    """Average the distribution of how many targets of a large group are met over the points of each replicate.

    Parameters
    ----------
    plan, members, chances
        As for `count_met`.
    points : Points

    Returns
    -------
    array, shape (number of members + 1, replicate)

    Notes
    -----
    The characteristic function of the number at a point is the exponential of a series in its cumulants, sums over
    targets of polynomials in their chances; its mean over points is transformed back. Twelve cumulants are within 1e-6
    of the product over targets where the variance is 16 or more; elsewhere the product is taken, at the few frequencies
    that so narrow a distribution needs.

    See Also
    --------
    count_met : The distribution at each point.
    """
    alone, blocks = _split_members(plan, members, chances)
    size = len(members) + 1
    cumulants = _sum_cumulants(chances, alone)
    block = convolve(blocks) if blocks else np.ones((1, chances.shape[1]), np.float32)
    narrow = cumulants[1] < _LEAST_VARIANCE
    waves = np.zeros((size // 2 + 1, points.n_points // points.count), complex)
    for first in range(0, len(waves), _ROWS):
        angles = 2 * np.pi * np.arange(first, min(first + _ROWS, len(waves))) / size
        heard = np.flatnonzero(~narrow & (cumulants[1] * np.sin(angles[0] / 2) ** 2 < _NOTHING))
        if not len(heard):
            break
        part = np.zeros((2, len(angles), chances.shape[1]))
        size_of, turned = _transform(angles, cumulants[:, heard])
        wave = size_of * np.exp(-1j * turned)
        if len(block) > 1:
            wave *= np.einsum("km,mn->kn", np.exp(-1j * angles[:, None] * np.arange(len(block))), block[:, heard])
        part[0][:, heard], part[1][:, heard] = wave.real, wave.imag
        real, imaginary = points.average(part)
        waves[first : first + len(angles)] = real + 1j * imaginary
    averaged: Floats = np.maximum(np.fft.irfft(waves, size, axis=0), 0.0)
    some = np.flatnonzero(narrow)
    for first in range(0, len(some), _POINTS):
        each = some[first : first + _POINTS]
        start = np.rint(cumulants[0, each]).astype(np.int64) - _WINDOW
        found, places = _multiply_out(chances[:, each], alone, block[:, each], start)
        weight = 1.0 if points.update is None else points.update.weight[each]
        within = (places >= 0) & (places < size)
        replicate = np.broadcast_to(each // points.count, places.shape)
        np.add.at(averaged, (places[within], replicate[within]), (found * weight / points.count)[within])
    return averaged


def _sum_cumulants(chances: Singles, places: Sequence[int]) -> Floats:
    """Sum the cumulants of independent targets, shape (cumulant, point): the mean, the variance, and so on."""
    powers = np.zeros((_CUMULANTS, chances.shape[1]))
    for first in range(0, len(places), _ROWS):
        some = chances[places[first : first + _ROWS]]
        raised = some.copy()
        for power in powers:
            power += raised.sum(axis=0)
            raised *= some
    cumulants = np.zeros_like(powers)
    for row, polynomial in enumerate(_list_polynomials()):
        for power, coefficient in zip(powers, polynomial.coef[1:], strict=False):
            cumulants[row] += coefficient * power
    return cumulants


def _list_polynomials() -> list[Polynomial]:
    """List the cumulants of one target as polynomials in its chance p: each is p (1 - p) times the last one's slope."""
    found = [Polynomial([0.0, 1.0])]
    while len(found) < _CUMULANTS:
        found.append(Polynomial([0.0, 1.0, -1.0]) * found[-1].deriv())
    return found


def _transform(angles: Floats, cumulants: Floats) -> tuple[Floats, Floats]:
    """Size and angle of the characteristic function at some angles, shape (angle, point)."""
    terms = [angles ** (row + 1) / math.factorial(row + 1) for row in range(_CUMULANTS)]
    even = np.stack([terms[row] * (-1) ** ((row + 1) // 2) for row in range(1, _CUMULANTS, 2)])
    odd = np.stack([terms[row] * (-1) ** (row // 2) for row in range(0, _CUMULANTS, 2)])
    size = np.exp(np.einsum("jk,jn->kn", even, cumulants[1::2]))
    return size, np.einsum("jk,jn->kn", odd, cumulants[::2])


def _multiply_out(chances: Singles, alone: Sequence[int], block: Singles, start: Ints) -> tuple[Floats, Ints]:
    """Multiply the characteristic functions of targets out where their number lies in a window from some number on.

    Returns
    -------
    found : array, shape (place, point)
        Probabilities.
    places : array of int, of the same shape
        The numbers that they are of.
    """
    size = 2 * _WINDOW + (len(block) + 1) // 2 * 2
    turns = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)[:, None]
    wave = np.einsum("km,mn->kn", turns ** np.arange(len(block)), block)
    for number in alone:
        wave *= 1 + chances[number].astype(float) * (turns - 1)
    found: Floats = np.maximum(np.fft.irfft(wave, size, axis=0), 0.0)
    places = start + (np.arange(size)[:, None] - start) % size
    return found, places
