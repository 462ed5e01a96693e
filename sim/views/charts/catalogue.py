"""The catalogue: every chart by the name it has in the terminal, what it is about, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sim.analysis.sensitivity import measure_sensitivity
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Delivery, Growth
from sim.results.run import Run
from sim.views.charts.deliveries import draw_all_odds, draw_burn_up, draw_milestones, draw_number_met, find_last_year
from sim.views.charts.fan import draw_fan
from sim.views.charts.heatmap import draw_change, draw_odds
from sim.views.charts.joint import draw_joint
from sim.views.charts.reliability import entitle_record, plot_reliability
from sim.views.charts.ridgeline import draw_ridgeline
from sim.views.charts.style import Look, open_look
from sim.views.charts.tornado import draw_tornado

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CHARTS", "Chart", "list_subjects", "plot_chart"]

Subject = Literal["indicator", "target", "delivery"]


@dataclass(frozen=True)
class Chart:
    """A chart that has a name.

    Attributes
    ----------
    draw : callable
        Draws it from a run, the id of its subject (empty if it has none) and a look.
    subject : str
        What it is about: an `indicator`, a `target` with odds or a `delivery` of the plan; empty: none of them.
    scenarios : str
        How many scenarios it shows: `one`, `many`, or `none` if it needs no run.
    """

    draw: Callable[[Run, str, Look], Axes]
    subject: Subject | Literal[""] = ""
    scenarios: Literal["none", "one", "many"] = "one"


def _list_headline(run: Run) -> list[str]:
    plan = run.model.plan
    return [target.id for target in plan.headline or plan.judged]


def _draw_tornado(run: Run, name: str, look: Look) -> Axes:
    asked = run.settings
    found = measure_sensitivity(run.model, run.scenarios[0], run.n_paths, asked.seed, asked.method)
    return draw_tornado(found, name, None, look)


def _draw_all_odds(run: Run, _: str, look: Look) -> Axes:
    return draw_all_odds(run.attainments[0], run.calibration_sd[0].tolist(), None, look)


def _draw_reliability(look: Look) -> Axes:
    """The record on the panel that the package ships; see `sim.trust`."""
    from sim.learning.track_record import read_panel_reliability, read_record

    record = read_record()["gdp"]
    title = entitle_record("gdp", record.n, record.years, record.brier, lang=look.lang)
    return plot_reliability(read_panel_reliability(), title, lang=look.lang)


CHARTS: Mapping[str, Chart] = {
    "fan": Chart(lambda run, name, look: draw_fan(run.attainments[0], name, None, look), "indicator"),
    "odds": Chart(lambda run, _, look: draw_odds(run.attainments, _list_headline(run), None, look), scenarios="many"),
    "change": Chart(
        lambda run, _, look: draw_change(run.attainments, _list_headline(run), None, look), scenarios="many"
    ),
    "joint": Chart(lambda run, _, look: draw_joint(run.attainments[0], None, look)),
    "tornado": Chart(_draw_tornado, "target"),
    "ridgeline": Chart(lambda run, name, look: draw_ridgeline(run.attainments, name, None, look), "indicator", "many"),
    "burn-up": Chart(lambda run, name, look: draw_burn_up(run.attainments[0], name, None, look), "delivery"),
    "milestones": Chart(lambda run, _, look: draw_milestones(run.attainments[0], None, look)),
    "reliability": Chart(lambda _run, _, look: _draw_reliability(look), scenarios="none"),
    "number-met": Chart(lambda run, _, look: draw_number_met(run.attainments[0], None, look)),
    "all-odds": Chart(_draw_all_odds),
}
"""Charts by name, as `sim chart` knows them."""


def list_subjects(plan: Plan, chart: Chart) -> list[str]:
    """Ids that a chart may be about, the first of which it is about unless another one is asked for.

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
        return [target.id for target in sorted(deliveries, key=lambda each: find_last_year(plan, each) is None)]
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
    if run is None:
        if chart.scenarios != "none":
            raise ValueError(f"chart {name!r} shows a run; give one")
        with open_look(lang) as look:
            return _draw_reliability(look)
    subjects = list_subjects(run.model.plan, chart)
    if chart.subject and not subjects:
        raise ValueError(f"plan {run.model.plan.name!r} has nothing for chart {name!r} to be about")
    with open_look(lang) as look:
        return chart.draw(run, of or (subjects[0] if subjects else ""), look)
