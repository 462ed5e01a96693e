"""Misses: what years in which a target is missed are like, the likeliest way to miss it, and a rule in few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.analysis.facts import Fact, Rule, find_rules
from sim.engine.exact.events import find_chance_of_aim, place_aim
from sim.engine.exact.odds import explain_paths
from sim.engine.exact.points import lay_points
from sim.engine.exact.shock_sets import DrawnSets, list_certain
from sim.engine.exact.strata import Stratum, lay_scenario
from sim.engine.plausibility import COUNTED
from sim.engine.shock_effects import find_growth
from sim.engine.tasks import RunTask, take_task
from sim.errors import Fault, InputError, blame, find_nearest
from sim.inputs.plan.aims import Aim, list_parts, read_aims
from sim.inputs.plan.targets import Growth
from sim.inputs.quarters import name_cumulative, name_quarters
from sim.model.drawn_growth import find_rest
from sim.model.figure_pieces import weigh_figure
from sim.model.growth import Law, lift
from sim.model.known import Known, KnownGrowth
from sim.model.model import Model
from sim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Fact", "Misses", "Rule", "describe_misses", "find_likeliest_way"]

_LEAST = 1e-4  # chance of a miss of which something is said
_SHARE = 0.01  # of misses that a set of shocks must have to be told
_SURE = 1e-12  # variance of a year that published figures decide


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Misses:
    """What years in which a target is missed are like.

    Attributes
    ----------
    target, scenario : str
    chance : float
        Of a miss, as printed.
    means : DataFrame
        Columns kind, name, period, unit, mean, mean_if_missed: growth of each quarter and of the year; whether shocks
        happen, and how large they then are; what all indicators share, in standard deviations.
    ways : DataFrame
        Columns shocks, share, chance, series, period, value: for each set of shocks, its share of all misses, how
        likely it misses, and the likeliest year that just does: without heavy tails, under the calibration as it is
        stated, shocks of mean size and onset. Of a mixture, after the part that comes true and a colon. Of growth
        targets alone.
    rules : tuple of Rule
        The best rule of one fact, of two and of three, chosen on one half of the paths and told on the other; none if
        misses are rarer than one in ten thousand.
    """

    target: str
    scenario: str
    chance: float
    means: pd.DataFrame
    ways: pd.DataFrame
    rules: tuple[Rule, ...]

    @property
    def facts(self) -> pd.DataFrame:
        """The rules as a table: columns rule, facts, coverage, purity, chance."""
        import pandas as pd

        rows = [
            (" and ".join(map(str, each.facts)), len(each.facts), each.coverage, each.purity, self.chance)
            for each in self.rules
        ]
        return pd.DataFrame(rows, columns=["rule", "facts", "coverage", "purity", "chance"])

    def __repr__(self) -> str:
        return f"<Misses of {self.target} in {self.scenario}: {self.chance:.1%} of years>"

    def _repr_html_(self) -> str:
        return self.means.to_html(index=False, border=0)


def describe_misses(result: Run | RunTask, target: str, *, scenario: str | None = None) -> Misses:
    """Describe the years in which a target is missed.

    Parameters
    ----------
    result : Run or RunTask
    target : str
        By id, with a number of one's own or without; no composite.
    scenario : str, optional
        Of the run; None means its first.

    Returns
    -------
    Misses

    Raises
    ------
    InputError
        If a name is unknown, or the scenario needs paths.

    Notes
    -----
    Means are averages over points, weighted by how likely the target is missed there; given a point, figures of other
    indicators do not depend on it, and those of its own are a regression on the year's figure, whose mean below a
    bound is a ratio of normal density and distribution. The likeliest way is the design point of Hasofer & Lind
    (1974, Journal of the Engineering Mechanics Division 100, 111). Given published figures, all of this is given them.
    A rule is told as a shock is, and the likeliest year lies on the side of its number on which it strikes or does not.
    Judgements weigh the years of all means and shares; the likeliest year of a set of shocks is the model's, which they
    leave as it is but for opinions of centres.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "export-slump", n_paths=1000, n_points=64, n_calibrations=0)
    >>> found = sim.describe_misses(result, "gdp")
    >>> own = found.means[(found.means.name == "gdp") & (found.means.period == "FY")].iloc[0]
    >>> bool(own.mean_if_missed < own["mean"])
    True
    """
    import pandas as pd

    task, name, aim = _check(result, target, scenario)
    chosen = next(each for each in task.scenarios if each.name == name)
    settings, proposal = task.settings, task.proposal
    laid = lay_scenario(
        task.model,
        chosen,
        lambda held: lay_points(held, settings.n_points, settings.seed, proposal=proposal),
        task.known,
    )
    rows = _Averages(strata=laid.strata, aim=aim)
    chance = rows.chance
    means = pd.DataFrame(rows.list_rows(), columns=["kind", "name", "period", "unit", "mean", "mean_if_missed"])
    ways = list(_list_ways(task.model, aim, rows, task.known)) if isinstance(aim.target, Growth) and chance > 0 else []
    return Misses(
        target=aim.name,
        scenario=name,
        chance=chance,
        means=means,
        ways=pd.DataFrame(ways, columns=["shocks", "share", "chance", "series", "period", "value"]),
        rules=find_rules(task.model, chosen, aim, settings.seed, known=task.known, proposal=proposal, tilts=laid.tilts)
        if chance > _LEAST
        else (),
    )


def _check(result: Run | RunTask, target: str, scenario: str | None) -> tuple[RunTask, str, Aim]:
    task, faults, aims = take_task(result), list[Fault](), tuple[Aim, ...]()
    try:
        aims = read_aims(task.model.plan, target, "target")
    except InputError as error:
        faults += error.faults
    if len(aims) > 1 or any(len(list_parts(task.model.plan, aim)) > 1 for aim in aims):
        faults.append(blame("target", f"'{target}' is several targets", "name one, no composite and no range"))
    known = [each.name for each in task.scenarios]
    name = known[0] if scenario is None else scenario
    if name not in known:
        listed = "allowed: " + ", ".join(known)
        faults.append(blame("scenario", f"unknown '{name}'", listed, find_nearest(name, known), code="unknown"))
    else:
        place = known.index(name)
        reason = explain_paths(task.model, task.scenarios[place])
        reason = reason or COUNTED * (task.known is not None and not task.exact[place])
        if reason:
            faults.append(blame("scenario", f"misses of '{name}' cannot be described: {reason}", "choose another"))
    if faults:
        raise InputError(faults)
    return task, name, aims[0]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Averages:
    """Averages over all years, and over those that miss, on points."""

    strata: Sequence[Stratum]
    aim: Aim

    def miss(self, stratum: Stratum) -> Floats:
        """Probability of a miss at each point."""
        upper = find_chance_of_aim(stratum.points, stratum.law, stratum.drawn, self.aim)
        return 1 - upper if self.aim.sign > 0 else upper

    def weigh(self, stratum: Stratum, values: Floats | float) -> float:
        """Average values over the points of a stratum, times how likely it is."""
        each = np.broadcast_to(np.asarray(values, np.float64), (stratum.points.n_points,))
        return float((stratum.weight * stratum.points.average(each)).mean())

    @property
    def chance(self) -> float:
        """Probability of a miss."""
        return sum(self.weigh(each, self.miss(each)) for each in self.strata)

    def list_rows(self) -> list[tuple[Any, ...]]:
        """List the means of figures, shocks and factors."""
        chance = self.chance
        model = self.strata[0].points.model
        plan, quarters = model.plan, len(model.law.path)
        totals = np.zeros((2, quarters + 1, len(plan.indicators)))
        factors = np.zeros((2, quarters + 1))
        for stratum in self.strata:
            missed = self.miss(stratum)
            for place, figure, own in self._list_figures(stratum):
                totals[0][place] += self.weigh(stratum, figure)
                totals[1][place] += self.weigh(stratum, figure * missed + own)
            common = [stratum.points.trend_common, *stratum.points.common]
            for row, normal in enumerate(common):
                factors[:, row] += self.weigh(stratum, normal), self.weigh(stratum, normal * missed)
        with np.errstate(invalid="ignore", divide="ignore"):
            given, shared = totals[1] / chance, factors[1] / chance
        periods = [*name_quarters(quarters), name_cumulative(quarters - 1, quarters)]
        rows: list[tuple[Any, ...]] = [
            ("growth", indicator.id, period, "%", totals[0][row, series], given[row, series])
            for series, indicator in enumerate(plan.indicators)
            for row, period in enumerate(periods)
        ]
        rows += self._list_shocks(chance)
        names = [("trend", periods[-1]), *(("news", period) for period in periods[:-1])]
        rows += [("common", *name, "sd", factors[0, row], shared[row]) for row, name in enumerate(names)]
        return rows

    def _list_figures(self, stratum: Stratum) -> Iterator[tuple[tuple[int, int], Floats, Floats | float]]:
        """Figures at each point, and what their own part adds to their mean where the target is missed."""
        points, law = stratum.points, stratum.law
        _, quarters, series, _ = points.figures.shape
        singles = points.figures[0].astype(np.float64)
        happened = {shock: each for shock, each in stratum.drawn.items() if len(each.sizes)}
        if happened and points.update is None:
            singles += find_growth(law, happened)[0]
        target = self.aim.target
        names = [each.id for each in points.model.plan.indicators]
        own = names.index(target.indicator) if isinstance(target, Growth) else -1
        slopes = self._find_slopes(stratum, own) if own >= 0 else None
        for place in range(series):
            for quarter in range(quarters + 1):
                if quarter < quarters:
                    shift = points.find_rest(quarter, cumulative=False)[0]
                    figure = singles[quarter, place] + np.broadcast_to(shift, (series, shift.shape[-1]))[place]
                else:
                    figure = stratum.grown[-1, place].astype(np.float64)
                mine: Floats | float = slopes[quarter] if slopes is not None and place == own else 0.0
                yield (quarter, place), figure, mine

    def _find_slopes(self, stratum: Stratum, own: int) -> Floats:
        """Find what the target's own rest adds to its quarters and its year in a miss, shape (quarter + 1, point).

        The covariance of a quarter with the year comes from the variance of the year with that quarter twice as heavy.
        """
        points = stratum.points
        quarters = points.figures.shape[1]
        asked = place_aim(points.model, self.aim, 0)
        spread = np.maximum(points.spread[-1, own].astype(np.float64), 1e-9)
        score = (stratum.grown[-1, own] - asked.value[0]) / spread
        density = np.exp(-(score**2) / 2) / np.sqrt(2 * np.pi)
        law = points.laws.law if points.laws.law.is_drawn else lift(points.laws.law)
        squared = points.scale.astype(np.float64) ** 2
        covariance = np.full((quarters + 1, points.n_points), np.nan)
        covariance[-1] = spread**2
        if points.update is not None:
            covariance[:-1] = _covary_given(law, squared, own, points.update.slopes.get(own))
        elif not law.has_spillovers:
            for quarter in range(quarters):
                shares = law.shares / law.shares.sum(axis=0)
                heavier = shares.copy()
                heavier[quarter] += 1
                both = 4 * find_rest(replace(law, shares=heavier), squared, quarters - 1)[own]
                alone = find_rest(law, squared, quarter, cumulative=False)[own]
                covariance[quarter] = (both - spread**2 - alone) / 2
        slopes: Floats = -self.aim.sign * covariance / spread * density
        return slopes

    def _list_shocks(self, chance: float) -> Iterator[tuple[Any, ...]]:
        """List how likely shocks are and how large, in all years and in those that miss."""
        for name in dict.fromkeys(name for stratum in self.strata for name in stratum.law.names):
            sums = np.zeros((2, 2))
            for stratum in self.strata:
                names = stratum.law.names
                if name in names and len((drawn := stratum.drawn[names.index(name)]).sizes):
                    missed, sizes = self.miss(stratum), drawn.spread(drawn.sizes).astype(np.float64)
                    for row, weight in enumerate((np.ones_like(missed), missed)):
                        sums[row] += self.weigh(stratum, weight), self.weigh(stratum, weight * sizes)
            with np.errstate(invalid="ignore", divide="ignore"):
                yield "shock", name, "", "probability", sums[0, 0], sums[1, 0] / chance
                yield "shock", name, "", "mean size", *(sums[:, 1] / sums[:, 0])


def find_likeliest_way(
    model: Model, aim: Aim, strata: Sequence[Stratum], known: Known | None
) -> tuple[str, float, tuple[tuple[str, float], ...]] | None:
    """Find the likeliest way to miss a growth target: shocks, their share of misses, the indicator's figures."""
    rows = _Averages(strata=strata, aim=aim)
    if rows.chance <= _LEAST:
        return None
    assert isinstance(aim.target, Growth)
    ways = [way for way in _list_ways(model, aim, rows, known) if way[3] == aim.target.indicator]
    first = ways[0][0] if ways else ""
    figures = tuple((period, value) for shocks, _, _, _, period, value in ways if shocks == first)
    return (first, ways[0][1], figures) if ways else None


