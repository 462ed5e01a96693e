"""Names of what a plan holds, and of its year's periods, as people write them."""

from __future__ import annotations

from collections.abc import Iterable

from sim.inputs.identity import fold, rename_indicator
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import list_groups
from sim.inputs.quarters import read_period

__all__ = ["recognize", "recognize_all", "recognize_period"]


def recognize(plan: Plan, written: str) -> str:
    """Give the id of the target, indicator or group that somebody means.

    Case, width, spaces and hyphens do not matter, and either language's name and known synonyms will do. A name that
    several targets share means none of them.

    Parameters
    ----------
    plan : Plan
    written : str

    Returns
    -------
    str
        What was written, where the plan has nothing of that name.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> recognize(plan, "ＧＤＰ"), recognize(plan, "Retail-Sales"), recognize(plan, "固投"), recognize(plan, "Weather")
    ('gdp', 'retail_sales', 'fixed_asset_investment', 'Weather')
    """
    items = [*plan.indicators, *plan.targets]
    ids = [*(each.id for each in items), *list_groups(plan)]
    if written in ids:
        return written
    sought, synonym = fold(written), rename_indicator(written)
    meant = {name for name in ids if fold(name) == sought}
    meant = meant or {each.id for each in items if sought in (fold(each.name_en), fold(each.name_zh))}
    meant = meant or {each.id for each in plan.indicators if rename_indicator(each.id) == synonym}
    return meant.pop() if len(meant) == 1 else written


def recognize_all(plan: Plan, written: Iterable[str]) -> tuple[str, ...]:
    """Give the ids that several names mean, as `recognize` does.

    Examples
    --------
    >>> import sim
    >>> recognize_all(sim.read_plan("qingdao-2024"), ["GDP", "macro"])
    ('gdp', 'macro')
    """
    return tuple(recognize(plan, each) for each in written)


def recognize_period(plan: Plan, written: str) -> str:
    """Give the period of the plan's year that somebody means, such as `H1`.

    Returns
    -------
    str
        What was written, where the year has no such period.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> recognize_period(plan, "上半年"), recognize_period(plan, "2024q1"), recognize_period(plan, "May")
    ('H1', 'Q1', 'May')
    """
    return str(read_period(written, plan.year, plan.first_month)) if len(plan.quarter_names) == 4 else written
