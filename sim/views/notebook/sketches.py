"""Sketches beside sliders: a table of odds and a fan as HTML and SVG text, drawn within a millisecond."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

import numpy as np

from sim._typing import Floats
from sim.analysis.what_if import WhatIf, WhatIfOdds
from sim.inputs.plan.plan import ask_otherwise
from sim.inputs.plan.readings import READINGS
from sim.views.fan_layout import Aim, FanLayout, lay_moved_fan, set_apart
from sim.views.palette import PALETTE
from sim.views.phrases import pair, say_aim
from sim.views.series import choose_step
from sim.views.words import Phrase, say

__all__ = ["draw_fan", "draw_odds"]

INK, GREY, GRID = PALETTE["ink"], PALETTE["grey"], PALETTE["grid"]


MEDIAN, AIM, LESS, MORE = PALETTE["median"], PALETTE["aim"], PALETTE["less"], PALETTE["more"]


_WIDTH, _HEIGHT = 620, 360


_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 130, 34, 74


_LINE = 15.0


def draw_odds(
    what_if: WhatIf, now: WhatIfOdds, published: WhatIfOdds, values: Mapping[str, float], lang: str = "en"
) -> str:
    """Draw a table of the growth targets: odds in each reading, and the change as printed.

    Parameters
    ----------
    what_if : WhatIf
    now, published : WhatIfOdds
        As the sliders stand, and as the scenario is.
    values : mapping of str to float
        By target, the number that it asks for, %; of the others the plan's hold.
    lang : str
        `en` or `zh`.

    Returns
    -------
    str
        HTML.
    """
    plan = what_if.model.plan
    found = {target.id: target for target in ask_otherwise(plan, values).growth}
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
    """Draw a probability with a bar as long behind it."""
    part = f"{100 * share:.1f}%"
    paint = f"linear-gradient(to right, {PALETTE['band-80']} {part}, transparent {part})"
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
    values: Mapping[str, float],
    lang: str = "en",
) -> str:
    """Draw the fan of an indicator as the sliders stand, its target, and the median of the scenario as it stands.

    Parameters
    ----------
    what_if, now, published, lang
        As for `draw_odds`.
    name : str
        Id of the indicator.
    tolerances, values : mapping of str to float
        By target, percentage points and %; of the others the plan's hold.

    Returns
    -------
    str
        SVG: figures from the year's start to each quarter's end, the base year's outcome at the left.
    """
    plan = what_if.model.plan
    place = [indicator.id for indicator in plan.indicators].index(name)
    layout = lay_moved_fan(plan, name, now.quantiles[:, place], published.quantiles[:, place], tolerances, values)
    frame = _fit(layout)
    parts = [_draw_frame(frame, layout, lang)]
    for band in layout.bands:
        back = " ".join(reversed(frame.line(band.low).split()))
        parts.append(f'<polygon points="{frame.line(band.high)} {back}" fill="{band.colour}"/>')
    parts += [_draw_aim(frame, aim) for aim in layout.aims]
    parts.append(_draw_outcome(frame, layout, lang))
    dashed = f'fill="none" stroke="{GREY}" stroke-width="1.5" stroke-dasharray="4 3"'
    if layout.unchanged is not None:
        parts.append(f'<polyline points="{frame.line(layout.unchanged)}" {dashed}/>')
    parts.append(f'<polyline points="{frame.line(layout.median)}" fill="none" stroke="{MEDIAN}" stroke-width="2.5"/>')
    parts.append(_write(_LEFT, 18, layout.description.pick(lang), weight="bold"))
    parts.append(_label_end(frame, layout, lang))
    parts.append(_explain_shades(layout, lang))
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    style = "background:white;max-width:100%;height:auto;font:13px sans-serif"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{style}" role="img">{"".join(parts)}</svg>'


def _fit(layout: FanLayout) -> _Frame:
    """Find limits that hold the fan, its target and last year; in whole steps, so that dragging does not shake them."""
    values = [*layout.around, layout.before, *([] if layout.unchanged is None else layout.unchanged)]
    low, high = min(values), max(values)
    step = choose_step(high - low, 6)
    return _Frame(float(np.floor(low / step) * step), float(np.ceil(high / step) * step), step, len(layout.periods))


def _draw_frame(frame: _Frame, layout: FanLayout, lang: str) -> str:
    """Draw the grid and name its heights and times."""
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for number in range(round((frame.high - frame.low) / frame.step) + 1):
        value = frame.low + number * frame.step
        y = frame.y(value)
        parts.append(f'<line x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(_write(_LEFT - 6, y + 4, f"{round(value, 6):g}", anchor="end", colour=GREY))
    for quarter, period in enumerate((Phrase(*[layout.before_name] * 2), *layout.periods)):
        parts.append(_write(frame.x(quarter), bottom + 18, period.pick(lang), anchor="middle"))
    parts.append(_write((_LEFT + right) / 2, bottom + 38, layout.measure.pick(lang), anchor="middle", colour=GREY))
    return "".join(parts)


def _draw_outcome(frame: _Frame, layout: FanLayout, lang: str) -> str:
    """Draw the outcome of the year before."""
    x, y, value = frame.x(0), frame.y(layout.before), f"{layout.before:g}"
    words = say("fan.outcome_of", year=layout.before_name).pick(lang)
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{GREY}"><title>{escape(words)}: {value}</title></circle>'
    return dot + _write(x, y - 9, value, "middle", GREY)


def _draw_aim(frame: _Frame, aim: Aim) -> str:
    """Draw a target's line, and the band down to the bound that its tolerance allows."""
    right, y = _WIDTH - _RIGHT, frame.y(aim.value)
    parts = []
    if aim.bound != aim.value:
        other = frame.y(min(max(frame.low, aim.bound), frame.high))
        top, height = min(y, other), abs(other - y)
        shape = f'x="{_LEFT}" y="{top:.1f}" width="{right - _LEFT}" height="{height:.1f}"'
        parts.append(f'<rect {shape} fill="{AIM}" fill-opacity="0.15"/>')
    parts.append(f'<line x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{AIM}" stroke-width="1.5"/>')
    return "".join(parts)


def _label_end(frame: _Frame, layout: FanLayout, lang: str) -> str:
    """Say at the right end of the lines what they are, apart where they would touch."""
    labels = layout.list_labels()
    if layout.unchanged is not None and abs(frame.y(layout.median[-1]) - frame.y(layout.unchanged[-1])) <= 1:
        labels = [label for label in labels if label.kind != "unchanged"]
    heights = set_apart([frame.y(label.height) for label in labels], _LINE)
    parts = []
    for label, y in zip(labels, heights, strict=True):
        style = {"colour": label.colour, "weight": "bold" if label.kind == "median" else "normal"}
        parts.append(_write(_WIDTH - _RIGHT + 4, y + 4, label.text.pick(lang), **style))
    return "".join(parts)


def _explain_shades(layout: FanLayout, lang: str) -> str:
    """Say which share of outcomes each shade holds."""
    parts, x, y = [], float(_LEFT), _HEIGHT - 8
    for band in reversed(layout.bands):
        parts.append(f'<rect x="{x:.0f}" y="{y - 10}" width="14" height="11" fill="{band.colour}"/>')
        parts.append(_write(x + 19, y, band.words.pick(lang), colour=GREY))
        x += 150
    return "".join(parts)


def _write(x: float, y: float, text: str, anchor: str = "start", colour: str = INK, weight: str = "normal") -> str:
    style = f'text-anchor="{anchor}" fill="{colour}" font-weight="{weight}"'
    style += ' paint-order="stroke" stroke="white" stroke-width="3"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'
