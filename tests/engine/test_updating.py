"""Odds given published figures: conditioning against plain rejection, closed forms and the law of total probability."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from rejection import Rejected, accept, reject
from scipy import stats
from small_models import make_law, make_model, make_scenario

from sim.analysis.what_if import WhatIf
from sim.engine.draws import draw
from sim.engine.exact.arrivals import draw_arrivals, find_arrival_chance
from sim.engine.exact.cells import draw_between, draw_in_cells, factorize
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.exact.pilot import fit_proposal
from sim.engine.judging import judge
from sim.engine.path_runs import count_piece, count_scenarios, weigh_first_paths
from sim.engine.path_update import unfold_known
from sim.engine.paths import move_laws
from sim.engine.run import run
from sim.errors import InputError, QuestionWarning
from sim.inputs.plan.plan import Plan
from sim.inputs.published.reading import collect_published, read_published
from sim.inputs.scenario.reading import Scenario, read_scenario
from sim.learning.loading import load_model
from sim.model.deliveries import count_due
from sim.model.growth import compute_moments
from sim.model.known import Known, KnownDelivery, KnownGrowth, KnownMilestone, compile_published
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario
from sim.model.thresholds import find_bound
from sim.results.attainment import find_blanks
from sim.results.integrals import Integrals, settle


@pytest.fixture(scope="module")
def slump(plan: Plan) -> Scenario:
    return read_scenario("export-slump", plan)


@pytest.fixture(scope="module")
def base(twin: Plan) -> Model:
    return load_model(twin)


def know(growth: Sequence[KnownGrowth] = (), **promised: dict) -> Known:
    return Known(**({"growth": tuple(growth), "deliveries": {}, "milestones": {}, "words": {}} | promised))


def know_growth(model: Model, series: str, quarter: int, value: float, kind: int = 1, step: float = 0.1) -> KnownGrowth:
    place = [each.id for each in model.plan.indicators].index(series)
    ends = {"low": value - step / 2, "high": value + step / 2}
    return KnownGrowth(name=f"{series}/{kind}{quarter}", kind=kind, quarter=quarter, series=place, **ends)


def list_cases(model: Model) -> dict[str, Known]:
    """Figures of each kind, and some together."""
    deliveries, milestones = model.delivery_law, model.milestone_law
    amount, count = deliveries.ids.index("charging_piles"), deliveries.ids.index("back_alleys")
    amounts = (
        KnownDelivery(name="amount/Q1", quarter=0, low=0.15, high=0.2),
        KnownDelivery(name="amount/H1", quarter=1, low=0.4, high=0.45),
    )
    counts = (
        KnownDelivery(name="count/Q1", quarter=0, low=0, high=count_due(deliveries, 0, count)),
        KnownDelivery(name="count/H1", quarter=1, low=count_due(deliveries, 1, count), high=np.inf),
    )
    works = {
        milestones.ids.index("metro_line_6"): (KnownMilestone(name="metro/H1", quarter=1, reached=False),),
        milestones.ids.index("economic_census"): (
            KnownMilestone(name="census/H1", quarter=1, reached=False),
            KnownMilestone(name="census/Q1-Q3", quarter=2, reached=True),
        ),
    }
    gdp = [know_growth(model, "gdp", 0, 5.2), know_growth(model, "gdp", 1, 5.0)]
    return {
        "one figure": know(gdp[:1]),
        "two figures": know(gdp),
        "single quarter": know([gdp[0], know_growth(model, "retail_sales", 1, 5.0, kind=0, step=1.0)]),
        "amounts": know(deliveries={amount: amounts}),
        "counts": know(deliveries={count: counts}),
        "works": know(milestones=works),
        "all kinds": know(gdp[:1], deliveries={count: counts[1:]}, milestones=works),
    }


def integrate(model: Model, scenario: Scenario, known: Known | None, count: int = 512) -> Integrals:
    return integrate_replicates(model, [scenario], count, 2024, range(16), known=known)[0]


def assert_agree(model: Model, rejected: Rejected, weighted: Integrals) -> None:
    """Odds, numbers met and pairs are those of the years kept, within four and a half errors of both."""
    expected = weighted.evidence.weight.mean() * rejected.n_paths
    error = np.hypot(np.sqrt(expected), weighted.evidence.weight.std() / 4 * rejected.n_paths)
    assert abs(rejected.kept - expected) < 4.5 * error
    found = settle(weighted)
    stated = ~find_blanks(model.plan, model.delivery_law)
    pairs = [(found.met[stated], rejected.met[stated]), (found.both, rejected.both)]
    pairs += [(exactly, rejected.number_met[group]) for group, exactly in found.number_met.items()]
    for replicates, counts in pairs:
        exact, seen = replicates.mean(axis=-1), counts / rejected.kept
        counting = np.sqrt(np.maximum(exact * (1 - exact), 1e-12) / rejected.kept)
        z = (seen - exact) / np.hypot(counting, replicates.std(axis=-1, ddof=1) / 4)
        told = (exact * rejected.kept > 20) & ((1 - exact) * rejected.kept > 20)
        assert np.abs(z[told]).max() < 4.5
        assert told.sum() < 100 or 0.7 < np.sqrt((z[told] ** 2).mean()) < 1.35


def test_odds_are_those_of_the_years_that_rejection_keeps(model: Model, slump: Scenario) -> None:
    cases = list_cases(model)
    del cases["single quarter"], cases["all kinds"]  # of which too few years are kept
    for case, rejected in reject(model, slump, cases, blocks=2).items():
        assert_agree(model, rejected, integrate(model, slump, cases[case], 256))


@pytest.mark.slow
def test_odds_are_those_of_two_million_years(model: Model, slump: Scenario) -> None:
    """Of the rarest figures 6,000 years are kept, of the others up to 460,000: standard errors of at most 0.65 %."""
    cases = list_cases(model)
    for case, rejected in reject(model, slump, cases, blocks=32).items():
        assert_agree(model, rejected, integrate(model, slump, cases[case], 1024))


def test_without_heavy_tails_it_is_the_closed_form(base: Model) -> None:
    law = make_law(3, series=3, quarters=4, degrees_of_freedom=np.inf)
    law = replace(law, quarter_own=np.array([0.3, 0.0, 0.5]))
    model = make_model(base, law, [0.2, -0.3, 0.5])
    known = know(
        [know_growth(model, name, 1, 5.5, step=1e-6) for name in ("series_0", "series_1")]
        + [know_growth(model, "series_0", 2, 4.0, kind=0, step=1e-6)]
    )
    mean, covariance = compute_moments(law)  # of single quarters
    halves = law.shares[:2] / law.shares[:2].sum(axis=0)
    rows = np.zeros((6, 4, 3))
    for place in (0, 1):
        rows[place, :2, place] = halves[:, place]
    rows[2, 2, 0] = 1
    for place in range(3):
        rows[3 + place, :, place] = law.shares[:, place]
    rows, centre = rows.reshape(6, -1), mean.reshape(-1)
    joint = rows @ covariance.reshape(12, 12) @ rows.T
    gain = joint[3:, :3] @ np.linalg.inv(joint[:3, :3])
    year = rows[3:] @ centre + gain @ (np.array([5.5, 5.5, 4.0]) - rows[:3] @ centre)
    left = joint[3:, 3:] - gain @ joint[:3, 3:]
    printed = [find_bound(model.plan, target, "printed") for target in model.plan.growth]
    exact = 1 - stats.norm.cdf((printed - year) / np.sqrt(np.diag(left)))
    density = stats.multivariate_normal(rows[:3] @ centre, joint[:3, :3]).pdf([5.5, 5.5, 4.0])
    found = integrate_replicates(model, [make_scenario()], 1024, 1, range(16), known=known)[0]
    assert found.evidence.weight.mean() == pytest.approx(density * 1e-18, rel=1e-5)
    assert settle(found).met[0].mean(axis=-1) == pytest.approx(exact, abs=2e-4)


def test_odds_averaged_over_what_may_be_printed_are_the_odds_before(model: Model, slump: Scenario) -> None:
    before = integrate(model, slump, None, 1024).met
    edges = np.array([-np.inf, 4.0, 5.0, 5.5, 6.0, 7.0, np.inf])
    gdp = know_growth(model, "gdp", 0, 0)
    parts = [integrate(model, slump, know([replace(gdp, low=low, high=high)]), 1024) for low, high in pairwise(edges)]
    assert sum(part.evidence.weight.mean() for part in parts) == pytest.approx(1, abs=1e-6)
    moved = sum(part.met for part in parts) - before
    error = moved.std(axis=-1, ddof=1) / 4
    assert (np.abs(moved.mean(axis=-1)) <= 4.5 * np.maximum(error, 1e-5)).all()
    assert np.abs(moved.mean(axis=-1)).max() < 2e-3


def test_the_order_of_rows_and_a_revision_change_nothing_else(model: Model, slump: Scenario, plan: Plan) -> None:
    shared = {"unit": "%", "source": "bulletin", "status": "first"}
    rows = [
        {"date": "2024-04-18", "period": "Q1", "series": "gdp", "value": "5.4", **shared},
        {"date": "2024-07-22", "period": "H1", "series": "gdp", "value": "5.0", **shared},
        {"date": "2024-07-22", "period": "Q1", "series": "gdp", "value": "5.2", **shared, "status": "revised"},
        {"date": "2024-04-18", "period": "Q1", "series": "retail_sales", "value": "5.0", **shared},
    ]
    orders = [rows, [rows[place] for place in (3, 0, 2, 1)], [rows[place] for place in (0, 2, 1, 3)]]
    found = [integrate(model, slump, compile_published(model, collect_published(plan, order)), 64) for order in orders]
    assert all(np.array_equal(each.met, found[0].met) for each in found)
    plain = know([know_growth(model, "gdp", 0, 5.2), know_growth(model, "retail_sales", 0, 5.0)])
    names = [each.name for each in compile_published(model, collect_published(plan, rows)).growth]
    assert names == ["gdp/Q1", "retail_sales/Q1", "gdp/H1"]
    assert len(plain.growth) == 2


def test_two_updates_are_one(model: Model, slump: Scenario) -> None:
    """P(both figures) = P(the first) P(the second given the first), and likewise with targets."""
    one, both = (integrate(model, slump, list_cases(model)[case], 1024) for case in ("one figure", "two figures"))
    sides = both.evidence.sides.mean(axis=-1)
    assert sides[1, 0] == pytest.approx(one.evidence.weight.mean(), rel=1e-6)
    told = sides[1, 1] + sides[1, 2] - sides[1, 0]  # no more and no less, less all: the cell itself
    assert told == pytest.approx(both.evidence.weight.mean(), rel=1e-6)


def test_cells_that_contradict_are_refused_with_the_figure_that_the_others_imply(model: Model, plan: Plan) -> None:
    shared = {"unit": "%", "source": "bulletin", "series": "gdp"}
    rows = [
        {"date": "2024-04-18", "period": "Q1", "value": "5.2", **shared},
        {"date": "2024-07-22", "period": "H1", "value": "5.0", **shared},
        {"date": "2024-07-22", "period": "Q2", "value": "6.9", **shared},
    ]
    assert compile_published(model, collect_published(plan, rows[:2]))
    with pytest.raises(InputError, match=r"gdp Q2 6.9 % contradicts gdp Q1 5.2 %, gdp H1 5.0 %.*4.83 ± 0.14 %"):
        compile_published(model, collect_published(plan, rows))


def test_the_year_known_makes_odds_certain(model: Model, slump: Scenario) -> None:
    judged = [target.id for target in model.plan.judged]
    target = next(each for each in model.plan.growth if each.indicator == "gdp")
    for value, odds in ((target.value, 1), (target.value - 0.1, 0)):
        met = settle(integrate(model, slump, know([know_growth(model, "gdp", 3, value)]), 64)).met
        assert met[0, judged.index(target.id)] == pytest.approx(np.full(16, odds))


def test_arrivals_are_those_of_simulated_processes() -> None:
    rng, n = np.random.default_rng(5), 1_000_000
    spread, expected = 0.3, np.array([3.0, 8.0, 14.0, 20.0])
    speed = np.exp(spread * rng.standard_normal(n))
    counts = rng.poisson(np.diff(expected, prepend=0)[:, None] * speed).cumsum(axis=0)
    cells = [(0, 2, 5), (2, 11, 12)]  # 2 to 4 by the first quarter's end, 11 by the third's
    kept = np.ones(n, bool)
    for quarter, low, high in cells:
        kept &= (counts[quarter] >= low) & (counts[quarter] < high)
    uniforms = [(rng.permutation(200_000) + 0.5) / 200_000 for _ in range(3)]
    told = [KnownDelivery(name=str(q), quarter=q, low=low - 0.5, high=high - 0.5) for q, low, high in cells]
    logs = np.repeat(np.log(expected)[:, None], 200_000, axis=1)
    drawn = draw_arrivals(logs, np.asarray(spread), told, stats.norm.ppf(uniforms[0]), uniforms[1:])
    weight = drawn.correction * drawn.chance.prod(axis=0)
    assert weight.mean() == pytest.approx(kept.mean(), rel=0.03)
    assert weight.sum() ** 2 / (weight**2).sum() > 0.5 * len(weight)
    for quarter, due in ((1, 6), (1, 8), (3, 14), (3, 18), (2, 11), (0, 3)):
        chance = (find_arrival_chance(drawn, quarter, due) * weight).mean() / weight.mean()
        seen = (counts[quarter, kept] >= due).mean()
        assert chance == pytest.approx(seen, abs=4.5 * np.sqrt(seen * (1 - seen) / kept.sum()) + 2e-3)


def test_figures_that_others_decide_take_no_freedom() -> None:
    covariance = np.array([[1.0, 0.5, 0.75], [0.5, 1.0, 0.75], [0.75, 0.75, 0.75]])[..., None]  # the third is a mean
    root = factorize(covariance)
    assert root[2, 2] == 0
    assert np.einsum("ik,jk->ij", root[..., 0], root[..., 0]) == pytest.approx(covariance[..., 0])
    half = [np.array([0.5])] * 3
    inside = draw_in_cells(np.zeros((3, 1)), root, [-0.1, -0.1, -0.2], [0.1, 0.1, 0.2], half)
    outside = draw_in_cells(np.zeros((3, 1)), root, [-0.1, -0.1, 0.2], [0.1, 0.1, 0.3], half)
    assert inside.chance[2] == 1
    assert outside.chance[2] == 0


def test_normals_far_out_keep_their_digits() -> None:
    for low, high in ((8.0, 8.1), (-8.1, -8.0), (30.0, np.inf)):
        normal, chance, _, _ = draw_between(np.array([low]), np.array([high]), np.array([0.5]))
        exact = stats.norm.sf(abs(low) if low > 0 else abs(high)) - stats.norm.sf(high if low > 0 else -low)
        assert chance[0] == pytest.approx(exact, rel=1e-9)
        assert low <= normal[0] < high


def test_both_roads_agree_given_six_figures(model: Model, slump: Scenario) -> None:
    """Points whose shared news is drawn from its posterior, against paths moved by Matheron's rule."""
    names = [indicator.id for indicator in model.plan.indicators]
    half = [
        know_growth(model, name, 1, value) for name, value in zip(names, (5.0, 4.0, 6.0, 4.0, 5.5, 5.5), strict=True)
    ]
    cases = list_cases(model)
    for known in (know(half), cases["amounts"], cases["all kinds"]):
        law = compile_scenario(model, slump)
        draws = draw(model, 32_768, 11)
        paths, likely = unfold_known(model, move_laws(model, draws), draws, slump, law, known)
        weighted = integrate(model, slump, known, 512)
        odds, evidence = settle(weighted).met, weighted.evidence
        effective = likely.weight.sum() ** 2 / (likely.weight**2).sum()
        assert effective > 0.1 * paths.n_paths
        assert likely.weight.mean() == pytest.approx(
            evidence.weight.mean(),
            abs=4 * np.hypot(likely.weight.std() / np.sqrt(paths.n_paths), evidence.weight.std() / 4),
        )
        assert accept(paths, know(half) if known.growth == tuple(half) else replace(known, deliveries={})).all()
        seen, exact = judge(paths) @ likely.weight / likely.weight.sum(), odds.mean(axis=-1)
        counting = np.sqrt(np.maximum(exact * (1 - exact), 1e-12) / effective)
        z = (seen - exact) / np.hypot(counting, odds.std(axis=-1, ddof=1) / 4)
        told = (exact * effective > 20) & ((1 - exact) * effective > 20) & ~find_blanks(model.plan, model.delivery_law)
        assert np.abs(z[told]).max() < 4.5
        assert paths.progress.min() >= 0


