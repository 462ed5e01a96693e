"""The second error bar: calibrations redrawn within their stated uncertainty."""

import numpy as np

from sim.engine.redraw import redraw, spread_odds
from sim.engine.run import run
from sim.inputs.calibration import Calibration
from sim.inputs.numbers import Number
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import read_scenarios
from sim.model.model import Model


def numbers_of(node: object) -> list[Number]:
    if isinstance(node, Number):
        return [node]
    inner = (
        node.values()
        if isinstance(node, dict)
        else node
        if isinstance(node, list)
        else getattr(node, "__dict__", {}).values()
    )
    return [
        number
        for each in inner
        if isinstance(each, dict | list) or hasattr(each, "__dict__")
        for number in numbers_of(each)
    ]


def certain(calibration: Calibration) -> Calibration:
    """The calibration with no uncertainty in any number."""
    text = calibration.model_dump()

    def strip(node: object) -> object:
        if isinstance(node, dict):
            return {key: 0.0 if key == "sd" else strip(value) for key, value in node.items()}
        return [strip(each) for each in node] if isinstance(node, list) else node

    return Calibration.model_validate(strip(text))


def test_every_uncertain_number_moves_and_every_certain_one_stays(model: Model) -> None:
    before, after = numbers_of(model.calibration), numbers_of(redraw(model.calibration, 1, 0))
    assert len(before) == len(after) > 70
    for old, new in zip(before, after, strict=True):
        assert (old.value != new.value) == (old.sd > 0) or old.value in old.range or new.value in new.range


def test_redrawn_values_stay_in_range(model: Model) -> None:
    for index in range(50):
        Calibration.model_validate(redraw(model.calibration, 3, index).model_dump())


def test_redrawn_values_have_the_stated_spread(model: Model) -> None:
    wanted = model.calibration.indicators["gdp"].trend_sd
    drawn = [redraw(model.calibration, 5, index).indicators["gdp"].trend_sd.value for index in range(400)]
    assert abs(np.mean(drawn) - wanted.value) < 4 * wanted.sd / 20
    assert abs(np.std(drawn) / wanted.sd - 1) < 0.15


def test_without_uncertainty_the_second_bar_is_zero(model: Model, plan: Plan) -> None:
    from dataclasses import replace

    sure = replace(model, calibration=certain(model.calibration))
    assert (spread_odds(sure, read_scenarios(["baseline"], plan), 2) == 0).all()


def test_reserve_dominates_what_it_should(model: Model, plan: Plan) -> None:
    """A delivery whose reserve is a guess has a wide second bar; one on record a narrow one."""
    spread = dict(
        zip([t.id for t in plan.judged], spread_odds(model, read_scenarios(["baseline"], plan), 12)[0], strict=True)
    )
    assert spread["storage_capacity"] > 3 * spread["grain_output"]


def test_both_errors_are_compared(model: Model) -> None:
    compared = run(model, "baseline", n_paths=2_000, n_calibrations=3).uncertainty
    assert compared.columns.tolist() == ["scenario", "target", "probability", "mc_se", "calibration_sd", "dominates"]
    assert len(compared) == 79
    assert ((compared.calibration_sd > compared.mc_se) == (compared.dominates == "calibration")).all()
