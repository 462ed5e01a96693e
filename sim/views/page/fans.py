"""Charts of the report as coordinates: fans with history, and the reliability diagram; the templates draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.tables import Indicator
from sim.inputs.plan.targets import Growth
from sim.inputs.quarters import name_cumulative
from sim.model.thresholds import find_bound
from sim.results.attainment import Attainment
from sim.views.charts.data import choose_step, list_history, pick_quantiles
from sim.views.charts.style import FAN
from sim.views.phrases import pair, say_aim, say_odds, say_period
from sim.views.words import NOTHING, Phrase, say

__all__ = ["Aim", "Bin", "Fan", "Mark", "lay_fan", "lay_reliability"]

WIDTH, HEIGHT = 460, 292


LEFT, RIGHT, TOP, BOTTOM = 34, 104, 20, 26


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
class Aim:
    """A target's line, and how far its tolerance reaches."""

    y: float
    allowed: float


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
        Points and colour of each band, the widest first.
    median, history : str
        Points of the lines; history is a path with gaps.
    dots, past, promised : tuple of Mark
        Medians, past outcomes and past targets.
    aims : tuple of Aim
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
    aims: tuple[Aim, ...]
    rows: tuple[Mark, ...]
    columns: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    year: int
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
        """The end of a quarter, counted from 1."""
        width = WIDTH - LEFT - RIGHT
        start = LEFT + (width * _HISTORY if self.years else 0)
        return start + (WIDTH - RIGHT - start) * (quarter - 0.4) / (self.quarters - 0.2)

    def x_year(self, year: int) -> float:
        """A past year; the last one stands left of the target year."""
        width = (WIDTH - LEFT - RIGHT) * _HISTORY
        step = (width - 22) / max(len(self.years) - 1, 3)
        return LEFT + width - 12 - step * (self.years[-1] - year)

    def y(self, value: float) -> float:
        """A height, downwards."""
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low)


def lay_fan(attainment: Attainment, indicator: Indicator, titles: Sequence[Phrase], notes: Sequence[Phrase]) -> Fan:
    """Lay out the fan of an indicator, with all of its history.

    Parameters
    ----------
    attainment : Attainment
    indicator : Indicator
    titles, notes : sequence of Phrase
        What to say of the odds of its targets.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000, n_calibrations=0)
    >>> lay_fan(result.attainments[0], plan.find_indicator("gdp"), [], []).words.en
    'GDP: history, and the fan of 2024 with median 5.0 and 90 % of outcomes from 2.9 to 6.5'
    """
    plan, count = attainment.plan, len(attainment.plan.quarter_names)
    periods = [name_cumulative(quarter, count) for quarter in range(count)]
    fan = pick_quantiles(attainment, indicator.id, indicator.unit, periods)
    aims = [target for target in plan.growth if target.indicator == indicator.id]
    outcomes, promised = _find_past(plan, indicator)
    known = [*outcomes, *promised]
    shown = [*fan["q05"], *fan["q95"], *(target.value for target in aims), *outcomes.values(), *promised.values()]
    margin = 0.04 * (max(shown) - min(shown)) or 1.0
    years = range(min(known), plan.year) if known else range(0)
    scale = _Scale(min(shown) - margin, max(shown) + margin, years, count)
    xs = [scale.x(quarter + 1) for quarter in range(count)]
    medians = [scale.y(value) for value in fan["q50"]]
    end = f"{fan['q50'].iloc[-1]:.1f}"
    low, high = (f"{fan[name].iloc[-1]:.1f}" for name in ("q05", "q95"))
    return Fan(
        id=indicator.id,
        titles=tuple(titles),
        notes=tuple(notes),
        axis=say(f"measure.{indicator.measure}", unit=indicator.unit),
        words=say("fan.described", name=pair(indicator), year=plan.year, median=end, low=low, high=high),
        start=scale.x(0.5),
        end=WIDTH - RIGHT,
        bands=tuple((_draw_band(xs, fan, *levels, scale), colour) for levels, colour in FAN.items()),
        median=_draw_line(xs, medians),
        history=_draw_history(outcomes, scale),
        dots=tuple(Mark(x, y) for x, y in zip(xs, medians, strict=True)),
        past=tuple(Mark(scale.x_year(year), scale.y(value)) for year, value in outcomes.items()),
        promised=tuple(Mark(scale.x_year(year), scale.y(value)) for year, value in promised.items()),
        aims=tuple(Aim(scale.y(target.value), scale.y(find_bound(plan, target, "tolerance"))) for target in aims),
        rows=tuple(Mark(LEFT - 6, scale.y(value), Phrase(words, words)) for value, words in _choose_heights(scale)),
        columns=tuple(_name_times(scale, count)),
        labels=tuple(_name_ends(medians[-1], end, aims, scale)),
        year=plan.year,
    )