def _covary_given(law: Law, squared: Floats, own: int, slopes: Floats | None) -> Floats:
    """Covariance of what is an indicator's own in each quarter with that of the year, given its published figures."""
    scale = np.sqrt(squared)
    year = weigh_figure(law, scale, 1, len(scale) - 1, own).own
    covariance = np.empty(scale.shape)
    for quarter in range(len(scale)):
        covariance[quarter] = np.einsum("pn,pn->n", weigh_figure(law, scale, 0, quarter, own).own, year)
        if slopes is not None:
            covariance[quarter] -= np.einsum("an,an->n", slopes[0, quarter], slopes[1, -1])
    return covariance


def _covary(model: Model, row: int, series: int) -> Floats:
    """Covariance of every figure with one, shape (period, series): no heavy tails, the calibration as it is stated."""
    reduced, trend = model.reduced, model.law
    covariance: Floats = np.einsum("cpi,p->ci", reduced.common, reduced.common[row, :, series])
    covariance += np.einsum("cpik,pk->ci", reduced.own, reduced.own[row, :, series])
    covariance += trend.trend_common * trend.trend_common[series]
    alone = (reduced.lone[:, :, series] * reduced.lone[row, :, series]).sum(axis=1)
    covariance[:, series] += alone + trend.trend_own[series] ** 2
    return covariance


