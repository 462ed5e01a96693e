"""What published figures say of a model's year: cells of growth figures, counts so far, milestones reached or not."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import InputError, blame
from sim.inputs.quarters import name_cumulative, name_quarter

if TYPE_CHECKING:
    from sim.inputs.published.figures import Figure, Published
    from sim.model.model import Model

__all__ = ["Known", "KnownDelivery", "KnownGrowth", "KnownMilestone", "compile_published", "scale_amount"]

_EDGE = 1e-9  # by which rounding in the last bit may move an end of a cell


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownGrowth:
    """A growth figure known to its cell.

    Attributes
    ----------
    name : str
        Series and period, which name its random stream.
    kind : int
        0 of the quarter alone, 1 from the year's start.
    quarter, series : int
    low, high : float
        low <= exact < high, %.
    """

    name: str
    kind: int
    quarter: int
    series: int
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDelivery:
    """What has been delivered by a quarter's end, known to its cell.

    Attributes
    ----------
    name : str
        Series and period, which name its random stream.
    quarter : int
    low, high : float
        low <= exact < high: of single things their number, else a share of what must be delivered.
    kept : bool
        Whether what is delivered stays so, as all but levels do.
    """

    name: str
    quarter: int
    low: float
    high: float
    kept: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownMilestone:
    """Whether a milestone was reached by a quarter's end."""

    name: str
    quarter: int
    reached: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What published figures say, in an order that does not depend on the order of their rows; false if nothing.

    Attributes
    ----------
    growth : tuple of KnownGrowth
        By quarter, then series.
    deliveries : dict of int to tuple of KnownDelivery
        By the delivery's place in its law; by quarter.
    milestones : dict of int to tuple of KnownMilestone
        Likewise.
    words : dict of str to str
        How each figure is said, by its name.
    """

    growth: tuple[KnownGrowth, ...] = ()
    deliveries: dict[int, tuple[KnownDelivery, ...]]
    milestones: dict[int, tuple[KnownMilestone, ...]]
    words: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.growth or self.deliveries or self.milestones)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the figures in the order in which they are taken in: growth, deliveries, milestones."""
        delivered = [each.name for row in self.deliveries.values() for each in row]
        reached = [each.name for row in self.milestones.values() for each in row]
        return (*(each.name for each in self.growth), *delivered, *reached)

    @property
    def said(self) -> tuple[str, ...]:
        """The figures as they are said, in the order of `names`."""
        return tuple(self.words.get(name, name) for name in self.names)


def compile_published(model: Model, published: Published | None) -> Known | None:
    """Compile published figures for a model: names become places, amounts shares of what is promised.

    Parameters
    ----------
    model : Model
    published : Published or None

    Returns
    -------
    Known or None
        None where nothing is known.

    Raises
    ------
    InputError
        If growth figures contradict one another, with the figure that the others imply; if works that were done are
        not; or if there are growth figures and the calibration has spillovers.
    """
    if not published:
        return None
    ids = [indicator.id for indicator in model.plan.indicators]
    growth: list[KnownGrowth] = []
    deliveries: defaultdict[int, list[KnownDelivery]] = defaultdict(list)
    milestones: defaultdict[int, list[KnownMilestone]] = defaultdict(list)
    words = {}
    for figure in sorted(published.effective(), key=lambda each: (each.quarter, each.single, each.series)):
        name = f"{figure.series}/{figure.period}"
        words[name] = figure.words
        if figure.kind == "growth":
            kind, series = int(not figure.single), ids.index(figure.series)
            growth.append(
                KnownGrowth(
                    name=name, kind=kind, quarter=figure.quarter, series=series, low=figure.low, high=figure.high
                )
            )
        elif figure.kind == "delivery" and figure.series in model.delivery_law.ids:
            number = model.delivery_law.ids.index(figure.series)
            low, high = _scale_cell(model, figure, number)
            kept = next(each.is_kept for each in model.plan.deliveries if each.id == figure.series)
            deliveries[number].append(KnownDelivery(name=name, quarter=figure.quarter, low=low, high=high, kept=kept))
        elif figure.kind == "milestone" and figure.series in model.milestone_law.ids:
            number = model.milestone_law.ids.index(figure.series)
            reached = bool(figure.value)
            milestones[number].append(KnownMilestone(name=name, quarter=figure.quarter, reached=reached))
    known = Known(
        growth=tuple(sorted(growth, key=lambda each: (each.quarter, each.series, -each.kind))),
        deliveries={number: tuple(deliveries[number]) for number in sorted(deliveries)},
        milestones={number: tuple(milestones[number]) for number in sorted(milestones)},
        words=words,
    )
    if known.growth and model.law.has_spillovers:
        mend = "leave the spillovers out of the calibration, or the figures"
        raise InputError([blame("published", "growth figures are not taken where news spills over", mend)])
    faults = [fault for place in range(len(ids)) for fault in _find_contradictions(model, known, place)]
    for number, rows in known.milestones.items():
        for earlier, later in pairwise(rows):
            if earlier.reached and not later.reached:
                said = f"{words[earlier.name]}, but {words[later.name]}"
                faults.append(f"{model.milestone_law.ids[number]}: {said}: what is done stays done")
    if faults:
        raise InputError([blame("published", said, "correct one of the figures") for said in faults])
    return known or None


