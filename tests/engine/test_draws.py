"""Draws: named streams that nothing else can move."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy import stats

from sim.engine.draws import Draws, draw, draw_blocks
from sim.engine.nets import draw_named_net
from sim.engine.streams import BLOCK
from sim.model.lookup_table import find_scale
from sim.model.model import Model


def arrays_of(draws: Draws) -> dict[str, np.ndarray]:
    held = {field.name: getattr(draws, field.name) for field in fields(draws)}
    return {name: value for name, value in held.items() if isinstance(value, np.ndarray)}


def test_arrays_cannot_be_written(model: Model) -> None:
    for array in arrays_of(draw(model, 10)).values():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_shapes(model: Model) -> None:
    shapes = {name: array.shape for name, array in arrays_of(draw(model, 10)).items()}
    assert shapes == {
        "common": (4, 10),
        "levels": (4, 10),
        "own": (4, 6, 10),
        "quarter_own": (4, 6, 10),
        "trend_common": (10,),
        "trend_own": (6, 10),
        "delivery_common": (10,),
        "delivery_own": (40, 10),
        "delivery_quarter": (4, 40, 10),
        "milestone_own": (31, 10),
    }
    assert draw(model, 10).draw_shock("storm").shape == (3, 10)


def test_each_component_has_its_law(model: Model) -> None:
    draws = draw(model, 200_000, seed=3)
    for array in (draws.common, draws.own[1], draws.trend_common, draws.trend_own[2]):
        assert stats.kstest(array.ravel()[:50_000].astype(float), "norm").pvalue > 1e-4
    nu = model.law.degrees_of_freedom
    scaled = (nu - 2) / find_scale(nu, draws.levels[0]).astype(float) ** 2
    assert stats.kstest(scaled[:50_000], stats.chi2(nu).cdf).pvalue > 1e-4
    assert stats.kstest(draws.draw_shock("storm").ravel()[:50_000] * 2.0**-32, "uniform").pvalue > 1e-4


def test_components_are_independent(model: Model) -> None:
    draws = draw(model, 100_000)
    rows = np.vstack([draws.common, draws.own.reshape(24, -1), draws.trend_common, draws.trend_own])
    rows = np.vstack([rows, draws.draw_shock("storm"), draws.draw_shock("quake")])
    off = np.corrcoef(rows) - np.eye(len(rows))
    assert np.abs(off).max() < 5 / np.sqrt(100_000)


def test_same_seed_same_bits_and_another_seed_others(model: Model) -> None:
    first, again, other = draw(model, 100, 5), draw(model, 100, 5), draw(model, 100, 6)
    for name, array in arrays_of(first).items():
        np.testing.assert_array_equal(array, arrays_of(again)[name])
        assert not array.size or not np.array_equal(array, arrays_of(other)[name])


def test_more_paths_leave_the_first_ones_alone(model: Model) -> None:
    few, many = draw(model, BLOCK + 10), draw(model, 2 * BLOCK + 1)
    for name, array in arrays_of(few).items():
        np.testing.assert_array_equal(array, arrays_of(many)[name][..., : BLOCK + 10])
    np.testing.assert_array_equal(few.draw_shock("storm"), many.draw_shock("storm")[:, : BLOCK + 10])


def test_blocks_are_the_whole_cut_up(model: Model) -> None:
    count = 2 * BLOCK + 17
    whole, blocks = draw(model, count), list(draw_blocks(model, count, 2024))
    assert [each.n_paths for each in blocks] == [BLOCK, BLOCK, 17]
    for name, array in arrays_of(whole).items():
        np.testing.assert_array_equal(array, np.concatenate([arrays_of(each)[name] for each in blocks], axis=-1))
    shocks = np.concatenate([each.draw_shock("storm") for each in blocks], axis=1)
    np.testing.assert_array_equal(whole.draw_shock("storm"), shocks)


def test_parts_of_draws_are_those_of_the_whole(model: Model) -> None:
    """Arrays, and what is drawn by name; also of a part of a part, and across blocks."""
    whole = replace(draw(model, BLOCK + 50), shifted={"moved": np.arange(BLOCK + 50.0)})
    inner = whole.take(slice(BLOCK - 20, None)).take(slice(10, 40))
    span = slice(BLOCK - 10, BLOCK + 20)
    assert inner.n_paths == 30
    for name, array in arrays_of(whole).items():
        np.testing.assert_array_equal(array[..., span], arrays_of(inner)[name])
    np.testing.assert_array_equal(whole.draw_shock("storm")[:, span], inner.draw_shock("storm"))
    np.testing.assert_array_equal(whole.draw_part("mix")[span], inner.draw_part("mix"))
    np.testing.assert_array_equal(whole.draw_figure("gdp/H1")[span], inner.draw_figure("gdp/H1"))
    both = whole.draw_numbers(["a", "moved"]), inner.draw_numbers(["a", "moved"])
    for name, normals in both[0].items():
        np.testing.assert_array_equal(normals[span], both[1][name])


def test_removing_an_indicator_leaves_the_others_alone(model: Model) -> None:
    plan = model.plan
    fewer = replace(plan, indicators=plan.indicators[1:])
    law = replace(model.law, path=model.law.path[:, 1:])
    kept = draw(replace(model, plan=fewer, law=law, built_of=None), 50)
    np.testing.assert_array_equal(kept.own, draw(model, 50).own[:, 1:])
    np.testing.assert_array_equal(kept.common, draw(model, 50).common)


def test_infinite_degrees_of_freedom_mean_no_heavy_tail(model: Model) -> None:
    assert (find_scale(np.asarray(np.inf), draw(model, 50).levels) == 1).all()


def test_numbers_are_drawn_by_name_and_held_numbers_stay(model: Model) -> None:
    draws = draw(model, 50_000, seed=4)
    alone, together = draws.draw_numbers(["a"]), draws.draw_numbers(["b", "a"])
    np.testing.assert_array_equal(alone["a"], together["a"])
    assert abs(np.corrcoef(together["a"], together["b"])[0, 1]) < 5 / np.sqrt(50_000)
    assert stats.kstest(alone["a"], "norm").pvalue > 1e-4
    held = replace(draws, held={"a": 1.5}).draw_numbers(["a", "b"])
    assert {name: values.tolist() for name, values in held.items()} == {"a": [1.5], "b": [0.0]}


def test_a_named_net_is_even_and_belongs_to_its_name() -> None:
    """Every aligned run of points fills the intervals of its size once, whatever else is drawn."""
    first, other = (draw_named_net(3, name, 2, 64, range(2)) for name in ("storm", "quake"))
    assert first.shape == (2, 2, 64)
    for size in (16, 64):
        cells = np.sort((first[..., :size] * size).astype(int), axis=-1)
        np.testing.assert_array_equal(cells, np.broadcast_to(np.arange(size), cells.shape))
    np.testing.assert_array_equal(first, draw_named_net(3, "storm", 2, 64, range(2)))
    assert not np.isin(first, other).any()
