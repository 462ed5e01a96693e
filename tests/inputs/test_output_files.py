"""Output takes its place whole, and nothing that this program did not write is touched."""

import os
import sys
import threading
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from sim.errors import OutputError
from sim.inputs.files import folders
from sim.inputs.files.folders import list_others, open_folder
from sim.inputs.files.marks import is_marked, mark
from sim.inputs.files.staging import MANIFEST, open_staging, read_own_manifest
from sim.inputs.files.writing import write_file
from sim.results.manifest import write_manifest

OWN = '{"result": "run", "versions": {"target-simulator": "0"}, '
ORIGIN = {"versions": {"target-simulator": "0"}}


def put(out: str | Path, words: str, *more: str, result: str = "run", force: bool = False) -> None:
    with open_folder(out, result=result, force=force) as folder:
        for name in ("a.csv", "b.csv", *more):
            (folder / name).write_text(words)
        write_manifest(folder, ORIGIN)


def look(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["in one step", "file by file"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Systems that can exchange two folders, and those that cannot."""
    if request.param == "file by file":
        monkeypatch.setattr(folders, "exchange", lambda *_: False)
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_an_earlier_result_is_replaced_and_all_else_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(out, "first", "c.csv")
    put(out, "second")
    assert {name: text for name, text in look(out).items() if name != MANIFEST} == dict.fromkeys(
        ["a.csv", "b.csv"], "second"
    )
    (out / "notes").mkdir()
    (out / "notes" / "a.txt").write_text("mine")
    (out / "plan.yaml").write_text("mine")
    put(out, "third", "d.csv")
    expected = {**dict.fromkeys(["a.csv", "b.csv", "d.csv"], "third"), "notes/a.txt": "mine", "plan.yaml": "mine"}
    assert {name: text for name, text in look(out).items() if name != MANIFEST} == expected
    assert list_others(out) == "notes/, plan.yaml"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"essay.odt": "mine"}, "holds files that no run wrote"),
        ({"manifest.json": "[]", "main.py": "mine"}, "holds files that no run wrote"),
        ({"manifest.json": '{"name": "an app", "manifest_version": 3}'}, "holds files that no run wrote"),
        ({"manifest.json": "[" * 100_000}, "holds files that no run wrote"),
        ({"manifest.json": '{"result": "run", "versions": {"target-simulator": "0"}, "files": {"a": 1}}'}, "no run"),
        ({".git/HEAD": "ref"}, "holds files that no run wrote"),
    ],
)
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, content: dict[str, str], words: str) -> None:
    for name, text in content.items():
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_text(text)
    with pytest.raises(OutputError, match=words):
        put(tmp_path / "out", "new")
    assert look(tmp_path) == {f"out/{name}": text for name, text in content.items()}


def test_a_result_of_another_command_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "scores", result="backtest")
    before = look(tmp_path)
    with pytest.raises(OutputError, match="holds the result of a backtest; name another folder or write `force=True`"):
        put(tmp_path, "odds")
    assert look(tmp_path) == before
    put(tmp_path, "odds", force=True)
    assert look(tmp_path)["a.csv"] == "odds"


@pytest.mark.usefixtures("way")
def test_a_listed_file_that_has_been_changed_is_kept(tmp_path: Path) -> None:
    put(tmp_path / "out", "old")
    (tmp_path / "out" / "b.csv").write_text("old, with a remark of mine")
    with pytest.raises(OutputError, match=r"b\.csv changed since it was written"):
        put(tmp_path / "out", "new")
    assert look(tmp_path / "out")["b.csv"] == "old, with a remark of mine"
    (tmp_path / "out" / "b.csv").unlink()
    (tmp_path / "own.csv").write_text("old")
    (tmp_path / "out" / "b.csv").symlink_to(tmp_path / "own.csv")
    with pytest.raises(OutputError, match="changed since"):
        put(tmp_path / "out", "new")
    assert (tmp_path / "own.csv").read_text() == "old"
    (tmp_path / "out" / "b.csv").unlink()
    put(tmp_path / "out", "new")
    assert look(tmp_path / "out")["b.csv"] == "new"


def test_a_file_that_came_meanwhile_is_kept(tmp_path: Path) -> None:
    put(tmp_path / "out", "old")

    def put_meanwhile() -> None:
        with open_folder(tmp_path / "out", result="run") as folder:
            for name in ("a.csv", "c.csv"):
                (folder / name).write_text("new")
            write_manifest(folder, ORIGIN)
            (tmp_path / "out" / "c.csv").write_text("mine")

    with pytest.raises(OutputError, match=r"c\.csv is a file that no run wrote"):
        put_meanwhile()
    assert look(tmp_path / "out")["a.csv"] == "old"
    assert look(tmp_path / "out")["c.csv"] == "mine"


@pytest.mark.parametrize("name", [".", "./", "../here", "out/", "out//", "a/b/out/"])
def test_a_folder_may_be_written_in_many_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for words in ("old", "new"):
        put(name, words)
        assert (Path(name) / "a.csv").read_text() == words
    assert here.samefile(Path.cwd())
    assert {path.name for path in tmp_path.iterdir()} == {"here"}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    for name, target in (("out", "disk/out"), ("page.html", "disk/page.html")):
        (tmp_path / name).symlink_to(tmp_path / target)
    for words in ("old", "new"):
        put(tmp_path / "out", words)
        write_file(tmp_path / "page.html", words.encode())
        assert (tmp_path / "disk" / "out" / "a.csv").read_text() == words
        assert (tmp_path / "disk" / "page.html").read_text().startswith(words)
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "page.html").is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="no umask")
def test_permissions_are_those_of_the_user(tmp_path: Path) -> None:
    former = os.umask(0o077)
    try:
        put(tmp_path / "out", "old")
        write_file(tmp_path / "page.html", b"old")
    finally:
        os.umask(former)
    for words in ("old", "new"):
        for path, mode in (("out", 0o700), ("out/a.csv", 0o600), ("page.html", 0o600)):
            assert (tmp_path / path).stat().st_mode & 0o777 == mode, (path, words)
        put(tmp_path / "out", "new")
        write_file(tmp_path / "page.html", b"new")


def test_what_was_moved_half_way_is_carried_to_its_end(tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(out, "old", "c.csv")
    (out / "mine.txt").write_text("mine")
    with open_staging(out) as staging:  # a run that dies after its first file: nobody holds its lock any more
        put(staging.moving, "new")
        (staging.moving / "a.csv").replace(out / "a.csv")
        dead = tmp_path / ".sim-deadbeef"
        staging.folder.rename(dead)
        (dead / "lock").write_bytes(b"target-simulator\nout\n")
        staging.folder.mkdir()
        (staging.folder / "lock").touch()
    put(tmp_path / "other", "x")
    assert {name: text for name, text in look(out).items() if name != MANIFEST} == {
        "a.csv": "new",
        "b.csv": "new",
        "mine.txt": "mine",
    }
    assert {path.name for path in tmp_path.iterdir()} == {"out", "other"}


def test_what_a_living_run_is_making_is_left_alone(tmp_path: Path) -> None:
    with open_folder(tmp_path / "out", result="run") as folder:
        (folder / "a.csv").write_text("first")
        put(tmp_path / "other", "second")
        assert (folder / "a.csv").is_file()
        write_manifest(folder, ORIGIN)
    assert (tmp_path / "out" / "a.csv").read_text() == "first"


def test_writers_at_once_lose_nothing_and_readers_always_see_a_whole_result(tmp_path: Path) -> None:
    out, ended, faults = tmp_path / "out", threading.Event(), list[object]()
    put(out, "first")

    def write(words: str) -> None:
        try:
            for _ in range(40):
                put(out, words)
        except OutputError as error:
            faults.append(error)

    def read() -> None:
        while not ended.is_set():
            seen, names = out.stat().st_ino, {path.name for path in out.iterdir()}
            if seen == out.stat().st_ino and names != {"a.csv", "b.csv", MANIFEST}:  # no other took its place meanwhile
                faults.append(names)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(words,)) for words in ("one", "two")]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    reader.join()
    assert faults == []
    assert (out / "a.csv").read_text() == (out / "b.csv").read_text()
    assert read_own_manifest(out)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_is_told_from_one_that_has_been_changed(tmp_path: Path) -> None:
    book = BytesIO()
    with ZipFile(book, "w") as archive:
        archive.writestr("a.xml", "<a/>")
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 20 + b"\0\0\0\0IEND\xaeB`\x82"
    for ending, content in ((".html", b"<p>"), (".svg", b"<svg/>"), (".pdf", b"%PDF"), (".yaml", b"a: 1\n")):
        path = tmp_path / f"file{ending}"
        path.write_bytes(mark(content, ending))
        assert is_marked(path)
        for changed in (mark(content, ending) + b"b: 2\n", b" " + mark(content, ending), content, b""):
            path.write_bytes(changed)
            assert not is_marked(path)
    for ending, content in ((".xlsx", book.getvalue()), (".png", png)):
        path = tmp_path / f"file{ending}"
        path.write_bytes(mark(content, ending))
        assert is_marked(path)
        path.write_bytes(mark(content, ending).replace(b"a" if ending == ".xlsx" else b"PNG", b"b", 1))
        assert not is_marked(path)
    with ZipFile(BytesIO(mark(book.getvalue(), ".xlsx"))) as archive:
        assert archive.testzip() is None
        assert archive.comment.startswith(b"target-simulator")
    assert not is_marked(tmp_path / "nothing.html")


@pytest.mark.parametrize("name", ["page.html", "chart.svg", "notes.txt"])
def test_a_single_file_of_somebody_else_is_replaced_only_by_force(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("mine")
    with pytest.raises(OutputError, match="is not as this program wrote it; name another file or write `force=True`"):
        write_file(path, b"new")
    assert path.read_text() == "mine"
    write_file(path, b"new", force=True)
    assert path.read_text().startswith("new")
    if name != "notes.txt":
        write_file(path, b"newer")
        path.chmod(0o444)
        with pytest.raises(OutputError):
            write_file(path, b"newest")
