"""`sim backtest`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli.options import report_faults
from sim.inputs.bundled import DEFAULT_PLAN

__all__ = ["backtest"]


@click.command(epilog="Example: sim backtest history.csv --outlook outlook.csv --from 2014")
@click.argument("history", required=False, metavar="[HISTORY.csv]")
@click.option("--outlook", help="What was expected each January, and announced; none means wider forecasts.")
@click.option("--from", "first", type=int, help="First year to forecast.  [default: the fourth of the table]")
@click.option("--to", "last", type=int, help="Last year to forecast.  [default: the last of the table]")
@click.option("--indicator", help="What to forecast.  [default: gdp, else the commonest]")
@click.option("--out", default="backtest", show_default=True, help="Folder for tables, charts and manifest.")
@click.option("--charts/--no-charts", default=True, show_default=True, help="Whether to draw charts.")
def backtest(
    history: str | None,
    outlook: str | None,
    first: int | None,
    last: int | None,
    indicator: str | None,
    out: str,
    charts: bool,
) -> None:
    """Score the method on past years, each forecast from earlier years only.

    HISTORY.csv has the columns region, year, indicator, target, comparator, outcome, unit, source; without it, the
    shipped history and outlook of Qingdao are used.
    """
    with report_faults():
        from sim.cli.options import warn
        from sim.inputs.bundled import find_plan
        from sim.inputs.files.writing import open_folder
        from sim.inputs.history import read_history
        from sim.inputs.outlook import read_outlook
        from sim.learning.backtest import backtest as score
        from sim.views.folder import write_backtest
        from sim.views.terminal.record import print_backtest

        folder = find_plan(DEFAULT_PLAN)
        past = Path(history) if history else folder / "history.csv"
        said = Path(outlook) if outlook else None if history else folder / "outlook.csv"
        rows, expected = read_history(past), read_outlook(said) if said else None
        for line in warn([*rows.warnings, *(expected.warnings if expected else ())]):
            click.echo(line, err=True)
        with open_folder(out) as temporary:
            result = score(rows, expected, indicator, first, last)
            inputs = [past, said] if said else [past]
            count = len(write_backtest(result, temporary, inputs, ["sim", *sys.argv[1:]], charts))
        print_backtest(result)
        click.echo(f"{count} files in {out}")
