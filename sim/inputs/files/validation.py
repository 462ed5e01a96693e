"""Checked records: pydantic does the checking, every fault keeps its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from sim.errors import Code, Fault, Place, find_nearest, find_unknown
from sim.inputs.files.documents import Record

__all__ = [
    "PLACEHOLDER",
    "Checked",
    "Name",
    "PerCent",
    "Row",
    "Text",
    "ask",
    "check_record",
    "check_rows",
    "find_placeholder",
    "is_name",
    "note_placeholder",
    "refuse",
]

PLACEHOLDER = "FILL IN"
"""How a cell begins that `sim new` has left to be filled in; no file is sound that still has one."""


class Checked(BaseModel):
    """Base of everything read from a file: unknown keys refused, numbers finite, values fixed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _note_unknown_keys(cls, given: Any, info: ValidationInfo) -> Any:
        """Note unknown keys beside the other faults, where pydantic alone would not know the valid names."""
        if not isinstance(given, Record) or info.context is None:
            return given
        known = Record(given.place)
        names = list(cls.model_fields)
        for key in given:
            if key in names:
                known.take(given, key)
            else:
                info.context["faults"] += find_unknown({key: given.keys_at[key]}, names, "unknown key '{}'")
        return known


class Row(Checked):
    """Base of a table's rows.

    An empty cell of an optional column means unknown. A required field whose type allows None asks for the column, and
    lets its cells be empty; an empty cell of any other required field is refused.

    Attributes
    ----------
    key : tuple of str
        Columns that tell rows apart: no two rows have the same in all of them.
    others : bool
        Whether columns without a field are left out instead of refused.
    """

    key: ClassVar[tuple[str, ...]] = ()
    others: ClassVar[bool] = False

    @classmethod
    def list_columns(cls) -> dict[str, bool]:
        """List the columns of the table.

        Returns
        -------
        dict of str to bool
            True marks those that must be there.
        """
        return {name: field.is_required() for name, field in cls.model_fields.items()}

    @model_validator(mode="before")
    @classmethod
    def _drop_unknown(cls, given: Any) -> Any:
        if not isinstance(given, Record):
            return given
        kept = Record(given.place)
        for name, field in cls.model_fields.items():
            if name in given and (given[name] is not None or field.is_required()):
                kept.take(given, name)
            elif field.is_required():
                kept.put(name, None, given.place, given.place)
        return kept


def ask(problem: str, allowed: str = "") -> BeforeValidator:
    """Say in a field's own words that its cell is empty.

    Parameters
    ----------
    problem, allowed : str
        As for `Fault`.

    Returns
    -------
    BeforeValidator
        For the annotation of a required field of a `Row`.
    """

    def check(given: object) -> object:
        if given is None:
            raise refuse(problem, allowed, code="empty")
        return given

    return BeforeValidator(check)


def refuse(problem: str, allowed: str = "", nearest: str = "", *, code: Code = "invalid") -> PydanticCustomError:
    """Make an error for a validator to raise; its words reach the user unchanged.

    Parameters
    ----------
    problem, allowed, nearest, code : str
        As for `Fault`.

    Returns
    -------
    PydanticCustomError
    """
    context = {"problem": problem, "allowed": allowed, "nearest": nearest, "code": code}
    return PydanticCustomError("refused", "{problem}; {allowed}", context)


def is_name(text: str) -> bool:
    """Tell whether a text can be an identifier: English letters, digits, `_` and `-`.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool

    Examples
    --------
    >>> is_name("retail_sales"), is_name("../../x"), is_name("青岛")
    (True, False, False)
    """
    return text.replace("_", "").replace("-", "").isalnum() and text.isascii()


def find_placeholder(given: object) -> str:
    """Find what a placeholder asks for.

    Parameters
    ----------
    given : object
        What is written.

    Returns
    -------
    str
        Empty where it is no placeholder.

    Examples
    --------
    >>> find_placeholder("FILL IN: the target in %"), find_placeholder("5.5")
    ('the target in %', '')
    """
    if not isinstance(given, str) or not given.strip().startswith(PLACEHOLDER):
        return ""
    return given.strip().removeprefix(PLACEHOLDER).lstrip(": ") or "this"


