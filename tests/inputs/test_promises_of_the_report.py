"""The tables against the report: every promise found, nothing invented."""

from collections import Counter

import pandas as pd
import pytest
from locate_phrases import GAP, RECORD, digest, locate_phrases, squeeze

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Delivery, Unmeasured


def test_every_promise_is_counted(plan: Plan) -> None:
    kinds = Counter(target.kind for target in plan.targets)
    numbered = sum(target.kind == "programme" for target in plan.deliveries)
    assert kinds == {
        "growth": 6,
        "level": 3,
        "count": 28,
        "multiple": 1,
        "programme": 8 + 11,
        "milestone": 31,
        "composite": 1,
        "qualitative": 69,
    }
    assert numbered == 8
    assert len(plan.judged) == 46 + 31


def test_every_promise_without_odds_says_why(plan: Plan) -> None:
    assert all(target.reason for target in plan.targets if isinstance(target, Unmeasured))
    assert not any(target.reason for target in plan.judged)


def test_projects_to_be_advanced_are_programmes_not_counts(plan: Plan) -> None:
    programmes = {target.value for target in plan.deliveries if target.kind == "programme"}
    assert {440, 110, 61, 140} <= programmes
    targets = {target.id: target for target in plan.targets}
    for name in ("technical_upgrade_projects", "county_town_projects"):  # 500个以上, 20个以上
        assert (targets[name].kind, targets[name].criterion) == ("count", "at_least")
    for name in ("sco_four_centres", "sco_five_new_towns"):  # the number is part of a name
        assert isinstance(targets[name], Unmeasured)


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


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    return pd.read_csv(RECORD).set_index(["kind", "id"])


def test_phrases_are_those_of_the_report_in_its_sections_in_order(plan: Plan, places: pd.DataFrame) -> None:
    again = "quote the report as it is, then python tests/locate_phrases.py report.txt"
    assert list(places.loc["target"].index) == [target.id for target in plan.targets], again
    assert {target.id: digest(target.phrase) for target in plan.targets} == places.loc["target"].digest.to_dict(), again
    assert places.loc["target"].place.min() > places.place["report", "section two"]
    assert (places.loc["target"].place.diff().dropna() > 0).all()
    sections = list(dict.fromkeys(target.section for target in plan.targets))
    assert sections == ["二", *(f"三({number})" for number in "一二三四五六七八九")]


def test_figures_are_those_of_section_one(plan: Plan, places: pd.DataFrame) -> None:
    assert {figure.id: digest(figure.phrase) for figure in plan.figures} == places.loc["figure"].digest.to_dict()
    assert places.loc["figure"].place.max() < places.place["report", "section two"]


def test_a_quote_that_is_not_in_the_report_is_told(plan: Plan) -> None:
    first = "。".join(figure.phrase for figure in plan.figures)
    quotes = [target.phrase.replace(GAP, "，又，") for target in plan.targets]
    report = f"一、2023年。{first}。二、2024年。" + "。\n".join(quotes) + "。"
    found = locate_phrases(plan, report).set_index(["kind", "id"]).place["target"]
    text = squeeze(report)
    for target in plan.targets:
        longest = max(squeeze(target.phrase).split(GAP), key=len)
        assert text[found[target.id] :].startswith(longest)
    for number in (0, 40):
        invented = report.replace(quotes[number], "新增一项任务")
        with pytest.raises(AssertionError, match=f"{plan.targets[number].id} is not in the report"):
            locate_phrases(plan, invented)
