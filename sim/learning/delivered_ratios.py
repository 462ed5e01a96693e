"""By how much a promised number is exceeded once it is reached: a pile just above the promise, and a right tail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim._typing import Floats
from sim.inputs.records import Records
from sim.learning.class_rates import LIKENESS

__all__ = ["PILE_ENDS", "RatioLaw", "fit_ratios"]

PILE_ENDS = 1.05
"""Delivered over promised up to which a number counts as just reached."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RatioLaw:
    """Delivered over promised, given that the promise is reached.

    Attributes
    ----------
    pile : float
        Share between 1 and 1.05, spread evenly.
    pile_sd : float
        Standard deviation of what is not known about it.
    tail : float
        Mean log of the ratio over 1.05, beyond it: a Pareto tail with the exponent 1 / tail (Hill 1975).
    tail_sd : float
    n : int
        Numbers of the class that were reached.
    """

    pile: float
    pile_sd: float
    tail: float
    tail_sd: float
    n: int

    def cdf(self, ratio: ArrayLike) -> Floats:
        """Find the chance that the ratio is at most so much.

        Parameters
        ----------
        ratio : array_like, any shape

        Returns
        -------
        array, the same shape

        Examples
        --------
        >>> law = RatioLaw(pile=0.3, pile_sd=0.0, tail=0.25, tail_sd=0.0, n=0)
        >>> law.cdf([1.0, 1.05]).round(3).tolist()
        [0.0, 0.3]
        """
        at = np.asarray(ratio, dtype=np.float64)
        near = self.pile * np.clip((at - 1) / (PILE_ENDS - 1), 0, 1)
        far = 1 - (np.maximum(at, PILE_ENDS) / PILE_ENDS) ** (-1 / self.tail)
        return np.asarray(near + (1 - self.pile) * far, dtype=np.float64)

    def ppf(self, level: ArrayLike) -> Floats:
        """Find the ratio below which the share `level` of the law lies.

        Parameters
        ----------
        level : array_like, any shape
            From 0 to 1.

        Returns
        -------
        array, the same shape
            Delivered over promised.

        Examples
        --------
        >>> law = RatioLaw(pile=0.3, pile_sd=0.0, tail=0.25, tail_sd=0.0, n=0)
        >>> law.cdf(law.ppf([0.1, 0.9])).round(6).tolist()
        [0.1, 0.9]
        """
        at = np.asarray(level, dtype=np.float64)
        near = 1 + (PILE_ENDS - 1) * at / self.pile
        left = np.minimum((1 - at) / (1 - self.pile), 1.0)
        return np.where(at <= self.pile, near, PILE_ENDS * left**-self.tail)


def fit_ratios(records: Records, class_id: str | None = None, likeness: float = LIKENESS.value) -> RatioLaw:
    """Fit the law of delivered over promised to the numbers that were reached.

    Parameters
    ----------
    records : Records
    class_id : str, optional
        Pooled with all other classes, which count for `likeness` records; None means all together.
    likeness : float

    Returns
    -------
    RatioLaw

    Notes
    -----
    Conjugate: a beta law of the share in the pile, a gamma law of the exponent of the tail. Figures within the year
    are left out, as they have still to grow.

    Raises
    ------
    ValueError
        If no number was reached.
    """
    reached = (records.state == "final") & (records.ratio >= 1)
    mine = reached if class_id is None else reached & (records.class_id == class_id)
    every, own = records.ratio[reached], records.ratio[mine]
    if not (every > PILE_ENDS).any():
        raise ValueError("no record of a number delivered beyond its promise")
    share, excess = float((every <= PILE_ENDS).mean()), float(np.log(every[every > PILE_ENDS] / PILE_ENDS).mean())
    before = 0.0 if class_id is None else likeness
    weight, beyond = before + len(own), before * (1 - share) + float((own > PILE_ENDS).sum())
    pile = (before * share + float((own <= PILE_ENDS).sum())) / weight
    tail = (before * (1 - share) * excess + float(np.log(own[own > PILE_ENDS] / PILE_ENDS).sum())) / beyond
    return RatioLaw(
        pile=pile,
        pile_sd=float(np.sqrt(pile * (1 - pile) / (weight + 1))),
        tail=tail,
        tail_sd=tail / float(np.sqrt(beyond)),
        n=len(own),
    )
