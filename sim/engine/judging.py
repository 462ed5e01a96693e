"""Judging paths: which targets each meets, in every reading, and how many paths meet which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Ints
from sim.engine.paths import Paths
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, name_readings
from sim.inputs.plan.targets import Composite, InStep
from sim.inputs.quarters import PRINTED_STEP
from sim.model.amounts import find_capacity
from sim.model.thresholds import met

__all__ = ["Counts", "count_odds", "deliver", "judge", "keep_step"]

_LAST_BIT = 1e-6  # by which single precision may move a share of a goal


def judge(paths: Paths) -> NDArray[np.bool_]:
    """Judge every target with odds in every reading.

    Parameters
    ----------
    paths : Paths

    Returns
    -------
    array of bool, shape (reading, target, path)
        Whether it is met in the year, and on course at each earlier quarter's end. Growth: the figure is on the right
        side. Deliveries: the share due by then is delivered. Milestones: done. Composites: all members are. False in
        readings that a target lacks.
    """
    plan = paths.model.plan
    judged = plan.judged
    places = {target.id: number for number, target in enumerate(judged)}
    reached = np.zeros((len(name_readings(plan)), len(places), paths.n_paths), bool)
    asked = paths.model.thresholds
    ends, series = paths.model.reduced.split_cumulative(asked.figure)
    figures = [paths.cumulative[place] for place in zip(ends, series, strict=True)]
    reached[asked.reading, asked.target] = met(asked, figures).reshape(-1, paths.n_paths)
    course = _find_rows(plan)
    for number, delivery in enumerate(plan.deliveries):
        passed, law = deliver(paths, number), paths.laws.delivery_law
        if delivery.upper is not None:
            passed &= ~(deliver(paths, number, law.excess[number]) & (law.due[:, number, None] > 0))
        reached[course, places[delivery.id]] = ~passed if delivery.is_cap else passed
    for number, milestone in enumerate(plan.milestones):
        reached[course, places[milestone.id]] = paths.reached[:, number]
    for target in judged:
        if isinstance(target, InStep):
            reached[course, places[target.id]] = keep_step(paths, target)
    for number, target in enumerate(judged):
        if isinstance(target, Composite):
            reached[:, number] = reached[:, [places[member] for member in target.members]].all(axis=1)
    return reached


def deliver(paths: Paths, number: int, ratio: Floats | float | None = None) -> NDArray[np.bool_]:
    """Tell whether a delivery brings what is due, or another share of its goal.

    Parameters
    ----------
    paths : Paths
    number : int
        Of the delivery.
    ratio : array, shape () or (path,), optional
        What the year must bring over the goal; None means what is due.

    Returns
    -------
    array of bool, shape (quarter, path)
        In the year; at the ends of earlier quarters whether it is on course to.
    """
    run, law = paths.courses[paths.course_of[number]], paths.laws.delivery_law
    if ratio is None:
        passed: NDArray[np.bool_] = run >= paths.needed[:, number]
        return passed
    capacity = np.asarray(find_capacity(law, number, ratio), np.float32)
    passed = run - capacity >= paths.needed[:, number]
    is_counted = np.isfinite(law.arrivals[number])
    edge = 1 - _LAST_BIT if is_counted else 1 + _LAST_BIT  # things are whole, and cells of amounts may end there
    for quarter, come in paths.amounts.get(number, ()):
        told = come * np.float32(law.required[number] if is_counted else 1) >= np.float32(ratio * edge)
        if quarter == len(passed) - 1:
            passed[-1] = told
        elif paths.model.plan.deliveries[number].is_kept:
            passed[-1] |= told
    return passed


def keep_step(paths: Paths, target: InStep) -> NDArray[np.bool_]:
    """Tell whether growth keeps step with another's to each quarter's end, both as printed, shape (quarter, path)."""
    ids = [indicator.id for indicator in paths.model.plan.indicators]
    own, other = (
        np.floor(paths.cumulative[:, ids.index(name)].astype(np.float64) / PRINTED_STEP + 0.5)
        for name in (target.indicator, target.reference)
    )
    kept: NDArray[np.bool_] = own - other >= round((target.value - target.tolerance) / PRINTED_STEP)
    return kept


def _find_rows(plan: Plan) -> list[int]:
    """Rows of the readings that follow the course of the year: by quarter, the year's own last."""
    return [*range(len(READINGS), len(name_readings(plan))), 0]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Counts:
    """Paths that meet targets, alone and together; as in `Tally`."""

    met: NDArray[np.int64]
    both: NDArray[np.int64]
    number_met: dict[str, NDArray[np.int64]]


def count_odds(reached: NDArray[np.bool_], groups: Mapping[str, Sequence[int]], weights: Ints | None = None) -> Counts:
    """Count the paths that meet each target, two headline targets, and so many of each group.

    Parameters
    ----------
    reached : array of bool, shape (reading, target, path)
        As `judge` gives it.
    groups : mapping of str to sequence of int
        Places of each group's targets.
    weights : array of int, shape (path,), optional
        As how many each path counts.

    Returns
    -------
    Counts
    """
    if weights is not None:
        return _count_weighted(reached, groups, weights.astype(np.float64))
    printed, number_met = reached[0], {}
    headline = printed[groups.get("headline", [])].astype(np.float32)
    for group, members in groups.items():
        narrow = np.uint8 if len(members) < 256 else np.uint16
        number = printed.view(np.uint8)[members].sum(axis=0, dtype=narrow)
        number_met[group] = np.bincount(number, minlength=len(members) + 1)
    return Counts(
        met=np.array([[np.count_nonzero(target) for target in reading] for reading in reached], np.int64),
        both=(headline @ headline.T).astype(np.int64),  # sums of ones are exact in single precision below 2^24
        number_met=number_met,
    )


def _count_weighted(reached: NDArray[np.bool_], groups: Mapping[str, Sequence[int]], weights: Floats) -> Counts:
    """Count paths by their weights, whole numbers whose sums over a block are exact in double precision."""
    printed, number_met = reached[0], {}
    headline = printed[groups.get("headline", [])].astype(np.float64)
    for group, members in groups.items():
        number = printed[members].sum(axis=0)
        number_met[group] = np.bincount(number, weights=weights, minlength=len(members) + 1).astype(np.int64)
    return Counts(
        met=(reached @ weights).astype(np.int64),
        both=((headline * weights) @ headline.T).astype(np.int64),
        number_met=number_met,
    )
