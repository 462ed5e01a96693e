"""Odds over the year: how archived odds of the headline targets moved from vintage to vintage."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import SimError, find_nearest
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.scenario.reading import read_scenario
from sim.results.archive import Archive, archive_run
from sim.results.run import Run
from sim.views.charts.arrangement import arrange
from sim.views.charts.layout import Around, Beside
from sim.views.charts.registry import chart
from sim.views.charts.style import GREY, GRID, SHADE, Look, find_look, open_axes
from sim.views.likelihood_words import BANDS
from sim.views.numbers import print_odds
from sim.views.palette import SERIES
from sim.views.phrases import pair, say_odds, say_target
from sim.views.words import Phrase

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_odds_over_year"]


def _take_run(run: Run, _: str) -> dict[str, Any]:
    """Take a run as the only vintage of an archive."""
    plan = run.model.plan
    return {"archive": archive_run(run, datetime.date(plan.year, 1, 1)), "plan": plan}


@chart("odds-over-year", _take_run)
def plot_odds_over_year(
    archive: Archive,
    plan: Plan,
    scenario: str | None = None,
    targets: Sequence[str] | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Draw how archived odds moved over the year, a step line a target.

    Parameters
    ----------
    archive : Archive
    plan : Plan
        The archive's, for names and words.
    scenario : str, optional
        None means the first of the last vintage.
    targets : sequence of str, optional
        Ids; None means the headline targets.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: the day whose knowledge it was; vertical: probability as printed, %.

    Raises
    ------
    ValueError
        If the archive has no such scenario or target.
    """
    look = find_look(lang, ax)
    scenario = archive.vintages[-1].odds.scenario.iloc[0] if scenario is None else scenario
    wanted = [each.id for each in plan.headline] if targets is None else list(targets)
    odds = _pick(archive, scenario, wanted)
    axes = open_axes() if ax is None else ax
    for number, (band, top) in enumerate(zip(BANDS, (1.0, *(each.lowest for each in BANDS)), strict=False)):
        shade = "white" if number % 2 else SHADE
        axes.axhspan(100 * band.lowest, 100 * top, color=shade, lw=0, zorder=0)
    ends = _draw_lines(axes, odds, wanted)
    known = {each.id: each for each in plan.judged}
    beside = []
    for place, end in ends:
        named = look.target(plan, known[wanted[place]]) if wanted[place] in known else wanted[place]
        words = f"{print_odds(end / 100)}  {named}"
        beside.append(Beside(height=end, words=words, key=SERIES[place % len(SERIES)]))
    axes.set_ylim(0, 100)
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    around = Around(
        title=_say_title(odds[odds.target == wanted[0]], plan, look),
        notes=[
            look.say("chart.scene", place=look.name(plan, "place"), year=plan.year_name, scenario=_name(scenario, plan))
        ],
        ylabel=look.say("odds_over_year.axis"),
        beside=beside,
    )
    arrange(around, axes, look, ax is None)
    if ax is None:
        _sign(axes, archive, look)
    return axes


def _name(scenario: str, plan: Plan) -> Phrase:
    """Name a scenario of the archive by its title, or as the archive does where its file is gone."""
    try:
        return pair(read_scenario(scenario, plan), "title")
    except SimError:
        return Phrase(scenario, scenario)


def _pick(archive: Archive, scenario: str, wanted: Sequence[str]) -> pd.DataFrame:
    """Pick the odds to draw, in the order of days, or refuse what the archive does not hold."""
    odds = archive.odds[archive.odds.reading == READINGS[0]]
    for name, kind, valid in (
        (scenario, "scenario", list(odds.scenario.unique())),
        *((each, "target", list(odds.target.unique())) for each in wanted),
    ):
        if name not in valid:
            hint = find_nearest(name, valid)
            raise ValueError(f"no {kind} {name!r} in the archive" + f"; did you mean {hint!r}?" * bool(hint))
    if not wanted:
        raise ValueError("no targets to draw")
    return odds[odds.scenario == scenario].sort_values(["as_of", "vintage"], kind="stable")


def _draw_lines(axes: Axes, odds: pd.DataFrame, wanted: Sequence[str]) -> list[tuple[int, float]]:
    """Draw the lines; their places and last odds in per cent, the highest first."""
    days = sorted({*odds.as_of})
    at = {day: datetime.date.fromisoformat(day).toordinal() for day in days}
    ends = []
    for place, name in enumerate(wanted):
        own = odds[odds.target == name]
        percent = (100 * own.probability).tolist()
        line: dict[str, Any] = {"color": SERIES[place % len(SERIES)], "lw": 2, "drawstyle": "steps-post"}
        axes.plot([at[day] for day in own.as_of], percent, "-o", ms=5, zorder=3, **line)
        ends.append((place, percent[-1]))
    first, last = at[days[0]], at[days[-1]]
    axes.set_xlim(first - max(1, 0.02 * (last - first)), last + max(1, 0.02 * (last - first)))
    axes.set_xticks([at[day] for day in days], days)
    return sorted(ends, key=lambda each: -each[1])


def _say_title(own: pd.DataFrame, plan: Plan, look: Look) -> str:
    """Say how the odds of the first target moved."""
    named = next((each for each in plan.judged if each.id == own.target.iloc[0]), None)
    first, last = (say_odds(float(own.probability.iloc[place])) for place in (0, -1))
    target = own.target.iloc[0] if named is None else say_target(plan, named, look.name(named))
    if len(own) > 1:
        return look.say("odds_over_year.title", target=target, first=first, last=last)
    return look.say("odds_over_year.title_one", target=target, last=last)


def _sign(axes: Axes, archive: Archive, look: Look) -> None:
    from sim._version import __version__

    figure = axes.figure
    last = archive.vintages[-1]
    words = look.say("odds_over_year.footer", number=last.number, digest=last.digest[:12], version=__version__)
    width, height = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
    style: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": 8, "color": GREY}
    figure.text(1 - 0.12 / width, 0.08 / height, words, fontfamily=[*look.families], **style)
