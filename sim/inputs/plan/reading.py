"""Reading a plan: its tables one by one, then what only all of them together can tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from glob import glob
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError, Place, blame, blame_kind, find_nearest, find_unknown
from sim.inputs.bundled import exists, find_plan, list_plans
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import Row, check_record, is_name, note_unread
from sim.inputs.files.values import lay_out
from sim.inputs.history import Outcome, find_oddities, unify_regions
from sim.inputs.identity import fold, name_own, rename_indicator
from sim.inputs.outlook import (
    PLACE_COLUMNS,
    Expectation,
    check_outlook,
    drop_late,
    find_useless,
    list_outlook_columns,
)
from sim.inputs.plan.consistency import Locate, compare_tables, question_plan, question_repeated
from sim.inputs.plan.country import find_foreign_outlook, question_country
from sim.inputs.plan.directions import find_contradictions, question_directions
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.table_folder import TableFolder, resolve_names
from sim.inputs.plan.tables import Figure, Group, Identity, Indicator, Quarter
from sim.inputs.plan.target_rows import check_targets, read_targets
from sim.inputs.plan.targets import Growth
from sim.inputs.plan.timing import question_timing
from sim.inputs.plan.wording import question_wording
from sim.inputs.quarters import name_quarters, read_period

__all__ = []


def read_plan(folder: str | Path) -> Plan:
    """Read a plan from its folder of tables.

    Parameters
    ----------
    folder : str or Path
        A folder that holds `plan.csv`, `indicators.csv`, `quarters.csv`, `targets.csv` and, if known, `history.csv`
        and `outlook.csv`, each of which may be .xlsx, or all sheets of one workbook; or such a workbook, whose folder
        then holds calibration and scenarios; or a shipped plan's name.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        With every fault of every table: file, line, field, what is wrong and what is allowed.

    Examples
    --------
    >>> import sim
    >>> sim.read_plan("qingdao-2024")
    <Plan qingdao-2024: Qingdao 2024, 6 indicators, 158 targets, 77 with odds>
    """
    tables = TableFolder(find_place(folder))
    identity = tables.read("plan.csv", Identity)
    indicators = tables.read("indicators.csv", Indicator)
    aliases = _list_aliases(tables.records.get("indicators.csv", ()))
    lines = resolve_names(tables.load("quarters.csv", Quarter.list_columns()), aliases)
    quarters = tables.check(_name_quarters(lines, identity), lambda _: Quarter)
    targets = read_targets(tables, indicators, aliases)
    groups = tables.read("groups.csv", Group, required=False)
    figures = tables.read("figures.csv", Figure, required=False)
    past = tables.load("history.csv", Outcome.list_columns(), required=False, others=Outcome.others)
    history = tables.check(resolve_names(past, aliases), lambda _: Outcome)
    said = tables.load("outlook.csv", list_outlook_columns(), required=False, others=Expectation.others)
    facts = _read_identity(identity, tables)
    outlook, late = drop_late(check_outlook(said, tables.faults), int(facts.get("first_month", "1")))

    names = tables.list_ids("indicators.csv")
    for rows in (quarters, targets):
        tables.refuse_unknown(rows, "indicator", names)
    _check_history(history, names, tables)
    tables.refuse_unknown(targets, "group", tables.list_ids("groups.csv"))
    tables.refuse_unknown(targets, "baseline", tables.list_ids("figures.csv"))
    tables.faults += find_contradictions(indicators, targets, history)
    if "place_en" in facts:
        name = partial(name_own, place_en=facts["place_en"], place_zh=facts.get("place_zh", facts["place_en"]))
        history = unify_regions(history, tables.faults, name)
    by_indicator = _order_quarters(quarters, names or [], tables)
    lengths = {len(rows) for rows in by_indicator.values()}
    check_targets(targets, name_quarters(max(lengths)) if lengths else None, tables)
    if tables.faults:
        raise InputError(tables.faults)
    useless = [*find_useless(outlook, int(facts["year"]))]
    if useless:
        raise InputError(useless)
    plan = Plan(
        name=facts["name"],
        place_en=facts["place_en"],
        place_zh=facts.get("place_zh", facts["place_en"]),
        year=int(facts["year"]),
        indicators=tuple(row for row, _ in indicators),
        quarters=by_indicator,
        targets=tuple(row for row, _ in targets),
        groups=tuple(row for row, _ in groups),
        figures=tuple(row for row, _ in figures),
        history=tuple(row for row, _ in history),
        outlook=tuple(row for row, _ in outlook),
        folder=tables.folder,
        files=tuple(tables.files),
        country=facts.get("country", ""),
        first_month=int(facts.get("first_month", "1")),
    )
    locate = _find_places(indicators, quarters, targets, history, outlook)
    faults = [*compare_tables(plan, locate)]
    faults += find_foreign_outlook(plan, outlook[0][1].values_at["value"]) if outlook else ()
    if faults:
        raise InputError(faults)
    questions = [*tables.questions, *question_directions(indicators, targets), *find_oddities(history), *late]
    questions += [*note_unread(Expectation, said, PLACE_COLUMNS), *_question_whole(plan, locate)]
    questions += question_country(plan, outlook[0][1].place) if outlook else ()
    asked = {(each.file, each.line, each.column) for each in questions}
    questions += [each for each in question_wording(targets) if (each.file, each.line, each.column) not in asked]
    return replace(plan, warnings=tuple(questions)).read_as(str(folder))


def _question_whole(plan: Plan, locate: Locate) -> Iterator[Fault]:
    """Question what only several tables together show."""
    yield from question_repeated(plan, locate)
    yield from question_timing(plan, locate)
    yield from question_plan(plan, locate)


def _name_quarters(records: list[Record], identity: Sequence[tuple[Identity, Record]]) -> list[Record]:
    """Write quarters of the base year as the program does, where they are named in another way."""
    year = next((int(row.value) - 1 for row, _ in identity if row.field == "year" and row.value.isdecimal()), None)
    for record in records:
        record["quarter"] = read_period(record.get("quarter"), year)
    return records


def _find_places(*tables: Iterable[tuple[object, Record]]) -> Callable[[object, str], Place]:
    """Find where the columns of rows are written."""
    written = {id(row): record for rows in tables for row, record in rows}
    return lambda row, column: written[id(row)].values_at[column]


def _list_aliases(indicators: Iterable[Record]) -> dict[str, str]:
    """List how the plan's indicators are called beside their names: other spellings, either language, synonyms."""
    ids = [str(record["id"]) for record in indicators if record.get("id")]
    aliases = {fold(name): name for name in ids}
    for record in indicators:
        if record.get("id"):
            for column in ("name_en", "name_zh"):
                aliases.setdefault(fold(str(record.get(column) or record["id"])), str(record["id"]))
    known = {rename_indicator(name): name for name in ids}
    return {**{name: known[name] for name in known if name not in aliases}, **aliases}


