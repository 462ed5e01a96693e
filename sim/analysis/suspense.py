"""The calendar of suspense: what coming releases may say, how likely, and what each figure would do to the odds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim._typing import Floats
from sim.analysis.pace import find_known
from sim.engine.exact.releases import Release, ReleaseOdds, integrate_releases
from sim.engine.nets import REPLICATES
from sim.engine.tasks import prepare_run
from sim.errors import InputError, blame, blame_name
from sim.inputs.plan.names import recognize, recognize_period
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Growth
from sim.inputs.published.figures import Published
from sim.inputs.published.reading import take_published
from sim.inputs.published.rows import list_periods, name_periods
from sim.inputs.quarters import name_cumulative
from sim.inputs.scenario.building import Given
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import take_model
from sim.model.model import Model
from sim.results.settings import RunSettings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Crossing", "Suspense", "find_crossing", "list_releases", "measure_suspense"]


_POINTS, _KNOWN_POINTS = 512, 1024


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Suspense:
    """What coming releases may say, and the odds of every target with each figure.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    published : Published
        What is known already.
    releases : tuple of ReleaseOdds
        By period, then in the plan's order.
    seed, n_points : int
    """

    model: Model
    scenario: Scenario
    published: Published
    releases: tuple[ReleaseOdds, ...]
    seed: int
    n_points: int

    n_paths = 0
    """Paths: none is counted."""

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.model.plan

    def name_period(self, release: Release) -> str:
        """Name the period of a release, such as `H1`."""
        return name_cumulative(release.quarter, len(self.plan.quarter_names))

    def list_own(self, release: Release) -> list[int]:
        """List the places of the targets that a release is of, among the judged."""
        return [
            number
            for number, target in enumerate(self.plan.judged)
            if release.series == (target.indicator if isinstance(target, Growth) else target.id)
        ]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every figure of every release with the odds of every target.

        Returns
        -------
        DataFrame
            Columns series, period, value (growth as printed; `yes` or `no` of a milestone; of a delivery a band of what
            it has brought since January, in the target's unit, such as `0.5-0.7`), beyond (`or_less` and `or_more` of
            the first and last figure, which stand for all beyond them too; of a delivery's first `below`),
            probability, target, odds,
            mc_se.
        """
        import pandas as pd

        ids = [target.id for target in self.plan.judged]
        frames = []
        for each in self.releases:
            release, count = each.release, len(each.values)
            values = _name_values(each)
            beyond = [""] * count
            if release.is_growth or release.is_delivery:
                beyond[0], beyond[-1] = "or_less" if release.is_growth else "below", "or_more"
            columns = {
                "value": np.repeat(values, len(ids)),
                "beyond": np.repeat(beyond, len(ids)),
                "probability": np.repeat(each.probability, len(ids)),
                "target": ids * count,
                "odds": each.odds.reshape(-1),
                "mc_se": each.odds_se.reshape(-1),
            }
            frame = pd.DataFrame(columns)
            frame.insert(0, "series", release.series)
            frame.insert(1, "period", self.name_period(release))
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def swings(self) -> Floats:
        """How far each release moves the odds of each target: their standard deviation over what it may say.

        Returns
        -------
        array, shape (release, target)
            Without what is noise: the variance of their own errors is taken off.
        """
        moves = [
            each.probability @ ((each.odds - each.today) ** 2 - np.nan_to_num(each.odds_se) ** 2)
            for each in self.releases
        ]
        return np.sqrt(np.maximum(moves, 0))

    def __repr__(self) -> str:
        return f"<Suspense of {self.plan.name}, {self.scenario.name}: {len(self.releases)} releases>"

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, escape=True, border=0)


def _name_values(each: ReleaseOdds) -> list[str]:
    """Name what a release may say."""
    if each.release.is_growth:
        return [f"{value:.1f}" for value in each.values]
    if not each.release.is_delivery:
        return ["no", "yes"]
    low = [f"{value:g}" for value in each.values]
    return [low[1], *("-".join(ends) for ends in pairwise(low[1:])), low[-1]]


