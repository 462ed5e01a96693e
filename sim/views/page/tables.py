"""Tables of the report as CSV: what its buttons save, and what its numbers are taken from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.pace import measure_pace
from sim.analysis.rule_value import value_rules
from sim.analysis.suspense import Suspense
from sim.inputs.scenario.document import Rule, Shock
from sim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs.scenario.document import Struck

__all__ = ["build_tables", "list_promises", "tabulate_assumptions"]


def build_tables(run: Run, suspense: Suspense | None = None) -> dict[str, pd.DataFrame]:
    """Build every table of a report, by the name of its file.

    Parameters
    ----------
    run : Run
    suspense : Suspense, optional

    Returns
    -------
    dict of str to DataFrame
        The six tables of `sim run`, then `promises`, `assumptions`, `track_record`, `scores`, `reliability` and
        `within_year`; `class_records` where not all targets are growth, `pace` where figures of the year are known,
        `rules` where a scenario has some, and `next` of what comes next, for headline growth and each release's own
        target.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> scenarios = sim.read_scenarios(["baseline"], plan)
    >>> result = sim.run(sim.load_model(plan), scenarios, n_paths=1000, n_calibrations=0)
    >>> list(build_tables(result))[:4]
    ['attainment', 'joint', 'conditional', 'quantiles']
    """
    import pandas as pd

    from sim.learning.record_backtest import read_record_scores
    from sim.learning.track_record import Record, read_panel_reliability, read_panel_scores, read_record
    from sim.learning.within_year_backtest import read_within_year_scores

    tables = run.tables
    tables["promises"] = list_promises(run)
    tables["assumptions"] = tabulate_assumptions(run)
    records = [record.model_dump() for record in read_record().values()]
    tables["track_record"] = pd.DataFrame(records, columns=list(Record.model_fields))
    tables["scores"] = read_panel_scores()
    tables["reliability"] = read_panel_reliability()
    tables["within_year"] = read_within_year_scores()
    if len(run.model.plan.judged) > len(run.model.plan.growth):
        tables["class_records"] = read_record_scores()
    if run.published:
        tables["pace"] = measure_pace(run.attainments, run.published).table
    if any(scenario.rules for scenario in run.scenarios):
        tables["rules"] = value_rules(run)
    if suspense is not None:
        told = suspense.table  # of all targets it would be most of the page: `sim next --out` has them
        growth = [target.id for target in run.model.plan.headline_growth]
        tables["next"] = told[told.target.isin(growth) | (told.target == told.series)].reset_index(drop=True)
    return tables


def list_promises(run: Run) -> pd.DataFrame:
    """List targets beside the headline, the least likely in the first scenario first.

    Parameters
    ----------
    run : Run

    Returns
    -------
    DataFrame
        Columns target, name_en, name_zh, group, section, phrase, value, unit, quarter, decided_by, probability, mc_se,
        range_low, range_high, lowest, lowest_scenario, source; `lowest` is that of all scenarios.
    """
    import pandas as pd

    plan = run.model.plan
    odds = np.array([attainment.met[0] for attainment in run.attainments])
    headline = {target.id for target in plan.headline}
    rows = []
    for number, target in enumerate(plan.judged):
        if target.id in headline:
            continue
        fields = ("id", "name_en", "name_zh", "group", "section", "phrase", "value", "unit", "quarter", "decided_by")
        cells, worst = target.model_dump(), int(odds[:, number].argmin())
        rows.append(
            (
                *(cells.get(field) for field in fields),  # a milestone has no value, a delivery no quarter
                odds[0, number],
                run.attainments[0].met_se[0, number],
                *run.attainments[0].find_range(number),
                odds[worst, number],
                run.scenarios[worst].name,
                target.source,
            )
        )
    columns = "target name_en name_zh group section phrase value unit quarter decided_by"
    figures = "probability mc_se range_low range_high lowest lowest_scenario source"
    frame = pd.DataFrame(rows, columns=[*columns.split(), *figures.split()])
    return frame.sort_values(["probability", "target"], ignore_index=True)


def tabulate_assumptions(run: Run) -> pd.DataFrame:
    """List what each scenario assumes, a row for each number.

    Parameters
    ----------
    run : Run

    Returns
    -------
    DataFrame
        Columns scenario, shock, title_en, title_zh, assumption (`probability`, `when`, `onset`, `size`, `profile`,
        `loading`, `speed`, `delay`, `source`; of the scenario itself `why` and `source`), of, value.
    """
    import pandas as pd

    rows = []
    for scenario in run.scenarios:
        own = (scenario.name, "", scenario.title_en, scenario.title_zh)
        rows.append((*own, "why", "", scenario.why))
        rows += [(*own, "why", "zh", scenario.why_zh)] if scenario.why_zh else []
        rows += [(*own, "source", "", source) for source in scenario.sources]
        for name, shock in (*scenario.shocks.items(), *scenario.rules.items()):
            what = (scenario.name, name, shock.title.en, shock.title.zh)
            rows += [(*what, *number) for number in _list_numbers(shock)]
            rows.append((*what, "source", "", shock.source))
    columns = ["scenario", "shock", "title_en", "title_zh", "assumption", "of", "value"]
    return pd.DataFrame(rows, columns=columns)


def _list_numbers(shock: Struck) -> list[tuple[str, str, str]]:
    """List every number of a shock or rule: what it is, of what, its value."""
    numbers: list[tuple[str, str, str]] = []
    if isinstance(shock, Rule):
        given = shock.when.model_dump(exclude_none=True)
        numbers += [("when", of, str(value)) for of, value in given.items()]
    elif isinstance(shock, Shock) and shock.depends_on is not None:
        depends = shock.depends_on
        numbers += [
            ("probability", f"if {depends.shock}", f"{depends.probability_if_happened:g}"),
            ("probability", f"if not {depends.shock}", f"{depends.probability_if_not:g}"),
        ]
    elif isinstance(shock, Shock):
        numbers += [("probability", "", f"{shock.probability:g}")]
    numbers += [("onset", quarter, f"{weight:g}") for quarter, weight in shock.onset.items()]
    for assumption in ("size", "profile"):
        given = getattr(shock, assumption).model_dump(exclude_none=True)
        numbers += [(assumption, of, str(value)) for of, value in given.items()]
    for assumption, touched in (("loading", shock.loadings), ("speed", shock.speed), ("delay", shock.delay)):
        numbers += [(assumption, of, f"{value:g}") for of, value in touched.items()]
    return numbers
