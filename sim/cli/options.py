"""What the commands share: numbers as people write them, and faults told without a traceback."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.errors import Fault, InputError, tell_faults, try_all
from sim.inputs.bundled import DEFAULT_PLAN

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.errors import SimError
    from sim.inputs.plan.plan import Plan
    from sim.inputs.published.figures import Published
    from sim.inputs.scenario.reading import Scenario
    from sim.model.model import Model

__all__ = [
    "FLAGS",
    "Chance",
    "Count",
    "executor_option",
    "force_option",
    "load_told",
    "plan_option",
    "plans_option",
    "published_options",
    "read_figures",
    "read_inputs",
    "report_faults",
    "report_files",
    "seed_option",
    "speak",
    "tell_namesakes",
    "tell_unused_figures",
    "tell_warnings",
]


FLAGS: Mapping[str, str] = {
    "n_paths": "--paths",
    "method": "--method",
    "tolerance": "--tolerance",
    "seed": "--seed",
    "n_calibrations": "--calibrations",
    "executor": "--executor",
    "outlook": "--outlook",
    "indicator": "--indicator",
    "indicators": "--indicators",
    "first, last": "--from/--to",
    "history": "HISTORY",
    "out": "--out",
    "path": "--out",
    "folder": "--out",
    "workbook": "--excel",
    "met": "--target",
    "missed": "--missed",
    "targets": "--target",
    "by": "--by",
    "target": "TARGET",
    "below": "--below",
    "shock": "--shock",
    "number": "NUMBER",
    "odds": "--odds",
    "scenario": "SCENARIO",
    "before": "SCENARIO_A",
    "after": "SCENARIO_B",
    "which_met": "--which",
    "which_missed": "--which-missed",
    "reading": "--reading",
    "plan": "--plan",
    "published": "--published",
    "as_of": "--as-of",
    "even_so": "--even-so",
    "archive": "--archive",
    "outcomes": "--outcomes",
    "series": "--series",
    "period": "--period",
    "force": "--force",
}
"""Arguments of the library by the flags that stand for them here."""


_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+|[-+]?\d{1,3}(?:_\d{3})+")
"""A number whose thousands are set apart."""


class Count(click.ParamType[int]):
    """A whole number that may be written 1000000, 1_000_000, 1,000,000 or 1e6; 1,5 is none of them."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Convert a text to the number that it means."""
        text = str(value).strip()
        if _GROUPED.fullmatch(text):
            text = text.replace(",", "").replace("_", "")
        try:
            if "_" in text:
                raise ValueError  # Python would read 1_5 as 15
            number = int(text) if text.lstrip("-").isdigit() else float(text)
        except ValueError:
            self.fail(f"'{value}' is not a number; write 200000 or 2e5", param, ctx)
        if number != number or number in (float("inf"), float("-inf")) or number != int(number):
            self.fail(f"'{value}' is not a whole number; write 200000 or 2e5", param, ctx)
        return int(number)


class Chance(click.ParamType[float]):
    """A probability, as a share; what is in per cent is told how to write it."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Convert a text to the number that it means."""
        text = str(value).strip()
        try:
            return float(text)
        except ValueError:
            percent = re.fullmatch(r"(\d+(?:\.\d+)?)\s*[%％]", text)
            mend = f"{float(percent[1]) / 100:g}" if percent else "a share such as 0.1"
            self.fail(f"'{value}' is not a number; write {mend}", param, ctx)


@contextmanager
def report_faults() -> Iterator[None]:
    """Print faults on stderr, each on a line, and exit with code 2; no traceback. Questions are lines, too."""
    from sim.errors import QuestionWarning, SimError

    with warnings.catch_warnings():
        warnings.simplefilter("always", QuestionWarning)
        show = warnings.showwarning
        warnings.showwarning = lambda message, category, *where: (
            _tell(str(message)) if issubclass(category, QuestionWarning) else show(message, category, *where)
        )
        try:
            yield
        except SimError as error:
            click.echo(speak(error), err=True)
            sys.exit(2)


def _tell(question: str) -> None:
    """Print a question on stderr as a line, unless it was printed before; flags in place of arguments."""
    context = click.get_current_context(silent=True)
    told = set[str]() if context is None else context.meta.setdefault("sim.told", set())
    if question not in told:
        told.add(question)
        first, colon, rest = question.partition(":")
        click.echo(f"warning: {FLAGS.get(first, first)}{colon}{rest}", err=True)


def speak(error: SimError) -> str:
    """Word an error for the terminal: flags in place of arguments.

    Examples
    --------
    >>> from sim.errors import blame
    >>> speak(InputError([blame("method", "needs paths", 'write `method="auto"`')]))
    '--method: needs paths; write --method auto'
    """
    if isinstance(error, InputError):
        told = (replace(fault, file=FLAGS.get(fault.file, fault.file)) for fault in error.faults if fault.is_argument)
        others = (fault for fault in error.faults if not fault.is_argument)
        words = "\n".join(tell_faults(sorted([*told, *others])))
    else:
        flag = FLAGS.get(getattr(error, "argument", ""), "")
        words = f"{flag} {error}".strip()
    return _ADVICE.sub(_name_flag, words)


_ADVICE = re.compile(r"`(\w+)(?:=([^`]+))?`")
"""How the library advises an argument: `n_paths=200_000`."""


