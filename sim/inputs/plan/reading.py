"""Reading a plan: its tables one by one, then what only all of them together can tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sim.errors import Fault, InputError, Place, blame_kind, find_nearest, find_unknown
from sim.inputs.bundled import exists, find_plan, list_plans
from sim.inputs.files.documents import Record
from sim.inputs.files.spreadsheets import Workbook, open_workbook, read_table
from sim.inputs.files.validation import Row, check_record, check_rows, is_name, note_unread
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
from sim.inputs.plan.consistency import compare_tables, question_plan
from sim.inputs.plan.country import find_foreign_outlook
from sim.inputs.plan.directions import find_contradictions, question_directions
from sim.inputs.plan.levels import name_levels, turn_levels
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.tables import Figure, Group, Identity, Indicator, Quarter
from sim.inputs.plan.targets import TARGET_COLUMNS, Composite, Growth, InStep, Target, Unmeasured, choose_form
from sim.inputs.quarters import name_quarters
from sim.inputs.units import Unit

__all__ = ["find_place", "read_plan", "reread_table"]

Found = TypeVar("Found", bound=Row)


_TABLES = (
    *("plan", "indicators", "quarters", "targets", "groups", "figures", "history", "outlook"),
    *("published", "units"),
)


class _Tables:
    """The tables of one folder, or of one workbook, as they are read: rows, their places and all faults together."""

    def __init__(self, place: Path) -> None:
        self.alone = place.is_file()  # a workbook that was named: nothing beside it counts as a table
        self.folder = place.parent if self.alone else place
        self.faults: list[Fault] = []
        self.questions: list[Fault] = []
        self.files: list[Path] = []
        self.records: dict[str, list[Record]] = {}
        self.book: Workbook | None = None  # of all tables, a sheet each
        path = place if self.alone else _choose_book(place)
        if path is not None:
            book = self._open(path)
            if book is not None and (self.alone or len(book.titles) > 1 or {*book.titles} & {*_TABLES[1:]}):
                self.book = book
                self._refuse_unknown_sheets(book)

    def _open(self, path: Path) -> Workbook | None:
        try:
            return open_workbook(path)
        except InputError as error:
            self.faults.extend(error.faults)
            return None

    def _refuse_unknown_sheets(self, book: Workbook) -> None:
        for title in book.titles:
            self.faults += find_unknown({title: Place(book.name(title))}, _TABLES, "unknown table '{}'")

    def _find_rows(
        self, file: str, columns: dict[str, bool], required: bool, others: bool
    ) -> tuple[Path, list[Record], list[Fault]] | None:
        """Rows of a table wherever it stands: text, a workbook of its own, or a sheet; None where it is nowhere."""
        text, stem = self.folder / file, Path(file).stem
        own = text.with_suffix(".xlsx")
        sheet = self.book is not None and stem in self.book.titles
        is_text = exists(text) and not self.alone
        is_own = exists(own) and not self.alone and not (self.book is not None and own == self.book.path)
        places = [str(text)] * is_text + [str(own)] * is_own
        if self.book is not None and sheet:
            places.append(self.book.name(stem))
        if len(places) > 1:
            problem = f"the table '{stem}' stands in {places[0]} already"
            raise InputError([Fault(place, 0, 0, problem, "keep one of them", code="repeated") for place in places[1:]])
        if self.book is not None and sheet:
            return (self.book.path, *self.book.read_rows(columns, stem, others))
        if is_own:
            return (own, *read_table(own, columns, others))
        if self.book is not None and required and not is_text:
            allowed = "add it" if self.alone else f"add it, or put {file} beside the workbook"
            raise InputError([Fault(str(self.book.path), 0, 0, f"there is no sheet '{stem}'", allowed, code="missing")])
        return (text, *read_table(text, columns, others)) if is_text or (required and not self.alone) else None

    def read(self, file: str, kind: type[Found], required: bool = True) -> list[tuple[Found, Record]]:
        """Rows of a table that are sound in themselves."""
        return self.check(self.load(file, kind.list_columns(), required, kind.others), lambda _: kind)

    def load(self, file: str, columns: dict[str, bool], required: bool = True, others: bool = False) -> list[Record]:
        """Rows of a table as they are written."""
        try:
            found = self._find_rows(file, columns, required, others)
        except InputError as error:
            self.faults.extend(error.faults)
            return []
        if found is None:
            return []
        path, records, faults = found
        self.files.extend([] if path in self.files else [path])
        if not required and not records and [fault.code for fault in faults] == ["empty"]:
            faults = []  # only a header, as in a new plan: nothing is known yet
        self.faults.extend(faults)
        if any(fault.line == 1 for fault in faults):
            return []
        if not faults:
            self.records[file] = records
        return records

    def check(self, records: Iterable[Record], choose: Callable[[Record], type[Found]]) -> list[tuple[Found, Record]]:
        """Rows that are sound in themselves."""
        return check_rows(records, choose, self.faults)

    def list_ids(self, file: str) -> list[str] | None:
        """Names that a table gives, in faulty rows too; None where the table is not whole, and may hold more."""
        return list(dict.fromkeys(str(row["id"]) for row in self.records[file])) if file in self.records else None

    def refuse_unknown(self, rows: Iterable[tuple[Found, Record]], key: str, valid: Sequence[str] | None) -> None:
        for row, record in rows:
            name = getattr(row, key, None)
            if valid is not None and name is not None:
                self.faults += find_unknown({name: record.values_at[key]}, valid, f"unknown {key} '{{}}'")


def _choose_book(folder: Path) -> Path | None:
    """Choose the workbook that may hold all tables of a folder: `plan.xlsx`, else the only one beside no table."""
    path = folder / "plan.xlsx"
    if exists(path):
        return path
    if any(exists(folder / f"{name}{ending}") for name in _TABLES[:4] for ending in (".csv", ".xlsx")):
        return None
    tables = {*_TABLES}
    books = [each for each in folder.glob("*.xlsx") if each.stem not in tables and not each.name.startswith(("~", "."))]
    if len(books) > 1:
        listed = ", ".join(sorted(each.name for each in books)[:5])
        problem = f"holds {len(books)} workbooks and no table: {listed}"
        raise InputError([Fault(str(folder), 0, 0, problem, "name the workbook of the plan")])
    return books[0] if books else None


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
    tables = _Tables(find_place(folder))
    identity = tables.read("plan.csv", Identity)
    indicators = tables.read("indicators.csv", Indicator)
    aliases = _list_aliases(tables.records.get("indicators.csv", ()))
    quarters = tables.check(_resolve(tables.load("quarters.csv", Quarter.list_columns()), aliases), lambda _: Quarter)
    targets = _read_targets(tables, indicators, aliases)
    groups = tables.read("groups.csv", Group, required=False)
    figures = tables.read("figures.csv", Figure, required=False)
    past = tables.load("history.csv", Outcome.list_columns(), required=False, others=Outcome.others)
    history = tables.check(_resolve(past, aliases), lambda _: Outcome)
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
    _check_targets(targets, name_quarters(max(lengths)) if lengths else None, tables)
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
    written = {id(row): record for rows in (indicators, quarters, targets, history, outlook) for row, record in rows}

    def locate(row: object, column: str) -> Place:
        return written[id(row)].values_at[column]

    faults = [*compare_tables(plan, locate)]
    faults += find_foreign_outlook(plan, outlook[0][1].values_at["value"]) if outlook else ()
    if faults:
        raise InputError(faults)
    unread = note_unread(Expectation, said, PLACE_COLUMNS)
    questions = *tables.questions, *question_directions(indicators), *find_oddities(history), *late, *unread
    warnings = *questions, *question_plan(plan, locate)
    return replace(plan, warnings=warnings).read_as(str(folder))


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


def _read_targets(
    tables: _Tables, indicators: Iterable[tuple[Indicator, Record]], aliases: Mapping[str, str]
) -> list[tuple[Target, Record]]:
    """Rows of `targets.csv`: units of the plan's own given, ranges split, levels of indicators turned into growth."""
    units = tables.read("units.csv", Unit, required=False)
    promised = _split_ranges(_resolve(tables.load("targets.csv", TARGET_COLUMNS), aliases))
    known, names = {row.id: row for row, _ in indicators}, tables.list_ids("indicators.csv")
    tables.questions += name_levels(promised, known, aliases)
    checked: list[tuple[Target, Record]]
    checked = tables.check(_give_units(turn_levels(promised, known, names, tables.faults), units), choose_form)
    return checked


