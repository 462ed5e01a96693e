"""What is handed on tells nothing that a spreadsheet would carry out, nor whose folder it was made in."""

import csv
import json
import os
import re
import shutil
import stat
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import sim
from sim.analysis.repeat import repeat
from sim.cli import main
from sim.inputs.bundled import find_plan
from sim.results.manifest import describe_origin
from sim.results.tables import format_table

FEW = ("--paths", 300, "--calibrations", 0, "--method", "paths")
TABLE = r'<script type="application/json" id="table-[^>]*>(.*?)</script>'
OWN = "schema_version: 1\nextends: baseline\ntitle: {en: Mine, zh: 我的}\nwhy: to see\nsources: [s]\n"
FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3")


def call(*words: object) -> Result:
    answer = CliRunner().invoke(main, [str(word) for word in words])
    assert answer.exit_code == 0, answer.output
    return answer


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan in somebody's folder, whose names begin as formulas do."""
    folder = tmp_path_factory.mktemp("home") / "ann-secret"
    shutil.copytree(find_plan("china-2024"), folder / "plan")
    table = folder / "plan" / "targets.csv"
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    column = lines[0].split(",").index("name_en")
    rows = [*csv.reader(lines)]
    for row, formula in zip(rows[1:], FORMULAS * 10, strict=False):
        row[column] = formula
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def test_no_cell_of_a_table_is_a_formula(secret: Path) -> None:
    call("run", "baseline", "--plan", secret / "plan", *FEW, "--no-charts", "--out", secret / "out")
    call("report", secret / "out", "--out", secret / "page.html")
    tables = [path.read_text(encoding="utf-8-sig") for path in sorted((secret / "out").glob("*.csv"))]
    page = (secret / "page.html").read_text(encoding="utf-8")
    saved = [
        json.loads(text) for text in re.findall(r'<script type="application/json" id="table-[^>]*>(.*?)</script>', page)
    ]
    cells = [cell for text in [*tables, *map(str, saved)] for row in csv.reader(text.splitlines()) for cell in row]
    assert any(cell.lstrip("'") in FORMULAS for cell in cells)
    numbers = re.compile(r"[-+]?[\d.]+(e[-+]?\d+)?|[-+]?(inf|nan)")
    assert [cell for cell in cells if cell[:1] in {*"=+-@\t\r"} and cell and not numbers.fullmatch(cell)] == []


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=A1", "'=A1"),
        ("\tx", "'\tx"),
        ("@x", "'@x"),
        ("-0.5", "-0.5"),
        ("+1e5", "+1e5"),
        ("a=b", "a=b"),
        (-1.5, "-1.500000"),
    ],
)
def test_only_what_is_no_number_is_guarded(cell: object, written: str) -> None:
    assert format_table(pd.DataFrame({"name": [cell]})).splitlines()[1] == written


def test_neither_page_nor_manifest_names_the_folders_above(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, page = secret / "result", secret / "mail.html"
    words = ["sim", "run", "baseline", "--plan", str(secret / "plan")]
    monkeypatch.setattr(sys, "argv", [*words, f"--out={out}"])
    call(*words[1:], *FEW, "--no-charts", "--out", out)
    call("report", out, "--out", page)
    for text in ((out / "manifest.json").read_text(encoding="utf-8"), page.read_text(encoding="utf-8")):
        assert str(secret.parent) not in text
        assert secret.name not in text
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == ["sim", "run", "baseline", "--plan", ".../plan", "--out=.../result"]
    assert manifest["given"]["plan"] == "../plan"


def test_a_result_is_repeated_wherever_both_are_moved(
    secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(secret / "plan", tmp_path / "a" / "work" / "plan")
    (tmp_path / "a" / "work" / "mine.yaml").write_text(
        "extends: baseline\nwhy: to see\ntitle: {en: Mine, zh: 我的}\nsources: [s]\nschema_version: 1\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path / "a" / "work")
    result = sim.run("plan", ["mine.yaml", "baseline"], n_paths=300, n_calibrations=0, method="paths")
    result.save("out")
    given = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))["given"]
    assert (given["plan"], given["scenarios"]) == ("../plan", ["../mine.yaml", "baseline"])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    again = repeat(tmp_path / "b" / "work" / "out")
    assert again.odds.equals(result.odds)


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    files = [tmp_path / first / "s" / "m.yaml" for first in ("a", "b")] + [tmp_path / "c" / "n.yaml"]
    for number, path in enumerate(files):
        path.parent.mkdir(parents=True)
        path.write_text(f"{number}")
    inputs = describe_origin(files)["inputs"]
    assert isinstance(inputs, dict)
    assert [*inputs] == ["a/s/m.yaml", "b/s/m.yaml", "c/n.yaml"]
    assert len({*inputs.values()}) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="no umask")
def test_what_is_written_keeps_the_umask(secret: Path, tmp_path: Path) -> None:
    former = os.umask(0o077)
    try:
        call("run", "baseline", "--plan", secret / "plan", *FEW, "--no-charts", "--out", tmp_path / "out")
        call("report", tmp_path / "out", "--out", tmp_path / "page.html")
    finally:
        os.umask(former)
    for path in (tmp_path / "out", *(tmp_path / "out").iterdir(), tmp_path / "page.html"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077
