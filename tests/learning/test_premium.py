"""The premium over other regions: what is gone of it a year later, and what is not known of it."""

from dataclasses import replace

import numpy as np
import pytest
from small_histories import OUTLOOK, make_history

from sim.inputs.history import History
from sim.learning.annual_law import fit_annual, locate
from sim.learning.features import build_features, build_past_features
from sim.learning.panel import TRANSFORMS, find_prior


@pytest.fixture(scope="module")
def history() -> History:
    return make_history(5, range(2010, 2016), seed=2, indicator="retail_sales")


def test_the_premium_is_over_the_median_of_the_others(history: History) -> None:
    found = build_features(history.before(2015), history.open_january(2015), OUTLOOK, "retail_sales")
    last = history.outcome[history.year == 2014]
    by_hand = [(last[row] - np.median(np.delete(last, row))) * 4 / 5 for row in range(5)]
    np.testing.assert_allclose(found.premium, by_hand)
    np.testing.assert_allclose(found.premium_unknown, 1 / 5)


def test_of_a_region_alone_nothing_is_known_of_it(history: History) -> None:
    alone = history.where(history.region == "R0")
    features, _ = build_past_features(alone, OUTLOOK, "retail_sales")
    assert (features.premium == 0).all()
    assert (features.premium_unknown == 1).all()


def test_an_older_outcome_is_compared_with_those_of_its_year(history: History) -> None:
    outcome = np.where((history.region == "R0") & (history.year == 2014), np.nan, history.outcome)
    past = replace(history, outcome=outcome)
    found = build_features(past.before(2015), past.open_january(2015), OUTLOOK, "retail_sales")
    before = history.outcome[history.year == 2013]
    assert found.age[0] == 2
    assert found.premium[0] == pytest.approx((before[0] - np.median(before[1:])) * 4 / 5)


def test_gdp_is_compared_with_the_country() -> None:
    history = make_history(3, range(2010, 2016))
    found = build_features(history.before(2015), history.open_january(2015), OUTLOOK, "gdp")
    np.testing.assert_allclose(found.premium, history.outcome[history.year == 2014] - OUTLOOK.national[2014])
    assert (found.premium_unknown == 0).all()


def test_what_is_unknown_widens_and_leans_as_two_independent_signals_would(history: History) -> None:
    """By weights of inverse variances, written out: the outside view's variance grows by that of what it misses."""
    alone = history.where(history.region == "R0")
    prior = find_prior("retail_sales")
    mode = prior.mean.copy()
    names = list(TRANSFORMS)
    mode[names.index("lean_surprise")] = -50.0  # no other reason to lean
    features = build_features(alone.before(2015), alone.open_january(2015), OUTLOOK, "retail_sales")
    here = locate(mode, features, prior.unit)
    scale, lean, back = np.exp(mode[names.index("scale")]), 0.5, mode[names.index("premium_reversion")]
    outside, target = scale**2 / (1 - lean) + (back * prior.unit) ** 2, scale**2 / lean
    assert here.lean[0] == pytest.approx(outside / (outside + target), abs=1e-6)
    assert here.scale[0] == pytest.approx(np.sqrt(outside * target / (outside + target)))


def test_a_planted_way_back_is_found_again() -> None:
    """Regions that lose 0.8 of their premium each year, and targets that say nothing."""
    rng, regions, years = np.random.default_rng(4), 20, range(2008, 2020)
    level = 8 + rng.normal(0, 2, regions)
    rows = []
    for year in years:
        target = level + rng.normal(0, 6, regions)
        level = level - 0.8 * (level - np.median(level)) + 1.5 * rng.standard_t(4, regions)
        rows += [(f"R{region}", year, target[region], level[region]) for region in range(regions)]
    region, year, target, outcome = zip(*rows, strict=True)
    history = History(
        np.array(region, dtype=object),
        np.array(year),
        np.full(len(rows), "retail_sales", dtype=object),
        np.array(target),
        np.full(len(rows), "~", dtype=object),
        np.array(outcome),
    )
    found = {each.name: each for each in fit_annual(history, OUTLOOK, "retail_sales", 2020).parameters}
    assert found["premium_reversion"].value == pytest.approx(0.8, abs=0.12)
    assert found["lean"].value < 0.2
    assert found["scale"].value == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize("tails", [2.2, 12.0])
def test_tails_are_learned(tails: float) -> None:
    rng, years = np.random.default_rng(1), range(2008, 2018)
    outcome = 7 + (0.6 * rng.standard_t(tails, (30, len(years)))).cumsum(axis=1)
    target = np.hstack([np.full((30, 1), 7.0), outcome[:, :-1]])
    history = replace(make_history(30, years), outcome=outcome.ravel(), target=target.ravel())
    found = {each.name: each for each in fit_annual(history, OUTLOOK, "gdp", 2018).parameters}
    df = found["df"]
    assert df.from_data > 0.3
    assert df.value < 3.7 if tails < 3 else df.value > 4.5


def test_an_own_gap_is_what_is_beyond_the_gap_of_all(history: History) -> None:
    found = build_features(history.before(2015), history.open_january(2015), OUTLOOK, "retail_sales")
    last = history.year == 2014
    gap = history.outcome[last] - history.target[last]
    np.testing.assert_allclose(found.own_gap, gap - gap.mean())
    np.testing.assert_allclose(found.missed, gap)


def test_both_signs_for_at_least_are_one(history: History) -> None:
    signs = np.resize(np.array([">=", ">", "~", "<=", ">="], dtype=object), len(history))
    given = replace(history, comparator=signs)
    found = build_features(given.before(2015), given.open_january(2015), OUTLOOK, "retail_sales")
    np.testing.assert_array_equal(found.at_least, np.isin(signs[given.year == 2015].astype(str), [">=", ">"]))
