"""Questions where figures of the year are known: against plain rejection, the other road, the run that knows them."""

from dataclasses import replace

import numpy as np
import pytest
from rejection import accept
from small_models import make_law, make_model, make_scenario, make_shock

import sim
from sim.analysis.compare import compare
from sim.analysis.misses import describe_misses
from sim.analysis.probability import probability
from sim.analysis.promise import promise
from sim.analysis.replay import replay
from sim.analysis.stress import find_stress
from sim.engine.batches import count_event, judge_aim
from sim.engine.draws import draw
from sim.engine.exact.pilot import fit_proposal
from sim.engine.paths import Paths, start, unfold
from sim.engine.tasks import RunTask, prepare_run
from sim.errors import InputError
from sim.inputs.plan.aims import read_event
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Judged
from sim.inputs.scenario.reading import Scenario
from sim.inputs.scenario.sizes import scale_size
from sim.model.deliveries import count_due
from sim.model.known import Known, KnownDelivery, KnownGrowth
from sim.model.model import Model
from sim.results.settings import RunSettings

SEED, BLOCKS, PATHS = 11, 6, 65_536
OWN, OTHER = "series_0_target", "series_1_target"


def make_task(model: Model, scenarios: list[Scenario], known: Known, *, exact: bool = True) -> RunTask:
    settings = RunSettings(n_paths=PATHS, n_points=256, n_calibrations=16, seed=SEED)
    proposal = fit_proposal(model, scenarios, known, SEED)
    return RunTask(
        model=model,
        scenarios=tuple(scenarios),
        settings=settings,
        exact=(exact,) * len(scenarios),
        known=known,
        proposal=proposal,
    )


@pytest.fixture(scope="module")
def small(twin: Plan) -> Model:
    return make_model(sim.load_model(twin), make_law(5, 2, 4, 5.0), [0.1, -0.3])


@pytest.fixture(scope="module")
def rough() -> Scenario:
    """A storm that the figures may have seen, and a flood that touches the other indicator alone, late."""
    storm = make_shock(probability=0.5, onset="Q1", size={"law": "lognormal", "median": 0.8, "sigma": 0.4})
    flood = make_shock(probability=0.4, onset="Q3", loadings={"series_1": -0.8})
    return replace(make_scenario(storm=storm, flood=flood), name="rough")


@pytest.fixture(scope="module")
def calm() -> Scenario:
    return replace(make_scenario(), name="calm")


@pytest.fixture(scope="module")
def known(small: Model) -> Known:
    middle = float(small.reduced.mean[small.reduced.find_cumulative(1), 0])
    cell = KnownGrowth(name="series_0/H1", kind=1, quarter=1, series=0, low=middle - 0.6, high=middle - 0.1)
    return Known(growth=(cell,), deliveries={}, milestones={}, words={})


def find_target(plan: Plan, name: str) -> Judged:
    return next(target for target in plan.judged if target.id == name)


def reject(model: Model, scenario: Scenario, known: Known) -> list[tuple[Paths, np.ndarray]]:
    """Plain paths, and which of them have the figures."""
    years = [unfold(start(model, draw(model, PATHS, 5, block)), scenario) for block in range(BLOCKS)]
    return [(paths, accept(paths, known)) for paths in years]


def count(years: list[tuple[Paths, np.ndarray]], asked: dict[str, float] | str) -> tuple[float, float]:
    """Share of the years kept that meet something, and its error."""
    aims = read_event(years[0][0].model.plan, asked).met
    met = np.concatenate([np.all([judge_aim(paths, aim) for aim in aims], axis=0)[kept] for paths, kept in years])
    return float(met.mean()), float(np.sqrt(met.mean() * (1 - met.mean()) / len(met)))


@pytest.fixture(scope="module")
def kept(small: Model, rough: Scenario, known: Known) -> list[tuple[Paths, np.ndarray]]:
    return reject(small, rough, known)


