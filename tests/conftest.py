"""What many tests start from."""

import pytest

from sim.model import Model, calibrate
from sim.plan import Plan, read_plan


@pytest.fixture(scope="session")
def plan() -> Plan:
    return read_plan("qingdao-2024")


@pytest.fixture(scope="session")
def model(plan: Plan) -> Model:
    return calibrate(plan)
