"""The model: a plan and its calibration, ready to be simulated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sim.calibration import Calibration, read_calibration
from sim.delivery import DeliveryLaw, MilestoneLaw, build_delivery_law, build_milestone_law
from sim.errors import Fault, InputError
from sim.macro import Law, build_law
from sim.plan import Plan
from sim.reduced import Reduced, reduce_law

__all__ = ["Model", "build_model", "calibrate"]


@dataclass(frozen=True)
class Model:
    """A plan with the numbers of its calibration and the laws they make.

    Attributes
    ----------
    plan : Plan
    calibration : Calibration
    law : Law
    delivery_law : DeliveryLaw
    milestone_law : MilestoneLaw
    files : tuple of Path
        Every file that the model was made of.
    """

    plan: Plan
    calibration: Calibration
    law: Law
    delivery_law: DeliveryLaw
    milestone_law: MilestoneLaw
    files: tuple[Path, ...]

    @cached_property
    def reduced(self) -> Reduced:
        """The reduced form of the law."""
        return reduce_law(self.law)

    def __repr__(self) -> str:
        return f"<Model of {self.plan.name}: {len(self.plan.indicators)} indicators>"

    def _repr_html_(self) -> str:
        from sim.show import show_model

        return show_model(self)


def calibrate(plan: Plan, path: str | Path | None = None, refit: bool = False) -> Model:
    """The model of a plan.

    Parameters
    ----------
    plan : Plan
    path : str or Path, optional
        A calibration file; None means `calibration.yaml` in the plan's folder. With `refit`, a file of the numbers
        that are not fitted; None means `prior.yaml`.
    refit : bool
        Fit the numbers to the plan's history and outlook as they are now, instead of reading them from a file.

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
    if refit:
        from sim.annual import PANEL_FILE
        from sim.calibrating import find_plan_prior, fit_calibration

        prior = find_plan_prior(plan) if path is None else Path(path)
        return build_model(plan, fit_calibration(plan, prior), (*plan.files, prior, PANEL_FILE))
    own = plan.folder / "calibration.yaml"
    if path is None and not own.exists():
        mend = f"`sim calibrate --plan {plan.folder} --out {own}` writes it"
        raise InputError([Fault(str(own), 0, 0, "no such file", mend)])
    path = own if path is None else Path(path)
    calibration = read_calibration(path, plan)
    return build_model(plan, calibration, (*plan.files, path))


def build_model(plan: Plan, calibration: Calibration, files: tuple[Path, ...] = ()) -> Model:
    """The model of a plan under given numbers."""
    return Model(
        plan,
        calibration,
        build_law(plan, calibration),
        build_delivery_law(plan.targets, calibration.deliveries),
        build_milestone_law(plan.targets, calibration.milestones, plan.quarter_names),
        files,
    )