def take_plan(given: Plan | str | Path) -> Plan:
    """Return a plan as it is, or read the one of a folder or of a shipped name.

    Examples
    --------
    >>> take_plan("china-2024").place_en
    'China'
    """
    if isinstance(given, Plan):
        return given
    if not isinstance(given, str | Path):
        raise InputError([blame_kind("plan", given, "a plan", "write a folder, a shipped name or a Plan")])
    return read_plan(given)


def reread_table(plan: Plan, file: str) -> list[tuple[Any, Record]]:
    """Read the rows of a plan's table once more, for where they stand; none where the plan came from code.

    Parameters
    ----------
    plan : Plan
    file : str
        Such as `indicators.csv`.

    Returns
    -------
    list of (row, Record)

    Examples
    --------
    >>> rows = reread_table(read_plan("china-2024"), "indicators.csv")
    >>> rows[0][0].id, rows[0][1].values_at["baseline"].line
    ('gdp', 2)
    """
    if plan.given is None:
        return []
    kinds: dict[str, type[Row]] = {
        "indicators.csv": Indicator,
        "quarters.csv": Quarter,
        "history.csv": Outcome,
    }
    try:
        tables = TableFolder(find_place(plan.given))
    except InputError:
        return []
    if file == "targets.csv":
        indicators = tables.read("indicators.csv", Indicator)
        return [*read_targets(tables, indicators, _list_aliases(tables.records.get("indicators.csv", ())))]
    if file == "outlook.csv":
        said = tables.load(file, list_outlook_columns(), required=False, others=Expectation.others)
        return [*drop_late(check_outlook(said, tables.faults), plan.first_month)[0]]
    return [*tables.read(file, kinds[file], required=False)]


