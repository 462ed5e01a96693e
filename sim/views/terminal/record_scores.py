"""The back-test of promises at the terminal."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table

from sim.learning.programme_shares import ShareLaw
from sim.learning.record_backtest import RecordBacktest, tabulate_records
from sim.views.class_records import list_class_records
from sim.views.terminal.tables import open_console, open_table, show

__all__ = ["print_record_backtest"]

_SAMPLES = ("recorded counts", "recorded lists", "recorded milestones", "recorded titles", "all")


def print_record_backtest(
    result: RecordBacktest, shares: ShareLaw | None = None, console: Console | None = None
) -> None:
    """Print the scores of the method beside the references', then the record of every class."""
    console = console or open_console()
    console.print(f"promises, {result.years[0]}-{result.years[-1]}; each year forecast from earlier years")
    show(_tabulate_scores(result), console)
    console.print(
        "± standard error clustered by year; log: of the event; recorded: promises whose\nclass had a record by then\n",
    )
    show(_tabulate_classes(result, shares), console)
    for row in result.leads[result.leads["sample"] == "recorded"].to_dict("records"):
        error = "" if np.isnan(row["lead_se"]) else f" ± {row['lead_se']:.3f}"
        told = np.isnan(row["lead_se"]) or abs(row["lead"]) > 2 * row["lead_se"]
        doubt = "" if told else ", which may be chance"
        console.print(f"lead over {row['reference']}: {row['lead']:+.3f}{error}{doubt}")


def _tabulate_scores(result: RecordBacktest) -> Table:
    table = open_table("", "")
    for column in ("sample", "forecaster", "n", "Brier", "log"):
        table.add_column(column, justify="left" if column in ("forecaster", "sample") else "right", no_wrap=True)
    for sample in _SAMPLES:
        for row in result.scores[result.scores["sample"] == sample].to_dict("records"):
            error = "" if np.isnan(row["brier_se"]) else f"±{row['brier_se']:.3f}".replace("0.", ".")
            measures = (f"{row['brier']:.3f}{error}", f"{row['log_score']:.3f}")
            table.add_row(sample, row["forecaster"], f"{row['n']}", *measures)
        table.add_section()
    return table


def _tabulate_classes(result: RecordBacktest, shares: ShareLaw | None) -> Table:
    table = open_table("the record of every class of promises", "* with a central 80 % range of what is not known\n")
    for column in ("class", "record", "kept, %*", "scored", "Brier"):
        table.add_column(column, justify="left" if column == "class" else "right", no_wrap=True)
    for each in list_class_records(tabulate_records(result, shares)):
        table.add_row(each.name, each.kept.en, each.chance, each.scored.en, each.brier)
    return table
