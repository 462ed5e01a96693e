"""Reverse stress: how large, how likely or what together shocks must be to bring odds down, and how rare that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.analysis.what_if import LARGEST
from sim.engine.exact.events import integrate_event
from sim.engine.exact.odds import explain_paths
from sim.engine.exact.points import Points, lay_points
from sim.engine.plausibility import COUNTED, FEWEST
from sim.engine.tasks import RunTask, take_task
from sim.errors import Fault, InputError, blame, blame_probability, find_nearest
from sim.inputs.plan.aims import Event, read_event
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import Scenario
from sim.inputs.scenario.sizes import Fixed, scale_size
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario
from sim.model.shock_subsets import find_joint, find_marginals
from sim.results.evidence import Evidence
from sim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WAYS", "find_rarity", "find_stress", "trace_stress"]

WAYS = ("size", "probability", "together")
"""One shock made larger; one made likelier; all of a scenario's shocks happening, each with a size of its own."""

_COLUMNS = ("target", "below", "by", "shock", "value", "unit", "odds_as_given", "odds", "once_in", "status")
_STEPS = 33  # factors that are tried, from none to the largest
_COARSE = 64  # points of a replicate while a bracket is sought
_TRACED = 256  # and of a curve
_CLOSE = 1e-6  # to the odds asked for
_FAR = 6.0  # normal scores of sizes
_NOTHING = 1e-290  # likelihood of figures


