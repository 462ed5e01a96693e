"""Amounts: what a delivery must be able to bring for other numbers than its goal to be delivered."""

from __future__ import annotations

import numpy as np

from sim._typing import Floats, Singles
from sim.inputs.plan.targets import Delivery
from sim.model.deliveries import PILE, DeliveryLaw
from sim.model.programmes import rank_share

__all__ = ["cut_off", "find_capacity", "find_ceiling", "find_ratio"]


def cut_off(reached: Singles, above: Singles, due: Floats) -> Singles:
    """Cut what is above the upper end of a range off the odds of its lower one.

    Parameters
    ----------
    reached, above : array, shape (quarter, sample)
        Probabilities.
    due : array, shape (quarter,)
        Where nothing is due, nothing is above.

    Returns
    -------
    array, shape (quarter, sample)
    """
    kept: Singles = np.maximum(reached - np.where(due[:, None] > 0, above, np.float32(0)), np.float32(0))
    return kept


def find_ratio(target: Delivery, number: Floats | float, sign: int) -> Floats:
    """Find the share of its goal from which on a delivery reaches a number, or from which on it is above one.

    Parameters
    ----------
    target : Delivery
    number : array or float
        In its unit.
    sign : int
        1 to reach it, -1 to stay at or below it: of counted things, one more is above.

    Returns
    -------
    array
    """
    return np.asarray(number if sign > 0 else number + target.find_excess(0.0)) / target.value


def find_ceiling(law: DeliveryLaw, number: int) -> Floats | None:
    """Find the capacity from which on a delivery is above the upper end of its range; None where it has none.

    Parameters
    ----------
    law : DeliveryLaw
    number : int
        Of the delivery.

    Returns
    -------
    array, shape () or (sample,), or None
        As `find_capacity` gives it.
    """
    return find_capacity(law, number, law.excess[number]) if np.isfinite(law.excess[number]) else None


def find_capacity(law: DeliveryLaw, number: int, ratio: Floats | float) -> Floats:
    """Find the capacity from which on a delivery brings so much of its goal: `show_delivered` the other way round.

    Parameters
    ----------
    law : DeliveryLaw
    number : int
        Of the delivery.
    ratio : array, shape () or (sample,)
        What must be delivered over the goal; of a programme, the share of its works that must be under way.

    Returns
    -------
    array, shape () or (sample,)
        Log of capacity over the goal; infinite where no capacity brings so much.

    Examples
    --------
    >>> import sim
    >>> law = sim.load_model(sim.read_plan("qingdao-2024")).delivery_law
    >>> bool(find_capacity(law, 0, 1.0) == 0), bool(find_capacity(law, 0, 1.1) > 0)
    (True, True)
    """
    from scipy.special import ndtri

    ratio = np.asarray(ratio, np.float64)
    chance = law.chance[number]
    total = np.sqrt(law.spread[number] ** 2 + (law.shared[number] * law.common) ** 2 + law.macro[number] ** 2)
    if law.projects[number]:
        rule = float(law.required[number]), float(law.projects[number])
        rank = rank_share(law.share, law.share_sd, *rule, np.clip(ratio, 0, 1))
        needed = law.lead[number] + total * (rank - ndtri(chance))
        return np.where(ratio > 1, np.inf, np.where(ratio <= 0, -np.inf, needed))
    with np.errstate(divide="ignore"):
        missed = np.log(np.maximum(ratio, 0))
    if law.is_cap[number]:
        broken: Floats = missed - np.log(float(law.required[number]))
        return broken
    if law.capped[number]:
        return np.where(ratio > 1, np.inf, missed)
    pile, tail = float(law.pile[number]), max(float(law.tail[number]), 1e-9)
    beyond = 1 - np.exp(-np.maximum(ratio - PILE, 0) / tail)
    above = pile * np.clip((ratio - 1) / (PILE - 1), 0, 1) + (1 - pile) * beyond
    with np.errstate(divide="ignore"):
        passed = np.maximum(law.lead[number] - total * ndtri(chance * (1 - above)), 0)
    return np.where(ratio > 1, passed, missed)
