"""History: what was promised and what came, of any number of regions, years and indicators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, model_validator

from sim.errors import Fault, InputError
from sim.inputs.direction import COMPARATORS, LOWER_IS_BETTER, direct, may_be_lower, read_sign
from sim.inputs.files.documents import Record
from sim.inputs.files.spreadsheets import read_table
from sim.inputs.files.validation import PerCent, Rate, Row, Text, Year, check_rows, note_unread
from sim.inputs.identity import KNOWN_INDICATORS, fold, rename_indicator, suggest_indicator
from sim.inputs.scale import Typed, question_scale

if TYPE_CHECKING:  # numpy is imported by what makes arrays alone: a plan's tables are checked without it
    import numpy as np
    from numpy.typing import NDArray

    from sim._typing import Bools, Floats, Ints

    Strings = NDArray[np.object_]

__all__ = [
    "History",
    "January",
    "LeakError",
    "Outcome",
    "collect_history",
    "find_oddities",
    "read_history",
    "unify_regions",
]


class LeakError(ValueError):
    """Something that January could not know has reached a fit or a forecast."""


class Outcome(Row):
    """One row of `history.csv`, of a plan or alone: what an indicator did in a year, and what had been promised.

    Attributes
    ----------
    region : str
        The place.
    indicator : str
        By the name that plans use (see `sim.inputs.identity`).
    target, outcome : float or None
        Growth, %; None where unknown.
    comparator : str or None
        `~` (about), `=` (a bare number), `range` (of which `target` is the lower bound) or an inequality.
    unit : str or None
        `%`, with or without more words.
    better : str, optional
        Of the indicator: `higher` or `lower`. Where no row says so, it is lower if all bounds of the table are upper
        ones, or for prices and unemployment (see `LOWER_IS_BETTER`).
    """

    key: ClassVar = ("region", "indicator", "year")
    others: ClassVar = True

    region: Text
    year: Year
    indicator: Annotated[Text, AfterValidator(rename_indicator)]
    target: Rate | None
    comparator: Annotated[Literal[">=", ">", "<=", "<", "~", "=", "range"] | None, BeforeValidator(read_sign)]
    outcome: Rate | None
    unit: PerCent | None
    source: str | None
    better: Literal["higher", "lower"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _take_lower_end(cls, given: Any) -> Any:
        """Take the lower end of a range that stands in one cell, such as `6-6.5`, where the row says it is one."""
        ends = _RANGE.fullmatch(str(given.get("target") or "").strip()) if isinstance(given, Record) else None
        if ends is None or read_sign(given.get("comparator")) != "range":
            return given
        taken = Record(given.place)
        for name in given:
            taken.take(given, name, ends[1] if name == "target" else None)
        return taken


_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*%?\s*(?:-|–|—|~|～|至|to)\s*(-?\d+(?:\.\d+)?)\s*%?")


@dataclass(frozen=True)
class History:
    """Targets and outcomes, one element a row; NaN means unknown.

    Attributes
    ----------
    region, indicator, comparator : array of str, shape (row,)
        Comparators: `>=`, `>`, `<=`, `<`, `~` (about), `=` (a bare number), `range` (its lower bound) or empty.
    year : array of int, shape (row,)
    target, outcome : array of float, shape (row,)
        Growth, %.
    warnings : tuple of Fault
        What looked wrong but was kept.
    lower : frozenset of str
        Indicators of which less is better.
    """

    region: Strings
    year: Ints
    indicator: Strings
    target: Floats
    comparator: Strings
    outcome: Floats
    warnings: tuple[Fault, ...] = ()
    lower: frozenset[str] = LOWER_IS_BETTER

    def __post_init__(self) -> None:
        import numpy as np

        for array in vars(self).values():
            if isinstance(array, np.ndarray):
                array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.year)

    @property
    def down(self) -> Bools:
        """Whether each target is met by staying at or below it, shape (row,)."""
        return _face_down(self.comparator, self.indicator, self.lower)

    def where(self, keep: Bools) -> History:
        """Keep some of the rows.

        Parameters
        ----------
        keep : array of bool, shape (row,)

        Returns
        -------
        History
            The rows for which `keep` is true.
        """
        names = ("region", "year", "indicator", "target", "comparator", "outcome")
        return replace(self, **{name: getattr(self, name)[keep] for name in names})

    def before(self, year: int) -> History:
        """Keep the rows of years strictly before `year`.

        Parameters
        ----------
        year : int

        Returns
        -------
        History
        """
        return self.where(self.year < year)

    def open_january(self, year: int) -> January:
        """Take what January of `year` knows of that year: targets, no outcomes.

        Parameters
        ----------
        year : int

        Returns
        -------
        January
        """
        import numpy as np

        keep = (self.year == year) & np.isfinite(self.target)
        names = ("region", "indicator", "target", "comparator")
        region, indicator, target, comparator = (getattr(self, name)[keep] for name in names)
        return January(year, region, indicator, target, comparator, self.lower)

    def __repr__(self) -> str:
        import numpy as np

        span = f"{self.year.min()}-{self.year.max()}" if len(self) else "no years"
        pairs = int((np.isfinite(self.target) & np.isfinite(self.outcome)).sum())
        return f"<History: {len(self)} rows, {len(set(self.region))} regions, {span}, {pairs} targets with outcomes>"


@dataclass(frozen=True)
class January:
    """The target year as January knows it. There is no field for an outcome.

    Attributes
    ----------
    year : int
    region, indicator, comparator : array of str
    target : array of float
    lower : frozenset of str
        Indicators of which less is better.
    """

    year: int
    region: Strings
    indicator: Strings
    target: Floats
    comparator: Strings
    lower: frozenset[str] = LOWER_IS_BETTER

    def __len__(self) -> int:
        return len(self.target)

    @property
    def down(self) -> Bools:
        """Whether each target is met by staying at or below it, shape (target,)."""
        return _face_down(self.comparator, self.indicator, self.lower)


def _face_down(comparator: Strings, indicator: Strings, lower: frozenset[str]) -> Bools:
    import numpy as np

    pairs = zip(comparator, indicator, strict=True)
    return np.array([direct(COMPARATORS[sign], lower=name in lower) < 0 for sign, name in pairs], dtype=np.bool_)


def read_history(path: str | Path) -> History:
    """Read a history table: targets and outcomes of any number of regions, years and indicators.

    Parameters
    ----------
    path : str or Path
        CSV or .xlsx with the columns region, year, indicator, target, comparator, outcome, unit, source, and better
        (`higher` or `lower`) if need be; other columns are left out, empty cells are unknown. A range counts by its
        lower bound. Where a plan's `indicators.csv` lies beside its `history.csv`, that says which way is better.

    Returns
    -------
    History
        With warnings for what looks wrong but is kept: an outcome a factor of ten away from its target, a year
        without outcomes, one single year, a constant series.

    Raises
    ------
    InputError
        With every fault: file, line, column, what is wrong and what is allowed.

    Examples
    --------
    >>> import sim
    >>> sim.read_history(sim.read_plan("qingdao-2024").folder / "history.csv")
    <History: 64 rows, 1 regions, 2011-2023, 17 targets with outcomes>
    """
    records, faults = read_table(Path(path), Outcome.list_columns(), Outcome.others)
    rows = unify_regions(_tell_better(check_rows(records, lambda _: Outcome, faults), Path(path)), faults)
    faults += [*_find_contradictions(rows), *_ask_direction(rows)]
    if faults:
        raise InputError(faults)
    return collect_history([row for row, _ in rows], [*find_oddities(rows), *_question_table(rows)])


def unify_regions(
    rows: Sequence[tuple[Outcome, Record]], faults: list[Fault], name: Callable[[str], str] = str
) -> list[tuple[Outcome, Record]]:
    """Give each region one name, the first by which the table calls it.

    Parameters
    ----------
    rows : sequence of (Outcome, Record)
        Sound rows, and where they stand.
    faults : list of Fault
        Years that stand twice once spellings are put aside are appended here.
    name : callable, optional
        Gives the name of a region that is known.

    Returns
    -------
    list of (Outcome, Record)
    """
    named: dict[str, str] = {}
    seen: dict[tuple[str, str, int], tuple[str, int]] = {}
    unified = []
    for row, record in rows:
        region = named.setdefault(fold(name(row.region)), name(row.region))
        before, line = seen.setdefault((region, row.indicator, row.year), (row.region, record.place.line))
        if before != row.region:
            what = f"'{row.region}' is '{before}', of which {row.indicator} {row.year} stands in line {line} already"
            faults.append(record.values_at["year"].fault(what, "keep one of them", code="repeated"))
        unified.append((row if region == row.region else row.model_copy(update={"region": region}), record))
    return unified


def _question_table(rows: Sequence[tuple[Outcome, Record]]) -> Iterator[Fault]:
    """Question the sizes of a table's figures, and names of indicators of which nothing is known."""
    series: dict[tuple[str, str], list[Typed]] = {}
    misses: dict[str, tuple[Outcome, Record]] = {}
    for row, record in rows:
        figures = series.setdefault((row.region, row.indicator), [])
        for column, value in (("target", row.target), ("outcome", row.outcome)):
            if value is not None:
                what = f"{row.region} {row.year} {row.indicator}, {column}"
                figures.append(Typed(value, record.values_at[column], what))
        if row.indicator not in KNOWN_INDICATORS:
            misses.setdefault(row.indicator, (row, record))
    for figures in series.values():
        yield from question_scale(figures)
    for name, (_, record) in misses.items():
        nearest = suggest_indicator(name)
        if nearest:
            what = f"nothing is known of '{record['indicator']}': it counts as any other growth"
            yield record.values_at["indicator"].fault(what, nearest=nearest, code="unknown")


