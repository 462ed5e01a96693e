"""Class rates: how often promises of a class are kept, by beta-binomial partial pooling of the records.

A target's own record is pooled with its class, the class with its family, the family with all promises, and these with
a stated prior. At every step down, a member is thought to resemble its group as much as `LIKENESS` records of its own
would tell; at every step up, no member counts for more than that, and the rows of one report, which share their
author, count for less than as many reports (the design effect of survey sampling; Kish 1965). All steps are closed
form: beta laws whose weights add.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from sim._typing import Floats
from sim.inputs.evidence import read_evidence
from sim.inputs.numbers import Fraction, Number, Positive
from sim.inputs.plan.plan import Plan
from sim.inputs.records import Records
from sim.learning.record_weights import Tally, fit_overlaps, sum_tallies, tally_rows, weigh_rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LIKENESS", "PRIOR", "REACHES_FINAL", "SILENCE", "ClassRates", "Rate", "learn_rates", "rate_targets"]

PRIOR = Fraction(value=0.5, sd=0.35, unit="share", basis="assumed", source="assumption: even odds, worth one record")

LIKENESS = Positive(
    value=6,
    sd=3,
    unit="1",
    basis="assumed",
    source="assumption: a class resembles its family, and a series its class, as much as six records of its own would "
    "tell; nearly all records are kept, which leaves nothing to fit it to",
)

KINSHIP = 2.0
"""The same for a family among all promises: an assumption, lower as what others decide is little like what one does."""

SILENCE = Fraction(
    value=0.02,
    sd=0.015,
    unit="share",
    basis="assumed",
    source="assumption: chance that next year's report does not say that a promise was kept. Reports are the "
    "government's own and what fails tends to go unsaid, but the report is what is forecast",
)

REACHES_FINAL = Fraction(
    value=0.5,
    sd=0.2,
    unit="share",
    basis="assumed",
    source="assumption: chance that a title merely striven for comes to a final round; no record either way",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How often promises are kept: a beta law of the share.

    Attributes
    ----------
    mean : float
    weight : float
        How much is known, in records: the law is beta(mean weight, (1 - mean) weight).
    n, reached : int
        Promises of the class (or series) itself, and those kept.
    effective : float
        What these are worth, in independent records.
    shock_share : float
        Share of that from years with a rare common shock; NaN without a record.
    shock : float
        Part of `weight`, what other promises tell included, that is of such years.
    """

    mean: float
    weight: float
    n: int = 0
    reached: int = 0
    effective: float = 0.0
    shock_share: float = np.nan
    shock: float = 0.0

    @property
    def from_data(self) -> float:
        """Share of what is known that came from the record itself."""
        return self.effective / self.weight

    @property
    def has_record(self) -> bool:
        """Whether there is a record of its own; else the law is that of other promises, and wide."""
        return self.n > 0

    @property
    def sd(self) -> float:
        """Standard deviation of what is not known about the share."""
        return float(np.sqrt(self.mean * (1 - self.mean) / (self.weight + 1)))

    def quantile(self, level: float) -> float:
        """Find a quantile of what is not known about the share.

        Parameters
        ----------
        level : float
            From 0 to 1.

        Returns
        -------
        float

        Examples
        --------
        >>> round(Rate(mean=0.5, weight=2).quantile(0.1), 3)
        0.1
        """
        shape = self.mean * self.weight
        return float(special.betaincinv(shape, self.weight - shape, level))

    def list_chances(self, n: int) -> Floats:
        """Find the chance of 0, 1, ... n promises kept of `n` (beta-binomial).

        Parameters
        ----------
        n : int

        Returns
        -------
        array, shape (n + 1,)

        Examples
        --------
        >>> Rate(mean=0.5, weight=2).list_chances(2).round(3).tolist()
        [0.333, 0.333, 0.333]
        """
        kept = np.arange(n + 1)
        first, second = self.mean * self.weight, (1 - self.mean) * self.weight
        ways = special.gammaln(n + 1) - special.gammaln(kept + 1) - special.gammaln(n - kept + 1)
        logs = ways + special.betaln(first + kept, second + n - kept) - special.betaln(first, second)
        return np.asarray(np.exp(logs), dtype=np.float64)

    def find_range(self, n: int, level: float = 0.8) -> tuple[float, float]:
        """Find where the share kept of `n` further promises lies with at least the chance `level`, tails cut evenly.

        Parameters
        ----------
        n : int
        level : float
            From 0 to 1.

        Returns
        -------
        tuple of float
            Lowest and highest share, from 0 to 1.
        """
        total = self.list_chances(n).cumsum()
        low, high = np.searchsorted(total, ((1 - level) / 2, (1 + level) / 2))
        return float(low) / n, float(min(high, n)) / n

    def reduce(self, silence: float = SILENCE.value) -> float:
        """Find the chance that next year's report says it was kept.

        Parameters
        ----------
        silence : float
            Chance that a promise kept goes unsaid.

        Returns
        -------
        float
        """
        return self.mean * (1 - silence)

    def add(self, tally: Tally) -> Rate:
        """Update the rate by so many more records.

        Parameters
        ----------
        tally : Tally

        Returns
        -------
        Rate
        """
        weight = self.weight + tally.effective
        mean = (self.mean * self.weight + tally.reached) / weight
        return replace(self, mean=mean, weight=weight, shock=self.shock + tally.shock)

    def pass_down(self, likeness: float) -> Rate:
        """Find the rate of a member, none of whose own records are known.

        Parameters
        ----------
        likeness : float
            How much a member resembles its group, in records.

        Returns
        -------
        Rate

        Notes
        -----
        A member's rate is beta(p k, (1 - p) k) around its group's p, which is beta(m w, (1 - m) w). The variance of
        the two together is that of a beta law with the weight k w / (k + w + 1), which is taken for it.

        Examples
        --------
        >>> Rate(mean=0.9, weight=13).pass_down(6).weight
        3.9
        """
        factor = likeness / (likeness + self.weight + 1)
        return Rate(mean=self.mean, weight=factor * self.weight, shock=factor * self.shock)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassRates:
    """How often promises are kept, by class, and of series with a record of their own.

    Attributes
    ----------
    rates : mapping of str to Rate
        Of a promise of the class of which nothing else is known: mean as `Rate.mean`, its weight that of the class.
    overlaps : mapping of str to Number
        By family: correlation of the rows of one report, fitted to its lists.
    records : Records
        What they were learned from.
    likeness : float
    """

    rates: Mapping[str, Rate]
    overlaps: Mapping[str, Number]
    records: Records
    likeness: float

    def __getitem__(self, class_id: str) -> Rate:
        return self.rates[class_id]

    def find_target(self, class_id: str, region: str = "", items: Collection[str] = ()) -> Rate:
        """Find the rate of one target: its own series, where it has a record, over its class.

        Parameters
        ----------
        class_id : str
        region : str
        items : collection of str
            Names of its own items in the record tables; none means no record of its own.

        Returns
        -------
        Rate
            `n`, `reached` and `effective` are those of its own record.

        Examples
        --------
        >>> from sim.inputs.records import read_records
        >>> rate = learn_rates(read_records()).find_target("jobs", "Qingdao", ["urban new jobs"])
        >>> rate.n, rate.reached, rate.mean > 0.97
        (3, 3, True)
        """
        own = np.isin(self.records.item.astype(str), list(items)) & (self.records.region == region)
        own &= self.records.class_id == class_id
        rest = learn_rates(self.records.where(~own), self.likeness, self.overlaps) if own.any() else self
        mine = self.records.where(own)
        tally = tally_rows(mine, weigh_rows(mine, self.overlaps, np.inf))
        return _finish(rest.rates[class_id].pass_down(self.likeness), tally, mine)

    def find_share_range(self, class_id: str, sizes: Collection[int], level: float = 0.8) -> tuple[float, float]:
        """Find where the share kept of so many further promises lies, told in reports of these sizes.

        Parameters
        ----------
        class_id : str
        sizes : collection of int
            Promises of the class in each report.
        level : float

        Returns
        -------
        low, high : float
        """
        size, overlap = np.array(list(sizes), dtype=np.float64), self.overlaps[self.records.classes[class_id].family]
        spread = (size**2 * (overlap.value + (1 - overlap.value) / size)).sum() / size.sum() ** 2
        return self.rates[class_id].find_range(int(np.ceil(1 / spread)), level)

    def to_frame(self) -> pd.DataFrame:
        """Tabulate, one row a class: kind, class, n, reached, mean, sd, q10, q90, weight, from_data, shock_share."""
        import pandas as pd

        rows = []
        for name, rate in self.rates.items():
            kind = self.records.classes[name].kind
            spread = (rate.sd, rate.quantile(0.1), rate.quantile(0.9), rate.weight, rate.from_data, rate.shock_share)
            rows.append((kind, name, rate.n, rate.reached, rate.mean, *spread))
        columns = ["kind", "class", "n", "reached", "mean", "sd", "q10", "q90", "weight", "from_data", "shock_share"]
        return pd.DataFrame(rows, columns=columns)


