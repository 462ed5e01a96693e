"""Questions of published figures: sizes, leaps, steps and days that look like slips; all are kept as they are."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sim.errors import Fault
from sim.inputs.files.documents import Record
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.tables import Indicator
from sim.inputs.published.figures import Figure
from sim.inputs.scale import Typed, guess_meant, question_leap

__all__ = ["question_figures"]

_LATE = datetime.timedelta(days=270)
"""After the end of a period: hardly anything is printed for the first time so late."""


def question_figures(
    plan: Plan, made: Sequence[tuple[Figure, Record]], ends: Sequence[datetime.date]
) -> Iterator[Fault]:
    """Question figures that look like slips.

    Parameters
    ----------
    plan : Plan
    made : sequence of (Figure, Record)
        By date.
    ends : sequence of date
        The last day of each quarter.

    Yields
    ------
    Fault
    """
    indicators, goals = {each.id: each for each in plan.indicators}, {each.id: each for each in plan.deliveries}
    for figure, record in made:
        if figure.status == "first" and figure.date > ends[figure.quarter] + _LATE:
            what = f"{figure.series} {figure.period}: first printed on {figure.date}"
            yield record.values_at["date"].fault(what, f"{figure.period} ended on {ends[figure.quarter]}", code="range")
        yield from _question_step(figure, record)
        goal = goals.get(figure.series)
        if goal is not None and figure.kind == "delivery" and float(figure.value) > 5 * goal.value:
            what = f"{figure.words}, and {goal.value:g} {goal.unit} are promised"
            yield record.values_at["value"].fault(what, "of another unit, or of all years?", code="range")
        if figure.series in indicators:
            yield from _question_size(plan, indicators[figure.series], figure, record)
    for indicator in plan.indicators:
        own = {figure.quarter: (figure, record) for figure, record in made if _is_so_far(figure, indicator)}
        yield from _question_between(plan, indicator, own)


def _is_so_far(figure: Figure, indicator: Indicator) -> bool:
    return figure.series == indicator.id and not figure.single and figure.status != "at_least"


def _question_step(figure: Figure, record: Record) -> Iterator[Fault]:
    """Question a figure that its own step does not reach."""
    step = figure.high - figure.low
    if record.get("step") and 0 < step < float("inf"):
        steps = float(figure.value) / step
        if abs(steps - round(steps)) > 1e-6 * max(1.0, abs(steps)):
            what = f"{figure.series} {figure.period}: {figure.value:g} is not printed to {step:g}"
            yield record.values_at["step"].fault(what, "the step is one unit of the last digit printed", code="range")


def _question_size(plan: Plan, indicator: Indicator, figure: Figure, record: Record) -> Iterator[Fault]:
    typed = Typed(float(figure.value), record.values_at["value"], f"{figure.series} {figure.period}")
    usual = abs(indicator.baseline)
    meant = guess_meant(typed.value, usual) if usual else ""
    if meant:
        yield typed.place.fault(f"{typed.what}: {typed.value:g} %", meant, code="range")
    elif not figure.single:
        beside = f"after {indicator.baseline:g} in {plan.year - 1}"
        yield from question_leap(typed, indicator.baseline, beside, indicator.measure)


def _question_between(plan: Plan, indicator: Indicator, own: dict[int, tuple[Figure, Record]]) -> Iterator[Fault]:
    """Question what two figures from the year's start say of the quarters between them."""
    shares = [each.share for each in plan.quarters[indicator.id]]
    told = sorted(own)
    for before, after in pairwise(told):
        (first, _), (second, record) = own[before], own[after]
        early, late = sum(shares[: before + 1]), sum(shares[: after + 1])
        between = round((float(second.value) * late - float(first.value) * early) / (late - early), 1)
        typed = Typed(
            between, record.values_at["value"], f"{second.words} after {first.words} means for the time between"
        )
        if not guess_meant(float(second.value), abs(indicator.baseline) or None):
            beside = f"and {first.value:g} before"
            yield from question_leap(typed, float(first.value), beside, indicator.measure)