def _name_flag(found: re.Match[str]) -> str:
    flag, value = FLAGS.get(found[1]), found[2]
    if flag is None:
        return found[0]
    return f"{flag} {value.strip(chr(34))}" if value and value != "True" else flag


def report_files(count: int, out: str, lang: str = "en") -> None:
    """Print how many files an output folder has been given, and what else stands in it."""
    from sim.inputs.files.folders import list_others
    from sim.views.terminal.closing import say_files

    click.echo(say_files(count, out, list_others(out)).pick(lang))


force_option = click.option(
    "--force", is_flag=True, help="Replace files that are not, or no longer, as this program wrote them."
)


seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=2024, show_default=True, help="Same seed, same numbers."
)


executor_option = click.option(
    "--executor", "workers", metavar="NAME", help="Who else works: threads, processes:4, dask://HOST:PORT."
)


def _tell_plan(context: click.Context, parameter: click.Parameter, name: str) -> str:
    """Say which plan is meant where a folder of the same name lies here."""
    from sim.inputs.bundled import exists, list_plans

    given = parameter.name and context.get_parameter_source(parameter.name) is click.core.ParameterSource.COMMANDLINE
    if given and name in list_plans() and exists(Path(name)):
        click.echo(f"--plan {name}: the shipped plan; what lies here is --plan ./{name}", err=True)
    return name


def tell_namesakes(names: Sequence[str], plan_folder: Path) -> None:
    """Say which scenario is meant by a name where a file of the same name lies in the current folder."""
    from sim.inputs.bundled import exists, find_scenario
    from sim.inputs.scenario.inheritance import split_composition

    for name in dict.fromkeys(part for each in names for part in split_composition(each, plan_folder)):
        here, found = Path(f"{name}.yaml"), find_scenario(name, plan_folder=plan_folder)
        if exists(here) and found.resolve() != here.resolve():
            click.echo(f"{name}: the scenario that comes with the plan; the file here is {here}", err=True)


plan_option = click.option(
    "--plan",
    "plan_folder",
    default=DEFAULT_PLAN,
    show_default=True,
    callback=_tell_plan,
    help="A folder of tables, a workbook of them, or a shipped plan.",
)


plans_option = click.option(
    "--plan",
    "plans",
    multiple=True,
    default=[DEFAULT_PLAN],
    show_default=True,
    callback=lambda context, parameter, names: tuple(_tell_plan(context, parameter, name) for name in names),
    help="As elsewhere; several, one by one or as a pattern in quotes, such as 'counties/*'.",
)


def tell_unused_figures(plan: Plan) -> None:
    """Say that a question is asked of the year as it was foreseen, where the plan's folder holds figures of it."""
    from sim.inputs.published.reading import read_published

    if figures := read_published(plan):
        click.echo(f"this answer knows none of the {len(figures)} figures in {figures.files[0].name}", err=True)


def published_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of published figures: `--published`, `--as-of`, `--even-so`."""
    options = (
        click.option(
            "--published",
            "published",
            metavar="FILE",
            help="Figures of the year that are known: a file, a shipped example, or none.  [default: the plan's own]",
        ),
        click.option("--as-of", metavar="DATE", help="Only figures published by that day, such as 2024-07-31."),
        click.option("--even-so", is_flag=True, help="Go on where figures are once in a million years of the model."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def read_figures(plan: Plan, published: str | None, as_of: str | None) -> Published:
    """Read the published figures of a plan that were known on a day."""
    from sim.inputs.published.reading import read_published

    figures = read_published(plan, published)
    tell_warnings(figures.warnings)
    if as_of is None:
        return figures
    known = figures.as_of(as_of)
    if figures and not known:
        click.echo(f"none of the published figures was known on {as_of}: odds are those of the year's start", err=True)
    return known


def read_inputs(plan_folder: str, scenarios: Sequence[str], n_paths: int | None) -> tuple[Model, list[Scenario]]:
    """Read the model and the scenarios of a run.

    Parameters
    ----------
    plan_folder : str
    scenarios : sequence of str
        None means all of the plan's.
    n_paths : int, optional
        Checked with them, so that the faults of all are told at once.

    Returns
    -------
    model : Model
    scenarios : list of Scenario

    Raises
    ------
    InputError
        With every fault.
    """
    from sim.inputs.plan.reading import read_plan
    from sim.inputs.scenario.reading import read_scenarios
    from sim.results.settings import check_paths

    plan = read_plan(plan_folder)
    tell_namesakes(scenarios, plan.folder)
    model, chosen, _ = try_all(
        lambda: load_told(plan),
        lambda: read_scenarios(scenarios, plan),
        lambda: None if n_paths is None else check_paths(n_paths, plan),
    )
    tell_warnings([*plan.warnings, *(each for scenario in chosen for each in scenario.warnings)])
    return model, chosen


def load_told(plan: Plan) -> Model:
    """Load the model of a plan, and tell on stderr where its calibration no longer held and was fitted anew."""
    from sim.learning.loading import load_model

    model = load_model(plan)
    tell_warnings(model.warnings)
    return model


def tell_warnings(found: Iterable[Fault]) -> None:
    """Print warnings on stderr, each as a line and once: what looks wrong but was kept."""
    for each in sorted(set(found)):
        _tell(str(each))
