"""The report: one HTML file that needs nothing else, says what the frames say, and runs nothing that files hold."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.engine.run import run
from sim.errors import OutputError
from sim.inputs.files.marks import mark
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario, read_scenarios
from sim.learning.loading import load_model
from sim.learning.record_backtest import read_record_scores
from sim.model.model import Model, build_model
from sim.results.run import Run
from sim.results.tables import list_without_odds, summarize, write_table
from sim.views.likelihood_words import describe
from sim.views.numbers import print_odds, print_range
from sim.views.page import build_report, check_report, write_report
from sim.views.page.trust import build_trust
from sim.views.phrases import pair
from sim.views.words import LANGUAGES

EVIL = "<script>alert('{}')</script>"


@pytest.fixture(scope="module")
def page(result: Run) -> str:
    return build_report(result, command=["sim", "report"])


class Reader(HTMLParser):
    """Elements with their attributes, and the text that a reader sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.seen: list[str] = []
        self.hidden = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.hidden = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self.hidden = "" if tag == self.hidden else self.hidden

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.seen.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.seen).split())


def cut(page: str, section: str) -> str:
    return page.partition(f'<section id="{section}">')[2].partition("</section>")[0]


def read_tables(page: str) -> dict[str, str]:
    found = re.findall(r'<script type="application/json" id="table-(\w+)">(.*?)</script>', page, re.DOTALL)
    return {name: json.loads(text) for name, text in found}


def list_cells(part: str) -> list[str]:
    return re.findall(r"<td[^>]*>([^<]+)<", part)


def test_the_file_needs_no_network_and_no_other_file(page: str) -> None:
    reader = Reader(page)
    for tag, attributes in reader.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
        assert attributes.get("action") is None
    assert "url(" not in page
    assert "@import" not in page
    policy = next(attributes for _, attributes in reader.tags if attributes.get("http-equiv"))
    assert policy["content"].startswith("default-src 'none'")
    assert ("meta", {"charset": "utf-8"}) in reader.tags


def test_both_languages_are_in_the_page_and_it_begins_in_english(page: str) -> None:
    assert '<html lang="en" data-lang="en">' in page
    assert page.count('<span lang="en">') == page.count('<span lang="zh">') > 100
    assert page.count('<text lang="en"') == page.count('<text lang="zh"') > 20
    assert "data-choose" in page


@pytest.mark.parametrize(
    ("lang", "own", "other"), [("en", "Odds by scenario", "各情景下"), ("zh", "各情景下", "Odds by")]
)
def test_a_page_of_one_language_holds_no_other_and_no_switch(result: Run, lang: str, own: str, other: str) -> None:
    page = build_report(result, lang)
    left_out = next(each for each in LANGUAGES if each != lang)
    assert own in page
    assert other not in page
    assert not re.search(f'<[^>]*( lang="{left_out}"|data-[a-z-]+-{left_out}=)', page.partition("<body>")[2])
    assert 'data-choose="' not in page
    assert [*json.loads(page.partition('id="what-if-table">')[2].partition("</script>")[0])["words"]] == [lang]


