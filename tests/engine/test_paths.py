"""Paths: the law followed, and shocks laid over it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_models import make_storm

from sim.engine.draws import Draws
from sim.engine.draws import draw as draw_redrawn
from sim.engine.paths import Paths, simulate
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import ORDINARY, Scenario, read_scenario
from sim.model.accounting import accumulate
from sim.model.lookup_table import find_scale
from sim.model.model import Model

QUARTERS = ("Q1", "Q2", "Q3", "Q4")


def draw(model: Model, n_paths: int) -> Draws:
    """Draw paths that all follow the calibration as it is stated."""
    return draw_redrawn(model, n_paths, redrawn=False)


def scenario_of(**shocks: Shock) -> Scenario:
    return replace(ORDINARY, shocks=shocks)


def test_shape_and_type(model: Model) -> None:
    paths = simulate(model, ORDINARY, draw(model, 11))
    assert paths.growth.shape == paths.cumulative.shape == (4, 6, 11)
    assert paths.annual.shape == (6, 11)
    assert paths.growth.dtype == np.float32
    assert paths.n_paths == 11


def test_a_fixed_shock_adds_size_times_profile_times_loading(model: Model) -> None:
    draws = draw(model, 500)
    change = simulate(model, scenario_of(storm=make_storm()), draws).growth - simulate(model, ORDINARY, draws).growth
    np.testing.assert_allclose(change[:, 0], np.tile([[0], [-2], [-1], [-0.5]], (1, 500)), atol=2e-6)
    assert (change[:, 1:] == 0).all()


def test_one_path_by_hand(model: Model) -> None:
    """The recursion written out in double precision for a single path."""
    draws, law = draw(model, 3), model.law
    deviation, scale = law.momentum, find_scale(law.degrees_of_freedom, draws.levels)
    growth = np.empty((4, 6))
    for q in range(4):
        news = law.innovation_common * draws.common[q, 1] + law.innovation_own * draws.own[q, :, 1]
        deviation = law.persistence @ deviation + scale[q, 1] * news
        trend = law.trend_common * draws.trend_common[1] + law.trend_own * draws.trend_own[:, 1]
        growth[q] = law.path[q] + trend + deviation + scale[q, 1] * law.quarter_own * draws.quarter_own[q, :, 1]
    paths = simulate(model, ORDINARY, draws)
    np.testing.assert_allclose(paths.growth[..., 1], growth, rtol=2e-5)
    np.testing.assert_allclose(paths.cumulative[..., 1], accumulate(growth, law.shares), rtol=2e-5)


def test_share_of_shocks_and_onsets(model: Model) -> None:
    n = 100_000
    weights = {"Q1": 0.1, "Q2": 0.2, "Q3": 0.3, "Q4": 0.4}
    shock = make_storm(probability=0.3, onset=weights, profile={"shape": "pulse"})
    draws = draw(model, n)
    change = simulate(model, scenario_of(storm=shock), draws).growth - simulate(model, ORDINARY, draws).growth
    seen = (np.abs(change[:, 0]) > 1).mean(axis=1)
    expected = 0.3 * np.array([0.1, 0.2, 0.3, 0.4])
    assert (np.abs(seen - expected) < 4 * np.sqrt(expected / n)).all()


def test_dependence_gives_the_stated_chances(model: Model) -> None:
    parent = make_storm(probability=0.4, profile={"shape": "pulse"})
    depends = {"shock": "parent", "probability_if_happened": 0.9, "probability_if_not": 0.2}
    child = make_storm(probability=None, depends_on=depends, loadings={"retail_sales": 1.0}, profile={"shape": "pulse"})
    draws = draw(model, 100_000)
    change = simulate(model, scenario_of(parent=parent, child=child), draws).growth
    change = change - simulate(model, ORDINARY, draws).growth
    first, second = np.abs(change[1, 0]) > 1, np.abs(change[1, 4]) > 1
    assert second[first].mean() == pytest.approx(0.9, abs=0.01)
    assert second[~first].mean() == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(
    "shock",
    [
        make_storm(size={"law": "fixed", "value": 0.0}),
        make_storm(probability=0.0),
        make_storm(loadings={}),
        make_storm(profile={"shape": "list", "values": [0.0]}),
    ],
    ids=["zero size", "never", "no loadings", "flat"],
)
def test_a_shock_without_effect_changes_no_bit(model: Model, shock: Shock) -> None:
    draws = draw(model, 2_000)
    base = scenario_of(storm=make_storm(probability=0.5))
    more = scenario_of(storm=base.shocks["storm"], another=shock)
    np.testing.assert_array_equal(simulate(model, base, draws).growth, simulate(model, more, draws).growth)


def test_baseline_with_every_shock_at_zero_is_the_ordinary_year(plan: Plan, model: Model) -> None:
    baseline, draws = read_scenario("baseline", plan), draw(model, 1_000)
    nothing = {name: shock.model_copy(update={"probability": 0.0}) for name, shock in baseline.shocks.items()}
    zero = simulate(model, replace(baseline, shocks=nothing), draws)
    np.testing.assert_array_equal(zero.growth, simulate(model, ORDINARY, draws).growth)


def test_a_larger_bad_shock_lowers_every_path(model: Model) -> None:
    draws = draw(model, 2_000)
    sizes = [{"law": "lognormal", "median": median, "sigma": 0.5} for median in (0.5, 1.0, 2.0)]
    annual = [simulate(model, scenario_of(storm=make_storm(size=size)), draws).annual[0] for size in sizes]
    assert (annual[0] > annual[1]).all()
    assert (annual[1] > annual[2]).all()


def test_a_stimulus_is_a_slump_with_the_other_sign(model: Model) -> None:
    draws, none = draw(model, 500), simulate(model, ORDINARY, draw(model, 500)).growth
    down = simulate(model, scenario_of(storm=make_storm()), draws).growth - none
    up = simulate(model, scenario_of(storm=make_storm(loadings={"gdp": 1.0})), draws).growth - none
    np.testing.assert_allclose(up, -down, atol=4e-6)


def test_scenario_does_not_touch_the_draws_or_the_ordinary_paths(model: Model) -> None:
    draws = draw(model, 100)
    before = simulate(model, ORDINARY, draws).growth.copy()
    simulate(model, scenario_of(storm=make_storm()), draws)
    np.testing.assert_array_equal(simulate(model, ORDINARY, draws).growth, before)


def test_order_of_rows_changes_no_number(plan: Plan, model: Model, tmp_path: Path) -> None:
    import shutil

    from sim.inputs.plan.reading import read_plan
    from sim.learning.loading import load_model

    folder = tmp_path / "turned"
    shutil.copytree(plan.folder, folder)
    for file in folder.glob("*.csv"):
        header, *rows = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join([header, *reversed(rows)]) + "\n", encoding="utf-8")
    turned = load_model(read_plan(folder))
    scenario = read_scenario("external-and-property", plan)
    straight, reverse = (simulate(each, scenario, draw(each, 3_000)) for each in (model, turned))
    assert isinstance(straight, Paths)
    np.testing.assert_allclose(straight.growth, reverse.growth[:, ::-1], atol=1e-5)  # sums in another order


def test_a_shock_that_stops_all_work_leaves_nothing_delivered(model: Model) -> None:
    stop = make_storm(onset="Q1", speed={"all": -1.0}, profile={"shape": "step"}, loadings={})
    paths = simulate(model, scenario_of(storm=stop), draw(model, 100))
    assert np.isneginf(paths.courses).all()
    assert (paths.progress == 0).all()
