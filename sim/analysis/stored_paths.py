"""Kept paths: the headline odds of other shock sizes without drawing or simulating again.

Paths without a shock are the same under any size: they are counted once. Of the others the year's margins are kept,
and what each shock of its drawn size takes from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim._typing import Singles
from sim.engine.draws import BLOCK, draw
from sim.engine.executors import do_pieces
from sim.engine.paths import follow_law
from sim.engine.shock_effects import draw_shocks, find_growth
from sim.inputs.plan.readings import direct
from sim.inputs.scenario.reading import Scenario
from sim.model.deliveries import build_delivery_law
from sim.model.milestones import build_milestone_law
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario

__all__ = ["MOST_TARGETS", "KeptPaths", "keep_paths"]

MOST_TARGETS = 16
"""Every combination of targets met has a counter of its own."""


Integers = NDArray[np.int64]


@dataclass(frozen=True)
class KeptPaths:
    """Paths of a scenario, ready to be counted under other shock sizes.

    Attributes
    ----------
    targets : tuple of str
        Headline targets that are growth.
    n_paths : int
    calm : array of int, shape (combination,)
        Paths without a shock by which targets they meet: bit k of the combination stands for target k.
    margins : array, shape (target, path)
        Of the paths with a shock: how far the year is on the right side before shocks, percentage points.
    hits : dict of str to array, shape (target, path)
        What a shock of the drawn size adds to the margins.
    """

    targets: tuple[str, ...]
    n_paths: int
    calm: Integers
    margins: Singles
    hits: dict[str, Singles]

    def count(self, sizes: Mapping[str, float] | None = None) -> Integers:
        """Paths by which targets they meet, under factors on the sizes of shocks, shape (combination,)."""
        code = np.zeros(self.margins.shape[1], np.uint16)
        factors = {name: np.float32((sizes or {}).get(name, 1.0)) for name in self.hits}
        for number, row in enumerate(self.margins):
            margin = row
            for name, factor in factors.items():
                hit = self.hits[name][number]
                if factor and len(hit):
                    margin = margin + factor * hit
            code |= (margin >= 0).astype(np.uint16) << np.uint16(number)
        counts: Integers = self.calm + np.bincount(code, minlength=len(self.calm))
        return counts

    def judge(self, sizes: Mapping[str, float] | None = None) -> NDArray[np.float64]:
        """Probability of each target, then of all together, shape (target + 1,)."""
        counts = self.count(sizes)
        codes = np.arange(len(counts))
        met = [counts[codes >> number & 1 == 1].sum() for number in range(len(self.targets))]
        return np.array([*met, counts[-1]]) / self.n_paths


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
    bare = replace(model, delivery_law=build_delivery_law((), None), milestone_law=build_milestone_law((), None, ()))
    pieces = ((bare, scenario, min(BLOCK, n_paths - start), seed, start // BLOCK) for start in range(0, n_paths, BLOCK))
    parts = list(do_pieces(keep_block, pieces, executor))
    return KeptPaths(
        tuple(target.id for target in targets),
        n_paths,
        np.sum([part.calm for part in parts], axis=0),
        np.concatenate([part.margins for part in parts], axis=1),
        {name: np.concatenate([part.hits[name] for part in parts], axis=1) for name in scenario.shocks},
    )


def keep_block(model: Model, scenario: Scenario, n_paths: int, seed: int, block: int) -> KeptPaths:
    """The kept paths of one block: a piece of work that any executor can do."""
    plan = model.plan
    ids = [indicator.id for indicator in plan.indicators]
    targets = plan.headline_growth
    rows = [ids.index(target.indicator) for target in targets]
    sign = np.array([direct(plan, target) for target in targets], np.float32)[:, None]
    values = np.array([target.value for target in targets], np.float32)[:, None]
    draws = draw(model, n_paths, seed, block)
    year = follow_law(model.reduced, draws)[1, -1]
    margins = sign * (year[rows] - values)
    law = compile_scenario(model, scenario)
    drawn = draw_shocks(law, draws)
    struck = np.zeros(n_paths, bool)
    for each in drawn.values():
        struck[each.paths] = True
    hits = {}
    for place, each in drawn.items():
        hits[law.names[place]] = sign * find_growth(law, {place: each})[1, -1][:, struck][rows]
    code = np.zeros(n_paths, np.uint16)
    for number, margin in enumerate(margins):
        code |= (margin >= 0).astype(np.uint16) << np.uint16(number)
    calm = np.bincount(code[~struck], minlength=1 << len(targets))
    return KeptPaths(tuple(target.id for target in targets), n_paths, calm, margins[:, struck], hits)
