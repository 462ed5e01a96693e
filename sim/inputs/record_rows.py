"""Rows of the record tables: each is checked on its own, and says whether the promise was kept."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from sim.errors import find_nearest
from sim.inputs.files.validation import Checked, Name, Text, refuse

__all__ = ["PERIODS", "TABLES", "Judged", "ProgrammeRow", "PromiseClass", "PromiseRow", "TableRow"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

PERIODS: Mapping[str, int] = {
    **{name: number for number, name in enumerate(MONTHS, start=1)},
    **{"Q1": 3, "H1": 6, "Q1-Q3": 9, "year": 12, "due": 12},
}
"""Months gone by the date of a figure. `due`: judged at dates within the year, so nothing is left to come."""

FINAL = ("year", "Dec", "due")


@dataclass(frozen=True, slots=True)
class Judged:
    """What a row says: `count` promises of which `reached` were kept.

    Attributes
    ----------
    year : int
        0 where it is not known.
    count, reached : int
    state : str
        `final` (judged), `early` (within the year, and reached already), `open` (not known), `sample` (known because
        of its outcome, hence no rate).
    ratio : float
        Delivered over promised; NaN but for counts.
    report : str
        What told it; rows of one report are not independent.
    """

    year: int
    count: int
    reached: int
    state: str
    ratio: float
    report: str


def _check_date(text: str) -> str:
    parts = text.split("-")
    if not all(part.isdigit() for part in parts) or [len(part) for part in parts] not in ([4], [4, 2], [4, 2, 2]):
        raise refuse(f"'{text}' is not a date", "write 2024, 2024-06 or 2024-06-30")
    return text


def _check_coming(text: str) -> str:
    return text if text == "missed" else _check_date(text)


def _check_period(text: str) -> str:
    if text not in PERIODS:
        raise refuse(f"unknown date '{text}'", "allowed: " + ", ".join(PERIODS), find_nearest(text, [*PERIODS]))
    return text


Period = Annotated[str, AfterValidator(_check_period)]
Date = Annotated[str, AfterValidator(_check_date)]
Coming = Annotated[str, AfterValidator(_check_coming)]
"""A date, or `missed` for what did not come within the year, whenever it came."""

Confidence = Literal["high", "medium", "low"]
Whole = Annotated[int, Field(ge=0)]


class PromiseClass(Checked):
    """One row of `classes.csv`: promises of which one is a fair guide to another.

    Attributes
    ----------
    kind : str
        `count`, `milestone`, `title` or `programme`.
    family : str
        Classes of one family learn from each other.
    definition : str
    """

    id: Name
    name_en: Text
    name_zh: Text
    kind: Literal["count", "milestone", "title", "programme"]
    family: Name
    definition: Text


class TableRow(Checked):
    """A row of a table, of which no two have the same key.

    Attributes
    ----------
    marks : tuple of str
        Columns that tell the table from others.
    columns : mapping of str to str
        Columns that are named otherwise than the fields (`class` is a word of Python).
    """

    marks: ClassVar[tuple[str, ...]]
    columns: ClassVar[Mapping[str, str]] = {"class": "class_id"}

    @property
    @abstractmethod
    def key(self) -> tuple[object, ...]:
        """What no two rows of a table share."""


class PromiseRow(TableRow):
    """What every table of promises has."""

    region: Text = "unnamed"
    item: Text
    class_id: Name
    source: str = ""
    confidence: Confidence = "medium"

    @abstractmethod
    def judge(self) -> Judged:
        """Judge whether the promise was kept."""


class _Count(PromiseRow):
    """One row of `counts.csv`: a promised number and what was delivered."""

    marks = ("promised", "delivered")
    year: int | None = None
    promised: Annotated[float, Field(gt=0)]
    delivered: Annotated[float, Field(ge=0)] | None = None
    unit: str = ""
    as_of: Period = "year"

    @property
    def key(self) -> tuple[object, ...]:
        return self.region, self.year, self.item, self.as_of

    def judge(self) -> Judged:
        ratio = np.nan if self.delivered is None else self.delivered / self.promised
        reached = ratio >= 1 - 1e-9
        state = "open" if np.isnan(ratio) else "final" if self.as_of in FINAL else "early" if reached else "open"
        year = self.year or 0
        return Judged(year, 1, int(reached), state, float(ratio), f"{self.source or self.region} {year}")


class _List(PromiseRow):
    """One row of `lists.csv`: how many items of a list were met."""

    marks = ("items", "met")
    year: int | None = None
    items: Annotated[int, Field(ge=1)]
    met: Whole
    as_of: Period = "year"

    @model_validator(mode="after")
    def _check_met(self) -> _List:
        if self.met > self.items:
            raise refuse(f"{self.met} of {self.items} items are met", "met is at most items")
        return self

    @property
    def key(self) -> tuple[object, ...]:
        return self.region, self.year, self.item, self.as_of

    def judge(self) -> Judged:
        year = self.year or 0
        state = "final" if self.as_of in FINAL else "open"
        return Judged(year, self.items, self.met, state, np.nan, f"{self.source} {self.region} {self.item} {year}")


class _Milestone(PromiseRow):
    """One row of `milestones.csv`: when something was to be done, and when it was."""

    marks = ("planned", "actual")
    item: Text = "milestone"
    class_id: Name = "list_of_tasks"
    stated: Date | None = None
    planned: Date
    actual: Coming | None = None
    sampled: Literal["plans", "openings"] = "plans"

    @property
    def key(self) -> tuple[object, ...]:
        return self.region, self.item, self.stated, self.planned

    def judge(self) -> Judged:
        year = int(self.planned[:4])
        done = self.actual is not None and self.actual != "missed" and int(self.actual[:4]) <= year
        state = "sample" if self.sampled == "openings" else "open" if self.actual is None else "final"
        return Judged(year, 1, int(done), state, np.nan, f"{self.region} {self.item}")


class _Title(PromiseRow):
    """One row of `titles.csv`: how many of a pool of candidates won."""

    marks = ("pool", "won")
    columns = {"class": "class_id", "title": "item"}  # noqa: RUF012
    year: int | None = None
    class_id: Name = "title_final_round"
    stage: str = ""
    pool: Annotated[int, Field(ge=1)] | None = None
    won: Whole

    @model_validator(mode="after")
    def _check_won(self) -> _Title:
        if self.pool is not None and self.won > self.pool:
            raise refuse(f"{self.won} of a pool of {self.pool} won", "won is at most pool")
        return self

    @property
    def key(self) -> tuple[object, ...]:
        return self.item, self.year

    def judge(self) -> Judged:
        year = self.year or 0
        return Judged(year, self.pool or 0, self.won, "final" if self.pool else "open", np.nan, f"{self.item} {year}")


class ProgrammeRow(TableRow):
    """One row of `programmes.csv`: how far the projects of a year had come by a date."""

    marks = ("starts_done", "starts_planned")
    region: Text
    year: int | None = None
    scope: Text = "key projects"
    projects: Annotated[int, Field(ge=1)] | None = None
    as_of: Period = "year"
    investment_share: Annotated[float, Field(ge=0)] | None = None
    starts_done: Whole | None = None
    starts_planned: Whole | None = None
    source: str = ""
    confidence: Confidence = "medium"

    @model_validator(mode="after")
    def _check_starts(self) -> ProgrammeRow:
        if self.projects is not None and self.starts_planned is not None and self.starts_planned > self.projects:
            raise refuse(f"{self.starts_planned} of {self.projects} projects were to start", "at most all of them")
        return self

    @property
    def key(self) -> tuple[object, ...]:
        """What no two rows of a table share."""
        return self.region, self.year, self.scope, self.as_of


TABLES: Mapping[str, type[PromiseRow] | type[ProgrammeRow]] = {
    "counts": _Count,
    "lists": _List,
    "milestones": _Milestone,
    "titles": _Title,
    "programmes": ProgrammeRow,
}
"""Record tables by name."""
