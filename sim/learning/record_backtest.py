"""The back-test of promises: forecast each year from earlier years' records only, then score beside references."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.errors import InputError, blame
from sim.inputs.bundled import find_seed
from sim.inputs.history import LeakError
from sim.inputs.records import Records
from sim.learning.class_rates import ClassRates, learn_rates
from sim.learning.programme_shares import ShareLaw
from sim.learning.scores import average, score_brier, score_log

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "FEW",
    "FORECAST_COLUMNS",
    "REFERENCES",
    "SCORE_COLUMNS",
    "RecordBacktest",
    "backtest_records",
    "read_record_scores",
    "tabulate_records",
]

FEW = 10
"""Fewer scored promises than this say nothing."""

FORECAST_COLUMNS = ["region", "year", "table", "class", "item", "n", "reached", "known", "probability"]
SCORE_COLUMNS = ["forecaster", "sample", "n", "brier", "log_score", "brier_se", "log_score_se"]

SELF_REPORTED = ("counts", "lists")
"""Tables whose outcome is what the promiser's own next report says."""


def _say_base_rate(past: Records, class_id: str) -> float:
    """Find the share of its class kept so far, kept off 0 and 1; one half before any."""
    mine = past.counted & (past.class_id == class_id)
    return float((past.reached[mine].sum() + 0.5) / (past.count[mine].sum() + 1.0))


REFERENCES: Mapping[str, Callable[[Records, str], float]] = {
    "always": lambda _past, _class: 1.0,
    "base_rate": _say_base_rate,
    "coin": lambda _past, _class: 0.5,
}
"""What any method must beat: that every promise is kept, that its class goes on as before, and a coin."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RecordBacktest:
    """How the class rates have done on years they had not seen.

    Attributes
    ----------
    forecasts : DataFrame
        Columns `FORECAST_COLUMNS`, one row a promise or list; `known`: promises of its class in earlier years.
    scores : DataFrame
        Columns `SCORE_COLUMNS`; standard errors clustered by year. Samples: `all`; `recorded`, whose class had a
        record, also by table; each table, class and year. The log score of "always" is infinite after a miss.
    leads : DataFrame
        Columns reference, sample, n, lead, lead_se: Brier score of the reference minus the method's.
    rates : ClassRates
        Learned from all records.
    years : tuple of int
        Years forecast.
    """

    forecasts: pd.DataFrame
    scores: pd.DataFrame
    leads: pd.DataFrame
    rates: ClassRates
    years: tuple[int, ...]

    def find_score(self, forecaster: str = "model", sample: str = "all") -> dict[str, float]:
        """Find the measures of a forecaster on a sample; empty if it has none.

        Parameters
        ----------
        forecaster, sample : str

        Returns
        -------
        dict of str to float
        """
        rows = self.scores[(self.scores.forecaster == forecaster) & (self.scores["sample"] == sample)]
        return {} if rows.empty else {name: float(rows[name].iloc[0]) for name in SCORE_COLUMNS[2:]}

    def __repr__(self) -> str:
        score = self.find_score()
        result = f"n = {score['n']:.0f}, Brier {score['brier']:.3f}" if score else "nothing to score"
        return f"<RecordBacktest, {self.years[0]}-{self.years[-1]}: {result}>"


def keep_before(records: Records, year: int) -> Records:
    """Keep what the January of a year may know: what was due in earlier years.

    Parameters
    ----------
    records : Records
    year : int

    Returns
    -------
    Records
    """
    return records.before(year)


def backtest_records(
    records: Records,
    first: int | None = None,
    last: int | None = None,
    known: Callable[[Records, int], Records] = keep_before,
) -> RecordBacktest:
    """Forecast each year's promises from the records of earlier years, and score the method and its references.

    Parameters
    ----------
    records : Records
        Rows without a year are not used; only rows that were judged in the end are scored.
    first, last : int, optional
        Years to forecast, both included; None means from the second year of the records to the last.
    known : callable
        What a forecast may see; anything but earlier years is caught.

    Returns
    -------
    RecordBacktest

    Raises
    ------
    InputError
        If there is nothing to forecast.
    LeakError
        If `known` lets through what January could not know.

    Notes
    -----
    A promise is forecast as a target of a plan is: its own series over its class, less the chance that a report of
    one's own does not tell it. The classes themselves, their families and the stated weights were drawn up with the
    records at hand; they are few and coarse, but they are not blind.

    Examples
    --------
    >>> from sim.inputs.records import read_records
    >>> result = backtest_records(read_records(find_seed("records") / "titles.csv"))
    >>> result.forecasts[["year", "n", "reached", "known"]].to_numpy().tolist()
    [[2017, 166, 89, 17], [2019, 96, 71, 183]]
    """
    import pandas as pd

    years = _choose_years(records, first, last)
    said: list[list[object]] = []
    for year in years:
        past = known(records, year)
        if len(past) and (past.year >= year).any():
            raise LeakError(f"the forecast of {year} has seen records that are not before {year}")
        said.extend(_forecast(records.where((records.year == year) & (records.state == "final")), past))
    rows = pd.DataFrame(said, columns=[*FORECAST_COLUMNS, *REFERENCES])
    return RecordBacktest(
        forecasts=rows[FORECAST_COLUMNS],
        scores=_tabulate_scores(rows),
        leads=_compare(rows),
        rates=learn_rates(records),
        years=years,
    )


def _choose_years(records: Records, first: int | None, last: int | None) -> tuple[int, ...]:
    years = [int(year) for year in np.unique(records.year[(records.state == "final") & (records.year > 0)])]
    if not years:
        raise InputError([blame("history", "no promise was judged in a known year", "fill the outcomes and years")])
    start = years[min(1, len(years) - 1)] if first is None else first
    chosen = tuple(year for year in years if start <= year <= (years[-1] if last is None else last))
    if not chosen:
        problem = f"no promise was judged in {start}-{last or years[-1]}"
        raise InputError([blame("first, last", problem, f"the records have {years[0]}-{years[-1]}")])
    return chosen


def _forecast(now: Records, past: Records) -> list[list[object]]:
    """Forecast the promises of one year: a row each of forecast and references."""
    rates = learn_rates(past)
    counted = past.where(past.counted)
    found: list[list[object]] = []
    for row in range(len(now)):
        region, item, name = str(now.region[row]), str(now.item[row]), str(now.class_id[row])
        rate = rates.find_target(name, region, [item])
        probability = rate.reduce() if now.table[row] in SELF_REPORTED else rate.mean
        before = int(counted.count[counted.class_id == name].sum())
        told = [region, int(now.year[row]), str(now.table[row]), name, item]
        told += [int(now.count[row]), int(now.reached[row]), before, probability]
        found.append([*told, *(say(past, name) for say in REFERENCES.values())])
    return found


def _spread(rows: pd.DataFrame, forecaster: str) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Forecast, outcome and year of every single promise of the rows."""
    count, reached = rows["n"].to_numpy(), rows["reached"].to_numpy()
    met = np.concatenate([np.repeat([1.0, 0.0], [k, n - k]) for n, k in zip(count, reached, strict=True)])
    column = "probability" if forecaster == "model" else forecaster
    return np.repeat(rows[column].to_numpy(dtype=np.float64), count), met, np.repeat(rows["year"].to_numpy(), count)