def test_probabilities_are_those_of_the_years_kept(
    small: Model, rough: Scenario, known: Known, kept: list[tuple[Paths, np.ndarray]]
) -> None:
    value = find_target(small.plan, OWN).value - 0.2
    for exact in (True, False):
        task = make_task(small, [rough], known, exact=exact)
        for asked in ({OWN: value}, {OTHER: 1.0, OWN: value}, OTHER):
            found = probability(task, asked).iloc[0]
            share, error = count(kept, asked)
            assert abs(found.probability - share) < 4.5 * np.hypot(error, found.mc_se)
        found = probability(task, OWN, missed=OTHER).iloc[0]
        missed = count(kept, OTHER)[0]
        both = count(kept, [OWN, OTHER])[0]
        assert found.probability == pytest.approx((count(kept, OWN)[0] - both) / (1 - missed), abs=0.02)


def test_changes_given_figures_are_shared_out_whole(
    small: Model, calm: Scenario, rough: Scenario, known: Known
) -> None:
    on_points, on_paths = (
        compare(make_task(small, [calm, rough], known, exact=exact), "calm", "rough") for exact in (True, False)
    )
    one, other = on_points.table, on_paths.table
    error = np.hypot(one.paired_se.fillna(1e-3), other.paired_se.fillna(1e-3))
    assert (np.abs(one.change - other.change) < 4.5 * error + 1e-4).all()
    for found in (on_points, on_paths):
        whole = found.table[found.table.reading == "printed"].set_index("target").change
        for name, rows in found.shocks.groupby("target"):
            assert rows.change.sum() == pytest.approx(whole[name], abs=1e-12)
        assert found.targets.change.sum() == pytest.approx(whole["headline"], abs=1e-12)
        assert found.targets.part.tolist() == [OWN, OTHER, "published"]
        flood = found.shocks[(found.shocks.target == OWN) & (found.shocks.part == "flood")]
        assert (flood.change.item(), flood.se.item()) == (0, 0)  # no figure knows of it, and its target is another
    for parts in ("shocks", "targets"):
        first, second = (getattr(each, parts) for each in (on_points, on_paths))
        assert (np.abs(first.change - second.change) < 4.5 * np.hypot(first.se, second.se) + 1e-4).all()


def test_a_number_that_could_be_promised_given_figures_is_kept_so_often(
    small: Model, rough: Scenario, known: Known, kept: list[tuple[Paths, np.ndarray]]
) -> None:
    task = make_task(small, [rough], known)
    found = promise(task, (0.5, 0.8), targets=[OWN, OTHER]).set_index(["together", "target", "odds"]).number
    for odds in (0.5, 0.8):
        for name in (OWN, OTHER):
            number = float(found["no", name, odds])
            assert count(kept, {name: number})[0] >= odds - 0.01
            assert count(kept, {name: number + 0.1})[0] < odds + 0.01
        together = {name: float(found["yes", name, odds]) for name in (OWN, OTHER)}
        assert odds - 0.01 < count(kept, together)[0] < odds + 0.05


def test_what_brings_odds_down_given_figures_is_plugged_back(small: Model, rough: Scenario, known: Known) -> None:
    task = make_task(small, [rough], known)
    given = float(probability(task, OTHER).probability.iloc[0])
    found = find_stress(task, OTHER, given - 0.03, by=["size", "probability"], shock="flood")
    assert found.status.tolist() == ["found", "found"]
    assert np.allclose(found.odds, given - 0.03, atol=1e-5)
    flood = rough.shocks["flood"]
    for change in ({"size": scale_size(flood.size, found.value[0])}, {"probability": found.value[1]}):
        changed = replace(rough, shocks={**rough.shocks, "flood": flood.model_copy(update=change)})
        share, error = count(reject(small, changed, known), OTHER)
        assert abs(share - (given - 0.03)) < 4.5 * np.hypot(error, 1e-3)
    storm = find_stress(task, OWN, 0.02, by="probability", shock="storm").iloc[0]  # figures say it hardly happened
    assert storm.status == "never below"


