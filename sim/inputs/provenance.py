"""What a calibration was made from: place, year, settings and every cell that its fit read; what has moved since."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import Any

from pydantic import BaseModel

from sim.errors import Fault, InputError, Place
from sim.inputs.bundled import DEFAULT_PLAN, find_plan, find_seed, list_scenario_files
from sim.inputs.delivery_numbers import DeliveryNumbers
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import Checked, Row, Text
from sim.inputs.files.yaml_files import read_yaml
from sim.inputs.identity import rename_indicator
from sim.inputs.plan.past import find_region
from sim.inputs.plan.plan import Plan, lies_abroad
from sim.inputs.plan.reading import reread_table
from sim.inputs.plan.targets import Delivery, Growth

__all__ = [
    "BY_HAND",
    "MadeFrom",
    "Settings",
    "check_provenance",
    "describe_inputs",
    "digest_numbers",
    "find_learned",
    "find_moved",
]

BY_HAND = "hand"
"""What a calibration says in place of its provenance where its numbers are to stand whatever the tables say."""


Cells = dict[str, dict[str, dict[str, float | str]]]
"""Values by table, row and column; an empty cell is left out."""


_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "indicators": ("measure", "baseline"),
    "quarters": ("share",),
    "targets": ("indicator", "reference_class", "season", "value", "unit", "criterion"),
    "history": ("target", "comparator", "outcome"),
    "outlook": ("value",),
}
"""Columns that the fit reads, by table."""


_MOST_TOLD = 6


class Settings(Checked):
    """The file of numbers that are not fitted, as it was.

    Attributes
    ----------
    file : str
        As seen from the plan's folder; empty for the shipped one.
    digests : dict of str to str
        By part.
    """

    file: str = ""
    digests: dict[str, str]


class MadeFrom(Checked):
    """What a calibration was made from.

    Attributes
    ----------
    place : str
        The plan's place in English.
    year : int
    country : str
        That the plan said its place lies in; empty where it did not.
    numbers : str
        Digest of the calibration's numbers as they were written: another one tells that they were changed by hand.
    learned : str
        Digest of what this package had learned of other places.
    settings : Settings
    evidence : str
        Digest of the plan's `evidence.csv`; empty where it had none.
    cells : dict
        Every cell of the plan's tables that the fit read: table, row, column, value.
    """

    place: Text
    year: int
    country: str = ""
    numbers: str
    learned: str
    settings: Settings
    evidence: str = ""
    cells: Cells


def describe_inputs(
    plan: Plan, prior: Path, fitted: Collection[str], deliveries: DeliveryNumbers | None, numbers: BaseModel
) -> MadeFrom:
    """Describe what a calibration is made from.

    Parameters
    ----------
    plan : Plan
    prior : Path
        The file of numbers that are not fitted.
    fitted : collection of str
        Indicators whose year is fitted.
    deliveries : DeliveryNumbers, optional
        Of that file.
    numbers : Calibration
        What is made.

    Returns
    -------
    MadeFrom
    """
    shipped = prior.resolve() == _find_shipped_prior().resolve() and plan.folder.resolve() != prior.parent.resolve()
    return MadeFrom(
        place=plan.place_en,
        year=plan.year,
        country=plan.country,
        numbers=digest_numbers(numbers),
        learned=_digest_learned(),
        settings=Settings(
            file="" if shipped else _name_from(plan.folder, prior), digests=_digest_settings(prior, plan)
        ),
        evidence=_digest_evidence(plan),
        cells=_list_cells(plan, fitted, deliveries),
    )


def digest_numbers(numbers: BaseModel) -> str:
    """Take the digest of a calibration's numbers, however they are written.

    Parameters
    ----------
    numbers : Calibration

    Returns
    -------
    str
        Twelve letters and digits.
    """
    return _digest(numbers.model_dump(mode="json", exclude={"made_from"}, exclude_defaults=True))


def check_provenance(made: MadeFrom | str | None, plan: Plan, numbers: Any, file: str = "") -> tuple[Fault, ...]:
    """Compare what a calibration was made from with the plan at hand.

    Parameters
    ----------
    made : MadeFrom, str or None
        `BY_HAND` or None means that there is nothing to compare.
    plan : Plan
    numbers : Calibration
        The one that it belongs to.
    file : str
        Its file; empty where it came from code.

    Returns
    -------
    tuple of Fault
        What has moved since; where any, the calibration has to be fitted anew. Each says what it was and what it is.

    Raises
    ------
    InputError
        If it was made for another place or year, or has been changed by hand and cells have moved since.
    """
    if not isinstance(made, MadeFrom):
        return ()
    name, command = file or "calibration", _tell_command(plan, made, file)
    at = Place(file or "calibration")
    faults = []
    for what, then, now in (("place", made.place, plan.place_en), ("year", made.year, plan.year)):
        if str(then).casefold() != str(now).casefold():
            problem = f"it was made for {what} {then}, and the plan's {what} is {now}"
            faults.append(at.fault(problem, f"{command} makes one for the plan at hand"))
    if faults:
        raise InputError(faults)
    moved = find_moved(made, plan, [*numbers.indicators], numbers.deliveries)
    if moved and digest_numbers(numbers) != made.numbers:
        path = Path(file or plan.folder / "calibration.yaml")
        beside = _tell_command(plan, made, str(path.with_name(f"{path.stem}-anew{path.suffix}")))
        mend = (
            f"{name} holds numbers set by hand, so that nothing is fitted anew: {beside} makes another beside it, in "
            f"which to set them again (or in prior.yaml, which a fit keeps); `made_from: {BY_HAND}` keeps all as it is"
        )
        raise InputError([at.fault(problem, mend) for at, problem in moved])
    mend = f"fitted anew in memory; {command} writes it down"
    told = [at.fault(f"{problem}, so that {Path(name).name} no longer holds", mend) for at, problem in moved]
    if len(told) > _MOST_TOLD:
        rest = f"and {len(told) - _MOST_TOLD} more that {Path(name).name} was fitted to"
        told = [*told[:_MOST_TOLD], Place(str(plan.folder)).fault(rest, mend)]
    return tuple(told)


def find_learned(made: MadeFrom | str | None, plan: Plan) -> Iterator[Fault]:
    """Find that a calibration was made with what another version of this package had learned; its numbers stand.

    Parameters
    ----------
    made : MadeFrom, str or None
    plan : Plan

    Yields
    ------
    Fault
    """
    if isinstance(made, MadeFrom) and made.learned != _digest_learned():
        problem = "the calibration was made with what another version of this package had learned of other places"
        yield Place(str(plan.folder)).fault(problem, f"kept as it is; {_tell_command(plan, made, '')} renews it")


def find_moved(
    made: MadeFrom, plan: Plan, known: Collection[str], deliveries: DeliveryNumbers | None
) -> list[tuple[Place, str]]:
    """Find what has moved since a calibration was made.

    Parameters
    ----------
    made : MadeFrom
    plan : Plan
        Of the same place and year.
    known : collection of str
        Indicators of the calibration, fitted or not.
    deliveries : DeliveryNumbers, optional
        Of the calibration.

    Returns
    -------
    list of (Place, str)
        Where, and what was there then and is there now.
    """
    fitted = made.cells.get("indicators", {})
    left = [each.id for each in plan.indicators if each.id in fitted or each.id not in known]
    now = _list_cells(plan, left, deliveries)
    moved = []
    if lies_abroad(made.country) != plan.is_abroad:
        was, is_now = (each or "not said" for each in (made.country, plan.country))
        at = Place(str(plan.folder / "plan.csv"))
        moved.append((at, f"country was {was} when the calibration was fitted and is {is_now}"))
    for table, columns in _COLUMNS.items():
        now_rows = now.get(table, {})
        then_rows = {name: row for name, row in made.cells.get(table, {}).items() if _is_of(table, name, row, left)}
        for row in dict.fromkeys([*then_rows, *now_rows]):
            then, here = then_rows.get(row), now_rows.get(row)
            if then is not None and here is None and table == "targets" and "indicator" not in then:
                continue  # a list that is promised no more: nothing else hangs on it
            if then is None or here is None:
                words = "new since" if then is None else "no longer there, and was"
                moved.append((_locate(plan, table, row, columns), f"{row} is {words} the calibration was fitted"))
                continue
            for column in columns:
                if then.get(column) != here.get(column):
                    was, is_now = (_write(each.get(column)) for each in (then, here))
                    at = _locate(plan, table, row, (column,))
                    moved.append((at, f"{column} of {row} was {was} when the calibration was fitted and is {is_now}"))
    return [*moved, *_compare_settings(made, plan)]


def _is_of(table: str, name: str, row: Mapping[str, float | str], indicators: Collection[str]) -> bool:
    """Tell whether a row that the fit read says anything of the indicators that are left."""
    if table in ("indicators", "quarters"):
        return name.split()[0] in indicators
    return table != "targets" or row.get("indicator", "") in (*indicators, "")


def _list_cells(plan: Plan, fitted: Collection[str], deliveries: DeliveryNumbers | None) -> Cells:
    """List every cell that a fit reads."""
    names = {rename_indicator(name) for name in fitted}
    last = plan.year - 1
    own = find_region(plan), last
    known = {row.indicator for row in plan.history if (row.region, row.year) == own and row.outcome is not None}
    indicators = {}
    for each in (each for each in plan.indicators if each.id in fitted):
        cells = _take_cells("indicators", each)
        if rename_indicator(each.id) in known:  # the history's figure is read in its place
            del cells["baseline"]
        indicators[each.id] = cells
    read = [plan.find_growth(name) for name in fitted]
    targets: list[Row] = [each for each in plan.growth if any(each is one for one in read)]
    targets += [each for each in plan.deliveries if _is_list(each, deliveries)]
    found = {
        "indicators": indicators,
        "quarters": _take_rows("quarters", [row for name in indicators for row in plan.quarters[name]]),
        "targets": _take_rows("targets", targets),
        "history": _take_rows("history", [row for row in plan.history if row.year <= last and row.indicator in names]),
        "outlook": _take_rows("outlook", [row for row in plan.outlook if fitted and _is_known(row, plan)]),
    }
    return {table: rows for table, rows in found.items() if rows}


def _is_known(row: Any, plan: Plan) -> bool:
    return bool(row.year <= plan.year if row.kind == "forecast" else row.year < plan.year)


def _is_list(target: Delivery, numbers: DeliveryNumbers | None) -> bool:
    """Tell whether every item of a delivery is needed, so that its chance depends on how many there are."""
    if numbers is None:
        return False
    found = numbers.classes.get(numbers.find_class(target))
    return found is not None and found.arrivals == "list"


def _take_rows(table: str, rows: Sequence[Row]) -> dict[str, dict[str, float | str]]:
    return {name: _take_cells(table, row) for name, row in zip(_name_rows(table, rows), rows, strict=True)}


def _take_cells(table: str, row: Row) -> dict[str, float | str]:
    columns = _COLUMNS[table]
    if table == "targets":
        columns = (
            ("indicator", "value", "upper", "criterion")
            if isinstance(row, Growth)
            else ("reference_class", "season", "value", "unit")
        )
    cells = {column: getattr(row, column) for column in columns}
    return {column: value for column, value in cells.items() if value is not None}


def _name_rows(table: str, rows: Sequence[Any]) -> list[str]:
    """Name rows by what tells them apart."""
    keys = {
        "quarters": ("indicator", "quarter"),
        "history": ("region", "year", "indicator"),
        "outlook": ("year", "kind", "published"),
    }
    seen = Counter[str]()
    names = []
    for row in rows:
        name = " ".join(str(getattr(row, key)) for key in keys.get(table, ("id",))).strip()
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _locate(plan: Plan, table: str, name: str, columns: Sequence[str]) -> Place:
    """Locate a cell in the plan's tables, or say its path where the plan came from code."""
    rows = reread_table(plan, f"{table}.csv")
    if not rows:
        return Place(f"plan: {table}.{name}" + (f".{columns[0]}" if len(columns) == 1 else ""))
    names = _name_rows(table, [row for row, _ in rows])
    if name not in names:
        return Place(Path(rows[0][1].place.file).as_posix())
    record = rows[names.index(name)][1]
    return next((record.values_at[column] for column in columns if column in record), record.place)


