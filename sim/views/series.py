"""Series: quantiles and odds in a result, the history of an indicator, and round steps."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from sim._typing import Floats
from sim.inputs.history import Outcome
from sim.inputs.identity import rename_indicator
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.tables import Indicator
from sim.results.attainment import QUANTILE_LEVELS, Attainment

__all__ = ["choose_step", "find_indicator", "list_history", "list_printed", "pick_quantiles"]


def find_indicator(plan: Plan, name: str) -> Indicator:
    """Find the indicator of an id.

    Parameters
    ----------
    plan : Plan
    name : str

    Returns
    -------
    Indicator

    Raises
    ------
    ValueError
        If the plan has none.
    """
    if name not in [each.id for each in plan.indicators]:
        raise ValueError(f"no indicator {name!r}; the plan has {', '.join(each.id for each in plan.indicators)}")
    return plan.find_indicator(name)


def list_history(plan: Plan, name: str) -> list[Outcome]:
    """List the place's own years of an indicator before the target year, in their order.

    Parameters
    ----------
    plan : Plan
    name : str
        Id of the indicator.

    Returns
    -------
    list of Outcome
    """
    places, known = {plan.place_en, plan.place_zh, plan.name}, rename_indicator(name)
    rows = [row for row in plan.history if row.indicator == known and row.region in places and row.year < plan.year]
    return sorted(rows, key=lambda row: row.year)


def choose_step(width: float, most: int) -> float:
    """Choose the smallest round step that cuts a width into at most so many.

    Parameters
    ----------
    width : float
    most : int

    Returns
    -------
    float

    Examples
    --------
    >>> choose_step(1.1, 6), choose_step(30, 6)
    (0.2, 5.0)
    """
    rough = max(width, 1e-6) / most
    power = 10.0 ** floor(log10(rough))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= rough)


def pick_quantiles(attainment: Attainment, series: str, unit: str, periods: Sequence[str]) -> Floats:
    """Pick the quantiles of a series out of a result.

    Parameters
    ----------
    attainment : Attainment
    series : str
        Id of an indicator or a delivery.
    unit : str
    periods : sequence of str

    Returns
    -------
    array, shape (period, level)
        In the unit; levels as in `QUANTILE_LEVELS`.

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
    levels = [f"q{round(100 * level):02d}" for level in QUANTILE_LEVELS]
    return rows.loc[list(periods), levels].to_numpy(dtype=float)


def list_printed(attainment: Attainment) -> dict[str, float]:
    """List the probability of each target as printed, by its id.

    Parameters
    ----------
    attainment : Attainment

    Returns
    -------
    dict of str to float
    """
    frame = attainment.odds[attainment.odds["reading"] == READINGS[0]]
    return dict(zip(frame["target"], map(float, frame["probability"]), strict=True))