def test_runs_given_figures_agree_on_both_roads_and_start_their_fans_at_them(model: Model, plan: Plan) -> None:
    figures = read_published(plan, "qingdao-2024-h1").as_of("2024-05-01")
    analytic, counted = (
        run(model, ["baseline"], published=figures, n_calibrations=0, method=method, n_paths=n_paths)["baseline"]
        for method, n_paths in (("auto", 4_000), ("paths", 60_000))
    )
    gap = np.abs(analytic.met - counted.met)[0]
    error = np.hypot(np.nan_to_num(analytic.met_se[0]), np.sqrt(0.25 / counted.n_effective))
    assert np.nanmax(gap / error) < 4.5
    for attainment in (analytic, counted):
        assert 0 < attainment.evidence.surprise <= 1
        assert attainment.n_effective < (attainment.n_points or attainment.n_paths)
        quantiles = attainment.quantiles.set_index(["series", "period"])
        for figure in figures.effective():
            row = quantiles.loc[(figure.series, figure.period)]
            assert row.q05 >= figure.low - 0.05
            assert row.q95 <= figure.high + 0.05  # a bin of the counts


def test_no_figures_are_no_figures(model: Model, plan: Plan) -> None:
    settings = {"n_paths": 500, "n_points": 64, "n_calibrations": 16}
    plain = run(model, ["baseline"], **settings)["baseline"]
    for nothing in ("none", read_published(plan, "none"), read_published(plan, "qingdao-2024-h1").as_of("2024-02-01")):
        given = run(model, ["baseline"], published=nothing, **settings)["baseline"]
        for name in ("met", "met_se", "plug_in", "met_range", "if_missed", "growth", "growth_se", "progress"):
            assert np.array_equal(getattr(plain, name), getattr(given, name), equal_nan=True)


