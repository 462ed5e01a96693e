"""What-ifs: the growth targets' odds and fans of a scenario while its shocks are being changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim._typing import Floats
from sim.engine.exact.inversion import Spectrum, find_quantiles, open_spectrum
from sim.engine.exact.odds import estimate_replicate_error, explain_paths, judge_growth
from sim.engine.exact.separation import Separation, open_separation
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.scenario.building import take_scenario
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model, take_model
from sim.model.scenario_law import ScenarioLaw, compile_scenario
from sim.results.attainment import QUANTILE_LEVELS

__all__ = ["LARGEST", "WhatIf", "WhatIfOdds", "prepare"]

LARGEST = 3.0
"""Factor on the sizes of shocks up to which a what-if is asked."""


_COUNT = 64  # points of a replicate for the joint odds


_PRECISION = 1e-5


_FAN_PRECISION = 1e-5  # of the level of a quantile


_LEVELS = np.array(QUANTILE_LEVELS)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WhatIfOdds:
    """The odds of growth targets at one setting of the shocks.

    Attributes
    ----------
    targets : tuple of str, shape (target,)
        Ids of the plan's growth targets, in its order.
    probability, mc_se : array, shape (reading, target)
        Readings as in `READINGS`; exact but for `mc_se`, the bound on the inversion's error.
    joint, joint_se : float
        Of all headline targets that are growth, as stated, and its standard error.
    quantiles : array, shape (period, series, level)
        Growth from January to each quarter's end, %; levels as in `QUANTILE_LEVELS`.
    """

    targets: tuple[str, ...]
    probability: Floats
    mc_se: Floats
    joint: float
    joint_se: float
    quantiles: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Prepared:
    """What the odds of a scenario are made of, laid out once.

    Attributes
    ----------
    law : ScenarioLaw
    spectrum : Spectrum
        Of growth from January to each quarter's end.
    separation : Separation
        For the joint odds.
    start : array, shape (figure, level)
        Quantiles of the scenario as it is, around the ordinary means: where those of a changed one are searched from.
    """

    law: ScenarioLaw
    spectrum: Spectrum
    separation: Separation
    start: Floats


def prepare(model: Model, scenario: Scenario, seed: int = 2024) -> Prepared:
    """Lay out a scenario, so that the odds of a changed one take a few milliseconds.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    seed : int
        Of the points on which the joint odds are conditioned.

    Returns
    -------
    Prepared

    Raises
    ------
    ValueError
        If the scenario needs paths.
    """
    reason = explain_paths(model, scenario)
    if reason:
        raise ValueError(f"no what-if of scenario '{scenario.name}': {reason}")
    law = compile_scenario(model, scenario)
    figures = model.reduced.place_cumulative(range(len(model.law.path)))
    spectrum = open_spectrum(model, law, LARGEST, figures, _PRECISION)
    return Prepared(
        law=law,
        spectrum=spectrum,
        separation=open_separation(model, law, _COUNT, seed),
        start=find_quantiles(spectrum.frequencies, spectrum.transform(), _LEVELS),
    )


class WhatIf:
    """A scenario whose shocks may be changed: each question is answered within a few milliseconds.

    Parameters
    ----------
    model : Model, Plan, str or Path
        A model; or a plan, its folder or its shipped name.
    scenario : Scenario, str or Path
        A scenario, its file or its name.
    seed : int
        Of the points on which the joint odds are conditioned.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    seed : int
    prepared : Prepared
        What the answers are made of.

    Raises
    ------
    InputError
        If model or scenario are faulty.
    ValueError
        If the scenario needs paths.

    Examples
    --------
    >>> import sim
    >>> what_if = sim.WhatIf("qingdao-2024", "export-slump")
    >>> mild, harsh = (what_if.odds(sizes={"export_slump": factor}).probability[0, 0] for factor in (0.5, 2.0))
    >>> bool(mild > harsh)
    True
    """

    __slots__ = ("model", "prepared", "scenario", "seed")

    def __init__(self, model: Model | Plan | str | Path, scenario: Scenario | str | Path, *, seed: int = 2024) -> None:
        self.model = take_model(model)
        self.scenario = take_scenario(scenario, self.model.plan)
        self.seed = seed
        self.prepared = prepare(self.model, self.scenario, seed)

    def __repr__(self) -> str:
        return f"<WhatIf of {self.scenario.name}: {', '.join(self.prepared.law.names) or 'no shocks'}>"

    def odds(
        self,
        *,
        sizes: Mapping[str, float] | None = None,
        probabilities: Mapping[str, float] | None = None,
        tolerances: Mapping[str, float] | None = None,
    ) -> WhatIfOdds:
        """Compute the odds after a change; what is not named stays as the scenario and the plan say.

        Parameters
        ----------
        sizes : mapping of str to float, optional
            Factors on the sizes of shocks, from 0 to `LARGEST`.
        probabilities : mapping of str to float, optional
            Of shocks, whatever they depend on.
        tolerances : mapping of str to float, optional
            By target, percentage points.

        Returns
        -------
        WhatIfOdds

        Raises
        ------
        ValueError
            If a name is unknown or a number out of range.
        """
        law, spectrum = self.prepared.law, self.prepared.spectrum
        growth = [target.id for target in self.model.plan.growth]
        _check("size", sizes, law.names, LARGEST)
        _check("probability", probabilities, law.names, 1.0)
        _check("tolerance", tolerances, growth, np.inf)
        factors = np.array([(sizes or {}).get(name, 1.0) for name in law.names])
        chance = law.chance.copy()
        for name, likely in (probabilities or {}).items():
            chance[law.names.index(name)] = likely
        transformed = spectrum.transform(factors, chance)
        single = spectrum.frequencies.astype(np.float32), transformed.astype(np.complex64)  # sines ten times as fast
        quantiles = find_quantiles(*single, _LEVELS, self.prepared.start, _FAN_PRECISION)
        asked, found = judge_growth(self.model, spectrum, transformed, tolerances)
        year = asked.reading < len(READINGS)
        probability = found[year].reshape(-1, len(READINGS)).T  # thresholds are in the order of targets, then readings
        _, joint = self.prepared.separation.integrate(factors, chance)
        return WhatIfOdds(
            targets=tuple(growth),
            probability=probability,
            mc_se=np.full_like(probability, _PRECISION),
            joint=float(joint.mean()),
            joint_se=float(estimate_replicate_error(joint, _COUNT)),
            quantiles=(spectrum.mean[:, None] + quantiles).reshape(len(self.model.law.path), -1, len(_LEVELS)),
        )


def _check(noun: str, given: Mapping[str, float] | None, names: Sequence[str], most: float) -> None:
    """Refuse a name that is not there, and a number out of range."""
    for name, value in (given or {}).items():
        if name not in names:
            raise ValueError(f"no {noun} of {name!r}; allowed: {', '.join(names)}")
        if not 0 <= value <= most:
            raise ValueError(f"{noun} of {name!r} is {value:g}; allowed: 0 to {most:g}")
