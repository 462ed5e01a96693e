"""Kinds of indicators: what is assumed of one of which nobody has said anything, by what it measures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from sim._typing import Floats
from sim.inputs.history import History
from sim.inputs.identity import rename_indicator
from sim.inputs.indicator_numbers import QuarterlyNumbers
from sim.inputs.numbers import AnnualCentre, AnnualLoading, AnnualSpread, Loading, Number, Persistence, Positive
from sim.inputs.plan.past import find_region
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.tables import Indicator

__all__ = ["MEASURES", "assume_numbers", "measure_news"]

MEASURES: Mapping[str, str] = {
    "gdp": "real",
    "budget_revenue": "nominal",
    "industrial_value_added": "real",
    "fixed_asset_investment": "nominal",
    "retail_sales": "nominal",
    "income_per_capita": "nominal",
}
"""How the places of which this package has learned measure the indicators that it knows."""


_NEWS = {"real": 1.2, "nominal": 1.6}
"""Standard deviation of a quarter's news of growth, percentage points: half of what GDP and retail sales differ by."""


_LEAST_MOVE = {"rate": 0.05, "price": 0.5}
"""By how much a rate, or the rise of a price, moves from year to year at least, percentage points."""


_WEIGHT = 4
"""Years of an own record that would count as much as the assumption."""


Kind = TypeVar("Kind", bound=Number)


_OWN_NEWS = 0.6
"""A quarter's news of a rate or a price, as a share of the year's move."""


def assume_numbers(plan: Plan, indicator: Indicator, history: History) -> QuarterlyNumbers:
    """Assume the numbers of an indicator by its kind: growth real or nominal, the rise of a price, or a rate.

    Parameters
    ----------
    plan : Plan
    indicator : Indicator
    history : History
        Of the plan.

    Returns
    -------
    QuarterlyNumbers
        Growth has its year fitted. A rate, or the rise of a price, is expected to be last year's; how far it moves is
        an assumption in its own size, and the place's own changes from year to year.

    Examples
    --------
    >>> import sim
    >>> from sim.inputs.plan.past import recall_history
    >>> plan = sim.read_plan("china-2024")
    >>> rate = plan.find_indicator("unemployment")
    >>> numbers = assume_numbers(plan, rate, recall_history(plan))
    >>> numbers.centre.value, round(numbers.trend_sd.value, 2), round(numbers.innovation_sd.value, 2)
    (5.2, 0.32, 0.24)
    """
    kind = indicator.measure
    if kind in _NEWS:
        return QuarterlyNumbers(
            year_common=_assume(Loading, 0.5, 0.3, "share", "half in common with GDP"),
            innovation_sd=_assume(Positive, _NEWS[kind], 0.6 * _NEWS[kind], "pp", f"of any {kind} growth"),
            innovation_common=_assume(Loading, 0.4, 0.3, "share", "weakly in common with GDP"),
            persistence=_assume(Persistence, 0.5, 0.2, "share", "half of a quarter's news is left a quarter later"),
        )
    moves = _list_moves(plan, indicator, history)
    size = max(_assume_move(kind, abs(indicator.baseline)), _LEAST_MOVE[kind])
    spread = float(np.sqrt((_WEIGHT * size**2 + np.sum(moves**2)) / (_WEIGHT + len(moves))))
    news = measure_news(plan, indicator.id, _OWN_NEWS * spread, 0.7)
    own = f", and {len(moves)} of its own moves" if len(moves) else ""
    told = f"a {kind} of {indicator.baseline:g} moves by {size:.2g} a year{own}: {spread:.2g}"
    return QuarterlyNumbers(
        centre=_assume(AnnualCentre, indicator.baseline, round(0.3 * spread, 3), "pp", f"as in {plan.year - 1}"),
        trend_sd=_assume(
            AnnualSpread, round(float(np.sqrt(spread**2 - news**2)), 3), round(0.4 * spread, 3), "pp", told
        ),
        trend_common=_assume(AnnualLoading, 0.0, 0.3, "share", "nothing in common with GDP"),
        year_common=_assume(Loading, 0.0, 0.3, "share", "nothing in common with GDP"),
        innovation_sd=_assume(Positive, round(_OWN_NEWS * spread, 3), round(0.3 * spread, 3), "pp", told),
        innovation_common=_assume(Loading, 0.0, 0.3, "share", "nothing in common with GDP"),
        persistence=_assume(Persistence, 0.7, 0.2, "share", "it stays for some quarters"),
    )


def _assume_move(kind: str, figure: float) -> float:
    """Assume by how much a figure moves from year to year: the rise of a price by three tenths of itself.

    A rate moves as a share does, by 1.5 points times sqrt(p (1 - p)): one of 3.5 % by 0.3, of 50 % and more by 0.75.
    """
    if kind == "price":
        return 0.3 * figure
    share = min(figure / 100, 0.5)
    return 1.5 * float(np.sqrt(share * (1 - share)))


def measure_news(plan: Plan, name: str, innovation: float, persistence: float) -> float:
    """Measure the standard deviation of the year that an indicator's own quarterly news gives it.

    Parameters
    ----------
    plan : Plan
    name : str
        Of the indicator.
    innovation : float
        Standard deviation of a quarter's news, percentage points.
    persistence : float

    Returns
    -------
    float
        Percentage points.

    Examples
    --------
    >>> import sim
    >>> round(measure_news(sim.read_plan("china-2024"), "unemployment", 1.8, 0.5), 2)
    1.41
    """
    shares = np.array([quarter.share for quarter in plan.quarters[name]])
    later = [float(shares[q:] @ persistence ** np.arange(len(shares) - q)) for q in range(len(shares))]
    return innovation * float(np.linalg.norm(later))


def _list_moves(plan: Plan, indicator: Indicator, history: History) -> Floats:
    """List the changes of a place's own figure from each year to the next."""
    own = (history.region == find_region(plan)) & (history.indicator == rename_indicator(indicator.id))
    known = {
        int(year): float(value)
        for year, value in zip(history.year[own], history.outcome[own], strict=True)
        if year < plan.year and np.isfinite(value)
    }
    return np.array([value - known[year - 1] for year, value in known.items() if year - 1 in known])


def _assume(kind: type[Kind], value: float, sd: float, unit: str, why: str) -> Kind:
    facts = {"value": value, "sd": sd, "unit": unit, "basis": "assumed", "source": f"assumption by kind: {why}"}
    return kind.model_validate(facts)
