"""How far to trust a page: records of indicators, of the year, and what is lent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.inputs.lent import list_lent
from sim.learning.track_record import list_verdicts
from sim.results.run import Run
from sim.views.class_records import list_class_records
from sim.views.page.fans import lay_reliability
from sim.views.phrases import pair, say_period, say_record
from sim.views.words import Phrase, say

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["build_lent", "build_trust", "build_within_year", "gather_trust", "is_scored"]

_LENT = {
    **{"outlook": "lent.outlook", "law": "lent.law", "dynamics": "lent.dynamics", "records": "lent.records"},
    **{"deliveries": "lent.deliveries", "milestones": "lent.milestones"},
}


def gather_trust(run: Run, frames: Mapping[str, pd.DataFrame], scored: bool) -> dict[str, Any]:
    """Gather what a page says of trust, by the names that its template has for it.

    Parameters
    ----------
    run : Run
    frames : mapping of str to DataFrame
        Of the page, as `sim.views.page.tables.build_tables` gives them.
    scored : bool
        Whether odds of such a plan were scored: see `is_scored`.

    Returns
    -------
    dict
    """
    return {
        "trust": build_trust(run),
        "lent": build_lent(run),
        "scored": scored,
        "classes": list_class_records() if "class_records" in frames else [],
        "scores": [row for row in frames["scores"].to_dict("records") if row["sample"] == "all"] if scored else [],
        "within_year": build_within_year(frames["within_year"]) if scored else [],
        "bins": lay_reliability(frames["reliability"]) if scored else [],
    }


def build_trust(run: Run) -> list[tuple[Phrase, Phrase]]:
    """List each headline target of growth with what may be said of its odds.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of (Phrase, Phrase)
        Name of the target, and its record in words.
    """
    targets = run.model.plan.headline_growth
    verdicts = list_verdicts([target.indicator for target in targets], run.model.calibration)
    centres = [run.model.calibration.indicators[target.indicator].centre for target in targets]
    return [
        (pair(target), say_record(each.record, centre))
        for target, each, centre in zip(targets, verdicts, centres, strict=True)
    ]


def build_within_year(scores: pd.DataFrame) -> list[tuple[Phrase, dict[str, Any]]]:
    """Build the record of odds given figures of their year, all places and indicators together.

    Parameters
    ----------
    scores : DataFrame
        As `read_within_year_scores` gives it.

    Returns
    -------
    list of (Phrase, dict)
        What was known, and the row of scores.
    """
    rows = scores[(scores["of"] == "all") & (scores["sample"] == "all")].to_dict("records")
    return [(say_period(row["period"]), {str(name): value for name, value in row.items()}) for row in rows]


def is_scored(run: Run) -> bool:
    """Tell whether the method's record is that of any growth target of a run's plan.

    Parameters
    ----------
    run : Run

    Returns
    -------
    bool
        True too where the plan has no such target, and lies in China or does not say where.
    """
    plan = run.model.plan
    verdicts = list_verdicts([target.indicator for target in plan.growth], run.model.calibration)
    return any(each.record is not None for each in verdicts) or not (plan.is_abroad or verdicts)


def build_lent(run: Run) -> list[Phrase]:
    """List in words what places of another country lend to a plan.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of Phrase
    """
    plan, told = run.model.plan, []
    for what, names in list_lent(plan, run.model.calibration).items():
        each = [say(_LENT[name]) if what == "records" else pair(plan.find_indicator(name)) for name in names]
        listed = Phrase(", ".join(name.en for name in each), "、".join(name.zh for name in each))
        told.append(say(_LENT[what], names=listed))
    return told
