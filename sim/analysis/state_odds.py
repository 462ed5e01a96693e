"""Odds of states, replicate by replicate on one net, each state measured once."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sim._typing import Floats
from sim.analysis.states import State, keep_own
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.exact.pilot import fit_proposal
from sim.engine.exact.releases import Release, integrate_releases
from sim.engine.nets import REPLICATES
from sim.engine.path_runs import count_batches, weigh_first_paths
from sim.engine.pieces import cut_replicates
from sim.engine.plausibility import check_paths_left
from sim.engine.tasks import RunTask, prepare_run
from sim.engine.tilting import settle_judged
from sim.errors import QuestionWarning
from sim.inputs.plan.readings import list_groups
from sim.inputs.published.figures import Figure
from sim.model.known import compile_published
from sim.results.integrals import divide_weighted, join
from sim.results.settings import RunSettings

__all__ = ["StateOdds"]

_FEWEST = 256
_EXPECTED = 256  # points for what was expected of a figure


class StateOdds:
    """Odds of states by replicate, on the net of one seed; a state that says the same is the same to the bit.

    Parameters
    ----------
    names : sequence of str
        Targets, as printed, and groups (all of their targets met).
    seed : int
    count : int
        Points of a replicate, a power of two.
    is_exact : bool
        Whether all states take the exact road; else paths are counted of all, in as many batches.
    n_paths : int, optional
        As for `sim.run`.
    even_so : bool
        Whether to go on where figures are once in a million years of the model.
    """

    def __init__(
        self,
        *,
        names: Sequence[str],
        seed: int,
        count: int,
        is_exact: bool = True,
        n_paths: int | None = None,
        even_so: bool = False,
    ) -> None:
        self.names, self.seed, self.count, self.even_so = tuple(names), seed, count, even_so
        self.is_exact, self.asked_paths = is_exact, 1 if is_exact else n_paths
        self._tasks: dict[Hashable, RunTask] = {}
        self._odds: dict[Hashable, Floats] = {}
        self._kept: list[State] = []  # their models and scenarios are told apart by identity

    @property
    def n_points(self) -> int:
        """Most points that a state took; 0 where paths were counted."""
        return REPLICATES * max(task.settings.n_points for task in self._tasks.values()) if self.is_exact else 0

    @property
    def n_paths(self) -> int:
        """Paths that each state took; 0 where none was counted."""
        return 0 if self.is_exact else max(task.settings.n_paths or 0 for task in self._tasks.values())

    def measure(self, state: State) -> Floats:
        """Measure a state as `sim.run` does.

        Parameters
        ----------
        state : State

        Returns
        -------
        array, shape (name, replicate)

        Raises
        ------
        InputError
            If its figures cannot be believed of the model.
        """
        key = self._find_key(state)
        if key not in self._odds:
            self._tasks[key] = self._prepare(state)
            self._odds[key] = self._pick(self._tasks[key], self.names)
        return self._odds[key]

    def measure_between(self, state: State, ends: Sequence[State]) -> Floats:
        """Measure a state between two that have been measured, on fewer points of the same net.

        Parameters
        ----------
        state : State
        ends : sequence of State

        Returns
        -------
        array, shape (name, replicate)
        """
        key = self._find_key(state)
        if key not in self._odds:
            task = max((self._tasks[self._find_key(end)] for end in ends), key=lambda each: each.settings.n_points)
            scenarios, settings = (state.scenario,), task.settings
            known = compile_published(state.model, keep_own(state.published, state.plan))
            few = max(min(settings.n_points, _FEWEST), settings.n_points // 4)
            task = replace(
                task,
                scenarios=scenarios,
                known=known,
                proposal=None if known is None else fit_proposal(state.model, scenarios, known, self.seed),
                settings=replace(settings, n_points=few),
            )
            self._odds[key] = self._pick(task, self.names)
        return self._odds[key]

    def measure_alone(self, state: State, name: str) -> float:
        """Measure the odds of a target or group that no other state has."""
        self.measure(state)
        return float(self._pick(self._tasks[self._find_key(state)], [name]).mean())

    def expect(self, state: State, figures: Sequence[Figure]) -> list[tuple[float, float]]:
        """Find what a state expects of figures to come.

        Parameters
        ----------
        state : State
        figures : sequence of Figure

        Returns
        -------
        list of (float, float)
            Mean and standard deviation of growth, %; of a milestone its probability and NaN; of all else NaN.
        """
        nothing = float("nan"), float("nan")
        last: dict[str, int] = {}
        for each in state.published or ():
            last[each.series] = max(each.quarter, last.get(each.series, -1))
        asked = {
            place: Release(series=each.series, quarter=each.quarter, is_growth=each.kind == "growth")
            for place, each in enumerate(figures)
            if each.kind != "delivery" and not each.single and each.quarter > last.get(each.series, -1)
        }
        if not asked or not self.is_exact:
            return [nothing for _ in figures]
        known = compile_published(state.model, keep_own(state.published, state.plan))
        found = integrate_releases(
            state.model, state.scenario, [*asked.values()], known, seed=self.seed, count=min(self.count, _EXPECTED)
        )
        told = dict.fromkeys(range(len(figures)), nothing)
        for place, coming in zip(asked, found, strict=True):
            mean = float(coming.probability @ coming.values)
            spread = float(np.sqrt(coming.probability @ (coming.values - mean) ** 2))
            told[place] = mean, spread if coming.release.is_growth else float("nan")
        return [*told.values()]

    def _find_key(self, state: State) -> Hashable:
        """Find what makes a state: its model, its scenario and what its figures say."""
        self._kept.append(state)
        own = keep_own(state.published, state.plan)
        cells = tuple(sorted((*each.cell, each.low, each.high) for each in own.effective())) if own else ()
        return id(state.model), id(state.scenario), cells

    def _prepare(self, state: State) -> RunTask:
        asked = RunSettings(
            n_paths=self.asked_paths,
            seed=self.seed,
            method="analytic" if self.is_exact else "paths",
            n_points=self.count,
            n_calibrations=0,
        )
        own = keep_own(state.published, state.plan)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", QuestionWarning)  # of each state the same
            return prepare_run(state.model, state.scenario, asked, published=own, even_so=self.even_so)

    def _pick(self, task: RunTask, names: Sequence[str]) -> Floats:
        """Integrate or count a task and pick odds, shape (name, replicate)."""
        met, number_met = self._integrate(task) if self.is_exact else self._count(task)
        places = {target.id: place for place, target in enumerate(task.model.plan.judged)}
        rows = [met[places[name]] if name in places else number_met[name] for name in names]
        return np.array(rows).reshape(len(rows), -1)

    def _integrate(self, task: RunTask) -> tuple[Floats, dict[str, Floats]]:
        count = task.settings.n_points
        pieces = [
            integrate_replicates(
                task.model, task.scenarios, count, self.seed, each, known=task.known, proposal=task.proposal
            )
            for each in cut_replicates(count)
        ]
        whole = settle_judged(join([piece[0] for piece in pieces]), task.scenarios[0])
        return whole.met[0], {group: exactly[-1] for group, exactly in whole.number_met.items()}

    def _count(self, task: RunTask) -> tuple[Floats, dict[str, Floats]]:
        """Count paths in batches, each weighted by its paths; their mean is what `sim.run` counts."""
        n_paths, unit = int(task.settings.n_paths or 0), None
        if task.known is not None:
            first = task.model, task.scenarios, n_paths, self.seed, task.known, task.proposal
            (unit,), evidence = weigh_first_paths(*first)
            check_paths_left(task.scenarios, evidence, [False], n_paths, even_so=True)
        counted = count_batches(task.model, task.scenarios[0], n_paths, self.seed, task.known, unit, task.proposal)
        weight = np.array([float(tally.total) for tally in counted])

        def divide(hits: Sequence[Any]) -> Floats:
            return divide_weighted(np.stack(hits, axis=-1).astype(np.float64), weight)

        groups = list_groups(task.model.plan)
        return divide([tally.met[0] for tally in counted]), {
            group: divide([tally.number_met[group][-1] for tally in counted]) for group in groups
        }
