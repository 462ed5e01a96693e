"""Output folders: written whole or not at all, and nothing in them that this program did not write is touched."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.errors import OutputError
from sim.inputs.files.marks import is_marked
from sim.inputs.files.staging import (
    MANIFEST,
    Staging,
    clear_leftovers,
    digest_file,
    exchange,
    format_manifest,
    hold,
    is_staging,
    move_each,
    open_staging,
    read_own_manifest,
    sync,
)

__all__ = ["list_others", "name_beside", "open_folder"]

_MOST_NAMES = 5


@contextmanager
def open_folder(out: str | Path, argument: str = "out", result: str = "", force: bool = False) -> Iterator[Path]:
    """Open a temporary folder whose files take their place in `out` when the block ends without an error.

    Parameters
    ----------
    out : str or Path
        A new folder, an empty one, or one that holds an earlier result of the same kind, which is replaced; files
        that the earlier result's manifest does not list stay.
    argument : str
        By which the caller named it.
    result : str
        What is written, such as `run`, for the manifest; empty means files without one, for which `out` must be new
        or empty.
    force : bool
        Whether to replace files of the same names that are somebody else's, or that have been changed.

    Yields
    ------
    Path
        The temporary folder.

    Raises
    ------
    OutputError
        If `out` holds something that would be lost, or cannot be written; nothing has changed then.
    """
    out = Path(out).absolute()
    try:
        place = Path(os.path.realpath(out))
        for folder in (place.parent, place):  # a killed run may have been on its way into it
            clear_leftovers(folder)
        with hold(place.parent):
            _check(place, out, argument, result, force)
        place.parent.mkdir(parents=True, exist_ok=True)
        inside = place.is_dir() and (os.path.ismount(place) or not os.access(place.parent, os.W_OK | os.X_OK))
        with open_staging(place, inside) as staging:
            staging.new.mkdir()
            yield staging.new
            _commit(staging, out, argument, result, force)
    except (ConnectionError, TimeoutError):
        raise  # of a cluster, not of the disk
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror or error})", argument) from None


def name_beside(out: str | Path, ending: str) -> Path:
    """Name a folder beside an output folder, however that one is written.

    Examples
    --------
    >>> name_beside("results/sweep/", ".unfinished").name
    'sweep.unfinished'
    """
    place = Path(os.path.realpath(out))
    return place.with_name(place.name + ending)


def list_others(out: str | Path) -> str:
    """List what an output folder holds besides the result, in a few words; empty if there is nothing else.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "thesis.docx").write_text("mine")
    ...     list_others(folder)
    'thesis.docx'
    """
    place = Path(out)
    return _shorten(_find_others(place, read_own_manifest(place)))


def _shorten(names: Sequence[str]) -> str:
    told = ", ".join(names[:_MOST_NAMES])
    return f"{told} and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else told


def _find_others(place: Path, manifest: dict[str, Any] | None) -> list[str]:
    listed = {*manifest["files"], MANIFEST} if manifest else set()
    entries = [entry for entry in place.iterdir() if entry.name not in listed and not is_staging(entry.name)]
    return sorted(entry.name + ("/" if entry.is_dir() else "") for entry in entries)


def _check(place: Path, out: Path, argument: str, result: str, force: bool, names: Sequence[str] = ()) -> list[str]:
    """Refuse a folder in which something would be lost; returns what else it holds.

    Parameters
    ----------
    place : Path
        The folder.
    out, argument, result, force
        As for `open_folder`.
    names : sequence of str
        Of the files that are going to be written, once they are known.
    """
    advice = "name another folder or write `force=True`"
    if not place.is_dir():
        if os.path.lexists(place):
            raise OutputError(f"{out}: is a file; name a folder", argument)
        return []
    manifest = read_own_manifest(place)
    others = _find_others(place, manifest)
    if not result:
        if others or manifest:
            raise OutputError(f"{out}: holds files already; name a new folder", argument)
        return []
    folders = [name for name in names if (place / name).is_dir()]
    if folders:
        raise OutputError(f"{out}: {_shorten(folders)} would have to give way; name another folder", argument)
    if force or not (others or manifest):
        return others
    if manifest is None:
        raise OutputError(f"{out}: holds files that no run wrote; name another folder or empty it", argument)
    if manifest["result"] != result:
        raise OutputError(f"{out}: holds the result of a {manifest['result']}; {advice}", argument)
    files = manifest["files"].items()
    changed = [name for name, digest in files if os.path.lexists(place / name) and digest_file(place / name) != digest]
    if changed:
        raise OutputError(f"{out}: {_shorten(changed)} changed since it was written; {advice}", argument)
    taken = sorted(name for name in {*others} & {*names} if not is_marked(place / name))
    if taken:
        raise OutputError(f"{out}: {_shorten(taken)} is a file that no run wrote; {advice}", argument)
    return others


def _commit(staging: Staging, out: Path, argument: str, result: str, force: bool) -> None:
    """Put a finished folder into its place: in one step where that can be, else file by file with the manifest last."""
    new, place = staging.new, staging.target
    if result:
        _seal(new, result)
    for folder, _, files in os.walk(new):
        for name in files:
            sync(Path(folder) / name)
        sync(Path(folder))
    with hold(place.parent):
        others = _check(place, out, argument, result, force, [entry.name for entry in new.iterdir()])
        _keep_modes(new, place)
        if not _take(new, place, others):
            new.rename(staging.moving)
            move_each(staging)
        sync(place.parent)


def _take(new: Path, place: Path, others: Sequence[str]) -> bool:
    """Put a folder into its place in one step; whether that could be done."""
    if not place.exists():
        new.rename(place)
        return True
    if others or place in (new.parent.parent, *_list_current()):
        return False
    if read_own_manifest(place):
        return exchange(new, place)
    try:
        new.rename(place)  # over an empty folder
    except OSError:
        return False
    return True


def _list_current() -> list[Path]:
    """List the current folder and those above it: whoever stands in one keeps it."""
    try:
        current = Path.cwd()
    except OSError:  # it has been removed
        return []
    return [current, *current.parents]


def _seal(folder: Path, result: str) -> None:
    """Enter into the manifest what kind of result this is, and the digest of every file."""
    path = folder / MANIFEST
    names = sorted(entry.name for entry in folder.iterdir() if entry != path)
    kept = json.loads(path.read_bytes())
    sealed = {"result": result, **kept, "files": {name: digest_file(folder / name) for name in names}}
    path.write_bytes(format_manifest(sealed))


def _keep_modes(new: Path, place: Path) -> None:
    """Give a folder and its files the permissions of those that they replace."""
    if not place.exists():
        return
    for path in (new, *new.iterdir()):
        former = place if path == new else place / path.name
        if former.exists():
            path.chmod(stat.S_IMODE(former.stat().st_mode))
