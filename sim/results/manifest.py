"""Manifest: what a result was made with and of."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.inputs.files.staging import MANIFEST, format_manifest

__all__ = ["describe_origin", "find_given", "place_given", "shorten_paths", "write_manifest"]


def write_manifest(folder: Path, manifest: Mapping[str, object]) -> None:
    """Write what tells how to repeat a result.

    Parameters
    ----------
    folder : Path
        An existing folder.
    manifest : mapping of str to object
        Plain values, as JSON knows them; paths of the command line are shortened.
    """
    command = manifest.get("command")
    if isinstance(command, list):
        manifest = {**manifest, "command": shorten_paths(command)}
    (folder / MANIFEST).write_bytes(format_manifest(manifest))


def describe_origin(files: Sequence[Path]) -> dict[str, object]:
    """Describe what a result was made with and of.

    Parameters
    ----------
    files : sequence of Path
        Every input file.

    Returns
    -------
    dict
        `versions` of the package, Python and libraries; `processor`: its kind, and the vector units that arithmetic
        may use; `inputs`: the SHA-256 of each file by its folder and name, and as many folders above as tell it from
        the others.
    """
    libraries = ("matplotlib", "numpy", "pandas", "pydantic", "ruamel.yaml", "scipy")
    inputs = sorted({path.resolve() for path in files})
    return {
        "versions": {
            "target-simulator": version("target-simulator"),
            "python": platform.python_version(),
            **{library: version(library) for library in libraries},
        },
        "processor": {"machine": platform.machine(), "vector units": _list_vector_units()},
        "inputs": {
            name: sha256(path.read_bytes()).hexdigest() for name, path in zip(_name(inputs), inputs, strict=True)
        },
    }


def _list_vector_units() -> str:
    import numpy as np

    found: Any = np.show_config(mode="dicts")
    return " ".join(found.get("SIMD Extensions", {}).get("found", []))


def _name(paths: Sequence[Path]) -> list[str]:
    """Name files by folder and name, and by as many folders above as no other file shares."""
    names = []
    for path in paths:
        depth = 2
        while any(other != path and other.parts[-depth:] == path.parts[-depth:] for other in paths):
            depth += 1
        names.append("/".join(path.parts[-depth:]))
    return names


def shorten_paths(words: Sequence[str]) -> list[str]:
    """Shorten the absolute paths of a command line: results are handed on, and folders bear people's names.

    Examples
    --------
    >>> shorten_paths(["sim", "run", "--plan", "/home/ann/plans/city", "--out=/srv/out", "a+b"])
    ['sim', 'run', '--plan', '.../city', '--out=.../out', 'a+b']
    """
    return ["=".join(_shorten(part) for part in word.split("=", 1)) for word in map(str, words)]


def _shorten(word: str) -> str:
    path = Path(word)
    if not path.is_absolute():
        return word
    try:
        return str(path.relative_to(Path.cwd()))
    except (OSError, ValueError):
        return f".../{path.name}" if path.name else word


def place_given(name: str, found: Path, folder: Path) -> str:
    """Note an input by its path from the folder of the result, so that both can move and no home folder is told.

    Parameters
    ----------
    name : str
        As it was given.
    found : Path
        The file or folder that was meant.
    folder : Path
        Of the result.

    Returns
    -------
    str
        With a separator; `find_given` takes anything else for a name of what comes with the package.
    """
    try:
        path = Path(os.path.relpath(found.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return name
    return path if "/" in path else f"./{path}"


def find_given(noted: str, folder: Path) -> str:
    """Find an input that `place_given` noted: a path from the folder of the result, or a name.

    Examples
    --------
    >>> find_given("qingdao-2024", Path("out")), find_given("../city", Path("/srv/out"))
    ('qingdao-2024', '/srv/city')
    """
    return os.path.normpath(folder.resolve() / noted) if "/" in noted else noted
