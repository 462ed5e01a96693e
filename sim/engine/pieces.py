"""Pieces of work that a run is cut into: replicates and calibrations, by the points and targets of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.engine.nets import REPLICATES

__all__ = ["RANGE_POINTS", "Advance", "count_steps", "cut_calibrations", "cut_replicates"]

_PIECE_POINTS, _PIECE_TARGETS = 8192, 128  # of a piece of work: fewer points for each so many targets


RANGE_POINTS = 32
"""Points of each calibration of which ranges are made: all have the same ones, and the mean's error is taken off."""


Advance = Callable[[int, int], None]


def count_steps(advance: Advance | None, total: int) -> Callable[[], None]:
    """Give what is called after each piece of work, and tells how many of all are done."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if advance is not None:
            advance(done, total)

    return step


def cut_replicates(count: int, targets: int = 0) -> Iterator[range]:
    """Cut the replicates of a net into pieces of work, by the points of each replicate and the plan's targets."""
    size = max(1, min(_count_piece_points(targets) // count, REPLICATES))
    for first in range(0, REPLICATES, size):
        yield range(first, min(first + size, REPLICATES))


def cut_calibrations(count: int, targets: int = 0) -> Iterator[range]:
    """Cut the calibrations of a range into pieces of work, by the plan's targets."""
    size = max(1, _count_piece_points(targets) // RANGE_POINTS)
    for first in range(0, count, size):
        yield range(first, min(first + size, count))


def _count_piece_points(targets: int) -> int:
    """Count the points of a piece of work, whose memory grows with the targets."""
    return _PIECE_POINTS // max(targets // _PIECE_TARGETS, 1)
