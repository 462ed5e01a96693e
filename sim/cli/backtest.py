"""`sim backtest`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli.options import force_option, report_faults, report_files
from sim.inputs.bundled import DEFAULT_PLAN

__all__ = ["backtest"]


@click.command(epilog="Example: sim backtest history.csv --outlook outlook.csv --from 2014")
@click.argument("history", required=False, metavar="[HISTORY.csv | RECORDS]")
@click.option("--outlook", help="What was expected each January, and announced; none means wider forecasts.")
@click.option("--quarters", help="Growth since January after one, two, three quarters: scores odds within the year.")
@click.option("--from", "first", type=int, help="First year to forecast.  [default: the fourth of the table]")
@click.option("--to", "last", type=int, help="Last year to forecast.  [default: the last of the table]")
@click.option("--indicator", help="What to forecast.  [default: gdp, else the commonest]")
@click.option("--out", default="backtest", show_default=True, help="Folder for tables, charts and manifest.")
@click.option("--charts/--no-charts", default=True, show_default=True, help="Whether to draw charts.")
@force_option
def backtest(
    history: str | None,
    outlook: str | None,
    quarters: str | None,
    first: int | None,
    last: int | None,
    indicator: str | None,
    out: str,
    charts: bool,
    force: bool,
) -> None:
    """Score the method on past years, each forecast from earlier years only.

    HISTORY.csv has the columns region, year, indicator, target, comparator, outcome, unit, source; without it, the
    shipped history, outlook and quarters of Qingdao are used. QUARTERS.csv has region, year, period (Q1, H1, Q1-Q3),
    indicator, figure, source: odds given these are scored beside those of the year's start.

    RECORDS is a table of promises and what became of them, or a folder of such tables; `records` are the shipped ones.
    Their header says what they hold: promised and delivered, items and met, planned and actual, or pool and won.
    """
    with report_faults():
        from sim.cli.options import tell_warnings
        from sim.inputs.bundled import find_plan
        from sim.inputs.files.folders import open_folder
        from sim.inputs.history import read_history
        from sim.inputs.outlook import read_outlook
        from sim.inputs.quarters_history import read_part_years
        from sim.inputs.records import find_records
        from sim.learning.backtest import backtest as score
        from sim.learning.within_year_backtest import score_within_year
        from sim.views.folder import write_backtest
        from sim.views.terminal.record import print_backtest

        records = find_records(history) if history else None
        if records:
            _backtest_records(records, out, force, first, last, outlook=outlook, quarters=quarters, indicator=indicator)
            return
        folder = find_plan(DEFAULT_PLAN)
        past = Path(history) if history else folder / "history.csv"
        said = Path(outlook) if outlook else None if history else folder / "outlook.csv"
        parts = Path(quarters) if quarters else None if history else folder / "quarters_history.csv"
        rows, expected = read_history(past), read_outlook(said) if said else None
        figures = read_part_years(parts) if parts else ()
        tell_warnings([*rows.warnings, *(expected.warnings if expected else ())])
        with open_folder(out, result="backtest", force=force) as temporary:
            result = score(rows, expected, indicator, first, last)
            within = score_within_year(result, rows, figures, expected) if parts else None
            inputs = [each for each in (past, said, parts) if each]
            count = len(write_backtest(result, temporary, inputs, ["sim", *sys.argv[1:]], charts, within))
        print_backtest(result, within=within)
        report_files(count, out)


def _backtest_records(
    place: Path,
    out: str,
    force: bool,
    first: int | None,
    last: int | None,
    **growth_only: str | None,
) -> None:
    """Score promises of other kinds than growth."""
    from sim.cli.options import tell_warnings
    from sim.errors import InputError, blame
    from sim.inputs.files.folders import open_folder
    from sim.inputs.records import read_programmes, read_records
    from sim.learning.programme_shares import fit_shares
    from sim.learning.record_backtest import backtest_records
    from sim.views.folder import write_record_backtest
    from sim.views.terminal.record_scores import print_record_backtest

    for name, given in growth_only.items():
        if given is not None:
            raise InputError([blame(name, "records of promises have none", "leave it out")])
    files = sorted(place.glob("*.csv")) if place.is_dir() else [place]
    programmes = [file for file in files if file.name == "programmes.csv"]
    records, shares = read_records(place), fit_shares(read_programmes(programmes[0])) if programmes else None
    tell_warnings(records.warnings)
    with open_folder(out, result="backtest", force=force) as temporary:
        result = backtest_records(records, first, last)
        count = len(write_record_backtest(result, temporary, files, ["sim", *sys.argv[1:]], shares))
    print_record_backtest(result, shares)
    report_files(count, out)
