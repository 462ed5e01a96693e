"""The look of the charts: style, words in two languages, fonts, and the pieces that every chart shares."""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from sim import fonts
from sim.attainment import Attainment
from sim.bands import Band
from sim.plan import Target
from sim.units import UNITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = [
    "STYLE",
    "WORDS",
    "Look",
    "find_width",
    "measure",
    "open_axes",
    "open_look",
    "set_margins",
    "sign",
    "wrap",
]

STYLE: Mapping[str, Any] = {
    "axes.edgecolor": "#8a8f98",
    "axes.linewidth": 0.8,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.labelsize": 10.5,
    "axes.labelcolor": "#3b4048",
    "figure.facecolor": "white",
    "font.sans-serif": [fonts.LATIN_FAMILY],
    "font.size": 10.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "savefig.dpi": 160,
    "svg.fonttype": "none",
    "svg.hashsalt": "sim",
    "text.color": "#1d2126",
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "xtick.color": "#8a8f98",
    "ytick.color": "#8a8f98",
    "xtick.labelcolor": "#1d2126",
    "ytick.labelcolor": "#1d2126",
}
"""Sizes in points for a figure of 10 inches: 15 pt titles on a 13-inch slide are 19 pt, on A4 paper 9 pt."""

_DRAWN = (
    *("axes.", "figure.", "font.", "grid.", "legend.", "lines.", "markers.", "patch.", "path.", "savefig.", "svg."),
    *("text.", "xaxis.", "xtick.", "yaxis.", "ytick."),
)  # settings that a user may have changed

INK, GREY, PALE, GRID = "#1d2126", "#5f6670", "#8a8f98", "#e3e6ea"
FAN = {("q05", "q95"): "#d3e3f3", ("q10", "q90"): "#a9cae8", ("q25", "q75"): "#6aa5d8"}
MEDIAN, AIM, LESS, MORE = "#0b3c6f", "#c4420c", "#d9791f", "#2f6fb0"
SHADE = "#f3f5f8"
DARK = 0.66  # odds from which white numbers stand out better than dark ones
HEAT = ("#f2f6fa", "#c3d9ea", "#7fb0d3", "#35719f", "#0b2f55")  # lightness falls steadily: grey-scale keeps the order
WIDTH, HEIGHT = 10.0, 5.625  # inches, 16:9

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "about": "about {goal}",
        "at_least": "at least {goal}",
        "at_most": "at most {goal}",
        "meet_or_exceed": "{goal} or more",
        "multiple_of": "{goal}",
        "under_way": "{goal} under way",
        "complete": "planned for {quarter}",
        "all_of": "all its members",
        "grows": "",
        "verdict": "{name}{grows} {aim}: {words}, {odds:.1f} % ± {error:.1f}",
        "within": "{odds:.1f} % if within {tolerance:g} points counts too",
        "scene": "{place} {year} · {scenario}",
        "standard_error": "± is one standard error of counting",
        "real": "real growth on a year earlier, {unit}",
        "nominal": "nominal growth on a year earlier, {unit}",
        "past": "full years",
        "ahead": "{year}: from January to the quarter’s end, as published",
        "outcome": "outcome",
        "promised": "target of that year",
        "median": "median",
        "band": "{} % of paths",
        "target": "target {}",
        "tolerance": "tolerance",
        "odds": "{place} {year}: probability of meeting each target as stated, %",
        "change": "{place} {year}: change of the probability against “{scenario}”",
        "points": "percentage points; all bars on one scale, to the right is likelier",
        "footer": "{paths:,} paths, seed {seed}, sim {version}",
        "pace": "at the pace of {}",
        "delivered": "delivered since January, {unit}",
        "all_odds": "Odds of all {number} targets that can have odds",
        "all_odds_axis": "probability as stated, %; bar: what the calibration leaves open",
        "milestones": "Milestones: probability of being reached, %",
        "milestone_key": "red: planned; * somebody else decides",
        "by_end": "by the end of {}",
        "number_met": "How many of the {number} targets are met",
        "number_axis": "targets met, of {number}",
        "share_axis": "share of paths, %",
        "expected": "{mean:.1f} expected; {low} to {high} in eight paths of ten",
    },
    "zh": {
        "about": "{goal}左右",
        "at_least": "{goal}以上",
        "at_most": "{goal}以内",
        "meet_or_exceed": "{goal}",
        "multiple_of": "{goal}",
        "under_way": "推进{goal}",
        "complete": "计划{quarter}",
        "all_of": "所含目标全部实现",
        "grows": "增长",
        "verdict": "{name}{grows}{aim}：{words}，{odds:.1f}% ± {error:.1f}",
        "within": "偏离不超过 {tolerance:g} 个百分点也算实现时为 {odds:.1f}%",
        "scene": "{place} {year} 年 · {scenario}",
        "standard_error": "± 为一个抽样标准误",
        "real": "实际同比增速，{unit}",
        "nominal": "名义同比增速，{unit}",
        "past": "历年全年",
        "ahead": "{year} 年：年初至季末累计，与公布口径一致",
        "outcome": "实际值",
        "promised": "当年目标",
        "median": "中位数",
        "band": "{}% 的路径",
        "target": "目标{}",
        "tolerance": "容差",
        "odds": "{place} {year} 年：各项目标按原文口径实现的概率，%",
        "change": "{place} {year} 年：实现概率较“{scenario}”的变化",
        "points": "百分点；各柱同一比例尺，向右表示更可能",
        "footer": "{paths:,} 条路径，随机种子 {seed}，sim {version}",
        "pace": "按 {} 年进度",
        "delivered": "年初以来累计完成，{unit}",
        "all_odds": "可计算概率的全部 {number} 项目标",
        "all_odds_axis": "按原文口径实现的概率，%；横线：校准参数的不确定性",
        "milestones": "节点目标：按期实现的概率，%",
        "milestone_key": "红线：计划时点；* 须由他方认定或批准",
        "by_end": "{}末前",
        "number_met": "{number} 项目标中有多少项实现",
        "number_axis": "实现的目标数（共 {number} 项）",
        "share_axis": "路径占比，%",
        "expected": "预期 {mean:.1f} 项；八成路径在 {low} 至 {high} 项之间",
        "Q1": "一季度",
        "Q2": "二季度",
        "Q3": "三季度",
        "Q4": "四季度",
        "H1": "上半年",
        "Q1-Q3": "前三季度",
        "FY": "全年",
    },
}