def note_placeholder(given: object, at: Place) -> Iterator[Fault]:
    """Note that a placeholder is still to be filled in.

    Parameters
    ----------
    given : object
        What is written.
    at : Place

    Yields
    ------
    Fault
        None where it is no placeholder.
    """
    asked = find_placeholder(given)
    if asked:
        yield at.fault(_name_placeholder(asked), code="unfilled")


def _name_placeholder(asked: str) -> str:
    return f"still to be filled in: {asked}"


def _check_name(name: str) -> str:
    if not is_name(name):
        raise refuse(f"'{name}' is not a name", "allowed: English letters, digits, '_' and '-'")
    return name


def _check_text(text: str) -> str:
    if not text.strip():
        raise refuse("the text is empty", "say it in a few words", code="empty")
    asked = find_placeholder(text)
    if asked:
        raise refuse(_name_placeholder(asked), code="unfilled")
    return text.strip()


def _check_per_cent(unit: str) -> str:
    if not unit.startswith("%"):
        raise refuse(f"unknown '{unit}'", "allowed: %", code="unit")
    return unit


Name = Annotated[str, AfterValidator(_check_name)]
"""An identifier used in files, streams and results."""


Text = Annotated[str, AfterValidator(_check_text)]
"""A text that must not be empty."""


PerCent = Annotated[str, AfterValidator(_check_per_cent)]
"""A unit of growth: `%`, with or without more words, as in `% yoy real`."""


Model = TypeVar("Model", bound=Checked)


Found = TypeVar("Found", bound=Row)


def check_record(kind: type[Model], record: Record, faults: list[Fault]) -> Model | None:
    """Check a record against its model.

    Parameters
    ----------
    kind : type
        The model.
    record : Record
        What was read.
    faults : list of Fault
        Every fault is appended here.

    Returns
    -------
    model or None
        None if there was any fault.
    """
    found: list[Fault] = []
    try:
        model = kind.model_validate(record, context={"faults": found})
    except ValidationError as error:
        faults.extend(found)
        faults.extend(_explain(detail, record) for detail in error.errors(include_url=False))
        return None
    faults.extend(found)
    return None if found else model


def check_rows(
    records: Iterable[Record], choose: Callable[[Record], type[Found]], faults: list[Fault]
) -> list[tuple[Found, Record]]:
    """Check the rows of a table, each on its own, and that none repeats another's key.

    Parameters
    ----------
    records : iterable of Record
    choose : callable
        Gives the model of a record.
    faults : list of Fault
        Every fault is appended here.

    Returns
    -------
    list of (row, Record)
        The rows that are sound in themselves, those that repeat a key among them.
    """
    checked = [(check_record(choose(record), record, faults), record) for record in records]
    rows = [(row, record) for row, record in checked if row is not None]
    seen: dict[tuple[object, ...], int] = {}
    for row, record in rows:
        if not row.key:
            continue
        key, at = tuple(getattr(row, name) for name in row.key), record.values_at[row.key[-1]]
        if key in seen:
            problem = f"'{' '.join(map(str, key))}' is repeated"
            faults.append(at.fault(problem, f"it stands in line {seen[key]} already", code="repeated"))
        seen.setdefault(key, at.line)
    return rows


def _explain(detail: ErrorDetails, record: Record) -> Fault:
    at = record.locate(detail["loc"])
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    asked = find_placeholder(given)
    if asked:
        return at.fault(_name_placeholder(asked), code="unfilled")
    for prefix, explain in _WORDS.items():
        if kind.startswith(prefix):
            return explain(at, detail, given, context)
    return at.fault(f"{_quote(given)}: {detail['msg'].lower()}")


