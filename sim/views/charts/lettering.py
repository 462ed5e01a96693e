"""Lettering: how wide and high words are as drawn, and where their lines break."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

__all__ = ["SLACK", "Lettering"]

SLACK = 0.6
"""Points: hinting makes words wider than they are measured, small ones most."""

_OPENING = "".join(map(chr, (0xFF08, 0x300A, 0x201C, 0x2018, 0x300C)))  # brackets and quotes
_STOPS = 0xFF0C, 0x3002, 0x3001, 0xFF1B, 0xFF1A, 0xFF09, 0x300B, 0x201D, 0x2019, 0x300D, 0xFF01, 0xFF1F, 0xFF05, 0x2026
_CLOSING = "".join(map(chr, _STOPS))


_PIECE = re.compile(rf"[{_OPENING}]*(?:[!-~\u00a0-\u2017\u2020-\u2e7f]+|[\u2e80-\uffff])[{_CLOSING}]*|[^\S\u00a0]+")
"""A word, or a Chinese character, with the punctuation that must not part from it."""


class Lettering:
    """Measures and breaks words in one size of letters on a figure.

    Parameters
    ----------
    figure : Figure or SubFigure
    families : sequence of str
        Of fonts.
    spacing : float
        Distance of lines, in heights of a line.
    """

    def __init__(self, figure: Figure | SubFigure, families: Sequence[str], spacing: float) -> None:
        from matplotlib.text import Text

        self._probe = Text(0, 0, "", fontfamily=[*families], linespacing=spacing, parse_math=False, usetex=False)
        self._probe.set_figure(figure)
        self._dpi = figure.dpi
        self._widths: dict[tuple[str, float, str], float] = {}

    def measure(self, words: str, points: float, weight: str = "normal") -> tuple[float, float]:
        """Measure the width and height of words in inches, each line with its own break."""
        if not words:
            return 0.0, 0.0
        self._probe.set(text=words, fontsize=points, fontweight=weight)
        box = self._probe.get_window_extent()
        return (1 + SLACK / points) * box.width / self._dpi, box.height / self._dpi

    def find_width(self, words: str, points: float, weight: str = "normal") -> float:
        """Find the width of one line in inches."""
        key = words, points, weight
        if key not in self._widths:
            self._widths[key] = self.measure(words, points, weight)[0]
        return self._widths[key]

    def wrap(
        self, words: str, width: float, points: float, weight: str = "normal", most: int = 0, level: bool = False
    ) -> str:
        """Break words into lines no wider than so many inches.

        Parameters
        ----------
        words : str
            Its own line breaks are kept.
        width : float
            Inches.
        points : float
            Size of the letters.
        weight : str
        most : int
            Lines, beyond which words are cut to `…`; 0 means as many as it takes.
        level : bool
            Whether lines become about equally long.

        Returns
        -------
        str
        """
        style: dict[str, Any] = {"points": points, "weight": weight}
        lines: list[str] = []
        for paragraph in words.split("\n"):
            if self.find_width(paragraph, **style) <= width:
                lines.append(paragraph)
                continue
            glued = paragraph.replace(" ± ", "\u00a0±\u00a0").replace(" %", "\u00a0%")
            pieces = [(piece, self.find_width(piece, **style)) for piece in _PIECE.findall(glued)]
            found = _break(pieces, width)
            if level and len(found) > 1:
                low, high = width / 2, width
                for _ in range(6):  # as narrow as takes no further line
                    middle = (low + high) / 2
                    tried = _break(pieces, middle)
                    fits = len(tried) == len(found) and max(self.find_width(line, **style) for line in tried) <= width
                    low, high = (low, middle) if fits else (middle, high)
                found = _break(pieces, high)
            lines += [line.replace("\u00a0", " ") for line in found]
        if most and len(lines) > most:
            last = lines[most - 1]
            while last and self.find_width(f"{last}…", **style) > width:
                last = last[:-1]
            lines = [*lines[: most - 1], f"{last.rstrip()}…"]
        return "\n".join(lines)


def _break(pieces: Sequence[tuple[str, float]], width: float) -> list[str]:
    """Fill lines with pieces, each as full as can be."""
    lines, line, used = list[str](), "", 0.0
    for piece, wide in pieces:
        if line.strip() and piece.strip() and used + wide > width:
            lines.append(line.strip(" "))
            line, used = "", 0.0
        if line or piece.strip():
            line, used = line + piece, used + wide
    return [*lines, line.strip(" ")] if line.strip() else lines
