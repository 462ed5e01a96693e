"""The terminal: `sim run`, `sim backtest`, `sim calibrate`, `sim lint`, `sim show`, `sim targets`, `sim schema`.

Imports are inside the commands, so that `sim --help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim import __version__
from sim.shipped import DEFAULT_PLAN, exists

if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = ["main"]

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Count(click.ParamType[int]):
    """A whole number that may be written 1000000, 1_000_000, 1,000,000 or 1e6."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).replace(",", "").replace("_", "")
        try:
            number = int(text) if text.lstrip("-").isdigit() else float(text)
        except ValueError:
            self.fail(f"'{value}' is not a number; write 200000 or 2e5", param, ctx)
        if number != number or number in (float("inf"), float("-inf")) or number != int(number):
            self.fail(f"'{value}' is not a whole number; write 200000 or 2e5", param, ctx)
        return int(number)


@contextmanager
def _report_faults() -> Iterator[None]:
    """Faults on stderr, one a line, and exit code 2; no traceback."""
    from sim.errors import SimError

    try:
        yield
    except SimError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


@click.group(context_settings=_SETTINGS, epilog="Example: sim run")
@click.version_option(__version__, prog_name="sim")
def main() -> None:
    """Odds of meeting the targets of a plan, and the shocks under which they break.

    Without further words, the plan is Qingdao's for 2024 and the scenarios are the shipped ones.
    """


def _plan_option(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--plan", "plan_folder", default=DEFAULT_PLAN, show_default=True, help="A folder of tables, or a shipped plan."
    )(command)


@main.command(epilog="Example: sim run baseline export-slump+property-slide --paths 1e6 --out out")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@_plan_option
@click.option("--paths", "n_paths", type=_Count(), default="200000", show_default=True, help="Number of paths.")
@click.option("--seed", type=click.IntRange(min=0), default=2024, show_default=True, help="Same seed, same numbers.")
@click.option("--out", default="out", show_default=True, help="Folder for tables, charts and manifest.")
@click.option(
    "--calibrations",
    type=click.IntRange(min=0, max=1000),
    default=24,
    show_default=True,
    help="Redrawn for the second error bar.",
)
@click.option("--charts/--no-charts", default=True, show_default=True, help="Whether to draw charts.")
def run(
    scenarios: tuple[str, ...], plan_folder: str, n_paths: int, seed: int, out: str, calibrations: int, charts: bool
) -> None:
    """Odds of every target under each SCENARIO, as a table here and as files in --out.

    A SCENARIO is a shipped name, a file, or several joined by "+"; none means all shipped ones.
    """
    with _report_faults():
        from sim.model import calibrate
        from sim.plan import read_plan
        from sim.records import open_folder, write_run
        from sim.runs import check_paths
        from sim.runs import run as run_scenarios
        from sim.scenario import read_scenarios
        from sim.terminal import print_run, show_progress

        plan = read_plan(plan_folder)
        model, _, chosen = _try_all(
            lambda: calibrate(plan), lambda: check_paths(n_paths, plan), lambda: read_scenarios(scenarios, plan)
        )
        with open_folder(out) as folder:
            with show_progress(n_paths) as advance:
                result = run_scenarios(model, chosen, n_paths, seed, calibrations, advance)
            files = write_run(result, folder, ["sim", *sys.argv[1:]], charts)
            count = len(files)
        print_run(result)
        click.echo(f"{count} files in {out}")


def _try_all(*tasks: Callable[[], Any]) -> list[Any]:
    """What each task gives; if any finds faults, the faults of all."""
    from sim.errors import Fault, InputError

    given, faults = [], list[Fault]()
    for task in tasks:
        try:
            given.append(task())
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return given


@main.command(epilog="Example: sim lint scenarios/export-slump.yaml seeds/qingdao-2024")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_plan_option
def lint(files: tuple[str, ...], plan_folder: str) -> None:
    """Check scenarios, calibrations (calibration*, prior*) and plan folders; name every fault of every FILE."""
    with _report_faults():
        from sim.calibration import read_calibration, read_prior
        from sim.plan import read_plan
        from sim.scenario import read_scenario

        plan = read_plan(plan_folder)

        def check(file: str) -> None:
            path = Path(file)
            if exists(path) and path.is_dir():
                own = read_plan(file)
                read_calibration(own.folder / "calibration.yaml", own)
            elif path.name.startswith("calibration"):
                read_calibration(file, plan)
            elif path.name.startswith("prior"):
                read_prior(file, plan)
            else:
                read_scenario(file, plan)

        _try_all(*(partial(check, file) for file in files))
        click.echo(f"{len(files)} checked, no faults")


@main.command(epilog="Example: sim show export-slump+property-slide")
@click.argument("file")
@_plan_option
def show(file: str, plan_folder: str) -> None:
    """Print the scenario of FILE as it stands after inheritance and composition."""
    with _report_faults():
        from ruamel.yaml import YAML

        from sim.plan import read_plan
        from sim.scenario import dump_scenario, read_scenario

        read_scenario(file, read_plan(plan_folder))
        yaml = YAML()
        yaml.indent(mapping=2, sequence=4, offset=2)
        yaml.width = 100
        yaml.dump(dump_scenario(file), sys.stdout)


