"""Replay: one path of a run by its number, in any scenario: quarters, shocks, deliveries, targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.engine.batches import open_all, unfold_all
from sim.engine.draws import Draws, draw
from sim.engine.judging import judge
from sim.engine.path_runs import cut_draws
from sim.engine.paths import Paths, choose_parts
from sim.engine.shock_effects import draw_shocks, strike
from sim.engine.streams import BLOCK
from sim.engine.tasks import RunTask, take_task
from sim.engine.years import Years
from sim.errors import Fault, InputError, blame, find_nearest
from sim.inputs.plan.readings import READINGS, list_readings
from sim.inputs.quarters import name_cumulative, name_quarters
from sim.inputs.scenario.reading import Scenario
from sim.model.scenario_law import compile_scenario
from sim.results.attainment import measure_delivery
from sim.results.run import Run
from sim.results.settings import MOST_PATHS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LIKE", "Replay", "find_path", "replay"]

LIKE = ("median", "first-miss", "worst-gdp")
"""Rules by which a path is chosen; of `worst-`, any indicator may be named."""

_LIGHTEST = 0.1  # of the mean weight: lighter paths are hardly such years as the figures leave

FIRST_PATHS = 32_768
"""Paths among which a rule chooses: the first ones of a run."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Replay:
    """One path in one or several scenarios.

    Attributes
    ----------
    number : int
        Of the path in a run, counted from 1.
    seed : int
    periods : tuple of str
        From the year's start to each quarter's end.
    weights : mapping of str to float
        By scenario, given published figures: how likely these were on the path, over the mean of its first 32,768; and
        how much more often judgements let years of its events come true. One without any.
    quarters : DataFrame
        Columns scenario, series, period, unit, value: growth of single quarters and from the year's start, as exact as
        it is drawn; what is delivered by each quarter's end.
    shocks : DataFrame
        Columns scenario, shock, happened, onset, size; the last two empty where it did not happen.
    targets : DataFrame
        Columns scenario, target, reading, met.
    """

    number: int
    seed: int
    periods: tuple[str, ...]
    weights: Mapping[str, float]
    quarters: pd.DataFrame
    shocks: pd.DataFrame
    targets: pd.DataFrame

    def follow(self, scenario: str, series: str) -> list[float]:
        """Follow an indicator or delivery from the year's start to each quarter's end."""
        own = self.quarters[(self.quarters.scenario == scenario) & (self.quarters.series == series)]
        values: list[float] = own.set_index("period").value[list(self.periods)].tolist()
        return values

    def __repr__(self) -> str:
        named = ", ".join(dict.fromkeys(self.quarters.scenario))
        return f"<Replay of path {self.number:,} in {named}, seed {self.seed}>"

    def _repr_html_(self) -> str:
        return self.quarters.to_html(index=False, border=0)


