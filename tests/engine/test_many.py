"""Many of everything: scenarios, indicators, quarters, shocks and targets, each on a bounded size."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_models import make_law, make_model, make_scenario, make_shock
from wide_plans import build_wide

import sim
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model


@pytest.fixture(scope="module")
def small(twin: sim.Plan) -> Model:
    return sim.load_model(twin)


def make_scenarios(count: int, indicator: str = "gdp") -> list[Scenario]:
    storm = [make_shock(probability=0.1, loadings={indicator: -0.05 * number}) for number in range(count)]
    return [replace(make_scenario(storm=each), name=f"storm_{number}") for number, each in enumerate(storm)]


def run_few(model: Model, scenarios: list[Scenario], **settings: int) -> sim.Run:
    few = {"n_points": 16, "n_paths": 500, "n_calibrations": 16} | settings
    return sim.run(model, scenarios, **few)


def test_scenarios_run_some_at_a_time_are_those_run_together(small: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios, told = make_scenarios(5), []
    together = run_few(small, scenarios)
    monkeypatch.setattr("sim.engine.run._TOGETHER", 2)
    apart = sim.run(
        small, scenarios, n_points=16, n_paths=500, n_calibrations=16, advance=lambda *done: told.append(done)
    )
    assert [each.scenario.name for each in apart.attainments] == [each.name for each in scenarios]
    for first, second in zip(together.attainments, apart.attainments, strict=True):
        for name in ("met", "met_se", "met_range", "growth", "if_missed"):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert told[-1] == (len(told), len(told))  # every piece of work was announced


def test_memory_hardly_grows_with_scenarios(small: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.engine.run._TOGETHER", 2)
    peaks = []
    for count in (2, 8):
        scenarios = make_scenarios(count)
        tracemalloc.start()
        run_few(small, scenarios, n_calibrations=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def check(run: sim.Run) -> None:
    """Odds are odds, add up, and are those that paths count."""
    found = run.attainments[0]
    assert found.n_points > 0, "it fell back to paths"
    headline = found.number_met["headline"]
    assert headline.sum() == pytest.approx(1, abs=1e-5)
    assert headline @ np.arange(len(headline)) == pytest.approx(found.met[0].sum(), abs=0.05)
    assert not run.deviations


def test_a_hundred_headline_indicators_take_the_exact_road(tmp_path: Path) -> None:
    check(run_few(build_wide(tmp_path, indicators=100), make_scenarios(1, "series_0"), n_calibrations=0))


def test_twenty_quarters_take_the_exact_road(small: Model) -> None:
    model = make_model(small, make_law(1, 2, 20, 5.0))
    check(run_few(model, [make_scenario(storm=make_shock())]))
