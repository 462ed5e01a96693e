"""Required pace: what the rest of the year must bring for each target, beside what the model expects of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, direct
from sim.inputs.plan.targets import Delivery, Growth
from sim.inputs.published.figures import Figure, Published
from sim.inputs.quarters import name_cumulative, name_rest
from sim.inputs.quarters_history import PartYear, find_gains, read_quarters_history
from sim.model.model import Model
from sim.model.thresholds import find_bound
from sim.results.attainment import QUANTILE_LEVELS, Attainment, measure_delivery

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FEWEST_YEARS", "Known", "Pace", "PaceRow", "find_known", "measure_pace"]

FEWEST_YEARS = 5
"""Earlier years from which it is said how often such a rest was seen."""

_LOW, _MEDIAN, _HIGH = (QUANTILE_LEVELS.index(level) for level in (0.1, 0.5, 0.9))


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known of a series since January.

    Attributes
    ----------
    quarter : int
        The last quarter that is known, counted from 0.
    low, high : float
        Growth since January, %, or the number delivered; both the same where it is known exactly.
    """

    quarter: int
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PaceRow:
    """What one target in one reading asks of the rest of the year.

    Attributes
    ----------
    scenario, target, reading : str
    period : str
        Up to which figures are known, such as `H1`; empty where there are none.
    rest : str
        The quarters left, such as `Q3-Q4`; empty where the year is over.
    unit : str
        `%` of growth, the target's unit of deliveries.
    goal : float
        The figure of the year that just meets the target in this reading.
    so_far_low, so_far_high : float
        Growth since January or the number delivered, as its printing leaves it open; NaN where nothing is known.
    needed_low, needed_high : float
        Growth of the rest, or the number that it must bring; of a target to stay below, the most it may. NaN where
        the year is over.
    times : float
        Of deliveries: the pace needed over the pace so far, both relative to the shares of the year expected of them.
    expected_low, expected, expected_high : float
        The model's rest in the same terms: quantiles of 10, 50 and 90 %.
    probability : float
        The odds of the target, which are those that the rest brings what is needed.
    seen, years : int
        Earlier years whose rest brought as much more (or less) than their first part, and all of which it is known.
        Of deliveries none: no promise of the records has a figure within its year as well as that of the year.
    """

    scenario: str
    target: str
    reading: str
    period: str
    rest: str
    unit: str
    goal: float
    so_far_low: float
    so_far_high: float
    needed_low: float
    needed_high: float
    times: float
    expected_low: float
    expected: float
    expected_high: float
    probability: float
    seen: int
    years: int

    @property
    def is_too_few(self) -> bool:
        """Whether too few earlier years are known to say how often such a rest was seen."""
        return self.years < FEWEST_YEARS


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Pace:
    """The required pace of a plan's growth targets and deliveries.

    Attributes
    ----------
    attainments : tuple of Attainment
        One a scenario.
    published : Published
    rows : tuple of PaceRow
        By scenario, target and reading.
    """

    attainments: tuple[Attainment, ...]
    published: Published
    rows: tuple[PaceRow, ...]

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.attainments[0].plan

    @cached_property
    def table(self) -> pd.DataFrame:
        """All rows, the columns as the attributes of `PaceRow`."""
        import pandas as pd

        return pd.DataFrame(map(asdict, self.rows), columns=[field.name for field in fields(PaceRow)])

    def pick(self, scenario: str, reading: str = READINGS[0]) -> tuple[PaceRow, ...]:
        """Pick the rows of a scenario that have a figure, in one reading.

        Parameters
        ----------
        scenario, reading : str

        Returns
        -------
        tuple of PaceRow
        """
        return tuple(row for row in self.rows if (row.scenario, row.reading) == (scenario, reading) and row.period)

    def __repr__(self) -> str:
        return f"<Pace of {self.plan.name}: {len(self.rows)} rows, {self.published!r}>"

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, escape=True, border=0)


