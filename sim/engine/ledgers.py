"""Ledgers: what judgements move, found by running a scenario without them on the same road."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np

from sim._typing import Floats
from sim.engine.counting import divide
from sim.engine.path_runs import count_scenarios, weigh_first_paths
from sim.engine.path_tilts import tilt_scenarios
from sim.engine.point_runs import integrate_scenarios
from sim.engine.proposal import Proposal
from sim.model.known import Known
from sim.model.model import Model
from sim.model.tilting import Tilt
from sim.results.attainment import Attainment
from sim.results.integrals import Integrals
from sim.results.ledger import open_ledger
from sim.results.settings import RunSettings

__all__ = ["keep_ledgers"]


def keep_ledgers(
    model: Model,
    settings: RunSettings,
    known: Known | None,
    proposal: Proposal | None,
    attainments: Sequence[Attainment],
    tilts: Sequence[Tilt | None],
    executor: Executor | None,
) -> list[Attainment]:
    """Keep the ledger of each scenario with judgements.

    Parameters
    ----------
    model : Model
    settings : RunSettings
        With paths and points.
    known : Known or None
        Published figures.
    proposal : Proposal or None
        What scales and calibrations are drawn from, given them.
    attainments : sequence of Attainment
    tilts : sequence of Tilt or None
        Of the scenarios that are counted on paths.
    executor : Executor or None

    Returns
    -------
    list of Attainment
        The same objects where nothing is judged.
    """
    seed, n_paths = settings.seed, settings.n_paths or 0
    kept = []
    for each, tilt in zip(attainments, tilts, strict=True):
        scenario = each.scenario
        if not scenario.judgements:
            kept.append(each)
            continue
        bare, events = scenario.judge(), scenario.judge(*scenario.events)
        if each.replicates is not None:
            plain, tilt = each.replicates, each.replicates.tilt
            if scenario.centres:
                on_points = (executor, lambda: None, known, proposal)
                plain = integrate_scenarios(model, [events], settings.n_points, seed, *on_points)[0]
            told = plain.tilt
            met = np.where(np.isnan(each.met), np.nan, _leave_untilted(plain))
        else:
            told = tilt_scenarios(model, [events], n_paths, seed, executor, known, proposal)[0]
            units, _ = weigh_first_paths(model, [bare], n_paths, seed, known, proposal)
            tally = count_scenarios(model, [bare], n_paths, seed, executor, lambda: None, known, units, proposal)
            met = divide(tally[0], seed).met
        kept.append(replace(each, ledger=open_ledger(model, scenario, tilt, told, met)))
    return kept


def _leave_untilted(integrals: Integrals) -> Floats:
    """Odds of targets over all branches as they are without judgements, shape (reading, target)."""
    parts = [*integrals.branches.values()]
    if not parts:
        plain: Floats = integrals.met.mean(axis=-1)
        return plain
    weight = sum(float(part.evidence.weight.mean()) for part in parts if part.evidence)
    whole: Floats = np.sum([part.met.mean(axis=-1) for part in parts], axis=0) / weight
    return whole
