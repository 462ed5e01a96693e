"""The fit: the shipped file is re-created, every number says where it comes from, little data means the prior."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from sim.cli import main
from sim.errors import InputError, OutputError
from sim.inputs.bundled import find_plan, list_plans
from sim.inputs.calibration import Calibration, read_calibration, read_prior
from sim.inputs.numbers import Evidence
from sim.inputs.plan.past import recall_history, recall_outlook
from sim.inputs.plan.plan import Plan
from sim.learning.annual_forecast import forecast_year
from sim.learning.annual_law import locate
from sim.learning.fit import fit_calibration, write_calibration
from sim.learning.panel import TRANSFORMS, read_panel
from sim.learning.track_record import list_verdicts
from sim.model.growth import build_law, compute_moments
from sim.views.terminal.record import print_trust


@pytest.fixture(scope="module")
def fitted(plan: Plan) -> Calibration:
    return fit_calibration(plan)


def test_a_faulty_prior_is_named(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "prior.yaml"
    text = (plan.folder / "prior.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("persistence: {value: 0.738", "persistence: {value: 7.38", 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"7\.38 is out of range"):
        read_prior(path, plan)


def test_a_file_of_somebody_else_is_left_alone(plan: Plan, fitted: Calibration, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(OutputError, match="is not as this program wrote it"):
        write_calibration(fitted, tmp_path / "thesis.txt", plan)
    with pytest.raises(OutputError, match="is a folder"):
        write_calibration(fitted, tmp_path, plan)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    path = write_calibration(fitted, tmp_path / "calibration.yaml", plan)
    path.write_text(path.read_text(encoding="utf-8").replace("sd: 0", "sd: 1", 1), encoding="utf-8")
    with pytest.raises(OutputError, match="is not as this program wrote it"):
        write_calibration(fitted, path, plan)
    write_calibration(fitted, path, plan, force=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", list_plans())
def test_one_command_re_creates_the_shipped_calibration_byte_for_byte(name: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["calibrate", "--plan", name, "--out", str(tmp_path / "new.yaml")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "new.yaml").read_bytes() == (find_plan(name) / "calibration.yaml").read_bytes()
    assert max(len(line) for line in result.output.splitlines()[:-1]) <= 80


def test_what_is_written_reads_back_the_same(plan: Plan, fitted: Calibration, tmp_path: Path) -> None:
    path = write_calibration(fitted, tmp_path / "calibration.yaml", plan)
    assert read_calibration(path, plan) == fitted
    assert fit_calibration(plan) == fitted


def test_every_fitted_number_says_how_much_came_from_data(fitted: Calibration) -> None:
    for numbers in fitted.indicators.values():
        for name in ("centre", "trend_sd", "trend_common"):
            number = getattr(numbers, name)
            assert number.is_fitted
            assert number.evidence.endswith("% prior"), number.evidence
            assert number.sd > 0
    gdp, industry = fitted.indicators["gdp"].centre, fitted.indicators["industrial_value_added"].centre
    assert gdp.panel.n == 288
    assert gdp.own == Evidence(n=2, years=(2022, 2023), weight=gdp.own.weight)
    assert gdp.panel.weight > 0.5 > 0.1 > gdp.own.weight > 0
    assert industry.panel is industry.own is None
    assert [fitted.indicators[name].centre.panel.n for name in ("budget_revenue", "retail_sales")] == [14, 11]
    assert industry.evidence == "nothing from own targets, as none has an outcome; 100% prior"


def test_the_weight_of_the_data_is_the_variance_that_they_take_away(plan: Plan) -> None:
    forecast = forecast_year(plan, plan.find_indicator("gdp"), recall_history(plan), recall_outlook(plan))
    bias = list(TRANSFORMS).index("bias")
    found = forecast.estimate(lambda mode: 2 * mode[bias])
    before, panel = forecast.base.sd[bias] ** 2, forecast.fitted.prior.sd[bias] ** 2
    after = forecast.fitted.covariance[bias, bias]
    assert found.sd == pytest.approx(2 * np.sqrt(after))
    assert found.own.weight == pytest.approx(1 - after / panel, abs=6e-4)
    assert found.panel.weight == pytest.approx(after / panel - after / before, abs=6e-4)


@pytest.mark.parametrize("field", ["centre", "trend_sd", "trend_common"])
def test_a_number_overridden_by_hand_claims_no_record(fitted: Calibration, field: str) -> None:
    numbers = fitted.indicators["gdp"]
    number = getattr(numbers, field)
    changed = numbers.model_copy(update={field: number.model_copy(update={"value": 0.95})})
    calibration = fitted.model_copy(update={"indicators": {**fitted.indicators, "gdp": changed}})
    gdp, revenue = list_verdicts(["gdp", "budget_revenue"], calibration)
    assert gdp.record is None
    assert gdp.words.endswith(f"given by hand, fitted {number.value:.2f}")
    assert revenue.record is not None


def test_the_terminal_sees_a_centre_changed_in_the_file_and_no_change_of_words(plan: Plan, tmp_path: Path) -> None:
    text = (plan.folder / "calibration.yaml").read_text(encoding="utf-8")
    before = "centre: {value: 5.156,"
    assert text.count(before) == 1
    files = {"as shipped": text, "in capitals": text.replace("leans", "LEANS").replace("prior:", "Prior:")}
    files["by hand"] = text.replace(before, "centre: {value: 9.5,")
    said = {}
    for name, content in files.items():
        (tmp_path / "calibration.yaml").write_text(content, encoding="utf-8")
        console = Console(width=120)
        with console.capture() as captured:
            print_trust(plan, console, read_calibration(tmp_path / "calibration.yaml", plan))
        said[name] = captured.get()
    assert said["as shipped"] == said["in capitals"]
    assert "Brier 0.208" in said["as shipped"]
    assert "Brier 0.208" not in said["by hand"]
    assert "never scored: given by hand, fitted 5.16" in said["by hand"]


def test_the_centre_by_hand(plan: Plan, fitted: Calibration) -> None:
    gdp = plan.find_indicator("gdp")
    reading = forecast_year(plan, gdp, recall_history(plan), recall_outlook(plan))
    p = {each.name: each.value for each in reading.fitted.parameters}
    outside = 5.9 + p["outlook_response"] * (4.55 - 5.2) - p["premium_reversion"] * (5.9 - 5.2)
    odds = p["lean"] / (1 - p["lean"]) + p["lean_surprise"] * (0.65**2 + 0.4**2)
    by_hand = outside + p["bias"] + odds / (1 + odds) * (5.5 - outside)
    assert fitted.indicators["gdp"].centre.value == pytest.approx(by_hand, abs=6e-4)


def test_the_spread_has_the_80_percent_interval_of_the_annual_law(plan: Plan) -> None:
    reading = forecast_year(plan, plan.indicators[0], recall_history(plan), recall_outlook(plan))
    spread, mode = reading.find_spread(reading.fitted.mode), reading.fitted.mode
    rng, here = np.random.default_rng(0), locate(mode, reading.features, 1.0)
    p = {each.name: each.value for each in reading.fitted.parameters}
    sample = p["common_sd"] * rng.standard_normal(400_000) + here.scale[0] * rng.standard_t(p["df"], 400_000)
    assert spread == pytest.approx(np.diff(np.quantile(sample, [0.1, 0.9]))[0] / 2 / 1.28155, rel=0.01)


def test_industry_goes_with_gdp_as_far_as_growth_accounting_says(plan: Plan, fitted: Calibration) -> None:
    gdp, industry = (fitted.indicators[name] for name in ("gdp", "industrial_value_added"))
    given = read_prior(plan.folder / "prior.yaml", plan).indicators["industrial_value_added"].gdp_correlation
    assert gdp.trend_common.value * industry.trend_common.value == pytest.approx(given.value, abs=1e-3)
    covariance = compute_moments(build_law(plan, fitted))[1]
    law = build_law(plan, fitted)
    year = np.einsum("qi,qirj,rj->ij", law.shares, covariance, law.shares)
    names = [each.id for each in plan.indicators]
    one, other = names.index("gdp"), names.index("industrial_value_added")
    spread = np.sqrt(np.diag(year))
    correlation = year[one, other] / spread[one] / spread[other]
    accounted = 0.25 * spread[other] / spread[one]  # a quarter of GDP is industry, the rest does not follow it
    assert accounted <= correlation <= 0.75


def test_what_the_panel_knows_of_a_place_is_not_counted_twice(plan: Plan) -> None:
    elsewhere = replace(
        plan,
        place_en="Elsewhere",
        history=tuple(row.model_copy(update={"region": "Elsewhere"}) for row in plan.history),
    )
    here, there = (
        forecast_year(each, plan.find_indicator("budget_revenue"), recall_history(each), recall_outlook(each)).fitted
        for each in (plan, elsewhere)
    )
    assert (here.years, there.years) == ((2022,), (2016, 2019, 2022))


def test_a_target_moves_its_own_indicator_alone(plan: Plan, fitted: Calibration) -> None:
    bare = fit_calibration(replace(plan, targets=tuple(each for each in plan.targets if each.id != "gdp")))
    assert "no target to lean on" in bare.indicators["gdp"].centre.source
    assert bare.indicators["gdp"].centre.value < fitted.indicators["gdp"].centre.value
    assert {**bare.indicators, "gdp": None} == {**fitted.indicators, "gdp": None}


def test_without_an_outlook_it_is_wider(plan: Plan, fitted: Calibration) -> None:
    blind = fit_calibration(replace(plan, outlook=()))
    for name, numbers in blind.indicators.items():
        assert numbers.trend_sd.value > fitted.indicators[name].trend_sd.value, name
    assert "no outlook" in blind.indicators["gdp"].centre.source


def test_without_history_it_is_the_panel_and_the_prior(plan: Plan) -> None:
    bare = fit_calibration(replace(plan, history=()))
    for numbers in bare.indicators.values():
        assert numbers.centre.own is None
    assert bare.indicators["gdp"].centre.source.startswith("5.9 in 2023")


def test_what_january_could_not_know_changes_nothing(plan: Plan, fitted: Calibration) -> None:
    row = plan.history[0]
    later = row.model_copy(update={"year": plan.year, "outcome": 99.0})
    announced = plan.outlook[0].model_copy(update={"year": plan.year, "kind": "announced", "value": 99.0})
    leaky = replace(plan, history=(*plan.history, later), outlook=(*plan.outlook, announced))
    assert fit_calibration(leaky) == fitted


def test_the_order_of_history_changes_nothing(plan: Plan, fitted: Calibration) -> None:
    assert fit_calibration(replace(plan, history=plan.history[::-1], outlook=plan.outlook[::-1])) == fitted


def test_an_indicator_of_another_name_is_calibrated_too(plan: Plan) -> None:
    gdp = plan.find_indicator("gdp")
    reading = forecast_year(plan, gdp.model_copy(update={"id": "exports"}), recall_history(plan), recall_outlook(plan))
    assert np.isnan(reading.features.target[0])
    assert reading.base == read_panel().priors["other"]


def test_the_parts_of_a_fitted_centre_add_up_to_it(plan: Plan) -> None:
    for numbers in fit_calibration(plan).indicators.values():
        parts = numbers.centre.parts
        assert parts is not None
        assert parts.start + sum(parts.steps.values()) == pytest.approx(numbers.centre.value, abs=0.004)
