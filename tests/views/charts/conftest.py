"""What several charts are drawn from."""

import pytest

import sim
from sim.inputs.plan.plan import Plan
from sim.learning.backtest import Backtest


@pytest.fixture(scope="session")
def backtest(plan: Plan) -> Backtest:
    return sim.backtest(sim.read_history(plan.folder / "history.csv"), first=2019)
