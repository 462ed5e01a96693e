"""The job as a good numpy user writes it, and the mere drawing of its random numbers.

All paths are held in arrays, quarter after quarter; nothing here goes through the package's own simulation.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # numpy is all that a peer's own environment need have
    from sim.inputs.scenario.reading import Scenario
    from sim.model.model import Model

Floats = NDArray[np.float64]

BLOCK = 16_384  # numbers drawn at once: they stay in the fast memory of a core
LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
GAMMA_SHAPE = 2.5  # half a chi-square of five degrees of freedom
NORMALS, GAMMAS, UNIFORMS, SIZES = 30, 4, 5, 0.41
"""Random numbers of a path of the job: news and trends; heavy-tail scales; shocks, and the sizes of those that happen.

A uniform that says that a shock happens also says when; each path has `SIZES` shocks on average, rounded.
"""


class Numbers(NamedTuple):
    """What the job is made of, in arrays.

    Attributes
    ----------
    path, shares : array, shape (quarter, series)
    persistence, news_root : array, shape (series, series)
        `news_root` is the Cholesky root of the news' covariance.
    trend_sd, thresholds : array, shape (series,)
    momentum : array, shape (series,)
    degrees_of_freedom : float
    probability, log_median, sigma : array, shape (shock,)
    profile : array, shape (shock, quarter)
        Strength in each quarter from the onset on.
    loadings : array, shape (shock, series)
    """

    path: Floats
    shares: Floats
    persistence: Floats
    news_root: Floats
    trend_sd: Floats
    thresholds: Floats
    momentum: Floats
    degrees_of_freedom: float
    probability: Floats
    log_median: Floats
    sigma: Floats
    profile: Floats
    loadings: Floats


def gather(model: Model, scenario: Scenario) -> Numbers:
    """The job's numbers from the arrays of its law and the fields of its shocks."""
    law, shocks = model.law, list(scenario.shocks.values())
    ids = [indicator.id for indicator in model.plan.indicators]
    values = {target.indicator: target.value - 0.05 for target in model.plan.targets}  # as printed, to a tenth
    covariance = np.outer(law.innovation_common, law.innovation_common) + np.diag(law.innovation_own**2)
    return Numbers(
        path=law.path,
        shares=law.shares,
        persistence=law.persistence,
        news_root=np.linalg.cholesky(covariance),
        trend_sd=law.trend_own,
        thresholds=np.array([values[name] for name in ids]),
        momentum=law.momentum,
        degrees_of_freedom=law.degrees_of_freedom,
        probability=np.array([shock.probability for shock in shocks]),
        log_median=np.log([shock.size.median for shock in shocks]),
        sigma=np.array([shock.size.sigma for shock in shocks]),
        profile=np.array([shock.profile.follow(len(law.path)) for shock in shocks]),
        loadings=np.array([[shock.loadings[name] for name in ids] for shock in shocks]),
    )


def simulate_straightforward(model: Model, scenario: Scenario, n_paths: int, seed: int) -> dict[str, Floats]:
    """The whole job on so many paths.

    Parameters
    ----------
    model, scenario
        As `job.build_job` gives them.
    n_paths, seed : int

    Returns
    -------
    dict
        `met`, `met_se` (indicator); `both`, `both_se` (pair), the pairs in the order of `np.triu_indices(6, 1)`;
        `joint`, `joint_se`; `quarterly` (level, quarter, indicator) and `annual` (level, indicator) quantiles, %.
    """
    numbers = gather(model, scenario)
    growth = simulate_growth(numbers, n_paths, np.random.default_rng(seed))
    annual = (growth * numbers.shares).sum(axis=1)
    return report(growth, annual, numbers.thresholds)


def simulate_growth(numbers: Numbers, n_paths: int, rng: np.random.Generator) -> Floats:
    """Growth of single quarters, %, shape (path, quarter, series)."""
    quarters, series = numbers.path.shape
    nu = numbers.degrees_of_freedom
    growth = np.empty((n_paths, quarters, series))
    trend = rng.standard_normal((n_paths, series)) * numbers.trend_sd
    deviation = np.broadcast_to(numbers.momentum, (n_paths, series))
    for quarter in range(quarters):
        scale = np.sqrt((nu - 2) / rng.chisquare(nu, (n_paths, 1)))
        news = rng.standard_normal((n_paths, series)) @ numbers.news_root.T
        deviation = deviation @ numbers.persistence.T + scale * news
        growth[:, quarter] = numbers.path[quarter] + trend + deviation
    add_shocks(growth, numbers, rng)
    return growth


def add_shocks(growth: Floats, numbers: Numbers, rng: np.random.Generator) -> None:
    """Add every shock to the paths in which it happens."""
    n_paths, quarters, _ = growth.shape
    for shock, probability in enumerate(numbers.probability):
        happened = rng.random(n_paths) < probability
        count = np.count_nonzero(happened)
        onset = rng.integers(0, quarters, count)
        size = rng.lognormal(numbers.log_median[shock], numbers.sigma[shock], count)
        for quarter in range(quarters):
            since = quarter - onset
            strength = np.where(since >= 0, size * numbers.profile[shock, since], 0.0)
            growth[happened, quarter] += strength[:, None] * numbers.loadings[shock]


def report(growth: Floats, annual: Floats, thresholds: Floats) -> dict[str, Floats]:
    """Probabilities with standard errors, and quantiles."""
    n_paths, series = annual.shape
    met = annual >= thresholds
    first, second = np.triu_indices(series, 1)
    shares = {
        "met": met.mean(axis=0),
        "both": (met[:, first] & met[:, second]).mean(axis=0),
        "joint": np.asarray(met.all(axis=1).mean()),
    }
    errors = {f"{name}_se": np.sqrt(share * (1 - share) / n_paths) for name, share in shares.items()}
    quantiles = {
        "quarterly": np.quantile(growth, LEVELS, axis=0),
        "annual": np.quantile(annual, LEVELS, axis=0),
    }
    return {**shares, **errors, **quantiles}


def draw_floor(n_paths: int, seed: int) -> int:
    """Draw the random numbers of the job with numpy's fastest generator and throw them away.

    Returns
    -------
    int
        How many numbers were drawn; chi-squares are drawn as gammas.
    """
    generator = np.random.Generator(np.random.SFC64(seed))
    drawn, out = 0, np.empty(BLOCK)
    draws = (
        *[generator.standard_normal] * NORMALS,
        *[partial(generator.standard_gamma, GAMMA_SHAPE)] * GAMMAS,
        *[generator.random] * UNIFORMS,
    )
    for start in range(0, n_paths, BLOCK):
        count = min(BLOCK, n_paths - start)
        struck = round(SIZES * (start + count)) - round(SIZES * start)
        for draw in draws:
            draw(out=out[:count])
        generator.standard_normal(out=out[:struck])
        drawn += len(draws) * count + struck
    return drawn
