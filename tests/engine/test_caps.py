"""Caps: promises to stay at or below a number, of counted and of measured things, on both roads."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import sim
from sim.inputs.calibration import Calibration
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Delivery, describe_aim
from sim.model.amounts import find_capacity
from sim.model.calibrated_deliveries import build_delivery_law
from sim.model.deliveries import show_delivered
from sim.model.model import Model, build_model
from sim.model.values import take_values
from sim.results.run import Run
from sim.views.phrases import say_aim

CAPS = ("first_stores", "grain_output")  # counted one by one, and measured
SETTINGS = {"n_points": 512, "n_paths": 20_000, "n_calibrations": 0}


def cap(plan: Plan, goals: dict[str, float]) -> Plan:
    """Turn some deliveries of a plan into caps."""
    changed = [
        target.model_copy(update={"criterion": "at_most", "value": goals[target.id]}) if target.id in goals else target
        for target in plan.targets
    ]
    return replace(plan, targets=tuple(changed))


@pytest.fixture(scope="module")
def capped(plan: Plan, model: Model) -> Model:
    goals = {target.id: target.value for target in plan.deliveries}
    return build_model(cap(plan, {"first_stores": 29.0, "grain_output": goals["grain_output"]}), model.calibration)


@pytest.fixture(scope="module")
def runs(capped: Model) -> tuple[Run, Run]:
    scenarios = ["baseline", "export-slump"]
    return tuple(sim.run(capped, scenarios, method=method, **SETTINGS) for method in ("analytic", "paths"))  # type: ignore[return-value]


def test_a_cap_is_kept_as_often_as_the_record_says(capped: Model) -> None:
    """Over what is shared, the macro factor and own speed, as a Poisson count that stays at or below the number."""
    law = capped.delivery_law
    chance = 1 - law.chance
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    for name in CAPS:
        number = law.ids.index(name)
        numbers = capped.calibration.deliveries
        assert numbers is not None
        target = next(each for each in capped.plan.deliveries if each.id == name)
        own = numbers.targets.get(name)
        reach = (own.reach if own else numbers.classes[numbers.find_class(target)].reach).value
        if name not in numbers.levels:  # of which the base tells instead
            assert chance[number] == pytest.approx(reach * (1 - numbers.doubt.value))
        outer = law.lead[number] + law.shared[number] * law.common * points[:, None] + law.macro[number] * points
        spread, things = law.spread[number], law.arrivals[number]
        if np.isfinite(things):
            assert things == target.value + 1
            mean = things * np.exp(outer[..., None] + spread * points)
            kept = stats.poisson.cdf(target.value, mean) @ weights
        else:
            kept = stats.norm.cdf(-outer / spread)
        assert float(weights @ kept @ weights) == pytest.approx(chance[number], abs=2e-3)


@pytest.mark.parametrize("name", CAPS)
def test_a_cap_is_a_goal_judged_the_other_way(plan: Plan, model: Model, name: str) -> None:
    """Staying at or below 29 where that is kept with p is reaching 30 where that is kept with 1 - p."""
    target = next(each for each in plan.deliveries if each.id == name)
    more = 1.0 if name == "first_stores" else 0.0
    laws = []
    for each, reach in ((target.model_copy(update={"value": target.value + more}), 0.3), (target, 0.7)):
        document = model.calibration.model_dump()
        deliveries = document["deliveries"]
        deliveries["doubt"]["value"], deliveries["levels"], deliveries["targets"] = 0.0, {}, {}
        deliveries["classes"][model.calibration.deliveries.find_class(target)]["reach"]["value"] = reach  # type: ignore[union-attr]
        calibration = Calibration.model_validate(document)
        given = each if reach < 0.5 else each.model_copy(update={"criterion": "at_most"})
        laws.append(build_delivery_law((given,), calibration, take_values(calibration)))
    for field in ("chance", "lead", "arrivals", "spread", "season"):
        np.testing.assert_allclose(getattr(laws[0], field), getattr(laws[1], field), rtol=1e-12)
    assert [law.is_cap.tolist() for law in laws] == [[False], [True]]


def test_both_roads_agree_on_caps(runs: tuple[Run, Run]) -> None:
    exact, counted = runs
    for one, other in zip(exact.attainments, counted.attainments, strict=True):
        both = one.odds.merge(other.odds, on=["target", "reading"])
        both = both[both["target"].isin(CAPS)]
        assert len(both) == 8
        apart = (both["probability_x"] - both["probability_y"]) / np.hypot(both["mc_se_x"], both["mc_se_y"])
        assert apart.abs().max() < 4
        groups = [np.asarray(each.number_met["all"]) @ np.arange(len(each.number_met["all"])) for each in (one, other)]
        assert groups[0] == pytest.approx(groups[1], abs=0.15)


def test_what_slows_a_goal_helps_a_cap(capped: Model) -> None:
    names = {"slow": -0.3, "fast": 0.3}
    odds = {}
    for name, speed in names.items():
        shock = {
            "title": {"en": "S", "zh": "风"},
            "probability": 1.0,
            "onset": "Q1",
            "size": {"law": "fixed", "value": 1},
            "profile": "step",
            "speed": dict.fromkeys(CAPS, speed),
            "source": "s",
        }
        scenario = sim.scenario(
            None,
            name=name,
            plan=capped.plan,
            shocks={"s": shock},
            title={"en": "S", "zh": "风"},
            why="w",
            sources=["s"],
        )
        frame = sim.run(capped, scenario, **SETTINGS).attainments[0].odds
        odds[name] = frame[frame["reading"] == "printed"].set_index("target")["probability"]
    for name in CAPS:
        assert odds["slow"][name] > odds["fast"][name] + 0.1


def test_what_comes_of_a_cap_is_shown_as_it_comes(capped: Model) -> None:
    law = capped.delivery_law
    for name in CAPS:
        number = law.ids.index(name)
        capacity = np.array([-0.2, 0.0, 0.4], np.float32)
        shown = show_delivered(law, number, capacity)
        np.testing.assert_allclose(find_capacity(law, number, shown), capacity, atol=1e-6)
        assert shown[1] == pytest.approx(law.required[number])


def test_probability_of_a_cap_is_that_of_the_run(runs: tuple[Run, Run]) -> None:
    frame = sim.probability(runs[0], "first_stores")
    odds = runs[0]["baseline"].odds
    printed = odds[(odds["target"] == "first_stores") & (odds["reading"] == "printed")]["probability"].iloc[0]
    assert float(frame["probability"].iloc[0]) == pytest.approx(float(printed), abs=0.005)


def test_a_cap_is_said_as_one(capped: Model) -> None:
    target = next(each for each in capped.plan.deliveries if each.id == "first_stores")
    assert isinstance(target, Delivery)
    assert describe_aim(target) == "≤ 29 家"
    assert (say_aim(target).en, say_aim(target).zh) == ("at most 29", "29家以内")


def test_about_a_number_is_reaching_it(plan: Plan, model: Model) -> None:
    near = {
        name: each.model_copy(update={"criterion": "about"}) for each in plan.deliveries if (name := each.id) in CAPS
    }
    laws = [
        build_delivery_law(targets, model.calibration, take_values(model.calibration))
        for targets in (plan.deliveries, tuple(near.get(each.id, each) for each in plan.deliveries))
    ]
    for field in ("chance", "lead", "arrivals", "required", "is_cap"):
        np.testing.assert_array_equal(getattr(laws[0], field), getattr(laws[1], field))
    assert describe_aim(near["first_stores"]).startswith("≈ ")
    assert say_aim(near["first_stores"]).zh.endswith("左右")
