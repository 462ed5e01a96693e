"""Growth under a calibration a path: held against the reduced form of one calibration at a time."""

from dataclasses import fields, replace

import numpy as np
import pytest
from small_models import make_law

from sim.model.accounting import accumulate
from sim.model.drawn_growth import Innovations, find_mixing, find_rest, follow_growth
from sim.model.growth import Law, lift
from sim.model.reduced_form import Reduced, reduce_law

RNG = np.random.default_rng(11)
N, SERIES, QUARTERS = 40, 3, 4
SQUARED = RNG.uniform(0.2, 3, (QUARTERS, N))


def make_laws(spillovers: bool) -> tuple[list[Law], Law]:
    """A law for each of many samples, apart and stacked."""
    numbers = [make_law(seed, SERIES, QUARTERS, 5.0, spillovers) for seed in range(N)]
    laws = [replace(each, quarter_own=np.full(SERIES, 0.1 + seed / N)) for seed, each in enumerate(numbers)]
    names = [each.name for each in fields(Law) if each.init]
    return laws, Law(**{name: np.stack([getattr(law, name) for law in laws], -1) for name in names})


def make_moves() -> Innovations:
    """Innovations of as many samples, each with a trait of its own."""

    def draw(*shape: int) -> np.ndarray:
        return RNG.normal(size=(*shape, N)).astype(np.float32)

    return Innovations(
        common=draw(QUARTERS),
        scale=np.sqrt(SQUARED).astype(np.float32),
        trend_common=draw(),
        own=draw(QUARTERS, SERIES),
        quarter_own=draw(QUARTERS, SERIES),
        trend_own=draw(SERIES),
    )


def follow_by_reduced_form(reduced: Reduced, moves: Innovations, at: int) -> np.ndarray:
    """The figures of one sample as the sum of independent pieces, shape (period, series)."""
    law, scale = reduced.law, moves.scale[:, at].astype(float)
    figures = reduced.mean + law.trend_common * moves.trend_common[at] + law.trend_own * moves.trend_own[:, at]
    figures = figures + np.einsum("cpi,p->ci", reduced.common, scale * moves.common[:, at])
    figures = figures + np.einsum("cpij,pj->ci", reduced.own, scale[:, None] * moves.own[..., at])
    return figures + np.einsum("cpi,pi->ci", reduced.lone, scale[:, None] * moves.quarter_own[..., at])


def sum_own_news(reduced: Reduced, period: int, squared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of a figure's own lasting news, and variance of what is independent of other series."""
    lasting = np.einsum("pij,pkj,p->ik", reduced.own[period], reduced.own[period], squared)
    return lasting, reduced.law.trend_own**2 + squared @ reduced.lone[period] ** 2


@pytest.mark.parametrize("spillovers", [False, True])
def test_every_sample_follows_its_own_law(spillovers: bool) -> None:
    laws, stacked = make_laws(spillovers)
    moves = make_moves()
    figures = follow_growth(stacked, moves)
    for at, law in enumerate(laws):
        wanted = follow_by_reduced_form(reduce_law(law), moves, at)
        np.testing.assert_allclose(figures[0, ..., at], wanted[:QUARTERS], rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(figures[1, 1:, :, at], wanted[QUARTERS:], rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(figures[1, 0, :, at], figures[0, 0, :, at], rtol=1e-6)


def test_one_law_for_all_samples_is_lifted_to_each(law: Law) -> None:
    moves = make_moves()
    figures = follow_growth(lift(law), moves)
    wanted = np.stack([follow_by_reduced_form(reduce_law(law), moves, at)[-1] for at in range(N)], -1)
    np.testing.assert_allclose(figures[1, -1], wanted, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(accumulate(figures[0], law.shares[..., None]), figures[1], rtol=1e-5)


def test_what_is_left_out_adds_nothing(law: Law) -> None:
    moves = make_moves()
    bare = follow_growth(lift(law), replace(moves, own=None, quarter_own=None, trend_own=None))
    zero = replace(
        law, innovation_own=0 * law.innovation_own, quarter_own=0 * law.quarter_own, trend_own=0 * law.trend_own
    )
    np.testing.assert_allclose(bare, follow_growth(lift(zero), moves), rtol=1e-6)


@pytest.fixture
def law() -> Law:
    return replace(make_law(99, SERIES, QUARTERS, 5.0), quarter_own=np.array([0.2, 0.4, 0.6]))


@pytest.mark.parametrize("cumulative", [False, True])
@pytest.mark.parametrize("quarter", range(QUARTERS))
def test_the_rest_is_the_variance_of_own_news(quarter: int, cumulative: bool) -> None:
    laws, stacked = make_laws(spillovers=False)
    rest = find_rest(stacked, SQUARED, quarter, cumulative)
    for at, law in enumerate(laws):
        reduced = reduce_law(law)
        period = reduced.find_cumulative(quarter) if cumulative else quarter
        lasting, lone = sum_own_news(reduced, period, SQUARED[:, at])
        np.testing.assert_allclose(rest[:, at], np.diag(lasting) + lone)


@pytest.mark.parametrize("cumulative", [False, True])
@pytest.mark.parametrize("quarter", [0, 2, 3])
def test_mixing_and_rests_make_up_the_covariance(quarter: int, cumulative: bool) -> None:
    laws, stacked = make_laws(spillovers=True)
    root, rest = find_mixing(stacked, SQUARED, quarter, cumulative)
    assert not root[np.triu_indices(SERIES, 1)].any()
    for at, law in enumerate(laws):
        reduced = reduce_law(law)
        period = reduced.find_cumulative(quarter) if cumulative else quarter
        lasting, lone = sum_own_news(reduced, period, SQUARED[:, at])
        made = root[..., at] @ root[..., at].T + np.diag(rest[:, at])
        np.testing.assert_allclose(made, lasting + np.diag(lone), atol=1e-7)
        assert (rest[:, at] > lone).all()  # own news gives some of itself to the rests, so less is conditioned on


def test_samples_without_spillovers_condition_on_next_to_nothing() -> None:
    laws, stacked = make_laws(spillovers=True)
    alone = np.array(stacked.persistence)
    alone[..., ::2] *= np.eye(SERIES)[..., None]
    root, rest = find_mixing(replace(stacked, persistence=alone), SQUARED, QUARTERS - 1)
    bare = [replace(each, persistence=each.persistence * np.eye(SERIES)) for each in laws[::2]]
    assert np.abs(root[..., ::2]).max() < 1e-3 < np.abs(root[..., 1::2]).max()
    for at, law in enumerate(bare):
        lasting, lone = sum_own_news(reduce_law(law), -1, SQUARED[:, 2 * at])
        np.testing.assert_allclose(rest[:, 2 * at], np.diag(lasting) + lone, rtol=1e-6)
