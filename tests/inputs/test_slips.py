"""Slips of people who type a plan: numbers beside their own sentence, signs, years and days; all are asked about."""

import re
from pathlib import Path

import pytest
from small_plans import TABLES, WritePlan

import sim
from sim.errors import InputError
from sim.inputs.plan.reading import read_plan
from sim.inputs.plan.targets import TARGET_COLUMNS
from sim.inputs.published.reading import read_published
from sim.inputs.walkthrough import check_plan

HISTORY = (
    "region,year,indicator,target,comparator,outcome,unit,source\nTwin,2021,gdp,6,~,6.1,%,s\n"
    "Twin,2022,gdp,6,~,5.2,%,s\n"
)
OUTLOOK = (
    "year,kind,value,unit,published,source\n2023,announced,5.2,%,2024-01-17,office\n"
    "2024,forecast,4.6,%,2024-01-30,fund\n"
)
DELIVERY = {
    **{"section": "三", "kind": "count", "criterion": "at_least", "tolerance": "0", "headline": "no", "group": "life"},
    **{"season": "hiring", "reference_class": "jobs", "source": "s", "name_en": "Some"},
}


def tell(warnings: object) -> list[str]:
    return [str(fault).rpartition("/")[2] for fault in warnings]  # type: ignore[attr-defined]


def ask(folder: Path, **tables: str) -> list[str]:
    """Read a plan with some tables written anew, for what is asked."""
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return tell(read_plan(folder).warnings)


def add_target(**cells: str) -> str:
    """Write the targets of the small plan, and one row more."""
    columns = list(TARGET_COLUMNS)
    rows = [line.split(",") for line in TABLES["targets.csv"].splitlines()]
    given = [{**dict(zip(rows[0], row, strict=True)), "kind": "growth"} for row in rows[1:]]
    lines = [",".join(row.get(column, "") for column in columns) for row in [*given, {**DELIVERY, **cells}]]
    return "\n".join([",".join(columns), *lines]) + "\n"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("增长5.5%左右", "增长5%左右", "2:8: gdp_growth: 5.5 %, and its sentence says 5 %"),
        ("about,5.5", "about,6", "2:8: gdp_growth: 6 %, and its sentence says 5.5 %"),
        (
            "增长5.5%左右",
            "growth of at least 5.5 per cent",
            "2:7: gdp_growth: criterion 'about', and its sentence says",
        ),
        ("增长5.5%左右", "不低于5.5%", "2:7: gdp_growth: criterion 'about', and its sentence says 'at_least'"),
        ("增长5.5%左右", "增长5%—5.5%", "2:8: gdp_growth: 5.5 % alone, and its sentence says a range"),
        ("增长5.5%左右", "下降5.5%左右", "2:8: gdp_growth: growth of 5.5 %, and its sentence says a fall; write -5.5"),
        ("at_least,5,", "at_most,5,", "both cannot be meant"),
        ("about,5.5", "about,-5.5", "2:8: target gdp_growth: -5.5 %, after 5.9 in 2023; a minus too many?"),
        ("about,5.5", "about,1.055", "2:8: target gdp_growth: 1.055 %; a ratio to last year? growth would be 5.5"),
        ("about,5.5", "about,157.6", "2:8: target gdp_growth: 157.6 %; a level, or of something else?"),
    ],
)
def test_a_target_is_held_against_its_own_sentence_and_last_year(
    two_indicator_plan: WritePlan, tmp_path: Path, before: str, after: str, told: str
) -> None:
    folder = two_indicator_plan(tmp_path, targets=(before, after))
    try:
        asked = tell(read_plan(folder).warnings)
    except InputError as refused:
        asked = [str(refused)]
    assert any(told in each for each in asked), asked


@pytest.mark.parametrize(
    "phrase",
    [
        "增长5.5%左右",
        "GDP up around 5.5 per cent",
        "全市规模以上企业带动增长5.5%左右",
        "增长百分之五点五",
        "约5.5%",
        "５．５％",
    ],
)
def test_a_sentence_that_says_the_same_asks_nothing(two_indicator_plan: WritePlan, tmp_path: Path, phrase: str) -> None:
    assert read_plan(two_indicator_plan(tmp_path, targets=("增长5.5%左右", phrase))).warnings == ()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (
            {"phrase": "新增就业35万人以上", "value": "350", "unit": "万人"},
            "4:8: extra: 350 万人, and its sentence says 35万",
        ),
        (
            {"phrase": "新增就业35万人以上", "value": "35", "unit": "人"},
            "4:8: extra: 35 人, and its sentence says 35万",
        ),
        (
            {"phrase": "100,000 new homes", "value": "10000", "unit": "homes"},
            "4:8: extra: 10000 homes, and its sentence",
        ),
        ({"phrase": "道路死亡120人以内", "value": "120", "unit": "人"}, "its sentence says 'at_most'"),
        (
            {"phrase": "120 deaths", "name_en": "Road deaths", "value": "120", "unit": "人"},
            "of which less may be better",
        ),
        ({"phrase": "新增就业35万人以上", "value": "350000", "unit": "人"}, ""),
        ({"phrase": "实施十项工程、5G基站", "value": "10", "unit": "项"}, ""),
        ({"phrase": "0.35 million jobs", "value": "35", "unit": "万人"}, ""),
    ],
)
def test_a_count_is_held_against_its_own_sentence(
    two_indicator_plan: WritePlan, tmp_path: Path, cells: dict[str, str], told: str
) -> None:
    row = add_target(id="extra", **{key: f'"{cell}"' for key, cell in cells.items()})
    asked = ask(two_indicator_plan(tmp_path), targets=row)
    assert any(told in each for each in asked) if told else asked == [], asked


