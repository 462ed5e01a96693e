"""Years of several scenarios on the same draws, weighed by published figures and by judgements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim._typing import Bools
from sim.engine.draws import Draws
from sim.engine.likelihood import Likelihood
from sim.engine.path_update import shift_draws, unfold_known
from sim.engine.paths import Paths, move_laws, start, unfold
from sim.engine.proposal import Proposal
from sim.engine.shock_effects import draw_shocks
from sim.inputs.scenario.reading import Scenario
from sim.model.judged import Judged, compile_judged, hold_centres
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_whole
from sim.model.tilting import Tilt

__all__ = ["Unfolded", "Years", "open_years", "unfold_years", "zip_tilts"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Years:
    """A scenario ready to be laid over draws.

    Attributes
    ----------
    scenario : Scenario
    model : Model
        With the scenario's opinions of centres.
    law : ScenarioLaw or None
        Of its shocks; None for a mixture.
    judged : Judged or None
        Its judged events; None without any.
    tilt : Tilt or None
        By which years are weighed.
    """

    scenario: Scenario
    model: Model
    law: ScenarioLaw | None
    judged: Judged | None
    tilt: Tilt | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Unfolded:
    """Years of one scenario on some draws.

    Attributes
    ----------
    paths : Paths
        With their weights, if they have any.
    likely : Likelihood or None
        How likely published figures are on each; None without any.
    events : array of bool, shape (judgement, path), or None
        Which judged events come true on each; None without any.
    """

    paths: Paths
    likely: Likelihood | None
    events: Bools | None


def open_years(model: Model, scenario: Scenario, tilt: Tilt | None = None) -> Years:
    """Compile a scenario and its judgements for a model."""
    held = hold_centres(model, scenario)
    if scenario.events:
        law, judged = compile_judged(model, scenario)
        return Years(scenario=scenario, model=held, law=law, judged=judged, tilt=tilt)
    return Years(scenario=scenario, model=held, law=compile_whole(model, scenario.judge()), judged=None, tilt=None)


def zip_tilts(
    scenarios: Sequence[Scenario], tilts: Sequence[Tilt | None] | None
) -> Iterator[tuple[Scenario, Tilt | None]]:
    """Pair scenarios with their tilts, of which there may be none."""
    yield from zip(scenarios, tilts or [None] * len(scenarios), strict=True)


def unfold_years(
    model: Model, years: Sequence[Years], draws: Draws, known: Known | None, proposal: Proposal | None
) -> Iterator[Unfolded]:
    """Simulate scenarios on the same draws, one after the other.

    Parameters
    ----------
    model : Model
        Without opinions.
    years : sequence of Years
    draws : Draws
    known : Known or None
        Published figures.
    proposal : Proposal or None
        What scales and calibrations are drawn from, where there are figures.

    Yields
    ------
    Unfolded
        One a scenario.
    """
    correction = None
    if known is not None:
        draws, correction = shift_draws(model, draws, proposal)
        moved = move_laws(model, draws)
    else:
        ordinary = start(model, draws)  # local, so that no block outlives its count
    for each in years:
        own, scenario, likely = each.model is not model, each.scenario, None
        if known is not None:
            laws = move_laws(each.model, draws) if own else moved
            paths, likely = unfold_known(each.model, laws, draws, scenario, each.law, known, correction)
        else:
            paths = unfold(start(each.model, draws) if own else ordinary, scenario, each.law)
        if own:
            paths = replace(paths, model=model)
        events = None if each.judged is None or each.law is None else _mark(each.judged, each.law, draws, paths)
        if events is not None and each.tilt is not None:
            factor = each.tilt.weigh(events)
            paths = replace(paths, weight=factor if paths.weight is None else factor * paths.weight)
        yield Unfolded(paths=paths, likely=likely, events=events)


def _mark(judged: Judged, law: ScenarioLaw, draws: Draws, paths: Paths) -> Bools:
    happened = dict[int, NDArray[np.bool_]]()
    if any(each.shock for each in judged.events):
        for place, drawn in draw_shocks(law, draws).items():
            happened[place] = np.zeros(paths.n_paths, bool)
            happened[place][drawn.paths] = True
    return judged.mark_years(happened, paths.figures)
