"""`sim chart`: one chart in one file, and one line where it cannot be."""

import re
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_plans import WritePlan

from sim.cli import main
from sim.views import fonts
from sim.views.charts.catalogue import CHARTS
from sim.views.charts.formats import FORMATS


def call(*words: object) -> Result:
    with warnings.catch_warnings():
        return CliRunner().invoke(main, ["chart", *map(str, words)])


@pytest.fixture(scope="module")
def little(two_indicator_plan: WritePlan) -> list[str]:
    return ["--plan", str(two_indicator_plan()), "--paths", "200"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_names_every_chart_and_format() -> None:
    text = call("--help").output
    assert re.findall(r"^  ([a-z-]+)  ", text.partition("Charts:")[2], re.MULTILINE) == list(CHARTS)
    assert f"[{'|'.join(FORMATS)}]" in text


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["fann"], r"NAME: no chart 'fann'; allowed: fan, odds, .*; did you mean 'fan'\?"),
        (["fan", "--of", "gpd"], r"--of: no indicator 'gpd'; allowed: gdp, .*; did you mean 'gdp'\?"),
        (["tornado", "--of", "gpd"], r"--of: no target 'gpd'; allowed: gdp, .*; did you mean 'gdp'\?"),
        (["joint", "--of", "gdp"], r"--of: chart 'joint' is about the whole plan; leave --of out"),
        (["milestones", "--plan", "china-2024"], r"sim chart: plan 'china-2024' has no milestones"),
        (["fan", "--scenario", "baseline", "--scenario", "x"], r"--scenario: 2 given, but chart 'fan' shows one; .*"),
        (["reliability", "--scenario", "x"], r"--scenario: 1 given, but chart 'reliability' shows none; leave it out"),
        (["fan", "--scenario", "export-slum"], r"export-slum.yaml: no such file; .*'?export-slump'?.*"),
        (["fan", "--out", "nowhere/fan.png"], r"--out nowhere/fan.png: there is no folder nowhere; make it first"),
        (["fan", "--out", "fan.bmp"], r"--out: 'fan.bmp' does not end in a format; allowed: .png, .svg, .pdf"),
        (["fan", "--out", "fan.png", "--format", "svg"], r"--out: 'fan.png' is not svg; write .svg or drop one"),
        (["fan", "--paths", "0"], r"--paths: 0 paths; allowed: 1 to .*"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(here: Path, words: list[str], line: str) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert re.fullmatch(line, result.output.strip())
    assert list(here.iterdir()) == []


def test_several_faults_are_told_at_once(here: Path) -> None:
    result = call("fann", "--out", "fan.bmp")
    assert len(result.output.splitlines()) == 2
    result = call("fan", "--of", "gpd", "--scenario", "export-slum")
    assert len(result.output.splitlines()) == 2
    assert list(here.iterdir()) == []


def test_a_folder_is_not_a_file(here: Path) -> None:
    (here / "fan.png").mkdir()
    result = call("fan", "--out", "fan.png")
    assert result.exit_code == 2
    assert result.output == "--out fan.png: is a folder; name a file\n"


def test_the_file_is_named_after_chart_and_scenario(here: Path, little: list[str]) -> None:
    result = call("fan", "--scenario", "export-slump", *little)
    assert result.output == "written to fan-export-slump.png\n"
    assert (here / "fan-export-slump.png").read_bytes().startswith(b"\x89PNG")
    result = call("fan", "--of", "retail_sales", "--format", "svg", *little)
    assert result.output == "written to fan-retail_sales-baseline.svg\n"
    assert "Retail sales" in (here / "fan-retail_sales-baseline.svg").read_text(encoding="utf-8")
    two = ["--scenario", "baseline", "--scenario", "export-slump"]
    assert call("ridgeline", *two, *little).output == "written to ridgeline.png\n"
    assert call("reliability").output == "written to reliability.png\n"


@pytest.mark.skipif(fonts.find_chinese() is None, reason="no font with Chinese characters")
@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_question_writes_the_same_bytes_in_chinese(here: Path, little: list[str], ending: str) -> None:
    words = ["joint", "--lang", "zh", "--scenario", "baseline", *little]
    for name in ("first", "second"):
        result = call(*words, "--out", here / f"{name}.{ending}")
        assert result.exit_code == 0, result.output
        assert len(result.output.splitlines()) == 1
    first, second = ((here / f"{name}.{ending}").read_bytes() for name in ("first", "second"))
    assert first == second
    assert b"CreationDate" not in first
    if ending == "svg":
        assert "一项目标未实现时" in first.decode()
    if ending == "pdf":
        assert b"/ToUnicode" in first
        assert b"/FontFile" in first


def test_without_a_chinese_font_english_and_the_advice(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_chinese", lambda: None)
    result = call("reliability", "--lang", "zh", "--out", "trust.svg")
    assert result.exit_code == 0
    assert result.output.splitlines() == [fonts.ADVICE, "written to trust.svg"]
    assert "probability given as the year began" in (here / "trust.svg").read_text(encoding="utf-8")


def test_a_tornado_from_the_terminal(here: Path, little: list[str]) -> None:
    result = call("tornado", "--of", "gdp_growth", "--format", "svg", *little)
    assert result.output == "written to tornado-gdp_growth-baseline.svg\n"
    text = (here / "tornado-gdp_growth-baseline.svg").read_text(encoding="utf-8")
    assert "Rare common shock" in text
    assert "if it does not happen" in text