def _scale_cell(model: Model, figure: Figure, number: int) -> tuple[float, float]:
    """Cell of an amount: of single things their number, else the share of what must be delivered."""
    law = model.delivery_law
    target = next(each for each in model.plan.deliveries if each.id == figure.series)
    low, high = figure.low, figure.high
    if not np.isfinite(law.arrivals[number]):
        if math.isclose(figure.value, target.value):  # as printed it is what was promised
            low, high = (low, min(high, target.value)) if target.is_cap else (target.value, high)
        if target.upper is not None and math.isclose(figure.value, target.upper):
            high = min(high, target.find_excess(target.upper))
    low, high = (scale_amount(model, number, end) for end in (low, high))
    full = not np.isfinite(law.arrivals[number]) and law.capped[number] and figure.high >= target.value
    return low, float("inf") if full else high


def scale_amount(model: Model, number: int, amount: float) -> float:
    """Scale an amount of a delivery: of single things to their number, else to the share of what must be delivered.

    Parameters
    ----------
    model : Model
    number : int
        Of the delivery.
    amount : float
        In the unit of its target.

    Returns
    -------
    float
    """
    law = model.delivery_law
    target = next(each for each in model.plan.deliveries if each.id == law.ids[number])
    if np.isfinite(law.arrivals[number]):
        return amount * target.counted.singles
    return amount / (target.value * float(law.required[number]))


def _find_contradictions(model: Model, known: Known, series: int) -> list[str]:
    """Say which figure of a series the others rule out.

    Growth to date in shares of the year's level is a chain: its links are single quarters, its ends the cumulative
    figures. Bounds are carried along it both ways, as exact as any linear programme.
    """
    shares = model.law.shares[:, series]
    figures = [each for each in known.growth if each.series == series]
    found: list[str] = []
    for number, figure in enumerate(figures):
        low, high = _imply(shares, figures[:number], figure)
        if figure.low > high - _EDGE or figure.high < low + _EDGE:
            period = name_cumulative(figure.quarter, len(shares)) if figure.kind else name_quarter(figure.quarter)
            implied = f"{(low + high) / 2:.2f} ± {(high - low) / 2:.2f} %"
            others = ", ".join(known.words[each.name] for each in figures[:number])
            found.append(f"{known.words[figure.name]} contradicts {others}: they imply {implied} of {period}")
            break
    return found


def _imply(shares: np.ndarray, figures: Sequence[KnownGrowth], asked: KnownGrowth) -> tuple[float, float]:
    """Bounds that some figures of a series set to another one, %."""
    quarters, totals = len(shares), shares.cumsum()
    low, high = np.full(quarters + 1, -np.inf), np.full(quarters + 1, np.inf)
    low[0] = high[0] = 0
    least, most = np.full(quarters, -np.inf), np.full(quarters, np.inf)
    for figure in figures:
        at, weight = figure.quarter, (totals if figure.kind else shares)[figure.quarter]
        bounds = weight * figure.low, weight * figure.high
        if figure.kind:
            low[at + 1], high[at + 1] = max(low[at + 1], bounds[0]), min(high[at + 1], bounds[1])
        else:
            least[at], most[at] = bounds
    for at in range(quarters):
        low[at + 1], high[at + 1] = max(low[at + 1], low[at] + least[at]), min(high[at + 1], high[at] + most[at])
    for at in reversed(range(quarters)):
        low[at], high[at] = max(low[at], low[at + 1] - most[at]), min(high[at], high[at + 1] - least[at])
    at = asked.quarter
    if asked.kind:
        return float(low[at + 1] / totals[at]), float(high[at + 1] / totals[at])
    ends = max(least[at], low[at + 1] - high[at]), min(most[at], high[at + 1] - low[at])
    return float(ends[0] / shares[at]), float(ends[1] / shares[at])
