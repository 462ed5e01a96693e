"""What odds rest on: every target told of, faults by their place, and the counts those of the record tables."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_plans import WritePlan

import sim
from sim.errors import InputError
from sim.inputs.evidence import GRADES, grade_targets, read_evidence
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Composite, Delivery, Milestone
from sim.inputs.records import read_classes, read_records
from sim.learning.class_rates import learn_rates

HEADER = "target,class,own_reached,own_n,grade,own_items,note\n"


def find_faults(folder: Path, text: str) -> list[str]:
    (folder / "evidence.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_evidence(sim.read_plan(folder))
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def test_a_plan_may_have_none(twin: Plan) -> None:
    assert read_evidence(twin) == {}


def test_every_fault_has_its_place(two_indicator_plan: WritePlan) -> None:
    folder = two_indicator_plan()
    targets = [target.id for target in sim.read_plan(folder).judged]
    rows = [f"{target},,0,0,assumption,,none" for target in targets]
    changed = [
        rows[0].replace(targets[0], targets[0] + "x"),
        *rows[1:-1],
        rows[-1].replace(",,0,0", ",jbos,0,0"),
    ]
    found = find_faults(folder, HEADER + "\n".join(changed) + "\n")
    assert any(each.startswith(f"evidence.csv:2:1: no target '{targets[0]}x' with odds") for each in found)
    assert any("unknown class 'jbos'" in each and each.endswith("did you mean 'jobs'?") for each in found)
    assert any(f"nothing is said of target '{targets[0]}'" in each for each in found)
    wrong = rows[0].replace("0,0,assumption", "2,1,own_record")
    assert any("2 of 1 promises were kept" in each for each in find_faults(folder, f"{HEADER}{wrong}\n"))
    wrong = rows[0].replace("assumption", "own_record")
    assert any("own_record needs at least one" in each for each in find_faults(folder, f"{HEADER}{wrong}\n"))
    wrong = rows[0].replace("assumption", "hunch")
    assert any("unknown 'hunch'" in each for each in find_faults(folder, f"{HEADER}{wrong}\n"))
    assert any("is repeated" in each for each in find_faults(folder, f"{HEADER}{rows[0]}\n{rows[0]}\n"))


@pytest.mark.parametrize("name", ["qingdao-2024", "china-2024"])
def test_shipped_evidence_is_that_of_the_record_tables(name: str) -> None:
    plan, records, classes = sim.read_plan(name), read_records(), read_classes()
    evidence, rates = read_evidence(plan), learn_rates(records)
    assert list(evidence) == [target.id for target in plan.judged]
    for target, row in evidence.items():
        assert row.grade in GRADES
        if row.class_id is None:
            continue
        own = rates.find_target(row.class_id, plan.place_en, row.items) if row.class_id in rates.rates else None
        if own is not None:
            assert (row.own_reached, row.own_n) == (own.reached, own.n), target
            has_record = rates[row.class_id].n > 0
            assert row.grade != "class_record" or has_record, target
            assert row.grade not in ("one_figure", "assumption") or not has_record, target
        else:
            assert classes[row.class_id].kind == "programme"


def test_the_class_of_a_target_is_one_fact(plan: Plan, tmp_path: Path) -> None:
    shutil.copytree(plan.folder, tmp_path / "plan")
    text = (plan.folder / "evidence.csv").read_text(encoding="utf-8-sig")
    found = find_faults(tmp_path / "plan", text.replace("economic_census,statutory", "economic_census,event_held"))
    assert len(found) == 1
    assert "class 'event_held' of economic_census, whose odds are those of 'statutory' (targets.csv)" in found[0]


@pytest.mark.parametrize("name", ["qingdao-2024", "china-2024"])
def test_the_class_that_is_told_is_the_class_of_the_odds(name: str) -> None:
    model = sim.load_model(name)
    for target, row in read_evidence(model.plan).items():
        each = next(one for one in model.plan.judged if one.id == target)
        numbers = model.calibration.deliveries if isinstance(each, Delivery) else model.calibration.milestones
        if numbers is not None and isinstance(each, Delivery | Milestone) and row.class_id not in (None, "programme"):
            assert row.class_id == numbers.find_class(each), target  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["qingdao-2024", "china-2024"])
def test_growth_counts_its_own_history(name: str) -> None:
    plan = sim.read_plan(name)
    history, better = sim.read_history(plan.folder / "history.csv"), {each.id: each.better for each in plan.indicators}
    for target, row in read_evidence(plan).items():
        if find_kind(plan, target) != "growth":
            continue
        rows = (history.indicator == target) & np.isfinite(history.target) & np.isfinite(history.outcome)
        ahead = (history.outcome - history.target)[rows] * (1 if better[target] == "higher" else -1)
        assert (row.own_reached, row.own_n) == ((ahead >= -0.05 - 1e-9).sum(), rows.sum()), target


def find_kind(plan: Plan, name: str) -> str:
    return next(str(target.kind) for target in plan.targets if target.id == name)


def test_what_has_no_evidence_says_so(plan: Plan) -> None:
    evidence = read_evidence(plan)
    for target in ("producer_services_value_added", "new_energy_vehicle_output", "storage_capacity"):
        assert evidence[target].grade == "assumption"
        assert evidence[target].note.startswith("no evidence")
    assert {row.grade for row in evidence.values()} == set(GRADES)


def test_odds_carry_the_grade_of_their_target(plan: Plan) -> None:
    told, model = read_evidence(plan), sim.load_model(plan)
    odds = sim.run(model, "baseline", n_paths=500, n_points=64, n_calibrations=0).attainments[0].odds
    assert dict(zip(odds.target, odds.evidence, strict=True)) == {name: row.grade for name, row in told.items()}
    bare = replace(plan, folder=plan.folder / "nowhere")
    derived = grade_targets(bare, model.calibration)
    assert derived.keys() == told.keys()
    assert derived["urban_jobs"] == "own_record"
    assert derived["metro_line_6"] == derived["key_construction_projects"] == "class_record"
    assert derived["boe_full_production"] == derived["new_energy_vehicle_output"] == "assumption"


def test_a_composite_is_as_well_founded_as_its_weakest_member(plan: Plan) -> None:
    members = ("urban_jobs", "boe_full_production")
    both = Composite.model_validate(
        plan.judged[0].model_dump(include={"section", "phrase", "name_en", "name_zh", "group", "source"})
        | {"id": "both", "kind": "composite", "criterion": "all_of", "members": members}
    )
    wider = replace(plan, targets=(both, *plan.targets))
    assert grade_targets(wider, sim.load_model(plan).calibration)["both"] == "assumption"
