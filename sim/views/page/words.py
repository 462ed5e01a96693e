"""What the report says, in English and Chinese: every phrase is a pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["CLASSES", "LANGUAGES", "NOTHING", "REASONS", "WORDS", "Phrase", "join", "pair", "percent", "say", "verdict"]

LANGUAGES = ("en", "zh")


class Phrase(NamedTuple):
    """The same thing said in both languages.

    Attributes
    ----------
    en, zh : str
    """

    en: str
    zh: str


NOTHING = Phrase("", "")
"""Said where there is nothing to say."""


def say(key: str, **values: object) -> Phrase:
    """A phrase of `WORDS`, filled in; a value that is itself a phrase is put in language by language.

    Examples
    --------
    >>> say("all_of_them", number=6)
    Phrase(en='all 6', zh='6 项全部')
    """
    parts = []
    for place, template in enumerate(WORDS[key]):
        chosen = {name: value[place] if isinstance(value, Phrase) else value for name, value in values.items()}
        parts.append(template.format(**chosen))
    return Phrase(*parts)


def pair(thing: object, stem: str = "name") -> Phrase:
    """The name, title or place of a thing in both languages.

    Examples
    --------
    >>> from sim.inputs.plan.tables import Group
    >>> pair(Group(id="green", name_en="Green", name_zh="绿色", source="s"))
    Phrase(en='Green', zh='绿色')
    """
    return Phrase(getattr(thing, f"{stem}_en"), getattr(thing, f"{stem}_zh"))


def join(phrases: list[Phrase]) -> Phrase:
    """Several phrases in a row, with the comma of each language.

    Examples
    --------
    >>> join([Phrase("one", "一"), Phrase("two", "二")])
    Phrase(en='one, two', zh='一、二')
    """
    return Phrase(", ".join(each.en for each in phrases), "、".join(each.zh for each in phrases))


def percent(share: float, digits: int = 1) -> Phrase:
    r"""A probability in per cent; what is not certain is never printed as 0 or 100.

    Examples
    --------
    >>> percent(0.30912).zh, percent(0.00001).en, percent(float("nan")).en
    ('30.9%', '<0.1\xa0%', '–')
    """
    if share != share:
        return Phrase("–", "–")
    text, step = f"{100 * share:.{digits}f}", 10.0**-digits
    if share > 0 and float(text) == 0:
        text = f"<{step:g}"
    if share < 1 and float(text.lstrip("<")) == 100:
        text = f">{100 - step:g}"
    return Phrase(f"{text}\u00a0%", f"{text}%")


def verdict(n: int | None, brier: float = 0, coverage_80: float = 0, years: str = "", few: int = 10) -> Phrase:
    """What may be said of an indicator's odds, given its record.

    Parameters
    ----------
    n : int, optional
        Forecasts scored; None if never.
    brier, coverage_80 : float
        Mean squared error of the probabilities; share of outcomes within the 80 % intervals.
    years : str
    few : int
        Fewer forecasts than this say nothing.

    Examples
    --------
    >>> verdict(None).zh
    '从未检验'
    """
    if n is None:
        return say("never_scored")
    if n < few:
        return say("hardly_scored", n=n, s="s" * (n > 1), years=years)
    better = "better" if brier < 0.245 else "worse" if brier > 0.255 else "no_better"
    return say(
        "scored", n=n, years=years, brier=f"{brier:.3f}", better=say(better), held=percent(coverage_80, digits=0)
    )


REASONS: Mapping[str, str] = {
    "members are not named in the report": "报告未列明所含指标",
    "carried on all year, no end state named": "全年持续推进，未写明完成状态",
    "no measurable criterion": "没有可衡量的标准",
    "policy to be carried out, no result named": "只写政策举措，未写结果",
    "a longer plan, no goal named for 2024": "跨年度规划，未写明 2024 年目标",
    "support only, no result named": "只写支持，未写结果",
    "programme named without a number": "只写工程名称，未写数量",
    "'more' names no number and no base": "只写“更多”，无数量和基数",
    "a ramp-up without a level to reach": "只写提升，未写达到的水平",
    "the number counts kinds, not pilots": "数字指种类，不是试点数量",
    "the doubling is the plan's name, no 2024 goal": "“倍增”是计划名称，无 2024 年目标",
    "the doubling is the action's name, no 2024 goal": "“倍增”是行动名称，无 2024 年目标",
    "'in step' names no width, and the plan has no income series": "“同步”未写明幅度，且计划无收入序列",
}
"""Reasons of the shipped plans in Chinese; another plan's reasons are shown as its files say them."""


