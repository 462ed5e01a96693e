"""Shocks, composites and groups: what happens to deliveries, milestones and growth in the same years."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import make_scenario, make_storm

from sim.engine.counting import attain
from sim.engine.draws import draw
from sim.engine.judging import judge
from sim.engine.paths import Paths, simulate
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import list_groups
from sim.inputs.plan.targets import Composite
from sim.inputs.scenario.reading import ORDINARY, Scenario
from sim.model.model import Model, build_model


def strike(**changes: object) -> Scenario:
    """A certain storm of size one from the third quarter on."""
    given = {"onset": "Q3", "size": {"law": "fixed", "value": 1.0}, "profile": "step", "loadings": {}}
    return make_scenario(storm=make_storm(**given | changes))


def read_courses(paths: Paths) -> np.ndarray:
    """Amount expected by each quarter's end at a speed of one, shape (quarter, delivery, path)."""
    return np.exp(paths.courses[list(paths.course_of)].swapaxes(0, 1).astype(float))


def compare_thirds(model: Model, scenario: Scenario) -> np.ndarray:
    """Third quarter's amount under a scenario, over the one without shocks."""
    draws = draw(model, 300, redrawn=False)
    plain, slowed = (read_courses(simulate(model, each, draws)) for each in (ORDINARY, scenario))
    return (slowed[2] - slowed[1]) / (plain[2] - plain[1])


def find_odds(model: Model, name: str, scenario: Scenario = ORDINARY) -> float:
    odds = attain(simulate(model, scenario, draw(model, 20_000))).odds
    return float(odds[(odds.target == name) & (odds.reading == "printed")].probability.item())


def test_shapes(model: Model) -> None:
    paths = simulate(model, ORDINARY, draw(model, 7))
    assert paths.progress.shape == (4, 40, 7)
    assert paths.reached.shape == (4, 31, 7)
    assert judge(paths).shape == (6, 77, 7)


def test_a_shock_slows_deliveries_in_its_quarters(model: Model) -> None:
    draws = draw(model, 300, redrawn=False)
    plain, slowed = (simulate(model, each, draws) for each in (ORDINARY, strike(speed={"all": -0.5})))
    np.testing.assert_array_equal(read_courses(slowed)[:2], read_courses(plain)[:2])
    np.testing.assert_array_equal(slowed.needed, plain.needed)
    np.testing.assert_array_equal(slowed.reached, plain.reached)
    np.testing.assert_array_equal(slowed.growth, plain.growth)
    np.testing.assert_allclose(compare_thirds(model, strike(speed={"all": -0.5})), 0.5, rtol=1e-3)


def test_a_shock_of_minus_one_stops_them_and_never_turns_them_back(model: Model) -> None:
    stopped = read_courses(simulate(model, strike(speed={"all": -3}), draw(model, 50, redrawn=False)))
    np.testing.assert_array_equal(stopped[3], stopped[1])


def test_what_two_shocks_take_from_the_speed_adds_up(model: Model) -> None:
    one, other = (strike(speed={"all": change}).shocks["storm"] for change in (-0.3, -0.5))
    both = replace(ORDINARY, shocks={"flood": other, "storm": one})
    np.testing.assert_allclose(compare_thirds(model, both), 1 - 0.3 - 0.5, rtol=1e-2)


def test_the_most_specific_name_holds(model: Model) -> None:
    names = {"all": -0.5, "grain": 0.0, "urban": -0.9, "grain_output": -0.1}
    ratio = dict(zip(model.delivery_law.ids, compare_thirds(model, strike(speed=names)).mean(axis=1), strict=True))
    assert ratio["grain_output"] == pytest.approx(0.9, rel=1e-4)
    assert ratio["grain_area"] == pytest.approx(1.0)
    assert ratio["qilu_model_zones"] == pytest.approx(0.1, rel=1e-4)
    assert ratio["charging_piles"] == pytest.approx(0.5, rel=1e-4)


@pytest.mark.parametrize(("name", "touch"), [("charging_piles", "speed"), ("metro_line_6", "delay")])
def test_odds_fall_as_a_shock_grows(model: Model, name: str, touch: str) -> None:
    sign = -1 if touch == "speed" else 1
    odds = [find_odds(model, name, strike(**{touch: {name: sign * size}})) for size in (0.0, 0.3, 0.9)]
    assert odds[0] > odds[1] > odds[2]


def test_the_macro_factor_moves_deliveries_and_growth_together(model: Model) -> None:
    paths = simulate(model, ORDINARY, draw(model, 50_000))
    place = model.delivery_law.ids.index("old_communities")
    assert np.corrcoef(paths.annual[0], -paths.needed[-1, place])[0, 1] > 0.05


def test_removing_or_adding_a_target_moves_no_other(plan: Plan, model: Model) -> None:
    found = {}
    for name in ("full", "fewer"):
        targets = plan.targets if name == "full" else tuple(t for t in plan.targets if t.id != "charging_piles")
        own = build_model(replace(plan, targets=targets), model.calibration)
        odds = attain(simulate(own, ORDINARY, draw(own, 9_000))).odds
        found[name] = odds.set_index(["target", "reading"]).probability
    kept = found["fewer"]
    assert found["full"][kept.index].equals(kept)
    assert set(found["full"].index) - set(kept.index) == {
        ("charging_piles", reading) for reading in ("printed", "Q1", "H1", "Q1-Q3")
    }


def test_a_composite_is_met_when_all_members_are(plan: Plan, model: Model) -> None:
    index = next(number for number, target in enumerate(plan.targets) if target.kind == "composite")
    members = {"members": "gdp grain_output metro_line_6", "reason": None}
    changed = Composite.model_validate({**plan.targets[index].model_dump(), **members})
    own = replace(plan, targets=(*plan.targets[:index], changed, *plan.targets[index + 1 :]))
    paths = simulate(build_model(own, model.calibration), ORDINARY, draw(model, 5_000))
    met = dict(zip([target.id for target in own.judged], judge(paths)[0], strict=True))
    together = met["gdp"] & met["grain_output"] & met["metro_line_6"]
    np.testing.assert_array_equal(met[changed.id], together)
    assert 0 < together.mean() < 1
    assert len(own.judged) == len(plan.judged) + 1


def test_groups_cover_every_target_once(plan: Plan) -> None:
    groups = list_groups(plan)
    owners = [number for name, members in groups.items() if name not in ("headline", "all") for number in members]
    assert sorted(owners) == groups["all"] == list(range(77))
    assert len(groups["headline"]) == 6


def test_number_met_is_a_distribution_with_the_expected_mean(model: Model) -> None:
    attainment = attain(simulate(model, ORDINARY, draw(model, 20_000)))
    shares = attainment.number_met["all"]
    assert shares.sum() == pytest.approx(1)
    expected = attainment.odds.query("reading == 'printed'").probability.sum()
    assert shares @ np.arange(78) == pytest.approx(expected)


def test_a_plan_of_growth_alone_works(plan: Plan, model: Model) -> None:
    bare = build_model(replace(plan, targets=plan.headline), model.calibration)
    paths = simulate(bare, ORDINARY, draw(bare, 100))
    assert paths.progress.shape == (4, 0, 100)
    assert len(attain(paths).odds) == 36
