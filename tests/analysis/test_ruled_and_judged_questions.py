"""Questions of scenarios with rules, judgements and mixtures: plugged back into a run, and held against paths."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import make_law, make_model, make_scenario, make_shock

import sim
from sim.analysis.misses import describe_misses
from sim.analysis.probability import probability
from sim.analysis.promise import promise
from sim.analysis.replay import replay
from sim.engine.batches import judge_aim, open_all, unfold_all
from sim.engine.draws import draw
from sim.engine.paths import Paths
from sim.engine.run import run
from sim.engine.tasks import RunTask, prepare_run
from sim.inputs.plan.aims import read_aims
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.document import Rule
from sim.inputs.scenario.judgements import Centre, Likelihood, Median
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model, keep_growth
from sim.results.settings import RunSettings

SEED, PATHS = 11, 32_768
OWN, OTHER = "series_0_target", "series_1_target"
BY = {"who": "planning office", "why": "talks of March"}
NAMES = ("ruled", "judged", "mixed")


@pytest.fixture(scope="module")
def small(twin: Plan) -> Model:
    model = make_model(sim.load_model(twin), make_law(5, 2, 4, 5.0), [0.1, -0.3])
    targets = tuple(each.model_copy(update={"value": round(each.value, 1)}) for each in model.plan.growth)
    return replace(model, plan=replace(model.plan, targets=targets))


@pytest.fixture(scope="module")
def scenarios(small: Model) -> tuple[Scenario, ...]:
    """A storm that a rule answers; the same judged; either of these and a calm year."""
    half = round(float(small.reduced.mean[small.reduced.find_cumulative(1), 0]), 1)
    size = {"law": "lognormal", "median": 0.8, "sigma": 0.4}
    storm = make_shock(probability=0.4, size=size, loadings={"series_0": -1.0, "series_1": -0.4})
    answer = {"title": storm.title, "source": "assumption", "profile": "step", "size": {"law": "fixed", "value": 1.5}}
    when = {"series": "series_0", "period": "H1", "printed_below": half}
    push = Rule.model_validate({**answer, "when": when, "onset": "Q3", "loadings": {"series_0": 1, "series_1": 0.2}})
    told = {"say": "probability", "series": "series_1", "period": "FY"}
    judgements = (
        Likelihood.model_validate({"say": "probability", "shock": "storm", "is": 0.55, **BY}),
        Likelihood.model_validate({**told, "at_least": small.plan.growth[1].value, "is": 0.45, **BY}),
        Median.model_validate({"say": "median", "series": "series_0", "period": "Q1", "is": half, **BY}),
        Centre.model_validate({"say": "centre", "series": "series_0", "is": half + 0.2, "sd": 0.8, **BY}),
    )
    stormy = make_scenario(storm=storm)
    ruled = replace(stormy, name="ruled", rules={"push": push})
    mixture = ((replace(make_scenario(), name="calm"), 0.35), (ruled, 0.65))
    return (
        ruled,
        replace(stormy, name="judged", judgements=judgements),
        replace(stormy, name="mixed", mixture=mixture, shocks={}),
    )


@pytest.fixture(scope="module")
def task(small: Model, scenarios: tuple[Scenario, ...]) -> RunTask:
    settings = RunSettings(n_points=256, n_calibrations=16, n_paths=1000, seed=SEED)
    return prepare_run(small, scenarios, settings)


@pytest.fixture(scope="module")
def paths(task: RunTask) -> dict[str, Paths]:
    years = open_all(task.model, task.scenarios, PATHS, 3)
    found = unfold_all(task.model, draw(task.model, PATHS, 3), years, None, None)
    return dict(zip(NAMES, found, strict=True))


def count(paths: Paths, values: np.ndarray) -> float:
    return float(np.average(values, weights=paths.weight))


def measure_error(paths: Paths, values: np.ndarray) -> float:
    weight = np.ones(paths.n_paths) if paths.weight is None else paths.weight
    return float(values.std() * np.sqrt((weight**2).sum()) / weight.sum())


@pytest.mark.parametrize("name", NAMES)
def test_a_promise_is_plugged_back_into_a_run(task: RunTask, paths: dict[str, Paths], name: str) -> None:
    found = promise(task, 0.7, scenario=name, targets=[OWN, OTHER])
    chosen = next(each for each in task.scenarios if each.name == name)
    for together, rows in found.groupby("together"):
        for step in (0.0, 0.1):
            numbers = dict(zip(rows.target, (rows.number + step).round(9), strict=True))
            targets = tuple(each.model_copy(update={"value": numbers[each.id]}) for each in task.model.plan.targets)
            model = replace(task.model, plan=replace(task.model.plan, targets=targets), built_of=None)
            again = run(model, chosen, n_points=256, n_calibrations=0, n_paths=1000, seed=SEED).attainments[0]
            odds = again.met[0] if together == "no" else again.number_met["headline"][-1:]
            aims = [read_aims(task.model.plan, each)[0] for each in (OWN, OTHER)]
            met = np.stack([judge_aim(paths[name], replace(aim, number=numbers[aim.target.id])) for aim in aims])
            met = met if together == "no" else met.all(axis=0, keepdims=True)
            for exact, counted in zip(odds, met, strict=True):
                assert exact == pytest.approx(count(paths[name], counted), abs=5 * measure_error(paths[name], counted))
            kept = odds >= 0.7 - 3e-3
            assert kept.all() if step == 0 else not kept.all() if together == "yes" else not kept.any()


def test_a_judged_shock_promises_what_that_probability_does(model: Model, plan: Plan) -> None:
    baseline = sim.read_scenario("baseline", plan)
    shock = baseline.shocks["rare_common_shock"].model_copy(update={"speed": {}, "delay": {}})
    baseline = replace(baseline, shocks={"rare_common_shock": shock})
    said = Likelihood.model_validate({"say": "probability", "shock": "rare_common_shock", "is": 0.2, **BY})
    written = replace(
        baseline, name="written", shocks={"rare_common_shock": shock.model_copy(update={"probability": 0.2})}
    )
    chosen = [replace(baseline, name="judged", judgements=(said,)), written]
    task = prepare_run(keep_growth(model), chosen, RunSettings(n_points=64, n_calibrations=16, n_paths=1000))
    one, other = (promise(task, 0.7, scenario=each.name, targets="gdp") for each in chosen)
    assert one.number.tolist() == other.number.tolist()
    for found in (one, other):
        assert (found.low < found.number).all()
        assert (found.number < found.high).all()
    assert np.abs(one[["low", "high"]] - other[["low", "high"]]).max(axis=None) <= 0.2


@pytest.mark.parametrize("name", NAMES)
def test_misses_are_those_of_weighted_paths(task: RunTask, paths: dict[str, Paths], name: str) -> None:
    found, mine = describe_misses(task, OWN, scenario=name), paths[name]
    missed = ~judge_aim(mine, read_aims(task.model.plan, OWN)[0])
    again = run(
        task.model, [each for each in task.scenarios if each.name == name], n_points=256, n_paths=1000, seed=SEED
    )
    assert found.chance == pytest.approx(1 - again.attainments[0].met[0, 0], abs=1e-6)
    assert found.chance == pytest.approx(count(mine, missed), abs=5 * measure_error(mine, missed))
    among = replace(mine, weight=missed * (1.0 if mine.weight is None else mine.weight))
    means = found.means.set_index(["name", "period"])
    for row, series in enumerate(("series_0", "series_1")):
        for period, values in (("Q1", mine.growth[0, row]), ("Q3", mine.growth[2, row]), ("FY", mine.annual[row])):
            told = means.loc[(series, period)]
            assert told["mean"] == pytest.approx(count(mine, values), abs=5 * measure_error(mine, values))
            assert told.mean_if_missed == pytest.approx(count(among, values), abs=5 * measure_error(among, values))
    shocks = found.means[found.means.unit == "probability"].set_index("name")
    assert list(shocks.index) == (["storm"] if name == "judged" else ["storm", "push"])
    if name == "judged":
        assert shocks.loc["storm", "mean"] == pytest.approx(0.55, abs=1e-8)
    else:
        used = mine.used["push"].astype(float)
        assert shocks.loc["push", "mean"] == pytest.approx(count(mine, used), abs=5 * measure_error(mine, used))
        told = shocks.loc["push", "mean_if_missed"]
        assert told == pytest.approx(count(among, used), abs=5 * measure_error(among, used))
    assert found.ways.groupby("shocks").share.first().sum() == pytest.approx(1, abs=0.02)
    assert found.rules
    assert all(0 < rule.purity <= 1 for rule in found.rules)


def test_the_likeliest_year_lies_on_the_side_on_which_a_rule_strikes(task: RunTask) -> None:
    ways = describe_misses(task, OWN, scenario="ruled").ways
    cut = next(iter(task.scenarios[0].rules.values())).when.value - 0.05
    shares = task.model.law.shares[:2, 0]
    for shocks, rows in ways[ways.series == "series_0"].groupby("shocks"):
        quarters = rows.set_index("period").value
        half = float(quarters[["Q1", "Q2"]].to_numpy() @ shares / shares.sum())
        assert half <= cut + 1e-6 if "push" in shocks else half >= cut - 1e-6


def test_events_of_ones_own_are_judged_and_ruled_too(task: RunTask, paths: dict[str, Paths]) -> None:
    table = probability(task, OWN, missed=OTHER).set_index("scenario")
    for name in NAMES:
        own, other = (judge_aim(paths[name], read_aims(task.model.plan, each)[0]) for each in (OWN, OTHER))
        given = replace(paths[name], weight=~other * (1.0 if paths[name].weight is None else paths[name].weight))
        row = table.loc[name]
        assert row.probability == pytest.approx(count(given, own), abs=5 * measure_error(given, own))
    asked = probability(task, OTHER).set_index("scenario").probability
    assert asked["judged"] == pytest.approx(0.45, abs=1e-8)
    counted = prepare_run(task.model, task.scenarios, RunSettings(n_paths=PATHS, method="paths", n_calibrations=0))
    assert probability(counted, OTHER).probability[1] == pytest.approx(0.45, abs=1e-9)


def test_a_replayed_path_says_how_much_it_counts(task: RunTask, scenarios: tuple[Scenario, ...]) -> None:
    ruled, judged, mixed = scenarios
    events = replace(judged, judgements=judged.events, name="events")
    asked = prepare_run(task.model, [ruled, events, mixed], RunSettings(n_paths=1000, n_calibrations=0, seed=SEED))
    (years,) = open_all(task.model, [events], 32_768, SEED)
    assert years.tilt is not None
    found = [replay(asked, number) for number in range(1, 9)]
    assert len({each.weights["events"] for each in found}) > 1
    for each in found:
        assert each.weights["ruled"] == each.weights["mixed"] == 1
        assert min(abs(years.tilt.factor - each.weights["events"])) < 1e-6
        path = each.quarters.set_index(["scenario", "series", "period"]).value
        half = task.scenarios[0].rules["push"].when.value
        struck = each.shocks.set_index(["scenario", "shock"]).happened
        assert struck["ruled", "push"] == (np.floor(path["ruled", "series_0", "H1"] * 10 + 0.5) / 10 < half - 1e-9)
        in_mixture = each.shocks[each.shocks.scenario == "mixed"]
        same = "ruled" if len(in_mixture) else "calm"
        if same == "ruled":
            assert path["mixed", "series_0", "FY"] == path["ruled", "series_0", "FY"]
            assert in_mixture.happened.tolist() == each.shocks[each.shocks.scenario == "ruled"].happened.tolist()
    assert {len(each.shocks[each.shocks.scenario == "mixed"]) for each in found} == {0, 2}
