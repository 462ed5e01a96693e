"""What-ifs: the growth targets' odds and fans of a scenario while its shocks are being changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim._typing import Floats, Ints
from sim.analysis.changes import (
    LARGEST,
    find_number_faults,
    name_quarters,
    name_targets,
    refuse_changes,
)
from sim.engine.exact.growth_odds import GrowthOdds, integrate_growth
from sim.engine.exact.odds import estimate_replicate_error, explain_paths
from sim.engine.exact.pilot import fit_proposal
from sim.engine.exact.points import Points, lay_points
from sim.engine.exact.quantiles import find_growth_quantiles
from sim.engine.plausibility import check_points_left
from sim.engine.proposal import Proposal
from sim.errors import InputError, blame, blame_name, warn_of
from sim.inputs.plan.names import recognize, recognize_period
from sim.inputs.plan.plan import Plan, ask_otherwise
from sim.inputs.plan.readings import READINGS
from sim.inputs.published.checking import make_figure
from sim.inputs.published.figures import Published
from sim.inputs.published.reading import take_published
from sim.inputs.published.rows import GrowthRow, name_periods
from sim.inputs.scale import question_growth
from sim.inputs.scenario.building import take_scenario
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import take_model
from sim.model.known import Known, compile_published
from sim.model.model import Model, keep_growth
from sim.model.scenario_law import ScenarioLaw, compile_scenario
from sim.model.thresholds import Thresholds, place_thresholds

__all__ = ["LARGEST", "WhatIf", "WhatIfOdds", "prepare"]

_FINE, _COUNT, _FAN = 1024, 128, 16  # points of a replicate: as the scenario stands, of a change, of its fan
_KNOWN_FAN = 64  # of its fan where published figures leave fewer that speak


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WhatIfOdds:
    """The odds of growth targets at one setting of the shocks.

    Attributes
    ----------
    targets : tuple of str, shape (target,)
        Ids of the plan's growth targets, in its order.
    probability, mc_se : array, shape (reading, target)
        Readings as in `READINGS`; averaged over what is not known of the calibration.
    joint, joint_se : float
        Of all headline targets that are growth, as printed, and its standard error.
    quantiles : array, shape (period, series, level)
        Growth from the year's start to each quarter's end, %; levels as in `QUANTILE_LEVELS`.
    """

    targets: tuple[str, ...]
    probability: Floats
    mc_se: Floats
    joint: float
    joint_se: float
    quantiles: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Prepared:
    """What the odds of a scenario are made of, laid out once.

    Attributes
    ----------
    law : ScenarioLaw
        With all shocks, those that change nothing as they stand included.
    asked : Thresholds
        What the growth targets ask of the year.
    together : array of int
        Those of the headline as printed.
    points, fan : Points
        For the odds of a change, and for the fan.
    as_given : tuple of GrowthOdds
        Odds of the scenario as it stands: on many points, and on those of a change.
    fan_as_given : tuple of array
        Likewise quantiles of growth.
    known : Known, optional
        Published figures on which all is conditioned.
    proposal : Proposal, optional
        What scales and calibrations are drawn from, given them.
    """

    law: ScenarioLaw
    asked: Thresholds
    together: Ints
    points: Points
    fan: Points
    as_given: tuple[GrowthOdds, GrowthOdds]
    fan_as_given: tuple[Floats, Floats]
    known: Known | None
    proposal: Proposal | None


def prepare(
    model: Model, scenario: Scenario, seed: int = 2024, known: Known | None = None, *, even_so: bool = False
) -> Prepared:
    """Lay out a scenario, so that the odds of a changed one take a few milliseconds.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    seed : int
        Of the points.
    known : Known, optional
        Published figures to condition on.
    even_so : bool
        Take figures, too, that come less than once in a million years of the model.

    Returns
    -------
    Prepared

    Raises
    ------
    InputError
        If the scenario needs paths, or the figures are unbelievable.
    """
    reason = explain_paths(model, scenario)
    if reason:
        said = f"no what-if of scenario '{scenario.name}': {reason}"
        raise InputError([blame("scenario", said, "choose another, or ask `sim run`")])
    law = compile_scenario(model, scenario, whole=True)
    asked = _ask_year(model)
    headline = [model.plan.judged.index(target) for target in model.plan.headline_growth]
    together = np.flatnonzero((asked.reading == 0) & np.isin(asked.target, headline))
    proposal = None if known is None else fit_proposal(model, [scenario], known, seed)
    counts = (_COUNT, _FINE, _FAN) if known is None else (_COUNT, _FINE, _KNOWN_FAN)
    laid = keep_growth(model) if known is None else model  # growth is all that is asked; figures may be of deliveries
    points, many, fan = (lay_points(laid, count, seed, proposal=proposal) for count in counts)
    fine = integrate_growth(many, law, asked, together, known=known)
    check_points_left(scenario, fine.evidence, even_so)
    return Prepared(
        law=law,
        asked=asked,
        together=together,
        points=points,
        fan=fan,
        as_given=(fine, integrate_growth(points, law, asked, together, known=known)),
        fan_as_given=(
            find_growth_quantiles(many.cut(_COUNT), law, known=known)[0],
            find_growth_quantiles(fan, law, known=known)[0],
        ),
        known=known,
        proposal=proposal,
    )


class WhatIf:
    """A scenario whose shocks may be changed: each question is answered within a few milliseconds.

    Parameters
    ----------
    model : Model, Plan, str or Path
        A model; or a plan, its folder or its shipped name.
    scenario : Scenario, str or Path
        A scenario, its file or its name.
    seed : int
        Of the points on which the odds are conditioned.
    published : Published, str or Path, optional
        Figures of the year that are known, as for `sim.run`.
    even_so : bool
        Take figures, too, that come less than once in a million years of the model.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    seed : int
    published : Published, optional
    even_so : bool
    prepared : Prepared
        What the answers are made of.

    Raises
    ------
    InputError
        If model or scenario are faulty, published figures contradict one another or are unbelievable, or the scenario
        needs paths.

    Examples
    --------
    >>> import sim
    >>> what_if = sim.WhatIf("qingdao-2024", "export-slump")
    >>> mild, harsh = (what_if.odds(sizes={"export_slump": factor}).probability[0, 0] for factor in (0.5, 2.0))
    >>> bool(mild > harsh)
    True
    """

    __slots__ = ("even_so", "model", "prepared", "published", "scenario", "seed")

    def __init__(
        self,
        model: Model | Plan | str | Path,
        scenario: Scenario | str | Path,
        *,
        seed: int = 2024,
        published: Published | str | Path | None = None,
        even_so: bool = False,
    ) -> None:
        self.model = take_model(model)
        self.scenario = take_scenario(scenario, self.model.plan)
        self.seed = seed
        self.published = None if published is None else take_published(published, self.model.plan)
        self.even_so = even_so
        known = compile_published(self.model, self.published)
        self.prepared = prepare(self.model, self.scenario, seed, known, even_so=even_so)

    def __repr__(self) -> str:
        return f"<WhatIf of {self.scenario.name}: {', '.join(self.prepared.law.names) or 'no shocks'}>"

    def suppose(self, series: str, period: str, value: float) -> WhatIf:
        """Suppose that one figure more is published.

        Parameters
        ----------
        series : str
            An indicator.
        period : str
            Such as "Q1" or "H1".
        value : float
            Growth as printed, %.

        Returns
        -------
        WhatIf
            Of the same scenario, on the same points, given that figure beside those known.

        Raises
        ------
        InputError
            If there is no such series or period, or the figure contradicts those known or comes less than once in a
            million years of the model.

        Examples
        --------
        >>> import sim
        >>> what_if = sim.WhatIf("qingdao-2024", "baseline")
        >>> weak, strong = (what_if.suppose("gdp", "Q1", value).odds().probability[0, 0] for value in (5.0, 6.5))
        >>> bool(weak < strong)
        True
        """
        plan = self.model.plan
        ids, periods = [each.id for each in plan.indicators], name_periods(plan)
        series, period = recognize(plan, series), recognize_period(plan, period)
        faults = [*blame_name("series", series, ids), *blame_name("period", period, periods)]
        faults += find_number_faults("value", series, value, -100.0, 1000.0)
        if faults:
            raise InputError(faults)
        warn_of(question_growth("value", f"{series} {period}", value, plan.find_indicator(series).baseline))
        known = self.published or Published(year=plan.year)
        told = {"date": known.day, "period": period, "series": series, "unit": "%", "source": "assumption"}
        supposed = make_figure(plan, GrowthRow(**told, value=value), f"{value:g}")
        figures = replace(known, figures=(*known.figures, supposed))
        return WhatIf(self.model, self.scenario, seed=self.seed, published=figures, even_so=self.even_so)

    def odds(
        self,
        *,
        sizes: Mapping[str, float] | None = None,
        probabilities: Mapping[str, float] | None = None,
        tolerances: Mapping[str, float] | None = None,
        values: Mapping[str, float] | None = None,
        onsets: Mapping[str, str] | None = None,
    ) -> WhatIfOdds:
        """Compute the odds after a change; what is not named stays as the scenario and the plan say.

        Parameters
        ----------
        sizes : mapping of str to float, optional
            Factors on the sizes of shocks, from 0 to `LARGEST`.
        probabilities : mapping of str to float, optional
            Of shocks, whatever they depend on.
        tolerances : mapping of str to float, optional
            By target, percentage points.
        values : mapping of str to float, optional
            By target, the number that it asks for, %; of a range its lower end, and the range keeps its width.
        onsets : mapping of str to str, optional
            By shock, the quarter in which it begins if it happens, such as "Q2".

        Returns
        -------
        WhatIfOdds

        Raises
        ------
        InputError
            If a name is unknown or a number out of range; all faults at once.

        Notes
        -----
        The odds are those of the scenario as it stands, on many points, plus the change on fewer points, the same
        before and after: so the change has hardly an error.
        """
        model, law, points, known = self.model, self.prepared.law, self.prepared.points, self.prepared.known
        growth = [target.id for target in model.plan.growth]
        tolerances, values = name_targets(model.plan, tolerances), name_targets(model.plan, values)
        onsets = name_quarters(model.plan, onsets)
        refuse_changes(
            {"sizes": sizes, "probabilities": probabilities, "tolerances": tolerances, "values": values},
            onsets,
            {**dict.fromkeys(("sizes", "probabilities", "onsets"), law.names), "tolerances": growth, "values": growth},
            model.plan.quarter_names,
        )
        stated = {target.id: target.value for target in model.plan.growth}
        warn_of([odd for name, value in values.items() for odd in question_growth("values", name, value, stated[name])])
        law = _begin(law, onsets, model.plan.quarter_names)
        factors = np.array([(sizes or {}).get(name, 1.0) for name in law.names])
        chance = law.chance.copy()
        for name, likely in (probabilities or {}).items():
            chance[law.names.index(name)] = likely
        asked, together = self.prepared.asked, self.prepared.together
        fine, coarse = self.prepared.as_given
        if tolerances or values:
            asked = _ask_year(model, tolerances, values)
            coarse = integrate_growth(points, self.prepared.law, asked, together, known=known)
            many = lay_points(points.model, _FINE, self.seed, proposal=self.prepared.proposal)
            fine = integrate_growth(many, self.prepared.law, asked, together, known=known)
        changed = integrate_growth(points, law, asked, together, factors, chance, known)
        odds, joint = fine.odds + changed.odds - coarse.odds, fine.joint + changed.joint - coarse.joint
        at_rest, coarsely = self.prepared.fan_as_given
        quantiles = at_rest + find_growth_quantiles(self.prepared.fan, law, factors, chance, known)[0] - coarsely
        quarters = len(model.law.path)
        shape = len(growth), len(READINGS)  # thresholds are in the order of targets, then readings
        return WhatIfOdds(
            targets=tuple(growth),
            probability=np.clip(odds.mean(axis=-1), 0, 1).reshape(shape).T,
            mc_se=estimate_replicate_error(odds, _FINE).reshape(shape).T,
            joint=float(np.clip(joint.mean(), 0, 1)),
            joint_se=float(estimate_replicate_error(joint, _FINE)),
            quantiles=quantiles[[0, *range(quarters, 2 * quarters - 1)]],
        )


def _ask_year(
    model: Model, tolerances: Mapping[str, float] | None = None, values: Mapping[str, float] | None = None
) -> Thresholds:
    """List what the growth targets ask of the year, in each reading."""
    changed = bool(tolerances or values)
    plan = ask_otherwise(model.plan, values or {})
    asked = place_thresholds(plan, model.reduced, tolerances) if changed else model.thresholds
    return asked.pick(asked.reading < len(READINGS))


def _begin(law: ScenarioLaw, onsets: Mapping[str, str], quarters: Sequence[str]) -> ScenarioLaw:
    """Let shocks begin in quarters of one's own choice."""
    if not onsets:
        return law
    onset, definition = law.onset.copy(), list(law.definition)
    for name, quarter in onsets.items():
        shock = law.names.index(name)
        onset[shock] = np.arange(len(quarters)) == quarters.index(quarter)
        definition[shock] += f" from {quarter}"
    return replace(law, onset=onset, definition=tuple(definition))
