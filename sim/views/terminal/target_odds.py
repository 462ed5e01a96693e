"""The odds of one target under every scenario, at the terminal, in one language."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from sim.inputs.plan.readings import list_readings
from sim.inputs.plan.targets import Growth, Judged
from sim.learning.track_record import list_verdicts
from sim.results.run import Run
from sim.views.centre_lines import say_centre
from sim.views.likelihood_words import say_likelihood
from sim.views.numbers import choose_digits, print_odds, print_range
from sim.views.phrases import pair, say_period, say_record, say_target
from sim.views.terminal.tables import open_console, open_table, show
from sim.views.words import Phrase, read_words, say

__all__ = ["list_grounds", "print_target"]


def print_target(run: Run, name: str, lang: str, console: Console | None = None) -> None:
    """Print the odds of one target, a line a scenario, and what they rest on.

    Parameters
    ----------
    run : Run
    name : str
        Id of a target with odds.
    lang : str
        `en` or `zh`.
    console : Console, optional
        None means standard output.
    """
    console, plan = console or open_console(), run.model.plan
    place = next(number for number, target in enumerate(plan.judged) if target.id == name)
    target = plan.judged[place]
    console.print(Text(say_target(plan, target).pick(lang), "bold"))
    section = say("target.section", section=target.section)
    console.print(Text(say("target.quoted", phrase=target.phrase, source=section).pick(lang)))
    conditions = say("scenario.conditions").pick(lang) if len(run.attainments) > 1 else ""
    table = open_table("", f"{conditions}\n")
    table.add_column(say("scenario.heading").pick(lang))
    table.add_column(say("table.words").pick(lang))
    readings = list_readings(plan, target)
    for number, (_, reading) in enumerate(readings):
        table.add_column((_name_reading(reading) if number else say("table.odds")).pick(lang), justify="right")
        if not number:
            table.add_column(say("lead.column_range").pick(lang), justify="right")
    for attainment in run.attainments:
        ends = attainment.find_range(place)
        cells = [
            print_odds(float(attainment.met[row, place]), choose_digits(*attainment.met_range[:, row, place]))
            for row, _ in readings
        ]
        cells.insert(1, print_range(*ends))
        words = say_likelihood(float(attainment.met[0, place]), ends)
        table.add_row(*(phrase.pick(lang) for phrase in (pair(attainment.scenario, "title"), words)), *cells)
    show(table, console)
    for phrase in list_grounds(run, target):
        console.print(phrase.pick(lang))


def _name_reading(reading: str) -> Phrase:
    """Name a reading, or the quarter by whose end a target is on course."""
    return read_words().get(f"reading.{reading}") or say_period(reading)


def list_grounds(run: Run, target: Judged) -> list[Phrase]:
    """List what a target's odds rest on: its evidence, of growth its centre and its record too.

    Parameters
    ----------
    run : Run
    target : Judged

    Returns
    -------
    list of Phrase
    """
    model = run.model
    lines = [say("evidence.line", evidence=say(f"evidence.{model.grades[target.id]}"))]
    if isinstance(target, Growth):
        verdict = list_verdicts([target.indicator], model.calibration)[0]
        record = say_record(verdict.record, model.calibration.indicators[target.indicator].centre)
        lines += [say_centre(model, target), say("closing.trust", target=say_target(model.plan, target), record=record)]
    return lines
