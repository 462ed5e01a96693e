"""The lowest versions that pyproject.toml declares, with the core of the tests run against them.

`python tests/whole/lowest_versions.py` makes the environment in a folder that it removes, or in the one it is given.
Warnings are let pass: what is old warns of what is older.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXTRAS = ("cluster", "excel", "notebook")
TOOLS = ("hypothesis", "pytest", "pytest-xdist", "scoringrules", "selenium")
CORE = ("inputs", "model", "results", "learning", "engine", "analysis", "views", "whole/test_recorded_odds.py")


def list_floors() -> list[str]:
    """Each dependency at its lowest version, those of extras too; one that declares none is refused."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *(each for name in EXTRAS for each in project["optional-dependencies"][name])]
    floors = sorted({each.replace(">=", "==") for each in declared})
    without = [each for each in floors if "==" not in each]
    if without:
        raise ValueError(f"no lowest version: {', '.join(without)}")
    return floors


def list_tools() -> list[str]:
    """What runs the tests, as in any other environment."""
    lines = (ROOT / "tests" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.split("==")[0] in TOOLS]


def check(folder: Path) -> int:
    """Make the environment and run; returns pytest's exit code."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    own = f"{ROOT}[{','.join(EXTRAS)}]"
    subprocess.run([python, "-m", "pip", "install", "-q", "-e", own, *list_floors(), *list_tools()], check=True)
    options = ["-o", "addopts=--import-mode=importlib", "-o", "filterwarnings=default", "-q", "-n", "2"]
    tests = [ROOT / "tests" / each for each in CORE]
    return subprocess.run([python, "-m", "pytest", *options, *tests], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    print(*list_floors(), sep="\n")  # noqa: T201
    if len(sys.argv) > 1:
        sys.exit(check(Path(sys.argv[1]).absolute()))
    with tempfile.TemporaryDirectory() as made:
        sys.exit(check(Path(made)))
