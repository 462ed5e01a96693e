"""`sim sweep`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import (
    executor_option,
    force_option,
    load_told,
    plans_option,
    report_faults,
    seed_option,
    tell_unused_figures,
    tell_warnings,
)
from sim.errors import try_all

if TYPE_CHECKING:
    from sim.model.model import Model

__all__ = ["sweep"]


@click.command(epilog="Example: sim sweep sweep.yaml --out sweep")
@click.argument("file", metavar="SWEEP.yaml")
@plans_option
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
    file: str,
    plans: tuple[str, ...],
    seed: int,
    out: str,
    all_targets: bool,
    method: str,
    workers: str | None,
    force: bool,
) -> None:
    """Odds under every case of SWEEP.yaml: a grid, a list or a Latin hypercube over any numbers of a scenario.

    Over several plans each has the same cases, in one table. A sweep that was stopped goes on where it was when it is
    called again.
    """
    with report_faults():
        from sim.analysis.sweep.design import Sweep, read_sweep, read_sweeps
        from sim.analysis.sweep.running import finish_sweep, run_sweep
        from sim.engine.executors import open_executor
        from sim.inputs.files.folders import list_others, name_beside, open_folder
        from sim.inputs.plan.reading import find_plans
        from sim.results.manifest import describe_origin, write_manifest
        from sim.results.tables import write_table
        from sim.views.terminal.sweep import print_sweep, print_sweeps
        from sim.views.terminal.tables import show_progress

        places = find_plans(plans)
        models = try_all(*(partial(_load, place) for place in places))
        one = places == [*plans] and len(places) == 1
        task = read_sweep(file, models[0]) if one else read_sweeps(file, models)
        sweeps = (task,) if isinstance(task, Sweep) else task
        for each in models:
            tell_unused_figures(each.plan)
        tell_warnings(question for each in sweeps for question in each.warnings)
        pieces = name_beside(out, ".unfinished")
        with open_folder(out, result="sweep", force=force) as folder:
            with show_progress("cases") as advance, open_executor(workers) as executor:
                frame = run_sweep(task, pieces, seed, all_targets, executor, advance, method)
            write_table(frame, folder / "sweep.csv")
            used = [path for each in sweeps for path in (*each.model.files, *each.scenario.files)]
            inputs = [Path(file), *dict.fromkeys(used)]
            write_manifest(folder, {"command": ["sim", *sys.argv[1:]], "seed": seed, **describe_origin(inputs)})
        finish_sweep(pieces)
        if isinstance(task, Sweep):
            print_sweep(task, frame)
        else:
            print_sweeps(task, frame)
        others = list_others(out)
        click.echo(f"{sum(len(each.settings) for each in sweeps)} cases in {Path(out) / 'sweep.csv'}")
        if others:
            click.echo(f"left alone in {out}: {others}")


def _load(place: str) -> Model:
    from sim.inputs.plan.reading import read_plan

    return load_told(read_plan(place))
