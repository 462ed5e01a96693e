"""Kept paths: the headline odds of other shock sizes without drawing or simulating again.

Paths without a shock are the same under any size: they are counted once. Of the others the year's figures are kept,
and what each shock of its drawn size adds to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from sim._typing import Bools, Floats, Ints, Singles
from sim.engine.courses import start_growth
from sim.engine.draws import draw
from sim.engine.executors import do_pieces
from sim.engine.shock_effects import draw_shocks, find_growth
from sim.engine.streams import BLOCK
from sim.inputs.scenario.reading import Scenario
from sim.model.lookup_table import find_scale
from sim.model.model import Model, keep_growth
from sim.model.scenario_law import ScenarioLaw, compile_scenario
from sim.model.thresholds import Thresholds, met

__all__ = ["MOST_TARGETS", "KeptPaths", "keep_paths"]

MOST_TARGETS = 16
"""Every combination of targets met has a counter of its own."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class KeptPaths:
    """Paths of a scenario, ready to be counted under other shock sizes.

    Attributes
    ----------
    targets : tuple of str
        Headline targets that are growth.
    asked : Thresholds
        What each of them asks of the year, as stated.
    shocks : tuple of str
    n_paths : int
    calm : array of int, shape (combination,)
        Paths without a shock by which targets they meet: bit k of the combination stands for target k.
    figures : array, shape (target, path)
        Of the paths with a shock: the year's figure of each target before shocks, %.
    added : array, shape (shock, target, path)
        What a shock of the drawn size adds to them, percentage points.
    """

    targets: tuple[str, ...]
    asked: Thresholds
    shocks: tuple[str, ...]
    n_paths: int
    calm: Ints
    figures: Singles
    added: Singles

    def count(self, sizes: Mapping[str, float] | None = None) -> Ints:
        """Count paths by which targets they meet.

        Parameters
        ----------
        sizes : mapping of str to float, optional
            Factors on the sizes of shocks.

        Returns
        -------
        array of int, shape (combination,)
        """
        factors = np.array([(sizes or {}).get(name, 1.0) for name in self.shocks], np.float32)
        figures = list(self.figures)
        for shock in np.flatnonzero(factors):
            figures = [figure + factors[shock] * each for figure, each in zip(figures, self.added[shock], strict=True)]
        reached = met(self.asked, figures).reshape(self.figures.shape)
        return self.calm + _count_combinations(reached, len(self.calm))

    def judge(self, sizes: Mapping[str, float] | None = None) -> Floats:
        """Compute the probability of each target, then of all together.

        Parameters
        ----------
        sizes : mapping of str to float, optional
            Factors on the sizes of shocks.

        Returns
        -------
        array, shape (target + 1,)
        """
        counts = self.count(sizes)
        codes = np.arange(len(counts))
        reached = [counts[codes >> number & 1 == 1].sum() for number in range(len(self.targets))]
        return np.array([*reached, counts[-1]]) / self.n_paths


def _count_combinations(reached: Bools, combinations: int) -> Ints:
    """Count paths by which targets they meet, from an array of shape (target, path)."""
    code = np.zeros(reached.shape[-1], np.uint16)
    for number, row in enumerate(reached):
        code |= row.astype(np.uint16) << np.uint16(number)
    return np.bincount(code, minlength=combinations)


def keep_paths(
    model: Model, scenario: Scenario, n_paths: int, seed: int = 2024, executor: Executor | None = None
) -> KeptPaths:
    """Simulate a scenario and keep what other shock sizes need.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    n_paths : int
        Kept are about 4 (targets + shocks x targets) bytes for each path with a shock.
    seed : int
    executor : Executor, optional
        As for `do_pieces`.

    Returns
    -------
    KeptPaths

    Raises
    ------
    ValueError
        If there are more than 16 headline targets of growth.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> kept = keep_paths(sim.load_model(plan), sim.read_scenario("baseline", plan), 20_000)
    >>> bool((kept.judge({"rare_common_shock": 2})[:6] <= kept.judge({"rare_common_shock": 0})[:6]).all())
    True
    """
    targets = model.plan.headline_growth
    if len(targets) > MOST_TARGETS:
        raise ValueError(f"{len(targets)} headline targets of growth; allowed: {MOST_TARGETS}")
    judged = {target.id: number for number, target in enumerate(model.plan.judged)}
    asked = model.thresholds.pick_year([judged[target.id] for target in targets])
    law = compile_scenario(model, scenario, whole=True)
    bare = keep_growth(model)
    pieces = (
        (bare, law, asked, min(BLOCK, n_paths - first), seed, first // BLOCK) for first in range(0, n_paths, BLOCK)
    )
    calm, figures, added = zip(*do_pieces(keep_block, pieces, executor), strict=True)
    return KeptPaths(
        targets=tuple(target.id for target in targets),
        asked=asked,
        shocks=law.names,
        n_paths=n_paths,
        calm=np.sum(calm, axis=0),
        figures=np.concatenate(figures, axis=1),
        added=np.concatenate(added, axis=2),
    )


def keep_block(
    model: Model, law: ScenarioLaw, asked: Thresholds, n_paths: int, seed: int, block: int
) -> tuple[Ints, Singles, Singles]:
    """Simulate one block and keep what other shock sizes need: a piece of work that any executor can do.

    Parameters
    ----------
    model : Model
    law : ScenarioLaw
    asked : Thresholds
        What the targets ask of the year, as stated.
    n_paths : int
        Of the block.
    seed : int
    block : int
        Its number.

    Returns
    -------
    calm, figures, added
        As in `KeptPaths`.
    """
    draws = draw(model, n_paths, seed, block)
    rows = model.reduced.split_cumulative(asked.figure)[1]
    laws = model.move(draws.draw_numbers(model.uncertain))
    scale = find_scale(laws.law.degrees_of_freedom, draws.levels)
    figures = start_growth(model, laws.law, draws, scale)[1, -1, rows]
    drawn = draw_shocks(law, draws)
    struck = np.zeros(n_paths, bool)
    for each in drawn.values():
        struck[each.paths] = True
    added = np.empty((len(drawn), len(rows), np.count_nonzero(struck)), np.float32)
    for shock, each in drawn.items():
        added[shock] = find_growth(law, {shock: each})[1, -1, rows][:, struck]
    reached = met(asked, figures).reshape(figures.shape)
    return _count_combinations(reached[:, ~struck], 1 << len(rows)), figures[:, struck], added
