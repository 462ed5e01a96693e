"""`sim misses`."""

from __future__ import annotations

import click

from sim.cli.options import question_options, report_faults

__all__ = ["misses"]


@click.command(epilog="Example: sim misses gdp --scenario export-slump --out misses")
@click.argument("target")
@click.option("--scenario", default="baseline", show_default=True, metavar="NAME", help="In which scenario.")
@question_options
def misses(
    target: str,
    scenario: str,
    plan_folder: str,
    method: str,
    tolerance: float | None,
    seed: int,
    calibrations: int,
    out: str | None,
) -> None:
    """Tell what years that miss TARGET are like, the likeliest way to miss it, and a rule in few words."""
    with report_faults():
        from sim.analysis.misses import describe_misses
        from sim.cli.options import prepare_question
        from sim.views.folder import open_answer
        from sim.views.terminal.misses import print_misses

        task = prepare_question(plan_folder, [scenario], method, tolerance, seed, calibrations)
        with open_answer(out, task) as write:
            found = describe_misses(task, target)
            write({"misses": found.means, "ways": found.ways, "facts": found.facts})
        print_misses(task.model.plan, task.scenarios[0], found)
