"""Growth by characteristic function, held against laws whose distribution functions are known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from small_models import (
    find_annual_moments,
    make_law,
    make_model,
    make_scenario,
    make_shock,
    make_size,
    random_shocks,
)

from sim.engine.exact.inversion import Spectrum, compute_tail_factor, find_quantiles, invert, open_spectrum
from sim.engine.path_runs import count_scenarios
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import load_model
from sim.model.accounting import stack_periods
from sim.model.growth import compute_moments
from sim.model.model import Model
from sim.model.reduced_form import reduce_law
from sim.model.scenario_law import compile_scenario

NONE = make_scenario()


@pytest.fixture(scope="module")
def base(twin: Plan) -> Model:
    return load_model(twin)


def compute_below(spectrum: Spectrum, values: np.ndarray) -> np.ndarray:
    """Distribution functions of all figures at values of shape (figure, value)."""
    return invert(spectrum.frequencies, spectrum.transform(), values - spectrum.mean[:, None])[0]


def find_moments(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every figure without shocks, shape (figure,)."""
    mean, covariance = compute_moments(model.law)
    quarters, series = mean.shape
    weights = stack_periods(np.repeat(np.eye(quarters)[:, None], series, axis=1), model.law.shares[:, :, None])
    variance = np.einsum("ciq,qiri,cir->ci", weights, covariance, weights)
    return np.einsum("ciq,qi->ci", weights, mean).reshape(-1), np.sqrt(variance).reshape(-1)


@pytest.mark.parametrize("spillovers", [False, True])
def test_without_heavy_tails_and_shocks_every_figure_is_normal(base: Model, spillovers: bool) -> None:
    model = make_model(base, make_law(3, 4, 4, np.inf, spillovers))
    mean, deviation = find_moments(model)
    normals = np.linspace(-5, 5, 41)
    spectrum = open_spectrum(model, compile_scenario(model, NONE))
    below = compute_below(spectrum, mean[:, None] + deviation[:, None] * normals)
    np.testing.assert_allclose(below, np.broadcast_to(stats.norm.cdf(normals), below.shape), atol=2e-7)


def test_a_shock_of_fixed_size_makes_a_mixture_of_normals(base: Model) -> None:
    """One normal an onset, moved by what a shock from then on adds to the figure."""
    law = make_law(4, 3, 4, np.inf)
    model = make_model(base, law)
    weights = {"Q1": 0.1, "Q2": 0.2, "Q3": 0.3, "Q4": 0.4}
    size = {"law": "fixed", "value": 1.7}
    shock = make_shock(
        probability=0.35, onset=weights, size=size, profile="step", loadings={"series_0": -0.8, "series_2": 0.5}
    )
    mean, deviation = find_moments(model)
    year = len(mean) - 3  # of the first indicator
    values = mean[year] + deviation[year] * np.linspace(-4, 4, 31)
    wanted = 0.65 * stats.norm.cdf(values, mean[year], deviation[year])
    for onset, weight in enumerate(weights.values()):
        moved = mean[year] - 0.8 * 1.7 * law.shares[onset:, 0].sum()
        wanted += 0.35 * weight * stats.norm.cdf(values, moved, deviation[year])
    spectrum = open_spectrum(model, compile_scenario(model, make_scenario(storm=shock)), figures=np.array([year]))
    np.testing.assert_allclose(compute_below(spectrum, values[None])[0], wanted, atol=2e-7)


def test_a_dependent_shock_is_followed_on_both_branches(base: Model) -> None:
    """Parent and child of fixed sizes: four normals with the weights of the four cases."""
    model = make_model(base, make_law(5, 2, 1, np.inf))
    fall = {"size": {"law": "fixed", "value": 1.0}, "profile": "pulse"}
    depends = {"shock": "parent", "probability_if_happened": 0.9, "probability_if_not": 0.2}
    parent = make_shock(probability=0.4, loadings={"series_0": -1.0}, **fall)
    child = make_shock(probability=None, depends_on=depends, loadings={"series_0": -0.5}, **fall)
    (mean, _), (deviation, _) = find_moments(model)
    values = mean + np.linspace(-5, 3, 25)
    cases = {0.0: 0.6 * 0.8, -0.5: 0.6 * 0.2, -1.0: 0.4 * 0.1, -1.5: 0.4 * 0.9}
    wanted = sum(weight * stats.norm.cdf(values, mean + moved, deviation) for moved, weight in cases.items())
    spectrum = open_spectrum(
        model, compile_scenario(model, make_scenario(parent=parent, child=child)), figures=np.array([0])
    )
    np.testing.assert_allclose(compute_below(spectrum, values[None])[0], wanted, atol=2e-7)


