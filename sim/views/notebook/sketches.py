"""Sketches beside sliders: a table of odds and a fan as HTML and SVG text, drawn within a millisecond."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from sim._typing import Floats
from sim.analysis.what_if import WhatIf, WhatIfOdds
from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.tables import Indicator
from sim.inputs.plan.targets import Growth
from sim.inputs.quarters import name_cumulative
from sim.model.thresholds import find_bound
from sim.results.attainment import QUANTILE_LEVELS
from sim.views.charts.data import choose_step
from sim.views.charts.style import AIM, FAN, GREY, GRID, INK, LESS, MEDIAN, MORE
from sim.views.phrases import pair, say_aim, say_period
from sim.views.words import say

__all__ = ["draw_fan", "draw_odds"]

_WIDTH, _HEIGHT = 620, 360


_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 130, 34, 74


_LINE = 15.0


def draw_odds(what_if: WhatIf, now: WhatIfOdds, published: WhatIfOdds, lang: str = "en") -> str:
    """Draw a table of the growth targets: odds in each reading, and the change as stated.

    Parameters
    ----------
    what_if : WhatIf
    now, published : WhatIfOdds
        As the sliders stand, and as the scenario is.
    lang : str
        `en` or `zh`.

    Returns
    -------
    str
        HTML.
    """
    plan = what_if.model.plan
    found = {target.id: target for target in plan.growth}
    keys = ("what_if.target", "what_if.aim", *(f"reading.{reading}" for reading in READINGS), "what_if.change")
    heads = [say(key).pick(lang) for key in keys]
    side = ["left", "left", *["right"] * (len(READINGS) + 1)]
    rows = [_make_row("th", zip(map(escape, heads), side, strict=True))]
    for number, name in enumerate(now.targets):
        target = found[name]
        shares = [float(value) for value in now.probability[:, number]]
        change = shares[0] - float(published.probability[0, number])
        cells = [*(escape(said.pick(lang)) for said in (pair(target), say_aim(target))), _draw_bar(shares[0])]
        cells += [f"{100 * share:.1f} %" for share in shares[1:]]
        rows.append(_make_row("td", zip([*cells, _sign(change)], side, strict=True)))
    together = escape(say("what_if.all_growth", number=len(plan.headline_growth)).pick(lang))
    cells = [together, "", _draw_bar(now.joint), "", "", _sign(now.joint - published.joint)]
    rows.append(_make_row("td", zip(cells, side, strict=True)))
    style = f"border-collapse:collapse;color:{INK};background:white"
    note = f'<div style="color:{GREY};font-size:85%">{escape(say("what_if.note_change").pick(lang))}</div>'
    return f'<table style="{style}">{"".join(rows)}</table>{note}'


def _make_row(tag: str, cells: Iterable[tuple[str, str]]) -> str:
    style = f"padding:2px 10px;white-space:nowrap;border-bottom:1px solid {GRID};text-align:"
    return "<tr>" + "".join(f'<{tag} style="{style}{side}">{cell}</{tag}>' for cell, side in cells) + "</tr>"


def _draw_bar(share: float) -> str:
    """A probability with a bar as long behind it."""
    part = f"{100 * share:.1f}%"
    paint = f"linear-gradient(to right, {FAN[('q10', 'q90')]} {part}, transparent {part})"
    return f'<div style="min-width:7em;background:{paint}"><b>{100 * share:.1f} %</b></div>'


def _sign(change: float) -> str:
    points = round(100 * change, 1) + 0.0
    colour = GREY if points == 0 else MORE if points > 0 else LESS
    return (
        f'<span style="color:{colour}">{points:+.1f}</span>' if points else f'<span style="color:{colour}">0.0</span>'
    )


@dataclass(frozen=True)
class _Frame:
    """Where figures stand on the drawing."""

    low: float
    high: float
    step: float
    count: int

    def x(self, quarter: float) -> float:
        """Of a quarter, counted from 1; 0 is the base year."""
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (quarter + 0.25) / (self.count + 0.5)

    def y(self, value: float) -> float:
        """Of growth."""
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (self.high - value) / (self.high - self.low)

    def line(self, values: Floats, start: int = 1) -> str:
        """Points of a line."""
        return " ".join(f"{self.x(start + place):.1f},{self.y(value):.1f}" for place, value in enumerate(values))


def draw_fan(
    what_if: WhatIf,
    now: WhatIfOdds,
    published: WhatIfOdds,
    name: str,
    tolerances: Mapping[str, float],
    lang: str = "en",
) -> str:
    """The fan of an indicator as the sliders stand, its target, and the median of the scenario as it is.

    Parameters
    ----------
    what_if, now, published, lang
        As for `draw_odds`.
    name : str
        Id of the indicator.
    tolerances : mapping of str to float
        By target, percentage points; of the others the plan's hold.

    Returns
    -------
    str
        SVG: figures from January to each quarter's end, the base year's outcome at the left.
    """
    plan = what_if.model.plan
    place = [indicator.id for indicator in plan.indicators].index(name)
    indicator = plan.indicators[place]
    fan, before = now.quantiles[:, place], published.quantiles[:, place]
    aims = [target for target in plan.growth if target.indicator == name]
    frame = _fit(fan, before, indicator, aims)
    middle = QUANTILE_LEVELS.index(0.5)
    parts = [_draw_frame(frame, indicator, plan.year, lang)]
    for (lower, upper), colour in FAN.items():
        ends = [QUANTILE_LEVELS.index(int(each[1:]) / 100) for each in (lower, upper)]
        there = frame.line(fan[:, ends[1]])
        back = " ".join(reversed(frame.line(fan[:, ends[0]]).split()))
        parts.append(f'<polygon points="{there} {back}" fill="{colour}"/>')
    parts += [
        _draw_aim(frame, target, find_bound(plan, target, "tolerance", tolerances.get(target.id))) for target in aims
    ]
    parts.append(_draw_outcome(frame, indicator, say("fan.outcome_of", year=plan.year - 1).pick(lang)))
    dashed = f'fill="none" stroke="{GREY}" stroke-width="1.5" stroke-dasharray="4 3"'
    parts.append(f'<polyline points="{frame.line(before[:, middle])}" {dashed}/>')
    parts.append(f'<polyline points="{frame.line(fan[:, middle])}" fill="none" stroke="{MEDIAN}" stroke-width="2.5"/>')
    ends = [QUANTILE_LEVELS.index(level) for level in (0.25, 0.75)]
    median, low, high = (f"{fan[-1, place]:.1f}" for place in (middle, *ends))
    told = say("fan.half", name=pair(indicator), median=median, low=low, high=high)
    parts.append(_write(_LEFT, 18, told.pick(lang), weight="bold"))
    parts.append(_label_end(frame, (float(fan[-1, middle]), float(before[-1, middle])), aims, lang))
    parts.append(_explain_shades(lang))
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    style = "background:white;max-width:100%;height:auto;font:13px sans-serif"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{style}" role="img">{"".join(parts)}</svg>'


def _fit(fan: Floats, before: Floats, indicator: Indicator, aims: Sequence[Growth]) -> _Frame:
    """Limits that hold the fan, its target and last year; in whole steps, so that dragging does not shake them."""
    values = [*fan[:, [0, -1]].flat, *before[:, [0, -1]].flat, indicator.baseline]
    values += [target.value for target in aims]
    low, high = min(values), max(values)
    step = choose_step(high - low, 6)
    return _Frame(float(np.floor(low / step) * step), float(np.ceil(high / step) * step), step, len(fan))


def _draw_frame(frame: _Frame, indicator: Indicator, year: int, lang: str) -> str:
    """Grid and axis labels."""
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for number in range(round((frame.high - frame.low) / frame.step) + 1):
        value = frame.low + number * frame.step
        y = frame.y(value)
        parts.append(f'<line x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(_write(_LEFT - 6, y + 4, f"{round(value, 6):g}", anchor="end", colour=GREY))
    for quarter in range(frame.count):
        named = say_period(name_cumulative(quarter, frame.count)).pick(lang)
        parts.append(_write(frame.x(quarter + 1), bottom + 18, named, anchor="middle"))
    parts.append(_write(frame.x(0), bottom + 18, str(year - 1), anchor="middle"))
    unit = say(f"measure.{indicator.measure}", unit=indicator.unit).pick(lang)
    parts.append(_write((_LEFT + right) / 2, bottom + 38, unit, anchor="middle", colour=GREY))
    return "".join(parts)


def _draw_outcome(frame: _Frame, indicator: Indicator, words: str) -> str:
    """The base year's outcome."""
    x, y, value = frame.x(0), frame.y(indicator.baseline), f"{indicator.baseline:g}"
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{GREY}"><title>{escape(words)}: {value}</title></circle>'
    return dot + _write(x, y - 9, value, "middle", GREY)


