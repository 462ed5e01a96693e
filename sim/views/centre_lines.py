"""Why odds stand where they do: how the centre of an ordinary year comes about, in words and in steps."""

from __future__ import annotations

from dataclasses import dataclass

from sim.inputs.plan.targets import Growth
from sim.model.model import Model
from sim.views.numbers import print_change
from sim.views.phrases import pair, say_aim
from sim.views.words import Phrase, join, say

__all__ = ["Step", "list_steps", "say_centre"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step from the last outcome to the centre.

    Attributes
    ----------
    name : Phrase
    low, high : float
        Where it begins and ends, the smaller first, %.
    points : float, optional
        What it adds, percentage points; None of the ends of the way, which are levels.
    """

    name: Phrase
    low: float
    high: float
    points: float | None


def list_steps(model: Model, target: Growth) -> list[Step]:
    """List the steps from the last outcome to the centre of an ordinary year.

    Parameters
    ----------
    model : Model
    target : Growth

    Returns
    -------
    list of Step
        The first and the last are levels; empty where the centre is not as fitted, and nobody knows its parts.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("qingdao-2024")
    >>> [step.name.en for step in list_steps(model, model.plan.headline_growth[1])]
    ['2023', 'the country’s outlook', 'bias of such forecasts', 'lean towards the target', 'ordinary year']
    """
    centre = model.calibration.indicators[target.indicator].centre
    parts = centre.parts
    if parts is None or not centre.is_fitted:
        return []
    known = None if parts.year is None else model.plan.name_year(parts.year)
    name = say("centre.target_alone") if known is None else say("centre.year", year=known)
    at, steps = parts.start, [Step(name=name, low=0.0, high=parts.start, points=None)]
    for key, points in parts.steps.items():
        low, high = sorted((at, at + points))
        steps.append(Step(name=say(f"centre.{key}"), low=low, high=high, points=points))
        at += points
    return [*steps, Step(name=say("centre.ordinary"), low=0.0, high=centre.value, points=None)]


def say_centre(model: Model, target: Growth) -> Phrase:
    """Say how the centre of an ordinary year comes about, and how far it lies from the target.

    Parameters
    ----------
    model : Model
    target : Growth

    Returns
    -------
    Phrase

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("qingdao-2024")
    >>> say_centre(model, model.plan.headline_growth[1]).zh[:39]
    '一般公共预算收入：常态年份为 3.7%（2023 年 5.1、全国增速预期变化'
    """
    centre, steps = model.calibration.indicators[target.indicator].centre, list_steps(model, target)
    if steps:
        printed = [(each.name, print_change(each.points or 0.0)) for each in steps[1:-1]]
        added = [say("centre.step", name=name, points=points) for name, points in printed if points != "0.0"]
        start = say("centre.start", name=steps[0].name, value=f"{steps[0].high:.1f}")
        how = join([start, *added])
    elif centre.is_overridden:
        how = say("centre.by_hand", value=f"{centre.fitted:.1f}")
    else:
        how = say(f"centre.{centre.basis}")
    return say("centre.sentence", name=pair(target), value=f"{centre.value:.1f}", how=how, aim=say_aim(target))