def test_years_that_miss_given_figures_are_like_those_kept(
    small: Model, rough: Scenario, known: Known, kept: list[tuple[Paths, np.ndarray]]
) -> None:
    found = describe_misses(make_task(small, [rough], known), OWN)
    aim = read_event(small.plan, OWN).met[0]
    missed = [kept_here & ~judge_aim(paths, aim) for paths, kept_here in kept]
    chance, error = count(kept, OWN)
    assert abs(found.chance - (1 - chance)) < 4.5 * np.hypot(error, 1e-3)
    means = found.means.set_index(["kind", "name", "period"])
    for series in range(2):
        for quarter in range(4):
            row = means.loc["growth", f"series_{series}", f"Q{quarter + 1}"]
            for column, chosen in (("mean", [each for _, each in kept]), ("mean_if_missed", missed)):
                values = np.concatenate([p.growth[quarter, series][c] for (p, _), c in zip(kept, chosen, strict=True)])
                assert abs(row[column] - values.mean()) < 4.5 * values.std() / np.sqrt(len(values)) + 2e-3
    way = found.ways[found.ways.series == "series_0"].groupby("shocks").value.last()
    bound = find_target(small.plan, OWN).value - 0.05
    assert (way <= bound + 1e-6).all()
    held = found.ways[(found.ways.series == "series_0") & found.ways.period.isin(["Q1", "Q2"])]
    half = held.groupby("shocks").value.apply(lambda each: float(each.to_numpy() @ small.law.shares[:2, 0]))
    half /= small.law.shares[:2, 0].sum()
    assert half.between(known.growth[0].low - 1e-6, known.growth[0].high + 1e-6).all()
    (rule, *_) = found.rules
    assert all(fact.period not in ("H1",) for fact in rule.facts)


def test_a_path_given_figures_has_them(small: Model, calm: Scenario, rough: Scenario, known: Known) -> None:
    task, (cell,) = make_task(small, [calm, rough], known), known.growth
    for chosen in (7, "median", "first-miss", "worst-series_0"):
        found = replay(task, chosen)
        for name in ("calm", "rough"):
            half = found.quarters[(found.quarters.scenario == name) & (found.quarters.period == "H1")]
            assert cell.low <= half.value.iloc[0] < cell.high
        assert isinstance(chosen, int) or found.weights["calm"] >= 0.1
    assert replay(replace(task, known=None, proposal=None), 7).weights == {"calm": 1, "rough": 1}


@pytest.mark.parametrize("name", ["charging_piles", "back_alleys"])
def test_other_numbers_of_deliveries_that_have_figures(model: Model, plan: Plan, calm: Scenario, name: str) -> None:
    law, target = model.delivery_law, find_target(plan, name)
    number = law.ids.index(name)
    due = count_due(law, 1, number) if np.isfinite(law.arrivals[number]) else 0.4
    cell = KnownDelivery(name=f"{name}/H1", quarter=1, low=due, high=np.inf if due > 1 else 0.45)
    known = Known(growth=(), deliveries={number: (cell,)}, milestones={}, words={})
    task = make_task(model, [calm], known)
    for share in (1.0, 1.5):
        asked = {name: round(target.value * share, 2 if due < 1 else 0)}
        found = probability(task, asked).iloc[0]
        both, given = count_event(model, calm, read_event(plan, asked), 16_384, SEED, known)
        assert found.probability == pytest.approx(both.mean() / given.mean(), abs=0.02)
        assert (found.probability == pytest.approx(probability(task, name).probability[0], abs=1e-6)) == (share == 1)


def test_a_finished_run_is_asked_with_its_figures(model: Model) -> None:
    known = sim.run(
        model,
        ["baseline", "export-slump"],
        n_paths=4_000,
        n_points=64,
        n_calibrations=16,
        published="qingdao-2024-h1",
    )
    odds = known.odds[(known.odds.target == "gdp") & (known.odds.reading == "printed")].reset_index()
    found = probability(known, "gdp")
    for column in ("probability", "range_low", "range_high"):
        assert np.allclose(found[column], odds[column], rtol=0, atol=1e-6)
    assert np.allclose(found.mc_se, odds.mc_se, rtol=1e-4)
    changes = compare(known, "baseline", "export-slump", by=()).table
    change = changes[(changes.target == "gdp") & (changes.reading == "printed")].change.item()
    assert change == pytest.approx(odds.probability[1] - odds.probability[0], abs=1e-9)
    few = prepare_run(model, ["baseline"], RunSettings(method="paths", n_paths=400), published="qingdao-2024-h1")
    with pytest.raises(InputError, match="400 paths of scenario 'baseline' are worth only"):
        probability(few, "gdp")
    for ask in (promise, lambda task: describe_misses(task, "gdp"), lambda task: find_stress(task, "gdp", 0.1)):
        with pytest.raises(InputError, match="figures are known and paths were counted"):
            ask(few)
