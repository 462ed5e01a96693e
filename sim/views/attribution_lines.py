"""Why odds moved, in words: parts and whole changes, for the terminal and the chart."""

from __future__ import annotations

from dataclasses import dataclass

from sim.analysis.attribution import Explanation
from sim.analysis.steps import Part
from sim.inputs.plan.plan import Plan
from sim.inputs.published.figures import Figure
from sim.inputs.published.rows import count_decimals
from sim.views.numbers import print_change
from sim.views.phrases import pair, say_amount, say_odds, say_period, say_target
from sim.views.words import NOTHING, Phrase, join, say

__all__ = ["PartLine", "find_most_moved", "name_target", "say_explanation", "say_parts"]

_SEEN = 0.05  # points from which a part is told
_MOST = 5  # parts that are told of one target


@dataclass(frozen=True, kw_only=True, slots=True)
class PartLine:
    """A part, as it is read.

    Attributes
    ----------
    name : str
        Of the part.
    short : Phrase
        What it is.
    value, expected : Phrase
        What was printed, and what the model expected; nothing where it is no figure.
    sentence : Phrase
        All of it.
    """

    name: str
    short: Phrase
    value: Phrase
    expected: Phrase
    sentence: Phrase


def say_parts(found: Explanation) -> list[PartLine]:
    """Say what the parts are.

    Parameters
    ----------
    found : Explanation

    Returns
    -------
    list of PartLine
        In the order in which they are passed through.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("qingdao-2024")
    >>> figures = sim.read_published(model.plan, "qingdao-2024-h1")
    >>> known = {"model": model, "scenario": sim.read_scenario("baseline", model.plan)}
    >>> days = "2024-07-31", "2024-08-31"
    >>> found = sim.explain(*(sim.State(published=figures.as_of(day), **known) for day in days), n_points=64)
    >>> line = say_parts(found)[0]
    >>> line.short.en, line.short.zh, line.value.en
    ('H1 Fixed-asset investment', '上半年固定资产投资', '5.3 %')
    """
    return [_say_part(found, part) for part in found.parts]


def _say_part(found: Explanation, part: Part) -> PartLine:
    figures = part.figures or part.former
    value = expected = NOTHING
    if len(figures) == 1:
        short = _name_figure(found, figures[0])
        value = _say_value(figures[0])
        if part.kind == "revised":
            sentence = say("why.revised", figure=short, former=_say_value(part.former[0]), value=value)
        elif part.kind == "withdrawn":
            sentence = say("why.withdrawn", figure=short, value=value)
        else:
            expected, sentence = _say_printed(part, figures[0], short, value)
    elif figures:
        key = "why.many_revised" if part.kind == "revised" else "why.many"
        short = sentence = say(key, number=len(figures), date=part.date)
    else:
        short = sentence = join([_name_change(found, part, kind) for kind in part.kind.split("+")])
    return PartLine(name=part.name, short=short, value=value, expected=expected, sentence=sentence)


def _name_figure(found: Explanation, figure: Figure) -> Phrase:
    """Name the series and the period of a figure."""
    for plan in (found.after.plan, found.before.plan):
        things = {each.id: each for each in (*plan.judged, *plan.indicators)}
        if figure.series in things:
            return say("why.figure", series=pair(things[figure.series]), period=say_period(figure.period))
    return Phrase(figure.words, figure.words)


def _say_value(figure: Figure) -> Phrase:
    if figure.kind == "milestone":
        return say("why.reached" if figure.value else "why.not_reached")
    if figure.kind == "growth":
        digits = count_decimals(figure.value) if figure.status == "at_least" else count_decimals(_find_step(figure))
        value = say("odds.percent", number=f"{figure.value:.{digits}f}".replace("-", "−"))
    else:
        value = say_amount(float(figure.value), figure.unit)
    return say("why.at_least", value=value) if figure.status == "at_least" else value


def _find_step(figure: Figure) -> float:
    return round(figure.high - figure.low, 9)


def _say_printed(part: Part, figure: Figure, short: Phrase, value: Phrase) -> tuple[Phrase, Phrase]:
    """Say what was expected of a new figure, and all of it."""
    told, is_known = {"figure": short, "value": value}, part.expected == part.expected
    if figure.kind == "milestone":
        if not is_known:
            return NOTHING, say("why.works", **told)
        chance = say_odds(part.expected if figure.value else 1 - part.expected)
        return chance, say("why.works_expected", chance=chance, **told)
    if not is_known:
        return NOTHING, say("why.printed", **told)
    mean = f"{part.expected + 0.0:.1f}".replace("-", "−")
    expected = say("why.spread", mean=mean, spread=f"{part.spread:.1f}")
    return expected, say("why.expected", expected=expected, **told)


def _name_change(found: Explanation, part: Part, kind: str) -> Phrase:
    if kind == "scenario" and "/" in part.name:
        name = part.name.partition("/")[2]
        ends = found.before.scenario, found.after.scenario
        shocks = {name: each for end in ends for name, each in {**end.shocks, **end.rules}.items()}
        return say("why.shock", shock=Phrase(shocks[name].title.en, shocks[name].title.zh))
    return {
        "calibration": say("why.calibration"),
        "scenario": say("why.scenario"),
        "plan": say("why.plan"),
        "program": say("why.program"),
    }[kind]


def name_target(plan: Plan, name: str) -> Phrase:
    """Name a target with what it asks for; a group keeps its name."""
    target = next((each for each in plan.judged if each.id == name), None)
    return Phrase(name, name) if target is None else say_target(plan, target)


def find_most_moved(found: Explanation) -> str:
    """Find the headline target whose odds moved most.

    Parameters
    ----------
    found : Explanation

    Returns
    -------
    str
        Of all targets, where both states have no headline target.
    """
    headline = [target.id for target in found.after.plan.headline]
    rows = found.odds[found.odds.target.isin(headline)]
    rows = rows if len(rows) else found.odds
    return str(rows.target.iloc[int(rows.change.abs().to_numpy().argmax())])


def say_explanation(found: Explanation, target: str) -> Phrase:
    """Say how far the odds of a target moved and which parts did most of it.

    Parameters
    ----------
    found : Explanation
    target : str

    Returns
    -------
    Phrase
    """
    whole = found.odds[found.odds.target == target].iloc[0]
    named, before, after = name_target(found.after.plan, target), say_odds(whole.before), say_odds(whole.after)
    if whole.change == 0:
        return say("why.still", target=named, after=after)
    lines = {line.name: line for line in say_parts(found)}
    own = found.table[found.table.target == target]
    own = own[100 * own.change.abs() >= _SEEN].sort_values("change", key=abs, ascending=False, kind="stable")
    told = [
        say("why.points", part=lines[part].sentence, points=print_change(100 * change))
        for part, change in own[["part", "change"]].head(_MOST).to_numpy().tolist()
    ]
    head = say("why.from_to", target=named, before=before, after=after)
    sentences = [head, join(told, say("why.and"))] if told else [head]
    return say("why.stop", words=join(sentences, say("why.then")))