def _list_ways(model: Model, aim: Aim, rows: _Averages, known: Known | None) -> Iterator[tuple[Any, ...]]:
    """List the likeliest way to miss for each set of shocks, the set with most misses first."""
    plan, total = model.plan, rows.chance
    assert isinstance(aim.target, Growth)
    quarters, own = len(model.law.path), [each.id for each in plan.indicators].index(aim.target.indicator)
    sets: dict[tuple[str, tuple[int, ...]], list[Stratum]] = {}
    for stratum in rows.strata:
        if not isinstance(stratum.subset, DrawnSets):  # of which no year stands for all
            sets.setdefault((stratum.part, stratum.subset), []).append(stratum)
    periods = [*name_quarters(quarters), name_cumulative(quarters - 1, quarters)]
    ways = []
    for (part, _), strata in sets.items():
        missed = sum(rows.weigh(each, rows.miss(each)) for each in strata)
        weight = max(sum(rows.weigh(each, 1.0) for each in strata), 1e-300)
        named = " + ".join(strata[0].law.names[each] for each in list_certain(strata[0].subset))
        named = f"{part}: {named}" if part else named
        ways.append((missed / total, missed / weight, named, _find_likeliest_year(strata[0], aim, own, known)))
    for share, chance, named, year in sorted(ways, key=lambda way: -way[0]):
        if share < _SHARE:
            continue
        for place, indicator in enumerate(plan.indicators):
            for row, period in zip([*range(quarters), -1], periods, strict=True):
                if place == own or row == -1:
                    yield named, share, chance, indicator.id, period, float(year[row, place])


