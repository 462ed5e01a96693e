"""Evidence: how likely published figures were, and how many points or paths still speak once they are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim._typing import Floats
from sim.model.shock_strata import OtherSets

__all__ = ["Evidence", "Story", "add_evidence", "join_evidence"]


Story = tuple[int, ...] | OtherSets | int
"""A set of shocks that happen together, by place, or all sets but some; or a part of a mixture."""


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
    stories : dict of Story to array, shape (replicate,) or (batch,)
        The part of the weight that falls to each set of shocks; of a mixture, to each of its parts, by place.
    names : tuple of str
        The figures, as they are said.
    """

    weight: Floats
    squared: Floats
    n_points: int
    sides: Floats
    stories: dict[Story, Floats]
    names: tuple[str, ...]

    def share_weights(self, count: int) -> list[tuple[float, float]]:
        """Share the weight out among the parts of a mixture of so many: their weights given figures.

        Parameters
        ----------
        count : int

        Returns
        -------
        list of (float, float)
            Of each part its weight and the error of that, by linearizing the ratio.
        """
        each = np.stack([self.stories[place] for place in range(count)])
        total = each.sum(axis=0)
        mean = max(float(total.mean()), 1e-300)
        shares = each.mean(axis=1) / mean
        spread = (
            (each - shares[:, None] * total).std(axis=1, ddof=1) / mean if each.shape[1] > 1 else np.full(count, np.nan)
        )
        return [*zip(shares.tolist(), (spread / np.sqrt(each.shape[1])).tolist(), strict=True)]

    @classmethod
    def flat(cls, n_replicates: int, n_points: int) -> Evidence:
        """Evidence of no figure: every point says as much as any other."""
        ones = np.ones(n_replicates)
        return cls(
            weight=ones,
            squared=ones / n_points,
            n_points=n_points,
            sides=np.empty((0, 3, n_replicates)),
            stories={},
            names=(),
        )

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


def add_evidence(told: Mapping[Story, Evidence], weights: Sequence[Floats | float]) -> Evidence:
    """Add up evidence over stories of which one comes true, by how likely each of them is.

    Parameters
    ----------
    told : mapping of story to Evidence
        One at least.
    weights : sequence of float or array, shape (replicate,) or (1,)
        Of each.

    Returns
    -------
    Evidence
    """
    parts = [*told.values()]
    stories = {story: share * part.weight for (story, part), share in zip(told.items(), weights, strict=True)}
    weight, squared = np.zeros_like(parts[0].weight), np.zeros_like(parts[0].weight)
    sides = np.zeros_like(parts[0].sides)
    for each, share, part in zip(stories.values(), weights, parts, strict=True):
        weight += each
        squared += share**2 * part.squared
        sides += share * part.sides
    return Evidence(
        weight=weight,
        squared=squared,
        n_points=sum(part.n_points for part in parts),
        sides=sides,
        stories=stories,
        names=parts[0].names,
    )


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
