"""Explanation: errors of pydantic as faults in plain words, and what `sim new` has left to be filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic_core import ErrorDetails

from sim.errors import Fault, Place, find_nearest
from sim.inputs.files.documents import Record
from sim.inputs.files.number_faults import explain_number

__all__ = ["PLACEHOLDER", "explain_error", "find_placeholder", "note_placeholder"]

PLACEHOLDER = "FILL IN"
"""How a cell begins that `sim new` has left to be filled in; no file is sound that still has one."""


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
        yield at.fault(f"still to be filled in: {asked}", code="unfilled")


def explain_error(detail: ErrorDetails, record: Record) -> Fault:
    """Explain an error of pydantic's.

    Parameters
    ----------
    detail : ErrorDetails
    record : Record
        What was checked.

    Returns
    -------
    Fault
        At the place of the value; of a placeholder, that it is to be filled in, whatever else is wrong with it.
    """
    at = record.locate(detail["loc"])
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    for fault in note_placeholder(given, at):
        return fault
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


def _explain_number(at: Place, detail: ErrorDetails, given: object, _context: dict[str, Any]) -> Fault:
    kind = detail["type"]
    if isinstance(given, str) and re.fullmatch(r"[-+]?\d+,\d+", given):
        meant = [given.replace(",", "")] * bool(re.fullmatch(r"[-+]?\d{1,3},\d{3}", given)) + [given.replace(",", ".")]
        return at.fault(f"'{given}' has a comma in it", f"write {' or '.join(meant)}", code="number")
    if isinstance(given, str) and kind.startswith("int"):
        years = re.fullmatch(r"((?:19|20)\d\d)\s*[-/–]\s*(?:\d\d|\d{4})", given)
        if years:
            return at.fault(f"'{given}' is two years", f"write the one in which it begins, {years[1]}", code="number")
        year = re.fullmatch(r"(?:FY|CY)?\s*((?:19|20)\d\d)\s*(?:年度?|E|F|P|A|\.0)?", given, re.IGNORECASE)
        if year:
            return at.fault(f"'{given}' is more than a year", f"write {year[1]}", code="number")
    known = explain_number(given, tuple(map(str, detail["loc"]))) if isinstance(given, str) else None
    if known:
        return at.fault(*known, code="number")
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


def _explain_length(
    at: Place, _detail: ErrorDetails, given: list[object] | dict[str, object], context: dict[str, Any]
) -> Fault:
    due = f"at least {context['min_length']}" if "min_length" in context else f"at most {context['max_length']}"
    kind = "mapping" if isinstance(given, dict) else "list"
    return at.fault(f"the {kind} has {len(given):,} items", f"allowed: {due}", code="range")


def _explain_bound(at: Place, _detail: ErrorDetails, given: object, context: dict[str, Any]) -> Fault:
    words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
    bound = ", ".join(f"{words[key]} {limit:g}" for key, limit in context.items() if key in words)
    if context.get("le") == 1 and isinstance(given, int | float | str) and 2 <= float(given) <= 100:
        bound += f"; in per cent? write {float(given) / 100:g}"
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
