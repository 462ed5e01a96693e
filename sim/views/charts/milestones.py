"""Milestones on a time line: how likely each is reached by each quarter's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.inputs.plan.readings import READINGS
from sim.inputs.quarters import name_cumulative
from sim.results.attainment import Attainment
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import AIM, GREY, INK, WIDTH, entitle, find_look, finish, open_axes, set_margins
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
    look = find_look(lang)
    from matplotlib.colors import LinearSegmentedColormap

    plan = attainment.plan
    if not plan.milestones:
        raise ValueError(f"plan {plan.name!r} has no milestones")
    count, odds = len(plan.quarter_names), list_printed(attainment)
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
    entitle(axes, look.say("milestones.title"), attainment, look)
    return finish(axes, ax is None, attainment, look)
