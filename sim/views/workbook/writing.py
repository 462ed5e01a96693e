"""A run as a workbook: its tables under Chinese and English headers, and a chart that a spreadsheet draws itself."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import OutputError, advise_install
from sim.inputs.files.writing import check_file, write_file
from sim.views.charts.style import measure
from sim.views.workbook.sheets import PERCENT, Sheet, list_sheets

if TYPE_CHECKING:
    from sim.results.run import Run

__all__ = ["check_workbook", "write_workbook"]

_WIDEST = 60


_COLOURS = ("0072B2", "E69F00", "009E73", "CC79A7", "56B4E9", "D55E00", "F0E442", "5F6670")  # told apart by all eyes


_HEAD, _LIKELY = "FF0B3C6F", "FF7FB0D3"


_LONGEST = 32_767  # letters that a cell can hold


_UNSAFE = ("=", "+", "-", "@", "\t", "\r")


_EPOCH = (1980, 1, 1, 0, 0, 0)


def check_workbook(path: str | Path, coming: str | Path | None = None) -> Path:
    """Refuse, before any work is done, a workbook that could not be written.

    Parameters
    ----------
    path : str or Path
        Of the workbook.
    coming : str or Path, optional
        A folder that will exist by the time the workbook is written.

    Raises
    ------
    OutputError
        If openpyxl is not installed, the name does not end in .xlsx, or its folder does not exist.

    Examples
    --------
    >>> check_workbook("odds.csv")
    Traceback (most recent call last):
    sim.errors.OutputError: odds.csv: not a workbook; the name must end in .xlsx
    """
    try:
        import openpyxl  # type: ignore[import-untyped] # noqa: F401
    except ImportError:
        raise OutputError(f"{path}: openpyxl is not installed; {advise_install('excel')}", "workbook") from None
    return check_file(path, "workbook", (".xlsx",), "a workbook", coming)


def write_workbook(run: Run, path: str | Path) -> Path:
    """Write every table of a run into one workbook, with a chart of the headline odds by scenario.

    Parameters
    ----------
    run : Run
    path : str or Path
        Of the workbook, ending in .xlsx; its folder exists. The same run writes the same bytes.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
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
    path = check_workbook(path)
    return write_file(path, _settle(_build(list_sheets(run))), "workbook")


def _build(sheets: Sequence[Sheet]) -> bytes:
    """The workbook's bytes as openpyxl makes them."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet)
    if len(sheets) > 1 and sheets[0].title.endswith("Headline"):
        _draw_headline(book, sheets[0])
    book.properties.creator = "target-simulator"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _fill(page: Any, sheet: Sheet) -> None:
    """Write a table into its sheet."""
    from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    bold, paint = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor=_HEAD)
    middle, top = Alignment(vertical="center", wrap_text=True), Alignment(vertical="top", wrap_text=True)
    for line, texts in enumerate(sheet.head, start=1):
        for column, text in enumerate(texts, start=1):
            cell = page.cell(line, column)
            _put(cell, text, "@")
            cell.font, cell.fill = bold, paint
            if line > len(sheet.head) - 2:
                cell.alignment = middle
    for line, row in enumerate(sheet.rows, start=len(sheet.head) + 1):
        for column, (value, form) in enumerate(zip(row, sheet.forms, strict=True), start=1):
            cell = page.cell(line, column)
            _put(cell, value, form)
            if isinstance(value, str) and measure(value) > _WIDEST:
                cell.alignment = top
    for column, width in enumerate(_find_widths(sheet), start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    first, last = len(sheet.head), len(sheet.head) + len(sheet.rows)
    right = get_column_letter(len(sheet.forms))
    page.freeze_panes = page.cell(first + 1, sheet.fixed + 1)
    page.auto_filter.ref = f"A{first}:{right}{max(last, first + 1)}"
    page.print_title_rows = f"1:{first}"
    page.page_setup.orientation, page.page_setup.fitToWidth, page.page_setup.fitToHeight = "landscape", 1, 0
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.sheet_properties.pageSetUpPr.fitToPage = True
    _shade(page, sheet)


def _put(cell: Any, value: object, form: str) -> None:
    """A text as text, whatever it begins with; a number in its format; nothing for what is not known."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]

    if value is None or value != value or value == "":
        return
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:_LONGEST]
        cell.data_type = "s"  # openpyxl takes what begins with "=" for a formula
        cell.quotePrefix = value.startswith(_UNSAFE)
        return
    cell.value = value
    cell.number_format = "General" if form == "@" else form


