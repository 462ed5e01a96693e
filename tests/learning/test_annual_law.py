"""The annual law: works with little, says what it does not know, recovers what is planted, cannot look ahead."""

from dataclasses import replace

import numpy as np
import pytest
from small_histories import OUTLOOK, make_history

from sim.inputs.history import LeakError
from sim.inputs.outlook import Outlook
from sim.learning.annual_law import fit_annual, predict
from sim.learning.panel import TRANSFORMS, read_panel
from sim.learning.panel_fit import summarize_years


def test_without_history_it_is_the_prior_and_says_so() -> None:
    fitted = fit_annual(make_history(1, range(2015, 2016)).before(2000), OUTLOOK, "gdp", 2015)
    assert fitted.n == 0
    np.testing.assert_allclose(fitted.mode, read_panel().priors["gdp"].mean)
    assert all(each.from_data < 0.05 and each.note.startswith("prior") for each in fitted.parameters)


def test_three_years_of_one_city_work() -> None:
    history = make_history(1, range(2015, 2019))
    fitted = fit_annual(history.before(2018), OUTLOOK, "gdp", 2018)
    now = history.open_january(2018)
    probability = predict(fitted, history.before(2018), now, OUTLOOK).attain(now.target)
    assert probability.shape == (1,)
    assert 0 < probability[0] < 1
    assert fitted.n == 3
    assert any(each.note.startswith("prior") for each in fitted.parameters)


@pytest.mark.parametrize("years", [range(2016, 2017), range(2013, 2017)], ids=["one year", "constant series"])
def test_too_little_data_falls_back_to_the_prior(years: range) -> None:
    history = make_history(1, years, spread=0.8 if len(years) == 1 else 0.0)
    fitted = fit_annual(history, OUTLOOK, "gdp", 2017)
    found = {each.name: each for each in fitted.parameters}
    assert found["shock_probability"].note.startswith("prior")
    assert all(each.sd > 0 and np.isfinite(each.value) for each in fitted.parameters)
    assert found["scale"].value > 0.2


def test_much_data_moves_the_scale_and_is_counted() -> None:
    fitted = fit_annual(make_history(30, range(2008, 2018), spread=0.6), OUTLOOK, "gdp", 2018)
    scale = fitted.parameters[list(TRANSFORMS).index("scale")]
    assert scale.from_data > 0.8
    assert scale.note == "fitted"
    assert scale.value == pytest.approx(0.42, abs=0.06)


def test_without_outlook_it_works_and_is_wider() -> None:
    history = make_history(5, range(2013, 2018))
    past, now = history.before(2017), history.open_january(2017)
    fitted = fit_annual(past, OUTLOOK, "gdp", 2017)
    sighted, blind = (predict(fitted, past, now, outlook) for outlook in (OUTLOOK, Outlook()))
    assert (blind.ppf(0.9) - blind.ppf(0.1) > sighted.ppf(0.9) - sighted.ppf(0.1)).all()


def test_a_missing_last_outcome_is_wider_and_none_at_all_is_the_target() -> None:
    full = make_history(3, range(2013, 2018))
    outcome = np.array(full.outcome)
    outcome[(full.region == "R0") & (full.year == 2016)] = np.nan
    outcome[(full.region == "R1") & (full.year < 2017)] = np.nan
    history = replace(full, outcome=outcome)
    past, now = history.before(2017), history.open_january(2017)
    law = predict(fit_annual(past, OUTLOOK, "gdp", 2017), past, now, OUTLOOK)
    width = law.ppf(0.9) - law.ppf(0.1)
    assert (width[:2] > width[2]).all()
    assert law.location[1] == pytest.approx(now.target[1], abs=0.5)


def test_leaks_are_refused() -> None:
    history = make_history(3, range(2013, 2018))
    with pytest.raises(LeakError, match="not before 2017"):
        fit_annual(history, OUTLOOK, "gdp", 2017)
    fitted = fit_annual(history.before(2017), OUTLOOK, "gdp", 2017)
    with pytest.raises(LeakError, match="not before 2017"):
        predict(fitted, history, history.open_january(2017), OUTLOOK)
    with pytest.raises(LeakError, match="later than 2016"):
        predict(fitted, history.before(2016), history.open_january(2016), OUTLOOK)


@pytest.mark.parametrize("indicator", ["budget_revenue", "income_per_capita", "umbrellas"])
def test_other_indicators_have_priors_and_any_other_has_one_too(indicator: str) -> None:
    fitted = fit_annual(make_history(1, range(2015, 2019), indicator=indicator), OUTLOOK, indicator, 2019)
    assert fitted.n == 4
    assert np.isfinite(fitted.mode).all()


def test_the_mode_is_settled_to_the_last_digits() -> None:
    history = make_history(4, range(2013, 2018), seed=2)
    fitted = fit_annual(history, OUTLOOK, "gdp", 2018)
    again = fit_annual(history, OUTLOOK, "gdp", 2018, fitted.prior.move(fitted.prior.mean, fitted.prior.sd, "moved"))
    np.testing.assert_allclose(again.mode, fitted.mode, atol=1e-7)


def test_the_order_of_rows_changes_nothing() -> None:
    history = make_history(4, range(2013, 2018), seed=2)
    shuffled = history.where(np.random.default_rng(0).permutation(len(history)))  # type: ignore[arg-type]
    one, other = (fit_annual(each, OUTLOOK, "gdp", 2018) for each in (history, shuffled))
    np.testing.assert_allclose(one.mode, other.mode, atol=1e-6)


def test_the_years_of_a_panel_are_summed_up() -> None:
    history = make_history(30, range(2013, 2016))
    summaries = summarize_years(history, "gdp")
    assert [each.year for each in summaries] == [2013, 2014, 2015]
    gap = (history.outcome - history.target)[history.year == 2014]
    assert summaries[1].mean_gap == pytest.approx(gap.mean(), abs=5e-4)
    assert summaries[1].share_met == pytest.approx((gap >= 0).mean(), abs=5e-4)
