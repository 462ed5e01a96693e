"""Facts of a year, and rules of at most three of them that tell which years miss a target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any, Literal

import numpy as np

from sim._typing import Bools, Floats
from sim.engine.batches import judge_aim, unfold_all
from sim.engine.draws import Draws, draw
from sim.engine.judging import judge
from sim.engine.paths import Paths, choose_parts
from sim.engine.proposal import Proposal
from sim.engine.shock_effects import draw_shocks
from sim.engine.streams import BLOCK
from sim.engine.years import open_years
from sim.inputs.plan.aims import Aim
from sim.inputs.plan.targets import Growth
from sim.inputs.quarters import PRINTED_STEP, name_cumulative
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import compile_parts
from sim.model.tilting import Tilt

__all__ = ["Fact", "Rule", "find_rules"]

_MOST, _LONGEST = 16, 3  # facts that are tried, and facts of a rule
_FEWEST = 50  # paths of which a rule is made
_LEVELS = (0.3, 0.55)  # quantiles of a printed figure at which it is called low


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One fact of a year.

    Attributes
    ----------
    kind : str
        `below`, `above`: an indicator's figure is printed below, or above, a value; `missed`: another target is;
        `happened`: a shock has; `begun`: it has by the half year; `trend`: the common trend is below its mean.
    name : str
        Of the indicator, target or shock.
    period : str
        Of the figure.
    value : float, optional
        Of the figure, %.
    """

    kind: Literal["below", "above", "missed", "happened", "begun", "trend"]
    name: str = ""
    period: str = ""
    value: float | None = None

    def __str__(self) -> str:
        words = {
            "below": f"{self.name} {self.period} below {self.value}",
            "above": f"{self.name} {self.period} above {self.value}",
            "missed": f"{self.name} missed",
            "happened": f"{self.name} happened",
            "begun": f"{self.name} begun by the half year",
            "trend": "common trend below its mean",
        }
        return words[self.kind]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Facts that hold together.

    Attributes
    ----------
    facts : tuple of Fact
    coverage : float
        Share of all misses in years of which they hold.
    purity : float
        Share of such years that miss.
    """

    facts: tuple[Fact, ...]
    coverage: float
    purity: float


def find_rules(
    model: Model,
    scenario: Scenario,
    aim: Aim,
    seed: int,
    n_paths: int = BLOCK,
    known: Known | None = None,
    proposal: Proposal | None = None,
    tilts: Sequence[Tilt | None] = (),
) -> tuple[Rule, ...]:
    """Find the best rule of one fact, of two and of three: largest coverage times purity.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    aim : Aim
        Whose misses are told.
    seed : int
    n_paths : int
        Rules are chosen on those of even number, and told on the others.
    known : Known, optional
        Published figures, of which no rule tells again.
    proposal : Proposal, optional
        What scales and calibrations are drawn from.
    tilts : sequence of Tilt or None, optional
        What judgements make of each part of the scenario.

    Returns
    -------
    tuple of Rule
        Fewer where a longer rule is no better; none where too few paths miss.

    Notes
    -----
    Coverage and purity are those of PRIM (Bryant & Lempert 2010, Technological Forecasting and Social Change 77, 34).
    """
    draws = draw(model, n_paths, seed)
    (paths,) = unfold_all(model, draws, [open_years(model, scenario, next(iter(tilts), None))], known, proposal)
    weight = np.ones(n_paths) if paths.weight is None else paths.weight / paths.weight.max()
    missed = ~judge_aim(paths, aim)
    facts = dict(islice(_list_facts(model, scenario, aim, draws, paths, known), _MOST))
    half = np.arange(n_paths) % 2 == 0

    def score(chosen: Sequence[Fact], side: Bools) -> tuple[float, float, float]:
        holds = np.all([facts[fact] for fact in chosen], axis=0)
        return _score(holds[side], missed[side], weight[side])

    if _count(weight[half & missed]) < _FEWEST:
        return ()
    rules = list[Rule]()
    best = 0.0
    for length in range(1, _LONGEST + 1):
        scored = [(score(chosen, half), chosen) for chosen in combinations(facts, length)]
        if not scored:
            break
        (reached, _, _), chosen = max(scored, key=lambda each: each[0][0])
        if reached <= best:
            break
        best = reached
        _, coverage, purity = score(chosen, ~half)
        rules.append(Rule(facts=chosen, coverage=coverage, purity=purity))
    return tuple(rules)


def _score(holds: Bools, missed: Bools, weight: Floats) -> tuple[float, float, float]:
    """Coverage times purity, coverage, purity; nothing where facts hold too rarely."""
    if _count(weight[holds]) < _FEWEST:
        return 0.0, 0.0, 0.0
    both = weight[holds & missed].sum()
    coverage, purity = float(both / max(weight[missed].sum(), 1e-300)), float(both / weight[holds].sum())
    return coverage * purity, coverage, purity


def _count(weight: Floats) -> float:
    """Count paths by their weights: as many of equal weight would say as much."""
    return float(weight.sum() ** 2 / max((weight**2).sum(), 1e-300))


def _list_facts(
    model: Model, scenario: Scenario, aim: Aim, draws: Draws, paths: Paths, known: Known | None
) -> Iterator[tuple[Fact, Bools]]:
    """List what may be told of a year, and of which paths each fact holds."""
    plan, series = model.plan, [each.id for each in model.plan.indicators]
    quarters = len(plan.quarter_names)
    for shock, (happened, begun) in _find_happened(model, scenario, draws, quarters // 2 - 1).items():
        if not happened.all():
            yield Fact(kind="happened", name=shock), happened
        if (begun != happened).any():
            yield Fact(kind="begun", name=shock), begun
    for rule, struck in paths.used.items():
        if struck.any() and not struck.all():
            yield Fact(kind="happened", name=rule), struck
    if isinstance(aim.target, Growth):
        row = series.index(aim.target.indicator)
        told = {each.quarter for each in (known.growth if known else ()) if each.series == row}
        for quarter in [each for each in range(quarters - 1) if each not in told][:2]:
            printed = np.floor(paths.cumulative[quarter, row] / PRINTED_STEP + 0.5) * PRINTED_STEP
            for level in _LEVELS:
                value = round(float(np.quantile(printed, level if aim.sign > 0 else 1 - level)), 1)
                facts: dict[str, Any] = {
                    "name": series[row],
                    "period": name_cumulative(quarter, quarters),
                    "value": value,
                }
                if aim.sign > 0:
                    yield Fact(kind="below", **facts), printed < value - PRINTED_STEP / 2
                else:
                    yield Fact(kind="above", **facts), printed > value + PRINTED_STEP / 2
    if known is None:  # else the figures have moved it
        yield Fact(kind="trend"), draws.trend_common < 0
    reached = judge(paths)[0]
    for target in plan.headline:
        if target.id != aim.target.id:
            yield Fact(kind="missed", name=target.id), ~reached[plan.judged.index(target)]


def _find_happened(model: Model, scenario: Scenario, draws: Draws, half: int) -> dict[str, tuple[Bools, Bools]]:
    """Find on which paths each shock happens, and on which it has begun by a quarter, whatever part comes true."""
    found: dict[str, tuple[Bools, Bools]] = {}
    chosen = choose_parts(draws, scenario) if scenario.mixture else np.zeros(draws.n_paths, int)
    for place, (law, _) in enumerate(compile_parts(model, scenario.judge())):
        mine = chosen == place
        for shock, drawn in draw_shocks(law, draws).items():
            if shock in {rule.shock for rule in law.rules}:
                continue
            none = np.zeros(draws.n_paths, bool)
            before = found.get(law.names[shock], (none, none))
            happened = mine & drawn.spread(np.ones(len(drawn.sizes), bool))
            begun = mine & drawn.spread(drawn.onsets <= half)
            found[law.names[shock]] = before[0] | happened, before[1] | begun
    return found
