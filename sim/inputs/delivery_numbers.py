"""Numbers of deliveries and milestones: how often promises of a class are kept, and how they run over the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from sim._typing import Floats
from sim.inputs.files.validation import Checked, Name, Text, refuse
from sim.inputs.numbers import Basis, Fraction, Level, Loading, LogNumber, LogSpread, Number, Positive

if TYPE_CHECKING:
    from sim.inputs.plan.targets import Delivery, Milestone

__all__ = [
    "ANY_DELIVERY",
    "OTHERS_MILESTONE",
    "OWN_MILESTONE",
    "Chance",
    "Course",
    "DeliveryClass",
    "DeliveryNumbers",
    "LevelNumbers",
    "MilestoneClass",
    "MilestoneNumbers",
    "ProgrammeNumbers",
    "Timing",
]

ANY_DELIVERY = "other"
OWN_MILESTONE, OTHERS_MILESTONE = "works_opening", "title_strived_for"
"""Classes of targets that name none."""


class Chance(Checked):
    """How often promises of a class are kept: a probability that is itself beta distributed.

    Attributes
    ----------
    value : float
        Its mean.
    weight : float
        The number of records that would say as much; the beta law's parameters add up to it.
    n, reached : int
        Records behind it, and how many of them were kept; none where it rests on an assumption or on other classes.
    unit : str
        `share`.
    source : str
        Where the records come from, or the word "assumption" with the reason.
    """

    value: Annotated[float, Field(gt=0, lt=1)]
    weight: Annotated[float, Field(gt=0, le=100_000)]
    n: Annotated[int, Field(ge=0)] = 0
    reached: Annotated[int, Field(ge=0)] = 0
    unit: Literal["share"]
    basis: Basis = "assumed"
    source: Text

    @property
    def sd(self) -> float:
        """Standard deviation of what is not known about it."""
        return float(np.sqrt(self.value * (1 - self.value) / (self.weight + 1)))

    def move(self, normals: Floats) -> Floats:
        """Return the probability at levels of a standard normal: quantiles of the beta law."""
        from scipy.special import betaincinv, ndtr

        grid = np.linspace(-6, 6, 481)
        levels = betaincinv(self.value * self.weight, (1 - self.value) * self.weight, ndtr(grid))
        moved: Floats = np.interp(normals, grid, np.clip(levels, 1e-6, 1 - 1e-6))
        return moved


class Timing(LogNumber):
    """By how much the log of a quarter's share of the year may be off."""

    unit: Literal["1"]


class Course(Checked):
    """How a kind of delivery runs over the year.

    Attributes
    ----------
    shares : list of float
        Share of the year's amount expected in each quarter; they sum to one.
    timing : list of Number, optional
        What is not known about the log of each share.
    source : str
        Of the shares.
    """

    shares: list[Annotated[float, Field(ge=0, le=1)]]
    timing: list[Timing] = Field(default_factory=list)
    source: Text

    @field_validator("shares")
    @classmethod
    def _check_sum(cls, shares: list[float]) -> list[float]:
        if abs(sum(shares) - 1) > 1e-6:
            raise refuse(f"the shares sum to {sum(shares):g}", "they must sum to 1")
        return shares


class DeliveryClass(Checked):
    """A class of deliveries: how often its promises are kept, and by how much.

    Attributes
    ----------
    reach : Chance
        That an ordinary year reaches the promised number.
    spread : Number
        Standard deviation of the log of a delivery's own speed: how far a weak year or a shock must go to undo it.
    shared : Number
        How far the class follows what moves all deliveries: 1 fully, 0 not at all.
    macro : Number, optional
        Log speed per standard normal of the macro factor, in place of that of all deliveries.
    arrivals : str
        `single` where things arrive one by one by chance, `steady` where an amount grows, `list` where a list is
        worked off and cannot be exceeded.
    pile : float
        Of the promises kept, the share that was passed by no more than a twentieth.
    tail : float
        Of the others, how far beyond that they went on average, as a share of the promise.
    source : str
        Of pile and tail.
    """

    reach: Chance
    spread: LogSpread
    shared: Fraction
    macro: LogNumber | None = None
    arrivals: Literal["single", "steady", "list"] = "single"
    pile: Annotated[float, Field(ge=0, le=1)]
    tail: Annotated[float, Field(ge=0, le=10)]
    source: Text


