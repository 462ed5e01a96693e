"""Places and indicators are known however people write them; one fact in two tables is one number."""

from pathlib import Path

import pytest
from small_plans import TABLES, WritePlan

import sim
from sim.errors import InputError, find_nearest
from sim.inputs.history import read_history
from sim.inputs.plan.past import recall_history
from sim.inputs.plan.reading import read_plan
from sim.views.series import list_history

HEADER = "region,year,indicator,target,comparator,outcome,unit,source\n"
YEARS = range(2017, 2023)


def write_history(folder: Path, region: str, indicator: str) -> Path:
    rows = "".join(f"{region},{year},{indicator},7,~,{6 + year % 3 / 2},%,s\n" for year in YEARS)
    (folder / "history.csv").write_text(HEADER + rows, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "region", ["Twin", "TWIN", "双城", "双城市", "Ｔｗｉｎ", "twin\u00a0City", "Twin\u200b", "Twin 双城"]
)
@pytest.mark.parametrize("indicator", ["gdp", "GDP", "生产总值", "地区生产总值", "GDP growth", "gdp_growth"])
def test_own_years_are_own_however_they_are_written(
    two_indicator_plan: WritePlan, tmp_path: Path, region: str, indicator: str
) -> None:
    plan = read_plan(write_history(two_indicator_plan(tmp_path), region, indicator))
    assert {(row.region, row.indicator) for row in plan.history} == {("Twin", "gdp")}
    assert [row.year for row in list_history(plan, "gdp")] == [*YEARS]
    history = recall_history(plan)
    assert set(history.region) == {"Twin"}
    assert not plan.warnings


@pytest.mark.parametrize(("region", "nearest"), [("Jinan", ""), ("Twinn", "Twinn"), ("双成", "")])
def test_another_place_is_never_ones_own(
    two_indicator_plan: WritePlan, tmp_path: Path, region: str, nearest: str
) -> None:
    plan = read_plan(write_history(two_indicator_plan(tmp_path), region, "gdp"))
    assert not list_history(plan, "gdp")
    own = recall_history(plan)
    assert [*own.outcome[own.region == "Twin"]] == [5.9, 7.3]  # the baselines alone
    (asked,) = plan.warnings
    assert "no row is of 'Twin' or '双城'" in asked.problem
    assert (f"is '{nearest}' the same place?" in asked.allowed) == bool(nearest)


@pytest.mark.parametrize("name", ["GDP", "Gross domestic product", "国内生产总值", " gdp "])
def test_one_indicator_has_one_record_whatever_its_name(tmp_path: Path, name: str) -> None:
    rows = "".join(f"{{}}{year},{{}},7,~,{6 + year % 3 / 2},%,s\n" for year in YEARS)
    tables = {}
    for called in ("gdp", name):
        path = tmp_path / f"{len(tables)}.csv"
        path.write_text(HEADER + "".join(line.format("A,", called) for line in rows.splitlines(True)), encoding="utf-8")
        tables[called] = sim.backtest(read_history(path), None, None, 2020, 2022).forecasts
    assert tables["gdp"].equals(tables[name])


def test_an_unknown_name_close_to_a_known_one_is_told(tmp_path: Path) -> None:
    write_history(tmp_path, "A", "retial sales")
    (asked,) = (fault for fault in read_history(tmp_path / "history.csv").warnings)
    assert (asked.line, asked.column, asked.nearest) == (2, 3, "retail_sales")


def test_two_spellings_of_one_year_are_one_fact(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    folder = two_indicator_plan(tmp_path)
    (folder / "history.csv").write_text(
        f"{HEADER}Twin,2020,gdp,7,~,6,%,s\n双城,2020,gdp,7,~,6.5,%,s\n", encoding="utf-8"
    )
    with pytest.raises(
        InputError, match=r"history.csv:3:2: 'Twin' is .*|.*'双城' is 'Twin'.* stands in line 2 already"
    ):
        read_plan(folder)


@pytest.mark.parametrize("outcome", ["5.1", "6.0"])
def test_the_baseline_and_the_history_are_one_fact(two_indicator_plan: WritePlan, tmp_path: Path, outcome: str) -> None:
    folder = two_indicator_plan(tmp_path)
    (folder / "history.csv").write_text(f"{HEADER}双城,2023,GDP,5.5,~,{outcome},%,s\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_plan(folder)
    (fault,) = caught.value.faults
    assert (Path(fault.file).name, fault.line, fault.column) == ("history.csv", 2, 6)
    assert f"gdp 2023: {float(outcome):g} % here, 5.9 in indicators.csv line 2" in fault.problem


def test_tables_of_a_plan_name_an_indicator_in_any_of_its_names(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    quarters = TABLES["quarters.csv"].replace("\ngdp,", "\n生产总值,").replace("\nretail_sales,", "\nRetail sales,")
    targets = TABLES["targets.csv"].replace("生产总值,gdp,about", "生产总值,GDP,about")
    plain = read_plan(two_indicator_plan(tmp_path / "plain"))
    named = read_plan(two_indicator_plan(tmp_path / "named", quarters=quarters.encode(), targets=targets.encode()))
    assert (named.quarters, named.targets) == (plain.quarters, plain.targets)


def test_a_miss_in_capitals_is_told_with_the_nearest_name() -> None:
    assert find_nearest("Retail_Sale", ["gdp", "retail_sales"]) == "retail_sales"
    with pytest.raises(InputError, match=r"unknown indicator 'GDP'; .* did you mean 'gdp'?"):
        sim.scenario("baseline", name="m", plan="qingdao-2024", shocks={"rare_common_shock": {"loadings": {"GDP": -1}}})
