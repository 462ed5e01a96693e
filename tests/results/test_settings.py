"""Settings of a run: refused in words, all at once, before any work."""

from dataclasses import replace

import numpy as np
import pytest

from sim.engine.run import run
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import read_scenario
from sim.model.model import Model
from sim.results.settings import RunSettings, check_settings


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"seed": -1}, r"seed: -1; allowed: 0 or more"),
        ({"seed": "x"}, r"seed: 'x' is not a whole number; allowed: 0 or more"),
        ({"n_paths": 1.5}, r"n_paths: 1.5 is not a whole number; allowed: 1 to 1,000,000,000"),
        ({"n_points": True}, r"n_points: True; allowed: powers of two from 16 to 65,536"),
        ({"n_points": 96}, r"n_points: 96 points; allowed: powers of two"),
        ({"n_calibrations": 24}, r"n_calibrations: 24 calibrations; allowed: 0, or powers of two from 16 to 1,024"),
        ({"tolerance": 0.0}, r"tolerance: 0.0; allowed: a standard error from 1e-06 to 0.1"),
        ({"tolerance": "0.01"}, r"tolerance: '0.01'; allowed: a standard error"),
        ({"method": "analytical"}, r"method: unknown 'analytical'; allowed: .*; did you mean 'analytic'\?"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(plan: Plan, setting: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=f"^{words}"):
        check_settings(RunSettings(**setting), plan)  # type: ignore[arg-type]


def test_faults_of_all_settings_are_told_at_once(model: Model, plan: Plan) -> None:
    with pytest.raises(InputError) as caught:
        run(model, [read_scenario("baseline", plan)], n_paths=0, seed=-1, method="guess")
    assert [fault.file for fault in caught.value.faults] == ["method", "n_paths", "seed"]


def test_whole_numbers_of_any_type_become_integers(plan: Plan) -> None:
    checked = check_settings(RunSettings(n_paths=2e5, seed=np.int64(7)), plan)  # type: ignore[arg-type]
    assert checked == RunSettings(n_paths=200_000, seed=7)
    assert type(checked.n_paths) is type(checked.seed) is int


def test_a_run_keeps_what_it_was_asked_for_and_what_it_took(model: Model, plan: Plan) -> None:
    result = run(model, [read_scenario("baseline", plan)], n_calibrations=0, tolerance=0.01)
    asked = RunSettings(n_calibrations=0, tolerance=0.01)
    assert replace(result.settings, n_paths=None, n_points=asked.n_points) == asked
    assert (result.n_paths, result.attainments[0].n_points) == (16_384, 16 * result.settings.n_points)
