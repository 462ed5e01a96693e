"""What-ifs: what a slider shows is what a run of the changed scenario gives."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_models import make_law, make_model, make_scenario, make_shock

from sim.analysis.what_if import LARGEST, WhatIf, WhatIfOdds
from sim.engine.run import run
from sim.errors import InputError, QuestionWarning
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.published.reading import read_published
from sim.inputs.scenario.reading import Scenario, read_scenario
from sim.inputs.scenario.sizes import scale_size
from sim.learning.loading import load_model
from sim.model.model import Model, build_model
from sim.results.attainment import Attainment

ROW = "2024-07-15,H1,gdp,5.4,%,0.1,first,bulletin"


@pytest.fixture(scope="module")
def slump(plan: Plan) -> Scenario:
    return read_scenario("export-slump", plan)


@pytest.fixture(scope="module")
def what_if(model: Model, slump: Scenario) -> WhatIf:
    return WhatIf(model, slump)


def change(scenario: Scenario, name: str, **changes: object) -> Scenario:
    return replace(scenario, shocks={**scenario.shocks, name: scenario.shocks[name].model_copy(update=changes)})


def run_again(model: Model, scenario: Scenario) -> Attainment:
    """A run whose points are others than those of the what-if."""
    return run(model, [scenario], n_paths=100, seed=77, n_calibrations=0, method="analytic", n_points=2048).attainments[
        0
    ]


def assert_alike(live: WhatIfOdds, fresh: Attainment) -> None:
    judged = [target.id for target in fresh.plan.judged]
    places = [judged.index(name) for name in live.targets]
    odds, error = fresh.met[: len(READINGS), places], fresh.met_se[: len(READINGS), places]
    assert (np.abs(live.probability - odds) < 5 * np.hypot(np.nan_to_num(live.mc_se, nan=1e-3), error) + 1e-5).all()
    headline = fresh.joint[fresh.joint.group == "headline"].iloc[-1]
    assert headline.at_least == len(fresh.plan.headline)
    assert live.joint == pytest.approx(headline.probability, abs=4.5 * np.hypot(live.joint_se, headline.mc_se))
    quarters = len(fresh.plan.quarter_names)
    cumulative = fresh.growth[[0, *range(quarters, 2 * quarters - 1)]]
    assert live.quantiles.shape == cumulative.shape
    gap, error = np.abs(live.quantiles - cumulative), fresh.growth_se[[0, *range(quarters, 2 * quarters - 1)]]
    assert gap.mean() < 3 * error.mean() + 2e-3


def test_unchanged_odds_are_those_of_the_scenario(model: Model, slump: Scenario, what_if: WhatIf) -> None:
    live = what_if.odds()
    assert_alike(live, run_again(model, slump))
    assert (live.mc_se < 3e-3).all()
    assert 0 < live.joint_se < 2e-3


@pytest.mark.parametrize("factor", [0.0, 0.4, 1.7, LARGEST])
def test_a_factor_on_the_size_is_a_larger_law_of_the_size(
    model: Model, slump: Scenario, what_if: WhatIf, factor: float
) -> None:
    size = scale_size(slump.shocks["export_slump"].size, factor)
    fresh = run_again(model, change(slump, "export_slump", size=size))
    assert_alike(what_if.odds(sizes={"export_slump": factor}), fresh)


@pytest.mark.parametrize("quarter", ["Q1", "Q4"])
def test_another_onset_is_that_of_the_scenario(model: Model, slump: Scenario, what_if: WhatIf, quarter: str) -> None:
    assert_alike(
        what_if.odds(onsets={"export_slump": quarter}), run_again(model, change(slump, "export_slump", onset=quarter))
    )


def test_another_number_of_a_target_is_that_of_the_plan(model: Model, slump: Scenario, what_if: WhatIf) -> None:
    targets = [each.model_copy(update={"value": 4.8}) if each.id == "gdp" else each for each in model.plan.targets]
    lower = build_model(replace(model.plan, targets=tuple(targets)), model.calibration)
    assert_alike(what_if.odds(values={"gdp": 4.8}), run_again(lower, slump))


@pytest.mark.parametrize("chance", [0.0, 0.15, 0.6])
def test_another_probability_is_that_of_the_scenario(
    model: Model, slump: Scenario, what_if: WhatIf, chance: float
) -> None:
    live = what_if.odds(probabilities={"rare_common_shock": chance})
    assert_alike(live, run_again(model, change(slump, "rare_common_shock", probability=chance)))


def test_another_tolerance_is_that_of_the_plan(model: Model, slump: Scenario, what_if: WhatIf) -> None:
    targets = tuple(
        each.model_copy(update={"tolerance": 0.45}) if each.id == "gdp" else each for each in model.plan.targets
    )
    other = replace(model, plan=replace(model.plan, targets=targets))
    assert_alike(what_if.odds(tolerances={"gdp": 0.45}), run_again(other, slump))
    assert what_if.odds(tolerances={"gdp": 0.45}).probability[2, 0] > what_if.odds().probability[2, 0]


def test_a_probability_takes_the_place_of_a_dependence(twin: Plan) -> None:
    model = make_model(load_model(twin), make_law(8, 2, 3, 4.0), [0.2, -0.4])
    depends = {"shock": "storm", "probability_if_happened": 0.9, "probability_if_not": 0.1}
    size = {"law": "lognormal", "median": 1.0, "sigma": 0.5}
    storm = make_shock(size=size, onset={"Q1": 0.5, "Q3": 0.5})
    flood = make_shock(probability=None, depends_on=depends, size=size, loadings={"series_0": -1, "series_1": -1})
    what_if = WhatIf(model, make_scenario(storm=storm, flood=flood))
    assert_alike(what_if.odds(), run_again(model, what_if.scenario))
    free = flood.model_copy(update={"probability": 0.6, "depends_on": None})
    live = what_if.odds(probabilities={"flood": 0.6}, sizes={"storm": 2.0})
    size_twice = scale_size(storm.size, 2.0)
    fresh = make_scenario(storm=storm.model_copy(update={"size": size_twice}), flood=free)
    assert_alike(live, run_again(model, fresh))


def test_the_same_bits_whatever_was_asked_before(model: Model, slump: Scenario, what_if: WhatIf) -> None:
    wanted = {"sizes": {"export_slump": 1.3}, "probabilities": {"rare_common_shock": 0.2}}
    first = WhatIf(model, slump).odds(**wanted)
    for other in ({}, {"sizes": {"export_slump": 3.0}}, {"probabilities": {"export_slump": 0.0}}):
        what_if.odds(**other)
        again = what_if.odds(**wanted)
        for name in ("probability", "mc_se", "quantiles"):
            np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
        assert (first.joint, first.joint_se) == (again.joint, again.joint_se)


def test_a_model_and_a_scenario_may_be_named(what_if: WhatIf) -> None:
    named = WhatIf("qingdao-2024", "export-slump")
    assert repr(named) == repr(what_if) == "<WhatIf of export-slump: export_slump, rare_common_shock>"
    np.testing.assert_array_equal(named.odds().probability, what_if.odds().probability)
    with pytest.raises(InputError, match="no such file"):
        WhatIf("qingdao-2024", "export-slmp")


def test_a_harsher_slump_lowers_all_odds_it_touches(what_if: WhatIf) -> None:
    joint = [what_if.odds(sizes={"export_slump": factor}).joint for factor in (0, 0.5, 1, 2, 3)]
    assert joint == sorted(joint, reverse=True)
    assert len(set(joint)) == 5


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"sizes": {"quake": 1.0}}, "sizes: nothing named 'quake'; allowed: .*export_slump"),
        ({"sizes": {"export_slump": -0.1}}, "sizes: -0.1 for export_slump; allowed: a number from 0 to 3"),
        ({"sizes": {"export_slump": 3.01}}, "3.01 for export_slump; allowed: a number from 0 to 3"),
        ({"sizes": {"export_slump": float("nan")}}, "sizes: nan for export_slump"),
        ({"probabilities": {"quake": 0.5}}, "probabilities: nothing named 'quake'"),
        ({"probabilities": {"export_slump": 1.01}}, "1.01 for export_slump; allowed: a number from 0 to 1"),
        ({"tolerances": {"grain_output": 0.1}}, "tolerances: nothing named 'grain_output'; allowed: gdp"),
        ({"tolerances": {"gdp": -1.0}}, "tolerances: -1 for gdp"),
        ({"probabilities": {"export_slump": "50%"}}, "probabilities: '50%' for export_slump; allowed: a number"),
        ({"values": {"gdp": True}}, "values: True for gdp"),
        ({"onsets": {"export_slump": "q9"}}, "onsets: export_slump in 'q9'; allowed: Q1, Q2"),
        ({"tolerances": [0.1]}, "tolerances: an object of type list"),
        ({"sizes": [1.5]}, "sizes: an object of type list stands where a mapping is due"),
    ],
)
def test_what_makes_no_sense_is_refused(what_if: WhatIf, asked: dict[str, dict[str, float]], told: str) -> None:
    with pytest.raises(InputError, match=told):
        what_if.odds(**asked)


def test_names_of_targets_are_read_as_people_write_them(what_if: WhatIf) -> None:
    shock = "export_slump"
    spelled = what_if.odds(values={"地区生产总值": 4.8}, onsets={shock: "二季度"})
    named = what_if.odds(values={"gdp": 4.8}, onsets={shock: "Q2"})
    assert np.array_equal(spelled.probability, named.probability)


def test_a_figure_that_no_year_would_print_is_refused(what_if: WhatIf) -> None:
    with (
        pytest.warns(QuestionWarning, match="an index"),
        pytest.raises(InputError, match=r"published: .*less than once in a million years"),
    ):
        what_if.suppose("GDP", "Q1", 105.2)
    for value in ("5.2", float("inf"), True):
        with pytest.raises(InputError, match=r"value: .* for gdp; allowed: a number"):
            what_if.suppose("gdp", "Q1", value)
    with pytest.warns(QuestionWarning, match="a share"):
        what_if.odds(values={"gdp": 0.055})


def test_a_scenario_that_needs_paths_has_no_what_if(model: Model, slump: Scenario) -> None:
    many = {f"shock_{number}": slump.shocks["export_slump"] for number in range(33)}
    with pytest.raises(InputError, match="no what-if of scenario 'export-slump': 33 shocks"):
        WhatIf(model, replace(slump, shocks=many))


def test_a_supposed_figure_is_one_that_is_published(model: Model, slump: Scenario, tmp_path: Path) -> None:
    known = read_published(model.plan, "qingdao-2024-h1").as_of("2024-05-01")
    table = tmp_path / "published.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, known.figures[0].row)
        rows.writeheader()
        rows.writerows([figure.row for figure in known])
        file.write(ROW)
    what_if = WhatIf(model, slump, published=known)
    supposed, read = what_if.suppose("gdp", "H1", 5.4), WhatIf(model, slump, published=table)
    assert np.array_equal(supposed.odds().probability, read.odds().probability)
    with pytest.raises(InputError, match=r"no period 'H3'.*\n.*no series 'gpd'; .*did you mean 'gdp'"):
        what_if.suppose("gpd", "H3", 5.0)
