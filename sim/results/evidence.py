"""Evidence: how likely published figures were, and how many points or paths still speak once they are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim._typing import Floats

__all__ = ["Evidence", "join_evidence"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Evidence:
    """How likely published figures were, by replicate.

    Attributes
    ----------
    weight, squared : array, shape (replicate,)
        Mean of the points' weights, and sum of the squares of what each adds to it.
    n_points : int
        Of a replicate, over all sets of shocks.
    sides : array, shape (figure, 3, replicate)
        Means of `sim.engine.exact.updating.Updated.sides`.
    stories : dict of tuple of int to array, shape (replicate,)
        The part of the weight that falls to each set of shocks.
    names : tuple of str
        The figures, as they are said.
    """

    weight: Floats
    squared: Floats
    n_points: int
    sides: Floats
    stories: dict[tuple[int, ...], Floats]
    names: tuple[str, ...]

    @property
    def effective(self) -> float:
        """Effective number of points, at most all: as many of equal weight would say as much."""
        found = float(self.weight.sum() ** 2 / np.maximum(self.squared.sum(), 1e-300))
        return min(found, float(self.n_points * len(self.weight)))

    @property
    def share(self) -> float:
        """Effective points by all points."""
        return self.effective / (self.n_points * len(self.weight))

    @property
    def tails(self) -> Floats:
        """Probability of figures as far out as each one is or farther, given the earlier ones, shape (figure,).

        Twice that of the nearer side.
        """
        before, below, above = np.moveaxis(self.sides.mean(axis=-1), 1, 0)
        tails: Floats = np.clip(2 * np.minimum(below, above) / np.maximum(before, 1e-300), 0, 1)
        return tails

    @property
    def most_surprising(self) -> str:
        """The figure farthest out, as it is said."""
        return self.names[int(self.tails.argmin())]

    @property
    def surprise(self) -> float:
        """Probability of a figure as far out as the most surprising one or farther, among as many."""
        return float(min(1.0, len(self.sides) * self.tails.min(initial=1.0)))


def join_evidence(parts: Sequence[Evidence]) -> Evidence | None:
    """Set the evidence of other replicates side by side, in the order given; None where there is none."""
    if not parts:
        return None
    return Evidence(
        weight=np.concatenate([part.weight for part in parts]),
        squared=np.concatenate([part.squared for part in parts]),
        n_points=parts[0].n_points,
        names=parts[0].names,
        sides=np.concatenate([part.sides for part in parts], axis=-1),
        stories={subset: np.concatenate([part.stories[subset] for part in parts]) for subset in parts[0].stories},
    )
