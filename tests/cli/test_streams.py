"""What is printed reaches the eye whole: in any encoding, at any width, and told in a line where it cannot."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from rich.table import Table

from sim.cli import main
from sim.views.terminal.tables import open_console, open_table, show

FEW = ("--no-charts", "--calibrations", "16", "--paths", "400", "--method", "paths")
COMMANDS = {
    "run": ("run", "baseline", "--all", *FEW),
    "targets": ("targets", "--kind", "growth"),
    "show": ("show", "baseline"),
    "lint": ("lint", "qingdao-2024"),
    "backtest": ("backtest", "--no-charts", "--from", "2022"),
    "calibrate": ("calibrate", "--force"),
}


def call(words: tuple[str, ...], charset: str = "utf-8", width: int = 80) -> Result:
    return CliRunner(charset=charset, env={"COLUMNS": str(width)}).invoke(main, list(words))


call_once = cache(call)
"""For what others are compared with."""


def list_numbers(text: str) -> list[str]:
    return re.findall(r"\d[\d,.]*", text)


@pytest.mark.parametrize("charset", ["ascii", "latin-1", "cp1252", "gbk", "cp437", "utf-16"])
@pytest.mark.parametrize("command", ["run", "targets", "lint"])
def test_every_encoding_prints_the_same_numbers(
    command: str, charset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plain, answer = call_once(COMMANDS[command], width=200), call(COMMANDS[command], charset, width=200)
    assert answer.exit_code == 0, answer.exception
    assert sorted(list_numbers(answer.stdout)) == sorted(list_numbers(plain.stdout))


@pytest.mark.parametrize("charset", ["ascii", "gbk"])
@pytest.mark.parametrize("command", ["backtest", "calibrate", "show"])
def test_no_command_dies_of_an_encoding(
    command: str, charset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = call(COMMANDS[command], charset)
    assert answer.exit_code == 0, answer.exception


def test_a_scenario_shown_in_ascii_reads_back_the_same(tmp_path: Path) -> None:
    for charset in ("ascii", "gbk", "utf-8"):
        answer = call(("show", "export-slump"), charset)
        (tmp_path / f"{charset}.yaml").write_bytes(answer.stdout_bytes)
    shown = {call(("show", str(tmp_path / f"{charset}.yaml"))).stdout for charset in ("ascii", "gbk", "utf-8")}
    assert shown == {call(("show", "export-slump")).stdout}


@pytest.mark.parametrize("width", [20, 30, 40, 57, 80])
def test_numbers_are_whole_at_any_width(width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answers = call(COMMANDS["run"], width=width), call_once(COMMANDS["run"], width=300)
    tables = [answer.stdout.split("promises without odds")[0] for answer in answers]
    narrow, wide = (set(list_numbers(text)) for text in tables)
    assert wide <= narrow
    assert max(cell_len(line) for line in tables[0].splitlines()) <= width


@pytest.mark.parametrize("command", ["backtest", "calibrate"])
def test_every_command_keeps_its_numbers_whole_on_a_narrow_screen(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wide, narrow = (call((*COMMANDS[command], "--force"), width=width).stdout for width in (300, 20))
    assert {*list_numbers(wide)} <= {*list_numbers(narrow)}


@pytest.mark.parametrize("name", ["Gross state product", "地区生产总值（现价）"])
@pytest.mark.parametrize("width", [14, 20, 24])
def test_rows_are_lists_where_no_two_columns_fit(name: str, width: int, capsys: pytest.CaptureFixture[str]) -> None:
    table, console = open_table("", ""), open_console()
    table.add_column("series")
    for head in ("目标 target", "median", ""):
        table.add_column(head, justify="right")
    table.add_row(name, "2,721,571,000", "", "-0.5")
    table.add_row("second", "3,062,879,111", "1.25", "0")
    console.width = width
    show(table, console)
    lines = capsys.readouterr().out.splitlines()
    assert max(cell_len(line) for line in lines) <= width
    assert sorted(list_numbers("\n".join(lines))) == ["0", "0.5", "1.25", "2,721,571,000", "3,062,879,111"]
    if width == 14:
        assert not any("─" in line for line in lines)
        assert sum("median" in line for line in lines) == 1  # an empty cell has no line


def test_a_table_that_is_too_wide_goes_on_below(capsys: pytest.CaptureFixture[str]) -> None:
    def lay_out() -> Table:
        table = open_table("", "")
        table.add_column("series")
        for name in ("base", "median", "largest"):
            table.add_column(name, justify="right")
        table.add_row("Gross state product", "2,721,571,000", "3,062,879,111", "3,157,022,222")
        return table

    console = open_console()
    console.width = 30
    show(lay_out(), console)
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 30 for line in lines)
    assert sum("series" in line for line in lines) == 3
    for number in ("2,721,571,000", "3,062,879,111", "3,157,022,222"):
        assert any(number in line for line in lines)


@pytest.mark.parametrize("words", ["1,5", "1,00", "1_5", ",5", "1,0000", "0x10", "1e400", "20万"])
def test_a_number_that_could_mean_two_things_is_refused(words: str) -> None:
    answer = call(("run", "baseline", "--paths", words))
    assert answer.exit_code == 2
    assert "write 200000 or 2e5" in answer.output


@pytest.mark.parametrize("words", ["2000", "2,000", "2_000", "2e3", " 2000 "])
def test_thousands_may_be_set_apart(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = call(("chart", "reliability", "--paths", words))
    assert answer.exit_code == 0, answer.output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("words", [("targets",), ("--help",), ("lint", "baseline")], ids=str)
def test_a_full_disk_is_told_in_a_line(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sim", *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, "output: cannot be read or written (No space left on device)\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's pipe")
def test_a_reader_that_has_read_enough_ends_it_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "targets"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 1
    process.stderr.close()
