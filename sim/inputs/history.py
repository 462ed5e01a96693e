"""History: what was promised and what came, of any number of regions, years and indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from sim._typing import Floats
from sim.errors import Fault, InputError, Place
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import Checked, Text, check_record
from sim.inputs.outlook import read_known
from sim.inputs.plan.plan import Plan

__all__ = ["ALIASES", "History", "January", "LeakError", "find_region", "read_history", "recall_history"]

Ints = NDArray[np.int64]


Strings = NDArray[np.object_]


ALIASES: Mapping[str, str] = {
    "fai": "fixed_asset_investment",
    "income": "income_per_capita",
    "industrial_va": "industrial_value_added",
    "retail": "retail_sales",
}
"""Short names of indicators that tables in use have, and the names of the plans."""


class LeakError(ValueError):
    """Something that January could not know has reached a fit or a forecast."""


class _Result(Checked):
    """One row of a history table."""

    region: Text
    year: int
    indicator: Annotated[Text, AfterValidator(lambda name: ALIASES.get(name, name))]
    target: float | None = None
    comparator: Literal[">=", ">", "<=", "<", "~", "=", "range"] | None = None
    outcome: float | None = None
    unit: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class History:
    """Targets and outcomes, one element a row; NaN means unknown.

    Attributes
    ----------
    region, indicator, comparator : array of str
        Comparators: `>=`, `<=`, `~` (about), `=` (a bare number), `range` (its lower bound) or empty.
    year : array of int
    target, outcome : array of float
        %.
    warnings : tuple of Fault
        What looked wrong but was kept.
    """

    region: Strings
    year: Ints
    indicator: Strings
    target: Floats
    comparator: Strings
    outcome: Floats
    warnings: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        for array in vars(self).values():
            if isinstance(array, np.ndarray):
                array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.year)

    def where(self, keep: NDArray[np.bool_]) -> History:
        """The rows for which `keep` is true."""
        names = ("region", "year", "indicator", "target", "comparator", "outcome")
        return replace(self, **{name: getattr(self, name)[keep] for name in names})

    def before(self, year: int) -> History:
        """The rows of years strictly before `year`."""
        return self.where(self.year < year)

    def open_january(self, year: int) -> January:
        """What January of `year` knows of that year: targets, no outcomes."""
        keep = (self.year == year) & np.isfinite(self.target)
        names = ("region", "indicator", "target", "comparator")
        return January(year, *(getattr(self, name)[keep] for name in names))

    def __repr__(self) -> str:
        span = f"{self.year.min()}-{self.year.max()}" if len(self) else "no years"
        pairs = int((np.isfinite(self.target) & np.isfinite(self.outcome)).sum())
        return f"<History: {len(self)} rows, {len(set(self.region))} regions, {span}, {pairs} targets with outcomes>"


@dataclass(frozen=True)
class January:
    """The target year as January knows it. There is no field for an outcome.

    Attributes
    ----------
    year : int
    region, indicator, comparator : array of str
    target : array of float
    """

    year: int
    region: Strings
    indicator: Strings
    target: Floats
    comparator: Strings

    def __len__(self) -> int:
        return len(self.target)


def read_history(path: str | Path) -> History:
    """Read a history table: targets and outcomes of any number of regions, years and indicators.

    Parameters
    ----------
    path : str or Path
        CSV with the columns region, year, indicator, target, comparator, outcome, unit, source; other columns are
        left out, empty cells are unknown. A range counts by its lower bound.

    Returns
    -------
    History
        With warnings for what looks wrong but is kept: an outcome a factor of ten away from its target, a year
        without outcomes, one single year, a constant series.

    Raises
    ------
    InputError
        With every fault: file, line, column, what is wrong and what is allowed.

    Examples
    --------
    >>> import sim
    >>> sim.read_history(sim.read_plan("qingdao-2024").folder / "history.csv")
    <History: 64 rows, 1 regions, 2011-2023, 17 targets with outcomes>
    """
    records, faults = read_known(Path(path), _Result)
    if faults and not records:
        raise InputError(faults)
    rows: list[tuple[_Result, Record]] = []
    for record in records:
        row = check_record(_Result, record, faults)
        if row is not None:
            rows.append((row, record))
    seen: dict[tuple[str, int, str], int] = {}
    for row, record in rows:
        key, at = (row.region, row.year, row.indicator), record.values_at["year"]
        if key in seen:
            words = " ".join(map(str, key))
            faults.append(at.fault(f"'{words}' is repeated", f"it stands in line {seen[key]} already: keep one"))
        seen.setdefault(key, at.line)
    if faults:
        raise InputError(faults)
    history = _collect([row for row, _ in rows])
    return replace(history, warnings=tuple(_find_oddities(history, [record.place for _, record in rows], rows)))


def _collect(rows: list[_Result]) -> History:
    def number(name: str) -> Floats:
        return np.array([np.nan if getattr(row, name) is None else getattr(row, name) for row in rows], dtype=float)

    def text(name: str) -> Strings:
        return np.array([getattr(row, name) or "" for row in rows], dtype=object)

    years = np.array([row.year for row in rows], dtype=np.int64)
    return History(text("region"), years, text("indicator"), number("target"), text("comparator"), number("outcome"))


def _find_oddities(history: History, places: list[Place], rows: list[tuple[_Result, Record]]) -> Iterator[Fault]:
    """Warnings: kept as they are, but worth a look."""
    for (row, record), goal, outcome in zip(rows, history.target, history.outcome, strict=True):
        if np.isnan(goal) or np.isnan(outcome) or abs(goal) < 1 or outcome == 0:
            continue
        ratio = abs(outcome / goal)
        if 8 <= ratio <= 12.5 or 0.08 <= ratio <= 0.125:
            what = (
                f"{row.region} {row.year} {row.indicator}: outcome {outcome:g} is a factor of ten from target {goal:g}"
            )
            yield record.values_at["outcome"].fault(what, "kept as it is: is the unit right?")
    years = np.unique(history.year)
    for year in years:
        here = np.flatnonzero(history.year == year)
        if not np.isfinite(history.outcome[here]).any():
            what = f"year {year} has no outcomes ({len(here)} rows)"
            yield replace(places[here[0]], column=2).fault(what, "its targets are forecast, not scored")
    if len(years) == 1:
        what = f"the table has one single year, {years[0]}"
        yield replace(places[0], column=2).fault(what, "nothing to learn from: every number is its prior")
    for region, indicator in dict.fromkeys(zip(history.region, history.indicator, strict=True)):
        here = np.flatnonzero((history.region == region) & (history.indicator == indicator))
        known = history.outcome[here][np.isfinite(history.outcome[here])]
        if len(known) >= 3 and np.ptp(known) == 0:
            what = f"{region} {indicator}: all {len(known)} outcomes are {known[0]:g}, a constant series"
            yield places[here[0]].fault(what, "kept; a constant says little about spread")


def find_region(plan: Plan) -> str:
    """The name by which a plan's history calls its place."""
    regions = {row.region for row in plan.history}
    return next(iter(regions)) if len(regions) == 1 and plan.place_en not in regions else plan.place_en


def recall_history(plan: Plan) -> History:
    """The history of a plan's own table, the plan's baselines added where the table lacks the year before.

    Examples
    --------
    >>> import sim
    >>> len(recall_history(sim.read_plan("qingdao-2024")))
    64
    """
    rows = [
        _Result(
            region=row.region,
            year=row.year,
            indicator=row.indicator,
            target=row.target,
            comparator=row.comparator,
            outcome=row.outcome,
        )
        for row in plan.history
    ]
    region, year = find_region(plan), plan.year - 1
    known = {row.indicator: row for row in rows if row.region == region and row.year == year}
    for indicator in plan.indicators:
        row = known.get(ALIASES.get(indicator.id, indicator.id))
        if row is None:
            rows.append(_Result(region=region, year=year, indicator=indicator.id, outcome=indicator.baseline))
        elif row.outcome is None:
            rows[rows.index(row)] = row.model_copy(update={"outcome": indicator.baseline})
    return _collect(rows)
