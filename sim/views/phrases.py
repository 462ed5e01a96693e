"""Phrases about things of a plan and a run, in both languages: targets, periods, odds, records."""

from __future__ import annotations

from math import nan

from sim.inputs.numbers import Number
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import direct
from sim.inputs.plan.targets import Delivery, Growth, InStep, Judged, Milestone, Numbered
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import Scenario
from sim.inputs.units import Unit, name_unit
from sim.learning.track_record import FEW, Record
from sim.views.likelihood_words import say_likelihood
from sim.views.numbers import choose_digits, print_error, print_odds, print_range
from sim.views.words import NOTHING, Phrase, join, read_words, say

__all__ = [
    "SEEN",
    "name_both",
    "name_scenario",
    "pair",
    "say_aim",
    "say_amount",
    "say_condition",
    "say_goal",
    "say_odds",
    "say_period",
    "say_record",
    "say_target",
    "say_verdict",
    "say_within",
]

SEEN = 0.0005
"""Standard errors below this are zero as printed."""


def pair(thing: object, stem: str = "name") -> Phrase:
    """Return the name, title or place of a thing in both languages.

    Parameters
    ----------
    thing : object
        Of a file, with `name_en` and `name_zh`.
    stem : str
        Instead of `name`, such as `title` or `place`.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> from sim.inputs.plan.tables import Group
    >>> pair(Group(id="green", name_en="Green", name_zh="绿色", source="s"))
    Phrase(en='Green', zh='绿色')
    """
    return Phrase(getattr(thing, f"{stem}_en"), getattr(thing, f"{stem}_zh"))


def name_both(thing: object) -> str:
    """Name a thing in both languages, or once where it has one name.

    Examples
    --------
    >>> from sim.inputs.plan.tables import Group
    >>> name_both(Group(id="green", name_en="Green", name_zh="绿色", source="s"))
    'Green 绿色'
    """
    found = pair(thing)
    return found.en if found.en == found.zh else f"{found.en} {found.zh}"


def say_odds(share: float, digits: int = 1) -> Phrase:
    """Say a probability in per cent; what is not certain is never printed as 0 or 100.

    Parameters
    ----------
    share : float
        From 0 to 1; NaN is said as a dash.
    digits : int
        Decimals.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> say_odds(0.30912).zh, say_odds(0.00001).en, say_odds(float("nan")).en
    ('30.9%', '<0.1 %', '–')
    """
    number = print_odds(share, digits)
    return Phrase(number, number) if share != share else say("odds.percent", number=number)


def say_period(name: str) -> Phrase:
    """Name a quarter, or the figure from the year's start to its end; a name that is not listed stays as it is.

    Parameters
    ----------
    name : str
        Such as `Q1` or `H1`.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> say_period("H1").zh, say_period("Q1-Q5").en
    ('上半年', 'Q1–Q5')
    """
    plain = name.replace("-", "–")
    return read_words().get(f"period.{name}", Phrase(plain, plain))


def say_goal(target: Judged) -> Phrase:
    """Say the number, the range or the growth that a target names, without how it is meant; nothing where it has none.

    Examples
    --------
    >>> from sim.inputs.plan.reading import read_plan
    >>> say_goal(read_plan("qingdao-2024").judged[0])
    Phrase(en='5.5 %', zh='5.5%')
    """
    if isinstance(target, InStep):
        plain = target.reference.replace("_", " ")
        return say("criterion.economy") if plain == "gdp" else Phrase(plain, plain)
    if not isinstance(target, Numbered):
        return NOTHING
    if target.upper is not None:
        return say("criterion.range", low=f"{target.value:g}", high=say_amount(target.upper, target.counted))
    return say_amount(target.value, target.counted)


def say_aim(target: Judged) -> Phrase:
    """Say what a target asks for.

    Parameters
    ----------
    target : Judged

    Returns
    -------
    Phrase

    Examples
    --------
    >>> from sim.inputs.plan.reading import read_plan
    >>> say_aim(read_plan("qingdao-2024").judged[0])
    Phrase(en='about 5.5 %', zh='5.5%左右')
    """
    goal = say_goal(target)
    quarter = say_period(target.quarter) if isinstance(target, Milestone) else NOTHING
    enough = say_amount(target.enough, target.counted) if isinstance(target, Delivery) else NOTHING
    return say(f"criterion.{target.criterion}", goal=goal, enough=enough, quarter=quarter)


def say_target(plan: Plan, target: Judged, name: Phrase | str | None = None) -> Phrase:
    """Say a target's name with what it asks for.

    Parameters
    ----------
    plan : Plan
    target : Target
    name : Phrase or str, optional
        Instead of its own name.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> from sim.inputs.plan.reading import read_plan
    >>> plan = read_plan("qingdao-2024")
    >>> say_target(plan, plan.judged[0])
    Phrase(en='GDP about 5.5 %', zh='地区生产总值增长5.5%左右')
    """
    growing = isinstance(target, Growth) and plan.find_indicator(target.indicator).better == "higher"
    return say("target.growing" if growing else "target.named", name=name or pair(target), aim=say_aim(target))


def say_condition(scenario: Scenario) -> Phrase:
    """Say on which shocks the odds of a scenario are conditions: those taken as certain, or likelier than not.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    Phrase
        Nothing where there are none.

    Examples
    --------
    >>> import sim
    >>> say_condition(sim.read_scenario("export-slump", sim.read_plan("qingdao-2024"))).en
    'if this begins: Export slump (certain here)'
    """
    said = [_say_taken(chance, Phrase(shock.title.en, shock.title.zh)) for shock, chance in _list_taken(scenario)]
    return say("scenario.condition", shocks=join(said)) if said else NOTHING


