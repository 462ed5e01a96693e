"""Sensitivity: what each shock of a scenario does to the odds, by running the scenario with and without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.engine.run import run
from sim.inputs.bundled import list_scenario_files
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.building import Given, take_scenario
from sim.inputs.scenario.reading import Scenario, read_scenarios
from sim.inputs.scenario.sizes import Fixed
from sim.learning.loading import take_model
from sim.model.model import Model
from sim.model.scenario_law import Quantile, compile_scenario

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SIZES", "VARIANTS", "Sensitivity", "gather_shocks", "measure_sensitivity"]

SIZES: Mapping[str, float] = {"small": 0.1, "median": 0.5, "large": 0.9}
"""Variants in which a shock happens for certain, and the quantile of its law that its size then has."""


VARIANTS = ("scenario", "without", *SIZES)
"""The scenario as it stands; a shock left out; and the shock for certain, small, of median size, and large."""


_POINTS = 128  # of each replicate of the analytic road: growth is exact with any number, the rest to 0.2 points


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Sensitivity:
    """The odds of a scenario's targets with each of its shocks left out, and made certain at three sizes.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    table : DataFrame
        Columns scenario, shock, target, variant, probability (as printed), mc_se. Variants as `VARIANTS`; all on the
        same draws, so that differences are surer than each probability.
    sizes : dict of str to dict of str to float
        By shock and variant: its size, in the shock's own unit.
    n_paths, n_points, seed : int
        Paths of each variant, and points of it on the analytic road: 0 where paths were counted.
    """

    model: Model
    scenario: Scenario
    table: pd.DataFrame
    sizes: Mapping[str, Mapping[str, float]]
    n_paths: int
    n_points: int
    seed: int

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.model.plan

    def __repr__(self) -> str:
        return f"<Sensitivity of {self.scenario.name} to {', '.join(self.sizes)}, seed {self.seed}>"


def measure_sensitivity(
    model: Model | Plan | str | Path,
    scenario: Given,
    *,
    n_paths: int = 20_000,
    seed: int = 2024,
    method: str = "auto",
) -> Sensitivity:
    """Run a scenario as it stands and, for each of its shocks, without it and with it at three sizes.

    Parameters
    ----------
    model : Model, Plan, str or Path
        A model, or the plan or shipped name of one.
    scenario : Scenario, str or Path
        A scenario, or the name or file of one.
    n_paths : int
        Of each variant; a shock needs four variants, and all share one scenario as it stands.
    seed : int
    method : str
        As for `sim.run`; `paths` is faster, and its odds have the error of counting.

    Returns
    -------
    Sensitivity

    Raises
    ------
    InputError
        With every fault of the model and the scenario.
    ValueError
        If the scenario has no shocks.

    Notes
    -----
    A shock that depends on another one is made certain, or left out, whatever the other one does. Shocks that depend
    on the one varied keep their dependence: where it is left out, they have their probability of its not happening.

    Examples
    --------
    >>> import sim
    >>> found = sim.measure_sensitivity("qingdao-2024", "export-slump", n_paths=1000, method="paths")
    >>> found.table.columns.tolist()
    ['scenario', 'shock', 'target', 'variant', 'probability', 'mc_se']
    """
    import pandas as pd

    model = take_model(model)
    scenario = take_scenario(scenario, model.plan)
    if not scenario.shocks:
        named = ", ".join(path.stem for path in list_scenario_files())
        raise ValueError(f"scenario {scenario.name!r} has no shocks to leave out; the shipped ones have: {named}")
    law = compile_scenario(model, scenario, whole=True)
    sizes = {name: _find_sizes(size) for name, size in zip(law.names, law.size, strict=True)}
    varied = [
        (shock, variant, _vary(scenario, shock, variant, sizes[shock]))
        for shock in scenario.shocks
        for variant in VARIANTS[1:]
    ]
    every = [scenario, *(each for _, _, each in varied)]
    result = run(model, every, n_paths=n_paths, seed=seed, n_calibrations=0, method=method, n_points=_POINTS)
    frames = [_list_stated(result.attainments[0].odds, shock, VARIANTS[0]) for shock in scenario.shocks]
    for (shock, variant, _), attainment in zip(varied, result.attainments[1:], strict=True):
        frames.append(_list_stated(attainment.odds, shock, variant))
    table = pd.concat(frames, ignore_index=True)
    table.insert(0, "scenario", scenario.name)
    return Sensitivity(
        model=model,
        scenario=scenario,
        table=table,
        sizes=sizes,
        n_paths=n_paths,
        n_points=result.attainments[0].n_points,
        seed=seed,
    )


def gather_shocks(plan: Plan) -> Scenario:
    """Gather the shocks of all shipped scenarios beside those of the baseline, none of them expected to happen.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    Scenario
        The baseline with shocks of probability 0, whose odds are the baseline's: what each shock would do to these
        is what `measure_sensitivity` of it tells.

    Examples
    --------
    >>> import sim
    >>> list(gather_shocks(sim.read_plan("qingdao-2024")).shocks)[:3]
    ['rare_common_shock', 'consumption_stimulus', 'epidemic_wave']
    """
    baseline, *others = read_scenarios(["baseline", *_list_others()], plan)
    never = {"depends_on": None, "probability": 0.0}
    added = {
        name: shock.model_copy(update=never)
        for other in others
        for name, shock in other.shocks.items()
        if name not in baseline.shocks
    }
    gathered = replace(baseline, shocks={**baseline.shocks, **added})
    return gathered.read_as(None, baseline.checked_for)


def _list_others() -> list[str]:
    return [path.stem for path in list_scenario_files() if path.stem != "baseline"]


def _find_sizes(size: Quantile) -> dict[str, float]:
    """Find the size in each variant in which the shock happens."""
    import numpy as np

    found = size(np.array([*SIZES.values()]))
    return dict(zip(SIZES, found.tolist(), strict=True))


def _vary(scenario: Scenario, name: str, variant: str, sizes: Mapping[str, float]) -> Scenario:
    """Leave one shock out of the scenario, or make it certain at one size."""
    shock = scenario.shocks[name]
    changes: dict[str, object] = {"depends_on": None, "probability": float(variant in sizes)}
    if variant in sizes:
        changes["size"] = Fixed(law="fixed", value=sizes[variant], unit=shock.size.unit)
    shocks = {**scenario.shocks, name: shock.model_copy(update=changes)}
    varied = replace(scenario, name=f"{scenario.name}:{name}:{variant}", shocks=shocks)
    return varied.read_as(None, scenario.checked_for)


def _list_stated(odds: pd.DataFrame, shock: str, variant: str) -> pd.DataFrame:
    stated = odds[odds["reading"] == "printed"][["target", "probability", "mc_se"]].reset_index(drop=True)
    stated.insert(0, "shock", shock)
    stated.insert(2, "variant", variant)
    return stated
