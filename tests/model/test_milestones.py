"""Milestones: how likely each is done by each quarter's end, by the law and by drawing its drive."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats
from small_models import make_scenario, make_shock

from sim.engine.draws import draw
from sim.engine.paths import simulate
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import ORDINARY, Scenario
from sim.model.milestones import MilestoneLaw, build_milestone_law, find_needed, reach
from sim.model.model import Model
from sim.model.values import take_values

N = 40_000
ERROR = 4.5 * np.sqrt(0.25 / N)


@pytest.fixture(scope="module")
def reached(model: Model) -> np.ndarray:
    return simulate(model, ORDINARY, draw(model, N, redrawn=False)).reached


def delay(**changes: object) -> Scenario:
    """A certain shock of the third quarter that delays everything by one, unless changed."""
    given = {"probability": 1.0, "onset": "Q3", "loadings": {}, "delay": {"all": 1.0}}
    return make_scenario(storm=make_shock(**given | changes))


def find_done(chance: float, planned: int, timing: float, quarters: int = 4) -> np.ndarray:
    """Done by each quarter's end: a chance over the year; dates are normal, three in four by the planned quarter."""
    late = stats.norm(loc=planned - timing * stats.norm.ppf(0.75), scale=timing)
    by = late.cdf(np.arange(quarters))
    return chance * by / by[-1]


def test_odds_by_quarter_are_those_of_the_law(model: Model, plan: Plan, reached: np.ndarray) -> None:
    numbers = model.calibration.milestones
    assert numbers is not None
    for row, target in enumerate(plan.milestones):
        own = numbers.targets.get(target.id) or numbers.classes[numbers.find_class(target)]
        chance = own.reach.value * (1 - numbers.doubt.value)
        wanted = find_done(chance, plan.quarter_names.index(target.quarter), numbers.timing.value)
        np.testing.assert_allclose(stats.norm.sf(model.milestone_law.needed[:, row]), wanted, atol=1e-12)
        assert model.milestone_law.chance[row] == pytest.approx(chance)
        np.testing.assert_allclose(reached[:, row].mean(axis=1), wanted, atol=ERROR)


def test_milestones_are_never_lost_again(model: Model, reached: np.ndarray) -> None:
    struck = simulate(model, delay(), draw(model, 2_000)).reached
    for each in (reached, struck):
        assert (each[1:] >= each[:-1]).all()


def test_milestones_come_together_as_far_as_they_share(model: Model, reached: np.ndarray) -> None:
    law = model.milestone_law
    shared = law.common**2 + law.macro**2
    assert shared == pytest.approx(0.3**2 + 0.1**2)
    first, second = 0, 1
    both = stats.multivariate_normal(cov=[[1, shared], [shared, 1]]).cdf(-law.needed[-1, [first, second]])
    assert (reached[-1, first] & reached[-1, second]).mean() == pytest.approx(both, abs=ERROR)
    assert law.own == pytest.approx(np.sqrt(1 - shared))


def test_a_milestone_comes_rarer_where_the_macro_factor_is_low(model: Model) -> None:
    """Given the factor, by integrating the rest of the drive."""
    law, draws = model.milestone_law, draw(model, N, redrawn=False)
    low = draws.trend_common < -1
    got = simulate(model, ORDINARY, draws).reached[-1, 0, low].mean()
    rest = np.sqrt(1 - law.macro**2)

    def weigh(factor: float) -> float:
        return stats.norm.pdf(factor) * stats.norm.cdf((law.macro * factor - law.needed[-1, 0]) / rest)

    assert got == pytest.approx(integrate.quad(weigh, -9, -1)[0] / stats.norm.cdf(-1), abs=ERROR * 2.6)


@pytest.mark.parametrize("size", [0.5, 2.0])
def test_a_shock_raises_what_is_needed_from_its_quarter_on(model: Model, reached: np.ndarray, size: float) -> None:
    storm = delay(size={"law": "fixed", "value": size})
    late = simulate(model, storm, draw(model, N, redrawn=False)).reached
    law = model.milestone_law
    np.testing.assert_array_equal(late[:2], reached[:2])
    raised = law.needed + size * law.slip * (np.arange(4) >= 2)[:, None]
    wanted = stats.norm.sf(np.minimum.accumulate(raised))
    np.testing.assert_allclose(late.mean(axis=2), wanted, atol=ERROR)
    assert (wanted[-1] < stats.norm.sf(law.needed[-1])).any()


def test_what_was_done_before_a_shock_stays_done() -> None:
    needed, zero = np.array([[1.0], [0.0], [-1.0]]), np.zeros(())
    law = MilestoneLaw(ids=("a",), chance=np.array([0.8]), needed=needed, slip=np.ones(1), common=zero, macro=zero)
    raised = np.array([0.0, 3.0, 3.0], np.float32).reshape(3, 1, 1)
    asked = find_needed(law, raised)
    assert asked[:, 0, 0].tolist() == [1.0, 1.0, 1.0]
    drive = np.array([[-0.5, 0.5, 1.0, 1.5]], np.float32)
    assert reach(asked, drive)[-1, 0].tolist() == [False, False, True, True]
    plain = reach(find_needed(law, None), drive)
    assert plain.sum(axis=2).ravel().tolist() == [2, 3, 4]


def test_correlations_never_leave_less_than_nothing_to_the_milestone(plan: Plan, model: Model) -> None:
    values = {**take_values(model.calibration), "milestones/common": np.array([0.3, 0.9]), "milestones/macro": 0.9}
    law = build_milestone_law(plan.milestones, model.calibration, values, plan.quarter_names)
    np.testing.assert_allclose(np.hypot(law.common, law.macro), [np.hypot(0.3, 0.9), 0.98])
    np.testing.assert_allclose(law.own, np.sqrt(1 - np.hypot(law.common, law.macro) ** 2))


def test_the_record_of_a_target_goes_before_that_of_its_class(plan: Plan, model: Model) -> None:
    numbers = model.calibration.milestones
    assert numbers is not None
    target = plan.milestones[0]
    own = {"reach": numbers.classes["statutory"].reach.model_copy(update={"value": 0.41})}
    known = type(numbers).model_validate(numbers.model_dump() | {"targets": {**numbers.targets, target.id: own}})
    calibration = model.calibration.model_copy(update={"milestones": known})
    law = build_milestone_law(plan.milestones, calibration, take_values(calibration), plan.quarter_names)
    assert law.chance[0] == pytest.approx(0.41 * 0.98)
    np.testing.assert_array_equal(law.chance[1:], model.milestone_law.chance[1:])


def test_without_milestones_there_is_no_law(plan: Plan, model: Model) -> None:
    bare = replace(plan, targets=plan.growth)
    law = build_milestone_law(bare.milestones, model.calibration, take_values(model.calibration), bare.quarter_names)
    assert (law.ids, law.needed.shape) == ((), (4, 0))
