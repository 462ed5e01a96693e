"""`sim archive`: what was said when, and how it did."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sim.cli.options import load_told, report_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from sim.inputs.plan.plan import Plan
    from sim.results.archive import Archive

__all__ = ["archive"]

folder_argument = click.argument("folder", metavar="DIR")
own_plan_option = click.option(
    "--plan", "plan_folder", help="A folder of tables, or a shipped plan.  [default: its own]"
)
out_option = click.option("--out", metavar="DIR", help="Folder for the table and a manifest.")


@click.group(epilog="Example: sim archive score archive --outcomes outcomes.csv")
def archive() -> None:
    """Odds as they were on each day, in a folder that `sim run --archive DIR` adds to and nothing rewrites."""


@archive.command("list", epilog="Example: sim archive list archive")
@folder_argument
def list_vintages(folder: str) -> None:
    """Vintages of DIR, every byte of them checked."""
    with report_faults():
        from sim.results.archive import read_archive
        from sim.views.terminal.archive import print_archive

        print_archive(read_archive(folder))


@archive.command(epilog="Example: sim archive show archive --scenario export-slump --all")
@folder_argument
@own_plan_option
@click.option("--scenario", metavar="NAME", help="[default: the first of the last vintage]")
@click.option("--all", "every", is_flag=True, help="All targets, not the headline alone.")
@click.option("--hub", is_flag=True, help="The table in the columns of the hubverse.")
@out_option
def show(folder: str, plan_folder: str | None, scenario: str | None, every: bool, hub: bool, out: str | None) -> None:
    """Odds by vintage; --out writes those of all targets and readings, --hub as other tools read them."""
    with report_faults():
        from sim.errors import InputError, Place, find_unknown
        from sim.results.archive import export_hub, read_archive
        from sim.views.terminal.archive import print_vintages

        found = read_archive(folder)
        plan = _read_plan(found, plan_folder)
        names = list(found.odds.scenario.unique())
        chosen = scenario or str(found.vintages[-1].odds.scenario.iloc[0])
        faults = [*find_unknown({chosen: Place("--scenario")}, names, "no scenario '{}' in the archive")]
        if faults:
            raise InputError(faults)
        if out is not None:
            _write(out, {"hub" if hub else "odds": export_hub(found, plan.year, plan.place_en) if hub else found.odds})
        print_vintages(found, plan, chosen, every)


@archive.command(epilog="Example: sim archive score archive --outcomes outcomes.csv --out scores")
@folder_argument
@own_plan_option
@click.option(
    "--outcomes",
    metavar="FILE",
    help="Figures of FY and milestones reached, as in published.csv.  [default: the plan's published.csv]",
)
@out_option
def score(folder: str, plan_folder: str | None, outcomes: str | None, out: str | None) -> None:
    """Brier and logarithmic scores by vintage, against the base rate and the first vintage."""
    with report_faults():
        from sim.analysis.archive_scores import score_archive
        from sim.inputs.published.reading import read_published
        from sim.results.archive import read_archive
        from sim.views.terminal.archive import print_scores

        found = read_archive(folder)
        plan = _read_plan(found, plan_folder)
        scores = score_archive(found, load_told(plan), read_published(plan, outcomes))
        if out is not None:
            _write(out, {"scores": scores.table, "forecasts": scores.forecasts})
        print_scores(scores)


def _read_plan(found: Archive, given: str | None) -> Plan:
    """Read the archive's plan: as asked for, or as its last run named it."""
    from sim.errors import InputError, blame
    from sim.inputs.plan.reading import read_plan
    from sim.results.manifest import find_given

    noted = found.vintages[-1].manifest.get("given", {}).get("plan")
    if given is None and not isinstance(noted, str):
        raise InputError([blame("plan", "the archived run's plan came from code", "name its folder")])
    plan = read_plan(given or find_given(str(noted), found.folder))
    if plan.name != found.plan:
        raise InputError([blame("plan", f"the archive is of {found.plan}, not of {plan.name}", "name that plan")])
    return plan


def _write(out: str, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables and a manifest into a folder, whole or not at all."""
    from sim.inputs.files.folders import open_folder
    from sim.results.manifest import describe_origin, write_manifest
    from sim.results.tables import write_table

    with open_folder(out, result="archive table") as folder:
        for name, frame in tables.items():
            write_table(frame, folder / f"{name}.csv")
        write_manifest(folder, {"command": ["sim", *sys.argv[1:]], **describe_origin([])})
