"""Coming releases in words: one sentence each, for the terminal, the page and the chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.analysis.suspense import Suspense, find_crossing
from sim.engine.exact.releases import ReleaseOdds
from sim.views.phrases import pair, say_amount, say_odds, say_period, say_target
from sim.views.words import SPACE, Phrase, join, say

__all__ = ["SuspenseLine", "find_quantile", "say_suspense"]

_LEAST = 2.0  # points of another target's odds that are worth telling
_TAIL = 0.1
_CROSSED = {  # by whether the odds rise to one half, and whether higher figures do it
    (True, True): "suspense.up_more",
    (True, False): "suspense.up_less",
    (False, True): "suspense.down_more",
    (False, False): "suspense.down_less",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SuspenseLine:
    """A release, as it is read.

    Attributes
    ----------
    number : int
        Of the release.
    own : int
        Place of the target that is told of, among the judged.
    series, period, target : Phrase
    low, middle, high : int
        Places among the values: with one tenth at most below, the middle one, with one tenth at most above.
    swing : float
        How far it moves the odds of that target: a standard deviation.
    sentence : Phrase
    """

    number: int
    own: int
    series: Phrase
    period: Phrase
    target: Phrase
    low: int
    middle: int
    high: int
    swing: float
    sentence: Phrase


def find_quantile(release: ReleaseOdds, level: float) -> int:
    """Find the place of a quantile among the figures that a release may print.

    Parameters
    ----------
    release : ReleaseOdds
    level : float

    Returns
    -------
    int
    """
    place = int(np.searchsorted(release.probability.cumsum(), level))
    return min(place, len(release.values) - 1)


def say_suspense(suspense: Suspense) -> list[SuspenseLine]:
    """Say what each coming release may do.

    Parameters
    ----------
    suspense : Suspense

    Returns
    -------
    list of SuspenseLine
        In the order of the releases; without those that are of no target.

    Examples
    --------
    >>> import sim
    >>> lines = say_suspense(sim.measure_suspense("qingdao-2024", series="gdp", n_points=64))
    >>> lines[0].sentence.en[:27], lines[0].sentence.zh[:11]
    ('If GDP prints 5.8 % or more', '若一季度地区生产总值公')
    """
    return [
        _say(suspense, number, own)
        for number, each in enumerate(suspense.releases)
        for own in suspense.list_own(each.release)[:1]
    ]


def _say(suspense: Suspense, number: int, own: int) -> SuspenseLine:
    plan, each = suspense.plan, suspense.releases[number]
    target = plan.judged[own]
    period = say_period(suspense.name_period(each.release))
    today = say_odds(float(each.today[own]))
    low, middle, high = (find_quantile(each, level) for level in (_TAIL, 0.5, 1 - _TAIL))
    if each.release.is_growth:
        series = pair(plan.find_indicator(each.release.series))
        told = {"series": series, "period": period, "target": say_target(plan, target), "today": today}
        sentence = _say_growth(each, own, low, high, told)
    elif each.release.is_delivery:
        series = pair(target)
        least = min(low + 1, len(each.values) - 1), max(high, 1)
        ends = [say_amount(float(each.values[at]), getattr(target, "unit", "")) for at in least]
        odds = [say_odds(_average(each, own, part)) for part in (slice(least[0]), slice(least[1], None))]
        told = {"series": series, "period": period, "target": say_target(plan, target), "today": today}
        sentence = say("suspense.delivery", low=ends[0], high=ends[1], odds_low=odds[0], odds_high=odds[1], **told)
    else:
        series = pair(target)
        chance, left = say_odds(float(each.probability[1])), say_odds(float(each.odds[0, own]))
        sentence = say("suspense.milestone", target=series, period=period, chance=chance, odds=left, today=today)
    others = np.where(np.isin(np.arange(len(plan.judged)), suspense.list_own(each.release)), 0, suspense.swings[number])
    most = int(others.argmax())
    if 100 * others[most] >= _LEAST:
        also = say("suspense.also", target=pair(plan.judged[most]), points=f"{100 * others[most]:.1f}")
        sentence = join([sentence, also], SPACE)
    return SuspenseLine(
        number=number,
        own=own,
        series=series,
        period=period,
        target=say_target(plan, target),
        low=low,
        middle=middle,
        high=high,
        swing=float(suspense.swings[number, own]),
        sentence=sentence,
    )


def _average(each: ReleaseOdds, own: int, part: slice) -> float:
    """Average the odds of a target over some of what a release may say."""
    chance = each.probability[part]
    return float(chance @ each.odds[part, own] / chance.sum())


def _say_growth(each: ReleaseOdds, own: int, low: int, high: int, told: dict[str, Phrase]) -> Phrase:
    crossing = find_crossing(each, own)
    if crossing is not None:
        found = {"value": _say_figure(crossing.value), "chance": say_odds(crossing.probability)}
        return say(_CROSSED[crossing.is_gain, crossing.is_more], **found, **told)
    ends = {"low": _say_figure(float(each.values[low])), "high": _say_figure(float(each.values[high]))}
    odds = [say_odds(float(each.odds[place, own])) for place in (low, high)]
    return say("suspense.never", **ends, odds_low=odds[0], odds_high=odds[1], **told)


def _say_figure(value: float) -> Phrase:
    return say("odds.percent", number=f"{value + 0.0:.1f}")
