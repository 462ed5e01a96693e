"""Track record of one's own: archived odds scored against what came, by vintage."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import InputError, blame
from sim.inputs.bundled import find_seed
from sim.inputs.plan.past import find_region, recall_history
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, direct
from sim.inputs.plan.targets import Composite, Delivery, Growth, Judged, Milestone
from sim.inputs.published.figures import Figure, Published
from sim.learning.scores import judge_outcome, score_brier, score_log
from sim.model.model import Model
from sim.model.thresholds import find_bound, find_width, reaches
from sim.results.archive import Archive

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NEAREST", "ArchiveScores", "find_base_rates", "judge_targets", "score_archive"]

NEAREST = 0.001
"""No archived chance is scored as nearer to none or certainty than this: the logarithmic score would be infinite."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ArchiveScores:
    """How archived odds did.

    Attributes
    ----------
    plan : Plan
    forecasts : DataFrame
        Columns scenario, vintage, as_of, target, probability, base_rate, first (the first vintage's), met; odds as
        printed, of targets whose outcome is known.
    met : dict of str to bool
        By target.
    """

    plan: Plan
    forecasts: pd.DataFrame
    met: Mapping[str, bool]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Mean scores by scenario and vintage, the smaller the better.

        Returns
        -------
        DataFrame
            Columns scenario, vintage (`all` for the last row of a scenario), as_of, n, brier, brier_base, brier_first,
            log, log_base, log_first. In the row `all` each target counts once, its vintages in equal shares.
        """
        import pandas as pd

        rows: list[tuple[object, ...]] = []
        for scenario, own in self.forecasts.groupby("scenario", sort=False):
            rows += [
                (scenario, str(vintage), as_of, len(frame), *_average(frame, np.full(len(frame), 1 / len(frame))))
                for (vintage, as_of), frame in own.groupby(["vintage", "as_of"], sort=False)
            ]
            updates = own.groupby("target").target.transform("size").to_numpy(float)
            rows.append((scenario, "all", "", own.target.nunique(), *_average(own, 1 / updates / own.target.nunique())))
        scores = [f"{score}{against}" for score in ("brier", "log") for against in ("", "_base", "_first")]
        return pd.DataFrame(rows, columns=["scenario", "vintage", "as_of", "n", *scores])

    def __repr__(self) -> str:
        return f"<ArchiveScores of {self.plan.name}: {len(self.met)} outcomes>"


def _average(frame: pd.DataFrame, weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    met = frame.met.to_numpy(float)
    given = [frame[name].to_numpy(float).clip(NEAREST, 1 - NEAREST) for name in ("probability", "base_rate", "first")]
    return [float(weights @ score(each, met)) for score in (score_brier, score_log) for each in given]


def score_archive(archive: Archive, model: Model, outcomes: Published) -> ArchiveScores:
    """Score the odds of an archive against what came.

    Parameters
    ----------
    archive : Archive
    model : Model
        Of the archive's plan.
    outcomes : Published
        Figures of the whole year, growth and deliveries, and whether milestones were reached. The first print
        counts: it is what was promised and forecast.

    Returns
    -------
    ArchiveScores

    Raises
    ------
    InputError
        If the archive is of another plan, or no outcome is known.

    Notes
    -----
    Base rates are those of `find_base_rates`. A forecast that is kept up to date beats its first vintage; one that
    knows its targets beats the base rate.
    """
    plan = model.plan
    if archive.plan != plan.name:
        raise InputError([blame("plan", f"the archive is of {archive.plan}, not of {plan.name}", "name that plan")])
    met = judge_targets(model, outcomes)
    if not met:
        allowed = "write figures of FY, and whether milestones were reached by then"
        raise InputError([blame("outcomes", "no target's outcome is known", allowed)])
    base = find_base_rates(plan)
    odds = archive.odds[(archive.odds.reading == READINGS[0]) & archive.odds.target.isin(met)]
    frame = odds[["scenario", "vintage", "as_of", "target", "probability"]].copy()
    frame["base_rate"] = frame.target.map(base)
    frame["first"] = frame.groupby(["scenario", "target"]).probability.transform("first")
    frame["met"] = frame.target.map(met).astype(float)
    return ArchiveScores(plan=plan, forecasts=frame.reset_index(drop=True), met=met)


def judge_targets(model: Model, outcomes: Published) -> dict[str, bool]:
    """Judge the targets whose outcome is known, as printed.

    Parameters
    ----------
    model : Model
        Of the plan; of a programme it says which share of its works must be under way.
    outcomes : Published

    Returns
    -------
    dict of str to bool
        By target, in the plan's order. A composite is judged as soon as one member is missed or all are known; a
        delivery or a milestone that reached its goal early, when it did.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> row = {"date": "2025-01-24", "period": "FY", "series": "gdp", "value": "5.7", "unit": "%", "source": "s"}
    >>> judge_targets(sim.load_model(plan), sim.collect_published(plan, [row]))
    {'gdp': True}
    """
    first: dict[tuple[str, str], Figure] = {}
    for figure in outcomes:
        first.setdefault(figure.cell, figure)
    by_series: dict[str, list[Figure]] = {}
    for figure in first.values():
        by_series.setdefault(figure.series, []).append(figure)
    plan, law = model.plan, model.delivery_law
    required = dict(zip(law.ids, law.required.tolist(), strict=True))
    last = len(plan.quarter_names) - 1
    met: dict[str, bool] = {}
    for target in plan.judged:
        if not isinstance(target, Composite):
            series = target.indicator if isinstance(target, Growth) else target.id
            verdict = _judge(plan, target, by_series.get(series, []), last, required.get(target.id, 1.0))
            if verdict is not None:
                met[target.id] = verdict
    for target in plan.composites:
        known = [met[name] for name in target.members if name in met]
        if len(known) == len(target.members) or not all(known):
            met[target.id] = all(known)
    return {target.id: met[target.id] for target in plan.judged if target.id in met}


def _judge(plan: Plan, target: Judged, figures: list[Figure], last: int, required: float) -> bool | None:
    """Judge one target; None where its outcome is not known."""
    final = next((each for each in figures if each.quarter == last and not each.single), None)
    if isinstance(target, Growth):
        if final is None:
            return None
        bound = find_bound(plan, target, READINGS[0])
        sign, past = direct(plan, target), np.array(final.value)
        end = bound + sign * find_width(plan, target, READINGS[0])  # infinite but for a range
        within = reaches(past, -sign, end) if target.upper is not None else True
        return bool(reaches(past, sign, bound) & within)
    if isinstance(target, Milestone):
        return True if any(each.value for each in figures) else None if final is None else bool(final.value)
    assert isinstance(target, Delivery)
    goal = target.value * required
    if target.is_cap:
        broken = any(float(each.value) > target.value + 1e-9 for each in figures)
        return False if broken else None if final is None else True
    if target.upper is not None:
        over = any(float(each.value) > target.upper + 1e-9 for each in figures if target.is_kept or each is final)
        if over or final is None or math.isinf(final.high):
            return False if over else None
        return float(final.value) >= goal - 1e-9
    if any(float(each.value) >= goal - 1e-9 for each in figures):  # also "more than" so many
        return True
    return None if final is None or math.isinf(final.high) else False


def find_base_rates(plan: Plan) -> dict[str, float]:
    """Find how often such targets are met, knowing nothing of this year.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict of str to float
        By target: of a delivery or a milestone the record of its class; of growth the share of the growth targets in
        the plan's own history that were met, one half added on both sides; else one half.

    Examples
    --------
    >>> import sim
    >>> rates = find_base_rates(sim.read_plan("qingdao-2024"))
    >>> round(rates["gdp"], 2), round(rates["urban_jobs"], 2)
    (0.42, 1.0)
    """
    import pandas as pd

    frame = pd.read_csv(find_seed("record_scores.csv"))
    classes = dict(zip(frame["class"], frame["mean"], strict=True))
    history = recall_history(plan)
    own = history.where(history.region == find_region(plan))
    judged = judge_outcome(own.outcome, own.target, own.down)
    known = judged[np.isfinite(judged) & np.isfinite(own.target)]
    growth = float((known.sum() + 0.5) / (len(known) + 1))
    rates = {}
    for target in plan.judged:
        name = target.reference_class if isinstance(target, Delivery | Milestone) else None
        rates[target.id] = growth if isinstance(target, Growth) else float(classes.get(name or "", 0.5))
    return rates
