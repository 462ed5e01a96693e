"""Judgements in a scenario: what somebody knows better than the model, who says so, and why."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.errors import Fault, find_unknown
from sim.inputs.files.documents import Items, Record
from sim.inputs.files.validation import Checked, Name, Rate, Text, refuse
from sim.inputs.plan.plan import Plan
from sim.inputs.quarters import name_cumulative

__all__ = [
    "MOST_JUDGEMENTS",
    "Centre",
    "Judgement",
    "JudgementForm",
    "Likelihood",
    "Median",
    "check_judgements",
    "lay_judgements_over",
    "list_judged_periods",
    "order_judgements",
]

MOST_JUDGEMENTS = 12

_FORMS = ("probability", "median", "centre")

Odds = Annotated[float, Field(ge=0.001, le=0.999)]


class _Judgement(Checked):
    """What every judgement says of itself."""

    who: Text
    why: Text


class Likelihood(_Judgement):
    """How likely a shock is, or a figure on one side of a number.

    Attributes
    ----------
    say : str
        The word "probability".
    shock : str, optional
        A shock of the scenario, whose happening is judged; else `series` and `period` with `at_least` or `below`.
    series : str, optional
        An indicator.
    period : str, optional
        From the year's start, such as H1 or FY; or a single quarter, such as Q3.
    at_least, below : float, optional
        The figure as it will be printed, %: one of the two.
    is : float
        How likely it is, 0.001 to 0.999.
    who : str
        Whose judgement it is.
    why : str
        What it rests on.
    """

    say: Literal["probability"]
    shock: Name | None = None
    series: Name | None = None
    period: str | None = None
    at_least: Rate | None = None
    below: Rate | None = None
    asked: Odds = Field(alias="is")

    @model_validator(mode="after")
    def _check_event(self) -> Likelihood:
        bounds = (self.at_least is not None) + (self.below is not None)
        figure = self.series is not None or self.period is not None or bounds > 0
        if (self.shock is None) != figure:
            raise refuse("a probability is of a shock or of a figure", "write shock; or series, period and at_least")
        if figure and (self.series is None or self.period is None or bounds != 1):
            raise refuse("the figure is not told", "write series, period, and one of at_least and below")
        return self

    @property
    def topic(self) -> Hashable:
        """What it is about: a later judgement of the same takes its place."""
        bound = self.below if self.at_least is None else self.at_least
        return ("shock", self.shock) if self.shock else ("figure", self.series, self.period, bound)

    @property
    def words(self) -> str:
        """What is judged, as in `gdp FY >= 5`."""
        if self.shock:
            return self.shock
        side = f"< {self.below:g}" if self.at_least is None else f">= {self.at_least:g}"
        return f"{self.series} {self.period} {side} %"


class Median(_Judgement):
    """The number that a figure is as likely to pass as not.

    Attributes
    ----------
    say : str
        The word "median".
    series : str
        An indicator.
    period : str
        From the year's start, such as H1 or FY; or a single quarter, such as Q3.
    is : float
        The median of the figure before it is rounded, %.
    who : str
        Whose judgement it is.
    why : str
        What it rests on.
    """

    say: Literal["median"]
    series: Name
    period: str
    asked: Rate = Field(alias="is")

    @property
    def topic(self) -> Hashable:
        """What it is about: a later judgement of the same takes its place."""
        return "median", self.series, self.period

    @property
    def words(self) -> str:
        """What is judged."""
        return f"{self.series} {self.period}"


class Centre(_Judgement):
    """An opinion of an indicator's growth in an ordinary year, as sure as its standard deviation says.

    Attributes
    ----------
    say : str
        The word "centre".
    series : str
        An indicator.
    is : float
        Growth of the year without shocks, %.
    sd : float
        How sure the opinion is: its standard deviation, percentage points.
    who : str
        Whose judgement it is.
    why : str
        What it rests on.
    """

    say: Literal["centre"]
    series: Name
    asked: Rate = Field(alias="is")
    sd: Annotated[float, Field(gt=0.01, le=1000)]

    @property
    def topic(self) -> Hashable:
        """What it is about: a later judgement of the same takes its place."""
        return "centre", self.series

    @property
    def words(self) -> str:
        """What is judged."""
        return self.series


Judgement = Likelihood | Median | Centre


def _read_judgement(given: Any) -> Any:
    if isinstance(given, dict) and "say" not in given:
        raise refuse("key 'say' is missing", "allowed: " + ", ".join(_FORMS), code="missing")
    if isinstance(given, dict) and given.get("say") == "mean":
        problem = (
            "a mean cannot be judged: news has heavy tails, under which no finite reweighing sets a mean, and a few "
            "extreme years would carry it"
        )
        raise refuse(problem, "say median, or centre with its sd", code="unknown")
    return given


JudgementForm = Annotated[Annotated[Judgement, Field(discriminator="say")], BeforeValidator(_read_judgement)]
"""A judgement as a file holds it."""


def order_judgements(given: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Order judgements by what they are about, so that the order of a file's rows does not count."""
    return tuple(sorted(given, key=lambda each: (each.words, each.say)))


