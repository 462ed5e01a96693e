"""What is not known of the calibration: averaged over in the odds, and told in their range."""

from dataclasses import replace

import numpy as np
import pytest

from sim.engine.draws import REPLICATES, draw
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.redraw import redraw_odds
from sim.engine.run import run
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.scenario.reading import read_scenario
from sim.model.model import Model, build_model
from sim.results.attainment import RANGE_LEVELS


@pytest.fixture(scope="module")
def redrawn(model: Model, plan: Plan) -> np.ndarray:
    """Odds under 192 calibrations drawn one by one, on the same 1,024 paths otherwise."""
    return redraw_odds(model, read_scenario("export-slump", plan), 192, 1_024, seed=5)


@pytest.mark.slow
def test_the_odds_are_the_mean_over_calibrations(model: Model, redrawn: np.ndarray) -> None:
    """Two loops, calibrations and paths, against one net that draws both at once."""
    odds = run(model, "export-slump", n_paths=1_000, n_points=256, n_calibrations=0).attainments[0]
    among = redrawn.std(axis=-1) / np.sqrt(redrawn.shape[-1])
    within = np.sqrt(odds.met * (1 - odds.met) / 1_024)  # the same paths for all calibrations
    error = np.sqrt(among**2 + within**2 + odds.met_se**2)
    z = ((redrawn.mean(axis=-1) - odds.met) / np.maximum(error, 1e-4))[: len(READINGS)]
    assert np.nanmax(np.abs(z)) < 4.5
    assert np.nanmean(z**2) < 1.6


@pytest.mark.slow
def test_the_range_is_that_of_plain_redraws(model: Model, plan: Plan) -> None:
    """The central 80 % of 256 calibrations on a net, against 192 drawn one by one on paths."""
    scenario = read_scenario("export-slump", plan)
    attainment = run(model, scenario, n_paths=1_000, n_points=256).attainments[0]
    plain = redraw_odds(model, scenario, 192, 4_096, seed=6)[0]
    low, high = np.quantile(plain, RANGE_LEVELS, axis=-1)
    wide = high - low > 0.1
    assert wide.sum() > 10
    ratio = (attainment.met_range[1, 0] - attainment.met_range[0, 0])[wide] / (high - low)[wide]
    assert 0.9 < np.median(ratio) < 1.1
    assert (ratio > 0.75).all()
    assert (ratio < 1.35).all()


def test_a_held_calibration_is_the_model_built_of_its_numbers(model: Model) -> None:
    """A number moved on the paths road gives the laws of a calibration that states the moved number."""
    place = "indicators/gdp/centre"
    moved = model.move({name: np.full(1, 2.0 if name == place else 0.0) for name in model.uncertain})
    gdp = model.calibration.indicators["gdp"]
    centre = gdp.centre.model_copy(update={"value": gdp.centre.value + 2 * gdp.centre.sd})
    indicators = {**model.calibration.indicators, "gdp": gdp.model_copy(update={"centre": centre})}
    built = build_model(model.plan, model.calibration.model_copy(update={"indicators": indicators}))
    np.testing.assert_allclose(moved.law.path[..., 0], built.law.path, rtol=1e-12)
    np.testing.assert_allclose(moved.law.momentum[..., 0], built.law.momentum, atol=1e-12)


def test_without_anything_unknown_the_odds_are_those_of_the_calibration(model: Model) -> None:
    """Laws given by hand are exact: nothing is averaged over, and there is no range."""
    sure = replace(model, built_of=None)
    assert sure.uncertain == ()
    attainment = run(sure, "export-slump", n_paths=1_000, n_points=64).attainments[0]
    np.testing.assert_array_equal(attainment.met, attainment.plug_in)
    assert np.isnan(attainment.met_range).all()
    assert not draw(sure, 10).redrawn


def test_the_odds_lie_in_their_range(model: Model) -> None:
    attainment = run(model, "baseline", n_paths=1_000, n_points=256).attainments[0]
    low, high = attainment.met_range[:, 0]
    assert (low <= attainment.met[0] + 1e-9).all()
    assert (attainment.met[0] <= high + 1e-9).all()


def test_a_replicate_is_a_calibration_for_the_range(model: Model, plan: Plan) -> None:
    """All replicates stand on the same points: what differs among them is their calibration alone."""
    baseline = [read_scenario("baseline", plan)]
    (both,) = integrate_replicates(model, baseline, 32, 3, range(4), "replicate", 16)
    (later,) = integrate_replicates(model, baseline, 32, 3, range(2, 4), "replicate", 16)
    np.testing.assert_allclose(both.met[..., 2:], later.met, atol=1e-6)
    (stated,) = integrate_replicates(model, baseline, 32, 3, range(REPLICATES), "stated")
    assert both.met[0].std(axis=-1).max() > 5 * stated.met[0].std(axis=-1).max()


def test_what_is_compared_has_its_columns(model: Model) -> None:
    table = run(model, "baseline", n_paths=1_000, n_points=64, n_calibrations=16).uncertainty
    columns = ["scenario", "target", "probability", "mc_se", "range_low", "range_high", "exact_calibration"]
    assert table.columns.tolist() == columns
    assert len(table) == 79
    assert (table.range_low <= table.range_high).all()


def test_paths_have_a_range_too(model: Model) -> None:
    counted = run(model, "baseline", n_paths=4_000, n_calibrations=16, method="paths").attainments[0]
    low, high = counted.met_range[:, 0]
    assert (high - low).max() > 0.1
    assert (low <= high).all()


@pytest.mark.parametrize("count", [1, 24, 2048])
def test_calibrations_that_are_no_net_are_refused(model: Model, count: int) -> None:
    with pytest.raises(InputError, match="allowed: 0, or powers of two from 16 to 1,024"):
        run(model, "baseline", n_calibrations=count)