def check_plan_rows(plan: Plan) -> list[Fault]:
    """Hold the rows of a plan to what its tables are held to, as code may have changed them.

    Returns
    -------
    list of Fault
        Questions of the rows that have been changed since they were read: what looks wrong, but is kept.

    Raises
    ------
    InputError
        With every fault; its place is a path of keys, such as `targets: gdp.value`.
    """
    faults: list[Fault] = []
    for name, rows in (("indicators", plan.indicators), ("targets", plan.targets)):
        for row in rows:
            check_record(type(row), lay_out({row.id: row}, name)[row.id], faults)

    def locate(row: object, column: str) -> Place:
        name = next(name for kind, name in _NAMED.items() if isinstance(row, kind))
        words = [
            str(getattr(row, key)) for key in ("id", "region", "indicator", "quarter", "year") if hasattr(row, key)
        ]
        return Place(f"{name}: {' '.join(words)}.{column}")

    faults = faults or [*compare_tables(plan, locate)]
    if faults:
        raise InputError(faults)
    return [] if plan.given is not None else [*question_plan(plan, locate)]


_NAMED = {
    Indicator: "indicators",
    Quarter: "quarters",
    Growth: "targets",
    Outcome: "history",
    Expectation: "outlook",
}


def _check_history(rows: list[tuple[Outcome, Record]], indicators: Sequence[str] | None, tables: TableFolder) -> None:
    """Refuse a history of other indicators than the plan's, by whatever name."""
    known = {rename_indicator(name) for name in indicators or ()}
    for row, record in rows:
        if indicators is not None and row.indicator not in known:
            written = {record["indicator"]: record.values_at["indicator"]}
            tables.faults += find_unknown(written, indicators, "unknown indicator '{}'")


def find_plans(names: Sequence[str]) -> list[str]:
    """Find the plans of names and patterns.

    Parameters
    ----------
    names : sequence of str
        Of plans; one with `*`, `?` or `[` stands for all folders and workbooks that it fits, unless it is a path.

    Returns
    -------
    list of str
        Each once.

    Raises
    ------
    InputError
        If a pattern fits none.

    Examples
    --------
    >>> find_plans(["qingdao-2024", "china-2024", "qingdao-2024"])
    ['qingdao-2024', 'china-2024']
    """
    found, faults = list[str](), list[Fault]()
    for name in names:
        if not set(name) & set("*?[") or exists(Path(name)):
            found.append(name)
            continue
        fitting = sorted(glob(name))  # noqa: PTH207  (Path takes no absolute pattern)
        paths = [path for path in fitting if Path(path).is_dir() or path.lower().endswith(".xlsx")]
        if not paths:
            faults.append(blame("plan", f"no folder of tables fits '{name}'", "write such as 'counties/*', in quotes"))
        found += paths
    if faults:
        raise InputError(faults)
    return [*dict.fromkeys(found)]


