"""The catalogue: every chart by the name it has in the terminal, and what it may be about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Delivery, Growth
from sim.results.run import Run
from sim.views.charts import (
    all_odds,
    attribution,
    burn_up,
    comparison,
    fan,
    heatmap,
    joint,
    milestones,
    misses,
    next_release,
    number_met,
    odds_over_year,
    pace,
    promise,
    reliability,
    ridgeline,
    stress,
    tornado,
)
from sim.views.charts.registry import REGISTER, Chart
from sim.views.charts.style import open_look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CHARTS", "list_subjects", "plot_chart"]

_MODULES = (
    fan,
    heatmap,
    joint,
    tornado,
    ridgeline,
    burn_up,
    milestones,
    all_odds,
    number_met,
    next_release,
    pace,
    odds_over_year,
    attribution,
    comparison,
    stress,
    misses,
    promise,
    reliability,
)


CHARTS: Mapping[str, Chart] = {chart.name: chart for module in _MODULES for chart in REGISTER[module.__name__]}
"""Charts by name, as `sim chart` knows them."""


def list_subjects(plan: Plan, chart: Chart) -> list[str]:
    """Ids that a chart may be about, the first of which it is about unless another one is asked for.

    Parameters
    ----------
    plan : Plan
    chart : Chart

    Returns
    -------
    list of str

    Examples
    --------
    >>> import sim
    >>> list_subjects(sim.read_plan("qingdao-2024"), CHARTS["fan"])[:2]
    ['gdp', 'budget_revenue']
    """
    first = [*plan.headline, *(target for target in plan.judged if target not in plan.headline)]
    if chart.subject == "target":
        return [target.id for target in first]
    if chart.subject == "delivery":
        deliveries = [target for target in first if isinstance(target, Delivery)]
        deliveries.sort(key=lambda each: burn_up.find_last_year(plan, each) is None)
        return [target.id for target in deliveries]
    if chart.subject == "indicator":
        wanted = [target.indicator for target in first if isinstance(target, Growth)]
        known = [indicator.id for indicator in plan.indicators]
        return sorted(known, key=lambda each: wanted.index(each) if each in wanted else len(wanted))
    return []


def plot_chart(name: str, run: Run | None, of: str | None = None, lang: str = "en") -> Axes:
    """Draw any chart of the catalogue on a figure of its own.

    Parameters
    ----------
    name : str
        A key of `CHARTS`.
    run : Run, optional
        Charts of one scenario show its first. A tornado runs variants of that on the run's seed and paths. None is
        enough for the reliability diagram, which shows the shipped record.
    of : str, optional
        Id of the indicator, target or delivery that the chart is about; None means the first of `list_subjects`.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no such chart, or the plan has nothing for it to be about.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> plot_chart("number-met", result).get_ylabel()
    'probability, %'
    """
    if name not in CHARTS:
        raise ValueError(f"no chart {name!r}; allowed: {', '.join(CHARTS)}")
    chart = CHARTS[name]
    if run is not None and not isinstance(run, Run):
        raise ValueError(f"chart {name!r} shows a run, and was given an object of type {type(run).__name__}")
    if run is None and chart.scenarios != "none":
        raise ValueError(f"chart {name!r} shows a run; give one")
    subjects = list_subjects(run.model.plan, chart) if run is not None else []
    if chart.subject and not subjects:
        raise ValueError(f"the plan has nothing for chart {name!r} to be about")
    with open_look(lang) as look:
        return chart.plot(**chart.take(run, of or next(iter(subjects), "")), lang=look.lang)
