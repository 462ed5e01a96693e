"""The fit of a calibration: from a plan's history and outlook to the numbers of its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim._typing import Floats
from sim.inputs.calibration import Calibration, PlanPrior, check_calibration, find_plan_prior, read_prior
from sim.inputs.files.writing import check_file, format_yaml, write_file
from sim.inputs.indicator_numbers import IndicatorNumbers, QuarterlyNumbers
from sim.inputs.numbers import AnnualCentre, AnnualLoading, AnnualSpread, Loading
from sim.inputs.plan.past import recall_history, recall_outlook
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import take_plan
from sim.inputs.provenance import describe_inputs
from sim.learning.annual_forecast import AnnualForecast, Estimate, forecast_year
from sim.learning.chances import fit_deliveries, fit_milestones
from sim.learning.kind_laws import assume_numbers
from sim.model.growth import build_law, compute_moments

__all__ = ["fit_calibration", "write_calibration"]

HEADER = """\
The numbers of the model for this plan: read them, doubt them, override them.
Each has a value, a standard deviation (what is not known about it), a unit and a source; pp: percentage points.
basis: fitted on data (with the value as fitted, and the weight of the data), given by the source, or assumed.
To override a number change its value alone: a fitted one then counts as given by hand.
Written by `sim calibrate`: centre, trend_sd and trend_common are fitted to history, chances of deliveries and of
milestones to the records of such promises, the rest comes from prior.yaml. made_from, at the end, says what the fit
read: where a cell of it has changed since, every command fits anew in memory, or says why it cannot."""


_LEAST = 0.3
"""The trend keeps at least this share of a year's spread, should the quarters' news claim all of it."""


def fit_calibration(plan: Plan | str | Path, prior: str | Path | None = None) -> Calibration:
    """Fit a plan's calibration to its own history and outlook.

    Parameters
    ----------
    plan : Plan, str or Path
        A plan, its folder or its shipped name.
    prior : str or Path, optional
        A file of the numbers that are not fitted; None means `prior.yaml` in the plan's folder, else the shipped one.

    Returns
    -------
    Calibration
        `centre`, `trend_sd` and `trend_common` of each indicator from the annual law, their sources saying how and
        how much came from data, unless the prior gives them; the chances of deliveries and milestones from the shipped
        records; all other numbers from the prior, or where that does not name an indicator, assumed by its kind.

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
    plan = take_plan(plan)
    path = find_plan_prior(plan) if prior is None else Path(prior)
    given = read_prior(path, plan)
    history, outlook = recall_history(plan), recall_outlook(plan)
    missing = [each for each in plan.indicators if each.id not in given.indicators]
    assumed = {each.id: assume_numbers(plan, each, history) for each in missing}
    given = given.model_copy(update={"indicators": {**given.indicators, **assumed}})
    news = _measure_news(plan, given)
    indicators = {
        indicator.id: _fit_indicator(forecast_year(plan, indicator, history, outlook), numbers, spread)
        if (numbers := given.indicators[indicator.id]).needs_fit
        else _keep_annual(numbers)
        for indicator, spread in zip(plan.indicators, news, strict=True)
    }
    if "gdp" in indicators:
        share = indicators["gdp"].trend_common
        for name, numbers in given.indicators.items():
            if numbers.needs_fit and numbers.gdp_correlation is not None:
                common = _divide_correlation(numbers.gdp_correlation, share)
                indicators[name] = indicators[name].model_copy(update={"trend_common": common})
    kept = {name: getattr(given, name) for name in given.model_fields_set}
    learned = {"deliveries": fit_deliveries(plan, given), "milestones": fit_milestones(plan, given)}
    made = Calibration(**{**kept, "indicators": indicators, **{key: each for key, each in learned.items() if each}})
    fitted = [each.id for each in plan.indicators if each.id in assumed or given.indicators[each.id].needs_fit]
    return made.model_copy(update={"made_from": describe_inputs(plan, path, fitted, given.deliveries, made)})


