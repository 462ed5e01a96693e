"""A release to come: how likely each printable figure is, and the odds it would leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.suspense import Suspense, measure_suspense
from sim.results.run import Run
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, Beside
from sim.views.charts.registry import chart
from sim.views.charts.style import AIM, GRID, find_look, open_axes
from sim.views.numbers import print_odds
from sim.views.palette import PALETTE, SERIES
from sim.views.phrases import pair, say_period
from sim.views.suspense_lines import find_quantile, say_suspense

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_release"]

_LEAST = 0.02  # swing of another target from which it is drawn
_LINES = 3  # targets of which odds are drawn, the release's own first


def _take(run: Run, name: str) -> dict[str, Any]:
    """Take the next release of an indicator, given what the run knows."""
    suspense = measure_suspense(run.model, run.scenarios[0], run.published, series=name, seed=run.settings.seed)
    return {"suspense": suspense}


@chart("next", _take, subject="indicator")
def plot_release(suspense: Suspense, series: str | None = None, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw how likely each figure of a coming release is, and the odds that it would leave.

    Parameters
    ----------
    suspense : Suspense
    series : str, optional
        Whose first release is drawn; None means the first of growth.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: growth as printed, %; lines: odds in %; bars: how likely a figure is, without
        a scale of their own.

    Raises
    ------
    ValueError
        If no such release of growth is to come.

    Examples
    --------
    >>> import sim
    >>> plot_release(sim.measure_suspense("qingdao-2024", series="gdp", n_points=64)).get_xlabel()
    'growth as printed, %; bars: how likely each figure is'
    """
    look = find_look(lang, ax)
    plan = suspense.plan
    coming = [
        number
        for number, each in enumerate(suspense.releases)
        if each.release.is_growth and series in (None, each.release.series)
    ]
    if not coming:
        raise ValueError(f"no growth figure of {series or 'the plan'} is to come")
    number = coming[0]
    each = suspense.releases[number]
    axes = open_axes() if ax is None else ax
    shown = slice(max(find_quantile(each, 0.01), 1), min(find_quantile(each, 0.99) + 1, len(each.values) - 1))
    values, chance = each.values[shown], each.probability[shown]
    axes.bar(values, 45 * chance / chance.max(), 0.08, color=PALETTE["interval"], lw=0, zorder=1)
    own = suspense.list_own(each.release)
    order = np.argsort(-suspense.swings[number]).tolist()
    others = [place for place in order if place not in own and suspense.swings[number, place] >= _LEAST]
    drawn = [*own, *others][:_LINES]
    ends = [100 * float(each.odds[shown, place][-1]) for place in drawn]
    beside = []
    for place, end, colour in zip(drawn, ends, SERIES, strict=False):
        axes.plot(values, 100 * each.odds[shown, place], color=colour, lw=2.4 if place in own else 1.6, zorder=3)
        beside.append(Beside(height=end, words=f"{print_odds(end / 100)}  {look.name(plan.judged[place])}", key=colour))
    axes.axhline(50, color=AIM, lw=1, ls=(0, (4, 3)), zorder=2)
    axes.set_xlim(values[0], values[-1])
    axes.set_ylim(0, 100)
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    told = {line.number: line.sentence for line in say_suspense(suspense)}
    name = {
        "series": pair(plan.find_indicator(each.release.series)),
        "period": say_period(suspense.name_period(each.release)),
    }
    around = Around(
        title=look.say("suspense.title", **name),
        notes=[told[number].pick(look.lang)] if number in told else [],
        ylabel=look.say("suspense.odds"),
        xlabel=look.say("suspense.axis"),
        beside=beside,
    )
    return finish(axes, around, ax is None, suspense, look)
