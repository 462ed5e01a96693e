"""Milestones on a time line: how likely each is reached by each quarter's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.inputs.plan.readings import READINGS
from sim.inputs.quarters import name_cumulative
from sim.results.attainment import Attainment
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, count_rows, say_left_out
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import AIM, INK, WIDTH, find_look, open_axes
from sim.views.numbers import print_odds
from sim.views.palette import DARK, HEAT
from sim.views.series import list_printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_milestones"]

_ROW = 0.235  # inches


@chart("milestones", take_first)
def plot_milestones(attainment: Attainment, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw how likely each milestone is to be reached by each quarter's end.

    Parameters
    ----------
    attainment : Attainment
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; the number in each cell is in per cent.

    Raises
    ------
    ValueError
        If the plan has no milestones.
    """
    look = find_look(lang, ax)
    from matplotlib.colors import LinearSegmentedColormap

    plan = attainment.plan
    if not plan.milestones:
        raise ValueError(f"plan {plan.name!r} has no milestones")
    count, odds = len(plan.quarter_names), list_printed(attainment)
    readings = [*(name_cumulative(quarter, count) for quarter in range(count - 1)), READINGS[0]]
    frame = attainment.odds.set_index(["target", "reading"])["probability"]
    milestones = sorted(plan.milestones, key=lambda each: (plan.quarter_names.index(each.quarter), -odds[each.id]))
    axes = open_axes(WIDTH, _ROW * len(milestones) + 1.75) if ax is None else ax
    shown = milestones[: count_rows(ax, len(milestones), look)]
    colours = LinearSegmentedColormap.from_list("odds", HEAT)
    for row, target in enumerate(shown):
        for quarter, reading in enumerate(readings):
            reached = float(frame[target.id, reading])
            axes.barh(row, 0.96, 0.86, quarter + 0.02, color=colours(reached), lw=0)
            ink = "white" if reached > DARK else INK
            axes.text(
                quarter + 0.5, row, print_odds(reached), ha="center", va="center", color=ink, fontsize=look.points(9)
            )
        planned = plan.quarter_names.index(target.quarter)
        axes.plot([planned + 1, planned + 1], [row - 0.43, row + 0.43], color=AIM, lw=2.6, solid_capstyle="butt")
    named = [look.name(each) + (" *" if each.decided_by == "other" else "") for each in shown]
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(0, count + 0.03)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    left_out = [say_left_out(len(milestones) - len(shown), len(milestones)).pick(look.lang)]
    around = Around(
        title=look.say("milestones.title"),
        notes=[look.scene(plan, attainment.scenario)],
        rows=[(name, "") for name in named],
        row_points=9,
        spans=[
            (at, at + 1, look.say("milestones.by_end", quarter=look.period(quarter)))
            for at, quarter in enumerate(plan.quarter_names)
        ],
        foot=" · ".join([look.say("milestones.key"), *filter(None, left_out)]),
    )
    return finish(axes, around, ax is None, attainment, look)
