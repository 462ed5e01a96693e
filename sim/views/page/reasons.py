"""Charts of why odds stand where they do, and of what each shock does to them: rows of bars for a style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.shock_odds import ShockOdds, measure_shocks
from sim.inputs.plan.targets import Growth
from sim.model.known import compile_published
from sim.results.attainment import QUANTILE_LEVELS
from sim.views.centre_lines import list_steps, say_centre
from sim.views.numbers import choose_digits, print_change, print_odds
from sim.views.phrases import pair, say_verdict
from sim.views.words import NOTHING, Phrase, say

if TYPE_CHECKING:
    from sim.results.run import Run

__all__ = ["Bar", "BarChart", "build_shocks", "build_why"]

_SEEN = 0.5
"""Percentage points of odds from which a shock is listed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A row: a bar on a track, and its number.

    Attributes
    ----------
    name : Phrase
    number : str
    kind : str
        For its style: `level`, `more`, `less` or `spread`.
    left, width : float
        Of the bar, % of the track.
    whisker : tuple of float
        Left end and width of a thin line over it, %; empty where there is none.
    """

    name: Phrase
    number: str
    kind: str
    left: float
    width: float
    whisker: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BarChart:
    """Rows of bars on one scale, with a line through all of them.

    Attributes
    ----------
    id : str
        Of the target.
    title, note : Phrase
    line : float
        % of the track.
    bars : tuple of Bar
    """

    id: str
    title: Phrase
    line: float
    bars: tuple[Bar, ...]
    note: Phrase = NOTHING


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scale:
    """From values to % of a track, with a little room at both ends."""

    low: float
    high: float

    def place(self, value: float) -> float:
        return round(2 + 96 * (value - self.low) / max(self.high - self.low, 1e-9), 2)

    def span(self, one: float, other: float) -> tuple[float, float]:
        left, right = sorted((self.place(one), self.place(other)))
        return left, round(right - left, 2)


def build_why(run: Run) -> list[BarChart]:
    """Build a chart for each headline target of growth: from the last outcome by steps to the centre, and the outcome.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of BarChart
    """
    return [_build_why(run, target) for target in run.model.plan.headline_growth]


def _build_why(run: Run, target: Growth) -> BarChart:
    plan, first = run.model.plan, run.attainments[0]
    series = [indicator.id for indicator in plan.indicators].index(target.indicator)
    low, middle, high = (float(first.growth[-1, series, QUANTILE_LEVELS.index(level)]) for level in (0.1, 0.5, 0.9))
    steps = list_steps(run.model, target)
    centre = run.model.calibration.indicators[target.indicator].centre.value
    ends = [each.high for each in steps] + [each.low for each in steps if each.points is not None]
    values = [low, high, target.value, centre, *ends]
    scale = _Scale(low=min(values), high=max(values))
    bars = []
    for each in steps:
        if each.points is not None and print_change(each.points) == "0.0":
            continue
        if each.points is None:
            left, width = scale.place(each.high), 0.0
            number, kind = f"{each.high:.1f}", "level"
        else:
            left, width = scale.span(each.low, each.high)
            number, kind = print_change(each.points), "more" if each.points > 0 else "less"
        bars.append(Bar(name=each.name, number=number, kind=kind, left=left, width=width))
    if not steps:
        named = say("centre.ordinary")
        bars.append(Bar(name=named, number=f"{centre:.1f}", kind="level", left=scale.place(centre), width=0.0))
    left, width = scale.span(low, high)
    between = {"low": f"{low:.1f}".replace("-", "−"), "high": f"{high:.1f}"}
    name = say("centre.outcome", scenario=pair(first.scenario, "title"), **between)
    number = f"{middle:.1f}"
    bars.append(
        Bar(name=name, number=number, kind="spread", left=left, width=width, whisker=(scale.place(middle), 0.0))
    )
    place = plan.judged.index(target)
    title = say_verdict(plan, target, float(first.met[0, place]), first.find_range(place))
    note = NOTHING if steps else say_centre(run.model, target)
    return BarChart(id=target.id, title=title, line=scale.place(target.value), bars=tuple(bars), note=note)


def build_shocks(run: Run) -> list[BarChart]:
    """Build a chart for each headline target of growth: its odds if each shock happens, the most telling first.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of BarChart
        None where the first scenario needs paths, or no shock moves any of them.
    """
    plan = run.model.plan
    known = compile_published(run.model, run.published)
    found = measure_shocks(run.model, run.scenarios, seed=run.settings.seed, known=known)
    charts = [_build_shocks(run, found, number, target) for number, target in enumerate(plan.headline_growth)]
    return [chart for chart in charts if chart.bars]


def _build_shocks(run: Run, found: Sequence[ShockOdds], number: int, target: Growth) -> BarChart:
    plan, first = run.model.plan, run.attainments[0]
    place = plan.judged.index(target)
    stands = 100 * float(first.met[0, place])
    told = []
    for each in found:
        certain = stands + 100 * float(each.certain[number])
        if each.scenario in run:  # its own odds, as the table has them
            certain = 100 * float(run[each.scenario].met[0, place])
        moved = certain - stands - 100 * float(each.certain[number])
        sides = [stands + moved + 100 * float(side[number]) for side in (each.small, each.large)]
        if abs(certain - stands) >= _SEEN:
            told.append((each.shock, *np.clip([certain, *sides], 0.0, 100.0).tolist()))
    told.sort(key=lambda each: -abs(each[1] - stands))
    scale = _Scale(low=0.0, high=max([stands, *(max(rest) for _, *rest in told)]))
    bars, digits = [], choose_digits(*first.find_range(place))
    for shock, certain, small, large in told:
        left, width = scale.span(stands, certain)
        words = f"{print_odds(certain / 100, digits)} ({print_change(certain - stands)})"
        kind = "more" if certain > stands else "less"
        title = Phrase(shock.title.en, shock.title.zh)
        bars.append(Bar(name=title, number=words, kind=kind, left=left, width=width, whisker=scale.span(small, large)))
    title = say_verdict(plan, target, stands / 100, first.find_range(place))
    return BarChart(id=target.id, title=title, line=scale.place(stands), bars=tuple(bars))
