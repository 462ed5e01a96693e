"""The second error bar: what the odds become if the calibration's numbers are off by their stated uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.calibration import Calibration, Number
from sim.door.validation import Checked
from sim.draws import BLOCK, draw, draw_normals
from sim.model import Model, build_model
from sim.paths import start, unfold
from sim.scenario import Scenario
from sim.tally import judge

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs import Run

__all__ = ["compare_errors", "redraw", "spread_odds"]


def redraw(calibration: Calibration, seed: int, index: int) -> Calibration:
    """A calibration with every number moved by a normal draw of its stated uncertainty.

    Parameters
    ----------
    calibration : Calibration
    seed, index : int
        The same ones give the same calibration; each number is moved on its own.

    Examples
    --------
    >>> import sim
    >>> numbers = sim.calibrate(sim.read_plan("qingdao-2024")).calibration
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
    advance: Callable[[int], None] | None = None,
) -> NDArray[np.float64]:
    """Standard deviation of the odds over redrawn calibrations, on the same block of paths.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_calibrations : int
        At least 2; the result is itself uncertain by a share of about 1 / sqrt(2 n).
    seed : int
    advance : callable, optional
        Called with 1 after each calibration.

    Returns
    -------
    array, shape (scenario, target)
        Of the probability as stated.
    """
    odds = np.empty((n_calibrations, len(scenarios), len(model.plan.judged)))
    for index in range(n_calibrations):
        moved = build_model(model.plan, redraw(model.calibration, seed, index))
        ordinary = start(moved, draw(moved, BLOCK, seed))
        for number, scenario in enumerate(scenarios):
            odds[index, number] = judge(unfold(ordinary, scenario))[-1].mean(axis=1)
        if advance is not None:
            advance(1)
    spread: NDArray[np.float64] = odds.std(axis=0, ddof=1)
    return spread


def compare_errors(run: Run) -> pd.DataFrame:
    """Both errors of each probability, and which of them dominates.

    Returns
    -------
    DataFrame
        Columns scenario, target, probability, mc_se, calibration_sd, dominates (`paths` or `calibration`).
    """
    import pandas as pd

    frames = []
    for attainment, spread in zip(run.attainments, run.calibration_sd, strict=True):
        stated = attainment.odds[attainment.odds.reading == "stated"]
        frame = stated[["scenario", "target", "probability", "mc_se"]].reset_index(drop=True)
        frame["calibration_sd"] = spread
        frame["dominates"] = np.where(frame.calibration_sd > frame.mc_se, "calibration", "paths")
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
