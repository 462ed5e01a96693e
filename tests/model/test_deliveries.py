"""Deliveries and programmes: their law against scipy's integrals, Poisson, gamma and beta laws."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from sim.engine.courses import start_deliveries
from sim.engine.draws import draw
from sim.engine.paths import simulate
from sim.inputs.calibration import Calibration
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import ORDINARY
from sim.inputs.units import count_singles
from sim.model.arrivals import MOST_ARRIVALS, tabulate_arrivals, tabulate_wait
from sim.model.calibrated_deliveries import build_delivery_law
from sim.model.deliveries import DeliveryLaw, count_due, find_covariance, find_spread, run_course, show_delivered
from sim.model.lookup_table import find_scale
from sim.model.model import Model
from sim.model.programmes import ShareLaw, find_enough
from sim.model.values import take_values
from sim.results.attainment import measure_delivery

N = 40_000
QUARTERS = 4


def make_law(**changes: object) -> DeliveryLaw:
    """The law of one delivery, a measured one unless changed."""
    single = {"chance": 0.8, "lead": 0.0, "spread": 0.1, "shared": 1.0, "macro": 0.0, "arrivals": np.inf}
    shown = {"pile": 0.5, "tail": 0.2, "capped": False, "is_cap": False, "projects": 0.0}
    due = {"required": 1.0, "excess": np.inf}
    arrays = {name: np.array([changes.pop(name, value)]) for name, value in {**single, **shown, **due}.items()}
    shares = np.array([0.1, 0.2, 0.3, 0.4])[:, None]
    rest = {"season": shares, "due": shares.cumsum(axis=0), "within": np.array(0.5)}
    none = {"common": np.zeros(()), "news": np.zeros(()), "share": np.ones(()), "share_sd": np.zeros(())}
    return DeliveryLaw(ids=("a",), courses=("c",), **arrays, **{**rest, **none, **changes})


def build_with(plan: Plan, model: Model, **changes: object) -> DeliveryLaw:
    """The shipped law with other entries of the delivery numbers."""
    numbers = model.calibration.deliveries
    assert numbers is not None
    document = model.calibration.model_dump()
    document["deliveries"] |= changes
    calibration = Calibration.model_validate(document)
    return build_delivery_law(plan.deliveries, calibration, take_values(calibration))


def integrate_odds(lead: float, parts: tuple[float, ...], things: float) -> float:
    """Odds of the goal over what is shared, the macro factor and own speed, factor by factor."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    shared, macro, own = parts
    outer = lead + shared * points[:, None] + macro * points
    if np.isfinite(things):
        inner = stats.poisson.sf(things - 1, things * np.exp(outer[..., None] + own * points)) @ weights
    else:
        inner = stats.norm.cdf(outer / own)
    return float(weights @ inner @ weights)


def test_the_chance_in_the_record_comes_out(model: Model) -> None:
    law = model.delivery_law
    for number, name in enumerate(law.ids):
        parts = law.shared[number] * law.common, law.macro[number], law.spread[number]
        odds = integrate_odds(law.lead[number], parts, law.arrivals[number])
        assert odds == pytest.approx(law.chance[number], abs=1.5e-3), name


def test_the_chance_comes_out_under_moved_calibrations(model: Model) -> None:
    numbers = np.random.default_rng(4)
    law = model.move({place: numbers.normal(size=3) for place in model.uncertain}).delivery_law
    for number in range(0, len(law.ids), 3):
        for at in range(3):
            shared, macro, spread = law.shared[number, at], law.macro[number, at], law.spread[number, at]
            odds = integrate_odds(law.lead[number, at], (shared * law.common[at], macro, spread), law.arrivals[number])
            assert odds == pytest.approx(law.chance[number, at], abs=2e-3), law.ids[number]


def test_chances_are_those_of_the_record_less_doubt(model: Model, plan: Plan) -> None:
    numbers = model.calibration.deliveries
    assert numbers is not None
    chance = dict(zip(model.delivery_law.ids, model.delivery_law.chance, strict=True))
    for each in plan.deliveries:
        if each.is_programme or each.id in numbers.levels:
            continue
        own = numbers.targets.get(each.id) or numbers.classes[each.reference_class or "other"]
        assert chance[each.id] == pytest.approx(own.reach.value * (1 - numbers.doubt.value)), each.id


