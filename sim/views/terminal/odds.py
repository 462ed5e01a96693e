"""The odds of a run or a sweep at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim._typing import Floats
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, list_readings, name_readings
from sim.inputs.plan.targets import Judged, describe_aim
from sim.inputs.scenario.reading import Scenario
from sim.results.attainment import Attainment
from sim.results.run import Run
from sim.results.tables import list_without_odds
from sim.views.likelihood_words import say_likelihood
from sim.views.numbers import choose_digits, print_odds, print_range
from sim.views.phrases import name_both, say_condition
from sim.views.terminal.record import print_trust
from sim.views.terminal.tables import open_console, open_table, show
from sim.views.warning_lines import list_warnings
from sim.views.words import say

if TYPE_CHECKING:
    pass

__all__ = ["print_run"]

_LETTERS = {"own_record": "R", "class_record": "C", "one_figure": "F", "assumption": "A"}
"""Of the grades of evidence."""


_WIDE = 112
"""Columns from which on Chinese names stand beside the English ones."""


_NAME_WIDTH = 15


def print_run(run: Run, console: Console | None = None) -> None:
    """Print the odds of every scenario, then all that the first scenario's odds hold.

    Parameters
    ----------
    run : Run
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    show(_tabulate_scenarios(run), console)
    _print_conditions(run, console)
    for warning in list_warnings(run):
        console.print(warning.en)
    first = run.attainments[0]
    show(_tabulate_readings(first), console)
    show(_tabulate_levels(first), console)
    others = [target for target in run.model.plan.judged if target not in run.model.plan.headline]
    if others:
        show(_tabulate_others(run, others, wide=console.width >= _WIDE), console)
    show(_tabulate_number_met(run), console)
    _print_without_odds(run.model.plan, console)
    print_trust(run.model.plan, console, run.model.calibration)


def _print_conditions(run: Run, console: Console) -> None:
    """Print on what the odds of each scenario are conditions."""
    said = {scenario.name: say_condition(scenario).en for scenario in run.scenarios}
    if any(said.values()):
        console.print(Text(say("scenario.conditions").en, "dim italic"))
        for name, words in said.items():
            if words:
                console.print(Text(f" {name}: {words}", "dim italic"))
        console.print()


def _label(scenario: Scenario) -> str:
    """Label a scenario by name and Chinese title, a long name broken at its hyphens."""
    lines = [""]
    for part in scenario.name.replace("-", "- ").replace("+", "+ ").split(" "):
        if len(lines[-1]) + len(part) > _NAME_WIDTH:
            lines.append("")
        lines[-1] += part
    return "\n".join([*lines, scenario.title_zh])


def _cell(probability: float, error: float, ends: tuple[float, float] = (np.nan, np.nan)) -> str:
    """Print per cent in seven columns, as 35.4±.1, without an error that would read 0; of a wide range 35, 22–44."""
    digits, between = choose_digits(*ends), print_range(*ends)
    counted = print_odds(probability, digits)
    if 100 * error >= 0.5 * 10.0**-digits:
        counted += "±" + (f"{100 * error:.1f}".lstrip("0") if digits and error < 0.0095 else f"{100 * error:.0f}")
    return f"{counted}\n{between}" if between else counted


def _print_share(share: float, ends: Floats) -> str:
    """Per cent, with a decimal unless the range is wide; blank where nothing is due."""
    return "" if np.isnan(share) else print_odds(share, choose_digits(*ends))


def _say_first_error(run: Run) -> str:
    """Say where the first error comes from."""
    points = {attainment.n_points for attainment in run.attainments}
    counted = f"counting error of {run.n_paths:,} paths"
    if points == {0}:
        return counted
    conditioned = f"error of {max(points):,} conditioned points; none stands where rounding is coarser"
    return f"{conditioned}, or {counted}" if 0 in points else conditioned


def _say_second_error(run: Run) -> str:
    """Say what stands below."""
    if all(np.isnan(attainment.met_range).all() for attainment in run.attainments):
        return "no range over calibrations asked for"
    return "below: where the odds lie, four times in five, if one of the calibrations that may be right were exact"


