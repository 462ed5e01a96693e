"""The odds of a sweep at the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console

from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.targets import describe_aim
from sim.views.terminal.tables import open_console, open_table, show

if TYPE_CHECKING:
    from sim.analysis.sweep.design import Sweep

__all__ = ["print_sweep", "print_sweeps"]

_MOST_PLANS = 20
"""Plans that are printed; the table holds all."""


def print_sweep(sweep: Sweep, frame: pd.DataFrame, console: Console | None = None) -> None:
    """Print how far the odds go over the cases of a sweep, and where they are lowest and highest.

    Parameters
    ----------
    sweep : Sweep
    frame : DataFrame
        The odds of its cases.
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    plan = sweep.model.plan
    table = open_table(f"{sweep.scenario.name}: odds over {len(sweep.settings)} cases, as printed, %", " ")
    for column in ("target", "lowest", "case", "highest", "case"):
        table.add_column(column, justify="left" if column == "target" else "right")
    names = {target.id: f"{target.name_en} {describe_aim(target)}" for target in plan.headline}
    names["headline"] = f"all {len(names)}"
    printed, shown = frame[frame["reading"] == READINGS[0]], set[int]()
    for name, words in names.items():
        rows = printed[printed["name"] == name]
        odds, cases = rows["probability"].to_numpy(), rows["case"].to_numpy()
        ends = [int(odds.argmin()), int(odds.argmax())] if len(odds) else []
        shown.update(int(cases[end]) for end in ends)
        table.add_row(words, *(cell for end in ends for cell in (f"{100 * odds[end]:.1f}", f"{cases[end]}")))
    show(table, console)
    _print_cases(sweep, shown, console)


def print_sweeps(sweeps: Sequence[Sweep], frame: pd.DataFrame, console: Console | None = None) -> None:
    """Print how far the odds of all headline targets together go in each plan of a sweep over several.

    Parameters
    ----------
    sweeps : sequence of Sweep
        One a plan.
    frame : DataFrame
        The odds of their cases, with a column `plan`.
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    first = sweeps[0]
    table = open_table(
        f"{first.scenario.name}: odds of all headline targets over {len(first.settings)} cases in each of "
        f"{len(sweeps)} plans, as printed, %",
        " ",
    )
    for column in ("plan", "lowest", "case", "highest", "case"):
        table.add_column(column, justify="left" if column == "plan" else "right")
    joint = frame[(frame["quantity"] == "joint") & (frame["name"] == "headline")].reset_index(drop=True)
    odds = joint.groupby("plan", sort=False)["probability"]
    ends = pd.DataFrame({"low": odds.idxmin(), "high": odds.idxmax()})
    order = joint["probability"][ends["low"]].to_numpy().argsort(kind="stable")
    told, shown = ends.iloc[order[:_MOST_PLANS]], set[int]()
    for plan, low, high in told.itertuples():
        rows = [joint.loc[low], joint.loc[high]]
        shown.update(int(row["case"]) for row in rows)
        table.add_row(
            str(plan), *(cell for row in rows for cell in (f"{100 * row['probability']:.1f}", f"{row['case']}"))
        )
    show(table, console)
    if len(ends) > len(told):
        console.print(f"and {len(ends) - len(told)} plans more, whose lowest odds are higher", soft_wrap=True)
    _print_cases(first, shown, console)


def _print_cases(sweep: Sweep, shown: set[int], console: Console) -> None:
    """Print the values that the varied numbers have in some cases."""
    for case in sorted(shown):
        values = (
            f"{path.partition('.')[2]} {value:g}" if isinstance(value, float) else f"{path.partition('.')[2]} {value}"
            for path, value in sweep.settings[case - 1].items()
        )
        console.print(f"case {case}: {', '.join(values)}", soft_wrap=True)