def list_judged_periods(plan: Plan) -> dict[str, tuple[int, int]]:
    """List the periods whose growth may be judged.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict of str to (int, int)
        By name: 1 from the year's start and 0 of a quarter alone, and the last quarter, counted from 0.

    Examples
    --------
    >>> import sim
    >>> list_judged_periods(sim.read_plan("qingdao-2024"))["H1"]
    (1, 1)
    """
    count = len(plan.quarter_names)
    single = {name: (0, quarter) for quarter, name in enumerate(plan.quarter_names)}
    return single | {name_cumulative(quarter, count): (1, quarter) for quarter in range(count)}


def check_judgements(merged: Record, plan: Plan, faults: list[Fault], whole: bool = True) -> None:
    """Refuse judgements of shocks, indicators or periods that there are not, and two of the same.

    Parameters
    ----------
    merged : Record
        A scenario after inheritance.
    plan : Plan
    faults : list of Fault
        Every fault is appended here.
    whole : bool
        False where a file could not be read: it may hold the shocks that are judged.
    """
    given = merged.get("judgements")
    if not isinstance(given, Items):
        return
    shocks = merged.get("shocks")
    known = {
        "shock": [name for name, each in shocks.items() if each is not None] if isinstance(shocks, Record) else [],
        "series": [indicator.id for indicator in plan.indicators],
        "period": list(list_judged_periods(plan)),
    }
    words = {"shock": "unknown shock '{}'", "series": "unknown indicator '{}'", "period": "unknown period '{}'"}
    seen: dict[Hashable, int] = {}
    for number, each in enumerate(given):
        if not isinstance(each, Record):
            continue
        for key, valid in known.items():
            name = each.get(key)
            if isinstance(name, str) and (whole or key != "shock"):
                faults += find_unknown({name: each.values_at[key]}, valid, words[key])
        topic = _find_topic(each)
        if topic in seen:
            mend = f"judgement {seen[topic]} is of the same already: keep one"
            faults.append(given.items_at[number].fault("a judgement is repeated", mend, code="repeated"))
        seen.setdefault(topic, number + 1)


def _find_topic(given: Mapping[str, Any]) -> Hashable:
    """Find what a judgement that is not checked yet is about."""
    keys = ("shock", "series", "period") if given.get("say") != "centre" else ("series",)
    bound = given.get("at_least", given.get("below")) if given.get("say") == "probability" else given.get("say")
    told = [str(given.get(key, "")) for key in keys]
    try:
        return (*told, f"{float(bound):g}")  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return (*told, str(bound))


def lay_judgements_over(base: Items, over: Items) -> Items:
    """Lay judgements over inherited ones: of two that are about the same, the later one holds.

    Parameters
    ----------
    base, over : Items
        Records, each with its place.

    Returns
    -------
    Items
        What is left of the inherited ones, then the others.
    """
    merged = Items()
    topics = {_find_topic(each) for each in over if isinstance(each, Mapping)}
    for items, kept in ((base, topics), (over, set[Hashable]())):
        for each, at in zip(items, items.items_at, strict=True):
            if not isinstance(each, Mapping) or _find_topic(each) not in kept:
                merged.append(each)
                merged.items_at.append(at)
    return merged
