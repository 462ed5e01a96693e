"""Text files read into plain values that remember where they stood."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError, Place, find_nearest, find_unknown

__all__ = ["WHOLE", "Items", "Record", "collect_rows", "is_utf8", "read_rows", "read_text"]

_NO_TEXTS = (
    (b"\xff\xfe", "the file is UTF-16 text", "save it as UTF-8"),
    (b"\xfe\xff", "the file is UTF-16 text", "save it as UTF-8"),
    (b"PK\x03\x04", "the file is a ZIP archive or a workbook, not text", "the name of a workbook ends in .xlsx"),
    (b"\xd0\xcf\x11\xe0", "the file is a workbook of an old format, not text", "save it as .xlsx"),
)
"""How files begin that are taken for text by mistake, what is wrong, and how to mend it."""


_LARGEST = 10_000_000
"""Bytes of a file: of more, no memory and no patience would be enough."""


_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f]")


WHOLE = "write the whole, not one of its surrogates"


class Items(list[Any]):
    """A list read from a file: an ordinary list that knows the place of each item.

    Attributes
    ----------
    items_at : list of Place
        Where each item stands.
    """

    def __init__(self) -> None:
        super().__init__()
        self.items_at: list[Place] = []


class Record(dict[str, Any]):
    """A mapping read from a file: an ordinary dict that knows the place of each key and value.

    Attributes
    ----------
    place : Place
        Where the mapping begins.
    keys_at, values_at : dict of str to Place
        Where each key and each value stands; they differ in YAML, agree in tables.
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.keys_at: dict[str, Place] = {}
        self.values_at: dict[str, Place] = {}

    def put(self, key: str, value: object, key_at: Place, value_at: Place) -> None:
        """Set an item together with its places.

        Parameters
        ----------
        key : str
        value : object
        key_at, value_at : Place
            Where each is written.
        """
        self[key] = value
        self.keys_at[key] = key_at
        self.values_at[key] = value_at

    def take(self, other: Record, key: str, value: object | None = None) -> None:
        """Set an item with the places it has in another record.

        Parameters
        ----------
        other : Record
        key : str
        value : object, optional
            None means the value in the other record.
        """
        self.put(key, other[key] if value is None else value, other.keys_at[key], other.values_at[key])

    def locate(self, path: tuple[str | int, ...]) -> Place:
        """Locate a nested value, or its nearest known ancestor where it is missing.

        Parameters
        ----------
        path : tuple of str or int
            Keys and indices from here to the value.

        Returns
        -------
        Place
        """
        here: object = self
        at = self.place
        for step in path:
            if isinstance(here, Record) and step in here:
                at = here.values_at[str(step)]
                here = here[str(step)]
            elif isinstance(here, Items) and isinstance(step, int) and step < len(here):
                at = here.items_at[step]
                here = here[step]
        return at


def read_text(path: Path, name: str | None = None, most: int = _LARGEST) -> str:
    """Read a text file: UTF-8 with or without a byte-order mark, else GBK; faults say what else it seems to be.

    Parameters
    ----------
    path : Path
        The file.
    name : str, optional
        How faults name the file; None means the path as given.
    most : int
        Bytes that it may have.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If the file is missing, is a folder, cannot be read, is empty or is binary.
    """
    name = name or str(path)
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError:
        raise InputError([Fault(name, 0, 0, "no such file", code="no_file")]) from None
    except OSError as error:
        raise InputError([Fault(name, 0, 0, f"cannot be read ({error.strerror})")]) from None
    if len(content) > most:
        problem = f"the file has more than {most / 1e6:g} MB"
        raise InputError([Fault(name, 0, 0, problem, "leave out what is not used, or divide it")])
    allowed = "allowed: UTF-8 (with or without BOM) or GBK"
    for beginning, problem, mend in _NO_TEXTS:
        if content.startswith(beginning):
            raise InputError([Fault(name, 0, 0, problem, mend)])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise InputError([Fault(name, 0, 0, "the file is empty", code="empty")])
        found = [*_CONTROLS.finditer(text)]
        if not found:
            return text
        if len(found) * 50 > len(text) + 50 or "\0" in text:
            break
        before = text[: found[0].start()].splitlines(keepends=True) or [""]
        line, column = len(before), len(before[-1]) + 1
        if before[-1].endswith(("\n", "\r")):
            line, column = line + 1, 1
        more = f", the first of {len(found)}" if len(found) > 1 else ""
        problem = f"a control character U+{ord(found[0][0]):04X}{more}"
        raise InputError([Fault(name, line, column, problem, "delete it: nobody sees it")])
    raise InputError([Fault(name, 0, 0, "the file is binary, not text", allowed)])


