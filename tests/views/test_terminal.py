"""The terminal: what a user types, and what is left on the disk."""

import json
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from small_plans import WritePlan

from sim.cli import main
from sim.engine.run import run
from sim.errors import OutputError
from sim.inputs.bundled import list_scenario_files
from sim.inputs.files.writing import open_folder
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import read_scenarios
from sim.model.model import Model
from sim.views.terminal.odds import print_run

FILES = {"attainment.csv", "joint.csv", "conditional.csv", "quantiles.csv", "manifest.json"}


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("finished") / "out"
    return out, call("run", "--paths", "20000", "--calibrations", 16, "--out", out)


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
    for words in ("Budget", "Industrial", "investment", "居民人均可支配收入", "±", "all 6", "tolerance"):
        assert words in result.output
    assert max(len(line) for line in result.output.splitlines()) <= 80


def test_run_writes_its_files(finished: tuple[Path, Result]) -> None:
    out, _ = finished
    names = {path.name for path in out.iterdir()}
    assert names > FILES
    assert {"odds.png", "odds.svg", "change.png", "change.svg", "fan-gdp.png", "fan-gdp.svg"} <= names
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
    assert {"attainment.csv", "manifest.json", "odds.png", "fan-gdp.svg"} <= set(contents[0])


def test_a_composition_runs_under_both_names(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("run", "tax-refunds+typhoon-season", "--paths", 1000, "--out", out, "--no-charts").exit_code == 0
    assert pd.read_csv(out / "attainment.csv").scenario.unique().tolist() == ["tax-refunds+typhoon-season"]


def test_show_prints_a_scenario_that_reads_the_same(tmp_path: Path) -> None:
    shown = call("show", "external-and-property")
    assert shown.exit_code == 0
    copy = tmp_path / "external-and-property.yaml"
    copy.write_text(shown.output, encoding="utf-8")
    assert call("lint", copy).exit_code == 0
    assert call("show", copy).output == shown.output


def test_shipped_schema_is_the_generated_one() -> None:
    shipped = list_scenario_files()[0].parent / "scenario.schema.json"
    assert call("schema").output == shipped.read_text(encoding="utf-8")


def test_every_shipped_scenario_names_the_schema_for_editors() -> None:
    for path in list_scenario_files():
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=./scenario.schema.json", path


def test_lint_checks_scenarios_calibration_and_plans() -> None:
    plan = list_scenario_files()[0].parent.parent / "seeds" / "qingdao-2024"
    result = call("lint", *list_scenario_files(), plan, plan / "calibration.yaml")
    assert result.output == f"{len(list_scenario_files()) + 2} checked, no faults\n"


@pytest.mark.parametrize("command", ["run", "lint", "show", "schema"])
def test_help_ends_with_an_example(command: str) -> None:
    assert call(command, "--help").output.rstrip().splitlines()[-1].strip().startswith(f"Example: sim {command}")


def test_python_m_sim_is_sim() -> None:
    done = subprocess.run([sys.executable, "-m", "sim", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("sim, version ")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from sim.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'matplotlib', 'pydantic', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_import_sim_imports_nothing_heavy() -> None:
    code = "import sys, sim; sys.exit(bool({'numpy', 'pandas', 'scipy', 'matplotlib', 'pydantic'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_square_brackets_in_names_are_shown_as_they_are(plan: Plan, model: Model) -> None:
    hostile = plan.headline[0].model_copy(update={"name_en": "GDP [/bold] [real]"})
    others = tuple(target for target in plan.targets if target.id != hostile.id)
    changed = replace(model, plan=replace(plan, targets=(hostile, *others)))
    result = run(changed, read_scenarios(["baseline"], plan), n_paths=100, n_calibrations=0)
    with StringIO() as written:
        print_run(result, Console(file=written, width=120, markup=False))
        assert "GDP [/bold] [real]" in written.getvalue()


def test_a_plan_without_marked_headline_opens_with_its_growth_targets(plan: Plan) -> None:
    unmarked = tuple(target.model_copy(update={"headline": "no"}) for target in plan.targets)
    assert [target.id for target in replace(plan, targets=unmarked).headline] == [each.id for each in plan.headline]
