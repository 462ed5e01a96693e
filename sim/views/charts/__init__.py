"""Charts: fans, odds and changes drawn from finished results; nothing is simulated or shown here.

Every function takes the axes to draw on, or None for a figure of its own, and returns the axes. In a notebook, end
the cell with `.figure` to see them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.results.attainment import Attainment
from sim.views.charts.catalogue import CHARTS, Chart, plot_chart
from sim.views.charts.deliveries import draw_all_odds, draw_burn_up, draw_milestones, draw_number_met
from sim.views.charts.fan import draw_fan
from sim.views.charts.heatmap import draw_change, draw_odds
from sim.views.charts.joint import plot_joint
from sim.views.charts.reliability import entitle_record, plot_pit, plot_reliability, plot_skill
from sim.views.charts.ridgeline import plot_ridgeline
from sim.views.charts.saving import save_chart, write_charts
from sim.views.charts.style import STYLE, open_look, sign
from sim.views.charts.tornado import plot_tornado

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "CHARTS",
    "STYLE",
    "Chart",
    "add_footer",
    "entitle_record",
    "plot_all_odds",
    "plot_burn_up",
    "plot_change",
    "plot_chart",
    "plot_fan",
    "plot_joint",
    "plot_milestones",
    "plot_number_met",
    "plot_odds",
    "plot_pit",
    "plot_reliability",
    "plot_ridgeline",
    "plot_skill",
    "plot_tornado",
    "save_chart",
    "write_charts",
]


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
    >>> axes = plot_odds(result.attainments)
    >>> axes.figure.texts[-1].get_text().split(", sim")[0]
    '16,384 points, seed 2024'
    """
    with open_look(lang) as look:
        sign(figure, attainment, look)


def plot_fan(attainment: Attainment, indicator: str, ax: Axes | None = None, lang: str = "en") -> Axes:
    """An indicator's history, the fan of its target year and the odds of its targets in words.

    Parameters
    ----------
    attainment : Attainment
    indicator : str
        Its id in the plan.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones. Vertical: growth on a year earlier, %. Horizontal: full years, then the target year's
        figures from January to the end of each quarter, as statistical offices publish them.

    Raises
    ------
    ValueError
        If the plan has no such indicator, or the result holds no quantiles of it: then what to run.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> axes = plot_fan(result.attainments[0], "gdp")
    >>> axes.get_ylabel()
    'real growth on a year earlier, %'
    """
    with open_look(lang) as look:
        return draw_fan(attainment, indicator, ax, look)


def plot_odds(
    attainments: Sequence[Attainment], ax: Axes | None = None, lang: str = "en", targets: Sequence[str] | None = None
) -> Axes:
    """Heat map of the probability that each target is met as stated: targets by scenarios.

    Parameters
    ----------
    attainments : sequence of Attainment
        One a scenario, all of the same targets.
    ax : Axes, optional
        Where to draw; None means a figure of its own, as high as its rows need, with a footer.
    lang : str
        `en` or `zh`.
    targets : sequence of str, optional
        Ids of the targets to show, in this order; None means every target that has odds.

    Returns
    -------
    Axes
        `ax`, or new ones; the number in each cell is in per cent.

    Raises
    ------
    ValueError
        If there is nothing to draw, the targets differ, or one that is asked for has no odds.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> axes = plot_odds(result.attainments, targets=["gdp", "retail_sales"])
    >>> len(axes.texts)
    2
    """
    with open_look(lang) as look:
        return draw_odds(attainments, targets, ax, look)


def plot_change(
    attainments: Sequence[Attainment], ax: Axes | None = None, lang: str = "en", targets: Sequence[str] | None = None
) -> Axes:
    """Change of the probability of each target against the first attainment, in percentage points.

    Parameters
    ----------
    attainments : sequence of Attainment
        The baseline first, then scenarios on the same draws; alone, the baseline stands against itself.
    ax : Axes, optional
        Where to draw; None means a figure of its own, as high as its rows need, with a footer.
    lang : str
        `en` or `zh`.
    targets : sequence of str, optional
        Ids of the targets to show, in this order; None means every target that has odds.

    Returns
    -------
    Axes
        `ax`, or new ones: a row a target, a column a scenario, bars on one scale with the number beside each.

    Raises
    ------
    ValueError
        As `plot_odds`, or if the attainments differ in seed or number of paths.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> axes = plot_change(result.attainments, targets=["gdp"])
    >>> axes.texts[0].get_text()
    '0.0'
    """
    with open_look(lang) as look:
        return draw_change(attainments, targets, ax, look)


def plot_burn_up(attainment: Attainment, target: str, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Burn-up of a delivery: what is delivered since January, quarter by quarter, its goal and last year's pace.

    Parameters
    ----------
    attainment : Attainment
    target : str
        Id of a delivery of the plan.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones. Vertical: the target's unit. Horizontal: quarters' ends.

    Raises
    ------
    ValueError
        If the plan has no such delivery, or the result holds no quantiles of it.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> plot_burn_up(result.attainments[0], "charging_piles").get_ylabel()
    'delivered since January, ten thousand items'
    """
    with open_look(lang) as look:
        return draw_burn_up(attainment, target, ax, look)


def plot_all_odds(
    attainment: Attainment, spread: Sequence[float] | None = None, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """All odds at a glance: a row a target, by group, the likeliest first.

    Parameters
    ----------
    attainment : Attainment
    spread : sequence of float, optional
        What the calibration leaves open of each probability, as a row of `Run.calibration_sd`; None draws no bars.
    ax : Axes, optional
        Where to draw; None means a figure of its own, as high as its rows need, with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: probability as stated, %.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> len(plot_all_odds(result.attainments[0]).get_yticks())
    88
    """
    with open_look(lang) as look:
        return draw_all_odds(attainment, spread, ax, look)


def plot_milestones(attainment: Attainment, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Milestones on a time line: the probability that each is reached by each quarter's end, and when it is planned.

    Returns
    -------
    Axes
        `ax`, or new ones; the number in each cell is in per cent.

    Raises
    ------
    ValueError
        If the plan has no milestones.
    """
    with open_look(lang) as look:
        return draw_milestones(attainment, ax, look)


def plot_number_met(attainment: Attainment, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Distribution of the number of targets met, its mean, and the middle 80 % of it.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: number of targets; vertical: probability, %.
    """
    with open_look(lang) as look:
        return draw_number_met(attainment, ax, look)
