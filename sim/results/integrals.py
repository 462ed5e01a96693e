"""Integrals: probabilities of one scenario by independent replicates, from which odds, errors and ranges are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sim._typing import Floats
from sim.model.tilting import Tilt
from sim.results.evidence import Evidence, Story, add_evidence, join_evidence

__all__ = [
    "RANGE_LEVELS",
    "Integrals",
    "divide_weighted",
    "find_group_ranges",
    "find_range",
    "join",
    "mix",
    "settle",
    "sum_at_least",
]

RANGE_LEVELS = (0.1, 0.9)
"""Ends of the range over calibrations."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Integrals:
    """Probabilities by replicate: of a net, or of a calibration.

    Attributes
    ----------
    met : array, shape (reading, target, replicate)
        Each target met in each reading.
    both : array, shape (target, target, replicate)
        Both of two headline targets met, as printed.
    number_met : dict of str to array, shape (number, replicate)
        By group: exactly 0, 1, 2, ... of its targets met, as printed.
    evidence : Evidence, optional
        Of published figures. Where integrals come together with it, they are weighted by it; `settle` divides.
    used : dict of str to array, shape (replicate,)
        Probability that each rule of the scenario strikes.
    branches : mapping of tuple of bool to Integrals
        Of a scenario with judged events: by which of them come true, weighted by how likely that is before.
    tilt : Tilt, optional
        By which the branches have been weighed.
    """

    met: Floats
    both: Floats
    number_met: dict[str, Floats]
    evidence: Evidence | None = None
    used: dict[str, Floats] = field(default_factory=dict)
    branches: Mapping[tuple[bool, ...], Integrals] = field(default_factory=dict)
    tilt: Tilt | None = None


def mix(parts: Sequence[Integrals], weights: Sequence[float]) -> Integrals:
    """Mix integrals of scenarios of which one comes true, by how likely each is; replicate by replicate.

    Parameters
    ----------
    parts : sequence of Integrals
        Given figures, weighted by how likely these were: the sum then weighs each part by its evidence too.
    weights : sequence of float
        Of each, before any figure.

    Returns
    -------
    Integrals
    """
    told: dict[Story, Evidence] = {
        place: part.evidence for place, part in enumerate(parts) if part.evidence is not None
    }

    def add(arrays: Sequence[Floats]) -> Floats:
        total = np.zeros_like(arrays[0])
        for array, weight in zip(arrays, weights, strict=True):
            total += weight * array
        return total

    return Integrals(
        met=add([part.met for part in parts]),
        both=add([part.both for part in parts]),
        number_met={group: add([part.number_met[group] for part in parts]) for group in parts[0].number_met},
        evidence=add_evidence(told, weights) if told else None,
    )


def join(parts: Sequence[Integrals]) -> Integrals:
    """Set integrals of other replicates of the same scenario side by side, in the order given."""
    return Integrals(
        met=np.concatenate([part.met for part in parts], axis=-1),
        both=np.concatenate([part.both for part in parts], axis=-1),
        number_met={
            group: np.concatenate([part.number_met[group] for part in parts], axis=-1) for group in parts[0].number_met
        },
        evidence=join_evidence([part.evidence for part in parts if part.evidence is not None]),
        used={rule: np.concatenate([part.used[rule] for part in parts], axis=-1) for rule in parts[0].used},
        branches={key: join([part.branches[key] for part in parts]) for key in parts[0].branches},
    )


def divide_weighted(summed: Floats, weight: Floats) -> Floats:
    """Divide weighted means by the weights' mean, replicate by replicate.

    Parameters
    ----------
    summed : array, shape (..., replicate)
    weight : array, shape (replicate,)

    Returns
    -------
    array, shape (..., replicate)
        Linearized: their mean is the ratio of the means, and its standard error that of their mean. Single ones may lie
        outside 0 and 1.

    Examples
    --------
    >>> divide_weighted(np.array([0.5, 1.0]), np.array([1.0, 1.0])).tolist()
    [0.5, 1.0]
    >>> float(divide_weighted(np.array([0.5, 1.0]), np.array([1.0, 2.0])).mean())
    0.5
    """
    mean = max(float(weight.mean()), 1e-300)
    share = summed.mean(axis=-1, keepdims=True) / mean
    divided: Floats = share + (summed - share * weight) / mean
    return divided


def settle(integrals: Integrals, each: bool = False) -> Integrals:
    """Divide weighted integrals by their weights.

    Parameters
    ----------
    integrals : Integrals
        Of all replicates; without evidence they stay as they are.
    each : bool
        Whether each replicate is divided by its own weight, as calibrations are, of which each may be the right one.

    Returns
    -------
    Integrals

    See Also
    --------
    divide_weighted : How replicates are divided together.
    """
    evidence = integrals.evidence
    if evidence is None:
        return integrals
    weight = evidence.weight

    def divide(summed: Floats) -> Floats:
        if each:
            own: Floats = summed / np.maximum(weight, 1e-300)
            return own
        return divide_weighted(summed, weight)

    return replace(
        integrals,
        met=divide(integrals.met),
        both=divide(integrals.both),
        number_met={group: divide(summed) for group, summed in integrals.number_met.items()},
        used={rule: divide(summed) for rule, summed in integrals.used.items()},
    )


def sum_at_least(exactly: Floats) -> Floats:
    """Turn probabilities of exactly 0, 1, 2, ... targets, the first axis, into those of at least so many.

    Examples
    --------
    >>> sum_at_least(np.array([0.5, 0.25, 0.25])).tolist()
    [1.0, 0.5, 0.25]
    """
    at_least: Floats = exactly[::-1].cumsum(axis=0)[::-1]
    return at_least


def find_range(by_calibration: Floats, mean: Floats, weight: Floats | None = None) -> Floats:
    """Find the central 80 % of odds over calibrations, moved so that their mean is the predictive odds.

    Parameters
    ----------
    by_calibration : array, shape (..., calibration)
    mean : array, shape (...)
        Predictive odds.
    weight : array, shape (calibration,), optional
        How likely published figures are by each calibration; None means all alike.

    Returns
    -------
    array, shape (2, ...)
        Low and high end, between 0 and 1.

    Examples
    --------
    >>> find_range(np.linspace(0, 1, 11), np.array(0.6)).round(6).tolist()
    [0.2, 1.0]
    """
    if weight is not None:
        shares = weight / max(float(weight.sum()), 1e-300)
        quantiles = np.quantile(by_calibration, RANGE_LEVELS, axis=-1, weights=shares, method="inverted_cdf")
        given: Floats = np.clip(quantiles + mean - by_calibration @ shares, 0, 1)
        return given
    shift = mean - by_calibration.mean(axis=-1)
    ends: Floats = np.clip(np.quantile(by_calibration, RANGE_LEVELS, axis=-1) + shift, 0, 1)
    return ends


def find_group_ranges(by_calibration: Integrals, number_met: Mapping[str, Floats]) -> dict[str, Floats]:
    """Find the ranges of groups: of the probability that at least so many targets are met, shape (2, number).

    Parameters
    ----------
    by_calibration : Integrals
        Of which a replicate is a calibration.
    number_met : mapping of str to array, shape (number,)
        By group: predictive probability of exactly so many.
    """
    weight = by_calibration.evidence.weight if by_calibration.evidence else None
    return {
        group: find_range(sum_at_least(exactly), sum_at_least(number_met[group]), weight)
        for group, exactly in by_calibration.number_met.items()
    }
