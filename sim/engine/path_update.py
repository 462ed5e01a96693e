"""Paths given published figures: each path's draws are moved so that its figures lie in their cells, and weighted.

Matheron's rule (Doucet 2010, "A note on efficient conditional simulation of Gaussian vectors"): what is normal in a
path moves by its covariance with the figures times what they are off, so that the draws of a path keep all else. The
weight of a path is how likely the figures were under its calibration, heavy tails and shocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.courses import find_course
from sim.engine.draws import Draws
from sim.engine.exact.arrivals import draw_arrivals, wait_given_counts
from sim.engine.exact.cells import draw_between, draw_in_cells, factorize, solve, solve_back
from sim.engine.exact.growth_update import MOST_NEWS, describe_figures, hold_in_cell
from sim.engine.exact.promise_update import update_milestone
from sim.engine.likelihood import Likelihood
from sim.engine.paths import Paths, choose_parts, pick_parts, start, unfold
from sim.engine.proposal import Proposal, name_level, shift_normals
from sim.engine.shock_effects import ShockDraw, draw_shocks, find_factor, find_growth, find_setback
from sim.inputs.scenario.reading import Scenario
from sim.model.deliveries import count_due, find_covariance
from sim.model.growth import lift
from sim.model.known import Known, KnownDelivery, KnownGrowth, KnownMilestone
from sim.model.lookup_table import find_scale
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_parts, decide_rules
from sim.model.values import take_samples

__all__ = ["mix_known", "shift_draws", "unfold_known", "unfold_parts"]

_COLUMNS = 8192  # paths worked on at once


def shift_draws(model: Model, draws: Draws, proposal: Proposal | None) -> tuple[Draws, Floats]:
    """Draw scales and calibrations from what is proposed of them.

    Parameters
    ----------
    model : Model
    draws : Draws
    proposal : Proposal or None
        None leaves them as they are.

    Returns
    -------
    draws : Draws
    correction : array, shape (path,)
        Their density over the one that they are drawn from.
    """
    logs, levels = np.zeros(draws.n_paths), np.array(draws.levels)
    drawn = draws.draw_numbers([name for name in model.uncertain if name in (proposal or {})]) if draws.redrawn else {}
    shifted: dict[str, Floats] = {}
    for name in proposal or ():
        if name in drawn:
            shifted[name], each = shift_normals(proposal or {}, name, drawn[name])
            logs += each
    for quarter in range(len(levels)):
        if (name := name_level(quarter)) in (proposal or ()):
            levels[quarter], each = shift_normals(proposal or {}, name, levels[quarter].astype(np.float64))
            logs += each
    return replace(draws, levels=levels, shifted=shifted), np.exp(logs)


def unfold_known(
    model: Model,
    laws: Model,
    draws: Draws,
    scenario: Scenario,
    law: ScenarioLaw | None,
    known: Known,
    correction: Floats | None = None,
) -> tuple[Paths, Likelihood]:
    """Simulate a scenario on given draws, moved so that published figures come out.

    Parameters
    ----------
    model : Model
    laws : Model
        The same, or with a calibration of its own for each path.
    draws : Draws
    scenario : Scenario
    law : ScenarioLaw or None
        The scenario compiled; None for a mixture.
    known : Known
    correction : array, shape (path,), optional
        As `shift_draws` gives it.

    Returns
    -------
    paths : Paths
        With the weights of the paths.
    likely : Likelihood
        How likely each figure was.
    """
    if law is None:
        return mix_known(draws, scenario, unfold_parts(model, laws, draws, scenario, known, correction))
    law = decide_rules(law, known)  # those that wait begin after all that is known
    shocks = draw_shocks(law, draws)
    scale = find_scale(laws.law.degrees_of_freedom, draws.levels)
    likely = Likelihood(draws.n_paths)
    if correction is not None:
        likely.correct(correction)
    if known.growth:
        draws = _move_growth(laws, draws, scale, find_growth(law, shocks) if shocks else None, known.growth, likely)
    waits: dict[int, Floats] = {}
    counts: dict[int, list[tuple[int, Floats]]] = {}
    amounts: dict[int, tuple[tuple[int, Singles], ...]] = {}
    for number, cells in known.deliveries.items():
        run, ahead = _run(laws, draws, scale, law, shocks, number)
        if np.isfinite(laws.delivery_law.arrivals[number]):
            draws, waits[number], come = _move_arrivals(laws, draws, run, ahead, number, cells, likely)
            things = laws.delivery_law.arrivals[number]
            counts[number] = [(each.quarter, np.rint(row * things)) for each, row in zip(cells, come, strict=True)]
        else:
            draws, come = _move_amount(laws, draws, run + ahead, number, cells, likely)
        amounts[number] = tuple((each.quarter, row) for each, row in zip(cells, come, strict=True))
    for number, told in known.milestones.items():
        draws = _move_milestone(laws, draws, law, shocks, number, told, likely)
    ordinary = replace(start(model, draws, laws), counts=counts)
    for number, rows in waits.items():
        ordinary.needed[:, number] = rows
    paths = replace(unfold(ordinary, scenario, law), weight=likely.weight, amounts=amounts)
    _hold(paths, known)
    return paths, likely


def unfold_parts(
    model: Model, laws: Model, draws: Draws, scenario: Scenario, known: Known, correction: Floats | None = None
) -> list[tuple[Paths, Likelihood]]:
    """Simulate what may come true of a scenario, as `unfold_known` does: itself, or each part of a mixture."""
    return [
        unfold_known(model, laws, draws, part, law, known, correction)
        for (part, _), (law, _) in zip(scenario.parts, compile_parts(model, scenario), strict=True)
    ]


def mix_known(draws: Draws, scenario: Scenario, parts: Sequence[tuple[Paths, Likelihood]]) -> tuple[Paths, Likelihood]:
    """Take each path of a mixture from the part that comes true on it; of any other scenario all."""
    if not scenario.mixture:
        return parts[0]
    chosen, (paths, likely) = choose_parts(draws, scenario), zip(*parts, strict=True)
    return pick_parts(paths, scenario, chosen), Likelihood.pick(likely, chosen)


def _hold(paths: Paths, known: Known) -> None:
    """Hold figures in their cells, and what was delivered on its side of what was due, in single precision too."""
    for each in known.growth:
        for kind in (0, 1) if each.quarter == 0 else (each.kind,):
            held = paths.figures[kind, each.quarter, each.series]
            held[:] = hold_in_cell(held, each)
    law = paths.laws.delivery_law
    for number, cells in known.deliveries.items():
        if np.isfinite(law.arrivals[number]):
            continue
        course = paths.courses[paths.course_of[number]]
        for cell, (quarter, come) in zip(cells, paths.amounts[number], strict=True):
            for later in range(quarter, len(course) if cell.kept else quarter + 1):
                due = law.due[later, number] if later < len(course) - 1 else 1.0
                met = come >= np.float32(due * law.required[number])
                needed = paths.needed[later, number]
                needed[met] = np.minimum(needed, course[later])[met]
                if later == quarter:
                    missed = np.nextafter(course[later], np.float32(np.inf))
                    needed[~met] = np.maximum(needed, missed)[~met]


def _move_growth(
    laws: Model,
    draws: Draws,
    scale: Singles,
    added: Singles | None,
    figures: Sequence[KnownGrowth],
    likely: Likelihood,
) -> Draws:
    """Move what is normal in growth by its covariance with the figures times what they are off."""
    names = ("common", "own", "quarter_own", "trend_common", "trend_own")
    moved: dict[str, Any] = {name: np.array(getattr(draws, name)) for name in names}
    quarters = len(scale)
    sides = np.empty((3, len(figures), draws.n_paths))
    uniforms = [draws.draw_figure(each.name) for each in figures]
    for first in range(0, draws.n_paths, _COLUMNS):
        span = slice(first, first + _COLUMNS)
        law = take_samples(laws.law, itemgetter((..., span))) if laws.law.is_drawn else lift(laws.law)
        pieces, root, mean = describe_figures(law, scale[:, span], figures)
        if added is not None:
            mean = mean + np.stack([added[each.kind, each.quarter, each.series, span] for each in figures])
        low, high = [each.low for each in figures], [each.high for each in figures]
        drawn = draw_in_cells(mean, root, low, high, [each[span] for each in uniforms])
        sides[:, :, span] = drawn.chance, drawn.below, drawn.above
        part = {name: array[..., span] for name, array in moved.items()}
        off = drawn.values - mean
        for row, (each, piece) in enumerate(zip(figures, pieces, strict=True)):
            off[row] -= np.einsum("pn,pn->n", piece.common, np.vstack([part["trend_common"][None], part["common"]]))
            off[row] -= np.einsum("pn,pn->n", piece.own, _gather_own(part, each.series))
        pull = solve_back(root, solve(root, off))
        for each, piece, by in zip(figures, pieces, pull, strict=True):
            common, own = (piece.common * by).astype(np.float32), (piece.own * by).astype(np.float32)
            part["trend_common"] += common[0]
            part["common"] += common[1:]
            part["trend_own"][each.series] += own[0]
            part["own"][:, each.series] += own[1 : 1 + quarters]
            if part["quarter_own"].shape[1]:
                part["quarter_own"][:, each.series] += own[1 + quarters :]
    likely.take(*sides)
    reach = np.float32(MOST_NEWS) / scale
    np.clip(moved["common"], -reach, reach, out=moved["common"])
    return replace(draws, **moved)


def _gather_own(part: Mapping[str, Singles], series: int) -> Singles:
    """Own normals of an indicator in the order of `FigurePieces.own`, shape (1 + 2 quarter, path)."""
    passing = part["quarter_own"]
    passing = passing[:, series] if passing.shape[1] else np.zeros_like(part["common"])
    return np.vstack([part["trend_own"][series][None], part["own"][:, series], passing])


def _run(
    laws: Model, draws: Draws, scale: Singles, law: ScenarioLaw, shocks: Mapping[int, ShockDraw], number: int
) -> tuple[Floats, Floats]:
    """Log of what a delivery's course brings by each quarter's end, and of its speed but for its own error."""
    each = laws.delivery_law
    news = np.exp(each.news.astype(np.float32) * draws.common * scale)
    run = find_course(each, news, find_factor(law, shocks, number), number).astype(np.float64)
    ahead = each.lead[number] + each.macro[number] * draws.trend_common
    return run, ahead + each.shared[number] * each.common * draws.delivery_common


def _move_amount(
    laws: Model, draws: Draws, reached: Floats, number: int, cells: Sequence[KnownDelivery], likely: Likelihood
) -> tuple[Draws, Singles]:
    """Move a measured delivery's own speeds; also say what has been delivered, over its goal."""
    law, at = laws.delivery_law, [each.quarter for each in cells]
    n_paths = draws.n_paths
    season = np.broadcast_to(law.season[:, number].reshape(len(law.due), -1), (len(law.due), n_paths))
    sums, root_of = np.maximum(season.cumsum(axis=0), 1e-12), np.sqrt((season**2).sum(axis=0))
    yearly = np.broadcast_to(law.spread[number] * np.sqrt(1 - law.within), (n_paths,))
    weights = [law.spread[number] * np.sqrt(law.within) * season[: q + 1] / sums[q] / root_of for q in at]
    covariance = np.broadcast_to(find_covariance(law, number), (len(law.due), len(law.due), n_paths))
    root = factorize(covariance[np.ix_(at, at)])
    with np.errstate(divide="ignore"):
        low, high = (np.log(np.maximum([getattr(each, end) for each in cells], 0)) for end in ("low", "high"))
    uniforms = [draws.draw_figure(each.name) for each in cells]
    drawn = draw_in_cells(reached[at], root, low.tolist(), high.tolist(), uniforms)
    likely.take(drawn.chance, drawn.below, drawn.above)
    own, quarterly = draws.delivery_own.copy(), draws.delivery_quarter.copy()
    off = drawn.values - reached[at] - yearly * own[number]
    for row, (quarter, weight) in enumerate(zip(at, weights, strict=True)):
        off[row] -= np.einsum("qn,qn->n", weight, quarterly[: quarter + 1, number])
    pull = solve_back(root, solve(root, off))
    own[number] += (yearly * pull.sum(axis=0)).astype(np.float32)
    for quarter, weight, by in zip(at, weights, pull, strict=True):
        quarterly[: quarter + 1, number] += (weight * by).astype(np.float32)
    come = (np.exp(drawn.values) * law.required[number]).astype(np.float32)
    return replace(draws, delivery_own=own, delivery_quarter=quarterly), come