def measure_suspense(
    model: Model | Plan | str | Path,
    scenario: Given = "baseline",
    published: Published | str | Path | None = None,
    *,
    series: str | None = None,
    period: str | None = None,
    every: bool = False,
    seed: int = 2024,
    n_points: int | None = None,
    even_so: bool = False,
) -> Suspense:
    """Measure what coming releases may say, and what each figure would do to the odds of every target.

    Parameters
    ----------
    model : Model, Plan, str or Path
        A model, or the plan or shipped name of one.
    scenario : Scenario, str or Path
    published : Published, str or Path, optional
        What is known already, as for `sim.run`.
    series : str, optional
        An indicator, a delivery or a milestone; None means all.
    period : str, optional
        Such as `H1`; None means the next one of each series.
    every : bool
        Whether all periods to come are meant, and not the next one alone.
    seed : int
    n_points : int
        Points of each of 16 replicates, a power of two; None means 512, or 1,024 where figures leave fewer that speak.

    even_so : bool
        Whether to go on where figures are once in a million years of the model.

    Returns
    -------
    Suspense

    Raises
    ------
    InputError
        If there is no such series or period, nothing of it is still to come, the model has spillovers, or what is
        published cannot be believed of it.

    Notes
    -----
    Weighted by how likely each figure is, the odds average to today's: a release cannot be expected to move them. A
    figure that a rule waits for moves them by the rule's answer too; deliveries for which rules wait are left out.
    Judgements weigh the years as they do today, whatever is then printed.

    Examples
    --------
    >>> import sim
    >>> suspense = sim.measure_suspense("qingdao-2024", series="gdp", n_points=64)
    >>> suspense
    <Suspense of qingdao-2024, baseline: 1 releases>
    >>> first = suspense.table[suspense.table.target == "gdp"]
    >>> bool(abs((first.probability * first.odds).sum() - suspense.releases[0].today[0]) < 1e-12)
    True
    """
    model = take_model(model)
    figures = Published(year=model.plan.year) if published is None else take_published(published, model.plan)
    if model.law.has_spillovers:
        raise InputError([blame("model", "its indicators spill over into one another", "take a model without")])
    releases = list_releases(model, figures, series, period, every)
    count = n_points or (_KNOWN_POINTS if figures else _POINTS)
    asked = RunSettings(seed=seed, method="analytic", n_points=count, n_calibrations=0)
    task = prepare_run(model, scenario, asked, published=figures, even_so=even_so)
    chosen, count = task.scenarios[0], task.settings.n_points
    waited = {rule.when.series for part, _ in chosen.parts for rule in part.rules.values()}
    releases = [each for each in releases if not (each.is_delivery and each.series in waited)]
    if not releases:
        problem = f"'{chosen.name}' has a rule that waits for it, and bands of amounts may lie on both sides"
        raise InputError([blame("series", problem, "name another series")])
    found = integrate_releases(task.model, chosen, releases, task.known, seed=seed, count=count)
    return Suspense(
        model=task.model,
        scenario=chosen,
        published=figures,
        releases=tuple(found),
        seed=seed,
        n_points=count * REPLICATES,
    )


def list_releases(
    model: Model, published: Published, series: str | None = None, period: str | None = None, every: bool = False
) -> list[Release]:
    """List releases still to come.

    Parameters
    ----------
    model : Model
    published : Published
    series, period, every
        As for `measure_suspense`.

    Returns
    -------
    list of Release
        By period, then in the plan's order; of milestones those not reached yet, of deliveries all but levels.

    Raises
    ------
    InputError
        If there is none, or no such series or period.
    """
    plan = model.plan
    deliveries = [each.id for each in plan.deliveries if each.kind != "level" and each.id in model.delivery_law.ids]
    names = [*(each.id for each in plan.indicators), *deliveries, *model.milestone_law.ids]
    periods = name_periods(plan, single=False)
    series, period = series and recognize(plan, series), period and recognize_period(plan, period)
    asked_for = {"series": (series, names), "period": (period, periods)}
    faults = [fault for name, (given, valid) in asked_for.items() if given for fault in blame_name(name, given, valid)]
    if faults:
        raise InputError(faults)
    last, known = len(plan.quarter_names) - 1, find_known(model, published)
    done = {name: each.quarter for name, each in known.items()}
    for figure in published.effective():
        if figure.kind == "milestone":
            done[figure.series] = last if figure.value else max(figure.quarter, done.get(figure.series, -1))
    asked = None if period is None else list_periods(plan)[period][0]
    found = []
    for name in names if series is None else [series]:
        coming = list(range(done.get(name, -1) + 1, last + 1))
        if asked is not None:
            coming = [quarter for quarter in coming if quarter == asked]
        elif every:
            coming = [quarter for quarter in coming if quarter < last] or coming
        else:
            coming = coming[:1]
        kind = {"is_growth": name not in model.milestone_law.ids and name not in deliveries}
        kind["is_delivery"] = name in deliveries
        found += [Release(series=name, quarter=quarter, **kind) for quarter in coming]
    if not found:
        raise InputError([blame("series", "nothing of it is still to come", "name another series or period")])
    return sorted(found, key=lambda each: (each.quarter, names.index(each.series)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """Where a release makes a target an even bet.

    Attributes
    ----------
    value : float
        The figure from which on, or up to which.
    is_more : bool
        Whether that and more does it, and not that and less.
    is_gain : bool
        Whether the odds rise to one half, and do not fall to it.
    probability : float
        Of such figures.
    """

    value: float
    is_more: bool
    is_gain: bool
    probability: float


def find_crossing(release: ReleaseOdds, target: int, least: float = 0.005) -> Crossing | None:
    """Find from which figure on a target becomes an even bet, or stops being one.

    Parameters
    ----------
    release : ReleaseOdds
    target : int
        Its place among the judged.
    least : float
        Probability below which such figures are not worth telling.

    Returns
    -------
    Crossing or None
        None if no figure does it, or only rarer ones.
    """
    odds, chance = release.odds[:, target], release.probability
    is_gain = bool(release.today[target] < 0.5)
    likely = chance > 1e-6
    slope = np.polyfit(release.values[likely], odds[likely], 1, w=np.sqrt(chance[likely]))[0]
    is_more = bool(slope > 0) == is_gain  # which end of the figures does it
    order = np.arange(len(odds))[::-1] if is_more else np.arange(len(odds))
    crossed = (odds[order] >= 0.5) == is_gain
    inside = np.logical_and.accumulate(crossed | (chance[order].cumsum() < least))  # noise of the rarest does not count
    if not inside.any():
        return None
    total = float(chance[order][inside].sum())
    if total < least:
        return None
    return Crossing(value=float(release.values[order][inside][-1]), is_more=is_more, is_gain=is_gain, probability=total)
