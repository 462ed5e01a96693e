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
from sim.inputs.units import count_singles
from sim.model.arrivals import MOST_ARRIVALS, find_lead
from sim.model.lookup_table import Lookup
from sim.model.programmes import ShareLaw, find_enough
from sim.model.values import Values

if TYPE_CHECKING:
    from sim.inputs.calibration import Calibration
    from sim.inputs.plan.targets import Delivery

__all__ = [
    "DeliveryLaw",
    "build_delivery_law",
    "count_due",
    "find_covariance",
    "find_spread",
    "run_course",
    "run_through",
    "show_delivered",
]


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


def build_delivery_law(targets: tuple[Delivery, ...], calibration: Calibration, values: Values) -> DeliveryLaw:
    """Build the law of a plan's deliveries.

    Parameters
    ----------
    targets : tuple of Delivery
    calibration : Calibration
    values : mapping of str to array
        Of the calibration's numbers, without axes or of shape (sample,).

    Notes
    -----
    The chance in the record is one over ordinary years: the lead is set so that it comes out when what is shared with
    other deliveries and the macro factor is averaged over.
    """
    numbers = calibration.deliveries
    if numbers is None or not targets:
        none, zero = np.empty(0), np.zeros(())
        return DeliveryLaw(
            **dict.fromkeys(("chance", "lead", "spread", "shared", "macro", "arrivals", "pile", "tail"), none),
            **dict.fromkeys(("within", "common", "news", "share", "share_sd"), zero),
            **dict.fromkeys(("season", "due"), np.empty((1, 0))),
            ids=(),
            capped=np.empty(0, bool),
            is_cap=np.empty(0, bool),
            required=none,
            excess=none,
            projects=none,
            courses=(),
        )
    classes = [numbers.find_class(each) for each in targets]
    places = [f"deliveries/classes/{name}" for name in classes]
    shares = np.array([numbers.courses[each.season].shares for each in targets]).T
    arrivals = np.array(
        [_count_arrivals(each, numbers.classes[name].arrivals) for each, name in zip(targets, classes, strict=True)]
    )
    folded = np.where(arrivals < MOST_ARRIVALS, 0.0, 1 / arrivals)
    counted = np.where(arrivals < MOST_ARRIVALS, arrivals, np.inf)
    enough = _find_enough(targets, values)
    rows = [
        _compute_row(
            target,
            place,
            (float(folded[number]), float(counted[number])),
            shares[:, number],
            enough.get(target.id),
            values,
        )
        for number, (target, place) in enumerate(zip(targets, places, strict=True))
    ]
    chance, lead, spread, shared, macro = (np.stack(np.broadcast_arrays(*column)) for column in zip(*rows, strict=True))
    return DeliveryLaw(
        ids=tuple(target.id for target in targets),
        chance=chance,
        lead=lead,
        season=_move_season(targets, shares, values),
        due=shares.cumsum(axis=0),
        spread=spread,
        within=values["deliveries/within"],
        shared=shared,
        macro=macro,
        common=values["deliveries/common"],
        news=values["deliveries/news"],
        arrivals=counted,
        pile=np.array([numbers.classes[name].pile for name in classes]),
        tail=np.array([numbers.classes[name].tail for name in classes]),
        capped=np.array([numbers.classes[name].arrivals == "list" for name in classes]),
        is_cap=np.array([each.is_cap for each in targets]),
        required=np.array([_find_required(each, things) for each, things in zip(targets, counted, strict=True)]),
        excess=np.array([_find_excess(each) for each in targets]),
        projects=np.array([(each.projects or np.inf) if each.is_programme else 0.0 for each in targets]),
        share=values["deliveries/programmes/share"],
        share_sd=values["deliveries/programmes/share_sd"],
        courses=tuple(each.season for each in targets),
    )


def _find_enough(targets: tuple[Delivery, ...], values: Values) -> dict[str, Floats]:
    """Probability that enough of each programme is under way."""
    rules = {each.id: (each.enough / each.value, each.projects or np.inf) for each in targets if each.is_programme}
    if not rules:
        return {}
    mean, sd = (values[f"deliveries/programmes/{name}"] for name in ("share", "share_sd"))
    return dict(zip(rules, find_enough(mean, sd, list(rules.values())), strict=True))


