"""The tables against the report: every promise found, nothing invented."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Delivery, Unmeasured

REPORT = Path(__file__).parents[3] / "shared" / "report" / "qingdao-2024-plan-report.txt"


def test_every_promise_is_counted(plan: Plan) -> None:
    kinds = Counter(target.kind for target in plan.targets)
    numbered = sum(target.kind == "programme" for target in plan.deliveries)
    assert kinds == {
        "growth": 6,
        "level": 3,
        "count": 26,
        "multiple": 1,
        "programme": 12 + 9,
        "milestone": 31,
        "composite": 1,
        "qualitative": 69,
    }
    assert numbered == 12
    assert len(plan.judged) == 48 + 31


def test_every_promise_without_odds_says_why(plan: Plan) -> None:
    assert all(target.reason for target in plan.targets if isinstance(target, Unmeasured))
    assert not any(target.reason for target in plan.judged)


def test_projects_to_be_advanced_are_programmes_not_counts(plan: Plan) -> None:
    programmes = {target.value for target in plan.deliveries if target.kind == "programme"}
    assert {440, 110, 61, 140, 500} <= programmes


def test_traps(plan: Plan) -> None:
    targets = {target.id: target for target in plan.targets}
    figures = {figure.id: figure for figure in plan.figures}
    assert not any(target.value == 2100 for target in (*plan.growth, *plan.deliveries)), (
        "whole-life investment is no target"
    )
    assert [target.id for target in plan.targets if target.kind == "multiple"] == ["new_energy_vehicle_output"]
    grain = targets["grain_output"]
    assert isinstance(grain, Delivery)
    assert grain.value == 300 < figures[grain.baseline or ""].value == 318.6
    for word in ("贸易总额", "进出口", "居民消费价格", "港口", "游客"):
        assert not any(word in target.phrase for target in plan.judged), word
    for target in plan.targets:
        if target.phrase.startswith(("争创", "积极申建")):
            assert target.decided_by == "other", target.id
        if target.criterion == "about":
            assert target.tolerance > 0
            assert "assumption" in target.source
        if target.kind == "milestone":
            assert "assumption" in target.source, "the report names no quarter"


def test_names_fit_a_table(plan: Plan) -> None:
    assert max(len(target.name_en) for target in plan.targets) <= 38
    assert max(len(target.name_zh) for target in plan.targets) <= 16


def assert_stand_together(pieces: list[str], text: str, place: int) -> None:
    """The pieces of a quote stand in one sentence, in their order."""
    first, last = text.rfind("。", 0, place) + 1, text.find("。", place)
    here, sentence = 0, text[first:last]
    for piece in pieces:
        here = sentence.find(piece, here)
        assert here >= 0, f"{piece} is not in: {sentence}"
        here += len(piece)


@pytest.mark.skipif(not REPORT.exists(), reason="the report is not part of the project")
def test_phrases_are_found_in_their_sections_in_order(plan: Plan) -> None:
    text = "".join(REPORT.read_text(encoding="utf-8").split())
    places = []
    start = text.index("二、2024年")
    for target in plan.targets:
        pieces = "".join(target.phrase.split()).split("……")
        named = max(pieces, key=len)
        place = text.find(named, start)
        assert place >= start, f"{target.id}: {target.phrase}"
        assert_stand_together(pieces, text, place)
        places.append((target.section, place))
        start = place
    assert all(first[1] < second[1] for first, second in pairwise(places))
    sections = list(dict.fromkeys(section for section, _ in places))
    assert sections == ["二", *(f"三({number})" for number in "一二三四五六七八九")]


@pytest.mark.skipif(not REPORT.exists(), reason="the report is not part of the project")
def test_figures_are_found_in_section_one(plan: Plan) -> None:
    text = "".join(REPORT.read_text(encoding="utf-8").split())
    first = text[: text.index("二、2024年")]
    for figure in plan.figures:
        assert "".join(figure.phrase.split()) in first, figure.id
