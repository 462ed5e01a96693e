"""Milestones: when works that are planned for a quarter are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles

if TYPE_CHECKING:
    from sim.inputs.calibration import MilestoneNumbers
    from sim.inputs.plan.targets import Milestone

__all__ = ["MilestoneLaw", "build_milestone_law", "compute_lateness", "find_drive", "reach"]

_TABLE_END, _TABLE_STEP = 6.0, 1 / 256  # of the drive, in standard deviations


@dataclass(frozen=True)
class MilestoneLaw:
    """The law of the milestones in arrays; series are the targets of `ids`.

    Attributes
    ----------
    ids : tuple of str
        Targets.
    planned : array, shape (series,)
        Planned quarter, counted from 0; a milestone is due at its end.
    on_time : array, shape (series,)
        Probability of no delay.
    margin : float
        Mean number of quarters by which works that are on time are early (exponential).
    median, spread : float
        Of a delay if there is one: lognormal, in quarters; standard deviation of its logarithm.
    common, macro : float
        Correlation of being early with what is common to all deliveries, and with the macro factor.
    """

    ids: tuple[str, ...]
    planned: Floats
    on_time: Floats
    margin: float
    median: float
    spread: float
    common: float
    macro: float


def build_milestone_law(
    milestones: tuple[Milestone, ...], numbers: MilestoneNumbers | None, quarters: tuple[str, ...]
) -> MilestoneLaw:
    """The law of a plan's milestones."""
    if numbers is None or not milestones:
        return MilestoneLaw((), np.empty(0), np.empty(0), 1.0, 1.0, 1.0, 0.0, 0.0)
    chances = {"own": numbers.on_time.value, "other": numbers.awarded.value}
    return MilestoneLaw(
        ids=tuple(target.id for target in milestones),
        planned=np.array([quarters.index(target.quarter) for target in milestones]) + numbers.planned_shift.value,
        on_time=np.array([chances[target.decided_by] for target in milestones]),
        margin=numbers.margin.value,
        median=numbers.delay_median.value,
        spread=numbers.delay_spread.value,
        common=numbers.common.value,
        macro=numbers.macro.value,
    )


def compute_lateness(law: MilestoneLaw, on_time: float, drive: Floats) -> Floats:
    """Quarters from the planned quarter's end to the day a milestone is reached.

    Parameters
    ----------
    law : MilestoneLaw
    on_time : float
        Probability of no delay.
    drive : array
        Standard normal; the higher, the earlier.

    Returns
    -------
    array
        Negative where it is early: exponential with mean `margin`; where it is late: lognormal.
    """
    from scipy.special import ndtr, ndtri

    rank = ndtr(-drive)
    with np.errstate(divide="ignore", invalid="ignore"):
        late = law.median * np.exp(law.spread * ndtri((rank - on_time) / (1 - on_time)))
        early = law.margin * np.log(rank / on_time)
    lateness: Floats = np.where(rank > on_time, late, early)
    return lateness


def find_drive(law: MilestoneLaw, on_time: float, slack: Floats) -> Floats:
    """The drive from which on a milestone comes no later than a slack; the inverse of `compute_lateness`.

    Parameters
    ----------
    law : MilestoneLaw
    on_time : float
        Probability of no delay.
    slack : array
        Quarters after the planned quarter's end.

    Returns
    -------
    array
        In standard deviations.

    Examples
    --------
    >>> law = MilestoneLaw((), np.empty(0), np.empty(0), 0.3, 0.8, 0.9, 0.3, 0.2)
    >>> compute_lateness(law, 0.8, find_drive(law, 0.8, np.array([-0.5, 0.5]))).round(9).tolist()
    [-0.5, 0.5]
    """
    from scipy.special import ndtr, ndtri

    with np.errstate(divide="ignore", invalid="ignore"):
        late = on_time + (1 - on_time) * ndtr(np.log(slack / law.median) / law.spread)
        early = on_time * np.exp(slack / law.margin)
    drive: Floats = -ndtri(np.where(slack > 0, late, early))
    return drive


def reach(law: MilestoneLaw, lateness: Singles, quarters: int) -> NDArray[np.bool_]:
    """Whether each milestone is reached by each quarter's end.

    Parameters
    ----------
    law : MilestoneLaw
    lateness : array, shape (series, path)
        In quarters, with what shocks add.
    quarters : int
        Quarters of the year.

    Returns
    -------
    array of bool, shape (quarter, series, path)
    """
    slack = (np.arange(quarters)[:, None] - law.planned).astype(np.float32)
    reached: NDArray[np.bool_] = lateness <= slack[:, :, None]
    return reached
