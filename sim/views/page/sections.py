"""What each section of the report holds, as plain data: numbers of the run's frames and words for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.pace import measure_pace
from sim.analysis.suspense import Suspense
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Judged, Unmeasured
from sim.results.attainment import Attainment
from sim.results.run import Run
from sim.views.fan_layout import lay_fan
from sim.views.likelihood_words import BANDS, say_likelihood
from sim.views.notes import say_note
from sim.views.numbers import choose_digits, print_error, print_odds, print_range
from sim.views.pace_lines import PaceLine, say_pace
from sim.views.page.fans import Fan, place_fan
from sim.views.palette import paint_odds
from sim.views.phrases import name_scenario, pair, say_aim, say_odds, say_target
from sim.views.suspense_lines import SuspenseLine, say_suspense
from sim.views.words import NOTHING, SPACE, Phrase, join, recognize, say

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Cell",
    "Promise",
    "Row",
    "build_bands",
    "build_coming",
    "build_fans",
    "build_if_missed",
    "build_joint",
    "build_odds",
    "build_pace",
    "build_promises",
    "build_without_odds",
    "describe_effort",
    "say_dates",
]


_MOST_MILESTONES = 6


@dataclass(frozen=True)
class Cell:
    """A probability in a table.

    Attributes
    ----------
    text, note : str
        The number in per cent, and its error.
    fill, ink : str
        Colours of the cell.
    hover : Phrase
        What it is, in words, with both errors.
    framed : bool
        Whether it stands out.
    """

    text: str
    fill: str
    ink: str
    hover: Phrase
    note: str = ""
    framed: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table: a name, more of it in small print, and cells."""

    name: Phrase
    note: Phrase
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Promise:
    """A target beside the headline, with its odds and its words in the report."""

    name: Phrase
    phrase: str
    section: Phrase
    source: Phrase
    group: Phrase
    aim: Phrase
    decided_by_others: bool
    odds: Phrase
    share: float
    spread: str
    words: Phrase
    evidence: Phrase
    worst: Phrase


def _find(plan: Plan, target: Judged) -> int:
    return plan.judged.index(target)


def build_bands() -> list[tuple[Phrase, Phrase, str]]:
    """List the words for probabilities, where each begins and ends, and its colour, the least likely first.

    Returns
    -------
    list of (Phrase, Phrase, str)
        Words, range in per cent and colour.
    """
    tops = [1.0, *(band.lowest for band in BANDS)]
    bands = []
    for band, top in zip(BANDS, tops, strict=False):
        ends = {"low": f"{100 * band.lowest:g}", "high": f"{100 * top:g}"}
        bands.append((band.words, say("odds.range", **ends), paint_odds((band.lowest + top) / 2)[0]))
    return bands[::-1]


def say_dates(run: Run, made: date | None) -> Phrase:
    """Say what is known of the year, and when the page was made.

    Parameters
    ----------
    run : Run
    made : date, optional

    Returns
    -------
    Phrase
    """
    known = say("page.known_none", year=run.model.plan.year_name)
    if run.published:
        known = say("page.known_to", date=run.published.day.isoformat())
    return join([known, *([say("page.made", date=made.isoformat())] if made else [])], SPACE)


def build_odds(run: Run) -> list[Row]:
    """Build the heat map: a row for each scenario, a cell for each headline target, then all of them together.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of Row
    """
    plan, rows = run.model.plan, []
    targets = plan.headline or plan.judged
    for attainment in run.attainments:
        scene, cells = pair(attainment.scenario, "title"), []
        for target in targets:
            place = _find(plan, target)
            share, error = float(attainment.met[0, place]), float(attainment.met_se[0, place])
            ends = attainment.find_range(place)
            digits, between = choose_digits(*ends), print_range(*ends)
            said = {"target": say_target(plan, target), "scenario": scene, "odds": say_odds(share, digits)}
            hover = say("odds.of_target", error=print_error(error, 2), range=between or "–", **said)
            cells.append(Cell(print_odds(share, digits), *paint_odds(share, digits), hover, between))
        if len(plan.headline) > 1:
            share, error = float(attainment.number_met["headline"][-1]), attainment.at_least_se["headline"][-1]
            ends = attainment.find_group_range("headline", len(plan.headline))
            digits = choose_digits(*ends)
            hover = say("odds.of_all", scenario=scene, odds=say_odds(share, digits), error=print_error(float(error), 2))
            cells.append(
                Cell(print_odds(share, digits), *paint_odds(share, digits), hover, print_range(*ends), framed=True)
            )
        name = attainment.scenario.name
        rows.append(Row(name_scenario(attainment.scenario), Phrase(name, name), tuple(cells)))
    return rows


def build_fans(run: Run) -> list[Fan]:
    """Build a fan of the first scenario for every indicator of the plan.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of Fan
    """
    return [place_fan(lay_fan(run.attainments[0], indicator.id)) for indicator in run.model.plan.indicators]


