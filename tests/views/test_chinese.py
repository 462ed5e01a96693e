"""Chinese through and through: what the Chinese page says in Latin letters are names, and nothing else."""

import re
from html.parser import HTMLParser

import pytest

import sim
from sim.inputs.bundled import list_scenario_files
from sim.results.run import Run
from sim.views.notes import say_note
from sim.views.page import build_report
from sim.views.phrases import pair
from sim.views.words import Phrase, read_words

WORD = re.compile(r"[A-Za-z]{2,}")
FILES = re.compile(r"[\w./-]+\.(?:csv|yaml|json|svg|png)|[\w-]+/[\w./-]+")
VERSIONS = re.compile(r"target-simulator .*")
NAMES = {"GDP", "JavaScript", "SHA", "XTEXVA", "CNM", "sim", "Python", "CSV", "SVG", "PNG", "YAML", "HTML", "Sobol"}


class Reader(HTMLParser):
    """The text that a reader sees, code and scripts apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.inside = 0
        self.feed(page)

    def handle_starttag(self, tag: str, _: object) -> None:
        self.inside += tag in ("script", "style", "code")

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag in ("script", "style", "code")

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.seen.append(data)


def list_latin(text: str) -> set[str]:
    """Latin words that are no name."""
    return {*WORD.findall(VERSIONS.sub("", FILES.sub("", text)))} - NAMES


def test_the_chinese_page_says_names_alone_in_latin_letters(result: Run) -> None:
    page = build_report(result, lang="zh", command=["sim", "report"])
    left = {word: text.strip()[:80] for text in Reader(page).seen for word in list_latin(text)}
    assert left == {}


@pytest.mark.parametrize("name", ["qingdao-2024", "china-2024"])
def test_every_source_of_shipped_scenarios_and_every_remark_of_the_plan_is_said_in_chinese(name: str) -> None:
    plan = sim.read_plan(name)
    told = [say_note(target.source, pair(plan, "place")) for target in plan.targets]
    for path in list_scenario_files(plan.folder):
        scenario = sim.read_scenario(path.stem, plan)
        units = [shock.size.unit for shock in scenario.shocks.values()]
        told += map(say_note, [*scenario.sources, *units, *(each.source for each in scenario.shocks.values())])
    left = {word: each.zh[:80] for each in told for word in list_latin(each.zh.replace("_", " ")) - {"level", "gdp"}}
    assert {word: text for word, text in left.items() if "figures.csv" not in text} == {}


def test_a_remark_of_another_plan_stays_as_it_is() -> None:
    told = say_note("Ningbo 2025 plan report, section 2; as the mayor said", Phrase("Ningbo", "宁波"))
    assert told.en == "Ningbo 2025 plan report, section 2; as the mayor said"
    assert told.zh == "宁波市 2025 年计划报告第2部分；as the mayor said"


def test_words_that_are_speech_or_mean_something_else_are_not_said() -> None:
    spoken = ("五五开", "假如", "一页说明", "不计概率", "偏离不超过", "承诺", "交付")
    said = {key: phrase.zh for key, phrase in read_words().items()}
    assert {key: text for key, text in said.items() if any(word in text for word in spoken)} == {}
