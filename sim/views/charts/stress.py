"""What brings odds down: the odds of a target as shocks become larger or likelier, with the mildest that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.stress import find_stress, trace_stress
from sim.results.attainment import Attainment
from sim.results.run import Run
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, Beside
from sim.views.charts.registry import chart, take_fewer
from sim.views.charts.style import AIM, GREY, GRID, INK, PALE, Look, find_look, open_axes
from sim.views.palette import SERIES
from sim.views.phrases import pair, say_odds
from sim.views.question_lines import name_shock, say_rarity, say_stress

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_stress"]


def _take(run: Run, name: str) -> dict[str, Any]:
    """Take what halves the odds of a target in the first scenario, by the size of one shock."""
    task = take_fewer(run)
    traced = trace_stress(task, name, by="size")
    as_given = float(traced.odds.iloc[int((traced.level - 1).abs().argmin())])
    found = find_stress(task, name, min(max(as_given / 2, 1e-6), 1 - 1e-6), by="size")
    return {"attainment": run.attainments[0], "found": found, "traced": traced}


@chart("stress", _take, subject="target")
def plot_stress(
    attainment: Attainment,
    found: pd.DataFrame,
    traced: pd.DataFrame,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Draw the odds of a target as each shock becomes larger or likelier, and the mildest that brings them down.

    Parameters
    ----------
    attainment : Attainment
        Of the same scenario.
    found : DataFrame
        As `sim.find_stress` gives it.
    traced : DataFrame
        As `sim.trace_stress` gives it, of the same target; by size, or by probability.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; vertical: probability as printed, %.

    Raises
    ------
    ValueError
        If `traced` is by size and by probability at once, or of another target.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "export-slump", n_paths=1000, n_points=64, n_calibrations=0)
    >>> asked = {"target": "gdp", "shock": "export_slump", "by": "size"}
    >>> found = sim.find_stress(result, below=0.1, **asked)
    >>> plot_stress(result, found, sim.trace_stress(result, **asked)).get_ylabel()
    'probability as printed, %'
    """
    look = find_look(lang, ax)
    ways = [*dict.fromkeys(traced.by)]
    if len(ways) != 1:
        raise ValueError("one axis shows one thing: trace by size or by probability")
    if {*traced.target} != {*found.target}:
        raise ValueError(f"of {traced.target.iloc[0]!r} is traced, of {found.target.iloc[0]!r} found")
    is_size = ways[0] == "size"
    scale, below = (1.0 if is_size else 100.0), float(found.below.iloc[0])
    axes = open_axes() if ax is None else ax
    own, beside = found[found.by == ways[0]].set_index("shock"), list[Beside]()
    for number, (name, rows) in enumerate(traced.groupby("shock", sort=False)):
        colour = SERIES[number % len(SERIES)]
        axes.plot(rows.level * scale, 100 * rows.odds, color=colour, lw=2, zorder=3)
        words = look.printable(name_shock(attainment.scenario, str(name)).pick(look.lang), str(name))
        beside.append(Beside(height=100 * float(rows.odds.iloc[-1]), words=words, key=colour))
        if name in own.index and own.status[name] in ("found", "too few points"):
            at = float(own.value[name]) * scale, 100 * float(own.odds[name])
            axes.plot(*at, "o", color=colour, mec=INK, ms=9, zorder=5)
            rarity = say_rarity(float(own.once_in[name])).pick(look.lang) if is_size else ""
            told = f"{at[0]:.2g}{'×' if is_size else ' %'}" + (f"\n{rarity}" if rarity else "")
            style: dict[str, Any] = {
                "textcoords": "offset points",
                "fontsize": look.points(9.5),
                "va": "top",
                "zorder": 6,
            }
            style["bbox"] = {"fc": "white", "ec": "none", "alpha": 0.8, "pad": 1}
            left = rows.level.searchsorted(own.value[name]) > len(rows) / 2  # else it would stand over the words beside
            axes.annotate(told, at, (-7 if left else 7, -6), ha="right" if left else "left", color=INK, **style)
    axes.axhline(100 * below, color=AIM, lw=1.6, zorder=2)
    if is_size:
        axes.axvline(1, color=PALE, lw=1, ls=(0, (4, 3)), zorder=1)
    beside.append(Beside(height=100 * below, words=look.say("stress.below", odds=say_odds(below)), colour=AIM))
    axes.set_xlim(float(traced.level.min()) * scale, float(traced.level.max()) * scale)
    axes.set_ylim(0, min(100.0, 1.15 * 100 * float(traced.odds.max()) + 2))
    axes.grid(color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    key = axes.plot([], [], color=PALE, lw=1, ls=(0, (4, 3)), label=look.say("stress.given")) if is_size else []
    key += axes.plot([], [], "o", color=GREY, mec=INK, ms=8, label=look.say("stress.found"))
    around = Around(
        title=_say_title(attainment, found, own, is_size, look),
        notes=[look.scene(attainment.plan, attainment.scenario)],
        ylabel=look.say("stress.odds"),
        xlabel=look.say("stress.axis_size" if is_size else "stress.axis_chance"),
        beside=beside,
        key=key,
    )
    return finish(axes, around, ax is None, attainment, look)


def _say_title(attainment: Attainment, found: pd.DataFrame, own: pd.DataFrame, is_size: bool, look: Look) -> str:
    """Say the mildest change that brings the odds down, or that none does."""
    name = str(found.target.iloc[0])
    target = next((each for each in attainment.plan.judged if each.id == name), None)
    below, given = float(found.below.iloc[0]), float(found.odds_as_given.iloc[0])
    reached = own[own.status == "found"]
    named = pair(target).pick(look.lang) if target is not None else name
    told: dict[str, Any] = {"target": look.printable(named, name), "given": say_odds(given), "below": say_odds(below)}
    if (found.status == "already below").all():
        return f"{told['target']}: {look.say('ask.already')}"
    if not len(reached):
        return look.say("stress.never" if is_size else "stress.never_chance", **told)
    away = reached.once_in if is_size else reached.value
    row = reached.iloc[int(away.argmin())]
    shock, value = str(reached.index[int(away.argmin())]), float(row.value)
    if is_size and target is not None:
        words = say_stress(target, attainment.scenario, shock, value, float(row.once_in), given, float(row.odds))
        return look.printable(words.pick(look.lang), name)
    named = look.printable(name_shock(attainment.scenario, shock).pick(look.lang), shock)
    more: dict[str, Any] = {"shock": named, "odds": say_odds(float(row.odds))}
    if is_size:
        return look.say("stress.size", factor=f"{value:.2g}", rarity=say_rarity(float(row.once_in)), **told, **more)
    return look.say("stress.chance", chance=say_odds(value), **told, **more)
