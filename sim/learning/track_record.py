"""Trust: how the method has done on years it had not seen, per indicator, and the files of a back-test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import InputError
from sim.inputs.bundled import find_seed
from sim.inputs.calibration import Calibration
from sim.inputs.files.documents import read_rows
from sim.inputs.files.validation import Checked, Name, Text, check_record
from sim.inputs.identity import rename_indicator
from sim.learning.backtest import Backtest
from sim.learning.scores import bin_reliability, judge_outcome

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "FEW",
    "Record",
    "TrackRecord",
    "Verdict",
    "list_verdicts",
    "measure_reliability",
    "read_panel_reliability",
    "read_panel_scores",
    "read_record",
    "read_track_record",
    "tabulate_record",
]

FEW = 10
"""Fewer scored forecasts than this say nothing."""


class Record(Checked):
    """How the method has done on one indicator: one row of `track_record.csv`.

    Attributes
    ----------
    indicator : str
    n : int
        Forecasts scored.
    brier, coverage_80 : float
        Mean squared error of the probabilities (a coin has 0.25); share of outcomes within the 80 % intervals.
    years : str
    source : str
    """

    indicator: Name
    n: int
    brier: float
    coverage_80: float
    years: Text
    source: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What may be said of an indicator's odds.

    Attributes
    ----------
    indicator : str
    record : Record or None
        None where the method was never scored, or where somebody else's number stands in place of the fitted one.
    reason : str
        Why the method's record is not theirs, such as `given by hand, fitted 5.14`; else empty.
    """

    indicator: str
    record: Record | None
    reason: str = ""

    @property
    def words(self) -> str:
        """The verdict in one line.

        Examples
        --------
        >>> Verdict(indicator="gdp", record=None, reason="given by hand, fitted 5.14").words
        'never scored: given by hand, fitted 5.14'
        """
        if self.record is None:
            return f"never scored: {self.reason}" if self.reason else "never scored"
        record = self.record
        if record.n < FEW:
            plural = "s" * (record.n > 1)
            return f"hardly scored: Brier {record.brier:.3f} on {record.n} forecast{plural}, {record.years}"
        better = "better than" if record.brier < 0.245 else "worse than" if record.brier > 0.255 else "no better than"
        return (
            f"Brier {record.brier:.3f} on {record.n} forecasts {record.years}, {better} a coin (0.250); "
            f"80 % intervals held {record.coverage_80:.0%}"
        )


def read_record(path: str | Path | None = None) -> dict[str, Record]:
    """Read the record of the method, by indicator.

    Parameters
    ----------
    path : str or Path, optional
        None means the shipped `track_record.csv`.

    Returns
    -------
    dict of str to Record

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> read_record()["gdp"].n > 100
    True
    """
    path = find_seed("track_record.csv") if path is None else Path(path)
    records, faults = read_rows(path, dict.fromkeys(Record.model_fields, True))
    rows = [check_record(Record, record, faults) for record in records]
    if faults:
        raise InputError(faults)
    return {row.indicator: row for row in rows if row is not None}


