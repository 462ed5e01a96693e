"""Earlier years on their way: growth from the year's start to a quarter's end, and what is believed of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from sim.errors import InputError
from sim.inputs.bundled import find_seed
from sim.inputs.files.spreadsheets import read_table
from sim.inputs.files.validation import Checked, Name, PerCent, Row, Text, check_record, check_rows
from sim.inputs.files.yaml_files import read_yaml
from sim.inputs.identity import rename_indicator

__all__ = ["CourseFigure", "WithinYearPrior", "read_course_figures", "read_within_year_prior"]


class CourseFigure(Row):
    """One row of `within_year.csv`: what an indicator had grown by from a year's start to the end of a quarter.

    Attributes
    ----------
    region : str
    year : int
    indicator : str
        By the name that plans use.
    period : str
        `Q1`, `H1`, `Q1-Q3` or `FY`.
    growth : float
        As published, on the year before, %.
    """

    key: ClassVar = ("region", "indicator", "year", "period")
    others: ClassVar = True

    region: Text
    year: int
    indicator: Annotated[Text, AfterValidator(rename_indicator)]
    period: Literal["Q1", "H1", "Q1-Q3", "FY"]
    growth: float
    unit: PerCent
    source: Text


class Persistence(Checked):
    """What is believed of the share of a deviation that is left a quarter later."""

    mean: Annotated[float, Field(gt=-1, lt=1)]
    sd: Annotated[float, Field(gt=0)]
    source: Text


class SpreadLeft(Checked):
    """What other places' years differed from their first halves by.

    Attributes
    ----------
    sd : float
        Standard deviation of the year's figure minus the first half's, percentage points.
    n : int
        Years of places.
    between : float
        Standard deviation between places of the log of `sd`.
    """

    sd: Annotated[float, Field(gt=0)]
    n: Annotated[int, Field(gt=1)]
    between: Annotated[float, Field(gt=0)]
    source: Text


class WithinYearPrior(Checked):
    """What is believed of the quarters before a place's own years are read.

    Attributes
    ----------
    persistence : dict of str to Persistence
        By indicator.
    spread_left : dict of str to SpreadLeft
        By indicator; those without are left out.
    extraordinary : list of int
        Years of a rare shock, or after one, that are left out.
    source : str
        Of these years.
    """

    schema_version: Literal[1]
    persistence: dict[Name, Persistence]
    spread_left: dict[Name, SpreadLeft]
    extraordinary: list[int]
    source: Text


def read_course_figures(path: str | Path | None = None) -> tuple[CourseFigure, ...]:
    """Read what indicators had grown by in the course of earlier years.

    Parameters
    ----------
    path : str or Path, optional
        CSV or .xlsx; None means the shipped `within_year.csv`.

    Returns
    -------
    tuple of CourseFigure

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> read_course_figures()[0].indicator
    'gdp'
    """
    path = find_seed("within_year.csv") if path is None else Path(path)
    records, faults = read_table(path, CourseFigure.list_columns(), CourseFigure.others)
    rows = check_rows(records, lambda _: CourseFigure, faults)
    if faults:
        raise InputError(faults)
    return tuple(row for row, _ in rows)


def read_within_year_prior(path: str | Path | None = None) -> WithinYearPrior:
    """Read what is believed of the quarters.

    Parameters
    ----------
    path : str or Path, optional
        None means the shipped `within_year.yaml`.

    Returns
    -------
    WithinYearPrior

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> read_within_year_prior().persistence["gdp"].mean
    0.75
    """
    record, faults = read_yaml(find_seed("within_year.yaml") if path is None else Path(path))
    prior = check_record(WithinYearPrior, record, faults)
    if faults or prior is None:
        raise InputError(faults)
    return prior
