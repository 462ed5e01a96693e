"""The outlook: what was expected of the country each January, and what was announced a year later."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from sim.errors import Fault, InputError, find_nearest
from sim.inputs.files.documents import Record, read_rows, read_text
from sim.inputs.files.validation import Checked, check_record
from sim.inputs.plan.plan import Plan

__all__ = ["Outlook", "read_known", "read_outlook", "recall_outlook"]

JANUARY_ENDS = 2
"""A forecast published after this month of its year was not known when the targets were set."""


_FORECASTS = ("forecast", "imf_january_forecast", "other_january_forecast")


_ANNOUNCED = ("announced", "announced_outcome")


_IGNORED = ("national_target",)  # set in March, so unknown in January


class _Expectation(Checked):
    """One row of an outlook table."""

    year: int
    kind: Literal[
        "forecast",
        "imf_january_forecast",
        "other_january_forecast",
        "announced",
        "announced_outcome",
    ]
    value: float
    published: str | None = None


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
        """Forecasts up to `year`, and national growth of earlier years only."""
        forecast = {known: value for known, value in self.forecast.items() if known <= year}
        return Outlook(forecast, {known: value for known, value in self.national.items() if known < year})


Row = TypeVar("Row", bound=Checked)


def read_known(path: Path, kind: type[Row]) -> tuple[list[Record], list[Fault]]:
    """Rows of a table with the columns of `kind`, `published` if it is there; other columns are left out.

    Parameters
    ----------
    path : Path
        CSV.
    kind : type
        The model of a row.

    Returns
    -------
    rows : list of Record
        Without empty cells.
    faults : list of Fault
    """
    due = {name: name not in ("published",) for name in kind.model_fields}
    first = next(csv.reader(io.StringIO(read_text(path))), [])
    header = [cell.strip() for cell in first]
    whole = all(name in header for name, needed in due.items() if needed)
    columns = {**dict.fromkeys(header, False), **due} if whole else due
    records, faults = read_rows(path, columns)
    if any(fault.line == 1 for fault in faults):
        raise InputError(faults)
    kept = []
    for record in records:
        known = Record(record.place)
        for name in due:
            if record.get(name) is not None:
                known.take(record, name)
        kept.append(known)
    return kept, faults


def read_outlook(path: str | Path) -> Outlook:
    """Read an outlook table: what was expected of the country each January, and what was announced.

    Parameters
    ----------
    path : str or Path
        CSV with the columns year, kind and value, and `published` if known. Kinds: `forecast`,
        `imf_january_forecast`, `other_january_forecast` (all of a year are averaged), `announced`,
        `announced_outcome`; `national_target` is set in March and left out.

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
    records, faults = read_known(Path(path), _Expectation)
    rows: list[tuple[_Expectation, Record]] = []
    kinds = [*_FORECASTS, *_ANNOUNCED, *_IGNORED]
    for record in records:
        kind = record.get("kind")
        if kind in _IGNORED:
            continue
        if kind is not None and kind not in kinds:
            allowed = "allowed: " + ", ".join(kinds)
            faults.append(record.values_at["kind"].fault(f"unknown kind '{kind}'", allowed, find_nearest(kind, kinds)))
            continue
        row = check_record(_Expectation, record, faults)
        if row is not None:
            rows.append((row, record))
    if faults:
        raise InputError(faults)
    warnings = tuple(fault for row, record in rows for fault in _find_late(row, record))
    late = {(fault.line, fault.column) for fault in warnings}
    told = [
        row for row, record in rows if not {(record.place.line, at.column) for at in record.values_at.values()} & late
    ]
    return replace(_average([(row.year, row.kind, row.value) for row in told]), warnings=warnings)


def _find_late(row: _Expectation, record: Record) -> Iterator[Fault]:
    """A forecast published when the year was under way is a leak."""
    parts = (row.published or "").split("-")
    if row.kind not in _FORECASTS or not all(part.isdigit() for part in parts[:2]):
        return
    year, month = int(parts[0]), int(parts[1]) if len(parts) > 1 else 1
    if (year, month) > (row.year, JANUARY_ENDS):
        what = f"forecast for {row.year} published in {year}-{month:02d}: not known in January"
        yield record.values_at["published"].fault(what, "left out")


def _average(rows: list[tuple[int, str, float]]) -> Outlook:
    def mean(kinds: tuple[str, ...]) -> dict[int, float]:
        years = sorted({year for year, kind, _ in rows if kind in kinds})
        return {year: float(np.mean([v for y, kind, v in rows if y == year and kind in kinds])) for year in years}

    return Outlook(mean(_FORECASTS), mean(_ANNOUNCED))


def recall_outlook(plan: Plan) -> Outlook:
    """The outlook of a plan's own table.

    Examples
    --------
    >>> import sim
    >>> round(recall_outlook(sim.read_plan("qingdao-2024")).forecast[2023], 2)
    4.75
    """
    return _average([(row.year, row.kind, row.value) for row in plan.outlook])
