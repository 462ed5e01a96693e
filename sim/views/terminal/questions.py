"""Answers to questions asked of a model, at the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.scenario.reading import Scenario
from sim.views.numbers import print_error, print_range
from sim.views.phrases import name_both
from sim.views.terminal.tables import open_console, open_table, show
from sim.views.words import Phrase, join, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.compare import Comparison
    from sim.analysis.replay import Replay
    from sim.analysis.verify import Verification

__all__ = ["print_comparison", "print_path", "print_probability", "print_promise", "print_stress", "print_verification"]

_MOST_NAMED = 6
_NAME = re.compile("[:<>]")
_STATUS = {"same": "same to the bit", "close": "same to a millionth"}
_STRUCK = ["shock", "onset", "size"]
_NUMBERS = ["probability", "mc_se", "range_low", "range_high"]


def print_probability(plan: Plan, table: pd.DataFrame, console: Console | None = None) -> None:
    """Print the odds of an event, one line a scenario.

    Parameters
    ----------
    plan : Plan
    table : DataFrame
        As `sim.probability` gives it.
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    first = table.iloc[0]
    event = say("ask.met", targets=_name(plan, str(first.met)))
    if first.missed:
        event = say("ask.given", event=event, missed=_name(plan, str(first.missed)))
    title = f"{plan.place} {plan.year_name}, {first.reading}\n{event.en}\n{event.zh}"
    shown = open_table(title, " ")
    for column in ("scenario", "odds, %", "±", "range"):
        shown.add_column(column, justify="left" if column == "scenario" else "right")
    for scenario, odds, error, low, high in table[["scenario", *_NUMBERS]].to_numpy().tolist():
        shown.add_row(scenario, _percent(odds, 2), _percent(error, 2), print_range(low, high))
    show(shown, console)


def print_comparison(
    plan: Plan, found: Comparison, targets: Sequence[str] = (), console: Console | None = None
) -> None:
    """Print what changes between two scenarios, as printed: the headline and its groups, or what was asked for.

    Parameters
    ----------
    plan : Plan
    found : Comparison
    targets : sequence of str
        Targets and groups that were asked for; none means the headline.
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    asked = list(targets) or [*(target.id for target in plan.headline), "headline", "all"]
    words = say("ask.compare", before=found.before, after=found.after)
    note = say("ask.compare_note")
    title = f"{plan.place} {plan.year_name}, %\n{words.en}\n{words.zh}"
    shown = open_table(title, f"{note.en}\n{note.zh}\n")
    for column in ("target", "before", "after", "change", "±"):
        shown.add_column(column, justify="left" if column == "target" else "right")
    rows = found.table[(found.table.reading == READINGS[0]) & found.table.target.isin(asked)]
    for name, before, after, change, error in rows.drop(columns="reading").to_numpy().tolist():
        shown.add_row(_label(plan, name), _percent(before), _percent(after), _signed(change), print_error(error, 2))
    show(shown, console)
    shares = found.shapley[found.shapley.target.isin(asked)]
    if len(shares):
        words = say("ask.shares")
        parted = open_table(f"{words.en}\n{words.zh}", " ")
        for column in ("change of", "by", "part", "share", "±"):
            parted.add_column(column, justify="right" if column in ("share", "±") else "left")
        for name, by, part, change, error in shares.to_numpy().tolist():
            parted.add_row(_label(plan, name), by, _label(plan, part), _signed(change), print_error(error, 2))
        show(parted, console)


def print_promise(plan: Plan, table: pd.DataFrame, console: Console | None = None) -> None:
    """Print the numbers that could have been promised: a line a target, a column for each of the odds.

    Parameters
    ----------
    plan : Plan
    table : DataFrame
        As `sim.promise` gives it.
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    words, note = say("ask.promise"), say("ask.promise_note")
    title = f"{plan.place_en} {plan.place_zh} {plan.year}\n{words.en}\n{words.zh}"
    shown = open_table(title, f"{note.en}\n{note.zh}\n")
    levels = list(dict.fromkeys(table.odds))
    for column in ("target", "stated", *(f"{100 * each:g} %" for each in levels), "unit"):
        shown.add_column(column, justify="left" if column in ("target", "unit") else "right")
    for together, phrase in (("no", say("ask.promise_alone")), ("yes", say("ask.promise_together"))):
        rows = table[table.together == together]
        if not len(rows):
            continue
        shown.add_row(Text(f"{phrase.en} {phrase.zh}", "bold"))
        for name in dict.fromkeys(rows.target):
            own = rows[rows.target == name].set_index("odds")
            cells = []
            for number, low, high in own.loc[levels, ["number", "low", "high"]].to_numpy().tolist():
                ends = " to ".join("–" if end != end else f"{end:g}" for end in (low, high))
                none = low != low and high != high
                cells.append(("–" if number != number else f"{number:g}") + ("" if none else f"\n({ends})"))
            shown.add_row(_label(plan, name), f"{own.stated.iloc[0]:g}", *cells, str(own.unit.iloc[0]))
    show(shown, console)