def _give_units(targets: list[Record], units: Iterable[tuple[Unit, Record]]) -> list[Record]:
    """Give each target the unit that the plan declares."""
    own = {unit.unit: record for unit, record in units}
    for target in targets:
        form = choose_form(target)
        if target.get("unit") in own and "own_unit" in form.model_fields:
            at = target.values_at["unit"]
            target.put("own_unit", own[target["unit"]], at, at)
    return targets


_RANGED = ("between", "range", "区间", "之间")


_RANGE = re.compile(r"([-+]?[\d.]+)\s*%?\s*(?:-|–|—|~|～|\.\.|to|至|到)\s*([-+]?[\d.]+)\s*%?")


def _split_ranges(targets: list[Record]) -> list[Record]:
    """Split ranges that are written in one cell, such as `5-6`, into their ends."""
    for target in targets:
        found = _RANGE.fullmatch(str(target.get("value") or "").strip())
        if found and str(target.get("criterion")) in _RANGED and not target.get("upper"):
            at = target.values_at["value"]
            target.put("value", found[1], at, at)
            target.put("upper", found[2], at, at)
    return targets


def _resolve(records: list[Record], aliases: Mapping[str, str]) -> list[Record]:
    """Write the plan's own name for each indicator, whatever the table calls it."""
    for record in records:
        for column in ("indicator", "reference"):
            given = record.get(column)
            if isinstance(given, str) and given not in aliases.values():
                record[column] = aliases.get(fold(given)) or aliases.get(rename_indicator(given)) or given
    return records


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
        tables = _Tables(find_place(plan.given))
    except InputError:
        return []
    if file == "targets.csv":
        indicators = tables.read("indicators.csv", Indicator)
        return [*_read_targets(tables, indicators, _list_aliases(tables.records.get("indicators.csv", ())))]
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


