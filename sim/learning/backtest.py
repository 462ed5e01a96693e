"""The back-test: every year is forecast from earlier years only, then scored beside the references."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np

from sim._typing import Floats
from sim.errors import InputError, blame, blame_kind, find_nearest
from sim.inputs.direction import COMPARATORS
from sim.inputs.history import History, January, read_history
from sim.inputs.identity import rename_indicator
from sim.inputs.outlook import Outlook
from sim.inputs.records import Records
from sim.learning.annual_law import AnnualFit, fit_annual, predict
from sim.learning.panel import find_prior
from sim.learning.record_backtest import RecordBacktest, backtest_records
from sim.learning.reference_forecasts import REFERENCES
from sim.learning.scores import average, find_covered, judge_outcome, score_brier, score_log

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "FORECAST_COLUMNS",
    "SCORE_COLUMNS",
    "Backtest",
    "backtest",
    "choose_indicator",
    "choose_years",
    "find_ordinary_years",
    "tabulate_scores",
]

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


FORECAST_COLUMNS = [
    *("region", "year", "indicator", "target", "criterion", "better", "outcome", "probability"),
    *(f"q{round(100 * level):02d}" for level in LEVELS),
    *("crps", "pit"),
]


MEASURES = ("brier", "log_score", "crps", "coverage_50", "coverage_80", "coverage_90")


SCORE_COLUMNS = ["forecaster", "sample", "n", *MEASURES, *(f"{measure}_se" for measure in MEASURES)]


ORDINARY_MISS = 1.0
"""National growth farther than this from its January forecast, in points, marks a shock (ordinary misses: 0.34)."""


_LEARNING_YEARS = 3


@dataclass(frozen=True)
class Backtest:
    """The record of the method on a history.

    Attributes
    ----------
    indicator : str
    forecasts : DataFrame
        Columns region, year, indicator, target, criterion, better, outcome, probability, q05 to q95, crps, pit. A
        range is judged by its lower bound; the probability is that of the printed figure reaching the target, from
        the side that `better` names.
    scores : DataFrame
        Columns forecaster, sample, n, brier, log_score, crps, coverage_50, coverage_80, coverage_90 and their
        standard errors clustered by year (`brier_se`, ...). Samples: `all`, `ordinary`, and each year.
    leads : DataFrame
        Columns reference, sample, n, lead, lead_se: Brier score of the reference minus the method's, on the same
        targets, with the standard error of that difference clustered by year.
    ordinary : tuple of int
        Years forecast that are neither a rare common shock nor the year after one.
    fits : dict of int to AnnualFit
        What each year was forecast from.
    has_outlook : bool
    """

    indicator: str
    forecasts: pd.DataFrame
    scores: pd.DataFrame
    leads: pd.DataFrame
    ordinary: tuple[int, ...]
    fits: Mapping[int, AnnualFit]
    has_outlook: bool

    def find_score(self, forecaster: str = "model", sample: str = "all") -> dict[str, float]:
        """Look up the measures of a forecaster on a sample.

        Parameters
        ----------
        forecaster, sample : str

        Returns
        -------
        dict of str to float
            `n`, the measures and their standard errors; empty if the forecaster has none on the sample.
        """
        rows = self.scores[(self.scores.forecaster == forecaster) & (self.scores["sample"] == sample)]
        return {} if rows.empty else {str(name): float(rows[name].iloc[0]) for name in SCORE_COLUMNS[2:]}

    def __repr__(self) -> str:
        score = self.find_score()
        result = f"n = {score['n']:.0f}, Brier {score['brier']:.3f}" if score else "nothing to score"
        years = f"{min(self.fits)}-{max(self.fits)}"
        return f"<Backtest of {self.indicator}, {years}: {len(self.forecasts)} forecasts, {result}>"


def keep_before(history: History, year: int) -> History:
    """Keep what the fit for a year may see.

    Parameters
    ----------
    history : History
    year : int

    Returns
    -------
    History
        The rows of years strictly before `year`.
    """
    return history.before(year)


def find_ordinary_years(history: History, outlook: Outlook, indicator: str) -> set[int]:
    """Find the years of a history that are neither a rare common shock nor the year after one.

    Parameters
    ----------
    history : History
    outlook : Outlook
    indicator : str

    Returns
    -------
    set of int

    Notes
    -----
    A shock is a year in which national growth came out more than `ORDINARY_MISS` points from its January forecast.
    Without an outlook: in which the median gap of all GDP targets (else of the indicator's, in its own unit) is more
    than two (four) points from zero.
    """

    def was_shock(year: int) -> bool:
        if year in outlook.forecast and year in outlook.national:
            return abs(outlook.national[year] - outlook.forecast[year]) > ORDINARY_MISS
        for name, limit in (("gdp", 2.0), (indicator, 4.0 * find_prior(indicator).unit)):
            rows = (history.year == year) & (history.indicator == name)
            gap = history.outcome[rows] - history.target[rows]
            gap = gap[np.isfinite(gap)]
            if len(gap):
                return bool(abs(np.median(gap)) > limit)
        return False

    years = {int(year) for year in np.unique(history.year)}
    return {year for year in years if not was_shock(year) and not was_shock(year - 1)}


def choose_indicator(history: History, indicator: str | None = None) -> str:
    """Choose the indicator to forecast: the one asked for; else GDP if there are targets of it; else the commonest.

    Parameters
    ----------
    history : History
    indicator : str, optional

    Returns
    -------
    str

    Raises
    ------
    InputError
        If the history has no target of it.
    """
    names, counts = np.unique(history.indicator[np.isfinite(history.target)].astype(str), return_counts=True)
    if not len(names):
        raise InputError([blame("history", "no row has a target", "fill the column target")])
    if indicator is None:
        return "gdp" if "gdp" in names else str(names[counts.argmax()])
    wanted, known = rename_indicator(indicator), [str(name) for name in names]
    if wanted not in known:
        allowed = "allowed: " + ", ".join(known)
        problem = f"no target of '{indicator}' in the history"
        raise InputError([blame("indicator", problem, allowed, find_nearest(indicator, known))])
    return wanted


def choose_years(
    history: History, indicator: str, first: int | None = None, last: int | None = None
) -> tuple[int, ...]:
    """Choose the years to forecast: those with targets; by default from the fourth year of the table on.

    Parameters
    ----------
    history : History
    indicator : str
    first, last : int, optional
        Both included.

    Returns
    -------
    tuple of int

    Raises
    ------
    InputError
        If there is none between `first` and `last`.
    """
    own = (history.indicator == indicator) & np.isfinite(history.target)
    years = [int(year) for year in np.unique(history.year[own])]
    every = [int(year) for year in np.unique(history.year)]
    start = min(every[min(_LEARNING_YEARS, len(every) - 1)], years[-1]) if first is None else first
    end = years[-1] if last is None else last
    chosen = tuple(year for year in years if start <= year <= end)
    if not chosen:
        problem = f"no target of '{indicator}' in {start}-{end}"
        raise InputError([blame("first, last", problem, f"the history has {years[0]}-{years[-1]}")])
    return chosen


@overload
def backtest(history: Records, *, first: int | None = None, last: int | None = None) -> RecordBacktest: ...


@overload
def backtest(
    history: History | str | Path,
    outlook: Outlook | None = None,
    indicator: str | None = None,
    first: int | None = None,
    last: int | None = None,
    known: Callable[[History, int], History] = keep_before,
) -> Backtest: ...


def backtest(
    history: History | Records | str | Path,
    outlook: Outlook | None = None,
    indicator: str | None = None,
    first: int | None = None,
    last: int | None = None,
    known: Callable[[History, int], History] = keep_before,
) -> Backtest | RecordBacktest:
    """Forecast each year from what its January knew, and score model and references.

    Parameters
    ----------
    history : History, Records, str or Path
        Growth, or the file of it; or promises of other kinds and what became of them, which take `first` and `last`
        alone.
    outlook : Outlook, optional
        None means none: wider, and worse.
    indicator : str, optional
        None means GDP, or the commonest.
    first, last : int, optional
        Years to forecast, both included; None means from the fourth year of the history to its last.
    known : callable
        What a fit may see of the history; anything but earlier years is caught.

    Returns
    -------
    Backtest or RecordBacktest

    Raises
    ------
    InputError
        If there is nothing to forecast.
    LeakError
        If `known` lets through what January could not know.

    Notes
    -----
    Every fit starts from the shipped priors, never from what the panel taught; what these priors know of later years
    (the size of the shock of 2020; the method was built on 2014-2018) stands in their sources. What January knows of
    the year is a type without a field for outcomes; they are looked up for scoring only. That the outlook is the mean
    of all January forecasts is the convention of the plans; its score on 2014-2021 had been seen when it was taken.

    Examples
    --------
    >>> import sim
    >>> folder = sim.read_plan("qingdao-2024").folder
    >>> history, outlook = sim.read_history(folder / "history.csv"), sim.read_outlook(folder / "outlook.csv")
    >>> sim.backtest(history, outlook, first=2022).forecasts.probability.round(2).tolist()
    [0.29, 0.45]
    """
    import pandas as pd

    if isinstance(history, str | Path):
        history = read_history(history)
    if not isinstance(history, History | Records):
        raise InputError([blame_kind("history", history, "a history", "write its file, a History or Records")])
    if isinstance(history, Records):
        if outlook is not None or indicator is not None:
            raise InputError([blame("outlook, indicator", "records of promises have neither", "leave them out")])
        return backtest_records(history, first, last)
    outlook = outlook or Outlook()
    indicator = choose_indicator(history, indicator)
    said, fits = [], {}
    for year in choose_years(history, indicator, first, last):
        now, past = history.open_january(year), known(history, year)
        fits[year] = fit_annual(past, outlook, indicator, year)
        outcome = _find_outcomes(history, now, indicator)
        said.append(_forecast(fits[year], past, now, outlook, outcome))
        said.extend(_ask_references(past, now, outlook, indicator, outcome))
    rows = pd.concat(said, ignore_index=True)
    ordinary = find_ordinary_years(history, outlook, indicator) & set(fits)
    forecasts = rows[rows.forecaster == "model"][FORECAST_COLUMNS].reset_index(drop=True)
    told = bool(outlook.forecast)
    tables = tabulate_scores(rows, ordinary), _compare(rows, ordinary)
    return Backtest(indicator, forecasts, *tables, tuple(sorted(ordinary)), fits, told)


def _compare(rows: pd.DataFrame, ordinary: set[int]) -> pd.DataFrame:
    """Measure the lead over each reference, in all years and in ordinary ones."""
    import pandas as pd

    rows = rows[rows.outcome.notna()]
    met = judge_outcome(rows.outcome.to_numpy(), rows.target.to_numpy(), (rows.better == "lower").to_numpy())
    rows = rows.assign(brier=score_brier(rows.probability.to_numpy(), met))
    wide = rows.pivot(index=["year", "region"], columns="forecaster", values="brier")
    years = wide.index.get_level_values("year").to_numpy()
    found = []
    for sample, keep in (("all", years > 0), ("ordinary", np.isin(years, list(ordinary)))):
        for reference in REFERENCES:
            if keep.any():
                lead = (wide[reference] - wide["model"]).to_numpy()[keep]
                found.append((reference, sample, int(keep.sum()), *average(lead, years[keep])))
    return pd.DataFrame(found, columns=["reference", "sample", "n", "lead", "lead_se"])


def _find_outcomes(history: History, now: January, indicator: str) -> Floats:
    """Look up the outcomes of the targets of `now`, for scoring only."""
    rows = (history.year == now.year) & (history.indicator == indicator)
    pairs = zip(history.region[rows], history.outcome[rows], strict=True)
    found = {str(region): float(outcome) for region, outcome in pairs}
    return np.array([found[str(region)] for region in now.region[now.indicator == indicator]], dtype=np.float64)


def _list_targets(now: January, indicator: str, outcome: Floats) -> pd.DataFrame:
    import pandas as pd

    mine = now.indicator == indicator
    return pd.DataFrame(
        {
            "region": now.region[mine],
            "year": now.year,
            "indicator": indicator,
            "target": now.target[mine],
            "criterion": [COMPARATORS[sign] for sign in now.comparator[mine]],
            "better": np.where(now.down[mine], "lower", "higher"),
            "outcome": outcome,
        }
    )


def _forecast(fitted: AnnualFit, past: History, now: January, outlook: Outlook, outcome: Floats) -> pd.DataFrame:
    """Forecast one year by the model; the outcomes serve crps and pit alone."""
    law = predict(fitted, past, now, outlook)
    rows = _list_targets(now, fitted.indicator, outcome)
    rows["probability"] = law.attain(rows.target.to_numpy(), (rows.better == "lower").to_numpy())
    for level in LEVELS:
        rows[f"q{round(100 * level):02d}"] = law.ppf(level)
    rows["crps"], rows["pit"], rows["forecaster"] = law.crps(outcome), law.cdf(outcome), "model"
    return rows


def _ask_references(
    past: History, now: January, outlook: Outlook, indicator: str, outcome: Floats
) -> list[pd.DataFrame]:
    found = []
    for name, ask in REFERENCES.items():
        said = ask(past, now, outlook, indicator)
        rows = _list_targets(now, indicator, outcome)
        unknown = np.full(len(outcome), np.nan)
        rows["probability"], rows["forecaster"] = said.probability, name
        rows["crps"] = unknown if said.law is None else said.law.crps(outcome)
        rows["pit"] = unknown if said.law is None else said.law.cdf(outcome)
        found.append(rows)
    return found


def tabulate_scores(rows: pd.DataFrame, ordinary: set[int]) -> pd.DataFrame:
    """Scores of forecasts by forecaster and sample.

    Parameters
    ----------
    rows : DataFrame
        Columns forecaster, year, target, better, outcome, probability, crps, pit; rows without an outcome are
        not scored.
    ordinary : set of int

    Returns
    -------
    DataFrame
        Columns `SCORE_COLUMNS`.
    """
    import pandas as pd

    rows = rows[rows.outcome.notna()]
    years = sorted(set(rows.year))
    samples = [("all", set(years)), ("ordinary", ordinary), *((str(year), {year}) for year in years)]
    found: list[list[object]] = []
    for forecaster in rows.forecaster.unique():
        for sample, members in samples:
            part = rows[(rows.forecaster == forecaster) & rows.year.isin(members)]
            if part.empty:
                continue
            names = ("year", "outcome", "target", "probability", "crps", "pit")
            year, outcome, target, probability, crps, pit = (part[name].to_numpy() for name in names)
            met = judge_outcome(outcome, target, (part.better == "lower").to_numpy())
            values = [score_brier(probability, met), score_log(probability, met), crps]
            values += [find_covered(pit, level) for level in (0.5, 0.8, 0.9)]
            pairs = [average(each, year) for each in values]
            found.append([forecaster, sample, len(part), *(mean for mean, _ in pairs), *(se for _, se in pairs)])
    return pd.DataFrame(found, columns=SCORE_COLUMNS)