def test_a_target_with_a_record_of_its_own_has_its_chance(model: Model, plan: Plan) -> None:
    reach = {"value": 0.37, "weight": 9, "unit": "share", "source": "assumption"}
    assert model.calibration.deliveries is not None
    known = model.calibration.deliveries.model_dump()["targets"]
    law = build_with(plan, model, targets={**known, "charging_piles": {"reach": reach}})
    row = law.ids.index("charging_piles")
    changed = np.flatnonzero(law.chance != model.delivery_law.chance)
    assert changed.tolist() == [row]
    assert law.chance[row] == pytest.approx(0.37 * 0.98)


def test_a_level_is_reached_where_base_and_growth_carry_it_and_a_report_says_so(model: Model, plan: Plan) -> None:
    law, target = model.delivery_law, next(each for each in plan.deliveries if each.id == "grain_output")
    row = law.ids.index("grain_output")
    numbers = model.calibration.deliveries
    assert numbers is not None
    level = numbers.levels["grain_output"]
    grown = level.base.value * (1 + level.growth.value / 100)
    assert law.spread[row] == level.spread.value
    total = np.sqrt(level.spread.value**2 + (law.shared[row] * law.common) ** 2 + law.macro[row] ** 2)
    jolted = np.hypot(total, law.news * np.linalg.norm(law.season[:, row]))
    told = stats.norm.cdf(law.lead[row] / jolted)
    assert told == pytest.approx(stats.lognorm(jolted, scale=grown).sf(target.value) * (1 - numbers.doubt.value))
    assert stats.norm.cdf(law.lead[row] / total) == pytest.approx(law.chance[row])
    sure = build_with(plan, model, doubt=numbers.doubt.model_copy(update={"value": 0.0}).model_dump())
    assert np.exp(sure.lead[row]) * target.value == pytest.approx(grown)


def test_things_that_are_many_are_folded_into_the_spread(model: Model, plan: Plan) -> None:
    law, numbers = model.delivery_law, model.calibration.deliveries
    assert numbers is not None
    kinds = set()
    for row, each in enumerate(plan.deliveries):
        entry = numbers.classes[each.reference_class or "other"]
        own = numbers.levels[each.id].spread.value if each.id in numbers.levels else entry.spread.value
        count = None if each.is_programme or entry.arrivals != "single" else count_singles(each.value, each.unit)
        few = bool(count and count < MOST_ARRIVALS)
        kinds.add((few, bool(count)))
        assert law.arrivals[row] == (count if few else np.inf)
        folded = 0 if few or not count else 1 / count
        assert law.spread[row] == pytest.approx(np.sqrt(own**2 + folded))
    assert len(kinds) == 3


def test_a_class_follows_what_moves_all_as_far_as_it_shares(model: Model, plan: Plan) -> None:
    numbers = model.calibration.deliveries
    assert numbers is not None
    classes = {name: each.model_dump() for name, each in numbers.classes.items()}
    classes["harvest"]["macro"] = numbers.macro.model_dump() | {"value": 0.11}
    law = build_with(plan, model, classes=classes)
    assert (law.common, law.news) == (numbers.common.value, numbers.news.value)
    for row, each in enumerate(plan.deliveries):
        name = each.reference_class or "other"
        shared = classes[name]["shared"]["value"]
        assert law.shared[row] == shared
        assert law.macro[row] == pytest.approx(shared * (0.11 if name == "harvest" else numbers.macro.value))
    assert {0.2, 1.0} <= set(law.shared.tolist())


@pytest.mark.parametrize("needed", [1.0, 2.0, 10.0, 150.0])
def test_arrivals_are_poisson_given_the_speed(needed: float) -> None:
    """Over a lognormal speed, by integrating the Poisson law; without spread, that law itself."""
    table = tabulate_arrivals(needed)
    for spread in (0.0, 0.1125, 0.225, 0.4):
        for ahead in (-1.5, -0.4, 0.0, 0.7, 2.0):
            lead = ahead * np.sqrt(spread**2 + 1 / needed)

            def weigh(normal: float, lead: float = lead, spread: float = spread) -> float:
                mean = needed * np.exp(lead + spread * normal)
                return stats.poisson.sf(needed - 1, mean) * stats.norm.pdf(normal)

            exact = integrate.quad(weigh, -8, 8)[0]
            got = table.read(np.float32([ahead]), np.float32([spread]))[0]
            assert got == pytest.approx(exact, abs=2e-3), (spread, ahead)


