"""Values of a calibration's numbers: named by their place, moved, and made into laws as if they had been written so."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from sim.inputs.calibration import Calibration
from sim.inputs.numbers import Number
from sim.model.model import Model, build_model
from sim.model.values import (
    list_numbers,
    list_uncertain,
    move_values,
    stack,
    take_samples,
    take_values,
)

SAMPLES = 3


def walk(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Numbers of a plain document: what has a value and says how well it is known."""
    if isinstance(node, dict) and "value" in node and ("sd" in node or "weight" in node):
        yield place, node
    elif isinstance(node, dict | list):
        for name, part in node.items() if isinstance(node, dict) else enumerate(node):
            yield from walk(part, f"{place}/{name}".lstrip("/"))


@pytest.fixture(scope="module")
def spilling(model: Model) -> Model:
    """The shipped model with a spillover."""
    spillover = {"origin": "gdp", "reaches": "retail_sales", "value": 0.1, "sd": 0.05, "unit": "pp/pp", "source": "s"}
    calibration = model.calibration.model_dump() | {"spillovers": [spillover]}
    return build_model(model.plan, Calibration.model_validate(calibration))


@pytest.fixture(scope="module")
def normals(spilling: Model) -> dict[str, np.ndarray]:
    numbers = np.random.default_rng(8)
    return {place: numbers.normal(size=SAMPLES) for place in spilling.uncertain}


def write_moved(calibration: Calibration, moved: dict[str, np.ndarray], at: int) -> Calibration:
    """A calibration that states the values of one sample."""
    document = calibration.model_dump()
    for place, number in walk(document):
        number["value"] = float(np.broadcast_to(moved[place], SAMPLES)[at])
    return Calibration.model_validate(document)


def test_every_number_has_its_place(spilling: Model) -> None:
    found = dict(walk(spilling.calibration.model_dump()))
    named = list_numbers(spilling.calibration)
    assert list(named) == list(found)
    assert {"indicators/gdp/centre", "spillovers/0", "deliveries/courses/school/timing/2"} <= set(named)
    assert all(float(value) == found[place]["value"] for place, value in take_values(spilling.calibration).items())
    sure = {place for place, number in found.items() if number.get("sd") == 0}
    assert set(list_uncertain(spilling.calibration)) == set(found) - sure
    assert sure
    assert any(isinstance(number, Number) for number in named.values())


def test_moved_laws_are_those_of_a_calibration_that_states_the_moved_numbers(
    spilling: Model, normals: dict[str, np.ndarray]
) -> None:
    moved = move_values(spilling.calibration, normals)
    drawn = spilling.move(normals)
    for at in range(SAMPLES):
        written = build_model(spilling.plan, write_moved(spilling.calibration, moved, at))
        one = drawn.take_samples(lambda array, at=at: array[..., at : at + 1])
        for part in ("law", "delivery_law", "milestone_law"):
            mine, theirs = getattr(one, part), getattr(written, part)
            for name in type(mine).AXES:
                stated = getattr(theirs, name)
                got = np.reshape(getattr(mine, name), stated.shape)
                np.testing.assert_allclose(got, stated, atol=2e-12, err_msg=name)


def test_what_is_not_named_keeps_its_value_and_what_is_moves_its_own_law_alone(model: Model) -> None:
    moved = model.move({"deliveries/classes/attraction/reach": np.array([-1.0, 0.0, 1.0])})
    assert moved.law.path.ndim == 2
    assert moved.milestone_law.needed.ndim == 2
    chance = moved.delivery_law.chance
    rows = {
        each.id: number for number, each in enumerate(model.plan.deliveries) if each.reference_class == "attraction"
    }
    touched = [number for number, row in enumerate(chance) if np.ptp(row) > 0]
    assert set(touched) <= set(rows.values())
    assert touched
    assert (np.diff(chance[touched]) > 0).all()


def test_moved_values_are_as_far_off_as_they_say_and_stay_in_range(spilling: Model) -> None:
    places = spilling.uncertain
    one, far = (
        move_values(spilling.calibration, dict.fromkeys(places, np.array([-size, size]))) for size in (1.0, 60.0)
    )
    numbers = list_numbers(spilling.calibration)
    np.testing.assert_allclose(one["indicators/gdp/centre"], 5.156 + 0.168 * np.array([-1, 1]))
    for place in places:
        low, high = getattr(numbers[place], "range", (0, 1))
        assert low <= far[place][0] <= far[place][1] <= high, place
    assert far["indicators/gdp/persistence"].tolist() == [-0.98, 0.98]
    assert far["degrees_of_freedom"][0] == 2.2


def test_stacking_gives_shared_values_to_every_sample() -> None:
    values = {"a": np.array(1.0), "b": np.array([2.0, 3.0])}
    assert stack(values, ["b", "a"]).tolist() == [[2, 3], [1, 1]]
    assert stack(values, ["a"]).tolist() == [1]
    assert stack(values, []).shape == (0,)


def test_taking_samples_leaves_what_all_share(model: Model) -> None:
    moved = model.move({"indicators/gdp/centre": np.array([-1.0, 0.0, 2.0])}).law
    taken = take_samples(moved, lambda array: array[..., 1:])
    assert taken.path.shape == (*model.law.path.shape, 2)
    np.testing.assert_array_equal(taken.path, moved.path[..., 1:])
    assert taken.shares.shape == (*model.law.shares.shape, 1)
    assert taken.degrees_of_freedom is moved.degrees_of_freedom
