"""The browser's table: what its script multiplies out of columns of chances is the tree of Python."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from small_models import make_law, make_model, make_scenario, random_shocks

from sim.analysis.browser_table import build_table, publish_odds
from sim.analysis.packing import DIGITS, unpack
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.document import Shock
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario, draw_onset_and_size
from sim.model.shock_subsets import list_subsets
from sim.results.run import Run


@pytest.fixture(scope="module")
def small(twin: Plan) -> Model:
    return make_model(load_model(twin), make_law(1, 2, 3, 5.0))


def build(model: Model, shocks: dict[str, Shock]) -> dict:
    words = {lang: {"median": lang} for lang in ("en", "zh")}
    aims = {target.id: {"en": "≥ 5 %"} for target in model.plan.growth}
    return build_table(model, [make_scenario(**shocks)], 5, words=words, periods=[{"en": "Q"}] * 3, aims=aims)


@settings(max_examples=15)
@given(shocks=random_shocks(series=2, quarters=3, most=4))
def test_cases_have_the_odds_of_the_tree(small: Model, shocks: dict[str, Shock]) -> None:
    (scenario,) = build(small, shocks)["scenarios"]
    found = {}
    for number, columns in enumerate(scenario["cases"]):
        weight = 1.0
        for place, shock in enumerate(scenario["shocks"]):
            likely = shock["chances"][int(columns[place])]
            weight *= likely if number >> place & 1 else 1 - likely
        if weight > 0:
            found[tuple(place for place in range(len(shocks)) if number >> place & 1)] = weight
    law = compile_scenario(small, make_scenario(**shocks), whole=True)
    assert found == pytest.approx(list_subsets(law), abs=1e-12)
    assert [shock["on"] for shock in scenario["shocks"]] == list(law.parent)


@settings(max_examples=5)
@given(shocks=random_shocks(series=2, quarters=3, most=3))
def test_shocks_have_the_onsets_and_responses_of_the_law(small: Model, shocks: dict[str, Shock]) -> None:
    table, law = build(small, shocks), compile_scenario(small, make_scenario(**shocks), whole=True)
    (scenario,) = table["scenarios"]
    for place, shock in enumerate(scenario["shocks"]):
        told = table["shocks"][shock["shock"]]
        onsets = [DIGITS.index(digit) for digit in told["onsets"]]
        weights = np.bincount(onsets, minlength=3) / len(onsets)
        assert weights == pytest.approx(law.onset[place], abs=0.01)
        np.testing.assert_allclose(told["added"], law.growth[place][:, [0, 3, 4]], rtol=1e-4)
        assert np.median(unpack(told["sizes"])) == pytest.approx(
            draw_onset_and_size(law, place, np.full((2, 1), 0.5))[1][0], abs=0.05
        )


def test_words_are_handed_in(small: Model) -> None:
    table = build(small, {})
    assert table["words"]["zh"] == {"median": "zh"}
    assert [period["en"] for period in table["periods"]] == ["Q"] * 3
    assert {target["aim"]["en"] for target in table["targets"]} == {"≥ 5 %"}


def test_a_page_starts_from_what_the_run_found(result: Run) -> None:
    attainment = result.attainments[1]
    published, headline = publish_odds([attainment])[0], attainment.plan.headline_growth
    odds = attainment.odds.set_index(["target", "reading"]).probability
    for target, found in zip(headline, published["targets"], strict=True):
        assert found == pytest.approx(odds[target.id][["printed", "stated", "tolerance"]].to_dict(), abs=1e-6)
    joint = published["joint"]
    assert joint["printed"] == pytest.approx(attainment.number_met["headline"][-1], abs=1e-6)
    assert joint["stated"] < joint["printed"] < joint["tolerance"]
    fan = (
        attainment.quantiles.query("series == 'gdp' and unit == '%'").set_index("period").loc[["Q1", "H1", "FY"], "q90"]
    )
    assert [published["fans"][0][period][5] for period in (0, 1, 3)] == pytest.approx(fan.tolist(), rel=1e-4)


def test_two_targets_of_one_indicator_have_no_joint_odds_to_start_from(result: Run) -> None:
    first = result.attainments[0]
    names = {"retail_sales": {"indicator": "gdp"}}
    targets = [each.model_copy(update=names.get(each.id, {})) for each in first.plan.targets]
    twice = replace(first.plan, targets=tuple(targets))
    assert "joint" not in publish_odds([replace(first, model=replace(first.model, plan=twice))])[0]
