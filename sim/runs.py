"""A run: several scenarios on the same draws, streamed block by block in flat memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.attainment import Attainment
from sim.draws import draw_blocks
from sim.errors import Fault, InputError
from sim.model import Model
from sim.paths import start, unfold
from sim.plan import Plan
from sim.scenario import Scenario
from sim.tally import open_tally
from sim.uncertainty import spread_odds

__all__ = ["MOST_PATHS", "Run", "check_paths", "run"]

MOST_PATHS = 10**10


@dataclass(frozen=True)
class Run:
    """The odds of every scenario, on the same draws.

    Attributes
    ----------
    model : Model
    scenarios : tuple of Scenario
    attainments : tuple of Attainment
        In the order of the scenarios.
    n_paths, seed : int
    calibration_sd : array, shape (scenario, target)
        Spread of the odds as stated over redrawn calibrations; NaN where none were redrawn.
    """

    model: Model
    scenarios: tuple[Scenario, ...]
    attainments: tuple[Attainment, ...]
    n_paths: int
    seed: int
    calibration_sd: NDArray[np.float64]


def run(
    model: Model,
    scenarios: Sequence[Scenario],
    n_paths: int = 200_000,
    seed: int = 2024,
    n_calibrations: int = 24,
    advance: Callable[[int], None] | None = None,
) -> Run:
    """Simulate and count several scenarios on the same draws.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_paths : int
        From 1 to `MOST_PATHS`.
    seed : int
    n_calibrations : int
        Redrawn calibrations for the second error bar; fewer than 2 mean none.
    advance : callable, optional
        Called with the number of paths that each block has finished.

    Returns
    -------
    Run
        The same numbers as `draw`, `simulate` and `attain` give, in memory that does not grow with `n_paths`.

    Raises
    ------
    InputError
        If `n_paths` is out of range.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.calibrate(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> result.attainments[0].n_paths
    1000
    """
    check_paths(n_paths, model.plan)
    tallies = [open_tally(model, scenario) for scenario in scenarios]
    for draws in draw_blocks(model, n_paths, seed):
        ordinary = start(model, draws)
        for tally in tallies:
            tally.add(unfold(ordinary, tally.scenario))
        if advance is not None:
            advance(draws.n_paths)
    attainments = tuple(Attainment(tally, seed) for tally in tallies)
    if n_calibrations < 2:
        spread = np.full((len(tallies), len(model.plan.judged)), np.nan)
    else:
        spread = spread_odds(model, scenarios, n_calibrations, seed)
    return Run(model, tuple(scenarios), attainments, n_paths, seed, spread)


def check_paths(n_paths: int, plan: Plan) -> None:
    """Refuse a number of paths that means nothing or could not be finished."""
    if 1 <= n_paths <= MOST_PATHS:
        return
    problem = f"{n_paths:,} paths"
    if n_paths > MOST_PATHS:
        terabytes = n_paths * len(plan.indicators) * len(plan.quarter_names) * 4 / 1e12
        problem += f" would take {terabytes:,.0f} TB if kept, and days if streamed"
    raise InputError([Fault("--paths", 0, 0, problem, f"allowed: 1 to {MOST_PATHS:,}")])
