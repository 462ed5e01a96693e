"""Records: promises of every kind and what became of them, from tables whose header says which kind they hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.errors import Fault, InputError, find_unknown
from sim.inputs.bundled import exists, find_seed
from sim.inputs.files.documents import Record, read_rows, read_text
from sim.inputs.files.spreadsheets import read_table, read_workbook_header
from sim.inputs.files.validation import check_record
from sim.inputs.record_rows import FINAL, PERIODS, TABLES, Judged, ProgrammeRow, PromiseClass, PromiseRow, TableRow

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Programmes",
    "Records",
    "check_rows",
    "find_kind",
    "find_records",
    "read_classes",
    "read_programmes",
    "read_records",
]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Strings = NDArray[np.object_]


def _fix(table: Records | Programmes) -> None:
    """Make the arrays read-only."""
    for each in fields(table):
        value = getattr(table, each.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Records:
    """Promises and outcomes, one element a row of the tables.

    Attributes
    ----------
    table, region, item, class_id, report, confidence : array of str, shape (row,)
        `report`: what told the row; rows of one report are not independent.
    year : array of int, shape (row,)
        0 where it is not known.
    count, reached : array of int, shape (row,)
        Promises that the row stands for (the items of a list), and those kept.
    ratio : array of float, shape (row,)
        Delivered over promised; NaN but for counts.
    state : array of str, shape (row,)
        `final` (judged), `early` (within the year, and reached already), `open` (not known), `sample` (known because
        of its outcome, hence no rate). The first two count.
    classes : mapping of str to PromiseClass
    warnings : tuple of Fault
        What looked wrong but was kept.
    """

    table: Strings
    region: Strings
    item: Strings
    class_id: Strings
    report: Strings
    confidence: Strings
    year: Ints
    count: Ints
    reached: Ints
    ratio: Floats
    state: Strings
    classes: Mapping[str, PromiseClass]
    warnings: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        _fix(self)

    def __len__(self) -> int:
        return len(self.year)

    @property
    def counted(self) -> Bools:
        """Whether each row counts as a record, shape (row,)."""
        return np.isin(self.state.astype(str), ("final", "early"))

    def where(self, keep: Bools) -> Records:
        """Keep the rows for which `keep` is true."""
        arrays = [each.name for each in fields(self) if isinstance(getattr(self, each.name), np.ndarray)]
        return replace(self, **{name: getattr(self, name)[keep] for name in arrays})

    def before(self, year: int) -> Records:
        """Keep the rows of known years strictly before `year`."""
        return self.where((self.year > 0) & (self.year < year))

    def to_frame(self) -> pd.DataFrame:
        """Tabulate, one row a promise or list: columns as the attributes, from `table` to `state`."""
        import pandas as pd

        names = [each.name for each in fields(self) if isinstance(getattr(self, each.name), np.ndarray)]
        return pd.DataFrame({name: getattr(self, name) for name in names})

    def __repr__(self) -> str:
        counted, known = self.counted, self.year[self.year > 0]
        span = f"{known.min()}-{known.max()}" if len(known) else "no years"
        total, kept = int(self.count[counted].sum()), int(self.reached[counted].sum())
        return f"<Records: {len(self)} rows, {span}, {kept} of {total} promises kept>"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Programmes:
    """How far the projects of a year had come by a date, one element a row; NaN means unknown.

    Attributes
    ----------
    region, scope : array of str, shape (row,)
    year, month : array of int, shape (row,)
        Year (0 where not known), and months gone.
    projects, starts_planned, starts_done, investment_share : array of float, shape (row,)
    """

    region: Strings
    scope: Strings
    year: Ints
    month: Ints
    projects: Floats
    starts_planned: Floats
    starts_done: Floats
    investment_share: Floats

    def __post_init__(self) -> None:
        _fix(self)

    @property
    def missing(self) -> Floats:
        """Share of the projects not yet under way, shape (row,)."""
        return (self.starts_planned - self.starts_done) / self.projects


def read_classes(path: str | Path | None = None) -> dict[str, PromiseClass]:
    """Read the classes of promises.

    Parameters
    ----------
    path : str or Path, optional
        None means the shipped `records/classes.csv`.

    Returns
    -------
    dict of str to PromiseClass

    Examples
    --------
    >>> read_classes()["jobs"].family
    'own_counts'
    """
    path = find_seed("records") / "classes.csv" if path is None else Path(path)
    rows, faults = read_rows(path, dict.fromkeys(PromiseClass.model_fields, True))
    checked = [row for record in rows if (row := check_record(PromiseClass, record, faults)) is not None]
    if faults:
        raise InputError(faults)
    return {row.id: row for row in checked}


def find_kind(path: str | Path) -> str | None:
    """Find which record table a file holds, by its header.

    Returns
    -------
    str or None
        `counts`, `lists`, `milestones`, `titles` or `programmes`; None for any other file.

    Examples
    --------
    >>> find_kind(find_seed("records") / "counts.csv"), find_kind(find_seed("track_record.csv"))
    ('counts', None)
    """
    header = _read_header(Path(path))
    for name, kind in TABLES.items():
        if set(kind.marks) & header:
            return name
    return None


def find_records(name: str | Path) -> Path | None:
    """Find the record table, or folder of tables, that is meant by a path, or by the shipped name `records`.

    Returns
    -------
    Path or None
        None where the path is that of another table.

    Examples
    --------
    >>> find_records("records").name, find_records(find_seed("track_record.csv"))
    ('records', None)
    """
    path = Path(name)
    if path == Path("records") and not exists(path):
        return find_seed("records")
    return path if path.is_dir() or find_kind(path) is not None else None


def _read_header(path: Path) -> set[str]:
    if path.suffix.lower() == ".xlsx":
        return read_workbook_header(path)
    return {cell.strip() for cell in next(csv.reader(io.StringIO(read_text(path), newline=None)), [])}


def read_records(path: str | Path | None = None) -> Records:
    """Read promises and what became of them.

    Parameters
    ----------
    path : str or Path, optional
        A table, or a folder of tables; None means the shipped `records`. The header says which table it is: `counts`
        (region, year, item, class, promised, delivered), `lists` (region, year, item, class, items, met), `milestones`
        (region, item, class, stated, planned, actual, sampled) or `titles` (title, year, class, stage, pool, won); all
        with unit, as_of, source and confidence where they are known. Of a milestone, item and class may be left out.
        Classes are those of a `classes.csv` beside the table, else the shipped ones. Other columns are ignored.

    Returns
    -------
    Records
        Warnings: a number twenty times the promise or a twentieth of it, as where a unit is wrong. A figure within the
        year gives way to the year's.

    Raises
    ------
    InputError
        With every fault: file, line, column, what is wrong and what is allowed.

    Examples
    --------
    >>> read_records(find_seed("records") / "titles.csv")
    <Records: 9 rows, 2015-2023, 174 of 279 promises kept>
    """
    place = find_seed("records") if path is None else Path(path)
    if not place.is_dir():
        return _collect([_read_table(place)], _find_classes(place.parent))
    found = [file for file in sorted(place.glob("*.csv")) if find_kind(file) not in (None, "programmes")]
    if not found:
        raise InputError([Fault(str(place), 0, 0, "no record tables", "allowed: " + ", ".join(TABLES))])
    classes = _find_classes(place)
    tables, faults = [], list[Fault]()
    for file in found:
        try:
            tables.append(_read_table(file, classes))
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return _collect(tables, classes)


def read_programmes(path: str | Path | None = None) -> Programmes:
    """Read how far the projects of a year had come by a date.

    Parameters
    ----------
    path : str or Path, optional
        Table with the columns region, year, scope, projects, as_of, investment_share, starts_done, starts_planned,
        source, confidence; None means the shipped `records/programmes.csv`.

    Returns
    -------
    Programmes

    Examples
    --------
    >>> int(np.isfinite(read_programmes().missing).sum())
    12
    """
    path = find_seed("records") / "programmes.csv" if path is None else Path(path)
    rows = [row for row, _ in check_rows(path, ProgrammeRow)]

    def number(name: str) -> Floats:
        return np.array([np.nan if getattr(row, name) is None else getattr(row, name) for row in rows], dtype=float)

    return Programmes(
        region=np.array([row.region for row in rows], dtype=object),
        scope=np.array([row.scope for row in rows], dtype=object),
        year=np.array([row.year or 0 for row in rows], dtype=np.int64),
        month=np.array([PERIODS[row.as_of] for row in rows], dtype=np.int64),
        projects=number("projects"),
        starts_planned=number("starts_planned"),
        starts_done=number("starts_done"),
        investment_share=number("investment_share"),
    )


def _find_classes(folder: Path) -> dict[str, PromiseClass]:
    beside = folder / "classes.csv"
    return read_classes(beside if beside.is_file() else None)


_Table = tuple[str, list[tuple[PromiseRow, Record]]]


def _read_table(path: Path, classes: Mapping[str, PromiseClass] | None = None) -> _Table:
    """Read one table, its rows checked against the classes."""
    name = find_kind(path)
    if name is None or name == "programmes":
        marks = "; ".join(f"{each}: {', '.join(kind.marks)}" for each, kind in TABLES.items() if each != "programmes")
        raise InputError([Fault(str(path), 1, 1, "the header is that of no record table", f"it has {marks}")])
    classes = _find_classes(path.parent) if classes is None else classes
    kind = TABLES[name]
    assert issubclass(kind, PromiseRow)
    rows = check_rows(path, kind)
    faults: list[Fault] = []
    for row, record in rows:
        written = {row.class_id: record.values_at.get("class_id", record.place)}
        faults += find_unknown(written, [*classes], "unknown class '{}'")
    if faults:
        raise InputError(faults)
    return name, rows


Row = TypeVar("Row", bound=TableRow)


def check_rows(path: Path, kind: type[Row]) -> list[tuple[Row, Record]]:
    """Check the rows of a table one by one, none twice; columns that the model does not know are left out.

    Parameters
    ----------
    path : Path
    kind : type
        The model of a row.

    Returns
    -------
    list of (row, Record)
        Each with the places of what it was read from.

    Raises
    ------
    InputError
        With every fault.
    """
    columns = {field: column for column, field in kind.columns.items()}
    names = {columns.get(field, field): field for field in kind.model_fields}
    due = {name: kind.model_fields[field].is_required() or name in kind.marks for name, field in names.items()}
    header = _read_header(path)
    whole = all(name in header for name, needed in due.items() if needed)
    records, faults = read_table(path, {**dict.fromkeys(header, False), **due} if whole else due)
    if any(fault.line == 1 for fault in faults):
        raise InputError(faults)
    rows: list[tuple[Row, Record]] = []
    seen: dict[tuple[object, ...], int] = {}
    for record in records:
        known = Record(record.place)
        for name, field in names.items():
            if record.get(name) is not None:
                known.put(field, record[name], record.keys_at[name], record.values_at[name])
        row = check_record(kind, known, faults)
        if row is None:
            continue
        if row.key in seen:
            words = " ".join(str(part) for part in row.key if part is not None)
            faults.append(record.place.fault(f"'{words}' is repeated", f"it stands in line {seen[row.key]} already"))
        seen.setdefault(row.key, record.place.line)
        rows.append((row, known))
    if faults:
        raise InputError(faults)
    return rows


def _collect(tables: Sequence[_Table], classes: Mapping[str, PromiseClass]) -> Records:
    """Collect all rows in arrays, figures within the year set aside where the year's own is known."""
    rows = [(name, row, row.judge()) for name, table in tables for row, _ in table]
    settled = {(row.region, one.year, row.item) for _, row, one in rows if one.state == "final"}

    def find_state(row: PromiseRow, one: Judged) -> str:
        return "open" if one.state == "early" and (row.region, one.year, row.item) in settled else one.state

    def text(values: Sequence[str]) -> Strings:
        return np.array([*values, None], dtype=object)[:-1]

    return Records(
        table=text([name for name, _, _ in rows]),
        region=text([row.region for _, row, _ in rows]),
        item=text([row.item for _, row, _ in rows]),
        class_id=text([row.class_id for _, row, _ in rows]),
        report=text([one.report for _, _, one in rows]),
        confidence=text([row.confidence for _, row, _ in rows]),
        year=np.array([one.year for _, _, one in rows], dtype=np.int64),
        count=np.array([one.count for _, _, one in rows], dtype=np.int64),
        reached=np.array([one.reached for _, _, one in rows], dtype=np.int64),
        ratio=np.array([one.ratio for _, _, one in rows], dtype=np.float64),
        state=text([find_state(row, one) for _, row, one in rows]),
        classes=dict(classes),
        warnings=tuple(fault for _, table in tables for row, record in table for fault in _find_oddities(row, record)),
    )


def _find_oddities(row: PromiseRow, record: Record) -> Iterator[Fault]:
    """Warn of what is kept but worth a look."""
    ratio = row.judge().ratio
    if ratio >= 20 or (ratio <= 0.05 and getattr(row, "as_of", "") in FINAL):
        what = f"{row.region} {row.item}: {ratio:.3g} times what was promised"
        yield record.values_at["delivered"].fault(what, "kept as it is: is the unit right?")