@pytest.mark.parametrize("method", ["auto", "paths"])
def test_what_comes_once_in_a_million_years_is_refused(model: Model, plan: Plan, method: str) -> None:
    row = {"date": "2024-04-18", "period": "Q1", "series": "gdp", "unit": "%", "source": "bulletin"}
    absurd = collect_published(plan, [{**row, "value": "60.0"}])
    with (
        pytest.warns(QuestionWarning, match="ten times too much"),
        pytest.raises(InputError, match=r"gdp Q1 60.0 % comes less than once in a million years of"),
    ):
        run(model, ["baseline"], published=absurd, method=method, n_paths=2_000)


def test_weighted_counts_are_the_same_in_any_chunks(model: Model, plan: Plan) -> None:
    figures = read_published(plan, "qingdao-2024-h1").as_of("2024-05-01")
    known, scenario = compile_published(model, figures), read_scenario("baseline", plan)
    units, _ = weigh_first_paths(model, [scenario], 70_000, 3, known)
    whole = count_scenarios(model, [scenario], 70_000, 3, known=known, units=units)[0]
    (later,) = count_piece(model, [scenario], 3, 1, 70_000 - 65_536, known, units)
    (first,) = count_piece(model, [scenario], 3, 0, 65_536, known, units)
    first.merge(later)
    assert whole.n_paths == first.n_paths == 70_000
    for name in ("met", "both", "weighed"):
        assert np.array_equal(getattr(whole, name), getattr(first, name))
    assert np.array_equal(whole.growth.counts, first.growth.counts)


