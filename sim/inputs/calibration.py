"""The calibration: the numbers of the model, each with its uncertainty and source, in a file to read and override."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field

from sim.errors import Fault, InputError, blame_kind, find_unknown
from sim.inputs.bundled import DEFAULT_PLAN, find_plan
from sim.inputs.delivery_numbers import DeliveryNumbers, MilestoneNumbers
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import Checked, Name, check_record, refuse
from sim.inputs.files.values import lay_out
from sim.inputs.files.yaml_files import read_yaml
from sim.inputs.former_layout import is_former_fit, take_former_parts
from sim.inputs.indicator_numbers import IndicatorNumbers, QuarterlyNumbers, ShockNumbers
from sim.inputs.numbers import (
    DegreesOfFreedom,
    Spillover,
)
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import take_plan
from sim.inputs.provenance import BY_HAND, MadeFrom, check_provenance

__all__ = [
    "Calibration",
    "PlanPrior",
    "check_calibration",
    "compare_calibration",
    "find_plan_prior",
    "read_calibration",
    "read_prior",
]


_ANNUAL = ("centre", "trend_sd", "trend_common")


def _read_made_from(given: object) -> object:
    if isinstance(given, str) and given != BY_HAND:
        raise refuse(f"unknown '{given}'", f"allowed: {BY_HAND}, or what `sim calibrate` writes")
    return given


class Calibration(Checked):
    """All numbers of the model.

    Attributes
    ----------
    degrees_of_freedom : Number
        Of the heavy-tail scale that the indicators share within a quarter (Student t); more than 2.
    indicators : dict of str to IndicatorNumbers
        By indicator.
    spillovers : list, optional
        Entries of the law of motion off its diagonal.
    shocks : ShockNumbers
    deliveries, milestones : optional
        Needed where the plan has such targets.
    made_from : MadeFrom or str, optional
        What the fit read; `hand` says that the numbers are to stand whatever the tables say. A file without it may
        hold no fitted number.
    """

    schema_version: Literal[1]
    degrees_of_freedom: DegreesOfFreedom
    indicators: dict[Name, IndicatorNumbers]
    spillovers: list[Spillover] = Field(default_factory=list)
    shocks: ShockNumbers = Field(default_factory=ShockNumbers)
    deliveries: DeliveryNumbers | None = None
    milestones: MilestoneNumbers | None = None
    made_from: Annotated[MadeFrom | Literal["hand"] | None, BeforeValidator(_read_made_from)] = None


class PlanPrior(Checked):
    """All numbers of a plan's model but those that are fitted to its history.

    Attributes
    ----------
    degrees_of_freedom, spillovers, deliveries, milestones
        As in `Calibration`.
    indicators : dict of str to QuarterlyNumbers
        By indicator; of one that is not there, numbers are assumed by its kind (see `sim.learning.kind_laws`).
    """

    schema_version: Literal[1]
    degrees_of_freedom: DegreesOfFreedom
    indicators: dict[Name, QuarterlyNumbers] = Field(default_factory=dict)
    spillovers: list[Spillover] = Field(default_factory=list)
    shocks: ShockNumbers = Field(default_factory=ShockNumbers)
    deliveries: DeliveryNumbers | None = None
    milestones: MilestoneNumbers | None = None


def read_calibration(path: str | Path, plan: Plan | str | Path) -> Calibration:
    """Read a calibration file.

    Parameters
    ----------
    path : str or Path
        A YAML file.
    plan : Plan
        The plan whose indicators it must cover.

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        With every fault: file, line, column, what is wrong, what is allowed; and where it was made for another place
        or year, or cells have moved since and numbers in it were set by hand (see `compare_calibration`).

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> read_calibration(plan.folder / "calibration.yaml", plan).degrees_of_freedom.unit
    '1'
    """
    return compare_calibration(path, take_plan(plan))[0]


def compare_calibration(path: str | Path, plan: Plan) -> tuple[Calibration, tuple[Fault, ...]]:
    """Read a calibration file, and compare what it was made from with the plan at hand.

    Parameters
    ----------
    path : str or Path
    plan : Plan

    Returns
    -------
    calibration : Calibration
    moved : tuple of Fault
        Cells and settings that have moved since; where any, its numbers are no longer those of the plan.

    Raises
    ------
    InputError
        As `read_calibration`.
    """
    record, faults = read_yaml(Path(path))
    numbers = _check_layout(Calibration, record, plan, faults, f"{_advise_fit(record, plan)} writes the file anew")
    moved: tuple[Fault, ...] = ()
    if numbers is not None and not faults:
        faults += _refuse_unmarked(numbers, record, plan)
        moved = check_provenance(numbers.made_from, plan, numbers, str(path))
    if numbers is not None and moved:  # names that it has too many or too few are no fault of its own
        return numbers, moved
    return _cover(Calibration, numbers, record, plan, faults), ()


def _refuse_unmarked(numbers: Calibration, record: Record, plan: Plan) -> list[Fault]:
    """Refuse a file with fitted numbers that does not say what they were fitted to."""
    for name, each in numbers.indicators.items():
        fitted = each.centre.basis == "fitted" or is_former_fit(each.centre.source, each.trend_sd.source)
        if numbers.made_from is None and fitted:
            problem = f"the centre of {name} was fitted, but the file does not say to what (made_from)"
            mend = f"{_advise_fit(record, plan)} writes one that does; "
            mend += f"`made_from: {BY_HAND}` keeps its numbers whatever the tables say"
            return [record.locate(("indicators", name, "centre")).fault(problem, mend, code="missing")]
    return []


def _advise_fit(record: Record, plan: Plan) -> str:
    given = plan.given or str(plan.folder)
    return f"`sim calibrate --plan {quote(given)} --out {quote(record.place.file)} --force`"


def read_prior(path: str | Path, plan: Plan) -> PlanPrior:
    """Read a file of the numbers that are not fitted to a plan's history.

    Parameters
    ----------
    path : str or Path
        A YAML file.
    plan : Plan
        The plan whose indicators it must cover.

    Returns
    -------
    PlanPrior

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> read_prior(plan.folder / "prior.yaml", plan).indicators["gdp"].innovation_common.value
    0.85
    """
    return _read(PlanPrior, Path(path), plan)


def _check_annual(prior: PlanPrior, record: Record, plan: Plan, faults: list[Fault]) -> None:
    """Check that the three annual numbers of an indicator come together; a price or a rate cannot do without them."""
    for indicator in plan.indicators:
        numbers = prior.indicators.get(indicator.id)
        if numbers is None:
            continue
        at = record.locate(("indicators", indicator.id))
        lacking = [name for name in _ANNUAL if getattr(numbers, name) is None]
        if lacking and len(lacking) < len(_ANNUAL):
            problem = f"'{lacking[0]}' is missing in {indicator.id}"
            faults.append(at.fault(problem, f"give all of {', '.join(_ANNUAL)}, or none", code="missing"))
        elif lacking and indicator.measure in ("price", "rate"):
            problem = f"'{indicator.id}' is a {indicator.measure}, and the annual law is one of growth"
            faults.append(at.fault(problem, f"give {', '.join(_ANNUAL)}"))


Numbers = TypeVar("Numbers", Calibration, PlanPrior)


def _read(kind: type[Numbers], path: Path, plan: Plan) -> Numbers:
    record, faults = read_yaml(path)
    return _finish(kind, record, plan, faults)


def check_calibration(calibration: Calibration, plan: Plan) -> Calibration:
    """Hold a calibration to what its file is held to, as code may have changed it.

    Parameters
    ----------
    calibration : Calibration
        Names that the plan does not have are let through: they move nothing.
    plan : Plan

    Returns
    -------
    Calibration
        Equal to the one given.

    Raises
    ------
    InputError
        With every fault; its place is a path of keys, such as `calibration: indicators.gdp.centre.sd`.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("china-2024")
    >>> check_calibration(model.calibration, model.plan) == model.calibration
    True
    """
    if not isinstance(calibration, Calibration):
        raise InputError([blame_kind("calibration", calibration, "a calibration", "write a file or a Calibration")])
    return _finish(Calibration, lay_out(calibration, "calibration"), plan, [], surplus=True)


def _finish(kind: type[Numbers], record: Record, plan: Plan, faults: list[Fault], *, surplus: bool = False) -> Numbers:
    """Check a record of numbers; `surplus` lets names pass that the plan does not have."""
    numbers = _check_layout(kind, record, plan, faults, _COPY)
    return _cover(kind, numbers, record, plan, faults, surplus=surplus)


_COPY = "copy {part} from the prior.yaml that `sim new FOLDER` writes, with what you know better"


def _check_layout(kind: type[Numbers], record: Record, plan: Plan, faults: list[Fault], mend: str) -> Numbers | None:
    """Check a record of numbers; parts in a former layout are faults of the file, and nothing more is asked of it."""
    parts = {"deliveries": plan.deliveries, "milestones": plan.milestones}
    needed: list[str] = [part for part, targets in parts.items() if targets]
    former: list[Fault] = [*take_former_parts(record, needed, mend)]
    numbers = check_record(kind, record, faults)
    if former:
        raise InputError([*former, *faults])
    return numbers


def _cover(
    kind: type[Numbers],
    numbers: Numbers | None,
    record: Record,
    plan: Plan,
    faults: list[Fault],
    *,
    surplus: bool = False,
) -> Numbers:
    """Check that numbers cover a plan; None are faulty in themselves, and the record's names alone are checked."""
    names = [indicator.id for indicator in plan.indicators]
    due: list[str] = [] if kind is PlanPrior else names
    _check_names(record, ("indicators",), due, None if surplus else names, faults)
    if numbers is not None:
        for number, spillover in enumerate(numbers.spillovers):
            for key, end in (("origin", spillover.origin), ("reaches", spillover.reaches)):
                at = record.locate(("spillovers", number, key))
                faults += find_unknown({end: at}, names, "unknown indicator '{}'")
        _check_targets(numbers, record, plan, faults, surplus)
    if isinstance(numbers, PlanPrior):
        _check_annual(numbers, record, plan, faults)
    if faults or numbers is None:
        raise InputError(faults)
    return numbers


