"""The layout of a fan: its numbers and words, once, for the chart, the page and the notebook, which only paint it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from sim._typing import Floats
from sim.inputs.plan.plan import Plan, ask_otherwise
from sim.inputs.quarters import name_cumulative
from sim.model.thresholds import find_bound
from sim.results.attainment import QUANTILE_LEVELS, Attainment
from sim.views.numbers import choose_digits
from sim.views.palette import PALETTE
from sim.views.phrases import SEEN, pair, say_aim, say_period, say_verdict, say_within
from sim.views.series import find_indicator, list_history, pick_quantiles
from sim.views.words import Phrase, say

__all__ = ["BANDS", "Aim", "Band", "FanLayout", "Label", "lay_fan", "lay_moved_fan", "read_bands", "set_apart"]

BANDS = (90, 80, 50)
"""Shares of outcomes that bands hold, %, the widest first: later ones are painted over earlier ones."""

_MEDIAN = QUANTILE_LEVELS.index(0.5)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Band:
    """A central band of outcomes.

    Attributes
    ----------
    share : int
        Of outcomes in it, %.
    low, high : array, shape (period,)
    """

    share: int
    low: Floats
    high: Floats

    @property
    def colour(self) -> str:
        """Of the band."""
        return PALETTE[f"band-{self.share}"]

    @property
    def words(self) -> Phrase:
        """What it holds."""
        return say("fan.band", share=self.share)


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """A target's line.

    Attributes
    ----------
    value : float
        What it asks for.
    bound : float
        What still counts within its tolerance; of a range, its other end.
    words : Phrase
    room : str
        What lies between the two: `tolerance`, or `range`.
    """

    value: float
    bound: float
    words: Phrase
    room: str = "tolerance"


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """What a line is, beside its end.

    Attributes
    ----------
    kind : str
        `aim`, `median`, or `unchanged`: the median of the scenario as it stands.
    height : float
    note, words : Phrase
        What is named, and its number.
    """

    kind: str
    height: float
    note: Phrase
    words: Phrase

    @property
    def colour(self) -> str:
        """Of the line and its words."""
        return PALETTE["grey" if self.kind == "unchanged" else self.kind]

    @property
    def text(self) -> Phrase:
        """Both in one line."""
        return say("fan.label", note=self.note, words=self.words)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FanLayout:
    """Numbers and words of a fan.

    Attributes
    ----------
    id : str
        Of the indicator.
    name, measure : Phrase
        Of the indicator, and of what is measured with its unit.
    year : int
        The target year.
    year_name, before_name : str
        It and the year before, as one says them.
    periods : tuple of Phrase
        From the year's start to each quarter's end.
    median : array, shape (period,)
    bands : tuple of Band
        The widest first.
    aims : tuple of Aim
    outcomes, promised : mapping of int to float
        Of the place's own years before, by year; empty if the plan has no history.
    before : float
        The outcome of the year before.
    unchanged : array, shape (period,), optional
        The median of the scenario as it stands, if `median` is that of a scenario changed.
    titles, notes : tuple of Phrase
        The odds of each target in words, and what else is said of them.
    """

    id: str
    name: Phrase
    measure: Phrase
    year: int
    year_name: str
    before_name: str
    periods: tuple[Phrase, ...]
    median: Floats
    bands: tuple[Band, ...]
    aims: tuple[Aim, ...]
    outcomes: Mapping[int, float]
    promised: Mapping[int, float]
    before: float
    unchanged: Floats | None = None
    titles: tuple[Phrase, ...] = ()
    notes: tuple[Phrase, ...] = ()

    @property
    def around(self) -> list[float]:
        """Figures that any picture of the fan holds: its widest band and its targets."""
        return [*self.bands[0].low, *self.bands[0].high, *(aim.value for aim in self.aims)]

    @property
    def description(self) -> Phrase:
        """What the fan shows, for those who cannot see it."""
        half = self.bands[-1]
        ends = {"median": self.median[-1], "low": half.low[-1], "high": half.high[-1]}
        printed = {name: f"{value:.1f}" for name, value in ends.items()}
        return say("fan.described", name=self.name, year=self.year_name, **printed)

    def list_labels(self) -> list[Label]:
        """List what stands beside the lines' ends."""
        labels = [Label(kind="aim", height=aim.value, note=say("fan.target"), words=aim.words) for aim in self.aims]
        medians = {"median": ("fan.median", self.median), "unchanged": ("scenario.unchanged", self.unchanged)}
        for kind, (key, line) in medians.items():
            if line is not None:
                number = f"{line[-1]:.1f}"
                labels.append(Label(kind=kind, height=float(line[-1]), note=say(key), words=Phrase(number, number)))
        return labels


