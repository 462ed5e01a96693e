"""The job written for each peer, as its documentation would have it; every function needs numpy and that peer alone."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from straightforward import LEVELS, Numbers, report, simulate_growth

Floats = NDArray[np.float64]


def run_numpy(numbers: Numbers, n_paths: int, seed: int) -> dict[str, Any]:
    """All paths in arrays."""
    return _report(numbers, simulate_growth(numbers, n_paths, np.random.default_rng(seed)))


def run_loop(numbers: Numbers, n_paths: int, seed: int) -> dict[str, Any]:
    """Path by path with the standard library."""
    rng = random.Random(seed)
    values = {name: np.asarray(value).tolist() for name, value in numbers._asdict().items()}
    quarters, series = range(len(values["path"])), range(len(values["trend_sd"]))
    figures: list[list[float]] = [[] for _ in range((len(quarters) + 1) * len(series))]
    met = [0] * len(series)
    both = [[0] * len(series) for _ in series]
    joint = 0
    for _ in range(n_paths):
        growth = _walk(values, rng)
        annual = [sum(values["shares"][q][i] * growth[q][i] for q in quarters) for i in series]
        for column, value in zip(figures, [value for row in growth for value in row] + annual, strict=True):
            column.append(value)
        hit = [annual[i] >= values["thresholds"][i] for i in series]
        joint += all(hit)
        for i in series:
            met[i] += hit[i]
            for j in range(i + 1, len(series)):
                both[i][j] += hit[i] and hit[j]
    pairs = [both[i][j] for i in series for j in range(i + 1, len(series))]
    quantiles = [_find_quantiles(sorted(column)) for column in figures]
    cut = len(quarters) * len(series)
    shares = {
        "met": [count / n_paths for count in met],
        "both": [count / n_paths for count in pairs],
        "joint": [joint / n_paths],
    }
    errors = {f"{name}_se": [math.sqrt(p * (1 - p) / n_paths) for p in given] for name, given in shares.items()}
    return {**shares, "joint": shares["joint"][0], **errors, "quarterly": quantiles[:cut], "annual": quantiles[cut:]}


def _walk(values: dict[str, Any], rng: random.Random) -> list[list[float]]:
    """Growth of single quarters in one year."""
    series, nu = range(len(values["trend_sd"])), values["degrees_of_freedom"]
    trend = [rng.gauss(0, sd) for sd in values["trend_sd"]]
    deviation, growth = values["momentum"], []
    for path in values["path"]:
        scale = math.sqrt((nu - 2) / rng.gammavariate(nu / 2, 2))
        normals = [rng.gauss(0, 1) for _ in series]
        deviation = [
            sum(kept * before for kept, before in zip(values["persistence"][i], deviation, strict=True))
            + scale * sum(root * normal for root, normal in zip(values["news_root"][i], normals, strict=True))
            for i in series
        ]
        growth.append([path[i] + trend[i] + deviation[i] for i in series])
    for shock, probability in enumerate(values["probability"]):
        if rng.random() < probability:
            onset = rng.randrange(len(growth))
            size = rng.lognormvariate(values["log_median"][shock], values["sigma"][shock])
            for quarter in range(onset, len(growth)):
                strength = size * values["profile"][shock][quarter - onset]
                for i in series:
                    growth[quarter][i] += strength * values["loadings"][shock][i]
    return growth


def _find_quantiles(ordered: list[float]) -> list[float]:
    found = []
    for level in LEVELS:
        place = level * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        found.append(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
    return found


def run_statsmodels(numbers: Numbers, n_paths: int, seed: int) -> dict[str, Any]:
    """Paths of the vector autoregression alone."""
    from statsmodels.tsa.vector_ar.var_model import VARProcess

    covariance = numbers.news_root @ numbers.news_root.T
    process = VARProcess(numbers.persistence[None], None, covariance)
    rng, start = np.random.default_rng(seed), numbers.momentum[None]
    process.simulate_var(1 + len(numbers.path), None, rng, start, n_paths)  # the first step is the start itself
    return {}


def run_numpyro(numbers: Numbers, n_paths: int, seed: int) -> dict[str, Any]:
    """Prior predictive paths, all at once."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax import random as jax_random
    from numpyro.infer import Predictive

    quarters, series = numbers.path.shape
    shocks, nu = len(numbers.probability), float(numbers.degrees_of_freedom)
    root = jnp.asarray(numbers.news_root) * math.sqrt((nu - 2) / nu)
    path, persistence = jnp.asarray(numbers.path), jnp.asarray(numbers.persistence)
    profile, loadings = jnp.asarray(numbers.profile), jnp.asarray(numbers.loadings)

    def year() -> None:
        trend = numpyro.sample("trend", dist.Normal(0, jnp.asarray(numbers.trend_sd)).to_event(1))
        happened = numpyro.sample("happened", dist.Bernoulli(jnp.asarray(numbers.probability)).to_event(1))
        onset = numpyro.sample("onset", dist.Categorical(jnp.full((shocks, quarters), 1 / quarters)).to_event(1))
        law = dist.LogNormal(jnp.asarray(numbers.log_median), jnp.asarray(numbers.sigma))
        size = numpyro.sample("size", law.to_event(1))
        deviation, growth = jnp.asarray(numbers.momentum), []
        for quarter in range(quarters):
            news = numpyro.sample(f"news_{quarter}", dist.MultivariateStudentT(nu, jnp.zeros(series), root))
            deviation = persistence @ deviation + news
            since = quarter - onset
            course = profile[jnp.arange(shocks), jnp.maximum(since, 0)]
            strength = jnp.where(since >= 0, happened * size * course, 0.0)
            growth.append(path[quarter] + trend + deviation + strength @ loadings)
        numpyro.deterministic("growth", jnp.stack(growth))

    draw = Predictive(year, num_samples=n_paths, parallel=True, return_sites=["growth"])
    return _report(numbers, np.asarray(draw(jax_random.PRNGKey(seed))["growth"]))


