"""Where output is made before it takes its place, and what clears up after a run that was killed.

A staging folder `.sim-xxxxxxxx` stands beside the output. Its file `lock` is locked for as long as its owner lives, so
that the next start can tell what a killed run left: `new` is output in the making, or what an exchange has taken out
of its place; `moving` is output that was taking its place file by file, which is carried to its end.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

__all__ = [
    "MANIFEST",
    "Staging",
    "clear_leftovers",
    "digest_file",
    "exchange",
    "format_manifest",
    "hold",
    "is_staging",
    "move_each",
    "open_staging",
    "read_own_manifest",
    "sync",
]

MANIFEST = "manifest.json"


_PREFIX = ".sim-"


_OWNER = b"target-simulator"
"""First line of a lock; the second is the name of the output, `.` for one in which the staging folder stands."""


_LARGEST = 10_000_000  # bytes of a manifest


@dataclass(frozen=True, slots=True)
class Staging:
    """A folder in which output is made.

    Attributes
    ----------
    folder : Path
        Of this program; gone when the output is in its place.
    target : Path
        The place of the output, whose links have been followed.
    """

    folder: Path
    target: Path

    @property
    def new(self) -> Path:
        """Output in the making: a file or a folder."""
        return self.folder / "new"

    @property
    def moving(self) -> Path:
        """A finished folder whose files are on their way."""
        return self.folder / "moving"


@contextmanager
def open_staging(target: Path, inside: bool = False) -> Iterator[Staging]:
    """Open a staging folder, and clear those that killed runs left beside it.

    Parameters
    ----------
    target : Path
        The place of the output.
    inside : bool
        Whether to stage in `target`, an existing folder, in place of beside it.

    Yields
    ------
    Staging
    """
    parent = target if inside else target.parent
    clear_leftovers(parent)
    folder, lock = _make(parent, b"." if inside else os.fsencode(target.name))
    staging = Staging(folder, target)
    try:
        yield staging
    finally:
        _settle(staging)
        lock.close()
        _remove(folder)


def _make(parent: Path, name: bytes) -> tuple[Path, BinaryIO]:
    """Make a staging folder with its lock taken; another run may take an unlocked one for a leftover meanwhile."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        with suppress(FileNotFoundError):
            lock = (folder / "lock").open("x+b")
            if _is_free(lock):
                lock.write(_OWNER + b"\n" + name + b"\n")
                lock.flush()
                if (folder / "lock").exists():
                    return folder, lock
            lock.close()


def _is_free(file: BinaryIO) -> bool:
    """Lock a file of one's own; where a file system knows no locks, nothing is ever taken for a leftover."""
    try:
        _lock(file)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


