"""Quarters of a year: their names, cumulative figures, and printing to one decimal."""

from __future__ import annotations

__all__ = ["PRINTED_STEP", "find_printed_step", "name_cumulative", "name_quarter", "name_quarters", "name_rest"]

PRINTED_STEP = 0.1
"""Published growth rates are printed to this step, in percentage points (5.45 is printed as 5.5)."""


def find_printed_step(*figures: float) -> float:
    """Find the step in which growth is printed: to one decimal, or to two where a figure of it has two.

    Parameters
    ----------
    figures : float
        Last year's figure, the target; %.

    Returns
    -------
    float
        Percentage points.

    Examples
    --------
    >>> find_printed_step(5.9, 5.5), find_printed_step(3.45, 3.0)
    (0.1, 0.01)
    """
    fine = any(abs(figure * 10 - round(figure * 10)) > 1e-6 for figure in figures)
    return PRINTED_STEP / 10 if fine else PRINTED_STEP


def name_quarter(index: int) -> str:
    """Name a single quarter.

    Parameters
    ----------
    index : int
        Counted from 0.

    Returns
    -------
    str

    Examples
    --------
    >>> name_quarter(0)
    'Q1'
    """
    return f"Q{index + 1}"


def name_quarters(count: int) -> tuple[str, ...]:
    """Name the single quarters of a year.

    Parameters
    ----------
    count : int
        Quarters of the year.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> name_quarters(4)
    ('Q1', 'Q2', 'Q3', 'Q4')
    """
    return tuple(name_quarter(index) for index in range(count))


def name_cumulative(index: int, count: int) -> str:
    """Name the figure from the year's start to the end of a quarter, as statistical offices do.

    Parameters
    ----------
    index : int
        The quarter, counted from 0.
    count : int
        Quarters of the year.

    Returns
    -------
    str

    Examples
    --------
    >>> [name_cumulative(index, 4) for index in range(4)]
    ['Q1', 'H1', 'Q1-Q3', 'FY']
    """
    if index == count - 1:
        return "FY"
    if index == 0:
        return "Q1"
    if 2 * (index + 1) == count:
        return "H1"
    return f"Q1-{name_quarter(index)}"


def name_rest(quarter: int, count: int) -> str:
    """Name what is left of a year after a quarter.

    Parameters
    ----------
    quarter : int
        The last one that is over, counted from 0; -1 before the first.
    count : int
        Quarters of the year.

    Returns
    -------
    str
        Empty where nothing is left.

    Examples
    --------
    >>> [name_rest(quarter, 4) for quarter in range(-1, 4)]
    ['FY', 'Q2-Q4', 'Q3-Q4', 'Q4', '']
    """
    if quarter < 0:
        return name_cumulative(count - 1, count)
    left = [name_quarter(each) for each in range(quarter + 1, count)]
    return "-".join(dict.fromkeys([*left[:1], *left[-1:]]))