def learn_rates(
    records: Records, likeness: float = LIKENESS.value, overlaps: Mapping[str, Number] | None = None
) -> ClassRates:
    """Learn how often promises of each class are kept.

    Parameters
    ----------
    records : Records
        Only rows that count are used: judged, or reached within the year already.
    likeness : float
        How many records of its own a member's group is worth.
    overlaps : mapping of str to Number, optional
        By family: correlation of the rows of one report; None means fitted to the lists among `records`.

    Returns
    -------
    ClassRates

    Notes
    -----
    Lists enter as so many promises of which so many were kept. What a class learns from its family leaves its own
    records out, so none is used twice.
    """
    counted = records.where(records.counted)
    kinds = {name: each for name, each in records.classes.items() if each.kind != "programme"}
    overlaps = fit_overlaps(records) if overlaps is None else overlaps
    weights = weigh_rows(counted, overlaps, likeness)
    mine = {name: counted.class_id == name for name in kinds}
    tallies = {name: tally_rows(counted.where(rows), weights[rows]) for name, rows in mine.items()}
    families = {
        family: sum_tallies(tallies[one].cut(likeness) for one, each in kinds.items() if each.family == family).cut(
            KINSHIP
        )
        for family in overlaps
    }
    rates = {}
    for name, each in kinds.items():
        others = sum_tallies(family for other, family in families.items() if other != each.family)
        kin = sum_tallies(
            tallies[one].cut(likeness) for one, other in kinds.items() if other.family == each.family and one != name
        )
        rate = Rate(mean=PRIOR.value, weight=1.0)
        for group, strength in ((others, KINSHIP), (kin, likeness)):
            rate = rate.add(group).pass_down(strength)
        rates[name] = _finish(rate, tallies[name], counted.where(mine[name]))
    return ClassRates(rates=_add_striven(rates), overlaps=overlaps, records=records, likeness=likeness)


