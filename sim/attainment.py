"""Attainment: were the targets met, how surely, and with what error."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.draws import BLOCK
from sim.executors import do_pieces
from sim.model import Model
from sim.paths import Paths
from sim.plan import Plan, Target
from sim.quarters import name_cumulative, name_quarters
from sim.scenario import Scenario
from sim.tally import READINGS, Tally, list_readings, open_tally

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = [
    "QUANTILE_LEVELS",
    "Attainment",
    "attain",
    "describe_aim",
    "divide",
    "estimate_error",
    "list_without_odds",
    "measure_delivery",
    "summarize",
]

Floats = NDArray[np.float64]

QUANTILE_LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


def estimate_error(met: NDArray[np.int64], paths: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Monte Carlo standard error of a counted probability.

    Parameters
    ----------
    met, paths : array of int
        Paths that count, of how many.

    Returns
    -------
    array
        sqrt(p (1 - p) / n) with p = (met + 1) / (paths + 2), so that it is not zero where no path, or every
        path, counts.

    Examples
    --------
    >>> estimate_error(np.array([5000, 0]), 10_000).round(5).tolist()
    [0.005, 0.0001]
    """
    share = (met + 1) / (np.asarray(paths) + 2)
    error: NDArray[np.float64] = np.sqrt(share * (1 - share) / np.maximum(paths, 1))
    return error


@dataclass(frozen=True, repr=False)
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
        Probability of each target with odds in each reading, and its standard error: of counting, or of independent
        replicates. Readings that a target lacks are NaN, as is the error of an odd rarer than it can be stated for.
    number_met : dict of str to array, shape (number,)
        By group: probability that exactly 0, 1, 2, ... of its targets are met, as stated.
    at_least_se : dict of str to array, shape (number,)
        By group: standard error of the probability that at least so many are met.
    if_missed, if_missed_se : array, shape (target, target)
        Of headline targets: probability of the second given that the first is missed, and its standard error.
    growth : array, shape (period, series, level)
        Quantiles of growth, %; periods as `stack_periods` stacks them.
    progress : array, shape (quarter, delivery, level)
        Quantiles of the share delivered by each quarter's end.
    """

    model: Model
    scenario: Scenario
    seed: int
    n_paths: int
    n_points: int
    met: Floats
    met_se: Floats
    number_met: dict[str, Floats]
    at_least_se: dict[str, Floats]
    if_missed: Floats
    if_missed_se: Floats
    growth: Floats
    progress: Floats

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.model.plan

    @cached_property
    def odds(self) -> pd.DataFrame:
        """Probability of each target in each reading, and by quarter.

        Returns
        -------
        DataFrame
            Columns scenario, target, name_en, name_zh, criterion, reading, value, unit, probability, mc_se.
            Readings: `stated`; of growth also `printed` (after rounding to one decimal) and `tolerance` (at most
            the tolerance on the wrong side); and by quarter (`Q1`, `H1`, ...) on course: the cumulative figure as
            stated, the share of a delivery due by then, a milestone reached.
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
                target.value,
                target.unit,
                self.met[place, number],
                self.met_se[place, number],
            )
            for number, target in enumerate(self.plan.judged)
            for place, reading in list_readings(self.plan, target)
        ]
        columns = "scenario target name_en name_zh criterion reading value unit probability mc_se"
        return pd.DataFrame(rows, columns=columns.split())

    @cached_property
    def joint(self) -> pd.DataFrame:
        """Probability that at least k targets of a group are met together, as stated.

        Returns
        -------
        DataFrame
            Columns scenario, group, at_least, probability, mc_se; the last `at_least` of a group is all of it.
        """
        import pandas as pd

        rows = []
        for group, exactly in self.number_met.items():
            share, error = np.cumsum(exactly[::-1])[::-1], self.at_least_se[group]
            rows += [(self.scenario.name, group, k, share[k], error[k]) for k in range(1, len(exactly))]
        return pd.DataFrame(rows, columns=["scenario", "group", "at_least", "probability", "mc_se"])

    @cached_property
    def conditional(self) -> pd.DataFrame:
        """Probability of each headline target given that another one is missed, as stated.

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
        targets = {target.id: target for target in self.plan.judged}
        for number, delivery in enumerate(deliveries):
            amounts = measure_delivery(self.model, targets[delivery], self.progress[:, number])
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
        stated = self.odds[self.odds.reading == READINGS[0]].set_index("target")
        targets = self.plan.judged
        return pd.DataFrame(
            {
                "target": [target.name_en for target in targets],
                "目标": [target.name_zh for target in targets],
                "aim": [describe_aim(target) for target in targets],
                "stated, %": wide[READINGS[0]][stated.index].to_numpy(),
                "± s.e.": stated.mc_se.mul(100).round(2).to_numpy(),
                "printed, %": wide[READINGS[1]][stated.index].to_numpy(),
                "within tolerance, %": wide[READINGS[2]][stated.index].to_numpy(),
            }
        )

    @property
    def caption(self) -> str:
        """One line: the plan, the scenario, paths or points, and seed."""
        effort = f"{self.n_points:,} points" if self.n_points else f"{self.n_paths:,} paths"
        return f"{self.plan.place_en} {self.plan.year}, {self.scenario.name}: {effort}, seed {self.seed}"

    def to_xarray(self) -> xr.Dataset:
        """The results as labelled arrays; see `sim.arrays.label_attainments`."""
        from sim.arrays import label_attainments

        return label_attainments([self])

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.table.to_string(index=False)}"

    def _repr_html_(self) -> str:
        from html import escape

        styled = self.table.to_html(index=False, escape=True, border=0)
        return f"<p>{escape(self.caption)}</p>{styled}"


def measure_delivery(model: Model, target: Target, progress: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of a goal in the target's unit; of a programme, projects under way, never more than there are."""
    assert target.value is not None
    if target.kind != "programme":
        return target.value * progress
    assert model.calibration.deliveries is not None
    return target.value * np.minimum(progress * model.calibration.deliveries.programme_required.value, 1)


