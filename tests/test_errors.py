"""Faults and the exceptions that carry them."""

import pytest

from sim.cli.options import speak
from sim.errors import Fault, InputError, OutputError, SimError, blame, find_nearest


def test_a_fault_says_place_problem_what_is_allowed_and_the_nearest_name() -> None:
    fault = Fault("a.yaml", 3, 5, "unknown key 'onste'", "allowed: onset, size", "onset")
    assert str(fault) == "a.yaml:3:5: unknown key 'onste'; allowed: onset, size; did you mean 'onset'?"


def test_a_fault_leaves_out_what_it_does_not_know() -> None:
    assert str(blame("n_paths", "0 paths")) == "n_paths: 0 paths"


def test_a_fault_keeps_to_one_line() -> None:
    assert str(Fault("a.yaml", 1, 1, "unknown 'a\nb\0'")) == r"a.yaml:1:1: unknown 'a\nb\x00'"
    assert str(Fault("表.csv", 1, 1, "未知")) == "表.csv:1:1: 未知"


def test_faults_are_told_once_each_by_file_line_and_column() -> None:
    late, early, left = Fault("b", 10, 1, "late"), Fault("b", 9, 7, "early"), Fault("b", 9, 2, "left")
    other = Fault("a", 99, 1, "other file")
    error = InputError([late, early, left, other, late])
    assert str(error) == "a:99:1: other file\nb:9:2: left\nb:9:7: early\nb:10:1: late"


@pytest.mark.parametrize("kind", [InputError, OutputError])
def test_one_class_catches_every_error_of_the_package(kind: type[Exception]) -> None:
    assert issubclass(kind, SimError)


@pytest.mark.parametrize(
    ("written", "nearest"),
    [("retail_sale", "retail_sales"), ("gpd", "gdp"), ("weather", ""), ("", ""), (3, "")],
    ids=["letter left out", "letters swapped", "nothing near", "nothing written", "a number"],
)
def test_the_nearest_name_is_near_or_none(written: object, nearest: str) -> None:
    assert find_nearest(written, ["gdp", "retail_sales"]) == nearest


def test_the_terminal_prints_flags_where_the_library_names_arguments() -> None:
    faults = [blame("method", "scenario 'x' needs paths", 'write `method="auto"`'), Fault("method", 3, 1, "unknown")]
    error = InputError([*faults, blame("n_paths", "0 paths", "write `n_paths=200_000`, see `sim run`")])
    told = ["--method: scenario 'x' needs paths; write --method auto"]
    told += ["--paths: 0 paths; write --paths 200_000, see `sim run`", "method:3:1: unknown"]
    assert speak(error).splitlines() == told
    assert speak(OutputError("x.html: is a folder", "path")) == "--out x.html: is a folder"
    assert speak(OutputError("x: holds pieces; name another `folder`")) == "x: holds pieces; name another --out"
    assert str(OutputError("x.html: is a folder", "path")) == "x.html: is a folder"
