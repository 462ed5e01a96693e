"""The chances of deliveries and milestones: learned from the records of such promises, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from sim._typing import Floats
from sim.inputs.calibration import PlanPrior
from sim.inputs.delivery_numbers import Chance, DeliveryNumbers, MilestoneNumbers, ProgrammeNumbers, TargetChance
from sim.inputs.evidence import TargetEvidence, read_evidence
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan
from sim.inputs.plan.targets import Delivery, Milestone
from sim.inputs.records import read_programmes, read_records
from sim.inputs.units import count_singles
from sim.learning.class_rates import ClassRates, Rate, learn_rates
from sim.learning.delivered_ratios import fit_ratios
from sim.learning.programme_shares import fit_shares
from sim.learning.shock_years import find_ordinary, measure_setback, measure_slowdown

__all__ = ["fit_deliveries", "fit_milestones"]

_ENOUGH = 6  # numbers reached: with fewer, by how much a class exceeds its promises stays as the prior says


def fit_deliveries(plan: Plan, given: PlanPrior) -> DeliveryNumbers | None:
    """Fit the chances, the overshoot and the programmes of a plan's deliveries to the shipped records.

    Parameters
    ----------
    plan : Plan
    given : PlanPrior
        Numbers whose basis is `given` stay as they are; so do classes without records.

    Returns
    -------
    DeliveryNumbers or None
        None where the prior has none.
    """
    numbers = given.deliveries
    if numbers is None:
        return None
    rates = _learn()
    classes: dict[str, Any] = {}
    for name, each in numbers.classes.items():
        learned = _fit_class(name, each.reach, rates)
        changed: dict[str, Any] = {"reach": learned}
        law = fit_ratios(rates.records, name if name in rates.rates else None)
        if learned is not each.reach and law.n >= _ENOUGH:
            told = f"{law.n} numbers of the class reached, pooled with others (seeds/records/counts.csv)"
            changed |= {"pile": round(law.pile, 3), "tail": round(law.tail, 3), "source": told}
        classes[name] = each.model_copy(update=changed)
    targets = _fit_targets(plan, plan.deliveries, numbers, rates)
    changed = {"classes": classes, "targets": targets, "programmes": _fit_programmes(numbers.programmes)}
    return numbers.model_copy(update=changed)


def fit_milestones(plan: Plan, given: PlanPrior) -> MilestoneNumbers | None:
    """Fit the chances of a plan's milestones to the shipped records.

    Parameters
    ----------
    plan : Plan
    given : PlanPrior
        Numbers whose basis is `given` stay as they are; so do classes without records.

    Returns
    -------
    MilestoneNumbers or None
        None where the prior has none.
    """
    numbers = given.milestones
    if numbers is None:
        return None
    rates = _learn()
    classes = {
        name: each.model_copy(update={"reach": _fit_class(name, each.reach, rates, each.slip.value)})
        for name, each in numbers.classes.items()
    }
    return numbers.model_copy(
        update={"classes": classes, "targets": _fit_targets(plan, plan.milestones, numbers, rates)}
    )


@cache
def _learn() -> ClassRates:
    return learn_rates(read_records())


def _fit_class(name: str, reach: Chance, rates: ClassRates, slip: float = 0.0) -> Chance:
    """Learn the chance of a class; one that is given, or has no class in the records, stays."""
    if reach.basis == "given" or name not in rates.rates:
        return reach
    rate = rates[name]
    rest = "" if rate.has_record else "no record of the class itself; "
    told = f"{rest}promises of other classes behind it (seeds/records)"
    told = f"{rate.reached} of {rate.n} promises of the class kept; {told}"
    return _state(rate.mean, rate.weight, told, rate, measure_setback(slip))


def _fit_targets(
    plan: Plan, targets: Sequence[Delivery | Milestone], numbers: DeliveryNumbers | MilestoneNumbers, rates: ClassRates
) -> dict[str, TargetChance]:
    """Learn the chances of targets with a record of their own, and of lists, of which every item is needed."""
    found, evidence = dict(numbers.targets), _recall_evidence(plan)
    for target in targets:
        name = numbers.find_class(target)  # type: ignore[arg-type]
        kept = found.get(target.id)
        if name not in rates.rates or (kept is not None and kept.reach.basis == "given"):
            continue
        items = evidence[target.id].items if target.id in evidence else ()
        rate = rates.find_target(name, plan.place_en, items) if items else rates[name]
        if (
            isinstance(target, Delivery)
            and isinstance(numbers, DeliveryNumbers)
            and numbers.classes[name].arrivals == "list"
        ):
            found[target.id] = TargetChance(reach=_need_all(rate, target, numbers))
        elif items and rate.n:
            told = f"{rate.reached} of {rate.n} of its own kept, over class '{name}' (seeds/records)"
            slip = numbers.classes[name].slip.value if isinstance(numbers, MilestoneNumbers) else 0.0
            found[target.id] = TargetChance(reach=_state(rate.mean, rate.weight, told, rate, measure_setback(slip)))
    return found


def _recall_evidence(plan: Plan) -> dict[str, TargetEvidence]:
    """Read the evidence of the plan on file, of which the one at hand may be a part."""
    return read_evidence(read_plan(plan.folder)) if (plan.folder / "evidence.csv").is_file() else {}


def _need_all(rate: Rate, target: Delivery, numbers: DeliveryNumbers) -> Chance:
    """State the chance that all items of a list are kept: powers of a beta law, by their first two moments."""
    n = int(count_singles(target.value, target.counted) or 1)
    mean, square = float(rate.list_chances(n)[-1]), float(rate.list_chances(2 * n)[-1])
    weight = mean * (1 - mean) / max(square - mean**2, 1e-9) - 1
    told = f"all {n} items of a list, each kept with {rate.mean:.4f}: {rate.reached} of {rate.n} kept (seeds/records)"
    of = numbers.classes[numbers.find_class(target)]
    macro = (of.macro or numbers.macro).value
    total = float(np.hypot(of.spread.value, of.shared.value * np.hypot(numbers.common.value, macro)))
    slowdown = measure_slowdown(target.season, numbers.courses[target.season].shares, total)
    return _state(mean, max(weight, 1.0), told, rate, slowdown, n)


def _state(mean: float, weight: float, source: str, rate: Rate, setback: Floats, items: int = 1) -> Chance:
    """State the chance of an ordinary year, whose record is a mean with years that a shock sets back; as well known."""
    share = rate.shock / rate.weight
    ordinary = find_ordinary(mean, share, setback, items)
    weight = (weight + 1) * ordinary * (1 - ordinary) / (mean * (1 - mean)) - 1  # the standard deviation stays
    if round(ordinary, 4) != round(mean, 4):
        source += f": {mean:.4f}, of which {share:.0%} in years of a rare shock that the scenarios hold as well"
    return Chance(
        value=round(min(max(ordinary, 0.0001), 0.9999), 4),
        weight=round(weight, 2),
        n=rate.n,
        reached=rate.reached,
        unit="share",
        basis="fitted",
        source=source,
    )


def _fit_programmes(given: ProgrammeNumbers) -> ProgrammeNumbers:
    """Fit the share of projects under way, unless the prior gives it."""
    if given.share.basis == "given":
        return given
    law = fit_shares(read_programmes())
    told = f"{law.n} programmes of cities and provinces, beta regression on months left (seeds/records/programmes.csv)"
    share = {"value": round(law.mean, 3), "sd": round(law.mean_sd, 3)}
    spread = {"value": round(law.sd, 3), "sd": round(law.sd_sd, 3)}
    fitted = {
        name: {**numbers, "fitted": numbers["value"], "unit": "share", "basis": "fitted", "source": told}
        for name, numbers in (("share", share), ("share_sd", spread))
    }
    return ProgrammeNumbers.model_validate(fitted)