def _compare_settings(made: MadeFrom, plan: Plan) -> Iterator[tuple[Place, str]]:
    """Compare the numbers that are not fitted, and the evidence, with what they were."""
    own = plan.folder / "prior.yaml"
    path = plan.folder / made.settings.file if made.settings.file else own
    if made.settings.file in ("", own.name) and own.is_file() != bool(made.settings.file):
        words = "was not there" if own.is_file() else "was there"
        yield Place(str(own)), f"it {words} when the calibration was fitted"
    elif made.settings.file and path.is_file():
        now, record = _digest_settings(path, plan), None
        for part in dict.fromkeys([*made.settings.digests, *now]):
            if made.settings.digests.get(part) != now.get(part):
                record = record or read_yaml(path)[0]
                yield record.locate(tuple(part.split("."))), f"{part} is not as it was when the calibration was fitted"
    if made.evidence != _digest_evidence(plan):
        at = Place(str(plan.folder / "evidence.csv"))
        yield at, "it is not as it was when the calibration was fitted"


def _digest_settings(path: Path, plan: Plan) -> dict[str, str]:
    """Take digests of the parts of a file of numbers that are not fitted, those of other indicators left out."""
    record: Mapping[str, Any] = read_yaml(path)[0]
    given = record.get("indicators")
    indicators = given if isinstance(given, Record) else {}
    parts = {key: value for key, value in record.items() if key not in ("schema_version", "indicators")}
    parts |= {f"indicators.{each.id}": indicators[each.id] for each in plan.indicators if each.id in indicators}
    return {name: _digest(part) for name, part in parts.items()}


