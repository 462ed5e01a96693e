"""Tables of a run, as written to CSV files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Unmeasured
from sim.results.attainment import Attainment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare_errors", "format_table", "list_without_odds", "summarize", "write_table"]


def format_table(frame: pd.DataFrame) -> str:
    r"""Format a table as CSV: six digits after the point, below every error that a run can reach.

    A text that a spreadsheet would take for a formula stands behind an apostrophe, as in a workbook.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    str
        Without an index; lines end in a line feed.

    Examples
    --------
    >>> import pandas as pd
    >>> format_table(pd.DataFrame({"odds": [0.25]}))
    'odds\n0.250000\n'
    >>> format_table(pd.DataFrame({"name": ["=1+1", "-2.5", "GDP"]}))
    "name\n'=1+1\n-2.5\nGDP\n"
    """
    from pandas.api.types import is_numeric_dtype

    texts = {name: column.map(_guard) for name, column in frame.items() if not is_numeric_dtype(column)}
    return frame.assign(**{str(name): column for name, column in texts.items()}).to_csv(
        index=False, lineterminator="\n", float_format="%.6f"
    )


def _guard(cell: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    if not isinstance(cell, str) or not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that spreadsheets open with its Chinese intact.

    Parameters
    ----------
    frame : DataFrame
    path : Path
        An existing file is replaced.
    """
    path.write_text(format_table(frame), encoding="utf-8-sig", newline="\n")


def list_without_odds(plan: Plan) -> pd.DataFrame:
    """List the targets that have no odds, and why.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    DataFrame
        Columns target, name_en, name_zh, section, kind, reason.
    """
    import pandas as pd

    columns = ["id", "name_en", "name_zh", "section", "kind", "reason"]
    rows = [[getattr(target, name) for name in columns] for target in plan.targets if isinstance(target, Unmeasured)]
    return pd.DataFrame(rows, columns=["target", *columns[1:]])


def summarize(attainments: Iterable[Attainment], frame: str) -> pd.DataFrame:
    """Put the tables of several scenarios one below the other.

    Parameters
    ----------
    attainments : iterable of Attainment
        One for each scenario.
    frame : str
        Which table: `odds`, `joint`, `conditional` or `quantiles`.

    Returns
    -------
    DataFrame
        Columns as of the table of one, the scenario first.
    """
    import pandas as pd

    frames: list[pd.DataFrame] = [getattr(attainment, frame) for attainment in attainments]
    return pd.concat(frames, ignore_index=True)


def compare_errors(attainments: Iterable[Attainment]) -> pd.DataFrame:
    """Set the odds of each target beside what is not known of them.

    Parameters
    ----------
    attainments : iterable of Attainment
        One for each scenario.

    Returns
    -------
    DataFrame
        Columns scenario, target, probability (as printed), mc_se, range_low, range_high (the central 80 % over
        calibrations), exact_calibration (what it would be if the calibration were exact).
    """
    odds = summarize(attainments, "odds")
    printed = odds[odds.reading == "printed"]
    columns = ["scenario", "target", "probability", "mc_se", "range_low", "range_high", "exact_calibration"]
    return printed[columns].reset_index(drop=True)
