"""`sim archive`, and the chart of an archive."""

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from sim.cli import main
from sim.results.archive import INDEX, append_vintage, read_archive
from sim.results.run import Run

OUTCOMES = "date,period,series,value,unit,source\n2025-01-24,FY,gdp,5.7,%,s\n2025-01-24,FY,retail_sales,4.1,%,s\n"


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def folder(counted: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "archive"
    for day, factor in (("2024-01-01", 1.0), ("2024-07-31", 0.5)):
        moved = [replace(each, met=np.clip(each.met * factor, 0, 1)) for each in counted.attainments]
        append_vintage(path, replace(counted, attainments=tuple(moved)), datetime.date.fromisoformat(day))
    return path


def test_list_names_the_vintages_and_the_last_digest(folder: Path) -> None:
    result = call("archive", "list", folder)
    assert result.exit_code == 0
    assert "2024-07-31" in result.output
    assert read_archive(folder).vintages[-1].digest in result.output


def test_show_prints_and_writes_odds_by_vintage(folder: Path, counted: Run, tmp_path: Path) -> None:
    result = call("archive", "show", folder, "--scenario", "export-slump", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    share = 100 * float(counted["export-slump"].met[0, 0])
    assert f"{share:.1f}" in result.output
    assert f"{share / 2:.1f}" in result.output
    frame = pd.read_csv(tmp_path / "out" / "odds.csv")
    assert len(frame) == len(read_archive(folder).odds)
    assert (tmp_path / "out" / "manifest.json").is_file()
    assert call("archive", "show", folder, "--hub", "--out", tmp_path / "hub").exit_code == 0
    assert "output_type_id" in pd.read_csv(tmp_path / "hub" / "hub.csv").columns


def test_score_prints_and_writes_scores(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "came.csv").write_text(OUTCOMES)
    result = call("archive", "score", folder, "--outcomes", tmp_path / "came.csv", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "1 of 2 targets met" in result.output
    frame = pd.read_csv(tmp_path / "out" / "scores.csv")
    assert list(frame.vintage[frame.scenario == "baseline"]) == ["1", "2", "all"]


def test_faults_are_told_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    for words, told in {
        ("show", folder, "--scenario", "baselin"): "--scenario: no scenario 'baselin' in the archive",
        ("show", folder, "--plan", "china-2024"): "--plan: the archive is of qingdao-2024, not of china-2024",
        ("score", folder): "--outcomes: no target's outcome is known",
        ("list", tmp_path / "none"): "none: no such archive",
    }.items():
        extra = () if words[0] == "list" else ("--out", tmp_path / "out")
        result = call("archive", *words, *extra)
        assert result.exit_code == 2, words
        assert told in result.stderr
        assert not (tmp_path / "out").exists()


def test_a_changed_archive_is_told_with_its_line(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    text = (copy / "0002.csv").read_text()
    (copy / "0002.csv").write_text(text.replace("printed", "printee", 1))
    result = call("archive", "list", copy)
    assert (result.exit_code, f"{INDEX}:3:1: vintage 2 is not as it was archived" in result.stderr) == (2, True)


def test_the_chart_of_an_archive_is_drawn_into_a_file(folder: Path, tmp_path: Path) -> None:
    for lang in ("en", "zh"):
        path = tmp_path / f"year-{lang}.png"
        result = call("chart", "odds-over-year", "--archive", folder, "--lang", lang, "--out", path)
        assert result.exit_code == 0, result.stderr
        assert path.stat().st_size > 10_000
    result = call("chart", "fan", "--archive", folder)
    assert (result.exit_code, "--archive: chart 'fan' shows a run" in result.stderr) == (2, True)
    result = call("chart", "odds-over-year", "--archive", folder, "--plan", "china-2024", "--out", tmp_path / "x.png")
    assert (result.exit_code, "--plan: the archive is of qingdao-2024" in result.stderr) == (2, True)
