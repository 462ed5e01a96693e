"""The design of a sweep: a file that names numbers and the values they take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import Discriminator, Field, Tag, model_validator

from sim.analysis.sweep.settings import Setting, list_numbers, question_values, set_numbers
from sim.engine.streams import draw_latin
from sim.errors import Fault, InputError, blame, blame_kind, find_unknown
from sim.inputs.calibration import Calibration
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import Checked, check_record, refuse
from sim.inputs.files.values import lay_out
from sim.inputs.files.yaml_files import read_yaml
from sim.inputs.plan.plan import Plan
from sim.inputs.provenance import check_provenance
from sim.inputs.scenario.building import Given, take_scenario
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model

__all__ = ["MOST_CASES", "Range", "Sweep", "SweepFile", "count_settings", "list_settings", "read_sweep", "read_sweeps"]

MOST_CASES = 100_000


Design = str | Path | Mapping[str, object]


_SHOWN_FAULTS = 20


_FEW_CASES, _MOST_CORNERS = 100, 256
"""Cases that are checked one by one, and corners that are checked in place of more cases."""


class Range(Checked):
    """Values from one end to the other; `steps` of them, evenly apart, in a grid or list."""

    low: float
    high: float
    steps: Annotated[int, Field(ge=2, le=MOST_CASES)] | None = None

    def list_values(self) -> list[float]:
        """List the steps."""
        assert self.steps is not None
        return [self.low + (self.high - self.low) * step / (self.steps - 1) for step in range(self.steps)]


def _tell_form(given: object) -> str:
    return "range" if isinstance(given, dict | Range) else "values"


Listed = Annotated[list[float | str], Field(min_length=1), Tag("values")]


Values = Annotated[Listed | Annotated[Range, Tag("range")], Discriminator(_tell_form)]


class SweepFile(Checked):
    """A sweep as it stands in its file.

    Attributes
    ----------
    scenario : str
        A shipped name, a file, or several joined by `+`.
    design : str
        `grid`: every combination; `list`: the first values together, the second together, ...; `latin_hypercube`:
        `cases` settings that between them have every range covered evenly.
    cases, seed : int, optional
        Of a Latin hypercube.
    vary : dict of str to Values
        By the number's path, such as `shocks.export_slump.probability`.
    """

    schema_version: Literal[1]
    scenario: str
    design: Literal["grid", "list", "latin_hypercube"]
    cases: Annotated[int, Field(ge=2, le=MOST_CASES)] | None = None
    seed: Annotated[int, Field(ge=0)] = 2024
    vary: Annotated[dict[str, Values], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_design(self) -> SweepFile:
        ranges = [values for values in self.vary.values() if isinstance(values, Range)]
        if self.design == "latin_hypercube":
            if self.cases is None:
                raise refuse("a latin_hypercube needs cases", "write cases: 100")
            if len(ranges) < len(self.vary):
                raise refuse("a latin_hypercube draws from ranges", "write {low: 0, high: 1} for every number")
            return self
        if self.cases is not None:
            raise refuse(f"cases are given to a {self.design}", "they are for a latin_hypercube")
        if any(each.steps is None for each in ranges):
            raise refuse("a range without steps", "write {low: 0, high: 1, steps: 11}")
        lengths = {len(_list_values(values)) for values in self.vary.values()}
        if self.design == "list" and len(lengths) > 1:
            raise refuse(f"lists of different lengths: {', '.join(map(str, sorted(lengths)))}", "make them equal")
        return self


def _list_values(values: list[float | str] | Range) -> list[float | str]:
    return [*values.list_values()] if isinstance(values, Range) else values


@dataclass(frozen=True)
class Sweep:
    """A sweep ready to be run.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    settings : tuple of mapping of str to float or str
        One a case: the values of the varied numbers.
    path : Path or None
        The file; None where it was given in code.
    warnings : tuple of Fault
        Values that look like something else than growth in %.
    """

    model: Model
    scenario: Scenario
    settings: tuple[Setting, ...]
    path: Path | None
    warnings: tuple[Fault, ...] = ()


def count_settings(sweep: SweepFile) -> int:
    """Count the cases of a sweep, without listing them.

    Examples
    --------
    >>> file = {"schema_version": 1, "scenario": "baseline", "design": "grid", "vary": {"a": [1, 2], "b": [1, 2, 3]}}
    >>> count_settings(SweepFile.model_validate(file))
    6
    """
    if sweep.cases is not None:
        return sweep.cases
    lengths = [values.steps or 0 if isinstance(values, Range) else len(values) for values in sweep.vary.values()]
    return prod(lengths) if sweep.design == "grid" else lengths[0]


def list_settings(sweep: SweepFile) -> list[Setting]:
    """List the settings of a sweep's cases, in order.

    Examples
    --------
    >>> file = {"schema_version": 1, "scenario": "baseline", "design": "grid", "vary": {"a": [1, 2], "b": ["Q1", "Q2"]}}
    >>> list_settings(SweepFile.model_validate(file))[1]
    {'a': 1.0, 'b': 'Q2'}
    """
    names = list(sweep.vary)
    if sweep.design == "latin_hypercube":
        assert sweep.cases is not None
        columns = [_spread(values, sweep.cases, sweep.seed, name) for name, values in sweep.vary.items()]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    lists = [_list_values(values) for values in sweep.vary.values()]
    rows = product(*lists) if sweep.design == "grid" else zip(*lists, strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _spread(values: list[float | str] | Range, cases: int, seed: int, name: str) -> list[float]:
    """Draw one value in each of so many equal parts of a range, in random order."""
    assert isinstance(values, Range)
    places = draw_latin(seed, name, cases)
    return [values.low + (values.high - values.low) * float(place) for place in places]


def read_sweep(design: Design, model: Model) -> Sweep:
    """Read a sweep.

    Parameters
    ----------
    design : str, Path or mapping
        A YAML file, or what one may hold; the scenario of a mapping may be a `Scenario`, and its version left out.
    model : Model

    Returns
    -------
    Sweep

    Raises
    ------
    InputError
        With every fault: of the file, of the scenario, and of every case that cannot be.
    """
    return _hold_file(*_read_file(design), model)


def read_sweeps(design: Design, models: Sequence[Model]) -> tuple[Sweep, ...]:
    """Read one sweep over several plans: the same cases over each.

    Parameters
    ----------
    design : str, Path or mapping
        As for `read_sweep`.
    models : sequence of Model
        Of plans that have names of their own.

    Returns
    -------
    tuple of Sweep
        In the order of the models.

    Raises
    ------
    InputError
        With every fault; one that some plans have and others do not says which.
    """
    repeated = [name for name, count in Counter(model.plan.name for model in models).items() if count > 1]
    if repeated or not models:
        mend = "give each plan.csv another name" if repeated else "write one or more"
        raise InputError([blame("plan", f"several are named '{name}'", mend) for name in repeated] or [_NONE])
    path, record, file, chosen = _read_file(design)
    sweeps, names_by_fault = list[Sweep](), dict[Fault, list[str]]()
    for model in models:
        try:
            sweeps.append(_hold_file(path, record, file, chosen, model))
        except InputError as error:
            for fault in error.faults:
                names_by_fault.setdefault(fault, []).append(model.plan.name)
    if names_by_fault:
        raise InputError(_name_plans(fault, names, len(models)) for fault, names in names_by_fault.items())
    if (cases := len(models) * count_settings(file)) > MOST_CASES:
        raise InputError([blame("plan", f"{cases:,} cases over all plans", f"allowed: up to {MOST_CASES:,}")])
    return tuple(sweeps)


_NONE = blame("plan", "none is given", "write one or more")


def _name_plans(fault: Fault, names: Sequence[str], of: int) -> Fault:
    """Say which plans have a fault, unless all do."""
    if len(names) == of:
        return fault
    held = f"plan {names[0]}" if len(names) == 1 else f"{len(names)} of {of} plans, such as {names[0]}"
    return fault.found_in(held)


def _read_file(design: Design) -> tuple[Path | None, Record, SweepFile, Given]:
    """Read the design, before any plan is looked at: its file, its record, what it says and its scenario."""
    chosen: Given | None = None
    if isinstance(design, str | Path):
        record, faults = read_yaml(Path(design))
    elif isinstance(design, Mapping):
        if isinstance(design.get("scenario"), Scenario):
            chosen = cast("Scenario", design["scenario"])
            design = {**design, "scenario": chosen.name}
        record, faults = lay_out({"schema_version": 1, **design}, "sweep"), []
    else:
        raise InputError([blame_kind("design", design, "a design", "write a file, or what one may hold")])
    file = check_record(SweepFile, record, faults)
    if file is None or faults:
        raise InputError(faults)
    return Path(design) if isinstance(design, str | Path) else None, record, file, chosen or file.scenario


def _hold_file(path: Path | None, record: Record, file: SweepFile, chosen: Given, model: Model) -> Sweep:
    """Hold a design against a plan: its scenario, its numbers and every case."""
    faults: list[Fault] = []
    scenario = take_scenario(chosen, model.plan)
    valid = list_numbers(model, scenario)
    at = record.get("vary")
    if isinstance(at, Record):
        for name in file.vary:
            faults += find_unknown({name: at.keys_at[name]}, valid, "no number '{}'", _hint(name, valid))
    cases = count_settings(file)
    if cases > MOST_CASES:
        faults.append(record.locate(("vary",)).fault(f"{cases:,} cases", f"allowed: up to {MOST_CASES:,}"))
    settings = [] if faults else list_settings(file)
    impossible: dict[tuple[str, float | str], Fault] = {}
    for setting in () if _are_corners_sound(file, model, scenario, settings) else settings:
        for name, problem in set_numbers(model, scenario, setting, _compare)[2].items():
            at_value = record.locate(("vary", name))
            impossible.setdefault((name, setting[name]), at_value.fault(f"{setting[name]} cannot be: {problem}"))
        if len(impossible) == _SHOWN_FAULTS:
            break
    faults += impossible.values()
    if faults:
        raise InputError(faults)
    odd: list[Fault] = []
    for name, values in file.vary.items():
        listed = [values.low, values.high] if isinstance(values, Range) else values
        odd += question_values(model, name, listed, record.locate(("vary", name)))
    return Sweep(model, scenario, tuple(settings), path, tuple(odd))


def _compare(calibration: Calibration, plan: Plan) -> tuple[Calibration, tuple[Fault, ...]]:
    """Compare without a fit: refuse a calibration that could not be fitted anew."""
    return calibration, check_provenance(calibration.made_from, plan, calibration)


def _are_corners_sound(file: SweepFile, model: Model, scenario: Scenario, settings: Sequence[Setting]) -> bool:
    """Whether the lowest and highest values of all numbers can be together, and thus all between them.

    What is allowed of numbers is bounded from below and above, alone and in sums and products, so that no case fails
    where no corner does; a list of cases need not hold its corners.
    """
    if file.design == "list" or len(settings) < _FEW_CASES:
        return False
    ends: dict[str, list[float | str]] = {}
    for name in file.vary:
        values = {setting[name] for setting in settings}
        numbers = [value for value in values if not isinstance(value, str)]
        ends[name] = [*(value for value in values if isinstance(value, str)), *_find_ends(numbers)]
    if prod(map(len, ends.values())) > _MOST_CORNERS:
        return False
    corners = (dict(zip(ends, values, strict=True)) for values in product(*ends.values()))
    return not any(set_numbers(model, scenario, corner, _compare)[2] for corner in corners)


def _find_ends(numbers: Sequence[float]) -> list[float]:
    return [min(numbers), max(numbers)] if numbers else []


def _hint(name: str, valid: list[str]) -> str:
    """List what stands one level below the longest part of a path that is right."""
    parts = name.split(".")
    for length in range(len(parts), -1, -1):
        stem = ".".join(parts[:length])
        below = [each for each in valid if not stem or each == stem or each.startswith(f"{stem}.")]
        if below:
            return "allowed: " + ", ".join(dict.fromkeys(".".join(each.split(".")[: length + 1]) for each in below))
    return ""
