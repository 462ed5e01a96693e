"""The whole report in pictures: burn-up of a delivery, all odds, milestones on a time line, how many are met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.tables import Figure
from sim.inputs.plan.targets import Delivery, Judged
from sim.inputs.quarters import name_cumulative
from sim.inputs.units import UNITS
from sim.results.attainment import Attainment
from sim.views.charts.data import pick_quantiles
from sim.views.charts.style import (
    AIM,
    DARK,
    FAN,
    GREY,
    GRID,
    HEAT,
    INK,
    MEDIAN,
    MORE,
    PALE,
    SHADE,
    WIDTH,
    Look,
    open_axes,
    set_margins,
    sign,
    wrap,
)
from sim.views.likelihood_words import BANDS
from sim.views.numbers import print_odds
from sim.views.phrases import say_verdict
from sim.views.words import Phrase

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_all_odds", "draw_burn_up", "draw_milestones", "draw_number_met", "find_last_year"]

_ROW = 0.235  # inches


def find_last_year(plan: Plan, target: Delivery) -> Figure | None:
    """The base year's figure of the same measure and unit, if the report gives one."""
    figure = next((each for each in plan.figures if each.id == target.baseline), None)
    same = figure is not None and target.baseline_relation == "same" and figure.unit == target.unit
    return figure if same else None


def draw_burn_up(attainment: Attainment, name: str, ax: Axes | None, look: Look) -> Axes:
    """Draw `sim.views.charts.plot_burn_up` in a look."""
    plan = attainment.plan
    target = next((each for each in plan.deliveries if each.id == name), None)
    if target is None:
        allowed = ", ".join(each.id for each in plan.deliveries)
        raise ValueError(f"no delivery {name!r}; the plan has {allowed or 'none'}")
    count = len(plan.quarter_names)
    periods = [name_cumulative(quarter, count) for quarter in range(count)]
    frame = pick_quantiles(attainment, name, target.unit, periods)
    axes = open_axes() if ax is None else ax
    if ax is None:
        set_margins(axes, 0.95, 1.75, 0.95, 0.95)
    xs = list(range(count + 1))
    for (lower, upper), colour in FAN.items():
        label = look.say("fan.band", share=int(upper[1:]) - int(lower[1:]))
        axes.fill_between(xs, [0, *frame[lower]], [0, *frame[upper]], color=colour, lw=0, label=label)
    axes.plot(xs, [0, *frame["q50"]], "-o", color=MEDIAN, lw=2, ms=5, label=look.say("fan.median"), zorder=4)
    axes.axhline(target.value, color=AIM, lw=2, ls=(0, (5, 2)), zorder=3)
    beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
    aim = wrap(look.say("fan.target_aim", aim=look.aim(target)), 18)
    axes.annotate(aim, (1, target.value), (6, 0), color=AIM, weight="bold", fontsize=10, **beside)
    last = find_last_year(plan, target)
    if last is not None:
        axes.plot(
            [0, count],
            [0, last.value],
            color=GREY,
            lw=1.4,
            ls=(0, (1, 2)),
            label=look.say("burn_up.pace", year=plan.year - 1),
        )
        apart = 14 + 7 * look.spacing * aim.count("\n")
        near = abs(last.value - target.value) <= 0.05 * (1 + aim.count("\n")) * target.value + 0.03 * target.value
        shift = 0 if not near else -apart if last.value < target.value else apart
        words = f"{plan.year - 1}: {last.value:g}"
        axes.annotate(words, (1, last.value), (6, shift), color=GREY, fontsize=10, **beside)
    axes.set_ylim(0, 1.08 * max(frame["q95"].max(), target.value, last.value if last else 0))
    axes.set_xlim(0, count)
    axes.set_xticks(xs, ["", *map(look.period, periods)])
    axis = "burn_up.under_way" if target.criterion == "under_way" else "burn_up.delivered"
    axes.set_ylabel(look.say(axis, unit=Phrase(UNITS[target.unit].name_en, target.unit)))
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=6, handlelength=1.5, columnspacing=1.4)
    return _finish(axes, ax, attainment, look, _say_verdict(attainment, target, look))


def _say_verdict(attainment: Attainment, target: Delivery, look: Look) -> str:
    frame = attainment.odds
    row = frame[(frame["target"] == target.id) & (frame["reading"] == READINGS[0])].iloc[0]
    verdict = say_verdict(attainment.plan, target, float(row["probability"]), float(row["mc_se"]), look.name(target))
    return verdict.pick(look.lang)


def _finish(axes: Axes, ax: Axes | None, attainment: Attainment, look: Look, title: str) -> Axes:
    """Title, scene and fonts; the footer only on a figure of the chart's own."""
    axes.set_title(title, loc="left", pad=28)
    scene = look.scene(attainment.plan, attainment.scenario)
    axes.annotate(scene, (0, 1), (0, 10), "axes fraction", "offset points", color=GREY)
    look.draw_in(axes)
    if ax is None:
        sign(axes.figure, attainment, look)
    return axes


def _list_stated(attainment: Attainment) -> dict[str, float]:
    frame = attainment.odds[attainment.odds["reading"] == READINGS[0]]
    return dict(zip(frame["target"], frame["probability"], strict=True))


def _name_groups(plan: Plan, look: Look) -> dict[str, str]:
    return {group.id: look.name(group) for group in plan.groups}