@main.command(epilog="Example: sim targets --group green --kind count")
@_plan_option
@click.option("--group", help="Only of this owner group.")
@click.option("--kind", help="Only of this kind: growth, level, count, multiple, programme, milestone, ...")
@click.option("--find", "words", help="Only with these words in phrase, name or id.")
@click.option("--with-odds/--without-odds", default=None, help="Only those that have odds, or have none.")
def targets(plan_folder: str, group: str | None, kind: str | None, words: str | None, with_odds: bool | None) -> None:
    """Print the targets of a plan, or those that fit the filters."""
    with _report_faults():
        from sim.errors import Fault, InputError, find_nearest
        from sim.plan import CRITERIA, read_plan
        from sim.terminal import print_targets

        chosen = list(read_plan(plan_folder).targets)
        groups = list(dict.fromkeys(target.group for target in chosen))
        for option, value, valid in (("--group", group, groups), ("--kind", kind, list(CRITERIA))):
            if value is not None and value not in valid:
                allowed = "allowed: " + ", ".join(valid)
                raise InputError([Fault(option, 0, 0, f"unknown '{value}'", allowed, find_nearest(value, valid))])
        chosen = [each for each in chosen if group in (None, each.group) and kind in (None, each.kind)]
        if words is not None:
            sought = words.lower()
            chosen = [each for each in chosen if sought in f"{each.id} {each.name_en} {each.phrase}".lower()]
        if with_odds is not None:
            chosen = [each for each in chosen if each.has_odds == with_odds]
        print_targets(chosen)


@main.command(epilog="Example: sim schema > scenarios/scenario.schema.json")
def schema() -> None:
    """Print the JSON Schema of scenario files, by which editors complete and check them."""
    import json

    from sim.schema import describe_schema

    click.echo(json.dumps(describe_schema(), indent=2, ensure_ascii=False))


@main.command(epilog="Example: sim calibrate --plan qingdao-2024 --out calibration.yaml")
@_plan_option
@click.option("--prior", help="Numbers that are not fitted; else prior.yaml of the plan, or the shipped one.")
@click.option("--out", default="calibration.yaml", show_default=True, help="File to write.")
def calibrate(plan_folder: str, prior: str | None, out: str) -> None:
    """Fit the numbers of the model to the plan's own history and outlook, and write them to --out.

    Put the file into the plan's folder as calibration.yaml to use it; every number in it can be overridden there.
    """
    with _report_faults():
        from sim.calibrating import fit_calibration, write_calibration
        from sim.plan import read_plan
        from sim.terminal import print_calibration

        plan = read_plan(plan_folder)
        calibration = fit_calibration(plan, prior)
        write_calibration(calibration, out, plan)
        print_calibration(plan, calibration)
        click.echo(f"written to {out}")


@main.command(epilog="Example: sim backtest history.csv --outlook outlook.csv --from 2014")
@click.argument("history", required=False, metavar="[HISTORY.csv]")
@click.option("--outlook", help="What was expected each January, and announced; none means wider forecasts.")
@click.option("--from", "first", type=int, help="First year to forecast.  [default: the fourth of the table]")
@click.option("--to", "last", type=int, help="Last year to forecast.  [default: the last of the table]")
@click.option("--indicator", help="What to forecast.  [default: gdp, else the commonest]")
@click.option("--out", default="backtest", show_default=True, help="Folder for tables, charts and manifest.")
@click.option("--charts/--no-charts", default=True, show_default=True, help="Whether to draw charts.")
def backtest(
    history: str | None,
    outlook: str | None,
    first: int | None,
    last: int | None,
    indicator: str | None,
    out: str,
    charts: bool,
) -> None:
    """Score the method on past years, each forecast from earlier years only.

    HISTORY.csv has the columns region, year, indicator, target, comparator, outcome, unit, source; without it, the
    shipped history and outlook of Qingdao are used.
    """
    with _report_faults():
        from sim.backtests import backtest as score
        from sim.history import read_history
        from sim.outlook import read_outlook
        from sim.records import open_folder
        from sim.shipped import find_plan
        from sim.terminal import print_backtest
        from sim.trust import warn, write_backtest

        folder = find_plan(DEFAULT_PLAN)
        past = Path(history) if history else folder / "history.csv"
        said = Path(outlook) if outlook else None if history else folder / "outlook.csv"
        rows, expected = read_history(past), read_outlook(said) if said else None
        for line in warn([*rows.warnings, *(expected.warnings if expected else ())]):
            click.echo(line, err=True)
        with open_folder(out) as temporary:
            result = score(rows, expected, indicator, first, last)
            inputs = [past, said] if said else [past]
            count = len(write_backtest(result, temporary, inputs, ["sim", *sys.argv[1:]], charts))
        print_backtest(result)
        click.echo(f"{count} files in {out}")
