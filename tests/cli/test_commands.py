"""Commands that read, and the command line as a whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.cli import main
from sim.cli.listing import SUMMARIES
from sim.inputs.bundled import list_scenario_files

ROOT = Path(__file__).parents[2]


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


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


def test_probability_prints_a_line_and_writes_a_table(tmp_path: Path) -> None:
    words = ("probability", "baseline", "--target", "gdp:5.0", "--missed", "headline", "--calibrations", 0)
    result = call(*words, "--tolerance", "0.01", "--out", tmp_path / "answer")
    assert result.exit_code == 0, result.output
    assert "baseline" in result.output
    assert "GDP 5 met" in result.output.replace("\n", " ")
    lines = (tmp_path / "answer" / "probability.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "scenario,met,missed,reading,probability,mc_se,range_low,range_high"
    assert len(lines) == 2
    assert (tmp_path / "answer" / "manifest.json").is_file()


def test_probability_of_nothing_that_is_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "answer"
    result = call("probability", "baseline", "--target", "gpd", "--missed", "gdp:x", "--out", out)
    assert result.exit_code == 2
    told = result.output.splitlines()
    assert [line.partition(":")[0] for line in told] == ["--missed", "--target"]
    assert not out.exists()
    assert list(tmp_path.iterdir()) == []


def test_compare_writes_its_tables(tmp_path: Path) -> None:
    words = ("compare", "baseline", "export-slump", "--target", "gdp", "--tolerance", "0.01")
    result = call(*words, "--out", tmp_path / "answer")
    assert result.exit_code == 0, result.output
    heads = {
        "compare": "target,reading,before,after,change,paired_se",
        "shapley": "target,by,part,change,se",
        "lines": "line,before,after",
    }
    for name, head in heads.items():
        assert (tmp_path / "answer" / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()[0] == head
    assert call("compare", "baseline", "export-slump", "--target", "gpd").exit_code == 2
    assert call("compare", "baseline", "baseline").exit_code == 0


def test_promise_writes_its_table(tmp_path: Path) -> None:
    words = ("promise", "--odds", "0.7", "--target", "gdp", "--calibrations", 16, "--tolerance", "0.01")
    result = call(*words, "--out", tmp_path / "answer")
    assert result.exit_code == 0, result.output
    lines = (tmp_path / "answer" / "promise.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "target,odds,number,low,high,unit,stated,together"
    assert len(lines) == 3
    refused = call("promise", "--odds", "70", "--out", tmp_path / "other")
    assert refused.exit_code == 2
    assert refused.output.startswith("--odds: 70; allowed")
    assert not (tmp_path / "other").exists()


def test_path_writes_its_tables_and_the_fan(tmp_path: Path) -> None:
    result = call("path", "48,213", "--scenario", "export-slump", "--of", "gdp", "--out", tmp_path / "answer")
    assert result.exit_code == 0, result.output
    assert "path 48,213 of a run" in result.output
    names = {each.name for each in (tmp_path / "answer").iterdir()}
    assert names == {"path.csv", "shocks.csv", "targets.csv", "manifest.json", "fan-gdp.png", "fan-gdp.svg"}
    assert "path 48,213" in (tmp_path / "answer" / "fan-gdp.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [("10000000001",), ("5", "--like", "median"), (), ("5", "--of", "gpd")])
def test_path_refuses_what_is_no_path(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = call("path", *words, "--out", tmp_path / "answer")
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1
    assert not (tmp_path / "answer").exists()


def test_stress_writes_its_table(tmp_path: Path) -> None:
    words = ("stress", "gdp", "--below", "0.1", "--shock", "export_slump", "--by", "size", "--tolerance", "0.01")
    result = call(*words, "--out", tmp_path / "answer")
    assert result.exit_code == 0, result.output
    assert "export_slump" in result.output
    head, row = (tmp_path / "answer" / "stress.csv").read_text(encoding="utf-8-sig").splitlines()
    assert head == "target,below,by,shock,value,unit,odds_as_given,odds,once_in,status"
    assert row.endswith(",found")
    refused = call("stress", "gdp", "--below", "10", "--shock", "quake")
    assert refused.exit_code == 2
    assert [line.partition(":")[0] for line in refused.output.splitlines()] == ["--below", "--shock"]


def test_misses_writes_its_tables(tmp_path: Path) -> None:
    result = call("misses", "gdp", "--tolerance", "0.01", "--out", tmp_path / "answer")
    assert result.exit_code == 0, result.output
    assert "in 100 misses have GDP printed below" in result.output
    heads = {
        "misses": "kind,name,period,unit,mean,mean_if_missed",
        "ways": "shocks,share,chance,series,period,value",
        "facts": "rule,facts,coverage,purity,chance",
    }
    for name, head in heads.items():
        assert (tmp_path / "answer" / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()[0] == head
    assert call("misses", "gpd").exit_code == 2


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    """`sim --help` imports no command; what it says of each stands in a table."""
    for name, summary in SUMMARIES.items():
        command = main.commands[name]
        assert summary == " ".join((command.help or "").partition("\n\n")[0].split())
    listed = "import sys, sim.cli; sim.cli.main(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert not {"numpy", "pydantic", "sim.cli.run"} & {*done.stdout.splitlines()[-1].split()}


def test_a_scenario_is_checked_without_what_computes() -> None:
    lint = "import sys, sim.cli; sim.cli.main(['lint', 'scenarios/export-slump.yaml'], standalone_mode=False)"
    done = subprocess.run(
        [sys.executable, "-c", f"{lint}; print(*sys.modules)"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not {"numpy", "scipy.special", "pandas", "matplotlib", "sim.inputs.calibration"} & {*done.stdout.split()}
