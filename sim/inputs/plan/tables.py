"""Rows of a plan's tables, each checked on its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from sim.inputs.files.validation import Checked, Name, Text
from sim.inputs.units import UNITS, count_singles

__all__ = [
    "CRITERIA",
    "Expectation",
    "Figure",
    "Group",
    "Identity",
    "Indicator",
    "Outcome",
    "Quarter",
    "Target",
    "describe_aim",
]

Basis = Literal["published", "derived", "assumed"]


Kind = Literal["growth", "level", "count", "multiple", "programme", "milestone", "composite", "qualitative"]


Criterion = Literal[
    "at_least", "at_most", "about", "meet_or_exceed", "multiple_of", "under_way", "complete", "all_of", "none"
]


Share = Annotated[float, Field(gt=0, le=1)]


CRITERIA: dict[str, tuple[str, ...]] = {
    "growth": ("at_least", "at_most", "about", "meet_or_exceed"),
    "level": ("at_least", "meet_or_exceed"),
    "count": ("at_least", "meet_or_exceed"),
    "multiple": ("multiple_of",),
    "programme": ("under_way",),
    "milestone": ("complete",),
    "composite": ("all_of",),
    "qualitative": ("none",),
}
"""Criteria by kind of target. A bare number (`meet_or_exceed`) is met by reaching it."""


class Identity(Checked):
    """One row of `plan.csv`: a fact about the plan itself."""

    field: Literal["name", "place_en", "place_zh", "year"]
    value: Text
    source: Text


class Indicator(Checked):
    """One row of `indicators.csv`: a series in % with quarterly life.

    Attributes
    ----------
    id : str
        Name used in every other file.
    measure : str
        `real` or `nominal` growth, rise of a `price` index, or a `rate`: a share such as unemployment, whose figure
        of the year is the mean of its quarters.
    baseline : float
        The base year's published annual figure, in `unit`.
    level, level_unit : float and str, optional
        The base year's level.
    better : str
        Which direction is the promised one: `higher` (growth) or `lower` (prices, unemployment).
    momentum : float
        Single-quarter figure of the base year's last quarter minus the annual figure, percentage points.
    """

    id: Name
    name_en: Text
    name_zh: Text
    unit: Literal["%"]
    measure: Literal["real", "nominal", "price", "rate"]
    baseline: float
    level: Annotated[float, Field(gt=0)] | None = None
    level_unit: str | None = None
    better: Literal["higher", "lower"]
    momentum: float
    momentum_basis: Basis
    source: Text


class Quarter(Checked):
    """One row of `quarters.csv`: one quarter of one indicator's base year.

    Attributes
    ----------
    share : float
        The quarter's share of the base year's level; shares of an indicator sum to one.
    cumulative : float, optional
        Published growth from the base year's start to the quarter's end, %; None where unknown.
    base_effect : float
        What the base year's pattern adds to the target year's quarter, percentage points.
    """

    indicator: Name
    quarter: Name
    share: Share
    share_basis: Basis
    cumulative: float | None = None
    base_effect: float
    base_effect_basis: Basis
    source: Text


class Group(Checked):
    """One row of `groups.csv`: whom a target belongs to."""

    id: Name
    name_en: Text
    name_zh: Text
    source: Text


class Figure(Checked):
    """One row of `figures.csv`: a figure of the base year that the report states."""

    id: Name
    section: Text
    phrase: Text
    name_en: Text
    name_zh: Text
    value: float
    unit: Text
    measure: Text
    source: Text


class Target(Checked):
    """One row of `targets.csv`: something promised for the year, with its criterion and its wording.

    Attributes
    ----------
    phrase : str
        The words of the report that state the target.
    kind : str
        What the target is; it decides which law gives its odds.
    indicator : str, optional
        Whose growth it is; growth only.
    value, unit : float and str, optional
        The goal, in the report's own unit.
    criterion : str
        How it is judged.
    tolerance : float
        How far on the wrong side of `value` still counts in the reading "within tolerance", percentage points.
    headline : str
        `yes` for the targets that a report opens with.
    baseline, baseline_relation : str, optional
        The figure it follows from, and whether that is the same measure, a near one, or a stock.
    quarter : str, optional
        Planned quarter of a milestone.
    decided_by : str
        `own`, or `other` where somebody else's decision is needed.
    season : str, optional
        Class of delivery, in the calibration.
    members : str, optional
        Targets of a composite, separated by spaces; it is met when all of them are.
    group : str
        Whom it belongs to.
    reason : str, optional
        Why the target has no odds.
    """

    id: Name
    section: Text
    phrase: Text
    name_en: Text
    name_zh: Text
    kind: Kind = "growth"
    indicator: Name | None = None
    value: float | None = None
    unit: str | None = None
    criterion: Criterion
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    headline: Literal["yes", "no"] = "no"
    baseline: Name | None = None
    baseline_relation: Literal["same", "near", "stock", "none"] = "none"
    quarter: Name | None = None
    decided_by: Literal["own", "other"] = "own"
    season: Name | None = None
    members: str | None = None
    group: Name
    reason: str | None = None
    source: Text

    @property
    def is_delivery(self) -> bool:
        """Whether it accumulates over the quarters towards a number."""
        return self.kind in ("level", "count", "multiple", "programme") and self.value is not None

    @property
    def has_odds(self) -> bool:
        """Whether a probability can be given."""
        return self.is_delivery or self.kind in ("growth", "milestone") or bool(self.members)

    @property
    def member_ids(self) -> tuple[str, ...]:
        """Targets of a composite."""
        return tuple((self.members or "").split())

    def find_faults(self) -> Iterator[tuple[str, str, str]]:
        """What does not fit the kind: column, problem, what is allowed."""
        yield from self._check_words()
        if self.kind == "growth" and (self.indicator is None or self.value is None or self.unit != "%"):
            column = "indicator" if self.indicator is None else "value" if self.value is None else "unit"
            yield column, "growth needs an indicator, a value and the unit %", ""
        if self.tolerance and self.criterion != "about":
            yield "tolerance", "only 'about' has a tolerance", "write 0, or the criterion 'about'"
        if self.kind == "milestone" and self.quarter is None:
            yield "quarter", "a milestone needs its planned quarter", "write Q1 and so on, an assumption if need be"
        if not self.is_delivery:
            return
        assert self.value is not None
        if self.season is None:
            yield "season", "a delivery needs its class", "name a season of the calibration"
        if self.value <= 0:
            yield "value", f"the goal {self.value:g} is not positive", "allowed: more than 0"
        elif self.kind in ("count", "programme") and self.unit in UNITS:
            try:
                count_singles(self.value, self.unit)
            except ValueError as error:
                yield "value", str(error), "write a whole number of things"

    def _check_words(self) -> Iterator[tuple[str, str, str]]:
        allowed = CRITERIA[self.kind]
        if self.criterion not in allowed:
            yield (
                "criterion",
                f"criterion '{self.criterion}' does not go with {self.kind}",
                "allowed: " + ", ".join(allowed),
            )
        if self.value is not None and self.unit not in UNITS:
            yield "unit", f"unknown unit '{self.unit or ''}'", "allowed: " + ", ".join(UNITS)
        if not self.has_odds and not self.reason:
            yield "reason", "a target without odds needs the reason why", "say it in a few words"


class Outcome(Checked):
    """One row of `history.csv`: what an indicator did in an earlier year, and what had been promised."""

    region: Text
    year: int
    indicator: Name
    target: float | None = None
    comparator: Literal[">=", "<=", "~", "="] | None = None
    outcome: float | None = None
    unit: Literal["%"]
    source: Text


class Expectation(Checked):
    """One row of `outlook.csv`: what was expected of, or announced for, the country.

    Attributes
    ----------
    year : int
        The year it is about.
    kind : str
        `forecast` (made in January of that year) or `announced` (growth, published a year later).
    value : float
        Real growth of the country's GDP, %.
    """

    year: int
    kind: Literal["forecast", "announced"]
    value: float
    unit: Literal["%"]
    published: Text
    source: Text


def describe_aim(target: Target) -> str:
    """What a target asks for, in signs: `≈ 5.5 %`, `≥ 2.4 万个`, `by Q3`."""
    if target.value is None:
        return f"by {target.quarter}" if target.quarter else "all of its members"
    symbol = {"about": "≈", "at_most": "≤", "multiple_of": "×", "under_way": "under way"}.get(target.criterion, "≥")
    unit = "" if target.criterion == "multiple_of" else f" {target.unit}"
    return f"{symbol} {target.value:g}{unit}"