def _lock(file: BinaryIO) -> None:
    """Lock a file until it is closed or its process ends; OSError if another process has it."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(_LARGEST)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def clear_leftovers(parent: Path) -> None:
    """Finish or remove what killed runs left in a folder; what belongs to a living run stays."""
    with suppress(OSError):
        for folder in [*parent.glob(f"{_PREFIX}????????")]:
            with suppress(OSError):
                _clear(folder)


def _clear(folder: Path) -> None:
    path = folder / "lock"
    if not path.is_file():
        folder.rmdir()  # a run died before it had a lock; fails unless it is empty
        return
    with path.open("r+b") as lock:
        _lock(lock)
        owner, name = [*lock.read(_LARGEST).split(b"\n"), b""][:2]
        if owner == _OWNER:
            target = folder.parent if name == b"." else folder.parent / os.fsdecode(name)
            _settle(Staging(folder, target), careful=True)
    if owner in (_OWNER, b""):  # empty: a run died, or lost the lock, before it had written it
        _remove(folder)


def _settle(staging: Staging, careful: bool = False) -> None:
    """Carry a move to its end, then discard what is left: output that came to nothing, or what has been replaced."""
    if staging.moving.is_dir():
        move_each(staging, careful)
    if staging.new.is_dir():
        _discard(staging)
    with suppress(OSError):
        staging.new.unlink()


def _remove(folder: Path) -> None:
    with suppress(OSError):
        (folder / "lock").unlink(missing_ok=True)
        folder.rmdir()


def _discard(staging: Staging) -> None:
    """Remove a staged or replaced folder; what its manifest does not list came in meanwhile and goes back."""
    manifest = read_own_manifest(staging.new)
    if manifest is not None:
        for entry in [*staging.new.iterdir()]:
            if entry.name in manifest["files"] or entry.name == MANIFEST:
                continue
            if os.path.lexists(staging.target / entry.name):
                return
            entry.rename(staging.target / entry.name)
    shutil.rmtree(staging.new, ignore_errors=True)


def move_each(staging: Staging, careful: bool = False) -> None:
    """Move a finished folder's entries into their place one by one, the manifest last; remove those it replaces.

    Parameters
    ----------
    staging : Staging
        Its folder `moving` is finished.
    careful : bool
        Whether to leave alone what has come to stand in a place since the move began.
    """
    moving, target = staging.moving, staging.target
    target.mkdir(exist_ok=True)
    before, after = (read_own_manifest(folder) or {"files": {}} for folder in (target, moving))
    for entry in sorted(moving.iterdir(), key=lambda each: each.name == MANIFEST):
        place = target / entry.name
        if careful and entry.name != MANIFEST and os.path.lexists(place):
            known = {each["files"].get(entry.name) for each in (before, after)}
            if digest_file(place) not in known:
                entry.unlink()
                continue
        if entry.name == MANIFEST:
            for name in before["files"].keys() - after["files"].keys():
                if digest_file(target / name) == before["files"][name]:
                    (target / name).unlink()
        entry.replace(place)
    sync(target)
    moving.rmdir()


def format_manifest(manifest: Mapping[str, object]) -> bytes:
    """Format a manifest; names of files that are no UTF-8 are kept as JSON's escapes."""
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def read_own_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of a folder that this program wrote; None if there is none.

    Returns
    -------
    dict or None
        With `result`, what kind of result it is, and `files`, the digest of every other file by its name.
    """
    path = folder / MANIFEST
    try:
        if path.is_symlink() or path.stat().st_size > _LARGEST:
            return None
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("result"), str):
        return None
    files, versions = manifest.get("files"), manifest.get("versions")
    if not isinstance(files, dict) or not isinstance(versions, dict) or "target-simulator" not in versions:
        return None
    return manifest if all(_is_entry(name, digest) for name, digest in files.items()) else None


def _is_entry(name: str, digest: object) -> bool:
    """Whether a manifest may list this: a file in its own folder, with a digest."""
    return isinstance(digest, str) and len(digest) == 64 and Path(name).name == name not in ("", "..", MANIFEST)


def digest_file(path: Path) -> str:
    """Take the SHA-256 of a file; empty for anything but an ordinary file that can be read."""
    try:
        return "" if path.is_symlink() or not path.is_file() else sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def is_staging(name: str) -> bool:
    """Tell whether an entry of a folder is a staging folder by its name."""
    return name.startswith(_PREFIX) and len(name) == len(_PREFIX) + 8


def sync(path: Path) -> None:
    """Have the disk hold a file's content, or a folder's entries, before anything rests on it."""
    if sys.platform == "win32":
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        if not path.is_dir():  # some file systems have nothing to do for a folder, and say so
            raise
    finally:
        os.close(handle)


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other runs from putting output into a folder; for the moment that it takes, where the system can."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two entries of a file system in one step.

    Returns
    -------
    bool
        Whether that was done; some systems cannot.
    """
    import ctypes

    calls: Mapping[str, tuple[str, tuple[object, ...]]] = {
        "linux": ("renameat2", (-100, os.fsencode(one), -100, os.fsencode(other), 2)),  # AT_FDCWD, RENAME_EXCHANGE
        "darwin": ("renamex_np", (os.fsencode(one), os.fsencode(other), 2)),  # RENAME_SWAP
    }
    name, arguments = calls.get(sys.platform, ("", ()))
    call = getattr(ctypes.CDLL(None), name, None) if name else None
    return call is not None and call(*arguments) == 0
