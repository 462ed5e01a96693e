"""`sim sweep`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli.frame import executor_option, plan_option, report_faults, seed_option

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
def sweep(
    file: str, plan_folder: str, seed: int, out: str, all_targets: bool, method: str, workers: str | None
) -> None:
    """Odds under every case of SWEEP.yaml: a grid, a list or a Latin hypercube over any numbers of a scenario.

    A sweep that was stopped goes on where it was when it is called again.
    """
    with report_faults():
        from sim.executors import open_executor
        from sim.model import calibrate
        from sim.plan import read_plan
        from sim.records import describe_origin, open_folder, write_manifest, write_table
        from sim.sweep import finish_sweep, read_sweep, run_sweep
        from sim.terminal import print_sweep, show_progress

        task = read_sweep(file, calibrate(read_plan(plan_folder)))
        pieces = Path(f"{out}.unfinished")
        with open_folder(out) as folder:
            with show_progress() as advance, open_executor(workers) as executor:
                frame = run_sweep(task, pieces, seed, all_targets, executor, advance, method)
            write_table(frame, folder / "sweep.csv")
            inputs = [task.path, *task.model.files, *task.scenario.files]
            write_manifest(folder, {"command": ["sim", *sys.argv[1:]], "seed": seed, **describe_origin(inputs)})
        finish_sweep(pieces)
        print_sweep(task, frame)
        click.echo(f"{len(task.settings)} cases in {Path(out) / 'sweep.csv'}")
