"""What rules are worth: on both roads, per use, once figures are published, and told in table, page and terminal."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from small_rules import PUSH as SMALL_PUSH

import sim
from sim.analysis.compare import compare
from sim.analysis.replay import _list_shocks
from sim.analysis.rule_value import value_rules
from sim.engine.draws import draw
from sim.engine.paths import simulate
from sim.engine.tasks import RunTask, prepare_run
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.results.settings import RunSettings
from sim.views.folder import write_run
from sim.views.page import build_report
from sim.views.rule_lines import say_rules
from sim.views.terminal.rules import print_rules

PUSH = {**SMALL_PUSH, "loadings": {"fixed_asset_investment": 1}}
OPPOSITE = {**PUSH, "when": {"series": "gdp", "period": "H1", "at_least": 5.0}, "loadings": {"budget_revenue": 1}}


@pytest.fixture(scope="module")
def answered(plan: Plan) -> Scenario:
    return sim.scenario("export-slump", name="answered", plan=plan, rules={"push": PUSH, "opposite": OPPOSITE})


def prepare(model: Model, scenario: Scenario | list[Any], **changes: Any) -> RunTask:
    return prepare_run(model, scenario, RunSettings(n_points=64, n_calibrations=0, **changes))


def test_both_roads_say_the_same_worth(model: Model, answered: Scenario) -> None:
    exact = value_rules(prepare(model, answered)).set_index(["rule", "target"])
    paths = value_rules(prepare(model, answered, method="paths", n_paths=32_768)).set_index(["rule", "target"])
    assert exact.index.equals(paths.index)
    for column, error in (("change", "paired_se"), ("used", "used_se"), ("per_use", "per_use_se")):
        away = (exact[column] - paths[column]).abs()
        assert (away <= 4.5 * np.hypot(exact[error], paths[error]) + 1e-4).all(), column
    np.testing.assert_allclose(exact.change, exact["with"] - exact.without, atol=1e-9)
    np.testing.assert_allclose(exact.per_use * exact.used, exact.change, atol=1e-9)
    push, opposite = (exact.loc[rule] for rule in ("push", "opposite"))
    assert push.used.iloc[0] + opposite.used.iloc[0] == pytest.approx(1, abs=1e-9)
    assert push.loc["fixed_asset_investment", "change"] > 0.03
    assert "fixed_asset_investment" not in opposite.index  # which does not feel it
    assert push.loc["fixed_asset_investment", "paired_se"] < 0.002


def test_once_the_figure_is_published_a_rule_is_used_or_not(plan: Plan, model: Model, answered: Scenario) -> None:
    figures = sim.read_published(plan, "qingdao-2024-h1")  # in which the first half's GDP is above
    task = prepare_run(model, answered, RunSettings(n_points=64, n_calibrations=0, n_paths=1000), published=figures)
    used = value_rules(task).groupby("rule").used.first()
    assert used["push"] == 0
    assert used["opposite"] == pytest.approx(1)


def test_a_change_is_shared_out_among_shocks_and_rules(model: Model, answered: Scenario) -> None:
    task = prepare(model, ["baseline", answered])
    found = compare(task, "baseline", "answered", by="shocks", targets="fixed_asset_investment")
    assert found.shocks.part.tolist() == ["export_slump", "opposite", "push"]
    whole = found.table[(found.table.target == "fixed_asset_investment") & (found.table.reading == "printed")]
    assert found.shocks.change.sum() == pytest.approx(float(whole.change.iloc[0]), abs=1e-12)
    assert "rules.push.when.printed_below" in found.lines.line.tolist()


def test_a_path_tells_which_rules_strike(model: Model, answered: Scenario) -> None:
    draws = draw(model, 64, 1)
    paths = simulate(model, answered, draws)
    assert np.array_equal(paths.used["push"], ~paths.used["opposite"])
    for place in (int(paths.used[rule].argmax()) for rule in ("push", "opposite")):
        told = {row[1]: row[2:4] for row in _list_shocks(paths.cut(slice(place, place + 1)), draws, place)}
        struck, other = ("push", "opposite") if paths.used["push"][place] else ("opposite", "push")
        assert told[struck] == (True, "Q3")
        assert told[other] == (False, None)


def test_questions_that_follow_no_rules_say_so(model: Model, answered: Scenario) -> None:
    with pytest.raises(InputError, match=r"has rules \(opposite, push\), and this question does not follow them"):
        sim.WhatIf(model, answered)


def test_a_run_tells_what_rules_are_worth(model: Model, answered: Scenario, tmp_path: Path) -> None:
    result = sim.run(model, answered, n_points=64, n_calibrations=0, n_paths=1000)
    values = value_rules(result)
    files = {file.name for file in write_run(result, tmp_path, charts=(), rules=values)}
    assert "rules.csv" in files
    lines = say_rules(values, result)
    assert lines[-1].sentence.en.startswith(
        "Export slump: “Investment push” answers if GDP of H1 is printed below 5.0 %"
    )
    assert "上半年地区生产总值公布值低于5.0%" in lines[-1].sentence.zh
    screen = io.StringIO()
    print_rules(values, result, console=Console(file=screen, width=200))
    assert screen.getvalue().count("answers if") == 2
    page = build_report(result)
    assert page.count("Investment push") > 2
    assert "Scenarios with policy rules cannot be moved here: Export slump" in page
