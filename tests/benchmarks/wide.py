"""Models of many scenarios, shocks, targets, indicators and quarters: what each row of growth runs."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from small_models import make_law, make_model, make_scenario, make_shock
from small_plans import write_counties
from wide_plans import build_long, build_wide

import sim
from sim.engine.executors import open_executor
from sim.engine.run import run
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model

Task = Callable[[], object]


def make_storms(model: Model, shocks: int, variant: int = 0) -> Scenario:
    """A scenario of some shocks of one kind that differ a little."""
    first, second = (indicator.id for indicator in model.plan.indicators[:2])
    storms = {
        f"storm_{number}": make_shock(
            probability=0.1,
            onset={"Q1": 0.5, "Q2": 0.5},
            loadings={first: -0.5 - 0.01 * number, second: -0.3 - 0.001 * variant},
        )
        for number in range(shocks)
    }
    return replace(make_scenario(**storms), name=f"storms_{shocks}_{variant}")


def run_scenarios(count: int) -> Task:
    """So many scenarios of two shocks on the shipped plan."""
    model = sim.load_model("qingdao-2024")
    scenarios = [make_storms(model, 2, variant) for variant in range(count)]
    return lambda: run(model, scenarios)


def sweep_plans(count: int, workers: str = "processes:2") -> Task:
    """A sweep of ten cases over so many plans of two indicators, from their folders to the table."""
    places = write_counties(Path(tempfile.mkdtemp()) / "counties", count)
    chances = [number / 10 for number in range(10)]
    design = {
        "scenario": make_scenario(storm=make_shock(loadings={"gdp": -1.0})),
        "design": "list",
        "vary": {"shocks.storm.probability": chances},
    }

    def work() -> None:
        with open_executor(workers) as executor:
            sim.sweep(places, design, executor=executor)

    return work


def run_targets(count: int) -> Task:
    """One scenario on the shipped plan with so many more targets."""
    model = build_long(Path(tempfile.mkdtemp()), count)
    return lambda: run(model, [make_storms(model, 1)])


def run_indicators(count: int) -> Task:
    """One scenario on a plan of so many headline indicators."""
    model = build_wide(Path(tempfile.mkdtemp()), indicators=count)
    return lambda: run(model, [make_storms(model, 1)])


def run_quarters(count: int) -> Task:
    """One scenario on a law of two indicators and so many quarters."""
    model = make_model(build_wide(Path(tempfile.mkdtemp())), make_law(1, 2, count, 5.0))
    return lambda: run(model, [make_storms(model, 1)])
