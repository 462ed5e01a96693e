"""Years of a rare shock in a record: the chance of an ordinary year found again, in closed form and from a record."""

import numpy as np
import pytest
from scipy import integrate, stats
from small_models import make_scenario

from sim.engine.draws import draw
from sim.engine.judging import judge
from sim.engine.paths import simulate
from sim.inputs.calibration import Calibration
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import ORDINARY, read_scenario
from sim.learning.shock_years import find_ordinary, measure_setback, measure_slowdown, strike_chance
from sim.model.model import Model, build_model

N = 40_000


def test_a_year_with_the_shock_is_less_by_what_its_sizes_delay() -> None:
    """Over the shipped law of sizes: lognormal, nine in ten from 0.5 to 1.5; 0.6 quarters of delay at size one."""
    size = stats.lognorm(np.log(3) / (2 * stats.norm.ppf(0.95)), scale=np.sqrt(0.75))
    wanted = integrate.quad(lambda z: size.pdf(z) * stats.norm.cdf(stats.norm.ppf(0.7) - 0.4 * 0.6 * z), 0, 9)[0]
    assert strike_chance(0.7, measure_setback(0.4)) == pytest.approx(wanted, abs=1e-4)


def test_what_a_simulated_record_says_gives_the_ordinary_chance_back(plan: Plan, model: Model) -> None:
    """Openings due by the year's end, simulated in calm years and in years that the shipped shock strikes."""
    numbers = model.calibration.milestones
    assert numbers is not None
    told = numbers.model_copy(update={"doubt": numbers.doubt.model_copy(update={"value": 0.0})})
    sure = build_model(plan, Calibration.model_validate({**dict(model.calibration), "milestones": told}))
    row = sure.milestone_law.ids.index("metro_line_6")
    assert next(each for each in plan.milestones if each.id == "metro_line_6").quarter == "Q4"
    shock = read_scenario("baseline", plan).shocks["rare_common_shock"].model_copy(update={"probability": 1.0})
    certain = make_scenario(rare_common_shock=shock)
    draws = draw(sure, N, redrawn=False)
    calm, struck = (simulate(sure, each, draws).reached[-1, row] for each in (ORDINARY, certain))
    record = np.where(np.arange(N) % 3 == 0, calm, struck)  # two years in three
    slip = numbers.classes["works_opening"].slip.value
    found = find_ordinary(record.mean(), (np.arange(N) % 3 != 0).mean(), measure_setback(slip))
    assert found == pytest.approx(sure.milestone_law.chance[row], abs=4.5 * np.sqrt(0.25 / N))
    assert found - record.mean() > 0.04


def test_what_simulated_lists_say_gives_the_ordinary_chance_back(plan: Plan, model: Model) -> None:
    """A list of fifteen, kept or not in calm and in struck years: items are kept as often as make all of them."""
    numbers = model.calibration.deliveries
    assert numbers is not None
    none = {name: getattr(numbers, name).model_copy(update={"value": 0.0}) for name in ("doubt", "news")}
    told = {**dict(model.calibration), "deliveries": numbers.model_copy(update=none)}
    sure = build_model(plan, Calibration.model_validate(told))
    law, row = sure.delivery_law, sure.delivery_law.ids.index("livelihood_deeds")
    shock = read_scenario("baseline", plan).shocks["rare_common_shock"].model_copy(update={"probability": 1.0})
    draws = draw(sure, N, redrawn=False)
    scenarios = (ORDINARY, make_scenario(rare_common_shock=shock))
    place = [each.id for each in plan.judged].index("livelihood_deeds")
    calm, struck = (float(judge(simulate(sure, each, draws))[0, place].mean()) for each in scenarios)
    assert calm - struck > 0.1
    record = (0.6 * calm ** (1 / 15) + 0.4 * struck ** (1 / 15)) ** 15
    total = float(np.sqrt(law.spread[row] ** 2 + (law.shared[row] * law.common) ** 2 + law.macro[row] ** 2))
    slowdown = measure_slowdown("fixed_list", numbers.courses["fixed_list"].shares, total)
    assert find_ordinary(record, 0.4, slowdown, 15) == pytest.approx(law.chance[row], abs=4.5 * np.sqrt(0.25 / N))


def test_without_such_years_or_such_a_delay_nothing_is_put_back() -> None:
    assert find_ordinary(0.6, 0.0, measure_setback(0.4)) == 0.6
    assert find_ordinary(0.6, 0.5, measure_setback(0.0)) == 0.6
