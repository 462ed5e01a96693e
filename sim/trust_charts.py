"""Charts of a back-test: reliability, PIT, skill by year; drawn from finished results, nothing is scored here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from sim.backtests import Backtest
from sim.charts.look import AIM, GREY, GRID, INK, MEDIAN, MORE, PALE, Look, open_axes, open_look, set_margins
from sim.trust import measure_reliability

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_pit", "plot_reliability", "plot_skill", "write_trust_charts"]

_NAMES = {
    "model": "this method",
    "outlook_line": "outlook line",
    "last_gap": "last year's gap",
    "base_rate": "base rate",
    "coin": "coin",
}


def plot_reliability(bins: pd.DataFrame, title: str = "", ax: Axes | None = None) -> Axes:
    """How often targets were met, against the probability they were given.

    Parameters
    ----------
    bins : DataFrame
        As `sim.trust.measure_reliability` gives them.
    title : str
    ax : Axes, optional
        Where to draw; None means a figure of its own.

    Returns
    -------
    Axes
        A point a bin, its area growing with its number of forecasts; vertical bars hold the share nine times in ten
        if the probabilities are right and the outcomes independent.

    Examples
    --------
    >>> from sim.trust import read_panel_reliability
    >>> plot_reliability(read_panel_reliability()).get_xlabel()
    'probability given in January'
    """
    with open_look("en") as look:
        axes = _open(ax, 6.4, 6.6)
        axes.plot([0, 1], [0, 1], color=PALE, linewidth=1, zorder=1)
        axes.vlines(bins.probability, bins.q05, bins.q95, color=GRID, linewidth=7, zorder=2)
        axes.scatter(bins.probability, bins.met, s=18 + 6 * bins.n, color=MEDIAN, zorder=3)
        for count, given, met in bins[["n", "probability", "met"]].to_numpy():
            axes.annotate(f"{count:.0f}", (given, met), (8, 5), textcoords="offset points", color=GREY)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        axes.set_aspect("equal")
        axes.set_xlabel("probability given in January")
        axes.set_ylabel("share of these targets met")
        note = (
            "grey: holds nine shares in ten if the odds are right and the regions independent;\n"
            "they move together, so honest bars are wider; numbers: targets in the bin"
        )
        return _finish(axes, title, note, look)


def plot_pit(result: Backtest, ax: Axes | None = None) -> Axes:
    """Where outcomes fell in their forecast laws: flat if these are right.

    Parameters
    ----------
    result : Backtest
    ax : Axes, optional
        Where to draw; None means a figure of its own.

    Examples
    --------
    >>> import sim
    >>> folder = sim.read_plan("qingdao-2024").folder
    >>> result = sim.backtest(sim.read_history(folder / "history.csv"), first=2019)
    >>> plot_pit(result).get_ylabel()
    'outcomes'
    """
    rows = result.forecasts[result.forecasts.pit.notna()]
    with open_look("en") as look:
        axes = _open(ax, 7.2, 4.6)
        counts, edges = np.histogram(rows.pit, bins=10, range=(0, 1))
        axes.bar(edges[:-1] + 0.05, counts, width=0.096, color=MORE)
        axes.axhline(len(rows) / 10, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_xlim(0, 1)
        axes.set_xlabel("where the outcome fell in its forecast law (0: lowest, 1: highest)")
        axes.set_ylabel("outcomes")
        title = f"{_span(result)}: where the outcomes fell"
        return _finish(axes, title, "dashed: as many in each tenth; a hump means intervals too wide", look)


def plot_skill(result: Backtest, ax: Axes | None = None) -> Axes:
    """Brier score of the method and of every reference, year by year.

    Parameters
    ----------
    result : Backtest
    ax : Axes, optional
        Where to draw; None means a figure of its own.

    Examples
    --------
    >>> import sim
    >>> folder = sim.read_plan("qingdao-2024").folder
    >>> result = sim.backtest(sim.read_history(folder / "history.csv"), first=2019)
    >>> plot_skill(result).get_ylabel()
    'gain in Brier score over a coin'
    """
    scores = result.scores[result.scores["sample"].str.isdigit()]
    years = sorted(scores["sample"].unique())
    styles = {"outlook_line": (AIM, "s"), "last_gap": (GREY, "^"), "base_rate": (PALE, "D"), "model": (MEDIAN, "o")}
    with open_look("en") as look:
        axes = _open(ax, 9.0, 4.8)
        axes.axhline(0, color=INK, linewidth=1)
        for forecaster, (colour, marker) in styles.items():
            rows = scores[scores.forecaster == forecaster].set_index("sample")
            gain = 0.25 - rows.brier[years].to_numpy()
            line = 1.8 if forecaster == "model" else 0.8
            axes.plot(range(len(years)), gain, marker=marker, color=colour, linewidth=line, label=_NAMES[forecaster])
        counts = scores[scores.forecaster == "model"].set_index("sample").n.to_dict()
        labels = [f"{year}{'' if int(year) in result.ordinary else ' *'}\nn = {counts[year]}" for year in years]
        axes.set_xticks(range(len(years)), labels)
        axes.set_ylabel("gain in Brier score over a coin")
        axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.16))
        return _finish(axes, f"{_span(result)}: skill by year", "* a rare shock, or the year after one", look)


def write_trust_charts(result: Backtest, folder: Path) -> list[Path]:
    """Write the three charts as PNG and SVG: `reliability`, `pit`, `skill`; the same result, the same bytes."""
    written = []
    with open_look("en"):
        score = result.find_score()
        title = f"{_span(result)}: Brier {score['brier']:.3f} ± {_error(score['brier_se'])}"
        reliability = plot_reliability(measure_reliability(result), title)
        for name, axes in {"reliability": reliability, "pit": plot_pit(result), "skill": plot_skill(result)}.items():
            figure = cast("Figure", axes.figure)
            png, svg = folder / f"{name}.png", folder / f"{name}.svg"
            figure.savefig(png, metadata={"Software": None})
            figure.savefig(svg, metadata={"Date": None, "Creator": None})
            written += [png, svg]
    return written


def _open(ax: Axes | None, width: float, height: float) -> Axes:
    if ax is not None:
        return ax
    axes = open_axes(width, height)
    set_margins(axes, 0.85, 0.3, 0.6, 1.1)
    return axes


def _span(result: Backtest) -> str:
    scored = result.forecasts[result.forecasts.outcome.notna()]
    name = "GDP" if result.indicator == "gdp" else result.indicator.replace("_", " ").capitalize()
    return f"{name}, {len(scored)} targets {scored.year.min()}–{scored.year.max()}"


def _error(value: float) -> str:
    return "unknown (one year)" if np.isnan(value) else f"{value:.3f}"


def _finish(axes: Axes, title: str, note: str, look: Look) -> Axes:
    axes.set_title(title, fontsize=12.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.annotate(note, (0.015, 0.012), xycoords="figure fraction", fontsize=8, color=GREY, va="bottom")
    look.draw_in(axes)
    return axes
