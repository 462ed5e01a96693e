"""Replay: a path by its number is the path of a run, to the bit, in any length and scenario."""

import numpy as np
import pytest

from sim.analysis.replay import FIRST_PATHS, replay
from sim.engine.draws import draw
from sim.engine.judging import judge
from sim.engine.path_runs import cut_draws
from sim.engine.paths import simulate
from sim.engine.streams import BLOCK
from sim.engine.tasks import RunTask, prepare_run
from sim.errors import InputError
from sim.model.model import Model
from sim.results.settings import RunSettings

NAMES = ["baseline", "external-and-property"]


@pytest.fixture(scope="module")
def task(model: Model) -> RunTask:
    return prepare_run(model, NAMES, RunSettings(seed=9, n_calibrations=0))


@pytest.mark.parametrize("number", [1, 20_000, BLOCK + 7])
def test_a_path_is_that_of_a_run_to_the_bit(model: Model, task: RunTask, number: int) -> None:
    found = replay(task, number)
    first_block, place = divmod(number - 1, BLOCK)
    parts = cut_draws(draw(model, BLOCK, 9, first_block), len(model.plan.judged))
    draws = [each for each in parts if each.first_path <= place][-1]  # as many as a run works on at once
    place -= draws.first_path
    quarters = model.plan.quarter_names
    for scenario in task.scenarios:
        paths = simulate(model, scenario, draws)
        for row, indicator in enumerate(model.plan.indicators):
            first, *later = found.follow(scenario.name, indicator.id)
            assert first == paths.growth[0, row, place]
            assert later == paths.cumulative[1:, row, place].tolist()
        one = found.quarters[(found.quarters.scenario == scenario.name) & (found.quarters.series == "gdp")]
        assert one.value.tolist()[: len(quarters)] == paths.growth[:, 0, place].tolist()
        target = model.plan.deliveries[0]
        assert found.follow(scenario.name, target.id) == pytest.approx(
            (target.value * paths.progress[:, 0, place].astype(float)).tolist(), rel=1e-12
        )
        met = found.targets[(found.targets.scenario == scenario.name) & (found.targets.reading == "printed")]
        assert met.met.tolist() == judge(paths)[0, :, place].tolist()


def test_a_shorter_run_has_the_same_path(model: Model, task: RunTask) -> None:
    found = replay(task, 1500)
    paths = simulate(model, task.scenarios[0], draw(model, 1500, 9))
    for row, indicator in enumerate(model.plan.indicators):
        assert found.follow("baseline", indicator.id) == pytest.approx(paths.cumulative[:, row, -1].tolist(), abs=2e-6)


def test_shocks_make_the_difference_between_scenarios(model: Model) -> None:
    task = prepare_run(model, ["baseline", "export-slump"], RunSettings(seed=9, n_calibrations=0))
    found = replay(task, 77)
    slump = found.shocks[(found.shocks.scenario == "export-slump") & (found.shocks.shock == "export_slump")].iloc[0]
    assert slump.happened
    onset = model.plan.quarter_names.index(slump.onset)
    wide = found.quarters.pivot(index=["series", "period"], columns="scenario", values="value")
    gap = (wide["export-slump"] - wide["baseline"]).loc["gdp"]
    for place, quarter in enumerate(model.plan.quarter_names):
        assert gap[quarter] == pytest.approx(0, abs=1e-6) if place < onset else gap[quarter] < 0
    missing = found.shocks[~found.shocks.happened]
    assert missing.onset.isna().all()
    assert missing["size"].isna().all()


def test_rules_choose_as_they_say(model: Model, task: RunTask) -> None:
    paths = simulate(model, task.scenarios[0], draw(model, FIRST_PATHS, 9))
    plan = model.plan
    headline = [plan.judged.index(target) for target in plan.headline]
    missed = ~judge(paths)[0, headline].all(axis=0)
    assert replay(task, "first-miss").number == int(np.flatnonzero(missed)[0]) + 1
    worst = replay(task, "worst-gdp")
    assert worst.follow("baseline", "gdp")[-1] == paths.annual[0].min()
    ordinary = replay(task, "median")
    for row, indicator in enumerate(plan.indicators):
        rank = (paths.annual[row] < ordinary.follow("baseline", indicator.id)[-1]).mean()
        assert 0.4 < rank < 0.6


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "number: no path 0; allowed: 1 to "),
        (10**10 + 1, "no path 10,000,000,001; allowed: 1 to "),
        (1.5, "no path 1.5"),
        ("worst-gpd", "no rule 'worst-gpd'; .* did you mean 'worst-gdp'"),
    ],
)
def test_what_is_no_path_is_refused(task: RunTask, number: int | str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        replay(task, number)
