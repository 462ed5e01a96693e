"""History: what was promised and what came, of any number of regions, years and indicators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from sim._typing import Floats
from sim.errors import Fault, InputError
from sim.inputs.files.documents import Record
from sim.inputs.files.spreadsheets import read_table
from sim.inputs.files.validation import PerCent, Row, Text, check_rows

__all__ = [
    "History",
    "January",
    "LeakError",
    "Outcome",
    "collect_history",
    "find_oddities",
    "read_history",
    "rename_indicator",
]

Ints = NDArray[np.int64]


Strings = NDArray[np.object_]


_ALIASES: Mapping[str, str] = {
    "fai": "fixed_asset_investment",
    "income": "income_per_capita",
    "industrial_va": "industrial_value_added",
    "retail": "retail_sales",
}
"""Short names of indicators that tables in use have, and the names of the plans."""


def rename_indicator(name: str) -> str:
    """Give an indicator the name that plans use, whatever a table calls it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> rename_indicator("fai"), rename_indicator("gdp")
    ('fixed_asset_investment', 'gdp')
    """
    return _ALIASES.get(name, name)


class LeakError(ValueError):
    """Something that January could not know has reached a fit or a forecast."""


class Outcome(Row):
    """One row of `history.csv`, of a plan or alone: what an indicator did in a year, and what had been promised.

    Attributes
    ----------
    region : str
        The place.
    indicator : str
        By the name that plans use (see `rename_indicator`).
    target, outcome : float or None
        Growth, %; None where unknown.
    comparator : str or None
        `~` (about), `=` (a bare number), `range` (of which `target` is the lower bound) or an inequality.
    unit : str or None
        `%`, with or without more words.
    """

    key: ClassVar = ("region", "indicator", "year")
    others: ClassVar = True

    region: Text
    year: int
    indicator: Annotated[Text, AfterValidator(rename_indicator)]
    target: float | None
    comparator: Literal[">=", ">", "<=", "<", "~", "=", "range"] | None
    outcome: float | None
    unit: PerCent | None
    source: str | None


@dataclass(frozen=True)
class History:
    """Targets and outcomes, one element a row; NaN means unknown.

    Attributes
    ----------
    region, indicator, comparator : array of str, shape (row,)
        Comparators: `>=`, `>`, `<=`, `<`, `~` (about), `=` (a bare number), `range` (its lower bound) or empty.
    year : array of int, shape (row,)
    target, outcome : array of float, shape (row,)
        Growth, %.
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
        """Keep some of the rows.

        Parameters
        ----------
        keep : array of bool, shape (row,)

        Returns
        -------
        History
            The rows for which `keep` is true.
        """
        names = ("region", "year", "indicator", "target", "comparator", "outcome")
        return replace(self, **{name: getattr(self, name)[keep] for name in names})

    def before(self, year: int) -> History:
        """Keep the rows of years strictly before `year`.

        Parameters
        ----------
        year : int

        Returns
        -------
        History
        """
        return self.where(self.year < year)

    def open_january(self, year: int) -> January:
        """Take what January of `year` knows of that year: targets, no outcomes.

        Parameters
        ----------
        year : int

        Returns
        -------
        January
        """
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
        CSV or .xlsx with the columns region, year, indicator, target, comparator, outcome, unit, source; other columns
        are left out, empty cells are unknown. A range counts by its lower bound.

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
    records, faults = read_table(Path(path), Outcome.list_columns(), Outcome.others)
    rows = check_rows(records, lambda _: Outcome, faults)
    if faults:
        raise InputError(faults)
    return collect_history([row for row, _ in rows], find_oddities(rows))


def collect_history(rows: Sequence[Outcome], warnings: Iterable[Fault] = ()) -> History:
    """Collect the rows of a table into arrays.

    Parameters
    ----------
    rows : sequence of Outcome
    warnings : iterable of Fault, optional

    Returns
    -------
    History
    """

    def number(name: str) -> Floats:
        return np.array([np.nan if getattr(row, name) is None else getattr(row, name) for row in rows], dtype=float)

    def text(name: str) -> Strings:
        return np.array([getattr(row, name) or "" for row in rows], dtype=object)

    years = np.array([row.year for row in rows], dtype=np.int64)
    texts = text("region"), years, text("indicator")
    return History(*texts, number("target"), text("comparator"), number("outcome"), tuple(warnings))


def find_oddities(rows: Sequence[tuple[Outcome, Record]]) -> Iterator[Fault]:
    """Find what looks wrong in a history table but is kept.

    Parameters
    ----------
    rows : sequence of (Outcome, Record)
        Sound rows, and where they stand.

    Yields
    ------
    Fault
        An outcome a factor of ten away from its target, a year without outcomes, one single year, a constant series.
    """
    for row, record in rows:
        goal, outcome = row.target, row.outcome
        if goal is None or outcome is None or abs(goal) < 1 or outcome == 0:
            continue
        ratio = abs(outcome / goal)
        if 8 <= ratio <= 12.5 or 0.08 <= ratio <= 0.125:
            what = (
                f"{row.region} {row.year} {row.indicator}: outcome {outcome:g} is a factor of ten from target {goal:g}"
            )
            yield record.values_at["outcome"].fault(what, "kept as it is: is the unit right?")
    years = sorted({row.year for row, _ in rows})
    for year in years:
        here = [(row, record) for row, record in rows if row.year == year]
        if all(row.outcome is None for row, _ in here):
            what = f"year {year} has no outcomes ({len(here)} rows)"
            yield here[0][1].values_at["year"].fault(what, "its targets are forecast, not scored")
    if len(years) == 1:
        what = f"the table has one single year, {years[0]}"
        yield rows[0][1].values_at["year"].fault(what, "nothing to learn from: every number is its prior")
    series: dict[tuple[str, str], list[tuple[Outcome, Record]]] = {}
    for row, record in rows:
        series.setdefault((row.region, row.indicator), []).append((row, record))
    for (region, indicator), members in series.items():
        known = [row.outcome for row, _ in members if row.outcome is not None]
        if len(known) >= 3 and len(set(known)) == 1:
            what = f"{region} {indicator}: all {len(known)} outcomes are {known[0]:g}, a constant series"
            yield members[0][1].place.fault(what, "kept; a constant says little about spread")
