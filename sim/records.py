"""Results as files: refused where they cannot be written, before any work; then written whole or not at all."""

from __future__ import annotations

import json
import os
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

__all__ = [
    "MANIFEST",
    "check_file",
    "describe_origin",
    "describe_run",
    "format_table",
    "gather_tables",
    "open_folder",
    "write_file",
    "write_manifest",
    "write_run",
    "write_table",
]

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


def check_file(
    path: str | Path,
    option: str = "--out",
    endings: Sequence[str] = (),
    noun: str = "a file",
    coming: str | Path | None = None,
) -> Path:
    """Refuse, before any work is done, a file that could not be written.

    Parameters
    ----------
    path : str or Path
    option : str
        By which it was named.
    endings : sequence of str
        Of the name; none means any.
    noun : str
        What a name with another ending is not.
    coming : str or Path, optional
        A folder that will exist by the time the file is written.

    Raises
    ------
    OutputError
        If it is a folder, its name ends otherwise, or its folder does not exist.

    Examples
    --------
    >>> check_file("odds.pdf", endings=(".html",), noun="a page")
    Traceback (most recent call last):
    sim.errors.OutputError: --out odds.pdf: not a page; the name must end in .html
    """
    path = Path(path)
    expected = coming is not None and path.absolute().parent == Path(coming).absolute()
    try:
        if path.is_dir():
            raise OutputError(f"{option} {path}: is a folder; name a file")
        if endings and path.suffix.lower() not in endings:
            raise OutputError(f"{option} {path}: not {noun}; the name must end in {endings[0]}")
        if not expected and not path.absolute().parent.is_dir():
            raise OutputError(f"{option} {path}: there is no folder {path.parent}; make it first")
    except (OSError, ValueError) as error:
        raise OutputError(f"{option} {path}: cannot be written ({error})") from None
    return path


def write_file(path: Path, content: bytes, option: str = "--out") -> Path:
    """Write a file whole or not at all; an existing one is replaced.

    Raises
    ------
    OutputError
        If it cannot be written; a former file is then left as it was.
    """
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.absolute().parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{option} {path}: cannot be written ({error.strerror})") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return path


def format_table(frame: pd.DataFrame) -> str:
    r"""A table as CSV: figures cut to six digits after the point, below every error that a run can reach.

    Examples
    --------
    >>> import pandas as pd
    >>> format_table(pd.DataFrame({"odds": [0.25]}))
    'odds\n0.250000\n'
    """
    return frame.to_csv(index=False, lineterminator="\n", float_format="%.6f")


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that spreadsheets open with its Chinese intact."""
    path.write_text(format_table(frame), encoding="utf-8-sig", newline="\n")


def gather_tables(run: Run) -> dict[str, pd.DataFrame]:
    """The tables of a run, by the name of their file."""
    from sim.attainment import list_without_odds, summarize
    from sim.uncertainty import compare_errors

    names = {"attainment": "odds", "joint": "joint", "conditional": "conditional", "quantiles": "quantiles"}
    tables = {name: summarize(run.attainments, frame) for name, frame in names.items()}
    return {**tables, "uncertainty": compare_errors(run), "without_odds": list_without_odds(run.model.plan)}


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
    for name, frame in gather_tables(run).items():
        write_table(frame, folder / f"{name}.csv")
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
