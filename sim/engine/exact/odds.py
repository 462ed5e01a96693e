"""The analytic road from a model to the odds of its targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.engine.exact.conditional import MOST_SHOCKS
from sim.engine.exact.inversion import Spectrum, invert, open_spectrum
from sim.engine.exact.points import Points
from sim.engine.exact.quantiles import find_growth_quantiles
from sim.inputs.plan.targets import InStep
from sim.inputs.scenario.judgements import Likelihood
from sim.inputs.scenario.reading import Scenario
from sim.model.judged import compile_judged, list_judged_figures
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_parts
from sim.model.thresholds import Thresholds, find_odds, place_thresholds
from sim.results.attainment import Attainment, find_blanks
from sim.results.integrals import Integrals, find_group_ranges, find_range, sum_at_least
from sim.results.settings import MOST_POINTS

__all__ = [
    "EXACT",
    "MANY_NETS",
    "MARGIN",
    "ONE_NET",
    "PILOT_POINTS",
    "QUANTILE_POINTS",
    "choose_count",
    "condition_on_missed",
    "estimate_replicate_error",
    "explain_paths",
    "judge_growth",
    "sum_up",
]

EXACT = 1e-6
"""Bound on the error of odds by characteristic function, stated as their standard error."""


_RARE, _RAREST = 0.001, 1e-4
QUANTILE_POINTS = 64


MOST_JUDGED = 3
"""Judged figures whose every combination of sides the analytic road follows."""


MOST_JUDGED_SHOCKS = 8
"""Where shocks are judged, every set of them is a stratum of its own."""


_ENOUGH = 4096  # points of a replicate, below which the error of a rare event is not claimed


PILOT_POINTS = 256


ONE_NET, MANY_NETS = -0.75, -0.5
"""Powers by which errors fall with the points: of one net, where smooth integrands do better and jumps not much worse;
and of nets by name that are paired at random, as where numbers of the calibration are not known."""


MARGIN = 0.8
"""Share of the error asked for that is aimed at: the number of points is chosen once and not corrected."""


MOST_RULES = 3
"""Each rule doubles the branches of a scenario."""


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
    ruled = next(filter(None, (_explain_rules(model, part) for part, _ in scenario.parts)), "")
    if ruled:
        return ruled
    most = max(len(part.shocks) for part, _ in scenario.parts)
    figures = list_judged_figures(model.plan, scenario)
    if len(figures) > MOST_JUDGED:
        return f"judgements of {len(figures)} figures; the analytic road takes at most {MOST_JUDGED}"
    if figures and model.law.has_spillovers:
        return "judgements of figures where news spills over"
    if most > MOST_SHOCKS:
        return f"{most} shocks; the analytic road takes at most {MOST_SHOCKS}"
    if most > MOST_JUDGED_SHOCKS and any(isinstance(each, Likelihood) and each.shock for each in scenario.events):
        return f"judgements of shocks among {most}; the analytic road takes at most {MOST_JUDGED_SHOCKS}"
    steps = [target.id for target in model.plan.judged if isinstance(target, InStep)]
    if steps:
        return f"targets in step with another indicator: {', '.join(steps)}"
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
        this. NaN for events rarer than 0.001, or as rarely missed: their replicates are too skewed for a claim, and a
        reader is told a bound. Never below `EXACT`, as conditional odds are kept in single precision.

    Examples
    --------
    >>> estimate_replicate_error(np.array([[0.4, 0.6], [1e-4, 3e-4]]), 256)
    array([0.1, nan])
    """
    mean = replicates.mean(axis=-1)
    error: Floats = np.maximum(replicates.std(axis=-1, ddof=1) / np.sqrt(replicates.shape[-1]), EXACT)
    stated: Floats = np.where(np.minimum(mean, 1 - mean) < (_RARE if count < _ENOUGH else _RAREST), np.nan, error)
    return stated


def choose_count(pilot: Sequence[Integrals], tolerance: float, decay: float) -> int:
    """Choose the points of a replicate for a standard error, from a pilot of 256.

    They are fixed once: to add points until the estimated error is small enough would undercover.

    Parameters
    ----------
    pilot : sequence of Integrals
        Of all scenarios, from `PILOT_POINTS` points a replicate.
    tolerance : float
        Standard error wanted of every number that is printed: targets in every reading and by quarter, groups, and
        targets given that another is missed.
    decay : float
        The error is taken to fall as the points' number to this power: `ONE_NET` or `MANY_NETS`.

    Returns
    -------
    int
        A power of two, at most 65,536: whether they suffice, `Run.largest_error` tells.
    """
    worst = 0.0
    for integrals in pilot:
        known = [integrals.met, *map(sum_at_least, integrals.number_met.values())]
        errors = [each.std(axis=-1, ddof=1).max(initial=0) / np.sqrt(each.shape[-1]) for each in known]
        missed = np.nan_to_num(condition_on_missed(integrals.both, _ENOUGH)[1])
        worst = max(worst, *map(float, errors), float(missed.max(initial=0)))
    needed = PILOT_POINTS * (worst / (MARGIN * tolerance)) ** (-1 / decay)
    return int(np.clip(2 ** np.ceil(np.log2(max(needed, 1))), PILOT_POINTS, MOST_POINTS))