def _find_past(plan: Plan, indicator: Indicator) -> tuple[dict[int, float], dict[int, float]]:
    """Outcomes and past targets of the plan's own place, by year."""
    rows = list_history(plan, indicator.id)
    outcomes = {row.year: row.outcome for row in rows if row.outcome is not None}
    promised = {row.year: row.target for row in rows if row.target is not None}
    return outcomes or {plan.year - 1: indicator.baseline}, promised


def _draw_line(xs: Sequence[float], ys: Sequence[float]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))


def _draw_band(xs: Sequence[float], fan: pd.DataFrame, lower: str, upper: str, scale: _Scale) -> str:
    over, under = ([scale.y(value) for value in fan[name]] for name in (upper, lower))
    return f"{_draw_line(xs, over)} {_draw_line(xs[::-1], under[::-1])}"


def _draw_history(outcomes: dict[int, float], scale: _Scale) -> str:
    """Past outcomes, a gap where a year is unknown."""
    parts = []
    for year, value in outcomes.items():
        parts.append(f"{'L' if year - 1 in outcomes else 'M'}{scale.x_year(year):.1f},{scale.y(value):.1f}")
    return "".join(parts)


def _choose_heights(scale: _Scale) -> list[tuple[float, str]]:
    """Heights to name: five or so round numbers."""
    span = scale.high - scale.low
    step = max(choose_step(span, 7), 0.1)
    first = int(-(-scale.low // step))
    heights = [number * step for number in range(first, int(scale.high // step) + 1)]
    return [(height, f"{height:.{1 if step < 1 else 0}f}".replace("-", "−")) for height in heights]


def _name_times(scale: _Scale, count: int) -> list[Mark]:
    """Names of some past years, the last one among them, and of every quarter."""
    names = []
    if scale.years:
        last = scale.years[-1]
        step = scale.x_year(last) - scale.x_year(last - 1)
        every = next(every for every in (1, 2, 3, 4, 5, 10, 20, 1000) if every * step >= _YEAR)
        kept = [year for year in scale.years if (last - year) % every == 0]
        names = [Mark(scale.x_year(year), 0, Phrase(str(year), str(year))) for year in kept]
    for quarter in range(count):
        names.append(Mark(scale.x(quarter + 1), 0, say_period(name_cumulative(quarter, count))))
    return names


def _name_ends(height: float, median: str, aims: Sequence[Growth], scale: _Scale) -> list[Mark]:
    """Names of the median and of each target at the right end of its line."""
    at = WIDTH - RIGHT + 6
    labels = [Mark(at, height, Phrase(median, median), say("fan.median"), "median-name")]
    labels += [Mark(at, scale.y(target.value), say_aim(target), say("fan.target"), "aim-name") for target in aims]
    return _set_apart(labels)


def _set_apart(labels: Sequence[Mark]) -> list[Mark]:
    """Words at the right moved apart where they would touch, and kept within the drawing."""
    ordered = sorted(labels, key=lambda label: label.y)
    heights: list[float] = []
    for label in ordered:
        heights.append(max([label.y, *(above + _LABEL for above in heights[-1:])]))
    shift = sum(height - label.y for height, label in zip(heights, ordered, strict=True)) / len(ordered)
    shift = max(shift, heights[-1] - (HEIGHT - BOTTOM - 8))
    shift = min(shift, heights[0] - TOP - 6)
    return [replace(label, y=height - shift) for height, label in zip(heights, ordered, strict=True)]


def lay_reliability(bins: pd.DataFrame) -> list[Bin]:
    r"""Lay out a reliability diagram in a square of 100 units, downwards.

    Parameters
    ----------
    bins : DataFrame
        As `sim.learning.track_record.measure_reliability` gives them.

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
