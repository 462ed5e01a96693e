"""`sim next`: what coming releases may say, and what it would mean."""

from __future__ import annotations

import sys

import click

from sim.cli.options import (
    force_option,
    plan_option,
    published_options,
    read_figures,
    read_inputs,
    report_faults,
    seed_option,
)

__all__ = ["next_release"]


@click.command("next", epilog="Example: sim next --published qingdao-2024-h1 --series gdp")
@click.argument("scenario", default="baseline", metavar="[SCENARIO]")
@plan_option
@published_options
@click.option("--series", metavar="ID", help="An indicator, a delivery or a milestone.  [default: all]")
@click.option("--period", metavar="NAME", help="Such as H1.  [default: the next of each series]")
@click.option("--every", is_flag=True, help="All periods to come, not the next of each series alone.")
@seed_option
@click.option("--out", metavar="DIR", help="Folder for next.csv and a manifest.")
@force_option
def next_release(
    scenario: str,
    plan_folder: str,
    published: str | None,
    as_of: str | None,
    even_so: bool,
    series: str | None,
    period: str | None,
    every: bool,
    seed: int,
    out: str | None,
    force: bool,
) -> None:
    """Figures that coming releases may print, how likely each is, and the odds of every target if it is printed."""
    with report_faults():
        from contextlib import nullcontext

        from sim.analysis.suspense import measure_suspense
        from sim.inputs.files.folders import open_folder
        from sim.results.manifest import describe_origin, write_manifest
        from sim.results.tables import write_table
        from sim.views.terminal.suspense import print_suspense

        model, chosen = read_inputs(plan_folder, [scenario], None)
        figures = read_figures(model.plan, published, as_of)
        place = nullcontext() if out is None else open_folder(out, result="next", force=force)
        with place as folder:
            suspense = measure_suspense(
                model, chosen[0], figures, series=series, period=period, every=every, seed=seed, even_so=even_so
            )
            if folder is not None:
                write_table(suspense.table, folder / "next.csv")
                asked = {"series": series, "period": period, "every": every, "seed": seed}
                told = {"plan": model.plan.name, "scenario": chosen[0].name, "published": [row.row for row in figures]}
                files = [*model.files, *chosen[0].files, *figures.files]
                manifest = {"command": ["sim", *sys.argv[1:]], **told, **asked, **describe_origin(files)}
                write_manifest(folder, manifest)
        print_suspense(suspense)
        if out is not None:
            click.echo(f"2 files in {out}")
