"""The archive: vintages are added, never rewritten, and one changed byte anywhere is seen."""

import datetime
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.errors import InputError, OutputError
from sim.results.archive import INDEX, append_vintage, check_archive, export_hub, read_archive

DAYS = [datetime.date(2024, 1, 1), datetime.date(2024, 4, 30), datetime.date(2024, 7, 31)]


@pytest.fixture(scope="module")
def result() -> sim.Run:
    return sim.run("qingdao-2024", ["baseline", "export-slump"], n_paths=500, n_calibrations=0, n_points=16)


@pytest.fixture(scope="module")
def made(result: sim.Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "archive"
    for day in DAYS:
        append_vintage(folder, result, day, ["sim", "run"])
    return folder


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "archive"))


def test_what_is_archived_can_be_read_again(archive: Path, result: sim.Run) -> None:
    found = read_archive(archive)
    assert [each.as_of for each in found.vintages] == DAYS
    odds = result.odds[result.odds.reading.isin(["printed", "stated", "tolerance"])]
    for vintage in found.vintages:
        assert np.allclose(vintage.odds.probability, odds.probability, atol=1e-6)
        assert vintage.manifest["plan"] == "qingdao-2024"
    assert list(found.table.scenarios) == ["baseline export-slump"] * 3
    assert found.vintages[1].previous == found.vintages[0].digest
    assert len(found.odds) == 3 * len(odds)


def test_earlier_files_are_left_to_the_byte(archive: Path, result: sim.Run) -> None:
    before = {path.name: path.read_bytes() for path in archive.iterdir()}
    append_vintage(archive, result, DAYS[-1])
    after = {path.name: path.read_bytes() for path in archive.iterdir()}
    assert {*after} - {*before} == {"0004.csv", "0004.json"}
    assert all(after[name] == content for name, content in before.items() if name != INDEX)
    assert after[INDEX].startswith(before[INDEX])


def change(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("name", ["0001.csv", "0002.json", "0003.csv", "0003.json"])
def test_one_changed_byte_is_seen(archive: Path, name: str) -> None:
    size = (archive / name).stat().st_size
    for place in [0, size // 3, size // 2, size - 1]:
        change(archive / name, place)
        with pytest.raises(InputError, match=f"vintage {int(name[:4])} is not as it was archived"):
            read_archive(archive)
        change(archive / name, place)
    read_archive(archive)


def test_one_changed_byte_of_the_list_is_seen(archive: Path) -> None:
    for place in range(0, (archive / INDEX).stat().st_size, 7):
        change(archive / INDEX, place)
        with pytest.raises(InputError, match=INDEX):
            read_archive(archive)
        change(archive / INDEX, place)


def test_what_is_lost_or_added_is_seen(archive: Path) -> None:
    text = (archive / INDEX).read_text()
    (archive / INDEX).write_text("".join(text.splitlines(keepends=True)[:-1]))
    with pytest.raises(InputError, match=r"0003.csv: is not listed in archive.csv"):
        read_archive(archive)
    (archive / INDEX).write_text(text)
    (archive / "0001.json").unlink()
    with pytest.raises(InputError, match="vintage 1 is not as it was archived"):
        read_archive(archive)
    with pytest.raises(InputError, match="no such archive"):
        read_archive(archive / "nothing")


def test_a_changed_archive_is_not_added_to(archive: Path, result: sim.Run) -> None:
    change(archive / "0002.csv", 5)
    before = {path.name: path.read_bytes() for path in archive.iterdir()}
    with pytest.raises(InputError, match="vintage 2"):
        append_vintage(archive, result, DAYS[-1])
    assert before == {path.name: path.read_bytes() for path in archive.iterdir()}


def test_other_folders_and_other_plans_are_refused(archive: Path, result: sim.Run, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is the archive of qingdao-2024; keep one for each plan"):
        check_archive(archive, "china-2024")
    (tmp_path / "letters").mkdir()
    check_archive(tmp_path / "letters", "qingdao-2024")
    (tmp_path / "letters" / "one.txt").write_text("dear")
    with pytest.raises(OutputError, match=r"holds files but no archive.csv"):
        append_vintage(tmp_path / "letters", result, DAYS[0])
    with pytest.raises(OutputError, match="is a file"):
        check_archive(tmp_path / "letters" / "one.txt", "qingdao-2024")


def test_an_archive_that_cannot_be_written_stays_as_it_was(
    archive: Path, result: sim.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OutputError("no room left")

    monkeypatch.setattr("sim.results.archive.write_file", fail)
    before = {path.name: path.read_bytes() for path in archive.iterdir()}
    with pytest.raises(OutputError, match="cannot be written"):
        append_vintage(archive, result, DAYS[-1])
    assert before == {path.name: path.read_bytes() for path in archive.iterdir()}


def test_the_export_gives_each_outcome_its_chance(archive: Path, result: sim.Run) -> None:
    frame = export_hub(read_archive(archive), 2024, "Qingdao")
    keys = ["origin_date", "scenario_id", "location", "target", "target_end_date"]
    assert list(frame.columns) == [*keys, "output_type", "output_type_id", "value", "model_id"]
    assert np.allclose(frame.groupby(keys).value.sum(), 1)
    first = frame[(frame.target == "gdp") & (frame.output_type_id == "met")].iloc[0]
    assert first.value == pytest.approx(result["baseline"].met[0, 0], abs=1e-6)


def test_vintages_of_one_run_differ_by_their_place_alone(result: sim.Run, tmp_path: Path) -> None:
    one, two = (append_vintage(tmp_path / name, result, DAYS[0]) for name in "ab")
    assert one.digest == two.digest
    other = replace(result, attainments=result.attainments[:1], scenarios=result.scenarios[:1])
    assert append_vintage(tmp_path / "c", other, DAYS[0]).digest != one.digest