def _tabulate_scenarios(run: Run) -> Table:
    plan = run.model.plan
    table = open_table(
        f"{plan.place} {plan.year_name}: probability of each headline target as printed, %",
        f"± {_say_first_error(run)}\nseed {run.settings.seed}; {_say_second_error(run)}\n",
    )
    table.add_column("scenario", no_wrap=True)
    for target in plan.headline:
        head = f"{target.name_en}\n{describe_aim(target).removesuffix(' %')}".replace("-", "-\n")
        table.add_column(head, justify="right", width=max(7, *(cell_len(word) for word in head.split())))
    table.add_column(f"all {len(plan.headline)}", justify="right", width=7)
    places = [plan.judged.index(target) for target in plan.headline]
    for attainment in run.attainments:
        odds = attainment.odds[attainment.odds.reading == READINGS[0]].set_index("target")
        cells = [
            _cell(odds.probability[target.id], odds.mc_se[target.id], attainment.find_range(place))
            for target, place in zip(plan.headline, places, strict=True)
        ]
        joint = attainment.joint[attainment.joint.group == "headline"]
        ends = attainment.find_group_range("headline", len(plan.headline))
        cells += [_cell(joint.probability.iloc[-1], joint.mc_se.iloc[-1], ends)] if len(joint) else []
        table.add_row(_label(attainment.scenario), *cells)
    return table


def _tell_letters() -> str:
    """Say what the letters of the column "on" mean."""
    told = (
        f"{letter} {say(f'evidence.{grade}').en} {say(f'evidence.{grade}').zh}" for grade, letter in _LETTERS.items()
    )
    return f"on, what odds rest on: {', '.join(told)}"


def _tabulate_readings(attainment: Attainment) -> Table:
    plan = attainment.plan
    table = open_table(
        f"{attainment.scenario.name}: headline targets read in other ways, and on course by quarter, %",
        "printed: the figure as published, rounded to 0.1 or as it stands; stated: exact;\n"
        "tolerance: as printed, at most that far on the wrong side;\n"
        "quarters: cumulative figure as printed on the right side of the target; blank where nothing is due;\n"
        f"{_tell_letters()}\n",
    )
    table.add_column("target", ratio=1)
    table.add_column("on")
    table.add_column("in words")
    for reading in name_readings(plan):
        table.add_column(reading, justify="right")
    for target in plan.headline:
        place = plan.judged.index(target)
        read = {reading for _, reading in list_readings(plan, target)}
        cells = [
            _print_share(attainment.met[row, place], attainment.met_range[:, row, place]) if each in read else ""
            for row, each in enumerate(name_readings(plan))
        ]
        within = f" (tolerance {target.tolerance:g})" if target.tolerance else ""
        said = say_likelihood(float(attainment.met[0, place]), attainment.find_range(place))
        words = f"{said.en.replace(' to ', f' to{chr(10)}')}\n{said.zh}"
        zh = f"\n{target.name_zh}" if target.name_zh != target.name_en else ""
        grade = _LETTERS[attainment.model.grades[target.id]]
        table.add_row(f"{target.name_en} {describe_aim(target)}{zh}{within}", grade, words, *cells)
    return table


def _tabulate_levels(attainment: Attainment) -> Table:
    plan = attainment.plan
    table = open_table(
        f"{attainment.scenario.name}: levels that growth implies",
        f"real: at prices of {plan.name_year(plan.year - 1)}; q05 to q95: 90 %\n",
    )
    for column in ("level", "", "base", "target", "q05", "median", "q95", "unit", "odds, %"):
        table.add_column(column, justify="left" if column in ("level", "", "unit") else "right")
    names = ["series", "unit", "q05", "q50", "q95"]
    quantiles = {(series, unit): rest for series, unit, *rest in attainment.quantiles[names].to_numpy()}
    for target in plan.headline_growth:
        indicator = plan.find_indicator(target.indicator)
        if indicator.level is None:
            continue
        level = indicator.level * (1 + target.value / 100)
        figures = (indicator.level, level, *quantiles[indicator.id, indicator.level_unit])
        cells = [f"{figure:,.0f}" for figure in figures]
        place = plan.judged.index(target)
        chance = _print_share(float(attainment.met[0, place]), attainment.met_range[:, 0, place])
        table.add_row(indicator.name_en, indicator.measure, *cells, indicator.level_unit, chance)
    return table


