"""Archive: every run's odds as one vintage in a folder, never rewritten, each bound to the one before it."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InputError, OutputError
from sim.inputs.files.writing import write_file
from sim.inputs.plan.readings import READINGS
from sim.results.tables import format_table, summarize

if TYPE_CHECKING:
    import pandas as pd

    from sim.results.run import Run

__all__ = [
    "INDEX",
    "Archive",
    "Vintage",
    "append_vintage",
    "archive_run",
    "check_archive",
    "export_hub",
    "read_archive",
]

INDEX = "archive.csv"
"""The file that lists the vintages, in the order in which they were made."""

_COLUMNS = ("vintage", "as_of", "plan", "file", "previous", "digest")
_KEPT = ("target", "reading", "probability", "mc_se", "range_low", "range_high")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Vintage:
    """The odds of one run, as they were archived.

    Attributes
    ----------
    number : int
        Counted from 1.
    as_of : date
        The day whose knowledge it is.
    plan : str
    digest, previous : str
        SHA-256 of its files bound to the vintage before, and that vintage's; empty before the first.
    odds : DataFrame
        Columns scenario, target, reading, probability, mc_se, range_low, range_high; readings of the year.
    manifest : dict
        What the run was made with and of.
    """

    number: int
    as_of: datetime.date
    plan: str
    digest: str
    previous: str
    odds: pd.DataFrame
    manifest: dict[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Archive:
    """A folder of vintages of one plan, each checked against its digest.

    Attributes
    ----------
    folder : Path
    vintages : tuple of Vintage
        In the order in which they were made.
    """

    folder: Path
    vintages: tuple[Vintage, ...]

    @property
    def plan(self) -> str:
        """Name of the plan."""
        return self.vintages[0].plan

    @cached_property
    def odds(self) -> pd.DataFrame:
        """The odds of all vintages: columns vintage, as_of, then those of `Vintage.odds`."""
        import pandas as pd

        frames = []
        for each in self.vintages:
            frame = each.odds.copy()
            frame.insert(0, "vintage", each.number)
            frame.insert(1, "as_of", each.as_of.isoformat())
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a vintage: vintage, as_of, plan, scenarios, figures, digest."""
        import pandas as pd

        rows = [
            (
                each.number,
                each.as_of.isoformat(),
                each.plan,
                " ".join(each.odds.scenario.unique()),
                len(each.manifest.get("published") or ()),
                each.digest,
            )
            for each in self.vintages
        ]
        return pd.DataFrame(rows, columns=["vintage", "as_of", "plan", "scenarios", "figures", "digest"])

    def __repr__(self) -> str:
        last = self.vintages[-1]
        return f"<Archive of {self.plan}: {len(self.vintages)} vintages, the last as of {last.as_of}>"


def read_archive(folder: str | Path) -> Archive:
    """Read an archive and check every byte of it.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    Archive

    Raises
    ------
    InputError
        If it is no archive or empty, or with every vintage whose bytes are not those that were archived.

    Notes
    -----
    The digest of a vintage is that of the digest before it, its line in `archive.csv` and its two files: who changes
    a byte anywhere must change all later digests. What this cannot see is an archive whose last vintages are gone
    altogether: keep the last digest elsewhere, as `sim archive list` prints it.
    """
    found, faults = _read(Path(folder))
    if not found and not faults:
        faults.append(Fault(str(folder), 0, 0, "the archive is empty", "`sim run --archive` adds to it", code="empty"))
    if faults:
        raise InputError(faults)
    return Archive(folder=Path(folder), vintages=tuple(found))


def check_archive(folder: str | Path, plan: str) -> None:
    """Refuse, before any work is done, a folder to which a plan's run cannot be added.

    Parameters
    ----------
    folder : str or Path
        An archive, or a folder that is empty or not there yet.
    plan : str
        Name of the plan.

    Raises
    ------
    InputError
        If the archive has been changed, or is of another plan.
    OutputError
        If the folder holds something else.
    """
    path = Path(folder)
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputError(f"{folder}: is a file; name a folder", "archive")
    if not (path / INDEX).is_file():
        if any(path.iterdir()):
            raise OutputError(f"{folder}: holds files but no {INDEX}; name another folder or empty it", "archive")
        return
    other = read_archive(path).plan
    if other != plan:
        raise OutputError(f"{folder}: is the archive of {other}; keep one for each plan", "archive")


def append_vintage(folder: str | Path, run: Run, as_of: datetime.date, command: Sequence[str] = ()) -> Vintage:
    """Add the odds of a run to an archive as its next vintage.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.
    run : Run
    as_of : date
        The day whose knowledge it is.
    command : sequence of str
        The command line, if there was one.

    Returns
    -------
    Vintage

    Raises
    ------
    InputError, OutputError
        As `check_archive`, or if it cannot be written; the archive is then as it was.
    """
    check_archive(folder, run.model.plan.name)
    path = Path(folder)
    former = read_archive(path).vintages if (path / INDEX).is_file() else ()
    line, table, manifest = _write_run(run, as_of, command, former, path)
    name, digest = line[3], _bind(line, table, manifest)
    made: list[Path] = []
    try:
        path.mkdir(parents=True, exist_ok=True)
        for target, content in ((path / name, table), ((path / name).with_suffix(".json"), manifest)):
            with target.open("xb") as file:  # never over another one
                made.append(target)
                file.write(content)
        lines = [",".join(_COLUMNS), *(_write_line(each) for each in former), ",".join([*line, digest])]
        write_file(
            path / INDEX, ("\n".join(lines) + "\n").encode(), "archive", force=True
        )  # read and found whole above
    except (OSError, OutputError) as error:
        for target in made:
            target.unlink(missing_ok=True)
        told = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{folder}: cannot be written ({told})", "archive") from None
    return _make(line, digest, table, manifest)