def rate_targets(plan: Plan, rates: ClassRates) -> pd.DataFrame:
    """Tabulate the rate of every target of a plan that is not growth, by what its odds rest on.

    Parameters
    ----------
    plan : Plan
    rates : ClassRates

    Returns
    -------
    DataFrame
        Columns target, class, grade, n, reached (of its own record), mean, q10, q90, weight, from_data, shock_share and
        chance: that the next report says it was kept; of a list, each item. NaN without a class and for programmes.
    """
    import pandas as pd

    columns = ["target", "class", "grade", "n", "reached"]
    measures = ["mean", "q10", "q90", "weight", "from_data", "shock_share", "chance"]
    rows: list[list[object]] = []
    for name, row in read_evidence(plan).items():
        if next(target.kind for target in plan.judged if target.id == name) == "growth":
            continue
        told: list[object] = [name, row.class_id, row.grade, row.own_n, row.own_reached]
        if row.class_id is None or row.class_id not in rates.rates:
            rows.append([*told, *[np.nan] * len(measures)])
            continue
        rate = rates.find_target(row.class_id, plan.place_en, row.items)
        chance = rate.reduce() if rates.records.classes[row.class_id].kind == "count" else rate.mean
        spread = [rate.mean, rate.quantile(0.1), rate.quantile(0.9), rate.weight, rate.from_data, rate.shock_share]
        rows.append([*told, *spread, chance])
    return pd.DataFrame(rows, columns=[*columns, *measures])


def _finish(prior: Rate, tally: Tally, rows: Records) -> Rate:
    """Add its own record to a rate, and say what that record was."""
    return replace(
        prior.add(tally),
        n=int(rows.count[rows.counted].sum()),
        reached=int(rows.reached[rows.counted].sum()),
        effective=tally.effective,
        shock_share=tally.shock / tally.effective if tally.effective else np.nan,
    )


def _add_striven(rates: dict[str, Rate]) -> dict[str, Rate]:
    """Add titles striven for, which have no record: the final round has one, but has to be reached first.

    Notes
    -----
    Mean and variance of the product of two independent shares, matched by a beta law.
    """
    last, name = rates.get("title_final_round"), "title_strived_for"
    if last is None or name not in rates or rates[name].n:
        return rates
    square = (last.sd**2 + last.mean**2) * (REACHES_FINAL.sd**2 + REACHES_FINAL.value**2)
    mean = last.mean * REACHES_FINAL.value
    return {**rates, name: Rate(mean=mean, weight=mean * (1 - mean) / (square - mean**2) - 1)}
