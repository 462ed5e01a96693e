"""Published figures: what is known of the year so far, each within the cell that its printing leaves open."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic_core import PydanticCustomError

from sim.errors import Fault, InputError, blame
from sim.inputs.published.rows import count_decimals, read_date

__all__ = ["Figure", "Published"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One published figure.

    Attributes
    ----------
    date : date
        When it was published.
    period : str
        `Q1`, `H1`, `Q1-Q3`, `FY`; of growth also a single quarter, such as `Q2`.
    series : str
        An indicator, a delivery or a milestone.
    value : float or bool
        Growth in %, the number delivered since the year began in `unit`, or whether the milestone was reached.
    low, high : float
        The cell that the printing leaves open, low <= exact < high, in `unit`; of a milestone 0 or 1 both.
    unit : str
        Empty for a milestone.
    status : str
        `first`, `revised` or `at_least`.
    source : str
    kind : str
        `growth`, `delivery` or `milestone`.
    quarter : int
        The last quarter of the period, counted from 0.
    single : bool
        Whether the period is that quarter alone, and not all since the year began.
    """

    date: datetime.date
    period: str
    series: str
    value: float | bool
    low: float
    high: float
    unit: str
    status: str
    source: str
    kind: str
    quarter: int
    single: bool = False

    @property
    def cell(self) -> tuple[str, str]:
        """What it is a figure of: series and period."""
        return self.series, self.period

    @property
    def row(self) -> dict[str, str]:
        """The row of `published.csv` that gives it again."""
        is_number = self.kind != "milestone"
        value = repr(float(self.value)) if is_number else "yes" if self.value else "no"
        step = repr(round(self.high - self.low, 9)) if is_number and math.isfinite(self.high) else ""
        told = {"date": self.date.isoformat(), "period": self.period, "series": self.series, "value": value}
        return {**told, "unit": self.unit, "step": step, "status": self.status, "source": self.source}

    @property
    def words(self) -> str:
        """The figure as it would be said, as in `gdp H1 5.0 %`."""
        if self.kind == "milestone":
            said = "reached" if self.value else "not reached"
        else:
            at_least = "≥ " if math.isinf(self.high) else ""
            digits = 0 if at_least else count_decimals(round(self.high - self.low, 9))
            said = f"{at_least}{self.value:.{max(digits, count_decimals(self.value))}f} {self.unit}"
        return f"{self.series} {self.period} {said}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """The figures published for a plan's year: a sequence in the order of release, false if there are none.

    Attributes
    ----------
    figures : tuple of Figure
        By date, then in the plan's order, whatever the order of the rows.
    year : int
        The plan's.
    asof : date, optional
        The day whose knowledge it is; None means all that has been typed in.
    given : str, optional
        The file or name by which it was read; None where it was built in code.
    files : tuple of Path
        The file read.
    warnings : tuple of Fault
        What looks like a slip, and is kept.

    See Also
    --------
    sim.read_published : Reads them.

    Examples
    --------
    >>> import sim
    >>> figures = sim.read_published("qingdao-2024", "qingdao-2024-h1")
    >>> figures
    <Published: 7 figures of 2024, to 2024-08-12>
    >>> [figure.words for figure in figures.as_of("2024-05-01").effective()][:2]
    ['gdp Q1 5.9 %', 'industrial_value_added Q1 10.0 %']
    """

    figures: tuple[Figure, ...] = ()
    year: int = 0
    asof: datetime.date | None = None
    given: str | None = None
    files: tuple[Path, ...] = ()
    warnings: tuple[Fault, ...] = ()

    def __len__(self) -> int:
        return len(self.figures)

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures)

    @property
    def day(self) -> datetime.date:
        """The day whose knowledge it is: that asked for, else of the last release, else the first of the year."""
        last = self.figures[-1].date if self.figures else datetime.date(self.year or 1, 1, 1)
        return self.asof or last

    def as_of(self, date: datetime.date | str) -> Published:
        """Keep what was known on a day.

        Parameters
        ----------
        date : date or str
            Such as `2024-07-31`; releases of the day itself are known.

        Returns
        -------
        Published

        Raises
        ------
        InputError
            If it is no date, or one before the plan's year.
        """
        try:
            day = read_date(date)
        except PydanticCustomError as error:
            context = error.context or {}
            raise InputError([blame("as_of", str(context["problem"]), str(context["allowed"]))]) from None
        if self.year and day < datetime.date(self.year, 1, 1):
            allowed = f"write a day from {self.year}-01-01 on"
            raise InputError([blame("as_of", f"{day} is before the plan's year {self.year}", allowed)])
        return replace(self, figures=tuple(each for each in self.figures if each.date <= day), asof=day)

    def effective(self) -> tuple[Figure, ...]:
        """Take the latest figure of each series and period.

        Returns
        -------
        tuple of Figure
            In the order of their first print; a revised figure stands in place of the first.
        """
        return tuple({each.cell: each for each in self.figures}.values())

    def list_dates(self) -> tuple[datetime.date, ...]:
        """List the days on which something was published, in order.

        Returns
        -------
        tuple of date
        """
        return tuple(sorted({each.date for each in self.figures}))

    def with_figures(self, *figures: Figure) -> Published:
        """Add figures, such as those of a release to come, without checking them against the others.

        Parameters
        ----------
        *figures : Figure

        Returns
        -------
        Published
        """
        return replace(self, figures=(*self.figures, *figures), given=None)

    def __repr__(self) -> str:
        if not self.figures:
            return "<Published: no figures>"
        return f"<Published: {len(self)} figures of {self.year}, to {self.day}>"
