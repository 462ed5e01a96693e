"""The annual law: location, spread and rare shock of one year's outcomes, fitted on earlier years."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special

from sim._typing import Floats
from sim.inputs.history import History, January, LeakError
from sim.inputs.outlook import Outlook
from sim.learning.features import Features, build_features, build_past_features
from sim.learning.panel import TRANSFORMS, Prior, find_prior, read_panel
from sim.learning.predictive import Predictive

__all__ = ["AnnualFit", "Located", "Parameter", "fit_annual", "locate", "name_parameters", "predict"]

_POLISH = 6


@dataclass(frozen=True)
class Parameter:
    """One fitted number of the annual law.

    Attributes
    ----------
    name : str
    value, sd : float
        Mode and Laplace standard deviation, as the law uses it.
    n : int
        Targets with outcomes that it was fitted on.
    from_data : float
        Share of what is known that came from them; the rest is the prior.
    note : str
        `fitted`, or that it is the prior for want of data.
    """

    name: str
    value: float
    sd: float
    n: int
    from_data: float
    note: str


@dataclass(frozen=True)
class AnnualFit:
    """The fitted law of one indicator.

    Attributes
    ----------
    indicator : str
    known_before : int
        Target year: everything known was known in its January.
    mode : array, shape (parameter,)
        Posterior mode on the real line, in the order of `TRANSFORMS`.
    covariance : array, shape (parameter, parameter)
        Laplace covariance there.
    prior : Prior
    n : int
    years : tuple of int
        Of the data.
    """

    indicator: str
    known_before: int
    mode: Floats
    covariance: Floats
    prior: Prior
    n: int
    years: tuple[int, ...]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter with its standard deviation and how much of it came from the data."""
        found, values = [], name_parameters(self.mode)
        for place, (name, how) in enumerate(TRANSFORMS.items()):
            value, variance = values[name], float(self.covariance[place, place])
            slope = {"identity": 1.0, "log": value, "logit": value * (1 - value)}[how]
            share = float(np.clip(1 - variance / self.prior.sd[place] ** 2, 0, 1))
            note = "prior: too little data" if share < 0.05 else "fitted"
            found.append(Parameter(name, value, slope * float(np.sqrt(variance)), self.n, share, note))
        return tuple(found)

    def move(self, normals: Floats) -> AnnualFit:
        """The fit with its parameters moved by so many standard normals."""
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.mode)))
        return replace(self, mode=self.mode + root @ normals)


def name_parameters(mode: Floats) -> dict[str, float]:
    """Parameters by name from their places on the real line."""
    turned = {"identity": mode, "log": np.exp(mode), "logit": special.expit(mode)}
    return {name: float(turned[how][place]) for place, (name, how) in enumerate(TRANSFORMS.items())}


@dataclass(frozen=True)
class Located:
    """Where the annual law puts each outcome, and how widely.

    Attributes
    ----------
    outside : array
        The outside view: last outcome, outlook, premium, own gap; %.
    lean : array
        Weight of the target beside it; 0 without a target.
    location, scale : array
        Of the Student-t part.
    blind : array
        What the common spread gains where the outlook is missing.
    """

    outside: Floats
    lean: Floats
    location: Floats
    scale: Floats
    blind: Floats


def locate(mode: Floats, features: Features, unit: float) -> Located:
    """Location and scale of the annual law.

    Notes
    -----
    The outside view is the last outcome, moved by what the country is expected to change, by part of the way back
    towards the country's growth, and by part of the region's own gap. The location leans from it to the target with
    odds that rise with last year's surprise, and with the age of the last outcome; without an outlook, with last
    year's miss. Without any outcome, the target is the centre; without a target, the outside view is.
    """
    p = name_parameters(mode)
    odds = p["lean"] / (1 - p["lean"]) + p["lean_surprise"] * features.surprise / unit**2
    odds = odds + p["lean_age"] * np.maximum(features.age - 1, 0)
    odds = odds + np.where(features.has_outlook, 0.0, (features.missed / unit) ** 2)
    has, aimed = features.age > 0, np.isfinite(features.target)
    lean = np.where(aimed, np.where(has, odds / (1 + odds), 1.0), 0.0)
    outside = features.last + p["outlook_response"] * features.shift - p["premium_reversion"] * features.premium
    outside = np.where(has, outside + p["gap_persistence"] * features.own_gap, features.target)
    towards = np.where(aimed, features.target - outside, 0.0)
    location = outside + p["bias"] + lean * towards + p["at_least"] * features.at_least
    scale = p["scale"] * np.where(features.age == 1, 1.0, p["age_widening"])
    blind = read_panel().fixed["no_outlook_sd"].value * abs(p["outlook_response"])
    return Located(outside, lean, location, scale, np.where(features.has_outlook, 0.0, blind))


