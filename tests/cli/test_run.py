"""`sim run`: what it prints, what it leaves on the disk, and what it leaves alone."""

import json
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from small_plans import WritePlan

from sim.cli import main
from sim.errors import OutputError
from sim.inputs.bundled import list_scenario_files
from sim.inputs.files.folders import open_folder

FILES = {"attainment.csv", "joint.csv", "conditional.csv", "quantiles.csv", "manifest.json"}


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("finished") / "out"
    return out, call("run", "--all", "--paths", "20000", "--calibrations", 16, "--no-charts", "--out", out)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    result = call("run", "baseline", "--paths", 10, "--out", tmp_path, "--no-charts")
    assert result.exit_code == 2
    assert "holds files that no run wrote" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    result = call("run", "baseline", "--paths", 10, "--out", tmp_path / "out", "--no-charts")
    assert result.exit_code == 2
    assert "is a file; name a folder" in result.output


def test_nothing_is_written_when_writing_fails(tmp_path: Path) -> None:
    def fail_half_way() -> None:
        with open_folder(tmp_path / "out") as folder:
            (folder / "attainment.csv").write_text("half")
            raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="gone"):
        fail_half_way()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"), open_folder(tmp_path / "file" / "out"):
        pass


@pytest.mark.parametrize("words", ["many", "1.5", "nan", "inf"])
def test_paths_must_be_a_whole_number(words: str) -> None:
    result = call("run", "--paths", words)
    assert result.exit_code == 2
    assert "200000 or 2e5" in result.output


def test_run_prints_every_scenario_and_target(finished: tuple[Path, Result]) -> None:
    _, result = finished
    assert result.exit_code == 0, result.output
    for path in list_scenario_files():
        assert path.stem.rpartition("-")[0] in result.output
    for words in ("Budget", "Industrial", "investment", "Income", "±", "all 6", "tolerance"):
        assert words in result.output
    assert max(len(line) for line in result.output.splitlines()) <= 80


def test_run_writes_its_files(finished: tuple[Path, Result]) -> None:
    out, _ = finished
    assert {path.name for path in out.iterdir()} > FILES
    attainment = pd.read_csv(out / "attainment.csv")
    assert attainment.scenario.nunique() * attainment.target.nunique() >= 9 * 6
    assert attainment.probability.dropna().between(0, 1).all()
    blank = attainment[attainment.probability.isna()]
    assert {*zip(blank.target, blank.reading, strict=True)} == {("grain_area", "Q1"), ("grain_output", "Q1")}
    assert (attainment.mc_se.dropna() > 0).all()
    rare = ~attainment.probability.between(0.001, 0.999)
    assert not attainment.mc_se.isna()[~rare].any()


def test_tables_open_in_spreadsheets_with_their_chinese(finished: tuple[Path, Result]) -> None:
    out, _ = finished
    for name in FILES - {"manifest.json"}:
        assert (out / name).read_bytes().startswith(b"\xef\xbb\xbf"), name
    assert "地区生产总值" in (out / "attainment.csv").read_text(encoding="utf-8-sig")


def test_manifest_tells_how_to_repeat(finished: tuple[Path, Result]) -> None:
    out, _ = finished
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["seed"] == 2024
    assert manifest["settings"]["n_paths"] == 20_000
    assert manifest["scenarios"][0] == "baseline"
    baseline = list_scenario_files()[0]
    assert manifest["inputs"]["scenarios/baseline.yaml"] == sha256(baseline.read_bytes()).hexdigest()
    assert {"qingdao-2024/targets.csv", "qingdao-2024/calibration.yaml"} <= set(manifest["inputs"])
    assert {"numpy", "target-simulator", "python"} <= set(manifest["versions"])


def test_the_same_run_writes_the_same_bytes(tmp_path: Path, two_indicator_plan: WritePlan) -> None:
    words = ["run", "--plan", two_indicator_plan(), "--paths", 3000, "--calibrations", 16, "--out", tmp_path / "out"]
    contents = []
    for _ in range(2):
        result = call(*words)
        assert result.exit_code == 0, result.output
        contents.append({path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()})
    assert contents[0] == contents[1]
    charts = {f"{name}.{ending}" for name in ("odds", "change", "fan-gdp") for ending in ("png", "svg")}
    assert {"attainment.csv", "manifest.json", *charts} <= set(contents[0])


def test_a_composition_runs_under_both_names(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("run", "tax-refunds+typhoon-season", "--paths", 1000, "--out", out, "--no-charts").exit_code == 0
    assert pd.read_csv(out / "attainment.csv").scenario.unique().tolist() == ["tax-refunds+typhoon-season"]
