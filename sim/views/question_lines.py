"""Answers to questions in words, for terminal, charts and page: promises, stress, misses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.analysis.what_if import LARGEST
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import list_groups
from sim.inputs.plan.targets import Judged, Numbered
from sim.inputs.scenario.reading import Scenario
from sim.views.phrases import pair, say_amount, say_odds, say_period, say_target
from sim.views.words import NOTHING, Phrase, join, say

if TYPE_CHECKING:
    from sim.analysis.facts import Fact, Rule
    from sim.analysis.headline_answers import HeadlineAnswer
    from sim.results.run import Run

__all__ = [
    "AnswerLine",
    "name_asked",
    "name_shock",
    "name_shocks",
    "say_answer",
    "say_fact",
    "say_rarity",
    "say_rule",
    "say_stress",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerLine:
    """What a page says of a headline target: sentences in both languages; nothing where there is nothing to say.

    The scenario is that of numbers and of misses.
    """

    scenario: Phrase
    numbers: Phrase
    way: Phrase
    milder: Phrase


_WHOLE = {"headline": "compare.headline", "all": "compare.all"}
_RAREST = 10_000  # years beyond which a shock is only said to be rarer


def say_fact(plan: Plan, scenario: Scenario, fact: Fact) -> Phrase:
    """Say a fact in words.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
    fact : Fact

    Returns
    -------
    Phrase
    """
    if fact.kind == "trend":
        return say("miss.trend")
    if fact.kind in ("happened", "begun"):
        named = name_shock(scenario, fact.name)
        return say("miss.happened", shock=named) if fact.kind == "happened" else say("miss.begun", shock=named)
    if fact.kind == "missed":
        return say("miss.missed", target=pair(next(each for each in plan.judged if each.id == fact.name)))
    facts = {"indicator": pair(plan.find_indicator(fact.name)), "period": say_period(fact.period), "value": fact.value}
    return say("miss.below", **facts) if fact.kind == "below" else say("miss.above", **facts)


def say_rule(plan: Plan, scenario: Scenario, rule: Rule) -> Phrase:
    """Say a rule in words: its facts, how many misses they cover, and how many such years miss."""
    facts = join([say_fact(plan, scenario, fact) for fact in rule.facts], say("ask.and"))
    return say("miss.rule", facts=facts, coverage=f"{100 * rule.coverage:.0f}", purity=f"{100 * rule.purity:.0f}")


def name_asked(plan: Plan, name: str) -> Phrase:
    """Name a target with what it asks for, or a group, of which all are to be met.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> name_asked(plan, "headline").en, name_asked(plan, "gdp").en
    ('all 6 headline targets', 'GDP about 5.5 %')
    """
    target = next((each for each in plan.judged if each.id == name), None)
    if target is not None:
        return say_target(plan, target)
    if name in _WHOLE:
        return say(_WHOLE[name], number=len(list_groups(plan)[name]))
    return next((pair(each) for each in plan.groups if each.id == name), Phrase(name, name))


def say_answer(run: Run, answer: HeadlineAnswer) -> AnswerLine:
    """Say what could have been promised of a headline target, how it is missed, and what halves its odds.

    Parameters
    ----------
    run : Run
    answer : HeadlineAnswer

    Returns
    -------
    AnswerLine

    Examples
    --------
    >>> import sim
    >>> from sim.analysis.headline_answers import answer_headline
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_points=64, n_calibrations=0)
    >>> line = say_answer(result, answer_headline(result)[0])
    >>> line.numbers.en.partition(":")[0], line.way.en.startswith("Of the years that miss it")
    ('GDP, stated as 5.5 %', True)
    """
    plan = run.model.plan
    target = next(each for each in plan.judged if each.id == answer.target)
    scenarios = {each.name: each for each in run.scenarios}
    assert isinstance(target, Numbered)
    numbers = [_say_number(each, target.unit) for _, each in answer.numbers]
    numbered = say(
        "answer.numbers",
        name=pair(target),
        stated=say_amount(target.value, target.unit),
        numbers=join(numbers),
        odds=join([say_odds(odds, 0) for odds, _ in answer.numbers]),
    )
    way = milder = NOTHING
    if answer.way is not None:
        figures = [
            say("answer.figure", value=f"{value:.1f}", period=say_period(period))
            for period, value in answer.way.figures
        ]
        way = say(
            "answer.way",
            chance=say_odds(answer.chance, 0),
            share=say_odds(answer.way.share, 0),
            shocks=name_shocks(scenarios[answer.scenario], answer.way.shocks),
            figures=join(figures),
        )
    if answer.milder is not None:
        scenario = scenarios[answer.milder.scenario]
        milder = say(
            "answer.milder",
            scenario=pair(scenario, "title"),
            given=say_odds(answer.milder.given),
            shock=name_shock(scenario, answer.milder.shock),
            factor=f"{answer.milder.factor:.1f}",
            rarity=say_rarity(answer.milder.once_in),
        )
    elif answer.tried:
        named = pair(scenarios[answer.tried], "title")
        milder = say("answer.unbroken", scenario=named, factor=f"{LARGEST:g}")
    title = pair(scenarios[answer.scenario], "title")
    return AnswerLine(scenario=title, numbers=numbered, way=way, milder=milder)


def _say_number(value: float, unit: str) -> Phrase:
    """Say a number that could have been promised: growth to a decimal, whatever it ends in."""
    if value != value:
        return say("answer.none")
    if unit != "%":
        return say_amount(value, unit)
    return say("odds.percent", number=f"{value:.1f}".replace("-", "\N{MINUS SIGN}"))


def name_shock(scenario: Scenario, name: str) -> Phrase:
    """Name a shock or a rule by its title."""
    known = [{**part.shocks, **part.rules} for part, _ in scenario.parts]
    title = next(each[name] for each in known if name in each).title
    return Phrase(title.en, title.zh)


def name_shocks(scenario: Scenario, names: str) -> Phrase:
    """Name shocks that happen together, as `sim.describe_misses` joins them; none is an ordinary year.

    Examples
    --------
    >>> import sim
    >>> name_shocks(sim.read_scenario("baseline", sim.read_plan("qingdao-2024")), "").en
    'no shock'
    """
    part, colon, own = names.rpartition(": " if scenario.mixture else "\0")
    if colon:
        chosen = next(each for each, _ in scenario.mixture if each.name == part)
        return say("miss.part", part=Phrase(chosen.title_en, chosen.title_zh), shocks=name_shocks(chosen, own))
    if not names:
        return say("miss.no_shock")
    return join([name_shock(scenario, each) for each in names.split(" + ")], say("ask.and"))


def say_rarity(years: float) -> Phrase:
    """Say how rare something is.

    Examples
    --------
    >>> say_rarity(41.3).en, say_rarity(1.04).en, say_rarity(2e5).en
    ('once in 41 years', 'most years', 'less than once in 10,000 years')
    """
    if years != years or years < 1.5:
        return say("stress.often")
    if years > _RAREST:
        return say("stress.rarer", years=f"{_RAREST:,}")
    return say("odds.once", years=f"{float(f'{years:.2g}'):,.0f}")


def say_stress(
    target: Judged, scenario: Scenario, shock: str, factor: float, years: float, given: float, odds: float
) -> Phrase:
    """Say which size of a shock brings the odds of a target down, and how rare it is.

    Parameters
    ----------
    target : Judged
    scenario : Scenario
    shock : str
        Its name.
    factor : float
        On its size.
    years : float
        In which it is as large once.
    given, odds : float
        As the scenario stands, and with the larger shock.

    Returns
    -------
    Phrase
    """
    return say(
        "stress.size",
        target=pair(target),
        shock=name_shock(scenario, shock),
        factor=f"{factor:.2g}",
        rarity=say_rarity(years),
        given=say_odds(given),
        odds=say_odds(odds),
    )
