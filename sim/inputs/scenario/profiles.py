"""Profiles: how a shock runs over the quarters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from sim.inputs.files.validation import Checked
from sim.inputs.scenario.sizes import Positive

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Uniforms = NDArray[np.float64]

__all__ = ["Decay", "DipRecover", "Listed", "Profile", "Pulse", "Ramp", "Step"]


MOST_QUARTERS = 400


MOST_STRENGTH = 1000.0


Strength = Annotated[float, Field(ge=-MOST_STRENGTH, le=MOST_STRENGTH)]


class _Course(Checked):
    """A course over the quarters."""

    def peak(self) -> float:
        """Return the greatest strength of either sign, at size one."""
        return 1.0


class Pulse(_Course):
    """Only in the quarter of the onset.

    Attributes
    ----------
    shape : str
        `pulse`.
    """

    shape: Literal["pulse"]

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return [float(since == 0) for since in range(quarters)]


class Step(_Course):
    """From the onset on, undiminished.

    Attributes
    ----------
    shape : str
        `step`.
    """

    shape: Literal["step"]

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return [1.0] * quarters


class Ramp(_Course):
    """Rising evenly to full strength over some quarters, then staying.

    Attributes
    ----------
    shape : str
        `ramp`.
    quarters : float
        After how many quarters it is at full strength.
    """

    shape: Literal["ramp"]
    quarters: Positive

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return [min(1.0, (since + 1) / self.quarters) for since in range(quarters)]


class Decay(_Course):
    """Full at the onset, then halving every `half_life` quarters.

    Attributes
    ----------
    shape : str
        `decay`.
    half_life : float
        After how many quarters half of it is left.
    """

    shape: Literal["decay"]
    half_life: Positive

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return [float(0.5 ** (since / self.half_life)) for since in range(quarters)]


class DipRecover(_Course):
    """Full at the onset, evenly back to nothing after `quarters`, then one quarter of rebound of the other sign.

    Attributes
    ----------
    shape : str
        `dip_recover`.
    quarters : int
        After how many quarters nothing is left.
    rebound : float
        Strength of the rebound, as a share of the dip.
    """

    shape: Literal["dip_recover"]
    quarters: Annotated[int, Field(ge=1, le=MOST_QUARTERS)]
    rebound: Annotated[float, Field(ge=0, le=MOST_STRENGTH)] = 0.0

    def peak(self) -> float:
        """Return the greatest strength of either sign, at size one."""
        return max(1.0, self.rebound)

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        course = [1 - since / self.quarters for since in range(self.quarters)] + [-self.rebound]
        return (course + [0.0] * quarters)[:quarters]


class Listed(_Course):
    """An explicit list, nothing afterwards.

    Attributes
    ----------
    shape : str
        `list`.
    values : list of float
        Strength in each quarter from the onset on.
    """

    shape: Literal["list"]
    values: Annotated[list[Strength], Field(min_length=1, max_length=MOST_QUARTERS)]

    def peak(self) -> float:
        """Return the greatest strength of either sign, at size one."""
        return max(abs(value) for value in self.values)

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return (self.values + [0.0] * quarters)[:quarters]


Profile = Pulse | Step | Ramp | Decay | DipRecover | Listed
