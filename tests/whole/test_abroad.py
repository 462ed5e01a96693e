"""A plan of another country: nothing of China's is taken unsaid, and its own year, units and names stay."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small_tamil_nadu import write_tamil_nadu

import sim
from sim.cli import main
from sim.inputs.lent import list_lent
from sim.inputs.plan.past import recall_history
from sim.learning.annual_forecast import choose_law
from sim.learning.kind_laws import assume_numbers, measure_news
from sim.learning.loading import take_model
from sim.learning.track_record import list_verdicts
from sim.views import charts

OUTLOOK = "year,kind,value,unit,published,source\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tamil_nadu(tmp_path_factory.mktemp("abroad") / "tamil-nadu")


@pytest.fixture(scope="module")
def result(folder: Path) -> sim.Run:
    model = sim.load_model(folder, sim.fit_calibration(folder))
    return sim.run(model, "baseline", n_paths=4096, n_calibrations=16)


def call(*words: object) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_plan_runs_from_files_alone_and_reads_right_at_the_terminal(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "tamil-nadu"
    own.mkdir()
    for path in folder.rglob("*"):
        if path.is_file():
            (own / path.relative_to(folder)).parent.mkdir(exist_ok=True)
            (own / path.relative_to(folder)).write_bytes(path.read_bytes())
    call("calibrate", "--plan", own, "--out", own / "calibration.yaml")
    assert f"ready: sim run --plan {own}" in call("lint", own)
    told = call("run", "baseline", "--all", "--plan", own, "--no-charts", "--out", tmp_path / "out")
    assert "Tamil Nadu 2024-25: probability" in told
    assert "real: at prices of 2023-24" in told
    assert "(14.2 in 2023-24, lean" in " ".join(told.split())
    assert "2,721,571 3,157,022" in told
    assert "₹" in told
    for word in ("January", "Qingdao", "Brier", "Tamil Nadu Tamil Nadu", "provinces"):
        assert word not in told
    assert "what was scored are growth and promises of places of China" in told


def test_the_page_and_the_charts_name_the_year_and_no_other_country_s_record(result: sim.Run, tmp_path: Path) -> None:
    text = sim.write_report(result, tmp_path / "page.html", "en").read_text(encoding="utf-8")
    words = re.sub(r"<style>.*?</style>|<script.*?</script>", "", text, flags=re.S)
    assert "Tamil Nadu 2024-25" in words
    for word in ("January", "Qingdao", "Chinese provinces", "Save track_record", "Save scores"):
        assert word not in words
    assert "None of these odds has been scored" in words
    axes = charts.plot_fan(result["baseline"], "gdp")
    read = " ".join(each.get_text() for each in axes.figure.findobj(match=lambda each: hasattr(each, "get_text")))
    assert "2024-25: from its start to the quarter’s end" in " ".join(read.split())


def test_no_law_of_china_s_places_is_taken(result: sim.Run) -> None:
    plan, calibration = result.model.plan, result.model.calibration
    assert {choose_law(plan, each) for each in plan.indicators} == {"other"}
    assert all(each.centre.panel is None for each in calibration.indicators.values())
    assert not any("Qingdao" in str(each) for each in calibration.indicators.values())
    assert not any(each.record for each in list_verdicts([each.id for each in plan.indicators], calibration))
    assert result.model.warnings == ()


def test_nominal_growth_takes_no_law_of_real_growth_wherever_it_is() -> None:
    plan = sim.read_plan("qingdao-2024")
    gdp = plan.find_indicator("gdp")
    assert choose_law(plan, gdp) == "gdp"
    assert choose_law(plan, gdp.model_copy(update={"measure": "nominal"})) == "other"
    retail = plan.find_indicator("retail_sales").model_copy(update={"measure": "real"})
    assert choose_law(plan, retail) == "other"


@pytest.mark.parametrize(
    ("baseline", "least", "most"),
    [(0.1, 0.04, 0.1), (3.45, 0.2, 0.4), (5.2, 0.25, 0.5), (52.3, 0.6, 0.9), (120.0, 0.6, 0.9)],
)
def test_a_rate_moves_in_its_own_size(folder: Path, baseline: float, least: float, most: float) -> None:
    plan = sim.read_plan(folder)
    rate = plan.find_indicator("fiscal_deficit").model_copy(update={"baseline": baseline})
    numbers = assume_numbers(plan, rate, recall_history(plan))
    news = measure_news(plan, rate.id, numbers.innovation_sd.value, numbers.persistence.value)
    assert numbers.trend_sd is not None
    assert numbers.centre is not None
    assert numbers.centre.value == baseline
    assert least < float(np.hypot(numbers.trend_sd.value, news)) < most
    assert news < numbers.trend_sd.value


def test_news_measured_by_hand_is_that_of_the_model(result: sim.Run) -> None:
    law, plan = result.model.law, result.model.plan
    for place, indicator in enumerate(plan.indicators):
        own = float(np.hypot(law.innovation_common[place], law.innovation_own[place]))
        kept = float(law.persistence[place, place])
        later = [sum(law.shares[q + k, place] * kept**k for k in range(4 - q)) for q in range(4)]
        by_hand = own * float(np.sqrt(sum(each**2 for each in later)))
        assert measure_news(plan, indicator.id, own, kept) == pytest.approx(by_hand)


def test_news_far_beyond_what_is_said_of_the_year_is_questioned(folder: Path) -> None:
    plan = sim.read_plan(folder)
    calibration = sim.fit_calibration(plan)
    numbers = calibration.indicators["fiscal_deficit"]
    said = {
        "trend_sd": numbers.trend_sd.model_copy(update={"value": 0.1}),
        "innovation_sd": numbers.innovation_sd.model_copy(update={"value": 1.8}),
    }
    changed = {**calibration.indicators, "fiscal_deficit": numbers.model_copy(update=said)}
    model = sim.load_model(plan, calibration.model_copy(update={"indicators": changed}))
    assert "fiscal_deficit: a quarter's news of 1.8 spreads the year by" in str(model.warnings[0])


def test_an_outlook_of_another_country_is_refused_or_said(tmp_path: Path) -> None:
    shipped = (sim.read_plan("qingdao-2024").folder / "outlook.csv").read_text(encoding="utf-8-sig")
    lent = write_tamil_nadu(tmp_path / "lent", outlook=shipped)
    with pytest.raises(sim.InputError, match=r"outlook.csv:2:3: these are forecasts for China, and Tamil Nadu lies in"):
        sim.read_plan(lent)
    unsaid = write_tamil_nadu(tmp_path / "unsaid", country="", outlook=shipped)
    model = sim.load_model(unsaid, sim.fit_calibration(unsaid))
    assert "lent: outlook.csv holds forecasts for China" in str(model.warnings[0])
    assert "say in plan.csv which country Tamil Nadu lies in" in str(model.warnings[0])
    rows = "2023,announced,7.6,%,2024-05-31,office,{0}\n2024,forecast,6.5,%,2024-04-16,fund,{0}\n"
    header = OUTLOOK.replace("source", "source,country")
    own = write_tamil_nadu(tmp_path / "own", outlook=header + rows.format("India"))
    plan = sim.read_plan(own)
    assert len(plan.outlook) == 2  # a year from April knows what is published in April
    assert sim.load_model(plan, sim.fit_calibration(plan)).warnings == ()
    other = write_tamil_nadu(tmp_path / "other", outlook=header + rows.format("Japan"))
    with pytest.raises(sim.InputError, match="forecasts for Japan"):
        sim.read_plan(other)


def test_a_plan_that_turns_out_to_lie_abroad_is_fitted_anew_and_says_what_is_lent() -> None:
    model = sim.load_model("china-2024")
    plan = replace(model.plan, country="India", outlook=())
    moved = take_model(replace(model, plan=plan))
    assert "country was China when the calibration was fitted and is India" in str(moved.warnings[0])
    assert set(list_lent(plan, moved.calibration)) == {"records"}
    assert any("learned from promises of places of China" in str(each) for each in moved.warnings)
    unsaid = replace(sim.read_plan("qingdao-2024"), country="")
    assert set(list_lent(unsaid, sim.load_model("qingdao-2024").calibration)) == {"law", "outlook", "records"}


@pytest.mark.parametrize("country", ["", "India", "Viet Nam"])
def test_a_new_plan_abroad_is_lent_nothing_of_its_growth(tmp_path: Path, country: str) -> None:
    folder = tmp_path / "mine"
    sim.new_plan(folder, ["gdp", "fiscal_deficit", "retail_sales"], country)
    assert (folder / "outlook.csv").read_text(encoding="utf-8-sig").count("\n") == 1
    prior = (folder / "prior.yaml").read_text(encoding="utf-8")
    assert "indicators:" not in prior
    assert "rare_common_shock" not in (folder / "scenarios" / "baseline.yaml").read_text(encoding="utf-8")
    guide = (folder / "README.md").read_text(encoding="utf-8")
    assert "January" not in guide
    assert "China" not in guide
    wanted = country or "FILL IN"
    assert f"country,{wanted}" in (folder / "plan.csv").read_text(encoding="utf-8-sig")


def test_an_unknown_indicator_of_a_plan_in_china_takes_no_dynamics_of_retail_sales(tmp_path: Path) -> None:
    sim.new_plan(tmp_path / "mine", ["gdp", "share_of_services"], "China")
    prior = (tmp_path / "mine" / "prior.yaml").read_text(encoding="utf-8")
    assert "share_of_services" not in prior
    assert "as for Qingdao" in prior
    assert "as retail sales" not in prior
