"""Rules in scenario files and in code: inheritance, composition, and every fault at its place."""

from pathlib import Path
from typing import Any

import pytest

import sim
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.building import check_scenario, describe_scenario, recall_scenario
from sim.inputs.scenario.reading import read_scenario

HEAD = """schema_version: 1
{extends}title: {{en: Answered, zh: 应对}}
why: What if.
sources: [assumption]
"""
RULES = """rules:
  push:
    title: {en: Investment push, zh: 投资加力}
    when: {series: gdp, period: H1, printed_below: 5.0}
    onset: Q3
    size: {law: fixed, value: 3}
    profile: step
    loadings: {fixed_asset_investment: 1, gdp: 0.1}
    source: "assumption: what if"
"""


def write(folder: Path, rules: str = RULES, name: str = "answered.yaml", extends: str = "baseline") -> Path:
    path = folder / name
    path.write_text(HEAD.format(extends=f"extends: {extends}\n" if extends else "") + rules, encoding="utf-8")
    return path


def find_faults(path: Path, plan: Plan) -> list[tuple[int, int, str]]:
    with pytest.raises(InputError) as caught:
        read_scenario(path, plan)
    return [(fault.line, fault.column, f"{fault}") for fault in caught.value.faults]


def test_rules_are_read(plan: Plan, tmp_path: Path) -> None:
    scenario = read_scenario(write(tmp_path), plan)
    assert list(scenario.shocks) == ["rare_common_shock"]
    assert scenario.rules["push"].when.words == "gdp H1 < 5"
    assert repr(scenario) == "<Scenario answered: rare_common_shock, push>"
    assert scenario.has_rules
    assert "if gdp H1 &lt; 5" in scenario._repr_html_()


def test_a_child_changes_a_rule_or_takes_it_away(plan: Plan, tmp_path: Path) -> None:
    write(tmp_path)
    other = "rules:\n  push: {when: {at_least: 4.5}, loadings: {gdp: null}}\n"
    child = read_scenario(write(tmp_path, other, "child.yaml", "./answered.yaml"), plan)
    assert child.rules["push"].when.words == "gdp H1 ≥ 4.5"
    assert child.rules["push"].loadings == {"fixed_asset_investment": 1}
    none = read_scenario(write(tmp_path, "rules: {push: null}\n", "none.yaml", "./answered.yaml"), plan)
    assert none.rules == {}


def test_rules_of_parts_come_together_in_the_order_of_their_figures(plan: Plan, tmp_path: Path) -> None:
    write(tmp_path)
    early = RULES.replace("push:", "rescue:").replace("H1", "Q1")
    both = read_scenario(f"{tmp_path / 'answered.yaml'}+{write(tmp_path, early, 'early.yaml')}", plan)
    assert list(both.rules) == ["rescue", "push"]


def test_rules_from_code_are_those_of_a_file(plan: Plan, tmp_path: Path) -> None:
    read = read_scenario(write(tmp_path), plan)
    given: dict[str, Any] = read.rules["push"].model_dump(exclude_none=True)
    built = sim.scenario("baseline", name="answered", plan=plan, rules={"push": given})
    assert built.rules == read.rules
    changed = sim.scenario(built, name="less", plan=plan, rules={"push": {"size": {"law": "fixed", "value": 1}}})
    assert changed.rules["push"].size.reach() == 1
    assert sim.scenario(built, name="plain", plan=plan, rules={"push": None}).rules == {}
    recalled = check_scenario(recall_scenario("answered", {**describe_scenario(read), "rules": {"push": given}}), plan)
    assert recalled.rules == read.rules


@pytest.mark.parametrize(
    ("before", "after", "at", "said"),
    [
        ("series: gdp", "series: gpd", (9, 20), "unknown series 'gpd'; allowed: gdp"),
        ("period: H1", "period: FY", (9, 33), "'FY' is no period that a rule can wait for; allowed: Q1, H1, Q1-Q3"),
        ("series: gdp", "series: metro_line_2_west", (9, 20), "is a milestone, of which no figure is printed"),
        ("onset: Q3", "onset: Q2", (10, 12), "it begins in Q2, before the figure of H1 is out; write Q3 or later"),
        ("onset: Q3", "onset: {Q2: 0.5, Q3: 0.5}", (10, 12), "it begins in Q2, before the figure of H1 is out"),
        ("printed_below: 5.0", "printed_under: 5.0", (9, 37), "unknown key 'printed_under'"),
        ("printed_below: 5.0", "printed_below: 5.0, at_least: 5", (9, 11), "either printed_below or at_least"),
        (", printed_below: 5.0", "", (9, 11), "a rule needs either printed_below or at_least"),
        ("    profile: step\n", "", (8, 5), "key 'profile' is missing"),
        ("    profile: step\n", "    profile: step\n    probability: 1\n", (13, 5), "unknown key 'probability'"),
        ("  push:", "  rare_common_shock:", (7, 3), "'rare_common_shock' is a shock already"),
        ("gdp: 0.1", "gpd: 0.1", (13, 43), "unknown indicator 'gpd'"),
    ],
)
def test_faults_of_rules(plan: Plan, tmp_path: Path, before: str, after: str, at: tuple[int, int], said: str) -> None:
    milestone = plan.milestones[0].id
    rules = RULES.replace(before, after.replace("metro_line_2_west", milestone))
    faults = find_faults(write(tmp_path, rules), plan)
    assert any(said in fault for *_, fault in faults), faults
    assert any((line, column) == at for line, column, _ in faults), faults


def test_all_faults_come_at_once(plan: Plan, tmp_path: Path) -> None:
    rules = RULES.replace("gdp, period: H1", "gpd, period: H3").replace("onset: Q3", "onset: Q9")
    assert len(find_faults(write(tmp_path, rules), plan)) == 3


def test_a_mixture_has_no_rules_of_its_own(plan: Plan, tmp_path: Path) -> None:
    faults = find_faults(write(tmp_path, RULES + "mixture: {baseline: 1.0}\n", extends=""), plan)
    assert "a mixture has no rules of its own" in faults[0][2]
