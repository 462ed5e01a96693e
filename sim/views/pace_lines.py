"""The required pace in words and printed numbers, for the terminal, the page and the charts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.analysis.pace import Pace, PaceRow
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, direct
from sim.inputs.plan.targets import Delivery, Growth, Judged
from sim.inputs.units import name_unit
from sim.views.phrases import pair, say_amount, say_odds, say_period, say_target
from sim.views.words import NOTHING, SPACE, Phrase, join, say

__all__ = ["PaceLine", "say_between", "say_pace", "say_pace_row", "say_pace_title"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaceLine:
    """A row of the required pace, as it is read.

    Attributes
    ----------
    row : PaceRow
    name : Phrase
        The target with what it asks for.
    so_far, needed, expected, odds, seen : Phrase
        What its columns say.
    sentence : Phrase
        All of it.
    """

    row: PaceRow
    name: Phrase
    so_far: Phrase
    needed: Phrase
    expected: Phrase
    odds: Phrase
    seen: Phrase
    sentence: Phrase


def say_pace(pace: Pace, scenario: str) -> list[PaceLine]:
    """Say the required pace of the targets that have figures, as printed.

    Parameters
    ----------
    pace : Pace
    scenario : str

    Returns
    -------
    list of PaceLine
        In the plan's order.

    Examples
    --------
    >>> import sim
    >>> figures = sim.read_published("qingdao-2024", "qingdao-2024-h1")
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_calibrations=0)
    >>> line = say_pace(sim.measure_pace(result.attainments, figures), "baseline")[0]
    >>> line.so_far.en, line.needed.en, line.needed.zh
    ('5.8 %', '5.1 to 5.2 % or more', '5.1至5.2%以上')
    """
    return [say_pace_row(pace.plan, row) for row in pace.pick(scenario, READINGS[0])]


def say_pace_row(plan: Plan, row: PaceRow) -> PaceLine:
    """Say one row of the required pace.

    Parameters
    ----------
    plan : Plan
    row : PaceRow

    Returns
    -------
    PaceLine
    """
    target = next(each for each in plan.judged if each.id == row.target)
    so_far = say_between(row.so_far_low, row.so_far_high, row.unit, middle=True)
    needed = _say_needed(plan, target, row)
    expected = NOTHING
    if row.rest:
        ends = say_between(row.expected_low, row.expected_high, row.unit)
        expected = say("pace.with_ends", median=_say_number(row.expected, row.unit), ends=ends)
    seen = NOTHING
    if row.rest:
        key = "pace.too_few" if row.is_too_few else "pace.seen"
        seen = say(key) if row.is_too_few else say(key, seen=row.seen, years=row.years)
    odds = say_odds(row.probability)
    told = {"target": say_target(plan, target), "so_far": so_far}
    if not row.rest:
        sentence = say("pace.over", **told)
    else:
        parts = {"period": say_period(row.period), "rest": say_period(row.rest), "needed": needed}
        key = "pace.needs" if isinstance(target, Growth) else "pace.needs_number"
        sentences = [say(key, **told, **parts, expected=expected, odds=odds)]
        if not row.is_too_few:
            sentences.append(say("pace.history", seen=seen))
        sentence = join(sentences, SPACE)
    return PaceLine(
        row=row,
        name=say_target(plan, target),
        so_far=so_far,
        needed=needed,
        expected=expected,
        odds=odds,
        seen=seen,
        sentence=sentence,
    )


def say_pace_title(pace: Pace, scenario: str) -> Phrase:
    """Say in one line what the least likely growth target that has figures needs.

    Parameters
    ----------
    pace : Pace
    scenario : str

    Returns
    -------
    Phrase
    """
    growth = {target.id: target for target in pace.plan.growth}
    rows = [row for row in pace.pick(scenario) if row.target in growth and row.rest]
    if not rows:
        return say("pace.title_none")
    row = min(rows, key=lambda each: each.probability)
    told = {"target": pair(growth[row.target]), "rest": say_period(row.rest)}
    needed = _say_needed(pace.plan, growth[row.target], row)
    return say("pace.title", **told, needed=needed, expected=_say_number(row.expected, row.unit))


def _say_needed(plan: Plan, target: Judged, row: PaceRow) -> Phrase:
    if not row.rest:
        return NOTHING
    if isinstance(target, Growth):
        key = "pace.at_least" if direct(plan, target) > 0 else "pace.at_most"
        return say(key, needed=say_between(row.needed_low, row.needed_high, row.unit))
    if isinstance(target, Delivery) and target.is_cap:
        return say("pace.at_most", needed=say_between(row.needed_low, row.needed_high, row.unit))
    if row.needed_high <= 0:
        return say("pace.reached")
    needed = say("pace.at_least", needed=say_between(row.needed_low, row.needed_high, row.unit))
    return say("pace.times", needed=needed, times=f"{row.times:.1f}") if row.times == row.times else needed


def say_between(low: float, high: float, unit: str, middle: bool = False) -> Phrase:
    """Say an interval; one number where both ends are printed the same.

    Parameters
    ----------
    low, high : float
    unit : str
    middle : bool
        Whether to say its middle alone, as the bulletin did.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> say_between(5.06, 5.19, "%").en, say_between(5.06, 5.12, "%").en
    ('5.1 to 5.2 %', '5.1 %')
    >>> say_between(1.05, 1.15, "万个", middle=True).zh
    '1.1万个'
    """
    if math.isinf(high):
        return say("pace.at_least", needed=_say_number(low, unit))
    if math.isinf(low):
        return say("pace.at_most", needed=_say_number(high, unit))
    if middle:
        return _say_number((low + high) / 2, unit)
    first, last = _say_number(low, unit), _say_number(high, unit)
    if first == last:
        return first
    return say("pace.between", low=_drop_unit(first, unit), high=last)


def _drop_unit(said: Phrase, unit: str) -> Phrase:
    return Phrase(said.en.removesuffix(" %"), said.zh.removesuffix(unit))


def _say_number(value: float, unit: str) -> Phrase:
    """Say a growth rate with one decimal, or an amount with three figures, single things whole."""
    if unit == "%":
        return Phrase(f"{value:.1f} %", f"{value:.1f}%")
    singles = name_unit(unit).singles
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    if singles:
        digits = min(digits, round(math.log10(singles)))
    return say_amount(round(value, digits), unit)
