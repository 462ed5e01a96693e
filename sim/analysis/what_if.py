"""Live odds: the growth targets' odds and fans of a scenario while its shocks are being changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.engine.exact.inversion import Spectrum, find_quantiles, open_spectrum
from sim.engine.exact.odds import estimate_replicate_error, explain_paths, judge_growth
from sim.engine.exact.separation import Separation, open_separation
from sim.inputs.plan.readings import READINGS
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario
from sim.results.attainment import QUANTILE_LEVELS

__all__ = ["LARGEST", "LiveOdds", "Odds"]

LARGEST = 3.0
"""Factor on the sizes of shocks up to which odds are live."""


_COUNT = 64  # points of a replicate for the joint odds


_PRECISION = 1e-5


_FAN_PRECISION = 1e-5  # of the level of a quantile


_LEVELS = np.array(QUANTILE_LEVELS)


@dataclass(frozen=True)
class LiveOdds:
    """The odds of growth targets at one setting of the shocks.

    Attributes
    ----------
    targets : tuple of str
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


@dataclass(frozen=True)
class Odds:
    """What a scenario's odds are made of, laid out once, so that a slider gets them again within a few milliseconds.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    seed : int
        Of the points on which the joint odds are conditioned.

    Raises
    ------
    ValueError
        If the scenario needs paths.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> odds = sim.Odds(sim.load_model(plan), sim.read_scenario("export-slump", plan))
    >>> mild, harsh = (odds.update(sizes={"export_slump": factor}).probability[0, 0] for factor in (0.5, 2.0))
    >>> bool(mild > harsh)
    True
    """

    model: Model
    scenario: Scenario
    seed: int = 2024
    _spectrum: Spectrum = field(init=False, repr=False)
    _separation: Separation = field(init=False, repr=False)
    _start: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        reason = explain_paths(self.model, self.scenario)
        if reason:
            raise ValueError(f"no live odds of scenario '{self.scenario.name}': {reason}")
        figures = self.model.reduced.place_cumulative(range(len(self.model.law.path)))
        law = compile_scenario(self.model, self.scenario)
        spectrum = open_spectrum(self.model, law, LARGEST, figures, _PRECISION)
        start = find_quantiles(spectrum.frequencies, spectrum.transform(), _LEVELS)
        object.__setattr__(self, "_spectrum", spectrum)
        object.__setattr__(self, "_start", start)
        object.__setattr__(self, "_separation", open_separation(self.model, law, _COUNT, self.seed))

    def update(
        self,
        sizes: Mapping[str, float] | None = None,
        probabilities: Mapping[str, float] | None = None,
        tolerances: Mapping[str, float] | None = None,
    ) -> LiveOdds:
        """The odds after a change; what is not named stays as the scenario and the plan say.

        Parameters
        ----------
        sizes : mapping of str to float, optional
            Factors on the sizes of shocks, from 0 to `LARGEST`.
        probabilities : mapping of str to float, optional
            Of shocks.
        tolerances : mapping of str to float, optional
            By target, percentage points.

        Raises
        ------
        ValueError
            If a name is unknown or a number out of range.
        """
        self._check(sizes or {}, probabilities or {}, tolerances or {})
        series = len(self.model.plan.indicators)
        spectrum, law = self._spectrum, self._spectrum.law
        factors, chance = np.ones(len(law.names)), law.chance.copy()
        for name, size in (sizes or {}).items():
            factors[law.names.index(name)] = size
        for name, likely in (probabilities or {}).items():
            chance[law.names.index(name)] = likely
        transformed = spectrum.transform(factors, chance)
        single = spectrum.frequencies.astype(np.float32), transformed.astype(np.complex64)  # sines ten times as fast
        quantiles = find_quantiles(*single, _LEVELS, self._start, _FAN_PRECISION)
        places, probability = self._judge(transformed, tolerances)
        _, joint = self._separation.integrate(factors, chance)
        return LiveOdds(
            tuple(self.model.plan.judged[place].id for place in places),
            probability,
            np.full_like(probability, _PRECISION),
            float(joint.mean()),
            float(estimate_replicate_error(joint, _COUNT)),
            (spectrum.mean[:, None] + quantiles).reshape(-1, series, len(_LEVELS)),
        )

    def _check(
        self, sizes: Mapping[str, float], probabilities: Mapping[str, float], tolerances: Mapping[str, float]
    ) -> None:
        growth = [target.id for target in self.model.plan.growth]
        for given, names, noun, top in (
            (sizes, list(self.scenario.shocks), "size", LARGEST),
            (probabilities, list(self.scenario.shocks), "probability", 1.0),
            (tolerances, growth, "tolerance", np.inf),
        ):
            for name, value in given.items():
                if name not in names:
                    raise ValueError(f"no {noun} of {name!r}; allowed: {', '.join(names)}")
                if not 0 <= value <= top:
                    raise ValueError(f"{noun} of {name!r} is {value:g}; allowed: 0 to {top:g}")

    def _judge(
        self, transformed: NDArray[np.complex128], tolerances: Mapping[str, float] | None
    ) -> tuple[NDArray[np.int64], Floats]:
        """Places of the growth targets among those with odds, and their odds in the year's readings."""
        asked, odds = judge_growth(self.model, self._spectrum, transformed, tolerances)
        places = np.unique(asked.target)
        probability = np.empty((len(READINGS), len(places)))
        year = asked.reading < len(READINGS)
        probability[asked.reading[year], np.searchsorted(places, asked.target[year])] = odds[year]
        return places, probability
