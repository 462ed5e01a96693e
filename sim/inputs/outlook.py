"""The outlook: what was expected of the country each January, and what was announced a year later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator

from sim.errors import Fault, InputError, find_nearest
from sim.inputs.files.documents import Record
from sim.inputs.files.spreadsheets import read_table
from sim.inputs.files.validation import PerCent, Row, check_rows, refuse

__all__ = ["Expectation", "Outlook", "collect_outlook", "drop_late", "drop_march", "read_outlook"]

JANUARY_ENDS = 2
"""A forecast published after this month of its year was not known when the targets were set."""


_KINDS = {
    "forecast": "forecast",
    "imf_january_forecast": "forecast",
    "other_january_forecast": "forecast",
    "announced": "announced",
    "announced_outcome": "announced",
}


_SET_IN_MARCH = "national_target"
"""The kind of a row of an outlook that is left out: a target is set in March, and unknown in January."""


def _read_kind(kind: object) -> object:
    if isinstance(kind, str) and kind not in _KINDS:
        valid = [*_KINDS, _SET_IN_MARCH]
        raise refuse(
            f"unknown kind '{kind}'", "allowed: " + ", ".join(valid), find_nearest(kind, valid), code="unknown"
        )
    return _KINDS[kind] if isinstance(kind, str) else kind


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
        When, as in `2024-01-30`.
    """

    others: ClassVar = True

    year: int
    kind: Annotated[Literal["forecast", "announced"], BeforeValidator(_read_kind)]
    value: float
    unit: PerCent = "%"
    published: str = ""
    source: str = ""


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
        With a warning for each forecast that is left out because it was published after January.

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> import sim
    >>> outlook = sim.read_outlook(sim.read_plan("qingdao-2024").folder / "outlook.csv")
    >>> round(outlook.forecast[2024], 2), outlook.national[2023]
    (4.55, 5.2)
    """
    records, faults = read_table(Path(path), Expectation.list_columns(), Expectation.others)
    rows = check_rows(drop_march(records), lambda _: Expectation, faults)
    if faults:
        raise InputError(faults)
    kept, warnings = drop_late(rows)
    return collect_outlook([row for row, _ in kept], warnings)


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
    return [record for record in records if record.get("kind") != _SET_IN_MARCH]


def drop_late(
    rows: Iterable[tuple[Expectation, Record]],
) -> tuple[list[tuple[Expectation, Record]], list[Fault]]:
    """Leave out forecasts published when their year was under way: January did not know them.

    Parameters
    ----------
    rows : iterable of (Expectation, Record)
        Sound rows, and where they stand.

    Returns
    -------
    kept : list of (Expectation, Record)
    warnings : list of Fault
        One for each row that is left out.
    """
    kept, warnings = [], []
    for row, record in rows:
        parts = row.published.split("-")
        is_dated = all(part.isdigit() for part in parts[:2])
        year, month = (int(part) for part in (*parts, "1")[:2]) if is_dated else (row.year, 1)
        if row.kind == "forecast" and (year, month) > (row.year, JANUARY_ENDS):
            what = f"forecast for {row.year} published in {year}-{month:02d}: not known in January"
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

    def mean(kind: str) -> dict[int, float]:
        years = sorted({row.year for row in rows if row.kind == kind})
        return {
            year: float(np.mean([row.value for row in rows if (row.year, row.kind) == (year, kind)])) for year in years
        }

    return Outlook(mean("forecast"), mean("announced"), tuple(warnings))
