"""The benchmark's job J: one small economy that every road and every peer is timed on.

Six indicators over four quarters follow a vector autoregression with a dense persistence matrix, Student-t news whose
scale the indicators share within a quarter, and five independent shocks; asked for are the odds of six annual targets,
of every pair and of all, and the quantiles of 24 quarterly and 6 annual figures. Every number is fixed here.
"""

from dataclasses import replace

import numpy as np

from sim.inputs.plan.reading import read_plan
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import load_model
from sim.model.growth import Law
from sim.model.model import Model, build_model

SEED = 2024
"""Of every run of the job, unless many seeds are compared."""
RADIUS = 0.65
"""Spectral radius of the persistence: every row of non-negative entries sums to it."""

PERSISTENCE = (
    (0.38, 0.04, 0.09, 0.06, 0.05, 0.03),
    (0.11, 0.29, 0.08, 0.07, 0.06, 0.04),
    (0.10, 0.03, 0.40, 0.05, 0.04, 0.03),
    (0.07, 0.06, 0.05, 0.43, 0.02, 0.02),
    (0.09, 0.02, 0.03, 0.04, 0.41, 0.06),
    (0.12, 0.05, 0.04, 0.03, 0.08, 0.33),
)
PATH = (
    (5.9, 5.2, 6.8, 5.6, 6.3, 5.8),
    (5.6, 5.0, 6.5, 5.3, 5.9, 5.6),
    (5.5, 5.1, 6.3, 5.2, 5.5, 5.5),
    (5.7, 5.3, 6.4, 5.4, 5.7, 5.6),
)
SHARES = (
    (0.22, 0.29, 0.23, 0.16, 0.24, 0.27),
    (0.25, 0.27, 0.25, 0.29, 0.24, 0.23),
    (0.25, 0.22, 0.25, 0.28, 0.25, 0.24),
    (0.28, 0.22, 0.27, 0.27, 0.27, 0.26),
)
INNOVATION_SD = (0.55, 1.40, 0.80, 1.60, 1.10, 0.45)
INNOVATION_COMMON = (0.69, 0.62, 0.70, 0.58, 0.64, 0.66)
"""Correlation of an indicator's news with the common factor: of two indicators' news, their product."""
TREND_SD = (0.35, 0.90, 0.50, 1.10, 0.70, 0.30)
THRESHOLDS = (5.3, 5.3, 7.2, 4.5, 5.3, 5.4)
"""The odds of meeting them lie between 0.17 and 0.67, of meeting all of them at 0.078."""

QUARTERS = ("Q1", "Q2", "Q3", "Q4")
SHOCKS = {
    # probability, median size, sd of its logarithm, half-life in quarters, loadings in percentage points
    "demand_slump": (0.15, 1.0, 0.40, 1.5, (-0.9, -1.3, -1.6, -1.2, -0.8, -0.4)),
    "energy_shortage": (0.05, 0.9, 0.50, 0.8, (-0.6, -0.7, -1.8, -0.5, -0.3, -0.2)),
    "market_rout": (0.08, 1.1, 0.45, 2.5, (-0.5, -1.9, -0.4, -2.4, -0.9, -0.5)),
    "pandemic_wave": (0.03, 1.6, 0.60, 1.0, (-1.4, -1.6, -1.2, -1.1, -3.2, -0.9)),
    "stimulus": (0.10, 1.0, 0.35, 2.0, (0.6, 0.4, 0.7, 1.5, 0.9, 0.3)),
}


def build_job() -> tuple[Model, Scenario]:
    """The job as the package takes it: the shipped plan's six indicators under laws and targets of the benchmark."""
    shipped = load_model(read_plan("qingdao-2024"))
    targets = {target.indicator: target for target in shipped.plan.headline}
    changes = {"criterion": "at_least", "tolerance": 0.0}
    asked = tuple(
        targets[indicator.id].model_copy(update={**changes, "value": value})
        for indicator, value in zip(shipped.plan.indicators, THRESHOLDS, strict=True)
    )
    model = build_model(replace(shipped.plan, targets=asked), shipped.calibration)
    return replace(model, law=build_law(), built_of=None), build_scenario([each.id for each in model.plan.indicators])


def build_law() -> Law:
    """The law of motion: the only parameter uncertainty is each indicator's own, drawn once a path."""
    sd, common = np.array(INNOVATION_SD), np.array(INNOVATION_COMMON)
    return Law(
        path=np.array(PATH),
        shares=np.array(SHARES),
        momentum=np.zeros(len(sd)),
        persistence=np.array(PERSISTENCE),
        innovation_common=sd * common,
        innovation_own=sd * np.sqrt(1 - common**2),
        quarter_own=np.zeros(len(sd)),
        trend_common=np.zeros(len(sd)),
        trend_own=np.array(TREND_SD),
        degrees_of_freedom=np.asarray(5.0),
    )


def build_scenario(indicators: list[str]) -> Scenario:
    """Five independent shocks, each of which begins in any quarter with equal odds and decays geometrically."""
    shocks = {
        name: Shock.model_validate(
            {
                "title": {"en": name, "zh": name},
                "probability": probability,
                "onset": dict.fromkeys(QUARTERS, 0.25),
                "size": {"law": "lognormal", "median": median, "sigma": sigma},
                "profile": {"shape": "decay", "half_life": half_life},
                "loadings": dict(zip(indicators, loadings, strict=True)),
                "source": "fixed numbers of the benchmark",
            }
        )
        for name, (probability, median, sigma, half_life, loadings) in SHOCKS.items()
    }
    return Scenario("job", "Job J", "基准任务", "What the benchmark times.", ("tests/benchmarks/job.py",), shocks)
