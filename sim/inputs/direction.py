"""Direction: whether more or less of an indicator is better, and so on which side of a target it is met."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COMPARATORS", "LOWER_IS_BETTER", "direct"]

LOWER_IS_BETTER = frozenset({"unemployment", "consumer_prices"})
"""Indicators of which less is better where neither a plan nor a table says so."""


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