@pytest.mark.parametrize("things", [1.0, 2.0, 40.0])
def test_the_wait_for_things_is_a_gamma_variate(things: float) -> None:
    normals = np.linspace(-4, 4, 501)
    wanted = stats.gamma.ppf(stats.norm.cdf(normals), things)
    np.testing.assert_allclose(tabulate_wait(things).read(normals.astype(np.float32)), wanted, rtol=2e-3)


def make_needs(model: Model, law: DeliveryLaw) -> np.ndarray:
    """Log of the course that each path needs by each quarter's end, of a law's one delivery."""
    draws = draw(replace(model, delivery_law=law), N, redrawn=False)
    return start_deliveries(law, draws, np.ones_like(draws.levels))[0][:, 0].astype(float)


@pytest.mark.parametrize("things", [1.0, 2.0, 10.0, 120.0])
def test_counts_by_quarter_are_poisson(model: Model, things: float) -> None:
    """At a known speed, the things due have arrived by a quarter's end as often as a Poisson count says."""
    law = make_law(arrivals=things, spread=0.0, lead=0.2)
    needs = make_needs(model, law)
    for quarter, share in enumerate(law.due[:, 0]):
        due = count_due(law, quarter, 0)
        met = (np.log(share) >= needs[quarter]).mean()
        exact = stats.poisson.sf(due - 1, share * things * np.exp(0.2))
        assert met == pytest.approx(exact, abs=4.5 * np.sqrt(0.25 / N))


def test_what_is_due_is_whole_things_and_all_of_them_at_the_end() -> None:
    law = make_law(arrivals=3.0)
    assert [count_due(law, quarter, 0) for quarter in range(QUARTERS)] == [1, 1, 2, 3]


@pytest.mark.parametrize("within", [0.0, 0.5, 1.0])
def test_measured_amounts_by_quarter_are_lognormal(model: Model, within: float) -> None:
    law = make_law(spread=0.3, lead=0.05, within=np.array(within))
    needs = make_needs(model, law)
    for quarter, share in enumerate(law.due[:, 0]):
        spread = find_spread(law, quarter, 0)
        log_speed = np.log(share) - needs[quarter]  # of what is delivered, over what is due
        assert log_speed.mean() == pytest.approx(0.05, abs=5 * spread / np.sqrt(N))
        assert log_speed.std() == pytest.approx(spread, rel=0.02)
    assert find_spread(law, QUARTERS - 1, 0) == pytest.approx(0.3)
    assert (find_spread(law, 0, 0) > 0.3) == (within > 0)


def test_needs_by_hand(model: Model) -> None:
    """What one path takes into the year, written out: a measured delivery and one that arrives one by one."""
    draws, law = draw(model, 3, redrawn=False), model.delivery_law
    needed, news = start_deliveries(law, draws, find_scale(model.law.degrees_of_freedom, draws.levels))
    scale = np.sqrt(3 / stats.chi2.isf(stats.norm.cdf(draws.levels[:, 1].astype(float)), 5))
    np.testing.assert_allclose(news[:, 1], np.exp(law.news * draws.common[:, 1] * scale), rtol=1e-4)
    for row in (int(np.argmin(law.arrivals)), int(np.argmax(law.arrivals))):
        ahead = law.lead[row] + law.macro[row] * draws.trend_common[1]
        ahead += law.shared[row] * law.common * draws.delivery_common[1]
        own, quarters = draws.delivery_own[row, 1], draws.delivery_quarter[:, row, 1].astype(float)
        if np.isfinite(law.arrivals[row]):
            due = np.array([count_due(law, quarter, row) for quarter in range(QUARTERS)])
            new = np.diff(due, prepend=0)
            waits = stats.gamma.ppf(stats.norm.cdf(quarters), np.maximum(new, 1)) * (new > 0)
            by_hand = np.log(waits.cumsum() / law.arrivals[row]) - ahead - law.spread[row] * own
        else:
            season = law.season[:, row]
            lone = (season * quarters).cumsum() / season.cumsum() * np.sqrt(law.within / (season**2).sum())
            by_hand = np.log(law.due[:, row]) - ahead - law.spread[row] * (np.sqrt(1 - law.within) * own + lone)
        np.testing.assert_allclose(needed[:, row, 1], by_hand, atol=2e-4)


