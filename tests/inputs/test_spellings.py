"""What people write is read where it is plain, and refused with what to write where it is not."""

from pathlib import Path

import pytest
from small_plans import TABLES, WritePlan

import sim
from sim.errors import InputError
from sim.inputs.history import read_history
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan
from sim.inputs.published.reading import read_published
from sim.inputs.scenario.reading import read_scenario
from sim.inputs.units import find_unit

HISTORY = "region,year,indicator,target,comparator,outcome,unit,source\n"
FIGURES = "date,period,series,value,unit,step,status,source\n"
SCENARIO = """\
schema_version: 1
title: {en: Mine, zh: 我的}
why: because
sources: [s]
shocks:
  storm:
    title: {en: Storm, zh: 风暴}
    source: mine
    probability: 0.3
    onset: Q2
    size: {law: normal, mean: 1, sd: 0.3, unit: u}
    profile: step
    loadings: {gdp: -0.8}
"""


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("٥.٥", "'٥.٥' is in figures of another script; write 5.5"),
        ("५.५", "'५.५' is in figures of another script; write 5.5"),
        ("๕.๕", "'๕.๕' is in figures of another script; write 5.5"),
        ("五点五", "'五点五' is a number in words; write it in figures"),
        ("5%-6%", "'5%-6%' is a range, and one number is due; a target may be `between`, from value to upper"),
        ("5.5±0.2", "'5.5±0.2' is a number and how far off it may be; write 5.5, and 0.2 as the tolerance"),
        ("不低于5.5%", "write 5.5 alone; about, at least and at most have a column of their own"),
        ("力争6", "write 6 alone; about"),
        ("5.5左右", "write 5.5 alone; about"),
        ("下降5.5", "write -5.5, if that is what it means"),
        ("(5.5)", "write -5.5, if that is what it means"),
        ("5.5*", "'5.5*' has a mark behind its number; write 5.5"),
        ("5.5 (p)", "has a mark behind its number; write 5.5"),
        ("5。5", "'5。5' has no decimal point; write 5.5"),
        ("'5.5", "begins with a quotation mark; write 5.5"),
        ("n.a.", "leave the cell empty where nothing is known"),
        ("11/2", "'11/2' is a fraction; write 5.5"),
    ],
)
def test_what_is_no_number_is_told_with_what_to_write(
    two_indicator_plan: WritePlan, tmp_path: Path, value: str, told: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_plan(two_indicator_plan(tmp_path, targets=("about,5.5", f"about,{value}")))
    (fault,) = refused.value.faults
    assert (fault.line, fault.column) == (2, 8)
    assert told in str(fault)


@pytest.mark.parametrize(
    ("written", "criterion"),
    [
        *[("ABOUT", "about"), ("＞=", "at_least"), ("No less than", "at_least"), ("At-Least", "at_least")],
        *[("minimum", "at_least"), ("达到", "meet_or_exceed"), ("突破", "at_least"), ("approx", "about")],
    ],
)
def test_a_criterion_is_read_as_people_say_it(
    two_indicator_plan: WritePlan, tmp_path: Path, written: str, criterion: str
) -> None:
    folder = two_indicator_plan(tmp_path, targets=("about,5.5,%,0.2", f"{written},5.5,%,0"))
    assert read_plan(folder).targets[0].criterion == criterion


@pytest.mark.parametrize(
    "changes",
    [
        {"indicators": ("亿元,higher", "亿元,Higher")},
        {"indicators": ("%,real", "％,ＲＥＡＬ")},
        {"targets": (",%,0.2,yes", ",per cent,0.2,YES")},
        {"plan": ("place_en", "Place_en")},
        {"quarters": ("Q1", "q1")},
        {"quarters": ("Q2", "二季度")},
        {"quarters": ("Q3", "2023Q3")},
        {"quarters": ("Q4", "第四季度")},
    ],
)
def test_words_of_tables_are_read_in_any_letters(
    twin: Plan, two_indicator_plan: WritePlan, tmp_path: Path, changes: dict[str, tuple[str, str]]
) -> None:
    plan = read_plan(two_indicator_plan(tmp_path, **changes))  # type: ignore[arg-type]
    assert (plan.indicators, plan.targets, plan.quarters) == (twin.indicators, twin.targets, twin.quarters)


def test_quarters_of_another_year_are_none_of_the_base_year(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown quarter '2024Q1'"):
        read_plan(two_indicator_plan(tmp_path, quarters=("Q1", "2024Q1")))


def test_directions_of_a_back_test_are_those_of_the_plan_in_any_letters(tmp_path: Path) -> None:
    rows = TABLES["indicators.csv"].replace("retail_sales,R", "pollution,R").replace("higher,0.2", "Lower,0.2")
    (tmp_path / "indicators.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "history.csv").write_text(f"{HISTORY}Twin,2020,pollution,5,~,4,%,s\n", encoding="utf-8")
    assert read_history(tmp_path / "history.csv").down.tolist() == [True]


@pytest.mark.parametrize(
    ("cells", "target", "comparator"),
    [
        *[("6,左右", 6.0, "~"), ("6,≥", 6.0, ">="), ("6,about", 6.0, "~"), ("6,不超过", 6.0, "<=")],
        *[("6-6.5,range", 6.0, "range"), ("6%～6.5%,区间", 6.0, "range")],
    ],
)
def test_history_says_what_was_promised_in_words(tmp_path: Path, cells: str, target: float, comparator: str) -> None:
    (tmp_path / "h.csv").write_text(f"{HISTORY}Twin,2020,gdp,{cells},6.1,%,s\n", encoding="utf-8")
    read = read_history(tmp_path / "h.csv")
    assert (read.target.tolist(), read.comparator.tolist()) == ([target], [comparator])


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("2020,gdp,6-6.5,~", "write its lower end, 6, and the comparator `range`"),
        ("FY2020,gdp,6,~", "write 2020"),
        ("2020年,gdp,6,~", "write 2020"),
        ("2020E,gdp,6,~", "write 2020"),
    ],
)
def test_history_that_is_not_plain_is_told_with_what_to_write(tmp_path: Path, cells: str, told: str) -> None:
    (tmp_path / "h.csv").write_text(f"{HISTORY}Twin,{cells},6.1,%,s\n", encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_history(tmp_path / "h.csv")


@pytest.mark.parametrize(
    ("cells", "words", "day"),
    [
        ("2024年4月18日,一季度,GDP", "gdp Q1 5.2 %", "2024-04-18"),
        ("18/04/2024,2024Q1,地区生产总值", "gdp Q1 5.2 %", "2024-04-18"),
        ("18 July 2024,上半年,gdp", "gdp H1 5.2 %", "2024-07-18"),
        ("20241018,前三季度,社零", "retail_sales Q1-Q3 5.2 %", "2024-10-18"),
        ("2024/7/18,1-6月,Retail Sales", "retail_sales H1 5.2 %", "2024-07-18"),
        ("2025-01-18,2024年全年,gdp", "gdp FY 5.2 %", "2025-01-18"),
    ],
)
def test_a_bulletin_is_read_in_its_own_words(twin: Plan, tmp_path: Path, cells: str, words: str, day: str) -> None:
    (tmp_path / "f.csv").write_text(f"{FIGURES}{cells},5.2,%,,First,s\n", encoding="utf-8")
    (figure,) = read_published(twin, tmp_path / "f.csv").figures
    assert (figure.words, figure.date.isoformat()) == (words, day)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("2024-06-18,1-5月,gdp", ":2:2: '1-5月' ends within a quarter; figures count to the end of one"),
        ("2024-06-18,May,gdp", ":2:2: 'May' ends within a quarter"),
        ("2024-06-18,2024-05,gdp", ":2:2: '2024-05' ends within a quarter"),
        ("2024-04-18,2023Q1,gdp", ":2:2: period '2023Q1' is beyond the year"),
        ("45400,Q1,gdp", ":2:1: '45400' is not a date; a spreadsheet's number for 2024-04-18? write that"),
        ("03/04/2024,Q1,gdp", "leaves open which number is the month"),
        ("April 2024,Q1,gdp", "'April 2024' says no day"),
    ],
)
def test_a_bulletin_that_is_not_plain_is_told_with_what_to_write(
    twin: Plan, tmp_path: Path, cells: str, told: str
) -> None:
    (tmp_path / "f.csv").write_text(f"{FIGURES}{cells},5.2,%,,,s\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_published(twin, tmp_path / "f.csv")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("status", "kept"), [("初步", "first"), ("preliminary", "first"), ("Final", "revised"), ("超过", "at_least")]
)
def test_a_bulletin_calls_its_figures_as_it_does(twin: Plan, tmp_path: Path, status: str, kept: str) -> None:
    (tmp_path / "f.csv").write_text(f"{FIGURES}2024-04-18,Q1,gdp,5.2,%,,{status},s\n", encoding="utf-8")
    assert read_published(twin, tmp_path / "f.csv").figures[0].status == kept


