"""Charts of a back-test: reliability, PIT, skill by year; drawn from finished scores, nothing is scored here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.views.charts.arrangement import arrange
from sim.views.charts.layout import Around
from sim.views.charts.registry import chart
from sim.views.charts.style import (
    AIM,
    GREY,
    GRID,
    INK,
    MEDIAN,
    MORE,
    PALE,
    Look,
    find_look,
    open_axes,
    open_look,
)
from sim.views.words import Phrase, read_words, say

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.learning.backtest import Backtest

__all__ = ["entitle_record", "plot_pit", "plot_reliability", "plot_skill"]

_STYLES = {"outlook_line": (AIM, "s"), "last_gap": (GREY, "^"), "base_rate": (PALE, "D"), "model": (MEDIAN, "o")}


def _take_shipped(_run: None, _name: str) -> dict[str, Any]:
    """Take the record on the panel that the package ships."""
    from sim.learning.track_record import read_panel_reliability, read_record

    record = read_record()["gdp"]
    title = _say_record("gdp", record.n, record.years, record.brier)
    return {"bins": read_panel_reliability(), "title": title}


@chart("reliability", _take_shipped, scenarios="none")
def plot_reliability(bins: pd.DataFrame, title: str | Phrase = "", ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw how often targets were met, against the probability they were given.

    Parameters
    ----------
    bins : DataFrame
        As `measure_reliability` and `read_panel_reliability` of `sim.learning.track_record` give them.
    title : str or Phrase
        As `entitle_record` makes it.
    ax : Axes, optional
        Where to draw; None means a figure of its own.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones: a point a bin, its area growing with its number of forecasts; vertical bars hold the share
        nine times in ten if the probabilities are right and the outcomes independent.

    Examples
    --------
    >>> from sim.learning.track_record import read_panel_reliability
    >>> plot_reliability(read_panel_reliability()).get_xlabel()
    'probability given as the year began, %'
    """
    look = find_look(lang, ax)
    axes = open_axes(6.4, 7.0) if ax is None else ax
    axes.plot([0, 100], [0, 100], color=PALE, linewidth=1, zorder=1)
    given, met = 100 * bins.probability, 100 * bins.met
    axes.vlines(given, 100 * bins.q05, 100 * bins.q95, color=GRID, linewidth=7, zorder=2)
    axes.scatter(given, met, s=18 + 6 * bins.n, color=MEDIAN, zorder=3, clip_on=False)
    for count, x, y in zip(bins.n, given, met, strict=True):
        axes.annotate(
            f"{count:.0f}", (x, y), (8, 5), textcoords="offset points", color=GREY, fontsize=look.points(10.5)
        )
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 102)
    axes.set_aspect("equal", anchor="NW")
    around = Around(
        title=title.pick(lang) if isinstance(title, Phrase) else title,
        title_points=12.5,
        ylabel=look.say("reliability.met"),
        xlabel=look.say("reliability.given"),
        foot=look.say("reliability.note_counts", note=say("reliability.note")),
    )
    return _finish(axes, around, look, own=ax is None)


