"""Many shocks on the exact road: drawn sets against all sets, against counted paths, and what their errors claim."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from small_models import make_law, make_model, make_scenario, make_shock

import sim.engine.exact.pairs as pairs
import sim.model.shock_strata as shock_strata
from sim._typing import Floats
from sim.analysis.compare import compare
from sim.analysis.misses import describe_misses
from sim.analysis.what_if import WhatIf
from sim.engine.exact.growth_odds import integrate_growth
from sim.engine.exact.integrals import integrate, integrate_replicates
from sim.engine.exact.odds import explain_paths
from sim.engine.exact.pairs import integrate_hybrids
from sim.engine.exact.points import lay_points
from sim.engine.exact.quantiles import find_growth_quantiles
from sim.engine.exact.separation import open_separation
from sim.engine.run import run
from sim.engine.tasks import prepare_run
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.judgements import Likelihood
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import load_model
from sim.model.known import Known, KnownGrowth
from sim.model.model import Model, keep_growth
from sim.model.scenario_law import compile_scenario
from sim.results.integrals import settle
from sim.results.settings import RunSettings
from sim.views.page.page import say_without_rules
from sim.views.page.what_if import build_page_table


@pytest.fixture(scope="module")
def small(twin: Plan) -> Model:
    return make_model(load_model(twin), make_law(5, 3, 2, 5.0), [-0.5, -0.2, -0.8])


def make_storms(count: int, names: tuple[str, ...] = ("series_0", "series_1", "series_2"), **more: object) -> Scenario:
    """So many shocks of an indicator each, two of which depend on an earlier one."""
    shocks = {}
    for number in range(count):
        chance: dict[str, object] = {"probability": 0.04 + 0.02 * number % 0.25}
        if number in (3, 5):
            both = {"probability_if_happened": 0.7, "probability_if_not": 0.1}
            chance = {"probability": None, "depends_on": {"shock": f"storm_{number - 2}", **both}}
        shocks[f"storm_{number}"] = make_shock(
            onset={"Q1": 0.5, "Q2": 0.5},
            size={"law": "lognormal", "median": 1.0, "sigma": 0.5},
            loadings={names[number % len(names)]: -0.5 - 0.1 * (number % 4)},
            **chance,
            **more,
        )
    return replace(make_scenario(**shocks), name=f"storms_{count}")


def gather(model: Model, scenario: Scenario, count: int, seed: int, known: Known | None = None) -> Floats:
    """Odds of targets, and of so many met, by replicate."""
    found = settle(integrate(lay_points(model, count, seed), compile_scenario(model, scenario), known))
    return np.concatenate([found.met[0], found.number_met["all"]])


def measure_gaps(one: Floats, other: Floats) -> Floats:
    """Differences of two means over replicates, in standard errors."""
    error = np.hypot(*(each.std(axis=-1, ddof=1) / np.sqrt(each.shape[-1]) for each in (one, other)))
    return (one.mean(axis=-1) - other.mean(axis=-1)) / np.maximum(error, 1e-6)


@pytest.mark.parametrize("count", [6, 7])
def test_drawn_sets_have_the_odds_of_all_sets(small: Model, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make_storms(count)
    law, points = compile_scenario(small, scenario), lay_points(small, 256, 1)
    figure = KnownGrowth(name="series_0/Q1", kind=0, quarter=0, series=0, low=4.0, high=4.5)
    known = Known(growth=(figure,), deliveries={}, milestones={}, words={})
    chance = np.minimum(law.chance * 2, 1.0)
    asked = small.thresholds.pick(small.thresholds.reading == 0)

    def find(seed: int) -> list[Floats]:
        both, joint = open_separation(small, law, 256, seed).integrate(chance=chance)
        changed = integrate_growth(points, law, asked, np.arange(len(asked.figure)), chance=chance)
        quantiles, error = find_growth_quantiles(lay_points(small, 64, seed), law)
        return [
            gather(small, scenario, 256, seed),
            gather(small, scenario, 256, seed, known),
            np.concatenate([both.reshape(9, -1), joint[None]]),
            np.vstack([changed.odds, changed.joint[None]]),
            np.stack([quantiles.reshape(-1), error.reshape(-1)]),
        ]

    drawn = find(1)
    with monkeypatch.context() as patched:
        patched.setattr(shock_strata, "MOST_ALONE", 2**count)
        every = find(2)
    for one, other in zip(drawn[:-1], every[:-1], strict=True):
        assert np.abs(measure_gaps(one, other)).max() < 4.5
    (one, first), (other, second) = drawn[-1], every[-1]
    assert (np.abs(one - other) / np.hypot(first, second)).max() < 4.5


def test_stated_errors_are_honest_where_sets_are_drawn(small: Model) -> None:
    scenario = make_storms(8)
    exact = gather(small, scenario, 2048, 99).mean(axis=-1)
    found = np.stack([gather(small, scenario, 64, seed) for seed in range(40)])
    error = found.std(axis=-1, ddof=1) / 4
    z = (found.mean(axis=-1) - exact) / error
    assert 0.8 < np.sqrt((z**2).mean()) < 1.25
    assert (np.abs(z) < 2.131).mean() > 0.92  # Student's t of 15 degrees of freedom, 95 %


def test_both_roads_agree_on_ten_shocks_of_growth_deliveries_and_milestones(model: Model) -> None:
    names = tuple(each.id for each in model.plan.indicators[:3])
    scenario = make_storms(10, names, speed={"all": -0.1}, delay={"all": 0.5})
    exact = run(model, [scenario], n_points=128, n_paths=1000, n_calibrations=0).attainments[0]
    counted = run(model, [scenario], n_paths=10_000, n_calibrations=0, method="paths").attainments[0]
    assert exact.n_points == 2048
    for frame in ("odds", "joint"):
        one, other = getattr(exact, frame), getattr(counted, frame)
        share = (one.probability * counted.n_paths + 1) / (counted.n_paths + 2)
        error = np.hypot(np.sqrt(share * (1 - share) / counted.n_paths), one.mc_se)
        assert ((one.probability - other.probability) / error).abs().max() < 4.5


def test_each_calibration_draws_sets_by_its_own_chances(small: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make_storms(7)
    find = partial(integrate_replicates, small, [scenario], 256, 1, range(16), "replicate", 16)
    drawn = find()[0].met[0]
    monkeypatch.setattr(shock_strata, "MOST_ALONE", 2**7)
    every = find()[0].met[0]
    assert np.abs(drawn - every).max() < 0.03  # calibration by calibration
    assert every.std(axis=-1).min() > 0.01
    for one, other in zip(drawn, every, strict=True):
        assert np.corrcoef(one, other)[0, 1] > 0.97


def test_sixteen_shocks_and_more_take_the_exact_road_in_every_question(small: Model) -> None:
    calm, storms, flood = replace(make_scenario(), name="calm"), make_storms(16), make_storms(32)
    assert [explain_paths(small, each) for each in (storms, flood)] == ["", ""]
    assert explain_paths(small, make_storms(33)) == "33 shocks; the analytic road takes at most 32"
    result = run(small, [storms, flood], n_points=64, n_paths=1000, n_calibrations=16)
    assert [each.n_points for each in result.attainments] == [1024, 1024]
    assert not result.deviations
    what_if = WhatIf(small, storms)
    calmer = what_if.odds(probabilities=dict.fromkeys(storms.shocks, 0.0)).probability
    assert (calmer >= what_if.odds().probability - 1e-3).all()
    misses = describe_misses(result, "series_0_target", scenario="storms_16")
    assert misses.chance == pytest.approx(1 - result["storms_16"].met[0, 0], abs=0.01)
    task = prepare_run(small, [calm, storms], RunSettings(n_points=64))
    found = compare(task, "calm", "storms_16", by="targets")
    change = found.table.set_index("target").loc["headline", "change"]
    assert found.targets.change.sum() == pytest.approx(change, abs=1e-9)


def test_judgements_hold_beside_many_shocks(model: Model) -> None:
    names = tuple(each.id for each in model.plan.indicators[:3])
    by = {"say": "probability", "who": "A. Reader", "why": "an example"}
    figure = Likelihood.model_validate({**by, "series": names[0], "period": "FY", "at_least": 5.0, "is": 0.6})
    shock = Likelihood.model_validate({**by, "shock": "storm_1", "is": 0.4})
    grown = keep_growth(model)
    judged, many = (
        replace(make_storms(count, names), name=f"judged_{count}", judgements=(asked,))
        for count, asked in ((7, figure), (9, shock))
    )
    assert explain_paths(grown, many) == "judgements of shocks among 9; the analytic road takes at most 8"
    found = run(grown, [judged], n_points=64, n_paths=10_000, n_calibrations=0)
    assert found.attainments[0].n_points == 1024
    assert not found.deviations
    tilt = found.attainments[0].replicates.tilt
    assert tilt is not None
    assert tilt.is_met


def test_two_scenarios_drawn_together_are_coupled_as_all_pairs_are(
    small: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = make_storms(4), make_storms(5)
    fewer = replace(before, shocks={name: shock for name, shock in before.shocks.items() if name != "storm_0"})
    laws = [compile_scenario(small, each) for each in (fewer, after)]
    chosen = [np.array([False, True, True]), np.array([True, False, False])]
    find = partial(integrate_hybrids, lay_points(small, 256, 3), *laws, [0, 1, 2], chosen)
    every = find()[0]
    monkeypatch.setattr(pairs, "MOST_ALONE", 1)
    assert np.abs(measure_gaps(find()[0], every)).max() < 4.5


def test_a_page_says_that_it_leaves_out_scenarios_of_many_shocks(small: Model) -> None:
    found = run(small, [make_storms(13)], n_points=64, n_paths=1000, n_calibrations=0)
    assert build_page_table(found) == {}
    assert [each.en for each in say_without_rules(found)] == [
        "Scenarios of more than 12 shocks cannot be moved here: Ordinary year."
    ]
