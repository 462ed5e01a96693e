"""Sheets: what a workbook of a run says, each table under a Chinese and an English header."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.targets import describe_aim
from sim.results.attainment import QUANTILE_LEVELS, Attainment
from sim.results.tables import list_without_odds, summarize

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import BaseModel

    from sim.inputs.plan.plan import Plan
    from sim.inputs.scenario.document import Shock
    from sim.inputs.scenario.reading import Scenario
    from sim.results.run import Run

__all__ = ["Sheet", "list_sheets"]

PERCENT, ERROR, NUMBER, COUNT, TEXT = "0.0%", '[<0.00005]"< 0.01%";0.00%', "0.00", "#,##0", "@"


_HEADERS: Mapping[str, tuple[str, str, str]] = {
    "scenario": ("情景", "scenario", TEXT),
    "title_zh": ("情景名称", "title (zh)", TEXT),
    "title_en": ("情景名称（英）", "title (en)", TEXT),
    "target": ("目标代码", "target", TEXT),
    "name_zh": ("目标名称", "name (zh)", TEXT),
    "name_en": ("目标名称（英）", "name (en)", TEXT),
    "aim": ("要求", "aim", TEXT),
    "criterion": ("判定标准", "criterion", TEXT),
    "reading": ("口径", "reading", TEXT),
    "value": ("目标值", "value", "General"),
    "unit": ("单位", "unit", TEXT),
    "probability": ("实现概率", "probability", PERCENT),
    "mc_se": ("计算误差", "error of computing", ERROR),
    "range_low": ("区间下限", "range from", PERCENT),
    "range_high": ("区间上限", "range to", PERCENT),
    "exact_calibration": ("参数准确时", "if the calibration were exact", PERCENT),
    "group": ("分组", "group", TEXT),
    "group_zh": ("分组名称", "group (zh)", TEXT),
    "at_least": ("至少实现项数", "at least", COUNT),
    "missed": ("未实现的目标", "missed", TEXT),
    "missed_zh": ("未实现的目标名称", "missed (zh)", TEXT),
    "met": ("仍实现的目标", "met", TEXT),
    "met_zh": ("仍实现的目标名称", "met (zh)", TEXT),
    "series": ("序列", "series", TEXT),
    "series_zh": ("序列名称", "series (zh)", TEXT),
    "period": ("时期", "period", TEXT),
    "section": ("报告章节", "section", TEXT),
    "kind": ("类型", "kind", TEXT),
    "reason": ("无概率的原因", "why it has no odds", TEXT),
    "why": ("设定依据", "why", TEXT),
    "sources": ("情景来源", "sources", TEXT),
    "shock": ("冲击代码", "shock", TEXT),
    "shock_zh": ("冲击名称", "shock (zh)", TEXT),
    "chance": ("发生概率", "probability of happening", PERCENT),
    "depends": ("依赖的冲击", "depends on", TEXT),
    "onset": ("开始季度", "onset", TEXT),
    "size": ("强度分布", "size", TEXT),
    "profile": ("季度走势", "profile", TEXT),
    "loadings": ("对增速的影响（百分点）", "loadings, percentage points", TEXT),
    "speed": ("对进度的影响（比例）", "speed of deliveries, share", TEXT),
    "delay": ("对里程碑的延误（季度）", "delay of milestones, quarters", TEXT),
    "source": ("冲击来源", "source of the shock", TEXT),
    "item": ("项目", "item", TEXT),
    "content": ("内容", "content", "General"),
    **{
        f"q{round(100 * level):02d}": (f"{round(100 * level)}%分位数", f"q{round(100 * level):02d}", NUMBER)
        for level in QUANTILE_LEVELS
    },
}
"""By column: Chinese header, English header, number format."""


_TURNED = {"name_en": "name_zh", "name_zh": "name_en"}


_ITEMS: Mapping[str, str] = {
    "plan": "计划",
    "place": "地区",
    "year": "年份",
    "scenarios": "情景",
    "seed": "随机种子",
    "paths": "路径数",
    "method": "方法",
    "points": "积分点数",
    "calibrations": "重抽校准数",
    "tolerance": "目标标准误差",
    "versions": "版本",
    "inputs": "输入文件（SHA-256）",
}


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
    groups |= {name: words for name, words in (("headline", "主要目标"), ("all", "全部目标")) if name not in groups}

    def gather(frame: str, **names: tuple[str, Mapping[str, str]]) -> pd.DataFrame:
        table = summarize(run.attainments, frame)
        for column, (key, words) in names.items():
            table.insert(list(table.columns).index(key) + 1, column, [words.get(each, each) for each in table[key]])
        return table

    return [
        *([_list_headline(run)] if plan.headline else []),
        _spread_odds(run),
        _make_sheet("全部概率 All odds", gather("odds"), fixed=2),
        _make_sheet("联合概率 Joint", gather("joint", group_zh=("group", groups)), fixed=3),
        _make_sheet("条件概率 Conditional", gather("conditional", missed_zh=("missed", named), met_zh=("met", named))),
        _make_sheet("分位数 Quantiles", gather("quantiles", series_zh=("series", named)), fixed=3),
        _make_sheet("无概率目标 Without odds", list_without_odds(plan)),
        _make_sheet("情景假设 Assumptions", _tabulate(_describe_scenarios(run.scenarios)), fixed=2),
        _make_sheet("来源 Origin", _tabulate(_describe_origin(run))),
    ]


def _make_sheet(title: str, frame: pd.DataFrame, fixed: int = 1) -> Sheet:
    names = [_TURNED.get(name, name) for name in map(str, frame.columns)]  # Chinese readers find Chinese names first
    heads = [_HEADERS[name] for name in names]
    rows = tuple(frame[names].astype(object).itertuples(index=False, name=None))
    return Sheet(
        title=title,
        head=(tuple(head[0] for head in heads), tuple(head[1] for head in heads)),
        forms=tuple(head[2] for head in heads),
        rows=rows,
        fixed=fixed,
    )


def _tabulate(rows: Iterator[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows), dtype=object)


def _find_printed(attainment: Attainment) -> dict[str, float]:
    """Probability as printed, by target."""
    printed = attainment.odds[attainment.odds.reading == READINGS[0]]
    return dict(zip(printed.target, printed.probability, strict=True))


def _list_headline(run: Run) -> Sheet:
    """One row a scenario, one column a headline target: what the chart draws."""
    targets = run.model.plan.headline
    rows = []
    for attainment in run.attainments:
        scenario, printed = attainment.scenario, _find_printed(attainment)
        joint = attainment.joint[attainment.joint.group == "headline"]
        name = f"{scenario.title_zh} / {scenario.title_en}"
        rows.append((name, *(printed[each.id] for each in targets), joint.probability.iloc[-1]))
    head = (("情景", *(f"{each.name_zh} / {each.name_en}" for each in targets), "全部实现 / all of them"),)
    line = ("scenario", *(describe_aim(each) for each in targets), "as printed")
    return Sheet(
        title="主要目标 Headline",
        head=(*head, line),
        forms=(TEXT, *[PERCENT] * (len(targets) + 1)),
        rows=tuple(rows),
        is_shaded=True,
        is_charted=True,
    )


def _spread_odds(run: Run) -> Sheet:
    """One row a target; three columns a scenario: the probability as printed and its range."""
    measures = ("probability", "range_low", "range_high")
    fixed = ("target", "name_zh", "name_en", "aim")
    blank = [""] * (len(measures) - 1)
    titles = [
        (*[""] * len(fixed), *(text for each in run.scenarios for text in (getattr(each, f"title_{lang}"), *blank)))
        for lang in ("zh", "en")
    ]
    heads = [_HEADERS[name] for name in (*fixed, *measures * len(run.scenarios))]
    odds = [_find_printed(attainment) for attainment in run.attainments]
    rows = []
    for place, target in enumerate(run.model.plan.judged):
        cells: list[object] = [target.id, target.name_zh, target.name_en, describe_aim(target)]
        for number, printed in enumerate(odds):
            cells += [printed[target.id], *run.attainments[number].find_range(place)]
        rows.append(tuple(cells))
    lines = (tuple(head[0] for head in heads), tuple(head[1] for head in heads))
    return Sheet(
        title="概率总览 Odds",
        head=(*titles, *lines),
        forms=tuple(head[2] for head in heads),
        rows=tuple(rows),
        fixed=2,
        is_shaded=True,
    )


def _describe_scenarios(scenarios: Sequence[Scenario]) -> Iterator[dict[str, object]]:
    """Describe each shock in a row; a scenario without shocks has one row."""
    for scenario in scenarios:
        told = {"scenario": scenario.name, "title_zh": scenario.title_zh, "title_en": scenario.title_en}
        shocks: Mapping[str, Shock | None] = scenario.shocks or {"": None}
        for name, shock in shocks.items():
            why = "\n".join(filter(None, (scenario.why_zh, scenario.why)))
            yield {**told, **_describe_shock(name, shock), "why": why, "sources": "\n".join(scenario.sources)}


def _describe_shock(name: str, shock: Shock | None) -> dict[str, object]:
    keys = "chance depends onset size profile loadings speed delay source"
    if shock is None:
        return {"shock": None, "shock_zh": None, **dict.fromkeys(keys.split())}
    depends = shock.depends_on
    chances: Callable[[float], str] = "{:.0%}".format
    return {
        "shock": name,
        "shock_zh": shock.title.zh,
        "chance": shock.probability,
        "depends": depends
        and f"{depends.shock}: {chances(depends.probability_if_happened)} / {chances(depends.probability_if_not)}",
        "onset": _join({quarter: chances(weight) for quarter, weight in shock.onset.items()}),
        "size": _describe_law(shock.size),
        "profile": _describe_law(shock.profile),
        "loadings": _join(shock.loadings),
        "speed": _join(shock.speed),
        "delay": _join(shock.delay),
        "source": shock.source,
    }


def _join(things: Mapping[str, object]) -> str:
    return "; ".join(f"{name} {_say(value)}" for name, value in things.items())


def _describe_law(law: BaseModel) -> str:
    """`lognormal; interval_90 0.4 to 2.5; unit one war`."""
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
    facts: dict[str, object] = {"plan": plan.name, "place": f"{plan.place_zh} {plan.place_en}", "year": plan.year}
    noted = run.describe()
    asked = {name.removeprefix("n_"): value for name, value in asdict(run.settings).items() if value is not None}
    facts |= {"scenarios": noted["scenarios"], **asked, "versions": noted["versions"], "inputs": noted["inputs"]}
    for key, value in facts.items():
        named = f"{_ITEMS[key]} {key}"
        if isinstance(value, dict):
            yield from ({"item": f"{named}: {inner}", "content": each} for inner, each in value.items())
        else:
            yield {"item": named, "content": ", ".join(map(str, value)) if isinstance(value, list) else value}