def measure_pace(attainments: Iterable[Attainment] | Attainment, published: Published) -> Pace:
    """Measure what the rest of the year must bring for each growth target and delivery.

    Parameters
    ----------
    attainments : Attainment or iterable of them
        Of one plan, a run of several scenarios for one; their odds are given the same figures.
    published : Published

    Returns
    -------
    Pace

    Notes
    -----
    With cumulative growth C after quarters whose base level is the share W of the year's, growth of the rest must be
    R = (T - C W) / (1 - W) for a year of T. C is known within the cell of its printing, hence R is an interval.

    Examples
    --------
    >>> import sim
    >>> figures = sim.read_published("qingdao-2024", "qingdao-2024-h1")
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_calibrations=0)
    >>> row = measure_pace(result.attainments, figures).rows[0]
    >>> row.target, row.period, row.rest, round(row.needed_low, 1), round(row.needed_high, 1)
    ('gdp', 'H1', 'Q3-Q4', 5.1, 5.2)
    """
    each = [attainments] if isinstance(attainments, Attainment) else list(attainments)
    history = read_quarters_history(each[0].plan)
    known = find_known(each[0].model, published)
    rows = [row for attainment in each for row in _list_rows(attainment, known, history)]
    return Pace(attainments=tuple(each), published=published, rows=tuple(rows))


def find_known(model: Model, published: Published) -> dict[str, Known]:
    """Find how far each series is known since January.

    Parameters
    ----------
    model : Model
    published : Published

    Returns
    -------
    dict of str to Known
        By series. Growth since January comes from a cumulative figure, or from single quarters that follow one
        another; of two ways to the same quarter, the narrower.
    """
    plan = model.plan
    shares = {each.id: model.law.shares[:, number] for number, each in enumerate(plan.indicators)}
    singles = {each.id: each.counted.singles for each in plan.deliveries}
    by_series: dict[str, list[Figure]] = {}
    for figure in published.effective():
        by_series.setdefault(figure.series, []).append(figure)
    found = {}
    for series, figures in by_series.items():
        if figures[0].kind == "growth":
            known = _follow(figures, [float(share) for share in shares[series]])
        else:
            known = _count(figures, singles.get(series, 0))
        if known is not None:
            found[series] = known
    return found


def _follow(figures: Sequence[Figure], shares: Sequence[float]) -> Known | None:
    """Follow growth since January as far as cumulative figures and unbroken single quarters go."""
    best: Known | None = None
    total: tuple[float, float] | None = (0.0, 0.0)  # growth since January times its share of the year
    for quarter, share in enumerate(shares):
        gone = sum(shares[: quarter + 1])
        ways = [(each.low * gone, each.high * gone) for each in figures if each.quarter == quarter and not each.single]
        if total is not None:
            ways += [
                (total[0] + share * each.low, total[1] + share * each.high)
                for each in figures
                if each.quarter == quarter and each.single
            ]
        total = min(ways, key=lambda way: way[1] - way[0], default=None)
        if total is not None:
            best = Known(quarter=quarter, low=total[0] / gone, high=total[1] / gone)
    return best


def _count(figures: Sequence[Figure], singles: int) -> Known | None:
    """Take the last number delivered; of counted things, the whole numbers that its printing leaves open."""
    last = max((each for each in figures if each.kind == "delivery"), key=lambda each: each.quarter, default=None)
    if last is None:
        return None
    low, high = max(last.low, 0.0), last.high
    if singles:
        low = math.ceil(round(low * singles, 6)) / singles
        high = (math.ceil(round(high * singles, 6)) - 1) / singles if math.isfinite(high) else high
    return Known(quarter=last.quarter, low=low, high=high)


def _list_rows(attainment: Attainment, known: dict[str, Known], history: tuple[PartYear, ...]) -> Iterator[PaceRow]:
    for number, target in enumerate(attainment.plan.judged):
        if isinstance(target, Growth):
            yield from _list_growth(attainment, number, target, known.get(target.indicator), history)
        elif isinstance(target, Delivery):
            yield _tell_delivery(attainment, number, target, known.get(target.id))


