"""Manifest: what a result was made with and of."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from sim.inputs.files.writing import MANIFEST

if TYPE_CHECKING:
    from sim.results.run import Run

__all__ = ["describe_origin", "describe_run", "write_manifest"]


def write_manifest(folder: Path, manifest: Mapping[str, object]) -> None:
    """Write what tells how to repeat a result."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def describe_run(run: Run, command: Sequence[str] = ()) -> dict[str, object]:
    """What a run was asked for, and what it was made with and of."""
    return {
        "command": list(command),
        "plan": run.model.plan.name,
        "scenarios": [scenario.name for scenario in run.scenarios],
        "given": {
            "plan": run.model.plan.given or run.model.plan.name,
            "scenarios": [scenario.given for scenario in run.scenarios if scenario.given],
        },
        "settings": asdict(run.settings),
        **describe_origin([*run.model.files, *(file for each in run.scenarios for file in each.files)]),
    }


def describe_origin(files: Sequence[Path]) -> dict[str, object]:
    """What a result was made with and of: versions, and the fingerprint of every input file."""
    libraries = ("matplotlib", "numpy", "pandas", "pydantic", "ruamel.yaml", "scipy")
    inputs = sorted({path.resolve() for path in files})
    return {
        "versions": {
            "target-simulator": version("target-simulator"),
            "python": platform.python_version(),
            **{library: version(library) for library in libraries},
        },
        "inputs": {f"{path.parent.name}/{path.name}": sha256(path.read_bytes()).hexdigest() for path in inputs},
    }
