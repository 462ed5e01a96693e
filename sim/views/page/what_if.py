"""What-if: the table from which the page computes odds and a fan, with the words that its script says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.browser_table import MOST_SHOCKS, build_table, publish_odds
from sim.analysis.given_table import choose_scenarios
from sim.errors import InputError, blame
from sim.inputs.quarters import name_cumulative, name_quarter
from sim.model.known import compile_published
from sim.results.attainment import QUANTILE_LEVELS
from sim.views.fan_layout import BANDS
from sim.views.phrases import pair, say_aim, say_amount, say_period
from sim.views.words import list_words, read_words

if TYPE_CHECKING:
    from sim.analysis.suspense import Suspense
    from sim.results.run import Run

__all__ = ["build_page_table", "list_deliveries"]

_SCRIPT = Path(__file__).parent / "templates" / "what_if_page.js"


def build_page_table(run: Run, suspense: Suspense | None = None) -> dict[str, Any]:
    """Build the table with everything that the page says in both languages.

    Parameters
    ----------
    run : Run
        Whose scenarios a reader may choose from, and whose odds the sliders start from.
    suspense : Suspense, optional
        What deliveries may have brought by the next period, of one of the scenarios.

    Returns
    -------
    dict
        As `sim.analysis.browser_table.build_table` gives it, with the levels and bands of fans; each scenario has
        what the run found of it, `published`. Scenarios with rules, judgements or many shocks are left out, given
        figures those of more than a few; empty where none is left.
    """
    script = _SCRIPT.read_text(encoding="utf-8")
    spoken = [key for key in read_words() if f'"{key}"' in script]
    plan = run.model.plan
    quarters = len(plan.quarter_names)
    chosen = [each for each in run.attainments if not each.scenario.mixture]  # which has no shocks to move
    if not chosen:
        problem = "the run holds mixtures alone, and a page moves the shocks of a scenario"
        raise InputError([blame("run", problem, "run one of their parts beside them")])
    # rules answer to figures, of which sliders know none, and judgements hold for the shocks as they are
    chosen = [each for each in chosen if not (each.scenario.has_rules or each.scenario.judgements)]
    chosen = [each for each in chosen if len(each.scenario.shocks) <= MOST_SHOCKS]
    if not chosen:
        return {}
    known = compile_published(run.model, run.published)
    if known is not None:
        kept = choose_scenarios([each.scenario for each in chosen])
        chosen = [each for each in chosen if each.scenario in kept]
        if not chosen:
            return {}
    table = build_table(
        run.model,
        [each.scenario for each in chosen],
        run.settings.seed,
        words=list_words(spoken),
        periods=[say_period(name_cumulative(quarter, quarters))._asdict() for quarter in range(quarters)],
        aims={target.id: say_aim(target)._asdict() for target in plan.headline_growth},
        known=known,
    )
    for scenario, published in zip(table["scenarios"], publish_odds(chosen, known), strict=True):
        scenario["published"] = published
    names = [say_period(name_quarter(quarter))._asdict() for quarter in range(quarters)]
    told = {"quarters": names, "levels": list(QUANTILE_LEVELS), "shares": list(BANDS)}
    return {**table, **told, "deliveries": list_deliveries(run, suspense)}


def list_deliveries(run: Run, suspense: Suspense | None) -> list[dict[str, Any]]:
    """List what deliveries may have brought by the next period, and the odds that it would leave.

    Parameters
    ----------
    run : Run
    suspense : Suspense, optional

    Returns
    -------
    list of dict
        Of each its name, `scenario` and `period`, by language; its odds as the run has them, `published`; `edges` of
        bands, in words; by band `chances`, how likely it is, and the `odds` it would leave. None of scenarios that the
        run lacks.
    """
    attainment = next(
        (each for each in run.attainments if suspense and each.scenario.name == suspense.scenario.name), None
    )
    if suspense is None or attainment is None:
        return []
    listed = []
    for each in suspense.releases:
        if not each.release.is_delivery:
            continue
        for place in suspense.list_own(each.release)[:1]:
            target = run.model.plan.judged[place]
            edges = [say_amount(float(edge), getattr(target, "unit", "")) for edge in each.values[1:]]
            listed.append(
                {
                    "id": target.id,
                    **pair(target)._asdict(),
                    "scenario": {"en": suspense.scenario.title_en, "zh": suspense.scenario.title_zh},
                    "period": say_period(suspense.name_period(each.release))._asdict(),
                    "edges": [edge._asdict() for edge in edges],
                    "chances": [float(f"{chance:.4g}") for chance in each.probability],
                    "odds": [float(f"{odds:.4g}") for odds in each.odds[:, place]],
                    "published": float(f"{attainment.met[0, place]:.7g}"),
                }
            )
    return listed
