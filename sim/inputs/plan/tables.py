"""Rows of a plan's tables, each checked on its own."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sim.inputs.files.validation import Amount, Name, Rate, Row, Text

__all__ = [
    "Figure",
    "Group",
    "Identity",
    "Indicator",
    "Quarter",
]

Basis = Literal["published", "derived", "assumed"]


Share = Annotated[float, Field(gt=0, le=1)]


class Identity(Row):
    """One row of `plan.csv`: a fact about the plan itself.

    Attributes
    ----------
    field : str
        `name`, `place_en`, `year`; and if need be `place_zh` (else as in English), the `country` that the place lies
        in, and `first_month`, the number of the month with which the year begins (else 1).
    """

    key: ClassVar = ("field",)

    field: Literal["name", "place_en", "place_zh", "year", "country", "first_month"]
    value: Text
    source: Text


class Indicator(Row):
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

    key: ClassVar = ("id",)

    id: Name
    name_en: Text
    name_zh: Text
    unit: Literal["%"]
    measure: Literal["real", "nominal", "price", "rate"]
    baseline: Rate
    level: Annotated[float, Field(gt=0, le=1e15)] | None = None
    level_unit: str | None = None
    better: Literal["higher", "lower"]
    momentum: Rate
    momentum_basis: Basis
    source: Text


class Quarter(Row):
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

    key: ClassVar = ("indicator", "quarter")

    indicator: Name
    quarter: Name
    share: Share
    share_basis: Basis
    cumulative: Rate | None = None
    base_effect: Rate
    base_effect_basis: Basis
    source: Text


class Group(Row):
    """One row of `groups.csv`: whom a target belongs to."""

    key: ClassVar = ("id",)

    id: Name
    name_en: Text
    name_zh: Text
    source: Text


class Figure(Row):
    """One row of `figures.csv`: a figure of the base year that the report states."""

    key: ClassVar = ("id",)

    id: Name
    section: Text
    phrase: Text
    name_en: Text
    name_zh: Text
    value: Amount
    unit: Text
    measure: Text
    source: Text
