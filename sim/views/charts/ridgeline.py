"""The ridgeline: the year's outcome of one indicator in several scenarios, a ridge each, against its target."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.inputs.history import Outcome
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import direct
from sim.inputs.plan.targets import Growth
from sim.model.thresholds import find_bound, reaches
from sim.results.attainment import QUANTILE_LEVELS, Attainment
from sim.results.run import Run
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, Beside
from sim.views.charts.registry import chart
from sim.views.charts.style import (
    AIM,
    GREY,
    INK,
    MEDIAN,
    MORE,
    PALE,
    Look,
    find_look,
    open_axes,
    rule_rows,
)
from sim.views.numbers import print_range
from sim.views.palette import PALETTE
from sim.views.phrases import say_odds
from sim.views.series import find_indicator, list_history, pick_quantiles
from sim.views.words import COMMA

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_ridgeline", "trace_density"]

_ROW = 0.62  # inches a ridge


_TALL = 1.45  # height of the highest ridge, in rows: ridges may reach into the row above


_FARTHEST = 2.58  # standard normal quantile at which a ridge ends: 0.5 % on each side


_POINTS = 400


def _take_scenarios(run: Run, name: str) -> dict[str, Any]:
    """Take every scenario of a run, for one indicator."""
    return {"attainments": run.attainments, "indicator": name}


def trace_density(levels: Sequence[float], quantiles: Sequence[float]) -> tuple[Floats, Floats]:
    """Draw a smooth density through a few quantiles.

    Parameters
    ----------
    levels : sequence of float, shape (level,)
        Rising, from 0 to 1, both excluded.
    quantiles : sequence of float, shape (level,)
        Rising.

    Returns
    -------
    x, density : array, shape (point,)
        From the 0.5 % to the 99.5 % quantile; in the unit of the quantiles, and per unit.

    Notes
    -----
    The normal score of the level is a nearly straight line of the quantile. A natural cubic spline through these
    points, going on straight beyond the outermost, has a continuous slope, which times the normal density is the
    density; where the spline would fall, a monotone one (PCHIP) takes its place. Beyond the outermost quantiles the
    tails are those of a normal law, which is all that the quantiles allow.

    Examples
    --------
    >>> x, density = trace_density([0.05, 0.25, 0.5, 0.75, 0.95], [-1.645, -0.674, 0, 0.674, 1.645])
    >>> round(float(density.max()), 3), round(float(x[density.argmax()]), 1)
    (0.399, 0.0)
    """
    from scipy.interpolate import CubicSpline, PchipInterpolator
    from scipy.special import ndtri

    scores, at = ndtri(np.asarray(levels, dtype=float)), np.asarray(quantiles, dtype=float)
    line: CubicSpline | PchipInterpolator = CubicSpline(at, scores, bc_type="natural")
    if (line(np.linspace(at[0], at[-1], _POINTS), 1) <= 0).any():
        line = PchipInterpolator(at, scores)
    slopes = np.maximum(line(at[[0, -1]], 1), 1e-9)
    first = at[0] - (scores[0] + _FARTHEST) / slopes[0]
    last = at[-1] + (_FARTHEST - scores[-1]) / slopes[1]
    x = np.linspace(first, last, _POINTS)
    inside = np.clip(x, at[0], at[-1])
    slope = np.where(x < at[0], slopes[0], np.where(x > at[-1], slopes[1], line(inside, 1)))
    score = line(inside) + slope * (x - inside)
    density: Floats = np.exp(-0.5 * score**2) / np.sqrt(2 * np.pi) * slope
    return x, density


@chart("ridgeline", _take_scenarios, subject="indicator", scenarios="many")
def plot_ridgeline(attainments: Sequence[Attainment], indicator: str, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw an indicator's year in several scenarios, beside its target and past years.

    Parameters
    ----------
    attainments : sequence of Attainment
        One a scenario.
    indicator : str
        Its id in the plan.
    ax : Axes, optional
        Where to draw; None means a figure of its own, as high as its ridges need, with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones. Horizontal: the whole year, in the indicator's unit; dark where the first target of the
        indicator is met, with the probability of it as counted, in per cent, beside each ridge. The curves are drawn
        smoothly through the seven quantiles of `Attainment.quantiles`, so their tails are only sketched.

    Raises
    ------
    ValueError
        If there is nothing to draw, the plan has no such indicator, or a result holds no quantiles of it.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> plot_ridgeline(result.attainments, "gdp").get_xlabel()
    'whole year: real growth on a year earlier, %'
    """
    look = find_look(lang, ax)
    if not attainments:
        raise ValueError("no attainments to draw")
    plan = attainments[0].plan
    series = find_indicator(plan, indicator)
    ridges = [_trace_year(each, indicator, series.unit) for each in attainments]
    target = plan.find_growth(indicator)
    past = [row for row in list_history(plan, indicator) if row.outcome is not None]
    rows = len(ridges) + bool(past)
    axes = open_axes(10, 2.25 + _ROW * (rows + _TALL - 0.6)) if ax is None else ax
    axes.set_xlim(min(x[0] for x, _ in ridges), max(x[-1] for x, _ in ridges))
    axes.set_ylim(-0.45 - 1.2 * bool(past), len(ridges) - 1 + _TALL + 0.1)
    top = max(density.max() for _, density in ridges)
    for place, (x, density) in enumerate(ridges):
        _draw_ridge(axes, len(ridges) - 1 - place, x, _TALL * density / top, place, (plan, target))
    if target is not None:
        for end in [target.value] if target.upper is None else [target.value, target.upper]:
            axes.axvline(end, color=AIM, lw=1.8, ls=(0, (5, 2)), zorder=90)
    rule_rows(axes)
    beside = _list_odds(attainments, target, look) if target is not None else []
    words = look.say("ridgeline.past", first=past[0].year, last=past[-1].year) if past else ""
    around = Around(
        title=look.say("ridgeline.title", place=look.name(plan, "place"), year=plan.year_name, name=look.name(series)),
        notes=[look.say("ridgeline.key", aim=look.aim(target)) if target is not None else look.say("ridgeline.note")],
        xlabel=look.say("ridgeline.axis", measure=look.say(f"measure.{series.measure}", unit=series.unit)),
        rows=[*((look.title(each.scenario), "") for each in attainments), *[(words, "")] * bool(past)],
        row_heights=range(len(ridges) - 1, -1 - bool(past), -1),
        beside=[*beside, *(_draw_past(axes, past, look) if past else [])],
    )
    return finish(axes, around, ax is None, attainments[0], look)


