"""The value of rules: what each changes in the odds, how often it is used, and the change each time that it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.analysis.coalitions import estimate_change, find_felt
from sim.engine.draws import draw
from sim.engine.exact.integrals import integrate
from sim.engine.exact.pilot import fit_proposal
from sim.engine.exact.points import lay_points
from sim.engine.judging import judge
from sim.engine.nets import REPLICATES
from sim.engine.path_update import shift_draws, unfold_known
from sim.engine.paths import Paths, move_laws, start, unfold
from sim.engine.pieces import cut_replicates
from sim.engine.proposal import Proposal
from sim.engine.streams import BLOCK
from sim.engine.tasks import RunTask
from sim.errors import InputError, blame_kind
from sim.inputs.plan.readings import list_groups
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known, compile_published
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario
from sim.results.attainment import find_blanks
from sim.results.integrals import Integrals, divide_weighted, join, settle
from sim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["value_rules"]

_COLUMNS = (
    *("scenario", "rule", "target", "without", "with", "change", "paired_se"),
    *("used", "used_se", "per_use", "per_use_se"),
)


def value_rules(result: Run | RunTask) -> pd.DataFrame:
    """Value the rules of a run's scenarios: the change of each odds against the same scenario without the rule.

    Parameters
    ----------
    result : Run or RunTask

    Returns
    -------
    DataFrame
        Columns scenario, rule, target, without, with, change, paired_se, used, used_se, per_use, per_use_se: of every
        target that feels the rule, as printed, and of groups that all are met. `used` is the probability that the rule
        strikes, `per_use` the change where it does. Empty where no scenario has rules of its own.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_points=64, n_calibrations=0)
    >>> value_rules(result).empty
    True
    """
    import pandas as pd

    if not isinstance(result, Run | RunTask):
        raise InputError([blame_kind("result", result, "a run", "write what sim.run gives")])
    model, known = result.model, result.known if isinstance(result, RunTask) else None
    if isinstance(result, Run):
        known = compile_published(model, result.published)
    rows = list[tuple[Any, ...]]()
    for place, scenario in enumerate(result.scenarios):
        if not scenario.rules:
            continue
        exact = result.exact[place] if isinstance(result, RunTask) else bool(result.attainments[place].n_points)
        laws = [compile_scenario(model, scenario, with_rules=True)]
        laws += [_still(laws[0], rule) for rule in scenario.rules]
        proposal = None if known is None else fit_proposal(model, [scenario], known, result.settings.seed)
        measured = (
            _integrate(result, laws, known, proposal) if exact else _count(result, scenario, laws, known, proposal)
        )
        names, odds, used = measured
        for rule, before in zip(scenario.rules, odds[1:], strict=True):
            plain = replace(scenario, rules={name: each for name, each in scenario.rules.items() if name != rule})
            felt = find_felt(model, plain, scenario, [rule], list_groups(model.plan), known)
            for number, name in enumerate(names):
                if felt[name].any():
                    row = before[number], odds[0][number], used.get(rule, np.zeros(REPLICATES))
                    rows.append((scenario.name, rule, name, *_compare(*row)))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _still(law: ScenarioLaw, rule: str) -> ScenarioLaw:
    """Let a rule strike and do nothing, so that odds without it rest on the same draws of its figure."""
    if rule not in law.names:
        return law
    does = np.array([name != rule for name in law.names], np.float64)
    return replace(
        law,
        growth=law.growth * does[:, None, None, None],
        speed=law.speed * does[:, None],
        delay=law.delay * does[:, None],
        definition=tuple(
            each if name != rule else f"{each}, still" for name, each in zip(law.names, law.definition, strict=True)
        ),
    )


def _compare(before: Floats, after: Floats, used: Floats) -> tuple[float, ...]:
    """Odds without and with a rule, their change, how often it is used, and the change per use, with errors."""
    change, share = after - before, max(float(used.mean()), 0.0)
    moved, error = estimate_change(change)
    often, often_error = estimate_change(used)
    if share < 1e-9:
        return float(before.mean()), float(after.mean()), moved, error, share, often_error, np.nan, np.nan
    per_use = moved / share
    spread = float((change - per_use * used).std(ddof=1) / np.sqrt(len(used)) / share)
    return float(before.mean()), float(after.mean()), moved, error, often, often_error, per_use, spread


Measured = tuple[list[str], list[Floats], dict[str, Floats]]


def _name_rows(model: Model) -> tuple[list[int], list[str]]:
    """Places of targets that have odds, and their names before those of groups."""
    blank = find_blanks(model.plan, model.delivery_law)[0]
    places = [place for place in range(len(model.plan.judged)) if not blank[place]]
    return places, [*(model.plan.judged[place].id for place in places), *list_groups(model.plan)]


def _integrate(
    result: Run | RunTask, laws: Sequence[ScenarioLaw], known: Known | None, proposal: Proposal | None
) -> Measured:
    model, seed, count = result.model, result.settings.seed, result.settings.n_points
    pieces = list[list[Integrals]]()
    for replicates in cut_replicates(count):
        points = lay_points(model, count, seed, replicates, proposal=proposal)
        pieces.append([integrate(points, law, known) for law in laws])
    found = [settle(join(each)) for each in zip(*pieces, strict=True)]
    places, names = _name_rows(model)
    odds = [np.stack([*each.met[0, places], *(row[-1] for row in each.number_met.values())]) for each in found]
    return names, odds, found[0].used


def _count(
    result: Run | RunTask,
    scenario: Scenario,
    laws: Sequence[ScenarioLaw],
    known: Known | None,
    proposal: Proposal | None,
) -> Measured:
    """Count on the same paths, in as many batches as the exact road has replicates."""
    model, seed, groups = result.model, result.settings.seed, list_groups(result.model.plan)
    places, names = _name_rows(model)
    rules = list(scenario.rules)
    n_paths = -(-int(result.settings.n_paths or 0) // REPLICATES) * REPLICATES
    sums = np.zeros((len(laws), len(names) + len(rules) + 1, REPLICATES))

    def weigh(paths: Paths) -> Floats:
        met, missing = judge(paths)[0], np.zeros(paths.n_paths, bool)
        rows = [*met[places], *(met[members].all(axis=0) for members in groups.values())]
        rows += [*(paths.used.get(rule, missing) for rule in rules), np.ones(paths.n_paths, bool)]
        weighted = np.stack(rows) * (1.0 if paths.weight is None else paths.weight)
        return np.asarray(weighted.reshape(len(rows), REPLICATES, -1).sum(axis=-1))

    for block in range(-(-n_paths // BLOCK)):
        draws, correction = draw(model, min(BLOCK, n_paths - block * BLOCK), seed, block), None
        if known is not None:
            draws, correction = shift_draws(model, draws, proposal)
        moved = move_laws(model, draws)
        ordinary = start(model, draws, moved) if known is None else None
        for number, law in enumerate(laws):
            if ordinary is not None:
                sums[number] += weigh(unfold(ordinary, scenario, law))
            elif known is not None:
                sums[number] += weigh(unfold_known(model, moved, draws, scenario, law, known, correction)[0])
    odds = [divide_weighted(each[:-1], each[-1]) for each in sums]
    used = dict(zip(rules, odds[0][len(names) :], strict=True))
    return names, [each[: len(names)] for each in odds], used
