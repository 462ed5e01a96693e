"""Changes that a what-if is asked for: their names and numbers, checked at one door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real

from sim.errors import Fault, InputError, blame, blame_kind, find_nearest
from sim.inputs.plan.names import recognize, recognize_period
from sim.inputs.plan.plan import Plan

__all__ = ["LARGEST", "find_number_faults", "name_quarters", "name_targets", "refuse_changes"]

LARGEST = 3.0
"""Factor on the sizes of shocks up to which a what-if is asked."""


_BOUNDS: Mapping[str, tuple[float, float]] = {
    "sizes": (0.0, LARGEST),
    "probabilities": (0.0, 1.0),
    "tolerances": (0.0, 100.0),
    "values": (-100.0, 1000.0),
}
"""Least and most of each number that may be changed: of tolerances and values percentage points and %."""


def name_targets(plan: Plan, given: Mapping[str, float] | None) -> Mapping[str, float]:
    """Name the targets of a change by their ids, as `recognize` does; what is no mapping stays, to be refused."""
    if not isinstance(given, Mapping):
        return given or {}
    return {recognize(plan, str(name)): each for name, each in given.items()}


def name_quarters(plan: Plan, given: Mapping[str, str] | None) -> Mapping[str, str]:
    """Name the quarters of a change as the plan does; what is no mapping stays, to be refused."""
    if not isinstance(given, Mapping):
        return given or {}
    return {name: recognize_period(plan, each) for name, each in given.items()}


def refuse_changes(
    changes: Mapping[str, Mapping[str, float] | None],
    onsets: Mapping[str, str] | None,
    names: Mapping[str, Sequence[str]],
    quarters: Sequence[str],
) -> None:
    """Refuse changes of what is not there, or to what cannot be.

    Parameters
    ----------
    changes : mapping of str to mapping of str to float
        Sizes and probabilities by shock, tolerances and values by target; None where nothing changes.
    onsets : mapping of str to str, optional
        Quarters by shock.
    names : mapping of str to sequence of str
        What each of them may name.
    quarters : sequence of str
        Of the year.

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> refuse_changes({"sizes": {"slmp": 1.0}}, {"slump": "Q5"}, {"sizes": ["slump"], "onsets": ["slump"]}, ["Q2"])
    Traceback (most recent call last):
    sim.errors.InputError: onsets: slump in 'Q5'; allowed: Q2
    sizes: nothing named 'slmp'; allowed: slump; did you mean 'slump'?
    """
    faults = list[Fault]()
    for argument, given in {**changes, "onsets": onsets}.items():
        if not isinstance(given, Mapping | None):
            faults.append(blame_kind(argument, given, "a mapping", "write one by name, such as {'export_slump': 1.5}"))
            continue
        for name, value in (given or {}).items():
            if name not in names[argument]:
                listed = "allowed: " + ", ".join(names[argument])
                nearest = find_nearest(name, names[argument])
                faults.append(blame(argument, f"nothing named '{name}'", listed, nearest, code="unknown"))
            elif argument == "onsets":
                if value not in quarters:
                    nearest = find_nearest(value, quarters)
                    listed = "allowed: " + ", ".join(quarters)
                    faults.append(blame(argument, f"{name} in {value!r}", listed, nearest, code="unknown"))
            else:
                faults += find_number_faults(argument, name, value, *_BOUNDS[argument])
    if faults:
        raise InputError(faults)


def find_number_faults(argument: str, name: str, value: object, least: float, most: float) -> list[Fault]:
    """Return the fault of what is no number, or out of its bounds; none where it is sound.

    Examples
    --------
    >>> print(*find_number_faults("probabilities", "slump", "50%", 0, 1))
    probabilities: '50%' for slump; allowed: a number from 0 to 1
    """
    if isinstance(value, Real) and not isinstance(value, bool) and least <= float(value) <= most:
        return []
    said = f"{value:g}" if isinstance(value, float) else repr(value)
    return [blame(argument, f"{said} for {name}", f"allowed: a number from {least:g} to {most:g}", code="range")]
