"""Verification: one byte of each table is changed in turn, inputs are changed, versions are others."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from small_plans import WritePlan

import sim
from sim.analysis.verify import verify
from sim.cli import main
from sim.errors import InputError
from sim.inputs.files.staging import digest_file
from sim.results.manifest import describe_origin

TABLES = ["attainment", "joint", "conditional", "quantiles", "uncertainty", "without_odds"]


@pytest.fixture(scope="module")
def made(two_indicator_plan: WritePlan, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A plan of one's own, and the folder of a run of it."""
    plan = two_indicator_plan()
    out = tmp_path_factory.mktemp("runs") / "out"
    sim.run(str(plan), n_paths=200, n_points=16, n_calibrations=16).save(out)
    return plan, out


@pytest.fixture
def copy(made: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[1], tmp_path / "copy"))


def seal(folder: Path, **changes: object) -> None:
    """Write the manifest anew, with digests of the files as they are."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | changes
    manifest["files"] = {name: digest_file(folder / name) for name in manifest["files"]}
    path.write_text(json.dumps(manifest), encoding="utf-8")


def move(table: Path, column: str, by: float) -> None:
    """Move the first number of a column, in bytes alone."""
    frame = pd.read_csv(table, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    row = int((frame[column] != "").to_numpy().argmax())
    frame.loc[row, column] = f"{float(frame.loc[row, column]) + by:.6f}"
    frame.to_csv(table, index=False, lineterminator="\n", encoding="utf-8-sig")


def test_a_run_comes_out_the_same(copy: Path) -> None:
    found = verify(copy)
    assert found.outcome == 0
    assert set(found.table.status) == {"same"}
    assert sorted(found.table.file) == sorted(f"{name}.csv" for name in TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_one_byte_of_any_table_is_seen(copy: Path, name: str) -> None:
    path = copy / f"{name}.csv"
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(bytes(content))
    found = verify(copy).table.set_index("file")
    assert found.status.pop(path.name) == "altered"
    assert set(found.status) <= {"same", "altered"}
    assert (found.status == "altered").sum() == 1
    assert verify(copy).outcome == 1


def test_other_numbers_are_told_with_their_place(copy: Path) -> None:
    move(copy / "joint.csv", "probability", 0.2)
    seal(copy)
    row = verify(copy).table.set_index("file").loc["joint.csv"]
    assert row.status == "differs"
    assert row.detail.startswith("row 2, probability of ")
    assert " there, " in row.detail
    assert row.detail.endswith(" now")


def test_elsewhere_a_millionth_is_allowed_and_no_more(copy: Path) -> None:
    versions = describe_origin([])["versions"] | {"numpy": "1.0"}
    move(copy / "joint.csv", "probability", 1e-6)
    seal(copy)
    assert verify(copy).outcome == 1
    seal(copy, versions=versions)
    found = verify(copy)
    assert found.outcome == 0
    assert found.table.set_index("file").status["joint.csv"] == "close"
    assert found.elsewhere[0].startswith("numpy 1.0, now ")
    assert verify(copy, bits=True).outcome == 1
    move(copy / "joint.csv", "probability", 4e-6)
    seal(copy)
    assert verify(copy).outcome == 1


def test_a_missing_file_is_told(copy: Path) -> None:
    (copy / "quantiles.csv").unlink()
    found = verify(copy)
    assert found.outcome == 1
    assert found.table.set_index("file").status["quantiles.csv"] == "missing"


def test_changed_inputs_are_named_and_nothing_is_run(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    plan = two_indicator_plan(tmp_path / "mine")
    out = tmp_path / "out"
    sim.run(str(plan), n_paths=200, n_points=16, n_calibrations=0).save(out)
    with (plan / "targets.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    found = verify(out)
    assert found.inputs == ("mine/targets.csv",)
    assert set(found.table.status) == {"kept"}
    assert found.outcome == 2
    move(out / "joint.csv", "probability", 0.1)
    assert verify(out).outcome == 1


def test_inputs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder / "same").mkdir(parents=True)
        (tmp_path / folder / "same" / "name.csv").write_text(folder)
    (tmp_path / "other.csv").write_text("c")
    files = [tmp_path / "a/same/name.csv", tmp_path / "b/same/name.csv", tmp_path / "other.csv"]
    assert list(describe_origin(files)["inputs"]) == [
        "a/same/name.csv",
        "b/same/name.csv",
        f"{tmp_path.name}/other.csv",
    ]


def test_what_is_no_run_is_refused(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        verify(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no manifest"):
        verify(tmp_path / "empty")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"]
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match="names no digests of files"):
        verify(copy)


def test_the_command_says_a_line_a_file_and_exits_with_the_outcome(copy: Path, tmp_path: Path) -> None:
    good = CliRunner().invoke(main, ["verify", str(copy)])
    assert good.exit_code == 0
    assert "joint.csv same to the bit" in good.output
    move(copy / "joint.csv", "probability", 0.2)
    seal(copy)
    bad = CliRunner().invoke(main, ["verify", str(copy)])
    assert bad.exit_code == 1
    assert "joint.csv differs: row 2, probability of" in bad.output
    none = CliRunner().invoke(main, ["verify", str(tmp_path / "none")])
    assert none.exit_code == 2
    assert len(none.output.splitlines()) == 1