def _check_history(rows: list[tuple[Outcome, Record]], indicators: Sequence[str] | None, tables: _Tables) -> None:
    """Refuse a history of other indicators than the plan's, by whatever name."""
    known = {rename_indicator(name) for name in indicators or ()}
    for row, record in rows:
        if indicators is not None and row.indicator not in known:
            written = {record["indicator"]: record.values_at["indicator"]}
            tables.faults += find_unknown(written, indicators, "unknown indicator '{}'")


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


def _read_identity(rows: list[tuple[Identity, Record]], tables: _Tables) -> dict[str, str]:
    facts: dict[str, str] = {row.field: row.value for row, _ in rows}
    if "plan.csv" in tables.records:
        at = Place(tables.records["plan.csv"][0].place.file, 1, 1)
        given = [record["field"] for record in tables.records["plan.csv"]]
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
    if "first_month" in facts and not (facts["first_month"].isdigit() and 1 <= int(facts["first_month"]) <= 12):
        place = next(record.values_at["value"] for row, record in rows if row.field == "first_month")
        tables.faults.append(place.fault(f"'{facts['first_month']}' is not a month", "write a number from 1 to 12"))
        facts["first_month"] = "1"
    return facts


def _order_quarters(
    rows: list[tuple[Quarter, Record]], indicators: list[str], tables: _Tables
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


def _check_targets(rows: list[tuple[Target, Record]], quarters: Sequence[str] | None, tables: _Tables) -> None:
    """Check what targets name elsewhere."""
    tables.refuse_unknown(rows, "quarter", quarters)
    indicators = tables.list_ids("indicators.csv")
    for row, record in rows:
        if isinstance(row, InStep) and indicators is not None:
            at = record.values_at["reference" if record.get("reference") else "criterion"]
            tables.faults += find_unknown({row.reference: at}, indicators, "unknown reference '{}'")
    whole = len(rows) == len(tables.records.get("targets.csv", ()))
    judged = [row.id for row, _ in rows if not isinstance(row, Composite | Unmeasured)]
    allowed = "name targets that have odds and are not composite"
    for row, record in rows:
        for member in row.members if isinstance(row, Composite) else ():
            at = record.values_at["members"]
            if member == row.id:
                tables.faults.append(at.fault(f"'{member}' is all of itself", "name other targets"))
            elif whole:
                tables.faults += find_unknown({member: at}, judged, "unknown target '{}'", allowed)
