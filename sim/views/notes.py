"""Notes: sources and remarks of the shipped plans and scenarios in both languages; `notes.toml` holds the Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sim.views.words import Phrase, join, say

__all__ = ["say_note"]

_REPORT = re.compile(r"(?P<place>.+) (?P<year>\d{4}) plan report, section (?P<section>\S+)")
_LEVEL = re.compile(r"(?P<year>\d{4}) level in figures\.csv: (?P<figure>\w+)")
_CLAUSE = re.compile(r"result clause (?P<clause>\S+) belongs to it")
_PATTERNS = {"note.section": _REPORT, "note.level": _LEVEL, "note.clause": _CLAUSE}
_BRACKETS = {ord("("): 0xFF08, ord(")"): 0xFF09}  # as Chinese writes them


@cache
def _read_notes() -> Mapping[str, str]:
    import tomllib

    listed = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["note"]
    return {each["en"]: each["zh"] for each in listed}


def say_note(text: str, place: Phrase | None = None) -> Phrase:
    """Say a source or a remark of a table or scenario in both languages; one that is not listed stays as it is.

    Parameters
    ----------
    text : str
        Remarks are parted by semicolons.
    place : Phrase, optional
        The plan's place, which its report is named after.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> say_note("Qingdao 2024 plan report, section 三(七); starts avoid winter", Phrase("Qingdao", "青岛")).zh
    '青岛市 2024 年计划报告第三（七）部分；开工避开冬季'
    """
    listed = _read_notes()
    if text in listed:
        return Phrase(text, listed[text])
    return join([_say_part(part, place) for part in text.split("; ")], say("note.between"))


def _say_part(part: str, place: Phrase | None) -> Phrase:
    for key, pattern in _PATTERNS.items():
        found = pattern.fullmatch(part)
        if found is not None:
            told = found.groupdict()
            if place is not None and told.get("place") == place.en:
                told["place"] = place.zh
            chinese = {name: value.translate(_BRACKETS) for name, value in told.items()}
            return Phrase(part, say(key, **chinese).zh)
    return Phrase(part, _read_notes().get(part, part))
