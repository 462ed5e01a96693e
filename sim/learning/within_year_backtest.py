"""The back-test within the year: odds after one, two and three quarters, scored beside those of the year's start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim._typing import Floats
from sim.inputs.bundled import DEFAULT_PLAN, find_seed
from sim.inputs.history import History
from sim.inputs.outlook import Outlook
from sim.inputs.plan.reading import read_plan
from sim.inputs.quarters import PRINTED_STEP
from sim.inputs.quarters_history import PART_YEARS, PartYear
from sim.inputs.within_year import CourseFigure, read_within_year_prior
from sim.learning.annual_law import predict
from sim.learning.backtest import Backtest
from sim.learning.given_figure import GivenFigure, condition_on_figure, relate_course
from sim.learning.predictive import Predictive
from sim.learning.scores import average, find_covered, judge_outcome, score_brier, score_log
from sim.learning.within_year import compute_course_covariance, fit_within_year

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WithinYearRecord", "find_shares", "read_within_year_scores", "score_within_year", "tabulate_within_year"]

FORECAST_COLUMNS = [
    *("region", "year", "indicator", "period", "figure", "target", "better", "outcome"),
    *("probability", "pit", "start_probability", "start_pit"),
]


SCORE_COLUMNS = [
    *("period", "sample", "n", "years", "brier", "start_brier", "lead", "lead_se"),
    *("log_score", "start_log_score", "coverage_80", "coverage_80_se", "start_coverage_80"),
]


_QUANTILE_90 = 1.2815515655446004


@dataclass(frozen=True, kw_only=True, eq=False)
class WithinYearRecord:
    """How odds did that knew the first one, two or three quarters of their year.

    Attributes
    ----------
    forecasts : DataFrame
        Columns `FORECAST_COLUMNS`, a row for each target and part of its year whose growth is known; `start_...` is
        what was said of the same target before the year.
    scores : DataFrame
        Columns `SCORE_COLUMNS`, a row for each part and sample (`all`, `ordinary`). `lead` is the Brier score at the
        year's start minus that with the figure, on the same targets; standard errors are clustered by year.
    """

    forecasts: pd.DataFrame
    scores: pd.DataFrame

    def __repr__(self) -> str:
        told = [f"{row.period} n = {row.n}" for row in self.scores.itertuples() if row.sample == "all"]
        return f"<WithinYearRecord: {', '.join(told) or 'nothing to score'}>"


def score_within_year(
    result: Backtest, history: History, quarters: Sequence[PartYear], outlook: Outlook | None = None
) -> WithinYearRecord:
    """Score odds given growth after one, two or three quarters of each forecast year.

    Parameters
    ----------
    result : Backtest
        Of the same history and outlook.
    history : History
    quarters : sequence of PartYear
        Of the years forecast, and of earlier ones, from which the course of a year is learned.
    outlook : Outlook, optional

    Returns
    -------
    WithinYearRecord

    Notes
    -----
    Persistence, news and what is a quarter's own are fitted for each year on figures of earlier years. Without them
    they are as `within_year.yaml` has them, which has seen national quarters of 2011-2019; what other places' years
    left after the first half is not used, as it comes from later years too. Where the year began from and base effects
    are not known of past years, so that the law is wider than that of a plan that knows them.

    Examples
    --------
    >>> import sim
    >>> from sim.inputs.quarters_history import read_part_years
    >>> folder = sim.read_plan("qingdao-2024").folder
    >>> history, outlook = sim.read_history(folder / "history.csv"), sim.read_outlook(folder / "outlook.csv")
    >>> result = sim.backtest(history, outlook, first=2022)
    >>> sim.score_within_year(result, history, read_part_years(folder / "quarters_history.csv"), outlook)
    <WithinYearRecord: Q1 n = 1, H1 n = 2, Q1-Q3 n = 1>
    """
    import pandas as pd

    indicator = result.indicator
    known = {(row.region, row.year, row.period): row.figure for row in quarters if row.indicator == indicator}
    shares = find_shares(indicator)
    rows: list[list[object]] = []
    for year, fitted in result.fits.items():
        now, past = history.open_january(year), history.before(year)
        part = result.forecasts[result.forecasts.year == year].to_dict("records")
        figures = {key: figure for key, figure in known.items() if key[1] == year}
        if not figures:
            continue
        law = predict(fitted, past, now, outlook or Outlook())
        calm = replace(law, shock_probability=0.0, location=np.zeros(len(part)))
        spreads = calm.ppf(0.9) / _QUANTILE_90
        covariance = _fit_course(past, quarters, indicator, shares, float(np.median(spreads)))
        for place, row in enumerate(part):
            for quarter, period in enumerate(PART_YEARS):
                figure = figures.get((row["region"], year, period))
                if figure is not None and np.isfinite(row["outcome"]):
                    course = relate_course(covariance, float(spreads[place]), shares, quarter)
                    cell = figure - PRINTED_STEP / 2, figure + PRINTED_STEP / 2
                    given = condition_on_figure(_pick(law, place), course, *cell)
                    told = [row["region"], year, indicator, period, figure, row["target"], row["better"]]
                    odds = _attain(given, float(row["target"]), row["better"] == "lower")
                    told += [row["outcome"], odds, float(given.cdf(row["outcome"]))]
                    rows.append([*told, row["probability"], row["pit"]])
    forecasts = pd.DataFrame(rows, columns=FORECAST_COLUMNS)
    return WithinYearRecord(forecasts=forecasts, scores=tabulate_within_year(forecasts, result.ordinary))


def find_shares(indicator: str) -> Floats:
    """Find each quarter's share of a year's level: those of the shipped plan, or even ones.

    Parameters
    ----------
    indicator : str

    Returns
    -------
    array, shape (quarter,)

    Examples
    --------
    >>> find_shares("umbrellas").tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    rows = read_plan(DEFAULT_PLAN).quarters.get(indicator)
    shares = np.array([row.share for row in rows]) if rows else np.full(4, 1.0)
    return np.asarray(shares / shares.sum())


