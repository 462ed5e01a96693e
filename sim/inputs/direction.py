"""Direction: whether more or less of an indicator is better, and so on which side of a target it is met."""

from __future__ import annotations

import re
from collections.abc import Mapping
from unicodedata import normalize

__all__ = [
    "COMPARATORS",
    "HIGHER_IS_BETTER",
    "LOWER_IS_BETTER",
    "direct",
    "may_be_lower",
    "read_criterion",
    "read_sign",
]

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


_SAID = {
    **dict.fromkeys(("左右", "约", "上下", "~", "≈", "around", "approximately", "approx", "circa"), "about"),
    **dict.fromkeys(("以上", "不低于", "不少于", "不小于", "超过", "突破", ">=", ">", "≥", "≧"), "at_least"),
    **dict.fromkeys(("at least", "no less than", "not less than", "minimum", "min", "more than", "floor"), "at_least"),
    **dict.fromkeys(("以内", "之内", "以下", "不超过", "不高于", "不多于", "控制在", "<=", "<", "≤", "≦"), "at_most"),
    **dict.fromkeys(("at most", "no more than", "not more than", "maximum", "max", "below", "under", "cap"), "at_most"),
    **dict.fromkeys(("range", "区间", "之间", "from to"), "between"),
    **dict.fromkeys(("同步", "与经济增长同步", "与gdp同步", "in step", "in step with gdp"), "in_step"),
    **dict.fromkeys(("=", "达到", "完成", "reach", "meet"), "meet_or_exceed"),
}
"""How people write criteria, in the report's words or in the signs of a history table."""


_CRITERIA = frozenset({*_SAID.values(), "multiple_of", "under_way", "complete", "all_of", "none"})


def read_criterion(given: object) -> object:
    """Read a criterion as people write it; what is none of that stays as it is.

    Examples
    --------
    >>> read_criterion("不超过"), read_criterion("≥"), read_criterion("At Most"), read_criterion("soon")
    ('at_most', 'at_least', 'at_most', 'soon')
    """
    if not isinstance(given, str):
        return given
    plain = normalize("NFKC", given).strip().casefold()
    name = re.sub(r"[\s_-]+", "_", plain)
    return name if name in _CRITERIA else _SAID.get(plain.replace("_", " "), given)


_SIGNS = {"about": "~", "at_least": ">=", "at_most": "<=", "meet_or_exceed": "=", "between": "range"}


def read_sign(given: object) -> object:
    """Read the sign of a history table, which may say it in the words of a criterion.

    Examples
    --------
    >>> read_sign("左右"), read_sign("≥"), read_sign(">"), read_sign("about"), read_sign("soon")
    ('~', '>=', '>', '~', 'soon')
    """
    if given is None or given in COMPARATORS:
        return given
    return _SIGNS.get(str(read_criterion(given)), given)


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
