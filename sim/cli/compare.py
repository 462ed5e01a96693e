"""`sim compare`."""

from __future__ import annotations

import click

from sim.cli.options import report_faults
from sim.cli.requests import Question, question_options

__all__ = ["compare"]


@click.command(epilog="Example: sim compare baseline external-and-property --by shocks --target gdp --out compared")
@click.argument("before", metavar="SCENARIO_A")
@click.argument("after", metavar="SCENARIO_B")
@click.option(
    "--by",
    type=click.Choice(["shocks", "targets"]),
    multiple=True,
    help="Share the change out among shocks, or that of all headline targets among them.  [default: what can be]",
)
@click.option("--target", "targets", multiple=True, metavar="ID", help="A target or group; again for more.")
@question_options
def compare(
    before: str,
    after: str,
    by: tuple[str, ...],
    targets: tuple[str, ...],
    question: Question,
) -> None:
    """Change of every odds from SCENARIO_A to SCENARIO_B with its paired error, and what makes it."""
    with report_faults():
        from sim.analysis.compare import compare as compare_scenarios
        from sim.inputs.plan.names import recognize_all
        from sim.views.folder import open_answer
        from sim.views.terminal.questions import print_comparison

        same = before == after
        task = question.prepare([before] if same else [before, after])
        first, last = task.scenarios[0].name, task.scenarios[-1].name
        targets = recognize_all(task.model.plan, targets)
        with open_answer(question.out, task) as write:
            found = compare_scenarios(task, first, last, by=by or None, targets=targets or None)
            write({"compare": found.table, "shapley": found.shapley, "lines": found.lines})
        print_comparison(task.model.plan, found, targets)
