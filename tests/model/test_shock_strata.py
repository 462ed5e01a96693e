"""Strata of shocks: sets that stand alone, and the law of those that are drawn."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import make_law, make_model, make_scenario, make_shock, random_shocks

from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.document import Shock
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario
from sim.model.shock_strata import OtherSets, split_sets
from sim.model.shock_subsets import find_joint, list_subsets

POINTS = 200_000


@pytest.fixture(scope="module")
def small(twin: Plan) -> Model:
    return make_model(load_model(twin), make_law(1, 3, 4, 5.0))


def make_storms(chances: Iterable[float], parents: dict[int, int] | None = None) -> dict[str, Shock]:
    """Shocks with these chances; some depend on an earlier one, and hardly come without it."""
    shocks = {}
    for number, chance in enumerate(chances):
        given: dict[str, object] = {"probability": chance}
        if number in (parents or {}):
            both = {"probability_if_happened": 1 - chance, "probability_if_not": chance}
            given = {"probability": None, "depends_on": {"shock": f"storm_{(parents or {})[number]}", **both}}
        shocks[f"storm_{number}"] = make_shock(**given)
    return shocks


def draw_shares(law: ScenarioLaw, others: OtherSets) -> dict[tuple[int, ...], float]:
    """Shares of points by the set that is drawn at them."""
    uniforms = np.random.default_rng(7).random((len(law.names), 1, POINTS))
    happened = others.draw(uniforms)[:, 0]
    codes, counts = np.unique(2 ** np.arange(len(happened)) @ happened, return_counts=True)
    return {
        tuple(place for place in range(len(happened)) if code >> place & 1): count / POINTS
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
    }


@settings(max_examples=30)
@given(shocks=random_shocks(series=3, quarters=4, most=5))
def test_few_sets_all_stand_alone_to_the_bit(small: Model, shocks: dict[str, Shock]) -> None:
    law = compile_scenario(small, make_scenario(**shocks))
    alone, others, left = split_sets(law)
    assert [*alone.items()] == [*list_subsets(law).items()]
    assert others is None
    assert left == 0


@pytest.mark.parametrize(
    ("chances", "parents"),
    [
        ([0.1, 0.05, 0.2, 0.1, 0.3, 0.02, 0.15], {}),
        ([0.6, 0.3, 0.2, 0.1, 0.3, 0.1, 0.15], {1: 0, 3: 1, 4: 1, 6: 0}),
        ([0.5] * 6, {5: 2}),
        ([1.0, 0.001, 0.9, 0.2, 0.2, 0.5, 0.3, 0.3], {4: 2}),
    ],
)
def test_sets_that_are_drawn_have_their_chances(small: Model, chances: list[float], parents: dict[int, int]) -> None:
    law = compile_scenario(small, make_scenario(**make_storms(chances, parents)))
    every, (alone, others, left) = list_subsets(law), split_sets(law)
    assert others is not None
    assert 1 <= len(alone) <= 8
    assert alone == {each: every[each] for each in others.without}
    assert left + sum(alone.values()) == pytest.approx(1, abs=1e-14)
    shares = draw_shares(law, others)
    assert shares.keys() <= every.keys() - alone.keys()
    for each, weight in every.items():
        wanted = 0.0 if each in alone else weight / left
        assert abs(shares.get(each, 0.0) - wanted) < 5 * np.sqrt(wanted / POINTS) + 2 / POINTS, each


def test_each_replicate_draws_by_its_own_chances(small: Model) -> None:
    law = compile_scenario(small, make_scenario(**make_storms([0.2] * 6, {2: 0, 5: 4})))
    others = split_sets(law)[1]
    assert others is not None
    factors = np.array([0.5, 1.0, 2.0])
    chance = law.chance[..., None] * np.minimum(factors, 1 / law.chance[..., None])
    uniforms = np.repeat(np.random.default_rng(3).random((6, 1, 20_000)), 3, axis=1)
    together = others.draw(uniforms, chance)
    for place in range(3):
        alone = others.draw(uniforms[:, :1], chance[..., place : place + 1])
        assert (together[:, place] == alone[:, 0]).all()
    none = np.prod(1 - chance[[0, 1, 3, 4], 0], axis=0) * np.prod(1 - chance[[2, 5], 1], axis=0)
    assert others.without == ((),)
    share = together[1].mean(axis=-1)  # a shock that depends on none: given that one at least happens
    np.testing.assert_allclose(share, chance[1, 0] / (1 - none), atol=0.015)


def test_hardly_possible_shocks_come_one_at_a_time(small: Model) -> None:
    law = compile_scenario(small, make_scenario(**make_storms([1e-9] * 7)))
    alone, others, left = split_sets(law)
    assert [*alone] == [()]
    assert others is not None
    assert left == pytest.approx(7e-9, rel=1e-6)
    happened = others.draw(np.random.default_rng(1).random((7, 1, 1000)))
    assert (happened.sum(axis=0) == 1).all()
    chance = np.where(law.chance > 0, 1e-18, 0.0)
    alone, others, left = split_sets(law, chance)  # as a slider may ask
    assert alone == {(): 1.0}
    assert others is not None
    assert left == 0
    assert others.draw(np.full((7, 1, 4), 0.5)).shape == (7, 1, 4)


@settings(max_examples=30)
@given(shocks=random_shocks(series=3, quarters=4), seed=st.integers(0, 2**32))
def test_shocks_that_all_happen_are_as_likely_as_the_sets_that_hold_them(
    small: Model, shocks: dict[str, Shock], seed: int
) -> None:
    law = compile_scenario(small, make_scenario(**shocks), whole=True)
    wanted = set(np.flatnonzero(np.random.default_rng(seed).integers(0, 2, len(law.names))).tolist())
    listed = sum(weight for each, weight in list_subsets(law).items() if wanted <= set(each))
    assert find_joint(law, wanted) == pytest.approx(listed, abs=1e-12)