@chart()
def plot_pit(result: Backtest, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw where outcomes fell in their forecast laws: flat if these are right.

    Parameters
    ----------
    result : Backtest
    ax : Axes, optional
        Where to draw; None means a figure of its own.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones: a bar a tenth of the law, as high as the number of outcomes in it.

    Examples
    --------
    >>> import sim
    >>> folder = sim.read_plan("qingdao-2024").folder
    >>> result = sim.backtest(sim.read_history(folder / "history.csv"), first=2019)
    >>> plot_pit(result).get_ylabel()
    'outcomes'
    """
    from matplotlib.ticker import MaxNLocator

    rows = result.forecasts[result.forecasts.pit.notna()]
    look = find_look(lang, ax)
    axes = open_axes(7.2, 4.6) if ax is None else ax
    counts, edges = np.histogram(rows.pit, bins=10, range=(0, 1))
    axes.bar(edges[:-1] + 0.05, counts, width=0.096, color=MORE)
    axes.axhline(len(rows) / 10, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.set_xlim(0, 1)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    around = Around(
        title=look.say("pit.title", span=_find_span(result)),
        title_points=12.5,
        ylabel=look.say("pit.outcomes"),
        xlabel=look.say("pit.axis"),
        foot=look.say("pit.note"),
    )
    return _finish(axes, around, look, own=ax is None)


@chart()
def plot_skill(result: Backtest, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the Brier score of the method and of every reference, year by year.

    Parameters
    ----------
    result : Backtest
    ax : Axes, optional
        Where to draw; None means a figure of its own.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones: a line a forecaster; vertical: Brier score of a coin, 0.25, minus its own.

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
    look = find_look(lang, ax)
    axes = open_axes(9.0, 5.0) if ax is None else ax
    axes.axhline(0, color=INK, linewidth=1)
    for forecaster, (colour, marker) in _STYLES.items():
        rows = scores[scores.forecaster == forecaster].set_index("sample")
        gain = 0.25 - rows.brier[years].to_numpy()
        style: dict[str, Any] = {"marker": marker, "color": colour, "lw": 1.8 if forecaster == "model" else 0.8}
        axes.plot(range(len(years)), gain, label=look.say(f"forecaster.{forecaster}"), **style)
    counts = scores[scores.forecaster == "model"].set_index("sample").n.to_dict()
    labels = [f"{year}{'' if int(year) in result.ordinary else ' *'}\nn = {counts[year]}" for year in years]
    axes.set_xticks(range(len(years)), labels)
    around = Around(
        title=look.say("skill.title", span=_find_span(result)),
        title_points=12.5,
        ylabel=look.say("skill.axis"),
        key=axes.get_legend_handles_labels()[0],
        foot=look.say("skill.note"),
    )
    return _finish(axes, around, look, own=ax is None)


def entitle_record(
    indicator: str, n: int, years: str, brier: float, error: float | None = None, lang: str = "en"
) -> str:
    """Say in a title what was scored, and how it did.

    Parameters
    ----------
    indicator : str
        Its id.
    n : int
        Forecasts scored.
    years : str
        Such as `2014-2021`.
    brier, error : float
        Brier score, and its standard error: NaN if it is unknown, None if it is not to be said.
    lang : str
        `en` or `zh`.

    Returns
    -------
    str

    Examples
    --------
    >>> entitle_record("gdp", 217, "2014-2021", 0.2084, 0.016)
    'GDP, 217 targets 2014–2021: Brier 0.208 ± 0.016'
    """
    with open_look(lang) as look:
        return _say_record(indicator, n, years, brier, error).pick(look.lang)


def _say_record(indicator: str, n: int, years: str, brier: float, error: float | None = None) -> Phrase:
    score: Phrase | str = f"{brier:.3f}"
    if error is not None:
        unknown = np.isnan(error)
        score = say("record.error_unknown", brier=score) if unknown else f"{score} ± {error:.3f}"
    return say("record.title", span=_say_span(indicator, n, years), brier=score)


def _say_span(indicator: str, n: int, years: str) -> Phrase:
    plain = indicator.replace("_", " ").capitalize()
    name = read_words().get(f"indicator.{indicator}", Phrase(plain, plain))
    return say("record.span", name=name, n=n, years=years.replace("-", "–"))


def _find_span(result: Backtest) -> Phrase:
    scored = result.forecasts[result.forecasts.outcome.notna()]
    return _say_span(result.indicator, len(scored), f"{scored.year.min()}-{scored.year.max()}")


def _finish(axes: Axes, around: Around, look: Look, own: bool) -> Axes:
    """Give everything its place; a record has no paths to be signed with."""
    axes.spines[["top", "right"]].set_visible(False)
    arrange(around, axes, look, own)
    return axes
