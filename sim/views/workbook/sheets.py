"""Sheets: what a workbook of a run says, each table under a Chinese and an English header."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sim.inputs.evidence import GRADES
from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.targets import describe_aim
from sim.inputs.scenario.document import Rule
from sim.results.attainment import Attainment
from sim.results.tables import list_without_odds, summarize
from sim.views.notes import say_note
from sim.views.phrases import name_scenario, pair, say_period
from sim.views.words import Phrase, recognize, say

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import BaseModel

    from sim.inputs.plan.plan import Plan
    from sim.inputs.scenario.document import Shock
    from sim.inputs.scenario.reading import Scenario
    from sim.results.run import Run

__all__ = ["Sheet", "list_sheets", "say_both"]

PERCENT, ERROR, NUMBER, COUNT, TEXT = "0.0%", '[<0.00005]"< 0.01%";0.00%', "0.00", "#,##0", "@"


_FORMS: Mapping[str, str] = {
    "value": "General",
    "probability": PERCENT,
    "mc_se": ERROR,
    "range_low": PERCENT,
    "range_high": PERCENT,
    "exact_calibration": PERCENT,
    "at_least": COUNT,
    "chance": PERCENT,
    "content": "General",
}
"""Number formats of columns that hold more than text; of quantiles `NUMBER`."""


_TURNED = {"name_en": "name_zh", "name_zh": "name_en"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A table of a workbook.

    Attributes
    ----------
    title : str
        Of the sheet, Chinese and English.
    head : tuple of tuple of str
        Header lines, one text a column; the last one carries the filters.
    forms : tuple of str
        Number format of each column.
    rows : tuple of tuple
        Texts, numbers, and None where nothing is known.
    fixed : int
        Columns at the left that stay in sight.
    is_shaded : bool
        Whether odds are darker the likelier.
    is_charted : bool
        Whether the workbook draws its columns.
    """

    title: str
    head: tuple[tuple[str, ...], ...]
    forms: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    fixed: int = 1
    is_shaded: bool = False
    is_charted: bool = False


def list_sheets(run: Run) -> list[Sheet]:
    """List the tables of a run, in the order of a workbook.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of Sheet
        The headline odds first, one row a scenario, then the wide table of all odds, then the tidy ones; a plan
        without headline targets lacks the first.
    """
    plan = run.model.plan
    named = {**{each.id: each.name_zh for each in plan.targets}, **{each.id: each.name_zh for each in plan.indicators}}
    groups = {each.id: each.name_zh for each in plan.groups}
    wider = {"headline": say("workbook.headline_targets").zh, "all": say("workbook.all_targets").zh}
    groups |= {name: words for name, words in wider.items() if name not in groups}

    titles = {each.name: name_scenario(each).zh for each in run.scenarios}

    def gather(frame: str, **names: tuple[str, Mapping[str, str]]) -> pd.DataFrame:
        return _name_in_chinese(summarize(run.attainments, frame), scenario_zh=("scenario", titles), **names)

    reasons = {str(each.reason): recognize("reason", str(each.reason)).zh for each in plan.targets if each.reason}
    readings = {each: say(f"reading.{each}").zh for each in READINGS}
    criteria: dict[str, str] = {
        each: say(f"criterion_sign.{each}").zh for each in sorted({each.criterion for each in plan.judged})
    }
    kinds: dict[str, str] = {each.kind: say(f"kind.{each.kind}").zh for each in plan.targets}
    graded = {"evidence_zh": ("evidence", {each: say(f"evidence.{each}").zh for each in GRADES})}
    return [
        *([_list_headline(run)] if plan.headline else []),
        _spread_odds(run),
        _make_sheet(
            "sheet.all_odds",
            gather("odds", criterion_zh=("criterion", criteria), reading_zh=("reading", readings), **graded),
            fixed=4,
        ),
        _make_sheet("sheet.joint", gather("joint", group_zh=("group", groups)), fixed=4),
        _make_sheet("sheet.conditional", gather("conditional", missed_zh=("missed", named), met_zh=("met", named))),
        _make_sheet("sheet.quantiles", gather("quantiles", series_zh=("series", named)), fixed=4),
        _make_sheet(
            "sheet.without_odds",
            _name_in_chinese(list_without_odds(plan), kind_zh=("kind", kinds), reason_zh=("reason", reasons)),
        ),
        _make_sheet("sheet.assumptions", _tabulate(_describe_scenarios(run.scenarios)), fixed=2),
        _make_sheet("sheet.origin", _tabulate(_describe_origin(run))),
    ]