def test_one_promise_in_two_rows_is_asked_about(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    folder = two_indicator_plan(tmp_path)
    again = {"id": "again", "kind": "growth", "indicator": "gdp", "criterion": "about", "unit": "%", "season": ""}
    again |= {"reference_class": "", "phrase": "GDP"}
    assert "again: about 5.5 % of gdp, as in gdp_growth" in ask(folder, targets=add_target(value="5.5", **again))[0]
    assert (
        "again: about 6 % of gdp, where 5.5 is in gdp_growth" in ask(folder, targets=add_target(value="6", **again))[0]
    )
    step = {**again, "criterion": "in_step", "unit": "", "reference": "gdp"}
    with pytest.raises(InputError, match=r"4:22: 'gdp' in step with itself is always met"):
        ask(folder, targets=add_target(**step))


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"indicators": ("real,5.9", "real,-5.9")}, "targets.csv:2:8: target gdp_growth: 5.5 %, after -5.9 in 2023"),
        ({"indicators": ("real,5.9", "real,1.059")}, "indicators.csv:2:6: gdp 2023: 1.059 %; a ratio to last year?"),
        ({"indicators": ("higher,-0.3", "higher,5.6")}, "gdp: momentum of 5.6 beside 5.9 %; the last quarter's figure"),
        ({"quarters": ("assumed,,0,", "assumed,,5.9,")}, "quarters.csv:2:6: gdp: base effects add 1.3 points"),
    ],
)
def test_signs_ratios_and_whole_figures_are_asked_about(
    two_indicator_plan: WritePlan, tmp_path: Path, tables: dict[str, tuple[str, str]], told: str
) -> None:
    asked = tell(read_plan(two_indicator_plan(tmp_path, **tables)).warnings)  # type: ignore[arg-type]
    assert any(told in each for each in asked), asked


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Twin,2024,gdp,5.5,~,5.7,%,s", "4:6: Twin gdp: an outcome of 2024, in a plan of 2024; left out"),
        ("Twin,2026,gdp,5.5,~,,%,s", "4:2: Twin gdp: a target of 2026, in a plan of 2024; left out"),
        ("Twin,2020,gdp,6,~,-5.2,%,s", "4:6: Twin 2020 gdp, outcome: -5.2 %, where 6 was promised; a minus too many?"),
        ("Twin,2020,gdp,6,<=,5.2,%,s", "4:5: 2020 gdp: '<=', and higher is better in indicators.csv"),
        ("Twin,2020,gdp,6,~,6.2,% nominal,s", "4:7: Twin 2020 gdp in '% nominal', and gdp is real"),
        ("Elsewhere,2020,gdp,6,~,6.2,%（现价）,s", "4:7: Elsewhere 2020 gdp in '%(现价)', and gdp is real"),
    ],
)
def test_history_that_does_not_count_or_counts_otherwise_is_told(
    two_indicator_plan: WritePlan, tmp_path: Path, row: str, told: str
) -> None:
    asked = ask(two_indicator_plan(tmp_path), history=f"{HISTORY}{row}\n")
    assert any(told in each for each in asked), asked


@pytest.mark.parametrize("unit", ["% mom", "%环比", "% qoq, annualised", "% saar"])
def test_growth_on_the_quarter_before_is_refused(two_indicator_plan: WritePlan, tmp_path: Path, unit: str) -> None:
    folder = two_indicator_plan(tmp_path)
    with pytest.raises(InputError, match="growth on the month or quarter before; write growth on the year before"):
        ask(folder, history=f'{HISTORY}Twin,2020,gdp,6,~,6.2,"{unit}",s\n')


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2025,forecast,4.4,%,2024-01-30,bank", "4:1: forecast for 2025, in a plan of 2024; left out"),
        ("2024,announced,5.0,%,2025-01-17,office", "4:1: growth announced for 2024, in a plan of 2024; left out"),
        (
            "2022,announced,3.0,%,2022-10-17,office",
            "4:5: growth of 2022 announced in 2022-10, before that year",
        ),
        ("2024,forecast,9.6,%,2024-01-12,bank", "4:3: forecast for 2024: 9.6 %, 4.6 by another"),
        ("2024,forecast,-4.6,%,2024-01-12,bank", "4:3: forecast for 2024: -4.6 %, 4.6 by another"),
        ("2024,forecast,4.2,%,2023-10-10,fund", "4:3: forecast for 2024 of one source twice: 4.2 % and 4.6 %"),
        ('2024,forecast,4.4,%,,"bank, outlook of June 2024"', "4:5: forecast for 2024 published in 2024-06: not known"),
        ("2024,forecast,4.4,%,,某行2024年5月报告", "4:5: forecast for 2024 published in 2024-05: not known"),
    ],
)
def test_an_outlook_that_the_year_began_without_is_told(
    two_indicator_plan: WritePlan, tmp_path: Path, row: str, told: str
) -> None:
    asked = ask(two_indicator_plan(tmp_path), outlook=f"{OUTLOOK}{row}\n")
    assert any(told in each for each in asked), asked


