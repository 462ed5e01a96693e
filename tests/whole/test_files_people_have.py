"""Files as spreadsheets and people leave them, each through the command that meets it."""

import csv
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_plans import TABLES, WritePlan

from sim.cli import main
from sim.errors import InputError
from sim.inputs.plan.reading import read_plan
from sim.inputs.scenario.reading import list_scenarios, read_scenario

openpyxl = pytest.importorskip("openpyxl")
FEW = ("--no-charts", "--calibrations", 0, "--paths", 300, "--method", "paths")
HISTORY = "region,year,indicator,target,comparator,outcome,unit,source\n" + "".join(
    f"Twin,{year},gdp,{target},>=,{outcome},%,s\n"
    for year, target, outcome in ((2018, 7, 7.1), (2019, 6.5, 6), (2020, 6, 3.7), (2021, 6, 8.3), (2022, 6, 3.9))
)


def call(*words: object, charset: str = "utf-8", width: int = 80) -> Result:
    return CliRunner(charset=charset, env={"COLUMNS": str(width)}).invoke(main, [str(word) for word in words])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill_book(path: Path, text: str, cells: dict[str, tuple[float, str]] | None = None) -> None:
    """Write a table as a workbook; cells are given by value and number format."""
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(text)):
        book.active.append(row)
    for place, (value, form) in (cells or {}).items():
        book.active[place].value, book.active[place].number_format = value, form
    book.save(path)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"], ids=repr)
def test_lines_may_end_in_any_way(end: str, here: Path) -> None:
    (here / "past.csv").write_bytes(HISTORY.replace("\n", end).encode())
    answer = call("backtest", "past.csv", "--no-charts")
    assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize("commas", [",", ",,", ",,,,,"])
def test_empty_columns_at_the_end_are_left_out(commas: str, two_indicator_plan: WritePlan, here: Path) -> None:
    folder = two_indicator_plan(here / "plan")
    for name in TABLES:
        if name.endswith(".csv"):
            (folder / name).write_text(TABLES[name].replace("\n", f"{commas}\n"), encoding="utf-8")
    plan = read_plan(folder)
    assert [indicator.id for indicator in plan.indicators] == ["gdp", "retail_sales"]


def test_a_history_may_be_a_workbook_of_any_name(here: Path) -> None:
    for name in ("history.xlsx", "过去.XLSX", "a+b.xlsx"):
        fill_book(here / name, HISTORY)
        answer = call("backtest", name, "--no-charts", "--force")
        assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize(
    ("value", "form"), [(0.059, "0.0%"), (5.9, '0.0"%"'), (0.059, "0.00%"), (5.9, r"0.0\%"), (5.9, "General")]
)
def test_a_cell_of_per_cent_is_read_as_it_shows(
    value: float, form: str, two_indicator_plan: WritePlan, here: Path
) -> None:
    folder = two_indicator_plan(here / "plan", indicators=None)
    fill_book(folder / "indicators.xlsx", TABLES["indicators.csv"], {"F2": (value, form)})
    assert read_plan(folder).indicators[0].baseline == pytest.approx(5.9)


@pytest.mark.parametrize(("value", "form"), [(0.22, "0%"), (0.22, "General")])
def test_a_share_shown_in_per_cent_stays_a_share(
    value: float, form: str, two_indicator_plan: WritePlan, here: Path
) -> None:
    folder = two_indicator_plan(here / "plan", quarters=None)
    fill_book(folder / "quarters.xlsx", TABLES["quarters.csv"], {"C2": (value, form)})
    assert read_plan(folder).quarters["gdp"][0].share == pytest.approx(0.22)


@pytest.mark.parametrize("count", [5, 12, 24])
def test_months_are_not_taken_for_quarters(count: int, two_indicator_plan: WritePlan, here: Path) -> None:
    head = TABLES["quarters.csv"].splitlines()[0]
    rows = [
        f"{name},Q{number},{1 / count:.6f},assumed,,0,assumed,s"
        for name in ("gdp", "retail_sales")
        for number in range(1, count + 1)
    ]
    folder = two_indicator_plan(here / "plan", quarters="\n".join([head, *rows, ""]).encode())
    with pytest.raises(InputError, match=rf"quarters\.csv:2:2: {count} quarters a year: months are none"):
        read_plan(folder)


@pytest.mark.parametrize("name", ["export-slump", "typhoon-season", "export-slump+tax-refunds"])
def test_a_shipped_scenario_runs_on_any_plan_and_says_what_it_leaves_out(
    name: str, two_indicator_plan: WritePlan, here: Path
) -> None:
    two_indicator_plan(here / "town")
    answer = call("run", name, "--plan", "town", *FEW)
    assert answer.exit_code == 0, answer.output
    assert re.search(r"that twin lacks are left out of '\w+': \w+", answer.output.replace("\n", " "))
    plan = read_plan("town")
    scenario = read_scenario(name, plan)
    assert {each for shock in scenario.shocks.values() for each in shock.loadings} <= {"gdp", "retail_sales"}
    assert any(shock.loadings for shock in scenario.shocks.values())


def test_on_its_own_plan_a_shipped_scenario_leaves_nothing_out() -> None:
    plan = read_plan("qingdao-2024")
    for name in list_scenarios(plan):
        assert not [each for each in read_scenario(name, plan).warnings if "left out" in str(each)]


def test_a_scenario_of_ones_own_is_held_to_its_plan(two_indicator_plan: WritePlan, here: Path) -> None:
    plan = read_plan(two_indicator_plan(here / "town"))
    (here / "mine.yaml").write_text(
        "schema_version: 1\ntitle: {en: a, zh: 甲}\nwhy: w\nsources: [s]\nshocks:\n  x:\n    title: {en: a, zh: 甲}\n"
        "    probability: 0.5\n    onset: Q1\n    size: {law: fixed, value: 1}\n    profile: step\n"
        "    loadings: {exports: -1}\n    source: s\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="unknown indicator 'exports'"):
        read_scenario(here / "mine.yaml", plan)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("charset", ["gbk", "cp1252", "ascii"])
def test_what_a_console_lacks_has_a_stand_in(charset: str) -> None:
    answer = call("run", "baseline", *FEW, charset=charset)
    assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("level", ["2721571", "987654321", "15760.34"])
def test_levels_of_many_digits_are_whole(level: str, width: int, two_indicator_plan: WritePlan, here: Path) -> None:
    two_indicator_plan(here / "town", indicators=("15760.34", level))
    answer = call("run", "typhoon-season", "--all", "--plan", "town", *FEW, width=width)
    assert answer.exit_code == 0, answer.output
    assert f"{float(level):,.0f}" in answer.output
    assert not re.search(r"\d…", answer.output)


@pytest.mark.parametrize("folder", ["plans+2024", "c++", "+"])
def test_a_folder_may_have_a_plus(folder: str, two_indicator_plan: WritePlan, here: Path) -> None:
    two_indicator_plan(here / folder / "town")
    answer = call("run", "typhoon-season", "--plan", f"{folder}/town", *FEW)
    assert answer.exit_code == 0, answer.output
