"""The calibration: numbers with their uncertainty and source, one file."""

import re
from pathlib import Path

import pytest
from small_plans import NUMBERS, TABLES, WritePlan

from sim.errors import InputError
from sim.inputs.calibration import read_calibration, read_prior
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


@pytest.mark.parametrize(
    ("field", "value"),
    [("trend_sd", "-0.1"), ("trend_common", "1.2"), ("innovation_common", "-1.5"), ("persistence", "1")],
)
def test_every_number_keeps_its_bounds(twin: Plan, tmp_path: Path, field: str, value: str) -> None:
    path = tmp_path / "calibration.yaml"
    text, found = re.subn(
        rf"{field}: {{value: [^,]+,", f"{field}: {{value: {value},", TABLES["calibration.yaml"], count=1
    )
    assert found
    path.write_text(text)
    (refusal,) = refusals(path, twin)
    assert f"{value} is out of range" in refusal


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


def write_shipped(plan: Plan, path: Path, before: str, after: str) -> Path:
    """The shipped calibration with one thing written for another."""
    text = (plan.folder / "calibration.yaml").read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("shares: [0.08, 0.22, 0.32, 0.38]", "shares: [0.5, 0.5]", "2 shares for a year of 4 quarters"),
        ("shares: [0.08, 0.22, 0.32, 0.38]", "shares: [0.08, 0.22, 0.32, 0.4]", "the shares sum to 1.02"),
        ("shares: [0, 0.43, 0.15, 0.42]", "shares: [0, 0.43, 0.15, 0.42]\n      timing: []", None),
        ("    livelihood_facilities:\n", "    livelihood:\n", "'livelihood_facilities' is missing in classes"),
        ("    works_opening:\n", "    works_opened:\n", "'works_opening' is missing in classes"),
        ("    construction:\n", "    constructions:\n", "'construction' is missing in courses"),
        ("    grain_output:\n", "    grain_outputs:\n", "unknown name 'grain_outputs' in levels"),
        ("reach: {value: 0.9962,", "reach: {value: 1.2,", "1.2 is out of range"),
        ("weight: 22.07,", "weight: 0,", "0 is out of range"),
        ("arrivals: steady", "arrivals: stedy", "unknown 'stedy'"),
        ("pile: 0.097", "pile: 1.45", "1.45 is out of range"),
        ("share: {value: 0.941,", "share: {value: 94,", "94 is out of range"),
        ("milestones:\n  classes:\n", "milestones:\n  on_time: 0.9\n  classes:\n", "unknown key 'on_time'"),
    ],
)
def test_faults_of_deliveries_and_milestones_are_told(
    plan: Plan, tmp_path: Path, before: str, after: str, words: str | None
) -> None:
    path = write_shipped(plan, tmp_path / "calibration.yaml", before, after)
    if words is None:
        assert read_calibration(path, plan).deliveries is not None
    else:
        assert words in "\n".join(refusals(path, plan))


def test_quarterly_noise_and_what_is_known_of_shocks_may_be_left_out(twin: Plan) -> None:
    calibration = read_calibration(twin.folder / "calibration.yaml", twin)
    assert calibration.indicators["gdp"].quarter_sd.value == 0
    assert calibration.indicators["gdp"].quarter_sd.sd == 0
    assert calibration.shocks.records == 16


FORMER = """\
deliveries:
  speed_common: {value: 0.04, sd: 0.02, unit: share, source: s}
  seasons: {steady: {shares: [0.25, 0.25, 0.25, 0.25]}}
milestones:
  on_time: {value: 0.8, sd: 0.1, unit: share, source: s}
"""


def test_a_former_layout_is_told_in_a_line_for_each_part(plan: Plan, tmp_path: Path) -> None:
    for name, read in (("calibration", read_calibration), ("prior", read_prior)):
        text = (plan.folder / f"{name}.yaml").read_text(encoding="utf-8")
        path = tmp_path / f"{name}.yaml"
        path.write_text(text[: text.index("\ndeliveries:")] + "\n" + FORMER, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read(path, plan)
        told = [str(fault) for fault in caught.value.faults]
        assert len(told) == 2
        assert "'deliveries' as an earlier version wrote it (speed_common, seasons)" in told[0]
        mend = "copy milestones from the prior.yaml that `sim new" if name == "prior" else "sim calibrate --plan"
        assert mend in told[1]


def test_a_former_layout_matters_only_where_it_is_needed(twin: Plan, tmp_path: Path) -> None:
    text = (twin.folder / "calibration.yaml").read_text(encoding="utf-8")
    path = tmp_path / "calibration.yaml"
    path.write_text(text + FORMER, encoding="utf-8")
    assert read_calibration(path, twin) == read_calibration(twin.folder / "calibration.yaml", twin)


@pytest.mark.parametrize(
    "words",
    [
        ("centre: {value: 5.2, sd: 0.2, unit: pp, source: s", '"6.1 in 2023. Coefficients: 12% from 3 own targets'),
        ("trend_sd: {value: 0.7, sd: 0.1, unit: pp, source: s", '"ordinary years spread by 1.2, of which'),
    ],
)
def test_a_former_fit_that_does_not_say_to_what_is_refused(twin: Plan, tmp_path: Path, words: tuple[str, str]) -> None:
    text = (twin.folder / "calibration.yaml").read_text(encoding="utf-8")
    path = tmp_path / "calibration.yaml"
    path.write_text(text.replace(words[0], words[0][:-1] + words[1] + '"', 1), encoding="utf-8")
    assert "the centre of gdp was fitted, but the file does not say to what" in refusals(path, twin)[0]
    path.write_text("made_from: hand\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert read_calibration(path, twin).made_from == "hand"
