"""Inheritance: scenario files laid over those they extend, and over each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError, Place, find_nearest
from sim.inputs.bundled import exists, find_scenario, list_scenario_files
from sim.inputs.files.documents import Items, Record
from sim.inputs.files.yaml_files import read_yaml
from sim.inputs.scenario.judgements import lay_judgements_over

__all__ = ["Inherited", "lay_over", "merge_composition", "split_composition"]

_MOST_SIGNS = 64
"""Signs `+` of a name up to which files are looked for that have some in their own."""


_DEEPEST = 50
"""Files that extend each other in a line."""


@dataclass
class Inherited:
    """What inheritance and composition make of scenario files.

    Attributes
    ----------
    record : Record
        One laid over the other.
    files : list of Path
        Every file read.
    faults : list of Fault
        Found on the way.
    whole : bool
        False if a file could not be read, so that what `record` lacks may stand there.
    known : dict of Path to Record
        Files already laid over those they extend: many may extend the same one.
    """

    record: Record
    files: list[Path] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    whole: bool = True
    known: dict[Path, Record] = field(default_factory=dict)


def merge_composition(name: str, plan_folder: Path | None = None) -> Inherited:
    """Merge the record of a scenario by inheritance and composition.

    Parameters
    ----------
    name : str
        A path, a name, or several joined by `+`.
    plan_folder : Path, optional
        The plan whose scenarios may be named; None means a shipped plan without its own.

    Raises
    ------
    InputError
        If none of the files can be read.
    """
    result = Inherited(Record(Place(name)))
    parts: list[Record] = []
    for part in split_composition(name, plan_folder):
        if not part:
            said = f"'{name}' names no scenario" + " on one side of a '+'" * ("+" in name)
            result.faults.append(Fault("scenario", 0, 0, said, _suggest(part, plan_folder)[0], code="no_file"))
            result.whole = False
            continue
        path = find_scenario(part, plan_folder=plan_folder)
        if not exists(path):
            allowed, nearest = _suggest(part, plan_folder)
            result.faults.append(Fault(str(path), 0, 0, "no such file", allowed, nearest, code="no_file"))
            result.whole = False
            continue
        try:
            parts.append(_inherit(path, (), result, plan_folder))
        except InputError as error:
            result.faults.extend(error.faults)
            result.whole = False
    if not parts:
        raise InputError(result.faults)
    result.record = parts[0]
    for more in parts[1:]:
        result.record = lay_over(result.record, more)
        _join_words(result.record, parts)
    return result


def split_composition(name: str, plan_folder: Path | None = None) -> list[str]:
    """Split a composition at its `+`, but no path or name of an existing scenario.

    Parameters
    ----------
    name : str
    plan_folder : Path, optional
        As for `merge_composition`.

    Returns
    -------
    list of str
        Paths and names, one of a scenario each.

    Examples
    --------
    >>> split_composition("export-slump+tax-refunds")
    ['export-slump', 'tax-refunds']
    """
    parts, rest = list[str](), name.split("+")
    if len(rest) > _MOST_SIGNS:
        return rest
    while rest:
        lengths = range(len(rest), 1, -1)
        joined = ((length, "+".join(rest[:length])) for length in lengths)
        length, part = next(
            (each for each in joined if exists(find_scenario(each[1], None, plan_folder))), (1, rest[0])
        )
        parts.append(part if len(rest) == length and not parts else part.strip())
        rest = rest[length:]
    return parts


def _suggest(name: str, plan_folder: Path | None) -> tuple[str, str]:
    """Scenarios that could be meant, and the nearest of them."""
    known = [file.stem for file in list_scenario_files(plan_folder)]
    return "allowed: a file, or " + ", ".join(known), find_nearest(Path(name).stem, known)


def _join_words(merged: Record, parts: list[Record]) -> None:
    """Join the titles, reasons and sources of a composition's parts, each once."""
    titles = [part["title"] for part in parts if isinstance(part.get("title"), dict)]
    if len(titles) == len(parts):
        title = Record(merged.place)
        for language in titles[0]:
            words = " + ".join(str(one.get(language, "")) for one in titles)
            title.put(language, words, merged.place, merged.place)
        merged["title"] = title
    reasons = [part.get("why", "") for part in parts]
    if any(isinstance(reason, dict) for reason in reasons):
        why = Record(merged.place)
        for language in ("en", "zh"):
            why.put(language, _join(reasons, language), merged.place, merged.place)
        merged["why"] = why
    else:
        merged["why"] = _join(reasons, "en")
    lists = [part["sources"] for part in parts if isinstance(part.get("sources"), list)]
    merged["sources"] = list(dict.fromkeys(source for sources in lists for source in sources))


