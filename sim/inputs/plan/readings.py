"""Readings and groups of targets."""

from __future__ import annotations

from sim.inputs import direction
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Growth, Judged
from sim.inputs.quarters import name_cumulative

__all__ = ["READINGS", "direct", "list_groups", "list_readings", "name_readings"]

READINGS = ("printed", "stated", "tolerance")
"""Readings of the year: the figure as it is published, rounded, reaches the target; the exact figure does; the
published figure falls short by no more than the tolerance. The first is the one that leads and that is scored."""


def direct(plan: Plan, target: Judged) -> int:
    """Tell which direction of growth meets a target.

    Parameters
    ----------
    plan : Plan
    target : Judged

    Returns
    -------
    int
        +1 where more is better, -1 where less is.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> direct(plan, plan.growth[0])
    1
    """
    lower = isinstance(target, Growth) and plan.find_indicator(target.indicator).better == "lower"
    return direction.direct(target.criterion, lower=lower)


def name_readings(plan: Plan) -> tuple[str, ...]:
    """Name all readings of a plan's targets.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    tuple of str
        Three of the year (`READINGS`), then the course as printed at each earlier quarter's end.

    Examples
    --------
    >>> import sim
    >>> name_readings(sim.read_plan("qingdao-2024"))
    ('printed', 'stated', 'tolerance', 'Q1', 'H1', 'Q1-Q3')
    """
    count = len(plan.quarter_names)
    return (*READINGS, *(name_cumulative(quarter, count) for quarter in range(count - 1)))


def list_readings(plan: Plan, target: Judged) -> list[tuple[int, str]]:
    """List the readings that a target has: printing and tolerance are for growth alone.

    Parameters
    ----------
    plan : Plan
    target : Growth, Delivery, Milestone or Composite

    Returns
    -------
    list of (int, str)
        Index among all readings, and name.
    """
    named = list(enumerate(name_readings(plan)))
    return named if isinstance(target, Growth) else [named[0], *named[len(READINGS) :]]


def list_groups(plan: Plan) -> dict[str, list[int]]:
    """List the groups whose targets have joint odds: headline, owner groups, all.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict of str to list of int
        Indices among the targets with odds, by group; no group is empty.
    """
    judged = plan.judged
    headline = {target.id for target in plan.headline}
    groups = {"headline": [number for number, target in enumerate(judged) if target.id in headline]}
    for number, target in enumerate(judged):
        groups.setdefault(target.group, []).append(number)
    groups["all"] = list(range(len(judged)))
    return {group: members for group, members in groups.items() if members}