def run_chaospy(numbers: Numbers, n_paths: int, seed: int) -> dict[str, Any]:
    """One distribution of all inputs, sampled at once."""
    import chaospy

    quarters, series = numbers.path.shape
    inputs = chaospy.J(
        *[chaospy.Normal(0, 1) for _ in range((quarters + 1) * series)],
        *[chaospy.Gamma(float(numbers.degrees_of_freedom) / 2, 2) for _ in range(quarters)],  # chi-square
        *[chaospy.Uniform(0, 1) for _ in numbers.probability],
        *[chaospy.LogNormal(mu, sigma) for mu, sigma in zip(numbers.log_median, numbers.sigma, strict=True)],
    )
    np.random.seed(seed)  # noqa: NPY002 - where chaospy draws from
    nodes = inputs.sample(n_paths, rule="random")
    cuts = np.cumsum([(quarters + 1) * series, quarters, len(numbers.probability)])
    normals, squares, uniforms, sizes = np.split(nodes, cuts)
    return _report(numbers, evaluate(numbers, normals, squares, uniforms, sizes))


def run_squigglepy_scalar(numbers: Numbers, n_paths: int, seed: int) -> dict[str, Any]:
    """A model of single numbers, called once a path."""
    import squigglepy as sq

    quarters, series = numbers.path.shape
    nu = float(numbers.degrees_of_freedom)
    normal, square = sq.norm(mean=0, sd=1), sq.chisquare(nu)
    onsets = sq.discrete(list(range(quarters)))
    laws = [sq.lognorm(norm_mean=mu, norm_sd=sd) for mu, sd in zip(numbers.log_median, numbers.sigma, strict=True)]

    def year() -> Floats:
        trend = np.array([~normal for _ in range(series)]) * numbers.trend_sd
        deviation, growth = numbers.momentum, np.empty((quarters, series))
        for quarter in range(quarters):
            news = numbers.news_root @ np.array([~normal for _ in range(series)])
            deviation = numbers.persistence @ deviation + math.sqrt((nu - 2) / ~square) * news
            growth[quarter] = numbers.path[quarter] + trend + deviation
        for shock, probability in enumerate(numbers.probability):
            if sq.event_happens(probability):
                onset, size = int(~onsets), ~laws[shock]
                course = size * numbers.profile[shock, : quarters - onset]
                growth[onset:] += course[:, None] * numbers.loadings[shock]
        return growth

    sq.set_seed(seed)
    return _report(numbers, np.stack([year() for _ in range(n_paths)]))


