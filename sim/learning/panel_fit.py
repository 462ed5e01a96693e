"""What a panel of regions teaches: parameters for the regions outside it, and its years in short."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.inputs.files.writing import format_yaml, write_file
from sim.inputs.history import History
from sim.inputs.outlook import Outlook
from sim.learning.annual_law import AnnualFit, fit_annual
from sim.learning.panel import Learned, Panel, Summary, read_panel
from sim.learning.scores import judge_outcome

__all__ = ["FEWEST_REGIONS", "learn_panel", "summarize_years", "write_panel"]

FEWEST_REGIONS = 3
"""Of a year that is told in short: figures of fewer could be read off their mean and spread."""

HEADER = """\
Priors of the annual law (`priors`), and what a panel of regions taught (`learned`).
Back-tests start from the priors alone; the calibration of a plan starts from what was learned.

The panel, a table of announced targets and outcomes, may not be passed on: `learned` cannot be made again from the
project alone. What it rests on is kept in short (`yearly`): for each year how many targets had an outcome, mean and
spread of outcome minus target in percentage points, and the share met.
Whoever has such a table, of any country, in the columns of history.csv makes this file anew:
  from sim.learning.panel_fit import learn_panel, write_panel
  write_panel(learn_panel(sim.read_history("panel.csv"), sim.read_outlook("outlook.csv")), "panel.yaml")"""


def summarize_years(history: History, indicator: str) -> list[Summary]:
    """Summarize year by year how far outcomes were from their targets.

    Parameters
    ----------
    history : History
    indicator : str

    Returns
    -------
    list of Summary
        Percentage points; of a year with fewer than `FEWEST_REGIONS`, nothing.

    Examples
    --------
    >>> import sim
    >>> summarize_years(sim.read_history(sim.read_plan("qingdao-2024").folder / "history.csv"), "gdp")
    []
    """
    found = []
    gap = history.outcome - history.target
    reached = judge_outcome(history.outcome, history.target, history.down)
    for year in np.unique(history.year):
        here = (history.year == year) & (history.indicator == indicator) & np.isfinite(gap)
        own = gap[here]
        if len(own) >= FEWEST_REGIONS:
            spread, met = round(float(own.std(ddof=1)), 3), round(float(reached[here].mean()), 3)
            mean = round(float(own.mean()), 3)
            found.append(Summary(year=int(year), n=len(own), mean_gap=mean, sd_gap=spread, share_met=met))
    return found


def learn_panel(
    history: History, outlook: Outlook, indicator: str = "gdp", panel: Panel | None = None, noun: str = "regions"
) -> Panel:
    """Fit the annual law of an indicator on a panel, and keep the parameters and the years in short.

    Parameters
    ----------
    history : History
        Of many regions; none of its rows is kept.
    outlook : Outlook
    indicator : str
    panel : Panel, optional
        The file to renew; None means the shipped one.
    noun : str
        What the regions are, for the source.

    Returns
    -------
    Panel
    """
    panel = panel or read_panel()
    year = int(history.year.max()) + 1
    fitted = fit_annual(history, outlook, indicator, year, panel.priors[indicator])
    paired = (history.indicator == indicator) & np.isfinite(history.target) & np.isfinite(history.outcome)
    regions = sorted({str(region) for region in history.region[paired]})
    return panel.model_copy(
        update={
            "learned": panel.learned | {indicator: _describe(fitted, f"{len(regions)} {noun}")},
            "yearly": panel.yearly | {indicator: summarize_years(history, indicator)},
            "regions": panel.regions | {indicator: regions},
        }
    )


def write_panel(panel: Panel, path: str | Path) -> Path:
    """Write a file of priors and learned parameters, whole or not at all.

    Parameters
    ----------
    panel : Panel
    path : str or Path
        A file that is there already is replaced.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If it cannot be written; a former file is then left as it was.
    """
    return write_file(Path(path), format_yaml(panel.model_dump(exclude_unset=True), HEADER).encode())


def _describe(fitted: AnnualFit, regions: str) -> dict[str, Learned]:
    first, last = fitted.years[0], fitted.years[-1]
    source = (
        f"fitted on {fitted.n} {fitted.indicator} targets and outcomes of {regions}, {first}-{last}, which stay "
        f"outside the project; mode and Laplace standard deviation"
    )
    return {
        each.name: Learned(
            value=round(each.value, 4),
            sd=round(each.sd, 4),
            real_line_mean=round(float(fitted.mode[place]), 4),
            real_line_sd=round(float(np.sqrt(fitted.covariance[place, place])), 4),
            n=each.n,
            years=(first, last),
            from_data=round(each.from_data, 3),
            source=source if each.note == "fitted" else f"prior kept, the data add less than 5 %; {source}",
        )
        for place, each in enumerate(fitted.parameters)
    }
