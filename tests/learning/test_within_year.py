"""Within the year: closed form against simulation, planted numbers found again, the shipped numbers re-created."""

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.errors import InputError
from sim.inputs.calibration import Calibration, read_prior
from sim.inputs.plan.plan import Plan
from sim.inputs.within_year import CourseFigure, WithinYearPrior, read_course_figures, read_within_year_prior
from sim.learning.within_year import (
    LARGEST_SHARE,
    PERIODS,
    Dynamics,
    compute_course_covariance,
    compute_spread_left,
    fit_within_year,
)
from sim.model.accounting import accumulate
from sim.model.growth import build_law, compute_moments

SHARES = np.array([0.22, 0.25, 0.27, 0.26])


def simulate(years: int, persistence: float, innovation_sd: float, quarter_sd: float, seed: int = 0) -> np.ndarray:
    """Cumulative figures of so many years, without path and trend, quarter by quarter; shape (period, year)."""
    rng = np.random.default_rng(seed)
    deviation = innovation_sd / np.sqrt(1 - persistence**2) * rng.standard_normal(years)
    single = []
    for _ in range(4):
        single.append(deviation + quarter_sd * rng.standard_normal(years))
        deviation = persistence * deviation + innovation_sd * rng.standard_normal(years)
    return accumulate(np.array(single), SHARES[:, None])


def test_the_covariance_of_a_years_figures_is_that_of_simulated_years() -> None:
    figures = simulate(400_000, 0.7, 0.5, 0.8)
    exact = compute_course_covariance(SHARES, 0.7, 0.5, 0.8)
    np.testing.assert_allclose(np.cov(figures), exact, rtol=0.02)
    assert compute_spread_left(exact) == pytest.approx((figures[3] - figures[1]).std(), rel=0.01)


def make_figures(indicator: str, figures: np.ndarray, every: tuple[int, ...]) -> list[CourseFigure]:
    """Published figures: printed to 0.1, around a level of each year's own."""
    rows = []
    for year, column in enumerate(figures.T):
        rows += [
            CourseFigure(
                region="A",
                year=year,
                indicator=indicator,
                period=PERIODS[period],
                growth=round(5 + 3 * np.sin(year) + column[period], 1),
                unit="%",
                source="made up",
            )
            for period in every
        ]
    return rows


@pytest.fixture(scope="module")
def prior() -> WithinYearPrior:
    return read_within_year_prior().model_copy(update={"spread_left": {}, "extraordinary": []})


@pytest.mark.parametrize("planted", [(0.75, 0.5, 0.8), (0.75, 0.6, 0.3)], ids=["much of it passes", "most of it lasts"])
def test_planted_numbers_are_found_again(planted: tuple[float, float, float], prior: WithinYearPrior) -> None:
    figures = make_figures("gdp", simulate(400, *planted, seed=3), (0, 1, 2, 3))
    found = fit_within_year(figures, {"gdp": SHARES}, {"gdp": 1.2}, prior, degrees_of_freedom=200.0)["gdp"]
    for value, (fitted, sd) in zip(planted, (found.persistence, found.innovation_sd, found.quarter_sd), strict=True):
        assert fitted == pytest.approx(value, abs=3 * sd + 0.02)
        assert sd < 0.2
    assert (found.years, found.differences) == (400, 1200)


def test_without_figures_a_share_in_the_middle_and_the_prior_of_persistence(prior: WithinYearPrior) -> None:
    found = fit_within_year([], {"gdp": SHARES}, {"gdp": 2.0}, prior)["gdp"]
    assert found.persistence == pytest.approx((0.75, 0.08), abs=1e-6)
    assert measure_brought(found) == pytest.approx(LARGEST_SHARE / 2 * 4, rel=1e-6)
    assert found.years == 0


def measure_brought(found: Dynamics) -> float:
    """Variance that the quarters bring to the year, by sums written out."""
    kept = found.persistence[0]
    news = [sum(SHARES[q] * kept ** (q - p) for q in range(p, 4)) * found.innovation_sd[0] for p in range(4)]
    return sum(each**2 for each in news) + sum((share * found.quarter_sd[0]) ** 2 for share in SHARES)


def test_wild_quarters_leave_the_trend_its_share(prior: WithinYearPrior) -> None:
    figures = make_figures("gdp", simulate(50, 0.5, 5.0, 5.0), (1, 3))
    found = fit_within_year(figures, {"gdp": SHARES}, {"gdp": 1.0}, prior)["gdp"]
    assert LARGEST_SHARE / 2 < measure_brought(found) < LARGEST_SHARE


