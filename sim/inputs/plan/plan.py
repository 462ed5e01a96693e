"""A plan: what a place promises for a year, as read from its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path

from sim.errors import Fault
from sim.html import tabulate
from sim.inputs.history import Outcome
from sim.inputs.outlook import Expectation
from sim.inputs.plan.tables import Figure, Group, Indicator, Quarter
from sim.inputs.plan.targets import (
    Composite,
    Delivery,
    Growth,
    Judged,
    Milestone,
    Target,
    Unmeasured,
    describe_aim,
)

__all__ = ["CHINA", "Plan", "ask_otherwise", "lies_abroad", "show_plan"]

CHINA = frozenset({"china", "cn", "chn", "prc", "p.r.c", "people's republic of china", "mainland china", "中国"})
"""Names of the country of whose places this package has learned."""


def show_plan(plan: Plan) -> str:
    """Show what a plan holds, and its headline targets.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> import sim
    >>> show_plan(sim.read_plan("qingdao-2024"))[:35]
    '<p><b>Qingdao 青岛 2024</b>: 6 indica'
    """
    counts = f"{len(plan.indicators)} indicators, {len(plan.targets)} targets, {len(plan.judged)} with odds"
    title = f"<p><b>{escape(f'{plan.place} {plan.year_name}')}</b>: {counts}</p>"
    before = {indicator.id: f"{indicator.baseline:g} {indicator.unit}" for indicator in plan.indicators}
    rows = [
        (
            target.name_en,
            target.name_zh,
            target.phrase,
            describe_aim(target),
            before[target.indicator] if isinstance(target, Growth) else "",
        )
        for target in plan.headline
    ]
    return title + tabulate(["target", "目标", "words of the plan", "aim", f"in {plan.name_year(plan.year - 1)}"], rows)


def lies_abroad(country: str) -> bool:
    """Tell whether a country is known to be another than China.

    Parameters
    ----------
    country : str
        Empty where it is not said.

    Returns
    -------
    bool

    Examples
    --------
    >>> lies_abroad("India"), lies_abroad("P.R.C."), lies_abroad("")
    (True, False, False)
    """
    return bool(country) and country.casefold().strip(" .") not in CHINA


@dataclass(frozen=True)
class Plan:
    """A place and year: indicators with baselines, targets, history, outlook.

    Attributes
    ----------
    name : str
        Short name, as of its folder.
    place_en, place_zh : str
        The place.
    year : int
        The target year; the base year is the one before. A year that does not begin in January has the number of the
        calendar year in which it begins.
    indicators, targets, groups, figures, history, outlook : tuple
        Rows of the tables, in file order.
    quarters : dict of str to tuple of Quarter
        By indicator, in the year's order.
    files : tuple of Path
        Every file read.
    given : str or None
        The folder or shipped name by which it was read; None where it was built or changed in code.
    country : str
        That the place lies in; empty where the plan does not say.
    first_month : int
        With which the year begins.
    warnings : tuple of Fault
        What looks wrong in the history and outlook; late forecasts are left out, all else is kept.
    """

    name: str
    place_en: str
    place_zh: str
    year: int
    indicators: tuple[Indicator, ...]
    quarters: dict[str, tuple[Quarter, ...]]
    targets: tuple[Target, ...]
    groups: tuple[Group, ...]
    figures: tuple[Figure, ...]
    history: tuple[Outcome, ...]
    outlook: tuple[Expectation, ...]
    folder: Path
    files: tuple[Path, ...]
    country: str = ""
    first_month: int = 1
    warnings: tuple[Fault, ...] = field(default=(), compare=False)
    given: str | None = field(default=None, init=False, compare=False, repr=False)

    def read_as(self, given: str) -> Plan:
        """Note by which name it was read; a copy that is changed by `dataclasses.replace` loses the note."""
        object.__setattr__(self, "given", given)
        return self

    @cached_property
    def quarter_names(self) -> tuple[str, ...]:
        """Names of the year's quarters."""
        return tuple(row.quarter for row in self.quarters[self.indicators[0].id])

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """The targets that have odds."""
        return tuple(target for target in self.targets if not isinstance(target, Unmeasured))

    @cached_property
    def headline(self) -> tuple[Judged, ...]:
        """The headline targets: those marked so, else all of growth."""
        return tuple(target for target in self.judged if target.headline == "yes") or self.growth

    @cached_property
    def growth(self) -> tuple[Growth, ...]:
        """The growth targets."""
        return tuple(target for target in self.targets if isinstance(target, Growth))

    @cached_property
    def headline_growth(self) -> tuple[Growth, ...]:
        """The growth targets among the headline targets."""
        return tuple(target for target in self.headline if isinstance(target, Growth))

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The deliveries."""
        return tuple(target for target in self.targets if isinstance(target, Delivery))

    @cached_property
    def milestones(self) -> tuple[Milestone, ...]:
        """The milestones."""
        return tuple(target for target in self.targets if isinstance(target, Milestone))

    @cached_property
    def composites(self) -> tuple[Composite, ...]:
        """The composites."""
        return tuple(target for target in self.targets if isinstance(target, Composite))

    @property
    def is_abroad(self) -> bool:
        """Whether the place is known not to lie in China, of whose places this package has learned."""
        return lies_abroad(self.country)

    @property
    def place(self) -> str:
        """The place in both languages, or in the one that it has."""
        return self.place_en if self.place_en == self.place_zh else f"{self.place_en} {self.place_zh}"

    @property
    def year_name(self) -> str:
        """The year, as one says it: `2024`, or `2024-25` where it does not begin in January."""
        return self.name_year(self.year)

    def name_year(self, year: int) -> str:
        """Name a year of the plan's, as one says it.

        Parameters
        ----------
        year : int

        Returns
        -------
        str
        """
        return str(year) if self.first_month == 1 else f"{year}-{(year + 1) % 100:02d}"

    def find_indicator(self, name: str) -> Indicator:
        """Find an indicator by its id.

        Parameters
        ----------
        name : str
            An id of the plan's.

        Returns
        -------
        Indicator
        """
        return next(indicator for indicator in self.indicators if indicator.id == name)

    def find_growth(self, indicator: str) -> Growth | None:
        """Find the growth target of an indicator: of several, one that a report opens with, then by id.

        Parameters
        ----------
        indicator : str
            Its id.

        Returns
        -------
        Growth or None
            The same one wherever its row stands.
        """
        own = (target for target in self.growth if target.indicator == indicator)
        return min(own, key=lambda target: (target.headline != "yes", target.id), default=None)

    def __repr__(self) -> str:
        counts = f"{len(self.indicators)} indicators, {len(self.targets)} targets, {len(self.judged)} with odds"
        return f"<Plan {self.name}: {self.place_en} {self.year}, {counts}>"

    def _repr_html_(self) -> str:
        return show_plan(self)


def ask_otherwise(plan: Plan, values: Mapping[str, float]) -> Plan:
    """Ask other numbers of growth targets; a range keeps its width.

    Parameters
    ----------
    plan : Plan
    values : mapping of str to float
        By target, %; of a range its lower end.

    Returns
    -------
    Plan

    Examples
    --------
    >>> import sim
    >>> lower = ask_otherwise(sim.read_plan("qingdao-2024"), {"gdp": 5.0})
    >>> lower.headline[0].value
    5.0
    """
    targets = []
    for target in plan.targets:
        if isinstance(target, Growth) and target.id in values:
            value = values[target.id]
            upper = None if target.upper is None else round(target.upper + value - target.value, 9)
            target = target.model_copy(update={"value": value, "upper": upper})
        targets.append(target)
    return replace(plan, targets=tuple(targets))
