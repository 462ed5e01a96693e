"""`sim chart`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    Count,
    force_option,
    load_told,
    plan_option,
    published_options,
    read_figures,
    report_faults,
    seed_option,
    tell_namesakes,
)
from sim.errors import try_all
from sim.views.charts.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from sim.inputs.plan.plan import Plan
    from sim.views.charts.registry import Chart

__all__ = ["chart"]

_MOST = {"none": 0, "one": 1, "many": None}  # scenarios that a chart shows of those that nobody named


class _Listing(click.Command):
    """A command whose help lists the charts there are."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each chart with the first sentence of its docstring, then the example."""
        from sim.views.charts.catalogue import CHARTS

        with formatter.section("Charts"):
            formatter.write_dl([(each.name, each.summary) for each in CHARTS.values()])
        super().format_epilog(ctx, formatter)


@click.command(cls=_Listing, epilog="Example: sim chart fan --of gdp --scenario export-slump --lang zh --format svg")
@click.argument("name")
@click.option("--of", "subject", metavar="ID", help="Indicator, target or delivery it is about.  [default: the first]")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME",
    help="A shipped name, a file, or several joined by '+'; again for more.  [default: all, or the baseline]",
)
@plan_option
@published_options
@click.option("--paths", "n_paths", type=Count(), help="Number of paths.  [default: as many as sim run takes]")
@seed_option
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of all words.")
@click.option("--format", "file_format", type=click.Choice([*FORMATS]), help="[default: as --out ends, else png]")
@click.option("--archive", "folder", metavar="DIR", help="Of chart odds-over-year: what to draw, in place of a run.")
@click.option("--out", metavar="FILE", help="File to write.  [default: NAME-SCENARIO.png, here]")
@force_option
def chart(
    name: str,
    subject: str | None,
    scenarios: tuple[str, ...],
    plan_folder: str,
    published: str | None,
    as_of: str | None,
    even_so: bool,
    n_paths: int | None,
    seed: int,
    lang: str,
    file_format: str | None,
    folder: str | None,
    out: str | None,
    force: bool,
) -> None:
    """Draw chart NAME into one file."""
    with report_faults():
        if folder is not None:
            _draw_archive(name, folder, plan_folder, subject, scenarios, lang, file_format, out, force)
            return
        from sim.engine.run import run as run_scenarios
        from sim.inputs.files.writing import check_file
        from sim.inputs.plan.reading import read_plan
        from sim.inputs.scenario.reading import read_scenarios
        from sim.results.settings import check_paths
        from sim.views.charts.catalogue import CHARTS, plot_chart

        wanted, ending, _ = try_all(
            lambda: _find_chart(name),
            lambda: _choose_ending(out, file_format),
            lambda: _check_number(name, scenarios),
        )
        plan = read_plan(plan_folder)
        tell_namesakes(scenarios, plan.folder)
        model, chosen, of, figures, _ = try_all(
            lambda: load_told(plan),
            lambda: read_scenarios(scenarios, plan)[: _MOST[wanted.scenarios]],
            lambda: _choose_subject(plan, name, wanted, subject),
            lambda: read_figures(plan, published, as_of),
            lambda: None if n_paths is None else check_paths(n_paths, plan),
        )
        path = Path(out) if out else _name_file(name, subject and of, [each.name for each in chosen], ending)
        check_file(path, force=force)
        spread = 32 if wanted is CHARTS["all-odds"] else 0
        result = None
        if chosen:
            settled: dict[str, Any] = {"n_paths": n_paths, "seed": seed, "n_calibrations": spread}
            result = run_scenarios(model, chosen, published=figures, even_so=even_so, **settled)
        _write(path, lambda: plot_chart(name, result, of, lang), ending, force)
        click.echo(f"written to {path}")


def _find_chart(name: str) -> Chart:
    from sim.errors import InputError, Place, find_unknown
    from sim.views.charts.catalogue import CHARTS

    faults = [*find_unknown({name: Place("NAME")}, list(CHARTS), "no chart '{}'")]
    if faults:
        raise InputError(faults)
    return CHARTS[name]


