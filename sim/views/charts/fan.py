"""The fan: an indicator's history, the fan of its target year, and the odds of its targets in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.replay import Replay
from sim.results.attainment import Attainment
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import (
    AIM,
    GREY,
    GRID,
    MEDIAN,
    PALE,
    SHADE,
    Look,
    find_look,
    find_width,
    finish,
    measure,
    open_axes,
    set_margins,
    wrap,
)
from sim.views.fan_layout import Aim, FanLayout, lay_fan, set_apart
from sim.views.palette import SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_fan"]

_HISTORY = 4.6  # width of the years, where a quarter of the target year is 1


_MARGINS = (0.85, 0.15, 0.3, 1.0)  # left, right, top without title, bottom; inches


_EDGE = 0.3  # how far lines go on past the last quarter


_KEY, _LETTER = 30.0, 5.5  # points that an entry of the key takes without its words, and a half-width letter of them


@chart("fan", lambda run, name: {**take_first(run, name), "indicator": name}, subject="indicator")
def plot_fan(
    attainment: Attainment, indicator: str, ax: Axes | None = None, lang: str = "en", path: Replay | None = None
) -> Axes:
    """Draw an indicator's history, the fan of its target year and the odds of its targets.

    Parameters
    ----------
    attainment : Attainment
    indicator : str
        Its id in the plan.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.
    path : Replay, optional
        One path of the scenario, as `sim.replay` gives it, to draw into the fan.

    Returns
    -------
    Axes
        `ax`, or new ones. Vertical: growth on a year earlier, %. Horizontal: full years, then the target year's
        figures from the year's start to the end of each quarter, as statistical offices publish them.

    Raises
    ------
    ValueError
        If the plan has no such indicator, or the result holds no quantiles of it: then what to run.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> axes = plot_fan(result.attainments[0], "gdp")
    >>> axes.get_ylabel()
    'real growth on a year earlier, %'
    """
    look = find_look(lang)
    layout = lay_fan(attainment, indicator, look.name)
    axes = open_axes() if ax is None else ax
    if ax is None:
        set_margins(axes, *_MARGINS)
    around = [*layout.around, *(path.follow(attainment.scenario.name, indicator) if path is not None else ())]
    axes.set_ylim(_choose_limits(around, [*layout.outcomes.values(), *layout.promised.values()]))
    start, ticks = _draw_history(axes, layout, look)
    end = len(layout.periods) + _EDGE
    xs = [1.0 + quarter for quarter in range(len(layout.periods))]
    axes.plot(xs, layout.median, "-o", color=MEDIAN, lw=2, ms=5, label=look.say("fan.median"), zorder=4)
    for band in layout.bands:
        label = band.words.pick(lang)
        axes.fill_between(xs, band.low, band.high, color=band.colour, lw=0, label=label, zorder=2)
    if path is not None:
        heights = path.follow(attainment.scenario.name, indicator)
        label = look.say("fan.path", number=f"{path.number:,}")
        axes.plot(xs, heights, "-s", color=SERIES[2], lw=1.6, ms=4, label=label, zorder=5)
    for aim in layout.aims:
        _draw_target(axes, aim, end, look)
    axes.set_xlim(start, end)
    below = _name_times(axes, ticks, layout, look)
    _label_end(axes, layout, end, lang)
    rise = _title_fan(axes, layout, attainment, look)
    axes.set_ylabel(layout.measure.pick(lang))
    _explain(axes, below)
    if ax is None:
        left, right, top, bottom = _MARGINS
        set_margins(axes, left, right, top + rise / 72, bottom)
    return finish(axes, ax is None, attainment, look)


def _choose_limits(around: Sequence[float], past: Sequence[float]) -> tuple[float, float]:
    """Vertical limits that show all of the fan and as much of the past as leaves the fan two fifths of the height."""
    low, high = min(around), max(around)
    reach = 2.5 * (high - low)
    for value in sorted(past, key=lambda value: max(value - high, low - value)):
        if max(high, value) - min(low, value) > reach:
            break
        low, high = min(low, value), max(high, value)
    margin = 0.08 * (high - low) or 1.0
    return low - margin, high + margin


def _draw_history(axes: Axes, layout: FanLayout, look: Look) -> tuple[float, list[tuple[float, str]]]:
    """Draw past outcomes and targets, the last year at x = 0; return where they begin, and ticks."""
    outcomes, promised, last = layout.outcomes, layout.promised, layout.year - 1
    if not outcomes and not promised:
        return 0.5, []
    years = range(min([*outcomes, *promised]), last + 1)
    step = min(1.0, _HISTORY / max(len(years) - 1, 1))
    at = {year: (year - last) * step for year in years}
    heights = [outcomes.get(year, float("nan")) for year in years]
    axes.plot([*at.values()], heights, "-o", color=GREY, lw=1.4, ms=4.5, label=look.say("fan.outcome"), zorder=3)
    if promised:
        style: dict[str, Any] = {"mfc": "white", "mec": AIM, "mew": 1.2, "ms": 5, "label": look.say("fan.promised")}
        axes.plot([at[year] for year in promised], [*promised.values()], "D", ls="", zorder=2.9, **style)
    low, high = axes.get_ylim()
    for year in years:
        beyond = [each[year] for each in (outcomes, promised) if year in each and not low <= each[year] <= high]
        if beyond:
            _point_out(axes, at[year], beyond, above=beyond[0] > high)
    if last in outcomes and low <= outcomes[last] <= high:
        place = at[last], outcomes[last]
        axes.annotate(f"{outcomes[last]:.1f}", place, (6, 0), textcoords="offset points", va="center", fontsize=9.5)
    every = next(
        every for every in (1, 2, 5, 10, 20, 50, 1000) if every * step * find_width(axes) > 4.5 or every == 1000
    )
    return at[years[0]] - 0.3, [(at[year], str(year)) for year in years if (last - year) % every == 0]


def _point_out(axes: Axes, x: float, values: Sequence[float], above: bool) -> None:
    """Draw an arrow at the edge with the number, for figures of a year beyond the limits."""
    mark, edge, offset, side = ("^", 1.0, -7, "top") if above else ("v", 0.0, 7, "bottom")
    across = axes.get_xaxis_transform()
    axes.plot([x], [edge], mark, color=GREY, ms=6, transform=across, clip_on=False, zorder=5)
    words = "\n".join(f"{value:.1f}" for value in values)
    style: dict[str, Any] = {"xycoords": across, "textcoords": "offset points", "ha": "center", "va": side}
    axes.annotate(words, (x, edge), (0, offset), fontsize=9, color=GREY, **style)


def _draw_target(axes: Axes, aim: Aim, end: float, look: Look) -> None:
    words = look.say(f"fan.{aim.room}")
    if aim.bound != aim.value:
        label = None if words in axes.get_legend_handles_labels()[1] else words
        axes.fill_between([0.5, end], aim.bound, aim.value, color=AIM, alpha=0.3, lw=0, zorder=3, label=label)
    axes.plot([0.5, end], [aim.value, aim.value], "--", color=AIM, lw=1.8, zorder=3.5)


def _label_end(axes: Axes, layout: FanLayout, x: float, lang: str) -> None:
    """Say beside the ends of lines what they are, moved apart where they would touch."""
    labels, start, width = layout.list_labels(), axes.get_xlim()[0], find_width(axes)
    texts = [label.text.pick(lang) for label in labels]
    room = min(0.6 * width, 0.15 + 0.083 * max(map(measure, texts)))
    axes.set_xlim(start, x + (x - start) * room / (width - room))
    low, high = axes.get_ylim()
    style: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 10, "fontweight": "bold"}
    heights = set_apart([label.height for label in labels], 0.07 * (high - low))
    for label, text, height in zip(labels, texts, heights, strict=True):
        axes.annotate(text, (x, height), (5, 0), color=label.colour, **style)


def _name_times(axes: Axes, past: list[tuple[float, str]], layout: FanLayout, look: Look) -> float:
    """Name years and quarters, and set the target year apart; return the points that the names take."""
    ticks = [*past, *((1.0 + place, period.pick(look.lang)) for place, period in enumerate(layout.periods))]
    axes.set_xticks([x for x, _ in ticks], [label for _, label in ticks])
    axes.tick_params(axis="x", length=0, pad=4)
    axes.tick_params(axis="y", length=0)
    start, end = axes.get_xlim()
    axes.axvspan(0.5, end, color=SHADE, lw=0, zorder=0)
    axes.grid(axis="y", color=GRID, lw=0.8, zorder=0.5)
    axes.grid(False, axis="x")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)
    style: dict[str, Any] = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points", "va": "top"}
    spans = [
        ((0.5 + end) / 2, look.say("fan.ahead", year=layout.year_name)),
        *([(start / 2, look.say("fan.past"))] if past else []),
    ]
    lines = [wrap(words, int(6.2 * find_width(axes))) for _, words in spans]
    for (x, _), words in zip(spans, lines, strict=True):
        axes.annotate(words, (x, 0), (0, -20), color=GREY, fontsize=9.5, ha="center", **style)
    return 38 + 11 * look.spacing * max(words.count("\n") for words in lines)


def _explain(axes: Axes, points: float) -> None:
    """Write the key below the names of the times, in one row if it fits and else in several."""
    from matplotlib.transforms import ScaledTranslation

    below = axes.transAxes + ScaledTranslation(0, -points / 72, axes.figure.dpi_scale_trans)
    style: dict[str, Any] = {"columnspacing": 1.3, "handlelength": 1.4, "handletextpad": 0.5, "borderpad": 0}
    labels, room = axes.get_legend_handles_labels()[1], 72 * find_width(axes)
    columns = len(labels)
    while columns > 1 and sum(sorted(_KEY + _LETTER * measure(label) for label in labels)[-columns:]) > room:
        columns -= 1
    axes.legend(loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=below, ncols=columns, borderaxespad=0, **style)


def _title_fan(axes: Axes, layout: FanLayout, attainment: Attainment, look: Look) -> float:
    """Write the odds in words and number above, the scene below them; return their height in points."""
    scene = look.scene(attainment.plan, attainment.scenario)
    notes = " · ".join([scene, *(note.pick(look.lang) for note in layout.notes)])
    small = wrap(notes, int(13 * find_width(axes)))
    style: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "bottom"}
    axes.annotate(small, (0, 1), (0, 10), color=GREY, fontsize=9.5, **style)
    titles = [title.pick(look.lang) for title in layout.titles] or [
        look.printable(layout.name.pick(look.lang), layout.id)
    ]
    large = "\n".join(wrap(line, int(8.9 * find_width(axes))) for line in titles)
    pad = 30 + 11 * look.spacing * small.count("\n")
    axes.set_title(large, loc="left", pad=pad, y=1.0)
    return pad + 14 * look.spacing * large.count("\n")
