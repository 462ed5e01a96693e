"""The required pace as a table of the terminal."""

from __future__ import annotations

from rich.console import Console

from sim.analysis.pace import Pace
from sim.inputs.plan.readings import direct
from sim.inputs.plan.targets import Growth, describe_aim
from sim.views.numbers import print_odds
from sim.views.pace_lines import say_between, say_pace
from sim.views.phrases import say_period
from sim.views.terminal.tables import open_console, open_table, show

__all__ = ["print_pace"]

_COLUMNS = ("target", "so far", "rest must bring", "expected", "odds", "before")


def print_pace(pace: Pace, scenario: str, console: Console | None = None) -> None:
    """Print what the rest of the year must bring for each target that has figures; nothing where none has.

    Parameters
    ----------
    pace : Pace
    scenario : str
    console : Console, optional
        None means standard output.
    """
    table = open_table(
        f"{scenario}: what the rest of the year must bring",
        "expected: the model's median and 80 % interval; odds as printed, %;\n"
        "before: earlier years whose rest brought as much more than their first part\n",
    )
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column in ("target", "before") else "right", overflow="fold")
    targets = {target.id: target for target in pace.plan.judged}
    for line in say_pace(pace, scenario):
        row, target = line.row, targets[line.row.target]
        cells = [
            f"{line.so_far.en}\n{'by ' + say_period(row.period).en if row.rest else 'in the year'}",
            "",
            "",
            print_odds(row.probability, 1),
            line.seen.en,
        ]
        if row.rest:
            at_most = isinstance(target, Growth) and direct(pace.plan, target) < 0
            needed = f"{'≤' if at_most else '≥'} {say_between(row.needed_low, row.needed_high, row.unit).en}"
            if row.times == row.times:
                needed += f"\n{row.times:.1f} × so far"
            cells[1] = f"{needed}\nin {say_period(row.rest).en}"
            cells[2] = line.expected.en.replace(" (", "\n(")
        table.add_row(
            f"{target.name_en} {describe_aim(target)}" + f"\n{target.name_zh}" * (target.name_zh != target.name_en),
            *cells,
        )
    show(table, console or open_console())
