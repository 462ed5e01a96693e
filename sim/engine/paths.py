"""Paths: what the model makes of draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim._typing import Singles
from sim.engine.draws import Draws, check_draws
from sim.engine.shock_effects import draw_shocks, find_delay, find_growth, find_speed
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.building import Given, take_scenario
from sim.inputs.scenario.reading import Scenario
from sim.model.deliveries import DeliveryLaw, run_course, wait_for_last
from sim.model.lookup_table import Lookup
from sim.model.milestones import _TABLE_END, _TABLE_STEP, MilestoneLaw, compute_lateness, reach
from sim.model.model import Model, take_model
from sim.model.reduced_form import Reduced, mix
from sim.model.scenario_law import ScenarioLaw, compile_scenario

__all__ = [
    "Ordinary",
    "Paths",
    "find_lateness",
    "follow_law",
    "run_courses",
    "simulate",
    "start",
    "start_deliveries",
    "unfold",
]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Paths:
    """Simulated years of one scenario.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    figures : array, shape (2, quarter, series, path)
        Year-on-year growth, %: of single quarters, then from January to each quarter's end.
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
    figures: Singles
    pace: Singles
    courses: Singles
    course_of: tuple[int, ...]
    reached: NDArray[np.bool_]
    seed: int

    def cut(self, span: slice) -> Paths:
        """Take some of the paths, without copying them.

        Parameters
        ----------
        span : slice
            Over the paths.

        Returns
        -------
        Paths
        """
        return replace(
            self,
            figures=self.figures[..., span],
            pace=self.pace[..., span],
            courses=self.courses[..., span],
            reached=self.reached[..., span],
        )

    @property
    def growth(self) -> Singles:
        """Growth of single quarters, %, shape (quarter, series, path)."""
        growth: Singles = self.figures[0]
        return growth

    @property
    def cumulative(self) -> Singles:
        """Growth from January to each quarter's end, %, shape (quarter, series, path)."""
        cumulative: Singles = self.figures[1]
        return cumulative

    @property
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


def simulate(model: Model | Plan | str | Path, scenario: Given, draws: Draws) -> Paths:
    """Simulate a scenario on given draws; a pure function.

    Parameters
    ----------
    model : Model, Plan, str or Path
        A model, or the plan or shipped name of one.
    scenario : Scenario, str or Path
        A scenario, or the name or file of one.
    draws : Draws
        Of the same model. Two scenarios on the same draws differ by their shocks alone.

    Returns
    -------
    Paths

    Raises
    ------
    InputError
        If the model or the scenario is faulty, or the draws are of another model.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> model = sim.load_model(plan)
    >>> sim.simulate(model, sim.read_scenario("baseline", plan), sim.draw(model, n_paths=1000))
    <Paths of baseline: 4 quarters, 6 indicators, 1,000 paths>
    """
    model = take_model(model)
    scenario = take_scenario(scenario, model.plan)
    check_draws(draws, model)
    return unfold(start(model, draws), scenario)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ordinary:
    """The year without shocks, which every scenario on the same draws starts from.

    Attributes
    ----------
    model : Model
    draws : Draws
    figures : array, shape (2, quarter, series, path)
        As in `Paths`.
    pace : array, shape (delivery, path)
    news : array, shape (quarter, path)
        As `start_deliveries` gives them.
    lateness : array, shape (milestone, path)
        Quarters, as `find_lateness` gives them.
    """

    model: Model
    draws: Draws
    figures: Singles
    pace: Singles
    news: Singles
    lateness: Singles


def start(model: Model, draws: Draws) -> Ordinary:
    """Simulate the year without shocks.

    Parameters
    ----------
    model : Model
    draws : Draws

    Returns
    -------
    Ordinary
    """
    pace, news = start_deliveries(model.delivery_law, draws)
    return Ordinary(
        model=model,
        draws=draws,
        figures=follow_law(model.reduced, draws),
        pace=pace,
        news=news,
        lateness=find_lateness(model.milestone_law, draws),
    )


def unfold(ordinary: Ordinary, scenario: Scenario, law: ScenarioLaw | None = None) -> Paths:
    """Lay a scenario's shocks over the year without shocks.

    Parameters
    ----------
    ordinary : Ordinary
    scenario : Scenario
    law : ScenarioLaw, optional
        The scenario compiled for the model, where that was done before.

    Returns
    -------
    Paths
    """
    model, draws = ordinary.model, ordinary.draws
    law = compile_scenario(model, scenario) if law is None else law
    drawn = draw_shocks(law, draws)
    figures = ordinary.figures
    if drawn:
        added = find_growth(law, drawn)
        figures = np.add(added, figures, out=added)
    courses, course_of = run_courses(model.delivery_law, ordinary.news, *find_speed(law, drawn))
    delay = find_delay(law, drawn, model.milestone_law.planned)
    lateness = ordinary.lateness if delay is None else ordinary.lateness + delay
    return Paths(
        model=model,
        scenario=scenario,
        figures=figures,
        pace=ordinary.pace,
        courses=courses,
        course_of=course_of,
        reached=reach(model.milestone_law, lateness, len(model.law.path)),
        seed=draws.seed,
    )


