"""The law of a scenario: arrays and the tree of shocks, held against enumeration by names and against frequencies."""

import pickle
from dataclasses import fields
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from small_models import make_law, make_model, make_scenario, make_shock, make_size, random_shocks

from sim.inputs.plan.plan import Plan
from sim.inputs.quarters import name_quarters
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import Scenario, read_scenario
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario, draw_onset_and_size, find_largest_size
from sim.model.shock_subsets import (
    average_groups,
    find_chance,
    find_marginals,
    list_cases,
    list_subsets,
    list_unknown,
    move_shock,
    weigh_subsets,
)

QUARTERS = 4


@pytest.fixture(scope="module")
def small(twin: Plan) -> Model:
    return make_model(load_model(twin), make_law(1, 3, QUARTERS, 5.0))


def enumerate_sets(scenario: Scenario) -> dict[tuple[str, ...], float]:
    """Probability of each set of shocks by names, from the scenario itself."""
    weights = {}
    for happened in product((True, False), repeat=len(scenario.shocks)):
        known, weight = dict(zip(scenario.shocks, happened, strict=True)), 1.0
        for name, shock in scenario.shocks.items():
            depends = shock.depends_on
            if depends is None:
                chance = shock.probability
            elif known[depends.shock]:
                chance = depends.probability_if_happened
            else:
                chance = depends.probability_if_not
            weight *= chance if known[name] else 1 - chance
        weights[tuple(name for name in known if known[name])] = weight
    return weights


@settings(max_examples=30)
@given(shocks=random_shocks(series=3, quarters=QUARTERS))
def test_the_tree_is_that_of_enumeration(small: Model, shocks: dict[str, Shock]) -> None:
    scenario = make_scenario(**shocks)
    law, wanted = compile_scenario(small, scenario, whole=True), enumerate_sets(scenario)
    subsets = {tuple(law.names[place] for place in subset): weight for subset, weight in list_subsets(law).items()}
    assert subsets == pytest.approx({names: weight for names, weight in wanted.items() if weight > 0}, abs=1e-12)
    overall = {name: sum(weight for names, weight in wanted.items() if name in names) for name in shocks}
    assert find_marginals(law) == pytest.approx(list(overall.values()), abs=1e-12)
    felt = compile_scenario(small, scenario)
    assert find_marginals(felt) == pytest.approx([overall[name] for name in felt.names], abs=1e-12)


@settings(max_examples=30)
@given(shocks=random_shocks(series=3, quarters=QUARTERS), seed=st.integers(0, 2**32), free=st.booleans())
def test_products_are_averaged_as_over_all_sets(small: Model, shocks: dict[str, Shock], seed: int, free: bool) -> None:
    law, numbers = compile_scenario(small, make_scenario(**shocks), whole=True), np.random.default_rng(seed)
    chance = numbers.uniform(size=law.chance.shape)
    if free:
        chance[::2, 1] = chance[::2, 0]  # these no longer depend on anything
    factors = numbers.normal(size=(len(shocks), 5)) + 1j * numbers.normal(size=(len(shocks), 5))
    averaged = np.ones(5, complex)
    for group in average_groups(law, list(factors), chance):
        averaged *= group
    sets = list_subsets(law, chance).items()
    wanted = sum(weight * np.prod(factors[list(subset)], axis=0) for subset, weight in sets)
    np.testing.assert_allclose(averaged, wanted, atol=1e-12)


def test_impossible_sets_are_left_out_and_other_chances_are_taken(small: Model) -> None:
    depends = {"shock": "first", "probability_if_happened": 0.9, "probability_if_not": 0.0}
    shocks = {
        "first": make_shock(probability=0.4),
        "second": make_shock(probability=None, depends_on=depends),
        "third": make_shock(probability=1.0),
    }
    law = compile_scenario(small, make_scenario(**shocks))
    assert list_subsets(law) == pytest.approx({(2,): 0.6, (0, 2): 0.04, (0, 1, 2): 0.36}, abs=1e-12)
    chance = law.chance.copy()
    chance[0], chance[2] = 0.0, 0.5
    assert list_subsets(law, chance) == pytest.approx({(): 0.5, (2,): 0.5}, abs=1e-12)
    assert law.parent == (None, 0, None)
    assert find_marginals(law) == pytest.approx([0.4, 0.36, 1.0])


def test_a_chance_follows_what_is_known_of_the_parent(small: Model) -> None:
    depends = {"shock": "first", "probability_if_happened": 0.9, "probability_if_not": 0.2}
    scenario = make_scenario(first=make_shock(), second=make_shock(probability=None, depends_on=depends))
    law = compile_scenario(small, scenario)
    assert find_chance(law, 0, []) == 0.3
    assert find_chance(law, 1, [True]) == 0.9
    assert find_chance(law, 1, {0: np.array([True, False])}).tolist() == [0.9, 0.2]
    assert find_chance(law, 1, [0.5]) == pytest.approx(0.55)


