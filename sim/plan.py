"""The plan: a place and a year, read from a folder of tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from sim.door.documents import Place, Record, read_rows
from sim.door.validation import Checked, Name, Text, check_record, refuse
from sim.errors import Fault, InputError, find_nearest
from sim.quarters import name_quarters

__all__ = ["Expectation", "Identity", "Indicator", "Outcome", "Plan", "Quarter", "Target", "read_plan"]

Basis = Literal["published", "derived", "assumed"]
Criterion = Literal["at_least", "at_most", "about"]
Share = Annotated[float, Field(gt=0, le=1)]


class Identity(Checked):
    """One row of `plan.csv`: a fact about the plan itself."""

    field: Literal["name", "place_en", "place_zh", "year"]
    value: Text
    source: Text


class Indicator(Checked):
    """One row of `indicators.csv`: a growth series with quarterly life.

    Attributes
    ----------
    id : str
        Name used in every other file.
    baseline : float
        The base year's published annual figure, in `unit`.
    level, level_unit : float and str, optional
        The base year's level.
    better : str
        Which direction is the promised one: `higher` (growth) or `lower` (prices, unemployment).
    momentum : float
        Single-quarter figure of the base year's last quarter minus the annual figure, percentage points.
    """

    id: Name
    name_en: Text
    name_zh: Text
    unit: Literal["%"]
    measure: Literal["real", "nominal"]
    baseline: float
    level: Annotated[float, Field(gt=0)] | None = None
    level_unit: str | None = None
    better: Literal["higher", "lower"]
    momentum: float
    momentum_basis: Basis
    source: Text


class Quarter(Checked):
    """One row of `quarters.csv`: one quarter of one indicator's base year.

    Attributes
    ----------
    share : float
        The quarter's share of the base year's level; shares of an indicator sum to one.
    cumulative : float, optional
        Published growth from the base year's start to the quarter's end, %; None where unknown.
    base_effect : float
        What the base year's pattern adds to the target year's quarter, percentage points.
    """

    indicator: Name
    quarter: Name
    share: Share
    share_basis: Basis
    cumulative: float | None = None
    base_effect: float
    base_effect_basis: Basis
    source: Text


class Target(Checked):
    """One row of `targets.csv`: something promised for the year, with its criterion and its wording.

    Attributes
    ----------
    phrase : str
        The words of the report that state the target.
    criterion : str
        `at_least`, `at_most` or `about`.
    tolerance : float
        How far on the wrong side of `value` still counts in the reading "within tolerance", percentage points.
    headline : str
        `yes` for the targets that a report opens with.
    """

    id: Name
    section: Text
    phrase: Text
    name_en: Text
    name_zh: Text
    indicator: Name
    criterion: Criterion
    value: float
    unit: Literal["%"]
    tolerance: Annotated[float, Field(ge=0)]
    headline: Literal["yes", "no"]
    group: Name
    source: Text

    @field_validator("tolerance")
    @classmethod
    def _check_tolerance(cls, tolerance: float, info: ValidationInfo) -> float:
        if tolerance and info.data.get("criterion") in ("at_least", "at_most"):
            raise refuse("only 'about' has a tolerance", "write 0, or the criterion 'about'")
        return tolerance


class Outcome(Checked):
    """One row of `history.csv`: what an indicator did in an earlier year, and what had been promised."""

    region: Text
    year: int
    indicator: Name
    target: float | None = None
    comparator: Literal[">=", "<=", "~", "="] | None = None
    outcome: float | None = None
    unit: Literal["%"]
    source: Text


class Expectation(Checked):
    """One row of `outlook.csv`: what was expected of, or announced for, the country.

    Attributes
    ----------
    year : int
        The year it is about.
    kind : str
        `forecast` (made in January of that year) or `announced` (growth, published a year later).
    value : float
        Real growth of the country's GDP, %.
    """

    year: int
    kind: Literal["forecast", "announced"]
    value: float
    unit: Literal["%"]
    published: Text
    source: Text


@dataclass(frozen=True)
class Plan:
    """A place and year: indicators with baselines, targets, history, outlook.

    Attributes
    ----------
    name : str
        Short name, as of its folder.
    place_en, place_zh : str
        The place.
    year : int
        The target year; the base year is the one before.
    indicators, targets, history, outlook : tuple
        Rows of the tables, in file order.
    quarters : dict of str to tuple of Quarter
        By indicator, in the year's order.
    files : tuple of Path
        Every file read.
    """

    name: str
    place_en: str
    place_zh: str
    year: int
    indicators: tuple[Indicator, ...]
    quarters: dict[str, tuple[Quarter, ...]]
    targets: tuple[Target, ...]
    history: tuple[Outcome, ...]
    outlook: tuple[Expectation, ...]
    folder: Path
    files: tuple[Path, ...]

    @cached_property
    def quarter_names(self) -> tuple[str, ...]:
        """Names of the year's quarters."""
        return tuple(row.quarter for row in self.quarters[self.indicators[0].id])

    @cached_property
    def headline(self) -> tuple[Target, ...]:
        """The headline targets."""
        return tuple(target for target in self.targets if target.headline == "yes")

    def find_indicator(self, name: str) -> Indicator:
        """The indicator of this id."""
        return next(indicator for indicator in self.indicators if indicator.id == name)

    def __repr__(self) -> str:
        counts = f"{len(self.indicators)} indicators, {len(self.targets)} targets"
        return f"<Plan {self.name}: {self.place_en} {self.year}, {counts}>"


