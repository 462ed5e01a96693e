"""The analytic road from a model to the odds of its targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.engine.exact.conditional import MOST_SHOCKS
from sim.engine.exact.integrals import FEW, Integrals
from sim.engine.exact.inversion import Spectrum, find_quantiles, invert, open_spectrum
from sim.inputs.plan.readings import READINGS, name_readings
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario
from sim.model.thresholds import Thresholds, find_odds, place_thresholds
from sim.results.attainment import QUANTILE_LEVELS, Attainment
from sim.results.settings import MOST_POINTS

__all__ = [
    "EXACT",
    "MARGIN",
    "PILOT_POINTS",
    "choose_count",
    "estimate_replicate_error",
    "explain_paths",
    "judge_growth",
    "sum_up",
]

EXACT = 1e-6
"""Bound on the error of odds by characteristic function, stated as their standard error."""


_RARE = 0.001


_ENOUGH = 4096  # points of a replicate, below which the error of a rare event is not claimed


PILOT_POINTS = 256


MARGIN = 0.8
"""Share of the error asked for that is aimed at: the number of points is chosen once and not corrected."""


def explain_paths(model: Model, scenario: Scenario) -> str:
    """Explain why a scenario needs paths.

    Parameters
    ----------
    model : Model
    scenario : Scenario

    Returns
    -------
    str
        The reason; empty where the analytic road goes.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> explain_paths(sim.load_model(plan), sim.read_scenario("baseline", plan))
    ''
    """
    if len(scenario.shocks) > MOST_SHOCKS:
        return f"{len(scenario.shocks)} shocks; the analytic road takes at most {MOST_SHOCKS}"
    indicators = Counter(target.indicator for target in model.plan.growth)
    shared = [name for name, count in indicators.items() if count > 1]
    if shared:
        return f"several targets on one indicator: {', '.join(shared)}"
    members = Counter(name for target in model.plan.composites for name in target.members)
    if any(count > 1 for count in members.values()):
        return "composites that share a member"
    return ""


def estimate_replicate_error(replicates: Floats, count: int) -> Floats:
    """Estimate the standard error of a mean over independent replicates, the last axis.

    Parameters
    ----------
    replicates : array, shape (..., replicate)
        Probabilities.
    count : int
        Points of a replicate.

    Returns
    -------
    array, shape (...)
        A 95 % interval is the mean and Student's t quantile with one degree of freedom less than replicates times
        this. NaN for events rarer than 0.001, or as rarely missed, from fewer than 4,096 points: their replicates
        are too skewed for a claim. Never below `EXACT`, as conditional odds are kept in single precision.

    Examples
    --------
    >>> estimate_replicate_error(np.array([[0.4, 0.6], [1e-4, 3e-4]]), 256)
    array([0.1, nan])
    """
    mean = replicates.mean(axis=-1)
    error: Floats = np.maximum(replicates.std(axis=-1, ddof=1) / np.sqrt(replicates.shape[-1]), EXACT)
    if count < _ENOUGH:
        error = np.where((np.minimum(mean, 1 - mean) < _RARE) & (error > EXACT), np.nan, error)
    return error


def choose_count(pilot: Sequence[Integrals], tolerance: float) -> int:
    """Choose the points of a replicate for a standard error, from a pilot: once, so that it does not undercover.

    Parameters
    ----------
    pilot : sequence of Integrals
        Of all scenarios, from `PILOT_POINTS` points a replicate.
    tolerance : float
        Standard error wanted of every target as stated and of the joint odds of the headline.

    Returns
    -------
    int
        A power of two, at most 65,536; assumes that the error falls as the points' number to the power -3/4, where
        smooth integrands do better and jumps do not much worse.
    """
    worst = 0.0
    for integrals in pilot:
        replicates = [
            integrals.met[-1],
            *(odds[-1:] for group, odds in integrals.number_met.items() if group == "headline"),
        ]
        errors = np.concatenate(replicates).std(axis=-1, ddof=1) / np.sqrt(integrals.met.shape[-1])
        worst = max(worst, float(errors.max()))
    needed = PILOT_POINTS * (worst / (MARGIN * tolerance)) ** (4 / 3)
    return int(min(max(2 ** np.ceil(np.log2(max(needed, 1))), PILOT_POINTS), MOST_POINTS))


def sum_up(
    model: Model, scenario: Scenario, integrals: Integrals, count: int, seed: int, n_paths: int, progress: Floats
) -> Attainment:
    """Sum up the odds of a scenario: growth by characteristic function, the rest from integrals over points.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    integrals : Integrals
        Of all replicates.
    count : int
        Points of a replicate.
    seed, n_paths : int
        Of the paths that check the odds.
    progress : array, shape (quarter, delivery, level)
        Quantiles of the share delivered, from those paths.

    Returns
    -------
    Attainment
    """
    plan = model.plan
    met = np.full((len(name_readings(plan)), len(plan.judged)), np.nan)
    error = met.copy()
    few = min(count, FEW)
    met[0], error[0] = integrals.met[-1].mean(axis=-1), estimate_replicate_error(integrals.met[-1], count)
    met[len(READINGS) :] = integrals.met[:-1].mean(axis=-1)
    error[len(READINGS) :] = estimate_replicate_error(integrals.met[:-1], few)
    spectrum = open_spectrum(model, compile_scenario(model, scenario))
    transformed = spectrum.transform()
    asked, odds = judge_growth(model, spectrum, transformed)
    met[asked.reading, asked.target], error[asked.reading, asked.target] = odds, EXACT
    levels = np.array(QUANTILE_LEVELS)
    growth = spectrum.mean[:, None] + find_quantiles(spectrum.frequencies, transformed, levels)
    if_missed, if_missed_se = _condition_on_missed(integrals.both, count)
    return Attainment(
        model=model,
        scenario=scenario,
        seed=seed,
        n_paths=n_paths,
        n_points=count * integrals.met.shape[-1],
        met=met,
        met_se=error,
        number_met={group: exactly.mean(axis=-1) for group, exactly in integrals.number_met.items()},
        at_least_se={
            group: estimate_replicate_error(exactly[::-1].cumsum(axis=0)[::-1], count if group == "headline" else few)
            for group, exactly in integrals.number_met.items()
        },
        if_missed=if_missed,
        if_missed_se=if_missed_se,
        growth=growth.reshape(-1, len(plan.indicators), len(levels)),
        progress=progress,
    )


def judge_growth(
    model: Model, spectrum: Spectrum, transformed: NDArray[np.complex128], tolerances: Mapping[str, float] | None = None
) -> tuple[Thresholds, Floats]:
    """Compute the probability of the growth targets in every reading whose figure the spectrum has.

    Parameters
    ----------
    model : Model
    spectrum : Spectrum
    transformed : array of complex, shape (figure, node)
        As `Spectrum.transform` gives it.
    tolerances : mapping of str to float, optional
        By target, in place of the plan's, percentage points.

    Returns
    -------
    asked : Thresholds
    odds : array, shape (threshold,)
    """
    asked = place_thresholds(model.plan, model.reduced, tolerances) if tolerances else model.thresholds
    asked = asked.pick(np.isin(asked.figure, spectrum.figures))
    below = np.empty(len(asked.figure))
    for row, figure in enumerate(spectrum.figures):
        at = np.flatnonzero(asked.figure == figure)
        if len(at):
            values, pick = asked.value[at] - spectrum.mean[row], slice(row, row + 1)
            below[at] = invert(spectrum.frequencies[pick], transformed[pick], values[None])[0][0]
    return asked, find_odds(asked, below)


def _condition_on_missed(both: Floats, count: int) -> tuple[Floats, Floats]:
    """Compute the odds of a target given that another is missed, and their error by linearizing the ratio."""
    own = np.einsum("iir->ir", both)
    hits, misses = own[None] - both, np.broadcast_to(1 - own[:, None], both.shape)
    mean = misses.mean(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits.mean(axis=-1) / mean
        residual = (hits - share[..., None] * misses) / mean[..., None]
    error = residual.std(axis=-1, ddof=1) / np.sqrt(both.shape[-1])
    if count < _ENOUGH:
        error = np.where(mean < _RARE, np.nan, error)
    return share, error
