"""Rules: shocks that answer to a printed figure, as half-lines of it on which they strike or not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.errors import InputError, blame
from sim.inputs.published.rows import find_step, list_periods
from sim.inputs.quarters import name_quarter
from sim.model.known import Known, KnownDelivery, KnownGrowth, scale_amount

if TYPE_CHECKING:
    from sim.inputs.scenario.document import Rule, When
    from sim.model.model import Model

__all__ = ["Cell", "RuleLaw", "add_cell", "compile_rules", "tell_printed"]

Cell = KnownGrowth | KnownDelivery

_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleLaw:
    """A rule: the half-line of a figure on which its shock strikes, and the one on which it does not.

    Attributes
    ----------
    name : str
    shock : int
        Its place among the shocks of the scenario's law.
    onset : int
        The first quarter in which it may begin.
    value : float
        The number that the printed figure is held against, in the unit of the cells.
    struck, spared : KnownGrowth or KnownDelivery
    delivery : int, optional
        Place of the delivery whose figure it is; None for growth.
    """

    name: str
    shock: int
    onset: int
    value: float
    struck: Cell
    spared: Cell
    delivery: int | None = None

    @property
    def below(self) -> bool:
        """Whether it strikes below its number."""
        return math.isinf(self.struck.low)

    @property
    def cut(self) -> float:
        """Where the exact figure begins to be printed as the number or more."""
        return self.spared.low if self.below else self.struck.low


def compile_rules(model: Model, rules: Mapping[str, Rule], first: int) -> tuple[RuleLaw, ...]:
    """Compile rules for a model.

    Parameters
    ----------
    model : Model
    rules : mapping of str to Rule
        In the order of the figures that they wait for.
    first : int
        Place of the first one's shock.

    Returns
    -------
    tuple of RuleLaw
    """
    quarters = model.plan.quarter_names
    found = []
    for shock, (name, rule) in enumerate(rules.items(), first):
        onset = next(quarter for quarter, weight in enumerate(rule.weigh_onsets(quarters)) if weight > 0)
        found.append(_compile_rule(model, name, shock, onset, rule.when))
    return tuple(found)


def _compile_rule(model: Model, name: str, shock: int, onset: int, when: When) -> RuleLaw:
    quarter, single = list_periods(model.plan)[when.period]
    ids = [indicator.id for indicator in model.plan.indicators]
    is_growth = when.series in ids
    step = find_step(f"{when.value:.12g}", growth=is_growth)
    if not is_growth:  # printed as finely as what was promised of it
        promised = next(each.value for each in model.plan.deliveries if each.id == when.series)
        step = min(step, find_step(f"{promised:.12g}", growth=False))
    cut = math.ceil(round(when.value / step, 6)) * step - step / 2
    called = f"{when.series}/{when.period}"
    if is_growth:
        kind, series, delivery = int(not (single and quarter > 0)), ids.index(when.series), None
        value = when.value

        def make(low: float, high: float) -> Cell:
            return KnownGrowth(name=called, kind=kind, quarter=quarter, series=series, low=low, high=high)

    else:
        delivery = model.delivery_law.ids.index(when.series)
        value, cut = (scale_amount(model, delivery, amount) for amount in (when.value, cut))
        kept = next(each.kind for each in model.plan.deliveries if each.id == when.series) != "level"

        def make(low: float, high: float) -> Cell:
            return KnownDelivery(name=called, quarter=quarter, low=low, high=high, kept=kept)

    below, above = make(-math.inf, cut), make(cut, math.inf)
    struck, spared = (below, above) if when.printed_below is not None else (above, below)
    return RuleLaw(name=name, shock=shock, onset=onset, value=value, struck=struck, spared=spared, delivery=delivery)


def tell_printed(rule: RuleLaw, known: Known | None) -> bool | None:
    """Tell from published figures whether a rule strikes; None where its figure is not known well enough."""
    cell = _find_cell(known, rule.struck, rule.delivery) if known is not None else None
    if cell is None:
        return None
    if math.isfinite(cell.high):
        least = rule.value - _ROUNDING * max(abs(rule.value), 1.0)
        return ((cell.low + cell.high) / 2 < least) == rule.below
    return not rule.below if cell.low >= rule.cut - _ROUNDING else None


def _list_cells(known: Known, delivery: int | None) -> Sequence[Cell]:
    return known.growth if delivery is None else known.deliveries.get(delivery, ())


def _find_cell(known: Known, cell: Cell, delivery: int | None) -> Cell | None:
    return next((each for each in _list_cells(known, delivery) if each.name == cell.name), None)


def add_cell(known: Known | None, cell: Cell, delivery: int | None = None) -> Known | None:
    """Add a cell of a figure, such as a half-line, to what is known.

    Parameters
    ----------
    known : Known or None
    cell : KnownGrowth or KnownDelivery
    delivery : int, optional
        Place of the delivery whose figure it is; None for growth.

    Returns
    -------
    Known or None
        With both cells' intersection where the figure was known already; None where that is empty.

    Examples
    --------
    >>> cell = KnownGrowth(name="gdp/H1", kind=1, quarter=1, series=0, low=4.95, high=float("inf"))
    >>> below = KnownGrowth(name="gdp/H1", kind=1, quarter=1, series=0, low=float("-inf"), high=5.45)
    >>> joint = add_cell(add_cell(None, cell), below)
    >>> joint.growth[0].low, joint.growth[0].high
    (4.95, 5.45)
    """
    known = Known(deliveries={}, milestones={}, words={}) if known is None else known
    other = _find_cell(known, cell, delivery)
    if other is not None:
        cell = replace(cell, low=max(cell.low, other.low), high=min(cell.high, other.high))
        if cell.low >= cell.high:
            return None
    if isinstance(cell, KnownGrowth):
        return replace(known, growth=(*(each for each in known.growth if each is not other), cell))
    assert delivery is not None
    cells = (*(each for each in known.deliveries.get(delivery, ()) if each is not other), cell)
    return replace(known, deliveries={**known.deliveries, delivery: cells})


def check_order(rules: Sequence[RuleLaw], known: Known) -> None:
    """Refuse published figures that a rule may have moved whose own figure is not among them.

    Raises
    ------
    InputError
        With every such rule.
    """
    told = [(each.name, each.quarter) for each in known.growth]
    told += [(each.name, each.quarter) for cells in known.deliveries.values() for each in cells]
    told += [(each.name, each.quarter) for cells in known.milestones.values() for each in cells]
    faults = []
    for rule in rules:
        later = [known.words[name] for name, quarter in told if quarter >= rule.onset]
        if later:
            waited = " ".join(rule.struck.name.split("/"))
            problem = f"rule '{rule.name}' begins in {name_quarter(rule.onset)} if {waited} says so, which is not known"
            faults.append(blame("published", f"{problem}, and {later[0]} is", f"add the figure {waited}"))
    if faults:
        raise InputError(faults)
