"""The model: a plan and its calibration, ready to be simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path

from sim._typing import Floats
from sim.errors import Fault, InputError, blame
from sim.html import tabulate
from sim.inputs.calibration import Calibration
from sim.inputs.evidence import grade_targets
from sim.inputs.plan.plan import Plan
from sim.model.calibrated_deliveries import build_delivery_law
from sim.model.deliveries import DeliveryLaw
from sim.model.growth import Law, build_law
from sim.model.milestones import MilestoneLaw, build_milestone_law
from sim.model.opinions import Opinion, move_trends
from sim.model.reduced_form import Reduced, reduce_law
from sim.model.thresholds import Thresholds, place_thresholds
from sim.model.values import Values, list_uncertain, move_values, take_samples, take_values

__all__ = ["Model", "build_model", "check_laws", "keep_growth", "show_model"]


@dataclass(frozen=True, kw_only=True, eq=False)
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
    built_of : tuple of Plan and Calibration, optional
        What the laws were built of; where plan or calibration have been replaced since, a run builds them anew. None
        means that the laws were given by hand and stay as they are.
    warnings : tuple of Fault
        What had moved since the calibration was written, so that it was fitted anew in memory; and what is lent.
    opinions : tuple of Opinion
        Of centres, by which the laws are moved, and those of any other calibration too.
    given : str or None
        The calibration file by which it was read, empty for the plan's own; None where the calibration came from code.
    """

    plan: Plan
    calibration: Calibration
    law: Law
    delivery_law: DeliveryLaw
    milestone_law: MilestoneLaw
    files: tuple[Path, ...]
    built_of: tuple[Plan, Calibration] | None = field(default=None, repr=False, compare=False)
    warnings: tuple[Fault, ...] = field(default=(), repr=False, compare=False)
    opinions: tuple[Opinion, ...] = field(default=(), repr=False)
    given: str | None = field(default=None, init=False, repr=False, compare=False)

    @cached_property
    def reduced(self) -> Reduced:
        """The reduced form of the law."""
        return reduce_law(self.law)

    @cached_property
    def thresholds(self) -> Thresholds:
        """What the growth targets ask of which figure, in every reading."""
        return place_thresholds(self.plan, self.reduced)

    @cached_property
    def grades(self) -> dict[str, str]:
        """What the odds of each target rest on: one of `sim.inputs.evidence.GRADES`."""
        return grade_targets(self.plan, self.calibration)

    @cached_property
    def uncertain(self) -> tuple[str, ...]:
        """Places of the calibration's numbers that are not quite known; none where laws were given by hand."""
        return () if self.built_of is None else list_uncertain(self.calibration)

    def move(self, normals: Values) -> Model:
        """Move the calibration's numbers: the laws of many calibrations at once.

        Parameters
        ----------
        normals : mapping of str to array, shape (sample,)
            Standard normals by place; a number that is not named keeps its value.

        Returns
        -------
        Model
            Its laws' arrays have one axis more, a calibration a sample.
        """
        if not self.uncertain:
            return self
        moved = build_model(self.plan, self.calibration, self.files, move_values(self.calibration, normals))
        return moved.hold(self.opinions)

    def hold(self, opinions: tuple[Opinion, ...]) -> Model:
        """Condition the laws on opinions of centres.

        Parameters
        ----------
        opinions : tuple of Opinion
            As `place_opinions` gives them.

        Returns
        -------
        Model
            Itself where there are none.
        """
        if not opinions:
            return self
        law, deliveries, milestones = move_trends(self.law, self.delivery_law, self.milestone_law, opinions)
        return replace(self, law=law, delivery_law=deliveries, milestone_law=milestones, opinions=opinions)

    def take_samples(self, take: Callable[[Floats], Floats]) -> Model:
        """Take the laws of some of many calibrations.

        Parameters
        ----------
        take : callable
            From an array to some of what stands along its last axis.

        Returns
        -------
        Model
        """
        return replace(
            self,
            law=take_samples(self.law, take),
            delivery_law=take_samples(self.delivery_law, take),
            milestone_law=take_samples(self.milestone_law, take),
        )

    def __repr__(self) -> str:
        return f"<Model of {self.plan.name}: {len(self.plan.indicators)} indicators>"

    def _repr_html_(self) -> str:

        return show_model(self)


def check_laws(model: Model) -> None:
    """Refuse laws given by hand that know other quarters, indicators or targets than the plan.

    Parameters
    ----------
    model : Model

    Raises
    ------
    InputError
    """
    plan = model.plan
    size = len(plan.quarter_names), len(plan.indicators)
    targets = {*model.delivery_law.ids, *model.milestone_law.ids}
    lacking = [each.id for each in (*plan.deliveries, *plan.milestones) if each.id not in targets]
    if model.law.path.shape == size and not lacking:
        return
    problem = f"its laws are of another plan than '{plan.name}'" + f": no {', '.join(lacking)}" * bool(lacking)
    raise InputError([blame("model", problem, "build it with load_model(plan, calibration)")])


def build_model(
    plan: Plan,
    calibration: Calibration,
    files: tuple[Path, ...] = (),
    values: Values | None = None,
    warnings: tuple[Fault, ...] = (),
) -> Model:
    """Build the model of a plan under given numbers.

    Parameters
    ----------
    plan : Plan
    calibration : Calibration
        Covers the indicators, deliveries and milestones of the plan.
    files : tuple of Path, optional
        Files that plan and calibration were read from, for the record of a run.
    values : mapping of str to array, optional
        Of the calibration's numbers, in place of what it states; with shape (sample,), so have the laws' arrays.
    warnings : tuple of Fault, optional
        Kept in the model.

    Returns
    -------
    Model

    See Also
    --------
    sim.load_model : Reads the calibration from a file, or fits it anew where its tables have changed.
    """
    values = take_values(calibration) if values is None else values
    return Model(
        plan=plan,
        calibration=calibration,
        law=build_law(plan, calibration, values),
        delivery_law=build_delivery_law(plan.deliveries, calibration, values),
        milestone_law=build_milestone_law(plan.milestones, calibration, values, plan.quarter_names),
        files=files,
        built_of=(plan, calibration),
        warnings=warnings,
    )


def keep_growth(model: Model) -> Model:
    """Leave deliveries and milestones out of a model: growth is then all that is drawn and simulated.

    Parameters
    ----------
    model : Model

    Returns
    -------
    Model
        With the growth targets alone.
    """
    plan = replace(model.plan, targets=model.plan.growth)
    calibration = model.calibration.model_copy(update={"deliveries": None, "milestones": None})
    values = take_values(calibration)
    return replace(
        model,
        plan=plan,
        calibration=calibration,
        delivery_law=build_delivery_law((), calibration, values),
        milestone_law=build_milestone_law((), calibration, values, plan.quarter_names),
        built_of=None if model.built_of is None else (plan, calibration),
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
