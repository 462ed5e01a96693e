"""Arrays: results as labelled arrays of xarray, every dimension by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.attainment import QUANTILE_LEVELS, Attainment
from sim.errors import SimError, advise_install
from sim.quarters import name_cumulative, name_quarters
from sim.tally import name_readings

if TYPE_CHECKING:
    import xarray as xr

    from sim.plan import Plan

__all__ = ["label_attainments"]

Floats = NDArray[np.float64]


def label_attainments(attainments: Sequence[Attainment], calibration_sd: Floats | None = None) -> xr.Dataset:
    """Results of one plan in several scenarios as one data set.

    Parameters
    ----------
    attainments : sequence of Attainment
        One a scenario, at least one, of the same plan.
    calibration_sd : array, shape (scenario, target), optional
        As of `Run.calibration_sd`.

    Returns
    -------
    xarray.Dataset
        `probability` and `mc_se` by scenario, target and reading; `calibration_sd` by scenario and target;
        `at_least_probability` and `at_least_se` by scenario, group and at_least; `if_missed` and `if_missed_se` by
        scenario, missed and met; `growth` (%) by scenario, period, indicator and level; `progress` (share of the goal)
        by scenario, quarter, delivery and level. What a target or group lacks is NaN.

    Raises
    ------
    SimError
        If xarray is not installed.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.calibrate(plan), sim.read_scenarios(["baseline"], plan), 1000, n_calibrations=0)
    >>> label_attainments(result.attainments).probability.sel(target="gdp").dims
    ('scenario', 'reading')
    """
    try:
        import xarray as xr
    except ImportError:
        raise SimError(f"xarray is not installed; {advise_install('notebook')}") from None
    first = attainments[0]
    plan = first.plan
    dataset = xr.Dataset(_gather(attainments, calibration_sd), _name_coordinates(attainments))
    dataset.attrs |= {"plan": plan.name, "place": plan.place_en, "year": plan.year, "seed": first.seed}
    dataset.attrs |= {"n_paths": first.n_paths, "n_points": first.n_points}
    dataset["growth"].attrs["unit"] = "%"
    return dataset


def _gather(attainments: Sequence[Attainment], calibration_sd: Floats | None) -> dict[str, Any]:
    """Variables: dimensions and values, the scenario first."""
    odds = ("scenario", "target", "reading")
    missed = ("scenario", "missed", "met")
    together = ("scenario", "group", "at_least")
    variables: dict[str, Any] = {
        "probability": (odds, np.stack([each.met.T for each in attainments])),
        "mc_se": (odds, np.stack([each.met_se.T for each in attainments])),
        "at_least_probability": (together, np.stack([_pad(each.number_met, sums=True) for each in attainments])),
        "at_least_se": (together, np.stack([_pad(each.at_least_se) for each in attainments])),
        "if_missed": (missed, np.stack([each.if_missed for each in attainments])),
        "if_missed_se": (missed, np.stack([each.if_missed_se for each in attainments])),
        "growth": (("scenario", "period", "indicator", "level"), np.stack([each.growth for each in attainments])),
        "progress": (("scenario", "quarter", "delivery", "level"), np.stack([each.progress for each in attainments])),
    }
    if calibration_sd is not None:
        variables["calibration_sd"] = (odds[:2], calibration_sd)
    return variables


def _pad(groups: dict[str, Floats], sums: bool = False) -> Floats:
    """A row a group, filled up with NaN; `sums` turns exactly so many into at least so many."""
    padded = np.full((len(groups), max(map(len, groups.values()))), np.nan)
    for row, values in enumerate(groups.values()):
        padded[row, : len(values)] = values[::-1].cumsum()[::-1] if sums else values
    return padded


def _name_coordinates(attainments: Sequence[Attainment]) -> dict[str, Any]:
    first = attainments[0]
    plan: Plan = first.plan
    count = len(plan.quarter_names)
    cumulative = [name_cumulative(quarter, count) for quarter in range(count)]
    headline = [target.id for target in plan.headline]
    return {
        "scenario": [each.scenario.name for each in attainments],
        "title_en": ("scenario", [each.scenario.title_en for each in attainments]),
        "title_zh": ("scenario", [each.scenario.title_zh for each in attainments]),
        "target": [target.id for target in plan.judged],
        "name_en": ("target", [target.name_en for target in plan.judged]),
        "name_zh": ("target", [target.name_zh for target in plan.judged]),
        "value": ("target", [np.nan if target.value is None else target.value for target in plan.judged]),
        "unit": ("target", [target.unit or "" for target in plan.judged]),
        "reading": list(name_readings(plan)),
        "group": list(first.number_met),
        "at_least": np.arange(max(map(len, first.number_met.values()))),
        "missed": headline,
        "met": headline,
        "period": [*name_quarters(count), *cumulative[1:]],
        "indicator": [indicator.id for indicator in plan.indicators],
        "quarter": cumulative,
        "delivery": list(first.model.delivery_law.ids),
        "level": list(QUANTILE_LEVELS),
    }
