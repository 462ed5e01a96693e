"""The screen of a run: what a reader takes away, in one language."""

from __future__ import annotations

import locale
from shlex import quote

import numpy as np
from rich.console import Console
from rich.text import Text

from sim.learning.track_record import read_track_record
from sim.results.run import Run
from sim.views.centre_lines import say_centre
from sim.views.headline import build_headline
from sim.views.likelihood_words import say_likelihood
from sim.views.numbers import choose_digits, print_range
from sim.views.phrases import pair, say_odds, say_record, say_target, say_verdict
from sim.views.terminal.tables import open_console
from sim.views.warning_lines import list_warnings
from sim.views.words import COMMA, Phrase, join, say

__all__ = ["choose_language", "list_closing", "print_closing", "say_files"]

_LEAST = 3  # targets at risk that are named


_FLAGS = {"target": "--target ID", "scenario": "--scenario NAME"}


def choose_language() -> str:
    """Choose the language of the reader: Chinese where the system's own is."""
    return "zh" if (locale.getlocale(locale.LC_CTYPE)[0] or "").lower().startswith(("zh", "chinese")) else "en"


def say_files(count: int, out: str, others: str) -> Phrase:
    """Say how many files stand in a folder, and which others were left alone there.

    Examples
    --------
    >>> say_files(8, "out", "").en, say_files(8, "out", "notes/").zh
    ('8 files in out', 'out 中共 8 个文件；其中原有文件未动：notes/')
    """
    parts = [say("screen.written", count=count, out=out)]
    parts += [say("screen.left_alone", others=others)] if others else []
    return Phrase(*("".join(part.pick(lang) for part in parts) for lang in ("en", "zh")))


def print_closing(run: Run, lang: str, folder: str = "", console: Console | None = None) -> None:
    """Print what a reader takes away from a run: on a screen of eighty columns, less than 24 lines.

    Parameters
    ----------
    run : Run
    lang : str
        `en` or `zh`.
    folder : str
        Where the run stands, and more of it can be had from.
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    lines = list_closing(run)
    if folder:
        lines.append(say("closing.more", show=f"sim show {quote(folder)} --all", **_FLAGS))
    for number, phrase in enumerate(lines):
        console.print(Text(phrase.pick(lang), "" if number else "bold"))


def list_closing(run: Run) -> list[Phrase]:
    """List what a reader takes away: the headline, why, what costs most, what is at risk, how far to trust it.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of Phrase
        Lines, the first the one sentence of the run.
    """
    plan, first = run.model.plan, run.attainments[0]
    lines = [build_headline(run)[0]]
    if not plan.judged:
        return lines
    for target in plan.headline:
        place = plan.judged.index(target)
        lines.append(say_verdict(plan, target, float(first.met[0, place]), first.find_range(place)))
    if len(plan.headline) > 1:
        joint, ends = float(first.number_met["headline"][-1]), first.find_group_range("headline", len(plan.headline))
        odds = say_odds(joint, choose_digits(*ends))
        if between := print_range(*ends):
            odds = say("odds.with_range", odds=odds, range=between)
        lines.append(say("closing.all", number=len(plan.headline), words=say_likelihood(joint, ends), odds=odds))
    return [*lines, *_list_reasons(run), *_list_risks(run), *_list_grounds(run), *list_warnings(run, every=False)]


def _list_reasons(run: Run) -> list[Phrase]:
    """Say how the centre of the first target of growth comes about."""
    return [say_centre(run.model, target) for target in run.model.plan.headline_growth[:1]]


def _list_risks(run: Run) -> list[Phrase]:
    """Say which scenario costs the first target most, and which of the others are the least likely."""
    plan, first, lines = run.model.plan, run.attainments[0], []
    target = (plan.headline or plan.judged)[0]
    place = plan.judged.index(target)
    worst = min(run.attainments, key=lambda each: float(each.met[0, place]))
    if worst is not first:
        digits = choose_digits(*worst.find_range(place))
        said = {"scenario": pair(worst.scenario, "title"), "odds": say_odds(float(worst.met[0, place]), digits)}
        lines.append(say("closing.costs", target=pair(target), **said))
    others = [each for each in range(len(plan.judged)) if plan.judged[each] not in plan.headline]
    least = sorted(others, key=lambda each: float(first.met[0, each]))[:_LEAST]
    named = [
        say(
            "closing.one",
            target=pair(plan.judged[each]),
            odds=say_odds(float(first.met[0, each]), choose_digits(*first.find_range(each))),
        )
        for each in least
    ]
    return [*lines, say("closing.least", targets=join(named, COMMA))] if named else lines


def _list_grounds(run: Run) -> list[Phrase]:
    """Say how many odds rest on assumptions alone, and how the first target's forecasts did in years not seen."""
    plan, lines = run.model.plan, []
    odds = run.attainments[0].odds
    grades = odds[odds.reading == odds.reading.iloc[0]].evidence.to_numpy()
    assumed = int(np.sum(grades == "assumption"))
    if assumed:
        lines.append(say("closing.assumed", number=assumed, total=len(plan.judged)))
    if plan.headline_growth and not plan.is_abroad:
        target = plan.headline_growth[0]
        record = read_track_record().get(target.indicator)
        centre = run.model.calibration.indicators[target.indicator].centre
        lines.append(say("closing.trust", target=say_target(plan, target), record=say_record(record, centre)))
    return lines
