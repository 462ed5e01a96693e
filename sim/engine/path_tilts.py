"""Tilts of paths: how often judged events come true on the paths of a run, and what they are weighed by for it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np

from sim._typing import Floats
from sim.engine.draws import draw
from sim.engine.executors import do_pieces, open_threads
from sim.engine.path_runs import cut_draws, cut_paths
from sim.engine.proposal import Proposal
from sim.engine.streams import BLOCK
from sim.engine.tilting import list_asked
from sim.engine.years import open_years, unfold_years
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model
from sim.model.tilting import Tilt, solve_tilt

__all__ = ["tilt_scenarios"]


def tilt_scenarios(
    model: Model,
    scenarios: Sequence[Scenario],
    n_paths: int,
    seed: int,
    executor: Executor | None = None,
    known: Known | None = None,
    proposal: Proposal | None = None,
) -> list[Tilt | None]:
    """Find by what the paths of a run are weighed, so that judged events come true on as many as is said.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_paths : int
    seed : int
    executor : Executor, optional
        As for `do_pieces`; None means threads.
    known : Known, optional
        Published figures.
    proposal : Proposal, optional
        What scales and calibrations are drawn from.

    Returns
    -------
    list of Tilt or None
        One a scenario; None where no event is judged.
    """
    judged = [scenario for scenario in scenarios if scenario.events]
    if not judged:
        return [None] * len(scenarios)
    pieces = ((model, judged, seed, first, count, known, proposal) for first, count in cut_paths(n_paths))
    masses = [np.zeros(1 << len(scenario.events)) for scenario in judged]
    with open_threads(executor) as chosen:
        for part in do_pieces(weigh_piece, pieces, chosen):
            for mass, more in zip(masses, part, strict=True):
                mass += more
    found = iter(_solve(scenario, mass) for scenario, mass in zip(judged, masses, strict=True))
    return [next(found) if scenario.events else None for scenario in scenarios]


def _solve(scenario: Scenario, mass: Floats) -> Tilt:
    places = np.flatnonzero(mass)
    events = (places[:, None] >> np.arange(len(scenario.events)) & 1).astype(bool)
    return solve_tilt(events, mass[places], list_asked(scenario))


def weigh_piece(
    model: Model,
    scenarios: Sequence[Scenario],
    seed: int,
    first_block: int,
    n_paths: int,
    known: Known | None,
    proposal: Proposal | None,
) -> list[Floats]:
    """Weigh the combinations of judged events over some blocks of paths, each of shape (combination,)."""
    years = [open_years(model, scenario) for scenario in scenarios]
    masses = [np.zeros(1 << len(scenario.events)) for scenario in scenarios]
    for block in range(-(-n_paths // BLOCK)):
        draws = draw(model, min(BLOCK, n_paths - block * BLOCK), seed, first_block + block)
        for part in cut_draws(draws, len(model.plan.judged)):
            for mass, each in zip(masses, unfold_years(model, years, part, known, proposal), strict=True):
                if each.events is not None:
                    places = (1 << np.arange(len(each.events))) @ each.events.astype(np.int64)
                    mass += np.bincount(places, weights=each.paths.weight, minlength=len(mass))
    return masses
