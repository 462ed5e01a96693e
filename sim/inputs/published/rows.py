"""Rows of `published.csv`, each checked on its own: a growth figure, a number so far, or whether works are done."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sim.inputs.dates import read_day
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import PerCent, Row, Text, ask, refuse
from sim.inputs.plan.plan import Plan
from sim.inputs.quarters import PRINTED_STEP, name_cumulative, name_quarters

__all__ = [
    "COLUMNS",
    "DoneRow",
    "GrowthRow",
    "NumberRow",
    "PublishedRow",
    "choose_row",
    "count_decimals",
    "find_step",
    "list_periods",
    "list_series",
    "name_periods",
    "read_date",
]

_STATUSES = {
    **dict.fromkeys(("preliminary", "advance", "provisional", "初步", "快报", "初步核算"), "first"),
    **dict.fromkeys(("final", "corrected", "最终", "最终核实", "修订", "调整"), "revised"),
    **dict.fromkeys(("more than", "超过", "突破", "以上"), "at_least"),
}
"""How bulletins call a figure."""


def _read_status(given: object) -> object:
    return _STATUSES.get(given.strip().casefold(), given) if isinstance(given, str) else given


Status = Annotated[Literal["first", "revised", "at_least"], BeforeValidator(_read_status)]


def read_date(text: object) -> datetime.date:
    """Read a day, in any spelling that leaves the month in no doubt.

    Parameters
    ----------
    text : str or date

    Returns
    -------
    date

    Raises
    ------
    PydanticCustomError
        If it is no such date.

    Examples
    --------
    >>> read_date("2024-07-31")
    datetime.date(2024, 7, 31)
    """
    if isinstance(text, datetime.date):
        return text.date() if isinstance(text, datetime.datetime) else text
    try:
        return read_day(str(text))
    except ValueError as error:
        mend, number = "write year, month and day, such as 2024-07-31", str(text).strip()
        if re.fullmatch(r"[34]\d{4}|5[0-4]\d{3}", number):
            meant = datetime.date(1899, 12, 30) + datetime.timedelta(days=int(number))
            mend = f"a spreadsheet's number for {meant}? write that"
        raise refuse(str(error), mend) from None


class PublishedRow(Row):
    """What every row of `published.csv` has.

    Attributes
    ----------
    date : date
        When it was published.
    period : str
        From the year's start (`Q1`, `H1`, `Q1-Q3`, `FY`) or, of growth, a single quarter (`Q2`).
    series : str
        An indicator, a delivery or a milestone of the plan.
    status : str
        `first`, `revised`, or `at_least` for "more than" without a number.
    """

    date: Annotated[datetime.date, BeforeValidator(read_date), ask("a figure needs the date of its release")]
    period: Annotated[Text, ask("a figure needs its period", "write Q1, H1, Q1-Q3 or FY")]
    series: Annotated[Text, ask("a figure needs its series", "name an indicator, a delivery or a milestone")]
    status: Status = "first"
    source: Annotated[Text, ask("a figure needs its source", "say where it was published")]


class GrowthRow(PublishedRow):
    """Growth of an indicator, %."""

    value: float
    unit: Annotated[PerCent, ask("a growth figure needs its unit", "write %")]
    step: Annotated[float, Field(gt=0)] | None = None


class NumberRow(PublishedRow):
    """What has been delivered since the year began."""

    value: Annotated[float, Field(ge=0)]
    unit: Annotated[Text, ask("a number needs its unit", "write the unit of the target")]
    step: Annotated[float, Field(gt=0)] | None = None


def _refuse_filled(cell: object) -> object:
    if cell is not None:
        raise refuse(f"a milestone has no '{cell}'", "leave it empty")
    return cell


class DoneRow(PublishedRow):
    """Whether the works of a milestone are done."""

    value: Literal["yes", "no"]
    unit: Annotated[None, BeforeValidator(_refuse_filled)] = None
    step: Annotated[None, BeforeValidator(_refuse_filled)] = None


class _Unnamed(PublishedRow):
    """A row of no series that the plan has: checked as far as it can be."""

    value: Text
    unit: str | None = None
    step: str | None = None


COLUMNS: dict[str, bool] = {
    "date": True,
    "period": True,
    "series": True,
    "value": True,
    "unit": True,
    "step": False,
    "status": False,
    "source": True,
}
"""Columns of `published.csv` in the order of the file; True marks those that must be there."""


def list_series(plan: Plan) -> list[str]:
    """List the series that figures can be of: indicators, deliveries, milestones.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    list of str
    """
    targets = [*plan.deliveries, *plan.milestones]
    return list(dict.fromkeys([row.id for row in plan.indicators] + [target.id for target in targets]))


def choose_row(plan: Plan) -> Callable[[Record], type[PublishedRow]]:
    """Choose the class of a row by the series that it names.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    callable
        Gives the class of a record.
    """
    forms: dict[Any, type[PublishedRow]] = dict.fromkeys((target.id for target in plan.milestones), DoneRow)
    forms |= dict.fromkeys((target.id for target in plan.deliveries), NumberRow)
    forms |= dict.fromkeys((row.id for row in plan.indicators), GrowthRow)
    return lambda record: forms.get(record.get("series"), _Unnamed)


def list_periods(plan: Plan) -> dict[str, tuple[int, bool]]:
    """List the periods that a figure can be of.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict of str to (int, bool)
        The last quarter, counted from 0, and whether the period is that quarter alone.

    Examples
    --------
    >>> import sim
    >>> list_periods(sim.read_plan("qingdao-2024"))["H1"]
    (1, False)
    """
    count = len(plan.quarter_names)
    single = {name: (quarter, True) for quarter, name in enumerate(name_quarters(count))}
    return single | {name_cumulative(quarter, count): (quarter, False) for quarter in range(count)}


def name_periods(plan: Plan, single: bool = True) -> list[str]:
    """Name the periods of `list_periods`, those from the year's start first.

    Parameters
    ----------
    plan : Plan
    single : bool
        Whether single quarters are among them.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import sim
    >>> name_periods(sim.read_plan("qingdao-2024"))
    ['Q1', 'H1', 'Q1-Q3', 'FY', 'Q2', 'Q3', 'Q4']
    """
    periods = list_periods(plan)
    return sorted(
        (name for name, (_, alone) in periods.items() if single or not alone), key=lambda name: periods[name][::-1]
    )


def count_decimals(value: float) -> int:
    """Count the decimals that a number needs.

    Parameters
    ----------
    value : float

    Returns
    -------
    int

    Examples
    --------
    >>> count_decimals(0.1), count_decimals(433.0)
    (1, 0)
    """
    exponent = Decimal(f"{value:.9f}").normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def find_step(text: str, *, growth: bool) -> float:
    """Find how finely a figure is printed where its row does not say.

    Growth is printed to 0.1 or finer: a bulletin's or a spreadsheet's "5" is 5.0.

    Parameters
    ----------
    text : str
        As it is written.
    growth : bool
        Whether it is growth.

    Returns
    -------
    float
        One unit of the last digit written.

    Examples
    --------
    >>> find_step("5.25", growth=True), find_step("5", growth=True), find_step("1.1", growth=False)
    (0.01, 0.1, 0.1)
    >>> find_step("433", growth=False)
    1.0
    """
    try:
        exponent = Decimal(text.strip().rstrip("% ").replace(",", "")).as_tuple().exponent
    except InvalidOperation:
        exponent = 0
    step = float(Decimal(1).scaleb(exponent)) if isinstance(exponent, int) else 1.0
    return min(step, PRINTED_STEP) if growth else step
