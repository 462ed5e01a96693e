"""Tilting: the smallest change of probabilities under which judged events are as likely as somebody says.

Of all laws Q that meet the judgements, the one nearest to the model's P in relative entropy weighs each year by
exp(lambda . h), where h says which events came true (Csiszar 1975, Annals of Probability 3, 146; Robertson, Tallman and
Whiteman 2005, J. Money, Credit and Banking 37, 383). Lambda minimizes the convex dual log E exp(lambda . (h - asked)),
here by Newton's method with damping. Years with the same events are one branch, so that nothing but the probability of
each branch is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sim._typing import Bools, Floats

__all__ = ["Tilt", "find_clash", "solve_tilt"]

_STEPS = 200
_CLOSE = 1e-13  # of the probabilities asked for
_FARTHEST = 60.0  # of lambda: odds changed by more than e^60 are asked of what cannot happen


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Tilt:
    """What judgements make of the branches of a scenario.

    Attributes
    ----------
    events : array of bool, shape (branch, judgement)
        Whether each event came true in each branch.
    mass : array, shape (branch,)
        Probability of each branch before; they sum to one.
    factor : array, shape (branch,)
        By which each branch is weighed: the judged probability over that before.
    asked : array, shape (judgement,)
    is_met : bool
        Whether all judgements are met; False where they cannot be.
    """

    events: Bools
    mass: Floats
    factor: Floats
    asked: Floats
    is_met: bool

    @property
    def before(self) -> Floats:
        """Probability of each event before, shape (judgement,)."""
        before: Floats = self.mass @ self.events
        return before

    @property
    def after(self) -> Floats:
        """Probability of each event as judged, shape (judgement,)."""
        after: Floats = (self.mass * self.factor) @ self.events
        return after

    @property
    def divergence(self) -> float:
        """Relative entropy of the judged law to the model's, nats."""
        judged = self.mass * self.factor
        return max(float(judged @ np.log(np.maximum(self.factor, 1e-300))), 0.0)

    @property
    def effective(self) -> float:
        """Effective share of years: as many of equal weight would say as much, of all."""
        return float(1 / (self.mass @ self.factor**2))

    def weigh(self, events: Bools) -> Floats:
        """Weigh years by their events.

        Parameters
        ----------
        events : array of bool, shape (judgement, year)

        Returns
        -------
        array, shape (year,)
            The factor of each year's branch; zero in a branch that was not known.
        """
        powers = 1 << np.arange(len(events))
        table = np.zeros(1 << len(events))
        table[self.events @ powers] = self.factor
        weights: Floats = table[powers @ events.astype(np.int64)]
        return weights


def solve_tilt(events: Bools, mass: Floats, asked: Floats) -> Tilt:
    """Find the least change of the branches' probabilities under which each event is as likely as asked.

    Parameters
    ----------
    events : array of bool, shape (branch, judgement)
        Each branch once.
    mass : array, shape (branch,)
        Probabilities, or anything in proportion to them.
    asked : array, shape (judgement,)
        Between 0 and 1.

    Returns
    -------
    Tilt

    Examples
    --------
    One event is a matter of two weights, of which one doubles here:

    >>> solve_tilt(np.array([[False], [True]]), np.array([0.8, 0.2]), np.array([0.4])).factor.round(6).tolist()
    [0.75, 2.0]
    """
    mass = mass / mass.sum()
    away = events - asked
    rates = np.zeros(len(asked))
    value, judged = _weigh(rates, away, mass)
    is_met = False
    for _ in range(_STEPS):
        slope = judged @ away
        is_met = bool(np.abs(slope).max(initial=0) < _CLOSE)
        if is_met or np.abs(rates).max(initial=0) > _FARTHEST:
            break
        curvature = (away - slope).T @ ((away - slope) * judged[:, None])
        step = np.linalg.lstsq(curvature, -slope, rcond=1e-14)[0]
        step *= min(1.0, 4.0 / max(float(np.abs(step).max()), 1e-300))
        share = 1.0
        while True:
            tried = _weigh(rates + share * step, away, mass)
            if tried[0] <= value + 1e-4 * share * float(slope @ step) + 1e-15 or share < 1e-9:
                break
            share /= 2
        rates = rates + share * step
        value, judged = tried
    factor = np.divide(judged, mass, out=np.zeros_like(mass), where=mass > 0)
    return Tilt(events=events, mass=mass, factor=factor, asked=asked, is_met=is_met)


def _weigh(rates: Floats, away: Floats, mass: Floats) -> tuple[float, Floats]:
    """Value of the dual, and the probabilities of the branches that it tilts to."""
    with np.errstate(divide="ignore"):
        logs = away @ rates + np.log(mass)
    top = float(logs.max())
    weights = np.exp(logs - top)
    total = float(weights.sum())
    return top + float(np.log(total)), weights / total


def find_clash(tilt: Tilt) -> tuple[int, ...]:
    """Find the judgements that cannot be met together.

    Parameters
    ----------
    tilt : Tilt
        Not met.

    Returns
    -------
    tuple of int
        One that cannot be met by itself, else the first pair that cannot, else all.
    """
    count = len(tilt.asked)
    smaller: Sequence[tuple[int, ...]] = [*combinations(range(count), 1), *combinations(range(count), 2)]
    for chosen in smaller:
        kept, where = np.unique(tilt.events[:, chosen], axis=0, return_inverse=True)
        mass = np.bincount(where.reshape(-1), weights=tilt.mass, minlength=len(kept)).astype(np.float64)
        if not solve_tilt(kept, mass, tilt.asked[list(chosen)]).is_met:
            return chosen
    return tuple(range(count))
