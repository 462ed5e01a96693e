"""What many tests start from."""

from pathlib import Path

import pytest
from hypothesis import settings
from small_plans import TABLES, WritePlan

from sim.analysis.sensitivity import Sensitivity, measure_sensitivity
from sim.engine.run import run
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan
from sim.inputs.scenario.reading import read_scenario, read_scenarios
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.results.run import Run

settings.register_profile("steady", deadline=None, derandomize=True, database=None, max_examples=40)
settings.load_profile("steady")
SCENARIOS = ["baseline", "export-slump", "external-and-property"]


@pytest.fixture(scope="session")
def plan() -> Plan:
    return read_plan("qingdao-2024")


@pytest.fixture(scope="session")
def model(plan: Plan) -> Model:
    return load_model(plan)


@pytest.fixture(scope="session")
def result(model: Model, plan: Plan) -> Run:
    """Three scenarios, one of which has a shock that makes another likelier, with error and range."""
    return run(model, read_scenarios(SCENARIOS, plan), n_paths=4_000, n_calibrations=16)


@pytest.fixture(scope="session")
def counted(model: Model, plan: Plan) -> Run:
    """The same by paths."""
    return run(model, read_scenarios(SCENARIOS, plan), n_paths=2_000, n_calibrations=16, method="paths")


@pytest.fixture(scope="session")
def sensitivity(model: Model, plan: Plan) -> Sensitivity:
    return measure_sensitivity(
        model, read_scenario("external-and-property", plan), n_paths=4000, seed=7, method="paths"
    )


@pytest.fixture(scope="session")
def two_indicator_plan(tmp_path_factory: pytest.TempPathFactory) -> WritePlan:
    """Writes a plan of two indicators; `indicators=("5.9", "6%")` writes one thing for another, bytes write all."""

    def write(folder: Path | None = None, **changes: tuple[str, str] | bytes | None) -> Path:
        folder = folder or tmp_path_factory.mktemp("twin")
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in TABLES.items():
            change = changes.pop(Path(file).stem, ("", ""))
            if isinstance(change, tuple):
                before, after = change
                assert before in text, f"{file} holds no {before!r}"
                change = text.replace(before, after, 1).encode()
            if change is not None:
                (folder / file).write_bytes(change)
        assert not changes
        return folder

    return write


@pytest.fixture(scope="session")
def twin(two_indicator_plan: WritePlan) -> Plan:
    return read_plan(two_indicator_plan())
