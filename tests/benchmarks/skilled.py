"""What somebody who knows scipy writes for job J in an hour: conditioned on scales and shocks, by Sobol and Genz."""

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import chi2, qmc
from straightforward import Numbers


def estimate(job: Numbers, count: int, seed: int, replicates: int = 16) -> np.ndarray:
    """The 22 odds of the job, one a replicate, shape (odds, replicate)."""
    quarters, series = job.path.shape
    powers = [np.linalg.matrix_power(job.persistence, lag) for lag in range(quarters + 1)]
    mean = sum(job.shares[q] * (job.path[q] + powers[q + 1] @ job.momentum) for q in range(quarters))
    news = [sum(job.shares[t, :, None] * powers[t - q] for t in range(q, quarters)) @ job.news_root for q in range(4)]
    response = np.zeros((len(job.probability), quarters, series))
    for onset in range(quarters):
        for t in range(onset, quarters):
            response[:, onset] += job.profile[:, t - onset, None] * job.loadings * job.shares[t]
    found = [_integrate(job, mean, news, response, count, [seed, each]) for each in range(replicates)]
    return np.stack(found, axis=1)


def _integrate(job, mean, news, response, count, seed):
    shocks, series = len(job.probability), len(mean)
    u = qmc.Sobol(4 + 2 * shocks + series - 1, rng=np.random.default_rng(seed)).random(count)
    squared = (job.degrees_of_freedom - 2) / chi2.ppf(u[:, :4], job.degrees_of_freedom)
    covariance = np.einsum("nq,qij->nij", squared, [each @ each.T for each in news]) + np.diag(job.trend_sd**2)
    happened = u[:, 4 : 4 + shocks] / job.probability
    size = np.exp(job.log_median + job.sigma * ndtri(u[:, 4 + shocks : 4 + 2 * shocks])) * (happened < 1)
    onset = np.minimum((happened * 4).astype(int), 3)
    figure = mean + np.einsum("ns,nsi->ni", size, response[np.arange(shocks), onset])
    sd = np.sqrt(np.einsum("nii->ni", covariance))
    bound, correlation = (figure - job.thresholds) / sd, covariance / (sd[:, :, None] * sd[:, None])
    met, free = ndtr(bound), u[:, 4 + 2 * shocks :]
    pairs = []
    for first in range(series):
        drawn = ndtri(np.clip(free[:, first % (series - 1)] * met[:, first], 1e-15, 1))
        for second in range(first + 1, series):
            rho = correlation[:, first, second]
            rest = ndtr((bound[:, second] - rho * drawn) / np.sqrt(1 - rho**2))
            pairs.append((met[:, first] * rest).mean())
    root, joint, drawn = np.linalg.cholesky(correlation), np.ones(count), np.zeros((count, series))
    for row in range(series):
        chance = ndtr((bound[:, row] - (root[:, row] * drawn).sum(axis=1)) / root[:, row, row])
        joint *= chance
        if row < series - 1:
            drawn[:, row] = ndtri(np.clip(free[:, row] * chance, 1e-15, 1))
    return np.array([*met.mean(axis=0), *pairs, joint.mean()])
