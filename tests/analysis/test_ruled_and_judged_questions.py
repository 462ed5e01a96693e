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
from sim.analysis.stress import find_stress, trace_stress
from sim.analysis.suspense import measure_suspense
from sim.engine.batches import count_event, judge_aim, open_all, unfold_all
from sim.engine.draws import draw
from sim.engine.paths import Paths
from sim.engine.run import run
from sim.engine.tasks import RunTask, prepare_run
from sim.errors import InputError
from sim.inputs.plan.aims import read_aims, read_event
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.document import Rule
from sim.inputs.scenario.judgements import Centre, Likelihood, Median
from sim.inputs.scenario.reading import Scenario
from sim.inputs.scenario.sizes import scale_size
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


@pytest.mark.parametrize(("name", "by"), [("ruled", "size"), ("ruled", "probability"), ("judged", "size")])
def test_what_breaks_a_target_is_plugged_back(
    small: Model, scenarios: tuple[Scenario, ...], name: str, by: str
) -> None:
    scenario = scenarios[NAMES.index(name)]
    settings = RunSettings(n_points=64, n_calibrations=0, n_paths=1000, seed=SEED)
    kept = tuple(each for each in scenario.judgements if not getattr(each, "period", None))
    scenario = replace(scenario, judgements=kept)  # or figures would make up for what a larger storm does
    given = float(probability(prepare_run(small, scenario, settings), OWN).probability[0])
    row = find_stress(prepare_run(small, scenario, settings), OWN, 0.95 * given, shock="storm", by=by).iloc[0]
    assert row.status == "found"
    assert row.odds_as_given == pytest.approx(given, abs=1e-9)
    storm = scenario.shocks["storm"]
    change = {"size": scale_size(storm.size, row.value)} if by == "size" else {"probability": row.value}
    changed = replace(scenario, shocks={"storm": storm.model_copy(update=change)})
    again = float(probability(prepare_run(small, changed, settings), OWN).probability[0])
    assert again == pytest.approx(0.95 * given, abs=1e-5)
    counted = count_event(small, changed, read_event(small.plan, OWN), PATHS, 3)[0].mean()
    assert counted == pytest.approx(again, abs=0.015)


def test_a_judged_shock_is_made_likelier_by_what_is_said(small: Model, scenarios: tuple[Scenario, ...]) -> None:
    said = Likelihood.model_validate({"say": "probability", "shock": "storm", "is": 0.3, **BY})
    judged = replace(scenarios[1], judgements=(said,))
    bare = replace(judged, judgements=(), name="bare")
    settings = RunSettings(n_points=64, n_calibrations=0, n_paths=1000, seed=SEED)
    asked = prepare_run(small, [judged, bare], settings)
    below = 0.9 * float(probability(asked, OWN).probability.min())
    one, other = (
        find_stress(asked, OWN, below, scenario=each, shock="storm").set_index("by") for each in ("judged", "bare")
    )
    assert list(one.index) == ["size", "probability"]  # together, no chance is left to judge
    assert one.value["probability"] == pytest.approx(other.value["probability"], abs=1e-4)
    traced = trace_stress(asked, OWN, scenario="judged", by="probability")
    assert np.interp(one.value["probability"], traced.level, traced.odds) == pytest.approx(below, abs=2e-3)
    with pytest.raises(InputError, match="by: 'judged' holds judgements, and no chance is left to judge"):
        find_stress(asked, OWN, below, scenario="judged", by="together")


@pytest.mark.filterwarnings("ignore::sim.errors.QuestionWarning")
def test_sweeps_ask_what_the_response_should_be_and_what_a_judgement_makes(twin: Plan) -> None:
    model, storm = sim.load_model(twin), make_shock(probability=0.04, loadings={"gdp": -1.0})
    answer = {"title": storm.title, "source": "assumption", "profile": "step", "loadings": {"gdp": 1}, "onset": "Q3"}
    push = Rule.model_validate(
        {
            **answer,
            "when": {"series": "gdp", "period": "H1", "printed_below": 5.0},
            "size": {"law": "fixed", "value": 1},
        }
    )
    said = Likelihood.model_validate({"say": "probability", "shock": "storm", "is": 0.5, **BY})
    ruled = replace(make_scenario(storm=storm), name="ruled", rules={"push": push})
    judged = replace(make_scenario(storm=storm), name="judged", judgements=(said,))
    vary = {"rules.push.size_factor": [0.0, 2.0], "rules.push.when.printed_below": [5.0, 5.4]}
    later = push.when.model_copy(update={"printed_below": 5.4})
    larger = push.model_copy(update={"size": scale_size(push.size, 2.0), "when": later})
    changed = [replace(ruled, name="none", rules={}), replace(ruled, name="stronger", rules={"push": larger}), judged]
    wanted = [each.met[0, 0] for each in run(model, changed, n_points=256, n_calibrations=0, n_paths=1000).attainments]

    def find(scenario: Scenario, method: str = "auto", **vary: list[float | str]) -> list[float]:
        found = sim.sweep(model, {"scenario": scenario, "design": "list", "vary": vary}, method=method)
        return found[(found.name == "gdp_growth") & (found.reading == "printed")].probability.tolist()

    assert find(ruled, **vary) == pytest.approx(wanted[:2], abs=2e-3)
    assert find(ruled, "paths", **vary) == pytest.approx(wanted[:2], abs=6e-3)
    weaker, same, none = find(judged, **{"judgements.storm.is": [0.2, 0.5, 0.99]})
    assert weaker > same == pytest.approx(wanted[2], abs=2e-3)
    assert np.isnan(none)  # too little of the years is left
    assert find(judged, "paths", **{"judgements.storm.is": [0.5]}) == pytest.approx(wanted[2:], abs=6e-3)
    with pytest.raises(InputError, match=r"1\.2 cannot be"):
        find(judged, **{"judgements.storm.is": [0.5, 1.2]})
    with pytest.raises(InputError, match="write Q3 or later"):
        find(ruled, **{"rules.push.onset": ["Q2", "Q4"]})


@pytest.mark.parametrize("name", ["ruled", "mixed", "judged"])
def test_what_a_release_will_tell_is_what_paths_say(
    small: Model, scenarios: tuple[Scenario, ...], paths: dict[str, Paths], name: str
) -> None:
    scenario, mine = scenarios[NAMES.index(name)], paths[name]
    suspense = measure_suspense(small, scenario, series="series_0", period="H1", n_points=64, seed=SEED)
    (release,) = suspense.releases
    printed = np.floor(mine.cumulative[1, 0].astype(float) * 10 + 0.5) / 10
    cut = scenarios[0].rules["push"].when.value
    met = judge_aim(mine, read_aims(small.plan, OWN)[0])
    for lower in (True, False):
        side = release.values < cut - 1e-9 if lower else release.values >= cut - 1e-9
        seen = printed < cut - 1e-9 if lower else printed >= cut - 1e-9
        assert release.probability[side].sum() == pytest.approx(count(mine, seen), abs=0.015)
        both = (release.probability * release.odds[:, 0])[side].sum()
        assert both == pytest.approx(count(mine, seen & met), abs=0.015)
    (exact,) = run(small, scenario, n_points=64, n_calibrations=0, n_paths=1000, seed=SEED).attainments
    assert release.today[0] == pytest.approx(exact.met[0, 0], abs=2e-3)