def _tell_better(rows: list[tuple[Outcome, Record]], path: Path) -> list[tuple[Outcome, Record]]:
    """Tell the rows of a plan's own history which way is better, as the plan's indicators.csv beside it says."""
    beside = path.parent / "indicators.csv"
    if path.stem != "history" or not beside.is_file():
        return rows
    try:
        found = read_table(beside, {"id": True, "better": True}, True)[0]
    except InputError:
        return rows
    better = {rename_indicator(str(row["id"])): fold(str(row["better"])) for row in found}
    said = {name: word for name, word in better.items() if word in ("higher", "lower")}
    told = [(row, record, said.get(row.indicator)) for row, record in rows]
    return [
        (row if row.better or word is None else row.model_copy(update={"better": word}), record)
        for row, record, word in told
    ]


def _ask_direction(rows: Sequence[tuple[Outcome, Record]]) -> Iterator[Fault]:
    """Ask which way is better where the name says that less may be, and neither a column nor a bound says so."""
    told = {
        row.indicator for row, _ in rows if row.better or COMPARATORS[row.comparator or ""] in ("at_least", "at_most")
    }
    asked = {*told, *LOWER_IS_BETTER}
    for row, record in rows:
        if row.target is not None and row.indicator not in asked and may_be_lower(row.indicator):
            asked.add(row.indicator)
            problem = f"which way is better of {row.indicator}? No row says so"
            yield record.values_at["indicator"].fault(problem, "add a column better: higher or lower", code="missing")


