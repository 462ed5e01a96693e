"""Batches of paths: events counted on as many independent parts of a run as the exact road has replicates.

What comes of batches is then treated as what comes of replicates: differences of two scenarios on the same draws are
taken batch by batch, which is the paired error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from sim._typing import Bools, Floats
from sim.engine.draws import Draws, draw
from sim.engine.exact.events import place_aim
from sim.engine.judging import deliver, judge, keep_step
from sim.engine.nets import REPLICATES
from sim.engine.path_tilts import tilt_scenarios
from sim.engine.paths import Paths
from sim.engine.proposal import Proposal
from sim.engine.streams import BLOCK
from sim.engine.tilting import check_tilts
from sim.engine.years import Years, open_years, unfold_years
from sim.inputs.plan.aims import Aim, Event, list_parts
from sim.inputs.plan.readings import READINGS, list_groups, name_readings
from sim.inputs.plan.targets import Delivery, Growth, InStep, Milestone
from sim.inputs.scenario.reading import Scenario
from sim.model.amounts import find_ratio
from sim.model.known import Known
from sim.model.model import Model
from sim.model.thresholds import met
from sim.results.integrals import Integrals, divide_weighted

__all__ = ["average_batches", "count_event", "count_replicates", "judge_aim", "open_all", "unfold_all"]

Measure = Callable[[Sequence[Paths]], Floats]


def average_batches(
    model: Model,
    scenarios: Sequence[Scenario],
    n_paths: int,
    seed: int,
    measure: Measure,
    known: Known | None = None,
    proposal: Proposal | None = None,
) -> Floats:
    """Average what is measured of each path over batches.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
        On the same draws.
    n_paths : int
        Rounded up to a whole number of batches.
    seed : int
    measure : callable
        From paths of each scenario to an array, shape (..., path).
    known : Known, optional
        Published figures; then paths have weights, as they have where something is judged.
    proposal : Proposal, optional
        What scales and calibrations are drawn from.

    Returns
    -------
    array, shape (..., batch)
        Means over paths; each block of a run is cut into all batches.
    """
    each = -(-n_paths // REPLICATES) * REPLICATES
    years = open_all(model, scenarios, each, seed, known, proposal)
    total: Floats | None = None
    for block in range(-(-each // BLOCK)):
        draws = draw(model, min(BLOCK, each - block * BLOCK), seed, block)
        values = measure([*unfold_all(model, draws, years, known, proposal)])
        sums = values.reshape(*values.shape[:-1], REPLICATES, -1).sum(axis=-1, dtype=np.float64)
        total = sums if total is None else total + sums
    assert total is not None
    averages: Floats = total / (each // REPLICATES)
    return averages


def count_event(
    model: Model,
    scenario: Scenario,
    event: Event,
    n_paths: int,
    seed: int,
    known: Known | None = None,
    proposal: Proposal | None = None,
) -> tuple[Floats, Floats]:
    """Count an event by batches: the other road to `integrate_event`.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    event : Event
    n_paths : int
    seed : int
    known, proposal : optional
        As for `average_batches`.

    Returns
    -------
    both, given : array, shape (batch,)
        With figures, over how likely these are; as judged.
    """

    def measure(paths: Sequence[Paths]) -> Floats:
        hits = [judge_aim(paths[0], aim, event.reading) for aim in event.met]
        misses = [~judge_aim(paths[0], aim, event.reading) for aim in event.missed]
        hit = np.all(hits, axis=0) if event.which_met == "all" else np.any(hits, axis=0)
        missed = np.ones_like(hit)
        if misses:
            missed = np.all(misses, axis=0) if event.which_missed == "all" else np.any(misses, axis=0)
        found = np.stack([hit & missed, missed, np.ones_like(hit)])
        return found.astype(np.float32) if paths[0].weight is None else found * paths[0].weight

    both, given, whole = average_batches(model, [scenario], n_paths, seed, measure, known, proposal)
    evidence = max(float(whole.mean()), 1e-300)
    return both / evidence, given / evidence


def judge_aim(paths: Paths, aim: Aim, reading: int = 0) -> Bools:
    """Judge an aim on every path.

    Parameters
    ----------
    paths : Paths
    aim : Aim
    reading : int
        Place among the plan's readings.

    Returns
    -------
    array of bool, shape (path,)
    """
    model, target = paths.model, aim.target
    parts = list_parts(model.plan, aim)
    if len(parts) > 1:
        reached: Bools = np.all([judge_aim(paths, part, reading) for part in parts], axis=0)
        return reached
    if isinstance(target, Growth):
        asked = place_aim(model, aim, reading)
        ends, series = model.reduced.split_cumulative(asked.figure)
        return np.asarray(met(asked, [paths.cumulative[ends[0], series[0]]])[0], bool)
    quarter = max(reading - len(READINGS), -1)  # the year's own row is the last
    if isinstance(target, InStep):
        kept: Bools = keep_step(paths, target)[quarter]
        return kept
    if isinstance(target, Milestone):
        row = quarter if aim.quarter is None else aim.quarter
        done: Bools = paths.reached[row, model.milestone_law.ids.index(target.id)]
        return done
    place = model.delivery_law.ids.index(target.id)
    assert isinstance(target, Delivery)
    ratio = None if aim.number is None else find_ratio(target, aim.number, aim.sign)
    reached = deliver(paths, place, ratio)[quarter]
    return reached if aim.sign > 0 else ~reached


def count_replicates(
    model: Model,
    scenarios: Sequence[Scenario],
    n_paths: int,
    seed: int,
    known: Known | None = None,
    proposal: Proposal | None = None,
) -> list[Integrals]:
    """Count the odds of scenarios on the same draws by batches: the other road to `integrate_replicates`.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_paths : int
        Rounded up to a whole number of batches.
    seed : int
    known, proposal : optional
        As for `average_batches`.

    Returns
    -------
    list of Integrals
        One a scenario, with a replicate for each batch.
    """
    groups, each = list_groups(model.plan), -(-n_paths // REPLICATES) * REPLICATES
    years = open_all(model, scenarios, each, seed, known, proposal)
    found, weights = [_open_counts(model) for _ in scenarios], np.zeros((len(scenarios), REPLICATES))
    for block in range(-(-each // BLOCK)):
        draws = draw(model, min(BLOCK, each - block * BLOCK), seed, block)
        unfolded = unfold_all(model, draws, years, known, proposal)
        for counts, whole, paths in zip(found, weights, unfolded, strict=True):
            reached = judge(paths).reshape(*counts.met.shape[:2], REPLICATES, -1)
            weight = None if paths.weight is None else paths.weight.reshape(REPLICATES, -1)
            whole += reached.shape[-1] if weight is None else weight.sum(axis=-1)
            counts.met[:] += reached.sum(axis=-1) if weight is None else np.einsum("mkrn,rn->mkr", reached, weight)
            headline = reached[0, groups.get("headline", [])].astype(np.float32)
            counts.both[:] += np.einsum("irn,jrn->ijr", headline, headline if weight is None else headline * weight)
            for group, members in groups.items():
                number = reached[0, members].sum(axis=0)
                for batch, row in enumerate(number):
                    heavy = None if weight is None else weight[batch]
                    counts.number_met[group][:, batch] += np.bincount(row, heavy, minlength=len(members) + 1)
    return [_divide(*pair) for pair in zip(found, weights, strict=True)]


def _divide(counts: Integrals, whole: Floats) -> Integrals:
    """Divide sums by batch by the weights' sums; without figures these are the paths of each."""

    def divide(sums: Floats) -> Floats:
        return sums / whole[0] if (whole == whole[0]).all() else divide_weighted(sums, whole)

    number_met = {group: divide(number) for group, number in counts.number_met.items()}
    return replace(counts, met=divide(counts.met), both=divide(counts.both), number_met=number_met)


