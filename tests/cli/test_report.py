"""The command `sim report`: what it refuses, and that a finished run is reported with its own numbers."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.cli import main

WritePlan = Callable[..., Path]


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def read_tables(page: str) -> dict[str, str]:
    found = re.findall(r'<script type="application/json" id="table-(\w+)">(.*?)</script>', page, re.DOTALL)
    return {name: json.loads(text) for name, text in found}


@pytest.mark.parametrize(
    ("out", "problem"),
    [
        ("missing/report.html", "there is no folder"),
        ("../nowhere/report.html", "there is no folder"),
        (".", "is a folder"),
        ("report.pdf", "must end in .html"),
        ("report", "must end in .html"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_in_one_line(
    out: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = call("report", "baseline", "--out", out)
    assert answer.exit_code == 2
    assert problem in answer.output
    assert answer.output.count("\n") == 1
    assert [*tmp_path.iterdir()] == []


@pytest.fixture(scope="module")
def finished(two_indicator_plan: WritePlan, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A plan's folder, and that of a run of it."""
    plan = two_indicator_plan()
    out = tmp_path_factory.mktemp("finished") / "out"
    words = ["run", "--plan", plan, "--paths", 3_000, "--calibrations", 16, "--seed", 7, "--no-charts", "--out", out]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["sim", *map(str, words)])
        assert call(*words).exit_code == 0
    return plan, out


def test_a_run_is_reported_with_its_own_numbers(finished: tuple[Path, Path], tmp_path: Path) -> None:
    _, out = finished
    answer = call("report", out, "--out", tmp_path / "report.html")
    assert answer.exit_code == 0, answer.output
    tables = read_tables((tmp_path / "report.html").read_text(encoding="utf-8"))
    for name in ("attainment", "joint", "conditional", "quantiles", "uncertainty"):
        assert tables[name] == (out / f"{name}.csv").read_text(encoding="utf-8-sig"), name


def test_a_run_whose_inputs_have_changed_is_refused(finished: tuple[Path, Path], tmp_path: Path) -> None:
    plan, out = finished
    before = (plan / "targets.csv").read_text(encoding="utf-8-sig")
    (plan / "targets.csv").write_text(before.replace("5.5,%", "5.4,%"), encoding="utf-8")
    try:
        answer = call("report", out, "--out", tmp_path / "report.html")
    finally:
        (plan / "targets.csv").write_text(before, encoding="utf-8")
    assert answer.exit_code == 2
    assert "inputs have changed since this run" in answer.output
    assert "targets.csv" in answer.output
    assert answer.output.count("\n") == 1
    assert [*tmp_path.iterdir()] == []


def test_a_run_whose_numbers_are_others_is_refused(finished: tuple[Path, Path], tmp_path: Path) -> None:
    _, out = finished
    before = (out / "attainment.csv").read_text(encoding="utf-8-sig")
    (out / "attainment.csv").write_text(before.replace(",0.", ",0.9", 1), encoding="utf-8")
    try:
        answer = call("report", out, "--out", tmp_path / "report.html")
    finally:
        (out / "attainment.csv").write_text(before, encoding="utf-8")
    assert answer.exit_code == 2
    assert "holds other numbers" in answer.output


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [(None, "holds no manifest.json"), ("{", "cannot be read"), ("[]", "is not the manifest"), ("{}", "no plan")],
)
def test_a_folder_that_no_run_wrote_is_refused(manifest: str | None, problem: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    if manifest is not None:
        (tmp_path / "out" / "manifest.json").write_text(manifest)
    answer = call("report", tmp_path / "out", "--out", tmp_path / "report.html")
    assert answer.exit_code == 2
    assert problem in answer.output
    assert answer.output.count("\n") == 1


def test_what_a_finished_run_has_settled_is_not_asked_again(finished: tuple[Path, Path], tmp_path: Path) -> None:
    _, out = finished
    answer = call("report", out, "--seed", 8, "--out", tmp_path / "report.html")
    assert answer.exit_code == 2
    assert answer.output.startswith("--seed: a run's folder says this itself")
    answer = call("report", out, "baseline", "--out", tmp_path / "report.html")
    assert answer.exit_code == 2
    assert "named together with other things" in answer.output


def test_an_unknown_scenario_is_refused_with_the_nearest(tmp_path: Path) -> None:
    answer = call("report", "export-slumb", "--out", tmp_path / "report.html")
    assert answer.exit_code == 2
    assert [*tmp_path.iterdir()] == []


def test_a_folder_may_share_its_name_with_a_scenario(
    two_indicator_plan: WritePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "baseline").mkdir()
    monkeypatch.chdir(tmp_path)
    plan = two_indicator_plan()
    words = ("--paths", 500, "--calibrations", 0, "--lang", "en", "--out", "report.html")
    answer = call("report", "baseline", "--plan", plan, *words)
    assert answer.exit_code == 0, answer.output
    assert (tmp_path / "report.html").is_file()


def test_a_page_of_january_supposes_what_deliveries_have_brought(tmp_path: Path) -> None:
    words = ("--paths", 1_000, "--calibrations", 0, "--lang", "en", "--out", tmp_path / "report.html")
    answer = call("report", "baseline", *words)
    assert answer.exit_code == 0, answer.output
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    supposed = json.loads(page.partition('id="what-if-table">')[2].partition("</script>")[0])["deliveries"]
    assert len(supposed) > 30
    assert 'id="coming"' not in page
    for each in supposed:
        assert each["period"]["en"] == "Q1"
        mean = sum(chance * odds for chance, odds in zip(each["chances"], each["odds"], strict=True))
        assert mean == pytest.approx(each["published"], abs=0.01), each["id"]
