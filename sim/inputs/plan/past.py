"""Past: what a plan's own tables say of earlier years, and of what was expected of them."""

from __future__ import annotations

from sim.inputs.history import History, Outcome, collect_history
from sim.inputs.identity import name_own, rename_indicator
from sim.inputs.outlook import Outlook, collect_outlook
from sim.inputs.plan.plan import Plan

__all__ = ["find_region", "recall_history", "recall_outlook"]


def find_region(plan: Plan) -> str:
    """Find the name by which a plan's history calls its place.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    str
        The first region of the history that is the plan's place, however it is written; else `place_en`.
    """
    own = (row.region for row in plan.history if name_own(row.region, plan.place_en, plan.place_zh) == plan.place_en)
    return next(own, plan.place_en)


def recall_history(plan: Plan) -> History:
    """Recall the history of a plan's own table, the plan's baselines added where it lacks the year before.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    History

    Examples
    --------
    >>> import sim
    >>> len(recall_history(sim.read_plan("qingdao-2024")))
    64
    """
    rows = list(plan.history)
    region, year = find_region(plan), plan.year - 1
    known = {row.indicator: number for number, row in enumerate(rows) if (row.region, row.year) == (region, year)}
    for indicator in plan.indicators:
        name = rename_indicator(indicator.id)
        if name not in known:
            rows.append(
                Outcome(
                    region=region,
                    year=year,
                    indicator=name,
                    target=None,
                    comparator=None,
                    outcome=indicator.baseline,
                    unit=indicator.unit,
                    source=indicator.source,
                )
            )
        elif rows[known[name]].outcome is None:
            rows[known[name]] = rows[known[name]].model_copy(update={"outcome": indicator.baseline})
    lower = frozenset(rename_indicator(each.id) for each in plan.indicators if each.better == "lower")
    return collect_history(rows, lower=lower)


def recall_outlook(plan: Plan) -> Outlook:
    """Recall the outlook of a plan's own table.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    Outlook

    Examples
    --------
    >>> import sim
    >>> round(recall_outlook(sim.read_plan("qingdao-2024")).forecast[2023], 2)
    4.75
    """
    return collect_outlook(plan.outlook)