def _negative_log_posterior(mode: Floats, features: Features, outcome: Floats, prior: Prior) -> float:
    """Minus the log posterior; each year's common error is summed out on a grid, so thirty regions are one year."""
    penalty = 0.5 * float((((mode - prior.mean) / prior.sd) ** 2).sum())
    if not len(outcome):
        return penalty
    p = name_parameters(mode)
    here = locate(mode, features, prior.unit)
    fixed = read_panel().fixed
    df, step = fixed["df"].value, 0.1 * prior.unit
    deep = abs(prior.real_line["shock_size"].mean) > 3.3 * prior.unit
    grid = (np.arange(-140, 71) if deep else np.arange(-70, 41)) * step
    z = ((outcome - here.location)[:, None] - grid) / here.scale[:, None]
    const = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - 0.5 * np.log(df * np.pi)
    each = const - (df + 1) / 2 * np.log1p(z**2 / df) - np.log(here.scale)[:, None]
    total, q = 0.0, p["shock_probability"]
    for year in np.unique(features.year):
        rows = features.year == year
        wide = float(here.blind[rows].mean())
        calm, rare = np.hypot(p["common_sd"], wide), np.hypot(fixed["shock_sd"].value * prior.unit, wide)
        density = (1 - q) * np.exp(-0.5 * (grid / calm) ** 2) / calm
        density = density + q * np.exp(-0.5 * ((grid - p["shock_size"]) / rare) ** 2) / rare
        weight = np.log(density + 1e-300) + np.log(step / np.sqrt(2 * np.pi))
        terms = each[rows].sum(axis=0) + weight
        most = float(terms.max())
        total += most + float(np.log(np.exp(terms - most).sum()))
    return penalty - total


def _measure_curvature(mode: Floats, features: Features, outcome: Floats, prior: Prior) -> Floats:
    """The Hessian of the negative log posterior in units of the prior's spread, by central differences."""
    count, step = len(mode), 0.05
    found = np.empty((count, count))
    for one in range(count):
        for other in range(one + 1):
            value = 0.0
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = mode.copy()
                moved[one] += a * step * prior.sd[one]
                moved[other] += b * step * prior.sd[other]
                value += a * b * _negative_log_posterior(moved, features, outcome, prior)
            found[one, other] = found[other, one] = value / (4 * step**2)
    return found


def _measure_slope(mode: Floats, features: Features, outcome: Floats, prior: Prior) -> Floats:
    """The gradient of the negative log posterior in units of the prior's spread, by central differences."""
    found, step = np.empty(len(mode)), 1e-4
    for one in range(len(mode)):
        moved = mode.copy()
        moved[one] += step * prior.sd[one]
        ahead = _negative_log_posterior(moved, features, outcome, prior)
        moved[one] -= 2 * step * prior.sd[one]
        found[one] = (ahead - _negative_log_posterior(moved, features, outcome, prior)) / (2 * step)
    return found


def _find_mode(features: Features, outcome: Floats, prior: Prior) -> tuple[Floats, Floats]:
    """Posterior mode and Laplace covariance, never wider in any direction than the prior.

    A few Newton steps after the search settle the last digits, so that every machine writes the same ones.
    """
    if not len(outcome):
        return prior.mean, np.diag(prior.sd**2)
    start = prior.mean
    found = optimize.minimize(_negative_log_posterior, start, args=(features, outcome, prior), method="L-BFGS-B")
    mode = np.asarray(found.x, dtype=np.float64)
    inverse = _invert_curvature(mode, features, outcome, prior)
    for _ in range(_POLISH):
        mode = mode - prior.sd * (inverse @ _measure_slope(mode, features, outcome, prior))
    inverse = _invert_curvature(mode, features, outcome, prior)
    return mode, np.asarray(inverse * np.outer(prior.sd, prior.sd), dtype=np.float64)


def _invert_curvature(mode: Floats, features: Features, outcome: Floats, prior: Prior) -> Floats:
    values, vectors = np.linalg.eigh(_measure_curvature(mode, features, outcome, prior))
    return np.asarray((vectors / np.maximum(values, 1.0)) @ vectors.T, dtype=np.float64)


def fit_annual(
    history: History, outlook: Outlook, indicator: str, year: int, prior: Prior | None = None, since: int = 0
) -> AnnualFit:
    """Fit the law of an indicator as it could have been fitted in January of a year.

    Parameters
    ----------
    history : History
        Rows of years strictly before `year`.
    outlook : Outlook
        Cut to what was known in January of `year`.
    indicator : str
    year : int
    prior : Prior, optional
        None means the shipped one, which has seen no history.
    since : int
        Only targets from this year on are fitted; earlier rows still tell what came before them.

    Returns
    -------
    AnnualFit
        With no usable rows it is the prior, and each parameter says so.

    Raises
    ------
    LeakError
        If `history` holds the year or a later one.

    Examples
    --------
    >>> import sim
    >>> history = sim.read_history(sim.read_plan("qingdao-2024").folder / "history.csv")
    >>> fit_annual(history.before(2017), Outlook(), "gdp", 2017).n
    3
    """
    if len(history) and int(history.year.max()) >= year:
        raise LeakError(f"history holds year {int(history.year.max())}, not before {year}")
    prior = prior or find_prior(indicator)
    features, outcome = build_past_features(history, outlook.cut_to_january(year), indicator)
    keep = features.year >= since
    features, outcome = features.where(keep), outcome[keep]
    mode, covariance = _find_mode(features, outcome, prior)
    years = tuple(int(each) for each in np.unique(features.year))
    return AnnualFit(indicator, year, mode, covariance, prior, len(outcome), years)


def predict(fitted: AnnualFit, past: History, now: January, outlook: Outlook) -> Predictive:
    """The predictive law of the targets of `now`, of the fit's indicator and in their order."""
    if fitted.known_before > now.year:
        raise LeakError(f"fitted for January {fitted.known_before}, later than {now.year}")
    features = build_features(past, now, outlook, fitted.indicator)
    here = locate(fitted.mode, features, fitted.prior.unit)
    p, fixed = name_parameters(fitted.mode), read_panel().fixed
    shock_sd = np.hypot(fixed["shock_sd"].value * fitted.prior.unit, here.blind)
    common_sd = np.hypot(p["common_sd"], here.blind)
    rare = p["shock_probability"], p["shock_size"]
    return Predictive(here.location, here.scale, common_sd, shock_sd, *rare, fixed["df"].value)
