"""The burn-up of a delivery: what is delivered since January, its goal and last year's pace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.tables import Figure
from sim.inputs.plan.targets import Delivery
from sim.inputs.quarters import name_cumulative
from sim.results.attainment import QUANTILE_LEVELS, Attainment
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import (
    AIM,
    GREY,
    GRID,
    MEDIAN,
    Look,
    entitle,
    find_look,
    finish,
    open_axes,
    set_margins,
    wrap,
)
from sim.views.fan_layout import read_bands
from sim.views.phrases import say_verdict
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
    'delivered since the year’s start, ten thousand items'
    """
    look = find_look(lang)
    plan = attainment.plan
    delivery = next((each for each in plan.deliveries if each.id == target), None)
    if delivery is None:
        allowed = ", ".join(each.id for each in plan.deliveries)
        raise ValueError(f"no delivery {target!r}; the plan has {allowed or 'none'}")
    count = len(plan.quarter_names)
    periods = [name_cumulative(quarter, count) for quarter in range(count)]
    quantiles = pick_quantiles(attainment, target, delivery.unit, periods)
    axes = open_axes() if ax is None else ax
    if ax is None:
        set_margins(axes, 0.95, 1.75, 0.95, 0.95)
    xs = list(range(count + 1))
    for band in read_bands(quantiles):
        style: dict[str, Any] = {"color": band.colour, "lw": 0, "label": band.words.pick(look.lang)}
        axes.fill_between(xs, [0, *band.low], [0, *band.high], **style)
    median = quantiles[:, QUANTILE_LEVELS.index(0.5)]
    axes.plot(xs, [0, *median], "-o", color=MEDIAN, lw=2, ms=5, label=look.say("fan.median"), zorder=4)
    ends = [delivery.value] if delivery.upper is None else [delivery.value, delivery.upper]
    for end in ends:
        axes.axhline(end, color=AIM, lw=2, ls=(0, (5, 2)), zorder=3)
    beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
    aim = wrap(look.say("fan.label", note=say("fan.target"), words=look.aim(delivery)), 18)
    axes.annotate(aim, (1, delivery.value), (6, 0), color=AIM, weight="bold", fontsize=10, **beside)
    last = find_last_year(plan, delivery)
    if last is not None:
        axes.plot(
            [0, count],
            [0, last.value],
            color=GREY,
            lw=1.4,
            ls=(0, (1, 2)),
            label=look.say("burn_up.pace", year=plan.name_year(plan.year - 1)),
        )
        apart = 14 + 7 * look.spacing * aim.count("\n")
        near = abs(last.value - delivery.value) <= 0.05 * (1 + aim.count("\n")) * delivery.value + 0.03 * delivery.value
        shift = 0 if not near else -apart if last.value < delivery.value else apart
        words = f"{plan.name_year(plan.year - 1)}: {last.value:g}"
        axes.annotate(words, (1, last.value), (6, shift), color=GREY, fontsize=10, **beside)
    axes.set_ylim(0, 1.08 * max(quantiles.max(), *ends, last.value if last else 0))
    axes.set_xlim(0, count)
    axes.set_xticks(xs, ["", *map(look.period, periods)])
    axis = "burn_up.under_way" if delivery.criterion == "under_way" else "burn_up.delivered"
    axes.set_ylabel(look.say(axis, unit=Phrase(delivery.counted.name_en, delivery.unit)))
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=6, handlelength=1.5, columnspacing=1.4)
    entitle(axes, _say_verdict(attainment, delivery, look), attainment, look)
    return finish(axes, ax is None, attainment, look)


def _say_verdict(attainment: Attainment, target: Delivery, look: Look) -> str:
    frame = attainment.odds
    row = frame[(frame["target"] == target.id) & (frame["reading"] == READINGS[0])].iloc[0]
    error = 0.0 if attainment.n_points else float(row["mc_se"])
    ends = float(row["range_low"]), float(row["range_high"])
    verdict = say_verdict(attainment.plan, target, float(row["probability"]), ends, error, look.name(target))
    return verdict.pick(look.lang)
