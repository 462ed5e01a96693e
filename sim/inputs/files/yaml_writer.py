"""Checked records written as YAML that reads back the same."""

from __future__ import annotations

import json
import re
from typing import Any

from sim.inputs.files.validation import Checked

__all__ = ["write_yaml"]

_PLAIN = re.compile(r"[a-z][a-z_]*(/[a-z]+)?")


_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def write_yaml(record: Checked, header: str = "") -> str:
    """The text of a file that holds a record: one line a number, sections set apart by an empty line.

    Parameters
    ----------
    record : Checked
        Fields that have their default and were not given are left out.
    header : str
        Comment lines to begin with.

    Examples
    --------
    >>> from sim.inputs.plan.tables import Group
    >>> print(write_yaml(Group(id="green", name_en="Green", name_zh="绿色", source="section 3")), end="")
    id: green
    name_en: "Green"
    name_zh: "绿色"
    source: "section 3"
    """
    lines = [f"# {line}".rstrip() for line in header.splitlines()]
    for name, value in _dump(record).items():
        block = _write(name, value, 0)
        if len(block) > 1 and lines:
            lines.append("")
        lines.extend(block)
    return "\n".join(lines) + "\n"


def _dump(node: Any) -> Any:
    if isinstance(node, Checked):
        given = node.model_fields_set
        fields = type(node).model_fields
        return {name: _dump(getattr(node, name)) for name in fields if name in given or fields[name].is_required()}
    if isinstance(node, dict):
        return {name: _dump(value) for name, value in node.items()}
    return [_dump(each) for each in node] if isinstance(node, list | tuple) else node


def _write(name: str, value: Any, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(value, dict) and value and not _is_short(value):
        inner = [line for key, each in value.items() for line in _write(key, each, depth + 1)]
        return [f"{pad}{name}:", *inner]
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return [f"{pad}{name}:", *(f"{pad}  - {_flow(each)}" for each in value)]
    return [f"{pad}{name}: {_flow(value)}"]


def _is_short(value: dict[str, Any]) -> bool:
    """A number with its facts stands on one line."""
    return "value" in value or set(value) <= {"how", "mean", "sd"}


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and value not in _WORDS else json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return repr(int(value)) if value == int(value) else repr(value)
    return "null" if value is None else repr(value)