def _compute_row(
    target: Delivery, place: str, things: tuple[float, float], shares: Floats, enough: Floats | None, values: Values
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Chance, lead, spread, shared and macro of one delivery; of its things, what is folded and what arrives singly."""
    folded, counted = things
    shared = values[f"{place}/shared"]
    macro = shared * values.get(f"{place}/macro", values["deliveries/macro"])
    own = values.get(f"deliveries/levels/{target.id}/spread", values[f"{place}/spread"])
    spread = np.sqrt(own**2 + folded)
    total = np.maximum(np.sqrt(spread**2 + (shared * values["deliveries/common"]) ** 2 + macro**2), 1e-9)
    if f"deliveries/levels/{target.id}/base" in values:
        jolted = np.sqrt(total**2 + values["deliveries/news"] ** 2 * (shares**2).sum())
        chance, lead = _carry_level(target, total, jolted, values)
    else:
        chance = _find_chance(target, enough, place, values)
        lead = find_lead(chance, counted, total)
    return chance, lead, spread, shared, macro


def _find_chance(target: Delivery, enough: Floats | None, place: str, values: Values) -> Floats:
    """Probability that an ordinary year passes the goal: of a programme by its law, else by the record."""
    reached = values.get(f"deliveries/targets/{target.id}/reach", values[f"{place}/reach"])
    kept = reached if enough is None else enough
    chance: Floats = np.clip(kept * (1 - values["deliveries/doubt"]), _SURE, 1 - _SURE)
    return 1 - chance if target.is_cap else chance


def _carry_level(target: Delivery, total: Floats, jolted: Floats, values: Values) -> tuple[Floats, Floats]:
    """Chance and lead of a level that grows from a known base, less the doubt about what its author reports.

    Notes
    -----
    A level may be so steady that a quarter's news tells as much as the year: doubt is taken off the chance with news in
    it, of which the spread is `jolted`, so that it takes no more than it says.
    """
    from scipy.special import ndtr, ndtri

    base, growth = (values[f"deliveries/levels/{target.id}/{name}"] for name in ("base", "growth"))
    passed = ndtr(np.log(np.maximum(base * (1 + growth / 100), 1e-9) / target.value) / jolted)
    kept = (1 - passed if target.is_cap else passed) * (1 - values["deliveries/doubt"])
    told = np.clip(kept, _SURE, 1 - _SURE)
    lead = jolted * ndtri(1 - told if target.is_cap else told)
    return np.clip(ndtr(lead / total), _SURE, 1 - _SURE), lead


def _find_required(target: Delivery, things: float) -> float:
    """Share of the goal that must be delivered; of a counted cap, so much that one thing more has come."""
    if target.is_cap:
        return things / (things - 1) if np.isfinite(things) else 1.0
    return target.enough / target.value


def _find_excess(target: Delivery) -> float:
    """Least share of the goal that is above the upper end of a range."""
    return np.inf if target.upper is None else target.find_excess(target.upper) / target.value


def _count_arrivals(target: Delivery, arrivals: str) -> float:
    single = arrivals == "single" and not target.is_programme
    counted = count_singles(target.value, target.counted) if single else None
    return float(counted + target.is_cap) if counted else np.inf


def _move_season(targets: tuple[Delivery, ...], shares: Floats, values: Values) -> Floats:
    """Shares of the quarters as far as they are not known: each season's logs are moved, and they sum to one again."""
    moved = []
    for number, target in enumerate(targets):
        place = f"deliveries/courses/{target.season}/timing"
        logs = [values.get(f"{place}/{quarter}", np.zeros(())) for quarter in range(len(shares))]
        weights = np.stack(np.broadcast_arrays(*(s * np.exp(e) for s, e in zip(shares[:, number], logs, strict=True))))
        moved.append(weights / weights.sum(axis=0))
    drawn = max(each.ndim for each in moved)
    season: Floats = np.stack(np.broadcast_arrays(*(each[:, None] if each.ndim < drawn else each for each in moved)), 1)
    return season


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
