"""Scale: whether a figure has the size of what it is said to be, beside other figures of the same thing.

Nothing here refuses a figure: it is kept, and a question names the cell and what was likely meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from sim.errors import Fault, Place, blame

__all__ = ["Typed", "guess_meant", "question_growth", "question_leap", "question_loading", "question_scale"]

_INDEX = (80.0, 130.0)
"""Where an index lies whose last year is 100."""


_ORDINARY = 30.0
"""Growth, %, that is common enough: where figures are mostly below, one that looks like an index is taken for one."""


_MONEY = 200.0
"""Growth, %, that hardly anything reaches."""


_DECIMALS = 1e-6  # a figure with more than one decimal is no multiple of a tenth


_FACTOR = (0.8, 1.3)
"""Where the ratio of a year to the one before lies."""


_FAR = 13
"""How many times the others a figure of more than 20 is from which on it is none of them."""


_LEAP: Mapping[str, float] = {"real": 8.0, "nominal": 25.0, "price": 8.0, "rate": 5.0}
"""Percentage points from one year to the next, or to its target, beyond which a slip is likelier than the leap."""


MOST_A_QUARTER: Mapping[str, float] = {"real": 15.0, "nominal": 40.0, "price": 10.0, "rate": 10.0}
"""Percentage points that shocks have taken from a quarter's figure, generously: GDP lost 13 in the first of 2020."""


_LEAST_A_QUARTER = 0.02
"""Percentage points below which nobody would write a shock down."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A figure in % that somebody typed.

    Attributes
    ----------
    value : float
    place : Place
        Of its cell.
    what : str
        As a question calls it, such as `gdp 2023`.
    """

    value: float
    place: Place
    what: str


def guess_meant(value: float, usual: float | None) -> str:
    """Guess what a figure in % is instead, if its size is odd.

    Parameters
    ----------
    value : float
    usual : float or None
        Size of other figures of the same thing, %; None where there are none.

    Returns
    -------
    str
        Empty where nothing is odd.

    Examples
    --------
    >>> guess_meant(105.9, 5.5)
    'an index, last year = 100? growth would be 5.9'
    >>> guess_meant(0.046, 4.5)
    'a share? in % it would be 4.6'
    >>> guess_meant(16600, 6.0)
    'a level, perhaps in money? growth is due, in %'
    >>> guess_meant(59, 5.5)
    'ten times too much? 5.9 would be like the others'
    >>> guess_meant(1.059, 5.5)
    'a ratio to last year? growth would be 5.9'
    >>> guess_meant(157.6, 5.5)
    'a level, or of something else? the others are about 5.5'
    >>> guess_meant(5.9, 5.5), guess_meant(0.2, 3.0)
    ('', '')
    """
    size, like = abs(value), max(usual, 1.0) if usual is not None else None
    if _INDEX[0] <= value <= _INDEX[1] and (usual is None or usual <= _ORDINARY):
        return f"an index, last year = 100? growth would be {round(value - 100, 6):g}"
    if size > _MONEY and (like is None or size > 10 * like):
        return "a level, perhaps in money? growth is due, in %"
    fine = abs(value * 10 - round(value * 10)) > _DECIMALS
    if fine and size < 0.3 and (usual is None or (size < usual / 8 and usual / 5 <= 100 * size <= 5 * usual)):
        return f"a share? in % it would be {round(value * 100, 6):g}"
    grown = 100 * abs(value - 1)
    if fine and usual is not None and _FACTOR[0] < value < _FACTOR[1] and usual / 2 <= grown <= 2 * usual:
        return f"a ratio to last year? growth would be {round(100 * value - 100, 6):g}"
    if like is not None and size > 20 and 7 <= size / like <= _FAR:
        return f"ten times too much? {round(value / 10, 6):g} would be like the others"
    if usual is not None and like is not None and size > 20 and size > _FAR * like:
        return f"a level, or of something else? the others are about {usual:g}"
    return ""