def name_scenario(scenario: Scenario, title: Phrase | str | None = None) -> Phrase:
    """Name a scenario, and whether what it is about is certain in it.

    Parameters
    ----------
    scenario : Scenario
    title : Phrase or str, optional
        Instead of its own.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> import sim
    >>> slump, baseline = sim.read_scenarios(["export-slump", "baseline"], sim.read_plan("qingdao-2024"))
    >>> name_scenario(slump).en, name_scenario(baseline).zh
    ('Export slump (certain here)', '基准情景')
    """
    named = pair(scenario, "title") if title is None else title if isinstance(title, Phrase) else Phrase(title, title)
    taken = _list_taken(scenario)
    return _say_taken(min(chance for _, chance in taken), named) if taken else named


def _list_taken(scenario: Scenario) -> list[tuple[Shock, float]]:
    """List the shocks that do not hang on others, and are likelier than not."""
    chances = ((shock, shock.probability or 0.0) for shock in scenario.shocks.values())
    return [(shock, chance) for shock, chance in chances if chance > 0.5]


def _say_taken(chance: float, named: Phrase) -> Phrase:
    if chance == 1:
        return say("scenario.certain", named=named)
    return say("scenario.likely", named=named, odds=say_odds(chance, digits=0))


def say_verdict(
    plan: Plan,
    target: Judged,
    share: float,
    ends: tuple[float, float] = (nan, nan),
    error: float = 0.0,
    name: Phrase | str | None = None,
) -> Phrase:
    """Say how likely a target is, in words and per cent, as the title of a chart.

    Parameters
    ----------
    plan : Plan
    target : Judged
    share : float
        Its probability, from 0 to 1.
    ends : (float, float)
        Its range, in the place of decimals where it is wide; NaN where there is none.
    error : float
        Standard error of counting, said where it would not be printed as zero.
    name : Phrase or str, optional
        Instead of the target's own name.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> from sim.inputs.plan.reading import read_plan
    >>> plan = read_plan("qingdao-2024")
    >>> say_verdict(plan, plan.judged[0], 0.309).en
    'GDP about 5.5 %: unlikely, 30.9 %'
    >>> say_verdict(plan, plan.judged[0], 0.309, (0.22, 0.44)).en
    'GDP about 5.5 %: unlikely to about even, 31 % (22–44 %)'
    """
    digits = choose_digits(*ends)
    odds = say_odds(share, digits)
    if not digits:
        odds = say("odds.with_range", odds=odds, range=print_range(*ends))
    elif error >= SEEN:
        odds = say("odds.with_error", odds=odds, error=print_error(error))
    return say("odds.verdict", target=say_target(plan, target, name), words=say_likelihood(share, ends), odds=odds)


def say_within(plan: Plan, target: Growth, share: float, digits: int = 1) -> Phrase:
    """Say how likely a target of growth is if its tolerance counts too.

    Parameters
    ----------
    plan : Plan
    target : Growth
    share : float
        Its probability within the tolerance.
    digits : int
        Decimals.

    Returns
    -------
    Phrase
    """
    key = "odds.within" if direct(plan, target) > 0 else "odds.within_above"
    return say(key, tolerance=f"{target.tolerance:g}", odds=say_odds(share, digits))


def say_record(record: Record | None, centre: Number | None = None) -> Phrase:
    """Say what may be said of an indicator's odds, given how its forecasts did in years they had not seen.

    Parameters
    ----------
    record : Record, optional
        None if none was ever scored.
    centre : Number, optional
        Of the indicator's year; one that was overridden by hand is told.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> say_record(None).zh
    '从未检验'
    """
    if record is None and centre is not None and centre.is_overridden:
        return say("record.by_hand", value=f"{centre.value:g}", fitted=f"{centre.fitted:.2f}")
    if record is None:
        return say("record.never_scored")
    told = {"n": record.n, "years": record.years.replace("-", "–"), "brier": f"{record.brier:.3f}"}
    if record.n < FEW:
        return say("record.scored_once" if record.n == 1 else "record.hardly_scored", **told)
    brier = record.brier
    better = "record.better" if brier < 0.245 else "record.worse" if brier > 0.255 else "record.no_better"
    held = say_odds(record.coverage_80, digits=0)
    return say("record.scored", better=say(better), held=held, **told)


def say_amount(value: float, unit: str | Unit) -> Phrase:
    """Say a number with its unit; in English in ones, since counting by ten thousands is Chinese.

    Parameters
    ----------
    value : float
    unit : str or Unit
        Or its name.

    Returns
    -------
    Phrase

    Examples
    --------
    >>> say_amount(2.4, "万个")
    Phrase(en='24,000', zh='2.4万个')
    >>> say_amount(-3.6, "%")
    Phrase(en='−3.6 %', zh='−3.6%')
    """
    known = name_unit(unit) if isinstance(unit, str) else unit
    space = " " if known.unit.isascii() and known.unit != "%" else ""
    said = Phrase(_count_in_english(value, known), f"{value:g}{space}{known.unit}")
    return Phrase(*(text.replace("-", "\N{MINUS SIGN}", 1) for text in said)) if value < 0 else said


def _count_in_english(value: float, unit: Unit) -> str:
    if unit.unit == "%":
        return f"{value:g} %"
    if unit.singles:
        named = f" {unit.name_en}" if unit.unit.isascii() else ""
        return f"{value * unit.singles:,.10g}{named}"
    name = unit.name_en
    for words, factor, short in (("hundred million ", 0.1, "billion "), ("ten thousand ", 10_000, "")):
        if name.startswith(words):
            return f"{value * factor:,.10g} {short}{name.removeprefix(words)}"
    return f"{value:g} {name}" if abs(value) < 100_000 else f"{value:,.10g} {name}"
