"""Levels of indicators: "GDP reaches 16,627" and "GDP grows by 5.5 %" are one sentence, and become one target."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from sim.errors import Fault, find_unknown
from sim.inputs.files.documents import Record
from sim.inputs.plan.tables import Indicator
from sim.inputs.quarters import find_printed_step
from sim.inputs.units import find_unit

__all__ = ["turn_levels"]


def turn_levels(
    targets: Iterable[Record], indicators: Mapping[str, Indicator], names: Sequence[str] | None, faults: list[Fault]
) -> list[Record]:
    """Turn targets that name the level of an indicator into targets of its growth.

    Parameters
    ----------
    targets : iterable of Record
        Rows of `targets.csv`; those of kind `level` with an indicator are turned.
    indicators : mapping of str to Indicator
        Sound rows, by name.
    names : sequence of str, optional
        Of all indicators, faulty rows too; None where the table may hold more.
    faults : list of Fault
        Gets what stands in the way.

    Returns
    -------
    list of Record
        Without those that cannot be turned.

    Notes
    -----
    The growth is `100 (level / base level - 1)`, in the step in which it is printed: a level at last year's prices is
    never published, and is judged by the growth that is.
    """
    kept = []
    for target in targets:
        name = target.get("indicator")
        if target.get("kind") != "level" or not name or not target.get("value"):
            kept.append(target)
        elif name in indicators:
            kept += _turn(target, indicators[name], faults)
        elif names is not None:
            faults += find_unknown({name: target.values_at["indicator"]}, names, "unknown indicator '{}'")
    return kept


def _turn(target: Record, indicator: Indicator, faults: list[Fault]) -> list[Record]:
    """Turn one row; none where it cannot be."""
    at, value, unit = target.values_at, str(target["value"]), str(target.get("unit") or "")
    if indicator.level is None or not indicator.level_unit:
        problem = f"'{indicator.id}' has no level in the table of indicators, from which to reach {value}"
        faults.append(at["indicator"].fault(problem, "fill level and level_unit there, or write a growth rate"))
        return []
    if _name_unit(unit) != _name_unit(indicator.level_unit):
        problem = f"{value} is in '{unit}', and the level of '{indicator.id}' in {indicator.level_unit}"
        faults.append(at["unit"].fault(problem, f"write it in {indicator.level_unit}", code="unit"))
        return []
    try:
        growth = 100 * (float(value) / indicator.level - 1)
    except ValueError:
        growth = math.nan
    if not math.isfinite(growth):
        faults.append(at["value"].fault(f"'{value}' is not a number", "write the level in digits", code="number"))
        return []
    step = find_printed_step(indicator.baseline)
    target.put("level", f"{float(value):g} {indicator.level_unit}", at["value"], at["value"])
    target.put("value", round(math.floor(growth / step + 0.5) * step, 2), at["value"], at["value"])
    target.put("unit", "%", at["unit"], at["unit"])
    target.put("kind", "growth", at["kind"], at["kind"])
    return [target]


def _name_unit(unit: str) -> str:
    known = find_unit(unit)
    return unit if known is None else known.unit
