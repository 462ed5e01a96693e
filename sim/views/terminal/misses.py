"""Misses of a target at the terminal: means, ways and a rule in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario
from sim.views.question_lines import say_rule
from sim.views.terminal.tables import open_console, open_table, show
from sim.views.words import Phrase, say

if TYPE_CHECKING:
    from sim.analysis.misses import Misses

__all__ = ["print_misses"]


def print_misses(plan: Plan, scenario: Scenario, found: Misses, console: Console | None = None) -> None:
    """Print what years that miss are like, the likeliest way to miss, and the rules in words.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
    found : Misses
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    target = next(each for each in plan.judged if each.id == found.target.partition(":")[0].split("<")[0].split(">")[0])
    named = Phrase(target.name_en, target.name_zh)
    words = say("miss.title", target=named, scenario=_title(scenario), chance=f"{100 * found.chance:.1f}")
    title = f"{plan.place_en} {plan.place_zh} {plan.year}\n{words.en}\n{words.zh}"
    shown = open_table(title, " ")
    for column in ("", "period", "unit", "mean", "if missed"):
        shown.add_column(column, justify="right" if column in ("mean", "if missed") else "left")
    labels = {each.id: f"{each.name_en} {each.name_zh}" for each in plan.indicators}
    for part, _ in scenario.parts:
        labels |= {name: f"{each.title.en} {each.title.zh}" for name, each in {**part.shocks, **part.rules}.items()}
    labels |= {name: f"{phrase.en} {phrase.zh}" for name, phrase in _COMMON.items()}
    for _, name, period, unit, mean, given in found.means.to_numpy().tolist():
        shown.add_row(labels.get(name, name), period, unit, *(_number(each) for each in (mean, given)))
    show(shown, console)
    if len(found.ways):
        words = say("miss.ways")
        ways = open_table(f"{words.en}\n{words.zh}", " ")
        own = found.ways[found.ways.series == getattr(target, "indicator", "")]
        periods = list(dict.fromkeys(own.period))
        for column in ("shocks", "share of misses, %", *periods):
            ways.add_column(column, justify="left" if column == "shocks" else "right")
        for shocks, rows in own.groupby("shocks", sort=False):
            cells = [f"{value:.1f}" for value in rows.set_index("period").value[periods]]
            none = say("ask.none")
            ways.add_row(str(shocks) or f"{none.en} {none.zh}", f"{100 * rows.share.iloc[0]:.0f}", *cells)
        show(ways, console)
    for rule in found.rules:
        told = say_rule(plan, scenario, rule)
        console.print(told.en, soft_wrap=True)
        console.print(told.zh, soft_wrap=True)


_COMMON = {"trend": say("miss.common_trend"), "news": say("miss.common_news")}


def _title(scenario: Scenario) -> Phrase:
    return Phrase(scenario.title_en, scenario.title_zh)


def _number(value: float) -> str:
    return "" if value != value else f"{value:.2f}"
