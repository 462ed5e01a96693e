"""YAML files whose top level is a mapping, with the place of every key and value."""

from __future__ import annotations

import io
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from sim.errors import Fault, InputError, Place
from sim.inputs.files.documents import WHOLE, Items, Record, is_utf8, read_text

__all__ = ["read_yaml"]

_LARGEST = 2_000_000
"""Bytes of a file: of more, no memory and no patience would be enough."""


_LARGEST_KEPT = 100_000
"""Letters of a text whose nodes are kept for the next time that it is read, twice those of a large calibration; they
take 30 bytes of memory a letter."""


_MENDS = {
    "mapping values are not allowed": "put a text that holds a colon and a space into quotes, or mend the indent",
    "found character '\\t'": "indent with spaces",
}
"""How to mend what YAML's own words leave open."""


_MOST_VALUES = 20_000
"""Values of a YAML file, aliases counted as often as they stand: it takes a second or two to read as many."""


_TAG = "tag:yaml.org,2002:"


_TEXTS = ("str", "bool", "timestamp")  # no file has a use for the latter two: they stay as they are written


_NUMBERS = ("int", "float", "null")


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
    text = read_text(path, name, _LARGEST)
    if text.count("\n") + text.count(",") > _MOST_VALUES:  # about as many values
        raise InputError([_refuse_many(Place(name))])
    try:
        root = _compose(text) if len(text) <= _LARGEST_KEPT else _compose.__wrapped__(text)
        if not isinstance(root, MappingNode):
            raise InputError([Fault(name, 1, 1, "the top level is not a mapping", "write `key: value` lines")])
        faults: list[Fault] = []
        record = _Converter(_open_yaml(), name, faults).convert(root)
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
        problem = f"{error.problem or error.context}"
        mend = next((each for words, each in _MENDS.items() if words in problem), "")
        raise InputError([Fault(name, line, column, f"not valid YAML: {problem}", mend)]) from None
    except (YAMLError, ValueError) as error:
        raise InputError([Fault(name, 1, 1, f"not valid YAML: {str(error).splitlines()[0]}")]) from None
    assert isinstance(record, Record)
    return record, faults


def _open_yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    return yaml


@lru_cache(maxsize=24)
def _compose(text: str) -> Node | None:
    """Compose a text's nodes, which nobody changes: four fifths of the time to load a model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReusedAnchorWarning)
        root: Node | None = _open_yaml().compose(io.StringIO(text))
    return root


def _refuse_many(at: Place) -> Fault:
    problem, mend = f"the file holds more than {_MOST_VALUES:,} values", "aliases count as often as they stand"
    return at.fault(problem, f"allowed: up to {_MOST_VALUES:,}; {mend}")


class _Converter:
    """Converts composed YAML nodes to plain values, up to a number of them."""

    def __init__(self, yaml: YAML, file: str, faults: list[Fault]) -> None:
        self.yaml = yaml
        self.file = file
        self.faults = faults
        self.count = 0

    def convert(self, node: Node) -> Any:
        """Convert a node and all below it."""
        self.count += 1
        if self.count > _MOST_VALUES:
            raise InputError([_refuse_many(_place(node, self.file))])
        if isinstance(node, MappingNode):
            return self._convert_mapping(node)
        if isinstance(node, SequenceNode):
            items = Items()
            for item in node.value:
                items.append(self.convert(item))
                items.items_at.append(_place(item, self.file))
            return items
        assert isinstance(node, ScalarNode)
        return self._convert_scalar(node)

    def _convert_mapping(self, node: MappingNode) -> Record:
        record = Record(_place(node, self.file))
        for key_node, value_node in node.value:
            at = _place(key_node, self.file)
            if not isinstance(key_node, ScalarNode):
                self.faults.append(at.fault("a key is a list or a mapping", "write a plain word"))
                continue
            key = str(key_node.value)
            if not is_utf8(key):
                self.faults.append(at.fault("a key with half of a character", WHOLE))
                continue
            if key in record:
                mend = f"it stands in line {record.keys_at[key].line} already: keep one"
                self.faults.append(at.fault(f"key '{key}' is repeated", mend, code="repeated"))
                continue
            record.put(key, self.convert(value_node), at, _place(value_node, self.file))
        return record

    def _convert_scalar(self, node: ScalarNode) -> Any:
        at, text = _place(node, self.file), str(node.value)
        kind = str(node.tag).removeprefix(_TAG)
        if not is_utf8(text):
            self.faults.append(at.fault("half of a character", WHOLE))
            return "".join(sign if is_utf8(sign) else "\ufffd" for sign in text)
        if kind in _TEXTS:
            return text
        if kind in _NUMBERS:
            try:
                return self.yaml.constructor.construct_object(node, deep=True)
            except ValueError:
                return text
        self.faults.append(at.fault(f"a value of type '{node.tag}'", "write a plain number or text"))
        return text


def _place(node: Node, file: str) -> Place:
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