@dataclass(frozen=True)
class Look:
    """The language of a chart's words and the fonts they are drawn in.

    Attributes
    ----------
    lang : str
        `en` or `zh`.
    families : tuple of str
        Installed families, the first preferred.
    """

    lang: str
    families: tuple[str, ...]

    @property
    def spacing(self) -> float:
        """Distance of lines, in heights of a line; Chinese letters fill theirs."""
        return 1.5 if self.lang == "zh" else 1.2

    def say(self, key: str, *values: object, **named: object) -> str:
        """A phrase of `WORDS` filled in; a key without a phrase is said as it is."""
        return WORDS[self.lang].get(key, key).format(*values, **named)

    def name(self, thing: object, stem: str = "name") -> str:
        """The name, title or place of a thing; its id where the fonts lack its letters."""
        wanted: str = getattr(thing, f"{stem}_{self.lang}")
        printable = fonts.make_printable(wanted, self.families)
        if printable == wanted:
            return wanted
        return fonts.make_printable(getattr(thing, "id", "") or getattr(thing, "name", "") or wanted, self.families)

    def aim(self, target: Target) -> str:
        """What the target asks for."""
        goal = "" if target.value is None else self._measure(target.value, target.unit or "")
        return self.say(target.criterion, goal=goal, quarter=self.say(target.quarter or ""))

    def band(self, band: Band, top: float) -> str:
        """A band's words and its range in per cent."""
        return f"{band.zh if self.lang == 'zh' else band.en} {100 * band.lowest:g}–{100 * top:g}"

    def _measure(self, value: float, unit: str) -> str:
        """A number with its unit; in English in ones, since counting by ten thousands is Chinese."""
        if self.lang == "zh":
            return f"{value:g}{unit}"
        if unit == "%":
            return f"{value:g} %"
        if UNITS[unit].singles:
            return f"{value * UNITS[unit].singles:,.10g}"
        name = UNITS[unit].name_en
        for words, factor, short in (("hundred million ", 0.1, "billion "), ("ten thousand ", 10_000, "")):
            if name.startswith(words):
                return f"{value * factor:,.10g} {short}{name.removeprefix(words)}"
        return f"{value:g} {name}"

    def draw_in(self, axes: Axes) -> None:
        """Put every text of the axes into the fonts: axes made elsewhere keep the fonts of their maker."""
        from matplotlib.text import Text

        axes.tick_params(labelfontfamily=[*self.families], labelcolor=INK)
        for text in axes.findobj(Text):
            assert isinstance(text, Text)
            text.set(fontfamily=[*self.families], parse_math=False, usetex=False, linespacing=self.spacing)


