"""The two roads to the same odds, held against one another in every run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.inputs.plan.readings import list_readings
from sim.results.attainment import Attainment
from sim.results.integrals import sum_at_least
from sim.results.run import Deviation

__all__ = ["compare_roads"]

_TOO_FAR = 4.0
_FEWEST, _TOO_FAR_WEIGHTED = 1000, 6.0  # of weighted paths, whose errors are themselves uncertain
_RARE = 0.01
"""How rare a number of targets met may be, or its opposite: below, few paths tell little, and their law is skewed."""


def compare_roads(analytic: Attainment, counted: Attainment) -> list[Deviation]:
    """Compare two roads: list the probabilities in which they differ by more than four standard errors.

    Parameters
    ----------
    analytic, counted : Attainment
        Of the same scenario.

    Returns
    -------
    list of Deviation
        Of targets in every reading, and of how many of each group are met; none where the first was counted too, or
        published figures leave too few paths to tell.
    """
    scenario = analytic.scenario.name
    n_paths = counted.n_paths if counted.n_effective is None else counted.n_effective
    if not analytic.n_points or (counted.n_effective is not None and n_paths < _FEWEST):
        return []
    far = _TOO_FAR if counted.n_effective is None else _TOO_FAR_WEIGHTED
    return [
        Deviation(scenario, target, reading, one, other, z)
        for target, reading, one, other, error in (*_pair_targets(analytic, counted), *_pair_groups(analytic, counted))
        if abs(z := _measure(one, other, error, n_paths)) > far
    ]


Pair = tuple[str, str, float, float, float]


def _pair_targets(analytic: Attainment, counted: Attainment) -> Iterator[Pair]:
    for number, target in enumerate(analytic.plan.judged):
        for place, reading in list_readings(analytic.plan, target):
            at = place, number
            yield target.id, reading, float(analytic.met[at]), float(counted.met[at]), float(analytic.met_se[at])


def _pair_groups(analytic: Attainment, counted: Attainment) -> Iterator[Pair]:
    for group, exactly in analytic.number_met.items():
        odds, seen = sum_at_least(exactly), sum_at_least(counted.number_met[group])
        for number in np.flatnonzero((odds > _RARE) & (odds < 1 - _RARE)):
            error = float(analytic.at_least_se[group][number])
            yield group, f"at least {number}", float(odds[number]), float(seen[number]), error


def _measure(odds: float, seen: float, error: float, n_paths: float) -> float:
    """Difference in standard errors of both roads together; NaN where there is nothing to compare."""
    share = (odds * n_paths + 1) / (n_paths + 2)
    return float((seen - odds) / np.sqrt(share * (1 - share) / n_paths + np.nan_to_num(error) ** 2))
