"""Thresholds: what each growth target asks of which figure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.inputs.plan.readings import READINGS, direct, list_readings
from sim.inputs.plan.targets import Growth
from sim.inputs.quarters import PRINTED_STEP
from sim.model.model import Model

__all__ = ["place_thresholds"]


def place_thresholds(
    model: Model, tolerances: Mapping[str, float] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
    """What the growth targets ask of which figure, in every reading.

    Parameters
    ----------
    model : Model
    tolerances : mapping of str to float, optional
        By target, in place of the plan's, percentage points.

    Returns
    -------
    readings, targets, figures : array of int, shape (threshold,)
        Places among readings, judged targets, and periods by series flattened.
    sign, threshold : array, shape (threshold,)
        Met where sign times (figure - threshold) is not negative.
    """
    plan, tolerances = model.plan, tolerances or {}
    quarters, series = model.law.path.shape
    ids = [indicator.id for indicator in plan.indicators]
    rows = []
    for number, target in enumerate(plan.judged):
        if not isinstance(target, Growth):
            continue
        sign = direct(plan, target)
        room = {"printed": PRINTED_STEP / 2, "tolerance": tolerances.get(target.id, target.tolerance)}
        for place, reading in list_readings(plan, target):
            quarter = quarters - 1 if place < len(READINGS) else place - len(READINGS)
            figure = model.reduced.find_cumulative(quarter) * series + ids.index(target.indicator)
            rows.append((place, number, figure, sign, target.value - sign * room.get(reading, 0.0)))
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    readings, targets, figures = table[:, :3].astype(np.int64).T
    return readings, targets, figures, table[:, 3], table[:, 4]
