"""What was expected: a forecast counts or is refused, whoever made it, whenever, and however its date is written."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from small_plans import WritePlan

import sim
from sim.cli import main
from sim.inputs.dates import read_month

HEADER = "year,kind,value,unit,published,source\n"
LAST = "2023,announced,5.2,%,2024-01-17,office\n"


def read(folder: Path, rows: str, header: str = HEADER) -> sim.Outlook:
    (folder / "outlook.csv").write_text(header + rows, encoding="utf-8")
    return sim.read_outlook(folder / "outlook.csv")


def refuse(folder: Path, rows: str, header: str = HEADER) -> str:
    with pytest.raises(sim.InputError) as refused:
        read(folder, rows, header)
    return str(refused.value)


@pytest.mark.parametrize(
    "date",
    [
        *("2024-12-01", "2024/12/1", "2024.12.01", "20241201", "202412", "2024-12", "2024年12月1日", "２０２４年12月"),
        *("1 December 2024", "December 1, 2024", "Dec. 2024", "31/12/2024", "12/31/2024", "2024-12-01 00:00:00"),
        "World Outlook, December 2024",
    ],
)
def test_a_forecast_of_december_never_enters_however_its_date_is_written(tmp_path: Path, date: str) -> None:
    assert read_month(date) == (2024, 12)
    outlook = read(tmp_path, LAST + f'2024,forecast,4.4,%,2024-01-30,bank\n2024,forecast,9.9,%,"{date}",bank\n')
    assert outlook.forecast == {2024: 4.4}
    assert "published in 2024-12: not known in January; left out" in str(outlook.warnings[0])


@pytest.mark.parametrize("date", ["soon", "03/04/2024", "24-12-01", "2024-13-01", "2024-02-45", "Q1", "45292"])
def test_a_date_that_cannot_be_read_is_a_fault(tmp_path: Path, date: str) -> None:
    told = refuse(tmp_path, LAST + f"2024,forecast,4.4,%,{date},bank\n")
    assert "outlook.csv:3:5" in told
    assert date in told
    assert "such as 2024-01-30" in told


@pytest.mark.parametrize("date", ["", "2024", "2024-02-29", "2023-10-10", "10 Jan 2024", "2024年1月"])
def test_a_forecast_that_january_knew_counts(tmp_path: Path, date: str) -> None:
    outlook = read(tmp_path, LAST + f"2024,forecast,4.4,%,{date},bank\n")
    assert (outlook.forecast, outlook.warnings) == ({2024: 4.4}, ())


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("country", "Japan", "Korea"),
        ("Country", "Peru", "Chile"),
        ("地区", "甲国", "乙国"),
        ("economy", "World", "Peru"),
    ],
)
def test_the_outlooks_of_several_countries_are_not_averaged(
    tmp_path: Path, column: str, first: str, second: str
) -> None:
    header = f"{column},{HEADER}"
    rows = "".join(f"{place},{row}\n" for place in (first, second) for row in (LAST[:-1], "2024,forecast,4,%,,fund"))
    told = refuse(tmp_path, rows, header)
    assert "outlook.csv:4:1: rows of 2 countries" in told
    assert first in told
    assert second in told
    one = "".join(line + "\n" for line in rows.splitlines() if line.startswith(first))
    assert read(tmp_path, one, header).forecast == {2024: 4.0}


def test_a_fact_stated_twice_is_a_fault(tmp_path: Path) -> None:
    told = refuse(tmp_path, LAST + "2023,announced,5.4,%,2024-12-27,office\n")
    assert "outlook.csv:3:1: the growth announced for 2023 stands in line 2 already (5.2 there, 5.4 here)" in told
    told = refuse(tmp_path, LAST + "2024,forecast,4.4,%,,\n2024,forecast,4.8,%,,\n")
    assert "a forecast for 2024 stands in line 3 already" in told
    told = refuse(tmp_path, LAST + "2024,forecast,4.4,%,2024-01-30,bank\n2024,forecast,4.4,%,30 Jan 2024,bank\n")
    assert "who made each (source) or when (published)" in told
    two = LAST + "2024,forecast,4.4,%,2024-01-30,bank\n2024,forecast,4.8,%,2024-01-30,fund\n"
    assert read(tmp_path, two).forecast == {2024: pytest.approx(4.6)}


def test_a_forecast_without_the_year_before_is_refused_by_a_plan_and_told_by_a_back_test(
    two_indicator_plan: WritePlan, tmp_path: Path
) -> None:
    folder = two_indicator_plan(tmp_path / "twin")
    (folder / "outlook.csv").write_text(HEADER + "2024,forecast,4.4,%,2024-01-30,bank\n", encoding="utf-8")
    told = "outlook.csv:2:1: the forecast for 2024 cannot count: growth announced for 2023 is missing"
    with pytest.raises(sim.InputError) as refused:
        sim.read_plan(folder)
    assert told in str(refused.value)
    assert "add a row `2023,announced," in str(refused.value)
    linted = CliRunner().invoke(main, ["lint", str(folder)])
    assert (linted.exit_code, told in linted.output) == (2, True)
    (folder / "outlook.csv").write_text(HEADER + LAST + "2024,forecast,4.4,%,2024-01-30,bank\n", encoding="utf-8")
    assert sim.read_plan(folder).warnings == ()
    told = str(read(tmp_path, LAST + "2026,forecast,4.4,%,2026-01-30,bank\n").warnings[0])
    assert "the forecast for 2026 cannot count" in told
