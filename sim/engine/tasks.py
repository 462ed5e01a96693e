"""What a run is asked for, checked and settled: scenarios, roads, paths and points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from sim.engine.exact.odds import (
    MANY_NETS,
    ONE_NET,
    PILOT_POINTS,
    choose_count,
    explain_paths,
)
from sim.engine.exact.pilot import fit_proposal
from sim.engine.path_runs import CHECK_PATHS, choose_paths, weigh_first_paths
from sim.engine.plausibility import check_paths_left, choose_points
from sim.engine.point_runs import integrate_scenarios
from sim.engine.proposal import Proposal
from sim.engine.tilting import check_opinions, check_tilts, refuse_judged_figures
from sim.errors import InputError, blame, blame_kind, try_all, warn_of
from sim.inputs.plan.plan import Plan
from sim.inputs.published.figures import Published
from sim.inputs.published.reading import take_published
from sim.inputs.scenario.building import Given, take_scenarios
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import take_model
from sim.model.known import Known, compile_published
from sim.model.model import Model
from sim.results.run import Run
from sim.results.settings import RunSettings, check_settings

__all__ = ["RunTask", "check_paths", "prepare_run", "take_task"]

MANY_PATHS = 200_000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RunTask:
    """A run that is checked and settled, and not carried out: what questions that need no whole run start from.

    Attributes
    ----------
    model : Model
    scenarios : tuple of Scenario
    settings : RunSettings
        With the paths and points that it takes.
    exact : tuple of bool
        Which scenarios take the analytic road.
    published : Published, optional
        Figures of the year that are known.
    known : Known, optional
        What they say of the model.
    proposal : Proposal, optional
        What scales and calibrations are drawn from, given them.
    even_so : bool
        Whether to go on where figures are once in a million years of the model.
    """

    model: Model
    scenarios: tuple[Scenario, ...]
    settings: RunSettings
    exact: tuple[bool, ...]
    published: Published | None = None
    known: Known | None = None
    proposal: Proposal | None = None
    even_so: bool = False


def prepare_run(
    model: Model | Plan | str | Path,
    scenarios: Given | Iterable[Given] | None,
    asked: RunSettings,
    *,
    executor: Executor | None = None,
    published: Published | str | Path | None = None,
    even_so: bool = False,
) -> RunTask:
    """Check what a run is asked for, and settle the paths and points that it takes.

    Parameters
    ----------
    model, scenarios
        As for `run`.
    asked : RunSettings
    executor, published, even_so
        As for `run`.

    Returns
    -------
    RunTask

    Raises
    ------
    InputError
        With every fault.
    """
    if not isinstance(even_so, bool):
        raise InputError([blame_kind("even_so", even_so, "True or False", "leave it out, or write True")])
    model = take_model(model)
    chosen, asked, figures = try_all(
        lambda: take_scenarios(scenarios, model.plan),
        lambda: check_settings(asked, model.plan),
        lambda: None if published is None else take_published(published, model.plan),
    )
    warn_of([*model.plan.warnings, *(each for scenario in chosen for each in scenario.warnings)])
    warn_of(figures.warnings if figures is not None else ())
    known = compile_published(model, figures)
    refuse_judged_figures(model, chosen, known)
    warn_of([fault for scenario in chosen for fault in check_opinions(model, scenario)])
    exact = _choose_exact(model, chosen, asked.method)
    proposal = None if known is None else fit_proposal(model, chosen, known, asked.seed)
    settings = _settle(model, chosen, asked, exact, executor, known, proposal, even_so)
    return RunTask(
        model=model,
        scenarios=tuple(chosen),
        settings=settings,
        exact=tuple(exact),
        published=figures if known else None,
        known=known,
        proposal=proposal,
        even_so=even_so,
    )


def take_task(result: Run | RunTask) -> RunTask:
    """Take the task of a run that is finished, or one that is only prepared, with the figures that it knows.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(result, RunTask):
        return result
    if not isinstance(result, Run):
        raise InputError([blame_kind("result", result, "a run", "write what sim.run gives")])
    exact = tuple(bool(each.n_points) for each in result.attainments)
    model, scenarios = result.model, result.scenarios
    known = compile_published(model, result.published)
    return RunTask(
        model=model,
        scenarios=scenarios,
        settings=result.settings,
        exact=exact,
        published=result.published,
        known=known,
        proposal=None if known is None else fit_proposal(model, scenarios, known, result.settings.seed),
        even_so=True,  # or it would not have been finished
    )


def check_paths(task: RunTask, scenarios: Sequence[Scenario]) -> None:
    """Refuse to count paths of scenarios where too few would be left given what is published.

    Raises
    ------
    InputError
    """
    if task.known is not None:
        n_paths, seed = int(task.settings.n_paths or 0), task.settings.seed
        _, told = weigh_first_paths(task.model, scenarios, n_paths, seed, task.known, task.proposal)
        check_paths_left(scenarios, told, [False] * len(told), n_paths, task.even_so)


def _settle(
    model: Model,
    scenarios: Sequence[Scenario],
    asked: RunSettings,
    exact: Sequence[bool],
    executor: Executor | None,
    known: Known | None,
    proposal: Proposal | None,
    even_so: bool,
) -> RunSettings:
    """Settle the paths and points that the run will take, by a pilot where a tolerance is asked for."""
    n_paths, n_points, tolerance = asked.n_paths, asked.n_points, asked.tolerance
    if n_paths is None:
        n_paths = CHECK_PATHS if all(exact) else MANY_PATHS
        if tolerance is not None and not all(exact):
            n_paths = choose_paths(model, scenarios, asked.seed, tolerance, executor)
    conditioned = [scenario for scenario, chosen in zip(scenarios, exact, strict=True) if chosen]
    judged = any(scenario.events for scenario in conditioned)
    if conditioned and (tolerance is not None or known is not None or judged):
        pilot = integrate_scenarios(
            model, conditioned, PILOT_POINTS, asked.seed, executor, lambda: None, known, proposal
        )
        if tolerance is not None:
            n_points = choose_count(pilot, tolerance, MANY_NETS if model.uncertain else ONE_NET)
        n_points = choose_points(conditioned, pilot, n_points, even_so)
        check_tilts(conditioned, [each.tilt for each in pilot])
    return check_settings(replace(asked, n_paths=n_paths, n_points=n_points), model.plan)


def _choose_exact(model: Model, scenarios: Sequence[Scenario], method: str) -> list[bool]:
    """Choose the scenarios that take the analytic road."""
    if method == "paths":
        return [False] * len(scenarios)
    reasons = [explain_paths(model, scenario) for scenario in scenarios]
    if method == "analytic" and any(reasons):
        raise InputError(
            blame("method", f"scenario '{scenario.name}' needs paths: {reason}", 'write `method="auto"`')
            for scenario, reason in zip(scenarios, reasons, strict=True)
            if reason
        )
    return [not reason for reason in reasons]
