"""The annual law: location, spread and rare shock of one year's outcomes, fitted on earlier years."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy

from sim._typing import Floats
from sim.inputs.history import History, January, LeakError
from sim.inputs.outlook import Outlook
from sim.learning.features import Features, build_features, build_past_features
from sim.learning.panel import TRANSFORMS, Prior, find_prior, read_panel
from sim.learning.predictive import Predictive

__all__ = ["AnnualFit", "Located", "Parameter", "fit_annual", "locate", "name_parameters", "predict"]

_CURVATURE_STEP = 0.05
"""Of second differences, in units of the prior's spread. Eighth order instead of second moves standard deviations by
less than 0.04 % (measured on 288 targets), for nine times the work."""


_SLOPE_STEP = 0.02
"""Of first differences of fourth order, likewise."""


_POLISH = 6
"""Newton steps after the search."""


_AT_ONCE = 500_000
"""Numbers in one array of `_find_negative_log_posterior`: 4 MB."""


@dataclass(frozen=True, kw_only=True, slots=True)
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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
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
            value, variance = float(values[name]), float(self.covariance[place, place])
            slope = {"identity": 1.0, "log": value, "logit": value * (1 - value)}[how]
            share = float(np.clip(1 - variance / self.prior.sd[place] ** 2, 0, 1))
            note = "prior: too little data" if share < 0.05 else "fitted"
            sd = slope * float(np.sqrt(variance))
            found.append(Parameter(name=name, value=value, sd=sd, n=self.n, from_data=share, note=note))
        return tuple(found)

    def move(self, normals: Floats) -> AnnualFit:
        """Move the parameters by so many standard deviations of the posterior.

        Parameters
        ----------
        normals : array, shape (parameter,)
            Standard normal.

        Returns
        -------
        AnnualFit
        """
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.mode)))
        return replace(self, mode=self.mode + root @ normals)


def name_parameters(mode: Floats) -> dict[str, Floats]:
    """Name the parameters and take them from the real line to where the law uses them.

    Parameters
    ----------
    mode : array, shape (parameter, ...)
        In the order of `TRANSFORMS`.

    Returns
    -------
    dict of str to array, shape (...)
    """
    turned = {"identity": mode, "log": np.exp(mode), "logit": scipy.special.expit(mode)}
    return {name: turned[how][place] for place, (name, how) in enumerate(TRANSFORMS.items())}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Located:
    """Where the annual law puts each outcome, and how widely: arrays of shape (..., target).

    Attributes
    ----------
    outside : array
        The outside view: last outcome, outlook, premium, own gap; %.
    lean : array
        Weight of the target beside it; 0 without a target.
    location, scale : array
        Of the Student-t part; %, percentage points.
    common_sd, shock_sd : array
        Spread of the year's common error, ordinary and in a rare shock, percentage points; wider without an outlook.
    """

    outside: Floats
    lean: Floats
    location: Floats
    scale: Floats
    common_sd: Floats
    shock_sd: Floats


def locate(mode: Floats, features: Features, unit: float) -> Located:
    """Find location and scale of the annual law.

    Parameters
    ----------
    mode : array, shape (parameter, ...)
        On the real line; one law for each element of its further axes.
    features : Features
    unit : float
        Of the indicator's prior, percentage points.

    Returns
    -------
    Located
        Arrays of shape (..., target).

    Notes
    -----
    The outside view is the last outcome, moved by what the country is expected to change, by part of the way back
    towards the country's growth, and by part of the region's own gap. The location leans from it to the target with
    odds that rise with last year's surprise, and with the age of the last outcome; without an outlook, with last
    year's miss. Without any outcome, the target is the centre; without a target, the outside view is.
    """
    p = {name: value[..., None] for name, value in name_parameters(mode).items()}  # (..., 1) against (target,)
    blur = (1 - p["lean"]) * features.premium_unknown * (p["premium_reversion"] * unit / p["scale"]) ** 2
    odds = p["lean"] / (1 - p["lean"]) * (1 + blur) + p["lean_surprise"] * features.surprise / unit**2
    odds = odds + p["lean_age"] * np.maximum(features.age - 1, 0)
    odds = odds + np.where(features.has_outlook, 0.0, (features.missed / unit) ** 2)
    has, aimed = features.age > 0, np.isfinite(features.target)
    lean = np.where(aimed, np.where(has, odds / (1 + odds), 1.0), 0.0)
    outside = features.last + p["outlook_response"] * features.shift - p["premium_reversion"] * features.premium
    outside = np.where(has, outside + p["gap_persistence"] * features.own_gap, features.target)
    towards = np.where(aimed, features.target - outside, 0.0)
    fixed = read_panel().fixed
    blind = np.where(features.has_outlook, 0.0, fixed["no_outlook_sd"].value * np.abs(p["outlook_response"]))
    return Located(
        outside=outside,
        lean=lean,
        location=outside + p["bias"] + lean * towards + p["at_least"] * features.at_least,
        scale=p["scale"] * np.where(features.age == 1, 1.0, p["age_widening"]) * np.sqrt(1 + blur * (1 - lean)),
        common_sd=np.hypot(p["common_sd"], blind),
        shock_sd=np.hypot(fixed["shock_sd"].value * unit, blind),
    )


def _find_negative_log_posterior(points: Floats, features: Features, outcome: Floats, prior: Prior) -> Floats:
    """Find minus the log posterior, up to a constant; shapes (parameter, point) to (point,)."""
    grid = _lay_grid(prior)
    parts = -(-points.shape[1] * len(outcome) * len(grid) // _AT_ONCE) or 1
    pieces = [_sum_log_likelihood(part, features, outcome, prior, grid) for part in np.array_split(points, parts, 1)]
    penalty = 0.5 * (((points - prior.mean[:, None]) / prior.sd[:, None]) ** 2).sum(axis=0)
    return np.asarray(penalty - np.concatenate(pieces), dtype=np.float64)


def _lay_grid(prior: Prior) -> Floats:
    """Lay the grid of a year's common error, deep enough for the rare shock; shape (grid,)."""
    deep = abs(prior.real_line["shock_size"].mean) > 3.3 * prior.unit
    steps = np.arange(-140, 71) if deep else np.arange(-70, 41)
    return np.asarray(steps * (0.1 * prior.unit), dtype=np.float64)


