"""Workbooks: what a run writes into one, and plans that are read from one."""

import csv
import datetime
import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from sim.cli import main
from sim.errors import InputError, OutputError
from sim.inputs.files.spreadsheets import open_workbook
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan
from sim.inputs.plan.targets import Unmeasured
from sim.results.run import Run
from sim.views.charts.style import measure
from sim.views.workbook.writing import check_workbook, write_workbook

WritePlan = Callable[..., Path]
COLUMNS = {"id": True, "value": True, "note": False}


@pytest.fixture(scope="module")
def written(result: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(result, tmp_path_factory.mktemp("book") / "odds.xlsx")


@pytest.fixture(scope="module")
def book(written: Path) -> Any:
    return openpyxl.load_workbook(written)


def find_page(book: Any, name: str) -> Any:
    return next(page for page in book.worksheets if page.title.endswith(name))


def list_rows(page: Any, head: int = 2) -> list[dict[str, Any]]:
    lines = list(page.iter_rows(values_only=True))
    return [dict(zip(lines[head - 1], line, strict=True)) for line in lines[head:]]


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def make_sheet(path: Path, rows: list[list[Any]], **others: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for number, (title, lines) in enumerate({"table": rows, **others}.items()):
        page = book.active if number == 0 else book.create_sheet()
        page.title = title
        for line in lines:
            page.append(line)
    book.save(path)
    return path


def make_workbooks(plan: Plan, folder: Path, together: bool) -> Path:
    """The plan's tables as workbooks, with numbers as numbers."""
    folder.mkdir()
    (folder / "calibration.yaml").write_bytes((plan.folder / "calibration.yaml").read_bytes())
    book = openpyxl.Workbook()
    book.remove(book.active)
    for path in sorted(path for path in plan.files if path.suffix == ".csv"):
        book = book if together else openpyxl.Workbook()
        page = book.create_sheet(path.stem) if together else book.active
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row, fields in enumerate(csv.reader(file), start=1):
                for column, text in enumerate(fields, start=1):
                    cell = page.cell(row, column)
                    try:
                        cell.value = float(text)
                    except ValueError:
                        cell.value, cell.data_type = text or None, "s" if text else "n"
        if not together:
            book.save(folder / f"{path.stem}.xlsx")
    if together:
        book.save(folder / "plan.xlsx")
    return folder


def refusals(task: Callable[[], object]) -> list[str]:
    with pytest.raises(InputError) as caught:
        task()
    return str(caught.value).splitlines()


def test_every_table_has_its_sheet_with_chinese_headers(book: Any) -> None:
    titles = [page.title.rpartition(" ")[2] for page in book.worksheets]
    named = "Headline, Odds, odds, Joint, Conditional, Quantiles, odds, Assumptions, Origin"
    assert ", ".join(titles) == named
    assert book.sheetnames[-1] == "图 Chart"
    for page in book.worksheets:
        assert any("\u4e00" <= letter <= "\u9fff" for cell in page[1] for letter in str(cell.value)), page.title


def test_headers_stay_in_sight_and_filter(book: Any) -> None:
    for page in book.worksheets:
        head = int(page.freeze_panes.lstrip("ABCDEFGH")) - 1
        assert head in (2, 4), page.title
        assert page.auto_filter.ref.startswith(f"A{head}:")
        assert page.print_title_rows == f"$1:${head}"


def test_the_wide_table_has_the_range_of_every_scenario(book: Any, result: Run) -> None:
    page = find_page(book, " Odds")
    heads = [cell.value for cell in page[4]]
    assert heads[4:7] == ["probability", "range from", "range to"]
    assert [page.cell(2, 5 + 3 * number).value for number in range(3)] == [each.title_en for each in result.scenarios]
    for number, attainment in enumerate(result.attainments):
        printed = attainment.odds[attainment.odds.reading == "printed"].set_index("target")
        for place, target in enumerate(result.model.plan.judged):
            cells = [page.cell(5 + place, 5 + 3 * number + column) for column in range(3)]
            assert page.cell(5 + place, 1).value == target.id
            assert cells[0].value == pytest.approx(printed.probability[target.id])
            assert cells[1].value == pytest.approx(printed.range_low[target.id])
            assert cells[2].value == pytest.approx(printed.range_high[target.id])
            assert {cell.number_format for cell in cells} == {"0.0%"}


@pytest.mark.parametrize(
    ("name", "frame"),
    [("All odds", "odds"), ("Joint", "joint"), ("Conditional", "conditional"), ("Quantiles", "quantiles")],
)
def test_tidy_tables_hold_every_row(book: Any, result: Run, name: str, frame: str) -> None:
    frames = [getattr(attainment, frame) for attainment in result.attainments]
    rows = list_rows(find_page(book, name))
    assert len(rows) == sum(map(len, frames))
    column = "q50" if frame == "quantiles" else "probability"
    wanted = [value if value == value else None for each in frames for value in each[column]]
    assert [row[column] for row in rows] == pytest.approx(wanted)


def test_targets_without_odds_say_why(book: Any, plan: Plan) -> None:
    rows = list_rows(find_page(book, "Without odds"))
    assert {row["target"]: row["why it has no odds"] for row in rows} == {
        target.id: target.reason for target in plan.targets if isinstance(target, Unmeasured)
    }


def test_assumptions_name_every_shock_and_its_source(book: Any, result: Run) -> None:
    rows = {(row["scenario"], row["shock"]): row for row in list_rows(find_page(book, "Assumptions"))}
    assert set(rows) == {(each.name, shock) for each in result.scenarios for shock in each.shocks}
    slump = rows["export-slump", "export_slump"]
    assert slump["source of the shock"].startswith("GDP: 6.8 (2018Q1)")
    assert slump["size"] == "lognormal; interval_90 0.4 to 2.5; unit one tariff war of 2018-19"
    assert slump["loadings, percentage points"].startswith("gdp -0.8; budget_revenue -1.5")
    assert slump["onset"] == "Q1 40%; Q2 30%; Q3 20%; Q4 10%"


def test_the_origin_tells_seed_paths_version_and_hashes(book: Any, result: Run) -> None:
    rows = {row["item"].partition(" ")[2]: row["content"] for row in list_rows(find_page(book, "Origin"))}
    assert (rows["seed"], rows["paths"]) == (result.settings.seed, result.n_paths)
    assert rows["versions: target-simulator"]
    hashes = [value for item, value in rows.items() if item.startswith("inputs: ") or "SHA-256" in item]
    assert len(hashes) > 5
    assert all(len(value) == 64 for value in hashes)


def test_the_chart_sheet_draws_the_headline_table(book: Any, written: Path, result: Run) -> None:
    assert [page.title for page in book.chartsheets] == ["图 Chart"]
    with zipfile.ZipFile(written) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
    count = len(result.model.plan.headline)
    assert chart.count("<c:ser>") == count
    assert "'主要目标 Headline'!$A$3:$A$5" in chart
    assert f"'主要目标 Headline'!${'ABCDEFG'[count]}$3:${'ABCDEFG'[count]}$5" in chart
    for words in ("情景 Scenario", "Probability as printed", "Odds of the headline targets by scenario"):
        assert words in chart
    values = re.findall(r"<c:val>.*?</c:val>", chart)
    for target, cached in zip(result.model.plan.headline, values, strict=True):
        frames = [each.odds[each.odds.reading == "printed"].set_index("target") for each in result.attainments]
        kept = [float(text) for text in re.findall(r"<c:v>([^<]*)</c:v>", cached)]
        assert kept == pytest.approx([frame.probability[target.id] for frame in frames])


def test_headers_have_the_height_of_their_lines(book: Any) -> None:
    heights = set()
    for page in book.worksheets:
        head = int(page.freeze_panes.lstrip("ABCDEFGH")) - 1
        spans = page.column_dimensions.values()  # neighbours of one width are one entry
        widths = {column: span.width for span in spans for column in range(span.min, span.max + 1)}
        for cell in (*page[head - 1], *page[head]):
            width, height = widths[cell.column], page.row_dimensions[cell.row].height or 15
            assert cell.alignment.wrap_text
            assert measure(str(cell.value)) / (width - 3) <= height / 15, (page.title, cell.coordinate)
            heights.add(height)
    assert len(heights) > 1


def test_columns_are_as_wide_as_chinese_letters_need(book: Any) -> None:
    page = find_page(book, " Odds")
    longest = max(measure(str(page.cell(row, 2).value)) for row in range(5, page.max_row + 1))
    assert page.column_dimensions["B"].width > longest


def test_the_same_run_writes_the_same_bytes(result: Run, written: Path, tmp_path: Path) -> None:
    again = write_workbook(result, tmp_path / "other.xlsx")
    assert again.read_bytes() == written.read_bytes()
    with zipfile.ZipFile(written) as parts:
        assert {part.date_time[:2] for part in parts.infolist()} == {(1980, 1)}
        assert parts.read("docProps/core.xml").count(b"1980-01-01T00:00:00Z") == 2


def test_nothing_that_looks_like_a_formula_becomes_one(result: Run, tmp_path: Path) -> None:
    words = ["=1+1", "+1", "-1+2", "@SUM(A1)", "#N/A", "\x07bell", "<script>alert(1)</script>"]
    slump = result.scenarios[1]
    shock = slump.shocks["export_slump"].model_copy(update={"source": words[1]})
    evil = replace(slump, title_zh=words[0], why=words[3], why_zh="", sources=(words[2],), shocks={words[6]: shock})
    targets = tuple(
        target.model_copy(update={"reason": words[number]}) if number < len(words) else target
        for number, target in enumerate(
            sorted(result.model.plan.targets, key=lambda each: not isinstance(each, Unmeasured))
        )
    )
    model = replace(result.model, plan=replace(result.model.plan, targets=targets))
    attainments = tuple(replace(each, model=model, scenario=evil) for each in result.attainments)
    changed = replace(result, model=model, scenarios=(evil,) * 3, attainments=attainments)
    book = openpyxl.load_workbook(write_workbook(changed, tmp_path / "evil.xlsx"))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type in "fe"]
    found = {cell.value: cell for cell in cells if isinstance(cell.value, str)}
    for word in (*words[:5], "\ufffdbell", words[6]):
        assert found[word].data_type == "s"
    assert all(found[word].number_format == "@" for word in words[:4])  # stays text when it is edited


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("odds.csv", "odds.csv: not a workbook; the name must end in .xlsx"),
        ("odds", "odds: not a workbook; the name must end in .xlsx"),
        ("nowhere/odds.xlsx", "there is no folder nowhere; make it first"),
        ("folder.xlsx", "folder.xlsx: is a folder; name a file"),
    ],
)
def test_a_workbook_that_cannot_be_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.xlsx").mkdir()
    answer = call("run", "baseline", "--out", "out", "--excel", path)
    assert answer.exit_code == 2
    assert answer.output == f"--excel {path}: {words.removeprefix(f'{path}: ')}\n"
    assert [each.name for each in tmp_path.iterdir()] == ["folder.xlsx"]


