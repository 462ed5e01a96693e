"""Published figures: cells, vintages, and everything that can be wrong with a table of them."""

import datetime
import itertools
import math
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import sim
from sim.errors import InputError
from sim.inputs.bundled import find_plan
from sim.inputs.published.checking import end_period
from sim.inputs.published.figures import Figure, Published
from sim.inputs.published.reading import collect_published, read_published, take_published
from sim.inputs.published.rows import COLUMNS

HEADER = ",".join(COLUMNS)
STORY = (
    "2024-04-18,Q1,gdp,5.2,%,0.1,first,bulletin of April",
    "2024-07-22,Q1,gdp,5.3,%,0.1,revised,bulletin of July",
    "2024-07-22,H1,gdp,5.0,%,,first,bulletin of July",
    "2024-07-10,H1,charging_piles,1.1,万个,0.1,first,s",
    "2024-07-01,H1,metro_line_2_extension,no,,,first,s",
    "2024-12-01,Q1-Q3,urban_jobs,30.2,万人,0.1,at_least,more than 30.2",
)


@pytest.fixture(scope="module")
def plan() -> sim.Plan:
    return sim.read_plan("qingdao-2024")


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "figures.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def read(plan: sim.Plan, folder: Path, *rows: str) -> Published:
    return read_published(plan, write(folder, *rows))


