"""Text files read into plain values that remember where they stood."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from sim.errors import Fault, InputError, Place, find_nearest, find_unknown

__all__ = ["Items", "Record", "collect_rows", "read_rows", "read_text", "read_yaml"]

_TAG = "tag:yaml.org,2002:"


_TEXTS = ("str", "bool", "timestamp")  # no file has a use for the latter two: they stay as they are written


_NUMBERS = ("int", "float", "null")


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


def read_text(path: Path, name: str | None = None) -> str:
    """Read a text file: UTF-8 with or without a byte-order mark, else GBK.

    Parameters
    ----------
    path : Path
        The file.
    name : str, optional
        How faults name the file; None means the path as given.

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
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError([Fault(name, 0, 0, "no such file", code="no_file")]) from None
    except OSError as error:
        raise InputError([Fault(name, 0, 0, f"cannot be read ({error.strerror})")]) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise InputError([Fault(name, 0, 0, "the file is empty", code="empty")])
        if not any(ord(sign) < 32 and sign not in "\t\n\r\f" for sign in text):
            return text
    raise InputError([Fault(name, 0, 0, "the file is binary, not text", "allowed: UTF-8 (with or without BOM) or GBK")])


def read_yaml(path: Path, name: str | None = None) -> tuple[Record, list[Fault]]:
    """Read a YAML file whose top level is a mapping, keeping the place of every key and value.

    Numbers and nulls become such; all else, dates and `true` too, stays the text that it is.

    Parameters
    ----------
    path : Path
        The file.
    name : str, optional
        How faults name the file; None means the path as given.

    Returns
    -------
    record : Record
        What was read.
    faults : list of Fault
        Repeated keys, keys that are no text, and values of a type that no file has.

    Raises
    ------
    InputError
        If the file is not text, not YAML or not a mapping.
    """
    name = name or str(path)
    text = read_text(path, name)
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            root = yaml.compose(io.StringIO(text))
        if not isinstance(root, MappingNode):
            raise InputError([Fault(name, 1, 1, "the top level is not a mapping", "write `key: value` lines")])
        faults: list[Fault] = []
        record = _convert(root, yaml, name, faults)
    except RecursionError:
        problem = "not valid YAML: nested too deeply, or an alias within its own anchor"
        raise InputError([Fault(name, 1, 1, problem)]) from None
    except ReaderError as error:
        before = text[: error.position].splitlines() or [""]
        problem = f"not valid YAML: unprintable character {error.character!r}"
        raise InputError([Fault(name, len(before), len(before[-1]) + 1, problem)]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise InputError([Fault(name, line, column, f"not valid YAML: {error.problem or error.context}")]) from None
    except (YAMLError, ValueError) as error:
        raise InputError([Fault(name, 1, 1, f"not valid YAML: {str(error).splitlines()[0]}")]) from None
    assert isinstance(record, Record)
    return record, faults


def _convert(node: Node, yaml: YAML, file: str, faults: list[Fault]) -> Any:
    """Convert a composed YAML node to plain values."""
    if isinstance(node, MappingNode):
        record = Record(_place(node, file))
        for key_node, value_node in node.value:
            at = _place(key_node, file)
            if not isinstance(key_node, ScalarNode):
                faults.append(at.fault("a key is a list or a mapping", "write a plain word"))
                continue
            key = str(key_node.value)
            if key in record:
                first = record.keys_at[key].line
                faults.append(
                    at.fault(
                        f"key '{key}' is repeated", f"it stands in line {first} already: keep one", code="repeated"
                    )
                )
                continue
            record.put(key, _convert(value_node, yaml, file, faults), at, _place(value_node, file))
        return record
    if isinstance(node, SequenceNode):
        items = Items()
        for item in node.value:
            items.append(_convert(item, yaml, file, faults))
            items.items_at.append(_place(item, file))
        return items
    assert isinstance(node, ScalarNode)
    kind = str(node.tag).removeprefix(_TAG)
    if kind in _TEXTS:
        return str(node.value)
    if kind in _NUMBERS:
        try:
            return yaml.constructor.construct_object(node, deep=True)
        except ValueError:
            return str(node.value)
    faults.append(_place(node, file).fault(f"a value of type '{node.tag}'", "write a plain number or text"))
    return str(node.value)


def _place(node: Node, file: str) -> Place:
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)


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
    header = [field.strip() for field in next(lines)[1]]
    if not any(header):
        raise InputError(
            [Fault(name, 1, 1, "the first line is empty", "it names the columns: " + ", ".join(columns), code="empty")]
        )
    faults = list(_check_header(header, columns, name, others))
    rows: list[Record] = []
    for line, fields in lines:
        if not any(field.strip() for field in fields):
            continue
        if len(fields) != len(header):
            problem = f"the row has {len(fields)} fields, the header {len(header)}"
            mend = "quote a field that holds a comma" if len(fields) > len(header) else "leave unknown fields empty"
            faults.append(Fault(name, line, max(1, min(len(fields), len(header))), problem, mend))
            continue
        row = Record(Place(name, line, 1))
        for number, (key, field) in enumerate(zip(header, fields, strict=True), start=1):
            at = Place(name, line, number)
            row.put(key, field.strip() or None, at, at)
        rows.append(row)
    if not rows and not faults:
        faults.append(Fault(name, 2, 1, "the table has no rows", code="empty"))
    return rows, faults


def _split_rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Fields of every row, with the line that the row begins in."""
    lines = csv.reader(io.StringIO(text, newline=""))
    start = 1
    try:
        for fields in lines:
            yield start, fields
            start = lines.line_num + 1
    except csv.Error as error:
        problem = f"not valid CSV: {error}"
        raise InputError([Fault(file, start, 1, problem, "is a quotation mark left open?")]) from None


def _check_header(header: list[str], columns: Mapping[str, bool], file: str, others: bool) -> Iterator[Fault]:
    listed = "allowed: " + ", ".join(columns)
    absent = [column for column in columns if column not in header]
    for number, column in enumerate(header, start=1):
        if column in header[: number - 1]:
            yield Fault(file, 1, number, f"column '{column}' is repeated", code="repeated")
        if not others or find_nearest(column, absent):
            yield from find_unknown({column: Place(file, 1, number)}, list(columns), "unknown column '{}'")
    for column, due in columns.items():
        if due and column not in header:
            yield Fault(file, 1, max(1, len(header)), f"column '{column}' is missing", listed, code="missing")
