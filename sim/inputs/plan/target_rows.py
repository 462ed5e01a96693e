"""The rows of targets, put into the form that their checks expect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from unicodedata import normalize

from sim.errors import find_unknown
from sim.inputs.direction import read_criterion
from sim.inputs.files.documents import Record
from sim.inputs.plan.criteria import CRITERIA
from sim.inputs.plan.levels import name_levels, turn_levels
from sim.inputs.plan.table_folder import TableFolder, resolve_names
from sim.inputs.plan.tables import Indicator
from sim.inputs.plan.targets import TARGET_COLUMNS, Composite, InStep, Target, Unmeasured, choose_form
from sim.inputs.quarters import read_period
from sim.inputs.units import Unit

__all__ = ["check_targets", "give_units", "read_targets", "split_ranges"]


def read_targets(
    tables: TableFolder, indicators: Iterable[tuple[Indicator, Record]], aliases: Mapping[str, str]
) -> list[tuple[Target, Record]]:
    """Rows of `targets.csv`: units of the plan's own given, ranges split, levels of indicators turned into growth."""
    units = tables.read("units.csv", Unit, required=False)
    promised = split_ranges(fold_choices(resolve_names(tables.load("targets.csv", TARGET_COLUMNS), aliases)))
    known, names = {row.id: row for row, _ in indicators}, tables.list_ids("indicators.csv")
    tables.questions += name_levels(promised, known, aliases)
    checked: list[tuple[Target, Record]]
    checked = tables.check(give_units(turn_levels(promised, known, names, tables.faults), units), choose_form)
    return checked


def give_units(targets: list[Record], units: Iterable[tuple[Unit, Record]]) -> list[Record]:
    """Give each target the unit that the plan declares."""
    own = {unit.unit: record for unit, record in units}
    for target in targets:
        form = choose_form(target)
        if target.get("unit") in own and "own_unit" in form.model_fields:
            at = target.values_at["unit"]
            target.put("own_unit", own[target["unit"]], at, at)
    return targets


def fold_choices(targets: list[Record]) -> list[Record]:
    """Write kinds and criteria as the program does, and quarters too, whatever their letters and words."""
    for target in targets:
        kind = str(target.get("kind") or "")
        if normalize("NFKC", kind).strip().casefold() in CRITERIA:
            target["kind"] = normalize("NFKC", kind).strip().casefold()
        for column, read in (("criterion", read_criterion), ("quarter", read_period)):
            if target.get(column):
                target[column] = read(target[column])
    return targets


_RANGED = ("between", "range", "区间", "之间")


_END = r"([-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|[\d.]+))\s*%?"
_RANGE = re.compile(rf"{_END}\s*(?:-|–|—|−|~|～|\.\.|to|and|至|到|和)\s*{_END}")


def split_ranges(targets: list[Record]) -> list[Record]:
    """Split ranges that are written in one cell, such as `5-6`, into their ends."""
    for target in targets:
        found = _RANGE.fullmatch(str(target.get("value") or "").strip())
        if found and str(target.get("criterion")) in _RANGED and not target.get("upper"):
            at = target.values_at["value"]
            target.put("value", found[1].replace(",", ""), at, at)
            target.put("upper", found[2].replace(",", ""), at, at)
    return targets


def check_targets(rows: list[tuple[Target, Record]], quarters: Sequence[str] | None, tables: TableFolder) -> None:
    """Check what targets name elsewhere."""
    tables.refuse_unknown(rows, "quarter", quarters)
    indicators = tables.list_ids("indicators.csv")
    for row, record in rows:
        if isinstance(row, InStep) and indicators is not None:
            at = record.values_at["reference" if record.get("reference") else "criterion"]
            tables.faults += find_unknown({row.reference: at}, indicators, "unknown reference '{}'")
            if row.reference == row.indicator:
                problem = f"'{row.indicator}' in step with itself is always met"
                tables.faults.append(at.fault(problem, "name another indicator as reference"))
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