def _trace_year(attainment: Attainment, name: str, unit: str) -> tuple[Floats, Floats]:
    """Trace the density of the whole year's outcome."""
    return trace_density(QUANTILE_LEVELS, pick_quantiles(attainment, name, unit, ["FY"])[0].tolist())


def _draw_ridge(
    axes: Axes, base: int, x: Floats, height: Floats, order: int, aimed: tuple[Plan, Growth | None]
) -> None:
    """Draw one ridge: dark where the target is met, pale where it is missed; later ridges stand before earlier ones."""
    plan, target = aimed
    style: dict[str, Any] = {"lw": 0, "zorder": 2 + order}
    if target is None:
        axes.fill_between(x, base, base + height, color=PALETTE["band-50"], **style)
    else:
        ends = [each for each in (target.value, target.upper) if each is not None and x[0] < each < x[-1]]
        cuts = [x[0], *ends, x[-1]]
        for low, end in pairwise(cuts):
            part = np.array([low, *x[(x > low) & (x < end)], end])
            middle = np.array((low + end) / 2)
            reached = reaches(middle, direct(plan, target), find_bound(plan, target, "stated"))
            if target.upper is not None:
                reached = (middle > target.value) & (middle < target.upper)
            colour = MORE if reached else PALETTE["band-80"]
            axes.fill_between(part, base, base + np.interp(part, x, height), color=colour, **style)
    axes.plot(x, base + height, color="white", lw=3, zorder=1.9 + order)
    axes.plot(x, base + height, color=INK, lw=1, zorder=2.1 + order)
    axes.plot(x[[0, -1]], [base, base], color=PALE, lw=0.6, zorder=2.1 + order)


def _list_odds(attainments: Sequence[Attainment], target: Growth, look: Look) -> list[Beside]:
    """List the probability of meeting the target beside each ridge, and its range over calibrations."""
    beside = []
    for place, each in enumerate(attainments):
        rows = each.odds[(each.odds["target"] == target.id) & (each.odds["reading"] == "printed")]
        words = say_odds(float(rows["probability"].iloc[0]), digits=0).pick(look.lang)
        height = len(attainments) - 1 - place + 0.15
        beside.append(Beside(height=height, words=words, colour=MEDIAN, weight="bold", points=11))
        ends = print_range(*each.find_range(each.plan.judged.index(target)))
        if ends:
            beside.append(Beside(height=height - 0.3, words=ends, colour=GREY, points=9))
    return beside


def _draw_past(axes: Axes, past: Sequence[Outcome], look: Look) -> list[Beside]:
    """Draw outcomes of past years as ticks on a row of their own; returns how many lie beyond the limits."""
    low, high = axes.get_xlim()
    values = [row.outcome for row in past if row.outcome is not None]
    inside = [value for value in values if low <= value <= high]
    axes.plot(inside, [-1.0] * len(inside), "|", color=GREY, ms=15, mew=1.6, zorder=3)
    style: dict[str, Any] = {"textcoords": "offset points", "fontsize": look.points(9), "color": GREY}
    if values[-1] in inside:
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        centre: dict[str, Any] = {"va": "top", "ha": "center"}
        axes.annotate(f"{past[-1].year}", (values[-1], -1), (0, -9), bbox=box, zorder=95, **centre, **style)
    lower, higher = sum(value < low for value in values), sum(value > high for value in values)
    said = [look.say("ridgeline.lower", number=lower)] if lower else []
    said += [look.say("ridgeline.higher", number=higher)] if higher else []
    return [Beside(height=-1, words=COMMA.pick(look.lang).join(said), colour=GREY, points=9)] if said else []