def _find_widths(sheet: Sheet) -> list[float]:
    """Widths that show the header and nearly all texts; longer ones are wrapped."""
    widths = []
    for column in range(len(sheet.forms)):
        names = [line[column] for line in sheet.head[-2:]]
        texts = [row[column] for row in sheet.rows]
        shown = [measure(text) for text in texts if isinstance(text, str)]
        header = max(min(measure(name), 24) for name in names) + 4  # the filter's arrow takes room
        widths.append(float(min(max([header, *(width + 2 for width in shown), 6]), _WIDEST)))
    return widths


def _shade(page: Any, sheet: Sheet) -> None:
    """Odds darker the likelier, in the wide tables."""
    from openpyxl.formatting.rule import ColorScaleRule  # type: ignore[import-untyped]
    from openpyxl.utils import get_column_letter

    if not sheet.rows or not sheet.title.endswith(("Headline", "Odds")):
        return
    first, last = len(sheet.head) + 1, len(sheet.head) + len(sheet.rows)
    for column, form in enumerate(sheet.forms, start=1):
        if form == PERCENT:
            ends = {"start_type": "num", "start_value": 0, "end_type": "num", "end_value": 1}
            rule = ColorScaleRule(**ends, start_color="FFFFFFFF", end_color=_LIKELY)
            letter = get_column_letter(column)
            page.conditional_formatting.add(f"{letter}{first}:{letter}{last}", rule)


def _draw_headline(book: Any, sheet: Sheet) -> None:
    """A chart sheet of native bars: headline odds, a cluster a scenario, a colour a target."""
    from openpyxl.chart import BarChart, Reference, Series  # type: ignore[import-untyped]
    from openpyxl.chart.data_source import AxDataSource, StrRef  # type: ignore[import-untyped]
    from openpyxl.chart.series import SeriesLabel  # type: ignore[import-untyped]
    from openpyxl.utils import get_column_letter

    page = book[sheet.title]
    first, last = len(sheet.head) + 1, len(sheet.head) + len(sheet.rows)
    chart = BarChart()
    chart.type, chart.grouping, chart.gapWidth, chart.overlap = "col", "clustered", 60, 0
    chart.title = "各情景下主要目标的实现概率  Odds of the headline targets by scenario"
    chart.x_axis.title, chart.y_axis.title = "情景 Scenario", "实现概率（按原文） Probability as stated"
    for number in range(2, len(sheet.forms)):  # the last column is all of them together
        series = Series(Reference(page, min_col=number, min_row=first, max_row=last), title_from_data=False)
        series.tx = SeriesLabel(strRef=StrRef(f"'{sheet.title}'!${get_column_letter(number)}$1"))
        series.cat = AxDataSource(strRef=StrRef(f"'{sheet.title}'!$A${first}:$A${last}"))
        series.graphicalProperties.solidFill = _COLOURS[(number - 2) % len(_COLOURS)]
        series.graphicalProperties.line.solidFill = "FFFFFF"
        chart.series.append(series)
    chart.y_axis.scaling.min, chart.y_axis.scaling.max, chart.y_axis.number_format = 0, 1, "0%"
    chart.y_axis.majorUnit = 0.2
    chart.x_axis.delete = chart.y_axis.delete = False  # or newer spreadsheets show no axes
    chart.legend.position = "b"
    for part in (chart.title, chart.x_axis.title, chart.y_axis.title, chart.legend):
        part.overlay = False  # or they lie upon the bars
    book.create_chartsheet("图 Chart").add_chart(chart)  # last: openpyxl numbers filters as if there were no such sheet


def _settle(content: bytes) -> bytes:
    """The same workbook without the time at which it was made."""
    settled = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            data = before.read(entry)
            if entry.filename == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", data)
            still = zipfile.ZipInfo(entry.filename, _EPOCH)
            still.compress_type, still.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            after.writestr(still, data)
    return settled.getvalue()