def run_courses(
    law: DeliveryLaw, news: Singles, factors: Sequence[Singles | None], factor_of: Sequence[int]
) -> tuple[Singles, tuple[int, ...]]:
    """Run the courses of deliveries: one for each season and way of being slowed.

    Parameters
    ----------
    law : DeliveryLaw
    news : array, shape (quarter, path)
        Factor of each quarter on the speed of all deliveries.
    factors : sequence of (array, shape (quarter, path), or None)
        Factors of shocks on the speed, as `find_speed` gives them; None means one everywhere.
    factor_of : sequence of int, shape (delivery,)
        The factor of each delivery.

    Returns
    -------
    courses : array, shape (course, quarter, path)
        Amount delivered by the quarter's end at a pace of one.
    course_of : tuple of int, shape (delivery,)
        The course that each delivery runs.
    """
    places: dict[tuple[bytes, int], int] = {}
    courses: list[Singles] = []
    course_of: list[int] = []
    for number, chosen in enumerate(factor_of):
        season, factor = law.season[:, number], factors[chosen]
        key = season.tobytes(), chosen
        if key not in places:
            places[key] = len(courses)
            courses.append(run_course(season, news if factor is None else news * factor))
        course_of.append(places[key])
    stacked = np.stack(courses) if courses else np.empty((0, *news.shape), np.float32)
    return stacked, tuple(course_of)


def follow_law(reduced: Reduced, draws: Draws) -> Singles:
    """Simulate growth without shocks.

    Parameters
    ----------
    reduced : Reduced
    draws : Draws

    Returns
    -------
    array, shape (2, quarter, series, path)
        %; of single quarters, then from January to each quarter's end.
    """
    quarters, series = reduced.law.path.shape
    pieces = np.empty((2 + series + quarters * (1 + series), draws.n_paths), np.float32)
    pieces[0], pieces[1], pieces[2 : 2 + series] = 1, draws.trend_common, draws.trend_own
    news = pieces[2 + series :].reshape(quarters, 1 + series, draws.n_paths)
    np.multiply(draws.common, draws.scale, out=news[:, 0])
    np.multiply(draws.own, draws.scale[:, None], out=news[:, 1:])
    return mix(reduced.weights, pieces).reshape(2, quarters, series, draws.n_paths)


def start_deliveries(law: DeliveryLaw, draws: Draws) -> tuple[Singles, Singles]:
    """Simulate what deliveries take into the year, before shocks.

    Parameters
    ----------
    law : DeliveryLaw
    draws : Draws

    Returns
    -------
    pace : array, shape (series, path)
        Amount of a year over the goal's arrival time, per unit of season.
    news : array, shape (quarter, path)
        Factor of each quarter on the speed of all deliveries.
    """
    single = np.float32
    if not law.ids:
        return np.empty((0, draws.n_paths), single), np.empty((len(draws.common), draws.n_paths), single)
    shared = single(law.common) * draws.delivery_common + single(law.macro) * draws.trend_common
    pace = law.spread.astype(single)[:, None] * draws.delivery_own
    pace += law.shared.astype(single)[:, None] * shared
    pace += np.log1p(law.reserve).astype(single)[:, None]
    np.exp(pace, out=pace)
    counted = np.flatnonzero(np.isfinite(law.arrivals))
    pace[counted] /= wait_for_last(law.arrivals[counted].astype(single)[:, None], draws.delivery_arrival[counted])
    return pace, np.exp(single(law.news) * draws.common * draws.scale)


def find_lateness(law: MilestoneLaw, draws: Draws) -> Singles:
    """Simulate when each milestone is reached, before shocks.

    Parameters
    ----------
    law : MilestoneLaw
    draws : Draws

    Returns
    -------
    array, shape (series, path)
        Quarters from the end of the planned quarter; negative where it is early.

    Notes
    -----
    Read off a fine table of `compute_lateness`, which is ten times faster than its special functions and off by
    less than a hundredth of a quarter, or by a few days within the first two weeks of a delay.
    """
    single = np.float32
    shared = single(law.common) * draws.delivery_common + single(law.macro) * draws.trend_common
    own = single(np.sqrt(1 - law.common**2 - law.macro**2))
    grid = np.arange(-_TABLE_END, _TABLE_END + _TABLE_STEP, _TABLE_STEP)
    lateness = np.empty_like(draws.milestone_own)
    for chance in set(law.on_time):
        table = Lookup(-_TABLE_END, _TABLE_STEP, compute_lateness(law, chance, grid).astype(single))
        for row in np.flatnonzero(law.on_time == chance):
            lateness[row] = table.read(own * draws.milestone_own[row] + shared)
    return lateness
