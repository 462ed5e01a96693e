"""Fonts: a family with Chinese glyphs, if this machine has one, and what to install if not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

__all__ = ["ADVICE", "CHINESE_FAMILIES", "LATIN_FAMILY", "find_chinese", "make_printable"]

LATIN_FAMILY = "DejaVu Sans"
"""Comes with matplotlib, so that an English chart is the same on every machine."""


CHINESE_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "STHeiti",
    "SimHei",
    "DengXian",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    # matplotlib before 3.11 sees only the first face of a collection: the Japanese one, which has every
    # character of this product's own words
    "Noto Sans CJK JP",
    "Source Han Sans",
    "Source Han Sans JP",
    "Arial Unicode MS",
    "Noto Serif CJK SC",
    "Noto Serif CJK JP",
    "SimSun",
    "Songti SC",
)
"""Families looked for, the best first."""


ADVICE = (
    "no font with Chinese characters found, labels are English; install one: `apt install fonts-noto-cjk` "
    "(Debian, Ubuntu), `dnf install google-noto-sans-cjk-fonts` (Fedora); Windows and macOS have one"
)
"""One line: what is missing and how to get it."""


_FILES = (
    *("notosanscjk", "notosanssc", "notoserifcjk", "sourcehansans", "wqy-", "wenquanyi"),
    *("simhei", "simsun", "msyh", "deng", "pingfang", "stheiti", "hiragino"),
)


_SAMPLE = "青岛增长很不可能"


def find_chinese() -> str | None:
    """Find an installed family with Chinese glyphs.

    Returns
    -------
    str or None
        The first of `CHINESE_FAMILIES` that is installed; None if none is.

    Examples
    --------
    >>> family = find_chinese()
    >>> family is None or family in CHINESE_FAMILIES
    True
    """
    return _search() or (_search() if _list_new_files() else None)


def make_printable(text: str, families: Sequence[str]) -> str:
    """Put `?` for every character that no family has a glyph for.

    Parameters
    ----------
    text : str
    families : sequence of str
        Installed families, in the order in which they are tried.

    Returns
    -------
    str
        Of the same length; drawing it in these families finds every glyph.

    Examples
    --------
    >>> make_printable("GDP ≥ 5 %", [LATIN_FAMILY])
    'GDP ≥ 5 %'
    >>> make_printable("增长 5 %", [LATIN_FAMILY])
    '?? 5 %'
    """
    if text.isascii() and text.isprintable():
        return text
    weights = [_open_faces(families, weight) for weight in ("regular", "bold")]
    return "".join(
        letter
        if letter == "\n" or all(any(face.get_char_index(ord(letter)) for face in faces) for faces in weights)
        else "?"
        for letter in text
    )


def _open_faces(families: Sequence[str], weight: str) -> list[FT2Font]:
    """Open the families' faces of one weight; a bold face may lack glyphs that the regular one has."""
    from matplotlib import font_manager

    wanted = [font_manager.FontProperties(family=[family], weight=weight) for family in families]
    return [font_manager.get_font(font_manager.findfont(each)) for each in wanted]


def _search() -> str | None:
    from matplotlib import font_manager

    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    for family in CHINESE_FAMILIES:
        if family in installed and "?" not in make_printable(_SAMPLE, [family]):
            return family
    return None


def _list_new_files() -> bool:
    """Tell matplotlib of fonts installed since it wrote its list, which it never brings up to date by itself."""
    from pathlib import Path

    from matplotlib import font_manager

    listed = {entry.fname for entry in font_manager.fontManager.ttflist}
    new = [
        path
        for path in sorted(font_manager.findSystemFonts())
        if path not in listed and Path(path).name.lower().startswith(_FILES)
    ]
    for path in new:
        font_manager.fontManager.addfont(path)
    return bool(new)
