"""Coming releases as a table and sentences of the terminal."""

from __future__ import annotations

from rich.console import Console

from sim.analysis.suspense import Suspense
from sim.views.numbers import print_odds
from sim.views.suspense_lines import say_suspense
from sim.views.terminal.tables import open_console, open_table, show

__all__ = ["print_suspense"]

_MOST = 6  # milestones told: those that move most


def print_suspense(suspense: Suspense, console: Console | None = None) -> None:
    """Print what coming releases may say, and a sentence for each.

    Parameters
    ----------
    suspense : Suspense
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    plan, lines = suspense.plan, say_suspense(suspense)
    growth = [line for line in lines if suspense.releases[line.number].release.is_growth]
    others = sorted((line for line in lines if line not in growth), key=lambda line: -line.swing)
    table = open_table(
        f"{plan.place_en} {plan.place_zh} {plan.year}, {suspense.scenario.name}: what may be printed next",
        "1 in 10: as low or lower, as high or higher; below each figure the odds it leaves, %;\n"
        "swing: standard deviation of the odds over what may be printed, points\n",
    )
    for column in ("release", "target", "odds", "1 in 10", "middle", "1 in 10", "swing"):
        table.add_column(column, justify="left" if column in ("release", "target") else "right", overflow="fold")
    for line in growth:
        each = suspense.releases[line.number]
        cells = [
            f"{each.values[place]:.1f}\n{print_odds(float(each.odds[place, line.own]))}"
            for place in (line.low, line.middle, line.high)
        ]
        today = print_odds(float(each.today[line.own]), 1)
        name = f"{line.series.en}, {line.period.en}\n{line.series.zh}"
        table.add_row(name, line.target.en, today, *cells, f"{100 * line.swing:.0f}")
    show(table, console)
    for line in [*growth, *others[:_MOST]]:
        console.print(line.sentence.en)
    if len(others) > _MOST:
        console.print(f"{len(others) - _MOST} more deliveries and milestones move less: see --out")
