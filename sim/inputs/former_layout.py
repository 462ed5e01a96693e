"""Files of numbers as earlier versions wrote them: refused in a line, and known for fitted by their words."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sim.errors import Fault
from sim.inputs.files.documents import Record

__all__ = ["is_former_fit", "take_former_parts"]

_FORMER = {
    "deliveries": ("speed_common", "speed_macro", "speed_news", "seasons", "reserves", "programme_required"),
    "milestones": ("on_time", "awarded", "planned_shift", "margin", "delay_median", "delay_spread"),
}
"""Keys that a part had, none of which it has now."""


_FITTED = ("Coefficients: ", "ordinary years spread by ")
"""How a fit told the sources of its numbers before it wrote down what it was made from."""


def is_former_fit(*sources: str) -> bool:
    """Tell whether sources are as an earlier version's fit wrote them.

    Examples
    --------
    >>> is_former_fit("5.9 in 2023. Coefficients: 28% prior"), is_former_fit("last year, and a little less")
    (True, False)
    """
    return any(words in source for source in sources for words in _FITTED)


def take_former_parts(record: Record, needed: Collection[str], mend: str) -> Iterator[Fault]:
    """Take parts in a former layout out of a file of numbers.

    Parameters
    ----------
    record : Record
        The file; such parts are taken out of it, so that their keys are not told one by one.
    needed : collection of str
        Parts of which the plan has targets: others move nothing.
    mend : str
        What to do; `{part}` stands for the part's name.

    Yields
    ------
    Fault
        One for each part that is needed.

    Examples
    --------
    >>> from sim.errors import Place
    >>> file, part = Record(Place("prior.yaml", 1, 1)), Record(Place("prior.yaml", 9, 3))
    >>> part.put("on_time", 0.9, part.place, part.place)
    >>> file.put("milestones", part, Place("prior.yaml", 8, 1), part.place)
    >>> for fault in take_former_parts(file, ["milestones"], "copy {part} anew"):
    ...     print(fault)
    prior.yaml:8:1: 'milestones' as an earlier version wrote it (on_time); copy milestones anew
    >>> dict(file)
    {}
    """
    for part, keys in _FORMER.items():
        given = record.get(part)
        names: set[str] = {*given} if isinstance(given, Record) and "classes" not in given else set()
        found = [key for key in keys if key in names]
        if found:
            del record[part]
        if found and part in needed:
            problem = f"'{part}' as an earlier version wrote it ({', '.join(found)})"
            yield record.keys_at[part].fault(problem, mend.format(part=part))
