"""Calibrating: from a plan's history and outlook to the numbers of its model, each with its uncertainty and source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import SupportsFloat

import numpy as np
from scipy import differentiate

from sim._typing import Floats
from sim.errors import OutputError
from sim.inputs.calibration import (
    Calibration,
    IndicatorNumbers,
    PlanPrior,
    find_plan_prior,
    read_calibration,
    read_prior,
)
from sim.inputs.files.yaml_writer import write_yaml
from sim.inputs.history import ALIASES, History, January, find_region, recall_history
from sim.inputs.outlook import Outlook, recall_outlook
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.tables import Indicator
from sim.inputs.plan.targets import Growth
from sim.learning.annual_law import AnnualFit, Located, fit_annual, locate, name_parameters
from sim.learning.features import Features, build_features
from sim.learning.panel import Prior, find_prior, read_panel
from sim.learning.predictive import Predictive
from sim.model.growth import build_law, compute_moments

__all__ = ["AnnualReading", "fit_calibration", "list_given", "read_annual", "write_calibration"]

HEADER = """\
The numbers of the model for this plan: read them, doubt them, override them.
Each has a value, a standard deviation (what is not known about it), a unit and a source; pp: percentage points.
Written by `sim calibrate`: centre, trend_sd and trend_common are fitted, the rest comes from prior.yaml."""


_FITTED = "Coefficients: "
"""What the source of a fitted centre goes on with; whoever overrides the number writes a source of his own."""


_SIGNS: Mapping[str, str] = {"at_least": ">=", "at_most": "<=", "about": "~"}


_QUANTILE_90 = 1.2815515655446004
"""The 90 % quantile of a standard normal law; 80 % of a symmetric law lie within it, both ways."""


_LEAST = 0.3
"""The trend keeps at least this share of a year's spread, should the quarters' news claim all of it."""


@dataclass(frozen=True)
class AnnualReading:
    """What the annual law, fitted on a plan's history, says of one indicator in the plan's year.

    Attributes
    ----------
    fitted : AnnualFit
    features : Features
        Of the one target, or of none (its target is NaN then).
    base : Prior
        What was believed before the panel and the history.
    learned_n, learned_years : int and str
        Targets of the panel that the fit started from; 0 and empty where it taught nothing of the indicator.
    """

    fitted: AnnualFit
    features: Features
    base: Prior
    learned_n: int
    learned_years: str

    @cached_property
    def located(self) -> Located:
        """Where the law puts the outcome."""
        return locate(self.fitted.mode, self.features, self.fitted.prior.unit)

    def find_centre(self, mode: Floats) -> Floats:
        """Find the expected growth of an ordinary year, %; shapes (parameter, ...) to (...)."""
        return locate(mode, self.features, self.fitted.prior.unit).location[..., 0]

    def find_spread(self, mode: Floats) -> Floats:
        """Find the spread of ordinary years: of the normal law whose 80 % interval is as wide; shapes as above."""
        here = locate(mode, self.features, self.fitted.prior.unit)
        scale, common = here.scale[..., 0], here.common_sd[..., 0]
        law = Predictive(
            location=np.zeros(scale.size),
            scale=scale.ravel(),
            common_sd=common.ravel(),
            shock_sd=common.ravel(),
            shock_probability=0.0,
            shock_size=0.0,
            df=read_panel().fixed["df"].value,
        )
        return law.ppf(0.9).reshape(scale.shape) / _QUANTILE_90

    def find_common_share(self, mode: Floats) -> Floats:
        """Find the correlation of the year's error with what is common to all regions; shapes as above."""
        here = locate(mode, self.features, self.fitted.prior.unit)
        return np.minimum(here.common_sd[..., 0] / self.find_spread(mode), 1.0)

    def measure(self, quantity: Callable[[Floats], Floats], prior_source: str) -> tuple[float, float, str]:
        """Value and standard deviation of a quantity of the fit, and how much of it came from which data."""
        fitted = self.fitted
        step = 0.01 * fitted.prior.sd
        slope = differentiate.jacobian(quantity, fitted.mode, initial_step=step, order=2, maxiter=1).df
        after = float(slope @ fitted.covariance @ slope)
        start, base = (float(slope**2 @ prior.sd**2) for prior in (fitted.prior, self.base))
        own, panel = max(1 - after / start, 0.0), max(after / start - after / base, 0.0)
        return float(quantity(fitted.mode)), float(np.sqrt(after)), self._tell(own, panel, prior_source)

    def _tell(self, own: float, panel: float, prior_source: str) -> str:
        fitted, words = self.fitted, []
        if self.learned_n:
            words.append(f"{panel:.0%} from {self.learned_n} targets with outcome of a panel, {self.learned_years}")
        if fitted.n:
            years = "-".join(str(year) for year in dict.fromkeys((fitted.years[0], fitted.years[-1])))
            words.append(f"{own:.0%} from {fitted.n} own target{'s' * (fitted.n > 1)} with outcome, {years}")
        else:
            words.append("nothing from own targets, as none has an outcome")
        words.append(f"{max(1 - own - panel, 0):.0%} prior ({prior_source})")
        return "; ".join(words)