def _move_arrivals(
    laws: Model,
    draws: Draws,
    run: Floats,
    ahead: Floats,
    number: int,
    cells: Sequence[KnownDelivery],
    likely: Likelihood,
) -> tuple[Draws, Floats, Singles]:
    """Move the speed of single things, and draw when those that fall due come, given how many have."""
    from scipy.special import ndtr

    law = laws.delivery_law
    expected = run + ahead + np.log(law.arrivals[number])
    uniforms = [draws.draw_figure(each.name) for each in cells]
    drawn = draw_arrivals(expected, law.spread[number], cells, draws.delivery_own[number], uniforms)
    likely.correct(drawn.correction)
    likely.take(drawn.chance, drawn.below, drawn.above)
    own = draws.delivery_own.copy()
    own[number] = drawn.own
    due = [count_due(law, quarter, number) for quarter in range(len(law.due))]
    waits = wait_given_counts(drawn, due, ndtr(draws.delivery_quarter[:, number].astype(np.float64)))
    with np.errstate(divide="ignore"):
        needed = np.log(waits / law.arrivals[number]) - ahead - law.spread[number] * drawn.own
    return replace(draws, delivery_own=own), needed, (drawn.counts / law.arrivals[number]).astype(np.float32)


def _move_milestone(
    laws: Model,
    draws: Draws,
    law: ScenarioLaw,
    shocks: Mapping[int, ShockDraw],
    number: int,
    told: Sequence[KnownMilestone],
    likely: Likelihood,
) -> Draws:
    """Move a milestone's own drive to between the ends that its figures set."""
    from scipy.special import ndtr

    each = laws.milestone_law
    needed = each.needed[:, number].reshape(len(each.needed), -1)
    setback = find_setback(law, shocks, [number])
    if setback is not None:
        needed = np.minimum.accumulate(needed + setback[:, 0] * each.slip[number], axis=0)
    shared = each.common * draws.delivery_common + each.macro * draws.trend_common
    done = update_milestone(shared, needed, np.broadcast_to(each.own, shared.shape), told)
    likely.take(done.chance, done.below, done.above)
    own = draws.milestone_own.copy()
    own[number] = draw_between(done.low, done.high, ndtr(own[number].astype(np.float64)))[0]
    return replace(draws, milestone_own=own)
