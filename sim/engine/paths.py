"""Paths: what the model makes of draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles
from sim.engine.draws import Draws, check_draws
from sim.engine.shock_effects import ShockDraw, draw_shocks, find_factor, find_growth, find_setback
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.building import Given, take_scenario
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import take_model
from sim.model.deliveries import DeliveryLaw, count_due, run_course, run_through, show_delivered, tabulate_wait
from sim.model.drawn_growth import Innovations, follow_growth
from sim.model.growth import Law
from sim.model.lookup_table import find_scale
from sim.model.milestones import find_needed, reach
from sim.model.model import Model
from sim.model.reduced_form import mix
from sim.model.scenario_law import ScenarioLaw, compile_scenario

__all__ = [
    "Ordinary",
    "Paths",
    "find_course",
    "move_laws",
    "run_courses",
    "simulate",
    "start",
    "start_deliveries",
    "start_growth",
    "unfold",
    "wait_for_arrivals",
]

_NOTHING = -1e3  # log of what is delivered where shocks stop all work for the whole year


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Paths:
    """Simulated years of one scenario.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    figures : array, shape (2, quarter, series, path)
        Year-on-year growth, %: of single quarters, then from the year's start to each quarter's end.
    laws : Model
        The laws that they follow: the model's, or those of a calibration of its own for each path.
    needed : array, shape (quarter, delivery, path)
        Log of the course that has delivered what is due by each quarter's end.
    courses : array, shape (course, quarter, path)
        Log of the amount expected by the quarter's end at a speed of one.
    course_of : tuple of int
        The course that each delivery runs; many run the same one.
    reached : array of bool, shape (quarter, milestone, path)
        Whether each milestone is done by the quarter's end.
    seed : int
        Of the draws.
    weight : array, shape (path,), optional
        How likely published figures were on each path; None where there are none.
    amounts : mapping of int to tuple of (int, array)
        Of deliveries with published figures: by quarter, what had been delivered by its end as a share of the goal.
    """

    model: Model
    scenario: Scenario
    figures: Singles
    laws: Model
    needed: Singles
    courses: Singles
    course_of: tuple[int, ...]
    reached: NDArray[np.bool_]
    seed: int
    weight: Floats | None = None
    amounts: Mapping[int, tuple[tuple[int, Singles], ...]] = field(default_factory=dict)

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
            laws=self.laws if self.laws is self.model else self.laws.take_samples(lambda array: array[..., span]),
            figures=self.figures[..., span],
            needed=self.needed[..., span],
            courses=self.courses[..., span],
            reached=self.reached[..., span],
            weight=None if self.weight is None else self.weight[span],
            amounts={
                number: tuple((quarter, come[span]) for quarter, come in known)
                for number, known in self.amounts.items()
            },
        )

    @property
    def growth(self) -> Singles:
        """Growth of single quarters, %, shape (quarter, series, path)."""
        growth: Singles = self.figures[0]
        return growth

    @property
    def cumulative(self) -> Singles:
        """Growth from the year's start to each quarter's end, %, shape (quarter, series, path)."""
        cumulative: Singles = self.figures[1]
        return cumulative

    @property
    def progress(self) -> Singles:
        """Share of each delivery's goal delivered by each quarter's end, shape (quarter, delivery, path)."""
        progress = np.empty(self.needed.shape, np.float32)
        for number, course in enumerate(self.course_of):
            run = self.courses[course]
            whole = np.maximum(run[-1], np.float32(_NOTHING))
            year = show_delivered(self.laws.delivery_law, number, whole - self.needed[-1, number])
            progress[:, number] = np.exp(run - whole) * year
            if number in self.amounts:
                progress[:, number] = run_through(np.exp(run), self.amounts[number], year)
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
    laws : Model
        The same, or with a calibration of its own for each path.
    draws : Draws
    figures : array, shape (2, quarter, series, path)
        As in `Paths`.
    needed : array, shape (quarter, delivery, path)
    news : array, shape (quarter, path)
        As `start_deliveries` gives them.
    drive : array, shape (milestone, path)
        Of milestones, standard normal.
    """

    model: Model
    laws: Model
    draws: Draws
    figures: Singles
    needed: Singles
    news: Singles
    drive: Singles


def start(model: Model, draws: Draws, laws: Model | None = None) -> Ordinary:
    """Simulate the year without shocks.

    Parameters
    ----------
    model : Model
    draws : Draws
    laws : Model, optional
        What `move_laws` gives, where that was done before.

    Returns
    -------
    Ordinary
    """
    laws = move_laws(model, draws) if laws is None else laws
    scale = find_scale(laws.law.degrees_of_freedom, draws.levels)
    needed, news = start_deliveries(laws.delivery_law, draws, scale)
    milestones = laws.milestone_law
    drive = (milestones.own * draws.milestone_own).astype(np.float32)
    drive += milestones.common.astype(np.float32) * draws.delivery_common
    drive += milestones.macro.astype(np.float32) * draws.trend_common
    return Ordinary(
        model=model,
        laws=laws,
        draws=draws,
        figures=start_growth(model, laws.law, draws, scale),
        needed=needed,
        news=news,
        drive=drive,
    )


