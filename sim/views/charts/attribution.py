"""Why odds moved: a waterfall from the odds before to those after, a bar a part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.attribution import Explanation, explain
from sim.analysis.states import State
from sim.results.run import Run
from sim.views.attribution_lines import find_most_moved, name_target, say_parts
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around
from sim.views.charts.registry import chart
from sim.views.charts.room import find_room
from sim.views.charts.style import INK, LESS, MEDIAN, MORE, PALE, WIDTH, Look, find_look, open_axes, rule_rows
from sim.views.numbers import print_change, print_error
from sim.views.phrases import say_odds
from sim.views.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_why"]

_ROW = 0.46  # inches
_WIDE = 6.0  # inches of room, from which figures stand beside the names of parts
_MOST = 12  # parts that are drawn, the smallest together


def _take(run: Run, name: str) -> dict[str, Any]:
    """Take what the figures that a run knows did to the odds of its first scenario."""
    known: dict[str, Any] = {"model": run.model, "scenario": run.scenarios[0]}
    found = explain(State(**known), State(published=run.published, **known), seed=run.settings.seed, even_so=True)
    return {"explanation": found, "target": name}


@chart("why", _take, subject="target")
def plot_why(explanation: Explanation, target: str | None = None, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what each part did to the odds of a target: figures, calibration, scenario, plan.

    Parameters
    ----------
    explanation : Explanation
    target : str, optional
        A target or group that both states have; None means the headline target whose odds moved most.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: probability as printed, %.

    Raises
    ------
    ValueError
        If both states have no such target.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("qingdao-2024")
    >>> figures = sim.read_published(model.plan, "qingdao-2024-h1")
    >>> known = {"model": model, "scenario": sim.read_scenario("baseline", model.plan)}
    >>> days = "2024-07-31", "2024-08-31"
    >>> found = sim.explain(*(sim.State(published=figures.as_of(day), **known) for day in days), n_points=64)
    >>> plot_why(found, "gdp").get_xlabel()
    'probability, %'
    """
    look = find_look(lang, ax)
    target = find_most_moved(explanation) if target is None else target
    whole = explanation.odds.set_index("target")
    if target not in whole.index:
        raise ValueError(f"no target {target!r} in both states; allowed: {', '.join(whole.index)}")
    before, after = 100 * float(whole.before[target]), 100 * float(whole.after[target])
    is_wide = ax is None or find_room(ax)[2] >= _WIDE
    bars = _list_bars(explanation, target, look.lang, is_wide)
    axes = open_axes(WIDTH, max(3.2, _ROW * (len(bars) + 2) + 1.9)) if ax is None else ax
    at, (first, last) = before, _find_limits(before, [change for _, change, _ in bars])
    beside: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": look.points(9.5)}
    for place, (_, change, words) in enumerate(bars, start=1):
        axes.plot([at, at], [place - 1.3, place + 0.3], color=PALE, lw=0.8, zorder=1)
        axes.barh(place, change, 0.6, at, color=MORE if change > 0 else LESS, lw=0, zorder=2)
        axes.annotate(words, (max(at, at + change), place), (6, 0), color=INK, **beside)
        at += change
    axes.plot([at, at], [len(bars) + 0.7, len(bars) + 1.3], color=PALE, lw=0.8, zorder=1)
    for place, odds in ((0, before), (len(bars) + 1, after)):
        if first:  # a bar that is cut would say nothing
            axes.plot([odds, odds], [place - 0.3, place + 0.3], color=MEDIAN, lw=4, solid_capstyle="butt", zorder=2)
        else:
            axes.barh(place, odds, 0.6, color=MEDIAN, lw=0, zorder=2)
        axes.annotate(say_odds(odds / 100).pick(look.lang), (odds, place), (6, 0), color=INK, **beside)
    names = [look.say("why.state_before"), *(name for name, _, _ in bars), look.say("why.state_after")]
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(first, last)
    axes.set_xticks([tick for tick in axes.get_xticks() if first <= tick <= 100])
    rule_rows(axes)
    around = Around(
        title=_say_title(explanation, target, look),
        notes=[look.scene(explanation.after.plan, explanation.after.scenario)],
        xlabel=look.say("why.axis"),
        rows=[(name, "") for name in names],
        row_points=9.5,
    )
    return finish(axes, around, ax is None, explanation, look)


def _list_bars(found: Explanation, target: str, lang: str, is_wide: bool) -> list[tuple[str, float, str]]:
    """List the bars of a target: name, change in points, and what stands beside; the smallest of many are one."""
    lines = {line.name: line for line in say_parts(found)}
    own = found.table[found.table.target == target][["part", "change", "se"]].to_numpy().tolist()
    kept = {part for part, *_ in sorted(own, key=lambda row: -abs(row[1]))[: _MOST if len(own) <= _MOST else _MOST - 1]}
    bars = [
        ((lines[part].sentence if is_wide else lines[part].short).pick(lang), 100 * change, _tell(change, error))
        for part, change, error in own
        if part in kept
    ]
    rest = [change for part, change, _ in own if part not in kept]
    if rest:
        bars.append((say("why.others", number=len(rest)).pick(lang), 100 * sum(rest), print_change(100 * sum(rest))))
    return bars


def _tell(change: float, error: float) -> str:
    return "0" if change == 0 else f"{print_change(100 * change)} ± {print_error(error)}"


def _find_limits(before: float, changes: list[float]) -> tuple[float, float]:
    """Find the ends of the axis: all bars, from nothing unless they are short beside what was there."""
    levels = [before]
    for change in changes:
        levels.append(levels[-1] + change)
    low, high = min(levels), max(levels)
    room = max(high - low, 2.0)
    first = low - room if low > 2 * room else 0.0
    return first, high + 0.2 * (high - first) + 0.1


def _say_title(found: Explanation, target: str, look: Look) -> str:
    whole = found.odds[found.odds.target == target].iloc[0]
    plan = found.after.plan
    named = name_target(plan, target).pick(look.lang)
    told = {"target": look.printable(named, target), "before": say_odds(whole.before), "after": say_odds(whole.after)}
    return look.say("why.from_to", **told) if whole.change else look.say("why.still", **told)
