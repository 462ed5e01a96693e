"""The calibration: numbers with their uncertainty and source, one file."""

from pathlib import Path

import pytest
from small_plans import NUMBERS, TABLES, WritePlan

from sim.errors import InputError
from sim.inputs.calibration import read_calibration
from sim.inputs.plan.plan import Plan


def refusals(path: Path, plan: Plan) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_calibration(path, plan)
    return str(caught.value).replace(f"{path.parent}/", "").splitlines()


def test_every_fault_of_a_file_is_told_in_order(twin: Plan, tmp_path: Path) -> None:
    text = TABLES["calibration.yaml"].replace("schema_version: 1", "schema_version: 2\nextra: 3")
    text = text.replace("value: 5,", "value: 1.5,").replace("value: 5.2,", "value: 5.2 %,", 1)
    text = text.replace("  retail_sales:", "  retail_sale:")
    path = tmp_path / "calibration.yaml"
    path.write_text(text)
    places = ["1:17", "2:1", "3:29", "5:3", "6:21", "12:3"]
    assert [fault.split(": ")[0] for fault in refusals(path, twin)] == [f"calibration.yaml:{at}" for at in places]


@pytest.mark.parametrize(
    "missing", ["value", "sd", "unit", "source"], ids=["no value", "no uncertainty", "no unit", "no source"]
)
def test_a_number_needs_value_uncertainty_unit_and_source(twin: Plan, tmp_path: Path, missing: str) -> None:
    parts = {"value": "value: 5, ", "sd": "sd: 1, ", "unit": 'unit: "1", ', "source": "source: s"}
    path = tmp_path / "calibration.yaml"
    path.write_text(TABLES["calibration.yaml"].replace(parts[missing], "", 1))
    assert refusals(path, twin) == [f"calibration.yaml:2:21: key '{missing}' is missing"]


def test_deliveries_need_numbers_only_where_the_plan_has_some(plan: Plan, twin: Plan) -> None:
    record = (twin.folder / "calibration.yaml").read_text()
    assert "deliveries" not in record
    assert read_calibration(twin.folder / "calibration.yaml", twin).deliveries is None
    assert read_calibration(plan.folder / "calibration.yaml", plan).deliveries is not None


def test_every_number_of_a_shipped_calibration_says_where_it_comes_from(plan: Plan) -> None:
    calibration = read_calibration(plan.folder / "calibration.yaml", plan)
    for numbers in calibration.indicators.values():
        assert all(len(number.source) > 3 and number.sd >= 0 for _, number in numbers)


def test_a_file_holds_what_is_read_from_it(twin: Plan) -> None:
    calibration = read_calibration(twin.folder / "calibration.yaml", twin)
    assert calibration.degrees_of_freedom.value == 5
    assert calibration.indicators["gdp"].persistence.value == 0.75
    assert calibration.indicators["gdp"].persistence.sd == 0.1


def test_files_without_a_basis_hold_given_numbers(twin: Plan) -> None:
    number = read_calibration(twin.folder / "calibration.yaml", twin).indicators["gdp"].centre
    assert (number.basis, number.fitted, number.is_overridden) == ("given", None, False)
    assert number.provenance == "given, not fitted"


def test_a_fitted_number_keeps_its_value_as_fitted(twin: Plan, tmp_path: Path) -> None:
    path = tmp_path / "calibration.yaml"
    text = TABLES["calibration.yaml"]
    path.write_text(text.replace('unit: "1", ', 'unit: "1", basis: fitted, ', 1))
    words = "key 'fitted' is missing; basis: fitted needs the value as fitted; or write basis: given"
    assert refusals(path, twin) == [f"calibration.yaml:2:21: {words}"]
    path.write_text(text.replace('unit: "1", ', 'unit: "1", basis: fitted, fitted: 4.5, ', 1))
    tails = read_calibration(path, twin).degrees_of_freedom
    assert tails.is_overridden
    assert tails.provenance == "given by hand, fitted 4.50"
    assert tails.model_copy(update={"value": 4.5}).is_fitted


def test_spillovers_name_two_indicators(twin: Plan, tmp_path: Path) -> None:
    path = tmp_path / "calibration.yaml"
    spillover = "{origin: gdp, reaches: retail_sales, value: 0.1, sd: 0.1, unit: pp/pp, source: s}"
    path.write_text(TABLES["calibration.yaml"] + f"spillovers:\n  - {spillover}\n")
    (read,) = read_calibration(path, twin).spillovers
    assert (read.origin, read.reaches, read.value) == ("gdp", "retail_sales", 0.1)


def test_the_order_of_indicators_changes_nothing(twin: Plan, two_indicator_plan: WritePlan) -> None:
    folder = two_indicator_plan()
    path = folder / "calibration.yaml"
    text = path.read_text()
    first = read_calibration(path, twin)
    path.write_text(text.split("  gdp:")[0] + f"  retail_sales:\n{NUMBERS}  gdp:\n{NUMBERS}")
    assert read_calibration(path, twin) == first
