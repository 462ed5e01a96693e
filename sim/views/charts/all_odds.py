"""All odds at a glance: a row a target, by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.inputs.plan.targets import Judged
from sim.results.attainment import Attainment
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, Beside, count_rows, say_left_out
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import GRID, MEDIAN, PALE, SHADE, find_look, open_axes
from sim.views.likelihood_words import BANDS
from sim.views.numbers import print_odds
from sim.views.series import list_printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_all_odds", "split_rows"]

_ROW = 0.235  # inches
_PAGE = 40  # rows that fit on a page of A4


@chart("all-odds", take_first)
def plot_all_odds(
    attainment: Attainment, ax: Axes | None = None, lang: str = "en", targets: Sequence[str] | None = None
) -> Axes:
    """Draw the odds of all targets and their ranges over calibrations, a row each, by group, the likeliest first.

    The dot of odds that rest on an assumption alone is hollow.

    Parameters
    ----------
    attainment : Attainment
    ax : Axes, optional
        Where to draw; None means a figure of its own, as high as its rows need, with a footer.
    lang : str
        `en` or `zh`.
    targets : sequence of str, optional
        Ids of the targets to show; None means every target that has odds. `split_rows` parts them into pages.

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
    look = find_look(lang, ax)
    plan, odds = attainment.plan, list_printed(attainment)
    every = _list_rows(attainment, targets)
    axes = open_axes(8.3, _ROW * len(every) + 1.75) if ax is None else ax
    rows = every[: count_rows(ax, len(every), look)]
    for low, top in zip(BANDS, (1.0, *(band.lowest for band in BANDS)), strict=False):
        shade = SHADE if BANDS.index(low) % 2 == 0 else "white"
        axes.axvspan(100 * low.lowest, 100 * top, color=shade, lw=0, zorder=0)
    beside = list[Beside]()
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
        beside.append(Beside(height=row, words=print_odds(odds[each.id])))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.grid(axis="x", color=GRID, lw=0.8)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    number = sum(not isinstance(each, str) for each in every)
    left_out = number - sum(not isinstance(each, str) for each in rows)
    key = "all_odds.title" if number == len(plan.judged) else "all_odds.some"
    around = Around(
        title=look.say(key, number=number, of=len(plan.judged)),
        notes=[look.scene(plan, attainment.scenario)],
        rows=[(names.get(each, each) if isinstance(each, str) else look.name(each), "") for each in rows],
        row_points=8.5,
        beside=beside,
        apart=False,
        xlabel=look.say("all_odds.axis"),
        foot=" · ".join(filter(None, [look.say("evidence.key"), say_left_out(left_out, number).pick(look.lang)])),
    )
    finish(axes, around, ax is None, attainment, look)
    for label, each in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if isinstance(each, str) else "normal")
    return axes


def _list_rows(attainment: Attainment, chosen: Sequence[str] | None = None) -> list[Judged | str]:
    """List the rows: groups, and in each its targets, the likeliest first."""
    plan, odds = attainment.plan, list_printed(attainment)
    unknown = [name for name in chosen or () if name not in odds]
    if unknown:
        raise ValueError(f"no target with odds named {', '.join(unknown)}; the plan has {', '.join(odds)}")
    shown = [target for target in plan.judged if chosen is None or target.id in chosen]
    rows: list[Judged | str] = []
    for group in dict.fromkeys(target.group for target in shown):
        members = [target for target in shown if target.group == group]
        rows += [group, *sorted(members, key=lambda each: -odds[each.id])]
    return rows


def split_rows(attainment: Attainment) -> list[list[str]]:
    """Split the targets into as many charts as fit on a page of A4 each, groups in the order of the plan.

    Parameters
    ----------
    attainment : Attainment

    Returns
    -------
    list of list of str
        Ids of targets, about as many in each.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> [len(page) for page in split_rows(result["baseline"])]
    [26, 26, 25]
    """
    rows = _list_rows(attainment)
    pages = -(-len(rows) // _PAGE)
    most = -(-len(rows) // pages)
    found: list[list[str]] = [[] for _ in range(pages)]
    for place, each in enumerate(rows):
        if not isinstance(each, str):
            found[place // most].append(each.id)
    return [page for page in found if page]