def find_place(name: str | Path) -> Path:
    """Find the folder or the workbook of a plan.

    Parameters
    ----------
    name : str or Path
        A path, or the name of a shipped plan.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If there is none, or it cannot be read.
    """
    folder = find_plan(name)
    try:
        if folder.is_dir():
            next(folder.iterdir(), None)
            return folder
        if folder.is_file() and folder.suffix.lower() == ".xlsx":
            return folder
    except PermissionError as error:
        raise InputError([Fault(str(folder), 0, 0, f"cannot be read ({error.strerror})")]) from None
    except (OSError, ValueError):
        pass  # a name that the system does not take
    allowed = "allowed: a folder of tables, or " + ", ".join(list_plans())
    nearest = find_nearest(folder.name, list_plans())
    raise InputError([Fault(str(folder), 0, 0, "no such plan folder", allowed, nearest, code="no_file")])


def _read_identity(rows: list[tuple[Identity, Record]], tables: TableFolder) -> dict[str, str]:
    facts: dict[str, str] = {row.field: row.value for row, _ in rows}
    if "plan.csv" in tables.records:
        at = Place(tables.records["plan.csv"][0].place.file, 1, 1)
        given = [fold(str(record["field"])).replace(" ", "_") for record in tables.records["plan.csv"]]
        for field in ("name", "place_en", "year"):
            if field not in given:
                tables.faults.append(
                    at.fault(f"field '{field}' is missing", f"add a row `{field},…,source`", code="missing")
                )
    if "name" in facts and not is_name(facts["name"]):
        place = next(record.values_at["value"] for row, record in rows if row.field == "name")
        tables.faults.append(
            place.fault(f"'{facts['name']}' is not a name", "allowed: English letters, digits, '_' and '-'")
        )
    if "year" in facts and not re.fullmatch("[0-9]{4}", facts["year"]):
        place = next(record.values_at["value"] for row, record in rows if row.field == "year")
        tables.faults.append(place.fault(f"'{facts['year']}' is not a year", "write four digits"))
    if "first_month" in facts and not (
        re.fullmatch("[0-9]{1,2}", facts["first_month"]) and 1 <= int(facts["first_month"]) <= 12
    ):
        place = next(record.values_at["value"] for row, record in rows if row.field == "first_month")
        tables.faults.append(place.fault(f"'{facts['first_month']}' is not a month", "write a number from 1 to 12"))
        facts["first_month"] = "1"
    return facts


def _order_quarters(
    rows: list[tuple[Quarter, Record]], indicators: list[str], tables: TableFolder
) -> dict[str, tuple[Quarter, ...]]:
    """Quarters by indicator in the year's order; each indicator has the same ones and its shares sum to one."""
    records = tables.records.get("quarters.csv", [])
    given = {name: {row["quarter"] for row in records if row["indicator"] == name} for name in indicators}
    counts = [len(quarters) for quarters in given.values() if quarters]
    if not counts:
        return {}
    valid = name_quarters(max(counts, key=lambda count: (counts.count(count), count)))
    if len(valid) > 4:
        problem = f"{len(valid)} quarters a year: months are none, and how growth goes on is known by quarters"
        tables.faults.append(records[0].locate(("quarter",)).fault(problem, "allowed: up to four; add up the months"))
        return {}
    tables.refuse_unknown(rows, "quarter", valid)
    ordered: dict[str, tuple[Quarter, ...]] = {}
    end = records[-1].place
    for name in indicators:
        own = [(row, record) for row, record in rows if row.indicator == name and row.quarter in valid]
        own.sort(key=lambda item: valid.index(item[0].quarter))
        missing = [quarter for quarter in valid if quarter not in given[name]]
        if missing:
            tables.faults.append(
                end.fault(f"indicator '{name}' lacks {', '.join(missing)}", "one row a quarter", code="missing")
            )
        total = sum(row.share for row, _ in own)
        if len(own) == len(valid) and abs(total - 1) > 0.0015:
            at = own[-1][1].values_at["share"]
            tables.faults.append(at.fault(f"the shares of '{name}' sum to {total:.4f}", "they must sum to 1"))
        ordered[name] = tuple(row for row, _ in own)
    return ordered
