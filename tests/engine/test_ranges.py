"""A range as a target: within both ends, on both roads, in what-ifs, sweeps and the page's table."""

from pathlib import Path

import numpy as np
import pytest
from small_plans import WritePlan

import sim
from sim.analysis.sweep.settings import list_numbers, set_numbers
from sim.engine.exact.normal import find_chances
from sim.engine.exact.odds import explain_paths
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan
from sim.inputs.plan.targets import describe_aim
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import hold_calibration
from sim.results.run import Run
from sim.views.phrases import say_aim

BARE = "about,5.5,%,0.2"
SHOCK = {
    "title": {"en": "Storm", "zh": "风"},
    "probability": 0.3,
    "onset": "Q2",
    "size": {"law": "lognormal", "interval_90": [0.5, 2.0]},
    "profile": "step",
    "loadings": {"gdp": -0.8, "retail_sales": -0.5},
    "source": "s",
}
SETTINGS = {"n_points": 1024, "n_paths": 40_000, "n_calibrations": 0}


def test_figures_without_spread_are_within_a_range_up_to_both_of_its_ends() -> None:
    margins = np.array([[-0.1, 0.0, 0.3, 0.5, 0.6]], np.float32)
    chances = find_chances(margins, np.zeros_like(margins), np.array([0.5]))
    assert chances.tolist() == [[0, 1, 1, 1, 0]]


def ask(two_indicator_plan: WritePlan, folder: Path, criterion: str, better: str = "higher") -> Plan:
    indicators = ("亿元,higher", f"亿元,{better}")
    return read_plan(
        two_indicator_plan(folder / f"{criterion}{better}", targets=(BARE, criterion), indicators=indicators)
    )


def storm(plan: Plan) -> Scenario:
    return sim.scenario(
        None, name="storm", plan=plan, shocks={"storm": SHOCK}, title={"en": "S", "zh": "风"}, why="w", sources=["s"]
    )


def find(run: Run, reading: str = "printed") -> float:
    frame = run.attainments[0].odds
    return float(frame[(frame["target"] == "gdp_growth") & (frame["reading"] == reading)]["probability"].iloc[0])


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_a_range_is_what_lies_between_two_bounds(two_indicator_plan: WritePlan, tmp_path: Path, better: str) -> None:
    """In print, 5 to 6 is at least 5.0 and not yet 6.1; on both roads, as stated and to each quarter's end too."""
    plan = ask(two_indicator_plan, tmp_path, "between,5-6,%,0", better)
    assert not explain_paths(sim.load_model(plan), storm(plan))
    within = sim.run(plan, storm(plan), **SETTINGS)
    for reading, (low, high) in {"printed": ("5.0", "6.1"), "stated": ("5.0", "6.0"), "Q1": ("5.0", "6.1")}.items():
        least, more = (
            find(sim.run(ask(two_indicator_plan, tmp_path, f"at_least,{end},%,0"), storm(plan), **SETTINGS), reading)
            for end in (low, high)
        )
        assert find(within, reading) == pytest.approx(least - more, abs=2e-4)
    known = [
        sim.run(each, storm(plan), **SETTINGS).attainments[0].plug_in[0, 0]
        for each in (
            plan,
            ask(two_indicator_plan, tmp_path, "at_least,5,%,0"),
            ask(two_indicator_plan, tmp_path, "at_least,6.1,%,0"),
        )
    ]
    assert known[0] == pytest.approx(known[1] - known[2], abs=1e-5)  # by inversion, not on points
    counted = sim.run(plan, storm(plan), method="paths", **SETTINGS)
    both = within.attainments[0].odds.merge(counted.attainments[0].odds, on=["target", "reading"])
    apart = (both["probability_x"] - both["probability_y"]) / np.hypot(both["mc_se_x"], both["mc_se_y"])
    assert apart.abs().max() < 4
    joint = [run.attainments[0].number_met["headline"][-1] for run in (within, counted)]
    assert joint[0] == pytest.approx(joint[1], abs=0.01)


def test_a_range_moves_with_what_if_probability_and_sweep(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    plan = ask(two_indicator_plan, tmp_path, "between,5~6,%,0")
    model, scenario = sim.load_model(plan), storm(plan)
    run = sim.run(model, scenario, **SETTINGS)
    assert sim.WhatIf(model, scenario).odds().probability[0, 0] == pytest.approx(find(run), abs=0.003)
    frame = sim.probability(run, "gdp_growth")
    assert float(frame["probability"].iloc[0]) == pytest.approx(find(run), abs=0.003)
    assert "targets.gdp_growth.upper" in list_numbers(model, scenario)
    wider, _, problems = set_numbers(model, scenario, {"targets.gdp_growth.upper": 7.0}, hold_calibration)
    assert not problems
    assert find(sim.run(wider, scenario, **SETTINGS)) > find(run) + 0.02


@pytest.mark.parametrize("written", ["5-6", "5~6", "5–6", "5%-6%", "5至6", "5 to 6"])
def test_a_range_is_read_as_it_is_written(two_indicator_plan: WritePlan, tmp_path: Path, written: str) -> None:
    target = ask(two_indicator_plan, tmp_path, f"between,{written},%,0").growth[0]
    assert (target.value, target.upper) == (5, 6)
    assert describe_aim(target) == "5 to 6 %"
    assert (say_aim(target).en, say_aim(target).zh) == ("5 to 6 %", "5—6%")


@pytest.mark.parametrize(
    ("said", "criterion"),
    [
        ("左右", "about"),
        ("以上", "at_least"),
        ("以内", "at_most"),
        ("≤", "at_most"),
        (">=", "at_least"),
        ("区间", "between"),
    ],
)
def test_a_criterion_is_read_in_the_words_of_a_report(
    two_indicator_plan: WritePlan, tmp_path: Path, said: str, criterion: str
) -> None:
    value, better = (
        ("5-6", "higher") if criterion == "between" else ("5", "lower" if criterion == "at_most" else "higher")
    )
    plan = ask(two_indicator_plan, tmp_path, f"{said},{value},%,0", better)
    assert plan.growth[0].criterion == criterion


@pytest.mark.parametrize(
    ("criterion", "told"),
    [
        ("about,5-6,%,0.2", "targets.csv:2:8: '5-6' is a range, and one number is due; a target may be `between`"),
        ("between,6-5,%,0", "the range from 6 to 5 does not rise"),
        ("between,5,%,0", "a range has two ends"),
    ],
)
def test_what_is_no_range_is_told(two_indicator_plan: WritePlan, tmp_path: Path, criterion: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(two_indicator_plan, tmp_path, criterion)
    assert any(told in str(fault) for fault in caught.value.faults), str(caught.value)
