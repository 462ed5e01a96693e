"""Judgements: closed forms, what is asked is reached, an identity, both roads, opinions, bounds, nothing else moved."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import make_law, make_model, make_scenario, make_shock

import sim
from sim.analysis.compare import compare
from sim.analysis.headline_answers import answer_headline
from sim.analysis.shock_odds import measure_shocks
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.run import run
from sim.engine.tasks import prepare_run
from sim.engine.tilting import list_asked, tilt_integrals
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.judgements import Centre, Likelihood, Median
from sim.inputs.scenario.reading import Scenario, read_scenario
from sim.model.growth import compute_moments
from sim.model.model import Model, keep_growth
from sim.model.opinions import find_centre, measure_opinions
from sim.model.scenario_law import compile_scenario
from sim.model.tilting import find_clash, solve_tilt
from sim.results.settings import RunSettings
from sim.views.page.page import say_without_rules
from sim.views.page.what_if import build_page_table
from sim.views.warning_lines import list_warnings

BY = {"who": "planning office", "why": "talks of March"}


def say_shock(name: str, asked: float) -> Likelihood:
    return Likelihood.model_validate({"say": "probability", "shock": name, "is": asked, **BY})


def say_odds(series: str, asked: float, period: str = "FY", **bound: float) -> Likelihood:
    row = {"say": "probability", "series": series, "period": period, **bound, "is": asked, **BY}
    return Likelihood.model_validate(row)


def say_median(series: str, period: str, asked: float) -> Median:
    return Median.model_validate({"say": "median", "series": series, "period": period, "is": asked, **BY})


def say_centre(series: str, asked: float, sd: float) -> Centre:
    return Centre.model_validate({"say": "centre", "series": series, "is": asked, "sd": sd, **BY})


def read(name: str, plan: Plan) -> Scenario:
    """A shipped scenario without what its shocks do to deliveries."""
    scenario = read_scenario(name, plan)
    shocks = {key: shock.model_copy(update={"speed": {}, "delay": {}}) for key, shock in scenario.shocks.items()}
    return replace(scenario, shocks=shocks)


def judge(scenario: Scenario, *judgements: Likelihood | Median | Centre) -> Scenario:
    return replace(scenario, name="judged", judgements=judgements)


def test_one_event_has_a_closed_form() -> None:
    p, c = 0.12, 0.4
    tilt = solve_tilt(np.array([[False], [True]]), np.array([1 - p, p]), np.array([c]))
    np.testing.assert_allclose(tilt.factor, [(1 - c) / (1 - p), c / p], rtol=1e-12)
    assert tilt.divergence == pytest.approx(c * np.log(c / p) + (1 - c) * np.log((1 - c) / (1 - p)), rel=1e-12)
    assert tilt.effective == pytest.approx(1 / (c**2 / p + (1 - c) ** 2 / (1 - p)), rel=1e-12)


def test_of_many_laws_that_meet_the_judgements_the_tilt_is_nearest() -> None:
    numbers = np.random.default_rng(3)
    events = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)], bool)
    mass = numbers.dirichlet(np.ones(8))
    tilt = solve_tilt(events, mass, np.array([0.3, 0.6, 0.5]))
    assert tilt.is_met
    np.testing.assert_allclose(tilt.after, tilt.asked, atol=1e-12)
    away = np.linalg.svd(np.vstack([events.T, np.ones(8)]))[2][4:]  # moves that no judgement notices
    for move in away:
        for step in (1e-3, -1e-3):
            other = mass * tilt.factor + step * move
            assert other @ np.log(other / mass) > tilt.divergence


def test_what_cannot_be_met_together_is_named() -> None:
    nested = np.array([[0, 0, 0], [0, 1, 0], [0, 1, 1], [1, 1, 0], [1, 1, 1]], bool)  # the first implies the second
    tilt = solve_tilt(nested, np.full(5, 0.2), np.array([0.6, 0.5, 0.4]))
    assert not tilt.is_met
    assert find_clash(tilt) == (0, 1)
    certain = solve_tilt(np.array([[True]]), np.array([1.0]), np.array([0.4]))
    assert find_clash(certain) == (0,)


@pytest.fixture(scope="module")
def small(model: Model) -> Model:
    return make_model(keep_growth(model), make_law(7, 3, 4, 6.0), [0.3, 0.0, -0.2])


@pytest.fixture(scope="module")
def growth(model: Model) -> Model:
    """The shipped plan without deliveries, which take most of the time."""
    return keep_growth(model)


SHOCKS = {
    "flood": make_shock(probability=0.1, loadings={"series_0": -1.5, "series_1": -0.5}),
    "storm": make_shock(
        probability=None, depends_on={"shock": "flood", "probability_if_happened": 0.7, "probability_if_not": 0.2}
    ),
    "wind": make_shock(probability=0.25, loadings={"series_2": -1.0}),
}


def test_a_judged_shock_is_one_of_that_probability(small: Model, growth: Model, plan: Plan) -> None:
    baseline = read("baseline", plan)
    rare = {"rare_common_shock": baseline.shocks["rare_common_shock"].model_copy(update={"probability": 0.2})}
    flood = {**SHOCKS, "flood": SHOCKS["flood"].model_copy(update={"probability": 0.35})}
    for model, scenario, judgement, shocks in (
        (growth, baseline, say_shock("rare_common_shock", 0.2), rare),
        (small, make_scenario(**SHOCKS), say_shock("flood", 0.35), flood),  # on which another one depends
    ):
        chosen = [judge(scenario, judgement), replace(scenario, shocks=shocks)]
        one, other = integrate_replicates(model, chosen, 64, 1, range(4))
        one = tilt_integrals(one, np.array([judgement.asked]))
        np.testing.assert_allclose(one.met, other.met, rtol=0, atol=1e-12)
        np.testing.assert_allclose(one.number_met["all"], other.number_met["all"], rtol=0, atol=1e-3)


def test_what_is_asked_is_reached_and_both_roads_agree(small: Model) -> None:
    mean = small.reduced.mean
    year, half = round(float(mean[-1, 0]), 1), round(float(mean[4, 1]) + 0.1, 1)
    scenario = judge(
        make_scenario(**SHOCKS),
        say_shock("storm", 0.4),
        say_odds("series_0", 0.5, at_least=year),
        say_odds("series_0", 0.25, at_least=year + 0.5),
        say_median("series_1", "H1", half),
    )
    found = run(small, scenario, n_points=128, n_calibrations=0, n_paths=40_000)
    exact = found.attainments[0]
    assert not found.deviations
    assert exact.replicates is not None
    assert exact.replicates.tilt is not None
    assert exact.ledger is not None
    np.testing.assert_allclose(exact.replicates.tilt.after, list_asked(exact.scenario), rtol=0, atol=1e-10)
    by_hand = run(small, [scenario], n_calibrations=0, n_paths=40_000, method="paths").attainments[0]
    errors = np.hypot(by_hand.met_se[0], np.nan_to_num(exact.met_se[0]))
    assert (abs(by_hand.met - exact.met)[0] < 4 * errors + 1e-9).all()
    np.testing.assert_allclose(exact.growth[4, 1, 3], half, atol=1e-3)  # the median of the first half, as it is judged
    np.testing.assert_allclose(
        [each.after for each in exact.ledger.entries[:-1]], list_asked(exact.scenario), atol=1e-10
    )
    for entry, other in zip(exact.ledger.entries[:-1], by_hand.ledger.entries[:-1], strict=True):
        assert entry.before == pytest.approx(other.before, abs=0.02)


def test_a_judged_target_has_the_odds_it_is_said_to_have(growth: Model, plan: Plan) -> None:
    baseline = read("baseline", plan)
    for judgement, odds in (
        (say_odds("gdp", 0.6, at_least=5.5), 0.6),
        (say_odds("gdp", 0.45, below=5.5), 0.55),
    ):
        found = integrate_replicates(growth, [judge(baseline, judgement)], 64, 1, range(4))[0]
        tilted = tilt_integrals(found, np.array([judgement.asked]))
        assert tilted.met[0, 0].mean() == pytest.approx(odds, abs=1e-8)
        assert tilted.met[0, 0].std() < 1e-6  # what is asked has no error


def test_errors_are_those_of_the_tilted_odds(small: Model) -> None:
    scenario = judge(make_scenario(**SHOCKS), say_odds("series_0", 0.6, at_least=4.0))
    found = [
        tilt_integrals(integrate_replicates(small, [scenario], 64, seed, range(16))[0], list_asked(scenario)).met[0]
        for seed in range(30)
    ]
    stated = np.mean([each.std(axis=-1, ddof=1) / 4 for each in found], axis=0)
    seen = np.std([each.mean(axis=-1) for each in found], axis=0, ddof=1)
    assert (abs(np.log(seen[1:] / stated[1:])) < 0.5).all()


def test_nothing_moves_where_nothing_is_judged(growth: Model, plan: Plan) -> None:
    chosen = [read("export-slump", plan), read("baseline", plan)]
    same = {"n_points": 64, "n_calibrations": 16, "n_paths": 2000}
    with_others = run(growth, [judge(chosen[0], say_shock("rare_common_shock", 0.2)), *chosen], **same)
    alone = run(growth, chosen, **same)
    for one, other in zip(with_others.attainments[1:], alone.attainments, strict=True):
        for name in ("met", "met_se", "met_range", "plug_in", "if_missed", "growth", "growth_se", "progress"):
            assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
        assert one.ledger is None
    assert "judgements" not in alone.tables


def test_an_opinion_is_averaged_by_precision(model: Model) -> None:
    opinions = ((0, 6.2, 0.4), (4, 5.0, 0.6))
    law, held = model.law, model.hold(opinions)
    trend = np.outer(law.trend_common, law.trend_common) + np.diag(law.trend_own**2)
    centre = np.array([float(find_centre(law, place)) for place in range(6)])
    seen = np.zeros((2, 6))
    seen[0, 0] = seen[1, 4] = 1
    gain = trend @ seen.T @ np.linalg.inv(seen @ trend @ seen.T + np.diag([0.16, 0.36]))
    moved = [float(find_centre(held.law, place)) for place in range(6)]
    np.testing.assert_allclose(moved, centre + gain @ (np.array([6.2, 5.0]) - seen @ centre), rtol=0, atol=1e-12)
    before, after = (compute_moments(each)[1] for each in (law, held.law))
    left = trend - gain @ seen @ trend
    expected = before - trend[None, :, None, :] + left[None, :, None, :]
    np.testing.assert_allclose(after, expected, rtol=0, atol=1e-12)  # news, whose tails are heavy, is as it was
    assert held.milestone_law.own**2 + held.milestone_law.common**2 + held.milestone_law.macro**2 == pytest.approx(1)


def test_what_an_opinion_costs_agrees_with_weights_of_draws(model: Model) -> None:
    divergence, effective = measure_opinions(model.law, ((0, 5.9, 0.5), (4, 5.2, 0.8)))
    normals = np.random.default_rng(5).standard_normal((3, 400_000))
    logs = np.zeros(400_000)
    for place, said, sd, own in ((0, 5.9, 0.5, 1), (4, 5.2, 0.8, 2)):
        trend = model.law.trend_common[place] * normals[0] + model.law.trend_own[place] * normals[own]
        logs -= ((float(find_centre(model.law, place)) + trend - said) / sd) ** 2 / 2
    weight = np.exp(logs) / np.exp(logs).mean()
    assert divergence == pytest.approx(float((weight * np.log(weight)).mean()), rel=0.02)
    assert effective == pytest.approx(1 / float((weight**2).mean()), rel=0.02)


def test_opinions_agree_on_both_roads_and_move_with_calibrations(growth: Model, plan: Plan) -> None:
    scenario = judge(read("baseline", plan), say_centre("retail_sales", 5.2, 0.8))
    found = run(growth, scenario, n_points=64, n_calibrations=0, n_paths=16_384)
    assert not found.deviations
    ledger = found.attainments[0].ledger
    assert ledger is not None
    assert ledger.entries[0].before < ledger.entries[0].after < 5.2
    assert found.attainments[0].met[0, 4] > ledger.before[0, 4] + 0.02
    assert found.attainments[0].met[0, 3] != ledger.before[0, 3]  # it shares the common error of trends


@pytest.mark.filterwarnings("ignore::sim.errors.QuestionWarning")
@pytest.mark.parametrize("method", ["auto", "paths"])
@pytest.mark.parametrize(
    ("judgements", "said"),
    [
        ([say_odds("gdp", 0.6, at_least=5.5), say_odds("gdp", 0.5, at_least=5.0)], "cannot be met together"),
        ([say_odds("gdp", 0.6, at_least=9.5)], "as surprising as|whatever comes"),
        ([say_centre("gdp", 9.0, 0.1)], "as surprising as"),
        ([say_shock("export_slump", 0.5)], "and it is 1 whatever comes"),
    ],
)
def test_what_leaves_too_little_of_the_model_is_refused(
    growth: Model, plan: Plan, judgements: list[Likelihood | Centre], said: str, method: str
) -> None:
    scenario = judge(read("export-slump", plan), *judgements)
    with pytest.raises(InputError, match=said):
        run(growth, scenario, n_points=64, n_calibrations=0, n_paths=2000, method=method)


def test_what_leaves_little_is_questioned(growth: Model, plan: Plan) -> None:
    scenario = judge(read("baseline", plan), say_shock("rare_common_shock", 0.7))
    with pytest.warns(sim.errors.QuestionWarning, match=r"leave 1[0-9]\.\d% of its years"):
        prepare_run(growth, scenario, RunSettings(n_points=64, n_calibrations=0))


def test_published_figures_come_first(growth: Model, plan: Plan) -> None:
    known = sim.read_published(plan, "qingdao-2024-h1").as_of("2024-05-01")
    baseline = read("baseline", plan)
    with pytest.raises(InputError, match=r"judges 'gdp Q1', and gdp Q1 5\.9 % is published"):
        run(growth, judge(baseline, say_median("gdp", "Q1", 5.0)), published=known)
    scenario = judge(baseline, say_odds("gdp", 0.6, at_least=5.5))
    found = run(growth, [baseline, scenario], n_points=64, n_calibrations=0, n_paths=2000, published=known)
    plain, judged = found.attainments
    assert judged.ledger is not None
    assert judged.met[0, 0] == pytest.approx(0.6, abs=1e-8)
    assert judged.ledger.entries[0].before == pytest.approx(plain.met[0, 0], abs=3 * plain.met_se[0, 0] + 1e-3)
    np.testing.assert_allclose(judged.ledger.before[0], plain.met[0], rtol=0, atol=0.01)
    plain_figures, judged_figures = np.split(found.surprise.figure.to_numpy(), 2)
    assert plain_figures.tolist() == judged_figures.tolist()


def test_other_questions_refuse_judgements(growth: Model, plan: Plan) -> None:
    scenario = judge(read("baseline", plan), say_odds("gdp", 0.6, at_least=5.5))
    with pytest.raises(InputError, match="'judged' holds judgements, and this is asked of the model alone"):
        compile_scenario(growth, scenario)


def test_a_comparison_tells_what_judgements_change(growth: Model, plan: Plan) -> None:
    baseline = read("baseline", plan)
    scenario = judge(baseline, say_odds("gdp", 0.6, at_least=5.5), say_centre("retail_sales", 5.2, 0.8))
    task = prepare_run(growth, [baseline, scenario], RunSettings(n_points=64, n_calibrations=0, n_paths=1000))
    table = compare(task, "baseline", "judged", by=()).table.set_index(["target", "reading"])
    assert table.after["gdp", "printed"] == pytest.approx(0.6, abs=1e-8)
    assert table.change["retail_sales", "printed"] > 0.02
    with pytest.raises(InputError, match="by: 'judged' holds judgements, whose change is not shared out"):
        compare(task, "baseline", "judged", by="shocks")


def test_sliders_and_answers_of_a_page_leave_judged_scenarios_out(growth: Model, plan: Plan) -> None:
    scenario = judge(read("baseline", plan), say_odds("gdp", 0.6, at_least=5.5))
    found = run(growth, scenario, n_points=64, n_calibrations=0, n_paths=1000)
    assert build_page_table(found) == {}
    assert answer_headline(found) == []
    assert measure_shocks(growth, found.scenarios) == []
    assert "含判断的情景未列入" in say_without_rules(found)[0].zh


def test_the_ledger_is_told(growth: Model, plan: Plan) -> None:
    scenario = judge(read("baseline", plan), say_odds("gdp", 0.6, at_least=5.5), say_centre("retail_sales", 5.2, 0.8))
    found = run(growth, scenario, n_points=64, n_calibrations=0, n_paths=2000)
    table = found.tables["judgements"]
    assert table.say.tolist() == ["probability", "centre", "all"]
    assert table.who.tolist() == ["planning office", "planning office", ""]
    moved = found.tables["moved"]
    assert "gdp" not in moved.target.tolist()  # of which something was said
    assert moved.change.abs().is_monotonic_decreasing
    plain = run(growth, replace(scenario, judgements=()), n_points=64, n_calibrations=0, n_paths=2000).attainments[0]
    places = {target.id: place for place, target in enumerate(growth.plan.judged)}
    for _, target, before, after, change in moved.to_numpy().tolist():
        error = float(plain.met_se[0, places[target]])
        assert before == pytest.approx(plain.met[0, places[target]], abs=5 * error + 1e-3)
        assert after == found.attainments[0].met[0, places[target]]
        assert change == after - before
    assert table.heads.iloc[-1] == pytest.approx(table.divergence.iloc[:2].sum() / np.log(2), rel=1e-9)
    told = found.describe()["judgements"]
    assert [row["about"] for row in told] == ["gdp FY >= 5.5 %", "retail_sales", "all"]
    assert "before" not in told[-1]
    said = list_warnings(found)
    assert "planning office puts “GDP of the year is printed as 5.5 % or more” at 60 %, the model at" in said[0].en
    assert "planning office认为社会消费品零售总额的中枢为 5.20%" in said[1].zh
    assert "heads in a row" in said[2].en
    assert said[3].en.startswith("What else they move most in Baseline: ")
    assert "GDP" not in said[3].en.split(":")[1]
