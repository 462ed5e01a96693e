"""The national plan: rates and prices beside growth, targets where less is better, scenarios of its own."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.errors import InputError
from sim.inputs.bundled import list_plans
from sim.inputs.calibration import read_calibration, read_prior
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import direct
from sim.learning.fit import fit_calibration
from sim.results.run import Run
from sim.views.charts import plot_burn_up, plot_fan, write_charts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def nation() -> Plan:
    return sim.read_plan("china-2024")


@pytest.fixture(scope="module")
def national_run(nation: Plan) -> Run:
    return sim.run(sim.load_model(nation), sim.read_scenarios([], nation), n_paths=20_000, seed=2024, n_calibrations=0)


def find_odds(run: Run) -> pd.Series:
    printed = pd.concat([each.odds[each.odds.reading == "printed"] for each in run.attainments])
    return printed.set_index(["scenario", "target"]).probability


def test_both_shipped_plans_are_listed() -> None:
    assert list_plans() == ["china-2024", "qingdao-2024"]


def test_headline_targets_are_the_five_numbers_of_the_work_report(nation: Plan) -> None:
    goals = {each.id: (each.value, each.unit, each.criterion) for each in nation.headline}
    assert goals == {
        "gdp": (5, "%", "about"),
        "urban_jobs": (1200, "万人", "at_least"),
        "unemployment": (5.5, "%", "about"),
        "consumer_prices": (3, "%", "about"),
        "grain": (1.3, "万亿斤", "at_least"),
    }
    signs = {each.id: direct(nation, each) for each in nation.headline_growth}
    assert signs == {"gdp": 1, "unemployment": -1, "consumer_prices": -1}


def test_figures_of_2023_add_up(nation: Plan) -> None:
    for indicator in nation.indicators:
        quarters = nation.quarters[indicator.id]
        assert quarters[-1].cumulative == indicator.baseline
        assert sum(row.share for row in quarters) == pytest.approx(1, abs=1e-9)
    figures = {row.id: row.value for row in nation.figures}
    assert figures["grain_2023"] == pytest.approx(695.41e6 * 2000 / 1e12, abs=1e-5)  # a jin is half a kilogram
    singles = {"Q1": 4.5, "Q2": 6.3, "Q3": 4.9, "Q4": 5.2}
    shares = [row.share for row in nation.quarters["gdp"]]
    assert sum(s * g for s, g in zip(shares, singles.values(), strict=True)) == pytest.approx(5.2, abs=0.05)


def test_nothing_in_the_plan_is_of_later_than_march_2024(nation: Plan) -> None:
    assert max(row.year for row in nation.history) == 2023
    assert not [row for row in nation.outlook if row.year >= 2024 and row.kind == "announced"]


def test_shipped_calibration_is_what_calibrate_writes(nation: Plan) -> None:
    assert fit_calibration(nation) == read_calibration(nation.folder / "calibration.yaml", nation)


@pytest.mark.parametrize("file", ["prior.yaml", "calibration.yaml"])
def test_each_number_says_where_it_comes_from(nation: Plan, file: str) -> None:
    lines = (nation.folder / file).read_text(encoding="utf-8-sig").splitlines()
    numbers = [line for line in lines if "{value:" in line]
    assert len(numbers) > 25
    assert not [line for line in numbers if "source:" not in line]


def test_a_rate_cannot_be_fitted_by_the_law_of_growth(nation: Plan, tmp_path: Path) -> None:
    lines = (nation.folder / "prior.yaml").read_text(encoding="utf-8").splitlines()
    start = lines.index("  unemployment:")
    kept = [*lines[: start + 1], *lines[start + 4 :]]  # without centre, trend_sd and trend_common
    (tmp_path / "prior.yaml").write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_prior(tmp_path / "prior.yaml", nation)
    assert [fault.problem for fault in caught.value.faults] == [
        "'unemployment' is a rate, and the annual law is one of growth"
    ]
    (tmp_path / "prior.yaml").write_text("\n".join([*lines[: start + 1], *lines[start + 2 :]]), encoding="utf-8")
    with pytest.raises(InputError, match="'centre' is missing in unemployment; give all of"):
        read_prior(tmp_path / "prior.yaml", nation)


def test_odds_are_plausible_and_shocks_move_them_the_right_way(national_run: Run) -> None:
    odds = find_odds(national_run)
    base = odds["baseline"]
    assert 0.15 < base["gdp"] < 0.45  # forecasters expected 4.55
    assert 0.75 < base["urban_jobs"] < 0.95
    assert 0.85 < base["unemployment"] < 0.98
    assert base["consumer_prices"] > 0.98
    numbers = national_run.model.calibration.deliveries
    assert numbers is not None
    assert base["grain"] / (1 - numbers.doubt.value) > 0.99  # but for the doubt about what is reported
    assert odds["price-surge"]["consumer_prices"] < base["consumer_prices"] - 0.2
    for slump in ("export-slump", "property-slide"):
        assert odds[slump]["consumer_prices"] >= base["consumer_prices"] - 0.002
        for target in ("gdp", "urban_jobs", "unemployment"):
            assert odds[slump][target] < base[target] - 0.03, (slump, target)


def test_tolerance_of_a_ceiling_lies_above_it(national_run: Run) -> None:
    odds = national_run.attainments[0].odds.set_index(["target", "reading"]).probability
    for target in ("gdp", "unemployment", "consumer_prices"):
        assert odds[target, "stated"] < odds[target, "printed"] < odds[target, "tolerance"]


@pytest.mark.parametrize(
    ("indicator", "lang", "label"),
    [
        ("gdp", "en", "real growth on a year earlier, %"),
        ("unemployment", "en", "rate, mean since the year’s start, %"),
        ("unemployment", "zh", "年初以来平均，%"),
        ("consumer_prices", "en", "rise on a year earlier, %"),
        ("consumer_prices", "zh", "同比涨幅，%"),
    ],
)
def test_each_fan_names_its_measure(national_run: Run, indicator: str, lang: str, label: str) -> None:
    assert plot_fan(national_run.attainments[0], indicator, lang=lang).get_ylabel() == label


def test_all_charts_are_drawn_without_milestones(national_run: Run, tmp_path: Path) -> None:
    names = {path.stem for path in write_charts(national_run, tmp_path)}
    assert {
        "odds",
        "fan-gdp",
        "fan-unemployment",
        "fan-consumer_prices",
        "burn-up-urban_jobs",
        "burn-up-grain",
    } <= names
    assert "milestones" not in names


def test_title_of_a_very_likely_delivery_holds_a_number(national_run: Run) -> None:
    axes = plot_burn_up(national_run.attainments[0], "grain")
    assert axes.get_title("left") == "Grain output at least 1.3 trillion jin: very likely, 97.9 %"
    figure = axes.figure
    figure.canvas.draw()
    edge = figure.bbox.x1
    assert all(text.get_window_extent().x1 < edge for text in axes.texts)  # no label is cut


def call(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_run_prints_a_table_that_fits_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    words = ("--plan", "china-2024", "--paths", 5000, "--calibrations", 0, "--no-charts", "--out", tmp_path / "out")
    code, output = call("run", "--all", *words)
    assert code == 0
    assert output.startswith("China 2024: probability of each headline target as printed, %")
    for scenario in ("baseline", "export-slump", "price-surge", "property-slide"):
        assert f"\n{scenario} " in output
    assert "nan" not in output
    assert (
        output.count("never scored: assumed, not fitted") == 3
    )  # the record is that of the annual law, which did not say these years
    assert "Brier" not in output.split("counts Brier")[0]  # the records of deliveries and milestones come after
    grain = next(line for line in output.splitlines() if line.startswith("Grain output "))
    assert grain.split()[-3:] == ["97.9", "94.0", "97.1"]  # as printed; nothing is due in the first quarter
    cells = pd.read_csv(tmp_path / "out" / "attainment.csv")
    assert sorted(cells.scenario.unique()) == ["baseline", "export-slump", "price-surge", "property-slide"]


def test_a_plan_s_own_scenario_is_found_by_name(nation: Plan) -> None:
    assert "unemployment" in sim.read_scenario("baseline", nation).shocks["rare_common_shock"].loadings
    code, output = call("show", "price-surge", "--plan", "china-2024")
    assert code == 0
    assert "食品能源涨价" in output
    code, output = call("show", "price-surg", "--plan", "china-2024")
    assert code == 2
    assert "export-slump, price-surge, property-slide; did you mean 'price-surge'?" in output


def test_calibrate_says_that_given_numbers_are_not_fitted(tmp_path: Path) -> None:
    code, output = call("calibrate", "--plan", "china-2024", "--out", tmp_path / "calibration.yaml")
    assert code == 0
    assert output.count("assumed, not fitted") == 3