def test_without_xlsxwriter_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    monkeypatch.chdir(tmp_path)
    answer = call("run", "baseline", "--excel", "odds.xlsx")
    assert answer.exit_code == 2
    assert answer.output == '--excel odds.xlsx: XlsxWriter is not installed; pip install "target-simulator[excel]"\n'
    assert not list(tmp_path.iterdir())


def test_a_former_workbook_stays_when_writing_fails(
    result: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "odds.xlsx"
    write_workbook(result, path)
    former = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError, match=r"odds\.xlsx: cannot be written \(No space left on device\)"):
        write_workbook(result, path)
    assert [each.name for each in tmp_path.iterdir()] == ["odds.xlsx"]
    assert path.read_bytes() == former


def test_the_command_writes_a_workbook_into_the_folder_that_it_makes(tmp_path: Path) -> None:
    path = tmp_path / "out" / "odds.xlsx"
    words = ("run", "baseline", "--method", "paths", "--paths", 500, "--calibrations", 0, "--no-charts")
    for _ in range(2):
        answer = call(*words, "--out", tmp_path / "out", "--excel", path)
        assert answer.exit_code == 0, answer.output
        assert len(openpyxl.load_workbook(path).sheetnames) == 10
    assert check_workbook(path) == path


@pytest.mark.parametrize("together", [True, False], ids=["one workbook", "a workbook each"])
def test_a_plan_goes_through_workbooks_unchanged(plan: Plan, tmp_path: Path, together: bool) -> None:
    folder = make_workbooks(plan, tmp_path / "qingdao-2024", together)
    found = read_plan(folder)
    assert replace(found, folder=plan.folder, files=plan.files) == plan
    assert found.files[0].name == "plan.xlsx"
    assert len(found.files) == (1 if together else len(plan.files))


