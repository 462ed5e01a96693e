"""What commands of the same kind ask for: their options, packed into one argument that knows what to do with them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    Count,
    executor_option,
    plan_option,
    published_options,
    read_figures,
    read_inputs,
    seed_option,
)

if TYPE_CHECKING:
    from sim.engine.tasks import RunTask
    from sim.inputs.published.figures import Published
    from sim.inputs.scenario.reading import Scenario
    from sim.model.model import Model
    from sim.results.run import Run
    from sim.results.settings import RunSettings

__all__ = ["Command", "Question", "RunRequest", "pack", "prepare_question", "question_options", "run_options"]

Command = Callable[..., None]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRequest:
    """What `sim run` and `sim report` ask of a run.

    Attributes
    ----------
    plan_folder : str
    method, n_paths, tolerance, seed, calibrations, even_so
        As for `sim.run`.
    workers : str, optional
        Name of an executor.
    published, as_of : str, optional
        Figures of the year, and the day on which they were known.
    """

    plan_folder: str
    method: str
    n_paths: int | None
    tolerance: float | None
    workers: str | None
    seed: int
    calibrations: int
    published: str | None
    as_of: str | None
    even_so: bool

    def read(self, scenarios: Sequence[str]) -> tuple[Model, list[Scenario], Published]:
        """Read the model, the scenarios and the published figures of the run, with all their faults."""
        model, chosen = read_inputs(self.plan_folder, scenarios, self.n_paths)
        return model, chosen, read_figures(model.plan, self.published, self.as_of)

    def carry_out(self, model: Model, scenarios: Sequence[Scenario], figures: Published) -> Run:
        """Run the scenarios, and show how far that is."""
        from sim.engine.executors import open_executor
        from sim.engine.run import run
        from sim.views.terminal.tables import show_progress

        with show_progress() as advance, open_executor(self.workers) as executor:
            return run(
                model,
                scenarios,
                n_paths=self.n_paths,
                seed=self.seed,
                n_calibrations=self.calibrations,
                advance=advance,
                method=self.method,
                tolerance=self.tolerance,
                executor=executor,
                published=figures,
                even_so=self.even_so,
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What every question asked of a model says beside its own words.

    Attributes
    ----------
    plan_folder : str
    method, tolerance, seed, calibrations, even_so
        As for `sim.run`.
    published, as_of : str, optional
        Figures of the year, and the day on which they were known.
    out : str, optional
        Folder for tables and manifest.
    """

    plan_folder: str
    method: str
    tolerance: float | None
    seed: int
    calibrations: int
    published: str | None
    as_of: str | None
    even_so: bool
    out: str | None

    def prepare(self, scenarios: Sequence[str]) -> RunTask:
        """Prepare the run that the question is asked of."""
        from sim.results.settings import RunSettings

        asked = RunSettings(
            method=self.method, tolerance=self.tolerance, seed=self.seed, n_calibrations=self.calibrations
        )
        return prepare_question(self.plan_folder, scenarios, asked, self.published, self.as_of, self.even_so)


def prepare_question(
    plan_folder: str,
    scenarios: Sequence[str],
    asked: RunSettings,
    published: str | None = None,
    as_of: str | None = None,
    even_so: bool = False,
) -> RunTask:
    """Read and check what a question is asked of: a run that is prepared and not carried out.

    Parameters
    ----------
    plan_folder : str
    scenarios : sequence of str
        None means all of the plan's.
    asked : RunSettings
    published, as_of, even_so
        As for `Question`.

    Returns
    -------
    RunTask

    Raises
    ------
    InputError
        With every fault.
    """
    from sim.engine.tasks import prepare_run

    model, chosen = read_inputs(plan_folder, scenarios, None)
    figures = read_figures(model.plan, published, as_of)
    if figures:
        count, last = len(figures.effective()), max(each.date for each in figures)
        click.echo(f"given {count} figure{'s' * (count > 1)} published to {last}", err=True)
    return prepare_run(model, chosen, asked, published=figures, even_so=even_so)


_METHOD: dict[str, Any] = {"type": click.Choice(["auto", "analytic", "paths"]), "default": "auto", "show_default": True}
_TOLERANCE = click.FloatRange(1e-6, 0.1)

_calibrations_option = click.option(
    "--calibrations",
    type=click.IntRange(min=0, max=1024),
    default=256,
    show_default=True,
    help="Calibrations that ranges are made of, a power of two; 0 means none.",
)


def run_options(command: Command) -> Command:
    """Give a command the options of a run, from `--plan` to `--even-so`, as one argument `request`."""
    return pack(
        command,
        "request",
        RunRequest,
        plan_option,
        click.option("--method", help="Exact where the model allows, checked by paths; or paths counted.", **_METHOD),
        click.option("--paths", "n_paths", type=Count(), help="Number of paths.  [default: 200000, as a check 16384]"),
        click.option(
            "--tolerance",
            type=_TOLERANCE,
            help="Standard error that all printed odds are to reach, such as 0.001, in place of a number of paths.",
        ),
        executor_option,
        seed_option,
        _calibrations_option,
        published_options,
    )


def question_options(command: Command) -> Command:
    """Give a command the options that all questions have, from `--plan` to `--out`, as one argument `question`."""
    return pack(
        command,
        "question",
        Question,
        plan_option,
        click.option("--method", help="Exact where the model allows; or paths counted.", **_METHOD),
        click.option("--tolerance", type=_TOLERANCE, help="Standard error to reach, such as 0.0001."),
        seed_option,
        _calibrations_option,
        published_options,
        click.option("--out", metavar="DIR", help="Folder for tables and manifest.  [default: none is written]"),
    )


def pack(command: Command, name: str, kind: type[Any], *options: Callable[[Command], Command]) -> Command:
    """Give a command options whose values it takes as one argument."""
    names = [field.name for field in fields(kind)]

    @functools.wraps(command)
    def packed(*given: Any, **values: Any) -> None:
        command(*given, **{name: kind(**{each: values.pop(each) for each in names})}, **values)

    chosen: Command = packed
    for option in reversed(options):
        chosen = option(chosen)
    return chosen
