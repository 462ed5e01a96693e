"""Directions: which way of an indicator is better is one fact, and all tables of a plan say it alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sim.errors import Fault
from sim.inputs.direction import HIGHER_IS_BETTER, LOWER_IS_BETTER, may_be_lower
from sim.inputs.files.documents import Record
from sim.inputs.history import Outcome
from sim.inputs.identity import rename_indicator
from sim.inputs.plan.tables import Indicator
from sim.inputs.plan.targets import Delivery, Growth, Target

__all__ = ["find_contradictions", "question_directions"]

_BOUNDS = {"at_least": "higher", "at_most": "lower"}


def find_contradictions(
    indicators: Sequence[tuple[Indicator, Record]],
    targets: Sequence[tuple[Target, Record]],
    history: Sequence[tuple[Outcome, Record]],
) -> Iterator[Fault]:
    """Find rows that call another direction of an indicator better than `indicators.csv` does.

    Parameters
    ----------
    indicators, targets, history : sequence of (row, Record)
        Sound rows, and where they stand.

    Yields
    ------
    Fault
        A bound on the side that is not promised, unless another target bounds the other side too: a band has both.
    """
    for indicator, record in indicators:
        bounds = [
            (_BOUNDS[row.criterion], at)
            for row, at in targets
            if isinstance(row, Growth) and row.indicator == indicator.id and row.criterion in _BOUNDS
        ]
        at = record.values_at["better"]
        if bounds and all(side != indicator.better for side, _ in bounds):
            line = f"line {at.line} of {at.file}" if at.line else at.file
            for side, where in bounds:
                criterion = where["criterion"]
                problem = f"'{criterion}' on {indicator.id}, of which {indicator.better} is better ({line})"
                mend = f"both cannot be meant: write better {side} there, or another criterion here"
                yield where.values_at["criterion"].fault(problem, mend)
        for past, where in history:
            if past.indicator == rename_indicator(indicator.id) and past.better not in (None, indicator.better):
                problem = f"'{past.better}' is better of {past.indicator} here, {indicator.better} in indicators.csv"
                yield where.values_at["better"].fault(problem, "one fact for all tables of a plan")


_CUT = re.compile(r"以上|不少于|不低于|下降|降低|减少|化解|at least|cut|reduc|relie|prevent|trained", re.IGNORECASE)
"""Words by which a number is one of what is done about a bad thing, or of which more is promised in so many words."""


def question_directions(
    indicators: Sequence[tuple[Indicator, Record]], targets: Sequence[tuple[Target, Record]] = ()
) -> Iterator[Fault]:
    """Question a direction that is not the usual one of an indicator or of what a target is called; it is kept.

    Parameters
    ----------
    indicators : sequence of (Indicator, Record)
    targets : sequence of (Target, Record), optional

    Yields
    ------
    Fault
    """
    for row, record in indicators:
        name = rename_indicator(row.id)
        usual = "lower" if name in LOWER_IS_BETTER else "higher" if name in HIGHER_IS_BETTER else row.better
        if row.better != usual:
            problem = f"{row.better} is better of {row.id} here; of {name} {usual} usually is"
            yield record.values_at["better"].fault(problem, "kept as it is: is it meant?")
    for target, record in targets:
        named = f"{target.id} {target.name_en} {target.name_zh}"
        if not isinstance(target, Delivery) or target.criterion in ("at_most", "between") or not may_be_lower(named):
            continue
        if not _CUT.search(f"{named} {target.phrase}"):
            problem = f"'{target.criterion}' on {target.id}, of which less may be better"
            yield record.values_at["criterion"].fault(problem, "write at_most if less is promised", code="range")
