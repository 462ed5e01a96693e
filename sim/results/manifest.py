"""Manifest: what a result was made with and of."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.inputs.files.staging import MANIFEST, format_manifest

__all__ = ["describe_origin", "write_manifest"]


def write_manifest(folder: Path, manifest: Mapping[str, object]) -> None:
    """Write what tells how to repeat a result.

    Parameters
    ----------
    folder : Path
        An existing folder.
    manifest : mapping of str to object
        Plain values, as JSON knows them.
    """
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
