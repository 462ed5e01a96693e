"""Timing: what the tables say of years and days that the plan's year begins without."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Fault
from sim.inputs.outlook import JANUARY_ENDS, Expectation
from sim.inputs.plan.consistency import Locate
from sim.inputs.plan.plan import Plan

__all__ = ["question_timing"]

_APART = 3.0
"""Percentage points by which forecasts of one year hardly differ."""


def question_timing(plan: Plan, locate: Locate) -> Iterator[Fault]:
    """Question rows of history and outlook that do not count, or that the year's beginning did not know.

    Parameters
    ----------
    plan : Plan
    locate : callable

    Yields
    ------
    Fault
        At the year or the date of each.
    """
    for row in plan.history:
        if row.outcome is not None and row.year >= plan.year:
            what = f"{row.region} {row.indicator}: an outcome of {row.year}, in a plan of {plan.year}"
            yield locate(row, "outcome").fault(what, "left out: it was not known; published.csv takes figures of it")
        elif row.year > plan.year:
            what = f"{row.region} {row.indicator}: a target of {row.year}, in a plan of {plan.year}"
            yield locate(row, "year").fault(what, "left out")
    for said in plan.outlook:
        yield from _question_row(said, plan, locate)
    yield from _question_forecasts(plan, locate)


def _question_row(row: Expectation, plan: Plan, locate: Locate) -> Iterator[Fault]:
    if row.year > plan.year or (row.kind == "announced" and row.year == plan.year):
        what = "forecast for" if row.kind == "forecast" else "growth announced for"
        yield locate(row, "year").fault(f"{what} {row.year}, in a plan of {plan.year}", "left out")
    elif row.kind == "announced" and row.published:
        year, month = row.month
        months = 12 * year + month - (12 * (row.year + 1) + plan.first_month)
        if months < -1:
            what = f"growth of {row.year} announced in {year}-{month:02d}, before that year was over"
            yield locate(row, "published").fault(what, "a forecast? or another date")
        elif row.year == plan.year - 1 and months >= JANUARY_ENDS:
            what = f"growth of {row.year} as announced in {year}-{month:02d}: not known when the year began"
            yield locate(row, "published").fault(what, "kept as it is; write what was known by then", code="range")


def _question_forecasts(plan: Plan, locate: Locate) -> Iterator[Fault]:
    """Question forecasts of the plan's year that lie far apart, or that one source made twice."""
    rows = [row for row in plan.outlook if row.kind == "forecast" and row.year == plan.year]
    last = next((row.value for row in plan.outlook if row.kind == "announced" and row.year == plan.year - 1), None)
    if last is not None and len(rows) > 1:
        odd = max(rows, key=lambda row: abs(row.value - last))
        near = [row.value for row in rows if row is not odd]
        if min(abs(odd.value - value) for value in near) > _APART:
            what = f"forecast for {plan.year}: {odd.value:g} %, {near[0]:g} by another"
            yield locate(odd, "value").fault(what, "of the same country, and of real growth?", code="range")
    made: dict[str, Expectation] = {}
    for row in sorted(rows, key=lambda row: row.month):
        source = row.source.strip().casefold()
        before = made.setdefault(source, row) if source else row
        if before is not row:
            what = f"forecast for {plan.year} of one source twice: {before.value:g} % and {row.value:g} %"
            yield locate(before, "value").fault(what, "all are averaged: leave the earlier one out", code="range")
            made[source] = row
