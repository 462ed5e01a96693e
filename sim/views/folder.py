"""Results as folders: tables, charts and manifest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sim.analysis.pace import measure_pace
from sim.analysis.rule_value import value_rules
from sim.inputs.files.folders import open_folder
from sim.learning.backtest import Backtest
from sim.learning.programme_shares import ShareLaw
from sim.learning.record_backtest import RecordBacktest, tabulate_records
from sim.learning.track_record import measure_reliability
from sim.learning.within_year_backtest import WithinYearRecord
from sim.results.manifest import describe_origin, write_manifest
from sim.results.run import tell_published
from sim.results.tables import write_table

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.tasks import RunTask
    from sim.results.run import Run

    WriteAnswer: TypeAlias = Callable[..., None]

__all__ = ["open_answer", "write_backtest", "write_record_backtest", "write_run"]


@contextmanager
def open_answer(out: str | Path | None, task: RunTask, command: Sequence[str] = ()) -> Iterator[WriteAnswer]:
    """Open the folder of an answer to a question asked of a model, before any work is done.

    Parameters
    ----------
    out : str, Path or None
        A new folder, an empty one, or one that an earlier run wrote; None means that nothing is written.
    task : RunTask
        What was asked.
    command : sequence of str
        The command line; none means that of the process.

    Yields
    ------
    callable
        Writes tables by the names of their files, then whole files, with the manifest; they are there when the block
        ends.

    Raises
    ------
    OutputError
        If `out` holds something else, or cannot be written; nothing has changed then.
    """
    if out is None:
        yield lambda _tables, _files=None: None
        return
    scenarios, files = task.scenarios, [file for scenario in task.scenarios for file in scenario.files]
    manifest = {
        "command": list(command) or ["sim", *sys.argv[1:]],
        "plan": task.model.plan.name,
        "scenarios": [scenario.name for scenario in scenarios],
        "settings": asdict(task.settings),
        **tell_published(task.published),
        **describe_origin([*task.model.files, *files, *(task.published.files if task.published else ())]),
    }
    with open_folder(out, result="answer") as folder:

        def write(tables: Mapping[str, pd.DataFrame], files: Mapping[str, bytes] | None = None) -> None:
            for name, frame in tables.items():
                write_table(frame, folder / f"{name}.csv")
            for name, content in (files or {}).items():
                (folder / name).write_bytes(content)
            write_manifest(folder, manifest)

        yield write


def write_run(
    run: Run,
    folder: Path,
    command: Sequence[str] = (),
    charts: Sequence[str] = ("png", "svg"),
    place: str | Path | None = None,
    rules: pd.DataFrame | None = None,
) -> list[Path]:
    """Write the tables, the charts and the manifest of a run into an existing folder.

    Parameters
    ----------
    run : Run
    folder : Path
        An existing folder, such as `open_folder` gives.
    command : sequence of str
        The command line, for the manifest.
    charts : sequence of str
        Formats to draw in, of `png`, `svg` and `pdf`; nothing is drawn without any.
    place : str or Path, optional
        Where the folder is going to stand, if it is a temporary one.
    rules : DataFrame, optional
        What rules are worth, where that is known already.

    Returns
    -------
    list of Path
        The files written.
    """
    if charts:
        from sim.views.charts import write_charts

        write_charts(run, folder, formats=charts)
    if run.published:
        write_table(measure_pace(run.attainments, run.published).table, folder / "pace.csv")
    if any(scenario.rules for scenario in run.scenarios):
        write_table(value_rules(run) if rules is None else rules, folder / "rules.csv")
    run.write(folder, command, place)
    return sorted(folder.iterdir())


def write_backtest(
    result: Backtest,
    folder: Path,
    inputs: Sequence[Path] = (),
    command: Sequence[str] = (),
    charts: bool = True,
    within: WithinYearRecord | None = None,
) -> list[Path]:
    """Write the tables, the charts and the manifest of a back-test into an existing folder.

    Parameters
    ----------
    result : Backtest
    folder : Path
        An existing folder, such as `sim.inputs.files.folders.open_folder` gives.
    inputs : sequence of Path
        Files it was made of.
    command : sequence of str
        The command line.
    charts : bool
        Whether to draw.
    within : WithinYearRecord, optional
        Of the same history.

    Returns
    -------
    list of Path
        The files written.
    """
    if within is not None:
        write_table(within.forecasts, folder / "within_year_forecasts.csv")
        write_table(within.scores, folder / "within_year.csv")
    write_table(result.forecasts, folder / "forecasts.csv")
    write_table(result.scores, folder / "scores.csv")
    write_table(result.leads, folder / "leads.csv")
    if result.find_score():
        write_table(measure_reliability(result), folder / "reliability.csv")
        if charts:
            from sim.views.charts.saving import write_trust_charts

            write_trust_charts(result, folder)
    manifest = {
        "command": list(command),
        "indicator": result.indicator,
        "years": [int(year) for year in result.fits],
        "ordinary_years": list(result.ordinary),
        "outlook": result.has_outlook,
        **describe_origin(inputs),
    }
    write_manifest(folder, manifest)
    return sorted(folder.iterdir())


def write_record_backtest(
    result: RecordBacktest,
    folder: Path,
    inputs: Sequence[Path] = (),
    command: Sequence[str] = (),
    shares: ShareLaw | None = None,
) -> list[Path]:
    """Write the tables and the manifest of a back-test of promises into an existing folder.

    Parameters
    ----------
    result : RecordBacktest
    folder : Path
        An existing folder, such as `sim.inputs.files.folders.open_folder` gives.
    inputs : sequence of Path
        Files it was made of.
    command : sequence of str
        The command line.
    shares : ShareLaw, optional
        Of programmes, for the record.

    Returns
    -------
    list of Path
        The files written; `record_scores.csv` is the record of every class.
    """
    write_table(result.forecasts, folder / "forecasts.csv")
    write_table(result.scores, folder / "scores.csv")
    write_table(result.leads, folder / "leads.csv")
    write_table(tabulate_records(result, shares), folder / "record_scores.csv")
    manifest = {"command": list(command), "years": list(result.years), **describe_origin(inputs)}
    write_manifest(folder, manifest)
    return sorted(folder.iterdir())
