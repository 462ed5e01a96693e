"""Promise: the number that could have been promised at given odds, for each target alone and for all together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.engine.exact.levels import (
    find_joint_odds,
    find_level,
    find_number_odds,
    find_quarter_odds,
)
from sim.engine.exact.odds import explain_paths
from sim.engine.exact.points import Points, lay_points
from sim.engine.exact.strata import Stratum, lay_scenario
from sim.engine.pieces import RANGE_POINTS
from sim.engine.plausibility import COUNTED
from sim.engine.tasks import RunTask, take_task
from sim.errors import Fault, InputError, blame, blame_probability, find_nearest
from sim.inputs.plan.aims import Aim, list_parts, read_aims
from sim.inputs.plan.targets import Composite, Delivery, Milestone, Numbered
from sim.inputs.quarters import PRINTED_STEP
from sim.model.model import Model
from sim.results.integrals import RANGE_LEVELS
from sim.results.run import Run
from sim.results.settings import MOST_POINTS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ODDS", "find_numbers", "promise"]

ODDS = (0.5, 0.7, 0.9)
"""Odds at which numbers are stated if nobody asks for others."""

_COLUMNS = ("target", "odds", "number", "low", "high", "unit", "stated", "together")
_COUNT = 512  # points of a replicate at most: numbers are stated to the printed digit
_REACH = 12.0  # deviations that a number may be away from the stated one
_BRACKET = 3e-6  # of a delivery's goal, within which halving finds a number
_SLACK = 1e-6  # steps: what stands on one stays there
_DEVIATION = (0.8413447, 0.1586553)  # odds at one standard deviation on either side, of a normal law


def promise(
    result: Run | RunTask,
    odds: float | Iterable[float] = ODDS,
    *,
    scenario: str | None = None,
    targets: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    """Find the number that could have been promised at given odds.

    Parameters
    ----------
    result : Run or RunTask
    odds : float or iterable of float
        Between 0 and 1.
    scenario : str, optional
        Of the run; None means its first.
    targets : str or iterable of str, optional
        Targets or groups; None means the headline.

    Returns
    -------
    DataFrame
        Columns target, odds, number, low, high, unit, stated, together. The hardest number, in printed steps, that is
        met with at least these odds as printed: of each target alone, then (`together` is yes) of all that were asked
        for at once. A milestone's number is the quarter by whose end it is done. Low and high are the central 80 % of
        such numbers over calibrations, if one of them were exact. Empty where no number has such odds.

    Raises
    ------
    InputError
        If odds are out of range, a name is unknown, or the scenario needs paths.

    Notes
    -----
    Together, the numbers are those of the least retreat from the stated ones: each retreat is measured in standard
    deviations of its own figure, and their squares add up to the least possible. Nobody is asked to promise more than
    the plan does, and milestones keep their dates. Over calibrations, all retreat in the same proportion as far as
    each calibration asks for. Where the scenario has rules, these answer as they would have; judgements weigh the years
    as they weigh them in a run, whatever number had been promised.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_points=64, n_calibrations=16)
    >>> found = sim.promise(result, 0.7, targets="gdp")
    >>> found.together.tolist(), bool(found.number[0] < found.stated[0])
    (['no', 'yes'], True)
    """
    import pandas as pd

    task, levels, name, aims = _check(result, odds, scenario, targets)
    chosen = next(each for each in task.scenarios if each.name == name)
    settings, proposal = task.settings, task.proposal
    least = _COUNT if task.known is None else MOST_POINTS  # as many as figures leave enough of
    found = lay_scenario(
        task.model,
        chosen,
        lambda held: lay_points(held, min(least, settings.n_points), settings.seed, proposal=proposal),
        task.known,
    )
    laid, varied = found.strata, None
    if task.model.uncertain and settings.n_calibrations:
        count = settings.n_calibrations

        def vary(held: Model) -> Points:
            return lay_points(held, RANGE_POINTS, settings.seed, range(count), "replicate", count, proposal)

        varied = lay_scenario(task.model, chosen, vary, task.known, found.tilts).strata
    rows = [row for aim in aims for row in _promise_alone(laid, varied, aim, levels)]
    rows += _promise_together(laid, varied, aims, levels)
    return pd.DataFrame(rows, columns=_COLUMNS)


_Row = tuple[str, float, float, float, float, str, float, str]


def _check(
    result: Run | RunTask, odds: float | Iterable[float], scenario: str | None, targets: str | Iterable[str] | None
) -> tuple[RunTask, list[float], str, list[Aim]]:
    """Check what is asked; composites stand for their members."""
    task, faults = take_task(result), list[Fault]()
    levels = list(odds) if isinstance(odds, Iterable) and not isinstance(odds, str) else [odds]
    for each in levels:
        faults += blame_probability("odds", each, 0.7)
    if not levels:
        faults.append(blame("odds", "names none", "write one or several, such as 0.7"))
    names = [each.name for each in task.scenarios]
    name = names[0] if scenario is None else scenario
    if name not in names:
        problem = f"unknown '{name}'"
        faults.append(blame("scenario", problem, "allowed: " + ", ".join(names), find_nearest(name, names)))
    else:
        place = names.index(name)
        reason = explain_paths(task.model, task.scenarios[place])
        reason = reason or COUNTED * (task.known is not None and not task.exact[place])
        if reason:
            faults.append(blame("scenario", f"no number can be found for '{name}': {reason}", "choose another"))
    plan, aims = task.model.plan, tuple[Aim, ...]()
    try:
        aims = read_aims(plan, [target.id for target in plan.headline] if targets is None else targets)
    except InputError as error:
        faults += error.faults
    faults += [
        blame("targets", f"'{aim.name}' has a number already", f"write {aim.target.id}")
        for aim in aims
        if aim.number is not None or aim.quarter is not None
    ]
    faults += [
        blame("targets", f"'{aim.name}' is a range, which has two numbers", "leave it out")
        for aim in aims
        if isinstance(aim.target, Numbered) and aim.target.upper is not None
    ]
    if faults:
        raise InputError(faults)
    parts = [part for aim in aims for part in list_parts(plan, aim)]
    return task, levels, name, list({part.target.id: part for part in parts}.values())


def _promise_alone(
    laid: Sequence[Stratum], varied: Sequence[Stratum] | None, aim: Aim, levels: Sequence[float]
) -> Iterator[_Row]:
    """Numbers of one target at each of the odds."""
    target = aim.target
    if isinstance(target, Milestone):
        yield from _promise_quarter(laid, varied, aim, levels)
        return
    assert isinstance(target, Numbered)
    for odds in levels:
        number = _round(aim, _find_alone(laid, aim, odds, whole=True)[0])
        low = high = np.nan
        if varied is not None:
            low, high = _find_range(aim, _find_alone(varied, aim, odds), varied[0].evidence)
        yield target.id, odds, float(number), float(low), float(high), target.unit, target.value, "no"


def find_numbers(strata: Sequence[Stratum], aim: Aim, levels: Sequence[float]) -> list[float]:
    """Find the number of one target at each of the odds, in printed steps; NaN where no number has them."""
    return [float(_round(aim, _find_alone(strata, aim, odds, whole=True)[0])) for odds in levels]


def _find_alone(strata: Sequence[Stratum], aim: Aim, odds: float, whole: bool = False) -> Floats:
    """Find the number of a target at some odds, for each replicate, or for the mean over all."""
    target = aim.target
    assert isinstance(target, Numbered)
    points = strata[0].points
    count = 1 if whole else points.n_points // points.count
    if isinstance(target, Delivery):
        easy, hard = (np.full(count, share * target.value) for share in (1e-3, 3.0)[:: aim.sign])  # a cap eases upwards
    else:
        easy, hard = (np.full(count, target.value - side * aim.sign * 30.0) for side in (1, -1))

    def odds_at(numbers: Floats) -> Floats:
        found = find_number_odds(strata, aim, numbers)
        return found.mean(keepdims=True) if whole else found

    return find_level(odds_at, odds, easy, hard)


def _find_range(aim: Aim, numbers: Floats, weight: Floats | None) -> Floats:
    """Find the ends of the central 80 % of numbers, in printed steps; an end that no number reaches is NaN."""
    reached = np.where(np.isnan(numbers), -aim.sign * np.inf, numbers)
    with np.errstate(invalid="ignore"):
        ends = _find_nearest_ends(reached, weight) / _find_step(aim)
        return np.where(np.isfinite(ends), np.round(np.round(ends) * _find_step(aim), 9), np.nan)


def _find_nearest_ends(numbers: Floats, weight: Floats | None) -> Floats:
    """Find the ends of the central 80 % of numbers by calibration, weighted by how likely published figures are."""
    if weight is None:
        return np.asarray(np.quantile(numbers, RANGE_LEVELS, method="nearest"))
    shares = weight / max(float(weight.sum()), 1e-300)
    return np.asarray(np.quantile(numbers, RANGE_LEVELS, weights=shares, method="inverted_cdf"))


def _promise_quarter(
    laid: Sequence[Stratum], varied: Sequence[Stratum] | None, aim: Aim, levels: Sequence[float]
) -> Iterator[_Row]:
    """Find the quarter by whose end a milestone is done with each of the odds."""
    plan, target = laid[0].points.model.plan, aim.target
    assert isinstance(target, Milestone)
    stated = plan.quarter_names.index(target.quarter) + 1

    def first(odds_by_quarter: Floats, odds: float) -> Floats:
        enough = odds_by_quarter >= odds
        return np.where(enough.any(axis=0), enough.argmax(axis=0) + 1.0, np.nan)

    for odds in levels:
        number = first(find_quarter_odds(laid, aim).mean(axis=1, keepdims=True), odds)[0]
        low = high = np.nan
        if varied is not None:
            each = np.nan_to_num(first(find_quarter_odds(varied, aim), odds), nan=np.inf)
            ends = _find_nearest_ends(each, varied[0].evidence)
            low, high = np.where(np.isfinite(ends), ends, np.nan)
        yield target.id, odds, float(number), float(low), float(high), "quarter", float(stated), "no"


def _find_step(aim: Aim) -> float:
    """Find the step in which a number is stated: the printed one of growth, about a hundredth of what is delivered."""
    target = aim.target
    if not isinstance(target, Delivery):
        return PRINTED_STEP
    step = 10.0 ** np.floor(np.log10(target.value / 50))
    singles = target.counted.singles
    return float(max(step, 1 / singles) if singles else step)


def _round(aim: Aim, numbers: Floats) -> Floats:
    """Round numbers to the step on the easy side, so that they keep their odds."""
    step = _find_step(aim)
    ease: Callable[[Floats], Floats] = np.floor if aim.sign > 0 else np.ceil
    target = aim.target
    slack = max(_SLACK, _BRACKET * target.value / step) if isinstance(target, Delivery) else _SLACK
    return np.asarray(np.round(ease(np.asarray(numbers) / step + aim.sign * slack) * step, 9))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Retreat:
    """Targets that may retreat together, each by so many of its own standard deviations."""

    aims: list[Aim]
    others: list[Aim]
    stated: Floats
    deviation: Floats

    def place(self, retreats: Floats) -> list[Floats]:
        """Numbers after retreats of shape (aim,) or (aim, replicate)."""
        signs = np.array([aim.sign for aim in self.aims])
        shape = (-1, *[1] * (retreats.ndim - 1))
        each = self.stated.reshape(shape) - (signs * self.deviation).reshape(shape) * retreats
        floor = [1e-6 * aim.target.value if isinstance(aim.target, Delivery) else -np.inf for aim in self.aims]
        return [np.atleast_1d(np.maximum(row, least)) for row, least in zip(each, floor, strict=True)]

    def find_odds(self, strata: Sequence[Stratum], retreats: Floats) -> Floats:
        """Odds that all are met after retreats, shape (replicate,)."""
        return find_joint_odds(strata, self.aims, self.place(retreats), self.others)


def _promise_together(
    laid: Sequence[Stratum], varied: Sequence[Stratum] | None, aims: Sequence[Aim], levels: Sequence[float]
) -> Iterator[_Row]:
    """Numbers of all targets at once, after the least retreat that has each of the odds."""
    moving = [aim for aim in aims if isinstance(aim.target, Numbered)]
    if not moving:
        return
    deviations = [
        abs(np.subtract(*(_find_alone(laid, aim, odds, whole=True)[0] for odds in _DEVIATION))) / 2 for aim in moving
    ]
    retreat = _Retreat(
        aims=moving,
        others=[aim for aim in aims if not isinstance(aim.target, Numbered | Composite)],
        stated=np.array([aim.target.value for aim in moving if isinstance(aim.target, Numbered)]),
        deviation=np.maximum(deviations, 1e-9),
    )
    for odds in levels:
        numbers, steps = _find_least(laid, retreat, odds)
        ends = np.full((2, len(moving)), np.nan)
        if varied is not None and not np.isnan(numbers).any():
            ends = _find_ends(varied, retreat, steps, odds)
        for place, aim in enumerate(moving):
            low, high = (float(each) for each in ends[:, place])
            assert isinstance(aim.target, Numbered)
            yield aim.target.id, odds, float(numbers[place]), low, high, aim.target.unit, aim.target.value, "yes"


def _find_least(strata: Sequence[Stratum], retreat: _Retreat, odds: float) -> tuple[Floats, Floats]:
    """Find the numbers after the least retreat, in printed steps, and the retreat before they were rounded."""
    from scipy import optimize

    count = len(retreat.aims)

    def odds_at(retreats: Floats) -> float:
        return float(retreat.find_odds(strata, retreats).mean())

    def differ(retreats: Floats) -> Floats:
        steps = 0.01 * np.eye(count)  # odds are made of single precision: smaller steps would see its noise
        return np.array([odds_at(retreats + step) - odds_at(retreats - step) for step in steps]) / 0.02

    if odds_at(np.zeros(count)) >= odds:
        return retreat.stated, np.zeros(count)
    alike = _REACH - find_level(
        lambda less: np.array([odds_at(np.full(count, _REACH - less[0]))]), odds, np.zeros(1), np.full(1, _REACH)
    )
    if np.isnan(alike).any():
        return np.full(count, np.nan), np.full(count, np.nan)
    minimize: Any = optimize.minimize
    found = minimize(
        lambda retreats: retreats @ retreats,
        np.full(count, alike[0]),
        jac=lambda retreats: 2 * retreats,
        bounds=[(0, _REACH)] * count,
        constraints={
            "type": "ineq",
            "fun": lambda retreats: odds_at(retreats) - odds,
            "jac": differ,
        },
        method="SLSQP",
        options={"ftol": 1e-6},
    )
    least = np.maximum(found.x, 0)
    return _settle_on_steps(retreat, least, lambda retreats: odds_at(retreats) >= odds), least


def _settle_on_steps(retreat: _Retreat, least: Floats, is_enough: Callable[[Floats], bool]) -> Floats:
    """Round numbers to steps on the easy side, then take back whichever step saves most while the odds allow it."""
    aims = retreat.aims
    numbers = np.array([_round(aim, number[0]) for aim, number in zip(aims, retreat.place(least), strict=True)])
    signs, steps = np.array([aim.sign for aim in aims]), np.array([_find_step(aim) for aim in aims])

    def measure(each: Floats) -> Floats:
        return np.asarray(np.maximum(signs * (retreat.stated - each) / retreat.deviation, 0))

    open_ = list(range(len(aims)))
    while open_:
        saved = {
            place: measure(numbers)[place] ** 2
            - measure(numbers + signs * steps * (np.arange(len(aims)) == place))[place] ** 2
            for place in open_
        }
        place = max(open_, key=lambda each: saved[each])
        tried = numbers + signs * steps * (np.arange(len(aims)) == place)
        beyond = signs[place] * (tried[place] - retreat.stated[place]) > 1e-9
        if beyond or not is_enough(measure(tried)):
            open_.remove(place)
        else:
            numbers = np.round(tried, 9)
    return numbers


def _find_ends(strata: Sequence[Stratum], retreat: _Retreat, least: Floats, odds: float) -> Floats:
    """Find the range of numbers over calibrations, shape (2, aim): all retreat in the proportion of the least one."""
    points = strata[0].points
    count = points.n_points // points.count
    along = least / max(float(np.sqrt(least @ least)), 1e-9) if least.any() else np.ones(len(least))
    far = 2 * _REACH
    less = find_level(
        lambda less: retreat.find_odds(strata, along[:, None] * (far - less)),
        odds,
        np.zeros(count),
        np.full(count, far),
    )
    placed = retreat.place(along[:, None] * (far - less))
    weight = strata[0].evidence
    return np.array([_find_range(aim, each, weight) for aim, each in zip(retreat.aims, placed, strict=True)]).T
