"""What is not known of the calibration: averaged over in the odds, and told in their range."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.engine.draws import draw
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.nets import REPLICATES
from sim.engine.redraw import redraw_odds
from sim.engine.run import run
from sim.errors import InputError
from sim.inputs.delivery_numbers import Chance
from sim.inputs.files.validation import Checked
from sim.inputs.numbers import Number
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import read_scenario
from sim.model.model import Model, build_model
from sim.results.attainment import Attainment
from sim.results.integrals import RANGE_LEVELS, Integrals, sum_at_least

N_CALIBRATIONS, N_PATHS = 384, 2_048


def know_less(node: Any) -> Any:
    """Of all numbers of a calibration: twice the standard deviation, and a quarter of the records."""
    if isinstance(node, Number):
        return node.model_copy(update={"sd": 2 * node.sd})
    if isinstance(node, Chance):
        return node.model_copy(update={"weight": node.weight / 4})
    if isinstance(node, dict):
        return {name: know_less(part) for name, part in node.items()}
    if isinstance(node, list):
        return [know_less(part) for part in node]
    if isinstance(node, Checked):
        return node.model_copy(update={name: know_less(getattr(node, name)) for name in type(node).model_fields})
    return node


@pytest.fixture(scope="module")
def unsure(model: Model) -> Model:
    """The shipped plan with little known, so that odds of the stated calibration would be found out."""
    return build_model(model.plan, know_less(model.calibration))


@pytest.fixture(scope="module")
def redrawn(unsure: Model, plan: Plan) -> Integrals:
    """Odds under calibrations drawn one by one, on the same paths otherwise."""
    return redraw_odds(unsure, read_scenario("export-slump", plan), N_CALIBRATIONS, N_PATHS, seed=5)


@pytest.fixture(scope="module")
def attainment(unsure: Model) -> Attainment:
    return run(unsure, "export-slump", n_paths=1_000, n_points=256).attainments[0]


def measure_z(redrawn: np.ndarray, odds: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Mean over calibrations less the odds, in standard errors: among calibrations, of shared paths, of the net."""
    among = redrawn.std(axis=-1) / np.sqrt(redrawn.shape[-1])
    within = np.sqrt(np.clip(odds * (1 - odds), 0, None) / N_PATHS)
    return (redrawn.mean(axis=-1) - odds) / np.sqrt(among**2 + within**2 + np.nan_to_num(error) ** 2 + 1e-8)


@pytest.mark.slow
def test_the_odds_are_the_mean_over_calibrations(redrawn: Integrals, attainment: Attainment) -> None:
    """Two loops, calibrations and paths, against one net that draws both at once: all targets and readings."""
    z = measure_z(redrawn.met, attainment.met, attainment.met_se)
    assert np.nanmax(np.abs(z)) < 4.5
    assert np.nanmean(z**2) < 1.6


def measure_groups(redrawn: Integrals, attainment: Attainment) -> np.ndarray:
    """The largest |z| of each group, over at least k of it."""
    worst = []
    for group, exactly in redrawn.number_met.items():
        odds = sum_at_least(attainment.number_met[group])
        z = measure_z(sum_at_least(exactly), odds, attainment.at_least_se[group])
        worst.append(np.abs(z[(odds > 0.002) & (odds < 0.998)]).max())
    return np.array(worst)


@pytest.mark.slow
def test_odds_of_groups_are_the_mean_over_calibrations(
    unsure: Model, redrawn: Integrals, attainment: Attainment
) -> None:
    """At least k of every group, all of it included: what targets share through a calibration is there too."""
    assert {"headline", "all"} < set(redrawn.number_met)
    worst = measure_groups(redrawn, attainment)
    assert worst.max() < 4
    assert np.mean(worst**2) < 4
    stated = run(replace(unsure, built_of=None), "export-slump", n_paths=1_000, n_points=256).attainments[0]
    assert measure_groups(redrawn, stated).max() > 5


@pytest.mark.slow
def test_conditional_odds_are_those_of_all_calibrations_together(redrawn: Integrals, attainment: Attainment) -> None:
    """Of all paths that miss: a calibration in which the target is missed more often weighs more."""
    own = np.einsum("iir->ir", redrawn.both)
    misses = np.broadcast_to((1 - own)[:, None], redrawn.both.shape).mean(axis=-1)
    hits = (own[None] - redrawn.both).mean(axis=-1)
    residual = (own[None] - redrawn.both - (hits / misses)[..., None] * (1 - own)[:, None]) / misses[..., None]
    among = residual.std(axis=-1) / np.sqrt(residual.shape[-1])
    share = attainment.if_missed
    within = np.sqrt(share * (1 - share) / (N_PATHS * misses))
    apart = ~np.eye(len(share), dtype=bool)
    z = (hits / misses - share)[apart] / np.sqrt(among**2 + within**2 + attainment.if_missed_se**2)[apart]
    assert np.abs(z).max() < 4
    assert np.mean(z**2) < 2.5  # thirty of the same six targets


@pytest.mark.slow
def test_the_range_is_that_of_plain_redraws(redrawn: Integrals, attainment: Attainment) -> None:
    """The central 80 % of 256 calibrations on a net, against that of plain ones; of groups likewise."""

    def compare(range_: np.ndarray, plain: np.ndarray) -> np.ndarray:
        """Widths of the range, and shares of the plain redraws a point or more below and above it."""
        low, high = np.quantile(plain, RANGE_LEVELS, axis=-1)
        wide = high - low > 0.1
        below, above = (
            (side * (plain.T - edge) < -0.01).mean(axis=0) for side, edge in ((1, range_[0]), (-1, range_[1]))
        )
        return np.array([(range_[1] - range_[0]) / np.maximum(high - low, 1e-9), below, above])[:, wide]

    groups = [
        compare(attainment.at_least_range[group], sum_at_least(exactly))
        for group, exactly in redrawn.number_met.items()
    ]
    targets = compare(attainment.met_range[:, 0], redrawn.met[0])
    assert (targets[0] > 0.75).all()
    assert (targets[0] < 1.35).all()
    for ratio, *outside in (targets, np.hstack(groups)):
        assert len(ratio) > 10
        assert 0.9 < np.median(ratio) < 1.1
        for shares in outside:  # a tenth or less, of a standard error of 0.024 with so many calibrations
            assert shares.max() < 0.2


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
    assert len(table) == 77
    assert (table.range_low <= table.range_high).all()


def test_paths_have_a_range_too(model: Model) -> None:
    """Of 64 plain redraws, against 256 on a net."""
    odds = [run(model, "baseline", n_paths=4_000, n_calibrations=64, method=method) for method in ("paths", "auto")]
    counted, other = (each.attainments[0] for each in odds)
    for plain, net in (
        (counted.met_range[:, 0], other.met_range[:, 0]),
        (counted.at_least_range["all"], other.at_least_range["all"]),
    ):
        low, high = plain
        assert (low <= high).all()
        width = net[1] - net[0]
        wide = width > 0.1
        assert wide.sum() > 10
        assert 0.8 < np.median((high - low)[wide] / width[wide]) < 1.25
    sure = run(replace(model, built_of=None), "baseline", n_paths=4_000, n_calibrations=16, method="paths")
    assert np.isnan(sure.attainments[0].met_range).all()


@pytest.mark.parametrize("count", [1, 24, 2048])
def test_calibrations_that_are_no_net_are_refused(model: Model, count: int) -> None:
    with pytest.raises(InputError, match="allowed: 0, or powers of two from 16 to 1,024"):
        run(model, "baseline", n_calibrations=count)