def _find_lower(rows: Sequence[Outcome]) -> frozenset[str]:
    """Find the indicators of which less is better: as their rows say, else by the bounds, else by name."""
    bounds: dict[str, set[str]] = {}
    said: dict[str, str] = {}
    for row in rows:
        bounds.setdefault(row.indicator, set()).add(COMPARATORS[row.comparator or ""])
        if row.better:
            said[row.indicator] = row.better
    lower = set(LOWER_IS_BETTER) | {name for name, kinds in bounds.items() if "at_most" in kinds}
    lower -= {name for name, kinds in bounds.items() if "at_least" in kinds}
    lower -= {name for name, better in said.items() if better == "higher"}
    return frozenset(lower | {name for name, better in said.items() if better == "lower"})


def collect_history(
    rows: Sequence[Outcome], warnings: Iterable[Fault] = (), lower: frozenset[str] | None = None
) -> History:
    """Collect the rows of a table into arrays.

    Parameters
    ----------
    rows : sequence of Outcome
    warnings : iterable of Fault, optional
    lower : frozenset of str, optional
        Indicators of which less is better; None means as the rows tell.

    Returns
    -------
    History
    """
    import numpy as np

    def number(name: str) -> Floats:
        return np.array([np.nan if getattr(row, name) is None else getattr(row, name) for row in rows], dtype=float)

    def text(name: str) -> Strings:
        return np.array([getattr(row, name) or "" for row in rows], dtype=object)

    years = np.array([row.year for row in rows], dtype=np.int64)
    columns = text("region"), years, text("indicator"), number("target"), text("comparator"), number("outcome")
    return History(*columns, tuple(warnings), _find_lower(rows) if lower is None else lower)