def read_annual(plan: Plan, indicator: Indicator, history: History, outlook: Outlook) -> AnnualReading:
    """Fit the annual law of an indicator on a plan's history, and read it for the plan's year.

    Parameters
    ----------
    plan : Plan
    indicator : Indicator
    history, outlook : History, Outlook
        Of the plan; what January could not know is left out.

    Notes
    -----
    Where a panel has taught the indicator's parameters, the fit starts from these and adds the plan's own years after
    the panel's last, so that no year counts twice.
    """
    name, panel = ALIASES.get(indicator.id, indicator.id), read_panel()
    base, learned = find_prior(name), panel.learned.get(name)
    prior, since, count, years = base, 0, 0, ""
    if learned is not None:
        first = next(iter(learned.values()))
        count, years = first.n, first.years
        since = int(years.split("-")[-1]) + 1
        mean = np.array([each.real_line_mean for each in learned.values()])
        sd = np.array([each.real_line_sd for each in learned.values()])
        prior = base.move(mean, sd, base.source)
    past = history.before(plan.year)
    fitted = fit_annual(past, outlook, name, plan.year, prior, since)
    now = _open_january(plan, indicator, name)
    return AnnualReading(fitted, build_features(past, now, outlook, name), base, count, years)


def _find_target(plan: Plan, indicator: Indicator) -> Growth | None:
    return next((each for each in plan.growth if each.indicator == indicator.id), None)


def _open_january(plan: Plan, indicator: Indicator, name: str) -> January:
    target = _find_target(plan, indicator)
    value = np.nan if target is None else target.value
    sign = "" if target is None else _SIGNS.get(target.criterion, "=")
    words = [np.array([word], dtype=object) for word in (find_region(plan), name, sign)]
    return January(plan.year, words[0], words[1], np.array([value]), words[2])


def fit_calibration(plan: Plan, prior: str | Path | None = None) -> Calibration:
    """Fit a plan's calibration to its own history and outlook.

    Parameters
    ----------
    plan : Plan
    prior : str or Path, optional
        A file of the numbers that are not fitted; None means `prior.yaml` in the plan's folder, else the shipped one.

    Returns
    -------
    Calibration
        `centre`, `trend_sd` and `trend_common` of each indicator from the annual law, their sources saying how and
        how much came from data, unless the prior gives them; all other numbers from the prior.

    Raises
    ------
    InputError
        If the prior is faulty or does not cover the plan.

    Notes
    -----
    The year's spread is that of the normal law whose 80 % interval is as wide as the annual law's without the rare
    shock, which is a matter of scenarios. Its variance would be no such guide: that of Student t with 4 degrees of
    freedom is 1.4 times as large, all of it far out in the tails. What the quarters' news explains is taken out of
    it; the rest is `trend_sd`.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> sim.fit_calibration(plan) == sim.load_model(plan).calibration
    True
    """
    given = read_prior(find_plan_prior(plan) if prior is None else prior, plan)
    history, outlook = recall_history(plan), recall_outlook(plan)
    news = _measure_news(plan, given)
    indicators = {
        indicator.id: _fit_indicator(plan, indicator, read_annual(plan, indicator, history, outlook), given, spread)
        if given.indicators[indicator.id].is_fitted
        else _keep_annual(given, indicator.id)
        for indicator, spread in zip(plan.indicators, news, strict=True)
    }
    numbers = {name: getattr(given, name) for name in type(given).model_fields if name in given.model_fields_set}
    return Calibration(**{**numbers, "indicators": indicators})


def list_given(calibration: Calibration) -> list[str]:
    """Indicators whose year somebody gave, so that no record of the annual law speaks for them.

    Examples
    --------
    >>> import sim
    >>> list_given(sim.load_model(sim.read_plan("china-2024")).calibration)
    ['gdp', 'unemployment', 'consumer_prices']
    """
    return [name for name, numbers in calibration.indicators.items() if _FITTED not in numbers.centre.source]


def _measure_news(plan: Plan, given: PlanPrior) -> Floats:
    """Standard deviation of the year that the quarters' news alone gives each indicator."""
    none = {"value": 0.0, "sd": 0.0, "unit": "pp", "source": "left out"}
    indicators = {
        name: {"centre": none, "trend_sd": none, "trend_common": none, **_keep_dynamics(given, name)}
        for name in given.indicators
    }
    bare = Calibration.model_validate(
        {
            "schema_version": 1,
            "degrees_of_freedom": given.degrees_of_freedom,
            "indicators": indicators,
            "spillovers": given.spillovers,
        }
    )
    law = build_law(plan, bare)
    covariance = compute_moments(law)[1]
    spread: Floats = np.sqrt(np.einsum("qi,qiri,ri->i", law.shares, covariance, law.shares))
    return spread


