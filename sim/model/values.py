"""Values of a calibration's numbers: as they stand, or at each of many samples of what is not known about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from sim._typing import Floats
from sim.inputs.calibration import Calibration
from sim.inputs.delivery_numbers import Chance
from sim.inputs.files.validation import Checked
from sim.inputs.numbers import Number

__all__ = ["Values", "list_numbers", "list_uncertain", "move_values", "stack", "take_samples", "take_values"]

Values = Mapping[str, Floats]
"""By a number's place in the calibration, such as `indicators/gdp/centre`: without axes or of shape (sample,)."""


Law = TypeVar("Law", bound=Any)


def list_numbers(calibration: Calibration) -> dict[str, Number | Chance]:
    """List the numbers of a calibration by their place in it.

    Examples
    --------
    >>> import sim
    >>> list(list_numbers(sim.load_model(sim.read_plan("qingdao-2024")).calibration))[:2]
    ['degrees_of_freedom', 'indicators/gdp/centre']
    """
    return dict(_walk(calibration, ""))


def _walk(node: Any, place: str) -> Iterator[tuple[str, Number | Chance]]:
    if isinstance(node, Number | Chance):
        yield place, node
        return
    if isinstance(node, Checked):
        parts = {name: getattr(node, name) for name in type(node).model_fields}
    elif isinstance(node, dict):
        parts = node
    elif isinstance(node, list):
        parts = {str(number): each for number, each in enumerate(node)}
    else:
        return
    for name, part in parts.items():
        yield from _walk(part, f"{place}/{name}" if place else str(name))


def list_uncertain(calibration: Calibration) -> tuple[str, ...]:
    """List the places of the numbers about which something is not known."""
    return tuple(place for place, number in list_numbers(calibration).items() if number.sd > 0)


def take_values(calibration: Calibration) -> Values:
    """Return every number's value as the calibration states it."""
    return {place: np.array(number.value) for place, number in list_numbers(calibration).items()}


def move_values(calibration: Calibration, normals: Values) -> Values:
    """Return every number's value at samples of what is not known about it.

    Parameters
    ----------
    calibration : Calibration
    normals : mapping of str to array, shape (sample,)
        Standard normals by place; a number that is not named keeps its value.

    Returns
    -------
    mapping of str to array
        Without axes or of shape (sample,); each within what makes sense for its number.

    Examples
    --------
    >>> import sim
    >>> calibration = sim.load_model(sim.read_plan("qingdao-2024")).calibration
    >>> moved = move_values(calibration, {"indicators/gdp/centre": np.array([-1.0, 1.0])})
    >>> moved["indicators/gdp/centre"].shape, moved["indicators/gdp/persistence"].shape
    ((2,), ())
    """
    return {
        place: number.move(normals[place]) if place in normals else np.array(number.value)
        for place, number in list_numbers(calibration).items()
    }


def stack(values: Values, places: Sequence[str]) -> Floats:
    """Stack values of several numbers, shape (number,) or (number, sample)."""
    if not places:
        return np.empty(0)
    return np.stack(np.broadcast_arrays(*(values[place] for place in places)))


def take_samples(law: Law, take: Callable[[Floats], Floats]) -> Law:
    """Take some of the samples of a law's arrays; those that all samples share are kept.

    Parameters
    ----------
    law : dataclass
        With `AXES`, the number of axes that each array has but for that of samples.
    take : callable
        From an array to some of what stands along its last axis.

    Returns
    -------
    dataclass
        Of the same kind.
    """
    taken = {}
    for name, axes in law.AXES.items():
        array = getattr(law, name)
        if array.ndim > axes and array.shape[-1] > 1:
            taken[name] = take(array)
    return replace(law, **taken)
