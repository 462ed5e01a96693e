"""The fan: an indicator's history, the fan of its target year, and the odds of its targets in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.replay import Replay
from sim.results.attainment import Attainment
from sim.views.charts.arrangement import arrange, finish
from sim.views.charts.layout import Around, Beside
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
    measure,
    open_axes,
)
from sim.views.fan_layout import Aim, FanLayout, lay_fan
from sim.views.palette import SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_fan"]

_HISTORY = 0.7, 4.6  # least and most width of the years, where a quarter of the target year is 1


_EDGE = 0.3  # how far lines go on past the last quarter


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
    look = find_look(lang, ax)
    layout = lay_fan(attainment, indicator, look.name)
    axes = open_axes() if ax is None else ax
    heights = path.follow(attainment.scenario.name, indicator) if path is not None else ()
    axes.set_ylim(_choose_limits([*layout.around, *heights], [*layout.outcomes.values(), *layout.promised.values()]))
    around = _say_around(layout, attainment, look)
    end = len(layout.periods) + _EDGE
    width, _ = arrange(around, axes, look, ax is None)
    start, ticks = _draw_history(axes, layout, look, _find_history(layout, width, look), width)
    axes.set_xlim(start, end)
    xs = [1.0 + quarter for quarter in range(len(layout.periods))]
    axes.plot(xs, layout.median, "-o", color=MEDIAN, lw=2, ms=5, label=look.say("fan.median"), zorder=4)
    for band in layout.bands:
        label = band.words.pick(lang)
        axes.fill_between(xs, band.low, band.high, color=band.colour, lw=0, label=label, zorder=2)
    if path is not None:
        label = look.say("fan.path", number=f"{path.number:,}")
        axes.plot(xs, heights, "-s", color=SERIES[2], lw=1.6, ms=4, label=label, zorder=5)
    for aim in layout.aims:
        _draw_target(axes, aim, end, look)
    _name_times(axes, ticks, layout, look, (start, end))
    around.spans = _say_spans(layout, start, end, look)
    around.key = axes.get_legend_handles_labels()[0]
    return finish(axes, around, ax is None, attainment, look)


def _say_around(layout: FanLayout, attainment: Attainment, look: Look) -> Around:
    """Say the odds in words and number above, what the lines are at the right."""
    scene = look.scene(attainment.plan, attainment.scenario)
    titles = [title.pick(look.lang) for title in layout.titles]
    beside = [
        Beside(height=each.height, words=each.text.pick(look.lang), colour=each.colour, weight="bold", points=10)
        for each in layout.list_labels()
    ]
    return Around(
        title="\n".join(titles) or look.printable(layout.name.pick(look.lang), layout.id),
        notes=[" · ".join([scene, *(note.pick(look.lang) for note in layout.notes)])],
        ylabel=layout.measure.pick(look.lang),
        beside=beside,
    )


def _find_history(layout: FanLayout, width: float, look: Look) -> float:
    """Find the width of the years beside a quarter's, so that quarters have room for their names."""
    quarter = look.points(10) / 72 * max(0.62 * measure(period.pick(look.lang)) + 0.6 for period in layout.periods)
    least, most = _HISTORY
    return min(most, max(least, width / quarter - len(layout.periods) - 2 * _EDGE))


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


