"""`sim sweep`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli.options import (
    executor_option,
    force_option,
    load_told,
    plan_option,
    report_faults,
    seed_option,
    tell_unused_figures,
    warn,
)

__all__ = ["sweep"]


@click.command(epilog="Example: sim sweep sweep.yaml --out sweep")
@click.argument("file", metavar="SWEEP.yaml")
@plan_option
@seed_option
@click.option("--out", default="sweep", show_default=True, help="Folder for sweep.csv and manifest.")
@click.option("--all-targets", is_flag=True, help="Every target with odds, not the headline alone.")
@click.option(
    "--method",
    type=click.Choice(["auto", "paths"]),
    default="auto",
    show_default=True,
    help="Exact where the model allows; or paths counted.",
)
@executor_option
@force_option
def sweep(
    file: str, plan_folder: str, seed: int, out: str, all_targets: bool, method: str, workers: str | None, force: bool
) -> None:
    """Odds under every case of SWEEP.yaml: a grid, a list or a Latin hypercube over any numbers of a scenario.

    A sweep that was stopped goes on where it was when it is called again.
    """
    with report_faults():
        from sim.analysis.sweep.design import read_sweep
        from sim.analysis.sweep.running import finish_sweep, run_sweep
        from sim.engine.executors import open_executor
        from sim.inputs.files.folders import list_others, name_beside, open_folder
        from sim.inputs.plan.reading import read_plan
        from sim.results.manifest import describe_origin, write_manifest
        from sim.results.tables import write_table
        from sim.views.terminal.odds import print_sweep
        from sim.views.terminal.tables import show_progress

        task = read_sweep(file, load_told(read_plan(plan_folder)))
        tell_unused_figures(task.model.plan)
        for line in warn(task.warnings):
            click.echo(line, err=True)
        pieces = name_beside(out, ".unfinished")
        with open_folder(out, result="sweep", force=force) as folder:
            with show_progress("cases") as advance, open_executor(workers) as executor:
                frame = run_sweep(task, pieces, seed, all_targets, executor, advance, method)
            write_table(frame, folder / "sweep.csv")
            inputs = [Path(file), *task.model.files, *task.scenario.files]
            write_manifest(folder, {"command": ["sim", *sys.argv[1:]], "seed": seed, **describe_origin(inputs)})
        finish_sweep(pieces)
        print_sweep(task, frame)
        others = list_others(out)
        click.echo(f"{len(task.settings)} cases in {Path(out) / 'sweep.csv'}")
        if others:
            click.echo(f"left alone in {out}: {others}")
