"""The page: templates filled with the sections, in one language or in both, everything from files shown as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.browser_table import MOST_SHOCKS
from sim.views.fan_layout import BANDS
from sim.views.headline import build_headline
from sim.views.notes import say_note
from sim.views.palette import write_properties
from sim.views.phrases import pair, say_aim, say_odds, say_period, say_record
from sim.views.question_lines import say_answer
from sim.views.rule_lines import say_rules
from sim.views.warning_lines import list_warnings
from sim.views.words import LANGUAGES, SPACE, Phrase, join, say

if TYPE_CHECKING:
    from jinja2 import Environment

    from sim.analysis.headline_answers import HeadlineAnswer
    from sim.analysis.suspense import Suspense
    from sim.inputs.plan.targets import Judged
    from sim.results.run import Run

__all__ = ["CHOICES", "FOLDER", "embed", "open_environment", "render_page"]

CHOICES = (*LANGUAGES, "both")


FOLDER = Path(__file__).parent


_OTHER = {"en": "zh", "zh": "en"}


_OF_CHINA = ("track_record", "scores", "reliability", "within_year", "class_records")
"""Tables of the method's record, which is of places in China: not shown where no odds of a plan rest on it."""


def open_environment(languages: Sequence[str]) -> Environment:
    """Open templates that escape all they print, and print a phrase once in each language.

    Parameters
    ----------
    languages : sequence of str
        Of `LANGUAGES`, the first one shown at first.

    Returns
    -------
    jinja2.Environment

    Examples
    --------
    >>> open_environment(["en", "zh"]).from_string("{{ words }}").render(words=Phrase("<b>", "粗"))
    '<span lang="en">&lt;b&gt;</span><span lang="zh">粗</span>'
    >>> open_environment(["zh"]).from_string("{{ words }}").render(words=Phrase("<b>", "粗"))
    '粗'
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def list_versions(phrase: Phrase | str) -> Iterator[tuple[str, str]]:
        phrase = phrase if isinstance(phrase, Phrase) else Phrase(phrase, phrase)
        texts = {lang: _glue(phrase.pick(lang)) for lang in languages}
        if len(set(texts.values())) == 1:
            yield "", texts[languages[0]]
        else:
            yield from texts.items()

    def print_value(value: object) -> object:
        if not isinstance(value, Phrase):
            return value
        parts = [
            Markup('<span lang="{}">{}</span>').format(lang, text) if lang else Markup("{}").format(text)
            for lang, text in list_versions(value)
        ]
        return Markup("").join(parts)

    def translate(attribute: str, phrase: Phrase) -> Markup:
        """Write an attribute in the first language, and what it becomes in each; `text` is the text within."""
        versions = list(list_versions(phrase))
        first = Markup("") if attribute == "text" else Markup(' {}="{}"').format(attribute, versions[0][1])
        others = [Markup(' data-{}-{}="{}"').format(attribute, lang, text) for lang, text in versions if lang]
        return first + Markup("").join(others)

    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        finalize=print_value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(languages=tuple(languages), versions=list_versions, translate=translate)
    environment.globals.update(BANDS=BANDS, SPACE=SPACE)
    environment.globals.update(join=join, pair=pair, say=say, say_odds=say_odds, say_period=say_period)
    environment.globals.update(say_record=say_record, note=say_note, say_without_rules=say_without_rules)
    return environment


def say_without_rules(run: Run) -> list[Phrase]:
    """Say which scenarios sliders leave out because of rules, judgements or many shocks; nothing where none has any."""
    left_out = {
        "what_if.without_rules": [each for each in run.scenarios if each.has_rules],
        "what_if.without_judgements": [each for each in run.scenarios if each.judgements],
        "what_if.without_many": [each for each in run.scenarios if len(each.shocks) > MOST_SHOCKS],
    }
    return [
        say(why, scenarios=join([pair(each, "title") for each in scenarios]), most=MOST_SHOCKS)
        for why, scenarios in left_out.items()
        if scenarios
    ]


def _glue(text: str) -> str:
    """Keep a number and its unit on one line."""
    return re.sub(r" (?=%|pp\b)", "\u00a0", text)


def embed(value: Any) -> str:
    r"""Write a value as JSON that can stand inside a script element whatever it holds.

    Parameters
    ----------
    value : object
        Of plain values.

    Returns
    -------
    str

    Examples
    --------
    >>> embed("</script>")
    '"\\u003c/script>"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def render_page(
    run: Run,
    lang: str,
    command: Sequence[str],
    suspense: Suspense | None = None,
    made: date | None = None,
    answers: Sequence[HeadlineAnswer] = (),
) -> str:
    """Fill the templates of the whole page; see `sim.views.page.build_report`.

    Parameters
    ----------
    run : Run
    lang : str
        `en`, `zh` or `both`.
    command : sequence of str
        The command line, for the foot of the page.
    suspense : Suspense, optional
    made : date, optional
        The day on which the page is made.
    answers : sequence of HeadlineAnswer

    Returns
    -------
    str
    """
    from markupsafe import Markup

    from sim.results.tables import format_table
    from sim.views.page import assumptions, reasons, sections, tables, trust
    from sim.views.page.what_if import build_page_table

    languages = LANGUAGES if lang == "both" else (lang,)
    environment, plan = open_environment(languages), run.model.plan
    coming = suspense if run.published else None  # before, what deliveries may have brought is for the what-if alone
    frames = tables.build_tables(run, coming)
    sentence, numbers = build_headline(run)
    what_if = _keep(build_page_table(run, suspense), languages)
    scored = trust.is_scored(run)
    if not scored:
        frames = {name: frame for name, frame in frames.items() if name not in _OF_CHINA}
    page = environment.get_template("report.html.jinja").render(
        run=run,
        plan=plan,
        first=run.attainments[0],
        title=say("page.title", place=pair(plan, "place"), year=plan.year_name),
        sentence=sentence,
        numbers=numbers,
        dates=sections.say_dates(run, made),
        bands=sections.build_bands(),
        warnings=list_warnings(run),
        targets=[_head(run, target) for target in plan.headline or plan.judged],
        odds=sections.build_odds(run),
        why=reasons.build_why(run),
        shocks=reasons.build_shocks(run),
        fans=sections.build_fans(run),
        pace=sections.build_pace(run),
        rules=say_rules(frames["rules"], run) if "rules" in frames else [],
        coming=sections.build_coming(coming) if coming else [],
        answers=[say_answer(run, each) for each in answers],
        joint=sections.build_joint(run) if len(plan.headline) > 1 else [],
        if_missed=[(each.scenario, sections.build_if_missed(each)) for each in run.attainments],
        assumptions=assumptions.tell_scenarios(run.scenarios, plan),
        promises=sections.build_promises(run, frames["promises"]),
        without_odds=sections.build_without_odds(plan),
        **trust.gather_trust(run, frames, scored),
        effort=sections.describe_effort(run),
        manifest=run.describe(command),
        tables={name: Markup(embed(format_table(frame))) for name, frame in frames.items()},
        what_if_table=Markup(embed(what_if)) if what_if else "",
        style=Markup(write_properties() + _read("report.css") + _read("what_if.css")),
        scripts=[
            Markup(_read(name))
            for name in ("report.js", *(["what_if.js", "what_if_joint.js", "what_if_figure.js"] if what_if else []))
        ],
    )
    return page + "\n"


def _head(run: Run, target: Judged) -> tuple[Phrase, Phrase, Phrase]:
    """Head the column of a target: its name, what it asks for, what its odds rest on."""
    return pair(target), say_aim(target), say(f"evidence.{run.model.grades[target.id]}")


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _keep(value: Any, languages: Sequence[str]) -> Any:
    """Leave out what a table says in a language that the page does not have."""
    if len(languages) > 1:
        return value
    if isinstance(value, dict):
        left_out = _OTHER[languages[0]] if {*LANGUAGES} <= {*value} else None
        return {key: _keep(each, languages) for key, each in value.items() if key != left_out}
    return [_keep(each, languages) for each in value] if isinstance(value, list) else value