def refuse(plan: sim.Plan, folder: Path, *rows: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(plan, folder, *rows)
    return [str(fault).removeprefix(str(folder / "figures.csv")) for fault in caught.value.faults]


def test_every_kind_of_figure_gets_the_cell_that_its_printing_leaves_open(plan: sim.Plan, tmp_path: Path) -> None:
    found = {each.cell: each for each in read(plan, tmp_path, *STORY).effective()}
    growth, piles = found["gdp", "H1"], found["charging_piles", "H1"]
    assert (growth.kind, growth.low, growth.high) == ("growth", 5.0 - 0.05, 5.0 + 0.05)
    assert (piles.kind, piles.value, piles.unit) == ("delivery", 1.1, "万个")
    assert (piles.low, piles.high) == pytest.approx((1.05, 1.15), abs=1e-12)
    jobs, metro = found["urban_jobs", "Q1-Q3"], found["metro_line_2_extension", "H1"]
    assert (jobs.low, jobs.high) == (30.2, math.inf)
    assert (metro.kind, metro.value, metro.unit) == ("milestone", False, "")
    assert (growth.quarter, jobs.quarter, growth.single) == (1, 2, False)
    assert found["gdp", "Q1"].words == "gdp Q1 5.3 %"
    assert growth.words == "gdp H1 5.0 %"


@pytest.mark.parametrize(
    ("value", "unit", "series", "cell"),
    [
        ("5.25", "%", "gdp", (5.245, 5.255)),
        ("5", "%", "gdp", (4.95, 5.05)),
        ("-0.3", "%", "gdp", (-0.35, -0.25)),
        ("0.0", "%", "gdp", (-0.05, 0.05)),
        ("210", "个", "old_communities", (209.5, 210.5)),
        ("0", "个", "old_communities", (-0.5, 0.5)),
        ("1.20", "万个", "charging_piles", (1.195, 1.205)),
    ],
)
def test_an_empty_step_is_the_last_digit_written(
    plan: sim.Plan, tmp_path: Path, value: str, unit: str, series: str, cell: tuple[float, float]
) -> None:
    figure = read(plan, tmp_path, f"2024-08-01,H1,{series},{value},{unit},,first,s").figures[0]
    assert (figure.low, figure.high) == pytest.approx(cell, abs=1e-12)


def test_a_single_quarter_is_told_from_the_year_so_far(plan: sim.Plan, tmp_path: Path) -> None:
    second, first = (
        read(plan, tmp_path, f"2024-08-01,{period},gdp,5.2,%,,first,s").figures[0] for period in ("Q2", "Q1")
    )
    assert (second.quarter, second.single) == (1, True)
    assert (first.quarter, first.single) == (0, False)  # the first quarter is the year so far


def test_a_revision_counts_from_its_own_day_on(plan: sim.Plan, tmp_path: Path) -> None:
    figures = read(plan, tmp_path, *STORY)
    before, after = (
        {each.cell: each.value for each in figures.as_of(day).effective()} for day in ("2024-07-21", "2024-07-22")
    )
    assert (before["gdp", "Q1"], after["gdp", "Q1"]) == (5.2, 5.3)
    assert ("gdp", "H1") not in before
    assert ("gdp", "H1") in after
    assert not figures.as_of("2024-04-17")
    assert figures.as_of("2024-04-17").effective() == ()


def test_the_order_of_rows_changes_nothing(plan: sim.Plan, tmp_path: Path) -> None:
    told = {read(plan, tmp_path, *rows).figures for rows in itertools.islice(itertools.permutations(STORY), 0, 720, 53)}
    assert len(told) == 1


def test_figures_survive_a_journey_to_another_process(plan: sim.Plan, tmp_path: Path) -> None:
    figures = read(plan, tmp_path, *STORY)
    assert pickle.loads(pickle.dumps(figures)) == figures


FAULTS = {
    "unknown series": (
        "2024-07-22,H1,retail_sale,5.0,%,,first,s",
        ":2:3: unknown series 'retail_sale'; ",
        "did you mean 'retail_sales'?",
    ),
    "beyond the year": ("2024-07-22,Q5,gdp,5.0,%,,first,s", ":2:2: period 'Q5' is beyond the year; allowed: Q1, H1, "),
    "single quarter of a count": (
        "2024-07-22,Q2,old_communities,5,个,,first,s",
        ":2:2: 'Q2' is a single quarter; what has been delivered is told since January: Q1, H1, Q1-Q3, FY",
    ),
    "growth in another unit": ("2024-07-22,H1,gdp,5.0,pp,,first,s", ":2:5: unknown 'pp'; allowed: %"),
    "growth without unit": ("2024-07-22,H1,gdp,5.0,,,first,s", ":2:5: a growth figure needs its unit; write %"),
    "count in another unit": (
        "2024-07-22,H1,charging_piles,11000,个,,first,s",
        ":2:5: charging_piles in '个'; write it in 万个, as the target is",
    ),
    "step too large": ("2024-07-22,H1,gdp,5.0,%,10,first,s", ":2:6: the step 10 is larger than the value 5; "),
    "step of a count too large": ("2024-07-22,H1,old_communities,5,个,6,first,s", ":2:6: the step 6 is larger than"),
    "step not positive": ("2024-07-22,H1,gdp,5.0,%,0,first,s", ":2:6: '0' is out of range; allowed: more than 0"),
    "count below nothing": ("2024-07-22,H1,old_communities,-5,个,,first,s", ":2:4: '-5' is out of range"),
    "no number": ("2024-07-22,H1,gdp,good,%,,first,s", ":2:4: 'good' is not a number"),
    "number of a milestone": ("2024-07-22,H1,metro_line_6,1,,,first,s", ":2:4: unknown '1'; allowed: yes, no"),
    "unit of a milestone": (
        "2024-07-22,H1,metro_line_6,no,个,,first,s",
        ":2:5: a milestone has no '个'; leave it empty",
    ),
    "no date": ("July,H1,gdp,5.0,%,,first,s", ":2:1: 'July' is not a date; write year, month and day"),
    "no day": ("2024-02-30,Q1,gdp,5.0,%,,first,s", ":2:1: '2024-02-30' is not a date"),
    "empty date": (",Q1,gdp,5.0,%,,first,s", ":2:1: a figure needs the date of its release"),
    "empty source": ("2024-07-22,H1,gdp,5.0,%,,first,", ":2:8: a figure needs its source"),
    "before its time": (
        "2024-06-30,H1,gdp,5.0,%,,first,s",
        ":2:1: 2024-06-30 is before H1 was over; it ends on",
    ),
    "reached before the year": ("2023-12-31,Q1,metro_line_6,yes,,,first,s", ":2:1: 2023-12-31 is before the year 2024"),
    "status": ("2024-07-22,H1,gdp,5.0,%,,frist,s", ":2:7: unknown 'frist'; allowed: first, revised, at_least"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_faulty_row_is_refused_at_its_place(plan: sim.Plan, tmp_path: Path, case: str) -> None:
    row, *said = FAULTS[case]
    told = refuse(plan, tmp_path, row)
    assert len(told) == 1, told
    assert told[0].startswith(said[0])
    assert all(words in told[0] for words in said)


FIRST = "2024-07-22,H1,gdp,5.0,%,,first,s"
CLASHES = {
    "two figures on one day": (
        (FIRST, "2024-07-22,H1,gdp,5.1,%,,revised,s"),
        ":3:1: gdp H1 of 2024-07-22 stands in",
    ),
    "two first prints": (
        (FIRST, "2024-08-22,H1,gdp,5.1,%,,first,s"),
        ":3:7: gdp H1 was first printed on 2024-07-22; write revised",
    ),
    "revised before its first print": (
        (FIRST, "2024-07-21,H1,gdp,5.1,%,,revised,s"),
        ":3:1: gdp H1 is revised on 2024-07-21, before its first print; it was first printed on 2024-07-22",
    ),
    "a count that falls": (
        ("2024-04-22,Q1,old_communities,120,个,,first,s", "2024-07-22,H1,old_communities,119,个,,first,s"),
        ":3:4: old_communities H1 119 个 after old_communities Q1 120 个; told since January, it does not fall",
    ),
    "a count revised above the next": (
        (
            "2024-04-22,Q1,old_communities,120,个,,first,s",
            "2024-07-22,H1,old_communities,130,个,,first,s",
            "2024-08-22,Q1,old_communities,140,个,,revised,s",
        ),
        ":4:4: old_communities H1 130 个 after old_communities Q1 140 个",
    ),
    "works undone": (
        ("2024-04-22,Q1,metro_line_6,yes,,,first,s", "2024-07-22,H1,metro_line_6,no,,,first,s"),
        ":3:4: metro_line_6 H1 not reached after metro_line_6 Q1 reached",
    ),
}


@pytest.mark.parametrize("case", CLASHES)
@pytest.mark.parametrize("turned", [False, True])
def test_rows_that_do_not_go_together_are_refused_in_any_order(
    plan: sim.Plan, tmp_path: Path, case: str, turned: bool
) -> None:
    rows, said = CLASHES[case]
    told = refuse(plan, tmp_path, *(reversed(rows) if turned else rows))
    assert len(told) == 1
    if not turned:
        assert told[0].startswith(said), told


def test_numbers_that_may_be_the_same_do_not_fall(plan: sim.Plan, tmp_path: Path) -> None:
    rows = (
        "2024-04-22,Q1,charging_piles,1.14,万个,0.01,first,s",
        "2024-07-22,H1,charging_piles,1.1,万个,0.1,first,s",
        "2024-07-23,H1,urban_jobs,20,万人,,at_least,s",
        "2024-10-23,Q1-Q3,urban_jobs,19.9,万人,0.1,at_least,s",
    )
    assert len(read(plan, tmp_path, *rows)) == 4


def test_all_faults_are_told_at_once(plan: sim.Plan, tmp_path: Path) -> None:
    rows = [row for row, *_ in FAULTS.values()]
    assert len(refuse(plan, tmp_path, *rows)) >= len(rows)


def test_a_day_before_the_plan_is_refused(plan: sim.Plan) -> None:
    figures = read_published(plan, "qingdao-2024-h1")
    for day, said in {
        "2023-12-31": "as_of: 2023-12-31 is before the plan's year 2024",
        "soon": "as_of: 'soon'",
    }.items():
        with pytest.raises(InputError, match=said):
            figures.as_of(day)
    assert not read_published(plan, "none").as_of(datetime.date(2024, 1, 1))


def test_no_such_file_or_example_is_told_with_the_nearest(plan: sim.Plan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such figures 'qingdao-2024-h2'; .* did you mean 'qingdao-2024-h1'"):
        read_published(plan, "qingdao-2024-h2")
    with pytest.raises(InputError, match="no such file"):
        read_published(plan, tmp_path / "nothing.csv")
    with pytest.raises(InputError, match="no such figures"):
        read_published("china-2024", "qingdao-2024-h1")  # another place's
    with pytest.raises(InputError, match="an object of type int"):
        read_published(plan, 5)  # type: ignore[arg-type]


def test_figures_stand_in_the_folder_of_a_plan_as_text_or_workbook(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    folder = tmp_path / "plan"
    shutil.copytree(find_plan("qingdao-2024"), folder)
    assert not read_published(folder)
    (folder / "published.csv").write_text(HEADER + "\n", encoding="utf-8")
    assert not read_published(folder)  # only a header: nothing known yet
    write(folder, *STORY).rename(folder / "published.csv")
    text = read_published(folder)
    assert len(text) == 6
    assert not read_published(folder, "none")
    book = openpyxl.Workbook()
    for row in [HEADER, *STORY]:
        cells = row.split(",")
        book.active.append([datetime.date.fromisoformat(cells[0]) if cells[0][0] == "2" else cells[0], *cells[1:]])
    book.save(folder / "published.xlsx")
    with pytest.raises(InputError, match=r"published.xlsx: the figures stand in .*published.csv already"):
        read_published(folder)
    (folder / "published.csv").unlink()
    assert read_published(folder).figures == text.figures


def test_code_is_held_to_the_same_as_files(plan: sim.Plan) -> None:
    rows = [dict(zip(COLUMNS, row.split(","), strict=True)) for row in STORY]
    rows = [{name: text for name, text in row.items() if text} for row in rows]
    assert len(collect_published(plan, rows)) == 6
    rows[1]["unit"] = "pp"
    with pytest.raises(InputError, match=r"published: 1\.unit: unknown 'pp'; allowed: %"):
        collect_published(plan, rows)


def test_figures_of_another_plan_are_refused(plan: sim.Plan) -> None:
    figures = read_published(plan, "qingdao-2024-h1")
    assert take_published(figures, plan) is figures
    assert take_published("qingdao-2024-h1", plan) == figures
    with pytest.raises(InputError, match="no series 'fixed_asset_investment'"):
        take_published(figures, sim.read_plan("china-2024"))


def test_a_figure_of_the_whole_year_is_a_figure(plan: sim.Plan, tmp_path: Path) -> None:
    figure: Figure = read(plan, tmp_path, "2025-01-20,FY,gdp,5.7,%,0.1,first,s").figures[0]
    assert (figure.quarter, figure.low) == (3, pytest.approx(5.65))


def test_quarters_end_when_the_calendar_says(plan: sim.Plan) -> None:
    ends = [end_period(plan, quarter).isoformat() for quarter in range(4)]
    assert ends == ["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"]
    ends = [end_period(replace(plan, first_month=4), quarter).isoformat() for quarter in range(4)]
    assert ends == ["2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31"]