Row = TypeVar("Row", bound=Checked)


class _Tables:
    """The tables of one folder as they are read: rows, their places and all faults together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self.files: list[Path] = []

    def read(self, file: str, kind: type[Row], required: bool = True) -> list[tuple[Row, Record]]:
        path = self.folder / file
        if not required and not path.exists():
            return []
        columns = {name: field.is_required() for name, field in kind.model_fields.items()}
        try:
            records, faults = read_rows(path, columns)
        except InputError as error:
            self.faults.extend(error.faults)
            return []
        self.files.append(path)
        self.faults.extend(faults)
        if any(fault.line == 1 for fault in faults):
            return []
        checked = [(check_record(kind, _drop_unknown(record, columns), self.faults), record) for record in records]
        return [(row, record) for row, record in checked if row is not None]

    def refuse_repeats(self, rows: Iterable[tuple[Row, Record]], *key: str) -> None:
        seen: dict[tuple[object, ...], int] = {}
        for row, record in rows:
            value = tuple(getattr(row, name) for name in key)
            at = record.values_at[key[-1]]
            if value in seen:
                words = " ".join(str(part) for part in value)
                self.faults.append(at.fault(f"'{words}' is repeated", f"it stands in line {seen[value]} already"))
            seen.setdefault(value, at.line)

    def refuse_unknown(self, rows: Iterable[tuple[Row, Record]], key: str, valid: list[str]) -> None:
        for row, record in rows:
            name = getattr(row, key)
            if name not in valid:
                allowed = "allowed: " + ", ".join(valid)
                at = record.values_at[key]
                self.faults.append(at.fault(f"unknown {key} '{name}'", allowed, find_nearest(name, valid)))


def _drop_unknown(record: Record, columns: dict[str, bool]) -> Record:
    """Empty cells of optional columns mean unknown; those of required ones stay, to be refused."""
    kept = Record(record.place)
    for key in record:
        if record[key] is not None or columns[key]:
            kept.take(record, key)
    return kept


def read_plan(folder: str | Path) -> Plan:
    """Read a plan from its folder of tables.

    Parameters
    ----------
    folder : str or Path
        A folder that holds `plan.csv`, `indicators.csv`, `quarters.csv`, `targets.csv` and, if known,
        `history.csv` and `outlook.csv`; or the name of a shipped plan.

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
    <Plan qingdao-2024: Qingdao 2024, 6 indicators, 6 targets>
    """
    from sim.shipped import find_plan

    folder = find_plan(folder)
    if not folder.is_dir():
        raise InputError([Fault(str(folder), 0, 0, "no such plan folder", "name a folder of tables or a shipped plan")])
    tables = _Tables(folder)
    identity = tables.read("plan.csv", Identity)
    indicators = tables.read("indicators.csv", Indicator)
    quarters = tables.read("quarters.csv", Quarter)
    targets = tables.read("targets.csv", Target)
    history = tables.read("history.csv", Outcome, required=False)
    outlook = tables.read("outlook.csv", Expectation, required=False)

    names = [row.id for row, _ in indicators]
    tables.refuse_repeats(identity, "field")
    tables.refuse_repeats(indicators, "id")
    tables.refuse_repeats(quarters, "indicator", "quarter")
    tables.refuse_repeats(targets, "id")
    tables.refuse_repeats(history, "region", "indicator", "year")
    if names:
        for rows in (quarters, targets, history):
            tables.refuse_unknown(rows, "indicator", names)
    facts = _read_identity(identity, tables)
    by_indicator = _order_quarters(quarters, names, tables)
    if tables.faults:
        raise InputError(tables.faults)
    return Plan(
        name=facts["name"],
        place_en=facts["place_en"],
        place_zh=facts["place_zh"],
        year=int(facts["year"]),
        indicators=tuple(row for row, _ in indicators),
        quarters=by_indicator,
        targets=tuple(row for row, _ in targets),
        history=tuple(row for row, _ in history),
        outlook=tuple(row for row, _ in outlook),
        folder=folder,
        files=tuple(tables.files),
    )


def _read_identity(rows: list[tuple[Identity, Record]], tables: _Tables) -> dict[str, str]:
    facts: dict[str, str] = {row.field: row.value for row, _ in rows}
    at = Place(str(tables.folder / "plan.csv"), 1, 1)
    if rows:
        for field in ("name", "place_en", "place_zh", "year"):
            if field not in facts:
                tables.faults.append(at.fault(f"field '{field}' is missing", f"add a row `{field},…,source`"))
    if "year" in facts and not facts["year"].isdigit():
        place = next(record.values_at["value"] for row, record in rows if row.field == "year")
        tables.faults.append(place.fault(f"'{facts['year']}' is not a year", "write four digits"))
    return facts


def _order_quarters(
    rows: list[tuple[Quarter, Record]], indicators: list[str], tables: _Tables
) -> dict[str, tuple[Quarter, ...]]:
    """Quarters by indicator in the year's order; each indicator has the same ones and its shares sum to one."""
    valid = name_quarters(max((sum(row.indicator == name for row, _ in rows) for name in indicators), default=0))
    tables.refuse_unknown(rows, "quarter", list(valid))
    ordered: dict[str, tuple[Quarter, ...]] = {}
    end = Place(str(tables.folder / "quarters.csv"), max((record.place.line for _, record in rows), default=1), 1)
    for name in indicators:
        own = [(row, record) for row, record in rows if row.indicator == name and row.quarter in valid]
        own.sort(key=lambda item: valid.index(item[0].quarter))
        missing = [quarter for quarter in valid if quarter not in [row.quarter for row, _ in own]]
        if rows and missing:
            tables.faults.append(end.fault(f"indicator '{name}' lacks {', '.join(missing)}", "one row a quarter"))
        total = sum(row.share for row, _ in own)
        if own and not missing and abs(total - 1) > 0.0015:
            at = own[-1][1].values_at["share"]
            tables.faults.append(at.fault(f"the shares of '{name}' sum to {total:.4f}", "they must sum to 1"))
        ordered[name] = tuple(row for row, _ in own)
    return ordered
