"""Models as they are loaded: a plan with numbers that were made from it, fitted anew in memory where it has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shlex import quote

import numpy as np

from sim.errors import Fault, InputError, blame_kind
from sim.inputs.calibration import Calibration, check_calibration, compare_calibration
from sim.inputs.lent import find_lent
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import check_plan_rows, take_plan
from sim.inputs.provenance import MadeFrom, check_provenance, find_learned
from sim.learning.kind_laws import measure_news
from sim.model.model import Model, build_model, check_laws

__all__ = ["hold_calibration", "load_model", "take_model"]

_TOO_MUCH = 3.0
"""Times the stated spread of a year that the news of its quarters may give it before it is questioned."""


def load_model(plan: Plan | str | Path, calibration: Calibration | str | Path | None = None) -> Model:
    """Load the model of a plan: the plan with the numbers of a calibration.

    Parameters
    ----------
    plan : Plan, str or Path
        A plan, its folder or its shipped name.
    calibration : Calibration, str or Path, optional
        A calibration or its file; None means `calibration.yaml` in the plan's folder.

    Returns
    -------
    Model
        Where cells that the calibration was fitted to have changed since, it is fitted anew, and the model's
        `warnings` name each of them; they also say what places of another country lend.

    Raises
    ------
    InputError
        If there is no calibration file, the plan or the calibration is faulty, or it was made for another place or
        year; and where cells have changed and numbers in it were set by hand.

    See Also
    --------
    sim.fit_calibration : Fits the numbers to the plan's history.

    Examples
    --------
    >>> import sim
    >>> sim.load_model("qingdao-2024")
    <Model of qingdao-2024: 6 indicators>
    """
    plan = take_plan(plan)
    if calibration is not None and not isinstance(calibration, str | Path):
        numbers, moved = hold_calibration(calibration, plan)
        return build_model(plan, numbers, plan.files, warnings=(*moved, *_question(plan, numbers)))
    own = plan.folder / "calibration.yaml"
    if calibration is None and not own.exists():
        mend = f"`sim calibrate --plan {quote(str(plan.folder))} --out {quote(str(own))}` writes it"
        raise InputError([Fault(str(own), 0, 0, "no such file", mend, code="no_file")])
    path = own if calibration is None else Path(calibration)
    numbers, moved = compare_calibration(path, plan)
    if moved:
        numbers = _fit_anew(numbers, plan)
    model = build_model(plan, numbers, (*plan.files, path), warnings=(*moved, *_question(plan, numbers)))
    object.__setattr__(model, "given", "" if calibration is None else str(calibration))  # a changed copy loses it
    return model


def hold_calibration(calibration: Calibration, plan: Plan) -> tuple[Calibration, tuple[Fault, ...]]:
    """Hold a calibration from code against a plan: fit it anew where what it was fitted to has changed.

    Parameters
    ----------
    calibration : Calibration
    plan : Plan

    Returns
    -------
    calibration : Calibration
    moved : tuple of Fault
        What has changed; none where the calibration is the one given.

    Raises
    ------
    InputError
        As `load_model`.
    """
    made = getattr(calibration, "made_from", None)
    moved = check_provenance(made, plan, calibration)
    if moved:
        return _fit_anew(calibration, plan), moved
    return check_calibration(calibration, plan), ()


def _fit_anew(numbers: Calibration, plan: Plan) -> Calibration:
    """Fit a calibration anew, with the numbers that are not fitted from where they came."""
    from sim.learning.fit import fit_calibration  # a run that fits nothing needs none of its laws

    made = numbers.made_from
    file = made.settings.file if isinstance(made, MadeFrom) else ""
    return fit_calibration(plan, None if file in ("", "prior.yaml") else plan.folder / file)


def _question(plan: Plan, numbers: Calibration) -> Iterator[Fault]:
    """Say what another version learned and what is lent; question news that moves a year by more than is said of it."""
    yield from find_learned(numbers.made_from, plan)
    yield from find_lent(plan, numbers)
    for indicator in plan.indicators:
        each = numbers.indicators[indicator.id]
        news = measure_news(plan, indicator.id, each.innovation_sd.value, each.persistence.value)
        if not each.centre.is_fitted and news > _TOO_MUCH * float(np.hypot(each.trend_sd.value, each.centre.sd)):
            problem = (
                f"{indicator.id}: a quarter's news of {each.innovation_sd.value:g} spreads the year by {news:.2f}, "
            )
            problem += f"where centre and trend_sd leave {each.trend_sd.value:g}"
            mend = "write innovation_sd in its own size, or leave the indicator out of prior.yaml: by its kind"
            yield Fault(f"calibration: indicators.{indicator.id}.innovation_sd", 0, 0, problem, mend)


def take_model(given: Model | Plan | str | Path) -> Model:
    """Take a model for a run: load that of a plan, or check one as code may have changed it.

    Parameters
    ----------
    given : Model, Plan, str or Path

    Returns
    -------
    Model
        The same object, unless its plan or calibration has been replaced: then one whose laws are built of them, by
        the rule of `load_model`.

    Raises
    ------
    InputError
        If the plan or the calibration is faulty, or laws given by hand are of another plan.

    Examples
    --------
    >>> from dataclasses import replace
    >>> model = load_model("qingdao-2024")
    >>> gdp = model.calibration.indicators["gdp"]
    >>> spread = gdp.innovation_sd.model_copy(update={"value": -1})
    >>> indicators = {**model.calibration.indicators, "gdp": gdp.model_copy(update={"innovation_sd": spread})}
    >>> take_model(replace(model, calibration=model.calibration.model_copy(update={"indicators": indicators})))
    Traceback (most recent call last):
    sim.errors.InputError: calibration: indicators.gdp.innovation_sd.value: -1 is out of range; allowed: at least 0
    """
    if isinstance(given, Plan | str | Path):
        return load_model(given)
    if not isinstance(given, Model):
        raise InputError([blame_kind("model", given, "a model", "write a Model, a plan or its name")])
    plan, calibration = given.plan, given.calibration
    if given.built_of is None:
        check_laws(given)
        return given
    if plan is given.built_of[0] and calibration is given.built_of[1]:
        return given
    questions = tuple(check_plan_rows(plan))
    if plan.given is None and questions != plan.warnings:  # changed in code since it was read
        plan = replace(plan, warnings=questions)
    numbers, moved = hold_calibration(calibration, plan)
    return build_model(plan, numbers, given.files, warnings=(*moved, *_question(plan, numbers)))