class TrackRecord(Mapping[str, Record]):
    """How the method has done on years that it had not seen: a mapping of indicators to records.

    Parameters
    ----------
    records : mapping of str to Record
        By indicator.

    Examples
    --------
    >>> record = read_track_record()
    >>> record["gdp"].n > 100
    True
    >>> record.judge("umbrellas").words
    'never scored'
    """

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = dict(records)

    def __getitem__(self, indicator: str) -> Record:
        return self._records[rename_indicator(indicator)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __repr__(self) -> str:
        return f"<TrackRecord of {', '.join(self)}>"

    @property
    def scores(self) -> pd.DataFrame:
        """Scores of the method and of reference forecasts on the panel, as `read_panel_scores` gives them."""
        return read_panel_scores()

    @property
    def reliability(self) -> pd.DataFrame:
        """How often the panel's targets were met, by tenths of the probability given, for `plot_reliability`."""
        return read_panel_reliability()

    def judge(self, indicator: str, calibration: Calibration | None = None) -> Verdict:
        """Say what may be said of the odds of an indicator.

        Parameters
        ----------
        indicator : str
        calibration : Calibration, optional
            The method's record is claimed only where the indicator's year is as the annual law gave it; None means
            that it is.

        Returns
        -------
        Verdict
            Its `words` say it in one line.
        """
        numbers = calibration.indicators[indicator] if calibration else None
        reason = numbers.reason_unfitted if numbers else ""
        if numbers and not reason and numbers.centre.panel is None and self.get(indicator) is not None:
            reason = "its law is another than the one scored on places of China"
        return Verdict(indicator=indicator, record=None if reason else self.get(indicator), reason=reason)


def read_track_record(path: str | Path | None = None) -> TrackRecord:
    """Read the track record of the method.

    Parameters
    ----------
    path : str or Path, optional
        A table like the shipped `track_record.csv`, which None means.

    Returns
    -------
    TrackRecord

    Raises
    ------
    InputError
        With every fault of the table.
    """
    return TrackRecord(read_record(path))


def list_verdicts(indicators: Sequence[str], calibration: Calibration | None = None) -> list[Verdict]:
    """List what may be said of the odds of each indicator.

    Parameters
    ----------
    indicators : sequence of str
    calibration : Calibration, optional
        The method's record is claimed only for an indicator whose year is as the annual law gave it; None means all.

    Returns
    -------
    list of Verdict

    Examples
    --------
    >>> [verdict.words for verdict in list_verdicts(["umbrellas"])]
    ['never scored']
    """
    record = read_track_record()
    return [record.judge(name, calibration) for name in indicators]


def tabulate_record(results: Sequence[tuple[Backtest, str]]) -> pd.DataFrame:
    """Tabulate the record of several back-tests.

    Parameters
    ----------
    results : sequence of (Backtest, str)
        Each with its source.

    Returns
    -------
    DataFrame
        A row for each; columns indicator, n, brier, coverage_80, years, source.
    """
    import pandas as pd

    rows = []
    for result, source in results:
        score = result.find_score()
        scored = result.forecasts[result.forecasts.outcome.notna()]
        years = "-".join(str(year) for year in dict.fromkeys((scored.year.min(), scored.year.max())))
        brier, coverage = round(score["brier"], 4), round(score["coverage_80"], 4)
        rows.append((result.indicator, len(scored), brier, coverage, years, source))
    return pd.DataFrame(rows, columns=list(Record.model_fields))


def measure_reliability(result: Backtest) -> pd.DataFrame:
    """Measure how often targets were met, by tenths of the probability given.

    Parameters
    ----------
    result : Backtest

    Returns
    -------
    DataFrame
        Columns as of `bin_reliability`.
    """
    rows = result.forecasts
    down = (rows.better == "lower").to_numpy()
    met = judge_outcome(rows.outcome.to_numpy(), rows.target.to_numpy(), down)
    return bin_reliability(rows.probability.to_numpy(), met)


def read_panel_scores(indicator: str = "gdp") -> pd.DataFrame:
    """Read the scores of the back-test on the panel that stays outside the project.

    Parameters
    ----------
    indicator : str

    Returns
    -------
    DataFrame
        Columns as of `scores.csv`; without rows for an indicator that was never scored.

    Examples
    --------
    >>> scores = read_panel_scores()
    >>> scores.forecaster.unique().tolist()
    ['model', 'coin', 'base_rate', 'last_gap', 'outlook_line']
    >>> len(read_panel_scores("umbrellas"))
    0
    """
    import pandas as pd

    table = pd.read_csv(find_seed("panel_scores.csv"), dtype={"sample": str})
    return table[table.indicator == indicator].drop(columns="indicator").reset_index(drop=True)


def read_panel_reliability() -> pd.DataFrame:
    """Read how often the panel's targets were met, by tenths of the probability given.

    Returns
    -------
    DataFrame
        Columns as of `bin_reliability`.

    Examples
    --------
    >>> int(read_panel_reliability().n.sum()) > 100
    True
    """
    import pandas as pd

    return pd.read_csv(find_seed("panel_reliability.csv"))
