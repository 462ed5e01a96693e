"""The second error bar: what the odds become if the calibration's numbers are off by their stated uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.counting import judge
from sim.engine.draws import draw, draw_normals
from sim.engine.exact.integrals import integrate_met
from sim.engine.exact.points import lay_points
from sim.engine.executors import do_pieces
from sim.engine.paths import start, unfold
from sim.inputs.calibration import Calibration
from sim.inputs.files.validation import Checked
from sim.inputs.numbers import Number
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model, build_model
from sim.model.scenario_law import compile_scenario

__all__ = ["judge_redrawn", "redraw", "spread_odds"]

N_POINTS = 64
"""Points of a replicate: their error, a tenth of a percentage point, is far below what calibrations leave open."""


N_PATHS = 16_384
"""Where points cannot be used; likewise."""


def redraw(calibration: Calibration, seed: int, index: int) -> Calibration:
    """Redraw a calibration: every number moved by a normal draw of its stated uncertainty.

    Parameters
    ----------
    calibration : Calibration
    seed, index : int
        The same ones give the same calibration; each number is moved on its own.

    Returns
    -------
    Calibration

    Examples
    --------
    >>> import sim
    >>> numbers = sim.load_model(sim.read_plan("qingdao-2024")).calibration
    >>> redraw(numbers, 1, 0) == redraw(numbers, 1, 0) != redraw(numbers, 1, 1)
    True
    """

    def walk(node: Any, name: str) -> Any:
        if isinstance(node, Number):
            return node.move(float(draw_normals(seed, f"calibration{name}", index, 1)[0]))
        if isinstance(node, Checked):
            changes = {field: walk(getattr(node, field), f"{name}/{field}") for field in type(node).model_fields}
            return node.model_copy(update=changes)
        if isinstance(node, dict):
            return {key: walk(value, f"{name}/{key}") for key, value in node.items()}
        return [walk(each, f"{name}/{place}") for place, each in enumerate(node)] if isinstance(node, list) else node

    moved: Calibration = walk(calibration, "")
    return moved


def spread_odds(
    model: Model,
    scenarios: Sequence[Scenario],
    n_calibrations: int = 24,
    seed: int = 2024,
    step: Callable[[], None] = lambda: None,
    analytic: bool = False,
    executor: Executor | None = None,
) -> NDArray[np.float64]:
    """Measure how far odds spread over redrawn calibrations, on the same points or the same block of paths.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_calibrations : int
        At least 2; the result is itself uncertain by a share of about 1 / sqrt(2 n).
    seed : int
    step : callable
        Called after each calibration.
    analytic : bool
        Whether to condition on points instead of counting paths.
    executor : Executor, optional
        As for `do_pieces`.

    Returns
    -------
    array, shape (scenario, target)
        Standard deviation of the probability as stated.
    """
    odds = np.empty((n_calibrations, len(scenarios), len(model.plan.judged)))
    pieces = ((model, scenarios, seed, index, analytic) for index in range(n_calibrations))
    for index, found in enumerate(do_pieces(judge_redrawn, pieces, executor)):
        odds[index] = found
        step()
    spread: NDArray[np.float64] = odds.std(axis=0, ddof=1)
    return spread


def judge_redrawn(
    model: Model, scenarios: Sequence[Scenario], seed: int, index: int, analytic: bool
) -> NDArray[np.float64]:
    """Judge scenarios under a redrawn calibration: a piece of work for any executor.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    seed, index : int
        As for `redraw`.
    analytic : bool
        Whether to condition on points instead of counting paths.

    Returns
    -------
    array, shape (scenario, target)
        Probabilities as stated.
    """
    moved = build_model(model.plan, redraw(model.calibration, seed, index))
    if analytic:
        points = lay_points(moved, max(len(scenario.shocks) for scenario in scenarios), N_POINTS, seed)
        return np.array([integrate_met(points, compile_scenario(moved, scenario)) for scenario in scenarios])
    ordinary = start(moved, draw(moved, N_PATHS, seed))
    return np.array([judge(unfold(ordinary, scenario))[-1].mean(axis=1) for scenario in scenarios])
