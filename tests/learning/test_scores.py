"""Scores against the scoringrules package and against cases done by hand."""

import numpy as np
import pytest
import scoringrules

from sim.learning.predictive import Predictive
from sim.learning.scores import (
    average,
    bin_reliability,
    find_covered,
    judge_outcome,
    measure_tilt,
    score_brier,
    score_log,
)


def make_law(count: int, common: float, rare: float, df: float = 4.0) -> Predictive:
    rng = np.random.default_rng(1)
    location, scale = rng.normal(6, 2, count), rng.uniform(0.4, 1.5, count)
    return Predictive(
        location=location,
        scale=scale,
        common_sd=np.full(count, common),
        shock_sd=np.full(count, 1.0),
        shock_probability=rare,
        shock_size=-3.3,
        df=df,
    )


def test_brier_and_log_score_agree_with_scoringrules() -> None:
    rng = np.random.default_rng(2)
    probability, met = rng.uniform(0.01, 0.99, 200), rng.integers(0, 2, 200).astype(float)
    np.testing.assert_allclose(score_brier(probability, met), scoringrules.brier_score(met, probability))
    np.testing.assert_allclose(score_log(probability, met), scoringrules.log_score(met, probability), atol=1e-12)


def test_crps_of_a_plain_student_t_agrees_with_scoringrules() -> None:
    law = make_law(40, 1e-9, 0.0)
    outcome = law.location + np.linspace(-8, 8, 40)
    wanted = scoringrules.crps_t(outcome, law.df, law.location, law.scale)
    np.testing.assert_allclose(law.crps(outcome), wanted, rtol=2e-5)


def test_crps_of_the_normal_mixture_agrees_with_scoringrules() -> None:
    law = make_law(30, 0.5, 0.08, df=1e7)
    outcome = law.location + np.linspace(-6, 6, 30)
    means = np.stack([law.location, law.location - 3.3], axis=-1)
    spreads = np.stack([np.hypot(law.scale, 0.5), np.hypot(law.scale, 1.0)], axis=-1)
    weights = np.tile([0.92, 0.08], (30, 1))
    wanted = scoringrules.crps_mixnorm(outcome, means, spreads, weights)
    np.testing.assert_allclose(law.crps(outcome), wanted, rtol=1e-4)


def test_crps_of_the_whole_law_agrees_with_a_sample() -> None:
    law = make_law(3, 0.5, 0.08)
    rng, count = np.random.default_rng(3), 40_000
    rare = rng.uniform(size=(3, count)) < law.shock_probability
    year = np.where(rare, rng.normal(-3.3, 1.0, (3, count)), rng.normal(0, 0.5, (3, count)))
    sample = law.location[:, None] + year + law.scale[:, None] * rng.standard_t(4, (3, count))
    outcome = law.location + np.array([-1.0, 0.2, 2.0])
    np.testing.assert_allclose(law.crps(outcome), scoringrules.crps_ensemble(outcome, sample), rtol=0.02)


def test_quantiles_invert_the_law_and_odds_fall_with_the_target() -> None:
    law = make_law(20, 0.5, 0.08)
    for level in (0.001, 0.05, 0.5, 0.95, 0.999):
        np.testing.assert_allclose(law.cdf(law.ppf(level)), level, atol=1e-9)
    low, high = law.attain(law.location - 1), law.attain(law.location + 1)
    assert ((low > high) & (high > 0) & (low < 1)).all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        law.ppf(1.0)


def test_staying_below_and_reaching_share_the_printed_figure() -> None:
    law = make_law(5, 0.5, 0.08)
    above, below = (law.attain(law.location, np.full(5, down)) for down in (False, True))
    assert (above + below > 1).all()  # a figure printed as the target itself meets both


def test_targets_are_judged_by_their_direction() -> None:
    outcome, target = np.array([5.0, 5.0, np.nan]), np.array([5.5, 5.5, 5.5])
    np.testing.assert_array_equal(judge_outcome(outcome, target, np.array([False, True, True])), [0, 1, np.nan])


def test_coverage_and_clustered_errors_by_hand() -> None:
    pit = np.array([0.5, 0.1, 0.09, np.nan])
    np.testing.assert_array_equal(find_covered(pit, 0.8), [1, 1, 0, np.nan])
    mean, error = average(np.array([1.0, 1.0, 0.0, 0.0, np.nan]), np.array([1, 1, 2, 2, 2]))
    assert (mean, error) == (0.5, pytest.approx(np.sqrt(2 * (1 + 1)) / 4))
    assert np.isnan(average(np.ones(3), np.array([1, 1, 1]))[1])


def test_tilt_is_near_zero_when_uniform_and_not_when_tilted() -> None:
    uniform, year = (np.arange(400) + 0.5) / 400, np.tile(np.arange(10), 40)
    assert abs(measure_tilt(uniform, year)[0]) < 1e-9
    assert measure_tilt(np.sqrt(uniform), year)[0] > 1


def test_reliability_bins_hold_everything_once_and_bars_are_binomial() -> None:
    rng = np.random.default_rng(4)
    probability = np.append(rng.uniform(0, 1, 500), [0.0, 1.0])
    met = (rng.uniform(size=502) < probability).astype(float)
    bins = bin_reliability(probability, met)
    assert bins.n.sum() == 502
    assert ((bins.probability >= bins.low) & (bins.probability <= bins.high)).all()
    inside = ((bins.met >= bins.q05) & (bins.met <= bins.q95)).mean()
    assert inside > 0.6
    ten = bin_reliability(np.full(10, 0.5), np.ones(10))
    assert ten[["q05", "q95"]].to_numpy().tolist() == [[0.2, 0.8]]


def test_a_printed_figure_reaches_its_target_from_half_a_step_below() -> None:
    law = make_law(5, 0.8, 0.1)
    printed = np.floor(law.location * 10 + 0.5) / 10
    np.testing.assert_allclose(law.attain(printed), 1 - law.cdf(printed - 0.05))
    np.testing.assert_allclose(law.attain(printed, np.ones(5, bool)), law.cdf(printed + 0.05))


def test_the_error_of_a_tilt_is_how_far_slopes_of_such_years_scatter() -> None:
    rng = np.random.default_rng(4)
    found = np.array([measure_tilt(rng.uniform(size=60), np.arange(60)) for _ in range(400)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.1)
