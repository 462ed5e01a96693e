"""Milestones: whether works, papers, events and titles that are promised for a year are done in it, and when.

How often a promise of its class is kept within the year is learned from a record; the planned quarter only shapes when.
A milestone is done by a quarter's end where its drive, a standard normal that it shares in part with other deliveries
and with the macro factor, passes what that quarter asks for. Shocks that have begun ask for more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles
from sim.model.values import Values

if TYPE_CHECKING:
    from sim.inputs.calibration import Calibration
    from sim.inputs.plan.targets import Milestone

__all__ = ["MilestoneLaw", "build_milestone_law", "find_needed", "reach"]

_SURE = 1e-4  # no chance is nearer to none or certainty than this
_MOST_SHARED = 0.98


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MilestoneLaw:
    """The law of the milestones in arrays; series are the targets of `ids`.

    Arrays of a calibration whose numbers are drawn have one axis more, a calibration a sample.

    Attributes
    ----------
    ids : tuple of str
        Targets.
    chance : array, shape (series,)
        Probability of being done within an ordinary year.
    needed : array, shape (quarter, series)
        Drive from which on a milestone is done by each quarter's end, in standard deviations.
    slip : array, shape (series,)
        By how much a shock that delays works by one quarter raises what is needed.
    common, macro : array, shape ()
        Correlation of the drive with what is common to all deliveries, and with the macro factor.
    """

    AXES: ClassVar[dict[str, int]] = {"chance": 1, "needed": 2, "slip": 1, "common": 0, "macro": 0}
    """Axes of each array, but for that of samples."""

    ids: tuple[str, ...]
    chance: Floats
    needed: Floats
    slip: Floats
    common: Floats
    macro: Floats

    @property
    def own(self) -> Floats:
        """What is left of the drive's unit variance for each milestone's own, as a standard deviation."""
        own: Floats = np.sqrt(1 - self.common**2 - self.macro**2)
        return own


def build_milestone_law(
    targets: tuple[Milestone, ...], calibration: Calibration, values: Values, quarters: tuple[str, ...]
) -> MilestoneLaw:
    """Build the law of a plan's milestones.

    Parameters
    ----------
    targets : tuple of Milestone
    calibration : Calibration
    values : mapping of str to array
        Of the calibration's numbers, without axes or of shape (sample,).
    quarters : tuple of str
        Names of the year's quarters.

    Notes
    -----
    Done by the end of quarter q has the probability `chance H[q] / H[last]`, where H is the normal distribution
    function of the quarters since the planned one, set so that three in four of what is done at all is done by the
    planned quarter's end.
    """
    numbers = calibration.milestones
    if numbers is None or not targets:
        none, zero = np.empty(0), np.zeros(())
        return MilestoneLaw(
            ids=(), chance=none, needed=np.empty((len(quarters), 0)), slip=none, common=zero, macro=zero
        )
    from scipy.special import ndtr, ndtri

    timing = np.maximum(values["milestones/timing"], 0.05)
    chances, needed, slips = [], [], []
    known: dict[tuple[str, str], tuple[Floats, Floats]] = {}  # of one class and quarter: many milestones have the same
    for target in targets:
        place, own = f"milestones/classes/{numbers.find_class(target)}", f"milestones/targets/{target.id}/reach"
        reach = own if own in values else f"{place}/reach"
        if (reach, target.quarter) not in known:
            chance = np.clip(values[reach] * (1 - values["milestones/doubt"]), _SURE, 1 - _SURE)
            since = np.arange(len(quarters)) - quarters.index(target.quarter)
            passed = np.stack([ndtr(each / timing + _BY_PLAN) for each in since])
            known[reach, target.quarter] = chance, -ndtri(chance * passed / passed[-1])
        chance, asked = known[reach, target.quarter]
        chances.append(chance)
        needed.append(asked)
        slips.append(values[f"{place}/slip"])
    common, macro = values["milestones/common"], values["milestones/macro"]
    shrink = np.minimum(1, _MOST_SHARED / np.maximum(np.hypot(common, macro), 1e-9))
    return MilestoneLaw(
        ids=tuple(target.id for target in targets),
        chance=np.stack(np.broadcast_arrays(*chances)),
        needed=np.stack(np.broadcast_arrays(*needed), axis=1),
        slip=np.stack(np.broadcast_arrays(*slips)),
        common=common * shrink,
        macro=macro * shrink,
    )


_BY_PLAN = 0.6744897501960817
"""Normal level of three in four: what is done at all is mostly done by its planned quarter's end."""


def find_needed(law: MilestoneLaw, raised: Singles | None) -> Singles:
    """Find the drive that each milestone needs by each quarter's end under shocks.

    Parameters
    ----------
    law : MilestoneLaw
    raised : array, shape (quarter, series, path), or None
        By what shocks that have begun by then raise it; None where none does.

    Returns
    -------
    array, shape (quarter, series, path) or (quarter, series, 1)
        It never rises over the quarters: what is done stays done.
    """
    needed = law.needed.astype(np.float32)
    needed = needed if needed.ndim == 3 else needed[..., None]
    if raised is None:
        return needed
    asked: Singles = needed + raised
    for quarter in range(1, len(asked)):  # many times faster than numpy's accumulate along a first axis
        np.minimum(asked[quarter], asked[quarter - 1], out=asked[quarter])
    return asked


def reach(needed: Singles, drive: Singles) -> NDArray[np.bool_]:
    """Whether each milestone is done by each quarter's end.

    Parameters
    ----------
    needed : array, shape (quarter, series, path)
        As `find_needed` gives it.
    drive : array, shape (series, path)
        Standard normal.

    Returns
    -------
    array of bool, shape (quarter, series, path)
    """
    reached: NDArray[np.bool_] = drive >= needed
    return reached
