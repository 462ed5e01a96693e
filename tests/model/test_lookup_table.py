"""Lookup tables against the functions they stand for."""

import numpy as np
import pytest
from scipy import stats

from sim.model.lookup_table import Lookup, LookupGrid, find_scale, tabulate_scale

RNG = np.random.default_rng(5)


def find_exact_scale(degrees_of_freedom: np.ndarray | float, normals: np.ndarray) -> np.ndarray:
    """Root of (nu - 2) over the chi-square quantile that falls as the normal rises."""
    return np.sqrt((degrees_of_freedom - 2) / stats.chi2.isf(stats.norm.cdf(normals), degrees_of_freedom))


def test_a_table_joins_its_places_by_straight_lines_and_holds_its_ends() -> None:
    values = RNG.normal(size=9).astype(np.float32)
    at = RNG.uniform(-4, 4, 500).astype(np.float32)
    wanted = np.interp(at, np.linspace(-2, 2, 9), values)
    np.testing.assert_allclose(Lookup(-2.0, 0.5, values).read(at), wanted, atol=4e-3)  # ends are off by a thousandth
    inside = np.abs(at) < 1.99
    np.testing.assert_allclose(Lookup(-2.0, 0.5, values).read(at)[inside], wanted[inside], atol=1e-5)


@pytest.fixture(scope="module")
def grid() -> LookupGrid:
    """A function linear in each argument: x (1 + y) + 3 y."""
    x, y = np.linspace(-1, 2, 7), np.linspace(0, 1.5, 4)[:, None]
    return LookupGrid(-1.0, 0.5, 0.0, 0.5, (x * (1 + y) + 3 * y).astype(np.float32))


def test_a_grid_is_read_between_its_places_both_ways(grid: LookupGrid) -> None:
    x, y = RNG.uniform(-1, 2, 300).astype(np.float32), RNG.uniform(0, 1.5, 300).astype(np.float32)
    np.testing.assert_allclose(grid.read(x, y), x * (1 + y) + 3 * y, atol=6e-3)
    inner = (x < 1.95) & (y < 1.45)
    np.testing.assert_allclose(grid.read(x, y)[inner], (x * (1 + y) + 3 * y)[inner], atol=1e-5)
    far = grid.read(np.float32([-9, 9]), np.float32([-9, 9]))
    np.testing.assert_allclose(far, [-1, 2 * 2.5 + 4.5], atol=8e-3)


def test_a_row_of_a_grid_is_a_table_of_the_first_argument(grid: LookupGrid) -> None:
    x = np.linspace(-1, 1.9, 50).astype(np.float32)
    for row, table in enumerate(grid.rows):
        np.testing.assert_allclose(table.read(x), x * (1 + row / 2) + 3 * row / 2, atol=1e-5)


def test_inverting_a_grid_gives_back_what_was_read(grid: LookupGrid) -> None:
    x, y = RNG.uniform(-0.5, 1.5, 50), np.repeat([0.0, 0.5, 1.0], [20, 20, 10])
    np.testing.assert_allclose(grid.invert(x * (1 + y) + 3 * y, y), x, atol=1e-5)
    assert grid.invert(np.array(3.0), np.array(0.5)) == pytest.approx(1.0)
    assert grid.invert(np.array([0.7, 3.0]), np.zeros(1)).tolist() == pytest.approx([0.7, 2.0])
    slanted = LookupGrid(-1.0, 0.5, 0.0, 0.5, np.float32([[-1, -0.5, 0, 0.5, 1], [0.5, 1, 1.5, 2, 2.5]]))  # x + 3 y
    np.testing.assert_allclose(slanted.invert(np.array([0.5, 1.0]), np.array([0.1, 0.4])), [0.2, -0.2], atol=1e-6)


@pytest.mark.parametrize("degrees_of_freedom", [2.3, 5.0, 40.0])
def test_the_scale_is_the_root_of_a_chi_square(degrees_of_freedom: float) -> None:
    normals = np.linspace(-5, 5, 1001)
    table = tabulate_scale(degrees_of_freedom)
    assert table is not None
    exact = find_exact_scale(degrees_of_freedom, normals)
    np.testing.assert_allclose(table.read(normals.astype(np.float32)), exact, rtol=3e-5)
    one = find_scale(np.asarray(degrees_of_freedom), normals.astype(np.float32))
    np.testing.assert_array_equal(one, table.read(normals.astype(np.float32)))


def test_every_sample_has_the_scale_of_its_own_degrees_of_freedom() -> None:
    heavy = RNG.uniform(2.3, 60, 400)
    levels = RNG.uniform(-4, 4, (3, 400)).astype(np.float32)
    np.testing.assert_allclose(find_scale(heavy, levels), find_exact_scale(heavy, levels), rtol=4e-3)


def test_without_heavy_tails_the_scale_is_one() -> None:
    levels = RNG.normal(size=(2, 3)).astype(np.float32)
    assert (find_scale(np.asarray(np.inf), levels) == 1).all()
    np.testing.assert_allclose(find_scale(np.full(3, np.inf), levels), 1, atol=1e-6)
    assert tabulate_scale(np.inf) is None
