"""Values of a program, laid out as if they had been read from a file: the place of each is its path of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from sim.errors import Fault, InputError, Place
from sim.inputs.files.documents import Items, Record

__all__ = ["lay_out"]


def lay_out(values: Mapping[str, object] | BaseModel, name: str) -> Record:
    """Lay out nested values as the record that a file of them would give.

    Parameters
    ----------
    values : mapping or pydantic model
        Mappings, lists, numbers and texts, as in YAML; models inside count as mappings of what they hold.
    name : str
        How faults name the whole.

    Returns
    -------
    Record
        Its places hold the path of keys, such as `mine: shocks.storm.size`, and no line.

    Raises
    ------
    InputError
        If a mapping holds itself.

    Examples
    --------
    >>> record = lay_out({"shocks": {"storm": {"probability": 7}}}, "mine")
    >>> record.locate(("shocks", "storm", "probability")).file
    'mine: shocks.storm.probability'
    """
    try:
        record = _convert(values, name, "")
    except RecursionError:
        raise InputError([Fault(name, 0, 0, "a value within itself, or nested too deeply")]) from None
    assert isinstance(record, Record)
    return record


def _convert(value: Any, name: str, path: str) -> Any:
    if isinstance(value, BaseModel):
        value = {key: each for key, each in value.__dict__.items() if each is not None}
    if isinstance(value, Mapping):
        record = Record(_place(name, path))
        for key, each in value.items():
            at = f"{path}.{key}" if path else str(key)
            record.put(str(key), _convert(each, name, at), _place(name, at), _place(name, at))
        return record
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        value = value.tolist()
    if isinstance(value, list | tuple):
        items = Items()
        for number, each in enumerate(value):
            items.append(_convert(each, name, f"{path}.{number}"))
            items.items_at.append(_place(name, f"{path}.{number}"))
        return items
    if isinstance(value, bool):  # no file has a use for one: it stays the text that it is
        return str(value).lower()
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _place(name: str, path: str) -> Place:
    return Place(f"{name}: {path}" if path else name)
