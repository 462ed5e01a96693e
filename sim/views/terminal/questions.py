"""Answers to questions asked of a model, at the terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.console import Console

from sim.inputs.plan.plan import Plan
from sim.views.numbers import print_range
from sim.views.terminal.tables import open_console, open_table, show
from sim.views.words import Phrase, join, say

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["print_probability"]

_MOST_NAMED = 6
_NAME = re.compile("[:<>]")
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
    title = f"{plan.place_en} {plan.place_zh} {plan.year}, {first.reading}\n{event.en}\n{event.zh}"
    shown = open_table(title, " ")
    for column in ("scenario", "odds, %", "±", "range"):
        shown.add_column(column, justify="left" if column == "scenario" else "right")
    for scenario, odds, error, low, high in table[["scenario", *_NUMBERS]].to_numpy().tolist():
        shown.add_row(scenario, _percent(odds, 2), _percent(error, 2), print_range(low, high))
    show(shown, console)


def _name(plan: Plan, words: str) -> Phrase:
    """Name the targets of a cell such as "gdp:5 or retail_sales" by their names in both languages."""
    which = "or" if " or " in words else "and"
    targets, named = {target.id: target for target in plan.judged}, []
    for word in words.split(f" {which} "):
        name, number = _NAME.split(word, maxsplit=1)[0], _NAME.search(word)
        target, bound = targets[name], f" {word[number.start() :].removeprefix(':')}" if number else ""
        named.append(Phrase(f"{target.name_en}{bound}", f"{target.name_zh}{bound}"))
    if len(named) > _MOST_NAMED:
        more = len(named) - _MOST_NAMED
        named = [*named[:_MOST_NAMED], say("ask.more", number=more)]
    return join(named, say("ask.or") if which == "or" else say("ask.and"))


def _percent(share: float, digits: int = 1) -> str:
    """Print a share in per cent; empty where there is none."""
    return "" if share != share else f"{100 * share:.{digits}f}"
