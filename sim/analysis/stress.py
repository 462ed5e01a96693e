"""Reverse stress: how large, how likely or what together shocks must be to bring odds down, and how rare that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.stress_search import Search
from sim.engine.exact.odds import explain_paths
from sim.engine.exact.points import lay_points
from sim.engine.plausibility import COUNTED
from sim.engine.tasks import RunTask, take_task
from sim.errors import Fault, InputError, blame, blame_probability, find_nearest
from sim.inputs.plan.aims import Event, read_event
from sim.inputs.scenario.reading import Scenario
from sim.model.judged import hold_centres
from sim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WAYS", "find_stress", "trace_stress"]

WAYS = ("size", "probability", "together")
"""One shock made larger; one made likelier; all of a scenario's shocks happening, each with a size of its own."""

_COLUMNS = ("target", "below", "by", "shock", "value", "unit", "odds_as_given", "odds", "once_in", "status")
_COARSE = 64  # points of a replicate while a bracket is sought
_TRACED = 256  # and of a curve


def find_stress(
    result: Run | RunTask,
    target: str,
    below: float,
    *,
    scenario: str | None = None,
    shock: str | None = None,
    by: str | Iterable[str] = WAYS,
) -> pd.DataFrame:
    """Find the mildest changes of a scenario's shocks that bring the odds of a target down.

    Parameters
    ----------
    result : Run or RunTask
    target : str
        As `sim.probability` takes it: a target, with a number of one's own or without, or a group, whose members are
        all to be met.
    below : float
        Odds to which it is to come down, between 0 and 1.
    scenario : str, optional
        Of the run; None means its first.
    shock : str, optional
        The only shock to change; None means each in turn.
    by : str or iterable of str
        Some of `WAYS`.

    Returns
    -------
    DataFrame
        Columns target, below, by, shock, value, unit, odds_as_given, odds, once_in, status. By size, the value is the
        factor on its law that is nearest to one, and a shock so large happens once in so many years: as large as the
        median of its law times the factor, or larger. By probability, the value is that of the shock in the year,
        whatever it depends on. Together, values are sizes in the shocks' own units, all of them happening, with the
        least sum of squared normal scores of sizes in their own laws; once in so many years scores add up to as much
        along their direction. Status: `found`; `already below` as the scenario stands; `never below`, with the lowest
        odds within reach: sizes up to three times the law, a probability of 0 or 1. Given published figures, odds are
        those of the changed scenario given them, and how rare a shock is stays what its law says; `too few points`
        where the figures leave too few of such a year for its odds to be told. Rules answer whatever a shock becomes.
        Judgements are met anew with every change; of a judged shock its probability is what the judgement says, and
        nothing is sought together, as no chance is left to judge where all shocks happen.

    Raises
    ------
    InputError
        If a name is unknown, odds are out of range, or the scenario has no shocks or needs paths.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "export-slump", n_paths=1000, n_points=64, n_calibrations=0)
    >>> found = sim.find_stress(result, "gdp", 0.1, shock="export_slump", by="size")
    >>> found.status[0], bool(found.value[0] > 1)
    ('found', True)
    """
    import pandas as pd

    task = take_task(result)
    chosen, event, shocks, ways = _check(task, target, below, scenario, shock, by)
    count = task.settings.n_points
    held = hold_centres(task.model, chosen)
    fine, coarse = (
        lay_points(held, min(each, count), task.settings.seed, proposal=task.proposal) for each in (count, _COARSE)
    )
    search = Search(
        model=task.model, scenario=chosen, event=event, fine=fine, coarse=coarse, below=below, known=task.known
    )
    given = search.measure({})
    rows = list[tuple[Any, ...]]()
    if given <= below:
        rows.append((target, below, "", "", np.nan, "", given, given, np.nan, "already below"))
    else:
        for way in ways:
            found = {"size": search.find_sizes, "probability": search.find_chances, "together": search.find_together}
            rows += [(target, below, way, *row[:3], given, *row[3:]) for row in found[way](shocks)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def trace_stress(
    result: Run | RunTask,
    target: str,
    *,
    scenario: str | None = None,
    shock: str | None = None,
    by: str | Iterable[str] = ("size", "probability"),
) -> pd.DataFrame:
    """Trace the odds of a target as shocks become larger, or likelier.

    Parameters
    ----------
    result : Run or RunTask
    target, scenario, shock
        As for `find_stress`.
    by : str or iterable of str
        `size` from nothing to three times the law, `probability` from 0 to 1.

    Returns
    -------
    DataFrame
        Columns target, by, shock, level, odds; of 256 points a replicate.

    Raises
    ------
    InputError
        As for `find_stress`.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "export-slump", n_paths=1000, n_points=64, n_calibrations=0)
    >>> traced = sim.trace_stress(result, "gdp", shock="export_slump", by="size")
    >>> bool(traced.odds.iloc[0] > traced.odds.iloc[-1])
    True
    """
    import pandas as pd

    task = take_task(result)
    chosen, event, shocks, ways = _check(task, target, 0.5, scenario, shock, by)
    count = min(_TRACED, task.settings.n_points)
    points = lay_points(hold_centres(task.model, chosen), count, task.settings.seed, proposal=task.proposal)
    search = Search(
        model=task.model, scenario=chosen, event=event, fine=points, coarse=points, below=0.5, known=task.known
    )
    rows = [
        (target, way, name, level, odds)
        for way in ways
        for name in shocks
        for level, odds in (search.trace_sizes(name) if way == "size" else search.trace_chances(name))
    ]
    return pd.DataFrame(rows, columns=["target", "by", "shock", "level", "odds"])


def _check(
    task: RunTask, target: str, below: float, scenario: str | None, shock: str | None, by: str | Iterable[str]
) -> tuple[Scenario, Event, list[str], list[str]]:
    faults, event = list[Fault](), None
    try:
        event = read_event(task.model.plan, target)
    except InputError as error:
        faults += [replace(fault, file="target") for fault in error.faults]
    faults += blame_probability("below", below, 0.1)
    ways = [by] if isinstance(by, str) else list(by)
    known = {each.name: each for each in task.scenarios}
    name = task.scenarios[0].name if scenario is None else scenario
    for argument, given, valid in (("scenario", [name], list(known)), ("by", ways, list(WAYS))):
        for each in given:
            if each not in valid:
                nearest = find_nearest(each, valid)
                faults.append(
                    blame(argument, f"unknown '{each}'", "allowed: " + ", ".join(valid), nearest, code="unknown")
                )
    shocks = list[str]()
    if name in known:
        shocks = list(known[name].shocks)
        reason = explain_paths(task.model, known[name])
        counted = task.known is not None and not task.exact[[*known].index(name)]
        reason = reason or COUNTED * counted
        if reason:
            faults.append(blame("scenario", f"no stress of '{name}' can be found: {reason}", "choose another"))
        if known[name].mixture:
            problem = f"'{name}' is a mixture, whose shocks are those of its parts"
            faults.append(blame("scenario", problem, "choose one of these"))
        elif not shocks:
            faults.append(blame("scenario", f"'{name}' has no shocks", "choose another"))
        elif shock is not None and shock not in shocks:
            listed = "allowed: " + ", ".join(shocks)
            faults.append(blame("shock", f"no shock '{shock}'", listed, find_nearest(shock, shocks), code="unknown"))
        if known[name].events and ways == ["together"]:
            problem = f"'{name}' holds judgements, and no chance is left to judge where all shocks happen"
            faults.append(blame("by", problem, "write size or probability"))
        elif known[name].events:
            ways = [each for each in ways if each != "together"]
    if faults or event is None:
        raise InputError(faults)
    return known[name], event, shocks if shock is None else [shock], ways
