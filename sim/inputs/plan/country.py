"""The country that a plan's place lies in, and whose outlook it has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sim.errors import Fault, Place
from sim.inputs.bundled import DEFAULT_PLAN, find_plan
from sim.inputs.files.spreadsheets import read_table
from sim.inputs.plan.plan import CHINA, Plan

__all__ = ["find_foreign_outlook", "has_outlook_of_china", "question_country"]


def find_foreign_outlook(plan: Plan, at: Place) -> Iterator[Fault]:
    """Find an outlook of another country than the plan's.

    Parameters
    ----------
    plan : Plan
    at : Place
        Of the outlook.

    Yields
    ------
    Fault
    """
    named = {row.country for row in plan.outlook if row.country}
    whose = next(iter(named), "China" if has_outlook_of_china(plan) else "")
    if not plan.country or not whose:
        return
    same = whose.casefold() == plan.country.casefold() or {whose.casefold(), plan.country.casefold()} <= CHINA
    if not same:
        problem = f"these are forecasts for {whose}, and {plan.place_en} lies in {plan.country}"
        yield at.fault(problem, f"write those for {plan.country}, or leave the rows out: odds are wider without")


def question_country(plan: Plan, at: Place) -> Iterator[Fault]:
    """Question an outlook that names a country where the plan names none.

    Parameters
    ----------
    plan : Plan
    at : Place
        Of the outlook.

    Yields
    ------
    Fault
    """
    named = sorted({row.country for row in plan.outlook if row.country and row.country.casefold() not in CHINA})
    if named and not plan.country:
        problem = f"forecasts for {named[0]}, and plan.csv names no country: they count as its own"
        yield at.fault(problem, f"add a row `country,{named[0]},<source>` to plan.csv, if it lies there")


def has_outlook_of_china(plan: Plan) -> bool:
    """Tell whether a plan's outlook is that of China, as the shipped plans have it.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    bool
        Whether it says so, or more than half of its rows are the shipped ones.
    """
    if any(row.country for row in plan.outlook):
        return all(row.country.casefold() in CHINA for row in plan.outlook if row.country)
    shared = sum((row.year, row.kind, row.value) in _recall_shipped() for row in plan.outlook)
    return shared > max(2, len(plan.outlook) / 2)


@cache
def _recall_shipped() -> frozenset[tuple[int, str, float]]:
    columns = {"year": True, "kind": True, "value": True}
    rows = read_table(find_plan(DEFAULT_PLAN) / "outlook.csv", columns, True)[0]
    return frozenset((int(row["year"]), str(row["kind"]), float(row["value"])) for row in rows)
