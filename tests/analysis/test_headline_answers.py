"""What a page answers of the headline, against the questions themselves."""

import pytest

import sim
from sim.analysis.headline_answers import answer_headline
from sim.analysis.misses import describe_misses
from sim.analysis.promise import promise
from sim.analysis.stress import find_stress
from sim.model.model import Model
from sim.results.run import Run
from sim.views.page import build_report
from sim.views.question_lines import say_answer


@pytest.fixture(scope="module")
def small(model: Model) -> Run:
    return sim.run(model, ["baseline", "export-slump"], n_paths=2_000, n_points=64, n_calibrations=0)


def test_answers_are_those_of_the_questions(small: Run) -> None:
    answers = answer_headline(small)
    assert [each.target for each in answers] == [target.id for target in small.model.plan.headline]
    first = answers[0]
    numbers = promise(small, targets="gdp").query("together == 'no'").number
    assert [number for _, number in first.numbers] == numbers.tolist()
    found = describe_misses(small, "gdp")
    assert first.chance == pytest.approx(found.chance)
    own = found.ways[found.ways.series == "gdp"].iloc[:5]
    assert first.way is not None
    assert (first.way.shocks, first.way.share) == (own.shocks.iloc[0], pytest.approx(own.share.iloc[0]))
    assert [value for _, value in first.way.figures] == pytest.approx(own.value.tolist())
    assert first.milder is not None
    assert (first.milder.scenario, first.tried) == ("export-slump", "export-slump")
    asked = {"scenario": first.milder.scenario, "shock": first.milder.shock, "by": "size"}
    row = find_stress(small, "gdp", first.milder.given / 2, **asked).iloc[0]
    assert first.milder.factor == pytest.approx(row.value, rel=0.03)
    assert first.milder.once_in == pytest.approx(row.once_in, rel=0.1)


def test_the_page_says_them_in_both_languages(small: Run) -> None:
    answers = answer_headline(small)
    line, page = say_answer(small, answers[0]), build_report(small, answers=answers).replace("\u00a0", " ")
    assert line.scenario.en == "Baseline"
    for words in (*line.numbers, *line.way, *line.milder):
        assert words in page
    assert 'id="answers"' in page
    assert 'id="answers"' not in build_report(small)


def test_given_figures_no_shock_is_tried(model: Model) -> None:
    asked = {"n_paths": 2_000, "n_points": 64, "n_calibrations": 0}
    known = sim.run(model, ["baseline", "export-slump"], published="qingdao-2024-h1", **asked)
    answers = answer_headline(known)
    assert {each.tried for each in answers} == {""}
    odds = known["baseline"].odds.query("reading == 'printed'").set_index("target").probability
    assert answers[0].chance == pytest.approx(1 - odds["gdp"], abs=0.03)
