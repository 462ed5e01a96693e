"""Runs of paths: several scenarios on the same draws, block by block, counted and merged in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor

import numpy as np

from sim._typing import Floats
from sim.engine.counting import UNIT_PATHS, Tally, divide, find_unit, open_tally
from sim.engine.draws import Draws, draw
from sim.engine.exact.odds import MARGIN
from sim.engine.executors import do_pieces, open_threads
from sim.engine.nets import REPLICATES
from sim.engine.path_update import mix_known, shift_draws, unfold_known, unfold_parts
from sim.engine.paths import move_laws, start, unfold
from sim.engine.proposal import Proposal
from sim.engine.streams import BLOCK
from sim.errors import InputError, blame
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_whole
from sim.results.evidence import Evidence, Story
from sim.results.settings import MOST_PATHS

__all__ = [
    "CHECK_PATHS",
    "choose_paths",
    "count_batches",
    "count_piece",
    "count_scenarios",
    "cut_paths",
    "weigh_first_paths",
]

CHECK_PATHS = BLOCK // 4
"""Paths that check the analytic road, and from which the quantiles of deliveries come."""


_PIECES = 16  # that a run of paths is cut into, if it is long enough


_SLICE, _STEP, _TARGETS = 8192, 1024, 128
"""Paths of a block that are worked on at once, fewer by whole steps for each so many targets: their arrays stay small
enough to be used again, where those of a block are fetched from the system and given back each time."""


_HEAP = 31 << 20
"""Bytes asked for and given back before a piece: from then on the C library keeps what blocks give back for the next
one, where it would else return it to the system and fetch it again, a sixth of the time of a path."""


def cut_paths(n_paths: int) -> Iterator[tuple[int, int]]:
    """Cut paths into pieces by first block and number: whole blocks, the last one as far as it is needed."""
    blocks = -(-n_paths // BLOCK)
    size = max(1, min(blocks // _PIECES, 64))
    for first in range(0, blocks, size):
        yield first, min(size * BLOCK, n_paths - first * BLOCK)


def count_piece(
    model: Model,
    scenarios: Sequence[Scenario],
    seed: int,
    first_block: int,
    n_paths: int,
    known: Known | None = None,
    units: Sequence[float] | None = None,
    proposal: Proposal | None = None,
) -> list[Tally]:
    """Simulate and count some blocks of paths: a piece of work that any executor can do.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    seed : int
    first_block : int
        Number of the first block.
    n_paths : int
        From there on.
    known : Known, optional
        Published figures.
    units : sequence of float, shape (scenario,), optional
        Weights of heavy paths, as for `open_tally`.
    proposal : Proposal, optional
        What scales and calibrations are drawn from.

    Returns
    -------
    list of Tally
        One a scenario.
    """
    np.empty(_HEAP, np.uint8)
    laws = [compile_whole(model, scenario) for scenario in scenarios]
    scales: Sequence[float | None] = units or [None] * len(laws)
    tallies = [
        open_tally(model, scenario, law, first_block * BLOCK, unit)
        for scenario, law, unit in zip(scenarios, laws, scales, strict=True)
    ]
    for block in range(-(-n_paths // BLOCK)):
        draws = draw(model, min(BLOCK, n_paths - block * BLOCK), seed, first_block + block)
        _count_block(draws, tallies, laws, known, proposal)
    return tallies


def _count_block(
    draws: Draws,
    tallies: list[Tally],
    laws: Sequence[ScenarioLaw | None],
    known: Known | None,
    proposal: Proposal | None,
) -> None:
    targets = len(tallies[0].model.plan.judged)
    size = max(_SLICE // max(targets // _TARGETS, 1) // _STEP, 1) * _STEP
    for first in range(0, draws.n_paths, size):
        part = draws if size >= draws.n_paths else draws.take(slice(first, first + size))
        _count_part(part, tallies, laws, known, proposal)


def _count_part(
    draws: Draws,
    tallies: list[Tally],
    laws: Sequence[ScenarioLaw | None],
    known: Known | None,
    proposal: Proposal | None,
) -> None:
    model = tallies[0].model
    if known is not None:
        draws, correction = shift_draws(model, draws, proposal)
        moved = move_laws(model, draws)
        for tally, law in zip(tallies, laws, strict=True):
            tally.add(unfold_known(model, moved, draws, tally.scenario, law, known, correction)[0])
        return
    ordinary = start(model, draws)  # local, so that no block outlives its count
    for tally, law in zip(tallies, laws, strict=True):
        tally.add(unfold(ordinary, tally.scenario, law))


def count_batches(
    model: Model,
    scenario: Scenario,
    n_paths: int,
    seed: int,
    known: Known | None = None,
    unit: float | None = None,
    proposal: Proposal | None = None,
) -> list[Tally]:
    """Count the paths of a run in as many batches as the exact road has replicates.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    n_paths : int
    seed : int
    known, unit, proposal : optional
        As for `count_piece`, of one scenario.

    Returns
    -------
    list of Tally
        Each block of the run is cut into all batches; together they are the run's.
    """
    law = compile_whole(model, scenario)
    tallies = [open_tally(model, scenario, law, unit=unit) for _ in range(REPLICATES)]
    for block in range(-(-n_paths // BLOCK)):
        size = min(BLOCK, n_paths - block * BLOCK)
        draws = draw(model, size, seed, block)
        if known is None:
            paths = unfold(start(model, draws), scenario, law)
        else:
            draws, correction = shift_draws(model, draws, proposal)
            paths = unfold_known(model, move_laws(model, draws), draws, scenario, law, known, correction)[0]
        for batch, tally in enumerate(tallies):
            part = slice(size * batch // REPLICATES, size * (batch + 1) // REPLICATES)
            if part.stop > part.start:
                tally.add(paths.cut(part))
    return tallies


def weigh_first_paths(
    model: Model,
    scenarios: Sequence[Scenario],
    n_paths: int,
    seed: int,
    known: Known,
    proposal: Proposal | None = None,
) -> tuple[list[float], list[Evidence]]:
    """Weigh the first paths of a run, before they are counted.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_paths : int
        Of the run.
    seed : int
    known : Known
    proposal : Proposal, optional
        What scales and calibrations are drawn from.

    Returns
    -------
    units : list of float
        By scenario: the weight of a heavy path.
    evidence : list of Evidence
        By scenario: how likely the figures are, by these paths.
    """
    draws, correction = shift_draws(model, draw(model, min(n_paths, UNIT_PATHS), seed), proposal)
    moved = move_laws(model, draws)
    units, found = [], []
    for scenario in scenarios:
        parts = unfold_parts(model, moved, draws, scenario, known, correction)
        paths, likely = mix_known(draws, scenario, parts)
        batches = min(REPLICATES, paths.n_paths)
        stories: dict[Story, Floats] = {  # of a mixture: how likely figures are in each part, on all these paths
            place: share_of * np.array([each.mean() for each in np.array_split(told.weight, batches)])
            for place, ((_, share_of), (_, told)) in enumerate(zip(scenario.mixture, parts, strict=False))
        }
        units.append(find_unit(likely.weight))
        share = likely.weight / paths.n_paths
        found.append(
            Evidence(
                weight=share.sum()[None],
                squared=(share**2).sum()[None],
                n_points=paths.n_paths,
                sides=likely.stack().mean(axis=-1, keepdims=True),
                stories=stories,
                names=known.said,
            )
        )
    return units, found


def count_scenarios(
    model: Model,
    scenarios: Sequence[Scenario],
    n_paths: int,
    seed: int,
    executor: Executor | None = None,
    step: Callable[[], None] = lambda: None,
    known: Known | None = None,
    units: Sequence[float] | None = None,
    proposal: Proposal | None = None,
) -> list[Tally]:
    """Simulate and count several scenarios on the same draws, piece by piece, merged in order.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_paths : int
    seed : int
    executor : Executor, optional
        As for `do_pieces`; None means threads.
    step : callable
        Called after each piece.
    known : Known, optional
        Published figures.
    units : sequence of float, shape (scenario,), optional
        As `weigh_first_paths` gives them, where there are figures.
    proposal : Proposal, optional
        What scales and calibrations are drawn from.

    Returns
    -------
    list of Tally
        One a scenario.
    """
    tallies: list[Tally] = []
    pieces = ((model, scenarios, seed, first, count, known, units, proposal) for first, count in cut_paths(n_paths))
    with open_threads(executor) as chosen:
        for counted in do_pieces(count_piece, pieces, chosen):
            if not tallies:
                tallies = counted  # of the first paths, whose histograms are all there
            else:
                for tally, part in zip(tallies, counted, strict=True):
                    tally.merge(part)
            step()
    return tallies


def choose_paths(
    model: Model, scenarios: Sequence[Scenario], seed: int, tolerance: float, executor: Executor | None
) -> int:
    """Choose the paths for a standard error of everything that is counted, from a pilot."""
    pilot = [divide(tally, seed) for tally in count_scenarios(model, scenarios, CHECK_PATHS, seed, executor)]
    worst = max(each.largest_error for each in pilot)
    needed = max(int(np.ceil(CHECK_PATHS * (worst / (MARGIN * tolerance)) ** 2)), 1)
    if needed > MOST_PATHS:
        reached = tolerance * np.sqrt(needed / MOST_PATHS)
        allowed = f"allowed: from about {reached:.1g}, which {MOST_PATHS:,} paths reach"
        raise InputError([blame("tolerance", f"{tolerance:g} takes {needed:,} paths", allowed)])
    return needed
