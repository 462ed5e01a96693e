"""Deliveries: how much of a promised number is built, added or advanced, quarter by quarter.

What a delivery could bring in the year, over its goal, is its capacity: the exponential of `lead`, of what it shares
with others, of its own error and of the course of its quarters. The goal is reached where capacity passes one; how
surely that happens in an ordinary year is learned from the record of its class, and the lead follows from that chance.
Counted things arrive one by one as a Poisson process; two laboratories and 350,000 jobs go through the same lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim._typing import Bools, Floats, Singles
from sim.model.lookup_table import Lookup
from sim.model.programmes import ShareLaw

if TYPE_CHECKING:
    pass

__all__ = ["DeliveryLaw", "count_due", "find_covariance", "find_spread", "run_course", "run_through", "show_delivered"]


_SURE = 1e-4  # no chance is nearer to none or certainty than this
PILE = 1.05
"""Ratio of delivered to promised up to which reached promises pile up."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DeliveryLaw:
    """The law of the deliveries in arrays; series are the targets of `ids`.

    Arrays of a calibration whose numbers are drawn have one axis more, a calibration a sample.

    Attributes
    ----------
    ids : tuple of str
        Targets.
    chance : array, shape (series,)
        Probability that an ordinary year reaches the goal.
    lead : array, shape (series,)
        Log of what is expected by the year's end over the goal.
    season : array, shape (quarter, series)
        Share of the year's amount expected in each quarter.
    due : array, shape (quarter, series)
        Share that counts as on course by each quarter's end: what the calibration's own shares add up to.
    spread : array, shape (series,)
        Standard deviation of a delivery's own log speed.
    within : array, shape ()
        Share of the variance of that speed which is each quarter's own.
    shared : array, shape (series,)
        How far it follows what moves all deliveries, from 0 to 1.
    macro : array, shape (series,)
        Log speed per standard normal of the macro factor: the common error of growth's trends.
    common, news : array, shape ()
        Log speed per standard normal of what is common to all deliveries, and of a quarter's news of growth.
    arrivals : array, shape (series,)
        Things counted; infinity for what is measured, a list, or so many that `spread` holds their chance.
    pile, tail : array, shape (series,)
        Of reached promises: the share that is passed by at most a twentieth, and the mean excess of the others beyond.
    capped : array of bool, shape (series,)
        Lists, which nobody can exceed.
    is_cap : array of bool, shape (series,)
        Promises not to pass a number. All else here is then about passing it: their chance is that of breaking the
        promise, and of counted things one more must have come.
    required : array, shape (series,)
        Share of the goal that must be delivered: less than one for programmes alone, judged by what is under way,
        more for counted caps.
    excess : array, shape (series,)
        Of a range, the least share of the goal that is above its upper end; infinity for all else.
    projects : array, shape (series,)
        Works of a programme; 0 for all else, infinity where they are not whole.
    share, share_sd : array, shape ()
        Mean and standard deviation of a programme's share under way.
    courses : tuple of str
        Name of each delivery's season: those of one name have the same shares.
    """

    AXES: ClassVar[dict[str, int]] = {
        **dict.fromkeys(("chance", "lead", "spread", "shared", "macro"), 1),
        **dict.fromkeys(("within", "common", "news", "share", "share_sd"), 0),
        "season": 2,
    }
    """Axes of each array that the calibration moves, but for that of samples."""

    ids: tuple[str, ...]
    chance: Floats
    lead: Floats
    season: Floats
    due: Floats
    spread: Floats
    within: Floats
    shared: Floats
    macro: Floats
    common: Floats
    news: Floats
    arrivals: Floats
    pile: Floats
    tail: Floats
    capped: Floats
    is_cap: Bools
    required: Floats
    excess: Floats
    projects: Floats
    share: Floats
    share_sd: Floats
    courses: tuple[str, ...]

    @cached_property
    def programmes(self) -> dict[int, ShareLaw]:
        """The share under way of each programme, by its number: the same in every scenario."""
        rules = {
            int(each): (float(self.required[each]), float(self.projects[each])) for each in self.projects.nonzero()[0]
        }
        return {number: ShareLaw.of(self.share, self.share_sd, *rule) for number, rule in rules.items()}


def count_due(law: DeliveryLaw, quarter: int, number: int) -> float:
    """Count the single things of a delivery that are due by a quarter's end; the last quarter's are all."""
    if quarter == len(law.due) - 1:
        return float(law.arrivals[number])
    return float(np.ceil(law.due[quarter, number] * law.arrivals[number] - 1e-9))


def find_spread(law: DeliveryLaw, quarter: int, number: int) -> Floats:
    """Find the standard deviation of a delivery's own log speed from the year's start to a quarter's end.

    A part is the year's, another each quarter's own: quarters weigh by their share of what is due.
    """
    shares = law.season[: quarter + 1, number]
    year = law.season[:, number]
    weight = (shares**2).sum(axis=0) / np.maximum(shares.sum(axis=0), 1e-12) ** 2 / (year**2).sum(axis=0)
    spread: Floats = law.spread[number] * np.sqrt(1 - law.within + law.within * weight)
    return spread