def _digest_evidence(plan: Plan) -> str:
    path = plan.folder / "evidence.csv"
    return _digest(_read_bytes(path)) if path.is_file() else ""


@cache
def _digest_learned() -> str:
    """Take the digest of what this package has learned of other places, and of what it lends where a plan has none."""
    records = sorted(find_seed("records").glob("*.csv"))
    texts = [_read_bytes(path) for path in (find_seed("panel.yaml"), _find_shipped_prior(), *records)]
    shocks: Any = read_yaml(list_scenario_files()[0])[0]["shocks"]  # of which years in the records hold some
    parts = ("size", "profile", "speed", "delay")
    return _digest([*texts, *([shock.get(part) for part in parts] for shock in shocks.values())])


def _find_shipped_prior() -> Path:
    return find_plan(DEFAULT_PLAN) / "prior.yaml"


def _read_bytes(path: Path) -> str:
    """Read a file, whatever its lines end in, and whether or not it bears the mark of UTF-8."""
    return path.read_bytes().replace(b"\r\n", b"\n").decode("utf-8-sig", "replace")


def _digest(content: Any) -> str:
    """Take the digest of plain values: 5 and 5.0 are the same."""
    return sha256(json.dumps(_level(content), sort_keys=True).encode()).hexdigest()[:12]


def _level(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _level(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_level(each) for each in value]
    return float(value) if isinstance(value, int) else value


def _name_from(folder: Path, path: Path) -> str:
    """Name a file as seen from a folder; no folder of the user's above both is told."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.name


def _write(value: float | str | None) -> str:
    return "empty" if value is None else f"{value:g}" if isinstance(value, float | int) else str(value)


def _tell_command(plan: Plan, made: MadeFrom, file: str) -> str:
    named = plan.given or str(plan.folder)
    own = ("", "prior.yaml")
    prior = "" if made.settings.file in own else f" --prior {quote((plan.folder / made.settings.file).as_posix())}"
    return f"`sim calibrate --plan {quote(named)}{prior} --out {quote(file or str(plan.folder / 'calibration.yaml'))}`"
