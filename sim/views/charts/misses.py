"""Years that miss a target: their mean by quarter, and the likeliest one that just misses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.misses import Misses, describe_misses
from sim.inputs.plan.targets import Growth
from sim.results.attainment import Attainment
from sim.results.run import Run
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around
from sim.views.charts.registry import chart, take_fewer
from sim.views.charts.style import AIM, GRID, LESS, MEDIAN, WIDTH, find_look, open_axes, rule_rows
from sim.views.palette import SERIES
from sim.views.phrases import pair, say_odds, say_target
from sim.views.question_lines import name_shocks, say_rule

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_misses"]

_MOST = 2  # sets of shocks whose likeliest year is drawn


def _take(run: Run, name: str) -> dict[str, Any]:
    return {"attainment": run.attainments[0], "found": describe_misses(take_fewer(run), name)}


@chart("misses", _take, subject="target")
def plot_misses(attainment: Attainment, found: Misses, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what years that miss a target are like: quarter by quarter, and the likeliest that just misses.

    Parameters
    ----------
    attainment : Attainment
        Of the same scenario.
    found : Misses
        As `sim.describe_misses` gives them. Of targets other than growth the year's growth is drawn.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_points=64, n_calibrations=0)
    >>> axes = plot_misses(result, sim.describe_misses(result, "gdp"))
    >>> " ".join(axes.get_ylabel().split())  # lines depend on the letters that there are
    'growth on a year earlier, %: single quarters, then the year'
    """
    look = find_look(lang, ax)
    plan = attainment.plan
    name = found.target.partition(":")[0].split("<")[0].split(">")[0]
    target = next(each for each in plan.judged if each.id == name)
    growth = found.means[found.means.kind == "growth"]
    named = look.printable(say_target(plan, target, pair(target)).pick(look.lang), name)
    around = Around(
        title=look.say("miss.chart", target=named, chance=say_odds(found.chance)),
        notes=[look.scene(plan, attainment.scenario)],
    )
    if found.rules:
        words = say_rule(plan, attainment.scenario, found.rules[-1]).pick(look.lang)
        around.foot = look.printable(words, " + ".join(str(each) for each in found.rules[-1].facts))
    if isinstance(target, Growth):
        axes = open_axes() if ax is None else ax
        _draw_quarters(axes, growth[growth.name == target.indicator], found, attainment, look)
        axes.axhline(float(found.target.partition(":")[2] or target.value), color=AIM, lw=1.6, zorder=2)
        around.ylabel = look.say("miss.quarters")
        axes.plot([], [], color=AIM, lw=1.6, label=look.say("miss.aim"))
    else:
        year = growth[growth.period == growth.period.iloc[-1]]
        axes = open_axes(WIDTH, max(3.0, 0.5 * len(year) + 2.2)) if ax is None else ax
        _draw_indicators(axes, year, look)
        around.xlabel = look.say("miss.indicators")
        around.rows = [
            (look.printable(pair(plan.find_indicator(each)).pick(look.lang), each), "") for each in year.name
        ]
    around.key = axes.get_legend_handles_labels()[0]
    axes.set_axisbelow(True)
    return finish(axes, around, ax is None, attainment, look)


def _draw_quarters(axes: Axes, rows: pd.DataFrame, found: Misses, attainment: Attainment, look: Any) -> None:
    """Draw the target's indicator by quarter and of the year: all years, those that miss, the likeliest that does."""
    places = range(len(rows))
    axes.plot(places, rows["mean"], "-o", color=MEDIAN, lw=2, label=look.say("miss.all_years"), zorder=3)
    axes.plot(places, rows.mean_if_missed, "-o", color=LESS, lw=2, label=look.say("miss.missing"), zorder=4)
    own = found.ways[found.ways.series == rows.name.iloc[0]]
    for number, (shocks, way) in enumerate(own.groupby("shocks", sort=False)):
        if number == _MOST:
            break
        named = look.printable(name_shocks(attainment.scenario, str(shocks)).pick(look.lang), str(shocks))
        label = look.say("miss.way", shocks=named, share=say_odds(float(way.share.iloc[0])))
        style: dict[str, Any] = {"color": SERIES[3 - number], "lw": 1.6, "ls": (0, (4, 2)), "marker": "s", "ms": 4}
        axes.plot(places, way.value, label=label, zorder=3, **style)
    axes.set_xticks(places, [look.period(each) for each in rows.period])
    axes.set_xlim(-0.3, len(rows) - 0.7)
    axes.margins(y=0.12)
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_indicators(axes: Axes, rows: pd.DataFrame, look: Any) -> None:
    """Draw the year's growth of every indicator in all years, and in those that miss."""
    for place, (mean, given) in enumerate(zip(rows["mean"], rows.mean_if_missed, strict=True)):
        axes.plot([mean, given], [place, place], color=GRID, lw=3, zorder=1)
    places = range(len(rows))
    axes.plot(rows["mean"], places, "o", color=MEDIAN, ms=8, label=look.say("miss.all_years"), zorder=3)
    axes.plot(rows.mean_if_missed, places, "D", color=LESS, ms=7, label=look.say("miss.missing"), zorder=4)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    rule_rows(axes)
    axes.margins(x=0.06)
