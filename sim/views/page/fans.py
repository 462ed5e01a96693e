"""Charts of the report as coordinates: fans with history, and the reliability diagram; the templates draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.views.fan_layout import Band, FanLayout, set_apart
from sim.views.phrases import say_odds
from sim.views.series import choose_step
from sim.views.words import NOTHING, Phrase, say

__all__ = ["Bin", "Fan", "Line", "Mark", "lay_reliability", "place_fan"]

WIDTH, HEIGHT = 460, 292


LEFT, RIGHT, TOP, BOTTOM = 34, 112, 20, 26


_HISTORY = 0.39  # share of the width that past years take


_LABEL = 30  # least distance of the words at the right


_YEAR = 42  # least distance of the names of years


@dataclass(frozen=True)
class Mark:
    """Words, or a dot, at a place of a chart.

    Attributes
    ----------
    x, y : float
        Place in the chart's own units.
    words : Phrase
    note : Phrase
        A line above them, or nothing.
    kind : str
        What is named, for its style.
    """

    x: float
    y: float
    words: Phrase = NOTHING
    note: Phrase = NOTHING
    kind: str = ""


@dataclass(frozen=True)
class Line:
    """A target's line, and how far its tolerance reaches."""

    y: float
    bound: float


@dataclass(frozen=True)
class Fan:
    """A fan chart.

    Attributes
    ----------
    id : str
        Of the indicator.
    titles : tuple of Phrase
        The odds of each target in words.
    notes : tuple of Phrase
        What the odds are within the tolerance.
    axis, words : Phrase
        What is measured; what the chart shows, for those who cannot see it.
    width, height, left, top, bottom, start, end : float
        Of the drawing; where the target year begins and the lines end.
    bands : tuple of (str, str)
        Points and style of each band, the widest first.
    median, history : str
        Points of the lines; history is a path with gaps.
    dots, past, promised : tuple of Mark
        Medians, past outcomes and past targets.
    aims : tuple of Line
    rows, columns, labels : tuple of Mark
        Names of the heights, of the times, and of the lines at the right.
    """

    id: str
    titles: tuple[Phrase, ...]
    notes: tuple[Phrase, ...]
    axis: Phrase
    words: Phrase
    start: float
    end: float
    bands: tuple[tuple[str, str], ...]
    median: str
    history: str
    dots: tuple[Mark, ...]
    past: tuple[Mark, ...]
    promised: tuple[Mark, ...]
    aims: tuple[Line, ...]
    rows: tuple[Mark, ...]
    columns: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    year: str
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Bin:
    """A point of the reliability diagram, with the bar that holds nine shares in ten if the odds are right."""

    x: float
    y: float
    low: float
    high: float
    radius: float
    n: int
    words: Phrase


@dataclass(frozen=True)
class _Scale:
    """From growth and time to places."""

    low: float
    high: float
    years: range
    quarters: int

    def x(self, quarter: float) -> float:
        """Place the end of a quarter, counted from 1."""
        width = WIDTH - LEFT - RIGHT
        start = LEFT + width * _HISTORY
        return start + (WIDTH - RIGHT - start) * (quarter - 0.4) / (self.quarters - 0.2)

    def x_year(self, year: int) -> float:
        """Place a past year; the last one stands left of the target year."""
        width = (WIDTH - LEFT - RIGHT) * _HISTORY
        step = (width - 22) / max(len(self.years) - 1, 3)
        return LEFT + width - 12 - step * (self.years[-1] - year)

    def y(self, value: float) -> float:
        """Place a height, downwards."""
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low)


