"""A search among changes of shocks: sizes, probabilities and years in which all happen that bring odds down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim._typing import Floats
from sim.analysis.what_if import LARGEST
from sim.engine.exact.events import integrate_event
from sim.engine.exact.points import Points
from sim.engine.exact.strata import compile_part
from sim.engine.plausibility import FEWEST
from sim.inputs.plan.aims import Event
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.judgements import Likelihood
from sim.inputs.scenario.reading import Scenario
from sim.inputs.scenario.sizes import Fixed, scale_size
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario
from sim.model.shock_subsets import find_joint, find_marginals
from sim.results.evidence import Evidence

__all__ = ["Search", "find_rarity"]

_STEPS = 33  # factors that are tried, from none to the largest
_FAR = 6.0  # normal scores of sizes
_JUDGED = 0.001, 0.999  # what may be said of a probability
_NOTHING = 1e-290  # likelihood of figures


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Search:
    """A search among changes of a scenario's shocks.

    Attributes
    ----------
    model : Model
        Without opinions of centres.
    scenario : Scenario
        No mixture.
    event : Event
        Whose odds are to come down.
    fine, coarse : Points
        Of the model with the scenario's opinions: for what is told, and for brackets.
    below : float
        Odds asked for.
    known : Known or None
        Published figures.
    """

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
        law, judged = compile_part(self.model, self._say(replace(self.scenario, shocks=shocks), changes))
        both, _, told = integrate_event(points, law, self.event, self.known, judged)
        return both, told

    def _say(self, scenario: Scenario, changes: Mapping[str, Mapping[str, object]]) -> Scenario:
        """Let judgements of shocks whose probability is changed say what it is changed to."""
        if not scenario.events:
            return scenario
        told = {name: change["probability"] for name, change in changes.items() if "probability" in change}
        judgements = [
            each.model_copy(update={"asked": told[each.shock]})
            if isinstance(each, Likelihood) and each.shock in told
            else each
            for each in scenario.judgements
        ]
        return scenario.judge(*judgements)

    def find_sizes(self, shocks: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Find the factor on the size of each shock that is nearest to one."""
        marginals = self._find_marginals()
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
        """Trace the odds over the probability of a shock: without judgements a ratio of two straight lines."""
        if self.scenario.events:
            for chance in np.linspace(*_JUDGED, _STEPS).tolist():
                yield chance, self.measure({name: {"probability": chance, "depends_on": None}})
            return
        sides = [self.integrate({name: {"probability": float(end), "depends_on": None}}) for end in (0, 1)]
        (low, high), (least, most) = zip(*sides, strict=True)
        for chance in np.linspace(0, 1, _STEPS).tolist():
            told = least + chance * (most - least)
            yield chance, (low + chance * (high - low)) / told if told > _NOTHING else 1.0

    def _find_marginals(self) -> dict[str, float]:
        """Find how likely each shock is, as judged where that is said."""
        law = _compile_whole(self.model, self.scenario)
        said = {each.shock: each.asked for each in self.scenario.events if isinstance(each, Likelihood) and each.shock}
        return dict(zip(law.names, find_marginals(law), strict=True)) | said

    def _find_joint(self, shocks: Sequence[str]) -> float:
        """Find how likely some shocks all happen."""
        law = _compile_whole(self.model, self.scenario)
        return find_joint(law, [law.names.index(name) for name in shocks])

    def _find_nearest(
        self, tried: Floats, coarse: Floats, odds_at: Callable[[float], float], near: float = 1.0
    ) -> float | None:
        """Find the level nearest to one that has the odds asked for, from brackets of coarse odds."""
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
            found.append(float(brentq(lambda level: odds_at(level) - self.below, near, float(tried[-1]), xtol=1e-7)))
        return min(found, key=lambda level: abs(level - near)) if found else None

    def find_chances(self, shocks: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Find the probability of each shock: odds are a straight line between none and certainty.

        Given figures, so are the odds of both them and the target, and how likely they are. With judgements they are
        none, and brackets are searched.
        """
        if self.scenario.events:
            yield from map(self._find_judged_chance, shocks)
            return
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

    def _find_judged_chance(self, name: str) -> tuple[Any, ...]:
        """Find the probability of one shock where judgements are met anew with every change."""

        def change(chance: float) -> dict[str, dict[str, object]]:
            return {name: {"probability": chance, "depends_on": None}}

        tried, near = np.linspace(*_JUDGED, _STEPS), float(np.clip(self._find_marginals()[name], *_JUDGED))
        coarse = np.array([self.measure(change(float(each)), True) for each in tried])
        chance = self._find_nearest(tried, coarse, lambda each: self.measure(change(each)), near)
        if chance is None:
            lowest = min(self.measure(change(float(each))) for each in (tried[coarse.argmin()], *_JUDGED))
            return name, np.nan, "probability", lowest, np.nan, "never below"
        return name, chance, "probability", self.measure(change(chance)), 1 / chance, self.judge(change(chance))

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


def _compile_whole(model: Model, scenario: Scenario) -> ScenarioLaw:
    return compile_scenario(model, scenario.judge(), whole=True, with_rules=True)


def find_rarity(model: Model, scenario: Scenario, name: str, factor: float) -> float:
    """Find in how many years once a shock is as large as the median of its law times a factor, or larger."""
    law = _compile_whole(model, scenario)
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