def lay_fan(attainment: Attainment, indicator: str, name: Callable[[object], Phrase | str] = pair) -> FanLayout:
    """Lay out the fan of an indicator in a finished result.

    Parameters
    ----------
    attainment : Attainment
    indicator : str
        Its id in the plan.
    name : callable
        Says the name of a target; another one where not every letter can be drawn.

    Returns
    -------
    FanLayout

    Raises
    ------
    ValueError
        If the plan has no such indicator, or the result holds no quantiles of it: then what to run.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000, n_calibrations=0)
    >>> layout = lay_fan(result.attainments[0], "gdp")
    >>> layout.titles[0].en, layout.description.en
    ('GDP about 5.5 %: unlikely, 33.8 %', 'GDP in 2024: median 5.1, half of the outcomes from 4.4 to 5.7')
    """
    plan = attainment.plan
    series = find_indicator(plan, indicator)
    count = len(plan.quarter_names)
    periods = [name_cumulative(quarter, count) for quarter in range(count)]
    quantiles = pick_quantiles(attainment, indicator, series.unit, periods)
    titles, notes, sampled = list[Phrase](), list[Phrase](), False
    odds = attainment.odds.set_index(["target", "reading"])
    for target in plan.growth:
        if target.indicator != indicator:
            continue
        share, error = (float(odds[column][target.id, "printed"]) for column in ("probability", "mc_se"))
        error = 0.0 if attainment.n_points else error  # what counting leaves open; the exact method counts nothing
        ends = attainment.find_range(plan.judged.index(target))
        sampled = sampled or (choose_digits(*ends) > 0 and error >= SEEN)
        titles.append(say_verdict(plan, target, share, ends, error, name(target)))
        if target.tolerance:
            within = float(odds["probability"][target.id, "tolerance"])
            notes.append(say_within(plan, target, within, choose_digits(*ends)))
    if sampled:
        notes.append(say("odds.standard_error"))
    return _lay(plan, indicator, quantiles, titles=tuple(titles), notes=tuple(notes))


def lay_moved_fan(
    plan: Plan,
    indicator: str,
    quantiles: Floats,
    unchanged: Floats,
    tolerances: Mapping[str, float],
    values: Mapping[str, float] | None = None,
) -> FanLayout:
    """Lay out the fan of an indicator as sliders stand.

    Parameters
    ----------
    plan : Plan
    indicator : str
        Its id in the plan.
    quantiles, unchanged : array, shape (period, level)
        As the sliders stand, and of the scenario as it stands; levels as in `QUANTILE_LEVELS`.
    tolerances : mapping of str to float
        By target, percentage points; of the others the plan's hold.
    values : mapping of str to float, optional
        By target, the number that it asks for; likewise.

    Returns
    -------
    FanLayout
    """
    return _lay(ask_otherwise(plan, values or {}), indicator, quantiles, tolerances, unchanged=unchanged[:, _MEDIAN])


def _lay(
    plan: Plan,
    indicator: str,
    quantiles: Floats,
    tolerances: Mapping[str, float] | None = None,
    unchanged: Floats | None = None,
    titles: tuple[Phrase, ...] = (),
    notes: tuple[Phrase, ...] = (),
) -> FanLayout:
    series, rows, given = plan.find_indicator(indicator), list_history(plan, indicator), tolerances or {}
    count = len(plan.quarter_names)
    return FanLayout(
        id=indicator,
        name=pair(series),
        measure=say(f"measure.{series.measure}", unit=series.unit),
        year=plan.year,
        year_name=plan.year_name,
        before_name=plan.name_year(plan.year - 1),
        periods=tuple(say_period(name_cumulative(quarter, count)) for quarter in range(count)),
        median=quantiles[:, _MEDIAN],
        bands=read_bands(quantiles),
        aims=tuple(
            Aim(
                value=target.value,
                bound=find_bound(plan, target, "tolerance", given.get(target.id))
                if target.upper is None
                else target.upper,
                words=say_aim(target),
                room="tolerance" if target.upper is None else "range",
            )
            for target in plan.growth
            if target.indicator == indicator
        ),
        outcomes={row.year: row.outcome for row in rows if row.outcome is not None},
        promised={row.year: row.target for row in rows if row.target is not None},
        before=series.baseline,
        unchanged=unchanged,
        titles=titles,
        notes=notes,
    )


def read_bands(quantiles: Floats) -> tuple[Band, ...]:
    """Read the bands out of quantiles, the widest first.

    Parameters
    ----------
    quantiles : array, shape (period, level)
        Levels as in `QUANTILE_LEVELS`.

    Returns
    -------
    tuple of Band

    Examples
    --------
    >>> import numpy as np
    >>> [(band.share, float(band.low[0])) for band in read_bands(np.array([QUANTILE_LEVELS]))]
    [(90, 0.05), (80, 0.1), (50, 0.25)]
    """
    bands = []
    for share in BANDS:
        low, high = (QUANTILE_LEVELS.index(round(0.5 + side * share / 200, 4)) for side in (-1, 1))
        bands.append(Band(share=share, low=quantiles[:, low], high=quantiles[:, high]))
    return tuple(bands)


def set_apart(heights: Sequence[float], apart: float) -> list[float]:
    """Move heights apart where they are too close, by as little as can be in all.

    Parameters
    ----------
    heights : sequence of float
    apart : float
        The least distance.

    Returns
    -------
    list of float
        In the order given.

    Examples
    --------
    >>> set_apart([5.0, 1.0, 4.0], 2.0)
    [5.5, 1.0, 3.5]
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    pools: list[list[float]] = []  # of heights less what those below need, pooled until their means rise
    for place, number in enumerate(order):
        pools.append([heights[number] - apart * place])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    levels = [fmean(pool) for pool in pools for _ in pool]
    moved = {number: levels[place] + apart * place for place, number in enumerate(order)}
    return [moved[number] for number in range(len(heights))]