def place_fan(layout: FanLayout) -> Fan:
    """Place the numbers and words of a fan on the page, with all of its history.

    Parameters
    ----------
    layout : FanLayout

    Returns
    -------
    Fan
        In units of the drawing.
    """
    outcomes = layout.outcomes or {layout.year - 1: layout.before}
    shown = [*layout.around, *outcomes.values(), *layout.promised.values()]
    margin = 0.04 * (max(shown) - min(shown)) or 1.0
    years, count = range(min([*outcomes, *layout.promised]), layout.year), len(layout.periods)
    scale = _Scale(min(shown) - margin, max(shown) + margin, years, count)
    xs = [scale.x(quarter + 1) for quarter in range(count)]
    medians = [scale.y(value) for value in layout.median]
    return Fan(
        id=layout.id,
        titles=layout.titles or (layout.name,),
        notes=layout.notes,
        axis=layout.measure,
        words=layout.description,
        start=scale.x(0.5),
        end=WIDTH - RIGHT,
        bands=tuple((_draw_band(xs, band, scale), f"band-{band.share}") for band in layout.bands),
        median=_draw_line(xs, medians),
        history=_draw_history(outcomes, scale),
        dots=tuple(Mark(x, y) for x, y in zip(xs, medians, strict=True)),
        past=tuple(Mark(scale.x_year(year), scale.y(value)) for year, value in outcomes.items()),
        promised=tuple(Mark(scale.x_year(year), scale.y(value)) for year, value in layout.promised.items()),
        aims=tuple(Line(scale.y(aim.value), scale.y(aim.bound)) for aim in layout.aims),
        rows=tuple(Mark(LEFT - 6, scale.y(value), Phrase(words, words)) for value, words in _choose_heights(scale)),
        columns=tuple(_name_times(scale, layout.periods)),
        labels=tuple(_name_ends(layout, scale)),
        year=layout.year_name,
    )


def _draw_line(xs: Sequence[float], ys: Sequence[float]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))


def _draw_band(xs: Sequence[float], band: Band, scale: _Scale) -> str:
    over, under = ([scale.y(value) for value in edge] for edge in (band.high, band.low))
    return f"{_draw_line(xs, over)} {_draw_line(xs[::-1], under[::-1])}"


def _draw_history(outcomes: Mapping[int, float], scale: _Scale) -> str:
    """Draw past outcomes, with a gap where a year is unknown."""
    parts = []
    for year, value in outcomes.items():
        parts.append(f"{'L' if year - 1 in outcomes else 'M'}{scale.x_year(year):.1f},{scale.y(value):.1f}")
    return "".join(parts)


def _choose_heights(scale: _Scale) -> list[tuple[float, str]]:
    """Choose heights to name: five or so round numbers."""
    span = scale.high - scale.low
    step = max(choose_step(span, 7), 0.1)
    first = int(-(-scale.low // step))
    heights = [number * step for number in range(first, int(scale.high // step) + 1)]
    return [(height, f"{height:.{1 if step < 1 else 0}f}".replace("-", "−")) for height in heights]


def _name_times(scale: _Scale, periods: Sequence[Phrase]) -> list[Mark]:
    """Name some past years, the last one among them, and every quarter."""
    last = scale.years[-1]
    step = scale.x_year(last) - scale.x_year(last - 1)
    every = next(every for every in (1, 2, 3, 4, 5, 10, 20, 1000) if every * step >= _YEAR)
    kept = [year for year in scale.years if (last - year) % every == 0]
    names = [Mark(scale.x_year(year), 0, Phrase(str(year), str(year))) for year in kept]
    return [*names, *(Mark(scale.x(quarter + 1), 0, period) for quarter, period in enumerate(periods))]


def _name_ends(layout: FanLayout, scale: _Scale) -> list[Mark]:
    """Name the median and each target at the right end of its line, apart and within the drawing."""
    labels = layout.list_labels()
    heights = set_apart([scale.y(label.height) for label in labels], _LABEL)
    shift = max(0.0, max(heights) - (HEIGHT - BOTTOM - 8))
    shift = min(shift, min(heights) - TOP - 6)
    return [
        Mark(WIDTH - RIGHT + 6, height - shift, label.words, label.note, f"{label.kind}-name")
        for label, height in zip(labels, heights, strict=True)
    ]


def lay_reliability(bins: pd.DataFrame) -> list[Bin]:
    r"""Lay out a reliability diagram in a square of 100 units, downwards.

    Parameters
    ----------
    bins : DataFrame
        As `sim.learning.track_record.measure_reliability` gives them.

    Returns
    -------
    list of Bin

    Examples
    --------
    >>> from sim.learning.track_record import read_panel_reliability
    >>> lay_reliability(read_panel_reliability())[0].words.en
    '10 targets given about 5 %: 0 % were met'
    """
    found = []
    for n, given, met, low, high in bins[["n", "probability", "met", "q05", "q95"]].itertuples(index=False):
        words = say("reliability.bin", n=int(n), given=say_odds(given, digits=0), met=say_odds(met, digits=0))
        radius = 0.9 + 0.33 * float(n) ** 0.5
        found.append(Bin(100 * given, 100 - 100 * met, 100 - 100 * low, 100 - 100 * high, radius, int(n), words))
    return found
