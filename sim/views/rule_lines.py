"""What rules are worth, in words: a sentence for each, for the terminal and the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.document import When
from sim.views.numbers import print_change, print_error
from sim.views.phrases import pair, say_amount, say_odds, say_period
from sim.views.words import Phrase, join, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.results.run import Run

__all__ = ["RuleLine", "say_rules", "say_when"]

_MOST = 3  # targets told of a rule that no headline target feels


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleLine:
    """A rule of a scenario, as it is read."""

    scenario: str
    rule: str
    sentence: Phrase


def say_when(when: When, plan: Plan) -> Phrase:
    """Say what a rule waits for.

    Parameters
    ----------
    when : When
    plan : Plan

    Returns
    -------
    Phrase

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> say_when(When(series="gdp", period="H1", printed_below=5.0), plan).en
    'GDP of H1 is printed below 5.0 %'
    """
    indicator = next((each for each in plan.indicators if each.id == when.series), None)
    if indicator is not None:
        named, value = pair(indicator), say("odds.percent", number=_print_growth(when.value))
    else:
        target = next(each for each in plan.deliveries if each.id == when.series)
        named, value = pair(target), say_amount(when.value, target.unit)
    key = "rule.at_least" if when.printed_below is None else "rule.below"
    return say(key, series=named, period=say_period(when.period), value=value)


def _print_growth(value: float) -> str:
    text = f"{value:g}".replace("-", "−")
    return text if "." in text else f"{text}.0"


def say_rules(values: pd.DataFrame, run: Run) -> list[RuleLine]:
    """Say what each rule is worth to the headline targets, or to those that feel it most.

    Parameters
    ----------
    values : DataFrame
        As `sim.analysis.rule_value.value_rules` gives it.
    run : Run

    Returns
    -------
    list of RuleLine
    """
    plan = run.model.plan
    targets = {target.id: pair(target) for target in plan.judged}
    headline = [target.id for target in plan.headline]
    named = targets | ({"headline": say("odds.all", number=len(headline))} if len(headline) > 1 else {})
    lines = []
    for scenario in run.scenarios:
        for name, rule in scenario.rules.items():
            rows = values[(values.scenario == scenario.name) & (values.rule == name) & values.target.isin([*named])]
            told = rows[rows.target.isin([*headline, "headline"])]
            if told.empty:
                told = rows.loc[rows.change.abs().sort_values(ascending=False).index[:_MOST]]
            changes = [_say_change(row, named[str(row.target)]) for row in told.itertuples()]
            sentence = say(
                "rule.line",
                scenario=pair(scenario, "title"),
                title=Phrase(rule.title.en, rule.title.zh),
                condition=say_when(rule.when, plan),
                used=say_odds(float(rows.used.iloc[0]) if len(rows) else 0.0),
                changes=join(changes) if changes else say("rule.nothing"),
            )
            lines.append(RuleLine(scenario=scenario.name, rule=name, sentence=sentence))
    return lines


def _say_change(row: Any, target: Phrase) -> Phrase:
    told = {"target": target, "change": print_change(100 * row.change), "error": print_error(row.paired_se, digits=2)}
    if row.per_use != row.per_use:
        return say("rule.change_unused", **told)
    return say("rule.change", per_use=print_change(100 * row.per_use), **told)
