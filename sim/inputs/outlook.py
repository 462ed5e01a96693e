"""The outlook: what was expected of the country each January, and what was announced a year later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator

from sim.errors import Fault, InputError, find_nearest
from sim.inputs.dates import find_month, read_month
from sim.inputs.files.documents import Record
from sim.inputs.files.spreadsheets import read_table
from sim.inputs.files.validation import PerCent, Rate, Row, Year, check_rows, note_unread, refuse
from sim.inputs.identity import fold, rename_indicator
from sim.inputs.scale import Typed, question_scale

__all__ = [
    "Expectation",
    "Outlook",
    "check_outlook",
    "collect_outlook",
    "drop_late",
    "drop_march",
    "find_useless",
    "list_outlook_columns",
    "read_outlook",
]

JANUARY_ENDS = 2
"""A forecast published after this month of its year was not known when the targets were set."""


_KINDS = {
    "forecast": "forecast",
    "imf_january_forecast": "forecast",
    "other_january_forecast": "forecast",
    "announced": "announced",
    "announced_outcome": "announced",
}


_OTHER_KINDS = {"预测": "forecast", "公布": "announced", "actual": "announced", "outcome": "announced"}


_SET_IN_MARCH = "national_target"
"""The kind of a row of an outlook that is left out: a target is set in March, and unknown in January."""


def _read_kind(kind: object) -> object:
    if isinstance(kind, str):
        plain = fold(kind).replace(" ", "_")
        kind = plain if plain in _KINDS else _OTHER_KINDS.get(plain, kind)
    if isinstance(kind, str) and kind not in _KINDS:
        valid = [*_KINDS, _SET_IN_MARCH]
        raise refuse(
            f"unknown kind '{kind}'", "allowed: " + ", ".join(valid), find_nearest(kind, valid), code="unknown"
        )
    return _KINDS[kind] if isinstance(kind, str) else kind


PLACE_COLUMNS = ("country", "Country", "region", "Region", "economy", "area", "国家", "地区", "经济体")
"""Columns by which tables of many countries say whom a row is about."""


def _check_date(text: str) -> str:
    if text:
        try:
            read_month(text)
        except ValueError as error:
            raise refuse(str(error), "write year, month and day, such as 2024-01-30") from None
    return text


class Expectation(Row):
    """One row of `outlook.csv`, of a plan or alone: what was expected of, or announced for, the country.

    Attributes
    ----------
    year : int
        The year it is about.
    kind : str
        `forecast` (made in January of that year) or `announced` (growth, published a year later). Tables may say
        more closely `imf_january_forecast`, `other_january_forecast`, `announced_outcome`.
    value : float
        Real growth of the country's GDP, %.
    published : str, optional
        When, as in `2024-01-30`, in any spelling that leaves the month in no doubt.
    country : str, optional
        Whose growth it is; all rows of a table are about one country.
    """

    others: ClassVar = True

    year: Year
    kind: Annotated[Literal["forecast", "announced"], BeforeValidator(_read_kind)]
    value: Rate
    unit: PerCent = "%"
    published: Annotated[str, AfterValidator(_check_date)] = ""
    source: str = ""
    country: str = ""

    @property
    def month(self) -> tuple[int, int]:
        """Year and month of its publication, else those that its source names; else January of its year.

        Examples
        --------
        >>> Expectation(year=2024, kind="forecast", value=5.0, published="2024年2月").month
        (2024, 2)
        >>> Expectation(year=2024, kind="forecast", value=5.0, source="IMF, World Economic Outlook, April 2024").month
        (2024, 4)
        """
        if not self.published:
            return find_month(self.source) or (self.year, 1)
        year, month = read_month(self.published)
        return year, month or 1


@dataclass(frozen=True)
class Outlook:
    """What was expected of the country each January, and what was announced a year later.

    Attributes
    ----------
    forecast : dict of int to float
        By target year: the mean of all January forecasts at hand, %.
    national : dict of int to float
        Announced growth of each year, %.
    warnings : tuple of Fault
        What was left out.
    """

    forecast: Mapping[int, float] = field(default_factory=dict)
    national: Mapping[int, float] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()

    def cut_to_january(self, year: int) -> Outlook:
        """Cut to what January of `year` knows.

        Parameters
        ----------
        year : int

        Returns
        -------
        Outlook
            Forecasts up to `year`, and national growth of earlier years only.
        """
        forecast = {known: value for known, value in self.forecast.items() if known <= year}
        return Outlook(forecast, {known: value for known, value in self.national.items() if known < year})


def read_outlook(path: str | Path) -> Outlook:
    """Read an outlook table: what was expected of the country each January, and what was announced.

    Parameters
    ----------
    path : str or Path
        CSV or .xlsx with the columns year, kind and value, and unit, published and source if known; other columns are
        left out. Kinds: `forecast`, `imf_january_forecast`, `other_january_forecast` (all of a year are averaged),
        `announced`, `announced_outcome`; `national_target` is set in March and left out.

    Returns
    -------
    Outlook
        With a warning for each forecast that is left out because it was published after January, or cannot count.

    Raises
    ------
    InputError
        With every fault: rows of several countries, a fact stated twice, a date that cannot be read.

    Examples
    --------
    >>> import sim
    >>> outlook = sim.read_outlook(sim.read_plan("qingdao-2024").folder / "outlook.csv")
    >>> round(outlook.forecast[2024], 2), outlook.national[2023]
    (4.55, 5.2)
    """
    records, faults = read_table(Path(path), list_outlook_columns(), Expectation.others)
    rows = check_outlook(records, faults)
    if faults:
        raise InputError(faults)
    kept, warnings = drop_late(rows)
    said = [Typed(row.value, record.values_at["value"], f"{row.kind} for {row.year}") for row, record in kept]
    odd = [*question_scale(said), *note_unread(Expectation, records, PLACE_COLUMNS)]
    return collect_outlook([row for row, _ in kept], [*warnings, *find_useless(kept), *odd])


def list_outlook_columns() -> dict[str, bool]:
    """List the columns of an outlook table, with every name by which it may say the country.

    Returns
    -------
    dict of str to bool
        True marks those that must be there.
    """
    return {**Expectation.list_columns(), **dict.fromkeys(PLACE_COLUMNS, False)}


def check_outlook(records: Iterable[Record], faults: list[Fault]) -> list[tuple[Expectation, Record]]:
    """Check the rows of an outlook: each on its own, that they are about one country, and that none says a fact twice.

    Parameters
    ----------
    records : iterable of Record
        Rows as they are written.
    faults : list of Fault
        Every fault is appended here.

    Returns
    -------
    list of (Expectation, Record)
        The rows that are sound in themselves, national targets left out.
    """
    records = drop_march(records)
    countries: dict[str, str] = {}
    for record in records:
        for column in PLACE_COLUMNS:
            if record.get(column):
                record.put("country", str(record[column]), record.place, record.values_at[column])
                countries.setdefault(str(record[column]).casefold().strip(), str(record[column]))
                break
    if len(countries) > 1:
        named = ", ".join([*countries.values()][:4]) + (", ..." if len(countries) > 4 else "")
        other = next(each for each in records if str(each.get("country")).casefold().strip() != next(iter(countries)))
        problem = f"rows of {len(countries)} countries ({named}), and one country has one outlook"
        faults.append(other.locate(("country",)).fault(problem, "keep the rows of the country that the place lies in"))
    faults += _find_other_series(records)
    rows = check_rows(records, lambda _: Expectation, faults)
    if len(countries) < 2:
        faults += _find_repeated(rows)
    return rows


_SERIES = ("indicator", "series", "variable", "subject", "subject descriptor", "指标")
"""Columns by which tables of many series say what a row is of."""


def _find_other_series(records: Iterable[Record]) -> Iterator[Fault]:
    """Find rows of something else than the growth of GDP, where a column says what a row is of."""
    for record in records:
        for column in record:
            if column.casefold() in _SERIES and record[column] and rename_indicator(str(record[column])) != "gdp":
                problem = f"'{record[column]}' among what is expected of the country"
                yield record.values_at[column].fault(problem, "keep the rows of real GDP growth alone")


def _find_repeated(rows: Iterable[tuple[Expectation, Record]]) -> Iterator[Fault]:
    """Find facts stated twice: growth announced again, or a forecast that nothing tells from one before it."""
    seen: dict[tuple[object, ...], tuple[float, int]] = {}
    for row, record in rows:
        forecast = row.kind == "forecast"
        made = (record.get("kind"), row.month, row.source.strip()) if forecast else ()
        key = (row.year, row.kind, *made)
        value, line = seen.setdefault(key, (row.value, record.place.line))
        if line != record.place.line:
            what = "a forecast for" if forecast else "the growth announced for"
            mend = "say who made each (source) or when (published)" if forecast else "keep the one known in January"
            problem = f"{what} {row.year} stands in line {line} already ({value:g} there, {row.value:g} here)"
            yield record.values_at["year"].fault(problem, f"{mend}, or delete one", code="repeated")


def find_useless(rows: Sequence[tuple[Expectation, Record]], year: int | None = None) -> Iterator[Fault]:
    """Find forecasts that say nothing, as the growth announced for the year before is missing.

    Parameters
    ----------
    rows : sequence of (Expectation, Record)
    year : int, optional
        Only of forecasts for this year; None means any.

    Yields
    ------
    Fault
        One for each year, at its first forecast, with the row to add.
    """
    announced = {row.year for row, _ in rows if row.kind == "announced"}
    told = set()
    for row, record in rows:
        due = row.kind == "forecast" and row.year not in told and year in (None, row.year)
        if due and row.year - 1 not in announced and (year is not None or announced):
            told.add(row.year)
            before = row.year - 1
            problem = f"the forecast for {row.year} cannot count: growth announced for {before} is missing"
            mend = f"add a row `{before},announced,<growth in %>,%,{row.year}-01,<source>`, or leave the forecast out"
            yield record.values_at["year"].fault(problem, mend, code="missing")


def drop_march(records: Iterable[Record]) -> list[Record]:
    """Leave out the national targets, which are set in March and may be words or ranges.

    Parameters
    ----------
    records : iterable of Record
        Rows of an outlook table as they are written.

    Returns
    -------
    list of Record
    """
    return [record for record in records if fold(str(record.get("kind"))).replace(" ", "_") != _SET_IN_MARCH]


def drop_late(
    rows: Iterable[tuple[Expectation, Record]], first_month: int = 1
) -> tuple[list[tuple[Expectation, Record]], list[Fault]]:
    """Leave out forecasts published when their year was under way: January did not know them.

    Parameters
    ----------
    rows : iterable of (Expectation, Record)
        Sound rows, and where they stand.
    first_month : int
        With which the year begins: a forecast of the month after it is still let in.

    Returns
    -------
    kept : list of (Expectation, Record)
    warnings : list of Fault
        One for each row that is left out.
    """
    kept, warnings = [], []
    for row, record in rows:
        year, month = row.month
        if row.kind == "forecast" and 12 * year + month > 12 * row.year + first_month + JANUARY_ENDS - 1:
            known = "in January" if first_month == 1 else "when the year began"
            what = f"forecast for {row.year} published in {year}-{month:02d}: not known {known}"
            warnings.append(record.values_at["published"].fault(what, "left out"))
        else:
            kept.append((row, record))
    return kept, warnings


def collect_outlook(rows: Sequence[Expectation], warnings: Iterable[Fault] = ()) -> Outlook:
    """Average what was expected of each year, and what was announced for it.

    Parameters
    ----------
    rows : sequence of Expectation
    warnings : iterable of Fault, optional

    Returns
    -------
    Outlook
    """
    import numpy as np  # not needed to check a table

    def mean(kind: str) -> dict[int, float]:
        years = sorted({row.year for row in rows if row.kind == kind})
        return {
            year: float(np.mean([row.value for row in rows if (row.year, row.kind) == (year, kind)])) for year in years
        }

    return Outlook(mean("forecast"), mean("announced"), tuple(warnings))
