"""Courses: the year's growth and deliveries on the way, before and under shocks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.draws import Draws
from sim.engine.shock_effects import ShockDraw, find_factor
from sim.model.arrivals import tabulate_wait
from sim.model.deliveries import DeliveryLaw, count_due, run_course
from sim.model.drawn_growth import Innovations, follow_growth
from sim.model.growth import Law
from sim.model.model import Model
from sim.model.products import mix
from sim.model.scenario_law import ScenarioLaw

__all__ = [
    "NOTHING",
    "find_amount",
    "find_course",
    "find_speed",
    "run_courses",
    "start_deliveries",
    "start_growth",
    "wait_for_arrivals",
]

NOTHING = -1e3  # log of what is delivered where shocks stop all work for the whole year


def run_courses(
    law: DeliveryLaw, news: Singles, scenario: ScenarioLaw, drawn: Mapping[int, ShockDraw]
) -> tuple[Singles, tuple[int, ...]]:
    """Run the courses of deliveries: one for each season and way of being slowed.

    Parameters
    ----------
    law : DeliveryLaw
    news : array, shape (quarter, path)
        Factor of each quarter on the speed of all deliveries.
    scenario : ScenarioLaw
    drawn : mapping of int to ShockDraw
        Its shocks.

    Returns
    -------
    courses : array, shape (course, quarter, path)
        Log of the amount expected by the quarter's end at a speed of one.
    course_of : tuple of int, shape (delivery,)
        The course that each delivery runs.
    """
    places: dict[tuple[str, bytes], int] = {}
    courses: list[Singles] = []
    course_of: list[int] = []
    for number, name in enumerate(law.courses):
        key = name, scenario.speed[:, number].tobytes()
        if key not in places:
            places[key] = len(courses)
            courses.append(find_course(law, news, find_factor(scenario, drawn, number), number))
        course_of.append(places[key])
    stacked = np.stack(courses) if courses else np.empty((0, *news.shape), np.float32)
    return stacked, tuple(course_of)


def find_course(law: DeliveryLaw, news: Singles, factor: Singles | None, number: int) -> Singles:
    """Find the log of what a delivery is expected to bring by each quarter's end at a speed of one.

    Parameters
    ----------
    law : DeliveryLaw
    news : array, shape (quarter, path)
        Factor of each quarter on the speed of all deliveries.
    factor : array, shape (quarter, path), or None
        Of shocks on its speed.
    number : int
        Of the delivery.

    Returns
    -------
    array, shape (quarter, path)
    """
    course = run_course(law.season[:, number], news if factor is None else news * factor)
    with np.errstate(divide="ignore"):  # shocks may have stopped it
        return np.log(course, out=course)


def start_growth(model: Model, law: Law, draws: Draws, scale: Singles) -> Singles:
    """Simulate growth without shocks.

    Parameters
    ----------
    model : Model
    law : Law
        The model's, or one of each path's own calibration.
    draws : Draws
    scale : array, shape (quarter, path)
        Root of the heavy-tail scale.

    Returns
    -------
    array, shape (2, quarter, series, path)
        %; of single quarters, then from the year's start to each quarter's end.
    """
    lone = draws.quarter_own if draws.quarter_own.shape[1] else None
    if law.is_drawn:
        moves = Innovations(
            common=draws.common,
            scale=scale,
            trend_common=draws.trend_common,
            own=draws.own,
            quarter_own=lone,
            trend_own=draws.trend_own,
        )
        return follow_growth(law, moves)
    quarters, series = law.path.shape
    rows = 1 + series * (1 if lone is None else 2)
    pieces = np.empty((2 + series + quarters * rows, draws.n_paths), np.float32)
    pieces[0], pieces[1], pieces[2 : 2 + series] = 1, draws.trend_common, draws.trend_own
    news = pieces[2 + series :].reshape(quarters, rows, draws.n_paths)
    np.multiply(draws.common, scale, out=news[:, 0])
    np.multiply(draws.own, scale[:, None], out=news[:, 1 : 1 + series])
    if lone is not None:
        np.multiply(lone, scale[:, None], out=news[:, 1 + series :])
    return mix(model.reduced.weights, pieces).reshape(2, quarters, series, draws.n_paths)


def start_deliveries(law: DeliveryLaw, draws: Draws, scale: Singles) -> tuple[Singles, Singles]:
    """Simulate what deliveries take into the year, before shocks.

    Parameters
    ----------
    law : DeliveryLaw
    draws : Draws
    scale : array, shape (quarter, path)
        Root of the heavy-tail scale.

    Returns
    -------
    needed : array, shape (quarter, delivery, path)
        Log of the course that has delivered what is due by each quarter's end; minus infinity where nothing is.
    news : array, shape (quarter, path)
        Factor of each quarter on the speed of all deliveries.
    """
    single = np.float32
    quarters = len(draws.common)
    needed = np.empty((quarters, len(law.ids), draws.n_paths), single)
    for number, things in enumerate(law.arrivals):
        wait = wait_for_arrivals if np.isfinite(things) else _find_lateness
        waits = wait(law, number, draws.delivery_quarter[:, number])
        needed[:, number] = waits - _find_ahead(law, draws, number).astype(single)
    news: Singles = np.exp(law.news.astype(single) * draws.common * scale)
    return needed, news


def _find_lateness(law: DeliveryLaw, number: int, normals: Singles) -> Singles:
    """Log of what is due by each quarter's end, less what the quarters' own speed has brought, (quarter, path)."""
    due = law.due[:, number].copy()
    due[-1] = 1
    with np.errstate(divide="ignore"):
        late: Singles = (np.log(due)[:, None] - _find_own_speed(law, number, normals)).astype(np.float32)
    return late


def find_amount(law: DeliveryLaw, draws: Draws, run: Singles, number: int, quarter: int) -> Floats:
    """Find the log of what a measured delivery has brought by a quarter's end, over what is due in the year.

    Parameters
    ----------
    law : DeliveryLaw
    draws : Draws
    run : array, shape (quarter, path)
        Its course, as `find_course` gives it.
    number : int
        Of the delivery.
    quarter : int

    Returns
    -------
    array, shape (path,)
    """
    own = _find_own_speed(law, number, draws.delivery_quarter[:, number])[quarter]
    return np.asarray(run[quarter] + own + _find_ahead(law, draws, number))


def _find_ahead(law: DeliveryLaw, draws: Draws, number: int) -> Floats:
    """Log of how far a delivery is ahead of its goal all year, shape (path,)."""
    ahead = law.lead[number] + law.shared[number] * law.common * draws.delivery_common
    ahead = ahead + law.macro[number] * draws.trend_common
    lasting = 1.0 if np.isfinite(law.arrivals[number]) else np.sqrt(1 - law.within)
    return np.asarray(ahead + law.spread[number] * lasting * draws.delivery_own[number])


def find_speed(law: DeliveryLaw, draws: Draws, number: int) -> Floats:
    """Find the speed of a delivery over its goal that lasts all year, shape (path,)."""
    return np.asarray(np.exp(_find_ahead(law, draws, number)))


def _find_own_speed(law: DeliveryLaw, number: int, normals: Singles) -> Floats:
    """Log of what the quarters' own speed has brought by the end of each, shape (quarter, path)."""
    season = law.season[:, number].astype(np.float32)
    season = season if season.ndim == 2 else season[:, None]
    own = law.spread[number] * np.sqrt(law.within / (season**2).sum(axis=0))
    brought = np.cumsum(season * normals, axis=0) / np.maximum(np.cumsum(season, axis=0), np.float32(1e-12))
    return np.asarray(own * brought)


def wait_for_arrivals(law: DeliveryLaw, number: int, normals: Singles) -> Singles:
    """Wait for the single things of a delivery that fall due by each quarter's end.

    Parameters
    ----------
    law : DeliveryLaw
    number : int
        Of the delivery.
    normals : array, shape (quarter, path)
        Standard normal.

    Returns
    -------
    array, shape (quarter, path)
        Log of the time by which a Poisson process that brings all of them in a time of one has brought them.
    """
    waits = np.zeros(normals.shape, np.float32)
    before = 0.0
    for quarter in range(len(normals)):
        due = count_due(law, quarter, number)
        if quarter:
            waits[quarter] = waits[quarter - 1]
        if due > before:
            waits[quarter] += tabulate_wait(due - before).read(normals[quarter])
        before = max(due, before)
    with np.errstate(divide="ignore"):
        logs: Singles = np.log(waits / np.float32(law.arrivals[number]))
    return logs