def _fit_course(past: History, quarters: Sequence[PartYear], indicator: str, shares: Floats, spread: float) -> Floats:
    """Fit how a year runs on figures of earlier years; the covariance of its cumulative figures."""
    before = max(past.year) if len(past) else 0
    known = [row for row in quarters if row.indicator == indicator and row.year <= before]
    figures = [_make_figure(row.region, row.year, row.period, row.figure, indicator) for row in known]
    parts = {(row.region, row.year) for row in figures}
    for region, year, name, outcome in zip(past.region, past.year, past.indicator, past.outcome, strict=True):
        if name == indicator and (region, year) in parts and np.isfinite(outcome):
            figures.append(_make_figure(str(region), int(year), "FY", float(outcome), indicator))
    prior = read_within_year_prior()
    if indicator not in prior.persistence:
        persistence = prior.persistence | {indicator: prior.persistence["retail_sales"]}
        prior = prior.model_copy(update={"persistence": persistence})
    prior = prior.model_copy(update={"spread_left": {}})
    found = fit_within_year(figures, {indicator: shares}, {indicator: spread}, prior)[indicator]
    return compute_course_covariance(shares, found.persistence[0], found.innovation_sd[0], found.quarter_sd[0])


def _make_figure(region: str, year: int, period: str, growth: float, indicator: str) -> CourseFigure:
    return CourseFigure.model_validate(
        {
            **{"region": region, "year": year, "indicator": indicator, "period": period, "growth": growth},
            **{"unit": "%", "source": "history"},
        }
    )


def _pick(law: Predictive, place: int) -> Predictive:
    """Pick one of the laws."""
    names = ("location", "scale", "common_sd", "shock_sd")
    return replace(law, **{name: getattr(law, name)[place : place + 1] for name in names})


def _attain(given: GivenFigure, target: float, is_cap: bool) -> float:
    """Find the probability that the printed figure reaches its target."""
    if is_cap:
        return float(given.cdf(target + PRINTED_STEP / 2))
    return float(1 - given.cdf(target - PRINTED_STEP / 2))


def tabulate_within_year(forecasts: pd.DataFrame, ordinary: Sequence[int]) -> pd.DataFrame:
    """Tabulate the scores of odds given figures beside those of the year's start, on the same targets.

    Parameters
    ----------
    forecasts : DataFrame
        Columns `FORECAST_COLUMNS`.
    ordinary : sequence of int
        Years without a rare shock, and not after one.

    Returns
    -------
    DataFrame
        Columns `SCORE_COLUMNS`.
    """
    import pandas as pd

    found: list[list[object]] = []
    for period in PART_YEARS:
        for sample in ("all", "ordinary"):
            keep = (forecasts.period == period) & (forecasts.year.isin(list(ordinary)) | (sample == "all"))
            part = forecasts[keep]
            if part.empty:
                continue
            columns = ("outcome", "target", "probability", "pit", "start_probability", "start_pit")
            outcome, target, given, pit, start, start_pit = (part[name].to_numpy(dtype=float) for name in columns)
            year, met = part.year.to_numpy(), judge_outcome(outcome, target, (part.better == "lower").to_numpy())
            lead = average(score_brier(start, met) - score_brier(given, met), year)
            covered = average(find_covered(pit, 0.8), year)
            found.append(
                [
                    *(period, sample, len(part), len(set(year))),
                    *(float(score_brier(odds, met).mean()) for odds in (given, start)),
                    *lead,
                    *(float(score_log(odds, met).mean()) for odds in (given, start)),
                    *covered,
                    float(find_covered(start_pit, 0.8).mean()),
                ]
            )
    return pd.DataFrame(found, columns=SCORE_COLUMNS)


def read_within_year_scores() -> pd.DataFrame:
    """Read the shipped record of odds within the year.

    Returns
    -------
    DataFrame
        Columns `of` (whose targets) and indicator, then `SCORE_COLUMNS`.

    Examples
    --------
    >>> sorted(set(read_within_year_scores().period))
    ['H1', 'Q1', 'Q1-Q3']
    """
    import pandas as pd

    return pd.read_csv(find_seed("within_year_scores.csv"))
