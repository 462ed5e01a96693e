"""All odds at a glance: a row a target, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.inputs.plan.targets import Judged
from sim.results.attainment import Attainment
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import GRID, MEDIAN, PALE, SHADE, entitle, find_look, finish, open_axes, set_margins
from sim.views.likelihood_words import BANDS
from sim.views.numbers import print_odds
from sim.views.series import list_printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_all_odds"]

_ROW = 0.235  # inches


@chart("all-odds", take_first)
def plot_all_odds(attainment: Attainment, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the odds of all targets and their ranges over calibrations, a row each, by group, the likeliest first.

    The dot of odds that rest on an assumption alone is hollow.

    Parameters
    ----------
    attainment : Attainment
    ax : Axes, optional
        Where to draw; None means a figure of its own, as high as its rows need, with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: probability as printed, %.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> len(plot_all_odds(result.attainments[0]).get_yticks())
    86
    """
    look = find_look(lang)
    plan, odds = attainment.plan, list_printed(attainment)
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
    names = {group.id: look.name(group) for group in plan.groups}
    for row, each in enumerate(rows):
        if isinstance(each, str):
            axes.axhline(row - 0.5, color=PALE, lw=0.6, xmin=0, zorder=1)
            continue
        percent = 100 * odds[each.id]
        least, most = attainment.find_range(plan.judged.index(each))
        if least < most:
            axes.plot([100 * least, 100 * most], [row, row], color=PALE, lw=1.6, zorder=2)
        inside = "white" if attainment.model.grades[each.id] == "assumption" else MEDIAN
        axes.plot(percent, row, "o", color=MEDIAN, mfc=inside, ms=5, zorder=3)
        axes.annotate(
            print_odds(odds[each.id]), (1, row), (6, 0), ("axes fraction", "data"), "offset points", va="center"
        )
    axes.set_yticks(
        range(len(rows)), [names.get(each, each) if isinstance(each, str) else look.name(each) for each in rows]
    )
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel(f"{look.say('all_odds.axis')} ({look.say('evidence.key')})")
    axes.grid(axis="x", color=GRID, lw=0.8)
    axes.tick_params(axis="y", length=0, labelsize=8.5)
    axes.spines[["top", "right", "left"]].set_visible(False)
    entitle(axes, look.say("all_odds.title", number=len(plan.judged)), attainment, look)
    finish(axes, ax is None, attainment, look)
    for label, each in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if isinstance(each, str) else "normal")
    return axes
