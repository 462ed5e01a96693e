"""`sim report`."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import force_option, report_faults
from sim.cli.requests import RunRequest, run_options

if TYPE_CHECKING:
    from sim.analysis.suspense import Suspense
    from sim.results.run import Run

__all__ = ["report"]

_SETTINGS = ("plan_folder", "method", "n_paths", "tolerance", "seed", "calibrations", "published", "as_of", "even_so")

_SUPPOSED_POINTS = 256
"""Points of a replicate for what a page lets its reader suppose of deliveries before anything is known."""


@click.command(epilog="Example: sim report baseline export-slump --out report.html")
@click.argument("given", nargs=-1, metavar="[RUN|SCENARIO]...")
@click.option("--lang", type=click.Choice(["en", "zh", "both"]), default="both", show_default=True, help="Of the page.")
@click.option("--out", default="report.html", show_default=True, help="The file.")
@run_options
@force_option
@click.pass_context
def report(
    context: click.Context,
    given: tuple[str, ...],
    lang: str,
    out: str,
    request: RunRequest,
    force: bool,
) -> None:
    """One HTML file of odds, charts, assumptions and trust, to mail and to open without a network.

    A RUN is a folder that `sim run` wrote: it is run again as its manifest says. A SCENARIO is a shipped name, a file,
    or several joined by "+"; none means all shipped ones.
    """
    with report_faults():
        from sim.analysis.headline_answers import answer_headline
        from sim.analysis.repeat import find_run, repeat
        from sim.engine.executors import open_executor
        from sim.views.page import check_report, write_report
        from sim.views.terminal.tables import show_progress

        check_report(out, force)
        folder = find_run(given)
        if folder is not None:
            _refuse_settings(context)
            with show_progress("again") as advance, open_executor(request.workers) as executor:
                result = repeat(folder, advance, executor)
        else:
            result = request.carry_out(*request.read(given))
        command = ["sim", *sys.argv[1:]]
        suspense, answers = _look_ahead(result), answer_headline(result)
        told: dict[str, Any] = {"suspense": suspense, "answers": answers, "made": date.today()}
        path = write_report(result, out, lang, command, force=force, **told)
        click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def _look_ahead(result: Run) -> Suspense | None:
    """Look at what may be printed next: all of it once figures are known, else for what deliveries may have brought."""
    from sim.analysis.suspense import list_releases, measure_suspense
    from sim.engine.exact.odds import explain_paths
    from sim.errors import InputError
    from sim.inputs.published.figures import Published

    model, known, settings = result.model, result.published, result.settings
    try:
        releases = list_releases(model, known or Published(year=model.plan.year))
    except InputError:
        return None
    plain = [each for each in result.scenarios if not (each.judgements or each.has_rules)]
    exact = [each for each in plain if not explain_paths(model, each)]
    is_asked = known or any(each.is_delivery for each in releases)
    if not exact or not is_asked or model.law.has_spillovers:
        return None
    count = settings.n_points if known else min(settings.n_points, _SUPPOSED_POINTS)
    return measure_suspense(model, exact[0], known, seed=settings.seed, n_points=count, even_so=True)  # the run stands


def _refuse_settings(context: click.Context) -> None:
    """Refuse options that a finished run has already settled."""
    from sim.errors import Fault, InputError

    names = {parameter.name: parameter.opts[0] for parameter in context.command.params}
    source = click.core.ParameterSource.COMMANDLINE
    settled = [names[name] for name in _SETTINGS if context.get_parameter_source(name) == source]
    if settled:
        problem = "a run's folder says this itself"
        raise InputError([Fault(option, 0, 0, problem, "leave it out, or name scenarios") for option in settled])