@pytest.mark.parametrize("name", ["國內生產總值", "GDP增速（%）", "地區生產總值 (%)"])
@pytest.mark.parametrize("region", ["雙城", "雙城市", "ＴＷＩＮ"])
def test_traditional_signs_and_headings_of_yearbooks_name_the_same(
    two_indicator_plan: WritePlan, tmp_path: Path, name: str, region: str
) -> None:
    folder = two_indicator_plan(tmp_path)
    (folder / "history.csv").write_text(f"{HISTORY}{region},2022,{name},6,~,5.2,%,s\n", encoding="utf-8")
    plan = read_plan(folder)
    assert ([row.region for row in plan.history], [row.indicator for row in plan.history]) == (["Twin"], ["gdp"])
    assert not [each for each in plan.warnings if "no row is of" in str(each)]


def test_units_in_traditional_signs_are_known() -> None:
    assert [find_unit(name).unit for name in ("萬戶", "億元", "萬噸")] == ["万户", "亿元", "万吨"]  # type: ignore[union-attr]


def test_a_milestone_is_done_in_any_letters(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(f"{FIGURES}2024-04-18,q1,metro_line_6,Yes,,,,s\n", encoding="utf-8")
    (figure,) = read_published(plan, tmp_path / "f.csv").figures
    assert (figure.value, figure.low, figure.high) == (True, 1.0, 1.0)


def change(folder: Path, before: str, after: str) -> Path:
    assert before in SCENARIO
    (folder / "mine.yaml").write_text(SCENARIO.replace(before, after), encoding="utf-8")
    return folder / "mine.yaml"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("onset: Q2", "onset: 2024Q2"),
        ("onset: Q2", "onset: 二季度"),
        ("onset: Q2", "onset: {q2: 1}"),
        ("{gdp:", "{GDP:"),
        ("{gdp:", "{地区生产总值:"),
        ("{gdp:", "{Gross domestic product:"),
    ],
)
def test_a_shock_names_quarters_and_indicators_as_people_do(
    twin: Plan, tmp_path: Path, before: str, after: str
) -> None:
    plain, spelt = (read_scenario(change(tmp_path, *each), twin) for each in (("s", "s"), (before, after)))
    assert spelt.shocks == plain.shocks


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("0.3\n", "30%\n", "9:18: '30%' is in per cent, and a share is due; write 0.3"),
        ("0.3\n", "30\n", "9:18: 30 is out of range; allowed: at most 1; in per cent? write 0.3"),
        ("0.3\n", "1/3\n", "'1/3' is a fraction; write 0.333"),
        ("onset: Q2", "onset: {Q2: 50%, Q3: 0.5}", "10:17: '50%' is in per cent, and a share is due; write 0.5"),
        ("-0.8", "−0.8", "'−0.8' is in signs of another width; write -0.8"),
        ("{gdp: -0.8}", "{gdp：-0.8}", "has a full-width colon"),
        ("onset: Q2", "onset: 2025Q2", "unknown quarter '2025Q2'"),
        ("{gdp: -0.8}", "{gdp: -0.8, GDP: -0.2}", "unknown indicator 'GDP'"),
    ],
)
def test_a_shock_that_is_not_plain_is_told_with_what_to_write(
    twin: Plan, tmp_path: Path, before: str, after: str, told: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_scenario(change(tmp_path, before, after), twin)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("sd: 0.3", "sd: 3", ":11:11: storm: its size has the other sign in more than 15 % of draws"),
        ("mean: 1, sd: 0.3", "interval_90: [-0.5, 1.5]", ":11:11: storm: its size has the other sign"),
        ("profile: step", "profile: [-1, -0.5]", ":12:14: storm: a profile of -1 turns its loadings round"),
        (
            "profile: step",
            "profile: [1, 1, 1, 1, 1, 1, 0.5, 0.5, 0, 0, 0, 0]",
            ":12:14: storm: 12 strengths, of a year of 4 quarters; of months?",
        ),
    ],
)
def test_a_shock_of_an_odd_form_is_asked_about(twin: Plan, tmp_path: Path, before: str, after: str, told: str) -> None:
    after = after.replace("profile: [", "profile: {shape: list, values: [").replace("]", "]}", after.count("profile"))
    asked = [str(each) for each in read_scenario(change(tmp_path, before, after), twin).warnings]
    assert any(told in each for each in asked), asked


def test_shipped_scenarios_are_not_asked(plan: Plan) -> None:
    assert [each for scenario in sim.read_scenarios([], plan) for each in scenario.warnings] == []
