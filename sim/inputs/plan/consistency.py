"""Consistency: what the tables of a plan say of one thing, compared; what is said twice says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.errors import Fault, Place
from sim.inputs.history import Outcome
from sim.inputs.identity import fold_place, rename_indicator
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.tables import Indicator
from sim.inputs.plan.targets import Growth
from sim.inputs.scale import Typed, question_leap, question_scale

__all__ = ["Locate", "compare_tables", "question_plan", "question_repeated"]

Locate = Callable[[object, str], Place]
"""Where the cell of a row and column stands."""


_ROUNDED = 0.05
"""Percentage points by which two figures of one thing may differ: one of them is printed to a decimal."""


_FAR = 1e-9


_CANCELLED = 0.5
"""Percentage points that base effects may add to a whole year, as they are rounded and so are shares."""


def compare_tables(plan: Plan, locate: Locate) -> Iterator[Fault]:
    """Find figures of the base year that two tables state differently.

    Parameters
    ----------
    plan : Plan
    locate : callable

    Yields
    ------
    Fault
        At the later table's cell; it names the other.
    """
    for indicator in plan.indicators:
        first = locate(indicator, "baseline")
        for figure in _list_restated(plan, indicator, locate):
            if abs(figure.value - indicator.baseline) > _ROUNDED + _FAR:
                what = f"{figure.what}: {figure.value:g} % here, {indicator.baseline:g} in {_name(first)}"
                yield figure.place.fault(what, "one figure, one number: correct one of them, or leave this cell empty")


def _name(place: Place) -> str:
    line = f" line {place.line}" if place.line else ""
    return f"{place.file.replace(chr(92), '/').rsplit('/', 1)[-1]}{line}"


def _list_restated(plan: Plan, indicator: Indicator, locate: Locate) -> Iterator[Typed]:
    """List what other tables say of an indicator's base year."""
    year, quarters = plan.year - 1, plan.quarters.get(indicator.id, ())
    if quarters and quarters[-1].cumulative is not None:
        place = locate(quarters[-1], "cumulative")
        yield Typed(quarters[-1].cumulative, place, f"{indicator.id} from the start to the end of {year}")
    for row in plan.history:
        own = (row.region, row.year, row.indicator) == (plan.place_en, year, rename_indicator(indicator.id))
        if own and row.outcome is not None:
            yield Typed(row.outcome, locate(row, "outcome"), f"{indicator.id} {year}")


def question_plan(plan: Plan, locate: Locate) -> Iterator[Fault]:
    """Question what looks unlike the rest of a plan: sizes, quarters, places.

    Parameters
    ----------
    plan : Plan
    locate : callable

    Yields
    ------
    Fault
        A question for each cell; all is kept as it is.
    """
    own = {rename_indicator(indicator.id): indicator for indicator in plan.indicators}
    for indicator in plan.indicators:
        yield from question_scale(list(_list_typed(plan, indicator, locate)))
        yield from _question_momentum(plan, indicator, locate)
        yield from _question_base_effect(plan, indicator, locate)
        yield from _question_units(plan, indicator, locate)
        yield from _question_past(plan, indicator, locate)
    others: dict[tuple[str, str], list[Typed]] = {}
    for row in plan.history:
        if row.region != plan.place_en or row.indicator not in own:
            others.setdefault((row.region, row.indicator), []).extend(_list_row(row, row.indicator, locate))
    for figures in others.values():
        yield from question_scale(figures)
    said = [Typed(row.value, locate(row, "value"), f"{row.kind} for {row.year}") for row in plan.outlook]
    yield from question_scale(said)
    for target in plan.growth:
        last = next((each for each in plan.indicators if each.id == target.indicator), None)
        if last is not None:
            typed = Typed(target.value, locate(target, "value"), f"target {target.id}")
            yield from question_leap(typed, last.baseline, f"after {last.baseline:g} in {plan.year - 1}", last.measure)
        if target.tolerance > max(1.0, abs(target.value) / 2):
            what = f"{target.id}: within {target.tolerance:g} of {target.value:g} %"
            yield locate(target, "tolerance").fault(
                what, "a tolerance is in percentage points, such as 0.2", code="range"
            )
    yield from _question_place(plan, locate)


def _list_typed(plan: Plan, indicator: Indicator, locate: Locate) -> Iterator[Typed]:
    """List all that a plan says of an indicator's years, %."""
    yield Typed(indicator.baseline, locate(indicator, "baseline"), f"{indicator.id} {plan.year - 1}")
    for quarter in plan.quarters.get(indicator.id, ()):
        if quarter.cumulative is not None:
            what = f"{indicator.id} to {quarter.quarter} {plan.year - 1}"
            yield Typed(quarter.cumulative, locate(quarter, "cumulative"), what)
    for target in plan.growth:
        if target.indicator == indicator.id:
            yield Typed(target.value, locate(target, "value"), f"target {target.id}")
    for row in plan.history:
        if row.region == plan.place_en and row.indicator == rename_indicator(indicator.id):
            yield from _list_row(row, indicator.id, locate)


def _list_row(row: Outcome, name: str, locate: Locate) -> Iterator[Typed]:
    for column in ("target", "outcome"):
        value = getattr(row, column)
        if value is not None:
            yield Typed(value, locate(row, column), f"{row.region} {row.year} {name}, {column}")