def _keep_dynamics(given: PlanPrior, name: str) -> dict[str, object]:
    numbers = given.indicators[name]
    return {field: getattr(numbers, field) for field in ("innovation_sd", "innovation_common", "persistence")}


def _keep_annual(given: PlanPrior, name: str) -> IndicatorNumbers:
    numbers = given.indicators[name]
    annual = {field: getattr(numbers, field) for field in ("centre", "trend_sd", "trend_common")}
    return IndicatorNumbers.model_validate({**annual, **_keep_dynamics(given, name)})


def _fit_indicator(
    plan: Plan, indicator: Indicator, reading: AnnualReading, given: PlanPrior, news: float
) -> IndicatorNumbers:
    """The numbers of one indicator: three from the annual law, the rest as given."""
    common = given.indicators[indicator.id].year_common
    centre, centre_sd, centre_data = reading.measure(reading.find_centre, reading.base.source)
    spread, spread_sd, spread_data = reading.measure(reading.find_spread, "as of centre")
    share, share_sd, share_data = reading.measure(reading.find_common_share, "as of centre")
    left = float(np.sqrt(max(spread**2 - news**2, (_LEAST * spread) ** 2)))
    floor = "" if spread**2 - news**2 > (_LEAST * spread) ** 2 else f", at least {_LEAST:.0%} of it"
    blind = "" if reading.features.has_outlook[0] else ", wider for want of an outlook"
    rows = {
        "centre": (centre, centre_sd, "pp", f"{_explain(plan, indicator, reading)}. {_FITTED}{centre_data}"),
        "trend_sd": (
            left,
            spread_sd * spread / left,
            "pp",
            f"ordinary years spread by {spread:.2f} (80 % interval of the annual law{blind}), of which "
            f"the quarters' news explains {news:.2f}{floor}. {_capital(spread_data)}",
        ),
        "trend_common": (
            min(share * common.value, 0.99),
            float(np.hypot(share_sd * common.value, share * common.sd)),
            "share",
            f"what all regions share in a year, {share:.2f} of the spread, x {common.value:g} in common with GDP "
            f"({common.source}). {_capital(share_data)}",
        ),
    }
    fitted = {
        name: {"value": round(value, 3), "sd": round(sd, 3), "unit": unit, "source": source}
        for name, (value, sd, unit, source) in rows.items()
    }
    return IndicatorNumbers.model_validate({**fitted, **_keep_dynamics(given, indicator.id)})


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _sign(value: SupportsFloat) -> str:
    """Two digits with their sign; nothing is +0.00, whichever side it comes from."""
    return f"{round(float(value), 2) + 0.0:+.2f}"


def _explain(plan: Plan, indicator: Indicator, reading: AnnualReading) -> str:
    """How the centre comes about, in numbers."""
    f, p, here = reading.features, name_parameters(reading.fitted.mode), reading.located
    words = [f"{f.last[0]:g} in {plan.year - int(f.age[0])}"]
    if f.has_outlook[0]:
        words.append(f"outlook shift {f.shift[0]:+.2f} x response {p['outlook_response']:.2f}")
    else:
        words.append("no outlook")
    if f.premium[0]:
        words.append(f"premium over the country {f.premium[0]:+.2f} x {-p['premium_reversion']:.2f}")
    if f.own_gap[0]:
        words.append(f"own gap {f.own_gap[0]:+.2f} x {p['gap_persistence']:.2f}")
    text = f"{', '.join(words)}: {here.outside[0]:.2f}; bias {_sign(p['bias'])}"
    if f.at_least[0]:
        text += f"; worded 'at least' {_sign(p['at_least'])}"
    target = _find_target(plan, indicator)
    if target is None:
        return text + "; no target to lean on"
    return f"{text}; leans {here.lean[0]:.0%} on the target of {target.value:g}"


def write_calibration(calibration: Calibration, path: str | Path, plan: Plan) -> Path:
    """Write a calibration file, whole or not at all.

    Parameters
    ----------
    calibration : Calibration
    path : str or Path
        A new file, or one that holds a calibration.
    plan : Plan

    Raises
    ------
    OutputError
        If `path` holds something else or cannot be written; nothing has changed then.
    """
    path = Path(path).absolute()
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file", "path")
    if path.exists() and "schema_version" not in path.read_text(encoding="utf-8", errors="replace"):
        raise OutputError(f"{path}: holds something else; name another file", "path")
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(write_yaml(calibration, HEADER), encoding="utf-8", newline="\n")
        read_calibration(part, plan)
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})", "path") from None
    finally:
        part.unlink(missing_ok=True)
    return path
