"""`sim promise`."""

from __future__ import annotations

import click

from sim.cli.options import Chance, report_faults
from sim.cli.requests import Question, question_options

__all__ = ["promise"]


@click.command(epilog="Example: sim promise --odds 0.7 --target gdp --target retail_sales")
@click.argument("scenario", default="baseline")
@click.option("--odds", multiple=True, type=Chance(), help="Between 0 and 1; again for more.  [default: 0.5, 0.7, 0.9]")
@click.option("--target", "targets", multiple=True, metavar="ID", help="A target or group.  [default: the headline]")
@question_options
def promise(
    scenario: str,
    odds: tuple[float, ...],
    targets: tuple[str, ...],
    question: Question,
) -> None:
    """Find the number that could have been promised at given odds, alone and together."""
    with report_faults():
        from sim.analysis.promise import ODDS
        from sim.analysis.promise import promise as find_numbers
        from sim.views.folder import open_answer
        from sim.views.terminal.questions import print_promise

        task = question.prepare([scenario])
        with open_answer(question.out, task) as write:
            table = find_numbers(task, odds or ODDS, targets=targets or None)
            write({"promise": table})
        print_promise(task.model.plan, table)