CLASSES: Mapping[str, str] = {
    "construction": "施工建设",
    "designation": "认定授牌",
    "enrolment_jobs": "就业参保",
    "fixed_list": "既定清单",
    "grain": "粮食",
    "harvest": "收获",
    "hiring": "招聘",
    "network_rollout": "网络铺设",
    "project_start": "项目开工",
    "school": "学校",
    "steady": "平稳推进",
}
"""Classes of deliveries of the shipped plans in Chinese."""


WORDS: Mapping[str, Phrase] = {
    "title": Phrase("{place} {year}: odds of the plan’s targets", "{place} {year} 年：计划目标实现概率"),
    "all_of_them": Phrase("all {number}", "{number} 项全部"),
    "headline_one": Phrase(
        "{place} {year}: meeting “{name} {aim}” is {words} ({odds})",
        "{place} {year} 年：“{name}{grows}{aim}”的实现概率为 {odds}（{words}）",
    ),
    "headline_all": Phrase(
        "{one}, and meeting all {number} headline targets together is {words} ({odds}).",
        "{one}；{number} 项主要目标全部实现的概率为 {odds}（{words}）。",
    ),
    "headline_end": Phrase("{one}.", "{one}。"),
    "headline_none": Phrase("{place} {year}: no target can have odds.", "{place} {year} 年：没有可计算概率的目标。"),
    "headline_number": Phrase(
        "Scenario “{scenario}”. Of {number} targets that can have odds, {mean} are expected to be met; "
        "{low} to {high} in eight years of ten. What the calibration leaves open moves the first number by ± {spread} "
        "points.",
        "情景：{scenario}。可计算概率的 {number} 项目标中，预期实现 {mean} 项，80% 的可能性在 {low} 至 {high} 项之间。"
        "校准参数的不确定性使第一个概率变动 ± {spread} 个百分点。",
    ),
    "headline_number_only": Phrase(
        "Scenario “{scenario}”. Of {number} targets that can have odds, {mean} are expected to be met; "
        "{low} to {high} in eight years of ten.",
        "情景：{scenario}。可计算概率的 {number} 项目标中，预期实现 {mean} 项，80% 的可能性在 {low} 至 {high} 项之间。",
    ),
    "grows": Phrase("", "增长"),
    "in_scenario": Phrase("Scenario “{scenario}”.", "情景：{scenario}。"),
    "between": Phrase("{low} to {high}", "{low} 至 {high}"),
    "odds_error": Phrase(
        "{name} {aim}, {scenario}: {odds}. Error of computing ± {error} points; calibration ± {spread} points",
        "{name}{aim}，{scenario}：{odds}。计算误差 ± {error} 个百分点；校准参数 ± {spread} 个百分点",
    ),
    "joint_error": Phrase(
        "All headline targets together, {scenario}: {odds}. Error of computing ± {error} points",
        "主要目标全部实现，{scenario}：{odds}。计算误差 ± {error} 个百分点",
    ),
    "at_least_error": Phrase(
        "{words}, {scenario}: {odds}. Error of computing ± {error} points",
        "{words}，{scenario}：{odds}。计算误差 ± {error} 个百分点",
    ),
    "fan_title": Phrase("{name} {aim}: {words}, {odds}", "{name}{grows}{aim}：{words}，{odds}"),
    "fan_chart": Phrase(
        "{name}: history, and the fan of {year} with median {median} and 90 % of outcomes from {low} to {high}",
        "{name}：历史数据及 {year} 年扇形图，中位数 {median}，90% 的结果在 {low} 至 {high} 之间",
    ),
    "within": Phrase(
        "{odds} if up to {tolerance} points short counts too", "若相差 {tolerance} 个百分点以内也算实现：{odds}"
    ),
    "median": Phrase("median", "中位数"),
    "target": Phrase("target", "目标"),
    "if_missed_error": Phrase(
        "{met}, if {missed} is missed: {odds}, ± {error} points",
        "若“{missed}”未实现，“{met}”实现的概率：{odds}，± {error} 个百分点",
    ),
    "own_odds": Phrase("{name}: its own odds, {odds}", "{name}：自身概率 {odds}"),
    "at_least": Phrase("at least {number}", "至少 {number} 项"),
    "certain": Phrase("certain", "必然发生"),
    "likely": Phrase("{odds} in the year", "年内概率 {odds}"),
    "depends": Phrase(
        "{odds} if “{shock}” happens, {otherwise} if not", "“{shock}”发生时 {odds}，未发生时 {otherwise}"
    ),
    "weight": Phrase("{quarter} {share}", "{quarter} {share}"),
    "size_fixed": Phrase("always {value}", "固定为 {value}"),
    "size_spread": Phrase(
        "{law}: median {middle}, nine times in ten from {low} to {high}",
        "{law}：中位数 {middle}，90% 的可能在 {low} 至 {high} 之间",
    ),
    "size_unit": Phrase("{size} (1 = {unit})", "{size}（1 = {unit}）"),
    "normal": Phrase("normal", "正态分布"),
    "lognormal": Phrase("lognormal", "对数正态分布"),
    "triangular": Phrase("triangular", "三角分布"),
    "uniform": Phrase("uniform", "均匀分布"),
    "student_t": Phrase("Student t", "t 分布"),
    "pulse": Phrase("only in the quarter it begins", "仅在发生当季"),
    "step": Phrase("undiminished from then on", "此后持续不减"),
    "ramp": Phrase("full after {quarters} quarters, then stays", "{quarters} 个季度内升至全强度并保持"),
    "decay": Phrase("halves every {half_life} quarters", "每 {half_life} 个季度减半"),
    "dip_recover": Phrase(
        "fades over {quarters} quarters, then a rebound of {rebound}", "{quarters} 个季度内消退，随后反弹 {rebound}"
    ),
    "list": Phrase("by quarter from its start: {values}", "自发生当季起各季强度：{values}"),
    "loading": Phrase("{name} {value}\u00a0pp", "{name} {value} 个百分点"),
    "speed": Phrase("{name}: speed {value}", "{name}：进度 {value}"),
    "delay": Phrase("{name}: {value} quarters late", "{name}：推迟 {value} 个季度"),
    "all_deliveries": Phrase("all deliveries", "所有交付类目标"),
    "all_milestones": Phrase("all milestones", "所有节点目标"),
    "known": Phrase("Also “{words}”, as in “{where}”.", "另含“{words}”，同“{where}”。"),
    "none": Phrase("nothing", "无"),
    "never_scored": Phrase("never scored", "从未检验"),
    "hardly_scored": Phrase("hardly scored: {n} forecast{s}, {years}", "几乎未检验：{years} 年 {n} 次预测"),
    "scored": Phrase(
        "Brier {brier} on {n} forecasts {years}, {better} (0.250); 80 % intervals held {held}",
        "{years} 年 {n} 次预测，Brier 分 {brier}，{better}（0.250）；80% 区间涵盖 {held}",
    ),
    "better": Phrase("better than a coin", "优于掷硬币"),
    "no_better": Phrase("no better than a coin", "与掷硬币相当"),
    "worse": Phrase("worse than a coin", "不如掷硬币"),
    "model": Phrase("this method", "本方法"),
    "outlook_line": Phrase("outlook line", "展望线"),
    "last_gap": Phrase("last year’s gap", "上年差距"),
    "base_rate": Phrase("base rate so far", "历史实现率"),
    "coin": Phrase("always half (a coin)", "一律 50%（掷硬币）"),
    "bin": Phrase("{n} targets given about {given}: {met} were met", "给出约 {given} 概率的 {n} 项目标中，{met} 实现"),
    "deviation": Phrase(
        "CHECK: {scenario}, {target}, {reading}: {analytic} by the exact road, {paths} by paths, z = {z}; a fault of "
        "the program, please report it",
        "注意：{scenario}、{target}、{reading}：解析法 {analytic}，路径法 {paths}，z = {z}；属程序错误，请反馈",
    ),
    "section_of": Phrase("section {section}", "第{section}部分"),
    "worst": Phrase("lowest: {odds}, {scenario}", "最低：{odds}，{scenario}"),
    "points_method": Phrase(
        "{points} conditioned points, checked by {paths} paths", "{points} 个条件积分点，并以 {paths} 条路径核对"
    ),
    "paths_method": Phrase("{paths} counted paths", "{paths} 条路径计数"),
    "mixed_method": Phrase(
        "{points} conditioned points where the model allows, otherwise {paths} counted paths",
        "模型允许时用 {points} 个条件积分点，否则用 {paths} 条路径计数",
    ),
    "spread_from": Phrase("{number} redrawn calibrations", "{number} 次重抽校准参数"),
    "spread_none": Phrase("none redrawn", "未重抽"),
}
"""Phrases that are filled in by Python; what stands still is in the templates."""
