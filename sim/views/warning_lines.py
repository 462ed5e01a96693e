"""What a run warns of, in words: odds that rest on little, figures that surprise, roads that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.inputs.plan.plan import Plan
from sim.inputs.quarters import name_cumulative
from sim.inputs.scenario.judgements import Centre, Judgement, Likelihood, Median
from sim.inputs.scenario.reading import Scenario
from sim.results.attainment import Attainment
from sim.results.ledger import count_heads, is_little
from sim.results.run import Deviation, Run
from sim.views.numbers import print_odds
from sim.views.phrases import pair, say_odds, say_period
from sim.views.question_lines import name_shock
from sim.views.words import Phrase, join, say

__all__ = ["list_warnings", "say_deviation"]

_SURPRISING = 1e-3
"""Probability of figures so far out or farther, below which a reader is told."""


_JUDGED = {
    "probability": "odds.judged_probability",
    "median": "odds.judged_median",
    "centre": "odds.judged_centre",
}
"""Of what is judged."""


def list_warnings(run: Run, every: bool = True) -> list[Phrase]:
    """List what a reader of a run must know first: figures that are known, and where its two roads differ.

    Parameters
    ----------
    run : Run
    every : bool
        Whether to tell of every scenario what known figures leave; else of the first alone.

    Returns
    -------
    list of Phrase
    """
    asked, largest = run.settings.tolerance, run.largest_error
    missed = asked is not None and largest > asked
    words = [say("odds.tolerance_missed", asked=f"{100 * (asked or 0):.3g}", largest=f"{100 * largest:.2g}")] * missed
    told = run.attainments if every else run.attainments[:1]
    published = [*_say_published(run, told), *_say_favoured(run)]
    return [*words, *published, *_say_judged(run), *map(say_deviation, run.deviations)]


def _say_published(run: Run, attainments: Sequence[Attainment]) -> Iterator[Phrase]:
    """Say what is known of the year, what it leaves of the points or paths, and what of it is a surprise."""
    for attainment in attainments if run.published else ():
        scenario, evidence = attainment.scenario.name, attainment.evidence
        points = bool(attainment.n_points)
        number = len(run.published.effective()) if run.published else 0
        yield say(
            "odds.given" if number > 1 else "odds.given_one",
            number=number,
            date=str(max(each.date for each in run.published or ())),
            effort=say(
                "chart.points" if points else "chart.paths", number=f"{attainment.n_points or attainment.n_paths:,}"
            ),
            worth=f"{attainment.n_effective or 0:,.0f}",
            scenario=scenario,
        )
        if evidence is not None and evidence.surprise < _SURPRISING:
            times = say("odds.once", years=f"{float(f'{1 / max(evidence.surprise, 1e-12):.2g}'):,.0f}")
            yield say("odds.surprise", figure=evidence.most_surprising, scenario=scenario, times=times)


def _say_favoured(run: Run) -> Iterator[Phrase]:
    """Say which part of each mixture the published figures favour: the one whose weight grows most, in proportion."""
    for name, rows in run.weights.groupby("scenario", sort=False):
        weights = [*zip(rows.part, rows.before.to_numpy(float), rows.after.to_numpy(float), strict=True)]
        best, before, after = max(weights, key=lambda each: each[2] / max(each[1], 1e-12))
        told = print_odds(after) != print_odds(before) and after > before
        others = [
            say("odds.weight_of", part=part, before=print_odds(first), after=print_odds(last))
            for part, first, last in weights
            if part != best or not told
        ]
        if told:
            moves = say("odds.weight_rises", before=print_odds(before), after=print_odds(after))
            yield say("odds.favoured", scenario=str(name), part=best, moves=moves, others=join(others))
        else:
            yield say("odds.alike", scenario=str(name), others=join(others))


def _say_judged(run: Run) -> Iterator[Phrase]:
    """Say who judges what and why, how surprising it is, and what else it moves."""
    for attainment in run.attainments:
        ledger, scenario, plan = attainment.ledger, attainment.scenario, run.model.plan
        if ledger is None:
            continue
        name = pair(scenario, "title")
        for each, judgement in zip(ledger.entries, scenario.judgements, strict=False):  # the last is of all together
            about = _name_judged(judgement, scenario, plan)
            words = {"scenario": name, "about": about, "who": each.who, "why": each.why}
            if each.say == "centre":
                numbers = {key: f"{getattr(each, key):.2f}" for key in ("asked", "before", "after")}
            else:
                asked = f"{each.asked:g}" if each.say == "median" else print_odds(each.asked)
                numbers = {"asked": asked, "before": print_odds(each.before)}
            yield say(_JUDGED[each.say], **words, **numbers)
        whole = ledger.entries[-1]
        heads, left = count_heads(whole.divergence), print_odds(whole.effective)
        yield say("odds.judged_all", scenario=name, heads=f"{heads:.1f}", left=left)
        if is_little(whole.divergence, whole.effective):
            yield say("odds.judged_little", scenario=name)
        places = {target.id: place for place, target in enumerate(plan.judged)}
        moved = [
            say("odds.weight_of", part=pair(plan.judged[places[each]]), before=print_odds(was), after=print_odds(now))
            for each, was, now in ledger.list_moved(attainment.met, places)
        ]
        if moved:
            yield say("odds.judged_moved", scenario=name, moved=join(moved))


def _name_judged(judgement: Judgement, scenario: Scenario, plan: Plan) -> Phrase:
    """Name what somebody judges: a shock, a figure on one side of a number, a figure, or an indicator."""
    if isinstance(judgement, Likelihood) and judgement.shock:
        return name_shock(scenario, judgement.shock)
    series = pair(plan.find_indicator(judgement.series or ""))
    if isinstance(judgement, Centre):
        return series
    of_year = judgement.period == name_cumulative(len(plan.quarter_names) - 1, len(plan.quarter_names))
    period = say("odds.the_year") if of_year else say_period(judgement.period or "")
    if isinstance(judgement, Median):
        return say("odds.figure_of", series=series, period=period)
    key = "rule.below" if judgement.at_least is None else "rule.at_least"
    value = say("odds.percent", number=f"{judgement.below if judgement.at_least is None else judgement.at_least:g}")
    return say(key, series=series, period=period, value=value)


def say_deviation(deviation: Deviation) -> Phrase:
    """Say in what two methods differ by more than chance explains.

    Parameters
    ----------
    deviation : Deviation

    Returns
    -------
    Phrase
    """
    return say(
        "odds.deviation",
        scenario=deviation.scenario,
        target=deviation.target,
        reading=deviation.reading,
        analytic=say_odds(deviation.analytic, digits=2),
        paths=say_odds(deviation.paths, digits=2),
        z=f"{deviation.z:+.1f}",
    )
