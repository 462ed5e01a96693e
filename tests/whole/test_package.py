"""The package as a whole: its public names, its style, its types."""

import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import sim

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", sim.__all__)
def test_every_public_name_can_be_had_and_is_documented(name: str) -> None:
    assert name in dir(sim)
    assert getattr(sim, name).__doc__


def test_the_import_costs_nothing_until_a_name_is_asked_for() -> None:
    look = "import sim, sys; print({'numpy', 'pandas', 'pydantic', 'typing', 'sim.errors'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_star_import_gives_the_public_names_alone() -> None:
    found: dict[str, object] = {}
    exec("from sim import *", found)
    assert set(found) - {"__builtins__"} == set(sim.__all__)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="No sim attribute forecast"):
        sim.forecast  # noqa: B018


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--no-cache", "--check", "."],
        pytest.param(["mypy"], marks=pytest.mark.slow),
        ["deptry", "."],
    ],
    ids=["ruff check", "ruff format", "mypy --strict", "deptry"],
)
def test_code_is_clean(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_dependency_earns_its_import_in_a_sentence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = chain(project["dependencies"], *project["optional-dependencies"].values())
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    told = {
        name
        for row in section.splitlines()
        if row.startswith("| ")
        for name in re.findall(r"[\w.-]+", row.split("|")[1])
    }
    assert {re.split("[>=<]", each)[0] for each in declared} - told == set()


def test_every_dependency_has_a_lowest_version_and_a_pinned_one_that_reaches_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "tests" / "constraints.txt").read_text(encoding="utf-8").split()
    pinned = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}
    for line in chain(project["dependencies"], *project["optional-dependencies"].values()):
        needed = Requirement(line)
        assert [each.operator for each in needed.specifier] == [">="], line
        assert needed.specifier.contains(pinned[canonicalize_name(needed.name)]), line
