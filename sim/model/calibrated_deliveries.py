"""The law of deliveries as a calibration gives it: chances, leads and spreads by class, and seasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Floats
from sim.inputs.units import count_singles
from sim.model.arrivals import MOST_ARRIVALS, find_lead
from sim.model.deliveries import _SURE, DeliveryLaw
from sim.model.programmes import find_enough
from sim.model.values import Values

if TYPE_CHECKING:
    from sim.inputs.calibration import Calibration
    from sim.inputs.plan.targets import Delivery

__all__ = ["build_delivery_law"]


def build_delivery_law(targets: tuple[Delivery, ...], calibration: Calibration, values: Values) -> DeliveryLaw:
    """Build the law of a plan's deliveries.

    Parameters
    ----------
    targets : tuple of Delivery
    calibration : Calibration
    values : mapping of str to array
        Of the calibration's numbers, without axes or of shape (sample,).

    Notes
    -----
    The chance in the record is one over ordinary years: the lead is set so that it comes out when what is shared with
    other deliveries and the macro factor is averaged over.
    """
    numbers = calibration.deliveries
    if numbers is None or not targets:
        return _promise_nothing()
    classes = [numbers.find_class(each) for each in targets]
    places = [f"deliveries/classes/{name}" for name in classes]
    shares = np.array([numbers.courses[each.season].shares for each in targets]).T
    arrivals = np.array(
        [_count_arrivals(each, numbers.classes[name].arrivals) for each, name in zip(targets, classes, strict=True)]
    )
    folded = np.where(arrivals < MOST_ARRIVALS, 0.0, 1 / arrivals)
    counted = np.where(arrivals < MOST_ARRIVALS, arrivals, np.inf)
    enough = _find_enough(targets, values)
    rows = [
        _compute_row(
            target,
            place,
            (float(folded[number]), float(counted[number])),
            shares[:, number],
            enough.get(target.id),
            values,
        )
        for number, (target, place) in enumerate(zip(targets, places, strict=True))
    ]
    chance, lead, spread, shared, macro = (np.stack(np.broadcast_arrays(*column)) for column in zip(*rows, strict=True))
    return DeliveryLaw(
        ids=tuple(target.id for target in targets),
        chance=chance,
        lead=lead,
        season=_move_season(targets, shares, values),
        due=shares.cumsum(axis=0),
        spread=spread,
        within=values["deliveries/within"],
        shared=shared,
        macro=macro,
        common=values["deliveries/common"],
        news=values["deliveries/news"],
        arrivals=counted,
        pile=np.array([numbers.classes[name].pile for name in classes]),
        tail=np.array([numbers.classes[name].tail for name in classes]),
        capped=np.array([numbers.classes[name].arrivals == "list" for name in classes]),
        is_cap=np.array([each.is_cap for each in targets]),
        required=np.array([_find_required(each, things) for each, things in zip(targets, counted, strict=True)]),
        excess=np.array([_find_excess(each) for each in targets]),
        projects=np.array([(each.projects or np.inf) if each.is_programme else 0.0 for each in targets]),
        share=values["deliveries/programmes/share"],
        share_sd=values["deliveries/programmes/share_sd"],
        courses=tuple(each.season for each in targets),
    )


def _promise_nothing() -> DeliveryLaw:
    """Build the law of a plan without deliveries."""
    single = ("chance", "lead", "spread", "shared", "macro", "arrivals", "pile", "tail")
    arrays: dict[str, Any] = {
        **dict.fromkeys((*single, "required", "excess", "projects"), np.empty(0)),
        **dict.fromkeys(("within", "common", "news", "share", "share_sd"), np.zeros(())),
        **dict.fromkeys(("season", "due"), np.empty((1, 0))),
        **dict.fromkeys(("capped", "is_cap"), np.empty(0, bool)),
    }
    return DeliveryLaw(ids=(), courses=(), **arrays)


def _find_enough(targets: tuple[Delivery, ...], values: Values) -> dict[str, Floats]:
    """Probability that enough of each programme is under way."""
    rules = {each.id: (each.enough / each.value, each.projects or np.inf) for each in targets if each.is_programme}
    if not rules:
        return {}
    mean, sd = (values[f"deliveries/programmes/{name}"] for name in ("share", "share_sd"))
    return dict(zip(rules, find_enough(mean, sd, list(rules.values())), strict=True))


def _compute_row(
    target: Delivery, place: str, things: tuple[float, float], shares: Floats, enough: Floats | None, values: Values
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Chance, lead, spread, shared and macro of one delivery; of its things, what is folded and what arrives singly."""
    folded, counted = things
    shared = values[f"{place}/shared"]
    macro = shared * values.get(f"{place}/macro", values["deliveries/macro"])
    own = values.get(f"deliveries/levels/{target.id}/spread", values[f"{place}/spread"])
    spread = np.sqrt(own**2 + folded)
    total = np.maximum(np.sqrt(spread**2 + (shared * values["deliveries/common"]) ** 2 + macro**2), 1e-9)
    if f"deliveries/levels/{target.id}/base" in values:
        jolted = np.sqrt(total**2 + values["deliveries/news"] ** 2 * (shares**2).sum())
        chance, lead = _carry_level(target, total, jolted, values)
    else:
        chance = _find_chance(target, enough, place, values)
        lead = find_lead(chance, counted, total)
    return chance, lead, spread, shared, macro


