"""The folder of a plan, or its workbook: tables as they are read, with their places and all faults together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from sim.errors import Fault, InputError, Place, find_unknown
from sim.inputs.bundled import exists
from sim.inputs.files.documents import Record
from sim.inputs.files.spreadsheets import Workbook, open_workbook, read_table
from sim.inputs.files.validation import Row, check_rows
from sim.inputs.identity import fold, rename_indicator

__all__ = ["Found", "TableFolder", "resolve_names"]

Found = TypeVar("Found", bound=Row)


_TABLES = (
    *("plan", "indicators", "quarters", "targets", "groups", "figures", "history", "outlook"),
    *("published", "units"),
)


class TableFolder:
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
        """Refuse names of another table that it does not give."""
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


def resolve_names(records: list[Record], aliases: Mapping[str, str]) -> list[Record]:
    """Write the plan's own name for each indicator, whatever the table calls it."""
    for record in records:
        for column in ("indicator", "reference"):
            given = record.get(column)
            if isinstance(given, str) and given not in aliases.values():
                record[column] = aliases.get(fold(given)) or aliases.get(rename_indicator(given)) or given
    return records
