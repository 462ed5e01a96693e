"""Records of classes of promises, as every view tells them: how often kept, how likely, how such forecasts did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sim.inputs.records import read_classes
from sim.learning.record_backtest import read_record_scores
from sim.views.phrases import pair
from sim.views.words import NOTHING, Phrase, say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ClassRecord", "list_class_records", "write_class_table"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassRecord:
    """The record of one class, in words and figures as printed.

    Attributes
    ----------
    name : str
        As in a plan's column `reference_class`.
    title : Phrase
    kept : Phrase
        Promises kept, of so many.
    chance : str
        Learned from them, %, with a central 80 % range of what is not known.
    scored : Phrase
        Promises forecast from earlier years and scored.
    brier : str
        Their Brier score; empty without any.
    """

    name: str
    title: Phrase
    kept: Phrase
    chance: str
    scored: Phrase
    brier: str


def list_class_records(scores: pd.DataFrame | None = None) -> list[ClassRecord]:
    """List the records of all classes of promises.

    Parameters
    ----------
    scores : DataFrame, optional
        As `sim.learning.record_backtest.tabulate_records` gives them; None means the shipped ones.

    Returns
    -------
    list of ClassRecord

    Examples
    --------
    >>> jobs = list_class_records()[0]
    >>> jobs.title.en, jobs.kept.en, jobs.chance
    ('Jobs', '54 of 54', '99.6 (99–100)')
    """
    classes = read_classes()
    found = []
    for row in (read_record_scores() if scores is None else scores).to_dict("records"):
        name, n, unknown = str(row["class"]), int(row["n"]), pd.isna(row["reached"])
        kept = (
            say("record.figures", n=n) if unknown else say("record.kept", n=n, reached=int(row["reached"]) if n else 0)
        )
        span = "" if pd.isna(row["q10"]) else f" ({100 * row['q10']:.0f}–{100 * row['q90']:.0f})"
        scored = Phrase(*[str(row["scored"])] * 2) if row["scored"] else say("record.never_scored")
        found.append(
            ClassRecord(
                name=name,
                title=pair(classes[name]) if name in classes else Phrase(name, name),
                kept=kept if n else say("record.none"),
                chance=f"{100 * row['mean']:.1f}{span}",
                scored=scored,
                brier=f"{row['brier']:.3f}" if row["scored"] else NOTHING.en,
            )
        )
    return found


def write_class_table(records: Sequence[ClassRecord] | None = None) -> str:
    """Write the records of classes as a Markdown table: that of README and docs/trust.md.

    Parameters
    ----------
    records : sequence of ClassRecord, optional
        None means the shipped ones.

    Returns
    -------
    str
        Ends with a line break.
    """
    lines = ["| class | kept | learned chance, % (80 % range) | scored | Brier |", "|---|---|---|---|---|"]
    for each in list_class_records() if records is None else records:
        lines.append(f"| `{each.name}` | {each.kept.en} | {each.chance} | {each.scored.en} | {each.brier} |")
    return "\n".join(lines) + "\n"