def _list_growth(
    attainment: Attainment, number: int, target: Growth, known: Known | None, history: tuple[PartYear, ...]
) -> Iterator[PaceRow]:
    """Rows of a growth target, one a reading of the year."""
    plan, model = attainment.plan, attainment.model
    series = [each.id for each in plan.indicators].index(target.indicator)
    gone = float(model.law.shares[: known.quarter + 1, series].sum()) if known else 0.0
    so_far = (known.low, known.high) if known else (0.0, 0.0)
    period, rest = _name_parts(plan, known)
    year = attainment.growth[-1, series]  # (level,)
    middle = sum(so_far) / 2 if math.isfinite(so_far[1]) else so_far[0]
    gains = find_gains(plan, history, target.indicator, period) if period else {}
    for place, reading in enumerate(READINGS):
        goal, sign = find_bound(plan, target, reading), direct(plan, target)
        needed = sorted(_find_rest(goal, figure, gone) for figure in so_far)
        short = sign * (goal - middle)
        yield PaceRow(
            scenario=attainment.scenario.name,
            target=target.id,
            reading=reading,
            period=period,
            rest=rest,
            unit=target.unit,
            goal=goal,
            so_far_low=so_far[0] if known else math.nan,
            so_far_high=so_far[1] if known else math.nan,
            needed_low=needed[0],
            needed_high=needed[1],
            times=math.nan,
            expected_low=_find_rest(float(year[_LOW]), middle, gone),
            expected=_find_rest(float(year[_MEDIAN]), middle, gone),
            expected_high=_find_rest(float(year[_HIGH]), middle, gone),
            probability=float(attainment.met[place, number]),
            seen=sum(sign * gain >= short - 1e-9 for gain in gains.values()),
            years=len(gains),
        )


def _find_rest(year: float, figure: float, gone: float) -> float:
    """Growth of the rest for a year's growth; NaN where nothing is left."""
    return (year - figure * gone) / (1 - gone) if gone < 1 - 1e-9 else math.nan


def _tell_delivery(attainment: Attainment, number: int, target: Delivery, known: Known | None) -> PaceRow:
    """Tell what is left to be delivered, and how much faster than so far."""
    plan, law = attainment.plan, attainment.model.delivery_law
    place = law.ids.index(target.id)
    goal = target.value if target.is_cap else target.value * float(law.required[place])
    so_far = (known.low, known.high) if known else (0.0, 0.0)
    middle = sum(so_far) / 2 if math.isfinite(so_far[1]) else so_far[0]
    period, rest = _name_parts(plan, known)
    gone = float(law.due[known.quarter, place]) if known else 0.0
    over = not rest
    needed = [math.nan if over else max(goal - figure, 0.0) for figure in (so_far[1], so_far[0])]
    year = measure_delivery(target, attainment.progress[-1, place])
    left = [math.nan if over else max(float(year[level]) - middle, 0.0) for level in (_LOW, _MEDIAN, _HIGH)]
    is_paced = 0 < gone < 1 - 1e-9 and middle > 0 and not over
    return PaceRow(
        scenario=attainment.scenario.name,
        target=target.id,
        reading=READINGS[0],
        period=period,
        rest=rest,
        unit=target.unit,
        goal=goal,
        so_far_low=so_far[0] if known else math.nan,
        so_far_high=so_far[1] if known else math.nan,
        needed_low=needed[0],
        needed_high=needed[1],
        times=max(goal - middle, 0.0) / (1 - gone) / (middle / gone) if is_paced else math.nan,
        expected_low=left[0],
        expected=left[1],
        expected_high=left[2],
        probability=float(attainment.met[0, number]),
        seen=0,
        years=0,
    )


def _name_parts(plan: Plan, known: Known | None) -> tuple[str, str]:
    """Name the part of the year that is known, and what is left of it."""
    count = len(plan.quarter_names)
    if known is None:
        return "", name_rest(-1, count)
    return name_cumulative(known.quarter, count), name_rest(known.quarter, count)