def _find_chance(target: Delivery, enough: Floats | None, place: str, values: Values) -> Floats:
    """Probability that an ordinary year passes the goal: of a programme by its law, else by the record."""
    reached = values.get(f"deliveries/targets/{target.id}/reach", values[f"{place}/reach"])
    kept = reached if enough is None else enough
    chance: Floats = np.clip(kept * (1 - values["deliveries/doubt"]), _SURE, 1 - _SURE)
    return 1 - chance if target.is_cap else chance


def _carry_level(target: Delivery, total: Floats, jolted: Floats, values: Values) -> tuple[Floats, Floats]:
    """Chance and lead of a level that grows from a known base, less the doubt about what its author reports.

    Notes
    -----
    A level may be so steady that a quarter's news tells as much as the year: doubt is taken off the chance with news in
    it, of which the spread is `jolted`, so that it takes no more than it says.
    """
    from scipy.special import ndtr, ndtri

    base, growth = (values[f"deliveries/levels/{target.id}/{name}"] for name in ("base", "growth"))
    passed = ndtr(np.log(np.maximum(base * (1 + growth / 100), 1e-9) / target.value) / jolted)
    kept = (1 - passed if target.is_cap else passed) * (1 - values["deliveries/doubt"])
    told = np.clip(kept, _SURE, 1 - _SURE)
    lead = jolted * ndtri(1 - told if target.is_cap else told)
    return np.clip(ndtr(lead / total), _SURE, 1 - _SURE), lead


def _find_required(target: Delivery, things: float) -> float:
    """Share of the goal that must be delivered; of a counted cap, so much that one thing more has come."""
    if target.is_cap:
        return things / (things - 1) if np.isfinite(things) else 1.0
    return target.enough / target.value


def _find_excess(target: Delivery) -> float:
    """Least share of the goal that is above the upper end of a range."""
    return np.inf if target.upper is None else target.find_excess(target.upper) / target.value


def _count_arrivals(target: Delivery, arrivals: str) -> float:
    single = arrivals == "single" and not target.is_programme
    counted = count_singles(target.value, target.counted) if single else None
    return float(counted + target.is_cap) if counted else np.inf


def _move_season(targets: tuple[Delivery, ...], shares: Floats, values: Values) -> Floats:
    """Shares of the quarters as far as they are not known: each season's logs are moved, and they sum to one again."""
    moved = []
    for number, target in enumerate(targets):
        place = f"deliveries/courses/{target.season}/timing"
        logs = [values.get(f"{place}/{quarter}", np.zeros(())) for quarter in range(len(shares))]
        weights = np.stack(np.broadcast_arrays(*(s * np.exp(e) for s, e in zip(shares[:, number], logs, strict=True))))
        moved.append(weights / weights.sum(axis=0))
    drawn = max(each.ndim for each in moved)
    season: Floats = np.stack(np.broadcast_arrays(*(each[:, None] if each.ndim < drawn else each for each in moved)), 1)
    return season