def _draw_aim(frame: _Frame, target: Growth, bound: float) -> str:
    """Draw the target's line, and the band down to the bound that its tolerance allows."""
    right, y = _WIDTH - _RIGHT, frame.y(target.value)
    parts = []
    if target.criterion == "about" and bound != target.value:
        other = frame.y(min(max(frame.low, bound), frame.high))
        top, height = min(y, other), abs(other - y)
        shape = f'x="{_LEFT}" y="{top:.1f}" width="{right - _LEFT}" height="{height:.1f}"'
        parts.append(f'<rect {shape} fill="{AIM}" fill-opacity="0.15"/>')
    parts.append(f'<line x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{AIM}" stroke-width="1.5"/>')
    return "".join(parts)


def _label_end(frame: _Frame, medians: tuple[float, float], aims: Sequence[Growth], lang: str) -> str:
    """What the lines are, at their right end, the target first; those that would touch it move off."""
    labels = [(target.value, say_aim(target).pick(lang), AIM, "normal") for target in aims]
    labels.append((medians[0], f"{say('fan.median').pick(lang)} {medians[0]:.1f}", MEDIAN, "bold"))
    if abs(frame.y(medians[0]) - frame.y(medians[1])) > 1:
        labels.append((medians[1], f"{say('scenario.unchanged').pick(lang)} {medians[1]:.1f}", GREY, "normal"))
    parts, taken = [], list[float]()
    for value, text, colour, weight in labels:
        steps = [frame.y(value) + sign * way * _LINE / 2 for way in range(12) for sign in (1, -1)]
        y = next(place for place in steps if all(abs(place - other) >= _LINE for other in taken))
        taken.append(y)
        parts.append(_write(_WIDTH - _RIGHT + 4, y + 4, text, colour=colour, weight=weight))
    return "".join(parts)


def _explain_shades(lang: str) -> str:
    """Which share of outcomes each shade holds."""
    parts, x, y = [], float(_LEFT), _HEIGHT - 8
    for (lower, upper), colour in reversed(FAN.items()):
        words = say("fan.band", share=int(upper[1:]) - int(lower[1:])).pick(lang)
        parts.append(f'<rect x="{x:.0f}" y="{y - 10}" width="14" height="11" fill="{colour}"/>')
        parts.append(_write(x + 19, y, words, colour=GREY))
        x += 150
    return "".join(parts)


def _write(x: float, y: float, text: str, anchor: str = "start", colour: str = INK, weight: str = "normal") -> str:
    style = f'text-anchor="{anchor}" fill="{colour}" font-weight="{weight}"'
    style += ' paint-order="stroke" stroke="white" stroke-width="3"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'