def draw_all_odds(attainment: Attainment, spread: Sequence[float] | None, ax: Axes | None, look: Look) -> Axes:
    """Draw `sim.views.charts.plot_all_odds` in a look."""
    plan, odds = attainment.plan, _list_stated(attainment)
    groups = dict.fromkeys(target.group for target in plan.judged)
    rows: list[Judged | str] = []
    for group in groups:
        members = [target for target in plan.judged if target.group == group]
        rows += [group, *sorted(members, key=lambda each: -odds[each.id])]
    height = _ROW * len(rows) + 1.75
    axes = open_axes(8.3, height) if ax is None else ax
    if ax is None:
        set_margins(axes, 3.0, 0.55, 0.95, 0.8)
    for low, top in zip(BANDS, (1.0, *(band.lowest for band in BANDS)), strict=False):
        shade = SHADE if BANDS.index(low) % 2 == 0 else "white"
        axes.axvspan(100 * low.lowest, 100 * top, color=shade, lw=0, zorder=0)
    names, spreads = _name_groups(plan, look), dict(zip([t.id for t in plan.judged], spread or [], strict=False))
    for row, each in enumerate(rows):
        if isinstance(each, str):
            axes.axhline(row - 0.5, color=PALE, lw=0.6, xmin=0, zorder=1)
            continue
        percent = 100 * odds[each.id]
        error = 100 * spreads.get(each.id, 0.0)
        if error == error and error > 0:
            axes.plot([max(percent - error, 0), min(percent + error, 100)], [row, row], color=PALE, lw=1.6, zorder=2)
        axes.plot(percent, row, "o", color=MEDIAN, ms=5, zorder=3)
        axes.annotate(
            print_odds(odds[each.id]), (1, row), (6, 0), ("axes fraction", "data"), "offset points", va="center"
        )
    axes.set_yticks(
        range(len(rows)), [names.get(each, each) if isinstance(each, str) else look.name(each) for each in rows]
    )
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel(look.say("all_odds.axis"))
    axes.grid(axis="x", color=GRID, lw=0.8)
    axes.tick_params(axis="y", length=0, labelsize=8.5)
    axes.spines[["top", "right", "left"]].set_visible(False)
    _finish(axes, ax, attainment, look, look.say("all_odds.title", number=len(plan.judged)))
    for label, each in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if isinstance(each, str) else "normal")
    return axes


def draw_milestones(attainment: Attainment, ax: Axes | None, look: Look) -> Axes:
    """Draw `sim.views.charts.plot_milestones` in a look."""
    from matplotlib.colors import LinearSegmentedColormap

    plan = attainment.plan
    if not plan.milestones:
        raise ValueError(f"plan {plan.name!r} has no milestones")
    count, odds = len(plan.quarter_names), _list_stated(attainment)
    readings = [*(name_cumulative(quarter, count) for quarter in range(count - 1)), READINGS[0]]
    frame = attainment.odds.set_index(["target", "reading"])["probability"]
    milestones = sorted(plan.milestones, key=lambda each: (plan.quarter_names.index(each.quarter), -odds[each.id]))
    axes = open_axes(WIDTH, _ROW * len(milestones) + 1.75) if ax is None else ax
    if ax is None:
        set_margins(axes, 3.4, 0.4, 0.95, 0.8)
    colours = LinearSegmentedColormap.from_list("odds", HEAT)
    for row, target in enumerate(milestones):
        for quarter, reading in enumerate(readings):
            reached = float(frame[target.id, reading])
            axes.barh(row, 0.96, 0.86, quarter + 0.02, color=colours(reached), lw=0)
            ink = "white" if reached > DARK else INK
            axes.text(quarter + 0.5, row, print_odds(reached), ha="center", va="center", color=ink, fontsize=9)
        planned = plan.quarter_names.index(target.quarter)
        axes.plot([planned + 1, planned + 1], [row - 0.43, row + 0.43], color=AIM, lw=2.6, solid_capstyle="butt")
    named = [look.name(each) + (" *" if each.decided_by == "other" else "") for each in milestones]
    axes.set_yticks(range(len(milestones)), named)
    axes.set_ylim(len(milestones) - 0.4, -0.6)
    axes.set_xlim(0, count + 0.03)
    axes.set_xticks(
        [quarter + 0.5 for quarter in range(count)],
        [look.say("milestones.by_end", quarter=look.period(q)) for q in plan.quarter_names],
    )
    axes.tick_params(length=0, labelsize=9)
    axes.set_xlabel(look.say("milestones.key"), color=GREY)
    axes.spines[:].set_visible(False)
    return _finish(axes, ax, attainment, look, look.say("milestones.title"))


def draw_number_met(attainment: Attainment, ax: Axes | None, look: Look) -> Axes:
    """Draw `sim.views.charts.plot_number_met` in a look."""
    shares = attainment.number_met["all"]
    numbers = np.arange(len(shares))
    mean = float(shares @ numbers)
    low, high = (int(np.searchsorted(shares.cumsum(), level)) for level in (0.1, 0.9))
    axes = open_axes() if ax is None else ax
    if ax is None:
        set_margins(axes, 0.85, 0.35, 0.95, 0.85)
    colours = [MORE if low <= number <= high else FAN["q10", "q90"] for number in numbers]
    axes.bar(numbers, 100 * shares, 0.86, color=colours, lw=0)
    axes.axvline(mean, color=AIM, lw=1.8)
    side = -8 if mean > len(shares) / 2 else 8
    words = look.say("number_met.expected", mean=f"{mean:.1f}", low=low, high=high)
    axes.annotate(
        words,
        (mean, 1),
        (side, -6),
        ("data", "axes fraction"),
        "offset points",
        color=AIM,
        va="top",
        ha="right" if side < 0 else "left",
    )
    axes.set_xlim(-0.6, len(shares) - 0.4)
    axes.set_ylim(0, 112 * shares.max())  # the words stand above the bars
    axes.set_xlabel(look.say("number_met.axis", number=len(shares) - 1))
    axes.set_ylabel(look.say("number_met.share"))
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return _finish(axes, ax, attainment, look, look.say("number_met.title", number=len(shares) - 1))
