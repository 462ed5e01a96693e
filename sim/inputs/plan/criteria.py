"""Criteria: how targets are judged, as tables write it, and which go with which kind."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationInfo

from sim.inputs.files.validation import refuse

__all__ = ["CRITERIA", "Criterion", "Kind", "check_criterion"]

Kind = Literal["growth", "level", "count", "multiple", "programme", "milestone", "composite", "qualitative"]


Criterion = Literal[
    "at_least",
    "at_most",
    "about",
    "between",
    "in_step",
    "meet_or_exceed",
    "multiple_of",
    "under_way",
    "complete",
    "all_of",
    "none",
]


CRITERIA: dict[str, tuple[str, ...]] = {
    "growth": ("at_least", "at_most", "about", "between", "meet_or_exceed", "in_step"),
    "level": ("at_least", "at_most", "about", "between", "meet_or_exceed"),
    "count": ("at_least", "at_most", "about", "between", "meet_or_exceed"),
    "multiple": ("multiple_of",),
    "programme": ("under_way",),
    "milestone": ("complete",),
    "composite": ("all_of",),
    "qualitative": ("none",),
}
"""Criteria by kind of target. A bare number (`meet_or_exceed`) is met by reaching it, and so is what a delivery is
about: its odds have no reading within a tolerance."""


_WHY_NOT = {
    "multiple": "a multiple is reached or passed; of a bound write kind level, with the number that it comes to",
    "programme": "a programme is a number of works, enough of them under way; of works that are done write kind count",
    "milestone": "works are done by their quarter or not; of a number of them write kind count",
    "composite": "it has no number of its own; write the criterion into the rows of its members",
    "qualitative": "without a number nothing says when it is met; with one it is growth, a level or a count",
}
"""Why kinds without a number to bound have no other criterion, and what to write."""


def check_criterion(criterion: str, info: ValidationInfo) -> str:
    """Refuse a criterion that does not go with the kind of its target."""
    kind = info.data.get("kind")  # not there if it is faulty itself
    if kind is not None and criterion not in CRITERIA[kind]:
        why = f"; {_WHY_NOT[kind]}" if kind in _WHY_NOT and criterion in CRITERIA["growth"] else ""
        raise refuse(f"criterion '{criterion}' does not go with {kind}", f"allowed: {', '.join(CRITERIA[kind])}{why}")
    return criterion
