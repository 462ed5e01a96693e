"""Paths: what the model makes of draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Bools, Floats, Ints, Singles
from sim.engine.courses import NOTHING, run_courses, start_deliveries, start_growth
from sim.engine.draws import Draws, check_draws
from sim.engine.rules import YearSoFar, follow_rules
from sim.engine.shock_effects import draw_shocks, find_growth, find_setback
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.building import Given, take_scenario
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import take_model
from sim.model.deliveries import run_through, show_delivered
from sim.model.lookup_table import find_scale
from sim.model.milestones import find_needed, reach
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario

__all__ = ["Ordinary", "Paths", "choose_parts", "move_laws", "pick_parts", "simulate", "start", "unfold"]


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
    used : mapping of str to array of bool, shape (path,)
        Where each rule of the scenario strikes; empty for a mixture.
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
    used: Mapping[str, Bools] = field(default_factory=dict)

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
            used={rule: struck[span] for rule, struck in self.used.items()},
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
            whole = np.maximum(run[-1], np.float32(NOTHING))
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
    counts : mapping of int to sequence of (int, array)
        As in `YearSoFar`.
    """

    model: Model
    laws: Model
    draws: Draws
    figures: Singles
    needed: Singles
    news: Singles
    drive: Singles
    counts: Mapping[int, Sequence[tuple[int, Floats]]] = field(default_factory=dict)


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
    law = compile_scenario(model, scenario, with_rules=True) if law is None else law
    drawn = draw_shocks(law, draws)
    if law.rules:
        names = ("draws", "figures", "needed", "news", "counts")
        year = YearSoFar(law=laws.delivery_law, **{name: getattr(ordinary, name) for name in names})
        drawn = follow_rules(year, law, drawn)
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
        used={name: drawn[law.names.index(name)].happened for name in scenario.rules if name in law.names},
    )


def _mix(ordinary: Ordinary, mixture: Scenario) -> Paths:
    """Take each path from the part of a mixture that comes true on it."""
    parts = [unfold(ordinary, part) for part, _ in mixture.mixture]
    return pick_parts(parts, mixture, choose_parts(ordinary.draws, mixture))


def choose_parts(draws: Draws, mixture: Scenario) -> Ints:
    """Choose the part of a mixture that comes true on each path, by place."""
    ends = np.cumsum([weight for _, weight in mixture.mixture])[:-1] * 2.0**32
    chosen: Ints = np.searchsorted(ends, draws.draw_part(mixture.name), side="right")
    return chosen


def pick_parts(parts: Sequence[Paths], mixture: Scenario, chosen: Ints) -> Paths:
    """Take each path of a mixture from one of its parts, all on the same draws.

    Parameters
    ----------
    parts : sequence of Paths
        Of each part, in its order.
    mixture : Scenario
    chosen : array of int, shape (path,)
        Places of the parts.

    Returns
    -------
    Paths
    """
    first = parts[0]

    def pick(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
        picked: NDArray[Any] = arrays[0].copy()
        for place, array in enumerate(arrays[1:], 1):
            picked[..., chosen == place] = array[..., chosen == place]
        return picked

    runs = list(zip(*(part.course_of for part in parts), strict=True))  # of each delivery, its course in each part
    distinct = list(dict.fromkeys(runs))
    courses = [pick([part.courses[at] for part, at in zip(parts, each, strict=True)]) for each in distinct]
    wide = (*first.reached.shape[:2], first.n_paths)
    return replace(
        first,
        scenario=mixture,
        used={
            rule: pick([part.used.get(rule, np.zeros(part.n_paths, bool)) for part in parts])
            for rule in dict.fromkeys(rule for part in parts for rule in part.used)
        },
        figures=pick([part.figures for part in parts]),
        needed=first.needed if first.weight is None else pick([part.needed for part in parts]),
        courses=np.stack(courses) if courses else first.courses,
        course_of=tuple(distinct.index(each) for each in runs),
        reached=pick([np.broadcast_to(part.reached, wide) for part in parts]),
        weight=None if first.weight is None else pick([part.weight for part in parts if part.weight is not None]),
        amounts={
            number: tuple(
                (quarter, pick([part.amounts[number][row][1] for part in parts]))
                for row, (quarter, _) in enumerate(known)
            )
            for number, known in first.amounts.items()
        },
    )
