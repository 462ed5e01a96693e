"""What each shock does to the odds, held against runs of scenarios in which it is certain."""

import numpy as np
import pytest

from sim.analysis.shock_odds import ShockOdds, measure_shocks
from sim.engine.run import run
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import read_scenarios
from sim.model.model import Model
from sim.results.run import Run
from sim.views.page.reasons import build_shocks, build_why

TENTHS = 0.006  # as a probability: what the few points leave open


@pytest.fixture(scope="module")
def found(result: Run) -> dict[str, ShockOdds]:
    return {each.shock.title.en: each for each in measure_shocks(result.model, result.scenarios)}


def test_a_certain_shock_changes_odds_as_its_own_scenario_does(result: Run, found: dict[str, ShockOdds]) -> None:
    assert [*found] == ["Rare common shock", "Export slump", "Property slide"]
    plan = result.model.plan
    places = [plan.judged.index(target) for target in plan.headline_growth]
    for name in ("export-slump",):
        change = result[name].met[0, places] - result["baseline"].met[0, places]
        assert found["Export slump"].scenario == name
        np.testing.assert_allclose(found["Export slump"].certain, change, atol=TENTHS)
    assert found["Property slide"].scenario == ""  # where it is in this run, another shock is added too


def test_a_shock_that_hangs_on_another_is_measured_without_it(
    model: Model, plan: Plan, found: dict[str, ShockOdds]
) -> None:
    odds = run(model, read_scenarios(["baseline", "property-slide"], plan), n_paths=100, n_points=256, n_calibrations=0)
    places = [plan.judged.index(target) for target in plan.headline_growth]
    change = odds["property-slide"].met[0, places] - odds["baseline"].met[0, places]
    np.testing.assert_allclose(found["Property slide"].certain, change, atol=TENTHS)


def test_larger_is_worse_and_without_is_the_other_way(found: dict[str, ShockOdds]) -> None:
    for each in found.values():
        assert each.large[0] < each.certain[0] < each.small[0] < 0
        assert each.sizes[0] < each.sizes[1]
    rare = found["Rare common shock"]
    assert (rare.without > 0).all()
    stands = 0.08 * rare.certain + 0.92 * rare.without  # total probability: both together change nothing
    np.testing.assert_allclose(stands, 0, atol=TENTHS)


def test_the_page_shows_the_odds_of_the_table_and_steps_that_add_up(result: Run) -> None:
    plan = result.model.plan
    for target, chart in zip(plan.headline_growth, build_why(result), strict=True):
        first, *steps, ordinary, _ = [float(bar.number.replace("−", "-")) for bar in chart.bars]
        assert first + sum(steps) == pytest.approx(ordinary, abs=0.05 * (2 + len(steps)))
        assert chart.id == target.id
    slump = {chart.id: {bar.name.en: bar for bar in chart.bars} for chart in build_shocks(result)}["gdp"][
        "Export slump"
    ]
    place = plan.judged.index(plan.headline_growth[0])
    odds, stands = (100 * result[name].met[0, place] for name in ("export-slump", "baseline"))
    assert slump.number == f"{odds:.0f} (−{stands - odds:.1f})"
    assert slump.whisker[0] < slump.left < slump.whisker[0] + slump.whisker[1]
