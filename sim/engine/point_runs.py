"""Runs of points: the replicates of several scenarios integrated in pieces of work, and joined in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from sim.engine.exact.integrals import integrate_replicates
from sim.engine.executors import do_pieces
from sim.engine.pieces import cut_replicates
from sim.engine.proposal import Proposal
from sim.engine.tilting import settle_judged
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model
from sim.results.integrals import Integrals, join

__all__ = ["integrate_scenarios"]


def integrate_scenarios(
    model: Model,
    scenarios: Sequence[Scenario],
    count: int,
    seed: int,
    executor: Executor | None,
    step: Callable[[], None],
    known: Known | None,
    proposal: Proposal | None,
) -> list[Integrals]:
    """Integrate scenarios over all replicates, weighed by published figures and judgements.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    count : int
        Points of a replicate.
    seed : int
    executor : Executor or None
        As for `do_pieces`.
    step : callable
        Called after each piece.
    known : Known or None
        Published figures.
    proposal : Proposal or None
        What scales and calibrations are drawn from.

    Returns
    -------
    list of Integrals
        One a scenario.
    """
    pieces = (
        (model, scenarios, count, seed, replicates, "each", 256, known, proposal)
        for replicates in cut_replicates(count, len(model.plan.judged))
    )
    parts = []
    for part in do_pieces(integrate_replicates, pieces, executor):
        parts.append(part)
        step()
    return [
        settle_judged(join(each), scenario) for each, scenario in zip(zip(*parts, strict=True), scenarios, strict=True)
    ]
