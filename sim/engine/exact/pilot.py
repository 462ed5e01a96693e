"""A pilot given published figures: which heavy-tail scales and calibrations they make likely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.engine.exact.points import lay_points, share_points
from sim.engine.exact.updating import update_points
from sim.engine.proposal import Proposal, fit_shifts
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario
from sim.model.shock_subsets import list_subsets

__all__ = ["fit_proposal"]

_ROUNDS = 2  # the second starts from what the first has found
_COUNT, _FEWEST = 256, 64


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
    laws = [compile_scenario(model, scenario) for scenario in scenarios]
    for _ in range(_ROUNDS):
        points = lay_points(model, _COUNT, seed, proposal=proposal)
        weight = np.zeros(points.n_points)
        for law in laws:
            subsets = list_subsets(law)
            each = np.zeros_like(weight)
            for (subset, chance), count in zip(
                subsets.items(), share_points(subsets.values(), _COUNT, _FEWEST), strict=True
            ):
                cut = points.cut(count)
                found = update_points(cut, law, subset, known).weight.reshape(-1, count)
                each.reshape(-1, _COUNT)[:, :count] += chance * found * (_COUNT / count)
            weight += each / max(float(each.sum()), 1e-300)
        proposal = fit_shifts(points.coordinates, weight)
    return proposal