def test_a_fault_in_a_workbook_has_sheet_row_and_column(plan: Plan, tmp_path: Path) -> None:
    folder = make_workbooks(plan, tmp_path / "twin", together=True)
    book = openpyxl.load_workbook(folder / "plan.xlsx")
    book["targets"]["H2"] = "5.5%"
    book["quarters"]["A5"] = "gdpp"
    book["groups"].title = "group"
    book.save(folder / "plan.xlsx")
    path = folder / "plan.xlsx"
    told = refusals(lambda: read_plan(folder))
    assert f"{path}[targets]:2:8: '5.5%' is a number with a unit glued on" in told[-1]
    assert any(line.startswith(f"{path}[quarters]:5:1: unknown indicator 'gdpp'") for line in told)
    assert any(line.startswith(f"{path}[group]: unknown table 'group'; allowed: plan,") for line in told)


def test_a_table_that_the_workbook_lacks_is_named(plan: Plan, tmp_path: Path) -> None:
    folder = make_workbooks(plan, tmp_path / "twin", together=True)
    book = openpyxl.load_workbook(folder / "plan.xlsx")
    del book["quarters"], book["history"]
    book.save(folder / "plan.xlsx")
    words = "there is no sheet 'quarters'; add it, or put quarters.csv beside the workbook"
    assert refusals(lambda: read_plan(folder)) == [f"{folder}/plan.xlsx: {words}"]
    (folder / "quarters.csv").write_bytes((plan.folder / "quarters.csv").read_bytes())
    found = read_plan(folder)
    assert found.quarters == plan.quarters
    assert not found.history


