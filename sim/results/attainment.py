"""Attainment: were the targets met, how surely, and with what error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.errors import SimError, advise_install
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, list_readings, name_readings
from sim.inputs.plan.targets import Delivery, Numbered, describe_aim
from sim.inputs.quarters import name_cumulative, name_quarters
from sim.inputs.scenario.reading import Scenario
from sim.model.deliveries import DeliveryLaw
from sim.model.model import Model
from sim.results.evidence import Evidence
from sim.results.integrals import Integrals, sum_at_least
from sim.results.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["QUANTILE_LEVELS", "Attainment", "find_blanks", "label_attainments", "measure_delivery"]

QUANTILE_LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Attainment:
    """The odds of a plan's targets in one scenario; shows itself as a table.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    seed : int
        Of the draws.
    n_paths : int
        Paths counted; on the analytic road, those that check it.
    n_points : int
        Points that the analytic road conditioned on; 0 where paths were counted.
    met, met_se : array, shape (reading, target)
        Probability of each target with odds in each reading, averaged over what is not known of the calibration, and
        its standard error: of counting, or of independent replicates. NaN where a target lacks a reading, where
        nothing is due by a quarter's end, and for the error of odds too near none or certainty to state it.
    plug_in : array, shape (reading, target)
        What the probability would be if the calibration were exact; NaN where paths were counted.
    met_range : array, shape (2, reading, target)
        The central 80 % of it over calibrations, of which each may be the right one; NaN where it was not asked for.
    number_met : dict of str to array, shape (number,)
        By group: probability that exactly 0, 1, 2, ... of its targets are met, as printed.
    at_least_se : dict of str to array, shape (number,)
        By group: standard error of the probability that at least so many are met.
    at_least_range : dict of str to array, shape (2, number)
        By group: its range, likewise.
    if_missed, if_missed_se : array, shape (target, target)
        Of headline targets: probability of the second given that the first is missed, and its standard error.
    growth, growth_se : array, shape (period, series, level)
        Quantiles of growth, %, and their standard errors; periods as `stack_periods` stacks them.
    progress : array, shape (quarter, delivery, level)
        Quantiles of the share delivered by each quarter's end.
    replicates : Integrals, optional
        What the odds were averaged from, on the analytic road.
    evidence : Evidence, optional
        How likely published figures were; None where none is known.
    n_effective : float, optional
        Points or paths of equal weight that would say as much as those do that published figures weigh.
    ledger : Ledger, optional
        Of its judgements.
    """

    model: Model
    scenario: Scenario
    seed: int
    n_paths: int
    n_points: int
    met: Floats
    met_se: Floats
    plug_in: Floats
    met_range: Floats
    number_met: dict[str, Floats]
    at_least_se: dict[str, Floats]
    at_least_range: dict[str, Floats]
    if_missed: Floats
    if_missed_se: Floats
    growth: Floats
    growth_se: Floats
    progress: Floats
    replicates: Integrals | None = None
    evidence: Evidence | None = None
    n_effective: float | None = None
    ledger: Ledger | None = None

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.model.plan

    @property
    def largest_error(self) -> float:
        """Largest standard error stated: of targets in every reading, by quarter, of groups, and given a miss."""
        apart = ~np.eye(len(self.if_missed_se), dtype=bool)
        stated = [self.met_se.ravel(), self.if_missed_se[apart], *self.at_least_se.values()]
        errors = np.concatenate(stated)
        return float(errors[np.isfinite(errors)].max(initial=0))

    def find_range(self, target: int) -> tuple[float, float]:
        """Find the range of a target's odds as printed, by its place among the judged; NaN where there is none."""
        low, high = self.met_range[:, 0, target]
        return float(low), float(high)

    def find_group_range(self, group: str, number: int) -> tuple[float, float]:
        """Find the range of the odds that at least so many targets of a group are met; NaN where there is none."""
        if group not in self.at_least_range:
            return np.nan, np.nan
        low, high = self.at_least_range[group][:, number]
        return float(low), float(high)

    @cached_property
    def odds(self) -> pd.DataFrame:
        """Probability of each target in each reading, and by quarter.

        Returns
        -------
        DataFrame
            Columns scenario, target, name_en, name_zh, criterion, reading, value, unit, probability, mc_se, range_low,
            range_high, exact_calibration, evidence (what they rest on: `own_record`, `class_record`, `one_figure`,
            `assumption`).
            Readings: `printed` (the figure as published, rounded); of growth also `stated` (the exact figure) and
            `tolerance` (as printed, at most the tolerance on the wrong side); and by quarter (`Q1`, `H1`, ...) on
            course: the cumulative figure as printed, the share of a delivery due by then, a milestone done; nothing
            where none is due.
        """
        import pandas as pd

        rows = [
            (
                self.scenario.name,
                target.id,
                target.name_en,
                target.name_zh,
                target.criterion,
                reading,
                *((target.value, target.unit) if isinstance(target, Numbered) else (None, None)),
                self.met[place, number],
                self.met_se[place, number],
                *self.met_range[:, place, number],
                self.plug_in[place, number],
                self.model.grades[target.id],
            )
            for number, target in enumerate(self.plan.judged)
            for place, reading in list_readings(self.plan, target)
        ]
        columns = "scenario target name_en name_zh criterion reading value unit probability mc_se range_low range_high"
        return pd.DataFrame(rows, columns=[*columns.split(), "exact_calibration", "evidence"])

    @cached_property
    def joint(self) -> pd.DataFrame:
        """Probability that at least k targets of a group are met together, as printed.

        Returns
        -------
        DataFrame
            Columns scenario, group, at_least, probability, mc_se, range_low, range_high; the last `at_least` of a group
            is all of it.
        """
        import pandas as pd

        rows = []
        for group, exactly in self.number_met.items():
            share, error = sum_at_least(exactly), self.at_least_se[group]
            range_ = self.at_least_range.get(group, np.full((2, len(exactly)), np.nan))
            rows += [(self.scenario.name, group, k, share[k], error[k], *range_[:, k]) for k in range(1, len(exactly))]
        columns = ["scenario", "group", "at_least", "probability", "mc_se", "range_low", "range_high"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def conditional(self) -> pd.DataFrame:
        """Probability of each headline target given that another one is missed, as printed.

        Returns
        -------
        DataFrame
            Columns scenario, missed, met, probability, mc_se; empty probability where no path misses.
        """
        import pandas as pd

        headline = list(enumerate(self.plan.headline))
        rows = [
            (self.scenario.name, missed.id, met.id, self.if_missed[first, second], self.if_missed_se[first, second])
            for first, missed in headline
            for second, met in headline
            if first != second
        ]
        return pd.DataFrame(rows, columns=["scenario", "missed", "met", "probability", "mc_se"])

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """Quantiles of growth, of the levels it implies, and of what is delivered.

        Returns
        -------
        DataFrame
            Columns scenario, series, period, unit, q05, q10, q25, q50, q75, q90, q95. Series are indicators and
            deliveries. Periods of growth: single quarters `Q1`, `Q2`, ...; cumulative ones `H1`, `Q1-Q3`, ...; the
            year, `FY`, also as a level (real growth: at the base year's prices). Deliveries: from the year's start
            to each quarter's end, in the target's unit.
        """
        import pandas as pd

        count = len(self.plan.quarter_names)
        cumulative = [name_cumulative(quarter, count) for quarter in range(count)]
        periods = [*name_quarters(count), *cumulative[1:]]
        rows: list[tuple[object, ...]] = []
        for number, indicator in enumerate(self.plan.indicators):
            series = self.growth[:, number]
            rows += [
                (self.scenario.name, indicator.id, period, indicator.unit, *series[row])
                for row, period in enumerate(periods)
            ]
            if indicator.level is not None:
                level = indicator.level * (1 + series[-1] / 100)
                rows.append((self.scenario.name, indicator.id, periods[-1], indicator.level_unit, *level))
        deliveries = self.model.delivery_law.ids
        targets = {target.id: target for target in self.plan.deliveries}
        for number, delivery in enumerate(deliveries):
            amounts = measure_delivery(targets[delivery], self.progress[:, number])
            unit = targets[delivery].unit
            rows += [
                (self.scenario.name, delivery, period, unit, *amount)
                for period, amount in zip(cumulative, amounts, strict=True)
            ]
        names = [f"q{round(100 * level):02d}" for level in QUANTILE_LEVELS]
        return pd.DataFrame(rows, columns=["scenario", "series", "period", "unit", *names])

    @property
    def table(self) -> pd.DataFrame:
        """What a reader wants first: one row a target, its probability in each reading in per cent."""
        import pandas as pd

        wide = self.odds.pivot(index="target", columns="reading", values="probability").mul(100).round(1)
        printed = self.odds[self.odds.reading == READINGS[0]].set_index("target")
        targets = self.plan.judged
        return pd.DataFrame(
            {
                "target": [target.name_en for target in targets],
                "目标": [target.name_zh for target in targets],
                "aim": [describe_aim(target) for target in targets],
                "printed, %": wide["printed"][printed.index].to_numpy(),
                "± s.e.": printed.mc_se.mul(100).round(2).to_numpy(),
                "stated, %": wide["stated"][printed.index].to_numpy(),
                "within tolerance, %": wide["tolerance"][printed.index].to_numpy(),
            }
        )

    @property
    def caption(self) -> str:
        """One line: the plan, the scenario, paths or points, and seed."""
        effort = f"{self.n_points:,} points" if self.n_points else f"{self.n_paths:,} paths"
        if self.n_effective is not None:
            given = "published" if self.evidence else "judged"
            effort += f", worth {self.n_effective:,.0f} given what is {given}"
        return f"{self.plan.place_en} {self.plan.year}, {self.scenario.name}: {effort}, seed {self.seed}"

    def to_xarray(self) -> xr.Dataset:
        """Label the results as arrays.

        Returns
        -------
        xarray.Dataset
            As `sim.results.attainment.label_attainments` gives it.
        """
        return label_attainments([self])

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.table.to_string(index=False)}"

    def _repr_html_(self) -> str:
        from html import escape

        styled = self.table.to_html(index=False, escape=True, border=0)
        return f"<p>{escape(self.caption)}</p>{styled}"


