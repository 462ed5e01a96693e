"""The odds of a run or a sweep at the terminal."""

from __future__ import annotations

import numpy as np
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim._typing import Floats
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, list_readings, name_readings
from sim.inputs.plan.targets import Judged
from sim.inputs.scenario.reading import Scenario
from sim.inputs.units import name_unit
from sim.results.attainment import Attainment
from sim.results.run import Run
from sim.results.tables import list_without_odds
from sim.views.aims import sign_aim
from sim.views.likelihood_words import say_likelihood
from sim.views.numbers import choose_digits, print_odds, print_range
from sim.views.phrases import pair, say_condition, say_period
from sim.views.terminal.record import print_trust
from sim.views.terminal.tables import open_console, open_table, show
from sim.views.warning_lines import list_warnings
from sim.views.words import COMMA, NOTHING, Phrase, join, read_words, recognize, say

__all__ = ["print_run"]

_LETTERS = {"own_record": "R", "class_record": "C", "one_figure": "F", "assumption": "A"}
"""Of the grades of evidence."""


_WIDE = 120
"""Columns from which on ids stand beside the names."""


_NAME_WIDTH = 15


def print_run(run: Run, console: Console | None = None, lang: str = "en") -> None:
    """Print the odds of every scenario, then all that the first scenario's odds hold.

    Parameters
    ----------
    run : Run
    console : Console, optional
        None means standard output.
    lang : str
        `en` or `zh`.
    """
    console = console or open_console()
    show(_tabulate_scenarios(run, lang), console)
    _print_conditions(run, console, lang)
    for warning in list_warnings(run):
        console.print(warning.pick(lang))
    first = run.attainments[0]
    show(_tabulate_readings(first, lang), console)
    show(_tabulate_levels(first, lang), console)
    others = [target for target in run.model.plan.judged if target not in run.model.plan.headline]
    if others:
        show(_tabulate_others(run, others, lang, wide=console.width >= _WIDE), console)
    show(_tabulate_number_met(run, lang), console)
    _print_without_odds(run.model.plan, console, lang)
    print_trust(run.model.plan, console, run.model.calibration, lang)


def _name(scenario: Scenario) -> Phrase:
    """Name a scenario as its language does: what is typed in English, its title in Chinese."""
    return Phrase(scenario.name, scenario.title_zh)


def _print_conditions(run: Run, console: Console, lang: str) -> None:
    """Print on what the odds of each scenario are conditions."""
    said = [(scenario, say_condition(scenario)) for scenario in run.scenarios]
    if any(condition.en for _, condition in said):
        console.print(Text(say("scenario.conditions").pick(lang), "dim italic"))
        for scenario, condition in said:
            if condition.en:
                line = say("screen.condition", scenario=_name(scenario), condition=condition)
                console.print(Text(line.pick(lang), "dim italic"))
        console.print()


def _label(scenario: Scenario, lang: str) -> str:
    """Label a scenario by its name, a long one broken at its hyphens; in Chinese by its title first."""
    lines = [""]
    for part in scenario.name.replace("-", "- ").replace("+", "+ ").split(" "):
        if len(lines[-1]) + len(part) > _NAME_WIDTH:
            lines.append("")
        lines[-1] += part
    return "\n".join([scenario.title_zh, *lines] if lang == "zh" else lines)


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


def _say_first_error(run: Run) -> Phrase:
    """Say where the first error comes from."""
    points = {attainment.n_points for attainment in run.attainments}
    counted = say("screen.counting", number=f"{run.n_paths:,}")
    if points == {0}:
        return counted
    conditioned = say("screen.conditioned", number=f"{max(points):,}")
    return say("screen.either", one=conditioned, other=counted) if 0 in points else conditioned


def _say_second_error(run: Run) -> Phrase:
    """Say what stands below."""
    ranges = (attainment.met_range for attainment in run.attainments)
    return say("screen.no_range" if all(np.isnan(each).all() for each in ranges) else "screen.range_below")


def _tabulate_scenarios(run: Run, lang: str) -> Table:
    plan = run.model.plan
    told = {"first": _say_first_error(run), "second": _say_second_error(run)}
    table = open_table(
        say("screen.scenarios", place=pair(plan, "place"), year=plan.year_name).pick(lang),
        say("screen.errors", seed=run.settings.seed, **told).pick(lang) + "\n",
    )
    table.add_column(say("scenario.heading").pick(lang), no_wrap=True)
    for target in plan.headline:
        aim = sign_aim(target).pick(lang).removesuffix("%").rstrip()
        head = f"{_break_name(pair(target).pick(lang))}\n{aim}".replace("-", "-\n")
        table.add_column(head, justify="right", width=max(7, *(cell_len(word) for word in head.split())))
    table.add_column(say("screen.all", number=len(plan.headline)).pick(lang), justify="right", width=7)
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
        table.add_row(_label(attainment.scenario, lang), *cells)
    return table


