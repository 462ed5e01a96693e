"""`sim run`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli.options import force_option, report_faults, report_files
from sim.cli.requests import RunRequest, run_options
from sim.cli.screen import Screen, screen_options

__all__ = ["run"]

_CHARTS = {"both": ("png", "svg"), "png": ("png",), "svg": ("svg",), "none": ()}
"""Formats by what is typed."""


@click.command(epilog="Example: sim run baseline export-slump+property-slide --out out")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@run_options
@click.option("--archive", metavar="DIR", help="Also add the odds to this archive, as its next vintage.")
@click.option("--out", default="out", show_default=True, help="Folder for tables, charts and manifest.")
@click.option("--excel", metavar="FILE.xlsx", help="Also all tables in one workbook, with a chart sheet.")
@click.option("--charts", type=click.Choice([*_CHARTS]), default="both", show_default=True, help="Formats of charts.")
@click.option("--no-charts", is_flag=True, help="Same as --charts none.")
@screen_options
@force_option
def run(
    scenarios: tuple[str, ...],
    request: RunRequest,
    screen: Screen,
    out: str,
    archive: str | None,
    excel: str | None,
    charts: str,
    no_charts: bool,
    force: bool,
) -> None:
    """Odds of every target under each SCENARIO: what matters most on one screen here, all of it as files in --out.

    A SCENARIO is a shipped name, a file, or several joined by "+"; none means all shipped ones. `sim show` prints more
    of a finished run.
    """
    with report_faults():
        from sim.analysis.rule_value import value_rules
        from sim.inputs.files.folders import open_folder
        from sim.results.archive import append_vintage, check_archive
        from sim.views.folder import write_run
        from sim.views.terminal.closing import choose_language

        model, chosen, figures = request.read(scenarios)
        screen.check(model.plan, [scenario.name for scenario in chosen])
        if archive is not None:
            check_archive(archive, model.plan.name)
        if excel is not None:
            from sim.views.workbook.writing import check_workbook, write_workbook

            check_workbook(excel, coming=out, force=force)
        with open_folder(out, result="run", force=force) as folder:
            result = request.carry_out(model, chosen, figures)
            rules = value_rules(result)
            write_run(result, folder, ["sim", *sys.argv[1:]], () if no_charts else _CHARTS[charts], out, rules)
            if excel is not None:
                beside = Path(excel).absolute().parent == Path(out).absolute()
                write_workbook(result, folder / Path(excel).name if beside else excel, force=force)
            count = len([*folder.iterdir()])
            vintage = append_vintage(archive, result, figures.day, ["sim", *sys.argv[1:]]) if archive else None
        screen.print(result, out, rules)
        report_files(count, out, screen.lang or choose_language())
        if vintage is not None:
            click.echo(f"vintage {vintage.number} as of {vintage.as_of} in {archive}, digest {vintage.digest}")
