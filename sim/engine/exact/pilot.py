"""A pilot given published figures: which heavy-tail scales and calibrations they make likely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim._typing import Floats
from sim.engine.exact.points import Points, lay_points
from sim.engine.exact.shock_sets import cut_strata
from sim.engine.exact.updating import update_points
from sim.engine.proposal import Proposal, fit_shifts
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_parts, decide_rules

__all__ = ["fit_proposal"]

_ROUNDS = 2  # the second starts from what the first has found
_COUNT = 256


def fit_proposal(model: Model, scenarios: Sequence[Scenario], known: Known, seed: int) -> Proposal:
    """Fit a proposal for the scales and calibrations of points or paths that are conditioned on published figures.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
        All of which it must serve.
    known : Known
    seed : int

    Returns
    -------
    Proposal
    """
    proposal: Proposal = {}
    parts = [compile_parts(model, scenario.judge()) for scenario in scenarios]
    for _ in range(_ROUNDS):
        points = lay_points(model, _COUNT, seed, proposal=proposal)
        weight = np.zeros(points.n_points)
        for laws in parts:
            each = np.zeros_like(weight)
            for law, share in laws:
                _add_likelihood(points, law, known, share, each)
            weight += each / max(float(each.sum()), 1e-300)
        proposal = fit_shifts(points.coordinates, weight)
    return proposal


def _add_likelihood(points: Points, law: ScenarioLaw, known: Known, share: float, weight: Floats) -> None:
    """Add to the weight of each point how likely figures are in a scenario, times how likely that scenario is."""
    law = decide_rules(law, known)
    for subset, chance, cut in cut_strata(points, law):
        found = update_points(cut, law, subset, known).weight.reshape(-1, cut.count)
        weight.reshape(-1, _COUNT)[:, : cut.count] += share * chance * found * (_COUNT / cut.count)