def _break_name(name: str) -> str:
    r"""Break a Chinese name, which has no spaces, into lines of a column's width.

    Examples
    --------
    >>> _break_name("规模以上工业增加值"), _break_name("Retail sales")
    ('规模以\n上工业\n增加值', 'Retail sales')
    """
    if " " in name or name.isascii():
        return name
    lines = -(-len(name) // 4)
    size = -(-len(name) // lines)
    return "\n".join(name[first : first + size] for first in range(0, len(name), size))


def _tell_letters() -> Phrase:
    """Say what the letters of the column "on" mean."""
    told = [Phrase(*(f"{letter} {each}" for each in say(f"evidence.{grade}"))) for grade, letter in _LETTERS.items()]
    return say("screen.letters", letters=join(told, COMMA))


def _head(reading: str, lang: str) -> str:
    """Head a column by a reading or a period, which English writes as files do."""
    short = read_words().get(f"short_reading.{reading}", say_period(reading))
    return reading if lang == "en" else short.zh


def _note(key: str, lang: str) -> str:
    """Put the key to letters below what a table's other signs mean."""
    return join([say(key), _tell_letters()], say("screen.end")).pick(lang) + "\n"


def _tabulate_readings(attainment: Attainment, lang: str) -> Table:
    plan = attainment.plan
    title = say("screen.readings", scenario=_name(attainment.scenario)).pick(lang)
    table = open_table(title, _note("screen.readings_note", lang))
    table.add_column(say("screen.target").pick(lang), ratio=1)
    table.add_column(say("screen.on").pick(lang))
    table.add_column(say("table.words").pick(lang))
    for reading in name_readings(plan):
        table.add_column(_head(reading, lang), justify="right")
    for target in plan.headline:
        place = plan.judged.index(target)
        read = {reading for _, reading in list_readings(plan, target)}
        cells = [
            _print_share(attainment.met[row, place], attainment.met_range[:, row, place]) if each in read else ""
            for row, each in enumerate(name_readings(plan))
        ]
        words = say_likelihood(float(attainment.met[0, place]), attainment.find_range(place)).pick(lang)
        aim = sign_aim(target)
        if target.tolerance:
            aim = say("screen.within", aim=aim, tolerance=f"{target.tolerance:g}")
        grade = _LETTERS[attainment.model.grades[target.id]]
        table.add_row(f"{pair(target).pick(lang)}\n{aim.pick(lang)}", grade, words.replace(" to ", " to\n"), *cells)
    return table


def _tabulate_levels(attainment: Attainment, lang: str) -> Table:
    plan = attainment.plan
    table = open_table(
        say("screen.levels", scenario=_name(attainment.scenario)).pick(lang),
        say("screen.levels_note", year=plan.name_year(plan.year - 1)).pick(lang) + "\n",
    )
    heads = [say("screen.base"), say("screen.target")]
    heads += [
        say("screen.quantile", level=Phrase("05", "5")),
        say("fan.median"),
        say("screen.quantile", level=Phrase("95", "95")),
    ]
    for head, left in zip(
        [say("screen.level"), NOTHING, *heads, say("screen.unit"), say("screen.odds")], "LL     L ", strict=True
    ):
        table.add_column(head.pick(lang), justify="left" if left == "L" else "right")
    names = ["series", "unit", "q05", "q50", "q95"]
    quantiles = {(series, unit): rest for series, unit, *rest in attainment.quantiles[names].to_numpy()}
    for target in plan.headline_growth:
        indicator = plan.find_indicator(target.indicator)
        if indicator.level is None:
            continue
        level = indicator.level * (1 + target.value / 100)
        figures = (indicator.level, level, *quantiles[indicator.id, indicator.level_unit])
        unit = name_unit(str(indicator.level_unit))
        words = Phrase(unit.name_en.replace("hundred million", "100 million"), unit.unit).pick(lang)
        place = plan.judged.index(target)
        chance = _print_share(float(attainment.met[0, place]), attainment.met_range[:, 0, place])
        measure = say(f"prices.{indicator.measure}").pick(lang)
        table.add_row(pair(indicator).pick(lang), measure, *(f"{each:,.0f}" for each in figures), words, chance)
    return table


def _tabulate_others(run: Run, targets: list[Judged], lang: str, wide: bool) -> Table:
    """List the other targets by group, the least likely first."""
    plan, attainment = run.model.plan, run.attainments[0]
    odds = attainment.odds.set_index(["target", "reading"]).probability
    places = {target.id: number for number, target in enumerate(plan.judged)}
    names = {group.id: pair(group).pick(lang) for group in plan.groups}
    course = [(row, name) for row, name in enumerate(name_readings(plan)) if not 0 < row < len(READINGS)]
    ranges = join([say("screen.range_beside"), NOTHING], say("screen.end")).pick(lang)
    table = open_table(
        say("screen.others", scenario=_name(attainment.scenario)).pick(lang), ranges + _note("screen.others_note", lang)
    )
    table.add_column(say("screen.target").pick(lang), no_wrap=True, max_width=None if wide else 37)
    if wide:
        table.add_column(say("screen.id").pick(lang), no_wrap=True)
    for key in ("screen.aim", "screen.on", "screen.chance", "lead.column_range"):
        table.add_column(
            say(key).pick(lang), justify="left" if key in ("screen.aim", "screen.on") else "right", no_wrap=True
        )
    for row, name in course:
        if row:
            table.add_column(_head(name, lang), justify="right", no_wrap=True)
    for group in dict.fromkeys(target.group for target in targets):
        members = sorted((each for each in targets if each.group == group), key=lambda each: odds[each.id, READINGS[0]])
        table.add_row(Text(_say_all(attainment, group, names.get(group, group)).pick(lang), "bold"))
        for target in members:
            place = places[target.id]
            cells = [_print_share(attainment.met[row, place], attainment.met_range[:, row, place]) for row, _ in course]
            cells.insert(1, print_range(*attainment.find_range(place)))
            grade = _LETTERS[attainment.model.grades[target.id]]
            beside = (target.id,) if wide else ()
            table.add_row(f" {pair(target).pick(lang)}", *beside, sign_aim(target).pick(lang), grade, *cells)
    return table


def _say_all(attainment: Attainment, group: str, name: str) -> Phrase:
    """Say how likely all of a group is, and that it holds the headline where it does."""
    members = [target for target in attainment.plan.judged if target.group == group]
    odds, ends = attainment.number_met[group][-1], attainment.find_group_range(group, len(members))
    shared = len([target for target in members if target in attainment.plan.headline])
    held = say("screen.held", number=shared) if shared else NOTHING
    printed = print_odds(float(odds), choose_digits(*ends))
    return say("screen.all_of", group=name, number=len(members), held=held, odds=printed)


def _tabulate_number_met(run: Run, lang: str) -> Table:
    plan = run.model.plan
    number_of = len(plan.judged)
    table = open_table(say("screen.number_met", number=number_of).pick(lang), " ")
    table.add_column(say("scenario.heading").pick(lang))
    middle = [
        say("screen.quantile", level=Phrase("10", "10")),
        say("fan.median"),
        say("screen.quantile", level=Phrase("90", "90")),
    ]
    for head in (say("screen.expected"), *middle, say("screen.all_odds", number=number_of)):
        table.add_column(head.pick(lang), justify="right")
    for attainment in run.attainments:
        shares = attainment.number_met["all"]
        number = np.arange(len(shares))
        cumulative = shares.cumsum()
        quantiles = [str(int(np.searchsorted(cumulative, level))) for level in (0.1, 0.5, 0.9)]
        share = print_odds(float(shares[-1]), 1)
        table.add_row(_name(attainment.scenario).pick(lang), f"{shares @ number:.1f}", *quantiles, share)
    return table


def _print_without_odds(plan: Plan, console: Console, lang: str) -> None:
    """Print the promises without odds, the reasons louder than the names."""
    without = list_without_odds(plan)
    if not len(without):
        return
    console.print(
        Text("\n" + say("screen.without", number=len(without), command="sim targets --without-odds").pick(lang))
    )
    for reason, group in without.groupby("reason", sort=False):
        said = say("screen.reason", reason=recognize("reason", str(reason)), number=len(group)).pick(lang)
        names = say("screen.semicolon").pick(lang).join(group.name_en if lang == "en" else group.name_zh)
        console.print(Text.assemble((said, "bold"), names))
    console.print()