def _write_run(
    run: Run,
    as_of: datetime.date,
    command: Sequence[str] = (),
    former: Sequence[Vintage] = (),
    folder: Path | None = None,
) -> tuple[list[str], bytes, bytes]:
    """Line, table and manifest of a run's vintage."""
    odds = summarize(run.attainments, "odds")
    odds = odds[odds.reading.isin(READINGS)][["scenario", *_KEPT]].reset_index(drop=True)
    manifest = json.dumps(run.describe(command, folder), indent=2, ensure_ascii=False) + "\n"
    number, previous = len(former) + 1, former[-1].digest if former else ""
    line = [str(number), as_of.isoformat(), run.model.plan.name, f"{number:04d}.csv", previous]
    return line, format_table(odds).encode(), manifest.encode()


def archive_run(run: Run, as_of: datetime.date) -> Archive:
    """Make the archive that a run alone would be, without writing it.

    Parameters
    ----------
    run : Run
    as_of : date

    Returns
    -------
    Archive
        Of one vintage.
    """
    line, table, manifest = _write_run(run, as_of)
    return Archive(folder=Path(), vintages=(_make(line, _bind(line, table, manifest), table, manifest),))


def export_hub(archive: Archive, year: int, place: str, reading: str = READINGS[0]) -> pd.DataFrame:
    """Export an archive in the columns of the hubverse, for tools that compare and combine forecasts.

    Parameters
    ----------
    archive : Archive
    year : int
        The plan's year, at whose end targets fall due.
    place : str
        The location.
    reading : str

    Returns
    -------
    DataFrame
        Columns origin_date, scenario_id, location, target, target_end_date, output_type, output_type_id, value,
        model_id: for each target the probabilities (`pmf`) of `met` and `missed`.
    """
    import pandas as pd

    odds = archive.odds[archive.odds.reading == reading]
    columns = ["origin_date", "scenario_id", "location", "target", "target_end_date", "output_type", "output_type_id"]
    given = zip(odds.as_of, odds.scenario, odds.target, odds.probability, strict=True)
    rows = [
        (as_of, scenario, place, target, f"{year}-12-31", "pmf", outcome, value, "target-simulator")
        for as_of, scenario, target, chance in given
        for outcome, value in (("met", chance), ("missed", 1 - chance))
    ]
    return pd.DataFrame(rows, columns=[*columns, "value", "model_id"])


def _bind(line: Sequence[str], table: bytes, manifest: bytes) -> str:
    """Digest of a vintage; `line` holds that of the one before."""
    parts = (",".join(line).encode(), table, manifest)
    return sha256(b"\n".join(sha256(part).hexdigest().encode() for part in parts)).hexdigest()


def _write_line(vintage: Vintage) -> str:
    number = vintage.number
    return f"{number},{vintage.as_of},{vintage.plan},{number:04d}.csv,{vintage.previous},{vintage.digest}"


def _make(line: Sequence[str], digest: str, table: bytes, manifest: bytes) -> Vintage:
    import pandas as pd

    return Vintage(
        number=int(line[0]),
        as_of=datetime.date.fromisoformat(line[1]),
        plan=line[2],
        digest=digest,
        previous=line[4],
        odds=pd.read_csv(io.BytesIO(table)),
        manifest=json.loads(manifest),
    )


def _read(folder: Path) -> tuple[list[Vintage], list[Fault]]:
    """Vintages that are whole, and the faults of the others; the first broken one ends the chain."""
    try:
        text = (folder / INDEX).read_bytes().decode()
    except FileNotFoundError:
        allowed = f"name a folder that holds {INDEX}"
        return [], [Fault(str(folder), 0, 0, "no such archive", allowed, code="no_file")]
    except (OSError, UnicodeDecodeError) as error:
        return [], [Fault(str(folder / INDEX), 0, 0, f"cannot be read ({error})")]
    lines = text.split("\n")
    found: list[Vintage] = []
    if lines[0] != ",".join(_COLUMNS) or lines[-1]:
        return [], [Fault(str(folder / INDEX), 1, 1, "has been changed since it was written", _RESTORE)]
    previous = ""
    for number, line in enumerate(lines[1:-1], start=1):
        vintage = _read_line(folder, number, line.split(","), previous)
        if vintage is None:
            problem = f"vintage {number} is not as it was archived: {number:04d}.csv, its manifest or this line changed"
            return found, [Fault(str(folder / INDEX), number + 1, 1, problem, _RESTORE)]
        found.append(vintage)
        previous = vintage.digest
    return found, list(_find_strays(folder, len(found)))


_RESTORE = "restore it from a copy: an archive is never rewritten"


def _read_line(folder: Path, number: int, line: list[str], previous: str) -> Vintage | None:
    """Read a vintage, if its line and both its files are as they were archived."""
    name = f"{number:04d}.csv"
    if len(line) != len(_COLUMNS) or (line[0], line[3], line[4]) != (str(number), name, previous):
        return None
    try:
        table = (folder / name).read_bytes()
        manifest = (folder / name).with_suffix(".json").read_bytes()
    except OSError:
        return None
    return _make(line, line[5], table, manifest) if _bind(line[:5], table, manifest) == line[5] else None


def _find_strays(folder: Path, count: int) -> Iterator[Fault]:
    """Vintages that the index does not know: its last lines are gone, or a run was cut short."""
    for path in sorted(folder.glob("[0-9][0-9][0-9][0-9].csv")):
        if int(path.stem) > count:
            yield Fault(str(path), 0, 0, f"is not listed in {INDEX}", "restore the list, or remove the file")
