"""What is lent: numbers of other places that a plan is computed with, said wherever its odds are shown."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Fault, Place
from sim.inputs.calibration import Calibration, PlanPrior
from sim.inputs.plan.country import has_outlook_of_china
from sim.inputs.plan.plan import Plan

__all__ = ["describe_prior", "find_lent", "list_lent"]

_LENDERS = ("as for Qingdao", "as for China")


def list_lent(plan: Plan, calibration: Calibration) -> dict[str, list[str]]:
    """List what places of China lend to a plan that does not say that it lies there.

    Parameters
    ----------
    plan : Plan
    calibration : Calibration

    Returns
    -------
    dict of str to list of str
        By what is lent, the indicators that it is lent to: `outlook` (forecasts of China), `law` (what its provinces
        taught of the year), `dynamics` (how quarters of its places go on), `records` (how its promises were kept; of
        deliveries and milestones). Empty for a plan in China.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("qingdao-2024")
    >>> list_lent(model.plan, model.calibration)
    {}
    """
    if plan.country and not plan.is_abroad:
        return {}
    numbers = {each.id: calibration.indicators[each.id] for each in plan.indicators}
    found = {
        "outlook": [name for name, each in numbers.items() if each.centre.is_fitted and has_outlook_of_china(plan)],
        "law": [name for name, each in numbers.items() if each.centre.panel is not None],
        "dynamics": [name for name, each in numbers.items() if each.innovation_sd.source.startswith(_LENDERS)],
        "records": [
            part
            for part, targets, given in (
                ("deliveries", plan.deliveries, calibration.deliveries),
                ("milestones", plan.milestones, calibration.milestones),
            )
            if targets and given is not None and any(each.reach.basis == "fitted" for each in given.classes.values())
        ],
    }
    return {name: each for name, each in found.items() if each}


_WORDS = {
    "outlook": "outlook.csv holds forecasts for China, of which the year of {names} is made",
    "law": "the law of the year of {names} is what provinces of China taught",
    "dynamics": "how quarters of {names} go on is lent by a place of China",
    "records": "how often {names} are kept is learned from promises of places of China",
}


def find_lent(plan: Plan, calibration: Calibration) -> Iterator[Fault]:
    """Find what is lent by another country, or may be: a line for each kind of thing.

    Parameters
    ----------
    plan : Plan
    calibration : Calibration

    Yields
    ------
    Fault
        What is lent, to what, and how to say otherwise.
    """
    mend = f"{plan.place_en} lies in {plan.country}: write your own, with its source"
    if not plan.country:
        mend = f"say in plan.csv which country {plan.place_en} lies in: `country,China,source`, or another"
    at = Place(str(plan.folder / "plan.csv"))
    for what, names in list_lent(plan, calibration).items():
        yield at.fault(f"lent: {_WORDS[what].format(names=', '.join(names))}", mend)


def describe_prior(plan: Plan, prior: PlanPrior) -> Iterator[str]:
    """Describe in words which indicators' numbers are lent by a shipped plan, and which are assumed by their kind.

    Parameters
    ----------
    plan : Plan
    prior : PlanPrior

    Yields
    ------
    str
        Such as `lent by Qingdao: gdp, retail_sales`.

    Examples
    --------
    >>> import sim
    >>> from sim.inputs.calibration import read_prior
    >>> plan = sim.read_plan("china-2024")
    >>> list(describe_prior(plan, read_prior(plan.folder / "prior.yaml", plan).model_copy(update={"indicators": {}})))
    ['by their kind: gdp (real), unemployment (rate), consumer_prices (price)']
    """
    for lender in _LENDERS:
        sources = {name: each.innovation_sd.source for name, each in prior.indicators.items()}
        lent = [name for name, source in sources.items() if source.startswith(lender)]
        if lent:
            yield f"lent by {lender.removeprefix('as for ')}: {', '.join(lent)}"
    assumed = [f"{each.id} ({each.measure})" for each in plan.indicators if each.id not in prior.indicators]
    if assumed:
        yield f"by their kind: {', '.join(assumed)}"