def _measure_news(plan: Plan, given: PlanPrior) -> Floats:
    """Measure the standard deviation of the year that the quarters' news alone gives each indicator."""
    none = {"value": 0.0, "sd": 0.0, "unit": "pp", "source": "left out"}
    indicators = {
        name: {"centre": none, "trend_sd": none, "trend_common": none, **_keep_dynamics(numbers)}
        for name, numbers in given.indicators.items()
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


def _keep_dynamics(given: QuarterlyNumbers) -> dict[str, Any]:
    fields = ("innovation_sd", "innovation_common", "persistence", "quarter_sd")
    return {field: getattr(given, field) for field in fields if field in given.model_fields_set}


def _keep_annual(given: QuarterlyNumbers) -> IndicatorNumbers:
    annual = {field: getattr(given, field) for field in ("centre", "trend_sd", "trend_common")}
    return IndicatorNumbers(**annual, **_keep_dynamics(given))


def _fit_indicator(forecast: AnnualForecast, given: QuarterlyNumbers, news: float) -> IndicatorNumbers:
    """Take three numbers of an indicator from the annual law, the rest as given."""
    common, prior = given.year_common, f"prior: {forecast.base.source}"
    centre, spread = forecast.estimate(forecast.find_centre), forecast.estimate(forecast.find_spread)
    share = forecast.estimate(forecast.find_common_share)
    least = _LEAST * spread.value
    left = max(float(np.sqrt(max(spread.value**2 - news**2, 0.0))), least)
    floor = f", at least {_LEAST:.0%} of it" if left == least else ""
    blind = "" if forecast.features.has_outlook[0] else ", wider for want of an outlook"
    told_spread = (
        f"ordinary years spread by {spread.value:.2f} (80 % interval of the annual law{blind}), of which the quarters' "
        f"news explains {news:.2f}{floor}; prior as of centre"
    )
    told_share = (
        f"what all regions share in a year, {share.value:.2f} of the spread, x {common.value:g} in common with GDP "
        f"({common.source}); prior as of centre"
    )
    common_sd = float(np.hypot(share.sd * common.value, share.value * common.sd))
    return IndicatorNumbers(
        centre=AnnualCentre(
            **_record(centre, centre.value, centre.sd, "pp", f"{forecast.explain_centre()}; {prior}"),
            parts=forecast.list_parts(),
        ),
        trend_sd=AnnualSpread(
            **_record(spread, left, spread.sd * spread.value / left, "pp", told_spread), year_sd=round(spread.value, 4)
        ),
        trend_common=AnnualLoading(
            **_record(share, min(share.value * common.value, 0.99), common_sd, "share", told_share)
        ),
        **_keep_dynamics(given),
    )


def _divide_correlation(correlation: Loading, share: AnnualLoading) -> AnnualLoading:
    """Find the loading on GDP's common factor that gives a correlation with GDP's trend."""
    value = round(min(correlation.value / share.value, 0.99), 3)
    sd = float(np.hypot(correlation.sd / share.value, correlation.value * share.sd / share.value**2))
    told = f"correlation {correlation.value:g} with GDP's trend over GDP's own {share.value:g} ({correlation.source})"
    return share.model_copy(update={"value": value, "fitted": value, "sd": round(sd, 3), "source": told})


def _record(estimate: Estimate, value: float, sd: float, unit: str, source: str) -> dict[str, Any]:
    """Record a fitted number with its evidence; what there is none of is left out."""
    evidence = {"panel": estimate.panel, "own": estimate.own}
    value = round(value, 3)
    facts = {"value": value, "sd": round(sd, 3), "unit": unit, "basis": "fitted", "fitted": value, "source": source}
    return facts | {name: each for name, each in evidence.items() if each}


def write_calibration(
    calibration: Calibration, path: str | Path, plan: Plan | str | Path, *, force: bool = False
) -> Path:
    """Write a calibration file, whole or not at all.

    Parameters
    ----------
    calibration : Calibration
    path : str or Path
        A new file, or a calibration that is still as it was written.
    plan : Plan, str or Path
        A plan, its folder or its shipped name.
    force : bool
        Whether to replace an existing file even if it has been changed, or is somebody else's.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the calibration is faulty, as code may have changed it; nothing has changed then.
    OutputError
        If a file would be lost or cannot be written; nothing has changed then.
    """
    check_calibration(calibration, take_plan(plan))
    path = check_file(path, force=force)
    text = format_yaml(calibration.model_dump(exclude_unset=True), HEADER)
    return write_file(path, text.encode(), force=force)