def find_covariance(law: DeliveryLaw, number: int) -> Floats:
    """Find the covariance of a delivery's own log speeds from the year's start to the ends of two quarters.

    Parameters
    ----------
    law : DeliveryLaw
    number : int
        Of the delivery.

    Returns
    -------
    array, shape (quarter, quarter, sample)
        Its diagonal is the square of `find_spread`.
    """
    shares = law.season[:, number]
    shares = shares if shares.ndim == 2 else shares[:, None]
    sums, squares = np.maximum(shares.cumsum(axis=0), 1e-12), (shares**2).cumsum(axis=0)
    order = np.arange(len(shares))
    both = squares[np.minimum(order[:, None], order)] / (sums[:, None] * sums[None]) / squares[-1]
    covariance: Floats = law.spread[number] ** 2 * (1 - law.within + law.within * both)
    return covariance


def run_course(season: Floats, news: Singles) -> Singles:
    """Amount expected from the year's start to each quarter's end, at a speed of one.

    Parameters
    ----------
    season : array, shape (quarter,) or (quarter, path)
        Share of the year's amount in each quarter.
    news : array, shape (quarter, path)
        Factor of each quarter on the speed, shocks included.

    Returns
    -------
    array, shape (quarter, path)
    """
    shares = season.astype(np.float32)
    course = (shares if shares.ndim == 2 else shares[:, None]) * news
    for quarter in range(1, len(course)):
        course[quarter] += course[quarter - 1]
    return course


def run_through(course: Singles, known: Sequence[tuple[int, Singles]], year: Singles) -> Singles:
    """Run a delivery through what is known of it to what it brings in the year.

    Parameters
    ----------
    course : array, shape (quarter, path)
        Amount expected by each quarter's end, in any unit.
    known : sequence of (int, array), by quarter
        Quarter, and what had been delivered by its end, shape (path,).
    year : array, shape (path,)
        What the year brings, unless more is known to be delivered.

    Returns
    -------
    array, shape (quarter, path)
        Between two known amounts, in proportion to the course.

    Examples
    --------
    >>> course = np.array([[0.25], [0.5], [0.75], [1.0]])
    >>> run_through(course, [(1, np.array([0.4]))], np.array([1.0]))[:, 0].tolist()
    [0.2, 0.4, 0.7, 1.0]
    """
    run = np.empty_like(course)
    before, start, first = np.zeros_like(year), np.zeros_like(year), 0
    last = len(course) - 1
    ends = [*known] if known[-1][0] == last else [*known, (last, np.maximum(year, known[-1][1]))]
    for quarter, amount in ends:
        span = np.maximum(course[quarter] - start, np.finfo(np.float32).tiny)
        run[first : quarter + 1] = before + (amount - before) * (course[first : quarter + 1] - start) / span
        before, start, first = amount, course[quarter], quarter + 1
    return run


def show_delivered(law: DeliveryLaw, number: int, capacity: Singles) -> Singles:
    """Find what a delivery brings in the year over its goal, from its capacity.

    Parameters
    ----------
    law : DeliveryLaw
    number : int
        Of the delivery.
    capacity : array, shape (path,)
        Log of what it could bring over its goal; nothing or more reaches it.

    Returns
    -------
    array, shape (path,)
        Below one where the goal is missed, and then as much as could be brought. Reached goals pile up just above one,
        with a tail beyond; lists stop at one; of a cap, as much as comes. Of a programme, the share of its projects
        that is under way, whole ones.
    """
    from scipy.special import ndtri

    single = np.float32
    spread = np.hypot(law.spread[number], law.shared[number] * law.common)
    total = np.hypot(spread, np.maximum(law.macro[number], 1e-9)).astype(single)
    rank: Singles = (capacity - law.lead[number].astype(single)) / total
    if number in law.programmes:
        return law.programmes[number].show(rank + ndtri(law.chance[number]).astype(single))
    if law.is_cap[number]:
        return np.exp(capacity) * single(law.required[number])
    ratio: Singles = np.exp(np.minimum(capacity, 0))
    if law.capped[number]:
        return ratio
    above = 1 - np.clip(_tabulate_normal().read(-rank) / law.chance[number].astype(single), 0, 1)
    pile = single(law.pile[number])
    beyond = np.clip((above - pile) / max(single(1) - pile, single(1e-6)), 0, single(1 - 1e-6))
    passed = single(1) + single(PILE - 1) * np.minimum(above / max(pile, single(1e-6)), 1)
    passed -= single(law.tail[number]) * np.log1p(-beyond)
    return np.where(capacity >= 0, passed, ratio)


@cache
def _tabulate_normal() -> Lookup:
    """Tabulate the standard normal distribution function."""
    from scipy.special import ndtr

    return Lookup(-7.0, 14 / 4096, ndtr(np.linspace(-7, 7, 4097)).astype(np.float32))