def test_an_outlook_of_other_series_is_refused_and_of_an_unnamed_country_told(
    two_indicator_plan: WritePlan, tmp_path: Path
) -> None:
    folder = two_indicator_plan(tmp_path)
    for column, cell in (("indicator", "CPI"), ("Subject Descriptor", "Inflation"), ("指标", "失业率")):
        named = OUTLOOK.replace("source\n", f"source,{column}\n", 1).replace("office\n", "office,GDP growth\n")
        with pytest.raises(InputError, match=f"outlook.csv:3:7: '{cell}' among what is expected of the country"):
            ask(folder, outlook=named.replace("fund\n", f"fund,{cell}\n"))
    placed = re.sub("(office|fund)\n", r"\1,Japan\n", OUTLOOK.replace("source\n", "source,country\n", 1))
    assert "forecasts for Japan, and plan.csv names no country" in ask(folder, outlook=placed)[0]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["2024-04-18,Q1,gdp,105.2,%,,,s"], "2:4: gdp Q1: 105.2 %; an index, last year = 100? growth would be 5.2"),
        (["2024-04-18,Q1,gdp,0.052,%,,,s"], "2:4: gdp Q1: 0.052 %; a share? in % it would be 5.2"),
        (["2024-04-18,Q1,gdp,1.052,%,,,s"], "2:4: gdp Q1: 1.052 %; a ratio to last year? growth would be 5.2"),
        (["2024-04-18,Q1,gdp,-5.2,%,,,s"], "2:4: gdp Q1: -5.2 %, after 5.9 in 2023; a minus too many?"),
        (["2024-04-18,Q1,gdp,52,%,,,s"], "2:4: gdp Q1: 52 %; ten times too much?"),
        (["2025-04-18,Q1,gdp,5.2,%,,,s"], "2:1: gdp Q1: first printed on 2025-04-18; Q1 ended on 2024-03-31"),
        (["2024-04-18,Q1,gdp,5.2,%,1,,s"], "2:6: gdp Q1: 5.2 is not printed to 1"),
        (["2024-04-18,Q1,gdp,5.2,%,,,s", "2024-07-18,H1,gdp,0.2,%,,,s"], "3:4: gdp H1 0.2 % after gdp Q1 5.2 %"),
    ],
)
def test_a_published_figure_that_looks_like_a_slip_is_asked_about(
    two_indicator_plan: WritePlan, tmp_path: Path, rows: list[str], told: str
) -> None:
    folder = two_indicator_plan(tmp_path)
    table = "\n".join(["date,period,series,value,unit,step,status,source", *rows]) + "\n"
    (folder / "published.csv").write_text(table, encoding="utf-8")
    asked = tell(read_published(read_plan(folder)).warnings)
    assert any(told in each for each in asked), asked
    assert any(told in line for line in check_plan(folder).tell())


def test_a_figure_in_growth_on_the_quarter_is_refused_by_lint_too(
    two_indicator_plan: WritePlan, tmp_path: Path
) -> None:
    folder = two_indicator_plan(tmp_path)
    table = "date,period,series,value,unit,step,status,source\n2024-04-18,Q1,gdp,1.4,% qoq,,,s\n"
    (folder / "published.csv").write_text(table, encoding="utf-8")
    walk = check_plan(folder)
    assert any("published.csv:2:5: '% qoq' is growth on the month or quarter before" in line for line in walk.tell())
    assert walk.left > 0


@pytest.mark.parametrize("month", ["²", "4月", "13", "0", "4.0"])
def test_a_month_that_is_none_is_refused(two_indicator_plan: WritePlan, tmp_path: Path, month: str) -> None:
    folder = two_indicator_plan(tmp_path, plan=("year,2024,s\n", f"year,2024,s\nfirst_month,{month},s\n"))
    with pytest.raises(InputError, match="is not a month; write a number from 1 to 12"):
        read_plan(folder)


@pytest.mark.parametrize("name", ["qingdao-2024", "china-2024"])
def test_shipped_plans_and_figures_are_not_asked(name: str) -> None:
    plan = sim.read_plan(name)
    assert plan.warnings == ()
    if name == "qingdao-2024":
        assert read_published(plan, "qingdao-2024-h1").warnings == ()
