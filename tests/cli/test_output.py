"""What commands write: never over what is the user's, and stopped in words."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.cli import main

CASES = """\
schema_version: 1
scenario: baseline
design: list
vary: {shocks.rare_common_shock.probability: [0.02, 0.04]}
"""
FEW = ("--paths", 300, "--calibrations", 0, "--method", "paths")


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.mark.parametrize(
    ("name", "words", "option"),
    [
        ("page.html", ("report", "baseline", "--plan", "china-2024", *FEW), "--out"),
        ("chart.pdf", ("chart", "reliability"), "--out"),
        ("odds.xlsx", ("run", "baseline", "--plan", "china-2024", *FEW, "--no-charts"), "--excel"),
        ("prior.yaml", ("calibrate",), "--out"),
    ],
)
def test_a_file_of_somebody_else_is_replaced_only_by_force(
    name: str, words: tuple[object, ...], option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("schema_version: 1\n# notes of mine\n")
    answer = call(*words, option, name)
    assert answer.exit_code == 2
    assert answer.output == f"{option} {name}: is not as this program wrote it; name another file or write --force\n"
    assert Path(name).read_text() == "schema_version: 1\n# notes of mine\n"
    assert not Path("out").exists()
    for force in (("--force",), ()):
        answer = call(*words, option, name, *force)
        assert answer.exit_code == 0, answer.output
    assert b"target-simulator sha256" in Path(name).read_bytes()[-200:]


def test_what_else_a_folder_holds_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("run", "baseline", *FEW, "--no-charts", "--excel", "out/odds.xlsx")
    assert call(*words).output.endswith("8 files in out\n")
    (tmp_path / "out" / "notes").mkdir()
    (tmp_path / "out" / "thesis.odt").write_text("mine")
    assert call(*words).output.endswith("8 files in out; left alone there: notes/, thesis.odt\n")
    answer = call("backtest", "--no-charts", "--out", "out")
    assert answer.exit_code == 2
    assert (
        answer.output == f"--out {tmp_path / 'out'}: holds the result of a run; name another folder or write --force\n"
    )


def test_a_new_plan_may_be_begun_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "city").mkdir()
    monkeypatch.chdir(tmp_path / "city")
    assert call("new", ".").exit_code == 0
    assert Path("plan.csv").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["city"]
    assert "holds files already" in call("new", ".").output


def test_a_sweep_takes_a_folder_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases.yaml").write_text(CASES)
    for out in ("sw/", "./sw", "sw//"):
        assert call("sweep", "cases.yaml", "--out", out).exit_code == 0
        assert {path.name for path in tmp_path.iterdir()} == {"cases.yaml", "sw"}
        assert {path.name for path in (tmp_path / "sw").iterdir()} == {"sweep.csv", "manifest.json"}


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there")
def test_a_folder_whose_name_is_no_utf8_is_written(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xb3\xc9\xb9\xfb"
    command = [sys.executable, "-m", "sim", "run", "baseline", "--plan", "china-2024", *map(str, FEW), "--no-charts"]
    done = subprocess.run([*command, "--out", name], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"attainment.csv" in os.listdir(name)  # noqa: PTH208
    page = [sys.executable, "-m", "sim", "report", name, "--out", name + b"/page.html"]
    done = subprocess.run(page, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize(
    ("number", "code", "name"), [(signal.SIGTERM, 143, "SIGTERM"), (signal.SIGINT, 130, "Ctrl-C")], ids=str
)
def test_a_signal_ends_a_run_in_words(number: signal.Signals, code: int, name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim", "run", "baseline", "--method", "paths", "--paths", "1e9"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not [*tmp_path.glob(".sim-*/new")]:  # until it is at work
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(number)
    told, words = process.communicate(timeout=60)
    assert (process.returncode, told) == (code, "")
    assert words == f"stopped by {name}: no file is half-written; a sweep goes on when it is called again\n"
    assert [*tmp_path.iterdir()] == []
