"""Ranges by plain redraws: calibrations drawn one by one, and the odds of each counted on paths.

The analytic road has quicker ways to the same. This one needs nothing of a model, and serves scenarios that need paths.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim._typing import Floats
from sim.engine.counting import judge
from sim.engine.draws import draw, draw_calibration
from sim.engine.paths import start, unfold
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario, list_unknown
from sim.results.attainment import RANGE_LEVELS, Attainment

__all__ = ["count_range", "redraw_odds"]

_MOST_REDRAWS = 64
_PATHS = 8192


def redraw_odds(model: Model, scenario: Scenario, n_calibrations: int, n_paths: int, seed: int) -> Floats:
    """Count odds under calibrations drawn one by one, on the same paths otherwise.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    n_calibrations : int
    n_paths : int
        Of each calibration.
    seed : int

    Returns
    -------
    array, shape (reading, target, calibration)
    """
    law = compile_scenario(model, scenario)
    names = [*model.uncertain, *(name for shock in range(len(law.names)) for name in list_unknown(law, shock))]
    draws = draw(model, n_paths, seed)
    odds = []
    for index in range(n_calibrations):
        held = replace(draws, held=draw_calibration(seed, names, index))
        odds.append(judge(unfold(start(model, held), scenario, law)).mean(axis=-1))
    return np.stack(odds, axis=-1)


def count_range(model: Model, attainment: Attainment, n_calibrations: int, seed: int) -> Attainment:
    """Add the range over calibrations to odds that were counted.

    Parameters
    ----------
    model : Model
    attainment : Attainment
    n_calibrations : int
        At most 64 are redrawn.
    seed : int

    Returns
    -------
    Attainment
    """
    odds = redraw_odds(model, attainment.scenario, min(n_calibrations, _MOST_REDRAWS), _PATHS, seed)
    low, high = np.quantile(odds, RANGE_LEVELS, axis=-1) + (attainment.met - odds.mean(axis=-1))
    return replace(attainment, met_range=np.clip(np.stack([low, high]), 0, 1))
