"""Promises: numbers are plugged back in on both roads; the least retreat is searched for by brute force."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from small_models import make_law, make_model, make_scenario

import sim
from sim.analysis.probability import probability
from sim.analysis.promise import promise
from sim.engine.batches import count_event
from sim.engine.tasks import RunTask, prepare_run
from sim.errors import InputError
from sim.inputs.plan.aims import read_event
from sim.inputs.plan.plan import Plan
from sim.inputs.units import UNITS
from sim.model.model import Model
from sim.results.settings import RunSettings

ODDS = (0.5, 0.8)
TARGETS = ["gdp", "budget_revenue", "urban_jobs", "national_key_laboratories", "policy_lists_issued"]


@pytest.fixture(scope="module")
def task(model: Model) -> RunTask:
    return prepare_run(model, "export-slump", RunSettings(n_points=512, n_calibrations=16))


@pytest.fixture(scope="module")
def found(task: RunTask) -> pd.DataFrame:
    return promise(task, ODDS, targets=TARGETS)


def test_each_number_has_its_odds_and_the_next_step_has_not(task: RunTask, found: pd.DataFrame) -> None:
    steps = {"gdp": 0.1, "budget_revenue": 0.1, "urban_jobs": 0.1, "national_key_laboratories": 1.0}
    alone = found[(found.together == "no") & (found.target != "policy_lists_issued")]
    assert len(alone) == len(steps) * len(ODDS)
    for row in alone.itertuples():
        at, beyond = (
            float(probability(task, {row.target: number}).probability[0])
            for number in (row.number, row.number + steps[row.target])
        )
        assert at >= row.odds - 1e-6 > beyond - 1e-6, row
        unit = UNITS[row.unit]
        assert row.number * max(unit.singles, 10) == pytest.approx(round(row.number * max(unit.singles, 10)), abs=1e-6)


def test_paths_agree(task: RunTask, found: pd.DataFrame, model: Model) -> None:
    scenario = task.scenarios[0]
    for odds in ODDS:
        row = found[(found.target == "gdp") & (found.odds == odds) & (found.together == "no")].iloc[0]
        at, beyond = (
            count_event(model, scenario, read_event(model.plan, {"gdp": number}), 65_536, 3)[0].mean()
            for number in (row.number, row.number + 0.1)
        )
        assert at >= odds - 0.006
        assert beyond <= odds + 0.006
    together = found[(found.together == "yes") & (found.odds == 0.5)]
    pairs = zip(together.target, together.number, strict=True)
    numbers = {name: number for name, number in pairs if name != "national_key_laboratories" or number} | {
        "policy_lists_issued": None
    }
    joint = count_event(model, scenario, read_event(model.plan, numbers), 65_536, 3)[0].mean()
    assert 0.494 <= joint <= 0.53


def test_a_milestone_has_the_first_quarter_with_the_odds(task: RunTask, found: pd.DataFrame, plan: Plan) -> None:
    by_quarter = [
        float(probability(task, f"policy_lists_issued:{quarter}").probability[0]) for quarter in plan.quarter_names
    ]
    for row in found[found.target == "policy_lists_issued"].itertuples():
        enough = [place + 1 for place, each in enumerate(by_quarter) if each >= row.odds]
        assert row.number == (enough[0] if enough else np.nan) or (not enough and np.isnan(row.number))
        assert row.stated == 2


def test_ranges_hold_numbers_of_single_calibrations(found: pd.DataFrame) -> None:
    growth = found[found.target.isin(["gdp", "budget_revenue"]) & ((found.odds == 0.5) | (found.together == "no"))]
    assert (growth.low < growth.high).all()
    assert (growth.low <= growth.number + 1.5).all()
    harder = growth[growth.together == "no"].set_index(["target", "odds"]).number
    assert (harder.xs(0.5, level="odds") > harder.xs(0.8, level="odds")).all()


def test_no_retreat_is_less_than_the_one_found(twin: Plan) -> None:
    """Every pair of printed numbers is tried."""
    model = make_model(sim.load_model(twin), make_law(21, 2, 4, 5.0), [0.8, 0.5])
    task = prepare_run(model, make_scenario(), RunSettings(n_points=512, n_calibrations=0))
    names = [target.id for target in model.plan.judged]
    found = promise(task, 0.6)
    together = found[found.together == "yes"].set_index("target")
    stated = together.stated[names].to_numpy()
    spread = []
    for name in names:
        ends = promise(task, [0.1586553, 0.8413447], targets=name).query("together == 'no'").number.to_numpy()
        spread.append((ends[0] - ends[1]) / 2)

    def measure(numbers: np.ndarray) -> float:
        return float((((stated - numbers) / spread) ** 2).sum())

    grid = [np.round(np.floor(value * 10) / 10 - 0.1 * np.arange(30), 1) for value in stated]
    best = np.inf
    for numbers in product(*grid):
        asked = dict(zip(names, numbers, strict=True))
        retreat = measure(np.array(numbers))
        if retreat < best and float(probability(task, asked).probability[0]) >= 0.6:
            best = retreat
    assert measure(together.number[names].to_numpy()) == pytest.approx(best, rel=0.08)


def test_what_the_odds_allow_already_needs_no_retreat(twin: Plan) -> None:
    model = make_model(sim.load_model(twin), make_law(21, 2, 4, 5.0), [-2.5, -2.5])
    found = promise(prepare_run(model, make_scenario(), RunSettings(n_points=64, n_calibrations=0)), 0.6)
    together = found[found.together == "yes"]
    assert (together.number == together.stated).all()
    assert (found[found.together == "no"].number > together.stated.to_numpy()).all()


def test_out_of_reach_is_empty(task: RunTask) -> None:
    found = promise(task, 0.999, targets=["gdp", "policy_lists_issued"])
    assert found[found.target == "policy_lists_issued"].number.isna().all()
    assert found[found.together == "yes"].number.isna().all()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"odds": 1.2}, "odds: 1.2; allowed: more than 0 and less than 1"),
        ({"odds": [0.5, 0.0]}, "odds: 0; allowed"),
        ({"targets": "gpd"}, "targets: no target with odds 'gpd'"),
        ({"targets": "gdp:5"}, "targets: 'gdp:5' has a number already; write gdp"),
        ({"scenario": "export-slmp"}, "scenario: unknown 'export-slmp'; .* did you mean 'export-slump'"),
    ],
)
def test_what_makes_no_sense_is_refused(task: RunTask, asked: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        promise(task, **asked)
