"""Where lines of Chinese are broken: none begins with a stop or ends in an opening bracket."""

from __future__ import annotations

from itertools import pairwise
from unicodedata import category

from rich.cells import cell_len
from rich.text import Text

__all__ = ["break_lines"]


def break_lines(text: str | Text, width: int) -> str | Text:
    r"""Break a text that holds Chinese into lines; another one stays as it is, since its words are parted by spaces.

    Parameters
    ----------
    text : str or Text
    width : int
        Of a line, in columns of the screen.

    Returns
    -------
    str or Text

    Examples
    --------
    >>> break_lines("共 27 项：经济形势分析研判；先行指标", 16)
    '共 27 项：经济形\n势分析研判；先行\n指标'
    """
    plain = text if isinstance(text, str) else text.plain
    if cell_len(plain) == len(plain):
        return text
    breaks = _find_breaks(plain, width)
    if isinstance(text, str):
        ends = [0, *breaks, len(plain)]
        lines = [plain[first:last] for first, last in pairwise(ends)]
        return "\n".join([*(line.rstrip(" ") for line in lines[:-1]), lines[-1]])
    parts = [*text.divide(breaks)]
    for part in parts[:-1]:
        part.rstrip()
    return Text("\n").join(parts)


def _find_breaks(plain: str, width: int) -> list[int]:
    """Find the places before which a new line begins."""
    breaks: list[int] = []
    begun = possible = taken = 0
    for place, sign in enumerate(plain):
        if sign == "\n":
            begun = possible = place + 1
            taken = 0
            continue
        if place > begun and _may_part(plain, place):
            possible = place
        taken += cell_len(sign)
        if taken > width and sign != " " and possible > begun:
            breaks.append(possible)
            begun, taken = possible, cell_len(plain[possible : place + 1])
    return breaks


def _may_part(plain: str, place: int) -> bool:
    """Whether a line may end before a sign."""
    before, sign = plain[place - 1], plain[place]
    if sign in " \n" or _closes(sign) or _opens(before):
        return False
    if before == " ":
        return not (place > 1 and plain[place - 2].isdigit() and cell_len(sign) == 2)  # a number and what it counts
    return cell_len(before) == 2 or cell_len(sign) == 2 or (_closes(before) and before != "%") or _opens(sign)


def _closes(sign: str) -> bool:
    """Whether no line begins with a sign: a stop, a closing bracket, per cent."""
    return sign == "%" or (not sign.isascii() and category(sign) in ("Pe", "Pf", "Po"))


def _opens(sign: str) -> bool:
    """Whether no line ends in a sign: an opening bracket or quotation mark."""
    return not sign.isascii() and category(sign) in ("Ps", "Pi")
