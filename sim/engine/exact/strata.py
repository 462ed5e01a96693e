"""Strata: points shared out among what a scenario's year may be, each weighed by how likely that is.

A stratum is a set of shocks that happen together, or all the sets that are left over, on one side of every figure
that a rule waits for, with each judged figure in one cell; of a mixture, in one of its parts. Within it nothing is
random but what points and normal rests hold, so that whoever asks something of a scenario asks it of its strata one
after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.exact.branches import list_branches
from sim.engine.exact.conditional import add_growth, draw_at_points
from sim.engine.exact.points import Points
from sim.engine.exact.shock_sets import ShockSet, cut_strata, list_certain
from sim.engine.exact.updating import update_points
from sim.engine.shock_effects import ShockDraw
from sim.inputs.scenario.reading import Scenario
from sim.model.judged import Judged, add_cells, compile_judged, hold_centres
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario
from sim.model.tilting import Tilt, solve_tilt

__all__ = [
    "Layout",
    "Piece",
    "Stratum",
    "compile_part",
    "cut_pieces",
    "find_tilt",
    "lay_scenario",
    "lay_strata",
    "solve_pieces",
]

_NONE = 1e-300


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Piece:
    """Points that are spent on one set of shocks, one side of every rule's figure and one cell of judged figures.

    Attributes
    ----------
    law : ScenarioLaw
        Without rules: their shocks are certain or absent.
    subset : ShockSet
        The shocks that happen, those of rules among them.
    given : Known or None
        Published figures, and the sides on which rules find theirs.
    known : Known or None
        These and the cells of judged figures.
    events : tuple of bool
        Which judged events come true.
    weight : array, shape (1,) or (replicate,)
        How likely the shocks are.
    points : Points
        Not yet conditioned on what is known.
    """

    law: ScenarioLaw
    subset: ShockSet
    given: Known | None
    known: Known | None
    events: tuple[bool, ...]
    weight: Floats
    points: Points


def cut_pieces(
    points: Points, law: ScenarioLaw, known: Known | None = None, judged: Judged | None = None
) -> Iterator[Piece]:
    """Cut points into the pieces of a scenario that is no mixture.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    known : Known, optional
        Published figures.
    judged : Judged, optional
        Events, and how likely they are said to be.

    Yields
    ------
    Piece
        A cell of a judged figure on the other side of a rule's is left out.
    """
    for branch in list_branches(law, known):
        for subset, weight, cut in cut_strata(points, branch.law, judged=judged):
            for cells in judged.cells if judged else ((),):
                within = add_cells(branch.known, cells)
                if cells and within is None:
                    continue
                yield Piece(
                    law=branch.law,
                    subset=subset,
                    given=branch.known,
                    known=within,
                    events=judged.mark(list_certain(subset), cells) if judged else (),
                    weight=weight,
                    points=cut,
                )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stratum:
    """A piece whose points are conditioned on what is known, with what its shocks do.

    Attributes
    ----------
    points : Points
    law : ScenarioLaw
    subset : ShockSet
        The shocks that happen.
    given : Known or None
        As of `Piece`.
    drawn : mapping of int to ShockDraw
        The shocks, by place.
    grown : array, shape (quarter, series, point)
        Growth from the year's start with what they add, %.
    weight : array, shape (1,) or (replicate,)
        How likely the stratum is; with published figures, over how likely these are in the scenario.
    evidence : array, shape (replicate,), optional
        How likely published figures are in the scenario, as judged; None where nothing is published or judged.
    part : str
        Of a mixture, the name of the part that comes true; else empty.
    """

    points: Points
    law: ScenarioLaw
    subset: ShockSet
    given: Known | None
    drawn: Mapping[int, ShockDraw]
    grown: Singles
    weight: Floats
    evidence: Floats | None = None
    part: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Layout:
    """The strata of a scenario.

    Attributes
    ----------
    strata : list of Stratum
        Averages over them, added up, are given the figures and as judged: over all replicates, or of each one that is a
        calibration.
    tilts : tuple of Tilt or None
        What judgements make of each part of the scenario.
    """

    strata: list[Stratum] = field(default_factory=list)
    tilts: tuple[Tilt | None, ...] = (None,)


def solve_pieces(events: Sequence[tuple[bool, ...]], masses: Sequence[float], asked: Floats) -> Tilt:
    """Solve for the tilt of pieces, those with the same judged events together."""
    keys, where = np.unique(np.array(events, bool), axis=0, return_inverse=True)
    mass = np.bincount(where.reshape(-1), weights=np.array(masses), minlength=len(keys))
    return solve_tilt(keys, mass.astype(np.float64), asked)


def find_tilt(points: Points, law: ScenarioLaw, judged: Judged, known: Known | None = None) -> Tilt:
    """Find by what judgements weigh the pieces of a scenario.

    Parameters
    ----------
    points : Points
        All replicates.
    law : ScenarioLaw
    judged : Judged
    known : Known, optional
        Published figures.

    Returns
    -------
    Tilt
    """
    events, masses = list[tuple[bool, ...]](), list[float]()
    for piece in cut_pieces(points, law, known, judged):
        cut = piece.points
        likely = (
            np.ones(1)
            if piece.known is None
            else cut.average(update_points(cut, piece.law, piece.subset, piece.known).weight)
        )
        events.append(piece.events)
        masses.append(float((piece.weight * likely).mean()))
    return solve_pieces(events, masses, judged.asked)


def compile_part(model: Model, part: Scenario) -> tuple[ScenarioLaw, Judged | None]:
    """Compile a scenario that is no mixture, and its judged events if it has any."""
    if part.events:
        return compile_judged(model, part)
    return compile_scenario(model, part.judge(), with_rules=True), None


def lay_strata(points: Points, law: ScenarioLaw, known: Known | None = None) -> list[Stratum]:
    """Lay out the strata of a law.

    Parameters
    ----------
    points : Points
        All replicates where figures are known, so that they can be divided by how likely these are.
    law : ScenarioLaw
    known : Known, optional
        Published figures.

    Returns
    -------
    list of Stratum
        As of `Layout`.
    """
    return _settle([_open(points, law, known, None, None, 1.0)[:2]], points, known is not None)


def lay_scenario(
    model: Model,
    scenario: Scenario,
    lay: Callable[[Model], Points],
    known: Known | None = None,
    tilts: Sequence[Tilt | None] | None = None,
) -> Layout:
    """Lay out the strata of a scenario, whatever it holds: rules, judgements, parts of which one comes true.

    Parameters
    ----------
    model : Model
        Without opinions of centres.
    scenario : Scenario
    lay : callable
        Lays points for a model, all replicates.
    known : Known, optional
        Published figures.
    tilts : sequence of Tilt or None, optional
        Found before, of each part; None means those of these points.

    Returns
    -------
    Layout
    """
    opened, found = [], []
    for place, (part, share) in enumerate(scenario.parts):
        held = hold_centres(model, part)
        law, judged = compile_part(model, part)
        points = lay(held)
        strata, masses, tilt = _open(points, law, known, judged, tilts[place] if tilts else None, share)
        named = part.name if scenario.mixture else ""
        opened.append(([replace(each, part=named) for each in strata], masses))
        found.append(tilt)
    weighted = known is not None or any(part.events for part, _ in scenario.parts)
    return Layout(strata=_settle(opened, points, weighted), tilts=tuple(found))


def _open(
    points: Points, law: ScenarioLaw, known: Known | None, judged: Judged | None, tilt: Tilt | None, share: float
) -> tuple[list[Stratum], list[Floats], Tilt | None]:
    """Open the strata of one law: with how likely each is, before they are divided by that of all."""
    strata, masses, events = list[Stratum](), list[Floats](), list[tuple[bool, ...]]()
    for piece in cut_pieces(points, law, known, judged):
        cut, drawn = piece.points, draw_at_points(piece.points, piece.law, piece.subset)
        if piece.known is not None:
            cut = update_points(cut, piece.law, piece.subset, piece.known).points
        masses.append(piece.weight * cut.average(np.ones(cut.n_points)))
        events.append(piece.events)
        strata.append(
            Stratum(
                points=cut,
                law=piece.law,
                subset=piece.subset,
                given=piece.given,
                drawn=drawn,
                grown=add_growth(cut, piece.law, drawn),
                weight=share * piece.weight,
            )
        )
    if judged is None:
        return strata, [share * mass for mass in masses], None
    if tilt is None:
        tilt = solve_pieces(events, [float(mass.mean()) for mass in masses], judged.asked)
    factor = tilt.weigh(np.array(events, bool).T)
    strata = [replace(each, weight=by * each.weight) for each, by in zip(strata, factor, strict=True)]
    return strata, [share * by * mass for mass, by in zip(masses, factor, strict=True)], tilt


def _settle(opened: Sequence[tuple[list[Stratum], list[Floats]]], points: Points, weighted: bool) -> list[Stratum]:
    """Divide the strata of all parts by how likely published figures are in the scenario, as judged."""
    strata = [each for part, _ in opened for each in part]
    if not weighted:
        return strata
    evidence = np.zeros(points.n_points // points.count)
    for _, masses in opened:
        for mass in masses:
            evidence += mass
    whole = np.maximum(evidence if points.calibrations == "replicate" else evidence.mean(), _NONE)
    return [replace(each, weight=each.weight / whole, evidence=evidence) for each in strata]