def build_joint(run: Run) -> list[Row]:
    """Build the odds that at least k headline targets are met: a row for each k, a cell for each scenario.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of Row
    """
    count = len(run.model.plan.headline)
    rows = []
    for number in range(1, count + 1):
        cells, words = [], say("odds.all" if number == count else "odds.at_least", number=number)
        for attainment in run.attainments:
            share = float(attainment.number_met["headline"][number:].sum())
            error = float(attainment.at_least_se["headline"][number])
            scene = pair(attainment.scenario, "title")
            ends = attainment.find_group_range("headline", number)
            digits = choose_digits(*ends)
            odds = say_odds(share, digits)
            hover = say("odds.of_number", words=words, scenario=scene, odds=odds, error=print_error(error, 2))
            cells.append(Cell(print_odds(share, digits), *paint_odds(share, digits), hover, print_range(*ends)))
        rows.append(Row(words, NOTHING, tuple(cells)))
    return rows


def build_if_missed(attainment: Attainment) -> list[Row]:
    """Build the odds of each headline target, a row, if another, a column, is missed; framed its own odds.

    Parameters
    ----------
    attainment : Attainment

    Returns
    -------
    list of Row
    """
    plan, rows = attainment.plan, []
    for second, met in enumerate(plan.headline):
        cells = []
        for first, missed in enumerate(plan.headline):
            if first == second:
                share = float(attainment.met[0, _find(plan, met)])
                digits = choose_digits(*attainment.find_range(_find(plan, met)))
                hover = say("odds.own", name=pair(met), odds=say_odds(share, digits))
            else:
                share, error = attainment.if_missed[first, second], attainment.if_missed_se[first, second]
                said = {"met": pair(met), "missed": pair(missed), "odds": say_odds(float(share))}
                hover = say("odds.if_missed", error=print_error(float(error), 2), **said)
            text = "–" if np.isnan(share) else print_odds(float(share))
            cells.append(Cell(text, *paint_odds(float(share)), hover, framed=first == second))
        rows.append(Row(pair(met), say_aim(met), tuple(cells)))
    return rows


def build_pace(run: Run) -> list[PaceLine]:
    """List what the rest of the year must bring, under the first scenario; nothing where no figure is known.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of PaceLine
    """
    if not run.published:
        return []
    return say_pace(measure_pace(run.attainments[:1], run.published), next(iter(run)))


def build_coming(suspense: Suspense) -> list[SuspenseLine]:
    """List what comes next: growth, then the milestones that move most.

    Parameters
    ----------
    suspense : Suspense

    Returns
    -------
    list of SuspenseLine
    """
    lines = say_suspense(suspense)
    growth = [line for line in lines if suspense.releases[line.number].release.is_growth]
    others = sorted((line for line in lines if line not in growth), key=lambda line: -line.swing)
    return [*growth, *others[:_MOST_MILESTONES]]


def build_promises(run: Run, frame: pd.DataFrame) -> list[Promise]:
    """Build the targets beside the headline, the least likely first.

    Parameters
    ----------
    run : Run
    frame : DataFrame
        As `sim.views.page.tables.list_promises` gives it.

    Returns
    -------
    list of Promise
    """
    plan = run.model.plan
    targets = {target.id: target for target in plan.judged}
    groups = {group.id: pair(group) for group in plan.groups}
    titles = {scenario.name: pair(scenario, "title") for scenario in run.scenarios}
    promises = []
    for row in frame.to_dict("records"):
        target, share = targets[row["target"]], float(row["probability"])
        ends = float(row["range_low"]), float(row["range_high"])
        digits = choose_digits(*ends)
        lowest = say_odds(float(row["lowest"]), digits)
        worst = say("odds.worst", odds=lowest, scenario=titles[row["lowest_scenario"]])
        promises.append(
            Promise(
                name=pair(target),
                phrase=target.phrase,
                section=say("target.section", section=target.section),
                source=say_note(target.source, pair(plan, "place")),
                group=groups.get(target.group, Phrase(target.group, target.group)),
                aim=say_aim(target),
                decided_by_others=target.decided_by == "other",
                odds=say_odds(share, digits),
                share=share,
                spread=print_range(*ends),
                words=say_likelihood(share, ends),
                evidence=say(f"evidence.{run.model.grades[target.id]}"),
                worst=worst if len(run.scenarios) > 1 else NOTHING,
            )
        )
    return promises


def build_without_odds(plan: Plan) -> list[tuple[Phrase, list[Unmeasured]]]:
    """List targets that have no odds, by reason, the commonest first.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    list of (Phrase, list of Unmeasured)
        Reason, and the targets that have it.
    """
    found: dict[str, list[Unmeasured]] = {}
    for target in plan.targets:
        if isinstance(target, Unmeasured):
            found.setdefault(target.reason, []).append(target)
    reasons = sorted(found.items(), key=lambda each: -len(each[1]))
    return [(recognize("reason", reason), targets) for reason, targets in reasons]


def describe_effort(run: Run) -> Phrase:
    """Say how the probabilities were computed, and with how much work.

    Parameters
    ----------
    run : Run

    Returns
    -------
    Phrase
    """
    points = {attainment.n_points for attainment in run.attainments}
    values = {"points": f"{max(points):,}", "paths": f"{run.n_paths:,}"}
    key = "origin.by_paths" if points == {0} else "origin.by_both" if 0 in points else "origin.by_points"
    return say(key, **values)
