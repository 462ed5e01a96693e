"""Verification: whether a finished run comes out the same, file by file, and where it does not."""

from __future__ import annotations

import io
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.repeat import find_changed_inputs, find_run, read_manifest, repeat_unchecked
from sim.analysis.rule_value import value_rules
from sim.engine.pieces import Advance
from sim.errors import Fault, InputError
from sim.inputs.files.staging import MANIFEST, digest_file
from sim.results.manifest import describe_origin
from sim.results.tables import format_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ALLOWED", "Verification", "verify"]

ALLOWED = 1e-6
"""How far a number may differ where another version or processor made it, relative to one where it is larger."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Verification:
    """What was found of a run.

    Attributes
    ----------
    folder : Path
    table : DataFrame
        Columns file, status, detail. Status: `same` to the bit; `close`, within what another version or processor may
        differ; `differs`; `altered` since it was written; `missing`; `kept`, as it was written, of what is no table.
    inputs : tuple of str
        Inputs that have changed since; then nothing was run again.
    elsewhere : tuple of str
        What differs of versions and processor, as in "numpy 2.1.0, now 2.3.0".
    """

    folder: Path
    table: pd.DataFrame
    inputs: tuple[str, ...]
    elsewhere: tuple[str, ...]

    @property
    def outcome(self) -> int:
        """Exit code: 0 if the run comes out the same, 1 if it does not, 2 if that cannot be told."""
        if self.table.status.isin(["differs", "altered", "missing"]).any():
            return 1
        return 2 if self.inputs else 0

    def __repr__(self) -> str:
        said = ("the same", "not the same", "cannot be told")[self.outcome]
        return f"<Verification of {self.folder}: {said}>"


def verify(
    folder: str | Path, *, bits: bool = False, advance: Advance | None = None, executor: Executor | None = None
) -> Verification:
    """Verify a finished run: its files against their digests, its tables against the run carried out again.

    Parameters
    ----------
    folder : str or Path
        That `sim run` wrote.
    bits : bool
        Whether every bit must be the same even where another version or processor made it.
    advance, executor
        As for `sim.run`.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If the folder holds no run, or no run that files can repeat.

    Examples
    --------
    >>> import sim, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = sim.run("qingdao-2024", "baseline", n_paths=100, n_points=16, n_calibrations=0).save(folder + "/out")
    ...     found = sim.verify(folder + "/out")
    >>> found.outcome, found.table.status.unique().tolist()
    (0, ['same'])
    """
    import pandas as pd

    place = find_run([str(folder)])
    if place is None:
        problem, mend = "is no folder", "name a folder that `sim run` wrote"
        raise InputError([Fault(str(folder), 0, 0, problem, mend, code="no_file")])
    manifest = read_manifest(place)
    noted = manifest.get("files")
    if not isinstance(noted, dict):
        raise InputError(
            [Fault(str(place / MANIFEST), 0, 0, "names no digests of files", "run it anew with `sim run`")]
        )
    changed = find_changed_inputs(manifest, place)
    elsewhere = _find_elsewhere(manifest)
    tables = {}
    if not changed:
        again = repeat_unchecked(manifest, place, advance, executor)
        tables = again.tables
        if any(scenario.rules for scenario in again.scenarios):
            tables["rules"] = value_rules(again)
    rows = [
        (name, *_judge(place / name, str(digest), tables.get(Path(name).stem), bits or not elsewhere))
        for name, digest in noted.items()
    ]
    return Verification(
        folder=place,
        table=pd.DataFrame(rows, columns=["file", "status", "detail"]),
        inputs=tuple(changed),
        elsewhere=tuple(elsewhere),
    )


def _find_elsewhere(manifest: dict[str, Any]) -> list[str]:
    """Find what versions and processor the run was made with, where those of now are others."""
    found: Any = describe_origin([])
    told = []
    for key in ("versions", "processor"):
        then, now = manifest.get(key), found[key]
        then = then if isinstance(then, dict) else {}
        told += [f"{name} {then.get(name, 'unknown')}, now {now[name]}" for name in now if then.get(name) != now[name]]
    return told


def _judge(path: Path, digest: str, table: pd.DataFrame | None, strict: bool) -> tuple[str, str]:
    """Judge one file: as it was written, and as it comes out now."""
    if not path.is_file():
        return "missing", "is not there"
    altered = digest_file(path) != digest
    if path.suffix != ".csv" or table is None:
        return ("altered", "has been changed since it was written") if altered else ("kept", "as it was written")
    written, now = path.read_bytes(), format_table(table).encode("utf-8-sig")
    if written == now:
        return ("altered", "has been changed since it was written, to what comes out now") if altered else ("same", "")
    where, close = _find_difference(written, now)
    if altered:
        return "altered", f"has been changed since it was written: {where}"
    return ("close", where) if close and not strict else ("differs", where)


def _find_difference(written: bytes, now: bytes) -> tuple[str, bool]:
    """Say where two tables differ first, and whether they do so by no more than is allowed anywhere."""
    import pandas as pd

    try:
        first, second = (pd.read_csv(io.BytesIO(each), encoding="utf-8-sig", dtype=str) for each in (written, now))
    except (ValueError, UnicodeDecodeError) as error:
        return f"cannot be read ({error})", False
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        shape = (
            f"{len(first)} rows of {', '.join(first.columns)} there, {len(second)} of {', '.join(second.columns)} now"
        )
        return shape, False
    unlike = ~((first == second) | (first.isna() & second.isna())).to_numpy()
    if not unlike.any():
        return "the same cells, written in another way", False
    row, column = (int(each[0]) for each in np.nonzero(unlike))
    name = first.columns[column]
    labels = ", ".join(str(each) for each in second.iloc[row, : min(column, 3)])
    then, again = (_show(each.iloc[row, column]) for each in (first, second))
    more = int(unlike.sum()) - 1
    told = f"row {row + 2}, {name} of {labels}: {then} there, {again} now" + (f", and {more:,} more" if more else "")
    return told, all(_is_close(*pair) for pair in zip(first.to_numpy()[unlike], second.to_numpy()[unlike], strict=True))


def _show(cell: object) -> str:
    return "nothing" if cell != cell else str(cell)


def _is_close(one: object, other: object) -> bool:
    try:
        then, now = float(str(one)), float(str(other))
    except ValueError:
        return False
    return abs(then - now) <= 1.5 * ALLOWED * max(abs(then), 1.0)  # both are rounded to six digits
