"""Numbers as people write them that are none: what stands in the way, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import decimal, normalize

__all__ = ["explain_number"]

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*%?\s*(?:-|–|—|~|～|to|至|到)\s*({_NUMBER})\s*%?")
_AROUND = re.compile(rf"({_NUMBER})\s*%?\s*(?:±|\+/-|\+-)\s*(\d+(?:\.\d+)?)\s*%?")
_MARKED = re.compile(rf"({_NUMBER})\s*(?:[*†‡#]+|[(\[][A-Za-z0-9初预终]{{1,3}}[)\]])")
_BOUND = re.compile(
    r"(?:[≥≤<>=~≈约]+|大约|不低于|不少于|不超过|不高于|超过|力争|增长|上升|上涨|▲|\+|about|around|at least|at most)?"
    rf"\s*({_NUMBER})\s*(%?)\s*(?:左右|以上|以下|以内|上下)?",
    re.IGNORECASE,
)
_FALL = re.compile(r"(?:下降|降低|减少|回落|▼|▽|△)\s*(\d+(?:\.\d+)?)\s*(%?)|[(（](\d+(?:\.\d+)?)[)）]")
_FRACTION = re.compile(r"(\d{1,3})\s*/\s*(\d{1,3})")
_POINTED = re.compile(r"(\d+)[。·・‧٫](\d+)")
_IN_WORDS = re.compile(r"(百分之|负)?[〇零一二三四五六七八九十百千万亿两点半成]+")
_UNKNOWN = (
    "..",
    "...",
    "…",
    "-",
    "--",
    "—",
    "——",
    "–",
    "n.a.",
    "n/a",
    "na",
    "nil",
    "x",
    "/",
    "不详",
    "暂无",
    "无",
    "?",
)
"""Marks that tables have where nothing is known."""

_SHARES = ("probability", "weight", "share", "required", "if", "else")
"""Keys of numbers from 0 to 1."""


def _explain_range(found: re.Match[str], place: tuple[str, ...]) -> tuple[str, str]:
    low, high = found[1], found[2]
    if place[-1:] == ("value",):
        mend = "a target may be `between`, from value to upper"
    elif place[-1:] == ("target",):
        mend = f"write its lower end, {low}, and the comparator `range`"
    else:
        mend = f"write one, such as its middle, {(float(low) + float(high)) / 2:g}"
    return "'{}' is a range, and one number is due", mend


def _explain_around(found: re.Match[str], place: tuple[str, ...]) -> tuple[str, str]:
    mend = f"write {found[1]}" + (f", and {found[2]} as the tolerance" if place[-1:] == ("value",) else "")
    return "'{}' is a number and how far off it may be", mend


def _explain_fraction(found: re.Match[str], _place: tuple[str, ...]) -> tuple[str, str]:
    return "'{}' is a fraction", f"write {int(found[1]) / max(int(found[2]), 1):.3g}"


def _explain_bound(found: re.Match[str], _place: tuple[str, ...]) -> tuple[str, str]:
    mend = f"write {found[1]} alone; about, at least and at most have a column of their own"
    return "'{}' is not a number alone", mend


def _explain_fall(found: re.Match[str], _place: tuple[str, ...]) -> tuple[str, str]:
    return "'{}' is not a number", f"write -{found[1] or found[3]}, if that is what it means"


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], tuple[str, ...]], tuple[str, str]]], ...] = (
    (_RANGE, _explain_range),
    (_AROUND, _explain_around),
    (_FRACTION, _explain_fraction),
    (_FALL, _explain_fall),
    (_MARKED, lambda found, _: ("'{}' has a mark behind its number", f"write {found[1]}")),
    (_POINTED, lambda found, _: ("'{}' has no decimal point", f"write {found[1]}.{found[2]}")),
    (_IN_WORDS, lambda *_: ("'{}' is a number in words", "write it in figures, such as 5.5")),
    (_BOUND, _explain_bound),
)


def explain_number(given: str, place: tuple[str, ...] = ()) -> tuple[str, str] | None:
    """Explain why a text is no number, where it is plain what was meant.

    Parameters
    ----------
    given : str
        As it is written.
    place : tuple of str
        Keys that lead to it; the last is its own.

    Returns
    -------
    tuple of str, or None
        The problem, and what to write; None where nothing better is known than that it is no number.

    Examples
    --------
    >>> explain_number("5%-6%", ("target",))
    ("'5%-6%' is a range, and one number is due", 'write its lower end, 5, and the comparator `range`')
    >>> explain_number("不低于5.5%")[1], explain_number("６.1*")[1], explain_number("٥٫٥")[1], explain_number("n.a.")[1]
    ('write 5.5 alone; about, at least and at most have a column of their own', 'write 6.1', 'write 5.5', \
'leave the cell empty where nothing is known')
    """
    plain = normalize("NFKC", given).replace("\u2212", "-").strip()
    if plain.casefold() in _UNKNOWN:
        return f"'{given}' is not a number", "leave the cell empty where nothing is known"
    figures = "".join(str(decimal(sign)) if sign.isdecimal() else sign for sign in plain).replace("٫", ".")
    if figures != plain and re.fullmatch(_NUMBER, figures):
        return f"'{given}' is in figures of another script", f"write {figures}"
    if plain != given and re.fullmatch(_NUMBER, plain):
        return f"'{given}' is in signs of another width", f"write {plain}"
    if re.fullmatch(rf"['‘’`]{_NUMBER}", plain):
        return f"'{given}' begins with a quotation mark", f"write {plain[1:]}"
    percent = re.fullmatch(rf"({_NUMBER})\s*%", plain)
    if percent:
        if not {*place[-2:]} & {*_SHARES, "onset"}:
            return None
        return f"'{given}' is in per cent, and a share is due", f"write {float(percent[1]) / 100:g}"
    for form, explain in _FORMS:
        found = form.fullmatch(plain)
        if found:
            problem, mend = explain(found, place)
            return problem.format(given), mend
    return None
