"""Wording: whether the number and the criterion of a target are those of its own sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from sim.errors import Fault
from sim.inputs.files.documents import Record
from sim.inputs.plan.targets import Growth, Numbered, Target

__all__ = ["question_wording"]

_SCALES = {
    **{"lakh crore": 1e12, "万亿": 1e12, "亿": 1e8, "万": 1e4, "萬": 1e4, "億": 1e8},
    **{"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "mn": 1e6, "bn": 1e9},
    **{"crore": 1e7, "lakh": 1e5},
}
"""How many a word behind a number stands for, the longer word first."""

_NUMBER = re.compile(rf"(\d[\d,]*(?:\.\d+)?)\s*({'|'.join(_SCALES)})?")

_SPELT = re.compile("[两兩三四五六七八九十百千半倍番]|half|doubl|tripl|dozen")
"""Numbers in words, which are not compared."""

_BOUNDS = {
    "about": (r"约|大约|about|around|approximately", r"左右|上下"),
    "at_least": (r"不低于|不少于|不小于|超过|突破|at least|more than|no less than|over", r"以上|or more|及以上"),
    "at_most": (r"不超过|不高于|不多于|控制在|at most|no more than|below|within|under", r"以内|以下|之内|or less"),
}
"""Words that say how a number is meant: right before it, and right behind it and its unit."""

_NOT = re.compile(r"不(?=超过|突破)")

_FALL = re.compile(r"下降|降低|减少|减|压减|回落|fall|cut|reduc|lower|declin|decreas", re.IGNORECASE)

_ALIKE = 1e-6


@dataclass(frozen=True, slots=True)
class _Said:
    """A number of a sentence, and the words right before and behind it."""

    value: float
    text: str
    before: str
    behind: str


def question_wording(targets: Sequence[tuple[Target, Record]]) -> Iterator[Fault]:
    """Question targets whose number, direction or criterion is not that of the sentence beside it.

    Parameters
    ----------
    targets : sequence of (Target, Record)
        Sound rows, and where they stand; those without a number in figures in their sentence are left alone.

    Yields
    ------
    Fault
    """
    for target, record in targets:
        if not isinstance(target, Numbered) or (isinstance(target, Growth) and target.level):
            continue
        said = _list_said(target)
        if not said:
            continue
        meant = [each for each in said if _is_same(each, target)]
        if not meant:
            told = " and ".join(dict.fromkeys(each.text for each in said[:3]))
            what = f"{target.id}: {target.value:g} {target.unit}, and its sentence says {told}"
            yield record.values_at["value"].fault(what, "correct one of them: value, unit or phrase")
            continue
        yield from _question_fall(target, meant, record)
        yield from _question_bound(target, meant, record)


def _list_said(target: Numbered) -> list[_Said]:
    """List the numbers of a target's sentence: of growth those in per cent alone; none where some are in words."""
    phrase = normalize("NFKC", target.phrase)
    if not isinstance(target, Growth) and _SPELT.search(phrase):
        return []
    said = []
    for found in _NUMBER.finditer(phrase):
        before, behind = phrase[max(0, found.start() - 12) : found.start()], phrase[found.end() : found.end() + 12]
        per_cent = re.match(r"\s*(%|per ?cent|pct|个?百分点|percentage points?|(-|~|—|至|to)\s*\d)", behind)
        if isinstance(target, Growth) and not per_cent:
            continue
        number, scale = found[1].rstrip(","), _SCALES.get(found[2] or "", 1.0)
        commas = (
            {number.replace(",", ""), number.replace(",", ".", 1)}
            if number.count(",") == 1
            else {number.replace(",", "")}
        )
        text = f"{found[0].strip()} %" if isinstance(target, Growth) else found[0].strip()
        said += [_Said(float(each) * scale, text, before, behind) for each in sorted(commas)]
    return said


def _is_same(said: _Said, target: Numbered) -> bool:
    """Tell whether a number of the sentence is the target's, in its unit; a multiple may be said as what is added."""
    unit = normalize("NFKC", target.unit).casefold()
    scale = next((scale for word, scale in _SCALES.items() if word in unit), 1.0)
    goals = [abs(target.value) * scale, *([target.upper * scale] if target.upper is not None else [])]
    return any(abs(said.value - goal) <= _ALIKE * max(1.0, abs(goal)) for goal in goals)


def _question_fall(target: Numbered, meant: Sequence[_Said], record: Record) -> Iterator[Fault]:
    """Question growth that is a fall in the sentence, and a fall that is growth there."""
    if not isinstance(target, Growth) or _FALL.search(f"{target.name_en} {target.name_zh}"):
        return
    fall = all(_FALL.search(each.before[-6:]) for each in meant)
    if fall and target.value > 0:
        mend = f"write {-target.value:g}, with better lower in indicators.csv; or name the fall as the indicator"
        yield record.values_at["value"].fault(
            f"{target.id}: growth of {target.value:g} %, and its sentence says a fall", mend, code="range"
        )


def _question_bound(target: Numbered, meant: Sequence[_Said], record: Record) -> Iterator[Fault]:
    """Question a criterion that is not the one in the sentence."""
    if isinstance(target, Growth) and target.upper is None and any(_is_end(each) for each in meant):
        what = f"{target.id}: {target.value:g} % alone, and its sentence says a range"
        yield record.values_at["value"].fault(what, "write criterion between, from value to upper")
        return
    told = {kind for each in meant for kind in _find_bounds(each)}
    if len(told) != 1 or target.criterion not in (*_BOUNDS, "meet_or_exceed"):
        return
    said = next(iter(told))
    if said != target.criterion and (said, target.criterion) not in (
        ("at_least", "meet_or_exceed"),
        ("about", "meet_or_exceed"),
    ):
        what = f"{target.id}: criterion '{target.criterion}', and its sentence says '{said}'"
        yield record.values_at["criterion"].fault(what, "correct one of them")


def _is_end(said: _Said) -> bool:
    mark = "(-|–|—|~|至|到|to)"
    return bool(re.match(rf"\s*%?\s*{mark}\s*\d", said.behind) or re.search(rf"\d\s*%?\s*{mark}\s*$", said.before))


def _find_bounds(said: _Said) -> Iterator[str]:
    for kind, (before, behind) in _BOUNDS.items():
        unit = r"[^\d,，。;；、以左上约不]{0,5}"
        if kind == "at_least" and _NOT.search(said.before):
            continue
        if re.search(rf"({before})\s*$", said.before, re.IGNORECASE) or re.match(rf"{unit}({behind})", said.behind):
            yield kind
