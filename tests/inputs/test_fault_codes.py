"""Codes of faults: what code may tell faults apart by; their words are for people alone."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from small_plans import TABLES, WritePlan

import sim
from sim.errors import Code, Fault, InputError, Place, find_unknown
from sim.inputs.plan.reading import read_plan
from sim.inputs.scenario.reading import read_scenario

SOURCE = Path(sim.__file__).parent


@pytest.mark.parametrize(
    ("table", "old", "new", "code"),
    [
        ("targets.csv", "5.5,%", "5.5%,%", "unit"),
        ("targets.csv", "5.5,%", "much,%", "number"),
        ("targets.csv", "0.2,yes", "-0.2,yes", "range"),
        ("targets.csv", "0.2,yes", "0.2,yse", "unknown"),
        ("targets.csv", ",macro,s\nretail", ",macro,\nretail", "empty"),
        ("targets.csv", "增长5.5%左右", "FILL IN: its words", "unfilled"),
        ("targets.csv", "retail_growth,", "gdp_growth,", "repeated"),
        ("targets.csv", "section,", "sektion,", "missing"),
        ("targets.csv", "at_least,5", "complete,5", "invalid"),
        ("quarters.csv", "gdp,Q2,", "gpd,Q2,", "missing"),
        ("indicators.csv", "id,", "", "missing"),
        ("targets.csv", None, None, "no_file"),
    ],
)
def test_each_kind_of_fault_of_a_table_has_its_code(
    two_indicator_plan: WritePlan, table: str, old: str | None, new: str | None, code: str
) -> None:
    folder = two_indicator_plan()
    if old is None or new is None:
        (folder / table).unlink()
    else:
        assert old in TABLES[table]
        (folder / table).write_text(TABLES[table].replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_plan(folder)
    assert code in {fault.code for fault in caught.value.faults}
    assert {fault.code for fault in caught.value.faults} <= set(get_args(Code))


def test_what_a_file_that_was_not_read_may_hold_is_not_asked_for(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    plan = read_plan(two_indicator_plan())
    path = tmp_path / "child.yaml"
    shock = "{depends_on: {shock: b, probability_if_happened: 1, probability_if_not: 0}, loadings: {gpd: -1}}"
    path.write_text(f"schema_version: 1\nextends: nowhere\nshocks:\n  a: {shock}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_scenario(path, plan)
    problems = [fault.problem for fault in caught.value.faults]
    assert problems == ["extends 'nowhere', and there is no such scenario", "unknown indicator 'gpd'"]
    path.write_text(path.read_text(encoding="utf-8").replace("extends: nowhere\n", ""), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_scenario(path, plan)
    codes = [fault.code for fault in caught.value.faults]
    assert codes.count("unknown") == 2  # the indicator, and the shock it depends on
    assert codes.count("missing") == len(codes) - 2 > 5


def test_a_fault_is_the_same_whatever_its_code() -> None:
    fault = Fault("a.csv", 1, 1, "wrong", code="unknown")
    assert fault == replace(fault, code="missing")
    assert len(InputError([fault, replace(fault, code="missing")]).faults) == 1


def test_unknown_names_are_found_in_one_place_and_words() -> None:
    at = Place("a.csv", 2, 3)
    found = list(find_unknown({"gdp": at, "gpd": at, "{x}": at}, ["gdp"], "no '{}' here"))
    assert [(each.problem, each.nearest, each.code) for each in found] == [
        ("no 'gpd' here", "gdp", "unknown"),
        ("no '{x}' here", "", "unknown"),
    ]


def test_no_code_reads_the_words_of_a_fault() -> None:
    readers = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(r"\b(?!error\b)\w+\.problem\b", path.read_text(encoding="utf-8"))
    }
    assert readers == {"errors.py"}, "ask for the code of a fault"
