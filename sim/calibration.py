"""The calibration: the numbers of the model, each with its uncertainty and source, in a file to read and override."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from sim.door.documents import read_yaml
from sim.door.validation import Checked, Name, Text, check_record
from sim.errors import Fault, InputError, find_nearest
from sim.plan import Plan

__all__ = ["Calibration", "IndicatorNumbers", "Number", "read_calibration"]


class Number(Checked):
    """A number of the model.

    Attributes
    ----------
    value : float
        What the model uses.
    sd : float
        Standard deviation of what is not known about it.
    unit : str
        `pp` (percentage points), `pp/pp`, `share`, or `1`.
    source : str
        What it was fitted on, or who is cited, or the word "assumption" with the reason.
    """

    value: float
    sd: Annotated[float, Field(ge=0)]
    unit: Literal["pp", "pp/pp", "share", "1"]
    source: Text


class _Positive(Number):
    value: Annotated[float, Field(ge=0)]


class _Fraction(Number):
    value: Annotated[float, Field(ge=0, le=1)]


class _Loading(Number):
    value: Annotated[float, Field(ge=-1, le=1)]


class _Persistence(Number):
    value: Annotated[float, Field(gt=-1, lt=1)]


class _Tails(Number):
    value: Annotated[float, Field(gt=2)]


class IndicatorNumbers(Checked):
    """The numbers of one indicator.

    Attributes
    ----------
    outlook_response : Number
        Points of growth per point by which the country's growth is expected to change.
    lean : Number
        Weight of the announced target in the centre; the rest is the outside view.
    trend_sd, trend_common : Number
        Uncertainty of the ordinary-year path, percentage points, and its correlation with what is common to all.
    innovation_sd, innovation_common : Number
        Standard deviation of a quarter's news, percentage points, and its correlation with the common factor.
    persistence : Number
        Share of a quarter's deviation that is left a quarter later.
    """

    outlook_response: Number
    lean: _Fraction
    trend_sd: _Positive
    trend_common: _Loading
    innovation_sd: _Positive
    innovation_common: _Loading
    persistence: _Persistence


class _Spillover(Number):
    """How much of one indicator's deviation moves another a quarter later."""

    origin: Name
    reaches: Name


class Calibration(Checked):
    """All numbers of the model.

    Attributes
    ----------
    degrees_of_freedom : Number
        Of the heavy-tail scale that the indicators share within a quarter (Student t); more than 2.
    outlook_shift_sd : Number
        Spread of the change that an outlook would announce, percentage points; widens a plan without outlook.
    indicators : dict of str to IndicatorNumbers
        By indicator.
    spillovers : list, optional
        Entries of the law of motion off its diagonal.
    """

    schema_version: Literal[1]
    degrees_of_freedom: _Tails
    outlook_shift_sd: _Positive
    indicators: dict[Name, IndicatorNumbers]
    spillovers: list[_Spillover] = Field(default_factory=list)


def read_calibration(path: str | Path, plan: Plan) -> Calibration:
    """Read a calibration file.

    Parameters
    ----------
    path : str or Path
        A YAML file.
    plan : Plan
        The plan whose indicators it must cover.

    Raises
    ------
    InputError
        With every fault: file, line, column, what is wrong, what is allowed.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> read_calibration(plan.folder / "calibration.yaml", plan).degrees_of_freedom.unit
    '1'
    """
    record = read_yaml(Path(path))
    faults: list[Fault] = []
    calibration = check_record(Calibration, record, faults)
    names = [indicator.id for indicator in plan.indicators]
    given = record.get("indicators")
    if isinstance(given, dict):
        for name in given:
            if name not in names:
                at = record.locate(("indicators", name))
                allowed = "allowed: " + ", ".join(names)
                faults.append(at.fault(f"unknown indicator '{name}'", allowed, find_nearest(name, names)))
        for name in names:
            if name not in given:
                faults.append(record.locate(("indicators",)).fault(f"indicator '{name}' is missing"))
    if calibration is not None:
        for number, spillover in enumerate(calibration.spillovers):
            for end in (spillover.origin, spillover.reaches):
                if end not in names:
                    at = record.locate(("spillovers", number))
                    faults.append(at.fault(f"unknown indicator '{end}'", "", find_nearest(end, names)))
    if faults or calibration is None:
        raise InputError(faults)
    return calibration