@contextmanager
def open_look(lang: str) -> Iterator[Look]:
    """The style and fonts of one call; English with one warning where Chinese was wanted and no font has it."""
    import matplotlib

    if lang not in WORDS:
        raise ValueError(f"no charts in language {lang!r}; allowed: {', '.join(WORDS)}")
    chinese = fonts.find_chinese()
    if lang == "zh" and chinese is None:
        warnings.warn(fonts.ADVICE, UserWarning, stacklevel=4)
        lang = "en"
    found = [chinese] if chinese else []
    families = [*found, fonts.LATIN_FAMILY] if lang == "zh" else [fonts.LATIN_FAMILY, *found]
    plain = {key: value for key, value in matplotlib.rcParamsDefault.items() if key.startswith(_DRAWN)}
    style: dict[Any, Any] = {**plain, **STYLE, "font.family": families}
    with matplotlib.rc_context(style):
        yield Look(lang, tuple(families))


def open_axes(width: float = WIDTH, height: float = HEIGHT) -> Axes:
    """Axes on a figure that no global state knows."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height)).add_subplot()


def set_margins(axes: Axes, left: float, right: float, top: float, bottom: float) -> None:
    """Set the margins around the only axes of a figure, in inches: much faster than matplotlib's layout engines."""
    figure = axes.figure
    width, height = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
    axes.set_position((left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height))


def find_width(axes: Axes) -> float:
    """Width of the axes in inches, as far as it is known before a layout engine has run."""
    return axes.get_window_extent().width / axes.figure.dpi


def sign(figure: Figure | SubFigure, attainment: Attainment, look: Look) -> None:
    """Write paths, seed and version in small print at the foot of a figure."""
    from sim import __version__

    words = look.say("footer", paths=attainment.n_paths, seed=attainment.seed, version=__version__)
    width, height = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
    style: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": 8, "color": GREY}
    figure.text(1 - 0.12 / width, 0.08 / height, words, fontfamily=[*look.families], **style)


def measure(text: str) -> int:
    """Width in half-width letters; Chinese ones count two."""
    return len(text) + sum(east_asian_width(letter) in "WF" for letter in text)


def wrap(text: str, width: int, most: int | None = None) -> str:
    r"""Lines of at most `width` half-width letters where words allow; what is beyond `most` lines is cut to `…`.

    Examples
    --------
    >>> wrap("External and property", 10)
    'External\nand\nproperty'
    >>> wrap("外需和房地产双双走弱", 12), wrap("外需和房地产双双走弱", 8, most=2)
    ('外需和房地\n产双双走弱', '外需和房\n地产双…')
    """
    if measure(text) <= width:
        return text
    if measure(text) > len(text):
        letters = max(width // 2, 2)
        if most is not None and len(text) > most * letters:
            text = text[: most * letters - 1] + "…"
        lines = math.ceil(len(text) / letters)
        return "\n".join(textwrap.wrap(text, math.ceil(len(text) / lines)))
    glued = text.replace(" ± ", "\u00a0±\u00a0").replace(" %", "\u00a0%")
    wrapped = textwrap.wrap(glued, width, break_long_words=False, max_lines=most, placeholder="…")
    return "\n".join(wrapped).replace("\u00a0", " ")
