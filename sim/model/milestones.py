"""Milestones: when works that are planned for a quarter are done.

A milestone comes early by an exponential margin or, with some probability, late by a lognormal delay. The equations
stand in `docs/model.md`, section 7.
"""

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

_TABLE_END, _TABLE_STEP = 6.0, 1 / 256  # grid of the drive, in standard deviations


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MilestoneLaw:
    """The law of the milestones in arrays; series are the targets of `ids`.

    Attributes
    ----------
    ids : tuple of str
        Targets.
    planned : array, shape (series,)
        Planned quarter, counted from 0; a milestone is due at its end.
    on_time : array, shape (series,)
        Probability that it is not late.
    margin : float
        Mean number of quarters by which works that are not late are early (exponential).
    median, spread : float
        Median of a delay in quarters, and standard deviation of its logarithm (lognormal).
    common, macro : float
        Correlation of the drive with what is common to all deliveries and milestones, and with the macro factor (the
        common error of the trend).
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
    """Build the law of a plan's milestones.

    Parameters
    ----------
    milestones : tuple of Milestone
    numbers : MilestoneNumbers or None
        None only where there are no milestones.
    quarters : tuple of str
        Names of the year's quarters.

    Returns
    -------
    MilestoneLaw
        Without series if there are no milestones.

    See Also
    --------
    sim.model.deliveries.build_delivery_law : The law of numbers that accumulate over the year.
    """
    if numbers is None or not milestones:
        empty = np.empty(0)
        return MilestoneLaw(
            ids=(), planned=empty, on_time=empty, margin=1.0, median=1.0, spread=1.0, common=0.0, macro=0.0
        )
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
    """Compute when a milestone is reached, in quarters after the end of its planned quarter.

    Parameters
    ----------
    law : MilestoneLaw
    on_time : float
        Probability that it is not late.
    drive : array
        Standard normal; the higher, the earlier.

    Returns
    -------
    array, shape of `drive`
        Quarters. Where it is early, negative and exponential with mean `margin`; where it is late, lognormal.

    See Also
    --------
    find_drive : The inverse.
    """
    from scipy.special import ndtr, ndtri

    rank = ndtr(-drive)
    with np.errstate(divide="ignore", invalid="ignore"):
        late = law.median * np.exp(law.spread * ndtri((rank - on_time) / (1 - on_time)))
        early = law.margin * np.log(rank / on_time)
    lateness: Floats = np.where(rank > on_time, late, early)
    return lateness


def find_drive(law: MilestoneLaw, on_time: float, slack: Floats) -> Floats:
    """Find the lowest drive with which a milestone comes no later than some slack.

    Parameters
    ----------
    law : MilestoneLaw
    on_time : float
        Probability that it is not late.
    slack : array
        Quarters after the end of the planned quarter.

    Returns
    -------
    array, shape of `slack`
        Standard deviations.

    See Also
    --------
    compute_lateness : The inverse.

    Examples
    --------
    >>> from dataclasses import replace
    >>> law = replace(build_milestone_law((), None, ()), margin=0.3, median=0.8, spread=0.9)
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
    """Judge whether each milestone is reached by each quarter's end.

    Parameters
    ----------
    law : MilestoneLaw
    lateness : array of float32, shape (series, path)
        Quarters after the end of the planned quarter, delays by shocks included.
    quarters : int
        Number of quarters of the year.

    Returns
    -------
    array of bool, shape (quarter, series, path)
    """
    slack = (np.arange(quarters)[:, None] - law.planned).astype(np.float32)  # (quarter, series)
    reached: NDArray[np.bool_] = lateness <= slack[:, :, None]  # (quarter, series, path)
    return reached
