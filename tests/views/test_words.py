"""Words: both languages, the same blanks, each key said somewhere, and no second list anywhere."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from chart_reading import has_chinese, read_all

import sim
from sim.inputs.evidence import GRADES
from sim.inputs.numbers import Basis, CentreParts
from sim.inputs.plan.criteria import CRITERIA
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.tables import Indicator
from sim.inputs.plan.targets import Unmeasured
from sim.inputs.quarters import name_cumulative, name_quarters, name_rest
from sim.inputs.scenario.profiles import Profile
from sim.inputs.scenario.sizes import Size, name_forms
from sim.learning.record_backtest import read_record_scores
from sim.learning.reference_forecasts import REFERENCES
from sim.learning.track_record import Verdict, read_record
from sim.model.model import Model
from sim.results.run import Run
from sim.views.charts.catalogue import plot_chart
from sim.views.charts.tornado import _VARIANTS
from sim.views.likelihood_words import BANDS
from sim.views.phrases import name_scenario, say_condition, say_record
from sim.views.words import LANGUAGES, Phrase, read_words, say
from sim.views.workbook.sheets import list_sheets

VIEWS = Path(sim.__file__).parent / "views"
SOURCES = [path for path in sorted(VIEWS.rglob("*")) if path.suffix in (".py", ".jinja", ".js")]
CHINESE = re.compile("[\u3400-\u9fff\uff00-\uffef]")
OTHERS_CHINESE = {
    "fonts.py",  # letters to try a font with
    "report.html.jinja",  # the switch names each language in itself
}
QUARTERS = 4
STEPS = [*CentreParts.model_fields][2:]


def list_computed(plan: Plan, models: list[Model]) -> set[str]:
    """Keys that are put together from what files and code hold."""
    sections = re.findall(r'call section\("([^"]+)"\)', (VIEWS / "page/templates/report.html.jinja").read_text())
    topics = {
        "centre": {*get_args(Basis), *CentreParts(start=0, **dict.fromkeys(STEPS, 1.0)).steps},
        "class": {name for each in models for name in each.calibration.deliveries.courses},
        "criterion": {each for criteria in CRITERIA.values() for each in criteria} - {"none"},
        "criterion_sign": {each for criteria in CRITERIA.values() for each in criteria} - {"none"},
        "evidence": {*GRADES},
        "kind": {*CRITERIA},
        "fan": {"range", "tolerance"},
        "forecaster": {"model", *REFERENCES},
        "forecaster_note": {*REFERENCES},
        "indicator": {each.id for each in plan.indicators},
        "law": {*name_forms(Size, "law")} - {"fixed"},
        "likelihood": {band.name for band in BANDS},
        "likelihood_end": {band.name for band in BANDS},
        "measure": {*get_args(Indicator.model_fields["measure"].annotation)},
        "period": {*name_quarters(QUARTERS), *(name_cumulative(place, QUARTERS) for place in range(QUARTERS))}
        | {name_rest(place, QUARTERS) for place in range(QUARTERS - 1)},
        "progress": {"odds", "again", "cases", "why"},
        "profile": {*name_forms(Profile, "shape")},
        "prices": {*get_args(Indicator.model_fields["measure"].annotation)},
        "reading": {*READINGS},
        "record_kind": {*read_record_scores().query("scored > 0").kind, "programme", "list"},
        "short_reading": {*READINGS},
        "section": {*sections},
        "tornado": {*_VARIANTS},
    }
    return {f"{topic}.{key}" for topic, keys in topics.items() for key in keys}


def list_heads(run: Run) -> set[str]:
    """Keys of the heads and of the items of a workbook; one that is not listed fails already here."""
    asked = replace(run.settings, method="auto", n_points=None, n_paths=None, tolerance=0.01)
    sheets = [*list_sheets(run), *list_sheets(replace(run, settings=asked))[-1:]]
    shown = {text for sheet in sheets for line in sheet.head for text in line}
    shown |= {str(row[0]).partition(" ")[0] for sheet in sheets[-2:] for row in sheet.rows}
    topics = ("column.", "item.")
    return {key for key, phrase in read_words().items() if key.startswith(topics) and phrase.zh in shown}


def list_texts(path: Path) -> Iterator[str]:
    """Texts of a source that a reader may come to see: no comments, no docstrings."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield re.sub(r"{#.*?#}|//[^\n]*|/\*.*?\*/", "", source, flags=re.DOTALL)
        return
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def list_literal() -> set[str]:
    """Keys that stand as they are in a source."""
    topics = {key.partition(".")[0] for key in read_words()}
    found = (key for path in SOURCES for text in list_texts(path) for key in find_keys(path, text))
    return {key for key in found if key.partition(".")[0] in topics and not key.endswith((".css", ".csv", ".js"))}


def find_keys(path: Path, text: str) -> list[str]:
    return re.findall(r'"([a-z_]+\.[\w-]+)"', text) if path.suffix != ".py" else re.findall(r"^[a-z_]+\.[\w-]+$", text)


def test_every_phrase_is_there_in_both_languages_with_the_same_blanks() -> None:
    assert len(read_words()) > 200
    for key, phrase in read_words().items():
        assert all(text.strip() for text in phrase), key
        english, chinese = (sorted(re.findall(r"{(\w*)}", text)) for text in phrase)
        assert english == chinese, key
        assert not CHINESE.search(phrase.en), key
        assert not re.search(r"[,;:?!]|(?<!\w)-|-(?!\w)", phrase.zh), f"{key}: half-width signs in Chinese"


def test_every_key_is_said_somewhere_and_every_key_that_is_said_is_there(
    plan: Plan, model: Model, counted: Run
) -> None:
    said = (
        list_heads(counted) | list_literal() | list_computed(plan, [model, sim.load_model(sim.read_plan("china-2024"))])
    )
    listed = {key for key in read_words() if not key.startswith("reason.")}
    assert said - listed == set()
    assert listed - said == set()


@pytest.mark.parametrize("name", ["qingdao-2024", "china-2024"])
def test_reasons_of_shipped_plans_are_in_the_list(name: str) -> None:
    reasons = {target.reason for target in sim.read_plan(name).targets if isinstance(target, Unmeasured)}
    assert reasons <= {phrase.en for key, phrase in read_words().items() if key.startswith("reason.")}


def test_no_view_holds_words_of_its_own() -> None:
    found = {path.name for path in SOURCES for text in list_texts(path) if CHINESE.search(text)}
    assert found == OTHERS_CHINESE


def test_a_phrase_within_a_phrase_is_put_in_language_by_language() -> None:
    assert say("odds.percent", number=Phrase("one", "一")) == Phrase("one %", "一%")
    assert [say("fan.median").pick(lang) for lang in LANGUAGES] == ["median", "中位数"]


@has_chinese
def test_chinese_charts_are_chinese(counted: Run) -> None:
    drawn = {name: read_all(plot_chart(name, counted, lang="zh")) for name in ("fan", "odds", "change")}
    assert any("地区生产总值增长5.5%左右：" in words for words in drawn["fan"])
    assert "一般公共预算收入\n5%左右" in drawn["odds"]
    assert any("条路径" in words for words in drawn["change"])


def test_a_record_is_said_as_the_verdict_says_it() -> None:
    for record in (None, *read_record().values()):
        said = say_record(record).en.replace(" %", "%").replace("–", "-")
        given = Verdict(indicator="gdp", record=record).words
        assert said == given.replace("80 %", "80%")


def test_scenarios_say_what_they_take_as_certain(plan: Plan) -> None:
    """No shock that is unlikely, and none that hangs on another."""
    slump, both, baseline = sim.read_scenarios(["export-slump", "external-and-property", "baseline"], plan)
    assert say_condition(slump) == ("if this begins: Export slump (certain here)", "前提：出口下滑（假定发生）")
    assert say_condition(both).en == "if this begins: Export slump (90 % likely here)"
    assert say_condition(baseline) == ("", "")
    assert [name_scenario(each).en for each in (slump, baseline)] == ["Export slump (certain here)", "Baseline"]
    twice = sim.read_scenario("export-slump+property-slide", plan)
    assert say_condition(twice).zh == "前提：出口下滑（假定发生）、房地产下行（假定发生）"
