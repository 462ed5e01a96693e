"""Deliveries: how fast a promised number is built, added or advanced over the quarters.

In quarter q a delivery advances by `goal (1 + reserve) season[q] speed[q]`. Speed is lognormal with median one (so its
mean is a little larger), moved by the macro factor, by what is common to all deliveries, by the quarter's news and by
shocks. Counted things arrive one by one: the goal is met once the amount has passed the arrival time of the last thing,
a gamma variate, so that two laboratories and 350,000 jobs follow the same law. The equations stand in `docs/model.md`,
section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim._typing import Float, Floats, Singles
from sim.inputs.units import count_singles

if TYPE_CHECKING:
    from sim.inputs.calibration import DeliveryNumbers, Season
    from sim.inputs.plan.targets import Delivery

__all__ = ["DeliveryLaw", "build_delivery_law", "run_course", "wait_for_last"]

MOST_ARRIVALS = 200
"""From this goal on, the chance of single arrivals is part of the spread: their sum is close enough to lognormal."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DeliveryLaw:
    """The law of the deliveries in arrays; series are the targets of `ids`.

    Attributes
    ----------
    ids : tuple of str
        Targets.
    reserve : array, shape (series,)
        Median amount over the goal, minus one.
    season : array, shape (quarter, series)
        Share of the year's amount due in each quarter; sums to one.
    spread : array, shape (series,)
        Standard deviation of a delivery's own log speed.
    shared : array, shape (series,)
        How far it follows the common and the macro factor, from 0 to 1; the quarter's news reaches all alike.
    arrivals : array, shape (series,)
        Single things of the goal; infinity where it is measured, a list, or so large that `spread` holds their chance.
    common, macro, news : float
        Log speed per standard normal of the common factor (all deliveries and milestones), of the macro factor (the
        common error of the trend) and of the quarter's common news (times the root of the heavy-tail scale).
    """

    ids: tuple[str, ...]
    reserve: Floats
    season: Floats
    spread: Floats
    shared: Floats
    arrivals: Floats
    common: float
    macro: float
    news: float


def build_delivery_law(deliveries: tuple[Delivery, ...], numbers: DeliveryNumbers | None) -> DeliveryLaw:
    """Build the law of a plan's deliveries.

    Parameters
    ----------
    deliveries : tuple of Delivery
        Programmes among them: their reserve is the share under way over the share required, minus one.
    numbers : DeliveryNumbers or None
        None only where there are no deliveries.

    Returns
    -------
    DeliveryLaw
        Without series if there are no deliveries.

    See Also
    --------
    sim.model.milestones.build_milestone_law : The law of events with a date.
    """
    if numbers is None or not deliveries:
        empty = np.empty(0)
        arrays = {"reserve": empty, "season": np.empty((1, 0)), "spread": empty, "shared": empty, "arrivals": empty}
        return DeliveryLaw(ids=(), **arrays, common=0.0, macro=0.0, news=0.0)
    under_way = numbers.programme_under_way.value / numbers.programme_required.value
    seasons = [numbers.seasons[target.season] for target in deliveries]
    arrivals = np.array([_count_arrivals(each, season) for each, season in zip(deliveries, seasons, strict=True)])
    folded = np.where(arrivals < MOST_ARRIVALS, np.inf, arrivals)
    return DeliveryLaw(
        ids=tuple(target.id for target in deliveries),
        reserve=np.array(
            [under_way - 1 if each.is_programme else numbers.reserves[each.id].value for each in deliveries]
        ),
        season=np.array([season.shares for season in seasons]).T,  # (quarter, series)
        spread=np.sqrt([season.spread.value**2 for season in seasons] + 1 / folded),
        shared=np.array([season.shared.value for season in seasons]),
        arrivals=np.where(arrivals < MOST_ARRIVALS, arrivals, np.inf),
        common=numbers.speed_common.value,
        macro=numbers.speed_macro.value,
        news=numbers.speed_news.value,
    )


def _count_arrivals(target: Delivery, season: Season) -> float:
    counted = count_singles(target.value, target.unit)
    return counted if season.arrivals == "single" and counted else np.inf


def wait_for_last(things: NDArray[Float], normals: NDArray[Float]) -> NDArray[Float]:
    """Turn normals into the time of the last of n arrivals, as a share of its expected time.

    Parameters
    ----------
    things : array, shape (series, ...)
        Number of arrivals n.
    normals : array, broadcasts against `things`
        Standard normals.

    Returns
    -------
    array
        Gamma variates of shape n and mean one, 1.

    Notes
    -----
    Wilson and Hilferty's cube (1931, PNAS 17, 684). The distribution function is off by less than 0.004 for two
    things and by less than 0.001 for ten.

    Examples
    --------
    >>> wait_for_last(np.array([10.0]), np.array([-1.0, 0.0, 1.0])).round(3).tolist()
    [0.69, 0.967, 1.31]
    """
    root = 1 - 1 / (9 * things) + normals / (3 * np.sqrt(things))
    cube: NDArray[Float] = np.maximum(root, np.float32(1e-3)) ** 3
    return cube


def run_course(season: Floats, news: Singles) -> Singles:
    """Accumulate what is delivered from January to each quarter's end, at a pace of one.

    Parameters
    ----------
    season : array, shape (quarter,)
        Share of the year's amount due in each quarter.
    news : array of float32, shape (quarter, path)
        Factor of each quarter on the speed, shocks included.

    Returns
    -------
    array of float32, shape (quarter, path)
        Share of the goal.

    Examples
    --------
    >>> run_course(np.array([0.25, 0.75]), np.array([[1.0], [0.5]], np.float32)).tolist()
    [[0.25], [0.625]]
    """
    course = season.astype(np.float32)[:, None] * news  # (quarter, path)
    for quarter in range(1, len(course)):
        course[quarter] += course[quarter - 1]
    return course
