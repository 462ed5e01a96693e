"""The number of targets met in large groups: by cumulants, and multiplied out."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import make_scenario, make_shock
from wide_plans import build_long

import sim
from sim.engine.counting import open_tally
from sim.engine.draws import draw
from sim.engine.exact.number_met import MANY, average_number_met, count_met
from sim.engine.exact.points import Points, lay_points
from sim.engine.path_runs import count_piece
from sim.engine.paths import start, unfold
from sim.inputs.plan.readings import list_groups
from sim.inputs.plan.targets import Composite
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return build_long(tmp_path_factory.mktemp("long"), 330)


@pytest.fixture(scope="module")
def points(long: Model) -> Points:
    return lay_points(long, 8, 2024, range(2))


def average_counts(model: Model, chances: np.ndarray, points: Points, members: list[int]) -> np.ndarray:
    """The same from each point's distribution, by double-precision products of polynomials."""
    alone = set(members) - {place for place, each in enumerate(model.plan.judged) if each in model.plan.composites}
    assert alone == set(members)
    law = np.ones((1, chances.shape[1]))
    for place in members:
        one = chances[place].astype(float)
        law = np.vstack([law * (1 - one), np.zeros_like(law[:1])]) + np.vstack([np.zeros_like(law[:1]), law * one])
    return points.average(law)


@pytest.mark.parametrize("spread", [1.0, 0.1, 0.02, 0.0])
def test_a_large_group_is_counted_as_if_target_by_target(long: Model, points: Points, spread: float) -> None:
    """From chances all over to almost certain ones: both ways of counting, and points of both kinds together."""
    members = list_groups(long.plan)["all"]
    assert len(members) >= MANY
    numbers = np.random.default_rng(3)
    likely = numbers.beta(2, 1, (len(members), points.n_points))
    sure = (likely > 0.4).astype(float)
    width = np.where(np.arange(points.n_points) % 3, spread, spread**2)
    chances = ((1 - width) * sure + width * likely).astype(np.float32)
    found = average_number_met(long.plan, members, chances, points)
    np.testing.assert_allclose(found, average_counts(long, chances, points, members), atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-6)


def test_weights_and_composites_count_as_in_small_groups(long: Model, points: Points) -> None:
    names = [target.id for target in long.plan.milestones[:3]]
    first = long.plan.milestones[0]
    fields = {"id": "lot", "name_en": "lot", "name_zh": "lot", "kind": "composite", "criterion": "all_of"}
    lot = Composite.model_validate(
        {"section": "一", "phrase": "全部", "source": "s", "group": first.group, "members": " ".join(names), **fields}
    )
    plan = replace(long.plan, targets=(*long.plan.targets, lot))
    numbers = np.random.default_rng(4)
    members = [place for place, each in enumerate(plan.judged) if each.id != names[0]]
    chances = numbers.uniform(0, 1, (len(plan.judged), points.n_points)).astype(np.float32)
    chances[-1] = chances[[place for place, each in enumerate(plan.judged) if each.id in names]].prod(axis=0)
    wanted = points.average(count_met(plan, members, chances))
    np.testing.assert_allclose(average_number_met(plan, members, chances, points), wanted, atol=2e-6)


def test_a_run_of_many_targets_adds_up(long: Model) -> None:
    found = sim.run(long, "baseline", n_points=16, n_paths=200, n_calibrations=0).attainments[0]
    number = found.number_met["all"]
    met = found.met[0]
    assert number.sum() == pytest.approx(1, abs=1e-6)
    assert number @ np.arange(len(number)) == pytest.approx(met.sum(), abs=1e-3)


def test_paths_of_a_long_plan_are_worked_on_in_parts(long: Model) -> None:
    """Counted in one piece of a block or in parts, as plans of many targets are: the same to the last path."""
    baseline = sim.read_scenario("baseline", long.plan)
    few = count_piece(long, [baseline], 2024, 0, 6_000)[0]
    draws = draw(long, 6_000)
    whole = open_tally(long, baseline, compile_scenario(long, baseline))
    whole.add(unfold(start(long, draws), baseline))
    for name in ("met", "both"):
        np.testing.assert_array_equal(getattr(few, name), getattr(whole, name))
    for name in ("growth", "progress"):
        np.testing.assert_array_equal(getattr(few, name).counts, getattr(whole, name).counts)


def test_what_shocks_leave_alone_is_kept_of_a_group_only_where_that_is_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of growth and other targets together: their number averages to the sum of their odds, shocks or not."""
    monkeypatch.setattr("sim.engine.exact.integrals.MANY", 2)
    storm = make_shock(probability=0.5, loadings={"gdp": -1.0})  # with and without it on as many points
    result = sim.run("china-2024", make_scenario(storm=storm), n_points=16, n_paths=200, n_calibrations=0)
    found, plan = result.attainments[0], result.model.plan
    assert min(len(plan.growth), len(plan.deliveries)) > 0
    for group, members in list_groups(plan).items():
        number = found.number_met[group]
        assert number @ np.arange(len(number)) == pytest.approx(found.met[0, members].sum(), abs=1e-4)