def _name_in_chinese(table: pd.DataFrame, **names: tuple[str, Mapping[str, str]]) -> pd.DataFrame:
    """Put Chinese names beside the codes of columns; a code that has none stays."""
    for column, (key, words) in names.items():
        place = list(table.columns).index(key) + 1
        table.insert(place, column, [words.get(each) or say_period(each).zh for each in table[key]])
    return table


def say_both(key: str) -> str:
    """Say a phrase in both languages in a row, Chinese first.

    Parameters
    ----------
    key : str

    Returns
    -------
    str
    """
    words = say(key)
    return f"{words.zh} {words.en}"


def _name_column(name: str) -> Phrase:
    """Name a column; quantiles by their level."""
    return say("column.quantile", level=int(name[1:])) if name[1:].isdigit() else say(f"column.{name}")


def _form(name: str) -> str:
    return NUMBER if name[1:].isdigit() else _FORMS.get(name, TEXT)


def _make_sheet(title: str, frame: pd.DataFrame, fixed: int = 1) -> Sheet:
    names = [_TURNED.get(name, name) for name in map(str, frame.columns)]  # Chinese readers find Chinese names first
    heads = [_name_column(name) for name in names]
    rows = tuple(frame[names].astype(object).itertuples(index=False, name=None))
    return Sheet(
        title=say_both(title),
        head=(tuple(head.zh for head in heads), tuple(head.en for head in heads)),
        forms=tuple(_form(name) for name in names),
        rows=rows,
        fixed=fixed,
    )


def _tabulate(rows: Iterator[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows), dtype=object)


def _find_printed(attainment: Attainment) -> dict[str, float]:
    """Find the probability as printed, by target."""
    printed = attainment.odds[attainment.odds.reading == READINGS[0]]
    return dict(zip(printed.target, printed.probability, strict=True))


def _list_headline(run: Run) -> Sheet:
    """List a row for each scenario, a column for each headline target: what the chart draws."""
    targets = run.model.plan.headline
    rows = []
    for attainment in run.attainments:
        scenario, printed = attainment.scenario, _find_printed(attainment)
        joint = attainment.joint[attainment.joint.group == "headline"]
        named = name_scenario(scenario)
        name = f"{named.zh} / {named.en}"
        rows.append((name, *(printed[each.id] for each in targets), joint.probability.iloc[-1]))
    together = say("workbook.together")
    names = (*(pair(each) for each in targets), together)
    head = ((say("column.scenario").zh, *(f"{name.zh} / {name.en}" for name in names)),)
    line = (say("column.scenario").en, *(describe_aim(each) for each in targets), say("reading.printed").en)
    return Sheet(
        title=say_both("sheet.headline"),
        head=(*head, line),
        forms=(TEXT, *[PERCENT] * (len(targets) + 1)),
        rows=tuple(rows),
        is_shaded=True,
        is_charted=True,
    )


def _spread_odds(run: Run) -> Sheet:
    """List a row for each target, three columns for each scenario: the probability as printed and its range."""
    measures = ("probability", "range_low", "range_high")
    fixed = ("target", "name_zh", "name_en", "aim")
    blank = [""] * (len(measures) - 1)
    titles = [
        (*[""] * len(fixed), *(text for each in run.scenarios for text in (getattr(each, f"title_{lang}"), *blank)))
        for lang in ("zh", "en")
    ]
    columns = (*fixed, *measures * len(run.scenarios))
    heads = [_name_column(name) for name in columns]
    odds = [_find_printed(attainment) for attainment in run.attainments]
    rows = []
    for place, target in enumerate(run.model.plan.judged):
        cells: list[object] = [target.id, target.name_zh, target.name_en, describe_aim(target)]
        for number, printed in enumerate(odds):
            cells += [printed[target.id], *run.attainments[number].find_range(place)]
        rows.append(tuple(cells))
    lines = (tuple(head.zh for head in heads), tuple(head.en for head in heads))
    return Sheet(
        title=say_both("sheet.odds"),
        head=(*titles, *lines),
        forms=tuple(_form(name) for name in columns),
        rows=tuple(rows),
        fixed=2,
        is_shaded=True,
    )


