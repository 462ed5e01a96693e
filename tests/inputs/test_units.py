"""Units: those of ordinary plans are known, any other is declared in a table of the plan."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan
from sim.inputs.units import UNITS, count_singles, find_unit
from sim.views.phrases import say_aim

DECLARED = "unit,name_en,singles\n架,aircraft,1\ndozens,dozens of homes,12\nqubits·s,qubit seconds,0\n"


def copy_plan(plan: Plan, folder: Path, unit: str, value: str) -> Path:
    """Copy the shipped plan with another goal for its first stores, which are counted one by one."""
    shutil.copytree(plan.folder, folder)
    targets = (folder / "targets.csv").read_text(encoding="utf-8-sig").splitlines(keepends=True)
    rows = [
        line if not line.startswith("first_stores,") else line.replace(",30,家,", f",{value},{unit},")
        for line in targets
    ]
    assert rows != targets or unit == "家"
    (folder / "targets.csv").write_text("".join(rows), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "unit", ["座", "公里", "张", "户", "万户", "亿美元", "万平方米", "吨", "万标箱", "辆", "km", "微克/立方米"]
)
def test_units_of_ordinary_plans_are_known(unit: str) -> None:
    assert find_unit(unit) == UNITS[unit]


@pytest.mark.parametrize(
    ("written", "unit"), [("％", "%"), ("ＫＭ", "km"), ("㎡", "m2"), (" 座", "座"), ("Homes", "homes")]
)
def test_a_unit_is_known_in_any_width_and_case(written: str, unit: str) -> None:
    assert find_unit(written) == UNITS[unit]


def test_each_unit_counts_or_measures() -> None:
    assert count_singles(1.5, "万户") == 15_000
    assert count_singles(1.5, "公里") is None
    with pytest.raises(ValueError, match=r"2.5 座 is not a whole number of structures"):
        count_singles(2.5, "座")


@pytest.mark.parametrize(
    ("unit", "value", "things", "en", "zh"),
    [
        ("架", "30", 30, "at least 30", "30架以上"),
        ("dozens", "3", 36, "at least 36 dozens of homes", "3 dozens以上"),
        ("qubits·s", "30", np.inf, "at least 30 qubit seconds", "30qubits·s以上"),
        ("座", "30", 30, "at least 30", "30座以上"),
    ],
)
def test_a_declared_unit_reaches_law_and_words(
    plan: Plan, tmp_path: Path, unit: str, value: str, things: float, en: str, zh: str
) -> None:
    folder = copy_plan(plan, tmp_path / "own", unit, value)
    (folder / "units.csv").write_text(DECLARED, encoding="utf-8")
    own = read_plan(folder)
    model = sim.load_model(own)
    law = model.delivery_law
    assert law.arrivals[law.ids.index("first_stores")] == things
    target = next(each for each in own.deliveries if each.id == "first_stores")
    assert (say_aim(target).en, say_aim(target).zh) == (en, zh)
    assert folder / "units.csv" in own.files
    sim.run(model, "baseline", n_paths=200, n_points=64, n_calibrations=0)  # as code passes the door again


def test_a_unit_that_nobody_declared_is_told_with_the_way_out(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown unit '架'; .*declare another in units.csv: unit,name_en,singles"):
        read_plan(copy_plan(plan, tmp_path / "own", "架", "30"))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("架,aircraft,one", "units.csv:2:3: 'one' is not a number"),
        ("架,,1", "units.csv:2:2"),
        ("架,a,-1", "units.csv:2:3"),
    ],
)
def test_faults_of_a_declaration_are_told(plan: Plan, tmp_path: Path, row: str, told: str) -> None:
    folder = copy_plan(plan, tmp_path / "own", "家", "30")
    (folder / "units.csv").write_text(f"unit,name_en,singles\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_plan(folder)
    assert any(told in str(fault) for fault in caught.value.faults), str(caught.value)