def print_path(plan: Plan, found: Replay, subjects: Sequence[str] = (), console: Console | None = None) -> None:
    """Print one path: growth from the year's start by quarter, shocks, and what was met.

    Parameters
    ----------
    plan : Plan
    found : Replay
    subjects : sequence of str
        Indicators and deliveries to show; none means all indicators.
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    words = say("ask.path", number=f"{found.number:,}", seed=found.seed)
    shown = open_table(f"{plan.place_en} {plan.place_zh} {plan.year}\n{words.en}\n{words.zh}", " ")
    for column in ("scenario", "series", *found.periods):
        shown.add_column(column, justify="left" if column in ("scenario", "series") else "right")
    targets = {target.id: target for target in plan.deliveries}
    names = {each.id: f"{each.name_en} {each.name_zh}" for each in plan.indicators}
    names |= {each.id: f"{each.name_en} {each.name_zh}" for each in plan.deliveries}
    for scenario in dict.fromkeys(found.quarters.scenario):
        for name in subjects or [indicator.id for indicator in plan.indicators]:
            values = found.follow(scenario, name)
            cells = [f"{each:g}" if name in targets else f"{each:.1f}" for each in values]
            unit = targets[name].unit if name in targets else "%"
            shown.add_row(scenario, f"{names[name]}, {unit}", *cells)
    show(shown, console)
    for scenario, own in found.targets[found.targets.reading == READINGS[0]].groupby("scenario", sort=False):
        happened = found.shocks[(found.shocks.scenario == scenario) & found.shocks.happened]
        told = [f"{shock} {onset} ({size:.2f})" for shock, onset, size in happened[_STRUCK].to_numpy().tolist()]
        headline = {target.id for target in plan.headline}
        missed = [_label(plan, name) for name in own[~own.met].target if name in headline]
        facts = {"scenario": scenario, "met": int(own.met.sum()), "number": len(own)}
        for phrase in (
            say("ask.path_missed", missed=", ".join(missed) or say("ask.none"), **facts),
            say("ask.path_shocks", shocks=", ".join(told) or say("ask.none")),
            *(
                [say("ask.path_weight", weight=f"{weight:.2g}")]
                if (weight := found.weights[str(scenario)]) != 1
                else []
            ),
        ):
            console.print(phrase.en)
            console.print(phrase.zh)


def print_stress(plan: Plan, scenario: Scenario, table: pd.DataFrame, console: Console | None = None) -> None:
    """Print what brings the odds of a target down, one line a shock and way.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
        Whose shocks were changed.
    table : DataFrame
        As `sim.find_stress` gives it.
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    first = table.iloc[0]
    named = _name(plan, str(first.target))
    words = say(
        "ask.stress",
        target=named,
        scenario=Phrase(scenario.title_en, scenario.title_zh),
        odds=_percent(first.odds_as_given),
        below=f"{100 * first.below:g}",
    )
    shown = open_table(f"{plan.place_en} {plan.place_zh} {plan.year}\n{words.en}\n{words.zh}", " ")
    for column in ("by", "shock", "value", "", "odds, %", "once in years", ""):
        shown.add_column(column, justify="right" if column in ("value", "odds, %", "once in years") else "left")
    told = {"found": say("ask.found"), "already below": say("ask.already"), "never below": say("ask.never")}
    told["too few points"] = say("ask.too_few")
    columns = ["by", "shock", "value", "unit", "odds", "once_in", "status"]
    for by, shock, value, unit, odds, years, status in table[columns].to_numpy().tolist():
        often = "" if years != years else f"{years:,.3g}"
        number = "" if value != value else f"{value:.3g}"
        shown.add_row(by, shock, number, unit, _percent(odds, 2), often, f"{told[status].en} {told[status].zh}")
    show(shown, console)


def print_verification(found: Verification, console: Console | None = None) -> None:
    """Print what was found of a run, one line a file.

    Parameters
    ----------
    found : Verification
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    for file, status, detail in found.table.to_numpy().tolist():
        console.print(f"{file} {_STATUS.get(status, status)}" + f": {detail}" * bool(detail), soft_wrap=True)
    outcomes = say("ask.outcome_0"), say("ask.outcome_1"), say("ask.outcome_2")
    phrases = [outcomes[found.outcome]]
    if found.elsewhere:
        phrases.insert(0, say("ask.elsewhere", names=", ".join(found.elsewhere)))
    if found.inputs:
        phrases.insert(0, say("ask.inputs_changed", names=", ".join(found.inputs)))
    for phrase in phrases:
        console.print(phrase.en, soft_wrap=True)
        console.print(phrase.zh, soft_wrap=True)


def _label(plan: Plan, name: str) -> str:
    """Label a target by its names; groups and shocks keep theirs."""
    target = next((each for each in plan.judged if each.id == name), None)
    return name if target is None else name_both(target)


def _signed(change: float) -> str:
    """Print a change in percentage points with its sign and two decimals."""
    words = f"{100 * change:+.2f}".replace("-", "−")
    return "0" if change == 0 else words


def _name(plan: Plan, words: str) -> Phrase:
    """Name the targets of a cell such as "gdp:5 or retail_sales" by their names in both languages."""
    which = "or" if " or " in words else "and"
    targets, named = {target.id: target for target in plan.judged}, []
    for word in words.split(f" {which} "):
        name, number = _NAME.split(word, maxsplit=1)[0], _NAME.search(word)
        if name not in targets:  # a group, by its own name
            named.append(Phrase(name, name))
            continue
        target, bound = targets[name], f" {word[number.start() :].removeprefix(':')}" if number else ""
        named.append(Phrase(f"{target.name_en}{bound}", f"{target.name_zh}{bound}"))
    if len(named) > _MOST_NAMED:
        more = len(named) - _MOST_NAMED
        named = [*named[:_MOST_NAMED], say("ask.more", number=more)]
    return join(named, say("ask.or") if which == "or" else say("ask.and"))


def _percent(share: float, digits: int = 1) -> str:
    """Print a share in per cent; empty where there is none."""
    return "" if share != share else f"{100 * share:.{digits}f}"