def _find_likeliest_year(stratum: Stratum, aim: Aim, own: int, known: Known | None) -> Floats:
    """Find the likeliest year of a set of shocks that misses, or the likeliest at all where that misses."""
    model, law = stratum.points.model, stratum.law
    bound, covariance = float(place_aim(model, aim, 0).value[0]), _covary(model, -1, own)
    levels = (np.arange(512) + 0.5) / 512
    mean = model.reduced.mean.copy()
    hits = np.zeros_like(mean)
    for shock in list_certain(stratum.subset):
        each = np.einsum("o,ocs->cs", law.onset[shock], law.growth[shock])
        hits += each * law.size[shock](levels).mean()
    mean = mean + hits
    told = list(known.growth) if known is not None else []
    sides = [each for each in stratum.given.growth if each not in told] if stratum.given is not None else []
    while True:  # a rule's side counts where the year would lie on the other one
        year = _bring_down(model, mean, covariance, told, aim.sign, own, bound)
        beyond = [each for each in sides if not each.low <= year[_place_known(model, each)] <= each.high]
        if not beyond:
            return year
        told.append(beyond[0])
        sides.remove(beyond[0])


def _bring_down(
    model: Model, mean: Floats, covariance: Floats, told: Sequence[KnownGrowth], sign: int, own: int, bound: float
) -> Floats:
    """Bring the likeliest year with some figures in their cells down to where a target is just missed."""
    figures = [_place_known(model, each) for each in told]
    if figures:
        given = np.array([_covary(model, *place) for place in figures]).reshape(len(figures), *covariance.shape)
        inner = np.linalg.pinv(np.array([[each[place] for place in figures] for each in given]))
        away = np.array(
            [np.clip(mean[at], each.low, each.high) - mean[at] for at, each in zip(figures, told, strict=True)]
        )
        covariance = covariance - np.einsum("aci,ab,b->ci", given, inner, given[:, -1, own])
        mean = mean + np.einsum("aci,ab,b->ci", given, inner, away)
    short = sign * (mean[-1, own] - bound)
    year: Floats = mean - covariance / max(covariance[-1, own], _SURE) * max(short, 0) * sign
    return year


def _place_known(model: Model, figure: KnownGrowth) -> tuple[int, int]:
    """Place a published figure among those of `reduced_form`: its period and its indicator."""
    if figure.kind == 0:
        return figure.quarter, figure.series
    return int(model.reduced.find_cumulative(figure.quarter)), figure.series
