"""Workbooks read into the same records as text tables, every cell as the reader of the sheet sees it."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError, advise_install
from sim.inputs.files.documents import Record, collect_rows, read_rows

__all__ = ["Workbook", "open_workbook", "read_table", "read_workbook_header"]

_LARGEST = 30_000_000  # bytes that a workbook may take when unpacked


_QUOTED = re.compile(r'"[^"]*"|\\.')
"""What a number format writes as it stands: a sign of per cent there scales nothing."""


@dataclass(frozen=True)
class Workbook:
    """An Excel workbook that has been opened.

    Attributes
    ----------
    path : Path
    shown, written : openpyxl.Workbook
        With the results of formulas, and with the formulas themselves.
    """

    path: Path
    shown: Any
    written: Any

    @property
    def titles(self) -> list[str]:
        """Titles of the sheets that hold anything."""
        return [
            page.title for page in self.shown.worksheets if any(cell.value is not None for cell in _list_cells(page))
        ]

    def name(self, sheet: str | None) -> str:
        """Name a sheet as faults do.

        Parameters
        ----------
        sheet : str or None
            None means the only one.

        Returns
        -------
        str
            `plan.xlsx[targets]`, or the file alone where it is the only one.
        """
        return str(self.path) if sheet is None else f"{self.path}[{sheet}]"

    def read_rows(
        self, columns: Mapping[str, bool], sheet: str | None = None, others: bool = False
    ) -> tuple[list[Record], list[Fault]]:
        """Read a table: one record a row, empty cells as None, rows and columns counted as the sheet counts them.

        Parameters
        ----------
        columns : mapping of str to bool
            Allowed columns; True marks those that must be there.
        sheet : str, optional
            Title of the sheet; None means the only one that holds anything.
        others : bool
            As for `documents.read_rows`.

        Returns
        -------
        rows, faults
            As `documents.read_rows` gives them; no rows where cells show no value: errors, merged cells,
            formulas that were never computed.

        Raises
        ------
        InputError
            If the workbook is empty, or holds several sheets and none is named.
        """
        titles = self.titles
        if sheet is None and len(titles) != 1:
            listed = f"has {len(titles)} sheets: {', '.join(titles)}" if titles else "is empty"
            raise InputError([Fault(str(self.path), 0, 0, f"the workbook {listed}", "it holds one table")])
        title, name = sheet or titles[0], self.name(sheet)
        faults = list(_find_faults(self.shown[title], self.written[title], name))
        return ([], faults) if faults else collect_rows(_split_cells(self.shown[title]), columns, name, others)


def read_table(path: Path, columns: Mapping[str, bool], others: bool = False) -> tuple[list[Record], list[Fault]]:
    """Read a table that stands alone in its file: a workbook if the name ends in .xlsx, else CSV.

    Parameters
    ----------
    path : Path
    columns, others
        As for `documents.read_rows`.

    Returns
    -------
    rows, faults
        As `documents.read_rows` gives them.

    Raises
    ------
    InputError
        If the file cannot be read as such.
    """
    if path.suffix.lower() == ".xlsx":
        return open_workbook(path).read_rows(columns, others=others)
    return read_rows(path, columns, others=others)


def read_workbook_header(path: Path) -> set[str]:
    """Read the column names of a workbook's first sheet that holds anything; none if it holds nothing.

    Parameters
    ----------
    path : Path

    Returns
    -------
    set of str
    """
    book = open_workbook(path)
    rows = (_split_cells(book.shown[title]) for title in book.titles[:1])
    return {field.strip() for row in rows for field in next(row, (0, list[str]()))[1]}


def open_workbook(path: Path) -> Workbook:
    """Open a workbook.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Workbook

    Raises
    ------
    InputError
        If the file is no workbook, or openpyxl is not installed.
    """
    try:
        from openpyxl import load_workbook  # type: ignore[import-untyped]
    except ImportError:
        raise InputError([Fault(str(path), 0, 0, "openpyxl is not installed", advise_install("excel"))]) from None
    try:
        _refuse_huge(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about looks that openpyxl does not keep
            return Workbook(path, load_workbook(path, data_only=True), load_workbook(path))
    except InputError:
        raise
    except OSError as error:
        raise InputError([Fault(str(path), 0, 0, f"cannot be read ({error.strerror})")]) from None
    except Exception:  # a damaged workbook makes openpyxl fail in any of many ways
        allowed = "save it as .xlsx, without a password"
        raise InputError([Fault(str(path), 0, 0, "not an Excel workbook", allowed)]) from None


def _refuse_huge(path: Path) -> None:
    """Refuse a small file that holds a sheet that no memory can."""
    with zipfile.ZipFile(path) as parts:
        size = sum(part.file_size for part in parts.infolist())
    if size > _LARGEST:
        problem = f"unpacked, the workbook would take {size / 1e6:,.0f} MB"
        raise InputError([Fault(str(path), 0, 0, problem, f"allowed: up to {_LARGEST / 1e6:,.0f} MB")])


def _list_cells(page: Any) -> list[Any]:
    """List the cells that a sheet holds, row by row; `iter_rows` would make every other one up to the farthest."""
    cells = page._cells
    return [cells[place] for place in sorted(cells)]


def _find_faults(shown: Any, written: Any, name: str) -> Iterator[Fault]:
    """Cells from which no value can be read."""
    for merged in shown.merged_cells.ranges:
        yield Fault(name, merged.min_row, merged.min_col, f"the cells {merged.coord} are merged", "unmerge them")
    for cell in _list_cells(written):
        result = shown.cell(cell.row, cell.column)
        if result.data_type == "e":
            problem = f"the cell shows the error {result.value}"
            yield Fault(name, cell.row, cell.column, problem, "write a value, or leave it empty")
        elif cell.data_type == "f" and result.value is None:
            problem = "the formula has never been computed"
            yield Fault(name, cell.row, cell.column, problem, "open the file in a spreadsheet and save it")


def _split_cells(page: Any) -> Iterator[tuple[int, list[str]]]:
    """Split a sheet into rows: number and fields, as wide as the header or as what the row holds beyond it."""
    width = 0
    rows = {1: dict[int, str]()}
    for cell in _list_cells(page):
        text = _show(cell, rows[1].get(cell.column, ""))
        if text.strip():
            rows.setdefault(cell.row, {})[cell.column] = text
    for number, texts in rows.items():
        last = max(texts, default=0)
        width = last if number == 1 else width
        yield number, [texts.get(place, "") for place in range(1, max(width, last) + 1)]


def _show(cell: Any, column: str) -> str:
    """Write out a cell: numbers with all their digits, dates by number, per cents as shown except shares."""
    value, form = cell.value, _QUOTED.sub("", str(cell.number_format))
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return f"{100 * value:.13g}" if "%" in form and column != "share" else f"{value:.15g}"
    if isinstance(value, datetime.date):
        return _show_date(value, form.lower())
    return str(value)


def _show_date(value: datetime.date, form: str) -> str:
    """Write out a date to the day, month or year that its format shows: spreadsheets make a date of `2024-01`."""
    if isinstance(value, datetime.datetime) and value.time() != datetime.time():
        return value.isoformat(" ", "minutes")
    return value.strftime("%Y-%m-%d" if "d" in form else "%Y-%m" if "m" in form else "%Y")
