"""The look of the charts: style, words in two languages, fonts, and the pieces that every chart shares."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from unicodedata import east_asian_width

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Judged
from sim.inputs.scenario.reading import Scenario
from sim.results.attainment import Attainment
from sim.views import fonts
from sim.views.charts.room import find_scale
from sim.views.likelihood_words import Band
from sim.views.palette import PALETTE
from sim.views.phrases import name_scenario, pair, say_aim, say_period, say_target
from sim.views.words import LANGUAGES, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = [
    "STYLE",
    "Look",
    "add_footer",
    "find_look",
    "measure",
    "open_axes",
    "open_look",
    "rule_rows",
    "sign",
]

INK, SOFT, GREY, PALE = PALETTE["ink"], PALETTE["soft"], PALETTE["grey"], PALETTE["pale"]


GRID, SHADE = PALETTE["grid"], PALETTE["shade"]


MEDIAN, AIM, LESS, MORE = PALETTE["median"], PALETTE["aim"], PALETTE["less"], PALETTE["more"]


STYLE: Mapping[str, Any] = {
    "axes.edgecolor": PALE,
    "axes.linewidth": 0.8,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.labelsize": 10.5,
    "axes.labelcolor": SOFT,
    "figure.facecolor": "white",
    "font.sans-serif": [fonts.LATIN_FAMILY],
    "font.size": 10.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # letters stay letters: they can be searched and copied
    "savefig.dpi": 160,
    "svg.fonttype": "none",
    "svg.hashsalt": "sim",
    "text.color": INK,
    "text.hinting": "none",  # letters as wide at every resolution
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "xtick.color": PALE,
    "ytick.color": PALE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}
"""Sizes in points for a figure of 10 inches: 15 pt titles on a 13-inch slide are 19 pt, on A4 paper 9 pt."""


_DRAWN = (
    *(
        "axes.",
        "figure.",
        "font.",
        "grid.",
        "legend.",
        "lines.",
        "markers.",
        "patch.",
        "path.",
        "pdf.",
        "savefig.",
        "svg.",
    ),
    *("text.", "xaxis.", "xtick.", "yaxis.", "ytick."),
)  # settings that a user may have changed


WIDTH, HEIGHT = 10.0, 5.625  # inches, 16:9


class Counted(Protocol):
    """A result of paths or points: what `sign` says of it."""

    @property
    def n_paths(self) -> int:
        """Number of paths."""

    @property
    def n_points(self) -> int:
        """Number of points that the analytic road conditioned on; 0 where paths were counted."""

    @property
    def seed(self) -> int:
        """Of the draws."""


@dataclass(frozen=True)
class Look:
    """The language of a chart's words and the fonts they are drawn in.

    Attributes
    ----------
    lang : str
        `en` or `zh`.
    families : tuple of str
        Installed families, the first preferred.
    scale : float
        Size of letters beside those on a figure of 10 inches.
    """

    lang: str
    families: tuple[str, ...]
    scale: float = 1.0

    @property
    def spacing(self) -> float:
        """Distance of lines, in heights of a line; Chinese letters fill theirs."""
        return 1.5 if self.lang == "zh" else 1.2

    def points(self, usual: float) -> float:
        """Size letters that have so many points on a figure of 10 inches."""
        return usual * self.scale

    def say(self, key: str, **values: object) -> str:
        """Say a phrase of the word list, filled in."""
        return say(key, **values).pick(self.lang)

    def name(self, thing: object, stem: str = "name") -> str:
        """Name a thing by its name, title or place, or by its id where the fonts lack its letters."""
        return self.printable(pair(thing, stem).pick(self.lang), getattr(thing, "id", "") or getattr(thing, "name", ""))

    def printable(self, wanted: str, name: str = "") -> str:
        """Return a text of a file, or where the fonts lack its letters the name of what it stands for."""
        printable = fonts.make_printable(wanted, self.families)
        return wanted if printable == wanted else fonts.make_printable(name or wanted, self.families)

    def aim(self, target: Judged) -> str:
        """Say what the target asks for."""
        return say_aim(target).pick(self.lang)

    def period(self, name: str) -> str:
        """Name a quarter, or the figure from the year's start to its end."""
        return say_period(name).pick(self.lang)

    def target(self, plan: Plan, target: Judged) -> str:
        """Say the target's name with what it asks for."""
        return say_target(plan, target, self.name(target)).pick(self.lang)

    def scene(self, plan: Plan, scenario: Scenario) -> str:
        """Say the place, the year and the scenario."""
        return self.say(
            "chart.scene", place=self.name(plan, "place"), year=plan.year_name, scenario=self.title(scenario)
        )

    def title(self, scenario: Scenario) -> str:
        """Name a scenario, and whether what it is about is certain in it."""
        return name_scenario(scenario, self.name(scenario, "title")).pick(self.lang)

    def band(self, band: Band, top: float) -> str:
        """Say a band's words and its range in per cent."""
        return self.say("heatmap.band", words=band.words, low=f"{100 * band.lowest:g}", high=f"{100 * top:g}")

    def draw_in(self, axes: Axes) -> None:
        """Put every text of the axes into the fonts: axes made elsewhere keep the fonts of their maker."""
        from matplotlib.text import Text

        axes.tick_params(labelfontfamily=[*self.families], labelcolor=INK)
        for text in axes.findobj(Text):
            assert isinstance(text, Text)
            text.set(fontfamily=[*self.families], parse_math=False, usetex=False, linespacing=self.spacing)


