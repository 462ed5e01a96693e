"""Scenarios, models and calibrations built or changed in code pass the door of a file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.building import check_scenario
from sim.inputs.scenario.reading import ORDINARY, Scenario
from sim.learning.loading import take_model
from sim.model.model import Model

STORM: dict[str, Any] = {
    "title": {"en": "Storm", "zh": "风暴"},
    "probability": 0.3,
    "onset": "Q2",
    "size": {"law": "lognormal", "interval_90": [0.5, 2.0]},
    "profile": "step",
    "loadings": {"gdp": -0.4, "retail_sales": "-0.3 pp"},
    "source": "an example",
}
FILE = """\
schema_version: 1
extends: export-slump
title: {en: Mine, zh: 我的}
why: An example.
sources: [an example]
shocks:
  rare_common_shock: null
  export_slump: {probability: 0.5, loadings: {gdp: null, retail_sales: -0.2}}
  storm:
    title: {en: Storm, zh: 风暴}
    probability: 0.3
    onset: Q2
    size: {law: lognormal, interval_90: [0.5, 2.0]}
    profile: step
    loadings: {gdp: -0.4, retail_sales: -0.3 pp}
    source: an example
"""


@pytest.fixture
def slump(plan: Plan) -> Scenario:
    return sim.read_scenario("export-slump", plan)


def change_slump(slump: Scenario, **changes: object) -> Scenario:
    shock = slump.shocks["export_slump"].model_copy(update=changes)
    return replace(slump, shocks={**slump.shocks, "export_slump": shock})


def test_code_builds_what_a_file_says(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(FILE, encoding="utf-8")
    built = sim.scenario(
        "export-slump",
        name="mine",
        plan=plan,
        title={"en": "Mine", "zh": "我的"},
        why="An example.",
        sources=["an example"],
        shocks={
            "rare_common_shock": None,
            "export_slump": {"probability": 0.5, "loadings": {"gdp": None, "retail_sales": -0.2}},
            "storm": STORM,
        },
    )
    read = sim.read_scenario(tmp_path / "mine.yaml", plan)
    assert replace(built, files=()) == replace(read, files=())
    assert list(built.shocks) == list(read.shocks)
    assert (built.given, read.given) == (None, str(tmp_path / "mine.yaml"))


def test_a_shock_takes_the_place_of_an_inherited_one_whole(plan: Plan, slump: Scenario) -> None:
    shock = slump.shocks["export_slump"].model_copy(update={"loadings": {"gdp": -1.0}})
    for base in (slump, "export-slump"):
        built = sim.scenario(base, name="mine", plan=plan, shocks={"export_slump": shock})
        assert built.shocks["export_slump"].loadings == {"gdp": -1.0}
        assert (built.title_en, built.why_zh, built.sources) == (slump.title_en, slump.why_zh, slump.sources)


def test_a_scenario_needs_no_base(plan: Plan) -> None:
    told = {"title": {"en": "Mine", "zh": "我的"}, "why": "An example.", "sources": ["an example"]}
    built = sim.scenario(name="mine", plan="qingdao-2024", shocks={"storm": STORM}, **told)
    assert built.shocks["storm"].loadings == {"gdp": -0.4, "retail_sales": -0.3}
    with pytest.raises(sim.InputError) as caught:
        sim.scenario(name="mine", plan=plan, shocks={"storm": STORM})
    assert [str(fault) for fault in caught.value.faults] == [
        f"scenario 'mine': key '{key}' is missing" for key in ("sources", "title", "why")
    ]


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"loadings": {"gpd": -1}}, ".loadings.gpd", "unknown indicator 'gpd'; allowed: .*; did you mean 'gdp'?"),
        ({"probability": 7}, ".probability", "7 is out of range; allowed: at most 1"),
        ({"probability": -1}, ".probability", "-1 is out of range; allowed: at least 0"),
        ({"probability": True}, ".probability", "'true' is not a number"),
        ({"probability": np.float64("nan")}, ".probability", "nan is not a number"),
        ({"loadings": {"gdp": "0.8%"}}, ".loadings.gdp", "'0.8%' is in %, a loading is in percentage points"),
        ({"onset": {"Q1": 0.5, "Q3": 0.4}}, ".onset", "the onset weights sum to 0.9; they must sum to 1"),
        ({"onset": "Q5"}, ".onset", "unknown quarter 'Q5'; the year has Q1, Q2, Q3, Q4"),
        ({"size": {"law": "gaussian"}}, ".size", "unknown 'gaussian'; allowed: fixed, normal"),
        ({"size": {"law": "normal", "mean": 1}}, ".size", "law normal needs mean and sd"),
        ({"profile": "slope"}, ".profile", "unknown 'slope'; allowed: pulse, step"),
        ({"speed": {"charging_pile": -0.2}}, ".speed.charging_pile", ".*did you mean 'charging_piles'?"),
        ({"probability": None}, "", "a shock needs either a probability or depends_on"),
        ({"tarif": 1}, ".tarif", "unknown key 'tarif'; allowed: title"),
        ({"size": None}, "", "key 'size' is missing"),
    ],
)
def test_no_copy_gets_past_the_run_unchecked(
    model: Model, slump: Scenario, changes: dict[str, object], place: str, words: str
) -> None:
    scenario = change_slump(slump, **changes)
    draws = sim.draw(model, 10)
    doors = [
        lambda: sim.run(model, scenario, n_paths=10),
        lambda: sim.simulate(model, scenario, draws),
        lambda: sim.scenario(scenario, name="export-slump", plan=model.plan),
    ]
    at = f"scenario 'export-slump': shocks.export_slump{place}: "
    for enter in doors:
        with pytest.raises(sim.InputError) as caught:
            enter()
        told = str(caught.value)
        assert told.startswith(at), told
        head, _, tail = words.partition(".*")
        assert head in told, told
        assert tail in told, told


def test_what_is_sound_is_put_in_order_and_else_left_as_it_is(model: Model, plan: Plan, slump: Scenario) -> None:
    assert check_scenario(slump, plan) is slump
    assert check_scenario(ORDINARY, plan) is ORDINARY
    chance = {"shock": "export_slump", "probability_if_happened": 0.7, "probability_if_not": 0.2}
    child = {**STORM, "depends_on": chance}
    del child["probability"]
    early = replace(slump, shocks={"a_storm": child, **slump.shocks})  # type: ignore[dict-item]
    assert list(check_scenario(early, plan).shocks) == ["export_slump", "a_storm", "rare_common_shock"]
    late = replace(slump, shocks={**slump.shocks, "a_storm": child})  # type: ignore[dict-item]
    assert list(check_scenario(late, plan).shocks) == [*slump.shocks, "a_storm"]
    one, other = (sim.run(model, each, n_paths=100, n_calibrations=0) for each in (early, late))
    assert one["export-slump"].met.shape == other["export-slump"].met.shape
    np.testing.assert_allclose(one["export-slump"].met, other["export-slump"].met, atol=0.01)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shocks": None}, "shocks: nothing stands where a mapping is due"),
        ({"title_en": 3}, "title.en: 3 stands where a text is due"),
        ({"sources": ()}, "sources: the list has 0 items; allowed: at least 1"),
        ({"why": " "}, "why.en: the text is empty"),
    ],
)
def test_words_of_a_scenario_are_checked_too(plan: Plan, slump: Scenario, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(sim.InputError) as caught:
        check_scenario(replace(slump, **changes), plan)
    assert words in str(caught.value)


def test_values_that_no_file_could_hold_are_refused_in_words(plan: Plan) -> None:
    endless: dict[str, Any] = {}
    endless["size"] = endless
    with pytest.raises(sim.InputError, match=r"scenario 'mine': a value within itself, or nested too deeply"):
        sim.scenario("baseline", name="mine", plan=plan, shocks={"storm": endless})
    for name in ("", "two\nlines", 3):
        with pytest.raises(sim.InputError, match=r"^name: .* is no name"):
            sim.scenario("baseline", name=name, plan=plan)  # type: ignore[arg-type]
    with pytest.raises(sim.InputError, match=r"^base: an object of type int stands where a scenario is due"):
        sim.scenario(3, name="mine", plan=plan)  # type: ignore[arg-type]
    with pytest.raises(sim.InputError, match=r"^plan: an object of type int stands where a plan is due"):
        sim.scenario("baseline", name="mine", plan=3)  # type: ignore[arg-type]


def change_gdp(model: Model, **changes: object) -> sim.Calibration:
    numbers = model.calibration.indicators["gdp"].model_copy(update=changes)
    return model.calibration.model_copy(update={"indicators": {**model.calibration.indicators, "gdp": numbers}})


def test_a_changed_calibration_moves_the_laws_of_a_model(model: Model) -> None:
    numbers = model.calibration.indicators["gdp"].innovation_sd
    wider = change_gdp(model, innovation_sd=numbers.model_copy(update={"value": 3 * numbers.value}))
    built = sim.load_model(model.plan, wider)
    copied = take_model(replace(model, calibration=wider))
    assert built.law.innovation_own[0] == copied.law.innovation_own[0] > model.law.innovation_own[0]
    assert take_model(model) is model
    draws = [
        sim.simulate(each, "baseline", sim.draw(each, 1000)) for each in (built, replace(model, calibration=wider))
    ]
    np.testing.assert_array_equal(draws[0].figures, draws[1].figures)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"persistence": 1.5}, "persistence: 1.5 stands where a mapping is due"),
        ({"innovation": 1}, "innovation: unknown key 'innovation'"),
    ],
)
def test_a_changed_calibration_is_checked(model: Model, changes: dict[str, object], words: str) -> None:
    calibration = change_gdp(model, **changes)
    for enter in (
        lambda: sim.load_model(model.plan, calibration),
        lambda: sim.run(replace(model, calibration=calibration), "baseline"),
        lambda: sim.draw(replace(model, calibration=calibration)),
    ):
        with pytest.raises(sim.InputError) as caught:
            enter()
        assert str(caught.value).startswith(f"calibration: indicators.gdp.{words}"), caught.value


def test_bounds_and_names_of_a_calibration_hold_in_code(model: Model) -> None:
    number = model.calibration.indicators["gdp"].persistence.model_copy(update={"value": 1.5})
    with pytest.raises(sim.InputError, match=r"indicators.gdp.persistence.value: 1.5 is out of range"):
        sim.load_model(model.plan, change_gdp(model, persistence=number))
    others = {name: each for name, each in model.calibration.indicators.items() if name != "gdp"}
    with pytest.raises(sim.InputError, match=r"calibration: indicators: 'gdp' is missing in indicators"):
        sim.load_model(model.plan, model.calibration.model_copy(update={"indicators": others}))
    with pytest.raises(sim.InputError, match=r"^calibration: an object of type int stands where a calibration is due"):
        sim.load_model(model.plan, 3)  # type: ignore[arg-type]


def test_a_changed_plan_is_checked_and_its_laws_are_built(model: Model, plan: Plan) -> None:
    few = replace(model, plan=replace(plan, targets=plan.headline))
    whole = sim.read_scenario("baseline", plan)  # names targets that are no longer there
    assert sim.run(few, whole, n_paths=100, n_calibrations=0)["baseline"].met.shape[1] == len(plan.headline)
    with pytest.raises(
        sim.InputError, match=r"scenario 'other': .*speed.grain: unknown target, class or group 'grain'"
    ):
        sim.run(few, replace(whole, name="other"))
    broken = plan.headline[0].model_copy(update={"value": float("inf")})
    with pytest.raises(sim.InputError, match=r"targets: gdp.value: inf is not a number"):
        sim.run(replace(model, plan=replace(plan, targets=(broken,))), "baseline")


def test_laws_and_draws_of_another_plan_are_refused(model: Model) -> None:
    nation = sim.load_model("china-2024")
    with pytest.raises(sim.InputError, match=r"^model: its laws are of another plan than 'qingdao-2024': no "):
        sim.run(replace(nation, plan=model.plan, built_of=None))
    words = "^draws: they are of 4 quarters, . indicators.*; the model has 4 quarters, 6 indicators.*; write sim.draw"
    with pytest.raises(sim.InputError, match=words):
        sim.simulate(model, "baseline", sim.draw(nation, 10))
    with pytest.raises(sim.InputError, match=r"^draws: an object of type int stands where draws are due"):
        sim.simulate(model, "baseline", 10)  # type: ignore[arg-type]
    with pytest.raises(sim.InputError, match=r"^model: an object of type dict stands where a model is due"):
        sim.run({})  # type: ignore[arg-type]