def replay(result: Run | RunTask, number: int | str) -> Replay:
    """Replay one path of a run, in all of its scenarios.

    Parameters
    ----------
    result : Run or RunTask
        Whose model, scenarios and seed are taken.
    number : int or str
        Of the path, counted from 1, no more than a run may have; or a rule that chooses one among the first 32,768 of
        the first scenario: `median` lies nearest to the medians of all headline growth, `first-miss` is the first that
        misses a headline target, `worst-gdp` has the lowest year of an indicator. Given published figures, among those
        or where something is judged, among those that weigh a tenth of the mean or more.

    Returns
    -------
    Replay
        The same to the bit as in a run of whole blocks of 65,536 paths, whoever works on it; in a shorter one, up to
        the last digit of single precision. Given published figures, the path is moved so that they come out. Judgements
        leave each path as it is, and say by its weight how much it counts; opinions of centres move it.

    Raises
    ------
    InputError
        If the number is out of range or the rule unknown.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "export-slump", n_paths=1000, n_calibrations=0)
    >>> path = sim.replay(result, 213)
    >>> path, path.shocks.happened.tolist()
    (<Replay of path 213 in export-slump, seed 2024>, [True, False])
    """
    import pandas as pd

    task = take_task(result)
    seed = task.settings.seed
    chosen = find_path(task, number) if isinstance(number, str) else _check_number(number)
    block, place = divmod(chosen - 1, BLOCK)
    parts = cut_draws(draw(task.model, BLOCK, seed, block), len(task.model.plan.judged))
    draws = next(each for each in parts if place < each.first_path + each.n_paths)
    place -= draws.first_path  # in a part as a run cuts them: processors work the last few of an array otherwise
    quarters, shocks, targets = list[tuple[Any, ...]](), list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    weights = dict.fromkeys((scenario.name for scenario in task.scenarios), 1.0)
    years = _open(task, task.scenarios)
    for each, whole in zip(years, _unfold(task, draws, years), strict=True):
        path = whole.cut(slice(place, place + 1))
        if path.weight is not None:
            weights[each.scenario.name] = float(path.weight[0]) / _find_mean_weight(task, each)
        quarters.extend(_list_quarters(path))
        shocks.extend(_list_shocks(path, draws, place))
        targets.extend(_list_targets(path))
    count = len(task.model.plan.quarter_names)
    return Replay(
        number=chosen,
        seed=seed,
        periods=tuple(name_cumulative(quarter, count) for quarter in range(count)),
        weights=weights,
        quarters=pd.DataFrame(quarters, columns=["scenario", "series", "period", "unit", "value"]),
        shocks=pd.DataFrame(shocks, columns=["scenario", "shock", "happened", "onset", "size"]),
        targets=pd.DataFrame(targets, columns=["scenario", "target", "reading", "met"]),
    )


def _check_number(number: object) -> int:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    if not whole or not 1 <= int(number) <= MOST_PATHS:  # type: ignore[call-overload]
        said = f"{number:,}" if whole else repr(number)
        raise InputError([blame("number", f"no path {said}", f"allowed: 1 to {MOST_PATHS:,}", code="range")])
    return int(number)  # type: ignore[call-overload, no-any-return]


def find_path(task: RunTask, like: str) -> int:
    """Find a path by a rule, among the first 32,768 of the first scenario.

    Parameters
    ----------
    task : RunTask
    like : str
        As for `replay`.

    Returns
    -------
    int
        Its number, counted from 1.

    Raises
    ------
    InputError
        If the rule is unknown, or no path is like it.
    """
    plan = task.model.plan
    indicators = [indicator.id for indicator in plan.indicators]
    rules = ["median", "first-miss", *(f"worst-{name}" for name in indicators)]
    if like not in rules:
        nearest = find_nearest(like, rules)
        listed = f"allowed: {', '.join(rules)}; or a number"
        raise InputError([blame("number", f"no rule '{like}'", listed, nearest, code="unknown")])
    draws = draw(task.model, FIRST_PATHS, task.settings.seed)
    (paths,) = _unfold(task, draws, _open(task, task.scenarios[:1]))
    weight = np.ones(FIRST_PATHS) if paths.weight is None else paths.weight
    heavy = weight >= _LIGHTEST * weight.mean()
    if like == "first-miss":
        headline = [plan.judged.index(target) for target in plan.headline]
        missed = ~judge(paths)[0, headline].all(axis=0) & heavy
        if not missed.any():
            raise InputError([Fault("number", 0, 0, f"none of {FIRST_PATHS:,} paths misses a headline target")])
        return int(missed.argmax()) + 1
    if like == "median":
        rows = [indicators.index(target.indicator) for target in plan.headline_growth] or list(range(len(indicators)))
        distance = _measure_distance(paths.annual[rows].astype(np.float64), paths.weight)
        return int(np.where(heavy, distance, np.inf).argmin()) + 1
    name = like.removeprefix("worst-")
    lower = plan.find_indicator(name).better == "lower"
    annual = paths.annual[indicators.index(name)]
    annual = np.where(heavy, annual, -np.inf if lower else np.inf)
    return int(annual.argmax() if lower else annual.argmin()) + 1


