"""`sim stress`."""

from __future__ import annotations

import click

from sim.cli.options import Chance, report_faults
from sim.cli.requests import Question, question_options

__all__ = ["stress"]


@click.command(epilog="Example: sim stress gdp --below 0.1 --scenario export-slump")
@click.argument("target")
@click.option("--below", type=Chance(), required=True, help="Odds to come down to, between 0 and 1.")
@click.option("--scenario", default="export-slump", show_default=True, metavar="NAME", help="Whose shocks to change.")
@click.option("--shock", metavar="NAME", help="The only shock to change.  [default: each in turn]")
@click.option(
    "--by",
    type=click.Choice(["size", "probability", "together"]),
    multiple=True,
    help="One shock larger, one likelier, or all at once; again for more.  [default: all three]",
)
@question_options
def stress(
    target: str,
    below: float,
    scenario: str,
    shock: str | None,
    by: tuple[str, ...],
    question: Question,
) -> None:
    """Find the mildest shocks that bring the odds of TARGET down, and how rare they are.

    TARGET is a target, such as gdp, one with a number of your own, such as gdp:5.0, or a group.
    """
    with report_faults():
        from sim.analysis.stress import WAYS, find_stress
        from sim.views.folder import open_answer
        from sim.views.terminal.questions import print_stress

        task = question.prepare([scenario])
        with open_answer(question.out, task) as write:
            table = find_stress(task, target, below, shock=shock, by=by or WAYS)
            write({"stress": table})
        print_stress(task.model.plan, task.scenarios[0], table)