def _describe_scenarios(scenarios: Sequence[Scenario]) -> Iterator[dict[str, object]]:
    """Describe each shock in a row; a scenario without shocks has one row."""
    for scenario in scenarios:
        told = {"scenario": scenario.name, "title_zh": scenario.title_zh, "title_en": scenario.title_en}
        shocks: Mapping[str, Shock | Rule | None] = {**scenario.shocks, **scenario.rules} or {"": None}
        for name, shock in shocks.items():
            why = "\n".join(filter(None, (scenario.why_zh, scenario.why)))
            yield {
                **told,
                **_describe_shock(name, shock),
                "why": why,
                "sources": "\n".join(scenario.sources),
                "sources_zh": "\n".join(say_note(each).zh for each in scenario.sources),
            }


def _describe_shock(name: str, shock: Shock | Rule | None) -> dict[str, object]:
    keys = "chance depends onset size profile loadings speed delay source source_zh"
    if shock is None:
        return {"shock": None, "shock_zh": None, **dict.fromkeys(keys.split())}
    chances: Callable[[float], str] = "{:.0%}".format
    chance = hangs_on = None
    if isinstance(shock, Rule):
        hangs_on = shock.when.words
    else:
        chance, depends = shock.probability, shock.depends_on
        if depends is not None:
            both = depends.probability_if_happened, depends.probability_if_not
            hangs_on = f"{depends.shock}: {' / '.join(map(chances, both))}"
    return {
        "shock": name,
        "shock_zh": shock.title.zh,
        "chance": chance,
        "depends": hangs_on,
        "onset": _join({quarter: chances(weight) for quarter, weight in shock.onset.items()}),
        "size": _describe_law(shock.size),
        "profile": _describe_law(shock.profile),
        "loadings": _join(shock.loadings),
        "speed": _join(shock.speed),
        "delay": _join(shock.delay),
        "source": shock.source,
        "source_zh": say_note(shock.source).zh,
    }


def _join(things: Mapping[str, object]) -> str:
    return "; ".join(f"{name} {_say(value)}" for name, value in things.items())


def _describe_law(law: BaseModel) -> str:
    """Describe a law as `lognormal; interval_90 0.4 to 2.5; unit one war`."""
    given: dict[str, Any] = law.model_dump(exclude_none=True)
    form = given.pop("law", None) or given.pop("shape")
    if given.get("unit") == "1":
        del given["unit"]
    return "; ".join(part for part in (str(form), _join(given)) if part)


def _say(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(f"{each:g}" for each in value) if len(value) == 2 else ", ".join(map(_say, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _describe_origin(run: Run) -> Iterator[dict[str, object]]:
    """Describe what the run was made with and of, an item in each row."""
    plan: Plan = run.model.plan
    facts: dict[str, object] = {"plan": plan.name, "place": plan.place, "year": plan.year_name}
    noted = run.describe()
    asked = {name.removeprefix("n_"): value for name, value in asdict(run.settings).items() if value is not None}
    facts |= {"scenarios": noted["scenarios"], **asked, "versions": noted["versions"], "inputs": noted["inputs"]}
    for key, value in facts.items():
        named = say_both(f"item.{key}")
        if isinstance(value, dict):
            yield from ({"item": f"{named}: {inner}", "content": each} for inner, each in value.items())
        else:
            yield {"item": named, "content": ", ".join(map(str, value)) if isinstance(value, list) else value}