def _list_samples(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    recorded = rows[rows["known"] > 0]
    samples = {"all": rows, "recorded": recorded}
    samples.update({f"recorded {table}": part for table, part in recorded.groupby("table", sort=True)})
    for column in ("table", "class", "year"):
        samples.update({str(value): part for value, part in rows.groupby(column, sort=True)})
    return samples


def _tabulate_scores(rows: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    found: list[list[object]] = []
    for forecaster in ("model", *REFERENCES):
        for sample, part in _list_samples(rows).items():
            if part.empty:
                continue
            probability, met, year = _spread(part, forecaster)
            pairs = [average(score(probability, met), year) for score in (score_brier, score_log)]
            found.append([forecaster, sample, len(met), *(pair[0] for pair in pairs), *(pair[1] for pair in pairs)])
    return pd.DataFrame(found, columns=SCORE_COLUMNS)


def _compare(rows: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    found: list[list[object]] = []
    for sample, part in _list_samples(rows).items():
        if sample not in ("all", "recorded") or part.empty:
            continue
        probability, met, year = _spread(part, "model")
        own = score_brier(probability, met)
        for reference in REFERENCES:
            lead, error = average(score_brier(_spread(part, reference)[0], met) - own, year)
            found.append([reference, sample, len(met), lead, error])
    return pd.DataFrame(found, columns=["reference", "sample", "n", "lead", "lead_se"])


def tabulate_records(result: RecordBacktest, shares: ShareLaw | None = None) -> pd.DataFrame:
    """Tabulate the record of every class of promises.

    Parameters
    ----------
    result : RecordBacktest
    shares : ShareLaw, optional
        Of programmes: the mean is that of the share under way, the record so many figures.

    Returns
    -------
    DataFrame
        Columns kind, class, n, reached, mean, q10, q90, weight, from_data, shock_share (as `ClassRates.to_frame`),
        scored, brier, brier_se, log_score, log_score_se, rounded to four digits, and verdict, in words.
    """
    import pandas as pd

    known = result.rates.to_frame().drop(columns="sd")
    rows = []
    for row in known.to_dict("records"):
        score = result.find_score(sample=row["class"])
        scored = int(score.get("n", 0))
        measures = [score.get(name, np.nan) for name in ("brier", "brier_se", "log_score", "log_score_se")]
        rows.append([*row.values(), scored, *measures, _judge(scored, score.get("brier", np.nan))])
    if shares is not None:
        unknown = [np.nan] * 5
        rows.append(["programme", "programme", shares.n, np.nan, shares.mean, *unknown, 0, *unknown[:4], _judge(0, 0)])
    measured = ["scored", "brier", "brier_se", "log_score", "log_score_se", "verdict"]
    table = pd.DataFrame(rows, columns=[*known.columns, *measured])
    return table.round(4).astype({"n": "Int64", "reached": "Int64"})


def _judge(scored: int, brier: float) -> str:
    if not scored:
        return "never scored"
    few = "hardly scored: " if scored < FEW else ""
    return f"{few}Brier {brier:.3f} on {scored} promise{'s' * (scored > 1)}"


def read_record_scores() -> pd.DataFrame:
    """Read the shipped record of every class of promises: columns as of `tabulate_records`.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> scores = read_record_scores().set_index("class")
    >>> scores.verdict["paper_in_own_hands"], int(scores.n["jobs"])
    ('never scored', 54)
    """
    import pandas as pd

    return pd.read_csv(find_seed("record_scores.csv"))