def _choose_ending(out: str | None, file_format: str | None) -> str:
    """Choose the format of the file: as asked for, as its name ends, or PNG; the first two may not differ."""
    from sim.errors import Fault, InputError

    ending = Path(out or "").suffix.lower().removeprefix(".")
    allowed = "allowed: " + ", ".join(f".{each}" for each in FORMATS)
    if out and ending not in FORMATS:
        raise InputError([Fault("--out", 0, 0, f"'{out}' does not end in a format", allowed)])
    if ending and file_format and ending != file_format:
        raise InputError([Fault("--out", 0, 0, f"'{out}' is not {file_format}", f"write .{file_format} or drop one")])
    return file_format or ending or "png"


def _check_number(name: str, scenarios: Sequence[str]) -> None:
    """Refuse several scenarios for a chart that shows one or none."""
    from sim.errors import Fault, InputError
    from sim.views.charts.catalogue import CHARTS

    shown = CHARTS[name].scenarios if name in CHARTS else "many"
    if shown != "many" and len(scenarios) > (shown == "one"):
        problem = f"{len(scenarios)} given, but chart '{name}' shows {shown}"
        raise InputError([Fault("--scenario", 0, 0, problem, "name one" if shown == "one" else "leave it out")])


def _choose_subject(plan: Plan, name: str, wanted: Chart, subject: str | None) -> str | None:
    from sim.errors import Fault, InputError, Place, find_unknown
    from sim.inputs.plan.names import recognize
    from sim.views.charts.catalogue import list_subjects

    valid = list_subjects(plan, wanted)
    if subject is None and wanted.subject and not valid:
        raise InputError([Fault("NAME", 0, 0, f"plan '{plan.name}' has no {wanted.subject} for chart '{name}'")])
    if subject is None:
        return None
    if not wanted.subject:
        raise InputError([Fault("--of", 0, 0, f"chart '{name}' is about the whole plan", "leave --of out")])
    subject = recognize(plan, subject)
    faults = [*find_unknown({subject: Place("--of")}, valid, f"no {wanted.subject} '{{}}'")]
    if faults:
        raise InputError(faults)
    return subject


def _name_file(name: str, subject: str | None, scenarios: Sequence[str], ending: str) -> Path:
    """Name the file `<chart>-<scenario>`, with a subject that was asked for between, without many scenarios."""
    parts = [name, *([subject] if subject else []), *(scenarios if len(scenarios) == 1 else [])]
    return Path(f"{'-'.join(parts)}.{ending}")


def _draw_archive(
    name: str,
    folder: str,
    plan_folder: str,
    subject: str | None,
    scenarios: Sequence[str],
    lang: str,
    file_format: str | None,
    out: str | None,
    force: bool,
) -> None:
    """Draw the odds of an archive over the year."""
    from sim.errors import Fault, InputError
    from sim.inputs.files.writing import check_file
    from sim.inputs.plan.reading import read_plan
    from sim.results.archive import read_archive
    from sim.views.charts.odds_over_year import plot_odds_over_year

    if name != "odds-over-year":
        raise InputError(
            [Fault("--archive", 0, 0, f"chart '{name}' shows a run", "draw odds-over-year, or leave it out")]
        )
    if subject is not None:
        raise InputError([Fault("--of", 0, 0, f"chart '{name}' is about the whole plan", "leave --of out")])
    ending, _ = try_all(lambda: _choose_ending(out, file_format), lambda: _check_number(name, scenarios))
    found, plan = try_all(lambda: read_archive(folder), lambda: read_plan(plan_folder))
    if plan.name != found.plan:
        problem = f"the archive is of {found.plan}, not of {plan.name}"
        raise InputError([Fault("--plan", 0, 0, problem, "name that plan")])
    path = Path(out) if out else _name_file(name, None, scenarios, ending)
    check_file(path, force=force)
    scenario = scenarios[0] if scenarios else None
    _write(path, lambda: plot_odds_over_year(found, plan, scenario, lang=lang), ending, force)
    click.echo(f"written to {path}")


def _write(path: Path, plot: Callable[[], Axes], ending: str, force: bool) -> None:
    import warnings

    from sim.errors import Fault, InputError
    from sim.inputs.files.writing import write_file
    from sim.views.charts.saving import draw_file

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            content = draw_file(plot(), ending)
        except ValueError as error:
            raise InputError([Fault("sim chart", 0, 0, str(error))]) from None
    for message in dict.fromkeys(str(each.message) for each in caught if issubclass(each.category, UserWarning)):
        click.echo(message, err=True)
    write_file(path, content, force=force)