def test_a_course_adds_up_seasons_at_the_speed_of_their_quarters() -> None:
    season, news = np.array([0.1, 0.2, 0.3, 0.4]), np.array([[1.0], [2.0], [0.5], [0.0]], np.float32)
    np.testing.assert_allclose(run_course(season, news)[:, 0], [0.1, 0.5, 0.65, 0.65], rtol=1e-6)
    both = run_course(np.stack([season, season[::-1]], 1), np.repeat(news, 2, axis=1))
    np.testing.assert_allclose(both[:, 1], [0.4, 1.0, 1.1, 1.1], rtol=1e-6)


def test_seasons_move_by_the_log_and_sum_to_one(model: Model, plan: Plan) -> None:
    shift = 0.2 * np.array([0.0, 1.0, -2.0])
    law = model.move({"deliveries/courses/school/timing/1": np.array([0.0, 1.0, -2.0])}).delivery_law
    row = next(number for number, each in enumerate(plan.deliveries) if each.season == "school")
    shares = np.array([0.1, 0.2, 0.5, 0.2])
    for at in range(3):
        weights = shares * np.exp([0, shift[at], 0, 0])
        np.testing.assert_allclose(law.season[:, row, at], weights / weights.sum())
    np.testing.assert_allclose(law.season.sum(axis=0), 1)
    np.testing.assert_array_equal(law.due, model.delivery_law.due)  # what is due goes by the stated shares


@cache
def lay_levels() -> np.ndarray:
    """Even levels of a standard normal."""
    return stats.norm.ppf((np.arange(N) + 0.5) / N)


@pytest.mark.parametrize("name", ["key_construction_projects", "rivers_improved"])
def test_shares_of_a_programme_under_way_are_beta(model: Model, plan: Plan, name: str) -> None:
    numbers = model.calibration.deliveries
    assert numbers is not None
    doubt = numbers.doubt.model_dump() | {"value": 0.0}
    law = build_with(plan, model, doubt=doubt)
    row = law.ids.index(name)
    projects = {"key_construction_projects": 440, "rivers_improved": 11}[name]
    enough = {440: 396, 11: 10}[projects]
    share, sd = (getattr(numbers.programmes, field).value for field in ("share", "share_sd"))
    size = share * (1 - share) / sd**2 - 1
    under_way = stats.beta(share * size, (1 - share) * size)
    assert (under_way.mean(), under_way.std()) == (pytest.approx(share), pytest.approx(sd))
    reach = under_way.sf((enough - 0.5) / projects)
    assert law.chance[row] == pytest.approx(reach)
    assert model.delivery_law.chance[row] == pytest.approx(reach * 0.98)
    total = np.sqrt(law.spread[row] ** 2 + (law.shared[row] * law.common) ** 2 + law.macro[row] ** 2)
    capacity = (law.lead[row] + total * lay_levels()).astype(np.float32)
    shown = show_delivered(law, row, capacity) * projects
    np.testing.assert_allclose(shown, shown.round(), atol=1e-4)
    exact = (under_way.ppf((np.arange(N) + 0.5) / N) * projects).round()
    assert np.abs(shown - exact).max() < 1.001
    assert (np.abs(shown - exact) > 0.5).mean() < 0.02
    np.testing.assert_array_equal(shown.round() >= enough, capacity >= 0)


