"""Aims in signs: what a target asks for where a column has little room."""

from __future__ import annotations

from sim.inputs.plan.targets import Composite, Delivery, Growth, InStep, Judged, Milestone
from sim.views.phrases import say_aim, say_goal, say_period
from sim.views.words import Phrase, say

__all__ = ["sign_aim"]

_SIGNS = {"about": "≈ ", "at_most": "≤ ", "multiple_of": "× ", "between": ""}
"""Of criteria; of all others, at least."""


def sign_aim(target: Judged) -> Phrase:
    """Say what a target asks for in signs.

    Parameters
    ----------
    target : Judged

    Returns
    -------
    Phrase

    Examples
    --------
    >>> from sim.inputs.plan.reading import read_plan
    >>> plan = read_plan("qingdao-2024")
    >>> sign_aim(plan.growth[0]), sign_aim(plan.milestones[0])
    (Phrase(en='≈ 5.5 %', zh='≈ 5.5%'), Phrase(en='by Q2', zh='二季度末前'))
    >>> sign_aim(next(each for each in plan.deliveries if each.is_programme)).zh
    '▷ 9/10项'
    """
    if isinstance(target, Milestone):
        return say("aim.by", quarter=say_period(target.quarter))
    if isinstance(target, Composite):
        return say_aim(target)
    goal = say_goal(target)
    if isinstance(target, InStep):
        return say("aim.in_step", goal=goal, ahead=f" {target.value:+g}" if target.value else "")
    if isinstance(target, Delivery) and target.is_programme:
        return say("aim.under_way", enough=f"{target.enough:g}", goal=goal)
    if target.criterion == "multiple_of":
        goal = Phrase(f"{target.value:g}", f"{target.value:g}")
    level = f" ({target.level})" if isinstance(target, Growth) and target.level else ""
    sign = _SIGNS.get(target.criterion, "≥ ")
    return Phrase(*(f"{sign}{text}{level}" for text in goal))
