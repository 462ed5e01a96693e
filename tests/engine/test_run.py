"""Runs: the streamed road gives the numbers of the plain one."""

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.engine.counting import attain
from sim.engine.draws import draw
from sim.engine.executors import open_executor
from sim.engine.paths import start, unfold
from sim.engine.run import run
from sim.engine.streams import BLOCK
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import ORDINARY, read_scenario, read_scenarios
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.results.settings import MOST_PATHS


@pytest.mark.parametrize("n_paths", [0, -5, MOST_PATHS + 1])
def test_a_senseless_number_of_paths_is_refused(model: Model, n_paths: int) -> None:
    with pytest.raises(InputError, match=r"^n_paths: .* paths.*allowed: 1 to 1,000,000,000"):
        run(model, "baseline", n_paths=n_paths)


def test_too_many_paths_are_told_their_memory(model: Model) -> None:
    with pytest.raises(InputError, match=r"would take 96 TB if kept"):
        run(model, "baseline", n_paths=10**12)


@pytest.mark.parametrize("n_paths", [1, BLOCK - 1, BLOCK, 2 * BLOCK + 5])
def test_streaming_changes_nothing(model: Model, plan: Plan, n_paths: int) -> None:
    scenarios = read_scenarios(["baseline", "external-and-property"], plan)
    streamed = run(model, scenarios, n_paths=n_paths, seed=9, n_calibrations=0, method="paths").attainments
    ordinary = start(model, draw(model, n_paths, seed=9))
    for scenario, attainment in zip(scenarios, streamed, strict=True):
        whole = attain(unfold(ordinary, scenario))
        for frame in ("odds", "joint", "conditional", "quantiles"):
            assert getattr(attainment, frame).equals(getattr(whole, frame)), frame


def test_scenarios_do_not_touch_each_other(model: Model, plan: Plan) -> None:
    settings: dict[str, Any] = {"n_paths": 3_000, "n_calibrations": 0, "n_points": 128}
    alone = run(model, [read_scenario("tax-refunds", plan)], **settings).attainments[0]
    together = run(model, read_scenarios([], plan), **settings)
    among = next(each for each in together.attainments if each.scenario.name == "tax-refunds")
    assert among.odds.equals(alone.odds)
    assert len(together.attainments) >= 9


@pytest.mark.parametrize(("method", "rounding"), [("paths", 0), ("analytic", 1e-6)])
def test_tax_refunds_hit_revenue_only(model: Model, plan: Plan, method: str, rounding: float) -> None:
    result = run(
        model, read_scenarios(["baseline", "tax-refunds"], plan), n_paths=5_000, n_calibrations=0, method=method
    )
    baseline, refunds = (each.odds.set_index(["target", "reading"]).probability for each in result.attainments)
    changed = ((baseline - refunds).abs() > rounding).groupby("target").any()
    assert changed[changed].index.tolist() == ["budget_revenue"]


def test_progress_adds_up(model: Model, plan: Plan) -> None:
    steps: list[tuple[int, int]] = []
    scenarios = read_scenarios(["baseline"], plan)
    run(
        model,
        scenarios,
        n_paths=2 * BLOCK + 3,
        n_calibrations=16,
        advance=lambda *step: steps.append(step),
        n_points=256,
    )
    assert steps == [(done, 6) for done in range(1, 7)]  # three blocks, one piece of points, two calibrations


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_paths(twin: Plan) -> None:
    model, peaks = load_model(twin), []
    for blocks in (8, 16):  # more than are handed out ahead
        tracemalloc.start()
        with open_executor("threads:1") as executor:  # of two, it is chance how far their peaks fall together
            run(model, ORDINARY, n_paths=blocks * BLOCK, n_calibrations=0, method="paths", executor=executor)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000  # as many results may wait, not one for each piece


def test_a_plan_without_scenarios_takes_those_that_fit(plan: Plan) -> None:
    moved = replace(plan, folder=Path("elsewhere"))
    assert len(read_scenarios([], moved)) == len(read_scenarios([], plan))
    prices = plan.indicators[0].model_copy(update={"id": "prices"})
    foreign = replace(moved, indicators=(prices,), quarters={"prices": plan.quarters["gdp"]})
    assert [scenario.name for scenario in read_scenarios([], foreign)] == ["ordinary"]


@pytest.mark.parametrize("n_points", [0, 8, 1000, 2**17])
def test_points_that_are_no_net_are_refused(model: Model, plan: Plan, n_points: int) -> None:
    with pytest.raises(InputError, match="allowed: powers of two from 16 to 65,536"):
        run(model, read_scenarios(["baseline"], plan), n_points=n_points)


def test_a_range_is_the_scenarios_own_whichever_others_are_run(model: Model) -> None:
    """Two scenarios may hold one shock with another chance each."""
    settings: dict[str, Any] = {"n_paths": 100, "n_points": 16, "n_calibrations": 16, "method": "analytic"}
    alone = run(model, "external-and-property", **settings)["external-and-property"]
    among = run(model, ["export-slump", "external-and-property"], **settings)["external-and-property"]
    assert (alone.met_range[..., 0] == among.met_range[..., 0]).all()
    for group, range_ in alone.at_least_range.items():
        assert (range_ == among.at_least_range[group]).all()
