"""`sim probability`."""

from __future__ import annotations

import click

from sim.cli.options import report_faults
from sim.cli.requests import Question, question_options

__all__ = ["probability"]


@click.command(epilog="Example: sim probability export-slump --target gdp:5.0 --target retail_sales --missed headline")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option(
    "--target",
    "met",
    multiple=True,
    required=True,
    metavar="ID[:NUMBER]",
    help="A target, with a number of your own (gdp:5.0; a milestone with a quarter), or a group; again for more.",
)
@click.option("--missed", multiple=True, metavar="ID[:NUMBER]", help="Given that this is missed; again for more.")
@click.option(
    "--which",
    type=click.Choice(["all", "any"]),
    default="all",
    show_default=True,
    help="Whether all of --target are met, or any.",
)
@click.option(
    "--which-missed",
    type=click.Choice(["all", "any"]),
    default="any",
    show_default=True,
    help="Whether all of --missed are missed, or any.",
)
@click.option("--reading", default="printed", show_default=True, help="Or stated, tolerance, or a quarter: Q1, H1, ...")
@question_options
def probability(
    scenarios: tuple[str, ...],
    met: tuple[str, ...],
    missed: tuple[str, ...],
    which: str,
    which_missed: str,
    reading: str,
    question: Question,
) -> None:
    """Odds of targets with numbers of your own, together, or given that others are missed.

    A SCENARIO is a shipped name, a file, or several joined by "+"; none means all shipped ones.
    """
    with report_faults():
        from sim.analysis.probability import probability as measure
        from sim.views.folder import open_answer
        from sim.views.terminal.questions import print_probability

        task = question.prepare(scenarios)
        with open_answer(question.out, task) as write:
            table = measure(task, met, missed or None, which_met=which, which_missed=which_missed, reading=reading)
            write({"probability": table})
        print_probability(task.model.plan, table)
