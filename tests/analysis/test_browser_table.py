"""The browser's table: what its script multiplies out of columns of chances is the tree of Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from small_models import make_law, make_model, make_scenario, random_shocks

from sim.analysis.browser_table import build_table
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.document import Shock
from sim.model.model import Model, load_model
from sim.model.scenario_law import compile_scenario, draw_onset_and_size, list_subsets


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
        weights = np.bincount(told["onsets"], minlength=3) / len(told["onsets"])
        assert weights == pytest.approx(law.onset[place], abs=0.01)
        np.testing.assert_allclose(told["added"], law.growth[place][:, [0, 3, 4]], rtol=1e-4)
        assert np.median(told["sizes"]) == pytest.approx(
            draw_onset_and_size(law, place, np.full((2, 1), 0.5))[1][0], abs=0.05
        )


def test_words_are_handed_in(small: Model) -> None:
    table = build(small, {})
    assert table["words"]["zh"] == {"median": "zh"}
    assert [period["en"] for period in table["periods"]] == ["Q"] * 3
    assert {target["aim"]["en"] for target in table["targets"]} == {"≥ 5 %"}
