"""Probabilities of events that people name: own numbers, own groups, some targets given that others are missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim._typing import Floats
from sim.engine.batches import count_event
from sim.engine.exact.events import integrate_event
from sim.engine.exact.odds import EXACT, estimate_replicate_error
from sim.engine.exact.points import Points, lay_points
from sim.engine.exact.strata import compile_part, find_tilt
from sim.engine.pieces import RANGE_POINTS, cut_calibrations, cut_replicates
from sim.engine.tasks import RunTask, check_paths, take_task
from sim.inputs.plan.aims import Event, Named, name_aims, read_event
from sim.inputs.plan.readings import name_readings
from sim.inputs.scenario.reading import Scenario
from sim.model.judged import Judged, hold_centres
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw
from sim.model.tilting import Tilt
from sim.results.integrals import divide_weighted, find_range
from sim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["probability"]

_COLUMNS = ("scenario", "met", "missed", "reading", "probability", "mc_se", "range_low", "range_high")


def probability(
    result: Run | RunTask,
    met: Named,
    missed: Named | None = None,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    which_met: str = "all",
    which_missed: str = "any",
    reading: str = "printed",
) -> pd.DataFrame:
    """Compute how likely targets are met, with numbers of one's own, together or given that others are missed.

    Parameters
    ----------
    result : Run or RunTask
        Whose scenarios, points or paths, seed and calibrations are taken; one that is prepared will do.
    met : str, iterable of str, or mapping of str to float
        Targets by id ("gdp"), with numbers of one's own ("gdp:5.0", "gdp<=5.0", or {"gdp": 5.0}), of milestones with
        the quarter by whose end they are done ("opening:Q3"); or groups, whose members are all taken.
    missed : str, iterable of str, or mapping of str to float, optional
        What is given to be missed, named in the same ways.
    at_least, at_most : float, optional
        Number in place of that of the one target in `met`.
    which_met, which_missed : str
        Whether `all` of them are met, or missed, or `any`.
    reading : str
        One of the plan's readings, or a quarter's name for being on course by its end.

    Returns
    -------
    DataFrame
        One row a scenario: columns scenario, met, missed, reading, probability, mc_se, range_low, range_high. An error
        is empty where none can be claimed, all numbers where what is given cannot happen.

    Raises
    ------
    InputError
        If a name is unknown or a number makes no sense; all faults at once.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_calibrations=0)
    >>> at_least_5 = sim.probability(result, "gdp", at_least=5.0).probability[0]
    >>> bool(at_least_5 > sim.probability(result, "gdp").probability[0])
    True
    >>> sim.probability(result, ["gdp", "retail_sales"], missed="income_per_capita", which_met="any").shape
    (1, 8)
    """
    import pandas as pd

    task = take_task(result)
    check_paths(task, [each for each, exact in zip(task.scenarios, task.exact, strict=True) if not exact])
    plan = task.model.plan
    event = read_event(
        plan,
        met,
        missed,
        which_met=which_met,
        which_missed=which_missed,
        reading=reading,
        at_least=at_least,
        at_most=at_most,
    )
    named = name_aims(event.met, which_met), name_aims(event.missed, which_missed), name_readings(plan)[event.reading]
    rows = [
        (scenario.name, *named, *_measure(task, scenario, exact, event))
        for scenario, exact in zip(task.scenarios, task.exact, strict=True)
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _measure(task: RunTask, scenario: Scenario, exact: bool, event: Event) -> tuple[float, float, float, float]:
    """Probability of an event in one scenario, its error, and the ends of its range."""
    model, settings, known, proposal = task.model, task.settings, task.known, task.proposal
    seed, count, n_calibrations = settings.seed, settings.n_points, settings.n_calibrations
    sure = not event.missed
    weighted = known is not None or any(part.events for part, _ in scenario.parts)
    if not exact:
        count = int(settings.n_paths or 0)
        both, given = count_event(model, scenario, event, count, seed, known, proposal)
        count //= len(both)
    else:
        parts = _open_parts(task, scenario)
        pieces = [
            _integrate(lambda held, at=each: lay_points(held, count, seed, at, proposal=proposal), parts, event, known)  # type: ignore[misc]
            for each in cut_replicates(count)
        ]
        both, given, evidence = (np.concatenate(each) for each in zip(*pieces, strict=True))
        if weighted:  # how likely the figures are is no matter
            both, given = both / evidence.mean(), given / evidence.mean()
    odds, error = _divide(divide_weighted(both, given) if sure and weighted else both, given, count, sure)
    if not exact or not model.uncertain or not n_calibrations or np.isnan(odds):
        return odds, error, np.nan, np.nan
    pieces = [
        _integrate(
            lambda held, at=each: lay_points(held, RANGE_POINTS, seed, at, "replicate", n_calibrations, proposal),  # type: ignore[misc]
            parts,
            event,
            known,
        )
        for each in cut_calibrations(n_calibrations)
    ]
    hits, misses, evidence = (np.concatenate(each) for each in zip(*pieces, strict=True))
    shares = hits / (np.maximum(misses, 1e-12 * evidence + 1e-300) if weighted or not sure else 1.0)
    low, high = find_range(shares, np.asarray(odds), evidence if weighted else None)
    return odds, error, float(low), float(high)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Part:
    """What may come true of a scenario, how likely that is, and what judgements make of it."""

    model: Model
    law: ScenarioLaw
    share: float
    judged: Judged | None
    tilt: Tilt | None


def _open_parts(task: RunTask, scenario: Scenario) -> list[_Part]:
    parts = []
    for part, share in scenario.parts:
        held, (law, judged), tilt = hold_centres(task.model, part), compile_part(task.model, part), None
        if judged is not None:
            points = lay_points(held, task.settings.n_points, task.settings.seed, proposal=task.proposal)
            tilt = find_tilt(points, law, judged, task.known)
        parts.append(_Part(model=held, law=law, share=share, judged=judged, tilt=tilt))
    return parts


def _integrate(
    lay: Callable[[Model], Points], parts: Sequence[_Part], event: Event, known: Known | None
) -> tuple[Floats, Floats, Floats]:
    """Odds of an event, of what is given and of published figures, by replicate, over parts of which one comes true."""
    laid = {id(model): lay(model) for model in {id(part.model): part.model for part in parts}.values()}
    both, given, evidence = np.zeros((3, (first := laid[id(parts[0].model)]).n_points // first.count))
    for part in parts:
        found = integrate_event(laid[id(part.model)], part.law, event, known, part.judged, part.tilt)
        both += part.share * found[0]
        given += part.share * found[1]
        evidence += part.share * (1.0 if found[2] is None else found[2].weight)
    return both, given, evidence


def _divide(both: Floats, given: Floats, count: int, sure: bool) -> tuple[float, float]:
    """Share of what is given, which may be sure, and its error by linearizing the ratio; `count` points a replicate."""
    if sure:
        return float(both.mean()), float(estimate_replicate_error(both, count))
    if given.mean() < EXACT:
        return np.nan, np.nan
    share = both.mean() / given.mean()
    residual = (both - share * given) / given.mean()
    unclear = np.isnan(estimate_replicate_error(given, count))
    return float(share), np.nan if unclear else max(float(residual.std(ddof=1)) / np.sqrt(len(both)), EXACT)
