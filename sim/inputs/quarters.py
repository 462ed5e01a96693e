"""Quarters of a year: their names, cumulative figures, and printing to one decimal."""

from __future__ import annotations

import re
from unicodedata import normalize

__all__ = [
    "PRINTED_STEP",
    "find_printed_step",
    "name_cumulative",
    "name_quarter",
    "name_quarters",
    "name_rest",
    "read_period",
]

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


_PERIODS = {
    "Q1": "q1 1q q01 一季度 1季度 第一季度 第1季度 首季 一季 firstquarter 1stquarter quarter1 i",
    "Q2": "q2 2q 二季度 2季度 第二季度 第2季度 secondquarter 2ndquarter quarter2 ii",
    "Q3": "q3 3q 三季度 3季度 第三季度 第3季度 thirdquarter 3rdquarter quarter3 iii",
    "Q4": "q4 4q 四季度 4季度 第四季度 第4季度 fourthquarter 4thquarter quarter4 iv",
    "H1": "h1 1h 上半年 q1-q2 1-2季度 一-二季度 firsthalf halfyear",
    "Q1-Q3": "q1-q3 q1-3 前三季度 前3季度 1-3季度 一-三季度 firstthreequarters ninemonths 9m",
    "FY": "fy 全年 年度 q1-q4 1-4季度 一-四季度 fullyear wholeyear year",
}
_MONTHS = {"Q1": "1-3月 1-3月份", "H1": "1-6月 1-6月份", "Q1-Q3": "1-9月 1-9月份", "FY": "1-12月 1-12月份"}


def _list_names(named: dict[str, str]) -> dict[str, str]:
    return {word: name for name, words in named.items() for word in words.split()}


_NAMES = _list_names(_PERIODS)
_NAMES_BY_MONTHS = _list_names(_MONTHS)


def read_period(text: object, year: int | None = None, first_month: int = 1) -> object:
    """Read a period of a year of four quarters, as people and bulletins name it.

    Parameters
    ----------
    text : object
    year : int, optional
        The year that it is of, which may stand before or behind it; no other may.
    first_month : int
        With which the year begins: months are quarters of the calendar only where it is 1.

    Returns
    -------
    object
        Such as `Q1`, `H1`, `Q1-Q3`, `FY`; what is no such period, or of another year, stays as it is.

    Examples
    --------
    >>> read_period("上半年"), read_period("2024年前三季度", 2024), read_period("q2"), read_period("1-6月")
    ('H1', 'Q1-Q3', 'Q2', 'H1')
    >>> read_period("2023Q1", 2024), read_period("1-5月")
    ('2023Q1', '1-5月')
    """
    if not isinstance(text, str):
        return text
    plain = re.sub("[–—至~]", "-", re.sub(r"[\s_]+", "", normalize("NFKC", text)).casefold())
    found = re.fullmatch(r"(?:((?:19|20)\d\d)年?-?)?(.+?)(?:-?((?:19|20)\d\d))?", plain)
    if found is None:
        return text
    said = {int(each) for each in (found[1], found[3]) if each}
    if said - {year}:
        return text
    known = _NAMES.get(found[2]) or (_NAMES_BY_MONTHS.get(found[2]) if first_month == 1 else None)
    return known or text
