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


class Pulse(Checked):
    """Only in the quarter of the onset."""

    shape: Literal["pulse"]

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return [float(since == 0) for since in range(quarters)]


class Step(Checked):
    """From the onset on, undiminished."""

    shape: Literal["step"]

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return [1.0] * quarters


class Ramp(Checked):
    """Rising evenly to full strength over some quarters, then staying."""

    shape: Literal["ramp"]
    quarters: Positive

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return [min(1.0, (since + 1) / self.quarters) for since in range(quarters)]


class Decay(Checked):
    """Full at the onset, then halving every `half_life` quarters."""

    shape: Literal["decay"]
    half_life: Positive

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return [float(0.5 ** (since / self.half_life)) for since in range(quarters)]


class DipRecover(Checked):
    """Full at the onset, evenly back to nothing after `quarters`, then one quarter of rebound of the other sign."""

    shape: Literal["dip_recover"]
    quarters: Annotated[int, Field(ge=1)]
    rebound: Annotated[float, Field(ge=0)] = 0.0

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        course = [1 - since / self.quarters for since in range(self.quarters)] + [-self.rebound]
        return (course + [0.0] * quarters)[:quarters]


class Listed(Checked):
    """An explicit list, nothing afterwards."""

    shape: Literal["list"]
    values: Annotated[list[float], Field(min_length=1)]

    def follow(self, quarters: int) -> list[float]:
        """Strength in each quarter from the onset on, at size one."""
        return (self.values + [0.0] * quarters)[:quarters]


Profile = Pulse | Step | Ramp | Decay | DipRecover | Listed