def question_growth(argument: str, name: str, value: float, usual: float) -> list[Fault]:
    """Question a growth rate of one's own whose size is unlike that of the plan's.

    Examples
    --------
    >>> print(*question_growth("values", "gdp", 0.055, 5.5))
    values: gdp: 0.055 %; a share? in % it would be 5.5
    """
    odd = guess_meant(value, abs(usual) or None)
    return [blame(argument, f"{name}: {value:g} %", odd, code="range")] if odd else []


def question_scale(figures: Sequence[Typed]) -> Iterator[Fault]:
    """Question figures of one thing, in %, whose size is unlike that of the others.

    Parameters
    ----------
    figures : sequence of Typed
        All that is said of the thing.

    Yields
    ------
    Fault
        A question for each odd figure.

    Examples
    --------
    >>> typed = enumerate([6, 106.1, 7])
    >>> cells = [Typed(value, Place("a.csv", line, 3), f"gdp {2019 + line}") for line, value in typed]
    >>> for fault in question_scale(cells):
    ...     print(fault)
    a.csv:1:3: gdp 2020: 106.1 %; an index, last year = 100? growth would be 6.1
    """
    sober = [abs(each.value) if each.value and not guess_meant(each.value, None) else None for each in figures]
    for number, figure in enumerate(figures):
        others = [size for place, size in enumerate(sober) if place != number and size is not None]
        meant = guess_meant(figure.value, median(others) if others else None)
        if meant:
            yield figure.place.fault(f"{figure.what}: {figure.value:g} %", meant, code="range")


def question_leap(figure: Typed, other: float, beside: str, measure: str) -> Iterator[Fault]:
    """Question a figure that lies further from one beside it than years do, such as one with a minus too many.

    Parameters
    ----------
    figure : Typed
    other : float
        Last year's figure, or what was promised, %.
    beside : str
        What that is, as a question says it.
    measure : str
        Of the indicator: `real`, `nominal`, `price` or `rate`.

    Yields
    ------
    Fault
        None where the size of one of the two is odd already.

    Examples
    --------
    >>> for fault in question_leap(Typed(-5.5, Place("a.csv", 2, 8), "target gdp"), 5.9, "after 5.9 in 2023", "real"):
    ...     print(fault)
    a.csv:2:8: target gdp: -5.5 %, after 5.9 in 2023; a minus too many? or the figure of something else?
    """
    first, second = abs(figure.value), abs(other)
    odd = guess_meant(figure.value, second or None) or guess_meant(other, first or None)
    if abs(figure.value - other) > _LEAP[measure] and not odd:
        meant = "or the figure of something else?"
        if figure.value * other < 0 and abs(first - second) < _LEAP[measure]:
            meant = f"a minus too many? {meant}"
        else:
            meant = meant.removeprefix("or ")
        yield figure.place.fault(f"{figure.what}: {figure.value:g} %, {beside}", meant, code="range")


def question_loading(loading: float, strength: float, measure: str, place: Place, what: str) -> Iterator[Fault]:
    """Question how far a shock moves a quarter's figure.

    Parameters
    ----------
    loading : float
        Percentage points at size one.
    strength : float
        The ordinary size at the peak of the profile.
    measure : str
        Of the indicator: `real`, `nominal`, `price` or `rate`.
    place : Place
    what : str

    Yields
    ------
    Fault

    Examples
    --------
    >>> for fault in question_loading(-20, 1.0, "real", Place("a.yaml", 9, 12), "gdp"):
    ...     print(fault)
    a.yaml:9:12: gdp: 20 points in one quarter; more than 15 has hardly been seen: is the loading in points of a \
quarter's figure, and the size in its own unit?
    """
    moved = abs(loading) * strength
    most = MOST_A_QUARTER[measure]
    if moved > most:
        meant = f"more than {most:g} has hardly been seen"
        meant += ": is the loading in points of a quarter's figure, and the size in its own unit?"
        yield place.fault(f"{what}: {moved:.3g} points in one quarter", meant, code="range")
    elif 0 < moved < _LEAST_A_QUARTER:
        meant = f"a share? in percentage points the loading would be {round(loading * 100, 6):g}"
        yield place.fault(f"{what}: {moved:.2g} points in one quarter", meant, code="range")
