"""`sim misses`."""

from __future__ import annotations

import click

from sim.cli.options import report_faults
from sim.cli.requests import Question, question_options

__all__ = ["misses"]


@click.command(epilog="Example: sim misses gdp --scenario export-slump --out misses")
@click.argument("target")
@click.option("--scenario", default="baseline", show_default=True, metavar="NAME", help="In which scenario.")
@question_options
def misses(
    target: str,
    scenario: str,
    question: Question,
) -> None:
    """Tell what years that miss TARGET are like, the likeliest way to miss it, and a rule in few words."""
    with report_faults():
        from sim.analysis.misses import describe_misses
        from sim.views.folder import open_answer
        from sim.views.terminal.misses import print_misses

        task = question.prepare([scenario])
        with open_answer(question.out, task) as write:
            found = describe_misses(task, target)
            write({"misses": found.means, "ways": found.ways, "facts": found.facts})
        print_misses(task.model.plan, task.scenarios[0], found)
