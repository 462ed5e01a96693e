"""Ranges by plain redraws: calibrations drawn one by one, and the odds of each counted on paths.

The analytic road has quicker ways to the same. This one needs nothing of a model, and serves scenarios that need paths.
"""

from __future__ import annotations

from dataclasses import replace

from sim.engine.draws import draw
from sim.engine.judging import count_odds, judge
from sim.engine.paths import start, unfold
from sim.engine.streams import draw_calibration
from sim.inputs.plan.readings import list_groups
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.model.scenario_law import compile_parts, compile_whole
from sim.model.shock_subsets import list_unknown
from sim.results.attainment import Attainment
from sim.results.integrals import Integrals, find_group_ranges, find_range, join

__all__ = ["count_range", "redraw_odds"]

_MOST_REDRAWS = 64
_PATHS = 8192


def redraw_odds(model: Model, scenario: Scenario, n_calibrations: int, n_paths: int, seed: int) -> Integrals:
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
    Integrals
        One value a calibration: of targets, of pairs of the headline, and of groups.
    """
    laws, groups = [law for law, _ in compile_parts(model, scenario)], list_groups(model.plan)
    unknown = [name for law in laws for shock in range(len(law.names)) for name in list_unknown(law, shock)]
    names = [*model.uncertain, *dict.fromkeys(unknown)]
    draws = draw(model, n_paths, seed)
    found = []
    for index in range(n_calibrations):
        held = replace(draws, held=draw_calibration(seed, names, index))
        counts = count_odds(judge(unfold(start(model, held), scenario, compile_whole(model, scenario))), groups)
        found.append(
            Integrals(
                met=counts.met[..., None] / n_paths,
                both=counts.both[..., None] / n_paths,
                number_met={group: exactly[:, None] / n_paths for group, exactly in counts.number_met.items()},
            )
        )
    return join(found)


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
        The same where nothing is unknown.
    """
    if not model.uncertain:
        return attainment
    redrawn = redraw_odds(model, attainment.scenario, min(n_calibrations, _MOST_REDRAWS), _PATHS, seed)
    return replace(
        attainment,
        met_range=find_range(redrawn.met, attainment.met),
        at_least_range=find_group_ranges(redrawn, attainment.number_met),
    )