def _draw_history(
    axes: Axes, layout: FanLayout, look: Look, share: float, width: float
) -> tuple[float, list[tuple[float, str]]]:
    """Draw past outcomes and targets, the last year at x = 0; return where they begin, and ticks."""
    outcomes, promised, last = layout.outcomes, layout.promised, layout.year - 1
    if not outcomes and not promised:
        return 0.5, []
    years = range(min([*outcomes, *promised]), last + 1)
    step = min(1.0, share / max(len(years) - 1, 1))
    a_year = step * width / (len(layout.periods) + share + 2 * _EDGE)  # inches
    at = {year: (year - last) * step for year in years}
    heights = [outcomes.get(year, float("nan")) for year in years]
    axes.plot([*at.values()], heights, "-o", color=GREY, lw=1.4, ms=4.5, label=look.say("fan.outcome"), zorder=3)
    if promised:
        style: dict[str, Any] = {"mfc": "white", "mec": AIM, "mew": 1.2, "ms": 5, "label": look.say("fan.promised")}
        axes.plot([at[year] for year in promised], [*promised.values()], "D", ls="", zorder=2.9, **style)
    low, high = axes.get_ylim()
    free = len(years) * a_year  # inches to the left of the last figure beyond the limits
    for year in reversed(years):
        beyond = [each[year] for each in (outcomes, promised) if year in each and not low <= each[year] <= high]
        if beyond:
            named = (year - years[0]) * a_year + 0.032 * look.points(9) <= free
            _point_out(axes, at[year], beyond if named else [], above=beyond[0] > high, points=look.points(9))
            free = (year - years[0]) * a_year - 0.032 * look.points(9) if named else free
    if last in outcomes and low <= outcomes[last] <= high:
        place, style = (at[last], outcomes[last]), {"va": "center", "fontsize": look.points(9.5)}
        axes.annotate(f"{outcomes[last]:.1f}", place, (6, 0), textcoords="offset points", **style)
    every = next(
        every for every in (1, 2, 5, 10, 20, 50, 1000) if every * a_year > 0.045 * look.points(10) or every == 1000
    )
    return at[years[0]] - 0.3, [(at[year], str(year)) for year in years if (last - year) % every == 0]


def _point_out(axes: Axes, x: float, values: Sequence[float], above: bool, points: float) -> None:
    """Draw an arrow at the edge with the number, for figures of a year beyond the limits."""
    mark, edge, offset, side = ("^", 1.0, -7, "top") if above else ("v", 0.0, 7, "bottom")
    across = axes.get_xaxis_transform()
    axes.plot([x], [edge], mark, color=GREY, ms=6, transform=across, clip_on=False, zorder=5)
    words = "\n".join(f"{value:.1f}" for value in values)
    style: dict[str, Any] = {"xycoords": across, "textcoords": "offset points", "ha": "center", "va": side}
    axes.annotate(words, (x, edge), (0, offset), fontsize=points, color=GREY, **style)


def _draw_target(axes: Axes, aim: Aim, end: float, look: Look) -> None:
    words = look.say(f"fan.{aim.room}")
    if aim.bound != aim.value:
        label = None if words in axes.get_legend_handles_labels()[1] else words
        axes.fill_between([0.5, end], aim.bound, aim.value, color=AIM, alpha=0.3, lw=0, zorder=3, label=label)
    axes.plot([0.5, end], [aim.value, aim.value], "--", color=AIM, lw=1.8, zorder=3.5)


def _name_times(
    axes: Axes, past: list[tuple[float, str]], layout: FanLayout, look: Look, ends: tuple[float, float]
) -> None:
    """Name years and quarters, and set the target year apart."""
    ticks = [*past, *((1.0 + place, period.pick(look.lang)) for place, period in enumerate(layout.periods))]
    axes.set_xticks([x for x, _ in ticks], [label for _, label in ticks])
    axes.tick_params(axis="x", length=0, pad=4)
    axes.tick_params(axis="y", length=0)
    axes.axvspan(0.5, ends[1], color=SHADE, lw=0, zorder=0)
    axes.set_xlim(*ends)
    axes.grid(axis="y", color=GRID, lw=0.8, zorder=0.5)
    axes.grid(False, axis="x")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)


def _say_spans(layout: FanLayout, start: float, end: float, look: Look) -> list[tuple[float, float, str]]:
    """Say under the years and under the quarters what they are."""
    ahead = (0.5, end, look.say("fan.ahead", year=layout.year_name))
    return [(start, 0.5, look.say("fan.past")), ahead] if start < 0 else [ahead]
