"""Checking published figures: each against the plan, and all against one another."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sim.errors import Fault, InputError, find_unknown
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import check_rows
from sim.inputs.plan.names import recognize, recognize_period
from sim.inputs.plan.plan import Plan
from sim.inputs.published.figures import Figure
from sim.inputs.published.questions import question_figures
from sim.inputs.published.rows import (
    DoneRow,
    GrowthRow,
    NumberRow,
    PublishedRow,
    choose_row,
    find_step,
    list_periods,
    list_series,
    name_periods,
)

__all__ = ["check_figures", "end_period", "make_figure"]

_MONTHS = re.compile(r"月|^(19|20)\d\d-?\d\d$|^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
"""How a period of months is named."""


def check_figures(
    plan: Plan, records: Sequence[Record], faults: list[Fault]
) -> tuple[tuple[Figure, ...], tuple[Fault, ...]]:
    """Check the rows of a table of figures, and turn them into figures.

    Parameters
    ----------
    plan : Plan
    records : sequence of Record
        As they are written.
    faults : list of Fault
        Found so far.

    Returns
    -------
    figures : tuple of Figure
        By date, then in the plan's order.
    questions : tuple of Fault
        What looks like a slip, and is kept.

    Raises
    ------
    InputError
        With those faults and every other.
    """
    periods, series = list_periods(plan), list_series(plan)
    _name_as_the_plan(plan, records)
    rows = check_rows(records, choose_row(plan), faults)
    for row, record in rows:
        faults += find_unknown({row.series: record.values_at["series"]}, series, "unknown series '{}'")
        faults += _find_period_faults(plan, row, record)
        faults += _find_value_faults(plan, row, record)
    sound = [(row, record) for row, record in rows if row.series in series and row.period in periods]
    made = [(make_figure(plan, row, str(record["value"])), record) for row, record in sound]
    made.sort(key=lambda pair: (pair[0].date, series.index(pair[0].series), pair[0].quarter, pair[0].single))
    faults += _find_repeats(made)
    faults += _find_falls(made)
    if faults:
        raise InputError(faults)
    ends = [end_period(plan, quarter) for quarter in range(len(plan.quarter_names))]
    return tuple(figure for figure, _ in made), tuple(question_figures(plan, made, ends))


def _name_as_the_plan(plan: Plan, records: Sequence[Record]) -> None:
    """Write the plan's own names for periods and series, whatever the table calls them."""
    for record in records:
        series, period = record.get("series"), record.get("period")
        if isinstance(series, str):
            record["series"] = recognize(plan, series)
        if isinstance(period, str):
            record["period"] = recognize_period(plan, period)


def make_figure(plan: Plan, row: PublishedRow, text: str) -> Figure:
    """Make a figure of a sound row, with the cell that its printing leaves open.

    Parameters
    ----------
    plan : Plan
    row : PublishedRow
    text : str
        The value as it is written.

    Returns
    -------
    Figure
    """
    quarter, single = list_periods(plan)[row.period]
    if isinstance(row, GrowthRow | NumberRow):
        growth = isinstance(row, GrowthRow)
        half = (row.step or find_step(text, growth=growth)) / 2
        at_least = row.status == "at_least"
        low, high = (row.value, math.inf) if at_least else (row.value - half, row.value + half)
        value, kind, unit = row.value, "growth" if growth else "delivery", row.unit
    else:
        value = getattr(row, "value", "") == "yes"
        low, high, kind, unit = float(value), float(value), "milestone", ""
    return Figure(
        date=row.date,
        period=row.period,
        series=row.series,
        value=value,
        low=low,
        high=high,
        unit=unit,
        status=row.status,
        source=row.source,
        kind=kind,
        quarter=quarter,
        single=single and quarter > 0,
    )


