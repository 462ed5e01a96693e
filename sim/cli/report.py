"""`sim report`."""

from __future__ import annotations

import sys

import click

from sim.cli.options import force_option, read_inputs, report_faults, run_options

__all__ = ["report"]

_SETTINGS = ("plan_folder", "method", "n_paths", "tolerance", "seed", "calibrations")


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
    plan_folder: str,
    method: str,
    n_paths: int | None,
    tolerance: float | None,
    workers: str | None,
    seed: int,
    calibrations: int,
    force: bool,
) -> None:
    """One HTML file of odds, charts, assumptions and trust, to mail and to open without a network.

    A RUN is a folder that `sim run` wrote: it is run again as its manifest says. A SCENARIO is a shipped name, a file,
    or several joined by "+"; none means all shipped ones.
    """
    with report_faults():
        from sim.analysis.repeat import find_run, repeat
        from sim.engine.executors import open_executor
        from sim.engine.run import run
        from sim.views.page import check_report, write_report
        from sim.views.terminal.tables import show_progress

        check_report(out, force)
        folder = find_run(given)
        if folder is not None:
            _refuse_settings(context)
            with show_progress() as advance, open_executor(workers) as executor:
                result = repeat(folder, advance, executor)
        else:
            model, chosen = read_inputs(plan_folder, given, n_paths)
            with show_progress() as advance, open_executor(workers) as executor:
                result = run(
                    model,
                    chosen,
                    n_paths=n_paths,
                    seed=seed,
                    n_calibrations=calibrations,
                    advance=advance,
                    method=method,
                    tolerance=tolerance,
                    executor=executor,
                )
        path = write_report(result, out, lang, ["sim", *sys.argv[1:]], force=force)
        click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def _refuse_settings(context: click.Context) -> None:
    """Refuse options that a finished run has already settled."""
    from sim.errors import Fault, InputError

    names = {parameter.name: parameter.opts[0] for parameter in context.command.params}
    source = click.core.ParameterSource.COMMANDLINE
    settled = [names[name] for name in _SETTINGS if context.get_parameter_source(name) == source]
    if settled:
        problem = "a run's folder says this itself"
        raise InputError([Fault(option, 0, 0, problem, "leave it out, or name scenarios") for option in settled])
