"""History within years: cumulative growth as it stood after one, two or three quarters of earlier years."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from sim.errors import Fault, InputError, find_unknown
from sim.inputs.files.documents import Record
from sim.inputs.files.spreadsheets import read_table
from sim.inputs.files.validation import Row, Text, check_rows
from sim.inputs.identity import rename_indicator
from sim.inputs.plan.past import find_region, recall_history
from sim.inputs.plan.plan import Plan
from sim.inputs.published.rows import name_periods
from sim.inputs.quarters import name_cumulative

__all__ = ["PART_YEARS", "PartYear", "find_gains", "read_part_years", "read_quarters_history"]

PART_YEARS = tuple(name_cumulative(quarter, 4) for quarter in range(3))
"""Parts of a year whose growth since January is published: `Q1`, `H1` and `Q1-Q3`."""


class PartYear(Row):
    """One row of `quarters_history.csv`: growth since January of an earlier year, as it was published.

    Attributes
    ----------
    period : str
        `Q1`, `H1` or `Q1-Q3`.
    indicator : str
        By the name that plans use.
    figure : float
        %.
    """

    key: ClassVar = ("region", "year", "period", "indicator")
    others: ClassVar = True

    region: Text
    year: int
    period: Text
    indicator: Annotated[Text, AfterValidator(rename_indicator)]
    figure: float
    source: Text


def read_quarters_history(plan: Plan) -> tuple[PartYear, ...]:
    """Read what a plan's folder knows of earlier years' quarters.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    tuple of PartYear
        None where the folder holds no `quarters_history.csv`.

    Raises
    ------
    InputError
        With every fault: file, line, column, what is wrong and what is allowed.

    Examples
    --------
    >>> import sim
    >>> len(read_quarters_history(sim.read_plan("qingdao-2024")))
    76
    """
    path = plan.folder / "quarters_history.csv"
    if not path.is_file():
        return ()
    rows, faults = _read_rows(path, name_periods(plan, single=False)[:-1])
    for row, record in rows:
        if row.year >= plan.year:
            allowed = f"figures of {plan.year} stand in published.csv"
            faults.append(record.values_at["year"].fault(f"{row.year} is no earlier year", allowed, code="range"))
    if faults:
        raise InputError(faults)
    return tuple(row for row, _ in rows)


def read_part_years(path: str | Path) -> tuple[PartYear, ...]:
    """Read a table of growth since January after one, two or three quarters, of any places and years.

    Parameters
    ----------
    path : str or Path
        CSV or .xlsx with the columns region, year, period, indicator, figure, source.

    Returns
    -------
    tuple of PartYear

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> import sim
    >>> rows = read_part_years(sim.read_plan("qingdao-2024").folder / "quarters_history.csv")
    >>> rows[0].period, rows[0].figure
    ('H1', 13.9)
    """
    rows, faults = _read_rows(Path(path), PART_YEARS)
    if faults:
        raise InputError(faults)
    return tuple(row for row, _ in rows)


def _read_rows(path: Path, periods: Sequence[str]) -> tuple[list[tuple[PartYear, Record]], list[Fault]]:
    """Read the rows of a table, each with its place, and their faults."""
    records, faults = read_table(path, PartYear.list_columns(), PartYear.others)
    rows = check_rows(records, lambda _: PartYear, faults)
    for row, record in rows:
        faults += find_unknown({row.period: record.values_at["period"]}, periods, "unknown period '{}'")
    return rows, faults


def find_gains(plan: Plan, rows: tuple[PartYear, ...], indicator: str, period: str) -> dict[int, float]:
    """Find how far the plan's place went from a part of each earlier year to its end.

    Parameters
    ----------
    plan : Plan
    rows : tuple of PartYear
    indicator, period : str

    Returns
    -------
    dict of int to float
        By year: growth of the year minus growth since January at that time, percentage points.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> {year: round(gain, 1) for year, gain in find_gains(plan, read_quarters_history(plan), "gdp", "Q1-Q3").items()}
    {2016: 0.2, 2021: -2.4, 2023: -0.1}
    """
    region, history = find_region(plan), recall_history(plan)
    outcomes = {
        int(year): float(outcome)
        for place, year, name, outcome in zip(
            history.region, history.year, history.indicator, history.outcome, strict=True
        )
        if (place, name) == (region, rename_indicator(indicator)) and outcome == outcome
    }
    return {
        row.year: outcomes[row.year] - row.figure
        for row in sorted(rows, key=lambda each: each.year)
        if (row.region, row.indicator, row.period) == (region, rename_indicator(indicator), period)
        and row.year in outcomes
    }