def list_idle() -> dict[str, Shock]:
    """Shocks that change nothing, each for a reason of its own."""
    return {
        "cannot_happen": make_shock(probability=0.0),
        "no_size": make_shock(size={"law": "fixed", "value": 0.0}),
        "no_loadings": make_shock(loadings={}),
        "no_profile": make_shock(profile={"shape": "list", "values": [0.0]}),
    }


@pytest.mark.parametrize("first", [True, False])
def test_idle_shocks_are_left_out_wherever_they_stand(small: Model, first: bool) -> None:
    felt, idle = {"storm": make_shock(), "zeal": make_shock(loadings={"series_1": 1.0})}, list_idle()
    shocks = {**idle, **felt} if first else {**felt, **idle}
    got, bare = (compile_scenario(small, make_scenario(**each)) for each in (shocks, felt))
    assert got.names == ("storm", "zeal")
    for each in fields(ScenarioLaw):
        if each.name not in ("size", "unknown"):
            np.testing.assert_array_equal(getattr(got, each.name), getattr(bare, each.name))
    assert compile_scenario(small, make_scenario(**shocks), whole=True).names == tuple(shocks)


def test_a_shock_on_which_a_felt_one_depends_is_kept(small: Model) -> None:
    def tie(parent: str, if_not: float) -> Shock:
        chances = {"probability_if_happened": 0.9, "probability_if_not": if_not}
        return make_shock(probability=None, depends_on={"shock": parent, **chances})

    quiet = make_shock(loadings={})
    law = compile_scenario(small, make_scenario(quiet=quiet, storm=tie("quiet", 0.2)))
    assert (law.names, law.parent) == (("quiet", "storm"), (None, 0))
    untied = compile_scenario(small, make_scenario(quiet=quiet, storm=tie("quiet", 0.9)))
    assert (untied.names, untied.parent) == (("storm",), (None,))
    never = compile_scenario(small, make_scenario(never=make_shock(probability=0.0), storm=tie("never", 0.2)))
    assert (never.names, never.chance.tolist()) == (("storm",), [[0.2, 0.2]])


@settings(max_examples=15)
@given(shocks=random_shocks(series=3, quarters=QUARTERS), seed=st.integers(0, 2**32))
def test_moved_chances_weigh_sets_as_a_law_that_states_them(small: Model, shocks: dict[str, Shock], seed: int) -> None:
    law, numbers = compile_scenario(small, make_scenario(**shocks)), np.random.default_rng(seed)
    names = [name for shock in range(len(law.names)) for name in list_unknown(law, shock)]
    normals = {name: numbers.normal(size=3) for name in names}
    moves = {shock: move_shock(law, shock, normals) for shock in range(len(law.names))}
    sets = [tuple(np.flatnonzero(case).tolist()) for case in list_cases(len(law.names))]
    for at in range(3):
        chance = np.array([np.broadcast_to(move.chance, (2, 3))[:, at] for move in moves.values()]).reshape(-1, 2)
        wanted = list_subsets(law, chance)
        got = [float(np.broadcast_to(weight, 3)[at]) for weight in weigh_subsets(law, sets, moves)]
        assert got == pytest.approx([wanted.get(each, 0.0) for each in sets], abs=1e-12)


def test_moved_shocks_keep_their_means_and_spread_as_far_as_is_said(small: Model) -> None:
    law, unknown = compile_scenario(small, make_scenario(storm=make_shock())), small.calibration.shocks
    names = list_unknown(law, 0)
    assert names == ("shock/storm/strength", "shock/storm/chance", "shock/storm/loading/series_0")
    levels = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    move = move_shock(law, 0, dict.fromkeys(names, levels))
    assert move.strength.mean() == pytest.approx(1, abs=1e-3)
    assert np.log(move.strength).std() == pytest.approx(unknown.strength, rel=1e-3)
    assert move.loading[0].mean() == pytest.approx(1, abs=1e-3)
    assert move.loading[0].std() == pytest.approx(unknown.loading, rel=3e-3)
    assert (move.loading[1:] == 1).all()
    beta = stats.beta(0.3 * unknown.records, 0.7 * unknown.records)
    np.testing.assert_allclose(move.chance, np.tile(beta.ppf(stats.norm.cdf(levels)), (2, 1)), atol=2e-4)
    assert move_shock(law, 0, {}).strength.tolist() == move_shock(law, 0, {}).loading[:, 0].tolist()[:1] == [1]
    assert move_shock(law, 0, {}).chance.tolist() == [[0.3], [0.3]]


