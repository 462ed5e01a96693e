"""What a page answers of each headline target: what could have been promised, what halves its odds, how it is missed.

Cheap forms of the questions, on few points: numbers without ranges, sizes between steps of the shocks' sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim._typing import Floats
from sim.analysis.misses import find_likeliest_way
from sim.analysis.promise import ODDS, find_numbers
from sim.analysis.stress_search import find_rarity
from sim.engine.exact.events import find_chance_of_aim
from sim.engine.exact.odds import explain_paths
from sim.engine.exact.points import Points, lay_points
from sim.engine.exact.strata import Stratum, lay_strata
from sim.engine.tasks import RunTask, take_task
from sim.inputs.plan.aims import Aim
from sim.inputs.plan.targets import Growth, Numbered
from sim.inputs.scenario.reading import Scenario
from sim.inputs.scenario.sizes import scale_size
from sim.model.scenario_law import compile_scenario
from sim.results.run import Run

__all__ = ["HeadlineAnswer", "Milder", "Way", "answer_headline"]

_COUNT, _FEW = 512, 128  # points of a replicate: of numbers, as `sim.promise` takes them, and of sizes
_FACTORS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0)  # on a shock's size


@dataclass(frozen=True, kw_only=True, slots=True)
class Milder:
    """The mildest size of one shock that halves the odds of a target.

    Attributes
    ----------
    scenario, shock : str
    factor : float
        On its size.
    once_in : float
        Years in which it is so large once.
    given, odds : float
        As the scenario stands, and with the larger shock.
    """

    scenario: str
    shock: str
    factor: float
    once_in: float
    given: float
    odds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """The likeliest way to miss a target.

    Attributes
    ----------
    shocks : str
        That happen together, as `sim.describe_misses` joins them; empty: none.
    share : float
        Of all misses.
    figures : tuple of (str, float)
        Periods of the target's indicator with its growth in the likeliest such year, %.
    """

    shocks: str
    share: float
    figures: tuple[tuple[str, float], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadlineAnswer:
    """What is answered of one headline target.

    Attributes
    ----------
    target : str
    scenario : str
        The first of the run that takes the exact road: of numbers and of misses.
    chance : float
        Of a miss in it.
    numbers : tuple of (float, float)
        Odds, and the number that could have been promised with them; NaN where none has.
    tried : str
        The scenario of the run that costs the headline most, whose shocks were made larger; empty where figures of the
        year are known or no scenario has shocks.
    milder : Milder, optional
        Where one of them halves the odds.
    way : Way, optional
        Of growth.
    """

    target: str
    scenario: str
    chance: float
    numbers: tuple[tuple[float, float], ...]
    tried: str
    milder: Milder | None
    way: Way | None


def answer_headline(run: Run) -> list[HeadlineAnswer]:
    """Answer for each headline target with a number what a reader of a page asks next.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of HeadlineAnswer
        None where no scenario of the run takes the exact road by itself.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_points=64, n_calibrations=0)
    >>> first = answer_headline(result)[0]
    >>> first.target, [odds for odds, _ in first.numbers], first.way.shocks
    ('gdp', [0.5, 0.7, 0.9], '')
    """
    task = take_task(run)
    model = task.model
    alone = [each for each in task.scenarios if not (each.mixture or each.rules or each.judgements)]
    fit = [each for each in alone if not explain_paths(model, each)]
    ranged = (target for target in model.plan.headline if getattr(target, "upper", None) is None)
    aims = [Aim(target=target) for target in ranged if isinstance(target, Numbered)]
    if not fit or not aims:
        return []
    few = _COUNT if task.known is None else max(_COUNT, task.settings.n_points // 4)
    points = lay_points(model, min(few, task.settings.n_points), task.settings.seed, proposal=task.proposal)
    law = compile_scenario(model, fit[0])
    strata = lay_strata(points, law, task.known)
    worst = min(fit, key=lambda each: run[each.name].number_met["headline"][-1] if each.shocks else 2.0)
    tried = worst if task.known is None and worst.shocks else None
    milder = _find_milder(task, points.cut(min(_FEW, points.count)), worst, aims) if tried else {}
    answers = []
    for aim in aims:
        way = None
        if isinstance(aim.target, Growth):
            found = find_likeliest_way(model, aim, strata, task.known)
            way = Way(shocks=found[0], share=found[1], figures=found[2]) if found else None
        answers.append(
            HeadlineAnswer(
                target=aim.target.id,
                scenario=fit[0].name,
                chance=1 - _meet(strata, aim),
                numbers=tuple(zip(ODDS, find_numbers(strata, aim, ODDS), strict=True)),
                tried=tried.name if tried else "",
                milder=milder.get(aim.target.id),
                way=way,
            )
        )
    return answers


def _meet(strata: Sequence[Stratum], aim: Aim) -> float:
    """Odds of a target."""
    total = 0.0
    for each in strata:
        upper = find_chance_of_aim(each.points, each.law, each.drawn, aim)
        total += float((each.weight * each.points.average(upper if aim.sign > 0 else 1 - upper)).mean())
    return total


def _find_milder(task: RunTask, points: Points, scenario: Scenario, aims: Sequence[Aim]) -> dict[str, Milder]:
    """Find the size of a shock that halves the odds of each target: of several shocks the one that is least rare."""
    found: dict[str, Milder] = {}
    given = None
    for name, shock in scenario.shocks.items():
        odds: list[list[float]] = []
        for factor in _FACTORS:
            if factor == 1 and given is not None:
                odds.append(given)
                continue
            changed = shock.model_copy(update={"size": scale_size(shock.size, factor)})
            moved = replace(scenario, shocks={**scenario.shocks, name: changed})
            fresh = replace(points, _kept={})  # what is kept would grow with every size
            strata = lay_strata(fresh, compile_scenario(task.model, moved))
            odds.append([_meet(strata, aim) for aim in aims])
        given = odds[0]
        for aim, each in zip(aims, np.array(odds).T, strict=True):
            factor = _cross(each, each[0] / 2)
            if np.isnan(factor):
                continue
            years = find_rarity(task.model, scenario, name, factor)
            best = found.get(aim.target.id)
            if best is None or years < best.once_in:
                found[aim.target.id] = Milder(
                    scenario=scenario.name,
                    shock=name,
                    factor=factor,
                    once_in=years,
                    given=float(each[0]),
                    odds=float(each[0] / 2),
                )
    return found


def _cross(odds: Floats, level: float) -> float:
    """Find the factor at which odds first come down to a level, between the steps; NaN where they do not."""
    below = np.flatnonzero(odds <= level)
    if not len(below) or below[0] == 0:
        return float("nan")
    last = int(below[0])
    logs = np.log(np.maximum(odds[last - 1 : last + 1], 1e-12))
    share = (logs[0] - np.log(level)) / (logs[0] - logs[1])
    return float(_FACTORS[last - 1] + share * (_FACTORS[last] - _FACTORS[last - 1]))