def test_a_workbook_that_would_fill_the_memory_is_refused(
    two_indicator_plan: WritePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.inputs.files.spreadsheets._LARGEST", 2_000_000)
    folder = two_indicator_plan(tmp_path / "twin", targets=None)
    path = folder / "targets.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts, parts.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(3):
            part.write(bytes(1_000_000))
    words = "unpacked, the workbook would take 3 MB; allowed: up to 2 MB"
    assert refusals(lambda: read_plan(folder)) == [f"{path}: {words}"]


def test_a_table_that_stands_twice_is_refused(plan: Plan, tmp_path: Path) -> None:
    folder = make_workbooks(plan, tmp_path / "twin", together=False)
    (folder / "targets.csv").write_bytes((plan.folder / "targets.csv").read_bytes())
    assert refusals(lambda: read_plan(folder)) == [
        f"{folder}/targets.xlsx: the table 'targets' stands in {folder}/targets.csv already; keep one of them"
    ]


def test_a_sheet_and_a_file_of_the_same_table_are_refused(plan: Plan, tmp_path: Path) -> None:
    folder = make_workbooks(plan, tmp_path / "twin", together=True)
    for name in ("plan.csv", "history.csv"):
        (folder / name).write_bytes((plan.folder / name).read_bytes())
    told = refusals(lambda: read_plan(folder))
    assert [line.partition(": ")[0] for line in told] == [f"{folder}/plan.xlsx[history]", f"{folder}/plan.xlsx[plan]"]


def test_a_workbook_in_place_of_one_table_is_enough(two_indicator_plan: WritePlan, twin: Plan) -> None:
    folder = two_indicator_plan(targets=None)
    with (twin.folder / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
        make_sheet(folder / "targets.xlsx", list(csv.reader(file)), empty=[])
    found = read_plan(folder)
    assert found.targets == twin.targets
    assert folder / "targets.xlsx" in found.files


def test_cells_are_read_as_they_are_seen(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "table.xlsx", [["id", "value", "note"]])
    book = openpyxl.load_workbook(path)
    page = book.active
    seen = [
        (5.5, "General", "5.5"),
        (0.1 + 0.2, "General", "0.3"),
        (5.46, "0.0", "5.46"),  # a number keeps the digits that its format hides
        (2024.0, "General", "2024"),
        (1234567, "#,##0", "1234567"),
        (0.055, "0.0%", "5.5"),
        (True, "General", "TRUE"),
        (datetime.date(2024, 1, 1), "mmm-yy", "2024-01"),
        (datetime.date(2011, 1, 20), "yyyy-mm-dd", "2011-01-20"),
        (datetime.datetime(2011, 1, 20, 9, 30), "yyyy-mm-dd hh:mm", "2011-01-20 09:30"),
        ("  Q1 ", "@", "Q1"),
        (None, "General", None),
    ]
    for row, (value, form, _) in enumerate(seen, start=2):
        page.cell(row, 1, "a")
        page.cell(row, 2, value).number_format = form
    book.save(path)
    rows, faults = open_workbook(path).read_rows(COLUMNS)
    assert not faults
    assert [row["value"] for row in rows] == [text for _, _, text in seen]
    assert str(rows[3].values_at["value"].fault("here")) == f"{path}:5:2: here"


def test_a_fault_in_the_only_row_of_a_table_that_may_be_missing_is_told(plan: Plan, tmp_path: Path) -> None:
    folder = make_workbooks(plan, tmp_path / "twin", together=False)
    book = openpyxl.load_workbook(folder / "history.xlsx")
    book.active.delete_rows(3, book.active.max_row)
    book.active["F2"] = "=5+1"
    book.save(folder / "history.xlsx")
    assert [line.partition(";")[0] for line in refusals(lambda: read_plan(folder))] == [
        f"{folder}/history.xlsx:2:6: the formula has never been computed"
    ]


def test_empty_rows_are_passed_over_and_fields_beyond_the_header_told(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "table.xlsx", [["id", "value"], [], ["a", 1], ["b", 2, None, "stray"]])
    rows, faults = open_workbook(path).read_rows(COLUMNS)
    assert [(row["id"], row.place.line) for row in rows] == [("a", 3)]
    assert [str(fault).partition(";")[0] for fault in faults] == [f"{path}:4:2: the row has 4 fields, the header 2"]


def test_cells_without_a_value_are_told(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "table.xlsx", [["id", "value"], ["a", "=1+1"], ["b", "#DIV/0!"], ["c", 1], ["d", 2]])
    book = openpyxl.load_workbook(path)
    book.active["B3"].data_type = "e"
    book.active.merge_cells("A4:A5")
    book.save(path)
    rows, faults = open_workbook(path).read_rows(COLUMNS)
    assert not rows
    assert sorted(map(str, faults)) == [
        f"{path}:2:2: the formula has never been computed; open the file in a spreadsheet and save it",
        f"{path}:3:2: the cell shows the error #DIV/0!; write a value, or leave it empty",
        f"{path}:4:1: the cells A4:A5 are merged; unmerge them",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an Excel workbook; save it as .xlsx, without a password"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "not an Excel workbook; save it as .xlsx, without a password",
        ),
        (b"PK\x03\x04 torn", "not an Excel workbook; save it as .xlsx, without a password"),
        (b"id,value\na,1\n", "not an Excel workbook; save it as .xlsx, without a password"),
        (None, "cannot be read (Is a directory)"),
    ],
    ids=["empty", "with a password", "torn", "a text", "a folder"],
)
def test_what_is_no_workbook_is_told(
    two_indicator_plan: WritePlan, tmp_path: Path, content: bytes | None, words: str
) -> None:
    folder = two_indicator_plan(tmp_path / "twin", targets=None)
    path = folder / "targets.xlsx"
    path.mkdir() if content is None else path.write_bytes(content)
    assert refusals(lambda: read_plan(folder)) == [f"{path}: {words}"]


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        ({"rows": []}, "the workbook is empty; it holds one table"),
        (
            {"rows": [["id"], ["a"]], "other": [["id"], ["b"]]},
            "the workbook has 2 sheets: table, other; it holds one table",
        ),
    ],
    ids=["empty", "two tables"],
)
def test_a_workbook_of_a_table_holds_one_sheet(tmp_path: Path, sheets: dict[str, Any], words: str) -> None:
    path = make_sheet(tmp_path / "table.xlsx", **sheets)
    assert refusals(lambda: open_workbook(path).read_rows(COLUMNS)) == [f"{path}: {words}"]


def test_reading_without_openpyxl_says_what_to_install(
    two_indicator_plan: WritePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = two_indicator_plan(tmp_path / "twin", targets=None)
    path = make_sheet(folder / "targets.xlsx", [["id"], ["a"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert refusals(lambda: read_plan(folder)) == [
        f'{path}: openpyxl is not installed; pip install "target-simulator[excel]"'
    ]