def is_utf8(text: str) -> bool:
    r"""Tell whether a text can be written as UTF-8: no half of a pair of surrogates, no byte of a file's name.

    Examples
    --------
    >>> is_utf8("青岛"), is_utf8("\udcb3")
    (True, False)
    """
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def read_rows(
    path: Path, columns: Mapping[str, bool], name: str | None = None, others: bool = False
) -> tuple[list[Record], list[Fault]]:
    """Read a table in CSV: one record a row, empty cells as None, the field's number as its column.

    Parameters
    ----------
    path : Path
        The file.
    columns : mapping of str to bool
        Allowed columns; True marks those that must be there.
    name : str, optional
        How faults name the file; None means the path as given.
    others : bool
        Whether other columns are left out; those that look like a misspelt column are refused all the same.

    Returns
    -------
    rows : list of Record
        Rows of the right length.
    faults : list of Fault
        Missing, unknown and repeated columns, and rows with a missing or an extra field.
    """
    name = name or str(path)
    return collect_rows(_split_rows(read_text(path, name), name), columns, name, others)


def collect_rows(
    lines: Iterator[tuple[int, list[str]]], columns: Mapping[str, bool], name: str, others: bool = False
) -> tuple[list[Record], list[Fault]]:
    """Collect the records of a table that has been split into fields.

    Parameters
    ----------
    lines : iterator of (int, list of str)
        The line that each row begins in, and its fields; the first row is the header.
    columns, name, others
        As for `read_rows`.

    Returns
    -------
    rows, faults
        As for `read_rows`.

    Raises
    ------
    InputError
        If the first row is empty.
    """
    header = _strip_end([field.strip() for field in next(lines)[1]])
    if not header:
        raise InputError(
            [Fault(name, 1, 1, "the first line is empty", "it names the columns: " + ", ".join(columns), code="empty")]
        )
    body = [(line, fields) for line, fields in lines if any(field.strip() for field in fields)]
    unused = {
        place
        for place, key in enumerate(header)
        if not key and not any(place < len(fields) and fields[place].strip() for _, fields in body)
    }
    faults = list(_check_header(header, columns, name, others, unused))
    rows: list[Record] = []
    for line, fields in body:
        fields = [*fields[: len(header)], *_strip_end(fields[len(header) :])]
        if len(fields) != len(header):
            problem = f"the row has {len(fields)} fields, the header {len(header)}"
            mend = "quote a field that holds a comma" if len(fields) > len(header) else "leave unknown fields empty"
            faults.append(Fault(name, line, max(1, min(len(fields), len(header))), problem, mend))
            continue
        row = Record(Place(name, line, 1))
        for number, (key, field) in enumerate(zip(header, fields, strict=True), start=1):
            if number - 1 in unused:
                continue
            at = Place(name, line, number)
            row.put(key, field.strip() or None, at, at)
        rows.append(row)
    if not rows and not faults:
        faults.append(Fault(name, 2, 1, "the table has no rows", code="empty"))
    return rows, faults


def _strip_end(fields: list[str]) -> list[str]:
    """Leave out empty fields at the end: spreadsheets write them where a cell beyond the last column was touched."""
    while fields and not fields[-1].strip():
        fields = fields[:-1]
    return fields


def _split_rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Fields of every row, with the line that the row begins in."""
    header = next(
        iter(text[:10_000].splitlines()), ""
    )  # spreadsheets of many countries write semicolons, as commas are decimal
    mark = next((each for each in ";\t" if "," not in header and each in header), ",")
    lines = csv.reader(io.StringIO(text, newline=None), delimiter=mark)  # lines may end in "\r" alone
    start = 1
    try:
        for fields in lines:
            yield start, fields
            start = lines.line_num + 1
    except csv.Error as error:
        problem = f"not valid CSV: {error}"
        raise InputError([Fault(file, start, 1, problem, "is a quotation mark left open?")]) from None


def _check_header(
    header: list[str], columns: Mapping[str, bool], file: str, others: bool, unused: Collection[int]
) -> Iterator[Fault]:
    listed = "allowed: " + ", ".join(columns)
    absent = [column for column in columns if column not in header]
    for number, column in enumerate(header, start=1):
        if not column:
            if number - 1 not in unused:
                yield Fault(file, 1, number, f"column {number} has no name", f"name it, or empty it; {listed}")
            continue
        if column in header[: number - 1]:
            yield Fault(file, 1, number, f"column '{column}' is repeated", code="repeated")
        if not others or find_nearest(column, absent):
            yield from find_unknown({column: Place(file, 1, number)}, list(columns), "unknown column '{}'")
    for column, due in columns.items():
        if due and column not in header:
            yield Fault(file, 1, max(1, len(header)), f"column '{column}' is missing", listed, code="missing")
