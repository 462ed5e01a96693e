"""What a target's odds rest on: its own record, that of its class, one figure, or an assumption alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sim.errors import Fault, InputError, Place, find_unknown
from sim.inputs.calibration import Calibration
from sim.inputs.delivery_numbers import Chance
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import Name, Text, refuse
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Composite, Delivery, Growth, Judged
from sim.inputs.record_rows import TableRow
from sim.inputs.records import check_rows, read_classes

__all__ = ["GRADES", "TargetEvidence", "grade_targets", "read_evidence"]

GRADES: Mapping[str, str] = {
    "own_record": "record of its own",
    "class_record": "record of its class",
    "one_figure": "one figure",
    "assumption": "assumption only",
}
"""What odds rest on, best first; a target has the best grade that it can."""

Whole = Annotated[int, Field(ge=0)]


class TargetEvidence(TableRow):
    """One row of `evidence.csv`: what the odds of a target rest on.

    Attributes
    ----------
    target : str
    class_id : str, optional
        Class of promises; none for growth and for what no class is a guide to.
    own_reached, own_n : int
        Earlier promises of the same thing kept, and all of them.
    grade : str
        One of `GRADES`.
    own_items : str
        Items of the record tables that these were, separated by semicolons.
    note : str
    """

    marks = ("own_n", "grade")
    target: Name
    class_id: Name | None = None
    own_reached: Whole
    own_n: Whole
    grade: Literal["own_record", "class_record", "one_figure", "assumption"]
    own_items: str = ""
    note: Text

    @model_validator(mode="after")
    def _check_own(self) -> TargetEvidence:
        if self.own_reached > self.own_n:
            raise refuse(f"{self.own_reached} of {self.own_n} promises were kept", "at most all of them")
        if (self.grade == "own_record") != (self.own_n > 0):
            raise refuse(f"grade '{self.grade}' with {self.own_n} promises of its own", "own_record needs at least one")
        return self

    @property
    def key(self) -> tuple[object, ...]:
        """What no two rows of a table share."""
        return (self.target,)

    @property
    def items(self) -> tuple[str, ...]:
        """Items of the record tables that are its own."""
        return tuple(item.strip() for item in self.own_items.split(";") if item.strip())


def read_evidence(plan: Plan) -> dict[str, TargetEvidence]:
    """Read what the odds of a plan's targets rest on.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict of str to TargetEvidence
        By target; empty where the plan's folder holds no `evidence.csv`.

    Raises
    ------
    InputError
        With every fault: also where a target that has odds is not told of.

    Examples
    --------
    >>> import sim
    >>> evidence = read_evidence(sim.read_plan("qingdao-2024"))
    >>> evidence["urban_jobs"].grade, evidence["storage_capacity"].grade
    ('own_record', 'assumption')
    """
    path = plan.folder / "evidence.csv"
    if not path.is_file():
        return {}
    rows = check_rows(path, TargetEvidence)
    classes, targets = list(read_classes()), [target.id for target in plan.judged]
    faults: list[Fault] = []
    for row, record in rows:
        faults += find_unknown({row.target: record.values_at["target"]}, targets, "no target '{}' with odds")
        if row.class_id is not None:
            faults += find_unknown({row.class_id: record.values_at["class_id"]}, classes, "unknown class '{}'")
        faults += _compare_classes(row, record, plan)
    told = {row.target: row for row, _ in rows}
    for target in targets:
        if target not in told:
            faults.append(Place(str(path)).fault(f"nothing is said of target '{target}'", "write a row for it"))
    if faults:
        raise InputError(faults)
    return told


def _compare_classes(row: TargetEvidence, record: Record, plan: Plan) -> Iterator[Fault]:
    """Refuse a class that is not the one which gives the target its odds: one fact for both tables."""
    for target in plan.judged:
        named = getattr(target, "reference_class", None)
        if target.id == row.target and named is not None and row.class_id not in (None, named):
            problem = f"class '{row.class_id}' of {row.target}, whose odds are those of '{named}' (targets.csv)"
            yield record.values_at["class_id"].fault(problem, "one fact: write the same class in both")


def grade_targets(plan: Plan, calibration: Calibration) -> dict[str, str]:
    """Grade what the odds of each target rest on.

    Parameters
    ----------
    plan : Plan
        What its folder's `evidence.csv` says goes before what its calibration tells.
    calibration : Calibration

    Returns
    -------
    dict of str to str
        One of `GRADES` by target; a composite has the worst grade of its members.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model(sim.read_plan("china-2024"))
    >>> grade_targets(model.plan, model.calibration)["grain"]
    'own_record'
    """
    path = plan.folder / "evidence.csv"
    told = {row.target: row.grade for row, _ in check_rows(path, TargetEvidence)} if path.is_file() else {}
    grades: dict[str, str] = {}
    order = list(GRADES)
    for target in sorted(plan.judged, key=lambda each: isinstance(each, Composite)):
        if target.id in told:
            grades[target.id] = told[target.id]
        elif isinstance(target, Composite):
            grades[target.id] = max((grades[member] for member in target.members), key=order.index)
        else:
            grades[target.id] = _grade(target, calibration)
    return grades


def _grade(target: Judged, calibration: Calibration) -> str:
    """Grade by what the calibration was fitted to: own record, class or panel, one figure, nothing."""
    if isinstance(target, Growth):
        if target.indicator not in calibration.indicators:
            return "assumption"  # a law given by hand
        centre = calibration.indicators[target.indicator].centre
        if centre.own is not None:
            return "own_record"
        return (
            "class_record" if centre.panel is not None else "assumption" if centre.basis == "assumed" else "one_figure"
        )
    numbers = calibration.deliveries if isinstance(target, Delivery) else calibration.milestones
    if numbers is None or isinstance(target, Composite):
        return "assumption"
    own: Chance | None = numbers.targets[target.id].reach if target.id in numbers.targets else None
    if own is not None and own.n:
        return "own_record"
    name = numbers.find_class(target)  # type: ignore[arg-type]
    if name not in numbers.classes:
        return "assumption"
    kept = numbers.classes[name].reach
    if isinstance(target, Delivery) and target.is_programme:
        share = calibration.deliveries.programmes.share if calibration.deliveries is not None else None
        return "class_record" if share is not None and share.is_fitted else "assumption"
    if kept.n:
        return "class_record"
    levels = calibration.deliveries.levels if calibration.deliveries is not None else {}
    return "one_figure" if target.id in levels else "assumption"