def describe_aim(target: Target) -> str:
    """What a target asks for, in signs: `≈ 5.5 %`, `≥ 2.4 万个`, `by Q3`."""
    if target.value is None:
        return f"by {target.quarter}" if target.quarter else "all of its members"
    symbol = {"about": "≈", "at_most": "≤", "multiple_of": "×", "under_way": "under way"}.get(target.criterion, "≥")
    unit = "" if target.criterion == "multiple_of" else f" {target.unit}"
    return f"{symbol} {target.value:g}{unit}"


def list_without_odds(plan: Plan) -> pd.DataFrame:
    """Targets that have no odds, and why: columns target, name_en, name_zh, section, kind, reason."""
    import pandas as pd

    columns = ["id", "name_en", "name_zh", "section", "kind", "reason"]
    rows = [[getattr(target, name) for name in columns] for target in plan.targets if not target.has_odds]
    return pd.DataFrame(rows, columns=["target", *columns[1:]])


def summarize(attainments: Iterable[Attainment], frame: str) -> pd.DataFrame:
    """One table of several scenarios: `odds`, `joint`, `conditional` or `quantiles`."""
    import pandas as pd

    frames: list[pd.DataFrame] = [getattr(attainment, frame) for attainment in attainments]
    return pd.concat(frames, ignore_index=True)


def attain(paths: Paths, plan: Plan | None = None, executor: Executor | None = None) -> Attainment:
    """The odds of a plan's targets over simulated paths.

    Parameters
    ----------
    paths : Paths
    plan : Plan, optional
        The plan of the paths with other growth targets; None means the plan of the paths.
    executor : Executor, optional
        As for `do_pieces`; whole numbers are counted, so every executor gives the same bits.

    Returns
    -------
    Attainment

    Raises
    ------
    ValueError
        If the plan has other indicators, deliveries or milestones than the paths.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> model = sim.calibrate(plan)
    >>> draws = sim.draw(model, n_paths=10_000, seed=2024)
    >>> attainment = sim.attain(sim.simulate(model, sim.read_scenario("baseline", plan), draws), plan)
    >>> attainment.odds.columns.tolist()[-2:]
    ['probability', 'mc_se']
    """
    from dataclasses import replace

    model = paths.model
    if plan is not None and plan is not model.plan:
        if plan.indicators != model.plan.indicators:
            raise ValueError(f"plan {plan.name!r} has other indicators than the paths of {model.plan.name!r}")
        simulated = {*model.delivery_law.ids, *model.milestone_law.ids}
        others = [
            each.id for each in plan.judged if each.kind not in ("growth", "composite") and each.id not in simulated
        ]
        if others:
            raise ValueError(f"the paths of {model.plan.name!r} do not hold {', '.join(others)}")
        model = replace(model, plan=plan)
    starts = range(0, paths.n_paths, BLOCK)
    pieces = ((replace(paths.cut(slice(start, start + BLOCK)), model=model), start) for start in starts)
    tally = open_tally(model, paths.scenario)
    for part in do_pieces(count_paths, pieces, executor):
        tally.merge(part)
    return divide(tally, paths.seed)


def count_paths(paths: Paths, first_path: int) -> Tally:
    """Count some paths of a run: a piece of work that any executor can do."""
    tally = open_tally(paths.model, paths.scenario, first_path)
    tally.add(paths)
    return tally


def divide(tally: Tally, seed: int) -> Attainment:
    """The odds that counts amount to."""
    n_paths, levels = tally.n_paths, np.array(QUANTILE_LEVELS)
    quarters, series = tally.model.law.path.shape
    at_least = {group: np.cumsum(counts[::-1])[::-1] for group, counts in tally.number_met.items()}
    misses = np.diag(n_paths - tally.both)[:, None]
    hits = np.diag(tally.both)[None, :] - tally.both
    with np.errstate(invalid="ignore"):
        if_missed = hits / misses
    return Attainment(
        tally.model,
        tally.scenario,
        seed,
        n_paths,
        0,
        tally.met / n_paths,
        estimate_error(tally.met, n_paths),
        {group: counts / n_paths for group, counts in tally.number_met.items()},
        {group: estimate_error(counts, n_paths) for group, counts in at_least.items()},
        if_missed,
        np.where(misses > 0, estimate_error(hits, misses), np.nan),
        tally.growth.find_quantiles(levels).reshape(-1, series, len(levels)),
        tally.progress.find_quantiles(levels).reshape(quarters, -1, len(levels)),
    )
