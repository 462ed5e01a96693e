"""Attainment: were the targets met, how surely, and with what error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.draws import BLOCK
from sim.paths import Paths
from sim.plan import Plan
from sim.quarters import name_cumulative, name_quarters
from sim.tally import READINGS, Tally, name_readings, open_tally

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["QUANTILE_LEVELS", "Attainment", "attain", "estimate_error", "summarize"]

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
    tally : Tally
        The counts that everything here is made of.
    seed : int
        Of the draws.
    """

    tally: Tally
    seed: int

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.tally.model.plan

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return self.tally.scenario.name

    @property
    def n_paths(self) -> int:
        """Number of paths counted."""
        return self.tally.n_paths

    @cached_property
    def odds(self) -> pd.DataFrame:
        """Probability of each target in each reading, and by quarter.

        Returns
        -------
        DataFrame
            Columns scenario, target, name_en, name_zh, criterion, reading, value, unit, probability, mc_se.
            Readings: `stated`, `printed` (after rounding to one decimal), `tolerance` (at most the tolerance on
            the wrong side), and by quarter (`Q1`, `H1`, ...) the cumulative figure as stated.
        """
        import pandas as pd

        error = estimate_error(self.tally.met, self.n_paths)
        rows = [
            (
                self.scenario,
                target.id,
                target.name_en,
                target.name_zh,
                target.criterion,
                reading,
                target.value,
                target.unit,
                self.tally.met[place, number] / self.n_paths,
                error[place, number],
            )
            for number, target in enumerate(self.plan.targets)
            for place, reading in enumerate(name_readings(self.plan))
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
        for group, counts in self.tally.number_met.items():
            at_least = np.cumsum(counts[::-1])[::-1]
            error = estimate_error(at_least, self.n_paths)
            rows += [(self.scenario, group, k, at_least[k] / self.n_paths, error[k]) for k in range(1, len(counts))]
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

        both, rows = self.tally.both, []
        headline = [number for number, target in enumerate(self.plan.targets) if target.headline == "yes"]
        for missed in headline:
            misses = self.n_paths - both[missed, missed]
            for met in headline:
                if met == missed:
                    continue
                hits = both[met, met] - both[missed, met]
                names = self.plan.targets[missed].id, self.plan.targets[met].id
                share = hits / misses if misses else float("nan")
                error = float(estimate_error(hits, misses)) if misses else float("nan")
                rows.append((self.scenario, *names, share, error))
        return pd.DataFrame(rows, columns=["scenario", "missed", "met", "probability", "mc_se"])

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """Quantiles of growth of single quarters and from the year's start.

        Returns
        -------
        DataFrame
            Columns scenario, series, period, unit, q05, q10, q25, q50, q75, q90, q95. Periods: single quarters
            `Q1`, `Q2`, ...; cumulative ones `H1`, `Q1-Q3`, ...; the year, `FY`.
        """
        import pandas as pd

        count = len(self.plan.quarter_names)
        periods = [*name_quarters(count), *(name_cumulative(quarter, count) for quarter in range(1, count))]
        found = self.tally.histogram.find_quantiles(np.array(QUANTILE_LEVELS))
        found = found.reshape(len(periods), len(self.plan.indicators), -1)
        rows = [
            (self.scenario, indicator.id, period, indicator.unit, *found[row, number])
            for number, indicator in enumerate(self.plan.indicators)
            for row, period in enumerate(periods)
        ]
        levels = [f"q{round(100 * level):02d}" for level in QUANTILE_LEVELS]
        return pd.DataFrame(rows, columns=["scenario", "series", "period", "unit", *levels])

    @property
    def table(self) -> pd.DataFrame:
        """What a reader wants first: one row a target, its probability in each reading in per cent."""
        import pandas as pd

        met = self.tally.met[: len(READINGS)] / self.n_paths * 100
        error = estimate_error(self.tally.met[0], self.n_paths) * 100
        symbols = {"at_least": "≥", "at_most": "≤", "about": "≈"}
        return pd.DataFrame(
            {
                "target": [target.name_en for target in self.plan.targets],
                "目标": [target.name_zh for target in self.plan.targets],
                "aim": [f"{symbols[each.criterion]} {each.value:g} {each.unit}" for each in self.plan.targets],
                "stated, %": met[0].round(1),
                "± s.e.": error.round(2),
                "printed, %": met[1].round(1),
                "within tolerance, %": met[2].round(1),
            }
        )

    @property
    def caption(self) -> str:
        """One line: the plan, the scenario, paths and seed."""
        return f"{self.plan.place_en} {self.plan.year}, {self.scenario}: {self.n_paths:,} paths, seed {self.seed}"

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.table.to_string(index=False)}"

    def _repr_html_(self) -> str:
        from html import escape

        styled = self.table.to_html(index=False, escape=True, border=0)
        return f"<p>{escape(self.caption)}</p>{styled}"


def summarize(attainments: Iterable[Attainment], frame: str) -> pd.DataFrame:
    """One table of several scenarios: `odds`, `joint`, `conditional` or `quantiles`."""
    import pandas as pd

    frames: list[pd.DataFrame] = [getattr(attainment, frame) for attainment in attainments]
    return pd.concat(frames, ignore_index=True)


def attain(paths: Paths, plan: Plan | None = None) -> Attainment:
    """The odds of a plan's targets over simulated paths.

    Parameters
    ----------
    paths : Paths
    plan : Plan, optional
        A plan with the same indicators and other targets; None means the plan of the paths.

    Returns
    -------
    Attainment

    Raises
    ------
    ValueError
        If the plan has other indicators than the paths.

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
        model = replace(model, plan=plan)
    tally = open_tally(model, paths.scenario)
    for start in range(0, paths.n_paths, BLOCK):
        tally.add(replace(paths, growth=paths.growth[..., start : start + BLOCK]))
    return Attainment(tally, paths.seed)
