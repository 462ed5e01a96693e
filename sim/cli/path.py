"""`sim path`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.options import Count, plan_option, published_options, report_faults, seed_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.analysis.replay import Replay
    from sim.engine.tasks import RunTask

__all__ = ["path"]


@click.command(epilog="Example: sim path 48213 --scenario baseline --scenario export-slump --of gdp")
@click.argument("number", required=False, type=Count())
@click.option("--like", metavar="RULE", help="median, first-miss or worst-gdp, in place of a number.")
@click.option("--scenario", "scenarios", multiple=True, metavar="NAME", help="Again for more.  [default: baseline]")
@click.option("--of", "subjects", multiple=True, metavar="ID", help="Indicators and deliveries to show.")
@plan_option
@seed_option
@published_options
@click.option("--out", metavar="DIR", help="Folder for tables, fan and manifest.  [default: none is written]")
@click.option("--charts/--no-charts", default=True, show_default=True, help="Whether to draw it into the fan.")
def path(
    number: int | None,
    like: str | None,
    scenarios: tuple[str, ...],
    subjects: tuple[str, ...],
    plan_folder: str,
    seed: int,
    published: str | None,
    as_of: str | None,
    even_so: bool,
    out: str | None,
    charts: bool,
) -> None:
    """Replay path NUMBER of a run: its quarters, shocks, deliveries and targets."""
    with report_faults():
        from sim.analysis.replay import replay
        from sim.cli.requests import prepare_question
        from sim.errors import InputError, Place, find_unknown
        from sim.inputs.plan.names import recognize_all
        from sim.results.settings import RunSettings
        from sim.views.folder import open_answer
        from sim.views.terminal.questions import print_path

        if (number is None) == (like is None):
            raise InputError([Place("NUMBER").fault("either a path or a rule is due", "write 48213, or --like median")])
        asked = RunSettings(seed=seed, n_calibrations=0)
        task = prepare_question(plan_folder, scenarios or ["baseline"], asked, published, as_of, even_so)
        plan = task.model.plan
        known = [*(each.id for each in plan.indicators), *task.model.delivery_law.ids]
        subjects = recognize_all(plan, subjects)
        faults = [*find_unknown({each: Place("--of") for each in subjects}, known, "no indicator or delivery '{}'")]
        if faults:
            raise InputError(faults)
        with open_answer(out, task) as write:
            found = replay(task, like or number or 0)
            write(
                {"path": found.quarters, "shocks": found.shocks, "targets": found.targets},
                _draw(task, found, subjects) if out and charts else {},
            )
        print_path(plan, found, subjects)


def _draw(task: RunTask, found: Replay, subjects: Sequence[str]) -> dict[str, bytes]:
    """Draw the path into the fans of its first scenario: of the indicators that were asked for, or of the first."""
    from sim.engine.run import run
    from sim.views.charts import plot_fan
    from sim.views.charts.saving import draw_file

    indicators = [each.id for each in task.model.plan.indicators]
    chosen = [name for name in subjects if name in indicators] or indicators[:1]
    result = run(
        task.model,
        task.scenarios[0],
        seed=task.settings.seed,
        n_calibrations=0,
        published=task.published,
        even_so=task.even_so,
    )
    return {
        f"fan-{name}.{ending}": draw_file(plot_fan(result.attainments[0], name, path=found), ending)
        for name in chosen
        for ending in ("png", "svg")
    }