class TargetChance(Checked):
    """What is known of one target beyond its class: the record of its own, pooled with the class."""

    reach: Chance


class LevelNumbers(Checked):
    """A level that grows from a known base: the goal is reached where base and growth carry it there.

    Attributes
    ----------
    base : Number
        Last year's level, in the target's unit.
    growth : Number
        Growth expected of an ordinary year, %.
    spread : Number
        Standard deviation of the log of the year's growth factor.
    """

    base: Level
    growth: Number
    spread: LogSpread


class ProgrammeNumbers(Checked):
    """Programmes: projects of which a share must be under way.

    Attributes
    ----------
    share, share_sd : Number
        Mean and standard deviation of the share under way by the year's end: a beta law. What share is required is a
        rule of the plan.
    """

    share: Fraction
    share_sd: Positive


class DeliveryNumbers(Checked):
    """The numbers of the deliveries.

    Attributes
    ----------
    common, macro, news : Number
        Log speed per standard normal of what is common to all deliveries, of the macro factor, of a quarter's news.
    doubt : Number
        Probability that a promise which the records call kept is not reported so next year.
    within : Number
        Share of the variance of a delivery's own speed that is each quarter's own.
    courses : dict of str to Course
        How deliveries run over the year, by the name in the targets' column `season`.
    classes : dict of str to DeliveryClass
        By the name in the targets' column `reference_class`; `other` holds for targets that name none.
    targets : dict of str to TargetChance
        Records of single targets.
    levels : dict of str to LevelNumbers
        By target: levels with a base.
    programmes : ProgrammeNumbers
    """

    common: LogSpread
    macro: LogNumber
    news: LogNumber
    doubt: Fraction
    within: Fraction
    courses: dict[Name, Course]
    classes: dict[Name, DeliveryClass]
    targets: dict[Name, TargetChance] = Field(default_factory=dict)
    levels: dict[Name, LevelNumbers] = Field(default_factory=dict)
    programmes: ProgrammeNumbers

    def find_class(self, target: Delivery) -> str:
        """Return the class of a target."""
        return target.reference_class or ANY_DELIVERY


class MilestoneClass(Checked):
    """A class of milestones.

    Attributes
    ----------
    reach : Chance
        That an ordinary year sees it done.
    slip : Number
        By how many standard deviations of its drive a shock that delays works by a quarter sets it back.
    """

    reach: Chance
    slip: Positive


class MilestoneNumbers(Checked):
    """The numbers of the milestones.

    Attributes
    ----------
    classes : dict of str to MilestoneClass
        By the name in the targets' column `reference_class`.
    targets : dict of str to TargetChance
        Records of single targets.
    timing : Number
        Standard deviation of the quarters between the planned and the actual date, of what is done within the year.
    doubt : Number
        As of deliveries.
    common, macro : Number
        Correlation of being done with what is common to all deliveries, and with the macro factor.
    """

    classes: dict[Name, MilestoneClass]
    targets: dict[Name, TargetChance] = Field(default_factory=dict)
    timing: Positive
    doubt: Fraction
    common: Loading
    macro: Loading

    @model_validator(mode="after")
    def _check_shared(self) -> MilestoneNumbers:
        shared = float(np.hypot(self.common.value, self.macro.value))
        if shared > 0.98:
            problem = f"the squares of common and macro add up to {shared**2:.3g}"
            raise refuse(problem, "allowed: up to 0.96; what is left is each milestone's own", code="range")
        return self

    def find_class(self, target: Milestone) -> str:
        """Return the class of a target."""
        default = OWN_MILESTONE if target.decided_by == "own" else OTHERS_MILESTONE
        return target.reference_class or default
