"""What the law of one year's outcomes is built from: only things known in January."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Ints
from sim.inputs.history import History, January, LeakError
from sim.inputs.outlook import Outlook

__all__ = ["LOOK_BACK", "Features", "build_features", "build_past_features", "stack_features"]

LOOK_BACK = 3
"""Years that an older outcome may stand in for a missing last one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Features:
    """What January knows of each target, by named columns of shape (target,).

    Attributes
    ----------
    year : array of int
        Target year.
    target : array
        The target, %; NaN where there is none.
    last : array
        Latest known outcome, at most three years old, %; NaN if none.
    age : array of int
        Years since `last`; 0 if none.
    shift : array
        January forecast minus national growth in the year of `last`, percentage points; 0 if unknown.
    has_outlook : array of bool
        Whether a forecast for the year and last year's national growth are known.
    premium : array
        `last` minus what the country had in the same year, percentage points; 0 if unknown. Of GDP that is national
        growth; else the median of the k other regions in the data, and the difference is taken k / (k + 1) times.
    premium_unknown : array
        Share of the premium's variance that is unknown: 1 / (k + 1); of GDP 0.
    own_gap : array
        The region's last outcome minus its target, less the regions' mean, percentage points; 0 if unknown.
    surprise : array
        Squared outlook shift (against last year) plus squared last gap, squared percentage points.
    at_least : array of bool
        Whether the target is worded "at least".
    missed : array
        The region's gap of last year, percentage points; the mean of the others if unknown, 0 if none.
    """

    year: Ints
    target: Floats
    last: Floats
    age: Ints
    shift: Floats
    has_outlook: NDArray[np.bool_]
    premium: Floats
    premium_unknown: Floats
    own_gap: Floats
    surprise: Floats
    at_least: NDArray[np.bool_]
    missed: Floats

    def where(self, keep: NDArray[np.bool_]) -> Features:
        """Select the targets for which `keep` is true.

        Parameters
        ----------
        keep : array of bool, shape (target,)

        Returns
        -------
        Features
        """
        return Features(**{each.name: getattr(self, each.name)[keep] for each in fields(self)})


def stack_features(parts: Sequence[Features]) -> Features:
    """Join the columns of several years by name.

    Parameters
    ----------
    parts : sequence of Features
        At least one.

    Returns
    -------
    Features
    """
    names = [each.name for each in fields(Features)]
    return Features(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _find_last(region: str, year: int, known: dict[tuple[str, int], float]) -> tuple[float, int]:
    """Find the latest outcome of a region and its age in years; NaN and 0 if there is none."""
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


def _find_premium(
    regions: list[str], last: Floats, age: Ints, year: int, known: dict[tuple[str, int], float]
) -> tuple[Floats, Floats]:
    """Find the premium over the other regions of the data, and the share of its variance that is unknown."""
    premium, unknown = np.zeros(len(regions)), np.ones(len(regions))
    for when in np.unique(age[age > 0]):
        peers = {region: value for (region, each), value in known.items() if each == year - when and np.isfinite(value)}
        for row in np.flatnonzero(age == when):
            others = [value for region, value in peers.items() if region != regions[row]]
            if others:
                unknown[row] = 1 / (len(others) + 1)
                premium[row] = (last[row] - np.median(others)) * (1 - unknown[row])
    return premium, unknown


def build_features(past: History, now: January, outlook: Outlook, indicator: str) -> Features:
    """Build the features of one year's targets of one indicator.

    Parameters
    ----------
    past : History
        Years strictly before `now.year`.
    now : January
        The targets of the year.
    outlook : Outlook
        Cut down to what January knows before use.
    indicator : str

    Returns
    -------
    Features
        In the order of the indicator's targets in `now`.

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

    mine = now.indicator == indicator
    regions = [str(region) for region in now.region[mine]]
    latest = [_find_last(region, year, known) for region in regions]
    last = np.array([value for value, _ in latest], dtype=np.float64)
    age = np.array([years for _, years in latest], dtype=np.int64)
    base = np.array([seen.national.get(year - years, np.nan) if years else np.nan for _, years in latest])
    gap = np.array([gaps.get(region, np.nan) for region in regions], dtype=np.float64)
    missed = np.where(np.isnan(gap), common, gap)
    if indicator == "gdp":
        premium, unknown = np.nan_to_num(last - base), np.zeros(len(regions))
    else:
        premium, unknown = _find_premium(regions, last, age, year, known)
    return Features(
        year=np.full(len(regions), year),
        target=now.target[mine],
        last=last,
        age=age,
        shift=np.nan_to_num(forecast - base),
        has_outlook=np.full(len(regions), np.isfinite(jump)),
        premium=premium,
        premium_unknown=unknown,
        own_gap=np.nan_to_num(gap - common) if len(gaps) > 1 else np.zeros(len(regions)),
        surprise=np.nan_to_num(jump) ** 2 + np.nan_to_num(gap) ** 2,
        at_least=np.isin(now.comparator[mine].astype(str), (">=", ">")),
        missed=missed,
    )


def build_past_features(past: History, outlook: Outlook, indicator: str) -> tuple[Features, Floats]:
    """Build the features of every past target with an outcome, each as its own January knew it.

    Parameters
    ----------
    past : History
    outlook : Outlook
    indicator : str

    Returns
    -------
    features : Features
    outcome : array, shape (target,)
        %.
    """
    known = (past.indicator == indicator) & np.isfinite(past.target) & np.isfinite(past.outcome)
    none = past.where(np.zeros(len(past), dtype=np.bool_))
    parts, outcomes = [build_features(none, none.open_january(0), Outlook(), indicator)], [none.outcome]
    for year in np.unique(past.year[known]):
        rows = past.where(known & (past.year == year))
        parts.append(build_features(past.before(int(year)), rows.open_january(int(year)), outlook, indicator))
        outcomes.append(rows.outcome)
    return stack_features(parts), np.concatenate(outcomes)
