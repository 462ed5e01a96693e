"""Aims: targets with numbers of one's own, as people name them, and the events that are made of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from unicodedata import normalize

from sim.errors import Fault, InputError, blame, find_nearest, warn_of
from sim.inputs.plan.names import recognize, recognize_period
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, direct, list_groups, name_readings
from sim.inputs.plan.targets import Composite, Delivery, Growth, Judged, Milestone, Numbered
from sim.inputs.scale import question_growth

__all__ = ["Aim", "Event", "Named", "Which", "list_parts", "name_aims", "read_aims", "read_event"]

Which = Literal["all", "any"]

Number: TypeAlias = float | str | None

Named: TypeAlias = str | Iterable[str] | Mapping[str, Number]
"""Targets by id, such as "gdp", "gdp:5.0" or "gdp<=5.0"; groups; several of them; or numbers by id."""


_MARKS = {">=": 1, "<=": -1, "≥": 1, "≤": -1}
_FAR = 100
"""Times the number of the plan, or as many times below it, beyond which a number of one's own is questioned."""


_NAMED = re.compile(r"([^:<>=≥≤]*)(?:(:|>=|<=|≥|≤)(.*))?", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """A target, or another number in place of its own.

    Attributes
    ----------
    target : Growth, Delivery, Milestone or Composite
    number : float, optional
        In the target's own unit; None means what the plan says.
    quarter : int, optional
        Of a milestone: the quarter, counted from 0, by whose end it is done; None means the year's end.
    sign : int
        1 where the figure must be at least the number, -1 where at most.
    name : str
        As it was asked for.
    """

    target: Judged
    number: float | None = None
    quarter: int | None = None
    sign: int = 1
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Some aims met, given that some are missed.

    Attributes
    ----------
    met, missed : tuple of Aim
        None missed means that nothing is given.
    which_met, which_missed : str
        Whether `all` of them or `any`.
    reading : int
        Place among the plan's readings in which all are judged.
    """

    met: tuple[Aim, ...]
    missed: tuple[Aim, ...] = ()
    which_met: Which = "all"
    which_missed: Which = "any"
    reading: int = 0


def read_event(
    plan: Plan,
    met: Named,
    missed: Named | None = None,
    *,
    which_met: str = "all",
    which_missed: str = "any",
    reading: str = READINGS[0],
    at_least: float | None = None,
    at_most: float | None = None,
) -> Event:
    """Read an event as people name it.

    Parameters
    ----------
    plan : Plan
    met, missed : str, iterable of str, or mapping of str to float
        Targets or groups, with numbers of one's own or without.
    which_met, which_missed : str
        `all` or `any`.
    reading : str
        One of the plan's readings.
    at_least, at_most : float, optional
        Number in place of that of the one target in `met`.

    Returns
    -------
    Event

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> import sim
    >>> event = read_event(sim.read_plan("qingdao-2024"), "gdp", ["retail_sales:5"], at_least=5.0)
    >>> name_aims(event.met, event.which_met), name_aims(event.missed, event.which_missed)
    ('gdp:5', 'retail_sales:5')
    """
    faults = list[Fault]()
    bounds = [each for each in (at_least, at_most) if each is not None]
    wanted = _split("met", met, plan, faults)
    if len(bounds) == 2:
        faults.append(blame("at_most", "is given beside at_least", "give one of the two"))
    elif bounds and len(wanted) != 1:
        faults.append(blame("at_least", f"is given for {len(wanted)} targets", 'name one, or write "gdp:5.0" for each'))
    elif bounds:
        if wanted[0][1] is not None:
            faults.append(blame("at_least", f"is given beside '{wanted[0][0].id}:{wanted[0][1]}'", "give one number"))
        wanted = [(wanted[0][0], bounds[0], 1 if at_least is not None else -1)]
    aims = [_aim("met", *each, plan, faults) for each in wanted]
    lacking = [] if missed is None else _split("missed", missed, plan, faults)
    given = [_aim("missed", *each, plan, faults) for each in lacking]
    for argument, which in (("which_met", which_met), ("which_missed", which_missed)):
        if which not in ("all", "any"):
            faults.append(blame(argument, f"unknown '{which}'", "allowed: all, any", code="unknown"))
    readings = name_readings(plan)
    reading = reading if reading in readings else recognize_period(plan, reading)
    if reading not in readings:
        faults.append(_blame_unknown("reading", reading, readings, "unknown '{}'"))
    if faults:
        raise InputError(faults)
    return Event(
        met=tuple(each for each in aims if each is not None),
        missed=tuple(each for each in given if each is not None),
        which_met="any" if which_met == "any" else "all",
        which_missed="all" if which_missed == "all" else "any",
        reading=readings.index(reading),
    )


def read_aims(plan: Plan, named: Named, argument: str = "targets") -> tuple[Aim, ...]:
    """Read targets as people name them.

    Parameters
    ----------
    plan : Plan
    named : str, iterable of str, or mapping of str to float
        Targets or groups, with numbers of one's own or without.
    argument : str
        By which the caller named them.

    Returns
    -------
    tuple of Aim

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> import sim
    >>> [aim.name for aim in read_aims(sim.read_plan("qingdao-2024"), "gdp:5.0")]
    ['gdp:5']
    """
    faults = list[Fault]()
    aims = [_aim(argument, *each, plan, faults) for each in _split(argument, named, plan, faults)]
    if faults:
        raise InputError(faults)
    return tuple(each for each in aims if each is not None)


def name_aims(aims: Sequence[Aim], which: str) -> str:
    """Name several aims in one cell of a table.

    Parameters
    ----------
    aims : sequence of Aim
    which : str
        `all` or `any`.

    Returns
    -------
    str
        Ids joined by "and" or "or"; empty without any.
    """
    return (" and " if which == "all" else " or ").join(aim.name for aim in aims)


_Wanted: TypeAlias = tuple[Judged, Number, int | None]  # a target, its number, and on which side of it


def list_parts(plan: Plan, aim: Aim) -> list[Aim]:
    """List the aims that an aim is met with: members of a composite, ends of a range, else itself alone.

    Parameters
    ----------
    plan : Plan
    aim : Aim

    Returns
    -------
    list of Aim
    """
    target = aim.target
    if isinstance(target, Numbered) and target.upper is not None and aim.number is None:
        ends = ((target.value, 1), (target.upper, -1))
        return [Aim(target=target, number=end, sign=sign, name=f"{target.id}:{end:g}") for end, sign in ends]
    if not isinstance(target, Composite):
        return [aim]
    members = [each for each in plan.judged if each.id in target.members]
    aims = [Aim(target=member, sign=_direct(plan, member), name=member.id) for member in members]
    return [part for each in aims for part in list_parts(plan, each)]


def _direct(plan: Plan, target: Judged) -> int:
    return direct(plan, target) if isinstance(target, Growth | Delivery) else 1


def _split(argument: str, named: Named, plan: Plan, faults: list[Fault]) -> list[_Wanted]:
    """Split names from numbers, and groups into their members."""
    wanted = list[tuple[object, Number, int | None]]()
    if isinstance(named, Mapping):
        wanted.extend((name, number, None) for name, number in named.items())
    elif isinstance(named, str | Iterable):
        for each in [named] if isinstance(named, str) else named:
            found = _NAMED.fullmatch(normalize("NFKC", str(each)))
            name, mark, number = found.groups() if found else (each, None, None)
            wanted.append((str(name).strip(), number if number is None else number.strip(), _MARKS.get(str(mark))))
    targets, groups = {target.id: target for target in plan.judged}, list_groups(plan)
    split = list[_Wanted]()
    for written, number, sign in wanted:
        name = recognize(plan, str(written))
        if name in targets:
            split.append((targets[name], number, sign))
        elif name in groups and number is None:
            split.extend((plan.judged[place], None, None) for place in groups[name])
        elif name in groups:
            faults.append(blame(argument, f"'{name}' is a group, which has no number", "name a target"))
        else:
            faults.append(_blame_unknown(argument, name, [*targets, *groups], "no target with odds '{}'"))
    if not wanted:
        faults.append(blame(argument, "names no target", "name one or several"))
    return split


def _blame_unknown(argument: str, name: object, valid: Sequence[str], problem: str) -> Fault:
    listed = ", ".join(valid[:8]) + (f" and {len(valid) - 8} more" if len(valid) > 8 else "")
    return blame(argument, problem.format(name), f"allowed: {listed}", find_nearest(name, valid), code="unknown")


def _aim(
    argument: str, target: Judged, number: Number, sign: int | None, plan: Plan, faults: list[Fault]
) -> Aim | None:
    """Make an aim of a target and what is asked of it; None if it makes no sense."""
    aim = Aim(target=target, sign=_direct(plan, target) if sign is None else sign, name=target.id)
    if number is None:
        return aim
    if isinstance(target, Milestone):
        names, number = plan.quarter_names, recognize_period(plan, str(number))
        if number not in names:
            faults.append(_blame_unknown(argument, number, names, f"no quarter '{{}}' for {target.id}"))
            return None
        return replace(aim, quarter=names.index(str(number)), name=f"{target.id}:{number}")
    unit = getattr(target, "unit", "")
    if isinstance(number, str):
        number = number.removesuffix(unit).strip()
    problem = "".join(_find_problem(target, number))
    if problem:
        faults.append(blame(argument, problem, f"write a number in {unit}".rstrip(), code="number"))
        return None
    warn_of(_question_number(argument, target, float(number)))
    mark = ":" if aim.sign == _direct(plan, target) else ">=" if aim.sign > 0 else "<="
    return replace(aim, number=float(number), name=f"{target.id}{mark}{float(number):g}")


def _find_problem(target: Judged, number: float | str) -> Iterator[str]:
    """Find what is wrong with a number for a target, if anything is."""
    if isinstance(target, Composite) or not isinstance(target, Numbered):
        yield f"'{target.id}' is met with all of its members and has no number of its own"
        return
    try:
        value = math.nan if isinstance(number, bool) else float(number)
    except (TypeError, ValueError):
        yield f"'{number}' is no number for {target.id}"
        return
    if not math.isfinite(value):
        yield f"{value:g} is no number for {target.id}"
    elif isinstance(target, Delivery) and value <= 0:
        yield f"{value:g} for {target.id} is not positive"


def _question_number(argument: str, target: Judged, value: float) -> Iterator[Fault]:
    """Question a number of one's own whose size is unlike that of the plan's."""
    if isinstance(target, Growth):
        yield from question_growth(argument, target.id, value, target.value)
    elif isinstance(target, Delivery) and target.value and not 1 / _FAR <= value / target.value <= _FAR:
        problem, said = f"{target.id}: {value:g} {target.unit}", f"{target.value:g} {target.unit}"
        yield blame(argument, problem, f"the plan says {said}; another unit?", code="range")
