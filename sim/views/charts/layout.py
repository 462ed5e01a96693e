"""The layout of a chart: what stands around its axes, and how many rows have room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.views.charts.room import find_room
from sim.views.charts.style import INK, Look
from sim.views.words import NOTHING, Phrase, say

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

__all__ = ["Around", "Beside", "count_rows", "say_left_out"]

_ROWS = 0.55  # of the room's height that rows may take where the figure is given


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """Words at the right edge of the axes.

    Attributes
    ----------
    height : float
        In data.
    words : str
    colour : str
    weight : str
    points : float
        Size of its letters on a figure of the chart's own.
    key : str
        Colour of a stroke before the words; empty: none.
    """

    height: float
    words: str
    colour: str = INK
    weight: str = "normal"
    points: float = 9.5
    key: str = ""


@dataclass(kw_only=True, slots=True, eq=False)
class Around:
    """What stands around axes; `arrange` measures it and gives the axes what is left.

    Attributes
    ----------
    title : str
    notes : sequence of str
        Small print between title and axes.
    ylabel, xlabel : str
    rows : sequence of (str, str)
        Names down the left, each with what may stand below it; else the axes' own ticks stand there.
    row_heights : sequence of float
        Where they stand; empty means 0, 1, ...
    row_points : float
        Size of their letters on a figure of the chart's own.
    columns : sequence of str
        Names along the top, one a whole number from 0.
    captions : sequence of (float, str)
        Above the names along the top, from a place in data on.
    spans : sequence of (float, float, str)
        Words under the axes' ticks, from one place in data to another.
    beside : sequence of Beside
    apart : bool
        Whether words at the right may be moved, so that they stand apart.
    foot : str
        Small print below the axes.
    key : sequence of artists
        Of which the key is made.
    title_points : float
    made : list of Artist
        What `arrange` has written; it writes anew each time.
    """

    title: str
    notes: Sequence[str] = ()
    ylabel: str = ""
    xlabel: str = ""
    rows: Sequence[tuple[str, str]] = ()
    row_heights: Sequence[float] = ()
    row_points: float = 10
    columns: Sequence[str] = ()
    captions: Sequence[tuple[float, str]] = ()
    spans: Sequence[tuple[float, float, str]] = ()
    beside: Sequence[Beside] = ()
    apart: bool = True
    foot: str = ""
    key: Sequence[Any] = ()
    title_points: float = 14
    made: list[Artist] = field(default_factory=list)


def count_rows(axes: Axes | None, rows: int, look: Look, points: float = 8.5) -> int:
    """Count the rows that have room: all on a figure of the chart's own.

    Parameters
    ----------
    axes : Axes, optional
        As given; None means a figure of the chart's own.
    rows : int
        That are wanted.
    look : Look
    points : float
        Size of their letters on a figure of the chart's own.

    Returns
    -------
    int
    """
    if axes is None:
        return rows
    return max(1, min(rows, int(_ROWS * find_room(axes)[3] * 72 / (1.6 * look.points(points)))))


def say_left_out(number: int, of: int, key: str = "chart.left_out") -> Phrase:
    """Say how many rows or scenarios have no room on the axes; nothing where all have."""
    return say(key, number=number, of=of) if number else NOTHING