def open_all(
    model: Model,
    scenarios: Sequence[Scenario],
    n_paths: int,
    seed: int,
    known: Known | None = None,
    proposal: Proposal | None = None,
) -> list[Years]:
    """Open scenarios for paths, and find by what judgements weigh so many of them.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    n_paths : int
    seed : int
    known, proposal : optional
        As for `average_batches`.

    Returns
    -------
    list of Years
    """
    tilts = tilt_scenarios(model, scenarios, n_paths, seed, None, known, proposal)
    check_tilts(scenarios, tilts)
    return [open_years(model, scenario, tilt) for scenario, tilt in zip(scenarios, tilts, strict=True)]


def unfold_all(
    model: Model, draws: Draws, years: Sequence[Years], known: Known | None, proposal: Proposal | None
) -> Iterator[Paths]:
    """Simulate scenarios on the same draws; given figures or judgements, with the weights of the paths."""
    for each in unfold_years(model, years, draws, known, proposal):
        yield each.paths


def _open_counts(model: Model) -> Integrals:
    groups, plan = list_groups(model.plan), model.plan
    headline = len(groups.get("headline", []))
    return Integrals(
        met=np.zeros((len(name_readings(plan)), len(plan.judged), REPLICATES)),
        both=np.zeros((headline, headline, REPLICATES)),
        number_met={group: np.zeros((len(members) + 1, REPLICATES)) for group, members in groups.items()},
    )