@given(
    mean=st.floats(0.02, 0.9999),
    sd=st.floats(1e-7, 0.3),
    rules=st.lists(st.tuples(st.floats(0.3, 1), st.sampled_from([7, 11, 440, np.inf])), min_size=1, max_size=6),
)
def test_what_is_enough_is_the_beta_law_however_narrow(
    mean: float, sd: float, rules: list[tuple[float, float]]
) -> None:
    size = max(mean * (1 - mean) / max(sd, 1e-6) ** 2 - 1, 0.1)
    exact = [stats.beta.sf(share - 0.5 / works, mean * size, (1 - mean) * size) for share, works in rules]
    np.testing.assert_allclose(find_enough(np.array(mean), np.array(sd), rules), exact, atol=1e-7)
    two = find_enough(np.array([0.9, mean]), np.array([0.05, sd]), rules)
    np.testing.assert_array_equal(two[:, 1], find_enough(np.array([mean]), np.array([sd]), rules)[:, 0])


def test_each_path_shows_the_share_of_its_own_calibration() -> None:
    laws = {
        (mean, sd): stats.beta(*(size * np.array([mean, 1 - mean])))
        for mean, sd, size in [(0.9, 0.05, 35.0), (0.97, 0.02, 71.75)]
    }
    just = [stats.norm.ppf(law.cdf(0.9)) for law in laws.values()]
    ranks = np.concatenate([lay_levels() - each for each in just]).astype(np.float32)
    mean, sd = (np.repeat(column, N) for column in zip(*laws, strict=True))
    shown = ShareLaw.of(mean, sd, 0.9, np.inf).show(ranks).reshape(2, N)
    for each, law in zip(shown, laws.values(), strict=True):
        np.testing.assert_allclose(each, law.ppf((np.arange(N) + 0.5) / N), atol=2e-3)
    np.testing.assert_array_equal(shown.ravel() >= np.float32(0.9), ranks >= 0)


def test_a_missed_goal_shows_what_could_be_brought_and_a_list_ends_at_one() -> None:
    capacity = np.log(np.float32([0.5, 0.9, 1.0, 1.4]))
    assert show_delivered(make_law(capped=True), 0, capacity).tolist() == pytest.approx([0.5, 0.9, 1.0, 1.0])
    assert show_delivered(make_law(), 0, capacity)[:2].tolist() == pytest.approx([0.5, 0.9])


@pytest.mark.parametrize(("pile", "tail"), [(0.45, 0.08), (0.7, 0.5)])
def test_kept_promises_pile_up_and_have_a_tail(pile: float, tail: float) -> None:
    chance = 0.85
    law = make_law(chance=chance, lead=0.1 * stats.norm.ppf(chance), pile=pile, tail=tail)
    shown = show_delivered(law, 0, (law.lead[0] + 0.1 * lay_levels()).astype(np.float32)).astype(float)
    kept = shown[shown >= 1]
    assert len(kept) / N == pytest.approx(chance, abs=1e-3)
    assert (kept <= 1.05).mean() == pytest.approx(pile, abs=2e-3)
    beyond = kept[kept > 1.05] - 1.05
    assert beyond.mean() == pytest.approx(tail, rel=0.02)
    assert stats.kstest(beyond, stats.expon(scale=tail).cdf).statistic < 0.01
    assert (np.diff(shown) >= -1e-6).all()


def test_units(plan: Plan) -> None:
    targets = {target.id: target for target in plan.targets}
    np.testing.assert_allclose(measure_delivery(targets["charging_piles"], np.array([0.5, 1.5])), [1.2, 3.6])
    np.testing.assert_allclose(measure_delivery(targets["key_construction_projects"], np.array([0.9])), [396])


def test_a_plan_without_deliveries_has_no_law_of_them(plan: Plan, model: Model) -> None:
    law = build_delivery_law((), model.calibration, take_values(model.calibration))
    assert (law.ids, law.season.shape) == ((), (1, 0))
    bare = replace(plan, targets=plan.headline)
    own = replace(model, plan=bare, delivery_law=law)
    assert simulate(own, ORDINARY, draw(own, 20)).progress.shape == (QUARTERS, 0, 20)


def test_own_speeds_of_quarters_covary_as_their_spreads_say(model: Model) -> None:
    law = model.delivery_law
    for number in range(len(law.ids)):
        covariance = find_covariance(law, number)
        for quarter in range(len(law.due)):
            if law.due[quarter, number] > 0:
                assert covariance[quarter, quarter, 0] == pytest.approx(find_spread(law, quarter, number) ** 2)