def _quote(given: object) -> str:
    if isinstance(given, dict | list):
        return "a mapping" if isinstance(given, dict) else "a list"
    return f"'{given}'" if isinstance(given, str) else "nothing" if given is None else str(given)


def _explain_missing(at: Place, detail: ErrorDetails, _given: object, _context: dict[str, Any]) -> Fault:
    return at.fault(f"key '{detail['loc'][-1]}' is missing", code="missing")


def _explain_choice(at: Place, _detail: ErrorDetails, given: object, context: dict[str, Any]) -> Fault:
    """Explain a literal or a tag of a union; pydantic lists the valid ones, texts in quotes."""
    listed = str(context.get("expected") or context.get("expected_tags") or "")
    valid = listed.split("'")[1::2] or [listed]
    written = context.get("tag", given)
    problem = "nothing is written" if written is None else f"unknown {_quote(written)}"
    nearest = "" if str(written) in valid else find_nearest(written, valid)
    return at.fault(problem, "allowed: " + ", ".join(valid), nearest, code="empty" if written is None else "unknown")


def _explain_tag(at: Place, _detail: ErrorDetails, _given: object, context: dict[str, Any]) -> Fault:
    return at.fault(f"key {context['discriminator']} is missing", "it says which form follows", code="missing")


def _explain_number(at: Place, _detail: ErrorDetails, given: object, _context: dict[str, Any]) -> Fault:
    if isinstance(given, str) and re.match(r"[-+]?\.?\d", given):
        problem = f"'{given}' is a number with a unit glued on"
        return at.fault(problem, "write the number alone; units have their place", code="unit")
    if given is None:
        return at.fault("a number is due, nothing is written", code="empty")
    return at.fault(f"{_quote(given)} is not a number", "write a plain finite number such as 5.5", code="number")


def _explain_whole(at: Place, detail: ErrorDetails, given: object, context: dict[str, Any]) -> Fault:
    try:
        float(str(given))
    except ValueError:
        return _explain_number(at, detail, given, context)
    return at.fault(f"{_quote(given)} is not a whole number", "write a whole number such as 2", code="number")


def _explain_length(at: Place, _detail: ErrorDetails, given: list[object], context: dict[str, Any]) -> Fault:
    due = f"at least {context['min_length']}" if "min_length" in context else f"at most {context['max_length']}"
    return at.fault(f"the list has {len(given)} items", f"allowed: {due}", code="range")


def _explain_bound(at: Place, _detail: ErrorDetails, given: object, context: dict[str, Any]) -> Fault:
    words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
    bound = ", ".join(f"{words[key]} {limit:g}" for key, limit in context.items() if key in words)
    return at.fault(f"{_quote(given)} is out of range", f"allowed: {bound}", code="range")


def _explain_refusal(at: Place, _detail: ErrorDetails, _given: object, context: dict[str, Any]) -> Fault:
    return at.fault(context["problem"], context["allowed"], context["nearest"], code=context["code"])


def _explain_form(at: Place, detail: ErrorDetails, given: object, _context: dict[str, Any]) -> Fault:
    due = {"model": "a mapping", "dict": "a mapping", "list": "a list", "string": "a text"}
    problem = f"{_quote(given)} stands where {due[detail['type'].split('_')[0]]} is due"
    return at.fault(problem, code="empty" if given is None else "invalid")


_WORDS: dict[str, Callable[[Place, ErrorDetails, Any, dict[str, Any]], Fault]] = {
    "missing": _explain_missing,
    "literal_error": _explain_choice,
    "union_tag_invalid": _explain_choice,
    "union_tag_not_found": _explain_tag,
    "float_": _explain_number,
    "int_": _explain_whole,
    "finite_number": _explain_number,
    "greater_than": _explain_bound,
    "less_than": _explain_bound,
    "too_short": _explain_length,
    "too_long": _explain_length,
    "refused": _explain_refusal,
    "model_": _explain_form,
    "dict_type": _explain_form,
    "list_type": _explain_form,
    "string_type": _explain_form,
}
