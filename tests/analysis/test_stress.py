"""Reverse stress: what is found is plugged back in, on both roads; what is nearest is tried by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_models import make_law, make_model, make_scenario, make_shock

import sim
from sim.analysis.probability import probability
from sim.analysis.stress import find_stress
from sim.engine.batches import count_event
from sim.engine.tasks import RunTask, prepare_run
from sim.errors import InputError
from sim.inputs.plan.aims import read_event
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.sizes import Fixed, scale_size
from sim.model.model import Model
from sim.results.settings import RunSettings

BELOW = 0.1


@pytest.fixture(scope="module")
def task(model: Model) -> RunTask:
    return prepare_run(model, ["export-slump", "baseline"], RunSettings(n_points=256, n_calibrations=0))


@pytest.fixture(scope="module")
def found(task: RunTask) -> pd.DataFrame:
    return find_stress(task, "gdp", BELOW)


def plug_back(task: RunTask, changes: dict[str, dict[str, object]]) -> tuple[float, float]:
    """The odds of GDP with changed shocks, on both roads."""
    scenario = task.scenarios[0]
    shocks = dict(scenario.shocks)
    for name, change in changes.items():
        shocks[name] = shocks[name].model_copy(update=change)
    changed = replace(scenario, name="changed", shocks=shocks)
    exact = probability(
        prepare_run(task.model, changed, RunSettings(n_points=256, n_calibrations=0)), "gdp"
    ).probability[0]
    counted = count_event(task.model, changed, read_event(task.model.plan, "gdp"), 65_536, 5)[0].mean()
    return float(exact), float(counted)


def pick(found: pd.DataFrame, by: str, shock: str) -> pd.Series:
    return found[(found.by == by) & (found.shock == shock)].iloc[0]


def test_a_size_has_the_odds_asked_for(task: RunTask, found: pd.DataFrame) -> None:
    row = pick(found, "size", "export_slump")
    size = scale_size(task.scenarios[0].shocks["export_slump"].size, row.value)
    exact, counted = plug_back(task, {"export_slump": {"size": size}})
    assert exact == pytest.approx(BELOW, abs=1e-5)
    assert counted == pytest.approx(BELOW, abs=0.006)
    smaller = scale_size(task.scenarios[0].shocks["export_slump"].size, row.value - 0.1)
    assert plug_back(task, {"export_slump": {"size": smaller}})[0] > BELOW
    median, sigma = 1.0, np.log(2.5) / 1.6448536
    from scipy.special import ndtr

    assert row.once_in == pytest.approx(1 / ndtr(-np.log(row.value / median) / sigma), rel=1e-3)


def test_a_probability_has_the_odds_asked_for(task: RunTask, found: pd.DataFrame) -> None:
    row = pick(found, "probability", "rare_common_shock")
    exact, counted = plug_back(task, {"rare_common_shock": {"probability": row.value}})
    assert exact == pytest.approx(BELOW, abs=1e-5)
    assert counted == pytest.approx(BELOW, abs=0.006)
    assert row.once_in == pytest.approx(1 / row.value)


@pytest.mark.filterwarnings("ignore:scenario .changed.")
def test_never_below_tells_the_lowest_odds(task: RunTask, found: pd.DataFrame) -> None:
    row = pick(found, "size", "rare_common_shock")
    assert row.status == "never below"
    assert np.isnan(row.value)
    size = scale_size(task.scenarios[0].shocks["rare_common_shock"].size, 3)
    assert row.odds == pytest.approx(plug_back(task, {"rare_common_shock": {"size": size}})[0], abs=1e-6)
    certain = pick(found, "probability", "export_slump")
    assert certain.status == "never below"


def test_already_below_is_told(task: RunTask) -> None:
    row = find_stress(task, "gdp", 0.9).iloc[0]
    assert row.status == "already below"
    assert row.odds == row.odds_as_given < 0.9


def test_together_is_the_likeliest_of_all_sizes_that_do(twin: Plan) -> None:
    """Every pair of normal scores is tried."""
    model = make_model(sim.load_model(twin), make_law(4, 2, 4, 5.0), [-1.2, -1.0])
    law = {"law": "normal", "mean": 0.5, "sd": 0.4}
    storm, flood = make_shock(size=law), make_shock(size=law, loadings={"series_0": -0.5, "series_1": -1.0})
    task = prepare_run(model, make_scenario(storm=storm, flood=flood), RunSettings(n_points=256, n_calibrations=0))
    found = find_stress(task, "series_0_target", 0.25, by="together").set_index("shock")
    assert (found.status == "found").all()
    scores = (found.value[["storm", "flood"]].to_numpy() - 0.5) / 0.4
    assert found.odds.iloc[0] == pytest.approx(0.25, abs=1e-5)
    best = np.inf
    for first in np.arange(-1, 4, 0.1):
        for second in np.arange(-1, 4, 0.1):
            length = first**2 + second**2
            if length >= best:
                continue
            shocks = {
                name: shock.model_copy(update={"probability": 1.0, "size": Fixed(law="fixed", value=0.5 + 0.4 * score)})
                for name, shock, score in (("storm", storm, first), ("flood", flood, second))
            }
            changed = prepare_run(model, make_scenario(**shocks), RunSettings(n_points=64, n_calibrations=0))
            if probability(changed, "series_0_target").probability[0] <= 0.25:
                best = length
    assert float(scores @ scores) <= best + 0.05
    assert float(scores @ scores) >= best - 0.45


def test_groups_and_numbers_of_ones_own_may_be_asked_of(task: RunTask) -> None:
    found = find_stress(task, "gdp:4.5", 0.35, shock="export_slump", by="size")
    assert found.status[0] == "found"
    assert find_stress(task, "headline", 0.006, shock="export_slump", by="size").status[0] == "found"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"target": "gpd"}, "target: no target with odds 'gpd'"),
        ({"below": 10}, "below: 10; allowed: more than 0"),
        ({"shock": "quake"}, "shock: no shock 'quake'; allowed: export_slump, rare_common_shock"),
        ({"by": "luck"}, "by: unknown 'luck'; allowed: size, probability, together"),
        ({"scenario": "basline"}, "scenario: unknown 'basline'; .* did you mean 'baseline'"),
    ],
)
def test_what_makes_no_sense_is_refused(task: RunTask, asked: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        find_stress(task, **({"target": "gdp", "below": 0.1} | asked))


def test_a_scenario_without_shocks_has_none_to_change(twin: Plan) -> None:
    model = make_model(sim.load_model(twin), make_law(4, 2, 4, 5.0))
    with pytest.raises(InputError, match="has no shocks"):
        find_stress(
            prepare_run(model, make_scenario(), RunSettings(n_points=16, n_calibrations=0)), "series_0_target", 0.1
        )
