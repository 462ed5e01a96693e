"""The model: a plan and its calibration, ready to be simulated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import Fault, InputError
from sim.html import tabulate
from sim.inputs.calibration import Calibration, read_calibration
from sim.inputs.plan.plan import Plan
from sim.model.deliveries import DeliveryLaw, build_delivery_law
from sim.model.growth import Law, build_law
from sim.model.milestones import MilestoneLaw, build_milestone_law
from sim.model.reduced_form import Reduced, reduce_law
from sim.model.thresholds import Thresholds, place_thresholds

if TYPE_CHECKING:
    from sim.inputs.plan.plan import Plan

__all__ = ["Model", "build_model", "load_model", "show_model"]


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

    @cached_property
    def thresholds(self) -> Thresholds:
        """What the growth targets ask of which figure, in every reading."""
        return place_thresholds(self.plan, self.reduced)

    def __repr__(self) -> str:
        return f"<Model of {self.plan.name}: {len(self.plan.indicators)} indicators>"

    def _repr_html_(self) -> str:

        return show_model(self)


def load_model(plan: Plan, path: str | Path | None = None) -> Model:
    """Load the model of a plan: the plan with the numbers of a calibration file.

    Parameters
    ----------
    plan : Plan
    path : str or Path, optional
        A calibration file; None means `calibration.yaml` in the plan's folder.

    Returns
    -------
    Model

    Raises
    ------
    InputError
        If there is no calibration file, or it is faulty.

    See Also
    --------
    sim.fit_calibration : Fits the numbers to the plan's history.
    build_model : Takes a calibration in place of a file.

    Examples
    --------
    >>> import sim
    >>> sim.load_model(sim.read_plan("qingdao-2024"))
    <Model of qingdao-2024: 6 indicators>
    """
    own = plan.folder / "calibration.yaml"
    if path is None and not own.exists():
        mend = f"`sim calibrate --plan {plan.folder} --out {own}` writes it"
        raise InputError([Fault(str(own), 0, 0, "no such file", mend, code="no_file")])
    path = own if path is None else Path(path)
    calibration = read_calibration(path, plan)
    return build_model(plan, calibration, (*plan.files, path))


def build_model(plan: Plan, calibration: Calibration, files: tuple[Path, ...] = ()) -> Model:
    """Build the model of a plan under given numbers.

    Parameters
    ----------
    plan : Plan
    calibration : Calibration
        Covers the indicators, deliveries and milestones of the plan.
    files : tuple of Path, optional
        Files that plan and calibration were read from, for the record of a run.

    Returns
    -------
    Model

    See Also
    --------
    load_model : Reads the calibration from a file.
    """
    return Model(
        plan,
        calibration,
        build_law(plan, calibration),
        build_delivery_law(plan.deliveries, calibration.deliveries),
        build_milestone_law(plan.milestones, calibration.milestones, plan.quarter_names),
        files,
    )


def show_model(model: Model) -> str:
    """Show the calibrated numbers of each indicator, each with its uncertainty.

    Parameters
    ----------
    model : Model

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> import sim
    >>> show_model(sim.load_model(sim.read_plan("qingdao-2024")))[:42]
    '<p>Model of <b>qingdao-2024</b>; ± is one '
    """
    rows = []
    for indicator in model.plan.indicators:
        numbers = model.calibration.indicators[indicator.id]
        shown = (numbers.centre, numbers.trend_sd, numbers.innovation_sd, numbers.persistence)
        rows.append((indicator.name_en, indicator.name_zh, *(f"{each.value:g} ± {each.sd:g}" for each in shown)))
    heads = ["indicator", "指标", "centre, %", "trend, s.d., pp", "news, s.d., pp", "persistence"]
    title = f"<p>Model of <b>{escape(model.plan.name)}</b>; ± is one standard deviation of what is known</p>"
    return title + tabulate(heads, rows)