def test_an_indicator_without_figures_learns_from_the_others(prior: WithinYearPrior) -> None:
    figures = make_figures("gdp", simulate(60, 0.75, 0.1, 0.1), (1, 3))
    shares, spreads = {"gdp": SHARES, "retail_sales": SHARES}, {"gdp": 1.0, "retail_sales": 1.0}
    alone = fit_within_year([], shares, spreads, prior)["retail_sales"]
    beside = fit_within_year(figures, shares, spreads, prior)["retail_sales"]
    assert beside.spread_left < 0.9 * alone.spread_left


def test_years_left_out_tell_nothing_and_other_places_do(prior: WithinYearPrior) -> None:
    figures = make_figures("gdp", simulate(10, 0.75, 0.5, 0.8), (1, 3))
    shares, spreads = {"gdp": SHARES}, {"gdp": 1.0}
    without = prior.model_copy(update={"extraordinary": list(range(10))})
    none = fit_within_year(figures, shares, spreads, without)["gdp"]
    assert none.years == 0
    others = read_within_year_prior().spread_left["gdp"].model_copy(update={"sd": 5.0, "between": 0.1})
    wider = fit_within_year(figures, shares, spreads, prior.model_copy(update={"spread_left": {"gdp": others}}))["gdp"]
    assert wider.spread_left > fit_within_year(figures, shares, spreads, prior)["gdp"].spread_left


def test_a_faulty_row_and_a_repeated_one_are_named(tmp_path: Path) -> None:
    path = tmp_path / "within_year.csv"
    row = "A,2015,gdp,H1,7,%,s\n"
    path.write_text("region,year,indicator,period,growth,unit,source\n" + row + row + "A,2015,gdp,H3,x,%,s\n")
    with pytest.raises(InputError) as caught:
        read_course_figures(path)
    told = str(caught.value)
    assert "3:" in told
    assert "unknown 'H3'" in told
    assert "'x' is not a number" in told


@pytest.fixture(scope="module")
def calibration(plan: Plan) -> Calibration:
    return sim.load_model(plan).calibration


@pytest.fixture(scope="module")
def found(plan: Plan, calibration: Calibration) -> dict[str, Dynamics]:
    names = [each.id for each in plan.indicators]
    shares = {name: np.array([row.share for row in plan.quarters[name]]) for name in names}
    spreads = {name: calibration.indicators[name].trend_sd.year_sd for name in names}
    return fit_within_year(read_course_figures(), shares, spreads, read_within_year_prior())


def test_the_shipped_numbers_are_re_created(plan: Plan, found: dict[str, Dynamics]) -> None:
    given = read_prior(plan.folder / "prior.yaml", plan).indicators
    for name, each in found.items():
        for field in ("persistence", "innovation_sd", "quarter_sd"):
            number = getattr(given[name], field)
            assert (number.value, number.sd) == pytest.approx(getattr(each, field), abs=6e-4), (name, field)
            assert number.basis == "fitted"
            assert f"{each.years} years" in number.source
            assert f"{each.differences} differences" in number.source


def test_what_is_left_after_the_first_half_agrees_with_the_record(
    plan: Plan, calibration: Calibration, found: dict[str, Dynamics]
) -> None:
    """Qingdao's six ordinary years with both figures had 0.54, other places' 1.07."""
    own = {
        (row.year, row.period): row.growth
        for row in read_course_figures()
        if (row.region, row.indicator) == ("Qingdao", "gdp")
    }
    years = [year for year in range(2010, 2024) if {(year, "FY"), (year, "H1")} <= set(own)]
    ordinary = [own[year, "FY"] - own[year, "H1"] for year in years if year not in (2020, 2021, 2022)]
    record = float(np.sqrt(np.mean(np.square(ordinary))))
    assert (len(ordinary), record) == (6, pytest.approx(0.54, abs=0.01))
    law = build_law(plan, calibration)
    covariance = compute_moments(law)[1][:, 0, :, 0]
    weights = law.shares[:, 0]
    ahead = weights - np.where(np.arange(4) < 2, weights / weights[:2].sum(), 0)
    left = float(np.sqrt(ahead @ covariance @ ahead))
    assert left == pytest.approx(found["gdp"].spread_left, rel=0.1)  # here what came before the year is known
    assert record * np.exp(-2 / np.sqrt(12)) < left < 1.07


def test_the_year_keeps_the_spread_of_the_annual_law(plan: Plan, calibration: Calibration) -> None:
    law = build_law(plan, calibration)
    covariance = compute_moments(law)[1]
    year = np.sqrt(np.einsum("qi,qiri,ri->i", law.shares, covariance, law.shares))
    for indicator, spread in zip(plan.indicators, year, strict=True):
        assert spread == pytest.approx(calibration.indicators[indicator.id].trend_sd.year_sd, abs=2e-3)