def test_proposals_change_what_points_are_worth_and_not_the_odds(model: Model, plan: Plan) -> None:
    known = compile_published(model, read_published(plan, "qingdao-2024-h1").as_of("2024-07-31"))
    scenario = read_scenario("baseline", plan)
    proposal = fit_proposal(model, [scenario], known, seed=2024)
    assert {"level/0", "level/1"} <= set(proposal)
    args = model, [scenario], 1024, 2024, range(16)
    plain, proposed = (integrate_replicates(*args, known=known, proposal=each)[0] for each in (None, proposal))
    assert proposed.evidence.effective > 2 * plain.evidence.effective
    pairs = [(plain.evidence.weight, proposed.evidence.weight), (settle(plain).met, settle(proposed).met)]
    for one, other in pairs:
        gap = np.abs(one.mean(axis=-1) - other.mean(axis=-1))
        error = np.hypot(one.std(axis=-1, ddof=1), other.std(axis=-1, ddof=1)) / 4
        assert (gap <= 5 * np.maximum(error, 1e-6)).all()


def test_a_what_if_starts_from_what_is_published(model: Model, plan: Plan) -> None:
    figures = read_published(plan, "qingdao-2024-h1").as_of("2024-05-01")
    result = run(model, ["export-slump"], published=figures, n_calibrations=0, n_paths=500)["export-slump"]
    what_if = WhatIf(model, "export-slump", published=figures)
    places = [plan.judged.index(target) for target in plan.growth]
    now, harsh = what_if.odds(), what_if.odds(sizes={"export_slump": 2.0})
    assert now.probability[0] == pytest.approx(result.met[0, places], abs=1e-9)
    assert harsh.probability[0, 0] < now.probability[0, 0] - 0.02
    first = figures.effective()[0]
    place = [indicator.id for indicator in plan.indicators].index(first.series)
    assert ((harsh.quantiles[0, place] > first.low - 0.01) & (harsh.quantiles[0, place] < first.high + 0.01)).all()
    gone = what_if.odds(probabilities={"export_slump": 0.0})
    law = replace(read_scenario("export-slump", plan))
    calm = {name: shock for name, shock in law.shocks.items() if name != "export_slump"}
    without = run(model, [replace(law, shocks=calm)], published=figures, n_calibrations=0, n_paths=500)["export-slump"]
    assert gone.probability[0] == pytest.approx(without.met[0, places], abs=0.02)


def test_spillovers_are_refused_with_growth_figures(base: Model) -> None:
    law = make_law(3, series=2, quarters=4, degrees_of_freedom=5.0, spillovers=True)
    model = make_model(base, law)
    row = {"date": f"{model.plan.year}-04-18", "period": "Q1", "series": "series_0", "value": "5.0", "unit": "%"}
    with pytest.raises(InputError, match="spills over"):
        compile_published(model, collect_published(model.plan, [{**row, "source": "bulletin"}]))
