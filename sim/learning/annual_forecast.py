"""The annual law, fitted on a plan's history, read for one indicator in the plan's year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy

from sim._typing import Floats
from sim.inputs.history import History, January
from sim.inputs.identity import rename_indicator
from sim.inputs.numbers import CentreParts, Evidence
from sim.inputs.outlook import Outlook
from sim.inputs.plan.past import find_region
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.tables import Indicator
from sim.inputs.plan.targets import Growth
from sim.learning.annual_law import AnnualFit, fit_annual, locate, name_parameters
from sim.learning.features import Features, build_features
from sim.learning.kind_laws import MEASURES
from sim.learning.panel import OTHER, Learned, Prior, find_prior, read_panel
from sim.learning.predictive import Predictive

__all__ = ["AnnualForecast", "Estimate", "choose_law", "forecast_year"]

_SIGNS: Mapping[str, str] = {"at_least": ">=", "at_most": "<=", "about": "~"}


_QUANTILE_90 = 1.2815515655446004
"""The 90 % quantile of a standard normal law; 80 % of a symmetric law lie within it, both ways."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A quantity of the fit.

    Attributes
    ----------
    value, sd : float
        At the mode, and the Laplace standard deviation.
    panel, own : Evidence or None
        What the panel and the plan's own history tell of it; the rest is the prior.
    """

    value: float
    sd: float
    panel: Evidence | None
    own: Evidence | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AnnualForecast:
    """What the annual law says of one indicator in the plan's year.

    Attributes
    ----------
    fitted : AnnualFit
    features : Features
        Of the one target, or of none (its target is NaN then).
    base : Prior
        What was believed before the panel and the history.
    learned : Learned or None
        A parameter that the panel has taught, for the number and years of its data; None where it taught nothing.
    target : Growth or None
        The plan's target of the indicator.
    """

    fitted: AnnualFit
    features: Features
    base: Prior
    learned: Learned | None
    target: Growth | None

    def find_centre(self, mode: Floats) -> Floats:
        """Find the expected growth of an ordinary year.

        Parameters
        ----------
        mode : array, shape (parameter, ...)
            On the real line.

        Returns
        -------
        array, shape (...)
            %.
        """
        return locate(mode, self.features, self.fitted.prior.unit).location[..., 0]

    def find_spread(self, mode: Floats) -> Floats:
        """Find the spread of ordinary years: that of the normal law whose 80 % interval is as wide.

        Parameters
        ----------
        mode : array, shape (parameter, ...)
            On the real line.

        Returns
        -------
        array, shape (...)
            Percentage points.
        """
        here = locate(mode, self.features, self.fitted.prior.unit)
        scale, common = here.scale[..., 0], here.common_sd[..., 0]
        law = Predictive(
            location=np.zeros(scale.size),
            scale=scale.ravel(),
            common_sd=common.ravel(),
            shock_sd=common.ravel(),
            shock_probability=0.0,
            shock_size=0.0,
            df=np.broadcast_to(name_parameters(mode)["df"], scale.shape).ravel(),
        )
        return law.ppf(0.9).reshape(scale.shape) / _QUANTILE_90

    def find_common_share(self, mode: Floats) -> Floats:
        """Find the correlation of the year's error with what is common to all regions.

        Parameters
        ----------
        mode : array, shape (parameter, ...)
            On the real line.

        Returns
        -------
        array, shape (...)
        """
        here = locate(mode, self.features, self.fitted.prior.unit)
        return np.minimum(here.common_sd[..., 0] / self.find_spread(mode), 1.0)

    def estimate(self, quantity: Callable[[Floats], Floats]) -> Estimate:
        """Estimate a quantity of the fit, and how much of what is known of it came from which data.

        Parameters
        ----------
        quantity : callable
            From parameters on the real line, shape (parameter, ...), to shape (...).

        Returns
        -------
        Estimate

        Notes
        -----
        Delta method: with slope g and covariance V at the mode, the variance is g' V g. The weight of a set of data is
        the share of the prior's variance by which it is smaller once they are known.
        """
        fitted = self.fitted
        step = 0.01 * fitted.prior.sd
        slope = scipy.differentiate.jacobian(quantity, fitted.mode, initial_step=step, order=2, maxiter=1).df
        after = float(slope @ fitted.covariance @ slope)
        start, base = (float(slope**2 @ prior.sd**2) for prior in (fitted.prior, self.base))
        own = panel = None
        if self.learned:
            weight = round(max(after / start - after / base, 0.0), 3)
            panel = Evidence(n=self.learned.n, years=self.learned.years, weight=weight)
        if fitted.n:
            years = (fitted.years[0], fitted.years[-1])
            own = Evidence(n=fitted.n, years=years, weight=round(max(1 - after / start, 0.0), 3))
        return Estimate(value=float(quantity(fitted.mode)), sd=float(np.sqrt(after)), panel=panel, own=own)

    def explain_centre(self) -> str:
        """Explain in numbers how the centre comes about.

        Returns
        -------
        str
            Such as `5.9 in 2023, outlook shift -0.65 x response 1.15: 5.16; bias +0.01; no target to lean on`.
        """
        f, p = self.features, name_parameters(self.fitted.mode)
        here = locate(self.fitted.mode, f, self.fitted.prior.unit)
        words = [f"{f.last[0]:g} in {self.fitted.known_before - int(f.age[0])}"]
        if f.has_outlook[0]:
            words.append(f"outlook shift {f.shift[0]:+.2f} x response {p['outlook_response']:.2f}")
        else:
            words.append("no outlook")
        if f.premium[0]:
            peers = "the country" if self.fitted.indicator == "gdp" else "other regions"
            words.append(f"premium over {peers} {f.premium[0]:+.2f} x {-p['premium_reversion']:.2f}")
        if f.premium_unknown[0] == 1:
            words.append("no other region to compare with")
        if f.own_gap[0]:
            words.append(f"own gap {f.own_gap[0]:+.2f} x {p['gap_persistence']:.2f}")
        text = f"{', '.join(words)}: {here.outside[0]:.2f}; bias {_sign(float(p['bias']))}"
        if f.at_least[0]:
            text += f"; worded 'at least' {_sign(float(p['at_least']))}"
        if self.target is None:
            return text + "; no target to lean on"
        return f"{text}; leans {here.lean[0]:.0%} on the target of {self.target.value:g}"

    def list_parts(self) -> CentreParts:
        """List what the centre adds up from, in numbers.

        Returns
        -------
        CentreParts
            Start and steps, rounded to three decimals; their sum is the centre.
        """
        f, p = self.features, name_parameters(self.fitted.mode)
        here = locate(self.fitted.mode, f, self.fitted.prior.unit)
        known = bool(f.age[0] > 0)
        aimed = self.target is not None and known
        steps = {
            "outlook": p["outlook_response"] * f.shift[0] if known else 0.0,
            "premium": -p["premium_reversion"] * f.premium[0] if known else 0.0,
            "own_gap": p["gap_persistence"] * f.own_gap[0] if known else 0.0,
            "bias": p["bias"],
            "at_least": p["at_least"] * f.at_least[0],
            "lean": here.lean[0] * (f.target[0] - here.outside[0]) if aimed else 0.0,
        }
        added = {name: round(float(step), 3) + 0.0 for name, step in steps.items()}
        year = {"year": self.fitted.known_before - int(f.age[0])} if known else {}
        start = round(float(f.last[0] if known else f.target[0]), 3)
        return CentreParts(**year, start=start, **{name: step for name, step in added.items() if step})


def _sign(value: float) -> str:
    """Write two digits with their sign; nothing is +0.00, whichever side it comes from."""
    return f"{round(value, 2) + 0.0:+.2f}"


def forecast_year(plan: Plan, indicator: Indicator, history: History, outlook: Outlook) -> AnnualForecast:
    """Fit the annual law of an indicator on a plan's history, and read it for the plan's year.

    Parameters
    ----------
    plan : Plan
    indicator : Indicator
    history, outlook : History, Outlook
        Of the plan; what January could not know is left out.

    Returns
    -------
    AnnualForecast

    Notes
    -----
    Where a panel has taught the indicator's parameters, the fit starts from these and adds the plan's own years: those
    after the panel's last where the place is one of its regions, so that no year counts twice.
    """
    own, panel = rename_indicator(indicator.id), read_panel()
    name = choose_law(plan, indicator)
    base, taught = find_prior(name), panel.learned.get(name)
    prior, learned, since = base, None, 0
    if taught is not None:
        learned = next(iter(taught.values()))
        since = learned.years[1] + 1 if find_region(plan) in panel.regions[name] else 0
        mean = np.array([each.real_line_mean for each in taught.values()])
        sd = np.array([each.real_line_sd for each in taught.values()])
        prior = base.move(mean, sd, base.source)
    past = history.before(plan.year)
    if name != own:
        past = past.where(past.indicator == own)
        past = replace(past, indicator=np.full(len(past), name, dtype=object))
    target = plan.find_growth(indicator.id)
    now = _open_january(plan, name, target)
    return AnnualForecast(
        fitted=fit_annual(past, outlook, name, plan.year, prior, since),
        features=build_features(past, now, outlook, name),
        base=base,
        learned=learned,
        target=target,
    )


def choose_law(plan: Plan, indicator: Indicator) -> str:
    """Choose the annual law of an indicator: that of its name where it is measured as it was where it was learned.

    Parameters
    ----------
    plan : Plan
    indicator : Indicator

    Returns
    -------
    str
        A name of `panel.yaml`, or `OTHER`: that of any growth, for a place in another country than China, and for
        nominal growth where the law is of real growth or the other way round.
    """
    name = rename_indicator(indicator.id)
    if plan.is_abroad or indicator.measure != MEASURES.get(name, indicator.measure):
        return OTHER
    return name


def _open_january(plan: Plan, name: str, target: Growth | None) -> January:
    """Lay out what January knows of the plan's year: one target, or none (NaN)."""
    value = np.nan if target is None else target.value
    sign = "" if target is None else _SIGNS.get(target.criterion, "=")
    words = [np.array([word], dtype=object) for word in (find_region(plan), name, sign)]
    return January(plan.year, words[0], words[1], np.array([value]), words[2])
