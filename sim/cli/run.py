"""`sim run`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli.options import force_option, report_faults, report_files
from sim.cli.requests import RunRequest, run_options

__all__ = ["run"]


@click.command(epilog="Example: sim run baseline export-slump+property-slide --out out")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@run_options
@click.option("--archive", metavar="DIR", help="Also add the odds to this archive, as its next vintage.")
@click.option("--out", default="out", show_default=True, help="Folder for tables, charts and manifest.")
@click.option("--excel", metavar="FILE.xlsx", help="Also all tables in one workbook, with a chart sheet.")
@click.option("--charts/--no-charts", default=True, show_default=True, help="Whether to draw charts.")
@click.option("--lang", type=click.Choice(["en", "zh"]), help="Of the last lines.  [default: the system's]")
@force_option
def run(
    scenarios: tuple[str, ...],
    request: RunRequest,
    out: str,
    archive: str | None,
    excel: str | None,
    charts: bool,
    lang: str | None,
    force: bool,
) -> None:
    """Odds of every target under each SCENARIO, as a table here and as files in --out.

    A SCENARIO is a shipped name, a file, or several joined by "+"; none means all shipped ones.
    """
    with report_faults():
        from sim.analysis.pace import measure_pace
        from sim.inputs.files.folders import open_folder
        from sim.results.archive import append_vintage, check_archive
        from sim.views.folder import write_run
        from sim.views.terminal.closing import choose_language, print_closing
        from sim.views.terminal.odds import print_run
        from sim.views.terminal.pace import print_pace

        model, chosen, figures = request.read(scenarios)
        if archive is not None:
            check_archive(archive, model.plan.name)
        if excel is not None:
            from sim.views.workbook.writing import check_workbook, write_workbook

            check_workbook(excel, coming=out, force=force)
        with open_folder(out, result="run", force=force) as folder:
            result = request.carry_out(model, chosen, figures)
            write_run(result, folder, ["sim", *sys.argv[1:]], charts, out)
            if excel is not None:
                beside = Path(excel).absolute().parent == Path(out).absolute()
                write_workbook(result, folder / Path(excel).name if beside else excel, force=force)
            count = len([*folder.iterdir()])
            vintage = append_vintage(archive, result, figures.day, ["sim", *sys.argv[1:]]) if archive else None
        print_run(result)
        if result.published:
            print_pace(measure_pace(result.attainments, result.published), next(iter(result)))
        print_closing(result, lang or choose_language())
        report_files(count, out)
        if vintage is not None:
            click.echo(f"vintage {vintage.number} as of {vintage.as_of} in {archive}, digest {vintage.digest}")
