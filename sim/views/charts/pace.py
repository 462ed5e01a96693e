"""The required pace: growth so far, what the rest of the year must bring, and what the model expects of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.analysis.pace import Pace, measure_pace
from sim.inputs.plan.readings import READINGS
from sim.inputs.published.figures import Published
from sim.results.run import Run
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, Beside
from sim.views.charts.registry import chart
from sim.views.charts.style import AIM, GREY, INK, MEDIAN, WIDTH, find_look, open_axes, rule_rows
from sim.views.pace_lines import say_pace_row, say_pace_title
from sim.views.palette import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_pace"]

_ROW = 0.62  # inches


def _take(run: Run, _: str) -> dict[str, Any]:
    """Take the pace that the first scenario of a run asks for."""
    published = run.published or Published(year=run.model.plan.year)
    return {"pace": measure_pace(run.attainments[:1], published)}


@chart("pace", _take)
def plot_pace(pace: Pace, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what the rest of the year must bring for each growth target, beside what the model expects of it.

    Parameters
    ----------
    pace : Pace
        Its first scenario is drawn.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: growth, %.

    Raises
    ------
    ValueError
        If the plan has no growth targets.

    Examples
    --------
    >>> import sim
    >>> figures = sim.read_published("qingdao-2024", "qingdao-2024-h1")
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_calibrations=0)
    >>> plot_pace(sim.measure_pace(result.attainments, figures)).get_xlabel()
    'growth, %'
    """
    look = find_look(lang, ax)
    attainment = pace.attainments[0]
    growth = {target.id: target for target in pace.plan.growth}
    scenario = attainment.scenario.name
    rows = [row for row in pace.rows if (row.scenario, row.reading) == (scenario, READINGS[0]) and row.target in growth]
    if not rows:
        raise ValueError(f"plan {pace.plan.name!r} has no growth targets")
    axes = open_axes(WIDTH, _ROW * len(rows) + 2.4) if ax is None else ax
    beside = []
    for place, row in enumerate(rows):
        line = say_pace_row(pace.plan, row)
        if row.rest:
            axes.barh(
                place, row.expected_high - row.expected_low, 0.34, row.expected_low, color=PALETTE["band-80"], lw=0
            )
            axes.plot([row.expected] * 2, [place - 0.17, place + 0.17], color=MEDIAN, lw=2.4, solid_capstyle="butt")
            low, high = (each if math.isfinite(each) else row.goal for each in (row.needed_low, row.needed_high))
            axes.barh(place, high - low, 0.62, low, color=AIM, lw=0, zorder=3)
            axes.plot([(low + high) / 2] * 2, [place - 0.31, place + 0.31], color=AIM, lw=2, zorder=3)
        if row.period:
            so_far = row.so_far_low if math.isinf(row.so_far_high) else (row.so_far_low + row.so_far_high) / 2
            axes.plot(so_far, place, "D", color=INK, ms=6, zorder=4)
        told = [line.odds.pick(look.lang)]
        if row.period and line.seen.en:
            told.append(line.seen.pick(look.lang))
        beside.append(Beside(height=place, words="\n".join(told), colour=GREY, points=9))
    axes.set_ylim(len(rows) - 0.45, -0.55)
    rule_rows(axes)
    axes.use_sticky_edges = False  # bars do not end at the edge
    axes.margins(x=0.04)
    axes.plot([], [], "D", color=INK, ms=6, ls="", label=look.say("pace.published"))
    axes.plot([], [], color=AIM, lw=3, solid_capstyle="butt", label=look.say("pace.needed"))
    axes.plot([], [], color=PALETTE["band-80"], lw=7, solid_capstyle="butt", label=look.say("pace.band"))
    axes.plot([], [], color=MEDIAN, lw=2.4, label=look.say("pace.median"))
    around = Around(
        title=say_pace_title(pace, scenario).pick(look.lang),
        notes=[look.scene(pace.plan, attainment.scenario)],
        xlabel=look.say("pace.axis"),
        rows=[(look.target(pace.plan, growth[row.target]), "") for row in rows],
        beside=beside,
        key=axes.get_legend_handles_labels()[0],
    )
    return finish(axes, around, ax is None, attainment, look)
