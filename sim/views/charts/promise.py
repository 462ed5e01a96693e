"""What could have been promised: the number of each target at some odds, beside the stated one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sim.analysis.promise import promise
from sim.results.attainment import Attainment
from sim.results.run import Run
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, Beside
from sim.views.charts.registry import chart, take_fewer
from sim.views.charts.style import AIM, INK, MEDIAN, WIDTH, find_look, open_axes, rule_rows
from sim.views.palette import PALETTE
from sim.views.phrases import say_odds
from sim.views.question_lines import name_asked

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_promise"]

_ROW = 0.66  # inches
_COLOURS = (PALETTE["band-80"], PALETTE["band-50"], MEDIAN, PALETTE["heat-100"])


def _take(run: Run, _: str) -> dict[str, Any]:
    return {"attainment": run.attainments[0], "promised": promise(take_fewer(run))}


@chart("promise", _take)
def plot_promise(
    attainment: Attainment,
    promised: pd.DataFrame,
    ax: Axes | None = None,
    lang: str = "en",
    together: bool = False,
) -> Axes:
    """Draw the number that could have been promised at some odds, with its range, beside the one that was stated.

    Parameters
    ----------
    attainment : Attainment
        Of the same scenario.
    promised : DataFrame
        As `sim.promise` gives it; milestones, whose numbers are quarters, are left out.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.
    together : bool
        Whether numbers are those of all targets at once, in place of those of each alone.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: numbers in per cent, or over the stated ones where units differ.

    Raises
    ------
    ValueError
        If there is no number to draw.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_points=64, n_calibrations=0)
    >>> plot_promise(result, sim.promise(result)).get_xlabel()
    'number, %'
    """
    look = find_look(lang, ax)
    kind = "yes" if together else "no"
    table = promised[(promised.together == kind) & (promised.unit != "quarter") & (promised.stated != 0)]
    if not len(table):
        raise ValueError("no number to draw: all that was asked for are milestones")
    names, levels = [*dict.fromkeys(table.target)], sorted(dict.fromkeys(table.odds))
    units = [*dict.fromkeys(table.unit)]
    axes = open_axes(WIDTH, max(3.0, _ROW * len(names) + 2.3)) if ax is None else ax
    beside = []
    step = 0.6 / max(len(levels), 2)
    for place, name in enumerate(names):
        own = table[table.target == name].set_index("odds")
        stated = float(own.stated.iloc[0])
        scale = 1.0 if len(units) == 1 else 100 / stated
        for number, odds in enumerate(levels):
            height = place + (number - (len(levels) - 1) / 2) * step
            colour = _COLOURS[(number + len(_COLOURS) - 1 - len(levels)) % len(_COLOURS)]
            value, low, high = (float(own[column][odds]) * scale for column in ("number", "low", "high"))
            axes.plot([low, high], [height, height], color=colour, lw=4, solid_capstyle="butt", zorder=2)
            axes.plot(value, height, "o", color=colour, mec=INK, mew=0.8, ms=7, zorder=4)
        axes.plot([stated * scale] * 2, [place - 0.4, place + 0.4], color=AIM, lw=2.4, zorder=3)
        beside.append(Beside(height=place, words=f"{_list_numbers(own.number[levels])} {own.unit.iloc[0]}"))
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.use_sticky_edges = False
    axes.margins(x=0.05)
    rule_rows(axes)
    key: list[Any] = []
    for number, odds in enumerate(levels):
        colour = _COLOURS[(number + len(_COLOURS) - 1 - len(levels)) % len(_COLOURS)]
        style: dict[str, Any] = {"color": colour, "mec": INK, "mew": 0.8, "ms": 7, "lw": 4}
        key += axes.plot([], [], "-o", label=look.say("promise.level", odds=say_odds(odds, 0)), **style)
    key += axes.plot([], [], color=AIM, lw=2.4, label=look.say("promise.stated"))
    ranged = table[["low", "high"]].notna().all(axis=1).any()
    around = Around(
        title=look.say("promise.title"),
        notes=[
            look.scene(attainment.plan, attainment.scenario),
            look.say("promise.together" if together else "promise.alone"),
        ],
        xlabel=look.say("promise.axis", unit=units[0]) if len(units) == 1 else look.say("promise.axis_share"),
        rows=[(look.printable(name_asked(attainment.plan, name).pick(look.lang), name), "") for name in names],
        beside=beside,
        apart=False,
        foot=look.say("promise.range") if ranged else "",
        key=key,
    )
    return finish(axes, around, ax is None, attainment, look)


def _list_numbers(numbers: Iterable[float]) -> str:
    """List numbers with as many decimals as the longest of them has; what no number reaches is a dash."""
    decimals = max((len(f"{each:g}".partition(".")[2]) for each in numbers if each == each), default=0)
    return " · ".join("–" if each != each else f"{each:,.{decimals}f}".replace("-", "−") for each in numbers)
