"""Where the report says what the tables quote: `python tests/locate_phrases.py report.txt` records it anew.

The report is its authors' and no part of the project: the text of Qingdao's report on its plan for 2024, published by
the city on 6 February 2024. What is kept is where each quote stands (in letters, spaces left out) and a digest of it:
a quote that is changed or invented later is found without the report.
"""

import hashlib
import sys
from pathlib import Path

import pandas as pd

import sim
from sim.inputs.plan.plan import Plan

RECORD = Path(__file__).parent / "inputs" / "report_phrases.csv"
GAP = "……"
"""Stands in a quote where words are left out."""


def squeeze(text: str) -> str:
    """A text without its spaces and line ends."""
    return "".join(text.split())


def digest(phrase: str) -> str:
    return hashlib.sha256(squeeze(phrase).encode()).hexdigest()[:16]


def locate_phrases(plan: Plan, report: str) -> pd.DataFrame:
    """Find every quote, or say which one is not there: figures in section one, targets after it and in their order."""
    text = squeeze(report)
    second = text.index("二、2024年")
    rows = []
    for figure in plan.figures:
        rows.append(("figure", figure.id, text.index(squeeze(figure.phrase), 0, second), digest(figure.phrase)))
    place = second
    for target in plan.targets:
        pieces = squeeze(target.phrase).split(GAP)
        place = text.find(max(pieces, key=len), place)
        assert place >= 0, f"{target.id} is not in the report, or not in this order: {target.phrase}"
        here, sentence = 0, text[text.rfind("。", 0, place) + 1 : text.find("。", place)]
        for piece in pieces:
            here = sentence.find(piece, here)
            assert here >= 0, f"{target.id}: {piece} is not in the sentence {sentence}"
            here += len(piece)
        rows.append(("target", target.id, place, digest(target.phrase)))
    rows.append(("report", "section two", second, digest(text)))
    return pd.DataFrame(rows, columns=["kind", "id", "place", "digest"])


if __name__ == "__main__":
    found = locate_phrases(sim.read_plan("qingdao-2024"), Path(sys.argv[1]).read_text(encoding="utf-8"))
    found.to_csv(RECORD, index=False, lineterminator="\n")
    print(f"{len(found)} quotes recorded in {RECORD}")  # noqa: T201
