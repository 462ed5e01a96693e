"""Numbers packed into text for a page: whole numbers to the base of 64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim._typing import Floats, Ints

__all__ = ["DIGITS", "pack", "unpack", "write_share", "write_whole"]

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Those of numbers to the base of 64."""


def write_whole(numbers: Ints | Sequence[int], digits: int) -> str:
    """Write whole numbers, each in so many digits.

    Parameters
    ----------
    numbers : array of int
        Not negative, and less than 64 to the power of `digits`.
    digits : int

    Returns
    -------
    str

    Examples
    --------
    >>> write_whole([0, 1, 64], 2)
    'AAABBA'
    """
    places = 64 ** np.arange(digits)[::-1]
    written = np.frombuffer(DIGITS.encode(), np.uint8)[np.ravel(numbers)[:, None] // places % 64]
    return written.tobytes().decode()


def write_share(share: float, digits: int) -> str:
    """Write a share, held between zero and one, in so many digits."""
    return write_whole([round(min(max(float(share), 0.0), 1.0) * (64**digits - 1))], digits)


def pack(values: Floats, digits: int) -> dict[str, Any]:
    """Pack numbers into text on an even grid between the least and the largest of them.

    Parameters
    ----------
    values : array
        Of any shape; they are written in the order of their axes.
    digits : int
        Of each: the grid has 64 to that power steps.

    Returns
    -------
    dict
        `low`, `step`, `digits` and `text`.

    Examples
    --------
    >>> pack(np.array([0.0, 1.0, 63.0]), 1)
    {'low': 0.0, 'step': 1.0, 'digits': 1, 'text': 'AB_'}
    """
    low, high = float(f"{np.min(values):.6g}"), float(np.max(values))
    step = float(f"{(high - low) / (64**digits - 1):.6g}") or 1.0
    numbers = np.clip(np.rint((np.asarray(values) - low) / step), 0, 64**digits - 1).astype(int)
    return {"low": low, "step": step, "digits": digits, "text": write_whole(numbers, digits)}


def unpack(packed: dict[str, Any]) -> Floats:
    """Read numbers that were packed.

    Parameters
    ----------
    packed : dict

    Returns
    -------
    array, shape (value,)

    Examples
    --------
    >>> unpack(pack(np.array([2.0, 3.0]), 2)).round(3).tolist()
    [2.0, 3.0]
    """
    places = 64 ** np.arange(packed["digits"])[::-1]
    numbers = np.array([DIGITS.index(each) for each in packed["text"]]).reshape(-1, packed["digits"]) @ places
    return np.asarray(packed["low"] + packed["step"] * numbers, np.float64)