def end_period(plan: Plan, quarter: int) -> datetime.date:
    """Return the last day of a quarter of the plan's year.

    Parameters
    ----------
    plan : Plan
    quarter : int
        Counted from 0.

    Returns
    -------
    date

    Examples
    --------
    >>> import sim
    >>> end_period(sim.read_plan("qingdao-2024"), 1)
    datetime.date(2024, 6, 30)
    """
    months = plan.first_month - 1 + 12 * (quarter + 1) // len(plan.quarter_names)
    return datetime.date(plan.year + months // 12, months % 12 + 1, 1) - datetime.timedelta(days=1)


def _find_period_faults(plan: Plan, row: PublishedRow, record: Record) -> Iterator[Fault]:
    """Periods that the year does not have, or that had not ended on the day of the release."""
    growth = not isinstance(row, NumberRow | DoneRow)
    valid = name_periods(plan, growth)
    if _MONTHS.search(row.period) and row.period not in valid:
        problem = f"'{row.period}' ends within a quarter"
        at = record.values_at["period"]
        yield at.fault(problem, f"figures count to the end of one: {', '.join(valid)}", code="unknown")
        return
    if row.period not in valid:
        what = "period '{}' is beyond the year" if row.period not in list_periods(plan) else "'{}' is a single quarter"
        listed = ", ".join(valid)
        allowed = f"allowed: {listed}" if growth else f"what has been delivered is told since January: {listed}"
        yield from find_unknown({row.period: record.values_at["period"]}, valid, what, allowed)
        return
    end = end_period(plan, list_periods(plan)[row.period][0])
    settled = not growth and (
        row.status == "at_least" or getattr(row, "value", "") == "yes"
    )  # stays true until the period ends
    first = datetime.date(plan.year, plan.first_month, 1)
    at = record.values_at["date"]
    if settled and row.date < first:
        yield at.fault(f"{row.date} is before the year {plan.year}", f"write a day from {first} on")
    if not settled and row.date <= end:
        yield at.fault(f"{row.date} is before {row.period} was over", f"it ends on {end}")


def _find_value_faults(plan: Plan, row: PublishedRow, record: Record) -> Iterator[Fault]:
    """Units that are not the series' own, and steps larger than the value itself."""
    if isinstance(row, NumberRow):
        due = next(target.unit for target in plan.deliveries if target.id == row.series)
        if row.unit != due:
            yield record.values_at["unit"].fault(
                f"{row.series} in '{row.unit}'", f"write it in {due}, as the target is", code="unit"
            )
    if isinstance(row, GrowthRow | NumberRow) and row.step is not None:
        printed = find_step(str(record["value"]), growth=isinstance(row, GrowthRow))
        if row.step > max(abs(row.value), printed) * (1 + 1e-9):
            problem = f"the step {row.step:g} is larger than the value {row.value:g}"
            allowed = "write how finely the figure is printed, such as 0.1"
            yield record.values_at["step"].fault(problem, allowed, code="range")


def _find_repeats(made: Sequence[tuple[Figure, Record]]) -> Iterator[Fault]:
    """Two figures of one cell on one day, a second first print, a revision before the first print."""
    seen: dict[tuple[str, str], list[tuple[Figure, Record]]] = {}
    for figure, record in made:
        seen.setdefault(figure.cell, []).append((figure, record))
    for (series, period), members in seen.items():
        prints = [each for each in members if each[0].status == "first"]
        for (before, earlier), (figure, record) in pairwise(members):
            if figure.date == before.date:
                problem = f"{series} {period} of {figure.date} stands in line {earlier.place.line} already"
                allowed = "one figure a day: keep one"
                yield max(record, earlier, key=_get_line).values_at["date"].fault(problem, allowed, code="repeated")
        for figure, record in prints[1:]:
            if figure.date != prints[0][0].date:
                problem = f"{series} {period} was first printed on {prints[0][0].date}"
                yield record.values_at["status"].fault(problem, "write revised", code="repeated")
        for figure, record in members:
            if figure.status == "revised" and prints and figure.date < prints[0][0].date:
                problem = f"{series} {period} is revised on {figure.date}, before its first print"
                yield record.values_at["date"].fault(problem, f"it was first printed on {prints[0][0].date}")


def _get_line(record: Record) -> int:
    return record.place.line


def _find_falls(made: Sequence[tuple[Figure, Record]]) -> Iterator[Fault]:
    """Numbers so far that fall from one period to the next, in what was known on the day of any release."""
    known: dict[str, dict[int, Figure]] = {}
    for figure, record in made:
        if figure.kind == "growth":
            continue
        others = known.setdefault(figure.series, {})
        others[figure.quarter] = figure
        for quarter, other in sorted(others.items()):
            before, after = sorted((figure, other), key=lambda each: each.quarter)
            if quarter != figure.quarter and _falls(before, after):
                problem = f"{after.words} after {before.words}"
                yield record.values_at["value"].fault(problem, "told since January, it does not fall")


def _falls(before: Figure, after: Figure) -> bool:
    """Whether no exact number fits both: cells are open above, so they must overlap."""
    return after.high <= before.low if before.kind == "delivery" else bool(before.value) and not after.value
