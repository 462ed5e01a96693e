"""The model: a plan and its calibration, ready to be simulated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.calibration import Calibration, read_calibration
from sim.macro import Law, build_law
from sim.plan import Plan

__all__ = ["Model", "calibrate"]


@dataclass(frozen=True)
class Model:
    """A plan with the numbers of its calibration and the law of motion they make.

    Attributes
    ----------
    plan : Plan
    calibration : Calibration
    law : Law
    files : tuple of Path
        Every file that the model was made of.
    """

    plan: Plan
    calibration: Calibration
    law: Law
    files: tuple[Path, ...]

    def __repr__(self) -> str:
        return f"<Model of {self.plan.name}: {len(self.plan.indicators)} indicators>"


def calibrate(plan: Plan, path: str | Path | None = None) -> Model:
    """The model of a plan.

    Parameters
    ----------
    plan : Plan
    path : str or Path, optional
        A calibration file; None means `calibration.yaml` in the plan's folder.

    Raises
    ------
    InputError
        If the calibration file is faulty.

    Examples
    --------
    >>> import sim
    >>> sim.calibrate(sim.read_plan("qingdao-2024"))
    <Model of qingdao-2024: 6 indicators>
    """
    path = plan.folder / "calibration.yaml" if path is None else Path(path)
    calibration = read_calibration(path, plan)
    return Model(plan, calibration, build_law(plan, calibration), (*plan.files, path))