def _explain_rules(model: Model, scenario: Scenario) -> str:
    """Explain why the rules of a scenario need paths; empty where they need none."""
    if len(scenario.rules) > MOST_RULES:
        return f"{len(scenario.rules)} rules; the analytic road takes at most {MOST_RULES}"
    singles = {
        name
        for name, things in zip(model.delivery_law.ids, model.delivery_law.arrivals, strict=True)
        if np.isfinite(things)
    }
    for name, rule in scenario.rules.items():
        if rule.when.series in singles:
            return f"rule '{name}' waits for a number of single things"
        if model.law.has_spillovers and rule.when.series not in model.delivery_law.ids:
            return f"rule '{name}' waits for growth, and news spills over"
    return ""


def sum_up(
    scenario: Scenario,
    points: Points,
    integrals: Integrals,
    stated: Integrals,
    ranges: Integrals | None,
    counted: Attainment,
    count: int,
    known: Known | None = None,
) -> Attainment:
    """Sum the odds of a scenario up.

    Parameters
    ----------
    scenario : Scenario
    points : Points
        For the quantiles of growth.
    integrals : Integrals
        Of all replicates of a net each of whose points has a calibration of its own.
    stated : Integrals
        Of the calibration as it is stated.
    ranges : Integrals or None
        By calibration; None where no range is asked for.
    counted : Attainment
        Of the paths that check the odds; quantiles of deliveries come from it.
    count : int
        Points of a replicate.
    known : Known, optional
        Published figures on which all these are conditioned.

    Returns
    -------
    Attainment
    """
    model = points.model  # with the scenario's opinions of centres
    met, error = integrals.met.mean(axis=-1), estimate_replicate_error(integrals.met, count)
    plug_in = stated.met.mean(axis=-1)
    laws = [] if scenario.events else compile_parts(model, scenario.judge())
    if scenario.events:
        law, judged = compile_judged(model, scenario)
        growth, growth_se = find_growth_quantiles(points, law, known=known, judged=judged)
    else:
        growth, growth_se = find_growth_quantiles(points, laws if scenario.mixture else laws[0][0], known=known)
    if known is None and not scenario.events and not any(law.rules for law, _ in laws):
        asked, odds = _judge_stated(model, laws)
        plug_in[asked.reading, asked.target] = odds
        if not model.uncertain:  # then nothing is averaged over, and the inversion is exact
            met[asked.reading, asked.target], error[asked.reading, asked.target] = odds, EXACT
    blank = find_blanks(model.plan, model.delivery_law)
    weight = ranges.evidence.weight if ranges and ranges.evidence else None
    number_met = {group: exactly.mean(axis=-1) for group, exactly in integrals.number_met.items()}
    if_missed, if_missed_se = condition_on_missed(integrals.both, count)
    return replace(
        counted,
        n_points=count * integrals.met.shape[-1],
        met=np.where(blank, np.nan, met),
        met_se=np.where(blank, np.nan, error),
        plug_in=np.where(blank, np.nan, plug_in),
        number_met=number_met,
        at_least_se={
            group: estimate_replicate_error(sum_at_least(exactly), count)
            for group, exactly in integrals.number_met.items()
        },
        if_missed=if_missed,
        if_missed_se=if_missed_se,
        growth=growth,
        growth_se=growth_se,
        replicates=integrals,
        evidence=None if known is None else integrals.evidence,
        n_effective=integrals.evidence.effective if integrals.evidence and known else None,
        met_range=np.where(blank, np.nan, find_range(ranges.met, met, weight))
        if ranges
        else np.full((2, *met.shape), np.nan),
        at_least_range=find_group_ranges(ranges, number_met) if ranges else {},
    )


def _judge_stated(model: Model, laws: Sequence[tuple[ScenarioLaw, float]]) -> tuple[Thresholds, Floats]:
    """Odds of growth targets under the calibration as it is stated, over the parts of which one comes true."""
    figures = model.reduced.place_cumulative(range(len(model.law.path)))
    spectra = [open_spectrum(model, law, figures=figures) for law, _ in laws]
    judged = [judge_growth(model, spectrum, spectrum.transform()) for spectrum in spectra]
    if len(laws) == 1:
        return judged[0]
    odds: Floats = np.sum([weight * each for (_, each), (_, weight) in zip(judged, laws, strict=True)], axis=0)
    return judged[0][0], odds


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
    below, end = np.empty(len(asked.figure)), np.zeros(len(asked.figure))
    for row, figure in enumerate(spectrum.figures):
        at = np.flatnonzero(asked.figure == figure)
        if len(at):
            values, pick = asked.value[at] - spectrum.mean[row], slice(row, row + 1)
            below[at] = invert(spectrum.frequencies[pick], transformed[pick], values[None])[0][0]
        ends = np.flatnonzero((asked.figure == figure) & (asked.width < np.inf))
        if len(ends):
            values = asked.value[ends] + asked.sign[ends] * asked.width[ends] - spectrum.mean[row]
            end[ends] = invert(spectrum.frequencies[pick], transformed[pick], values[None])[0][0]
    return asked, find_odds(asked, below, end)


def condition_on_missed(both: Floats, count: int) -> tuple[Floats, Floats]:
    """Probability of the second target given that the first is missed, and its error by linearizing the ratio."""
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
