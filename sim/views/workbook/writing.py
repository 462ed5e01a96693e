"""A run as a workbook: its tables under Chinese and English headers, and a chart that a spreadsheet draws itself."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sim.errors import OutputError, advise_install
from sim.inputs.files.writing import check_file, write_file
from sim.results.run import Run
from sim.results.soundness import check_run
from sim.views.charts.style import measure
from sim.views.palette import PALETTE, SERIES
from sim.views.workbook.sheets import PERCENT, TEXT, Sheet, list_sheets, say_both

__all__ = ["check_workbook", "write_workbook"]

_WIDEST = 66  # a digest and its margin


_PAGE = 240  # half-width letters that an A4 page holds across, 6 points high


_WIDE = 120  # for texts of more lines than a row can be high


_HEAD = {"bold": True, "font_color": "white", "bg_color": PALETTE["median"], "num_format": TEXT}


_LIKELY = PALETTE["heat-50"]


_LINE = 15.0
"""Points that a line of text takes."""


_HIGHEST = 409.0
"""Points that a row can be high."""


_LONGEST = 32_767
"""Letters that a cell can hold."""


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


_MADE = datetime(1980, 1, 1)
"""Stands for the time of making, so that the same run writes the same bytes."""


def check_workbook(path: str | Path, coming: str | Path | None = None, force: bool = False) -> Path:
    """Refuse, before any work is done, a workbook that could not be written.

    Parameters
    ----------
    path : str or Path
        Of the workbook.
    coming : str or Path, optional
        A folder that will exist by the time the workbook is written.
    force : bool
        Whether an existing file may be replaced although it is not as this program wrote it.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If XlsxWriter is not installed, the name does not end in .xlsx, its folder does not exist, or a
        file would be lost.

    Examples
    --------
    >>> check_workbook("odds.csv")
    Traceback (most recent call last):
    sim.errors.OutputError: odds.csv: not a workbook; the name must end in .xlsx
    """
    try:
        import xlsxwriter  # type: ignore[import-untyped] # noqa: F401
    except ImportError:
        raise OutputError(f"{path}: XlsxWriter is not installed; {advise_install('excel')}", "workbook") from None
    return check_file(path, "workbook", (".xlsx",), "a workbook", coming, force)


def write_workbook(run: Run, path: str | Path, *, force: bool = False) -> Path:
    """Write every table of a run into one workbook, with a chart of the headline odds by scenario.

    Parameters
    ----------
    run : Run
    path : str or Path
        Of the workbook, ending in .xlsx; its folder exists. The same run writes the same bytes.
    force : bool
        Whether to replace an existing file even if it is not as this program wrote it.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If `run` is none.
    OutputError
        As `check_workbook`, or if the file cannot be written; a former file is then left as it was.

    Examples
    --------
    >>> import sim, tempfile
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000, n_calibrations=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_workbook(result, Path(folder) / "odds.xlsx").name
    'odds.xlsx'
    """
    check_run(run)
    path = check_workbook(path, force=force)
    return write_file(path, _build(list_sheets(run)), "workbook", force)


def _build(sheets: Sequence[Sheet]) -> bytes:
    """Lay the sheets and the chart of the first one that is to be drawn into a workbook."""
    from xlsxwriter import Workbook

    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"author": "target-simulator", "created": _MADE})
        for sheet in sheets:
            _fill(book, sheet)
        for sheet in sheets:
            if sheet.is_charted:
                _draw(book, sheet)
    return content.getvalue()


def _fill(book: Any, sheet: Sheet) -> None:
    """Write a table into a sheet of its own."""
    page = book.add_worksheet(sheet.title)

    @cache
    def form_cell(form: str, wraps: bool = False) -> Any:
        return book.add_format({"num_format": form, "text_wrap": wraps, "valign": "top"})

    title, name = book.add_format(_HEAD), book.add_format({**_HEAD, "valign": "vcenter", "text_wrap": True})
    widths = _find_widths(sheet)
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    for line, texts in enumerate(sheet.head):
        wraps = line >= len(sheet.head) - 2
        if wraps:
            page.set_row(line, _LINE * _count_lines(texts, widths))
        for column, text in enumerate(texts):
            put = page.write_string if text else page.write_blank  # over empty cells a title runs on
            put(line, column, _clean(text), name if wraps else title)
    first, last, right = len(sheet.head), len(sheet.head) + len(sheet.rows), len(sheet.forms) - 1
    for line, row in enumerate(sheet.rows, start=first):
        lines = _count_wrapped(row, widths)
        if lines > 1:
            page.set_row(line, min(_LINE * lines, _HIGHEST))
        for column, (value, form) in enumerate(zip(row, sheet.forms, strict=True)):
            if isinstance(value, str):
                page.write_string(line, column, _clean(value), form_cell(TEXT, measure(value) > _WIDEST))
            elif value is not None and value == value:
                page.write_number(line, column, value, form_cell("General" if form == TEXT else form))
    if sheet.is_shaded and sheet.rows:
        for column in (number for number, form in enumerate(sheet.forms) if form == PERCENT):
            ends = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
            scale = {"type": "2_color_scale", **ends, "min_color": "white", "max_color": _LIKELY}
            page.conditional_format(first, column, last - 1, column, scale)
    page.freeze_panes(first, sheet.fixed)
    page.autofilter(first - 1, 0, max(last - 1, first), right)
    page.repeat_rows(0, first - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(max(1, round(sum(widths) / _PAGE)), 0)
    page.repeat_columns(0, sheet.fixed - 1)


def _clean(text: str) -> str:
    """Leave out what no cell can hold."""
    return _CONTROL.sub("\ufffd", text)[:_LONGEST]


def _find_widths(sheet: Sheet) -> list[float]:
    """Find widths that show the header, all numbers and nearly all texts; longer texts are wrapped."""
    widths = []
    for column in range(len(sheet.forms)):
        names = [line[column] for line in sheet.head[-2:]]
        cells = [row[column] for row in sheet.rows]
        shown = [measure(each if isinstance(each, str) else f"{each:,.2f}") for each in cells if each is not None]
        header = max(min(measure(name), 24) for name in names) + 4  # the filter's arrow takes room
        widest = _WIDE if max(shown, default=0) > 20 * _WIDEST else _WIDEST
        widths.append(float(min(max([header, *(width + 2 for width in shown), 6]), widest)))
    return widths


def _count_lines(texts: Sequence[str], widths: Sequence[float]) -> int:
    """Count the lines that a row of headers takes; letters are bold, and the filter's arrow takes room."""
    return max(math.ceil(1.1 * measure(text) / (width - 4)) for text, width in zip(texts, widths, strict=True)) or 1


