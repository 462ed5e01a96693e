"""Units of targets: what they count or measure, and how many single things one stands for."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["UNITS", "Unit", "count_singles"]


@dataclass(frozen=True)
class Unit:
    """A unit of the registry.

    Attributes
    ----------
    name : str
        As the report writes it.
    name_en : str
        What it is in English.
    singles : int
        Single things that one unit stands for; 0 for what is measured rather than counted.
    """

    name: str
    name_en: str
    singles: int


def _register(*units: tuple[str, str, int]) -> dict[str, Unit]:
    return {name: Unit(name, name_en, singles) for name, name_en, singles in units}


UNITS = _register(
    ("%", "per cent", 0),
    ("pp", "percentage points", 0),
    ("倍", "times", 0),
    ("元", "yuan", 0),
    ("亿元", "hundred million yuan", 0),
    ("万吨", "ten thousand tonnes", 0),
    ("万千瓦", "ten thousand kilowatts", 0),
    ("万亩", "ten thousand mu", 0),
    ("亿斤", "hundred million jin", 0),
    ("万亿斤", "trillion jin", 0),
    ("人", "persons", 1),
    ("个", "items", 1),
    ("项", "items", 1),
    ("家", "institutions", 1),
    ("套", "homes", 1),
    ("所", "schools", 1),
    ("处", "places", 1),
    ("条", "lines", 1),
    ("万", "ten thousand", 10_000),
    ("万人", "ten thousand persons", 10_000),
    ("万个", "ten thousand items", 10_000),
    ("万套", "ten thousand homes", 10_000),
)
"""Every unit that a table may use; percentage points and per cent are two."""


def count_singles(value: float, unit: str) -> int | None:
    """Count the single things that a goal means.

    Parameters
    ----------
    value : float
        The goal.
    unit : str
        Its unit, one of `UNITS`.

    Returns
    -------
    int or None
        None where the unit measures rather than counts.

    Raises
    ------
    ValueError
        If single things would be cut.

    Examples
    --------
    >>> count_singles(2.4, "万个")
    24000
    >>> count_singles(318.6, "万吨") is None
    True
    >>> count_singles(2.5, "家")
    Traceback (most recent call last):
    ValueError: 2.5 家 is not a whole number of institutions
    """
    singles = value * UNITS[unit].singles
    if not singles:
        return None
    if abs(singles - round(singles)) > 1e-6:
        raise ValueError(f"{value:g} {unit} is not a whole number of {UNITS[unit].name_en}")
    return round(singles)
