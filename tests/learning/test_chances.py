"""Chances of deliveries and milestones: what the records say is what the calibration holds."""

import numpy as np
import pytest
from scipy import stats

from sim.inputs.calibration import find_plan_prior, read_prior
from sim.inputs.delivery_numbers import MilestoneNumbers
from sim.inputs.evidence import read_evidence
from sim.inputs.plan.plan import Plan
from sim.inputs.records import read_records
from sim.learning.chances import fit_deliveries, fit_milestones
from sim.learning.class_rates import learn_rates
from sim.learning.shock_years import measure_setback, measure_slowdown, strike_chance
from sim.model.model import Model


def test_classes_have_the_rates_of_their_records(model: Model) -> None:
    rates = learn_rates(read_records())
    for numbers in (model.calibration.deliveries, model.calibration.milestones):
        assert numbers is not None
        learned = {name: each.reach for name, each in numbers.classes.items() if each.reach.basis == "fitted"}
        assert len(learned) >= 7
        for name, reach in learned.items():
            mean = reach.value
            if isinstance(numbers, MilestoneNumbers):  # of which those years of the record that a shock struck are less
                setback = measure_setback(numbers.classes[name].slip.value)
                struck = rates[name].shock / rates[name].weight
                mean = (1 - struck) * mean + struck * strike_chance(mean, setback)
            assert mean == pytest.approx(rates[name].mean, abs=1e-4)
            assert reach.sd == pytest.approx(rates[name].sd, abs=5e-4)
            if mean == reach.value:
                assert reach.weight == pytest.approx(rates[name].weight, abs=6e-3)
            assert (reach.n, reach.reached) == (rates[name].n, rates[name].reached)


def test_a_list_needs_every_item(model: Model, plan: Plan) -> None:
    """Moments of the power of a beta law, by integration."""
    assert model.calibration.deliveries is not None
    reach = model.calibration.deliveries.targets["livelihood_deeds"].reach
    items = read_evidence(plan)["livelihood_deeds"].items
    rate = learn_rates(read_records()).find_target("list_of_deeds", "Qingdao", items)
    share = stats.beta(rate.mean * rate.weight, (1 - rate.mean) * rate.weight)
    drawn = share.rvs(400_000, random_state=np.random.default_rng(3)) ** 15
    struck = rate.shock / rate.weight
    assert 0 < struck < 0.05
    total = np.hypot(0.04, np.hypot(0.05, 0.03))  # own spread, what deliveries share, and growth
    slowed = strike_chance(reach.value, measure_slowdown("fixed_list", [0.08, 0.22, 0.32, 0.38], total))
    items = (1 - struck) * reach.value ** (1 / 15) + struck * slowed ** (1 / 15)
    assert items**15 == pytest.approx(drawn.mean(), abs=2e-3)
    assert reach.value - items**15 == pytest.approx(0.0066, abs=5e-4)
    assert reach.sd == pytest.approx(drawn.std(), abs=2e-3)


def test_what_the_prior_gives_stays(plan: Plan) -> None:
    prior = read_prior(find_plan_prior(plan), plan)
    assert prior.deliveries is not None
    assert prior.milestones is not None
    jobs = prior.deliveries.classes["jobs"]
    given = jobs.model_copy(update={"reach": jobs.reach.model_copy(update={"basis": "given", "value": 0.5})})
    classes = {**prior.deliveries.classes, "jobs": given}
    asked = prior.model_copy(update={"deliveries": prior.deliveries.model_copy(update={"classes": classes})})
    fitted, dates = fit_deliveries(plan, asked), fit_milestones(plan, asked)
    assert fitted is not None
    assert dates is not None
    assert fitted.classes["jobs"].reach.value == 0.5
    assert fitted.classes["no_evidence"] == prior.deliveries.classes["no_evidence"]
    assert fitted.programmes.share.basis == "fitted"
    assert fitted.classes["harvest"].tail == prior.deliveries.classes["harvest"].tail  # four numbers are too few
    assert dates.classes["works_opening"].reach.n == 5
