"""Files of a run: written whole or not at all."""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import OutputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs import Run

__all__ = ["MANIFEST", "describe_origin", "describe_run", "open_folder", "write_manifest", "write_run", "write_table"]

MANIFEST = "manifest.json"


@contextmanager
def open_folder(out: str | Path) -> Iterator[Path]:
    """A temporary folder that takes the place of `out` when the block ends without an error.

    Parameters
    ----------
    out : str or Path
        A new folder, an empty one, or one that an earlier run wrote; anything else is left alone.

    Raises
    ------
    OutputError
        If `out` holds something else, or cannot be written; nothing has changed then.
    """
    out = Path(out).absolute()
    try:
        if out.exists() and not out.is_dir():
            raise OutputError(f"--out {out}: is a file; name a folder")
        if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
            raise OutputError(f"--out {out}: holds files that no run wrote; name another folder or empty it")
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise OutputError(f"--out {out}: cannot be written ({error.strerror})") from None
    try:
        yield temporary
        temporary.chmod(0o755)
        if out.exists():
            former = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
            out.rename(former / out.name)
            temporary.rename(out)
            shutil.rmtree(former)
        else:
            temporary.rename(out)
    except OSError as error:
        raise OutputError(f"--out {out}: cannot be written ({error.strerror})") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that spreadsheets open with its Chinese intact.

    Figures are cut to six digits after the point, below every error that a run can reach.
    """
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n", float_format="%.6f")


def write_run(run: Run, folder: Path, command: Sequence[str] = (), charts: bool = True) -> list[Path]:
    """Write the tables, the charts and the manifest of a run into an existing folder.

    Parameters
    ----------
    run : Run
    folder : Path
        An existing folder, such as `open_folder` gives.
    command : sequence of str
        The command line, for the manifest.
    charts : bool
        Whether to draw.

    Returns
    -------
    list of Path
        The files written.
    """
    from sim.attainment import list_without_odds, summarize
    from sim.uncertainty import compare_errors

    names = {"attainment": "odds", "joint": "joint", "conditional": "conditional", "quantiles": "quantiles"}
    for name, frame in names.items():
        write_table(summarize(run.attainments, frame), folder / f"{name}.csv")
    write_table(compare_errors(run), folder / "uncertainty.csv")
    write_table(list_without_odds(run.model.plan), folder / "without_odds.csv")
    if charts:
        from sim.charts import write_charts

        write_charts(run, folder)
    write_manifest(folder, describe_run(run, command))
    return sorted(folder.iterdir())


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
        "seed": run.seed,
        "paths": run.n_paths,
        "method": run.method,
        "points": run.n_points,
        "calibrations": run.n_calibrations,
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
