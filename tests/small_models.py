"""Small models made of arrays, not of tables: any number of indicators, quarters and shocks."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from scipy import stats

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.tables import Indicator, Quarter
from sim.inputs.plan.targets import Composite, Growth, Target
from sim.inputs.quarters import name_quarters
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import ORDINARY, Scenario
from sim.model.growth import Law, compute_moments
from sim.model.model import Model

SIZES = ("fixed", "normal", "lognormal", "triangular", "uniform", "student_t")
PROFILES = ("pulse", "step", "ramp", "decay", "dip_recover", "list")


def make_targets(names: list[str], values: list[float], **changes: object) -> tuple[Target, ...]:
    """One growth target an indicator, `at_least` unless changed."""
    ordinary: dict[str, object] = {
        "section": "一",
        "phrase": "增长",
        "name_zh": "增长",
        "source": "s",
        "group": "macro",
    }
    growth = {"kind": "growth", "criterion": "at_least", "unit": "%", "headline": "yes"}
    return tuple(
        Growth.model_validate(
            {
                **ordinary,
                **growth,
                "id": f"{name}_target",
                "name_en": name,
                "indicator": name,
                "value": value,
                **changes,
            }
        )
        for name, value in zip(names, values, strict=True)
    )


def make_composite(name: str, members: list[str], **changes: object) -> Composite:
    """A target that is met with all of its members."""
    given = {"section": "一", "phrase": "全部", "name_zh": "全部", "source": "s", "group": "macro"}
    own = {"id": name, "name_en": name, "kind": "composite", "criterion": "all_of", "members": " ".join(members)}
    return Composite.model_validate({**given, **own, **changes})


def make_plan(base: Plan, law: Law, values: list[float], **changes: object) -> Plan:
    """A plan of as many indicators and quarters as a law has, with one growth target each."""
    quarters, series = law.path.shape
    names = [f"series_{number}" for number in range(series)]
    facts: dict[str, object] = {"unit": "%", "measure": "real", "baseline": 5.0, "better": "higher", "source": "s"}
    indicators = tuple(
        Indicator.model_validate(
            {**facts, "id": name, "name_en": name, "name_zh": name, "momentum": 0.0, "momentum_basis": "assumed"}
        )
        for name in names
    )
    basis = {"share_basis": "assumed", "base_effect": 0.0, "base_effect_basis": "assumed", "source": "s"}
    rows = {
        name: tuple(
            Quarter.model_validate({**basis, "indicator": name, "quarter": quarter, "share": float(share)})
            for quarter, share in zip(name_quarters(quarters), law.shares[:, number], strict=True)
        )
        for number, name in enumerate(names)
    }
    targets = make_targets(names, values, **changes)
    return replace(base, indicators=indicators, quarters=rows, targets=targets, groups=(), history=(), outlook=())


def make_law(seed: int, series: int, quarters: int, degrees_of_freedom: float, spillovers: bool = False) -> Law:
    """A law of random numbers of the size that economies have."""
    numbers = np.random.default_rng(seed)
    shares = numbers.uniform(0.1, 0.4, (quarters, series))
    persistence = np.diag(numbers.uniform(0, 0.9, series))
    if spillovers:
        persistence += numbers.uniform(-0.2, 0.2, (series, series)) * (1 - np.eye(series))
    return Law(
        path=numbers.normal(5, 1, (quarters, series)),
        shares=shares / shares.sum(axis=0),
        momentum=numbers.normal(0, 0.5, series),
        persistence=persistence,
        innovation_common=numbers.uniform(-0.5, 1, series),
        innovation_own=numbers.uniform(0.1, 1, series),
        quarter_own=np.zeros(series),
        trend_common=numbers.uniform(-0.3, 0.8, series),
        trend_own=numbers.uniform(0, 0.8, series),
        degrees_of_freedom=np.asarray(degrees_of_freedom),
    )


def find_annual_moments(law: Law) -> tuple[np.ndarray, np.ndarray]:
    """Exact mean and covariance of the year's figures, without shocks."""
    mean, covariance = compute_moments(law)
    annual = np.einsum("qi,qirj,rj->ij", law.shares, covariance, law.shares)
    return (law.shares * mean).sum(axis=0), annual


