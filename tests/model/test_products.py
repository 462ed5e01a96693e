"""Matrix products: right, and of the same bits whatever threads a linear algebra library takes."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_models import make_law, make_model, make_scenario, make_shock
from threadpoolctl import threadpool_limits

import sim
from sim.model.growth import compute_moments
from sim.model.model import Model
from sim.model.products import mix, multiply, weigh
from sim.model.reduced_form import reduce_law
from sim.results.attainment import Attainment

RNG = np.random.default_rng(5)
WEIGHTS = RNG.standard_normal((11, 9)).astype(np.float32)
PIECES = RNG.standard_normal((9, 1_000)).astype(np.float32)


def test_sums_are_those_of_a_matrix_product() -> None:
    np.testing.assert_allclose(mix(WEIGHTS, PIECES), WEIGHTS.astype(float) @ PIECES, atol=1e-5)


@given(first=st.integers(0, 7), count=st.integers(1, 1_000))
def test_bits_do_not_depend_on_how_many_paths_are_at_hand(first: int, count: int) -> None:
    start = 128 * first
    part = mix(WEIGHTS, PIECES[:, start : start + count])
    np.testing.assert_array_equal(part, mix(WEIGHTS, PIECES)[:, start : start + count])


def test_no_paths_and_no_pieces() -> None:
    assert mix(WEIGHTS, PIECES[:, :0]).shape == (11, 0)
    assert not mix(WEIGHTS[:, :0], PIECES[:0]).any()


@pytest.mark.parametrize(("rows", "summed", "columns"), [(3, 5, 4), (800, 506, 70), (1, 20_000, 1), (90, 90, 90)])
def test_products_of_all_sizes_are_right(rows: int, summed: int, columns: int) -> None:
    first, second = RNG.standard_normal((rows, summed)), RNG.standard_normal((summed, columns))
    right = first @ second
    np.testing.assert_allclose(multiply(first, second), right, atol=1e-10)
    np.testing.assert_allclose(multiply(first, second[:, 0]), right[:, 0], atol=1e-10)
    np.testing.assert_allclose(weigh(first, second[:, 0]), right[:, 0], atol=1e-10)
    single = mix(first.astype(np.float32), second.astype(np.float32))
    np.testing.assert_allclose(single, right, atol=1e-4 * np.sqrt(summed))


def collect_bits(model: Model, method: str) -> dict[str, bytes]:
    """All arrays of a run of one scenario, byte for byte."""
    series = len(model.plan.indicators)
    storm = make_shock(onset={"Q1": 0.5, "Q3": 0.5}, loadings={f"series_{place}": -0.5 for place in range(series)})
    run = sim.run(model, make_scenario(storm=storm), method=method, n_paths=5_000, n_points=64, n_calibrations=0)
    found: Attainment = run.attainments[0]
    arrays = [found.met, found.met_se, found.if_missed, found.growth, found.growth_se, *found.number_met.values()]
    names = ["met", "met_se", "if_missed", "growth", "growth_se", *found.number_met]
    return {name: array.tobytes() for name, array in zip(names, arrays, strict=True)}


@pytest.mark.parametrize("series", [6, 12, 24])
@pytest.mark.parametrize("method", ["paths", "analytic"])
def test_a_run_has_the_same_bits_on_one_two_and_eight_threads(twin: sim.Plan, series: int, method: str) -> None:
    model = make_model(sim.load_model(twin), make_law(3, series, 4, 5.0))
    check_threads(lambda: collect_bits(model, method))


def test_products_have_the_same_bits_on_one_two_and_eight_threads() -> None:
    law, wide = make_law(3, 80, 4, 5.0, spillovers=True), RNG.standard_normal((42, 40_000))
    single = wide.astype(np.float32)

    def compute() -> dict[str, bytes]:
        mean, covariance = compute_moments(law)
        reduced = reduce_law(law)
        return {
            "moments": mean.tobytes() + covariance.tobytes(),
            "mix": mix(reduced.weights[:, :200], single[:1].reshape(200, 200)).tobytes(),
            "multiply": multiply(wide, wide[:30].T).tobytes(),
            "weigh": weigh(single, single[0]).tobytes(),
        }

    check_threads(compute)


def check_threads(compute: Callable[[], dict[str, bytes]]) -> None:
    """Compare what is computed on one, two and eight threads."""
    found = []
    for threads in (1, 2, 8):
        with threadpool_limits(threads, user_api="blas"):
            found.append(compute())
    for other in found[1:]:
        assert not [name for name, bits in found[0].items() if other[name] != bits]