@pytest.mark.parametrize("degrees", [2.5, 3.0, 4.0, 5.0, 7.3, 12.0, 40.0])
def test_news_of_one_quarter_without_trend_are_student_t(base: Model, degrees: float) -> None:
    law = replace(make_law(6, 1, 1, degrees), trend_common=np.zeros(1), trend_own=np.zeros(1))
    model = make_model(base, law)
    mean, covariance = find_annual_moments(law)
    scale = np.sqrt(covariance[0, 0] * (degrees - 2) / degrees)
    values = mean[0] + scale * np.array([-50, -10, -4, -1.5, -0.3, 0, 0.7, 2, 6, 30])
    below = compute_below(open_spectrum(model, compile_scenario(model, NONE)), values[None])[0]
    np.testing.assert_allclose(below, stats.t.cdf(values, degrees, mean[0], scale), atol=1e-6)


@pytest.mark.parametrize("degrees", [2.2, 3.0, 4.5, 5.0, 10.0, 30.0, 100.0])
def test_heavy_tailed_news_have_the_closed_characteristic_function(degrees: float) -> None:
    """Hurst (1995): by Bessel functions of the second kind, with unit variance."""
    argument = np.geomspace(0.01, 30, 200)
    half, reduced = degrees / 2, argument * np.sqrt(degrees - 2)
    logs = np.log(special.kve(half, reduced)) - reduced + half * np.log(reduced / 2) - special.gammaln(half)
    np.testing.assert_allclose(compute_tail_factor(argument, degrees), 2 * np.exp(logs), atol=1e-10)


def test_infinite_degrees_of_freedom_are_the_limit() -> None:
    argument = np.linspace(0, 6, 50)
    normal = compute_tail_factor(argument, np.inf)
    np.testing.assert_allclose(normal, np.exp(-(argument**2) / 2), atol=1e-15)
    np.testing.assert_allclose(compute_tail_factor(argument, 1e5), normal, atol=1e-5)


@pytest.mark.parametrize("law", ["fixed", "normal", "lognormal", "triangular", "uniform", "student_t"])
def test_the_table_of_a_size_is_its_characteristic_function(base: Model, law: str) -> None:
    """Against the mean of exp(itx) over very many quantiles."""
    shock = make_shock(size=make_size(law, np.random.default_rng(8)))
    model = make_model(base, make_law(9, 1, 2, 5.0))
    spectrum = open_spectrum(model, compile_scenario(model, make_scenario(storm=shock)))
    table = spectrum.tables[0]
    frequency = np.linspace(-0.99, 0.99, 21) * table.step * (len(table.values) - 2)
    levels = np.linspace(-8, 8, 50_001)
    sizes, weights = shock.size.quantile(stats.norm.cdf(levels)), stats.norm.pdf(levels)
    wanted = [np.average(np.exp(1j * t * sizes), weights=weights) for t in frequency]
    ordinary = np.interp(np.abs(frequency), spectrum.frequencies[-1], spectrum.ordinary[-1])
    gap = np.abs(table.read(frequency) - wanted)
    assert (gap * ordinary).max() < 3e-6  # as far as it matters: the year without shocks is a factor
    assert gap.max() < 1e-3


@settings(max_examples=20)
@given(data=st.data())
def test_quantiles_invert_the_distribution_function(base: Model, data: st.DataObject) -> None:
    series, quarters = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    degrees = data.draw(st.sampled_from([3.0, 5.0, 20.0, np.inf]))
    model = make_model(base, make_law(data.draw(st.integers(0, 99)), series, quarters, degrees))
    scenario = make_scenario(**data.draw(random_shocks(series, quarters, most=3)))
    spectrum = open_spectrum(model, compile_scenario(model, scenario))
    levels = np.array([0.001, 0.05, 0.25, 0.5, 0.9, 0.95, 0.999])
    quantiles = find_quantiles(spectrum.frequencies, spectrum.transform(), levels)
    assert (np.diff(quantiles, axis=1) > 0).all()
    below = compute_below(spectrum, spectrum.mean[:, None] + quantiles)
    np.testing.assert_allclose(below, np.broadcast_to(levels, below.shape), atol=2e-7)