def find_stress(
    result: Run | RunTask,
    target: str,
    below: float,
    *,
    scenario: str | None = None,
    shock: str | None = None,
    by: str | Iterable[str] = WAYS,
) -> pd.DataFrame:
    """Find the mildest changes of a scenario's shocks that bring the odds of a target down.

    Parameters
    ----------
    result : Run or RunTask
    target : str
        As `sim.probability` takes it: a target, with a number of one's own or without, or a group, whose members are
        all to be met.
    below : float
        Odds to which it is to come down, between 0 and 1.
    scenario : str, optional
        Of the run; None means its first.
    shock : str, optional
        The only shock to change; None means each in turn.
    by : str or iterable of str
        Some of `WAYS`.

    Returns
    -------
    DataFrame
        Columns target, below, by, shock, value, unit, odds_as_given, odds, once_in, status. By size, the value is the
        factor on its law that is nearest to one, and a shock so large happens once in so many years: as large as the
        median of its law times the factor, or larger. By probability, the value is that of the shock in the year,
        whatever it depends on. Together, values are sizes in the shocks' own units, all of them happening, with the
        least sum of squared normal scores of sizes in their own laws; once in so many years scores add up to as much
        along their direction. Status: `found`; `already below` as the scenario stands; `never below`, with the lowest
        odds within reach: sizes up to three times the law, a probability of 0 or 1. Given published figures, odds are
        those of the changed scenario given them, and how rare a shock is stays what its law says; `too few points`
        where the figures leave too few of such a year for its odds to be told.

    Raises
    ------
    InputError
        If a name is unknown, odds are out of range, or the scenario has no shocks or needs paths.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "export-slump", n_paths=1000, n_points=64, n_calibrations=0)
    >>> found = sim.find_stress(result, "gdp", 0.1, shock="export_slump", by="size")
    >>> found.status[0], bool(found.value[0] > 1)
    ('found', True)
    """
    import pandas as pd

    task = take_task(result)
    chosen, event, shocks, ways = _check(task, target, below, scenario, shock, by)
    count = task.settings.n_points
    fine, coarse = (
        lay_points(task.model, min(each, count), task.settings.seed, proposal=task.proposal)
        for each in (count, _COARSE)
    )
    search = _Search(
        model=task.model, scenario=chosen, event=event, fine=fine, coarse=coarse, below=below, known=task.known
    )
    given = search.measure({})
    rows = list[tuple[Any, ...]]()
    if given <= below:
        rows.append((target, below, "", "", np.nan, "", given, given, np.nan, "already below"))
    else:
        for way in ways:
            found = {"size": search.find_sizes, "probability": search.find_chances, "together": search.find_together}
            rows += [(target, below, way, *row[:3], given, *row[3:]) for row in found[way](shocks)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def trace_stress(
    result: Run | RunTask,
    target: str,
    *,
    scenario: str | None = None,
    shock: str | None = None,
    by: str | Iterable[str] = ("size", "probability"),
) -> pd.DataFrame:
    """Trace the odds of a target as shocks become larger, or likelier.

    Parameters
    ----------
    result : Run or RunTask
    target, scenario, shock
        As for `find_stress`.
    by : str or iterable of str
        `size` from nothing to three times the law, `probability` from 0 to 1.

    Returns
    -------
    DataFrame
        Columns target, by, shock, level, odds; of 256 points a replicate.

    Raises
    ------
    InputError
        As for `find_stress`.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "export-slump", n_paths=1000, n_points=64, n_calibrations=0)
    >>> traced = sim.trace_stress(result, "gdp", shock="export_slump", by="size")
    >>> bool(traced.odds.iloc[0] > traced.odds.iloc[-1])
    True
    """
    import pandas as pd

    task = take_task(result)
    chosen, event, shocks, ways = _check(task, target, 0.5, scenario, shock, by)
    count = min(_TRACED, task.settings.n_points)
    points = lay_points(task.model, count, task.settings.seed, proposal=task.proposal)
    search = _Search(
        model=task.model, scenario=chosen, event=event, fine=points, coarse=points, below=0.5, known=task.known
    )
    rows = [
        (target, way, name, level, odds)
        for way in ways
        for name in shocks
        for level, odds in (search.trace_sizes(name) if way == "size" else search.trace_chances(name))
    ]
    return pd.DataFrame(rows, columns=["target", "by", "shock", "level", "odds"])


def _check(
    task: RunTask, target: str, below: float, scenario: str | None, shock: str | None, by: str | Iterable[str]
) -> tuple[Scenario, Event, list[str], list[str]]:
    faults, event = list[Fault](), None
    try:
        event = read_event(task.model.plan, target)
    except InputError as error:
        faults += [replace(fault, file="target") for fault in error.faults]
    faults += blame_probability("below", below, 0.1)
    ways = [by] if isinstance(by, str) else list(by)
    known = {each.name: each for each in task.scenarios}
    name = task.scenarios[0].name if scenario is None else scenario
    for argument, given, valid in (("scenario", [name], list(known)), ("by", ways, list(WAYS))):
        for each in given:
            if each not in valid:
                nearest = find_nearest(each, valid)
                faults.append(
                    blame(argument, f"unknown '{each}'", "allowed: " + ", ".join(valid), nearest, code="unknown")
                )
    shocks = list[str]()
    if name in known:
        shocks = list(known[name].shocks)
        reason = explain_paths(task.model, known[name])
        counted = task.known is not None and not task.exact[[*known].index(name)]
        reason = reason or COUNTED * counted
        if reason:
            faults.append(blame("scenario", f"no stress of '{name}' can be found: {reason}", "choose another"))
        if not shocks:
            faults.append(blame("scenario", f"'{name}' has no shocks", "choose another"))
        elif shock is not None and shock not in shocks:
            listed = "allowed: " + ", ".join(shocks)
            faults.append(blame("shock", f"no shock '{shock}'", listed, find_nearest(shock, shocks), code="unknown"))
    if faults or event is None:
        raise InputError(faults)
    return known[name], event, shocks if shock is None else [shock], ways


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Search:
    """A search among changes of a scenario's shocks."""

    model: Model
    scenario: Scenario
    event: Event
    fine: Points
    coarse: Points
    below: float
    known: Known | None

    def measure(self, changes: Mapping[str, Mapping[str, object]], coarsely: bool = False) -> float:
        """Measure the odds with changed shocks; certain where the figures leave nothing of such years."""
        both, evidence = self.integrate(changes, coarsely)
        return both / evidence if evidence > _NOTHING else 1.0

    def integrate(self, changes: Mapping[str, Mapping[str, object]], coarsely: bool = False) -> tuple[float, float]:
        """Integrate the odds with changed shocks and that published figures come; and how likely these are."""
        both, told = self._integrate(changes, coarsely)
        return float(both.mean()), 1.0 if told is None else float(told.weight.mean())

    def judge(self, changes: Mapping[str, Mapping[str, object]]) -> str:
        """Judge whether enough points speak of years with changed shocks."""
        told = self._integrate(changes, False)[1]
        return "found" if told is None or told.effective >= FEWEST else "too few points"

    def _integrate(self, changes: Mapping[str, Mapping[str, object]], coarsely: bool) -> tuple[Floats, Evidence | None]:
        shocks = dict(self.scenario.shocks)
        for name, change in changes.items():
            shocks[name] = shocks[name].model_copy(update=dict(change))
        points = replace(self.coarse if coarsely else self.fine, _kept={})  # what is kept would grow with every change
        law = compile_scenario(self.model, replace(self.scenario, shocks=shocks))
        both, _, told = integrate_event(points, law, self.event, self.known)
        return both, told

    def find_sizes(self, shocks: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Find the factor on the size of each shock that is nearest to one."""
        marginals = dict(zip(self.scenario.shocks, self._find_marginals(), strict=True))
        for name in shocks:
            shock = self.scenario.shocks[name]

            def odds_at(factor: float, coarsely: bool = False, name: str = name, shock: Shock = shock) -> float:
                return self.measure({name: {"size": scale_size(shock.size, factor)}}, coarsely)

            tried = np.linspace(0, LARGEST, _STEPS)
            coarse = np.array([odds_at(float(factor), True) for factor in tried])
            factor = self._find_nearest(tried, coarse, odds_at)
            if factor is None:
                lowest = float(tried[coarse.argmin()])
                yield name, np.nan, "times its size", odds_at(lowest), np.nan, "never below"
                continue
            beyond = _find_tail(shock, factor)
            often = marginals[name] * beyond
            years = 1 / often if often > 0 else np.inf
            status = self.judge({name: {"size": scale_size(shock.size, factor)}})
            yield name, factor, "times its size", odds_at(factor), years, status

    def trace_sizes(self, name: str) -> Iterator[tuple[float, float]]:
        """Trace the odds over factors on a shock's size."""
        size = self.scenario.shocks[name].size
        for factor in np.linspace(0, LARGEST, _STEPS).tolist():
            yield factor, self.measure({name: {"size": scale_size(size, factor)}})

    def trace_chances(self, name: str) -> Iterator[tuple[float, float]]:
        """Trace the odds over the probability of a shock: a ratio of two straight lines."""
        sides = [self.integrate({name: {"probability": float(end), "depends_on": None}}) for end in (0, 1)]
        (low, high), (least, most) = zip(*sides, strict=True)
        for chance in np.linspace(0, 1, _STEPS).tolist():
            told = least + chance * (most - least)
            yield chance, (low + chance * (high - low)) / told if told > _NOTHING else 1.0

    def _find_marginals(self) -> list[float]:
        return find_marginals(compile_scenario(self.model, self.scenario, whole=True))

    def _find_joint(self, shocks: Sequence[str]) -> float:
        """Find how likely some shocks all happen."""
        law = compile_scenario(self.model, self.scenario, whole=True)
        return find_joint(law, [law.names.index(name) for name in shocks])

    def _find_nearest(self, tried: Floats, coarse: Floats, odds_at: Callable[[float], float]) -> float | None:
        """Find the level nearest to one at which the odds come down to what is asked, from brackets of coarse odds."""
        from scipy.optimize import brentq

        under, found = coarse <= self.below, list[float]()
        for place in np.flatnonzero(under[1:] != under[:-1]).tolist():
            ends = float(tried[max(place - 1, 0)]), float(tried[min(place + 2, len(tried) - 1)])
            gaps = [
                odds_at(end) - self.below for end in ends
            ]  # on many points the crossing may lie next to the bracket
            if gaps[0] * gaps[1] <= 0:
                found.append(float(brentq(lambda level: odds_at(level) - self.below, *ends, xtol=1e-7, rtol=1e-9)))
        if not found and odds_at(float(tried[-1])) <= self.below:
            found.append(float(brentq(lambda level: odds_at(level) - self.below, 1.0, float(tried[-1]), xtol=1e-7)))
        return min(found, key=lambda level: abs(level - 1)) if found else None

    def find_chances(self, shocks: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Find the probability of each shock: odds are a straight line between none and certainty.

        Given figures, so are the odds of both them and the target, and how likely they are.
        """
        for name in shocks:
            both, evidence = zip(
                *(self.integrate({name: {"probability": float(end), "depends_on": None}}) for end in (0, 1)),
                strict=True,
            )
            ends = [each / told if told > _NOTHING else 1.0 for each, told in zip(both, evidence, strict=True)]
            if min(ends) > self.below:
                yield name, np.nan, "probability", min(ends), np.nan, "never below"
                continue
            gap = both[0] - both[1] - self.below * (evidence[0] - evidence[1])
            chance = (both[0] - self.below * evidence[0]) / gap
            changed = {name: {"probability": chance, "depends_on": None}}
            years = 1 / chance if chance > 0 else np.inf
            yield name, chance, "probability", self.measure(changed), years, self.judge(changed)

    def find_together(self, shocks: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Find sizes of all shocks, which all happen, with the least sum of squared normal scores."""
        from scipy import optimize
        from scipy.special import ndtr

        laws = {name: self.scenario.shocks[name].size for name in shocks}

        def change(scores: Floats) -> dict[str, dict[str, object]]:
            sizes = [
                float(law.quantile(np.array([ndtr(score)]))[0])
                for law, score in zip(laws.values(), scores, strict=True)
            ]
            return {
                name: {"probability": 1.0, "depends_on": None, "size": Fixed(law="fixed", value=size, unit=law.unit)}
                for (name, law), size in zip(laws.items(), sizes, strict=True)
            }

        def odds_at(scores: Floats, coarsely: bool = True) -> float:
            return self.measure(change(np.asarray(scores)), coarsely)

        def differ(scores: Floats) -> Floats:
            steps = 0.02 * np.eye(len(scores))
            return np.array([odds_at(scores + step) - odds_at(scores - step) for step in steps]) / 0.04

        medians = np.zeros(len(laws))
        if odds_at(medians, False) <= self.below:
            along = np.zeros(len(laws))
        else:
            slope = differ(medians)
            way = -slope / max(float(np.sqrt(slope @ slope)), 1e-12)
            minimize: Any = optimize.minimize
            solved = minimize(
                lambda scores: scores @ scores,
                way,
                jac=lambda scores: 2 * scores,
                bounds=[(-_FAR, _FAR)] * len(laws),
                constraints={
                    "type": "ineq",
                    "fun": lambda scores: self.below - odds_at(scores),
                    "jac": lambda scores: -differ(scores),
                },
                method="SLSQP",
                options={"ftol": 1e-6, "maxiter": 40},
            )
            way = solved.x / max(float(np.sqrt(solved.x @ solved.x)), 1e-12)
            if odds_at(_FAR * way, False) > self.below:
                odds = odds_at(_FAR * way, False)
                for name in laws:
                    yield name, np.nan, laws[name].unit or "", odds, np.nan, "never below"
                return
            far = optimize.brentq(lambda length: odds_at(length * way, False) - self.below, 0, _FAR, xtol=1e-7)
            along = far * way
        often = self._find_joint(list(laws)) * float(ndtr(-np.sqrt(along @ along)))
        odds, status = odds_at(along, False), self.judge(change(along))
        for name, changed in change(along).items():
            size = changed["size"]
            assert isinstance(size, Fixed)
            yield name, size.value, size.unit or "", odds, 1 / often if often > 0 else np.inf, status


def find_rarity(model: Model, scenario: Scenario, name: str, factor: float) -> float:
    """Find in how many years once a shock is as large as the median of its law times a factor, or larger."""
    law = compile_scenario(model, scenario, whole=True)
    often = find_marginals(law)[law.names.index(name)] * _find_tail(scenario.shocks[name], factor)
    return 1 / often if often > 0 else float("inf")


def _find_tail(shock: Shock, factor: float) -> float:
    """Find how likely a shock that happens is as large as the median of its law times a factor, or larger."""
    middle = float(shock.size.quantile(np.array([0.5]))[0])
    low, high = 0.0, 1.0
    for _ in range(50):
        level = (low + high) / 2
        size = float(shock.size.quantile(np.array([level]))[0])
        low, high = (level, high) if abs(size) < abs(middle * factor) else (low, level)
    return 1 - high if factor > 1 else 1 - low
