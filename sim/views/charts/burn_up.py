"""The burn-up of a delivery: what is delivered since January, its goal and last year's pace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.tables import Figure
from sim.inputs.plan.targets import Delivery
from sim.inputs.quarters import name_cumulative
from sim.results.attainment import QUANTILE_LEVELS, Attainment
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, Beside
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import (
    AIM,
    GREY,
    GRID,
    MEDIAN,
    Look,
    find_look,
    open_axes,
)
from sim.views.fan_layout import read_bands
from sim.views.phrases import say_amount, say_verdict
from sim.views.series import pick_quantiles
from sim.views.words import Phrase, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["find_last_year", "plot_burn_up"]


def find_last_year(plan: Plan, target: Delivery) -> Figure | None:
    """Find the base year's figure of the same measure and unit, if the report gives one.

    Parameters
    ----------
    plan : Plan
    target : Delivery

    Returns
    -------
    Figure or None
    """
    figure = next((each for each in plan.figures if each.id == target.baseline), None)
    same = figure is not None and target.baseline_relation == "same" and figure.unit == target.unit
    return figure if same else None


@chart("burn-up", lambda run, name: {**take_first(run, name), "target": name}, subject="delivery")
def plot_burn_up(attainment: Attainment, target: str, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw what a delivery has reached by each quarter's end, its goal and last year's pace.

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
    'delivered since the year’s start, number'
    """
    look = find_look(lang, ax)
    plan = attainment.plan
    delivery = next((each for each in plan.deliveries if each.id == target), None)
    if delivery is None:
        allowed = ", ".join(each.id for each in plan.deliveries)
        raise ValueError(f"no delivery {target!r}; the plan has {allowed or 'none'}")
    count = len(plan.quarter_names)
    periods = [name_cumulative(quarter, count) for quarter in range(count)]
    quantiles = pick_quantiles(attainment, target, delivery.unit, periods)
    axes = open_axes() if ax is None else ax
    xs = list(range(count + 1))
    for band in read_bands(quantiles):
        style: dict[str, Any] = {"color": band.colour, "lw": 0, "label": band.words.pick(look.lang)}
        axes.fill_between(xs, [0, *band.low], [0, *band.high], **style)
    median = quantiles[:, QUANTILE_LEVELS.index(0.5)]
    axes.plot(xs, [0, *median], "-o", color=MEDIAN, lw=2, ms=5, label=look.say("fan.median"), zorder=4)
    ends = [delivery.enough] if delivery.upper is None else [delivery.value, delivery.upper]
    for end in ends:
        axes.axhline(end, color=AIM, lw=2, ls=(0, (5, 2)), zorder=3)
    if delivery.is_programme:  # what is judged is the share that suffices; all of it stands above
        axes.axhline(delivery.value, color=AIM, lw=1, ls=(0, (1, 3)), zorder=3)
    goal = look.say("fan.label", note=say("fan.target"), words=look.aim(delivery))
    beside = [Beside(height=ends[0], words=goal, colour=AIM, weight="bold", points=10)]
    last = find_last_year(plan, delivery)
    if last is not None:
        pace = look.say("burn_up.pace", year=plan.name_year(plan.year - 1))
        axes.plot([0, count], [0, last.value], color=GREY, lw=1.4, ls=(0, (1, 2)), label=pace)
        amount = say_amount(last.value, delivery.counted).pick(look.lang)
        before = look.say("burn_up.before", year=plan.name_year(plan.year - 1), amount=amount)
        beside.append(Beside(height=last.value, words=before, colour=GREY, points=10))
    axes.set_ylim(0, 1.08 * max(quantiles.max(), delivery.value, *ends, last.value if last else 0))
    axes.set_xlim(0, count)
    axes.set_xticks(xs, ["", *map(look.period, periods)])
    axis = "burn_up.under_way" if delivery.criterion == "under_way" else "burn_up.delivered"
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    _write_amounts(axes, delivery, look)
    around = Around(
        title=_say_verdict(attainment, delivery, look),
        notes=[look.scene(plan, attainment.scenario)],
        ylabel=look.say(axis, unit=_say_unit(delivery)),
        beside=beside,
        key=axes.get_legend_handles_labels()[0],
    )
    return finish(axes, around, ax is None, attainment, look)


def _say_unit(target: Delivery) -> Phrase:
    """Say the unit of the axis; in English things are counted in ones."""
    counted = target.counted
    return Phrase(say("burn_up.number").en if counted.singles else say_amount(2.0, counted).en[2:], target.unit)


def _write_amounts(axes: Axes, target: Delivery, look: Look) -> None:
    """Write amounts along the axis as its goal is written: whole things as whole numbers."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(integer=target.counted.singles == 1, nbins=6))
    if look.lang == "en":
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: say_amount(value, target.counted).en.split()[0]))


def _say_verdict(attainment: Attainment, target: Delivery, look: Look) -> str:
    frame = attainment.odds
    row = frame[(frame["target"] == target.id) & (frame["reading"] == READINGS[0])].iloc[0]
    error = 0.0 if attainment.n_points else float(row["mc_se"])
    ends = float(row["range_low"]), float(row["range_high"])
    verdict = say_verdict(attainment.plan, target, float(row["probability"]), ends, error, look.name(target))
    return verdict.pick(look.lang)
