"""Sobol's net: the same points as scipy's, and still a net once scrambled and shifted."""

import numpy as np
import pytest
from scipy.stats import qmc

from sim.engine.nets import REPLICATES, draw_net
from sim.engine.sobol import BITS, MOST_DIMENSIONS, find_directions, lay_net, scramble


@pytest.mark.parametrize("count", [1, 2, 64, 1024])
def test_points_are_those_of_scipy_in_every_dimension(count: int) -> None:
    """As sets of points of the whole cube, as scipy takes them in Gray's order."""
    shifts = np.zeros((MOST_DIMENSIONS, 1), np.uint32)
    own = lay_net(find_directions(MOST_DIMENSIONS), shifts, count)[:, 0].T - 2.0 ** -(BITS + 1)
    theirs = qmc.Sobol(MOST_DIMENSIONS, scramble=False, bits=BITS).random(count)
    ordered = [points[np.lexsort(points.T)] for points in (own, theirs)]
    np.testing.assert_array_equal(*ordered)


def test_there_are_no_more_dimensions_than_the_table_has() -> None:
    assert find_directions(MOST_DIMENSIONS).shape == (MOST_DIMENSIONS, BITS)
    for dimensions in (0, MOST_DIMENSIONS + 1):
        with pytest.raises(ValueError, match=f"{dimensions} dimensions; allowed: 1 to {MOST_DIMENSIONS}"):
            find_directions(dimensions)


@pytest.mark.parametrize("seed", [0, 1, 2024])
def test_every_replicate_has_one_point_in_each_part_of_each_coordinate(seed: int) -> None:
    count = 256
    points = draw_net(seed, 40, count)
    assert ((points > 0) & (points < 1)).all()
    places = np.sort((points * count).astype(int), axis=-1)
    np.testing.assert_array_equal(places, np.broadcast_to(np.arange(count), places.shape))


def test_the_first_two_coordinates_stay_a_net_in_the_square() -> None:
    """One point in each box of area 1 / 256, whatever its sides: scrambling and shifting keep that."""
    points = draw_net(7, 2, 256)
    for wide in range(9):
        boxes = (points[0] * 2**wide).astype(int) * 2 ** (8 - wide) + (points[1] * 2 ** (8 - wide)).astype(int)
        np.testing.assert_array_equal(np.sort(boxes, axis=-1), np.broadcast_to(np.arange(256), boxes.shape))


def test_a_longer_net_begins_with_the_shorter_one() -> None:
    np.testing.assert_array_equal(draw_net(3, 5, 512)[:, :, :64], draw_net(3, 5, 64))


def test_another_dimension_leaves_the_others_alone() -> None:
    np.testing.assert_array_equal(draw_net(3, 9, 64)[:8], draw_net(3, 8, 64))


def test_replicates_are_the_same_however_they_are_cut_up() -> None:
    whole = draw_net(3, 4, 32)
    parts = [draw_net(3, 4, 32, range(first, first + 4)) for first in range(0, REPLICATES, 4)]
    np.testing.assert_array_equal(whole, np.concatenate(parts, axis=1))


def test_replicates_and_seeds_differ() -> None:
    points = draw_net(3, 3, 64)
    for first in range(REPLICATES):
        for second in range(first):
            assert not np.array_equal(points[:, first], points[:, second])
    assert not np.array_equal(points, draw_net(4, 3, 64))


def test_each_point_is_uniform_over_seeds() -> None:
    """What makes the mean of a replicate unbiased: the first point, over 500 seeds."""
    first = np.array([draw_net(seed, 2, 1)[:, 0, 0] for seed in range(500)])
    assert np.abs(first.mean(axis=0) - 0.5).max() < 4 * np.sqrt(1 / 12 / 500)
    assert abs(np.corrcoef(first.T)[0, 1]) < 4 / np.sqrt(500)


def test_scrambling_keeps_the_highest_bit_of_each_direction() -> None:
    directions = find_directions(6)
    rows = np.random.default_rng(1).integers(0, 2**32, directions.shape, dtype=np.uint32)
    mixed = scramble(directions, rows)
    assert (np.floor(np.log2(mixed)) == np.floor(np.log2(directions))).all()
    np.testing.assert_array_equal(scramble(directions, np.zeros_like(rows)), directions)


def test_a_net_integrates_far_better_than_chance() -> None:
    """A smooth mean over five dimensions: at 1,024 points a replicate's error is a fraction of that of chance."""
    points = draw_net(5, 5, 1024)
    values = np.prod(1 + (points - 0.5), axis=0)
    assert values.mean(axis=-1).std(ddof=1) < 0.05 * values.std() / np.sqrt(1024)
