"""Identity: one place and one indicator, however people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from unicodedata import normalize

__all__ = [
    "KNOWN_INDICATORS",
    "fold",
    "fold_place",
    "is_same_place",
    "name_own",
    "rename_indicator",
    "simplify",
    "suggest_indicator",
]

_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


_BETWEEN = re.compile(r"[\s_\-–—·.]+")


_PLACE_ENDS = re.compile(r"( (city|province|municipality|prefecture|county|district))+$|(?<=..)(市|省|自治区|州|县)$")


def fold(text: str) -> str:
    """Fold a name: neither case, nor width of signs, nor spaces, hyphens or unseen signs tell two names apart.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> fold(" Harbour\u00a0CITY"), fold("Ｈａｒｂｏｕｒ-city\u200b")
    ('harbour city', 'harbour city')
    """
    return _BETWEEN.sub(" ", _UNSEEN.sub("", simplify(text)).casefold()).strip()


_SIMPLE = str.maketrans(
    "國內產總億萬雙資規業會費額財預價戶噸個項區縣臺東廣慶寧陽龍馬門蘇鄭濟長連興開發師華貴雲遼黑齊爾濱漢",
    "国内产总亿万双资规业会费额财预价户吨个项区县台东广庆宁阳龙马门苏郑济长连兴开发师华贵云辽黑齐尔滨汉",
)
"""Traditional signs that names of indicators, units and places of China are written with, and the simplified ones."""


def simplify(text: str) -> str:
    """Write signs of one width, and simplified ones for the traditional ones of common names and units.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> simplify("國內生產總值"), simplify("３５萬戶")
    ('国内生产总值', '35万户')
    """
    return normalize("NFKC", text).translate(_SIMPLE)


def fold_place(text: str) -> str:
    """Fold the name of a place, without the word for what kind of place it is.

    Examples
    --------
    >>> fold_place("Qingdao City"), fold_place("青岛市"), fold_place("City")
    ('qingdao', '青岛', 'city')
    """
    return _PLACE_ENDS.sub("", fold(text))


def is_same_place(name: str, names: Iterable[str]) -> bool:
    """Tell whether a name is one of those of a place.

    Examples
    --------
    >>> is_same_place("青岛市", ["Qingdao", "青岛"]), is_same_place("Jinan", ["Qingdao", "青岛"])
    (True, False)
    """
    return fold_place(name) in {fold_place(each) for each in names}


def name_own(region: str, place_en: str, place_zh: str) -> str:
    """Give a region the plan's name for its place where it is that place, in either language or both.

    Examples
    --------
    >>> name_own("青岛市", "Qingdao", "青岛"), name_own("Jinan", "Qingdao", "青岛")
    ('Qingdao', 'Jinan')
    """
    names = place_en, place_zh, f"{place_en} {place_zh}", f"{place_zh} {place_en}"
    return place_en if is_same_place(region, names) else region


_SPELLINGS: Mapping[str, str] = {
    "gdp": "gdp growth, real gdp, real gdp growth, gross domestic product, gdp growth rate, gsdp, grp, "
    "gross regional product, regional gdp, 地区生产总值, 国内生产总值, 生产总值, 地区gdp, gdp增速, gdp增长, "
    "地区生产总值增长, 地区生产总值增速, 国内生产总值增长, 经济增长, 经济增速",
    "budget_revenue": "general public budget revenue, general budget revenue, fiscal revenue, public revenue, "
    "budgetary revenue, 一般公共预算收入, 地方一般公共预算收入, 财政收入, 公共财政预算收入, 一般预算收入, "
    "地方财政一般预算收入",
    "industrial_value_added": "industrial va, industrial output, industrial production, "
    "value added of industry, 规模以上工业增加值, 规上工业增加值, 工业增加值",
    "fixed_asset_investment": "fai, fixed assets investment, fixed investment, "
    "investment in fixed assets, 固定资产投资, 全社会固定资产投资, 固投",
    "retail_sales": "retail, total retail sales, retail sales of consumer goods, "
    "total retail sales of consumer goods, 社会消费品零售总额, 社零, 社零总额, 社会消费品零售额",
    "income_per_capita": "income, income per person, disposable income, per capita income, "
    "disposable income per capita, per capita disposable income, 居民人均可支配收入, 居民收入, 人均可支配收入, "
    "全体居民人均可支配收入",
    "unemployment": "unemployment rate, surveyed unemployment, surveyed unemployment rate, urban unemployment, "
    "urban surveyed unemployment rate, 失业率, 城镇调查失业率, 调查失业率",
    "consumer_prices": "cpi, inflation, consumer price index, consumer price inflation, "
    "居民消费价格, 居民消费价格指数, 居民消费价格涨幅, 物价, 通货膨胀率",
}
"""Names of indicators in use, by the name that plans have for them."""


KNOWN_INDICATORS = tuple(_SPELLINGS)
"""Indicators of which something is known beside what a table says."""


_NAMED: Mapping[str, str] = {
    fold(spelling): name for name, listed in _SPELLINGS.items() for spelling in (name, *listed.split(", "))
}


_UNIT = re.compile(r" ?\((%|per ?cent|yoy|同比)[^)]*\)$")
"""A unit behind a name, as headings of yearbooks have it."""


def rename_indicator(name: str) -> str:
    """Give an indicator the name that plans use, whatever a table calls it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        Of an indicator that is not known, its own name in small letters, with `_` for spaces.

    Examples
    --------
    >>> rename_indicator("GDP增速（%）"), rename_indicator("社會消費品零售總額")
    ('gdp', 'retail_sales')
    >>> rename_indicator("fai"), rename_indicator("GDP"), rename_indicator("地区生产总值"), rename_indicator("Exports ")
    ('fixed_asset_investment', 'gdp', 'gdp', 'exports')
    """
    folded = fold(name)
    alone = _UNIT.sub("", folded)
    return _NAMED.get(folded) or _NAMED.get(alone) or folded.replace(" ", "_") or name


def suggest_indicator(name: str) -> str:
    """Suggest the known indicator that a name is close to; empty where there is none, or it is known.

    Examples
    --------
    >>> suggest_indicator("gpd"), suggest_indicator("retial sales"), suggest_indicator("exports")
    ('gdp', 'retail_sales', '')
    """
    from difflib import get_close_matches

    folded = fold(name)
    if folded in _NAMED:
        return ""
    close = get_close_matches(folded, list(_NAMED), n=1, cutoff=0.66)
    return _NAMED[close[0]] if close else ""
