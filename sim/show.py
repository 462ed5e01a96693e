"""Showing: plans, models, scenarios and runs as HTML for notebooks; whatever comes from a file is shown as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.model import Model
    from sim.plan import Plan
    from sim.runs import Run
    from sim.scenario import Scenario

__all__ = ["show_model", "show_plan", "show_run", "show_scenario"]


def _tabulate(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of texts; all but the heads come from files or results."""
    head = "".join(f'<th style="text-align:left">{escape(text)}</th>' for text in heads)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{escape(str(cell))}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def show_plan(plan: Plan) -> str:
    """A plan: what it holds, and its headline targets.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> import sim
    >>> show_plan(sim.read_plan("qingdao-2024"))[:35]
    '<p><b>Qingdao 青岛 2024</b>: 6 indica'
    """
    from sim.attainment import describe_aim

    counts = f"{len(plan.indicators)} indicators, {len(plan.targets)} targets, {len(plan.judged)} with odds"
    title = f"<p><b>{escape(f'{plan.place_en} {plan.place_zh} {plan.year}')}</b>: {counts}</p>"
    before = {indicator.id: f"{indicator.baseline:g} {indicator.unit}" for indicator in plan.indicators}
    rows = [
        (target.name_en, target.name_zh, target.phrase, describe_aim(target), before.get(target.indicator or "", ""))
        for target in plan.headline
    ]
    return title + _tabulate(["target", "目标", "words of the plan", "aim", f"in {plan.year - 1}"], rows)


def show_model(model: Model) -> str:
    """A model: the calibrated numbers of each indicator, each with its uncertainty.

    Parameters
    ----------
    model : Model

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> import sim
    >>> show_model(sim.calibrate(sim.read_plan("qingdao-2024")))[:42]
    '<p>Model of <b>qingdao-2024</b>; ± is one '
    """
    rows = []
    for indicator in model.plan.indicators:
        numbers = model.calibration.indicators[indicator.id]
        shown = (numbers.centre, numbers.trend_sd, numbers.innovation_sd, numbers.persistence)
        rows.append((indicator.name_en, indicator.name_zh, *(f"{each.value:g} ± {each.sd:g}" for each in shown)))
    heads = ["indicator", "指标", "centre, %", "trend, s.d., pp", "news, s.d., pp", "persistence"]
    title = f"<p>Model of <b>{escape(model.plan.name)}</b>; ± is one standard deviation of what is known</p>"
    return title + _tabulate(heads, rows)


def show_scenario(scenario: Scenario) -> str:
    """A scenario: why it is as it is, its shocks, and its sources.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> import sim
    >>> show_scenario(sim.read_scenario("baseline", sim.read_plan("qingdao-2024")))[:41]
    '<p><b>Baseline 基准情景</b> (baseline)</p><p>'
    """
    rows = []
    for name, shock in scenario.shocks.items():
        depends = shock.depends_on
        chance = f"{shock.probability:.0%}" if depends is None else f"depends on {depends.shock}"
        onset = ", ".join(f"{quarter} {weight:.0%}" for quarter, weight in shock.onset.items())
        loadings = ", ".join(f"{indicator} {points:+g}" for indicator, points in shock.loadings.items())
        rows.append((name, f"{shock.title.en} {shock.title.zh}", chance, onset, loadings))
    heads = ["shock", "title", "probability", "onset", "points of growth per unit of size"]
    named = f"<b>{escape(f'{scenario.title_en} {scenario.title_zh}')}</b> ({escape(scenario.name)})"
    sources = "".join(f"<li>{escape(source)}</li>" for source in scenario.sources)
    table = _tabulate(heads, rows) if rows else "<p>no shocks</p>"
    listed = f"<details><summary>sources</summary><ul>{sources}</ul></details>" if sources else ""
    chinese = f'<p lang="zh-CN">{escape(scenario.why_zh)}</p>' if scenario.why_zh else ""
    return f"<p>{named}</p><p>{escape(scenario.why)}</p>{chinese}{table}{listed}"


def show_run(run: Run) -> str:
    """A run: headline odds by scenario, and those of all headline targets together, in per cent.

    Parameters
    ----------
    run : Run

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.calibrate(plan), sim.read_scenarios(["baseline"], plan), 1000, n_calibrations=0)
    >>> show_run(result)[:34]
    '<p>Qingdao 2024: odds as stated, %'
    """
    plan = run.model.plan
    targets = plan.headline or plan.judged
    rows = []
    for attainment in run.attainments:
        stated = attainment.odds[attainment.odds.reading == "stated"].set_index("target")
        joint = attainment.joint[attainment.joint.group == ("headline" if plan.headline else "all")]
        odds = [*(float(stated.probability[target.id]) for target in targets), float(joint.probability.iloc[-1])]
        titles = attainment.scenario.title_en, attainment.scenario.title_zh
        rows.append((*titles, *(f"{100 * each:.1f}" for each in odds)))
    heads = ["scenario", "情景", *(target.name_en for target in targets), "all of them"]
    words = f"{plan.place_en} {plan.year}: odds as stated, %; seed {run.seed}"
    return f"<p>{escape(words)}</p>{_tabulate(heads, rows)}"
