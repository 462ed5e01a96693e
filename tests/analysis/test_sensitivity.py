"""Sensitivity: each shock left out, small and large, on the draws of the scenario."""

from dataclasses import replace

import pytest
from chart_reading import list_printed

import sim
from sim.analysis.sensitivity import VARIANTS, measure_sensitivity


def test_sensitivity_is_tidy_and_runs_what_it_says(model, sensitivity):
    table, scenario = sensitivity.table, sensitivity.scenario
    assert table.columns.tolist() == ["scenario", "shock", "target", "variant", "probability", "mc_se"]
    judged = len(model.plan.judged)
    assert len(table) == len(scenario.shocks) * len(VARIANTS) * judged
    assert not table.duplicated(["shock", "target", "variant"]).any()
    bare = replace(scenario, name="bare", shocks={k: v for k, v in scenario.shocks.items() if k != "rare_common_shock"})
    expected = sim.run(model, [scenario, bare], n_paths=4000, seed=7, n_calibrations=0, method="paths")
    for variant, attainment in zip(("scenario", "without"), expected.attainments, strict=True):
        rows = table[(table.shock == "rare_common_shock") & (table.variant == variant)].set_index("target")
        assert rows["probability"].to_dict() == list_printed(attainment).to_dict()
    sizes = sensitivity.sizes["rare_common_shock"]
    assert sizes["small"] < sizes["median"] < sizes["large"]
    gdp = table[(table.shock == "rare_common_shock") & (table.target == "gdp")].set_index("variant")["probability"]
    assert gdp["without"] > gdp["small"] > gdp["large"]


def test_a_dependent_shock_is_varied_and_children_keep_their_tree(model, sensitivity):
    """Leaving the parent out gives the child its probability of the parent's not happening."""
    scenario = sensitivity.scenario
    parent, child = scenario.shocks["export_slump"], scenario.shocks["property_slide"]
    alone = {
        **scenario.shocks,
        "export_slump": parent.model_copy(update={"probability": 0.0}),
        "property_slide": child.model_copy(
            update={"probability": child.depends_on.probability_if_not, "depends_on": None}
        ),
    }
    expected = sim.run(
        model, [replace(scenario, shocks=alone)], n_paths=4000, seed=7, n_calibrations=0, method="paths"
    ).attainments[0]
    rows = sensitivity.table.query("shock == 'export_slump' and variant == 'without'").set_index("target")
    assert rows["probability"].to_dict() == list_printed(expected).to_dict()
    slide = sensitivity.table.query("shock == 'property_slide' and target == 'fixed_asset_investment'")
    odds = slide.set_index("variant")["probability"]
    assert odds["without"] > odds["scenario"] > odds["large"]


def test_a_name_stands_for_a_scenario_and_a_slip_in_code_is_refused(model, plan):
    found = sim.measure_sensitivity(model, "tax-refunds", n_paths=200, method="paths")
    again = sim.measure_sensitivity(plan, sim.read_scenario("tax-refunds", plan), n_paths=200, method="paths")
    assert found.table.equals(again.table)
    scenario = found.scenario
    wrong = scenario.shocks["tax_refunds"].model_copy(update={"probability": 7})
    with pytest.raises(sim.InputError, match=r"shocks.tax_refunds.probability: 7 is out of range"):
        measure_sensitivity(model, replace(scenario, shocks={"tax_refunds": wrong}))


def test_a_scenario_without_shocks_names_those_that_have_some(model):
    from sim.inputs.scenario.reading import ORDINARY

    with pytest.raises(ValueError, match=r"scenario 'ordinary' has no shocks.*export-slump") as caught:
        measure_sensitivity(model, ORDINARY, n_paths=100)
    assert "\n" not in str(caught.value)
