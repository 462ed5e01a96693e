"""The documentation: its site is made without a warning, its commands, files and code are understood."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

import sim
from sim.analysis.sweep.design import read_sweep
from sim.cli import main
from sim.inputs.scenario.document import ScenarioFile, Shock
from sim.model.model import Model

ROOT = Path(__file__).parents[2]
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}


def list_blocks(language: str) -> list[str]:
    pattern = rf"^```{language}\n(.*?)^```"
    return [block for page in PAGES.values() for block in re.findall(pattern, page, re.DOTALL | re.MULTILINE)]


def list_commands() -> list[str]:
    blocks = re.findall(r"^sim [^#\n]*[^#\s]", "\n".join(list_blocks("sh")), re.MULTILINE)
    sentences = [each for page in PAGES.values() for each in re.findall(r"`(sim\s[a-z]+\s[^`]*)`", page)]
    return sorted({" ".join(each.split()) for each in [*blocks, *sentences]})


@pytest.mark.slow
def test_the_site_is_made_without_a_warning(tmp_path: Path) -> None:
    words = ["-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", "-d", tmp_path / "trees", ".", tmp_path / "site"]
    made = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (0, "")
    assert "seeds" not in {each.name for each in (tmp_path / "site").iterdir()}


def test_every_public_name_is_in_the_reference() -> None:
    named = re.findall(r"^\.\. auto(?:function|class|exception):: (\w+)$", PAGES["reference.md"], re.MULTILINE)
    assert sorted(named) == sorted({*sim.__all__} - {"charts", "__version__"})


def test_the_index_leads_to_every_page() -> None:
    pages = {name.removesuffix(".md") for name in PAGES} - {"index"}
    (tree,) = list_blocks("{toctree}")
    assert pages <= {*tree.split()}
    assert all(f"({name}.md)" in PAGES["index.md"] for name in pages)


@pytest.mark.parametrize("line", [line for line in list_commands() if not {"FILE", "HISTORY.csv"} & {*line.split()}])
def test_each_command_is_understood(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("sweep.yaml", "outcomes.csv"):
        Path(name).touch()
    Path("archive").mkdir()
    command: click.Command = main
    words = shlex.split(line)[1:]
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    with command.make_context(line, words) as context:
        assert not context.args


def test_files_are_what_they_are_said_to_be(model: Model, tmp_path: Path) -> None:
    blocks = list_blocks("yaml")
    keys = {
        "tariff": "tariff:",
        "sweep": "design:",
        "mixed": "mixture:",
        "answered": "rules:",
        "judged": "judgements:",
    }
    for name, key in ((f"{file}.yaml", key) for file, key in keys.items()):
        (text,) = (each for each in blocks if key in each)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert len(blocks) == 5
    assert list(sim.read_scenario(str(tmp_path / "answered.yaml"), model.plan).rules) == ["investment_push"]
    assert sim.read_scenario(str(tmp_path / "mixed.yaml"), model.plan).parts
    assert len(sim.read_scenario(str(tmp_path / "judged.yaml"), model.plan).judgements) == 4
    read = sim.read_scenario(str(tmp_path / "tariff.yaml"), model.plan)
    assert {"tariff", "lost_jobs"} <= {*read.shocks}
    assert len(read_sweep(tmp_path / "sweep.yaml", model).settings) == 21 * 3 * 3


@pytest.mark.parametrize(("heading", "kind"), [("scenario", ScenarioFile), ("shock", Shock)])
def test_every_field_is_told(heading: str, kind: type) -> None:
    section = PAGES["scenarios.md"].split(f"\n## Fields of a {heading}\n")[1].split("\n## ")[0]
    told = {name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert {*kind.model_fields} - {"title"} <= told
    assert told <= {*kind.model_fields}


@pytest.mark.slow
def test_the_code_runs_as_it_stands() -> None:
    for code in list_blocks("python"):
        if ">>>" not in code:  # those are doctests
            exec(compile(code, "docs", "exec"), {})
