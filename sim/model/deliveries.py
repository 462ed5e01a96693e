"""Deliveries: how fast a promised number is built, added or advanced over the quarters.

A delivery runs towards its goal with the expected amount `goal (1 + reserve) season[q] speed[q]` in quarter q.
Speed is lognormal, moved by the macro factor, by what is common to all deliveries, by the quarter's news and by
shocks. Counted things arrive one by one: the goal is met when the expected amount has passed the arrival time of
the goal's last one, a gamma variate; so two laboratories and 350,000 jobs go through the same lines. A milestone is
met at its planned quarter unless a delay, with a long tail, carries it on.
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
"""From so many things on, the chance of single arrivals is added to the spread: their sum is near enough lognormal."""


@dataclass(frozen=True)
class DeliveryLaw:
    """The law of the deliveries in arrays; series are the targets of `ids`.

    Attributes
    ----------
    ids : tuple of str
        Targets.
    reserve : array, shape (series,)
        Expected amount over the goal, minus one.
    season : array, shape (quarter, series)
        Share of the year's amount expected in each quarter.
    spread : array, shape (series,)
        Standard deviation of a delivery's own log speed.
    shared : array, shape (series,)
        How far it follows what moves all deliveries, from 0 to 1.
    arrivals : array, shape (series,)
        Things counted; infinity for what is measured, a list, or so many that `spread` holds their chance.
    common, macro, news : float
        Log speed per standard normal: of what is common to all, of the macro factor, of the quarter's news.
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
    """The law of a plan's deliveries."""
    if numbers is None or not deliveries:
        empty = np.empty(0)
        return DeliveryLaw((), empty, np.empty((1, 0)), empty, empty, empty, 0.0, 0.0, 0.0)
    under_way = numbers.programme_under_way.value / numbers.programme_required.value
    seasons = [numbers.seasons[target.season] for target in deliveries]
    arrivals = np.array([_count_arrivals(each, season) for each, season in zip(deliveries, seasons, strict=True)])
    folded = np.where(arrivals < MOST_ARRIVALS, np.inf, arrivals)
    return DeliveryLaw(
        ids=tuple(target.id for target in deliveries),
        reserve=np.array(
            [under_way - 1 if each.kind == "programme" else numbers.reserves[each.id].value for each in deliveries]
        ),
        season=np.array([season.shares for season in seasons]).T,
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
    """Time of the last of n arrivals over n: a gamma variate by Wilson and Hilferty's cube (1931, PNAS 17, 684).

    Its distribution function is off by less than 0.004 for two things and by less than 0.001 for ten.
    """
    root = 1 - 1 / (9 * things) + normals / (3 * np.sqrt(things))
    cube: NDArray[Float] = np.maximum(root, np.float32(1e-3)) ** 3
    return cube


def run_course(season: Floats, news: Singles) -> Singles:
    """Amount expected from the year's start to each quarter's end, at a pace of one.

    Parameters
    ----------
    season : array, shape (quarter,)
        Share of the year's amount in each quarter.
    news : array, shape (quarter, path)
        Factor of each quarter on the speed, shocks included.

    Returns
    -------
    array, shape (quarter, path)
    """
    course = season.astype(np.float32)[:, None] * news
    for quarter in range(1, len(course)):
        course[quarter] += course[quarter - 1]
    return course
