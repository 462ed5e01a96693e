"""Direction: whether more or less of an indicator is better, and so on which side of a target it is met."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COMPARATORS", "HIGHER_IS_BETTER", "LOWER_IS_BETTER", "direct", "may_be_lower"]

LOWER_IS_BETTER = frozenset({"unemployment", "consumer_prices"})
"""Indicators of which less is better where neither a plan nor a table says so."""


HIGHER_IS_BETTER = frozenset(
    {
        *("gdp", "budget_revenue", "industrial_value_added", "fixed_asset_investment"),
        *("retail_sales", "income_per_capita"),
    }
)
"""Indicators of which more is better wherever we know of."""


_LOWER_WORDS = (
    *("unemploy", "jobless", "deficit", "debt", "inflation", "emission", "intensity", "pollut", "pm2", "mortality"),
    *("deaths", "fatalit", "injur", "casualt"),
    *("accident", "poverty", "crime", "失业", "赤字", "债务", "物价", "排放", "能耗", "污染", "死亡", "事故", "贫困"),
)


def may_be_lower(name: str) -> bool:
    """Tell whether less of an indicator may well be better, going by its name: then its table has to say so.

    Parameters
    ----------
    name : str

    Returns
    -------
    bool

    Examples
    --------
    >>> may_be_lower("fiscal_deficit"), may_be_lower("单位GDP能耗"), may_be_lower("exports")
    (True, True, False)
    """
    return any(word in name.casefold() for word in _LOWER_WORDS)


COMPARATORS: Mapping[str, str] = {
    ">=": "at_least",
    ">": "at_least",
    "<=": "at_most",
    "<": "at_most",
    "~": "about",
    "=": "meet_or_exceed",
    "range": "range",
    "": "meet_or_exceed",
}
"""Signs of a history table, and the criteria that they stand for."""


def direct(criterion: str, *, lower: bool) -> int:
    """Tell which direction meets a target.

    Parameters
    ----------
    criterion : str
        Of a target. One that names a bound fixes the side; every other goes by the indicator.
    lower : bool
        Whether less of the indicator is better.

    Returns
    -------
    int
        +1 where more is better, -1 where less is.

    Examples
    --------
    >>> direct("about", lower=True), direct("at_least", lower=True)
    (-1, 1)
    """
    bounds = {"at_least": 1, "at_most": -1}
    return bounds.get(criterion, -1 if lower else 1)
