"""The schema of scenario files: each property is explained, good files pass, a fault is told in one short line."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from sim.errors import InputError
from sim.inputs.bundled import list_scenario_files
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.building import scenario
from sim.inputs.scenario.schema import describe_schema

SHOCK = """
schema_version: 1
shocks:
  tariff:
    title: {en: Tariff, zh: 关税}
    probability: 0.5
    onset: Q2
    size: {law: normal, mean: 1, sd: 0.3}
    profile: {shape: decay, half_life: 2}
    loadings: {gdp: -0.5}
    speed: {all: -0.1}
    source: assumption
"""


def read(text: str) -> Any:
    return YAML(typ="safe").load(text)


@pytest.fixture(scope="module")
def validator(plan: Plan) -> Draft202012Validator:
    schema = describe_schema(plan)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def list_properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for holder, each in (("", schema), *schema["$defs"].items()):
        yield from ((f"{holder}.{name}", described) for name, described in each["properties"].items())


def test_every_property_is_explained(plan: Plan) -> None:
    for schema in (describe_schema(), describe_schema(plan)):
        assert [name for name, described in list_properties(schema) if not described.get("description")] == []


@pytest.mark.parametrize("path", list_scenario_files(), ids=lambda path: path.stem)
def test_shipped_scenarios_pass(path: Any, validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(read(path.read_text(encoding="utf-8")))] == []


def test_a_shock_and_what_it_inherits_pass(validator: Draft202012Validator) -> None:
    for text in (SHOCK, SHOCK.replace("{shape: decay, half_life: 2}", "step"), SHOCK.replace("-0.5}", "-0.5 pp}")):
        assert [*validator.iter_errors(read(text))] == []
    less = "schema_version: 1\nshocks: {tariff: null, slump: {probability: 1, loadings: {gdp: null}}}\n"
    assert [*validator.iter_errors(read(less))] == []


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("gdp: -0.5", "GDP: -0.5", "GDP"),
        ("gdp: -0.5", "gdp: much", "much"),
        ("onset: Q2", "onset: Q5", "Q5"),
        ("onset: Q2", "onset: {Q2: 0.5, Q7: 0.5}", "Q7"),
        ("onset: Q2", "onset: {Q2: 1.5}", "1.5"),
        ("probability: 0.5", "probability: 50", "50"),
        ("law: normal", "law: gaussian", "gaussian"),
        ("law: normal, mean: 1", "law: normal, median: 1", "median"),
        ("shape: decay", "shape: decya", "decya"),
        ("{shape: decay, half_life: 2}", "decay", "decay"),
        ("half_life: 2", "half_life: 0", "0"),
        ("{all: -0.1}", "{everything: -0.1}", "everything"),
        ("speed:", "sped:", "sped"),
        ("schema_version: 1", "schema_version: 2", "1"),
    ],
)
def test_a_fault_is_told_in_one_short_line(
    right: str, wrong: str, named: str, plan: Plan, validator: Draft202012Validator
) -> None:
    assert right in SHOCK
    (error,) = validator.iter_errors(read(SHOCK.replace(right, wrong)))
    assert named in error.message
    listed = max(len(str(names)) for names in (plan.quarter_names, [each.id for each in plan.indicators]))
    told = error.message if "everything" not in error.message else error.message.split("[")[0]
    assert len(told) < 60 + listed
    assert wrong == "sped:" or len(json.dumps(error.instance)) < 60  # the value itself, not the shock around it


def test_without_a_plan_any_name_may_stand() -> None:
    anywhere = Draft202012Validator(describe_schema())
    assert [*anywhere.iter_errors(read(SHOCK.replace("gdp", "rents").replace("Q2", "H1")))] == []
    assert [*anywhere.iter_errors(read(SHOCK.replace("-0.5", "much")))] != []


@pytest.mark.parametrize(
    ("right", "wrong", "mend"),
    [
        ("title: {en: Tariff, zh: 关税}", "title: Tariff", "write {en: ..., zh: ...}"),
        ("size: {law: normal, mean: 1, sd: 0.3}", "size: 1", "write {law: fixed, value: 1}"),
    ],
)
def test_what_is_written_too_short_is_told_how_to_write(right: str, wrong: str, mend: str, plan: Plan) -> None:
    assert right in SHOCK
    shock = read(SHOCK.replace(right, wrong))["shocks"]["tariff"]
    with pytest.raises(InputError) as refused:
        scenario("baseline", name="mine", plan=plan, shocks={"tariff": shock})
    assert mend in str(refused.value)