def move_laws(model: Model, draws: Draws) -> Model:
    """Move a model's laws by what the draws say of its calibration; the model itself if they say nothing."""
    return model.move(draws.draw_numbers(model.uncertain)) if draws.redrawn else model


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
    if scenario.mixture:
        return _mix(ordinary, scenario)
    model, laws, draws = ordinary.model, ordinary.laws, ordinary.draws
    law = compile_scenario(model, scenario) if law is None else law
    drawn = draw_shocks(law, draws)
    figures = ordinary.figures
    if drawn:
        added = find_growth(law, drawn)
        figures = np.add(added, figures, out=added)
    courses, course_of = run_courses(laws.delivery_law, ordinary.news, law, drawn)
    setback = find_setback(law, drawn, range(len(model.milestone_law.ids)))
    slip = laws.milestone_law.slip.astype(np.float32)
    raised = None if setback is None else setback * (slip if slip.ndim == 2 else slip[:, None])
    return Paths(
        model=model,
        laws=laws,
        scenario=scenario,
        figures=figures,
        needed=ordinary.needed,
        courses=courses,
        course_of=course_of,
        reached=reach(find_needed(laws.milestone_law, raised), ordinary.drive),
        seed=draws.seed,
    )


def _mix(ordinary: Ordinary, mixture: Scenario) -> Paths:
    """Take each path from the part of a mixture that comes true on it."""
    parts = [unfold(ordinary, part) for part, _ in mixture.mixture]
    ends = np.cumsum([weight for _, weight in mixture.mixture])[:-1] * 2.0**32
    chosen = np.searchsorted(ends, ordinary.draws.draw_part(mixture.name), side="right")

    def pick(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
        picked: NDArray[Any] = arrays[0].copy()
        for place, array in enumerate(arrays[1:], 1):
            picked[..., chosen == place] = array[..., chosen == place]
        return picked

    runs = list(zip(*(part.course_of for part in parts), strict=True))  # of each delivery, its course in each part
    distinct = list(dict.fromkeys(runs))
    courses = [pick([part.courses[at] for part, at in zip(parts, each, strict=True)]) for each in distinct]
    wide = (*parts[0].reached.shape[:2], ordinary.draws.n_paths)
    return replace(
        parts[0],
        scenario=mixture,
        figures=pick([part.figures for part in parts]),
        courses=np.stack(courses) if courses else parts[0].courses,
        course_of=tuple(distinct.index(each) for each in runs),
        reached=pick([np.broadcast_to(part.reached, wide) for part in parts]),
    )


def run_courses(
    law: DeliveryLaw, news: Singles, scenario: ScenarioLaw, drawn: Mapping[int, ShockDraw]
) -> tuple[Singles, tuple[int, ...]]:
    """Run the courses of deliveries: one for each season and way of being slowed.

    Parameters
    ----------
    law : DeliveryLaw
    news : array, shape (quarter, path)
        Factor of each quarter on the speed of all deliveries.
    scenario : ScenarioLaw
    drawn : mapping of int to ShockDraw
        Its shocks.

    Returns
    -------
    courses : array, shape (course, quarter, path)
        Log of the amount expected by the quarter's end at a speed of one.
    course_of : tuple of int, shape (delivery,)
        The course that each delivery runs.
    """
    places: dict[tuple[str, bytes], int] = {}
    courses: list[Singles] = []
    course_of: list[int] = []
    for number, name in enumerate(law.courses):
        key = name, scenario.speed[:, number].tobytes()
        if key not in places:
            places[key] = len(courses)
            courses.append(find_course(law, news, find_factor(scenario, drawn, number), number))
        course_of.append(places[key])
    stacked = np.stack(courses) if courses else np.empty((0, *news.shape), np.float32)
    return stacked, tuple(course_of)


def find_course(law: DeliveryLaw, news: Singles, factor: Singles | None, number: int) -> Singles:
    """Find the log of what a delivery is expected to bring by each quarter's end at a speed of one.

    Parameters
    ----------
    law : DeliveryLaw
    news : array, shape (quarter, path)
        Factor of each quarter on the speed of all deliveries.
    factor : array, shape (quarter, path), or None
        Of shocks on its speed.
    number : int
        Of the delivery.

    Returns
    -------
    array, shape (quarter, path)
    """
    course = run_course(law.season[:, number], news if factor is None else news * factor)
    with np.errstate(divide="ignore"):  # shocks may have stopped it
        return np.log(course, out=course)


def start_growth(model: Model, law: Law, draws: Draws, scale: Singles) -> Singles:
    """Simulate growth without shocks.

    Parameters
    ----------
    model : Model
    law : Law
        The model's, or one of each path's own calibration.
    draws : Draws
    scale : array, shape (quarter, path)
        Root of the heavy-tail scale.

    Returns
    -------
    array, shape (2, quarter, series, path)
        %; of single quarters, then from the year's start to each quarter's end.
    """
    lone = draws.quarter_own if draws.quarter_own.shape[1] else None
    if law.is_drawn:
        moves = Innovations(
            common=draws.common,
            scale=scale,
            trend_common=draws.trend_common,
            own=draws.own,
            quarter_own=lone,
            trend_own=draws.trend_own,
        )
        return follow_growth(law, moves)
    quarters, series = law.path.shape
    rows = 1 + series * (1 if lone is None else 2)
    pieces = np.empty((2 + series + quarters * rows, draws.n_paths), np.float32)
    pieces[0], pieces[1], pieces[2 : 2 + series] = 1, draws.trend_common, draws.trend_own
    news = pieces[2 + series :].reshape(quarters, rows, draws.n_paths)
    np.multiply(draws.common, scale, out=news[:, 0])
    np.multiply(draws.own, scale[:, None], out=news[:, 1 : 1 + series])
    if lone is not None:
        np.multiply(lone, scale[:, None], out=news[:, 1 + series :])
    return mix(model.reduced.weights, pieces).reshape(2, quarters, series, draws.n_paths)


def start_deliveries(law: DeliveryLaw, draws: Draws, scale: Singles) -> tuple[Singles, Singles]:
    """Simulate what deliveries take into the year, before shocks.

    Parameters
    ----------
    law : DeliveryLaw
    draws : Draws
    scale : array, shape (quarter, path)
        Root of the heavy-tail scale.

    Returns
    -------
    needed : array, shape (quarter, delivery, path)
        Log of the course that has delivered what is due by each quarter's end; minus infinity where nothing is.
    news : array, shape (quarter, path)
        Factor of each quarter on the speed of all deliveries.
    """
    single = np.float32
    quarters = len(draws.common)
    needed = np.empty((quarters, len(law.ids), draws.n_paths), single)
    for number, things in enumerate(law.arrivals):
        ahead = law.lead[number] + law.shared[number] * law.common * draws.delivery_common
        ahead = ahead + law.macro[number] * draws.trend_common
        if np.isfinite(things):
            ahead = ahead + law.spread[number] * draws.delivery_own[number]
            waits = wait_for_arrivals(law, number, draws.delivery_quarter[:, number])
        else:
            ahead = ahead + law.spread[number] * np.sqrt(1 - law.within) * draws.delivery_own[number]
            waits = _find_lateness(law, number, draws.delivery_quarter[:, number])
        needed[:, number] = waits - ahead.astype(single)
    news: Singles = np.exp(law.news.astype(single) * draws.common * scale)
    return needed, news


def _find_lateness(law: DeliveryLaw, number: int, normals: Singles) -> Singles:
    """Log of what is due by each quarter's end, less what the quarters' own speed has brought, (quarter, path)."""
    season = law.season[:, number].astype(np.float32)
    season = season if season.ndim == 2 else season[:, None]
    own = law.spread[number] * np.sqrt(law.within / (season**2).sum(axis=0))
    brought = np.cumsum(season * normals, axis=0) / np.maximum(np.cumsum(season, axis=0), np.float32(1e-12))
    due = law.due[:, number].copy()
    due[-1] = 1
    with np.errstate(divide="ignore"):
        late: Singles = (np.log(due)[:, None] - own * brought).astype(np.float32)
    return late


def wait_for_arrivals(law: DeliveryLaw, number: int, normals: Singles) -> Singles:
    """Wait for the single things of a delivery that fall due by each quarter's end.

    Parameters
    ----------
    law : DeliveryLaw
    number : int
        Of the delivery.
    normals : array, shape (quarter, path)
        Standard normal.

    Returns
    -------
    array, shape (quarter, path)
        Log of the time by which a Poisson process that brings all of them in a time of one has brought them.
    """
    waits = np.zeros(normals.shape, np.float32)
    before = 0.0
    for quarter in range(len(normals)):
        due = count_due(law, quarter, number)
        if quarter:
            waits[quarter] = waits[quarter - 1]
        if due > before:
            waits[quarter] += tabulate_wait(due - before).read(normals[quarter])
        before = max(due, before)
    with np.errstate(divide="ignore"):
        logs: Singles = np.log(waits / np.float32(law.arrivals[number]))
    return logs