def _count_wrapped(row: Sequence[object], widths: Sequence[float]) -> int:
    """Count the lines of a row of texts, those that are longer than their column wrapped."""
    texts = [(each.split("\n"), width) for each, width in zip(row, widths, strict=True) if isinstance(each, str)]
    wrapped = [sum(max(1, math.ceil(1.1 * measure(part) / width)) for part in parts) for parts, width in texts]
    return max(wrapped, default=1) if any(measure("".join(parts)) > _WIDEST for parts, _ in texts) else 1


def _draw(book: Any, sheet: Sheet) -> None:
    """Draw native bars on a chart sheet: a cluster for each scenario, the first on top, a colour for each target."""
    first, last = len(sheet.head), len(sheet.head) + len(sheet.rows) - 1
    chart = book.add_chart({"type": "bar"})
    for column in range(1, len(sheet.forms) - 1):  # the last column is all of them together
        chart.add_series(
            {
                "name": [sheet.title, 0, column],
                "categories": [sheet.title, first, 0, last, 0],
                "values": [sheet.title, first, column, last, column],
                "fill": {"color": SERIES[(column - 1) % len(SERIES)]},
                "border": {"color": "white"},
                "gap": 60,
            }
        )
    chart.set_title({"name": say_both("workbook.chart")})
    chart.set_y_axis({"name": say_both("scenario.heading"), "reverse": True, "crossing": "max"})
    chart.set_x_axis(
        {"name": say_both("workbook.probability"), "min": 0, "max": 1, "major_unit": 0.2, "num_format": "0%"}
    )
    chart.set_legend({"position": "bottom"})
    page = book.add_chartsheet(say_both("sheet.chart"))
    page.set_chart(chart)
    page.set_landscape()
    page.set_paper(9)