def _check_names(
    record: Record, path: tuple[str, ...], due: list[str], valid: list[str] | None, faults: list[Fault]
) -> None:
    """Refuse a mapping that lacks a name that is due, or holds one that is not valid; None means that any is."""
    given: object = record
    for step in path:
        given = given.get(step) if isinstance(given, dict) else None
    if not isinstance(given, Record):
        return
    if valid is not None:
        faults += find_unknown(given.keys_at, valid, f"unknown name '{{}}' in {path[-1]}")
    for name in due:
        if name not in given:
            faults.append(record.locate(path).fault(f"'{name}' is missing in {path[-1]}", code="missing"))


def _check_targets(
    calibration: Calibration | PlanPrior, record: Record, plan: Plan, faults: list[Fault], surplus: bool
) -> None:
    """Deliveries and milestones of the plan need their numbers."""
    if plan.deliveries and calibration.deliveries is None:
        faults.append(record.place.fault("key 'deliveries' is missing", "the plan has deliveries", code="missing"))
    if plan.milestones and calibration.milestones is None:
        faults.append(record.place.fault("key 'milestones' is missing", "the plan has milestones", code="missing"))
    for part, targets in (("deliveries", plan.deliveries), ("milestones", plan.milestones)):
        numbers: Any = getattr(calibration, part)
        if numbers is None or not targets:
            continue
        classes = list(dict.fromkeys(numbers.find_class(target) for target in targets))
        _check_names(record, (part, "classes"), classes, [*dict.fromkeys([*classes, *numbers.classes])], faults)
        _check_names(record, (part, "targets"), [], None if surplus else [target.id for target in targets], faults)
    if calibration.deliveries is not None:
        _check_courses(calibration.deliveries, record, plan, faults, surplus)


def _check_courses(numbers: DeliveryNumbers, record: Record, plan: Plan, faults: list[Fault], surplus: bool) -> None:
    """Every season of a target needs its course, with a share for each quarter; levels are of targets."""
    seasons = list(dict.fromkeys(target.season for target in plan.deliveries))
    _check_names(record, ("deliveries", "courses"), seasons, [*dict.fromkeys([*seasons, *numbers.courses])], faults)
    levels = None if surplus else [target.id for target in plan.deliveries]
    _check_names(record, ("deliveries", "levels"), [], levels, faults)
    for name, course in numbers.courses.items():
        for key, listed in (("shares", course.shares), ("timing", course.timing)):
            if len(listed) != len(plan.quarter_names) and (key == "shares" or listed):
                at = record.locate(("deliveries", "courses", name, key))
                problem = f"{len(listed)} {key} for a year of {len(plan.quarter_names)} quarters"
                faults.append(at.fault(problem, "one for each quarter"))


def find_plan_prior(plan: Plan) -> Path:
    """Find the plan's own `prior.yaml`, or the shipped one where it has none.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    Path
    """
    own = plan.folder / "prior.yaml"
    return own if own.is_file() else find_plan(DEFAULT_PLAN) / "prior.yaml"
