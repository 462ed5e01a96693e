"""What charts of a series read: its quantiles in a result, and the history of an indicator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.attainment import Attainment
from sim.plan import Indicator, Outcome, Plan

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["find_indicator", "list_history", "pick_quantiles"]


def find_indicator(plan: Plan, name: str) -> Indicator:
    """The indicator of that id.

    Raises
    ------
    ValueError
        If the plan has none.
    """
    if name not in [each.id for each in plan.indicators]:
        raise ValueError(f"no indicator {name!r}; the plan has {', '.join(each.id for each in plan.indicators)}")
    return plan.find_indicator(name)


def list_history(plan: Plan, name: str) -> list[Outcome]:
    """The place's own years of an indicator before the target year."""
    places = {plan.place_en, plan.place_zh, plan.name}
    return [row for row in plan.history if row.indicator == name and row.region in places and row.year < plan.year]


def pick_quantiles(attainment: Attainment, series: str, unit: str, periods: Sequence[str]) -> pd.DataFrame:
    """Quantiles of a series in a unit, a row a period.

    Raises
    ------
    ValueError
        If the result holds none of them: in one line, what to run.
    """
    frame = attainment.quantiles
    rows = frame[(frame["series"] == series) & (frame["unit"] == unit)].set_index("period")
    if any(period not in rows.index for period in periods):
        scenario = attainment.scenario.name
        raise ValueError(
            f"the result of scenario {scenario!r} holds no quantiles of {series}; run it again with paths: "
            f"sim.run(model, [scenario], n_paths=200_000), or `sim run {scenario} --paths 200000`"
        )
    return rows.loc[list(periods)]
