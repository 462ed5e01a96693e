"""What the page's what-if says; what it computes with is `sim.analysis.browser_table`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.browser_table import build_table
from sim.inputs.quarters import name_cumulative
from sim.views.charts.style import Look

if TYPE_CHECKING:
    from sim.inputs.scenario.reading import Scenario
    from sim.model.model import Model

__all__ = ["WORDS", "build_page_table"]

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "scenario": "Scenario",
        "chance": "Probability",
        "happened": "Probability if “{}” happens",
        "otherwise": "Probability if it does not",
        "size": "Size, times the scenario’s",
        "about": "Tolerance of “about”",
        "points": "{} points",
        "published": "As published",
        "none": "No shocks",
        "calm": "This scenario has no shocks.",
        "all": "All {} together",
        "summary": "All {} targets together, as stated: {}",
        "indicator": "Indicator",
        "percent": "{} %",
        "median": "median",
        "aim": "target",
        "fan": "{}, year: median {}, half of the outcomes from {} to {}",
    },
    "zh": {
        "scenario": "情景",
        "chance": "发生概率",
        "happened": "“{}”发生时的概率",
        "otherwise": "未发生时的概率",
        "size": "强度（情景设定的倍数）",
        "about": "“左右”的容差",
        "points": "{} 个百分点",
        "published": "恢复原情景",
        "none": "去除冲击",
        "calm": "本情景没有冲击。",
        "all": "{} 项全部实现",
        "summary": "{} 项目标全部实现的概率（按原文）：{}",
        "indicator": "指标",
        "percent": "{}%",
        "median": "中位数",
        "aim": "目标",
        "fan": "{}，全年：中位数 {}，一半结果在 {} 至 {} 之间",
    },
}
"""What the page says, by language; `{}` is filled in by the page."""


def build_page_table(model: Model, scenarios: Sequence[Scenario], seed: int) -> dict[str, Any]:
    """Build the table of the page's what-if, with its words.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
        Those a reader may choose from.
    seed : int
        Of the points.

    Returns
    -------
    dict
        As `sim.analysis.browser_table.build_table` gives it.
    """
    looks = {lang: Look(lang, ()) for lang in WORDS}
    quarters = len(model.plan.quarter_names)
    return build_table(
        model,
        scenarios,
        seed,
        words=WORDS,
        periods=[
            {lang: look.say(name_cumulative(quarter, quarters)) for lang, look in looks.items()}
            for quarter in range(quarters)
        ],
        aims={each.id: {lang: look.aim(each) for lang, look in looks.items()} for each in model.plan.headline_growth},
    )
