"""Integrals: probabilities of one scenario by independent replicates, from which odds and their errors are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim._typing import Floats

__all__ = ["Integrals", "join"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Integrals:
    """Probabilities by replicate: of a net, or of a calibration.

    Attributes
    ----------
    met : array, shape (reading, target, replicate)
        Each target met in each reading.
    both : array, shape (target, target, replicate)
        Both of two headline targets met, as printed.
    number_met : dict of str to array, shape (number, replicate)
        By group: exactly 0, 1, 2, ... of its targets met, as printed.
    """

    met: Floats
    both: Floats
    number_met: dict[str, Floats]


def join(parts: Sequence[Integrals]) -> Integrals:
    """Set integrals of other replicates of the same scenario side by side, in the order given."""
    return Integrals(
        met=np.concatenate([part.met for part in parts], axis=-1),
        both=np.concatenate([part.both for part in parts], axis=-1),
        number_met={
            group: np.concatenate([part.number_met[group] for part in parts], axis=-1) for group in parts[0].number_met
        },
    )