def _sum_log_likelihood(points: Floats, features: Features, outcome: Floats, prior: Prior, grid: Floats) -> Floats:
    """Sum each year's common error out on the grid, so that thirty regions are one year; shape (point,)."""
    p, here = name_parameters(points), locate(points, features, prior.unit)
    scale, df = here.scale[..., None], p["df"][:, None, None]  # (point, target, 1), (point, 1, 1)
    z = ((outcome - here.location)[..., None] - grid) / scale  # (point, target, grid)
    const = scipy.special.gammaln((df + 1) / 2) - scipy.special.gammaln(df / 2) - 0.5 * np.log(df * np.pi)
    each = const - (df + 1) / 2 * np.log1p(z**2 / df) - np.log(scale)

    chance, size = p["shock_probability"][:, None], p["shock_size"][:, None]  # (point, 1)
    total = np.zeros(points.shape[1])
    for year in np.unique(features.year):
        rows = features.year == year
        calm, rare = here.common_sd[:, rows][:, :1], here.shock_sd[:, rows][:, :1]  # the same for all of a year
        density = (1 - chance) * np.exp(-0.5 * (grid / calm) ** 2) / calm
        density = density + chance * np.exp(-0.5 * ((grid - size) / rare) ** 2) / rare
        weight = np.log(density + 1e-300) + np.log((grid[1] - grid[0]) / np.sqrt(2 * np.pi))
        total += scipy.special.logsumexp(each[:, rows].sum(axis=1) + weight, axis=-1)
    return np.asarray(total, dtype=np.float64)


def _find_mode(features: Features, outcome: Floats, prior: Prior) -> tuple[Floats, Floats]:
    """Find the posterior mode and its Laplace covariance, never wider in any direction than the prior.

    A few Newton steps after the search settle the last digits, so that every machine writes the same ones.
    """
    if not len(outcome):
        return prior.mean, np.diag(prior.sd**2)

    def fall(at: Floats) -> Floats:  # in units of the prior's spread; shapes (parameter, ...) to (...)
        points = prior.mean[:, None] + prior.sd[:, None] * at.reshape(len(at), -1)
        return _find_negative_log_posterior(points, features, outcome, prior).reshape(at.shape[1:])

    def slope(at: Floats) -> Floats:
        return np.asarray(scipy.differentiate.jacobian(fall, at, initial_step=_SLOPE_STEP, order=4, maxiter=1).df)

    def invert(at: Floats) -> Floats:
        curvature = scipy.differentiate.hessian(fall, at, initial_step=_CURVATURE_STEP, order=2, maxiter=1).ddf
        values, vectors = np.linalg.eigh(np.asarray(curvature))
        return np.asarray((vectors / np.maximum(values, 1.0)) @ vectors.T)

    start = np.zeros(len(prior.mean))
    at = np.asarray(scipy.optimize.minimize(lambda point, *_: float(fall(point)), start, method="L-BFGS-B").x)
    inverse = invert(at)
    for _ in range(_POLISH):
        at = at - inverse @ slope(at)
    return prior.mean + prior.sd * at, invert(at) * np.outer(prior.sd, prior.sd)


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
    return AnnualFit(
        indicator=indicator,
        known_before=year,
        mode=mode,
        covariance=covariance,
        prior=prior,
        n=len(outcome),
        years=years,
    )


def predict(fitted: AnnualFit, past: History, now: January, outlook: Outlook) -> Predictive:
    """Predict the outcomes of a year's targets.

    Parameters
    ----------
    fitted : AnnualFit
    past : History
        Years strictly before `now.year`.
    now : January
        The targets of the year; those of the fit's indicator are predicted.
    outlook : Outlook
        Cut down to what January knows before use.

    Returns
    -------
    Predictive
        In the order of the targets.

    Raises
    ------
    LeakError
        If `fitted` or `past` knows more than that January.
    """
    if fitted.known_before > now.year:
        raise LeakError(f"fitted for January {fitted.known_before}, later than {now.year}")
    features = build_features(past, now, outlook, fitted.indicator)
    here, p = locate(fitted.mode, features, fitted.prior.unit), name_parameters(fitted.mode)
    return Predictive(
        location=here.location,
        scale=here.scale,
        common_sd=here.common_sd,
        shock_sd=here.shock_sd,
        shock_probability=float(p["shock_probability"]),
        shock_size=float(p["shock_size"]),
        df=float(p["df"]),
    )
