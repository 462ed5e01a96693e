"""Whether a run is sound: what it is asked of, and odds that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.errors import InputError, ResultError, blame_kind
from sim.inputs.plan.readings import READINGS
from sim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_run", "refuse_impossible"]

_NOTHING = 1e-6
"""By how much a sum of odds may exceed one, as chances in single precision add up."""


def check_run(given: Run) -> None:
    """Refuse what is no run, where a whole one is due.

    Raises
    ------
    InputError
        With what to give in its place.
    """
    if not isinstance(given, Run):
        raise InputError([blame_kind("run", given, "a run", "write what sim.run gives")])


def refuse_impossible(run: Run) -> Run:
    """Refuse odds that are no probabilities, and quantiles that are no numbers, before anybody reads them.

    Parameters
    ----------
    run : Run

    Returns
    -------
    Run
        The same.

    Raises
    ------
    ResultError
        With the first of them.
    """
    odds = run.odds
    due = odds[odds.probability.notna() | odds.reading.isin(READINGS)]  # of the others nothing is due by then
    for frame, named, columns, words in (
        (due, "target", ["probability"], "odds"),
        (run.joint, "group", ["probability"], "joint odds"),
        (due, "target", ["range_low", "range_high"] * bool(due.range_low.notna().any()), "range"),  # none: all is known
    ):
        _refuse(frame, frame[columns].ge(-_NOTHING) & frame[columns].le(1 + _NOTHING), named, words)
    levels = [name for name in run.quantiles if str(name).startswith("q")]
    _refuse(run.quantiles, run.quantiles[levels].abs() < float("inf"), "series", "quantiles")
    return run


def _refuse(frame: pd.DataFrame, sound: pd.DataFrame, named: str, words: str) -> None:
    """Refuse the first row of a table that is not sound in all its columns."""
    wrong = frame[~sound.all(axis=1)]
    if len(wrong):
        first = wrong.iloc[0]
        problem = f"{words} of '{first[named]}' under '{first['scenario']}' cannot be"
        raise ResultError(f"{problem}: a number of the plan, the calibration or the scenario is too extreme")