def _tabulate_others(run: Run, targets: list[Judged], wide: bool) -> Table:
    """List the other targets by group, the least likely first."""
    plan, attainment = run.model.plan, run.attainments[0]
    odds = attainment.odds.set_index(["target", "reading"]).probability
    places = {target.id: number for number, target in enumerate(plan.judged)}
    names = {group.id: name_both(group) for group in plan.groups}
    course = [(row, name) for row, name in enumerate(name_readings(plan)) if not 0 < row < len(READINGS)]
    table = open_table(
        f"{attainment.scenario.name}: all other targets, %",
        "range: where the odds lie, four times in five, over calibrations that may be right;\n"
        "▷: so many of a programme's projects under way are enough; × 2: twice last year's figure;\n"
        "quarters: the share due by then delivered, a milestone done; blank where nothing is due;\n"
        f"{_tell_letters()}\n",
    )
    table.add_column("target", no_wrap=True, max_width=None if wide else 37)
    if wide:
        table.add_column(say("what_if.target").zh, no_wrap=True)
    for column in ("aim", "on", "odds", "range", *(name for row, name in course if row)):
        table.add_column(column, justify="left" if column in ("aim", "on") else "right", no_wrap=True)
    for group in dict.fromkeys(target.group for target in targets):
        members = sorted((each for each in targets if each.group == group), key=lambda each: odds[each.id, READINGS[0]])
        table.add_row(Text(f"{names.get(group, group)}: {_say_all(attainment, group)}", "bold"))
        for target in members:
            place = places[target.id]
            cells = [_print_share(attainment.met[row, place], attainment.met_range[:, row, place]) for row, _ in course]
            cells.insert(1, print_range(*attainment.find_range(place)))
            zh = (target.name_zh if target.name_zh != target.name_en else "",) if wide else ()
            grade = _LETTERS[attainment.model.grades[target.id]]
            table.add_row(f" {target.name_en}", *zh, describe_aim(target), grade, *cells)
    return table


def _say_all(attainment: Attainment, group: str) -> str:
    """Say how likely all of a group is, and that it holds the headline where it does."""
    members = [target for target in attainment.plan.judged if target.group == group]
    odds, ends = attainment.number_met[group][-1], attainment.find_group_range(group, len(members))
    shared = len([target for target in members if target in attainment.plan.headline])
    held = f", the {shared} of the headline among them" if shared else ""
    return f"all {len(members)}{held}: {print_odds(float(odds), choose_digits(*ends))}"


def _tabulate_number_met(run: Run) -> Table:
    plan = run.model.plan
    table = open_table(f"how many of all {len(plan.judged)} targets with odds are met", " ")
    for column in ("scenario", "expected", "q10", "median", "q90", f"all {len(plan.judged)}, %"):
        table.add_column(column, justify="left" if column == "scenario" else "right")
    for attainment in run.attainments:
        shares = attainment.number_met["all"]
        number = np.arange(len(shares))
        cumulative = shares.cumsum()
        quantiles = [str(int(np.searchsorted(cumulative, level))) for level in (0.1, 0.5, 0.9)]
        share = print_odds(float(shares[-1]), 1)
        table.add_row(attainment.scenario.name, f"{shares @ number:.1f}", *quantiles, share)
    return table


def _print_without_odds(plan: Plan, console: Console) -> None:
    without = list_without_odds(plan)
    if len(without):
        console.print(f"\n{len(without)} promises without odds, by reason (`sim targets --without-odds` lists them):")
        for reason, group in without.groupby("reason", sort=False):
            console.print(Text(f" {reason} ({len(group)}): ", "bold") + Text("; ".join(group.name_en)))