def measure_delivery(target: Delivery, progress: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn shares of a goal into the target's unit; of a programme, projects under way."""
    amount: Floats = target.value * progress
    return amount


def label_attainments(attainments: Sequence[Attainment]) -> xr.Dataset:
    """Results of one plan in several scenarios as one data set.

    Parameters
    ----------
    attainments : sequence of Attainment
        One a scenario, at least one, of the same plan.

    Returns
    -------
    xarray.Dataset
        `probability`, `mc_se`, `range_low`, `range_high` and `exact_calibration` by scenario, target and reading;
        `at_least_probability` and `at_least_se` by scenario, group and at_least; `if_missed` and `if_missed_se` by
        scenario, missed and met; `growth` (%) by scenario, period, indicator and level; `progress` (share of the goal)
        by scenario, quarter, delivery and level. What a target or group lacks is NaN.

    Raises
    ------
    SimError
        If xarray is not installed.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000, n_calibrations=0)
    >>> label_attainments(result.attainments).probability.sel(target="gdp").dims
    ('scenario', 'reading')
    """
    try:
        import xarray as xr
    except ImportError:
        raise SimError(f"xarray is not installed; {advise_install('notebook')}") from None
    first = attainments[0]
    plan = first.plan
    dataset = xr.Dataset(_gather(attainments), _name_coordinates(attainments))
    dataset.attrs |= {"plan": plan.name, "place": plan.place_en, "year": plan.year, "seed": first.seed}
    dataset.attrs |= {"n_paths": first.n_paths, "n_points": first.n_points}
    dataset["growth"].attrs["unit"] = "%"
    return dataset


def _gather(attainments: Sequence[Attainment]) -> dict[str, Any]:
    """Variables: dimensions and values, the scenario first."""
    odds = ("scenario", "target", "reading")
    missed = ("scenario", "missed", "met")
    together = ("scenario", "group", "at_least")
    variables: dict[str, Any] = {
        "probability": (odds, np.stack([each.met.T for each in attainments])),
        "mc_se": (odds, np.stack([each.met_se.T for each in attainments])),
        "range_low": (odds, np.stack([each.met_range[0].T for each in attainments])),
        "range_high": (odds, np.stack([each.met_range[1].T for each in attainments])),
        "exact_calibration": (odds, np.stack([each.plug_in.T for each in attainments])),
        "at_least_probability": (together, np.stack([_pad(each.number_met, sums=True) for each in attainments])),
        "at_least_se": (together, np.stack([_pad(each.at_least_se) for each in attainments])),
        "if_missed": (missed, np.stack([each.if_missed for each in attainments])),
        "if_missed_se": (missed, np.stack([each.if_missed_se for each in attainments])),
        "growth": (("scenario", "period", "indicator", "level"), np.stack([each.growth for each in attainments])),
        "progress": (("scenario", "quarter", "delivery", "level"), np.stack([each.progress for each in attainments])),
    }
    return variables


def _pad(groups: dict[str, Floats], sums: bool = False) -> Floats:
    """Pad groups to rows of one length with NaN; `sums` turns exactly so many into at least so many."""
    padded = np.full((len(groups), max(map(len, groups.values()))), np.nan)
    for row, values in enumerate(groups.values()):
        padded[row, : len(values)] = sum_at_least(values) if sums else values
    return padded


def _name_coordinates(attainments: Sequence[Attainment]) -> dict[str, Any]:
    first = attainments[0]
    plan: Plan = first.plan
    count = len(plan.quarter_names)
    cumulative = [name_cumulative(quarter, count) for quarter in range(count)]
    headline = [target.id for target in plan.headline]
    return {
        "scenario": [each.scenario.name for each in attainments],
        "title_en": ("scenario", [each.scenario.title_en for each in attainments]),
        "title_zh": ("scenario", [each.scenario.title_zh for each in attainments]),
        "target": [target.id for target in plan.judged],
        "name_en": ("target", [target.name_en for target in plan.judged]),
        "name_zh": ("target", [target.name_zh for target in plan.judged]),
        "value": ("target", [target.value if isinstance(target, Numbered) else np.nan for target in plan.judged]),
        "unit": ("target", [target.unit if isinstance(target, Numbered) else "" for target in plan.judged]),
        "reading": list(name_readings(plan)),
        "group": list(first.number_met),
        "at_least": np.arange(max(map(len, first.number_met.values()))),
        "missed": headline,
        "met": headline,
        "period": [*name_quarters(count), *cumulative[1:]],
        "indicator": [indicator.id for indicator in plan.indicators],
        "quarter": cumulative,
        "delivery": list(first.model.delivery_law.ids),
        "level": list(QUANTILE_LEVELS),
    }


def find_blanks(plan: Plan, law: DeliveryLaw) -> NDArray[np.bool_]:
    """Find where no odds are stated: readings that a target lacks, and quarters by whose end nothing is due.

    Returns
    -------
    array of bool, shape (reading, target)
    """
    blank = np.ones((len(name_readings(plan)), len(plan.judged)), bool)
    for number, target in enumerate(plan.judged):
        blank[[place for place, _ in list_readings(plan, target)], number] = False
        if target.id in law.ids:
            early = law.due[:-1, law.ids.index(target.id)] == 0
            blank[len(READINGS) :, number] |= early
    return blank