def test_a_certain_shock_stays_certain(small: Model) -> None:
    law = compile_scenario(small, make_scenario(storm=make_shock(probability=1.0)))
    assert "shock/storm/chance" not in list_unknown(law, 0)
    assert (move_shock(law, 0, {"shock/storm/chance": np.array([-2.0, 2.0])}).chance == 1).all()


def test_without_shocks_nothing_happens(small: Model) -> None:
    law = compile_scenario(small, make_scenario())
    assert list_subsets(law) == {(): 1.0}
    assert list_cases(0).shape == (1, 0)
    assert list(average_groups(law, [])) == []
    assert law.growth.shape == (0, QUARTERS, 2 * QUARTERS - 1, 3)


def test_onsets_come_as_often_as_their_weights_say(small: Model) -> None:
    weights = {"Q1": 0.1, "Q2": 0.0, "Q3": 0.65, "Q4": 0.25}
    law = compile_scenario(small, make_scenario(storm=make_shock(onset=weights)))
    uniforms = (np.arange(10_000) + 0.5) / 10_000
    onsets, _ = draw_onset_and_size(law, 0, np.stack([uniforms, uniforms]))
    assert (np.bincount(onsets, minlength=4) / 10_000).tolist() == pytest.approx(list(weights.values()), abs=1e-12)
    assert (np.diff(onsets) >= 0).all()
    certain = compile_scenario(small, make_scenario(storm=make_shock(onset="Q3")))
    assert set(draw_onset_and_size(certain, 0, np.stack([uniforms, uniforms]))[0].tolist()) == {2}


@pytest.mark.parametrize("kind", ["fixed", "normal", "lognormal", "triangular", "uniform", "student_t"])
def test_sizes_are_those_of_the_shock(small: Model, kind: str) -> None:
    shock = make_shock(size=make_size(kind, np.random.default_rng(3)))
    law = compile_scenario(small, make_scenario(storm=shock))
    uniforms = np.random.default_rng(4).uniform(size=(2, 50))
    np.testing.assert_array_equal(draw_onset_and_size(law, 0, uniforms)[1], shock.size.quantile(uniforms[1]))
    beyond = np.abs(shock.size.quantile(np.random.default_rng(5).uniform(size=20_000))) > find_largest_size(
        law, 0, 0.01
    )
    assert beyond.mean() < 0.025


def test_the_response_follows_profile_loadings_and_shares(small: Model) -> None:
    shares = small.law.shares
    shock = make_shock(profile={"shape": "list", "values": [1.0, 0.5]}, loadings={"series_1": -2.0})
    growth = compile_scenario(small, make_scenario(storm=shock)).growth[0]
    assert (growth[:, :, [0, 2]] == 0).all()
    np.testing.assert_allclose(growth[1, :4, 1], [0, -2, -1, 0])
    np.testing.assert_allclose(growth[1, -1, 1], -2 * shares[1, 1] - shares[2, 1])
    assert name_quarters(QUARTERS) == small.plan.quarter_names


def test_the_most_specific_name_holds(model: Model, plan: Plan) -> None:
    first, *others = plan.deliveries
    class_only = next(each for each in others if each.season == first.season)
    group_only = next(each for each in others if each.season != first.season)
    due, *rest = plan.milestones
    change = make_shock(
        loadings={},
        speed={"all": -0.1, group_only.group: -0.2, first.season: -0.3, first.id: -0.4},
        delay={"all": 1.0, due.id: 2.0},
    )
    law = compile_scenario(model, make_scenario(storm=change))
    speed = dict(zip(model.delivery_law.ids, law.speed[0].tolist(), strict=True))
    for each in plan.deliveries:
        by_class = -0.3 if each.season == first.season else -0.2 if each.group == group_only.group else -0.1
        assert speed[each.id] == (-0.4 if each.id == first.id else by_class)
    assert speed[class_only.id] == -0.3
    delay = dict(zip(model.milestone_law.ids, law.delay[0].tolist(), strict=True))
    assert delay == {due.id: 2.0, **{each.id: 1.0 for each in rest}}


def test_a_law_goes_to_another_process_and_cannot_be_changed(model: Model, plan: Plan) -> None:
    law = compile_scenario(model, read_scenario("external-and-property", plan))
    again: ScenarioLaw = pickle.loads(pickle.dumps(law))
    assert list_subsets(again) == list_subsets(law)
    uniforms = np.full((2, 3), 0.3)
    np.testing.assert_array_equal(draw_onset_and_size(again, 0, uniforms)[1], draw_onset_and_size(law, 0, uniforms)[1])
    with pytest.raises(ValueError, match="read-only"):
        law.growth[0] = 0