def test_chinese_charts_carry_chinese_whatever_fonts_this_machine_has(
    result: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.views.fonts.find_chinese", lambda: None)
    page = build_report(result, "zh")
    labels = re.findall(r"<text[^>]*>([^<]*)</text>", page)
    assert {"中位数", "目标", "前三季度", "5.5%左右"} <= {*labels}
    families = re.search(r"font: 16px/1.5 ([^;]*);", page)
    assert families
    assert families[1].endswith("sans-serif")
    assert "Microsoft YaHei" in families[1]


def test_the_headline_says_odds_in_words_and_numbers(page: str, result: Run) -> None:
    odds = result.attainments[0].odds.set_index(["target", "reading"]).probability
    gdp, joint = float(odds["gdp", "printed"]), float(result.attainments[0].number_met["headline"][-1])
    sentence = " ".join(Reader(page.partition("<h1>")[2].partition("</h1>")[0]).text.split("\xa0"))
    first = result.attainments[0]
    for share, (low, high) in ((gdp, first.find_range(0)), (joint, first.find_group_range("headline", 6))):
        assert high - low > 0.01  # so wide that no decimals stand
        ends = [[describe(round(end, 2), lang) for end in (low, high)] for lang in ("en", "zh")]
        english = " to ".join(dict.fromkeys(ends[0]))
        chinese = "至".join(each.removeprefix("可能性") for each in dict.fromkeys(ends[1]))
        assert f"{english} ({100 * share:.0f} %)" in sentence
        assert f"{100 * share:.0f}%（可能性{chinese}）" in sentence


def show_joint(row: pd.Series) -> str:
    """Per cent, with a decimal only where the range is narrower than a point."""
    return print_odds(row.probability, 1 if row.range_high - row.range_low < 0.01 else 0)


def test_numbers_of_the_heat_map_are_those_of_the_frames(page: str, result: Run) -> None:
    cells = iter(list_cells(cut(page, "odds")))
    for attainment in result.attainments:
        printed = attainment.odds[attainment.odds.reading == "printed"].set_index("target").probability
        joint = attainment.joint[attainment.joint.group == "headline"].iloc[-1]
        expected = [*(f"{100 * printed[target.id]:.0f}" for target in result.model.plan.headline), show_joint(joint)]
        assert [next(cells) for _ in expected] == expected
    assert next(cells, None) is None
    assert "Error of computing ±" in page
    low, high = result.attainments[0].find_range(0)
    assert f"Four times in five over calibrations: {print_range(low, high)}\N{NO-BREAK SPACE}%" in page


def test_joint_and_conditional_numbers_are_those_of_the_frames(page: str, result: Run) -> None:
    cells = list_cells(cut(page, "joint"))
    joint = summarize(result.attainments, "joint")
    joint = joint[joint.group == "headline"].sort_values("at_least", kind="stable")
    expected = [show_joint(row) for _, row in joint.iterrows()]
    assert cells[: len(expected)] == expected
    spared = result.attainments[0].conditional.set_index(["missed", "met"]).probability
    count = len(result.model.plan.headline)
    table = cells[len(expected) : len(expected) + count**2]
    ids = [target.id for target in result.model.plan.headline]
    assert table[1] == f"{100 * spared[ids[1], ids[0]]:.0f}"
    assert table[count] == f"{100 * spared[ids[0], ids[1]]:.0f}"


def test_every_csv_of_the_page_is_the_file_that_a_run_writes(page: str, result: Run, tmp_path: Path) -> None:
    tables = read_tables(page)
    frames = {
        "attainment": summarize(result.attainments, "odds"),
        "joint": summarize(result.attainments, "joint"),
        "conditional": summarize(result.attainments, "conditional"),
        "quantiles": summarize(result.attainments, "quantiles"),
        "uncertainty": result.uncertainty,
        "without_odds": list_without_odds(result.model.plan),
    }
    assert {*frames} < {*tables}
    for name, frame in frames.items():
        write_table(frame, tmp_path / name)
        assert tables[name] == (tmp_path / name).read_text(encoding="utf-8-sig"), name
    for name, text in tables.items():
        assert len(pd.read_csv(StringIO(text))) > 0, name
    saved = {attributes["data-table"] for tag, attributes in Reader(page).tags if attributes.get("data-table")}
    assert saved == {*tables}


def test_promises_stand_by_risk_with_their_words(page: str, result: Run) -> None:
    promises = pd.read_csv(StringIO(read_tables(page)["promises"]))
    assert promises.probability.is_monotonic_increasing
    plan = result.model.plan
    assert {*promises.target} == {target.id for target in plan.judged} - {target.id for target in plan.headline}
    shown = re.findall(r'<q lang="zh-CN">(.*?)</q>', cut(page, "promises"))
    assert shown == [*promises.phrase]
    odds = result.attainments[0].odds.set_index(["target", "reading"]).probability
    assert [*promises.probability] == pytest.approx([odds[name, "printed"] for name in promises.target], abs=1e-6)


def test_trust_tells_the_record_of_every_class_of_promises_and_where_it_was_never_scored(page: str) -> None:
    scores = read_record_scores()
    rows = re.findall(r"<tr>(.*?)</tr>", cut(page, "trust").split('class="plain classes"')[1], re.DOTALL)[1:]
    told = [Reader(row).text for row in rows]
    assert len(told) == len(scores)
    for words, record in zip(told, scores.itertuples(), strict=True):
        assert ("never scored" in words) == (record.scored == 0), record
        assert f"{100 * record.mean:.1f}" in words
        if record.n and record.reached == record.reached:
            assert f"{record.reached:g} of {record.n}" in words
    assert "What shocks do to them was never scored" in cut(page, "trust")


def test_scenarios_tell_odds_sizes_and_sources(page: str, result: Run) -> None:
    text = Reader(cut(page, "assumptions")).text
    for scenario in result.scenarios:
        assert " ".join(scenario.why.split()) in text
        assert scenario.why_zh
        assert scenario.why_zh in text
        assert all(" ".join(source.split()) in text for source in scenario.sources)
    assert "8 % in the year" in text
    assert text.count("Rare common shock") == 3  # told once, then named


def test_the_same_run_writes_the_same_bytes_and_no_clock(result: Run, page: str, tmp_path: Path) -> None:
    path = write_report(result, tmp_path / "a.html", command=["sim", "report"])
    assert path.read_bytes() == mark(page.encode(), ".html")
    assert len(path.read_bytes()) < 1_500_000
    assert [each.name for each in tmp_path.iterdir()] == ["a.html"]


def test_the_foot_tells_seed_paths_versions_and_hashes(page: str, result: Run) -> None:
    foot = page.partition("<footer")[2].partition("</footer>")[0]
    assert "4,000 paths" in foot
    assert "2024" in foot
    assert "numpy" in foot
    files = {*result.model.files}.union(*(scenario.files for scenario in result.scenarios))
    assert len(re.findall("<code>[0-9a-f]{64}</code>", foot)) == len(files)


def test_a_run_without_calibrations_or_history_shows_no_nan(twin: Plan) -> None:
    page = build_report(run(load_model(twin), read_scenarios([], twin), n_paths=1_000, n_calibrations=0))
    assert not re.search(r"\bnan\b", Reader(page).text, re.IGNORECASE)
    assert not re.search(r'="[^"]*\bnan\b', page.partition("<script")[0])
    assert "none redrawn" in page
    assert "双城" in page


def test_another_plan_with_counts_among_its_headlines_has_a_report() -> None:
    import sim

    nation = sim.read_plan("china-2024")
    shipped = sim.load_model(nation).calibration
    sure = shipped.deliveries.model_copy(update={"doubt": shipped.deliveries.doubt.model_copy(update={"value": 0.0})})
    model = build_model(nation, shipped.model_copy(update={"deliveries": sure}))
    page = build_report(run(model, read_scenarios(["baseline"], nation), n_paths=1_000, n_calibrations=0), "en")
    assert "never scored" in page
    assert "&gt;99.9<" in page  # the harvest, its report not doubted: all but certain, and not printed as certain
    assert 'href="#promises"' not in page  # all its targets are headlines
    assert "rate, mean since the year’s start" in page


def test_a_centre_given_by_hand_is_told_and_claims_no_record(result: Run) -> None:
    calibration = result.model.calibration
    numbers = calibration.indicators["gdp"]
    changed = numbers.model_copy(update={"centre": numbers.centre.model_copy(update={"value": 9.5})})
    by_hand = calibration.model_copy(update={"indicators": {**calibration.indicators, "gdp": changed}})
    said = dict(build_trust(replace(result, model=replace(result.model, calibration=by_hand))))
    gdp = next(words for name, words in said.items() if name.en == "GDP")
    assert gdp.en == f"never scored: 9.5 is given by hand, fitted {numbers.centre.value:.2f}"
    assert gdp.zh == f"从未检验：9.5 为人工给定，拟合值 {numbers.centre.value:.2f}"
    assert {**dict(build_trust(result)), pair(result.model.plan.headline[0]): gdp} == said


def spoil(thing: Any, kind: str, fields: tuple[str, ...]) -> Any:
    return thing.model_copy(update={field: EVIL.format(f"{kind}.{field}") for field in fields})


@pytest.fixture(scope="module")
def evil(plan: Plan, model: Model) -> Run:
    """A run whose every text is a script."""
    names = ("name_en", "name_zh", "source")
    targets = tuple(
        spoil(each, "target", (*names, "phrase", "section", *(["reason"] if each.reason else [])))
        for each in plan.targets
    )
    spoiled = replace(
        plan,
        name=EVIL.format("plan.name"),
        place_en=EVIL.format("plan.place_en"),
        place_zh=EVIL.format("plan.place_zh"),
        targets=targets,
        indicators=tuple(spoil(each, "indicator", names) for each in plan.indicators),
        groups=tuple(spoil(each, "group", names) for each in plan.groups),
        figures=tuple(spoil(each, "figure", ("phrase", *names, "measure")) for each in plan.figures),
        history=tuple(spoil(each, "history", ("source",)) for each in plan.history),
    )
    storm = read_scenarios(["export-slump"], plan)[0]
    shocks = {
        name: spoil(shock, "shock", ("source",)).model_copy(
            update={"title": spoil(shock.title, "shock", ("en", "zh")), "size": spoil(shock.size, "size", ("unit",))}
        )
        for name, shock in storm.shocks.items()
    }
    told = {field: EVIL.format(f"scenario.{field}") for field in ("name", "title_en", "title_zh", "why", "why_zh")}
    scenario = Scenario(**told, sources=(EVIL.format("scenario.sources"),), shocks=shocks)
    files = build_model(spoiled, model.calibration, model.files)
    return run(files, [scenario], n_paths=1_000, n_calibrations=16)


def test_scripts_in_names_and_sources_are_shown_as_text(evil: Run, page: str) -> None:
    spoiled = build_report(evil)
    assert "<script>alert" not in spoiled
    scripts = [tag for tag, _ in Reader(spoiled).tags if tag == "script"]
    assert len(scripts) == [tag for tag, _ in Reader(page).tags].count("script")
    shown = Reader(spoiled).text
    fields = ["target.name_en", "target.name_zh", "target.phrase", "target.reason", "target.source"]
    fields += ["group.name_en", "group.name_zh", "indicator.name_en", "plan.name", "plan.place_en", "plan.place_zh"]
    fields += [f"scenario.{field}" for field in ("name", "title_en", "title_zh", "why", "why_zh", "sources")]
    fields += ["shock.en", "shock.zh", "shock.source", "size.unit"]
    assert [field for field in fields if EVIL.format(field) not in shown] == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    if not Path("/usr/bin/chromium").exists() or not Path("/usr/bin/chromedriver").exists():
        pytest.skip("no browser; install one: apt install chromium chromium-driver")
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--lang=en-US"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


def test_the_switch_changes_every_text_without_an_error(browser: Any, page: str, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    browser.get((tmp_path / "report.html").as_uri())
    assert "Odds by scenario" in browser.find_element("tag name", "main").text
    browser.find_element("css selector", "[data-choose=zh]").click()
    text = browser.find_element("tag name", "main").text
    assert "各情景下的实现概率" in text
    assert "Odds by scenario" not in text
    assert browser.execute_script("return document.documentElement.lang") == "zh-CN"
    assert "计算误差" in browser.find_element("css selector", "#odds td").get_attribute("title")
    browser.execute_script(
        "const s = document.querySelector('select'); s.value = 1; s.dispatchEvent(new Event('change'))"
    )
    hidden = browser.execute_script("return [...document.querySelectorAll('[data-shown]')].map((each) => each.hidden)")
    assert hidden == [True, False, True]
    assert browser.get_log("browser") == []


def test_a_button_saves_its_table(browser: Any, page: str, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    saved = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", saved)
    browser.get((tmp_path / "report.html").as_uri())
    browser.execute_script("document.querySelector('[data-table=joint]').click()")
    path = tmp_path / "qingdao-2024-joint.csv"
    for _ in range(100):
        if path.exists() and path.stat().st_size:
            break
        browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert path.read_bytes().decode("utf-8") == "\ufeff" + read_tables(page)["joint"]


def test_no_script_of_a_file_runs(browser: Any, evil: Run, tmp_path: Path) -> None:
    path = write_report(evil, tmp_path / "report.html")
    browser.get(path.as_uri())
    browser.find_element("css selector", "[data-choose=zh]").click()
    assert browser.get_log("browser") == []
    assert "alert('scenario.title_zh')" in browser.find_element("tag name", "main").text


def test_nothing_is_left_when_the_page_cannot_be_written(result: Run, tmp_path: Path) -> None:
    former = mark(b"before", ".html")
    (tmp_path / "report.html").write_bytes(former)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OutputError, match="No space left"):
            write_report(result, tmp_path / "report.html", "en")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_bytes() == former


def test_an_unknown_language_is_refused(result: Run) -> None:
    with pytest.raises(ValueError, match="allowed: en, zh, both"):
        build_report(result, "fr")


def test_a_page_may_be_named_in_capitals() -> None:
    assert check_report("REPORT.HTM").name == "REPORT.HTM"