def _join(reasons: list[Any], language: str) -> str:
    """Reasons in a language, or in the only one that they are in, each once."""
    told = (reason.get(language, "") if isinstance(reason, dict) else reason for reason in reasons)
    return "\n".join(dict.fromkeys(str(reason).strip() for reason in told))


def _inherit(path: Path, chain: tuple[Path, ...], result: Inherited, plan_folder: Path | None) -> Record:
    """Lay a file's record over those it extends."""
    place = path.resolve()
    if place in result.known:
        return result.known[place]
    own, faults = read_yaml(path)
    result.faults.extend(faults)
    chain = (*chain, place)
    if path not in result.files:
        result.files.append(path)
    parents = own.get("extends")
    merged = Record(own.place)
    for number, parent in enumerate(parents if isinstance(parents, list) else [parents]):
        if not isinstance(parent, str):
            continue
        at = own.locate(("extends", number))
        try:
            file = _find_parent(parent, path, chain, at, plan_folder)
            merged = lay_over(merged, _inherit(file, chain, result, plan_folder))
        except InputError as error:
            result.faults.extend(error.faults)
            result.whole = False
    result.known[place] = lay_over(merged, own)
    return result.known[place]


def _find_parent(parent: str, path: Path, chain: tuple[Path, ...], at: Place, plan_folder: Path | None) -> Path:
    """Find the file that a file extends: there, and not one that extends this one."""
    found = find_scenario(parent, path.parent, plan_folder)
    if not exists(found):
        problem = f"extends '{parent}', and there is no such scenario"
        raise InputError([at.fault(problem, *_suggest(parent, plan_folder))])
    if len(chain) >= _DEEPEST:
        raise InputError([at.fault(f"files extend each other more than {_DEEPEST} deep", "extend fewer")])
    if found.resolve() in chain:
        loop = " -> ".join(step.stem for step in (*chain, found))
        raise InputError([at.fault(f"circular extends: {loop}", "a scenario cannot extend itself")])
    return found


def lay_over(base: Record, over: Record, depth: int = 0) -> Record:
    """Lay one record over another: shocks and rules by name, effects by key, judgements by topic, all else whole.

    Parameters
    ----------
    base, over : Record
    depth : int
        Of the record in the scenario; 0 is the scenario itself.

    Returns
    -------
    Record
        A null takes away what was inherited.
    """
    merged = Record(over.place)
    for key in base:
        merged.take(base, key)
    for key in over:
        inherited, value = merged.get(key), over[key]
        nested = isinstance(inherited, Record) and isinstance(value, Record)
        if value is None and inherited is not None and depth:
            del merged[key]
        elif nested and (key in ("shocks", "rules", "when", "loadings", "speed", "delay") or depth == 1):
            merged.take(over, key, lay_over(inherited, value, depth + 1))  # type: ignore[arg-type]
        elif key == "judgements" and isinstance(inherited, Items) and isinstance(value, Items):
            merged.take(over, key, lay_judgements_over(inherited, value))
        else:
            merged.take(over, key)
    either = ("depends_on", "probability"), ("printed_below", "at_least")
    for given, other in (*either, *(pair[::-1] for pair in either)):
        if over.get(given) is not None and other not in over:
            merged.pop(other, None)
    return merged
