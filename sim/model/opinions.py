"""Opinions of an indicator's centre: the model's normal error of a trend, given what somebody says of it.

An opinion with a mean and a standard deviation is read as a likelihood of the trend: normal times normal is normal, so
that centre and opinion are averaged by their precisions. What moves is the normal part of the law alone. Quarters'
news, whose tails are heavy, is left as it is, and so is what is not known of the calibration. Indicators that share the
common error of trends move with the one that is judged, and so do deliveries and milestones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim._typing import Floats
from sim.model.growth import Law

if TYPE_CHECKING:
    from sim.inputs.scenario.judgements import Centre
    from sim.model.deliveries import DeliveryLaw
    from sim.model.milestones import MilestoneLaw

__all__ = ["Opinion", "find_centre", "measure_opinions", "move_trends", "place_opinions"]

Opinion = tuple[int, float, float]
"""Place of an indicator, the centre that it is said to have, %, and the standard deviation of the opinion."""


def place_opinions(judgements: Sequence[Centre], series: Sequence[str]) -> tuple[Opinion, ...]:
    """Place opinions among a plan's indicators, in their order."""
    return tuple(sorted((series.index(each.series), each.asked, each.sd) for each in judgements))


def find_centre(law: Law, series: int) -> Floats:
    """Find the expected growth of an indicator over the year without shocks.

    Parameters
    ----------
    law : Law
    series : int

    Returns
    -------
    array, shape () or (sample,)
        %.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model(sim.read_plan("qingdao-2024"))
    >>> centre = model.calibration.indicators["gdp"].centre.value
    >>> bool(abs(find_centre(model.law, 0) - centre) < 1e-12)
    True
    """
    carried, total = law.momentum, np.zeros(())
    for quarter in range(len(law.path)):
        carried = np.einsum("ij...,j...->i...", law.persistence, carried)
        total = total + law.shares[quarter, series] * (law.path[quarter, series] + carried[series])
    return np.asarray(total)


def move_trends(
    law: Law, deliveries: DeliveryLaw, milestones: MilestoneLaw, opinions: Sequence[Opinion]
) -> tuple[Law, DeliveryLaw, MilestoneLaw]:
    """Condition the errors of trends on opinions of centres.

    Parameters
    ----------
    law : Law
    deliveries : DeliveryLaw
    milestones : MilestoneLaw
        Of the same calibrations, with or without an axis of samples.
    opinions : sequence of Opinion
        Of different indicators.

    Returns
    -------
    Law, DeliveryLaw, MilestoneLaw
        In the same form: given the common error of trends, the own ones are still independent.
    """
    mean, spread = _find_common(law, opinions)
    path, common, own = law.path.copy(), law.trend_common * spread, law.trend_own.copy()
    shift = law.trend_common * mean
    for series, said, deviation in opinions:
        a, b = law.trend_common[series], law.trend_own[series]
        kept = deviation**2 / (b**2 + deviation**2)
        shift[series] = a * kept * mean + (1 - kept) * (said - find_centre(law, series))
        common[series] = a * kept * spread
        own[series] = b * np.sqrt(kept)
    drawn = mean.ndim > 0
    lead, macro = (_lift(array, 1, drawn) for array in (deliveries.lead, deliveries.macro))
    needed, slip = _lift(milestones.needed, 2, drawn), _lift(milestones.slip, 1, drawn)
    drive = np.sqrt(milestones.macro**2 * spread**2 + milestones.common**2 + milestones.own**2)
    return (
        replace(law, path=path + shift, trend_common=common, trend_own=own),
        replace(deliveries, lead=lead + macro * mean, macro=macro * spread),
        replace(
            milestones,
            needed=(needed - milestones.macro * mean) / drive,
            slip=slip / drive,
            common=milestones.common / drive,
            macro=milestones.macro * spread / drive,
        ),
    )


def _lift(array: Floats, axes: int, drawn: bool) -> Floats:
    """Give an array that all calibrations share the axis of samples, where there is one."""
    return array[..., None] if drawn and array.ndim == axes else array


def _find_common(law: Law, opinions: Sequence[Opinion]) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the common error of trends given opinions, in its own standard deviations."""
    precision, pull = np.ones(()), np.zeros(())
    for series, said, deviation in opinions:
        a, noise = law.trend_common[series], law.trend_own[series] ** 2 + deviation**2
        precision = precision + a**2 / noise
        pull = pull + a * (said - find_centre(law, series)) / noise
    return pull / precision, 1 / np.sqrt(precision)


def measure_opinions(law: Law, opinions: Sequence[Opinion]) -> tuple[float, float]:
    """Measure how far opinions move the law of the trends.

    Parameters
    ----------
    law : Law
        Of one calibration.
    opinions : sequence of Opinion

    Returns
    -------
    divergence : float
        Relative entropy of the moved law to the model's, nats.
    effective : float
        Effective share of years.
    """
    count = len(opinions)
    weights, away, noise = np.zeros((count, count + 1)), np.empty(count), np.empty(count)
    for row, (series, said, deviation) in enumerate(opinions):
        weights[row, 0], weights[row, 1 + row] = law.trend_common[series], law.trend_own[series]
        away[row], noise[row] = said - float(find_centre(law, series)), deviation**2
    moved = np.linalg.inv(np.eye(count + 1) + weights.T @ (weights / noise[:, None]))
    mean = moved @ weights.T @ (away / noise)
    rest = 2 * np.eye(count + 1) - moved
    divergence = (np.trace(moved) + mean @ mean - count - 1 - np.linalg.slogdet(moved)[1]) / 2
    effective = np.sqrt(np.linalg.det(moved @ rest)) * np.exp(-mean @ np.linalg.solve(rest, mean))
    return float(divergence), float(effective)
