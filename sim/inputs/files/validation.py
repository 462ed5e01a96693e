"""Checked records: pydantic does the checking, every fault keeps its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin
from unicodedata import normalize

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.errors import Code, Fault, Place, find_unknown
from sim.inputs.files.documents import Record
from sim.inputs.files.explanation import explain_error, find_placeholder

__all__ = [
    "MOST_AMOUNT",
    "Amount",
    "Checked",
    "Name",
    "PerCent",
    "Rate",
    "Row",
    "Text",
    "Year",
    "ask",
    "check_record",
    "check_rows",
    "is_name",
    "is_per_cent",
    "note_unread",
    "refuse",
]


Rate = Annotated[float, Field(ge=-1000, le=1000)]
"""A growth rate, %, or a difference of such, percentage points."""


MOST_AMOUNT = 1e15


Amount = Annotated[float, Field(ge=-MOST_AMOUNT, le=MOST_AMOUNT)]
"""A figure in whatever unit."""


Year = Annotated[int, Field(ge=1800, le=2200)]


class Checked(BaseModel):
    """Base of everything read from a file: unknown keys refused, numbers finite, values fixed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _note_unknown_keys(cls, given: Any, info: ValidationInfo) -> Any:
        """Note unknown keys beside the other faults, where pydantic alone would not know the valid names."""
        if not isinstance(given, Record) or info.context is None:
            return given
        known, valid = Record(given.place), [field.alias or name for name, field in cls.model_fields.items()]
        for key in given:
            if key in valid:
                known.take(given, key)
        info.context["faults"] += find_unknown(given.keys_at, valid, "unknown key '{}'")
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
        return {name: field.is_required() and name != "name_zh" for name, field in cls.model_fields.items()}

    @model_validator(mode="before")
    @classmethod
    def _drop_unknown(cls, given: Any) -> Any:
        if not isinstance(given, Record):
            return given
        kept = Record(given.place)
        for name, field in cls.model_fields.items():
            if name in given and (given[name] is not None or field.is_required()):
                kept.take(given, name, _read_cell(given[name], field.annotation))
            elif field.is_required():
                kept.put(name, None, given.place, given.place)
        for name, other in (("name_en", "name_zh"), ("name_zh", "name_en")):
            if name in cls.model_fields and kept.get(name) is None and kept.get(other) is not None:
                kept.put(name, kept[other], kept.keys_at[other], kept.values_at[other])  # one language is enough
        return kept


_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")


_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00a0\u202f\u2009]")


def _read_cell(cell: object, kind: Any) -> object:
    """Put a cell in the form that its field expects; None leaves it as it is."""
    if _is_number(kind):
        return _read_number(cell)
    return _read_choice(cell, kind) if isinstance(cell, str) else None


def _read_choice(cell: str, kind: Any) -> object:
    """Find the choice that a cell is, whatever the width and case of its letters; None where it is none."""
    folded = normalize("NFKC", cell).strip().casefold().replace(" ", "_")
    choices = [each for each in _list_choices(kind) if each.casefold() == folded]
    return choices[0] if len(choices) == 1 else None


def _list_choices(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [each for each in get_args(kind) if isinstance(each, str)]
    return [each for inner in get_args(kind) if get_origin(inner) for each in _list_choices(inner)]


def _is_number(kind: Any) -> bool:
    """Whether a field holds a number, or none."""
    if kind in (int, float):
        return True
    return any(_is_number(each) for each in get_args(kind) if each is not type(None))


def _read_number(cell: object) -> object:
    """Put a number in the form that programs read: signs of any width, no unseen ones, no commas between thousands.

    Examples
    --------
    >>> [_read_number(cell) for cell in ("５.９", "15,760.34", "5.9\u200b", "−0.3", "5,9")]
    ['5.9', '15760.34', '5.9', '-0.3', '5,9']
    """
    if not isinstance(cell, str):
        return cell
    plain = normalize("NFKC", _UNSEEN.sub("", cell)).replace("\u2212", "-").strip()
    if not re.fullmatch(r"[-+]?[\d.,]+(e[-+]?\d+)?", plain, re.IGNORECASE):
        return cell
    return plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain


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


def _check_name(name: str) -> str:
    if not is_name(name):
        raise refuse(f"'{name}' is not a name", "allowed: English letters, digits, '_' and '-'")
    return name


def _check_text(text: str) -> str:
    if not text.strip():
        raise refuse("the text is empty", "say it in a few words", code="empty")
    if find_placeholder(text):
        raise refuse("still to be filled in", code="unfilled")
    return text.strip()


_PER_CENT = re.compile(r"^(percentage|percent|per cent|pct|百分比|(同比|yoy)(增长)?\s*%)(?![a-z])", re.IGNORECASE)


_ON_THE_QUARTER = re.compile(
    r"环比|month.on.month|quarter.on.quarter|\b(mom|qoq|m/m|q/q|saar)\b|annuali[sz]ed", re.IGNORECASE
)


def is_per_cent(unit: str) -> bool:
    """Tell whether a unit is that of growth, in the words for it.

    Examples
    --------
    >>> is_per_cent("per cent"), is_per_cent("同比%"), is_per_cent("pp"), is_per_cent("% qoq")
    (True, True, False, False)
    """
    plain = _PER_CENT.sub("%", normalize("NFKC", unit).strip())
    return plain.startswith("%") and not _ON_THE_QUARTER.search(plain)


def _check_per_cent(unit: str) -> str:
    unit = _PER_CENT.sub("%", normalize("NFKC", unit).strip())
    if not unit.startswith("%"):
        raise refuse(f"unknown '{unit}'", "allowed: %", code="unit")
    if _ON_THE_QUARTER.search(unit):
        raise refuse(
            f"'{unit}' is growth on the month or quarter before", "write growth on the year before", code="unit"
        )
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
        faults.extend(explain_error(detail, record) for detail in error.errors(include_url=False))
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


_REMARKS = frozenset({"note", "notes", "remark", "remarks", "comment", "comments", "confidence", "备注", "说明", "注"})
"""Columns in which people write to themselves."""


def note_unread(kind: type[Row], records: Iterable[Record], others: Collection[str] = ()) -> Iterator[Fault]:
    """Note the columns of a table that nothing reads, in one line.

    Parameters
    ----------
    kind : type
        The model of its rows.
    records : iterable of Record
    others : collection of str
        Columns that are read beside the fields.

    Yields
    ------
    Fault
        None where all columns are read, and the others are empty or remarks.
    """
    unread: dict[str, Place] = {}
    for record in records:
        for name in record:
            if name in kind.model_fields or name in others or name.casefold() in _REMARKS:
                continue
            if record[name] is not None:
                unread.setdefault(name, Place(record.place.file, 1, record.values_at[name].column))
    if unread:
        names = ", ".join(f"'{name}'" for name in unread)
        verb = "is a column that nothing reads" if len(unread) == 1 else "are columns that nothing reads"
        yield next(iter(unread.values())).fault(f"{names} {verb}", "read: " + ", ".join(kind.model_fields))
