"""`sim why`: two days, two runs, two plans or two calibrations, and what it refuses."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from small_plans import WritePlan

from sim.cli import main

HEAD = "date,period,series,value,unit,step,status,source\n"
APRIL = "2024-04-20,Q1,gdp,5.6,%,,first,s\n"
JULY = "2024-07-20,H1,gdp,5.1,%,,first,s\n"


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["why", *(str(word) for word in words)])


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory, two_indicator_plan: WritePlan) -> Path:
    """A plan with figures of two days, and a second one that promises less."""
    folder = tmp_path_factory.mktemp("plans")
    written = two_indicator_plan(folder / "twin")
    (written / "published.csv").write_text(HEAD + APRIL + JULY)
    lower = two_indicator_plan(
        folder / "lower", targets=("左右,GDP,生产总值,gdp,about,5.5", "左右,GDP,生产总值,gdp,about,5")
    )
    (lower / "published.csv").write_text(HEAD + APRIL + JULY)
    (folder / "wide.yaml").write_text((written / "calibration.yaml").read_text().replace("value: 0.7", "value: 0.9"))
    return written


def test_two_days_are_told_in_both_languages_and_written_whole(plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = call("--plan", plan, "--from", "2024-04-30", "--to", "2024-07-31", "--target", "gdp_growth", "--out", out)
    assert result.exit_code == 0, result.stderr
    words = " ".join(result.output.split())
    assert "H1 GDP printed 5.1 %, expected 5." in words
    assert "上半年生产总值公布值5.1%，预期5." in words
    parts = pd.read_csv(out / "why.csv")
    assert list(parts.columns) == ["target", "part", "change", "se"]
    assert parts.part.unique().tolist() == ["gdp/H1"]
    whole = pd.read_csv(out / "odds.csv").set_index("target")
    assert (parts.groupby("target").change.sum() - whole.change).abs().max() < 2e-6
    assert {path.name for path in out.iterdir()} == {
        "why.csv", "odds.csv", "parts.csv", "why.png", "why.svg", "manifest.json"
    }  # fmt: skip
    manifest = json.loads((out / "manifest.json").read_text())
    assert [len(manifest[which]["published"]) for which in ("before", "after")] == [1, 2]
    assert str(plan.parent) not in json.dumps(manifest)


def test_without_days_all_that_is_known_is_explained_from_nothing(plan: Path) -> None:
    named, days = call("--plan", plan), call("2024-01-01", "2024-12-31", "--plan", plan)
    assert named.exit_code == 0, named.stderr
    assert named.output == days.output
    assert "Q1 GDP" in named.output


def test_two_plans_and_two_calibrations(plan: Path) -> None:
    result = call(plan, plan.parent / "lower")
    assert result.exit_code == 0, result.stderr
    assert "The plan's own numbers 计划自身的数字" in result.output
    result = call(plan / "calibration.yaml", plan.parent / "wide.yaml", "--plan", plan, "--published", "none")
    assert result.exit_code == 0, result.stderr
    assert "Calibration 校准参数" in result.output
    result = call(plan, plan)
    assert "Nothing differs between the two." in result.output


def test_what_cannot_be_explained_is_told_in_a_line_and_nothing_is_written(
    plan: Path, tmp_path: Path, two_indicator_plan: WritePlan
) -> None:
    out, bare = tmp_path / "out", two_indicator_plan(tmp_path / "bare")
    known = ("--plan", plan)
    for words, told in {
        (plan,): f"sim why: only '{plan}' is named; name two, or --from and --to",
        (plan, "2024-07-31"): f"sim why: '{plan}' is a plan, '2024-07-31' a day; name two of a kind",
        ("a", "b"): "a: is nothing that can be explained; name a folder that sim run wrote, a day",
        ("--plan", bare): f"{bare}: no figures of the year are known; type them into published.csv",
        (*known, "--from", "soon"): "--from: 'soon' is not a date",
        (*known, "--target", "gpd_growth"): "--target: no target or group 'gpd_growth'",
        (*known, "--scenario", "baselin"): "did you mean 'baseline'",
        (*known, "2024-04-30", "2024-07-31", "--from", "2024-04-30"): "--from/--to: given with A and B",
        (*known, *["--scenario", "baseline"] * 3): "--scenario: 3 given; name one for both, or one each",
        ("qingdao-2024", "china-2024"): "B: its indicators: gdp, unemployment",
        (plan, bare.parent / "none"): "none: is nothing that can be explained",
    }.items():
        result = call(*words, "--out", out)
        assert (result.exit_code, told in result.stderr) == (2, True), result.stderr
        assert not out.exists()
