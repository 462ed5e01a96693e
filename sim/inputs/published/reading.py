"""Reading published figures: of a plan's folder, a file or a shipped example, or given in code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sim.errors import Fault, InputError, blame, blame_kind, find_nearest
from sim.inputs.bundled import exists, find_published, list_published
from sim.inputs.files.documents import Record
from sim.inputs.files.spreadsheets import open_workbook, read_table
from sim.inputs.files.values import lay_out
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import take_plan
from sim.inputs.published.checking import check_figures
from sim.inputs.published.figures import Published
from sim.inputs.published.rows import COLUMNS, list_series

__all__ = ["NONE", "collect_published", "read_published", "take_published"]

NONE = "none"
"""Asks for no figures where the plan's folder has some."""


def read_published(plan: Plan | str | Path, given: str | Path | None = None) -> Published:
    """Read the figures published for a plan's year.

    Parameters
    ----------
    plan : Plan, str or Path
        A plan, its folder or a shipped name.
    given : str or Path, optional
        A file in CSV or .xlsx, a shipped example such as `qingdao-2024-h1`, or `none`; None means `published.csv` in
        the plan's folder, if there is one.

    Returns
    -------
    Published
        All figures, also those to be replaced later; see `Published.as_of` and `Published.effective`.

    Raises
    ------
    InputError
        With every fault: file, line, column, what is wrong and what is allowed.

    Examples
    --------
    >>> import sim
    >>> sim.read_published("qingdao-2024")
    <Published: no figures>
    >>> len(sim.read_published("qingdao-2024", "qingdao-2024-h1"))
    7
    """
    plan = take_plan(plan)
    if given is not None and not isinstance(given, str | Path):
        allowed = "write a file, a shipped name or 'none'"
        raise InputError([blame_kind("published", given, "a file of figures", allowed)])
    if str(given) == NONE:
        return Published(year=plan.year, given=NONE)
    path, records, faults = _load(plan, given)
    if path is None:
        return Published(year=plan.year)
    if not records and [fault.code for fault in faults] == ["empty"] and faults[0].line:
        faults = []  # only a header: nothing is known yet
    figures, questions = check_figures(plan, records, faults)
    name = None if given is None else str(given)
    return Published(figures=figures, year=plan.year, given=name, files=(path,), warnings=questions)


def collect_published(plan: Plan, rows: Iterable[Mapping[str, object]]) -> Published:
    """Collect figures given in code, held to what a file of them is held to.

    Parameters
    ----------
    plan : Plan
    rows : iterable of mapping
        Columns of `published.csv`; what is left out is empty.

    Returns
    -------
    Published

    Raises
    ------
    InputError
        With every fault; its place is a path of keys, such as `published: 0.value`.

    Examples
    --------
    >>> import sim
    >>> row = {"date": "2024-04-18", "period": "Q1", "series": "gdp", "value": "5.2", "unit": "%", "source": "bulletin"}
    >>> collect_published(sim.read_plan("qingdao-2024"), [row]).figures[0].words
    'gdp Q1 5.2 %'
    """
    laid = lay_out({str(number): dict(row) for number, row in enumerate(rows)}, "published")
    records = []
    for each in laid.values():
        record = Record(each.place)
        for name in COLUMNS:
            value = each.get(name)
            at = each.values_at.get(name, each.place)
            record.put(name, None if value in (None, "") else str(value), at, at)
        records.append(record)
    figures, questions = check_figures(plan, records, [])
    return Published(figures=figures, year=plan.year, warnings=questions)


def take_published(given: Published | str | Path | None, plan: Plan) -> Published:
    """Return published figures as they are, or read them as `read_published` does.

    Raises
    ------
    InputError
        With every fault; also if they are of another year.
    """
    if not isinstance(given, Published):
        return read_published(plan, given)
    if given and given.year != plan.year:
        raise InputError([blame("published", f"figures of {given.year}", f"the plan is of {plan.year}")])
    unknown = {each.series for each in given} - {*list_series(plan)}
    if unknown:
        problem = f"no series {', '.join(map(repr, sorted(unknown)))} in plan '{plan.name}'"
        raise InputError([blame("published", problem, "read them with this plan")])
    return given


def _load(plan: Plan, given: str | Path | None) -> tuple[Path | None, list[Record], list[Fault]]:
    """Rows as they are written, wherever they stand; no path where there are none to be read."""
    if given is not None:
        path = Path(given)
        if not exists(path) and path.suffix not in (".csv", ".xlsx"):
            names = list_published(plan.name)
            if str(given) not in names:
                allowed = "allowed: a file, none" + "".join(f", {name}" for name in names)
                nearest = find_nearest(given, names)
                raise InputError([blame("published", f"no such figures '{given}'", allowed, nearest, code="no_file")])
            path = find_published(str(given))
        return (path, *read_table(path, COLUMNS))
    text, own, book = (plan.folder / name for name in ("published.csv", "published.xlsx", "plan.xlsx"))
    opened = open_workbook(book) if exists(book) else None
    sheet = opened is not None and "published" in opened.titles
    places = [str(path) for path in (text, own) if exists(path)]
    places += [opened.name("published")] if opened is not None and sheet else []
    if len(places) > 1:
        problem = f"the figures stand in {places[0]} already"
        raise InputError([Fault(place, 0, 0, problem, "keep one of them", code="repeated") for place in places[1:]])
    if opened is not None and sheet:
        return (book, *opened.read_rows(COLUMNS, "published"))
    path = own if exists(own) else text
    return (path, *read_table(path, COLUMNS)) if places else (None, [], [])