def find_odds_below(values: np.ndarray, covariance: np.ndarray) -> float:
    """Probability that normals of mean zero all lie below some values, to a millionth."""
    law = stats.multivariate_normal(cov=covariance, seed=1)
    law.abseps = law.releps = 1e-6  # arguments only from SciPy 1.16 on
    return float(law.cdf(values))


def make_model(base: Model, law: Law, offsets: list[float] | None = None, **changes: object) -> Model:
    """A model whose targets lie so many standard deviations above the mean of the year's figures."""
    mean, covariance = find_annual_moments(law)
    values = mean + np.array(offsets or [0.0] * len(mean)) * np.sqrt(np.diag(covariance))
    return replace(
        base,
        plan=make_plan(base.plan, law, [round(float(each), 3) for each in values], **changes),
        law=law,
        built_of=None,
    )


def make_shock(**changes: object) -> Shock:
    """A fixed shock of the first indicator."""
    ordinary: dict[str, object] = {
        "title": {"en": "Storm", "zh": "风暴"},
        "probability": 0.3,
        "onset": "Q1",
        "size": {"law": "fixed", "value": 1.0},
        "profile": {"shape": "step"},
        "loadings": {"series_0": -1.0},
        "source": "assumption",
    }
    return Shock.model_validate(ordinary | changes)


def make_scenario(**shocks: Shock) -> Scenario:
    """A scenario of some shocks."""
    return replace(ORDINARY, name="small", shocks=shocks)


def make_size(law: str, numbers: np.random.Generator) -> dict[str, object]:
    """A size of a law's kind."""
    low, mode, high = np.sort(numbers.uniform(-0.5, 2, 3)).round(3).tolist()
    return {
        "fixed": {"law": law, "value": high},
        "normal": {"law": law, "mean": mode, "sd": 0.7},
        "lognormal": {"law": law, "median": abs(mode) + 0.1, "sigma": 0.6},
        "triangular": {"law": law, "low": low, "mode": mode, "high": high + 0.1},
        "uniform": {"law": law, "interval_90": [low, high + 0.1]},
        "student_t": {"law": law, "mean": mode, "scale": 0.5, "degrees_of_freedom": 4.0},
    }[law]


def make_profile(shape: str) -> dict[str, object]:
    """A profile of a shape."""
    details: dict[str, dict[str, object]] = {
        "ramp": {"quarters": 3},
        "decay": {"half_life": 1.5},
        "dip_recover": {"quarters": 2, "rebound": 0.4},
        "list": {"values": [0.5, 1.0, -0.3]},
    }
    return {"shape": shape, **details.get(shape, {})}


@st.composite
def random_shocks(draw: st.DrawFn, series: int, quarters: int, most: int = 6) -> dict[str, Shock]:
    """Up to six shocks of all sizes and profiles; some depend on an earlier one."""
    shocks: dict[str, Shock] = {}
    for number in range(draw(st.integers(0, most))):
        numbers = np.random.default_rng(draw(st.integers(0, 2**32)))
        weights = numbers.dirichlet(np.ones(quarters)).round(6)
        weights[-1] += 1 - weights.sum()
        chance: dict[str, object] = {"probability": float(numbers.uniform(0, 1))}
        if shocks and draw(st.booleans()):
            parent = draw(st.sampled_from(sorted(shocks)))
            both = {"probability_if_happened": float(numbers.uniform()), "probability_if_not": float(numbers.uniform())}
            chance = {"probability": None, "depends_on": {"shock": parent, **both}}
        touched = numbers.permutation(series)[: draw(st.integers(0, series))]
        shocks[f"shock_{number}"] = make_shock(
            onset={name: float(max(weight, 0)) for name, weight in zip(name_quarters(quarters), weights, strict=True)},
            size=make_size(draw(st.sampled_from(SIZES)), numbers),
            profile=make_profile(draw(st.sampled_from(PROFILES))),
            loadings={f"series_{place}": float(numbers.uniform(-1, 1)) for place in touched},
            **chance,
        )
    return shocks


def make_storm(**changes: object) -> Shock:
    ordinary: dict[str, object] = {
        "title": {"en": "Storm", "zh": "风暴"},
        "probability": 1.0,
        "onset": "Q2",
        "size": {"law": "fixed", "value": 2.0},
        "profile": {"shape": "decay", "half_life": 1},
        "loadings": {"gdp": -1.0},
        "source": "assumption",
    }
    return Shock.model_validate(ordinary | changes)
