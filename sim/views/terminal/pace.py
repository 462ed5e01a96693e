"""The required pace as a table of the terminal."""

from __future__ import annotations

import re

from rich.console import Console, JustifyMethod

from sim.analysis.pace import Pace
from sim.inputs.plan.readings import direct
from sim.inputs.plan.targets import Growth
from sim.inputs.scenario.reading import Scenario
from sim.views.aims import sign_aim
from sim.views.numbers import print_odds
from sim.views.pace_lines import say_between, say_pace
from sim.views.phrases import pair, say_period
from sim.views.terminal.tables import open_console, open_table, show
from sim.views.words import Phrase, say

__all__ = ["print_pace"]

_COLUMNS = ("screen.target", "screen.so_far", "screen.rest", "screen.model_expects", "screen.chance", "screen.before")


def print_pace(pace: Pace, scenario: Scenario, console: Console | None = None, lang: str = "en") -> None:
    """Print what the rest of the year must bring for each target that has figures; nothing where none has.

    Parameters
    ----------
    pace : Pace
    scenario : Scenario
    console : Console, optional
        None means standard output.
    lang : str
        `en` or `zh`.
    """
    table = open_table(
        say("screen.pace", scenario=Phrase(scenario.name, scenario.title_zh)).pick(lang),
        say("screen.pace_note").pick(lang) + "\n",
    )
    for key in _COLUMNS:
        justify: JustifyMethod = "left" if key in ("screen.target", "screen.before") else "right"
        table.add_column(say(key).pick(lang), justify=justify, overflow="fold")
    targets = {target.id: target for target in pace.plan.judged}
    for line in say_pace(pace, scenario.name):
        row, target = line.row, targets[line.row.target]
        known = say("screen.by", period=say_period(row.period)) if row.rest else say("screen.in_year")
        cells = [f"{line.so_far.pick(lang)}\n{known.pick(lang)}", "", "", print_odds(row.probability, 1)]
        if row.rest:
            at_most = isinstance(target, Growth) and direct(pace.plan, target) < 0
            needed = f"{'≤' if at_most else '≥'} {say_between(row.needed_low, row.needed_high, row.unit).pick(lang)}"
            if row.times == row.times:
                needed += "\n" + say("screen.times", times=f"{row.times:.1f}").pick(lang)
            cells[1] = f"{needed}\n{say('screen.in_rest', period=say_period(row.rest)).pick(lang)}"
            cells[2] = re.sub(r" ?(?=[(\uff08])", "\n", line.expected.pick(lang))
        table.add_row(f"{pair(target).pick(lang)} {sign_aim(target).pick(lang)}", *cells, line.seen.pick(lang))
    show(table, console or open_console())
