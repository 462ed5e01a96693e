"""How likely published figures are at each point or on each path, taken in one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim._typing import Floats, Ints

__all__ = ["Likelihood"]


class Likelihood:
    """How likely figures are at each point or on each path.

    Attributes
    ----------
    weight : array, shape (sample,)
        How likely all figures taken in so far are.
    """

    def __init__(self, samples: int) -> None:
        self.weight: Floats = np.ones(samples)
        self._sides: list[Floats] = []

    def take(self, chance: Floats, below: Floats, above: Floats) -> None:
        """Take in figures one after the other.

        Parameters
        ----------
        chance, below, above : array, shape (figure, sample)
            Probabilities of each figure's cell and of either side, given the earlier ones.
        """
        for inside, less, more in zip(chance, below, above, strict=True):
            self._sides.append(np.stack([self.weight, self.weight * (inside + less), self.weight * (inside + more)]))
            self.weight = self.weight * inside

    @classmethod
    def pick(cls, parts: Sequence[Likelihood], chosen: Ints) -> Likelihood:
        """Take each sample from one of several, all of the same figures."""
        picked = cls(len(chosen))
        samples = np.arange(len(chosen))
        picked.weight = np.stack([part.weight for part in parts])[chosen, samples]
        picked._sides = [
            np.stack(rows)[chosen, :, samples].T for rows in zip(*(part._sides for part in parts), strict=True)
        ]
        return picked

    def correct(self, correction: Floats) -> None:
        """Weight samples by the ratio of the prior to what their coordinates were drawn from."""
        self.weight = self.weight * correction

    def stack(self) -> Floats:
        """Stack what stands on either side of all figures.

        Returns
        -------
        array, shape (figure, 3, sample)
            In the order in which they were taken in: how likely all earlier figures were; the same times the
            probability of no more than the figure's cell, and of no less, given them.
        """
        return np.stack(self._sides)
