"""Judgements compiled for a model: events that a year brings or not, and how likely each is said to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim._typing import Bools, Floats, Singles
from sim.inputs.quarters import find_printed_step
from sim.inputs.scenario.judgements import Likelihood, Median, list_judged_periods
from sim.model.known import Known, KnownGrowth
from sim.model.opinions import place_opinions
from sim.model.scenario_law import ScenarioLaw, compile_scenario
from sim.model.tilting import solve_tilt

if TYPE_CHECKING:
    from sim.inputs.plan.plan import Plan
    from sim.inputs.scenario.reading import Scenario
    from sim.model.model import Model

__all__ = [
    "Judged",
    "JudgedEvent",
    "add_cells",
    "compile_judged",
    "hold_centres",
    "list_judged_figures",
    "place_event",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedEvent:
    """An event whose probability is judged.

    Attributes
    ----------
    shock : str
        The shock that happens; empty where it is about a figure.
    name : str
        Series and period of the figure, which name its random stream.
    kind, quarter, series : int
        The figure, as in `KnownGrowth`.
    bound : float
        Figures from it on are on the upper side, %.
    is_upper : bool
        Whether the upper side is judged.
    asked : float
        How likely it is said to be.
    """

    shock: str = ""
    name: str = ""
    kind: int = 0
    quarter: int = 0
    series: int = 0
    bound: float = 0.0
    is_upper: bool = True
    asked: float

    @property
    def figure(self) -> tuple[int, int, int]:
        """The figure that it is about."""
        return self.kind, self.quarter, self.series


def place_event(plan: Plan, judgement: Likelihood | Median) -> JudgedEvent:
    """Place a judged event among a plan's figures.

    Parameters
    ----------
    plan : Plan
    judgement : Likelihood or Median

    Returns
    -------
    JudgedEvent
        A figure at least so large, or below it, is the figure as it is printed; a median is that before rounding.
    """
    if isinstance(judgement, Likelihood) and judgement.shock:
        return JudgedEvent(shock=judgement.shock, asked=judgement.asked)
    series, period = str(judgement.series), str(judgement.period)
    kind, quarter = list_judged_periods(plan)[period]
    bound, asked, is_upper = judgement.asked, 0.5, True
    if isinstance(judgement, Likelihood):
        is_upper = judgement.at_least is not None
        value = float((judgement.at_least if is_upper else judgement.below) or 0.0)
        bound = value - find_printed_step(plan.find_indicator(series).baseline, value) / 2
        asked = judgement.asked
    return JudgedEvent(
        name=f"{series}/{period}",
        kind=kind,
        quarter=quarter,
        series=[each.id for each in plan.indicators].index(series),
        bound=bound,
        is_upper=is_upper,
        asked=asked,
    )


def list_judged_figures(plan: Plan, scenario: Scenario) -> list[tuple[int, int, int]]:
    """List the figures that are judged: kind, quarter and series of each, in order."""
    events = [place_event(plan, each) for each in scenario.events]
    return sorted({each.figure for each in events if not each.shock})


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """The judged events of a scenario.

    Attributes
    ----------
    events : tuple of JudgedEvent
    shocks : tuple of str
        Names of the scenario's shocks, in the order of its law.
    """

    events: tuple[JudgedEvent, ...]
    shocks: tuple[str, ...]

    @property
    def asked(self) -> Floats:
        """How likely each event is said to be, shape (judgement,)."""
        return np.array([each.asked for each in self.events])

    @property
    def of_shocks(self) -> bool:
        """Whether some of them are shocks."""
        return any(each.shock for each in self.events)

    @cached_property
    def cells(self) -> tuple[tuple[KnownGrowth, ...], ...]:
        """Cells into which the bounds cut the judged figures: every combination, one cell of each figure."""
        names = {each.figure: each.name for each in self.events if not each.shock}
        rows = []
        for kind, quarter, series in sorted(names):
            figure = kind, quarter, series
            bounds = {each.bound for each in self.events if not each.shock and each.figure == figure}
            ends = [-np.inf, *sorted(bounds), np.inf]
            rows.append(
                [
                    KnownGrowth(
                        name=names[figure], kind=kind, quarter=quarter, series=series, low=float(low), high=float(high)
                    )
                    for low, high in pairwise(ends)
                ]
            )
        return tuple(product(*rows))

    def mark(self, subset: Collection[int], cells: Sequence[KnownGrowth]) -> tuple[bool, ...]:
        """Mark the events that come true if exactly some shocks happen and figures lie in their cells."""
        low = {(cell.kind, cell.quarter, cell.series): cell.low for cell in cells}
        return tuple(
            self.shocks.index(each.shock) in subset if each.shock else (low[each.figure] >= each.bound) == each.is_upper
            for each in self.events
        )

    def mark_years(self, happened: Mapping[int, NDArray[np.bool_]], figures: Singles) -> Bools:
        """Mark the events that come true in each year.

        Parameters
        ----------
        happened : mapping of int to array of bool, shape (path,)
            By the place of the shock.
        figures : array, shape (2, quarter, series, path)
            %.

        Returns
        -------
        array of bool, shape (judgement, path)
        """
        return np.stack(
            [
                happened[self.shocks.index(each.shock)]
                if each.shock
                else (figures[each.figure] >= figures.dtype.type(each.bound)) == each.is_upper
                for each in self.events
            ]
        )

    def share_subsets(self, subsets: Mapping[tuple[int, ...], float]) -> dict[tuple[int, ...], float]:
        """Weigh sets of shocks by what is said of shocks alone: as points are shared out among them.

        Parameters
        ----------
        subsets : mapping of tuple of int to float
            Their probabilities.

        Returns
        -------
        dict of tuple of int to float
            The same where nothing is said of shocks, or it cannot be met.
        """
        judged = [each for each in self.events if each.shock]
        if not judged:
            return dict(subsets)
        rows = [[self.shocks.index(each.shock) in subset for each in judged] for subset in subsets]
        events, where = np.unique(np.array(rows, bool), axis=0, return_inverse=True)
        where = where.reshape(-1)
        mass = np.bincount(where, weights=np.array([*subsets.values()])).astype(np.float64)
        tilt = solve_tilt(events, mass, np.array([each.asked for each in judged]))
        if not tilt.is_met:
            return dict(subsets)
        return {
            subset: max(weight * float(tilt.factor[at]), 1e-12)
            for (subset, weight), at in zip(subsets.items(), where, strict=True)
        }


def compile_judged(model: Model, scenario: Scenario) -> tuple[ScenarioLaw, Judged]:
    """Compile a scenario and what is said of its events.

    Parameters
    ----------
    model : Model
    scenario : Scenario
        With judged events.

    Returns
    -------
    law : ScenarioLaw
        Of its shocks, without judgements; with those that change nothing where they are judged.
    judged : Judged
    """
    events = tuple(place_event(model.plan, each) for each in scenario.events)
    bare = scenario.judge()
    law = compile_scenario(model, bare, with_rules=True)
    if any(each.shock and each.shock not in law.names for each in events):
        law = compile_scenario(model, bare, whole=True, with_rules=True)
    return law, Judged(events=events, shocks=law.names)


def hold_centres(model: Model, scenario: Scenario) -> Model:
    """Condition a model on a scenario's opinions of centres; itself where there are none."""
    return model.hold(place_opinions(scenario.centres, [each.id for each in model.plan.indicators]))


def add_cells(known: Known | None, cells: Sequence[KnownGrowth]) -> Known | None:
    """Add cells of judged figures to what is known; None where there is neither, or a cell is ruled out.

    Of a figure that is known to lie on one side of a rule's number, the part of the cell on that side.
    """
    if not cells:
        return known
    base = Known(deliveries={}, milestones={}, words={}) if known is None else known
    growth = {(each.kind, each.quarter, each.series): each for each in base.growth}
    for cell in cells:
        at = cell.kind, cell.quarter, cell.series
        if (other := growth.get(at)) is not None:
            cell = replace(cell, low=max(cell.low, other.low), high=min(cell.high, other.high))
            if cell.low >= cell.high:
                return None
        growth[at] = cell
    return replace(
        base, growth=tuple(sorted(growth.values(), key=lambda each: (each.quarter, each.series, -each.kind)))
    )
