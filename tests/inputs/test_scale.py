"""Sizes of figures: an index, a share, money or a slip of ten among figures in % is asked about, with its cell."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_plans import TABLES, WritePlan

import sim
from sim.cli import main
from sim.errors import InputError, QuestionWarning
from sim.inputs.history import read_history
from sim.inputs.outlook import read_outlook
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan
from sim.inputs.walkthrough import check_plan

HEADER = "region,year,indicator,target,comparator,outcome,unit,source\n"
SAID = "year,kind,value,unit,published,source\n"


def tell(warnings: object) -> list[str]:
    return [str(fault).rpartition("/")[2] for fault in warnings]  # type: ignore[attr-defined]


def count_quarters(indicator: str, figures: str) -> bytes:
    """Write the quarters of the two-indicator plan with cumulative figures of one indicator."""
    lines, given = TABLES["quarters.csv"].splitlines(), figures.split()
    for place, line in enumerate(lines):
        cells = line.split(",")
        if cells[0] == indicator:
            cells[4] = given.pop(0)
            lines[place] = ",".join(cells)
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("indicators", "real,5.9", "real,106.2", "indicators.csv:2:6: gdp 2023: 106.2 %; an index, last year = 100?"),
        ("indicators", "nominal,7.3", "nominal,0.073", "indicators.csv:3:6: retail_sales 2023: 0.073 %; a share? in %"),
        ("indicators", "higher,0.2", "higher,107.5", "indicators.csv:3:10: retail_sales: momentum of 107.5 beside 7.3"),
        ("targets", "about,5.5", "about,105.5", "targets.csv:2:8: target gdp_growth: 105.5 %; an index"),
        ("targets", "at_least,5,", "at_least,0.052,", "target retail_growth: 0.052 %; a share? in % it would be 5.2"),
        ("targets", "at_least,5,", "at_least,55,", "targets.csv:3:8: target retail_growth: 55 %; ten times too much?"),
        ("targets", ",%,0.2,", ",%,20,", "gdp_growth: within 20 of 5.5 %; a tolerance is in percentage points"),
    ],
)
def test_a_size_unlike_the_others_is_asked_about(
    two_indicator_plan: WritePlan, tmp_path: Path, file: str, before: str, after: str, told: str
) -> None:
    folder = two_indicator_plan(tmp_path, **{file: (before, after)})
    asked = tell(read_plan(folder).warnings)
    assert any(told in each for each in asked), asked


def test_what_is_asked_stands_in_lint_run_and_calibrate(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    folder = two_indicator_plan(tmp_path / "twin", targets=("about,5.5", "about,105.5"))
    told = "target gdp_growth: 105.5 %; an index, last year = 100? growth would be 5.5"
    assert any(told in line for line in check_plan(folder).tell())
    run = ["run", "--plan", str(folder), "--no-charts", "--calibrations", "0", "--out", str(tmp_path / "out")]
    answer = CliRunner().invoke(main, run)
    assert answer.exit_code == 0, answer.output
    assert answer.stderr.count(told) == 1
    assert "UserWarning" not in answer.stderr


def test_code_hears_what_files_are_asked(twin: Plan, two_indicator_plan: WritePlan) -> None:
    folder = two_indicator_plan(targets=("about,5.5", "about,105.5"))
    with pytest.warns(QuestionWarning, match=r"targets.csv:2:8: target gdp_growth: 105.5 %"):
        sim.run(folder, n_paths=300, n_points=64, n_calibrations=0)
    model = sim.load_model(twin)
    targets = (twin.targets[0].model_copy(update={"value": 105.5}), *twin.targets[1:])
    with pytest.warns(QuestionWarning, match=r"targets: gdp_growth gdp\.value: target gdp_growth: 105\.5 %; an index"):
        sim.run(replace(model, plan=replace(twin, targets=targets)), n_paths=300, n_points=64, n_calibrations=0)


@pytest.mark.parametrize(
    ("cumulative", "told"),
    [
        ("104.5 105.4 106.0 105.9", "quarters.csv:5:5: gdp from the start to the end of 2023: 105.9 % here, 5.9 in"),
        ("4.5 6.3 4.9 5.2", "gdp from the start to the end of 2023: 5.2 % here, 5.9 in indicators.csv line 2"),
    ],
)
def test_the_cumulative_figure_of_the_year_is_the_baseline(
    two_indicator_plan: WritePlan, tmp_path: Path, cumulative: str, told: str
) -> None:
    folder = two_indicator_plan(tmp_path, quarters=count_quarters("gdp", cumulative))
    with pytest.raises(InputError) as caught:
        read_plan(folder)
    assert any(told in each for each in tell(caught.value.faults))


def test_indices_before_the_last_quarter_are_asked_about(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    folder = two_indicator_plan(tmp_path, quarters=count_quarters("gdp", "104.5 105.4 6.0 5.9"))
    asked = tell(read_plan(folder).warnings)
    assert [each.split(";")[0] for each in asked] == [
        "quarters.csv:2:5: gdp to Q1 2023: 104.5 %",
        "quarters.csv:3:5: gdp to Q2 2023: 105.4 %",
    ]


def test_momentum_follows_from_cumulative_figures(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    """6.0 to the third quarter and 5.9 for the year mean 5.6 in the last, which is 0.3 less."""
    quarters = count_quarters("gdp", "6.2 6.1 6.0 5.9")
    assert not read_plan(two_indicator_plan(tmp_path / "right", quarters=quarters)).warnings
    wrong = two_indicator_plan(tmp_path / "wrong", quarters=quarters, indicators=("higher,-0.3", "higher,1.4"))
    (asked,) = tell(read_plan(wrong).warnings)
    assert "gdp: momentum 1.4, but 6 to Q3 and 5.9 for the year imply -0.3" in asked
    assert "quarters.csv line 4" in asked


@pytest.mark.parametrize("value", [640, 985])
def test_money_among_growth_is_told(tmp_path: Path, value: float) -> None:
    rows = "".join(f"A,{year},gdp,7,~,6.5,%,s\n" for year in range(2014, 2019))
    (tmp_path / "history.csv").write_text(HEADER + rows + f"A,2019,gdp,7,~,{value},,s\n", encoding="utf-8")
    told = f"history.csv:7:6: A 2019 gdp, outcome: {value} %; a level, perhaps in money? growth is due, in %"
    assert told in tell(read_history(tmp_path / "history.csv").warnings)


@pytest.mark.parametrize("unit", ["亿元", "share", "index", "crore"])
def test_a_history_in_another_unit_is_refused(tmp_path: Path, unit: str) -> None:
    rows = "".join(f"B,{year},gdp,700,~,{690 + year % 7},{unit},s\n" for year in range(2014, 2019))
    (tmp_path / "history.csv").write_text(HEADER + "A,2014,gdp,7,~,7,％,s\n" + rows, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_history(tmp_path / "history.csv")
    assert [(fault.line, fault.code) for fault in caught.value.faults] == [(line, "unit") for line in range(3, 8)]


def test_a_forecast_as_a_share_is_asked_about(tmp_path: Path) -> None:
    rows = "2022,announced,3.0,%,2023-01-17,s\n2023,announced,5.2,%,2024-01-17,s\n2024,forecast,4.6,%,2024-01-30,s\n"
    (tmp_path / "outlook.csv").write_text(f"{SAID}{rows}2024,forecast,0.045,%,2024-01-09,another\n", encoding="utf-8")
    (asked,) = tell(read_outlook(tmp_path / "outlook.csv").warnings)
    assert asked == "outlook.csv:5:3: forecast for 2024: 0.045 %; a share? in % it would be 4.5"


@pytest.mark.parametrize(("loading", "told"), [(-20, "20 points in one quarter"), (-0.004, "a share?")])
def test_a_shock_of_an_unseen_size_is_asked_about(twin: Plan, tmp_path: Path, loading: float, told: str) -> None:
    words = (
        "schema_version: 1\ntitle: {en: A, zh: 甲}\nwhy: w\nsources: [s]\nshocks:\n  storm:\n"
        "    title: {en: S, zh: 风}\n    probability: 0.2\n    onset: Q2\n    size: {law: fixed, value: 1}\n"
        f"    profile: pulse\n    loadings: {{gdp: {loading}}}\n    source: s\n"
    )
    (tmp_path / "storm.yaml").write_text(words, encoding="utf-8")
    scenario = sim.read_scenario(tmp_path / "storm.yaml", twin)
    assert tell(scenario.warnings)[0].startswith("storm.yaml:12:21: storm on gdp: ")
    assert told in tell(scenario.warnings)[0]
    mild = scenario.shocks["storm"].model_copy(update={"loadings": {"gdp": -2.0}})
    mended = replace(scenario, shocks={"storm": mild})
    harsh = replace(mended, shocks=scenario.shocks)
    with pytest.warns(QuestionWarning, match=r"scenario 'storm': shocks.storm.loadings.gdp: storm on gdp"):
        sim.run(sim.load_model(twin), harsh, n_paths=300, n_points=64, n_calibrations=0)
    sim.run(sim.load_model(twin), mended, n_paths=300, n_points=64, n_calibrations=0)


def test_shipped_plans_and_scenarios_are_not_asked() -> None:
    for name in ("qingdao-2024", "china-2024"):
        plan = read_plan(name)
        assert not plan.warnings
        assert not [each for scenario in sim.read_scenarios([], plan) for each in scenario.warnings]


@pytest.mark.parametrize(
    ("written", "value"),
    [("５.９", 5.9), ("5.9\u200b", 5.9), ("\u00a05.9", 5.9), ("+5.9", 5.9), ("5,900.5", 5900.5), ("−0.2", -0.2)],
)
def test_a_number_is_read_as_people_write_it(
    two_indicator_plan: WritePlan, tmp_path: Path, written: str, value: float
) -> None:
    column = "level" if value > 1000 else "baseline"
    before = "15760.34" if column == "level" else "real,5.9"
    after = f'"{written}"' if column == "level" else f"real,{written}"
    plan = read_plan(two_indicator_plan(tmp_path, indicators=(before, after)))
    assert getattr(plan.indicators[0], column) == value


def test_a_decimal_comma_is_told(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"indicators.csv:2:6: '5,9' has a comma in it; write 5.9"):
        read_plan(two_indicator_plan(tmp_path, indicators=("real,5.9", 'real,"5,9"')))


def test_a_fiscal_year_is_told(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text(HEADER + "A,2016-17,gdp,7,~,6,%,s\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"history.csv:2:2: '2016-17' is two years; write the one in which it begins, 2016"
    ):
        read_history(tmp_path / "history.csv")


def test_a_column_that_nothing_reads_is_told(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text(
        HEADER.replace("source", "source,note,country") + "A,2016,gdp,7,~,6,%,s,n,c\n"
    )
    assert any(
        "'country' is a column that nothing reads" in each
        for each in tell(read_history(tmp_path / "history.csv").warnings)
    )
    folder = two_indicator_plan(tmp_path / "plan")
    (folder / "outlook.csv").write_text(
        SAID.replace("source", "source,grade") + "2023,announced,5.2,%,2024-01-17,s,x\n"
    )
    assert any("outlook.csv:1:7: 'grade' is a column" in each for each in tell(read_plan(folder).warnings))
