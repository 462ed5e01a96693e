"""Types of arrays: what numpy calls them is too long to read twice."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Float", "Floats", "Ints", "Singles"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
Float = TypeVar("Float", bound="np.floating")
