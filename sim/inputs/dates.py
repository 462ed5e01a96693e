"""Dates as people write them: when a forecast or a figure was published."""

from __future__ import annotations

import datetime
import re
from unicodedata import normalize

__all__ = ["find_month", "read_day", "read_month"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


_NUMBERS = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:[-/.年 ]+(?P<month>\d{1,2})(?:[-/.月 ]+(?P<day>\d{1,2})日?(?:[ T].*)?|月)?|年)?"
)


_TOGETHER = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)?")


_DAY_FIRST = re.compile(r"(?P<first>\d{1,2})[-/. ](?P<second>\d{1,2})[-/. ](?P<year>(?:19|20)\d\d)")


def read_month(text: str) -> tuple[int, int | None]:
    """Read the year and the month of a date, however it is spelt.

    Parameters
    ----------
    text : str
        Such as `2024-12-01`, `2024/12`, `20241201`, `2024年12月1日`, `1 December 2024`, `Dec. 2024`, `31/12/2024`.

    Returns
    -------
    year : int
    month : int or None
        None where the date is a year alone.

    Raises
    ------
    ValueError
        If it is no date, or leaves open which number is the month; with the reason.

    Examples
    --------
    >>> read_month("2024年12月1日"), read_month("１ Dec. 2024"), read_month("2024")
    ((2024, 12), (2024, 12), (2024, None))
    """
    plain = normalize("NFKC", text).strip()
    found = _NUMBERS.fullmatch(plain) or _TOGETHER.fullmatch(plain)
    if found:
        return _check(text, found["year"], found["month"], found["day"])
    found = _DAY_FIRST.fullmatch(plain)
    if found:
        numbers = sorted({int(found["first"]), int(found["second"])})
        if len(numbers) == 2 and numbers[1] <= 12:
            raise ValueError(f"'{text}' leaves open which number is the month")
        return _check(text, found["year"], str(numbers[0]), str(numbers[-1]))
    words = re.findall("[a-z]+", plain.casefold())
    months = {_MONTHS.index(word[:3]) + 1 for word in words if _is_month(word)}
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", plain))
    if len(months) == len(years) == 1:
        return int(years.pop()), months.pop()
    raise ValueError(f"'{text}' is not a date")


def _is_month(word: str) -> bool:
    full = ("january", "february", "march", "april", "may", "june", "july", "august", "september")
    return word in (*_MONTHS, *full, "sept", "october", "november", "december")


def _check(text: str, year: str, month: str | None, day: str | None) -> tuple[int, int | None]:
    if not (1 <= int(month or 1) <= 12 and 1 <= int(day or 1) <= 31):
        raise ValueError(f"'{text}' is not a date")
    return int(year), None if month is None else int(month)


def read_day(text: str) -> datetime.date:
    """Read a day, however it is spelt, as `read_month` does.

    Parameters
    ----------
    text : str

    Returns
    -------
    date

    Raises
    ------
    ValueError
        If it is no date, says no day, or leaves open which number is the month; with the reason.

    Examples
    --------
    >>> read_day("2024年4月18日"), read_day("18 April 2024"), read_day("18/4/2024") == read_day("20240418")
    (datetime.date(2024, 4, 18), datetime.date(2024, 4, 18), True)
    """
    year, month = read_month(text)
    plain = normalize("NFKC", text).strip()
    spelt = _NUMBERS.fullmatch(plain) or _TOGETHER.fullmatch(plain)
    first = _DAY_FIRST.fullmatch(plain)
    if spelt:
        day = spelt["day"]
    elif first:
        day = max(first["first"], first["second"], key=int)
    else:
        days = re.findall(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?!\d)", plain)
        day = days[0] if len(days) == 1 else None
    if day is None or month is None:
        raise ValueError(f"'{text}' says no day")
    try:
        return datetime.date(year, month, int(day))
    except ValueError:
        raise ValueError(f"'{text}' is not a date") from None


_NAMED = re.compile(
    r"(?P<before>[A-Z][a-z]{2,8})\.?,? (?:of )?(?P<year>(?:19|20)\d\d)(?!\d)"
    r"|(?P<of>(?:19|20)\d\d)年(?P<month>\d{1,2})月"
)


def find_month(text: str) -> tuple[int, int] | None:
    """Find the one month with its year that a text names, such as a source without a date beside it.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of int, or None
        Year and month; None where it names none, or several.

    Examples
    --------
    >>> find_month("World Bank, Global Economic Prospects, June 2024"), find_month("世界银行2024年6月报告")
    ((2024, 6), (2024, 6))
    >>> find_month("the plan of 2024"), find_month("from May 2023 to June 2024")
    (None, None)
    """
    named = set()
    for found in _NAMED.finditer(normalize("NFKC", text)):
        if found["of"]:
            named.add((int(found["of"]), int(found["month"])))
        elif _is_month(found["before"].casefold()):
            named.add((int(found["year"]), _MONTHS.index(found["before"].casefold()[:3]) + 1))
    month = named.pop() if len(named) == 1 else None
    return month if month and 1 <= month[1] <= 12 else None
