"""Growth in step with another indicator's, as incomes with the economy: counted on paths, both as printed."""

from pathlib import Path

import numpy as np
import pytest
from small_plans import TABLES, WritePlan

import sim
from sim.engine.exact.odds import explain_paths
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan
from sim.inputs.plan.targets import InStep, describe_aim
from sim.inputs.scenario.reading import ORDINARY
from sim.views.phrases import say_aim

N = 60_000


def write(two_indicator_plan: WritePlan, folder: Path, cells: str, columns: str = "") -> Plan:
    """Give the two-indicator plan a target that retail sales keep step with GDP."""
    head, *rows = TABLES["targets.csv"].splitlines()
    row = (
        f"step,二,与经济增长同步,Retail sales in step,零售同步,retail_sales,{cells},no,macro,s{',gpd' * bool(columns)}"
    )
    rows = [f"{each}{',' * columns.count(',')}" for each in rows]
    text = "\n".join([head + columns, *rows, row]) + "\n"
    return read_plan(two_indicator_plan(folder, targets=text.encode()))


def find(plan: Plan, reading: str = "printed") -> float:
    frame = sim.run(plan, ORDINARY, n_paths=N, n_calibrations=0).attainments[0].odds
    return float(frame[(frame["target"] == "step") & (frame["reading"] == reading)]["probability"].iloc[0])


@pytest.mark.parametrize("criterion", ["in_step", "同步"])
def test_step_is_kept_as_often_as_the_difference_says(
    two_indicator_plan: WritePlan, tmp_path: Path, criterion: str
) -> None:
    """Where the phase of rounding is even, a difference of -d within a step is printed as none with odds 1 - d/step."""
    plan = write(two_indicator_plan, tmp_path, f"{criterion},0,pp,0")
    model = sim.load_model(plan)
    assert "in step" in explain_paths(model, ORDINARY)
    paths = sim.simulate(model, ORDINARY, sim.draw(model, N, seed=11))
    for quarter, reading in ((3, "printed"), (1, "H1")):
        ahead = paths.cumulative[quarter, 1] - paths.cumulative[quarter, 0]
        expected = float(np.clip(1 + ahead / 0.1, 0, 1).mean())
        assert find(plan, reading) == pytest.approx(expected, abs=0.01)


def test_a_lead_is_harder_and_a_tolerance_easier(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    cells = {"bare": "in_step,0,pp,0", "lead": "in_step,0.5,pp,0", "nearly": "in_step,0,pp,0.5"}
    odds = {name: find(write(two_indicator_plan, tmp_path / name, each)) for name, each in cells.items()}
    assert odds["lead"] < odds["bare"] - 0.02
    assert odds["nearly"] > odds["bare"] + 0.02


def test_a_step_counts_in_groups_and_events(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    plan = write(two_indicator_plan, tmp_path, "in_step,0,pp,0")
    result = sim.run(plan, ORDINARY, n_paths=N, n_calibrations=0)
    found = result.attainments[0]
    assert found.number_met["macro"].sum() == pytest.approx(1)
    together = sim.probability(result, ["step", "gdp_growth"])
    alone = sim.probability(result, "step")
    assert 0 < float(together["probability"].iloc[0]) < float(alone["probability"].iloc[0])
    assert float(alone["probability"].iloc[0]) == pytest.approx(find(plan), abs=0.02)


def test_a_step_is_said_as_one(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    target = write(two_indicator_plan, tmp_path, "in_step,0,pp,0").judged[-1]
    assert isinstance(target, InStep)
    assert describe_aim(target) == "≥ gdp"
    assert (say_aim(target).en, say_aim(target).zh) == ("in step with the growth of GDP", "与经济增长同步")


def test_a_reference_that_the_plan_lacks_is_told(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"targets.csv:4:14: unknown reference 'gpd'; .*did you mean 'gdp'"):
        write(two_indicator_plan, tmp_path, "in_step,0,pp,0", ",reference")
