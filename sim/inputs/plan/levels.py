"""Levels of indicators: "GDP reaches 16,627" and "GDP grows by 5.5 %" are one sentence, and become one target."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from unicodedata import normalize

from sim.errors import Fault, find_unknown
from sim.inputs.files.documents import Record
from sim.inputs.identity import fold
from sim.inputs.plan.tables import Indicator
from sim.inputs.quarters import find_printed_step
from sim.inputs.units import find_unit

__all__ = ["name_levels", "turn_levels"]

_NEAR = 0.8, 1.4
"""Ratios to last year's level within which a number that bears an indicator's name is this year's."""

_FAR = 5
"""Ratio to last year's level from which on another unit than its own is a slip."""

_SAME = 0.1
"""Percentage points within which a number without a name says what a target of growth says."""

_ENDS = re.compile(r"( (level|total|value|volume|amount)|总量|总额|规模|总值)$")

_SCALES = {
    **{"万亿": 1e12, "亿": 1e8, "万": 1e4},
    **{"trillion": 1e12, "billion": 1e9, "million": 1e6, "crore": 1e7, "lakh": 1e5},
}
"""How many a word in a unit stands for, the longer word first."""


def name_levels(
    targets: Sequence[Record], indicators: Mapping[str, Indicator], aliases: Mapping[str, str]
) -> Iterator[Fault]:
    """Name the indicator of levels that bear its name, such as `gdp_level`, and ask about those that may be one.

    Parameters
    ----------
    targets : sequence of Record
        Rows of `targets.csv`, changed in place.
    indicators : mapping of str to Indicator
        Sound rows, by name.
    aliases : mapping of str to str
        Folded names, and the indicator that each means.

    Yields
    ------
    Fault
        A question for each.
    """
    promised = [(each.get("indicator"), _read_amount(each.get("value"))) for each in targets]
    for target in targets:
        value = _read_amount(target.get("value"))
        if target.get("kind") != "level" or target.get("indicator") or value is None:
            continue
        unit, at = str(target.get("unit") or ""), target.values_at["value"]
        for name, indicator in indicators.items():
            ratio = _find_ratio(indicator, unit, value)
            growth, words = (
                100 * (ratio - 1),
                f"{target['value']} {unit} is growth of {name} by {100 * (ratio - 1):.1f} %",
            )
            if _NEAR[0] < ratio < _NEAR[1] and _bears(target, name, aliases):
                target.put("indicator", name, at, at)
                for column in ("season", "reference_class"):
                    if target.get(column):
                        target[column] = None
                yield at.fault(words, f"read as such, from {indicator.level:.12g} {indicator.level_unit}", code="range")
            elif any(of == name and aim is not None and abs(growth - aim) < _SAME for of, aim in promised):
                mend = f"if it is the level of {name}, write so in the column indicator: one promise, one probability"
                yield at.fault(words, mend, code="range")


def _bears(target: Record, name: str, aliases: Mapping[str, str]) -> bool:
    """Tell whether a target's id or name is an indicator's, with or without a word for its level."""
    given = [fold(str(target.get(column) or "")) for column in ("id", "name_en", "name_zh")]
    return name in (aliases.get(each) for text in given for each in (text, _ENDS.sub("", text)))


def _find_ratio(indicator: Indicator, unit: str, value: float) -> float:
    """Divide a level by the base year's; 0 where the two have no unit in common."""
    if indicator.level is None or not indicator.level_unit:
        return 0.0
    scale = _find_scale(unit, indicator.level_unit)
    return value * scale / indicator.level if scale else 0.0


def _find_scale(unit: str, other: str) -> float:
    """Find how many of another unit one is; 0 where they are of two things.

    Examples
    --------
    >>> _find_scale("万亿元", "亿元"), _find_scale("INR crore", "inr lakh"), _find_scale("万吨", "亿元")
    (10000.0, 100.0, 0.0)
    """
    (scale, base), (own, same) = _split_unit(unit), _split_unit(other)
    return scale / own if base == same else 0.0


def _split_unit(unit: str) -> tuple[float, str]:
    plain = normalize("NFKC", unit).strip().casefold()
    for word, scale in _SCALES.items():
        if word in plain:
            return scale, plain.replace(word, "", 1).strip()
    return 1.0, plain


def _read_amount(cell: object) -> float | None:
    try:
        return float(str(cell).replace(",", ""))
    except ValueError:
        return None


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
    level = _read_amount(value)
    scale = _find_scale(_name_unit(unit), _name_unit(indicator.level_unit))
    if level is None or not math.isfinite(level):
        faults.append(at["value"].fault(f"'{value}' is not a number", "write the level in digits", code="number"))
        return []
    if not scale or (scale != 1 and not 1 / _FAR < level * scale / indicator.level < _FAR):
        problem = f"{value} is in '{unit}', and the level of '{indicator.id}' in {indicator.level_unit}"
        faults.append(at["unit"].fault(problem, f"write it in {indicator.level_unit}", code="unit"))
        return []
    step, per_cent = find_printed_step(indicator.baseline), 100 * scale / indicator.level
    target.put("level", f"{level:.12g} {unit}", at["value"], at["value"])
    for column in ("value", "upper"):
        end = _read_amount(target.get(column))
        if end is not None:
            target[column] = round(math.floor((end * per_cent - 100) / step + 0.5) * step, 2)
    tolerance = _read_amount(target.get("tolerance"))
    if tolerance:
        target["tolerance"] = tolerance * per_cent
    target.put("unit", "%", at["unit"], at["unit"])
    target.put("kind", "growth", at["kind"], at["kind"])
    return [target]


def _name_unit(unit: str) -> str:
    known = find_unit(unit)
    return unit if known is None else known.unit
