"""Names in scenarios, as people write them: indicators by any of their names, quarters as bulletins call them."""

from __future__ import annotations

from collections.abc import Callable

from sim.inputs.files.documents import Record
from sim.inputs.plan.names import recognize, recognize_period
from sim.inputs.plan.plan import Plan

__all__ = ["name_as_the_plan"]


def name_as_the_plan(merged: Record, plan: Plan) -> None:
    """Write the plan's own names into shocks and rules: keys of `loadings`, and the quarters of `onset`.

    Parameters
    ----------
    merged : Record
        A scenario after inheritance; changed in place. What is no name that the plan knows stays as it is.
    plan : Plan
    """
    ids = [each.id for each in plan.indicators]

    def name_indicator(key: str) -> str:
        found = recognize(plan, key)
        return found if found in ids else key

    def name_quarter(key: str) -> str:
        period = recognize_period(plan, key)
        return period if period in plan.quarter_names else key

    for part in ("shocks", "rules"):
        shocks = merged.get(part)
        for shock in shocks.values() if isinstance(shocks, Record) else ():
            if isinstance(shock, Record):
                _rename(shock.get("loadings"), name_indicator)
                _rename(shock.get("onset"), name_quarter)
                if isinstance(shock.get("onset"), str):
                    shock["onset"] = name_quarter(shock["onset"])


def _rename(record: object, name: Callable[[str], str]) -> None:
    """Rename the keys of a record, but never to a name that stands there already."""
    if not isinstance(record, Record):
        return
    for key in list(record):
        known = name(str(key))
        if known != key and known not in record:
            record.put(known, record[key], record.keys_at[key], record.values_at[key])
            del record[key], record.keys_at[key], record.values_at[key]
