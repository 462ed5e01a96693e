"""Paths: what the model makes of draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.delivery import DeliveryLaw, find_lateness, reach, run_course, start_deliveries
from sim.draws import Draws
from sim.macro import Law
from sim.model import Model
from sim.quarters import accumulate
from sim.scenario import Scenario
from sim.strikes import Speed, find_delay, find_speed, hit_growth, strike

__all__ = ["Ordinary", "Paths", "follow_law", "run_courses", "simulate", "start", "unfold"]

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Paths:
    """Simulated years.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    growth : array, shape (quarter, series, path)
        Year-on-year growth of single quarters, %.
    pace : array, shape (delivery, path)
        Pace of each delivery in its year.
    courses : array, shape (course, quarter, path)
        Amount delivered by the quarter's end at a pace of one.
    course_of : tuple of int
        The course that each delivery runs; many run the same one.
    reached : array of bool, shape (quarter, milestone, path)
        Whether each milestone is reached by the quarter's end.
    seed : int
        Of the draws.
    """

    model: Model
    scenario: Scenario
    growth: Singles
    pace: Singles
    courses: Singles
    course_of: tuple[int, ...]
    reached: NDArray[np.bool_]
    seed: int

    def cut(self, span: slice) -> Paths:
        """Some of the paths."""
        return replace(
            self,
            growth=self.growth[..., span],
            pace=self.pace[..., span],
            courses=self.courses[..., span],
            reached=self.reached[..., span],
        )

    @cached_property
    def cumulative(self) -> Singles:
        """Growth from the year's start to each quarter's end, %, shape (quarter, series, path)."""
        shares = self.model.law.shares.astype(np.float32)[:, :, None]
        cumulative: Singles = accumulate(self.growth, shares)
        return cumulative

    @cached_property
    def progress(self) -> Singles:
        """Share of each delivery's goal delivered by each quarter's end, shape (quarter, delivery, path)."""
        progress: Singles = self.courses[list(self.course_of)].swapaxes(0, 1) * self.pace
        return progress

    @property
    def annual(self) -> Singles:
        """Growth of the year, %, shape (series, path)."""
        annual: Singles = self.cumulative[-1]
        return annual

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return int(self.growth.shape[-1])

    def __repr__(self) -> str:
        quarters, series, paths = self.growth.shape
        return f"<Paths of {self.scenario.name}: {quarters} quarters, {series} indicators, {paths:,} paths>"


def simulate(model: Model, scenario: Scenario, draws: Draws) -> Paths:
    """Simulate a scenario on given draws; a pure function.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    draws : Draws
        Two scenarios on the same draws differ by their shocks alone.

    Returns
    -------
    Paths

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> model = sim.calibrate(plan)
    >>> sim.simulate(model, sim.read_scenario("baseline", plan), sim.draw(model, n_paths=1000))
    <Paths of baseline: 4 quarters, 6 indicators, 1,000 paths>
    """
    return unfold(start(model, draws), scenario)


@dataclass(frozen=True)
class Ordinary:
    """The year without shocks, which every scenario on the same draws starts from.

    Attributes
    ----------
    model : Model
    draws : Draws
    growth : array, shape (quarter, series, path)
    pace, news : array
        Of the deliveries, as `start_deliveries` gives them.
    lateness : array, shape (milestone, path)
    """

    model: Model
    draws: Draws
    growth: Singles
    pace: Singles
    news: Singles
    lateness: Singles


def start(model: Model, draws: Draws) -> Ordinary:
    """Simulate the year without shocks."""
    pace, news = start_deliveries(model.delivery_law, draws)
    lateness = find_lateness(model.milestone_law, draws)
    return Ordinary(model, draws, follow_law(model.law, draws), pace, news, lateness)


def unfold(ordinary: Ordinary, scenario: Scenario) -> Paths:
    """Lay a scenario's shocks over the year without shocks."""
    model, draws = ordinary.model, ordinary.draws
    strikes = strike(scenario, draws, model.plan.quarter_names)
    growth = hit_growth(ordinary.growth, model, scenario, strikes)
    speeds = find_speed(model, scenario, strikes, list(model.delivery_law.ids))
    courses, course_of = run_courses(model.delivery_law, ordinary.news, speeds)
    delay = find_delay(model, scenario, strikes)
    lateness = ordinary.lateness if delay is None else ordinary.lateness + delay
    reached = reach(model.milestone_law, lateness, len(growth))
    return Paths(model, scenario, growth, ordinary.pace, courses, course_of, reached, draws.seed)


def run_courses(law: DeliveryLaw, news: Singles, speeds: list[Speed]) -> tuple[Singles, tuple[int, ...]]:
    """The courses of deliveries, and which of them each delivery runs: one a season and a way of being slowed.

    Parameters
    ----------
    law : DeliveryLaw
    news : array, shape (quarter, path)
        Factor of each quarter on the speed of all deliveries.
    speeds : list of Speed
        Of each delivery.

    Returns
    -------
    courses : array, shape (course, quarter, path)
    course_of : tuple of int
    """
    places: dict[tuple[bytes, Speed], int] = {}
    courses: list[Singles] = []
    course_of: list[int] = []
    for number, speed in enumerate(speeds):
        key = law.season[:, number].tobytes(), speed
        if key not in places:
            places[key] = len(courses)
            courses.append(run_course(law.season[:, number], news if speed.factor is None else news * speed.factor))
        course_of.append(places[key])
    stacked = np.stack(courses) if courses else np.empty((0, *news.shape), np.float32)
    return stacked, tuple(course_of)


def follow_law(law: Law, draws: Draws) -> Singles:
    """Growth of single quarters without shocks.

    Returns
    -------
    array, shape (quarter, series, path)
        %.

    Notes
    -----
    Every step is element by element, in an order set by the indicators' places in the law's arrays alone; no
    matrix product is used, whose last bits would depend on the number of paths at hand.
    """
    single = np.float32
    path, momentum, persistence = (array.astype(single) for array in (law.path, law.momentum, law.persistence))
    common, own = law.innovation_common.astype(single)[:, None], law.innovation_own.astype(single)[:, None]
    growth = np.empty_like(draws.own)
    trend = law.trend_own.astype(single)[:, None] * draws.trend_own
    trend += law.trend_common.astype(single)[:, None] * draws.trend_common
    deviation = np.repeat(momentum[:, None], draws.n_paths, axis=1)
    for quarter in range(len(growth)):
        news = growth[quarter]
        np.multiply(own, draws.own[quarter], out=news)
        news += common * draws.common[quarter]
        news *= draws.scale[quarter]
        news += _persist(persistence, deviation)
        deviation = news.copy()
        news += path[quarter][:, None]
        news += trend
    return growth


def _persist(persistence: Singles, deviation: Singles) -> Singles:
    """What is left of a deviation, and what spills over from one indicator to others."""
    kept = np.diag(persistence)[:, None] * deviation
    spilled = persistence - np.diag(np.diag(persistence))
    for origin in np.flatnonzero(spilled.any(axis=0)):
        kept += spilled[:, origin, None] * deviation[origin]
    return kept