def run_squigglepy_arrays(numbers: Numbers, n_paths: int, seed: int) -> dict[str, Any]:
    """All samples of an input at once."""
    import squigglepy as sq

    sq.set_seed(seed)
    quarters, series = numbers.path.shape
    laws = [sq.lognorm(norm_mean=mu, norm_sd=sd) for mu, sd in zip(numbers.log_median, numbers.sigma, strict=True)]
    normals = np.stack([sq.norm(mean=0, sd=1) @ n_paths for _ in range((quarters + 1) * series)])
    squares = np.stack([sq.chisquare(float(numbers.degrees_of_freedom)) @ n_paths for _ in range(quarters)])
    uniforms = np.stack([sq.uniform(0, 1) @ n_paths for _ in laws])
    sizes = np.stack([law @ n_paths for law in laws])
    return _report(numbers, evaluate(numbers, normals, squares, uniforms, sizes))


def evaluate(numbers: Numbers, normals: Floats, squares: Floats, uniforms: Floats, sizes: Floats) -> Floats:
    """Growth of single quarters, %, shape (path, quarter, series), from independent inputs.

    Parameters
    ----------
    numbers : Numbers
    normals : array, shape ((quarter + 1) * series, path)
        Trend errors, then each quarter's news; standard normal.
    squares : array, shape (quarter, path)
        Chi-square.
    uniforms : array, shape (shock, path)
        Whether a shock happens, and if so when.
    sizes : array, shape (shock, path)
    """
    quarters, series = numbers.path.shape
    n_paths, nu = normals.shape[1], float(numbers.degrees_of_freedom)
    letters = normals.reshape(quarters + 1, series, n_paths)
    growth = np.empty((quarters, series, n_paths))
    deviation = numbers.momentum[:, None]
    for quarter in range(quarters):
        scale = np.sqrt((nu - 2) / squares[quarter])
        deviation = numbers.persistence @ deviation + scale * (numbers.news_root @ letters[quarter + 1])
        growth[quarter] = numbers.path[quarter][:, None] + numbers.trend_sd[:, None] * letters[0] + deviation
    for shock, probability in enumerate(numbers.probability):
        onset = np.floor(uniforms[shock] / probability * quarters).astype(int)  # beyond the year: does not happen
        for quarter in range(quarters):
            since = quarter - onset
            course = numbers.profile[shock, np.maximum(since, 0)]
            growth[quarter] += numbers.loadings[shock][:, None] * np.where(since >= 0, sizes[shock] * course, 0.0)
    return np.moveaxis(growth, -1, 0)


def _report(numbers: Numbers, growth: Floats) -> dict[str, Any]:
    return report(growth, (growth * numbers.shares).sum(axis=1), numbers.thresholds)


JOBS: dict[str, Callable[[Numbers, int, int], dict[str, Any]]] = {
    "numpy": run_numpy,
    "loop": run_loop,
    "statsmodels": run_statsmodels,
    "numpyro": run_numpyro,
    "chaospy": run_chaospy,
    "squigglepy_scalar": run_squigglepy_scalar,
    "squigglepy_arrays": run_squigglepy_arrays,
}
