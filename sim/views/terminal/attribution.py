"""Why odds moved, as a table and sentences of the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from sim.analysis.attribution import Explanation
from sim.inputs.plan.plan import Plan
from sim.views.attribution_lines import find_most_moved, name_target, say_explanation, say_parts
from sim.views.numbers import print_change, print_error, print_odds
from sim.views.phrases import name_both
from sim.views.terminal.tables import open_console, open_table, show
from sim.views.words import Phrase, say

__all__ = ["print_explanation"]


def print_explanation(found: Explanation, targets: Sequence[str] = (), console: Console | None = None) -> None:
    """Print what each part did to the odds, and sentences of the target that moved most.

    Parameters
    ----------
    found : Explanation
    targets : sequence of str
        Targets and groups that were asked for, each with its sentence; none means the headline.
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    plan, known = found.after.plan, {*found.odds.target}
    headline = [*(target.id for target in plan.headline), "headline"]
    shown = [name for name in targets or headline if name in known]
    title, note = say("why.title"), say("why.note")
    table = open_table(f"{plan.place} {plan.year_name}, {found.after.scenario.name}, %\n{title.en}\n{title.zh}", " ")
    for column in ("target", "before", "after", "change", "±"):
        table.add_column(column, justify="left" if column == "target" else "right")
    for name, before, after, change, error in found.odds[found.odds.target.isin(shown)].to_numpy().tolist():
        odds = print_odds(before, 1), print_odds(after, 1)
        table.add_row(_label(plan, name), *odds, _print_change(change), print_error(error))
    show(table, console)
    if not found.parts:
        _print(say("why.same"), console)
    told = [name for name in targets if name in known] or [find_most_moved(found)]
    for name in told if found.parts else ():
        show(_open_parts(found, name), console)
    for phrase in (note, *(say_explanation(found, name) for name in told)) if found.parts else ():
        _print(phrase, console)
    for which, state in (("before", say("why.state_before")), ("after", say("why.state_after"))):
        names = found.alone.target[found.alone.state == which].tolist()
        if names:
            _print(say("why.alone", state=state, names=", ".join(names)), console)


def _open_parts(found: Explanation, name: str) -> Table:
    """List the parts of a target's change, the figures beside what was expected of them."""
    named = name_target(found.after.plan, name)
    table = open_table(f"{named.en}\n{named.zh}" if named.en != named.zh else named.en, " ")
    changes = found.table[found.table.target == name].set_index("part")
    lines = say_parts(found)
    figures = any(line.value.en for line in lines)
    table.add_column("part")
    for column in (*(("printed", "expected") if figures else ()), "points", "±"):
        table.add_column(column, justify="right")
    for line in lines:
        change, error = (float(changes[column][line.name]) for column in ("change", "se"))
        cells = [line.value.en, line.expected.en] if figures else []
        table.add_row(f"{line.short.en} {line.short.zh}", *cells, _print_change(change), print_error(error))
    return table


def _label(plan: Plan, name: str) -> str:
    """Label a target by its names; a group keeps its own."""
    target = next((each for each in plan.judged if each.id == name), None)
    return name if target is None else name_both(target)


def _print_change(change: float) -> str:
    return "0" if change == 0 else print_change(100 * change)


def _print(phrase: Phrase, console: Console) -> None:
    console.print(phrase.en)
    console.print(phrase.zh)
