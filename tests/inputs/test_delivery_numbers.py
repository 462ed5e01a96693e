"""Numbers of deliveries and milestones: chances are beta laws, courses add up, classes are found."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from sim.inputs.delivery_numbers import Chance, Course, DeliveryClass
from sim.inputs.plan.plan import Plan
from sim.model.model import Model


def make_chance(value: float, weight: float) -> Chance:
    return Chance(value=value, weight=weight, unit="share", source="assumption: for a test")


@pytest.mark.parametrize(("value", "weight"), [(0.975, 30.0), (0.32, 4.0), (0.5, 400.0)])
def test_a_chance_moves_along_the_quantiles_of_its_beta_law(value: float, weight: float) -> None:
    law = stats.beta(value * weight, (1 - value) * weight)
    chance = make_chance(value, weight)
    normals = np.linspace(-3, 3, 61)
    np.testing.assert_allclose(chance.move(normals), law.ppf(stats.norm.cdf(normals)), atol=2e-5)
    assert chance.sd == pytest.approx(law.std())
    spread = chance.move(stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000))
    assert spread.mean() == pytest.approx(value, abs=1e-4)
    assert spread.std() == pytest.approx(law.std(), rel=3e-3)


@pytest.mark.parametrize(("value", "weight"), [(0.0, 5.0), (1.0, 5.0), (0.5, 0.0)])
def test_a_chance_is_neither_none_nor_certain_and_rests_on_something(value: float, weight: float) -> None:
    with pytest.raises(ValidationError):
        make_chance(value, weight)


def test_shares_of_a_course_sum_to_one() -> None:
    assert Course(shares=[0.25, 0.75], source="s").timing == []
    with pytest.raises(ValidationError, match=r"sum to 0\.9"):
        Course(shares=[0.25, 0.65], source="s")


def test_a_list_of_kinds_of_arrival_is_closed(model: Model) -> None:
    numbers = model.calibration.deliveries
    assert numbers is not None
    document = numbers.classes["jobs"].model_dump()
    with pytest.raises(ValidationError, match="arrivals"):
        DeliveryClass.model_validate(document | {"arrivals": "double"})


def test_a_target_has_the_class_it_names_or_the_one_for_all_others(model: Model, plan: Plan) -> None:
    deliveries, milestones = model.calibration.deliveries, model.calibration.milestones
    assert deliveries is not None
    assert milestones is not None
    for each in plan.deliveries:
        named, bare = (each.model_copy(update={"reference_class": name}) for name in ("jobs", None))
        assert (deliveries.find_class(named), deliveries.find_class(bare)) == ("jobs", "other")
    for each in plan.milestones:
        others = "title_strived_for" if each.decided_by == "other" else "works_opening"
        named, bare = (each.model_copy(update={"reference_class": name}) for name in ("statutory", None))
        assert (milestones.find_class(named), milestones.find_class(bare)) == ("statutory", others)
