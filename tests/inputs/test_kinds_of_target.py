"""Kinds of target: each row becomes the class of its kind, with the numbers that the kind needs."""

import csv
import shutil
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.inputs.plan.criteria import CRITERIA
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan
from sim.inputs.plan.targets import (
    TARGET_COLUMNS,
    Composite,
    Delivery,
    Growth,
    InStep,
    Milestone,
    Unmeasured,
    choose_form,
)

KINDS = (Growth, InStep, Delivery, Milestone, Composite, Unmeasured)


def change(plan: Plan, folder: Path, target: str, **cells: str) -> Path:
    shutil.copytree(plan.folder, folder / "plan")
    path = folder / "plan" / "targets.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    next(row for row in rows if row["id"] == target).update(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder / "plan"


def test_a_table_has_the_columns_that_the_kinds_need_and_no_other() -> None:
    filled = {"own_unit", "level"}  # of other columns, and of another table
    assert {*TARGET_COLUMNS, *filled} == {name for kind in KINDS for name in kind.model_fields}
    everywhere = set.intersection(*(set(kind.model_fields) for kind in KINDS))
    due = {name for name in everywhere if all(kind.list_columns()[name] for kind in KINDS)}
    assert {name for name, needed in TARGET_COLUMNS.items() if needed} == due


def test_every_target_of_the_plan_is_of_one_kind_in_the_order_of_the_table(plan: Plan) -> None:
    parts = (plan.growth, plan.deliveries, plan.milestones, plan.composites)
    assert [len(part) for part in parts] == [6, 40, 31, 0]
    assert sorted((each for part in parts for each in part), key=plan.targets.index) == list(plan.judged)
    assert {each.kind for each in plan.deliveries} == {"level", "count", "multiple", "programme"}
    assert plan.headline_growth == plan.headline


@pytest.mark.parametrize(
    ("target", "cells", "problem"),
    [
        ("metro_line_6", {"value": "3", "unit": "条"}, "a target of kind milestone has no value; leave it empty"),
        ("gdp", {"quarter": "Q2"}, "a target of kind growth has no quarter; leave it empty"),
        ("property_policies", {"season": "projects"}, "a target of kind qualitative has no season; leave it empty"),
    ],
    ids=["a milestone's value", "a date of growth", "a class of nothing"],
)
def test_a_cell_that_would_not_count_is_refused(
    plan: Plan, tmp_path: Path, target: str, cells: dict[str, str], problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_plan(change(plan, tmp_path, target, **cells))
    assert problem in str(caught.value)
    assert len(caught.value.faults) == len(cells)


def test_a_delivery_whose_number_is_forgotten_is_asked_for_its_reason_alone(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_plan(change(plan, tmp_path, "grain_output", value=""))
    assert [fault.problem for fault in caught.value.faults] == ["a target without odds needs the reason why"]


@pytest.mark.parametrize("kind", CRITERIA)
def test_a_class_takes_the_kinds_that_it_is_chosen_for(kind: str) -> None:
    cells = {"kind": kind, "value": "2", "members": "a"}
    assert kind in str(choose_form(cells).model_fields["kind"].annotation)
    assert choose_form({"kind": kind}) in (choose_form(cells), Unmeasured)
