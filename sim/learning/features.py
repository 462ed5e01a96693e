"""What the law of one year's outcomes is built from: only things known in January."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.inputs.history import History, Ints, January, LeakError
from sim.inputs.outlook import Outlook

__all__ = ["LOOK_BACK", "Features", "build_features", "build_past_features"]

LOOK_BACK = 3
"""Years that an older outcome may stand in for a missing last one."""


_KINDS = ("i8", "f8", "f8", "i8", "f8", "?", "f8", "f8", "f8", "?", "f8")


@dataclass(frozen=True)
class Features:
    """What January knows of each target; one element a target.

    Attributes
    ----------
    year : target year
    target : the target
    last : latest known outcome, at most three years old; NaN if none
    age : years since `last`; 0 if none
    shift : January forecast minus national growth in the year of `last`; 0 if unknown
    has_outlook : whether a forecast for the year and last year's national growth are known
    premium : `last` minus national growth of the same year; 0 if unknown or not GDP
    own_gap : the region's last outcome minus its target, less the regions' mean; 0 if unknown
    surprise : squared outlook shift (against last year) plus squared last gap
    at_least : whether the target is worded "at least"
    missed : the region's gap of last year; the mean of the others if unknown, 0 if none
    """

    year: Ints
    target: Floats
    last: Floats
    age: Ints
    shift: Floats
    has_outlook: NDArray[np.bool_]
    premium: Floats
    own_gap: Floats
    surprise: Floats
    at_least: NDArray[np.bool_]
    missed: Floats

    def where(self, keep: NDArray[np.bool_]) -> Features:
        """The elements for which `keep` is true."""
        return Features(*(getattr(self, each.name)[keep] for each in fields(self)))


def _find_last(region: str, year: int, known: dict[tuple[str, int], float]) -> tuple[float, int]:
    """The latest outcome of a region and its age in years; NaN and 0 if there is none."""
    for age in range(1, LOOK_BACK + 1):
        value = known.get((region, year - age), np.nan)
        if np.isfinite(value):
            return value, age
    return np.nan, 0


def _recall(past: History, indicator: str, year: int) -> tuple[dict[tuple[str, int], float], dict[str, float]]:
    """Outcomes by region and year, and last year's gaps by region."""
    known: dict[tuple[str, int], float] = {}
    gaps: dict[str, float] = {}
    for row in np.flatnonzero(past.indicator == indicator):
        region, when = str(past.region[row]), int(past.year[row])
        known[region, when] = float(past.outcome[row])
        gap = float(past.outcome[row] - past.target[row])
        if when == year - 1 and np.isfinite(gap):
            gaps[region] = gap
    return known, gaps


def build_features(past: History, now: January, outlook: Outlook, indicator: str) -> Features:
    """The features of one year's targets of one indicator.

    Parameters
    ----------
    past : History
        Years strictly before `now.year`.
    now : January
        The targets of the year.
    outlook : Outlook
        Cut down to what January knows before use.
    indicator : str

    Raises
    ------
    LeakError
        If `past` holds the year itself or a later one.
    """
    year = now.year
    if len(past) and int(past.year.max()) >= year:
        raise LeakError(f"history holds year {int(past.year.max())}, not before {year}")
    seen = outlook.cut_to_january(year)
    known, gaps = _recall(past, indicator, year)
    common = float(np.mean(list(gaps.values()))) if gaps else 0.0
    forecast = seen.forecast.get(year, np.nan)
    jump = forecast - seen.national.get(year - 1, np.nan)
    told = bool(np.isfinite(jump))
    jump = jump if told else 0.0
    rows = []
    for number in np.flatnonzero(now.indicator == indicator):
        region = str(now.region[number])
        last, age = _find_last(region, year, known)
        base = seen.national.get(year - age, np.nan) if age else np.nan
        shift, gap = forecast - base, gaps.get(region, 0.0)
        shift = shift if np.isfinite(shift) else 0.0
        premium = last - base if indicator == "gdp" and np.isfinite(base) else 0.0
        own = gap - common if region in gaps and len(gaps) > 1 else 0.0
        at_least = now.comparator[number] in (">=", ">")
        row = (year, now.target[number], last, age, shift, told, premium, own)
        rows.append((*row, jump**2 + gap**2, at_least, gaps.get(region, common)))
    columns = zip(*rows, strict=True) if rows else ([] for _ in _KINDS)
    return Features(*(np.array(column, dtype=kind) for column, kind in zip(columns, _KINDS, strict=True)))


def build_past_features(past: History, outlook: Outlook, indicator: str) -> tuple[Features, Floats]:
    """The features of every past target with an outcome, each as its own January knew it.

    Returns
    -------
    features : Features
    outcome : array, shape (target,)
    """
    known = (past.indicator == indicator) & np.isfinite(past.target) & np.isfinite(past.outcome)
    parts = []
    for year in np.unique(past.year[known]):
        rows = past.where(known & (past.year == year))
        features = build_features(past.before(int(year)), rows.open_january(int(year)), outlook, indicator)
        parts.append((features, rows.outcome))
    if not parts:
        none = past.where(np.zeros(len(past), dtype=np.bool_))
        return build_features(none, none.open_january(0), Outlook(), indicator), np.empty(0)
    names = [each.name for each in fields(Features)]
    merged = Features(*(np.concatenate([getattr(features, name) for features, _ in parts]) for name in names))
    return merged, np.concatenate([outcome for _, outcome in parts])
