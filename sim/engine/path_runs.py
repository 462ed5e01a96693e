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
from sim.engine.path_update import shift_draws, unfold_known, unfold_parts
from sim.engine.paths import move_laws, start, unfold
from sim.engine.proposal import Proposal
from sim.engine.streams import BLOCK
from sim.engine.years import open_years, unfold_years, zip_tilts
from sim.errors import InputError, blame
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import compile_whole
from sim.model.tilting import Tilt
from sim.results.evidence import Evidence, Story
from sim.results.settings import MOST_PATHS

__all__ = [
    "CHECK_PATHS",
    "choose_paths",
    "count_batches",
    "count_piece",
    "count_scenarios",
    "cut_draws",
    "cut_paths",
    "weigh_first_paths",
]

CHECK_PATHS = BLOCK // 4
"""Paths that check the analytic road, and from which the quantiles of deliveries come."""


_PIECES = 16  # that a run of paths is cut into, if it is long enough


_SLICE, _STEP, _TARGETS = 16_384, 1024, 128
"""Paths of a block that are worked on at once where each has a calibration of its own, fewer by whole steps for each so
many targets: their arrays stay small enough to be used again, where those of a block are fetched from the system and
given back each time."""


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
    units: Sequence[float | None] | None = None,
    proposal: Proposal | None = None,
    tilts: Sequence[Tilt | None] | None = None,
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
    tilts : sequence of Tilt or None, shape (scenario,), optional
        By which paths are weighed, as `sim.engine.path_tilts.tilt_scenarios` gives them.

    Returns
    -------
    list of Tally
        One a scenario.
    """
    np.empty(_HEAP, np.uint8)
    years = [open_years(model, scenario, tilt) for scenario, tilt in zip_tilts(scenarios, tilts)]
    scales: Sequence[float | None] = units or [None] * len(years)
    tallies = [
        open_tally(model, each.scenario, each.law, first_block * BLOCK, unit)
        for each, unit in zip(years, scales, strict=True)
    ]
    for block in range(-(-n_paths // BLOCK)):
        draws = draw(model, min(BLOCK, n_paths - block * BLOCK), seed, first_block + block)
        for part in cut_draws(draws, len(model.plan.judged)):
            for tally, each in zip(tallies, unfold_years(model, years, part, known, proposal), strict=True):
                tally.add(each.paths)
    return tallies


def cut_draws(draws: Draws, targets: int) -> Iterator[Draws]:
    """Cut a block of draws into parts that are worked on at once, by the plan's targets."""
    most = _SLICE if draws.redrawn else BLOCK
    size = max(most // max(targets // _TARGETS, 1) // _STEP, 1) * _STEP
    for first in range(0, draws.n_paths, size):
        yield draws if size >= draws.n_paths else draws.take(slice(first, first + size))


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
    law = compile_whole(model, scenario)  # which refuses judgements
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
    known: Known | None,
    proposal: Proposal | None = None,
    tilts: Sequence[Tilt | None] | None = None,
) -> tuple[list[float | None], list[Evidence | None]]:
    """Weigh the first paths of a run, before they are counted.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_paths : int
        Of the run.
    seed : int
    known : Known, optional
    proposal : Proposal, optional
        What scales and calibrations are drawn from.
    tilts : sequence of Tilt or None, shape (scenario,), optional
        As for `count_piece`.

    Returns
    -------
    units : list of float or None
        By scenario: the weight of a heavy path; None where paths have no weights.
    evidence : list of Evidence or None
        By scenario: how likely published figures are, by these paths; None where there are none.
    """
    if known is None:
        each_tilt = [None] * len(scenarios) if tilts is None else tilts
        return [None if tilt is None else float(tilt.factor.max()) for tilt in each_tilt], [None] * len(scenarios)
    draws = draw(model, min(n_paths, UNIT_PATHS), seed)
    years = [open_years(model, scenario, tilt) for scenario, tilt in zip_tilts(scenarios, tilts)]
    units, found = list[float | None](), list[Evidence | None]()
    for scenario, each in zip(scenarios, unfold_years(model, years, draws, known, proposal), strict=True):
        paths, likely = each.paths, each.likely
        if paths.weight is None or likely is None:  # never, as figures are known
            continue
        stories = _weigh_parts(model, scenario, draws, known, proposal) if scenario.mixture else {}
        units.append(find_unit(paths.weight))
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


def _weigh_parts(
    model: Model, mixture: Scenario, draws: Draws, known: Known, proposal: Proposal | None
) -> dict[Story, Floats]:
    """Weigh each part of a mixture by how likely figures are in it, on all these paths, batch by batch."""
    draws, correction = shift_draws(model, draws, proposal)
    parts = unfold_parts(model, move_laws(model, draws), draws, mixture, known, correction)
    batches = min(REPLICATES, draws.n_paths)
    return {
        place: share * np.array([each.mean() for each in np.array_split(told.weight, batches)])
        for place, ((_, share), (_, told)) in enumerate(zip(mixture.mixture, parts, strict=True))
    }


def count_scenarios(
    model: Model,
    scenarios: Sequence[Scenario],
    n_paths: int,
    seed: int,
    executor: Executor | None = None,
    step: Callable[[], None] = lambda: None,
    known: Known | None = None,
    units: Sequence[float | None] | None = None,
    proposal: Proposal | None = None,
    tilts: Sequence[Tilt | None] | None = None,
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
    tilts : sequence of Tilt or None, shape (scenario,), optional
        As `sim.engine.path_tilts.tilt_scenarios` gives them.

    Returns
    -------
    list of Tally
        One a scenario.
    """
    tallies: list[Tally] = []
    pieces = (
        (model, scenarios, seed, first, count, known, units, proposal, tilts) for first, count in cut_paths(n_paths)
    )
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
