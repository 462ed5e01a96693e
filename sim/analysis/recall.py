"""A finished run, read back from its folder: its tables as a run again, nothing computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.analysis.repeat import read_manifest, recall_figures, recall_inputs, refuse_changed
from sim.engine.nets import REPLICATES
from sim.errors import Fault, InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import list_readings, name_readings
from sim.inputs.quarters import name_cumulative, name_quarters
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.results.attainment import QUANTILE_LEVELS, Attainment
from sim.results.evidence import Evidence
from sim.results.ledger import Entry, Ledger
from sim.results.run import Run
from sim.results.settings import RunSettings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["recall_run"]

_TABLES = ("attainment", "joint", "conditional", "quantiles")


def recall_run(folder: Path) -> Run:
    """Read a finished run back from its tables.

    Parameters
    ----------
    folder : Path
        That `sim run` wrote.

    Returns
    -------
    Run
        With numbers of six decimals, as the tables have them; what no table holds is missing: errors of quantiles and
        of a mixture's weights, what judgements move beside what they speak of, and where two methods differed.

    Raises
    ------
    InputError
        If a table or the manifest cannot be read or is no run's, or an input has changed since.
    """
    manifest = read_manifest(folder)
    refuse_changed(manifest, folder)
    model, scenarios = recall_inputs(manifest, folder)
    published = recall_figures(manifest, folder, model)
    mixed = ["weights"] if any(each.mixture for each in scenarios) else []
    judged = ["judgements"] if any(each.judgements for each in scenarios) else []
    names = [*_TABLES, *(["surprise", *mixed] if published else []), *judged]
    frames = {name: _read_table(folder / f"{name}.csv") for name in names}
    noted = {field.name for field in fields(RunSettings)}
    settings = RunSettings(**{name: each for name, each in manifest["settings"].items() if name in noted})
    try:
        attainments = tuple(_recall(model, scenario, frames, settings) for scenario in scenarios)
    except (KeyError, ValueError) as error:
        problem = f"the tables are not those of the manifest ({type(error).__name__}: {error})"
        raise InputError([Fault(str(folder), 0, 0, problem, "run it anew with `sim run`")]) from None
    return Run(
        model=model,
        scenarios=tuple(scenarios),
        attainments=attainments,
        settings=settings,
        published=published,
    )


def _read_table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(path, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError([Fault(str(path), 0, 0, f"cannot be read ({error})", "run it anew with `sim run`")]) from None


def _recall(model: Model, scenario: Scenario, frames: Mapping[str, pd.DataFrame], settings: RunSettings) -> Attainment:
    """Lay the rows of one scenario out as arrays."""
    plan = model.plan
    mine = {name: frame[frame.scenario == scenario.name] for name, frame in frames.items()}
    odds, joint, conditional = mine["attainment"], mine["joint"], mine["conditional"]
    met = _lay_odds(plan, odds, ("probability", "mc_se", "exact_calibration", "range_low", "range_high"))
    exact = bool(np.isfinite(met[2]).any())
    groups = {str(name): rows.sort_values("at_least") for name, rows in joint.groupby("group", sort=False)}
    at_least = {name: np.array([1.0, *rows.probability, 0.0]) for name, rows in groups.items()}
    ends = {name: np.array([[1.0, *rows[end]] for end in ("range_low", "range_high")]) for name, rows in groups.items()}
    growth, progress = _lay_quantiles(model, mine["quantiles"])
    figures, weights = mine.get("surprise"), mine.get("weights")
    worth = float(figures.effective.iloc[0]) if figures is not None and len(figures) else None
    return Attainment(
        model=model,
        scenario=scenario,
        seed=settings.seed,
        n_paths=int(settings.n_paths or 0),
        n_points=REPLICATES * settings.n_points if exact else 0,
        met=met[0],
        met_se=met[1],
        plug_in=met[2],
        met_range=met[3:],
        number_met={name: shares[:-1] - shares[1:] for name, shares in at_least.items()},
        at_least_se={name: np.array([0.0, *rows.mc_se]) for name, rows in groups.items()},
        at_least_range=ends,
        if_missed=_lay_conditional(plan, conditional, "probability"),
        if_missed_se=_lay_conditional(plan, conditional, "mc_se"),
        growth=growth,
        growth_se=np.full_like(growth, np.nan),
        progress=progress,
        evidence=None if figures is None or worth is None else _recall_evidence(figures, worth, weights),
        n_effective=worth,
        ledger=_recall_ledger(mine["judgements"], scenario) if scenario.judgements else None,
    )


def _recall_ledger(rows: pd.DataFrame, scenario: Scenario) -> Ledger:
    """Lay the judgements of one scenario out."""
    told = rows.drop(columns=["scenario", "heads"]).rename(columns={"is": "asked"})
    told[["who", "why"]] = told[["who", "why"]].fillna("")  # of all together, nobody's
    entries = tuple(Entry(**{str(name): each for name, each in row.items()}) for row in told.to_dict("records"))
    return Ledger(scenario=scenario.name, entries=entries, before=None, direct=())


def _lay_odds(plan: Plan, rows: pd.DataFrame, columns: Sequence[str]) -> Floats:
    """Lay columns of the odds out, shape (column, reading, target)."""
    found = {(target, reading): row for target, reading, *row in _list_rows(rows, "target", "reading", *columns)}
    laid = np.full((len(columns), len(name_readings(plan)), len(plan.judged)), np.nan)
    for number, target in enumerate(plan.judged):
        for place, reading in list_readings(plan, target):
            laid[:, place, number] = found[target.id, reading]
    return laid


def _lay_conditional(plan: Plan, rows: pd.DataFrame, column: str) -> Floats:
    """Lay odds given a miss out, shape (missed, met)."""
    found = {(missed, met): share for missed, met, share in _list_rows(rows, "missed", "met", column)}
    ids = [target.id for target in plan.headline]
    laid = [[np.nan if missed == met else found[missed, met] for met in ids] for missed in ids]
    return np.array(laid, dtype=float).reshape(len(ids), len(ids))


def _lay_quantiles(model: Model, rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Lay quantiles out: growth by (period, series, level), shares delivered by (quarter, delivery, level)."""
    plan, levels = model.plan, [f"q{round(100 * level):02d}" for level in QUANTILE_LEVELS]
    count = len(plan.quarter_names)
    cumulative = [name_cumulative(quarter, count) for quarter in range(count)]
    columns = _list_rows(rows, "series", "period", "unit", *levels)
    found = {(series, period, unit): row for series, period, unit, *row in columns}
    grown = [
        [found[each.id, period, each.unit] for each in plan.indicators]
        for period in [*name_quarters(count), *cumulative[1:]]
    ]
    targets, ids = {target.id: target for target in plan.deliveries}, model.delivery_law.ids
    delivered = [[found[name, period, targets[name].unit] for name in ids] for period in cumulative]
    goals = np.array([targets[name].value for name in ids]).reshape(-1, 1)
    shares = np.array(delivered, dtype=float).reshape(count, len(ids), len(levels)) / goals
    return np.array(grown, dtype=float), shares


def _list_rows(frame: pd.DataFrame, *columns: str) -> list[list[Any]]:
    rows: list[list[Any]] = frame[[*columns]].to_numpy(object).tolist()
    return rows


def _recall_evidence(rows: pd.DataFrame, worth: float, weights: pd.DataFrame | None) -> Evidence:
    """Recall how far out figures were, and which parts they favour; of the points, only what they are worth."""
    tails = rows.tail_probability.to_numpy(float)
    whole = np.ones_like(tails)
    return Evidence(
        weight=np.ones(1),
        squared=np.array([1 / worth]),
        n_points=max(1, round(worth)),
        sides=np.stack([whole, tails / 2, whole], axis=1)[:, :, None],
        stories={} if weights is None else {place: np.array([each]) for place, each in enumerate(weights.after)},
        names=tuple(str(name) for name in rows.figure),
    )