def _question_momentum(plan: Plan, indicator: Indicator, locate: Locate) -> Iterator[Fault]:
    """Question a momentum that the cumulative figures do not bear out: the last quarter alone, less the year."""
    quarters, at = plan.quarters.get(indicator.id, ()), locate(indicator, "momentum")
    if abs(indicator.momentum) > max(5.0, 2 * abs(indicator.baseline)):
        what = f"{indicator.id}: momentum of {indicator.momentum:g} beside {indicator.baseline:g} %"
        yield at.fault(what, "it is the last quarter's figure less the year's, in percentage points", code="range")
        return
    before = quarters[-2].cumulative if len(quarters) > 1 else None
    if before is None:
        if 2 < indicator.baseline / 2 < indicator.momentum:
            what = f"{indicator.id}: momentum of {indicator.momentum:g} beside {indicator.baseline:g} %"
            yield at.fault(what, "the last quarter's figure itself? less the year's is due", code="range")
        return
    last = quarters[-1].share
    implied = (indicator.baseline - before * (1 - last)) / last - indicator.baseline
    unsure = _ROUNDED * (2 - last) / last
    if abs(implied - indicator.momentum) > unsure + 0.25:
        what = f"{indicator.id}: momentum {indicator.momentum:g}, but {before:g} to {quarters[-2].quarter}"
        what += f" and {indicator.baseline:g} for the year imply {implied:.1f}"
        yield at.fault(what, f"correct one of them; in {_name(locate(quarters[-2], 'cumulative'))}: cumulative")


def _question_base_effect(plan: Plan, indicator: Indicator, locate: Locate) -> Iterator[Fault]:
    """Question base effects that do not cancel over the year: they shift quarters, and not the year."""
    quarters = plan.quarters.get(indicator.id, ())
    shift = sum(each.share * each.base_effect for each in quarters)
    if abs(shift) > _CANCELLED:
        widest = max(quarters, key=lambda each: abs(each.base_effect))
        what = f"{indicator.id}: base effects add {shift:.1f} points to the year"
        mend = "they are what a quarter differs by, and cancel over the year; growth itself is not among them"
        yield locate(widest, "base_effect").fault(what, mend, code="range")


_OTHER_UNITS = {
    "real": ("nominal", "current price", "名义", "现价"),
    "nominal": ("real", "constant price", "实际", "不变价", "可比价"),
}
_SHARE = ("of gdp", "of gsdp", "of grp", "占gdp", "占地区")


def _question_units(plan: Plan, indicator: Indicator, locate: Locate) -> Iterator[Fault]:
    """Question history whose unit says another measure than the indicator's: nominal for real, a share for growth."""
    told = (*_OTHER_UNITS.get(indicator.measure, ()), *(_SHARE if indicator.measure != "rate" else ()))
    for row in plan.history:
        unit = (row.unit or "").casefold()
        if row.indicator == rename_indicator(indicator.id) and any(word in unit for word in told):
            what = f"{row.region} {row.year} {row.indicator} in '{row.unit}', and {indicator.id} is {indicator.measure}"
            yield locate(row, "unit").fault(what, "one measure for one indicator; kept as it is", code="range")
            return


def _question_past(plan: Plan, indicator: Indicator, locate: Locate) -> Iterator[Fault]:
    """Question outcomes of the place's own that lie far from what was promised, or were promised on the other side."""
    wrong = {"higher": ("<", "<="), "lower": (">", ">=")}[indicator.better]
    for row in plan.history:
        if (row.region, row.indicator) != (plan.place_en, rename_indicator(indicator.id)) or row.target is None:
            continue
        if row.outcome is not None:
            typed = Typed(row.outcome, locate(row, "outcome"), f"{row.region} {row.year} {row.indicator}, outcome")
            yield from question_leap(typed, row.target, f"where {row.target:g} was promised", indicator.measure)
        if row.comparator in wrong:
            what = f"{row.year} {row.indicator}: '{row.comparator}', and {indicator.better} is better in indicators.csv"
            yield locate(row, "comparator").fault(what, "its outcome counts on that side; is it meant?", code="range")


def question_repeated(plan: Plan, locate: Locate) -> Iterator[Fault]:
    """Question two targets of one indicator on the same side: one promise has one probability.

    Parameters
    ----------
    plan : Plan
    locate : callable

    Yields
    ------
    Fault
        At the later one; the growth that a level comes to may stand beside it.
    """
    seen: dict[tuple[str, str], Growth] = {}
    for target in plan.growth:
        first = seen.setdefault((target.indicator, target.criterion), target)
        if first is not target and not first.level and not target.level:
            same = "as" if first.value == target.value else f"where {first.value:g} is"
            what = f"{target.id}: {target.criterion} {target.value:g} % of {target.indicator}, {same} in {first.id}"
            yield locate(target, "value").fault(what, "one promise is one row; both are counted")


def _question_place(plan: Plan, locate: Locate) -> Iterator[Fault]:
    """Ask for the place's own history where all rows are of other places."""
    from difflib import get_close_matches

    regions = {row.region: row for row in reversed(plan.history)}
    if not regions or plan.place_en in regions:
        return
    named = {fold_place(name): name for name in regions}
    close = [get_close_matches(fold_place(name), list(named), 1, 0.75) for name in (plan.place_en, plan.place_zh)]
    nearest = next((named[found[0]] for found in close if found), "")
    row = regions[nearest] if nearest else next(reversed(regions.values()))
    what = f"no row is of '{plan.place_en}' or '{plan.place_zh}': its own record is empty"
    meant = (
        f"is '{nearest}' the same place? write one name for it" if nearest else "rows of other places are kept as such"
    )
    yield locate(row, "region").fault(what, meant, code="unknown")