def _find_contradictions(rows: Sequence[tuple[Outcome, Record]]) -> Iterator[Fault]:
    """Find rows that call another direction of an indicator better than a row before them."""
    said: dict[str, tuple[str, int]] = {}
    for row, record in rows:
        if row.better:
            better, line = said.setdefault(row.indicator, (row.better, record.place.line))
            if better != row.better:
                what = f"'{row.better}' is better of {row.indicator} here"
                yield record.values_at["better"].fault(what, f"line {line} says {better}: one fact for the whole table")


def find_oddities(rows: Sequence[tuple[Outcome, Record]]) -> Iterator[Fault]:
    """Find what looks wrong in a history table but is kept.

    Parameters
    ----------
    rows : sequence of (Outcome, Record)
        Sound rows, and where they stand.

    Yields
    ------
    Fault
        An outcome a factor of ten away from its target, a year without outcomes, one single year, a constant series.
    """
    for row, record in rows:
        goal, outcome = row.target, row.outcome
        if goal is None or outcome is None or abs(goal) < 1 or outcome == 0:
            continue
        ratio = abs(outcome / goal)
        if 8 <= ratio <= 12.5 or 0.08 <= ratio <= 0.125:
            what = (
                f"{row.region} {row.year} {row.indicator}: outcome {outcome:g} is a factor of ten from target {goal:g}"
            )
            yield record.values_at["outcome"].fault(what, "kept as it is: is the unit right?")
    yield from note_unread(Outcome, (record for _, record in rows))
    years = sorted({row.year for row, _ in rows})
    for year in years:
        here = [(row, record) for row, record in rows if row.year == year]
        if all(row.outcome is None for row, _ in here):
            what = f"year {year} has no outcomes ({len(here)} rows)"
            yield here[0][1].values_at["year"].fault(what, "its targets are forecast, not scored")
    if len(years) == 1:
        what = f"the table has one single year, {years[0]}"
        yield rows[0][1].values_at["year"].fault(what, "nothing to learn from: every number is its prior")
    series: dict[tuple[str, str], list[tuple[Outcome, Record]]] = {}
    for row, record in rows:
        series.setdefault((row.region, row.indicator), []).append((row, record))
    for (region, indicator), members in series.items():
        known = [row.outcome for row, _ in members if row.outcome is not None]
        if len(known) >= 3 and len(set(known)) == 1:
            what = f"{region} {indicator}: all {len(known)} outcomes are {known[0]:g}, a constant series"
            yield members[0][1].place.fault(what, "kept; a constant says little about spread")
