"""What records are worth: rows of one report, of one series or of one class are not so many independent ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from sim._typing import Floats
from sim.inputs.numbers import Fraction, Number
from sim.inputs.records import Records

__all__ = ["RARE_YEARS", "Tally", "fit_overlap", "fit_overlaps", "sum_tallies", "tally_rows", "weigh_rows"]

RARE_YEARS = (2020, 2022)
"""Years with a rare common shock: the record of a class that holds many of them knows the shock already."""

_TRUST = {"high": 1.0, "medium": 1.0, "low": 0.5}  # of a record, by its confidence; an assumption

_OVERLAP = (0.1, 1.0)  # of rows of one report, before data: median, and sd of the log of 1 / overlap - 1


@dataclass(frozen=True, slots=True)
class Tally:
    """Records in independent ones: `effective`, of them `reached`, and of them in years of a rare shock."""

    effective: float = 0.0
    reached: float = 0.0
    shock: float = 0.0

    def cut(self, likeness: float) -> Tally:
        """Cut a member's records to what they say of its group: never more than `likeness` + 1.

        Parameters
        ----------
        likeness : float
            How much a member resembles its group, in records.

        Returns
        -------
        Tally
        """
        factor = (likeness + 1) / (likeness + self.effective) if self.effective > 1 else 1.0
        return Tally(self.effective * factor, self.reached * factor, self.shock * factor)


def sum_tallies(tallies: Iterable[Tally]) -> Tally:
    """Add up tallies.

    Parameters
    ----------
    tallies : iterable of Tally

    Returns
    -------
    Tally
    """
    parts = list(tallies)
    return Tally(*(sum(getattr(part, name) for part in parts) for name in ("effective", "reached", "shock")))


def weigh_rows(records: Records, overlaps: Mapping[str, Number], likeness: float) -> Floats:
    """Weigh one promise of each row in independent records.

    Rows of one report are cut by their overlap; a series of many reports (a region's jobs, year after year) to at
    most `likeness` + 1.

    Parameters
    ----------
    records : Records
    overlaps : mapping of str to Number
        By family: correlation of the rows of one report.
    likeness : float
        How much a series resembles its class, in records; infinity cuts none.

    Returns
    -------
    array, shape (row,)
    """
    trust = np.array([_TRUST[str(each)] for each in records.confidence]) * records.counted
    _, report = np.unique(records.report.astype(str), return_inverse=True)
    told = np.bincount(report, trust * records.count, minlength=1)
    overlap = np.array([overlaps[records.classes[str(name)].family].value for name in records.class_id])
    report_factor = 1 / (1 + np.maximum(told[report] - 1, 0) * overlap)
    series = [f"{region}/{item}" for region, item in zip(records.region, records.item, strict=True)]
    _, series_of = np.unique(np.array(series, dtype=str), return_inverse=True)
    reports = np.array([len(set(report[series_of == one])) for one in range(series_of.max(initial=-1) + 1)])
    series_factor = 1.0 if np.isinf(likeness) else (likeness + 1) / (likeness + reports[series_of])
    return np.asarray(trust * report_factor * series_factor, dtype=np.float64)


def tally_rows(records: Records, weights: Floats) -> Tally:
    """Add up rows, each worth so much (as `weigh_rows` gives it).

    Parameters
    ----------
    records : Records
    weights : array, shape (row,)
        Independent records that one promise of the row is worth.

    Returns
    -------
    Tally
    """
    rare = np.isin(records.year, RARE_YEARS)
    effective = weights * records.count
    return Tally(float(effective.sum()), float((weights * records.reached).sum()), float((effective * rare).sum()))


def fit_overlaps(records: Records) -> dict[str, Number]:
    """Fit the correlation of the rows of one report, by family of classes.

    Parameters
    ----------
    records : Records

    Returns
    -------
    dict of str to Number
        By family.
    """
    family_of = np.array([records.classes[str(name)].family for name in records.class_id], dtype=object)
    names = dict.fromkeys(each.family for each in records.classes.values())
    return {family: fit_overlap(records.where(family_of == family)) for family in names}


def fit_overlap(records: Records) -> Number:
    """Fit the correlation of the rows of one report to lists and titles: so many kept of so many.

    Parameters
    ----------
    records : Records

    Returns
    -------
    Number
        Mode and Laplace standard deviation, on the scale of the correlation.

    Notes
    -----
    Beta-binomial likelihood of each list, with a mean for each class (kept in closed form near its share) and one
    weight M for all; correlation 1 / (1 + M) (Skellam 1948). The prior of log M is normal around log 9.
    """
    lists = records.where((records.count > 1) & records.counted)
    count, reached = lists.count.astype(np.float64), lists.reached.astype(np.float64)
    means = _find_means(lists.class_id, count, reached)
    centre, spread = np.log(1 / _OVERLAP[0] - 1), _OVERLAP[1]

    def lose(log_weight: float) -> float:
        first, second = means * np.exp(log_weight), (1 - means) * np.exp(log_weight)
        told = scipy.special.betaln(first + reached, second + count - reached) - scipy.special.betaln(first, second)
        return float(((log_weight - centre) / spread) ** 2 / 2 - told.sum())

    mode = float(scipy.optimize.minimize_scalar(lose, bounds=(-3.0, 9.0), method="bounded", options={"xatol": 1e-9}).x)
    step = 1e-2
    curvature = (lose(mode + step) - 2 * lose(mode) + lose(mode - step)) / step**2
    value = 1 / (1 + np.exp(mode))
    return Fraction(
        value=float(value),
        sd=float(value * (1 - value) / np.sqrt(curvature)),
        unit="share",
        basis="fitted",
        fitted=float(value),
        source=f"{len(lists)} lists and titles, {int(count.sum())} promises; prior: 0.1 within a factor e",
    )


def _find_means(classes: NDArray[np.object_], count: Floats, reached: Floats) -> Floats:
    """Find the share kept of each row's class, kept off 0 and 1, shape (row,)."""
    means = np.empty(len(count))
    for name in set(classes):
        rows = classes == name
        means[rows] = (reached[rows].sum() + 0.5) / (count[rows].sum() + 1)
    return means