def find_look(lang: str, axes: Axes | None = None) -> Look:
    """Find the fonts of a language, those for its own letters first, and the size of letters.

    Parameters
    ----------
    lang : str
        `en` or `zh`.
    axes : Axes, optional
        On which is drawn; None means a figure of the chart's own.

    Returns
    -------
    Look
    """
    chinese = fonts.find_chinese()
    found = (chinese,) if chinese else ()
    families = (*found, fonts.LATIN_FAMILY) if lang == "zh" else (fonts.LATIN_FAMILY, *found)
    return Look(lang, families, find_scale(axes) if axes is not None else 1.0)


@contextmanager
def open_look(lang: str) -> Iterator[Look]:
    """Open the style of one call; English with one warning where Chinese was wanted and no font has it."""
    import matplotlib

    if lang not in LANGUAGES:
        raise ValueError(f"no charts in language {lang!r}; allowed: {', '.join(LANGUAGES)}")
    if lang == "zh" and fonts.find_chinese() is None:
        warnings.warn(fonts.ADVICE, UserWarning, stacklevel=4)
        lang = "en"
    look = find_look(lang)
    plain = {key: value for key, value in matplotlib.rcParamsDefault.items() if key.startswith(_DRAWN)}
    style: dict[Any, Any] = {**plain, **STYLE, "font.family": [*look.families]}
    with matplotlib.rc_context(style):
        yield look


def open_axes(width: float = WIDTH, height: float = HEIGHT) -> Axes:
    """Open axes on a figure that no global state knows.

    Parameters
    ----------
    width : float
        Inches.
    height : float
        Inches.

    Returns
    -------
    Axes
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height)).add_subplot()


def sign(figure: Figure | SubFigure, result: Counted, look: Look) -> None:
    """Write paths or points, seed and version in small print at the foot of a figure.

    Parameters
    ----------
    figure : Figure or SubFigure
    result : Counted
    look : Look
    """
    from sim._version import __version__

    key, number = ("chart.points", result.n_points) if result.n_points else ("chart.paths", result.n_paths)
    words = look.say("chart.footer", effort=say(key, number=f"{number:,}"), seed=result.seed, version=__version__)
    width, height = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
    style: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": 8, "color": GREY}
    figure.text(1 - 0.12 / width, 0.08 / height, words, fontfamily=[*look.families], **style)


def add_footer(figure: Figure, attainment: Attainment, lang: str = "en") -> None:
    """Write the number of paths or points, the seed and the version in small print at the foot of a figure.

    Parameters
    ----------
    figure : Figure
    attainment : Attainment
        What the figure shows, or one of several on the same draws.
    lang : str
        `en` or `zh`.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> axes = sim.charts.plot_odds(result.attainments)
    >>> axes.figure.texts[-1].get_text().split(", sim")[0]
    '16,384 points, seed 2024'
    """
    with open_look(lang) as look:
        sign(figure, attainment, look)


def measure(text: str) -> int:
    """Measure a text in half-width letters; Chinese ones count two.

    Parameters
    ----------
    text : str

    Returns
    -------
    int
    """
    return len(text) + sum(east_asian_width(letter) in "WF" for letter in text)


def rule_rows(axes: Axes) -> None:
    """Rule a chart of rows: lines of values behind what is drawn, no ticks of rows, no frame but the foot.

    Parameters
    ----------
    axes : Axes
    """
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