def _open(task: RunTask, scenarios: Sequence[Scenario]) -> list[Years]:
    """Open scenarios, with judgements weighed over the first paths."""
    return open_all(task.model, scenarios, FIRST_PATHS, task.settings.seed, task.known, task.proposal)


def _unfold(task: RunTask, draws: Draws, years: Sequence[Years]) -> Iterator[Paths]:
    """Simulate scenarios on given draws, with the figures that the task knows."""
    return unfold_all(task.model, draws, years, task.known, task.proposal)


def _find_mean_weight(task: RunTask, each: Years) -> float:
    (first,) = _unfold(task, draw(task.model, FIRST_PATHS, task.settings.seed), [each])
    return 1.0 if first.weight is None else max(float(first.weight.mean()), 1e-300)


def _measure_distance(figures: Floats, weight: Floats | None) -> Floats:
    """Squared distance of each path from the medians, in spreads of each figure, shape (path,)."""
    levels = (0.16, 0.5, 0.84)
    if weight is None:
        low, middle, high = np.quantile(figures, levels, axis=1)
    else:
        shares = np.broadcast_to(weight / weight.sum(), figures.shape)
        low, middle, high = np.quantile(figures, levels, axis=1, weights=shares, method="inverted_cdf")
    spread = np.maximum((high - low) / 2, 1e-9)
    distance: Floats = (((figures - middle[:, None]) / spread[:, None]) ** 2).sum(axis=0)
    return distance


def _list_quarters(path: Paths) -> Iterator[tuple[Any, ...]]:
    """List the figures of one path."""
    plan, name = path.model.plan, path.scenario.name
    count = len(plan.quarter_names)
    cumulative = [name_cumulative(quarter, count) for quarter in range(count)]
    for row, indicator in enumerate(plan.indicators):
        for quarter, period in enumerate(name_quarters(count)):
            yield name, indicator.id, period, indicator.unit, float(path.growth[quarter, row, 0])
        for quarter in range(1, count):
            yield name, indicator.id, cumulative[quarter], indicator.unit, float(path.cumulative[quarter, row, 0])
    targets, progress = {target.id: target for target in plan.deliveries}, path.progress
    for row, delivery in enumerate(path.model.delivery_law.ids):
        target = targets[delivery]
        amounts = measure_delivery(target, progress[:, row, 0].astype(np.float64))
        for period, amount in zip(cumulative, amounts.tolist(), strict=True):
            yield name, delivery, period, target.unit, amount


def _list_shocks(path: Paths, draws: Draws, place: int) -> Iterator[tuple[Any, ...]]:
    """List which shocks happen on one path and which rules strike, when, and how large."""
    name, part, quarters = path.scenario.name, path.scenario, path.model.plan.quarter_names
    if part.mixture:
        part = part.mixture[int(choose_parts(draws, part)[place])][0]
    law = compile_scenario(path.model, part.judge(), whole=True, with_rules=True)
    shocks = draw_shocks(law, draws)
    for rule in law.rules:
        struck = np.zeros(draws.n_paths, bool)
        struck[place] = path.used[rule.name][0] if rule.name in path.used else False
        shocks[rule.shock] = strike(law, rule.shock, draws, struck)
    for shock, drawn in shocks.items():
        at = np.flatnonzero(drawn.places == place)
        if len(at):
            yield name, law.names[shock], True, quarters[int(drawn.onsets[at[0]])], float(drawn.sizes[at[0]])
        else:
            yield name, law.names[shock], False, None, None


def _list_targets(path: Paths) -> Iterator[tuple[Any, ...]]:
    """List which targets one path meets, as printed and on course by each quarter's end."""
    reached, plan = judge(path), path.model.plan
    for number, target in enumerate(plan.judged):
        for row, reading in list_readings(plan, target):
            if row == 0 or row >= len(READINGS):
                yield path.scenario.name, target.id, reading, bool(reached[row, number, 0])