def test_a_good_start_changes_no_quantile(base: Model) -> None:
    model = make_model(base, make_law(2, 3, 4, 5.0))
    spectrum = open_spectrum(model, compile_scenario(model, make_scenario(storm=make_shock())))
    levels = np.array([0.05, 0.5, 0.95])
    plain = find_quantiles(spectrum.frequencies, spectrum.transform(), levels)
    for start in (plain + 0.3, plain - 5, np.zeros_like(plain)):
        again = find_quantiles(spectrum.frequencies, spectrum.transform(), levels, start)
        np.testing.assert_allclose(again, plain, atol=1e-5)


def test_the_density_is_the_slope_of_the_distribution_function(base: Model) -> None:
    model = make_model(base, make_law(2, 2, 4, 4.0))
    spectrum = open_spectrum(model, compile_scenario(model, make_scenario(storm=make_shock())))
    values = np.linspace(-3, 3, 13)[None].repeat(len(spectrum.mean), axis=0)
    transformed = spectrum.transform()
    density = invert(spectrum.frequencies, transformed, values)[1]
    above, below = (invert(spectrum.frequencies, transformed, values + step)[0] for step in (1e-4, -1e-4))
    np.testing.assert_allclose(density, (above - below) / 2e-4, atol=1e-5)


@pytest.fixture(scope="module")
def hard(base: Model) -> tuple[Model, Scenario]:
    """Heavy tails and shocks of which one depends on another, on a few targets."""
    law = make_law(12, 2, 3, 3.5, spillovers=True)
    depends = {"shock": "storm", "probability_if_happened": 0.7, "probability_if_not": 0.1}
    both = {"loadings": {"series_0": -0.8, "series_1": 0.4}, "onset": {"Q1": 0.5, "Q3": 0.5}}
    storm = make_shock(size={"law": "lognormal", "median": 0.8, "sigma": 0.7}, profile="step", **both)
    flood = make_shock(
        probability=None,
        depends_on=depends,
        size={"law": "triangular", "low": -0.2, "mode": 0.5, "high": 2},
        profile={"shape": "decay", "half_life": 2},
        **both,
    )
    return make_model(base, law, [0.3, -1.0]), make_scenario(storm=storm, flood=flood)


@pytest.mark.slow
def test_ten_million_counted_paths_agree(hard: tuple[Model, Scenario]) -> None:
    """Every bin of a thousand of the counted histograms, in every period."""
    model, scenario = hard
    (tally,) = count_scenarios(model, [scenario], 10_000_000, seed=5)
    edges = np.arange(0, tally.growth.counts.shape[1] + 1)
    spectrum = open_spectrum(model, compile_scenario(model, scenario))
    values = tally.growth.low[:, None] + edges[64:-64:4] * tally.growth.width[:, None]
    counted = np.cumsum(tally.growth.counts, axis=1)[:, 63:-64:4] / tally.n_paths
    exact = compute_below(spectrum, values)
    error = np.sqrt(exact * (1 - exact) / tally.n_paths) + 1e-6
    assert (np.abs(counted - exact[:, : counted.shape[1]]) / error[:, : counted.shape[1]]).max() < 5.5


def test_a_wider_grid_and_a_finer_precision_change_nothing(hard: tuple[Model, Scenario]) -> None:
    model, scenario = hard
    law = compile_scenario(model, scenario)
    spectrum = open_spectrum(model, law)
    values = spectrum.mean[:, None] + np.linspace(-4, 4, 9)
    plain = compute_below(spectrum, values)
    for changes in ({"largest": 3.0}, {"precision": 1e-9}):
        np.testing.assert_allclose(compute_below(open_spectrum(model, law, **changes), values), plain, atol=1e-6)


def test_the_reduced_form_has_the_exact_moments(base: Model) -> None:
    model = make_model(base, make_law(21, 5, 6, 5.0, spillovers=True))
    reduced = reduce_law(model.law)
    mean, deviation = find_moments(model)
    np.testing.assert_allclose(reduced.mean.reshape(-1), mean, atol=1e-12)
    variance = (reduced.spread**2).sum(axis=1) + reduced.trend**2
    np.testing.assert_allclose(np.sqrt(variance).reshape(-1), deviation, atol=1e-12)
    assert reduced.law.has_spillovers
    assert [reduced.find_cumulative(quarter) for quarter in range(6)] == [0, 6, 7, 8, 9, 10]
