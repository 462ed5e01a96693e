"""The targets table: what is refused, row and column, and what `sim targets` shows."""

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan


def change(plan: Plan, folder: Path, target: str, **cells: str) -> tuple[Path, int, list[str]]:
    """A copy of the shipped plan with some cells of one target changed; its line and the columns."""
    copy = folder / "plan"
    shutil.copytree(plan.folder, copy)
    path = copy / "targets.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    if "members" in cells:
        columns = [*columns[:-1], "members", columns[-1]]
    line = next(number for number, row in enumerate(rows, start=2) if row["id"] == target)
    rows[line - 2].update(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return copy, line, columns


@pytest.mark.parametrize(
    ("target", "cells", "column", "words"),
    [
        ("charging_piles", {"phrase": ""}, "phrase", "nothing"),
        ("charging_piles", {"group": "oceann"}, "group", "unknown group 'oceann'; allowed: macro, industry"),
        ("first_stores", {"value": "30.5"}, "value", "30.5 家 is not a whole number of institutions"),
        ("charging_piles", {"value": "2.40005"}, "value", "is not a whole number of ten thousand items"),
        ("metro_line_6", {"quarter": ""}, "quarter", "a milestone needs its planned quarter"),
        ("metro_line_6", {"quarter": "Q5"}, "quarter", "unknown quarter 'Q5'; allowed: Q1, Q2, Q3, Q4"),
        ("grain_output", {"value": "-300"}, "value", "the goal -300 is not positive"),
        ("grain_output", {"unit": "桶"}, "unit", "unknown unit '桶'; known: %, pp"),
        ("grain_output", {"unit": "万吨s"}, "unit", "declare another in units.csv: unit,name_en,singles"),
        ("grain_output", {"season": ""}, "season", "a delivery needs its class"),
        ("grain_output", {"kind": "crop"}, "kind", "unknown 'crop'; allowed: growth, level, count"),
        ("grain_output", {"criterion": "complete"}, "criterion", "criterion 'complete' does not go with level"),
        ("grain_output", {"criterion": "range"}, "id", "a range has two ends; criterion between, from value to upper"),
        ("first_stores", {"criterion": "之间", "value": "33至28"}, "id", "the range from 33 to 28 does not rise"),
        ("first_stores", {"criterion": "between", "value": "28-30.5"}, "value", "30.5 家 is not a whole number"),
        (
            "metro_line_6",
            {"criterion": "以内"},
            "criterion",
            "'at_most' does not go with milestone; allowed: complete; w",
        ),
        ("property_policies", {"criterion": "range"}, "criterion", "with one it is growth, a level or a count"),
        ("first_stores", {"criterion": "左右", "tolerance": "2"}, "tolerance", "a delivery has no reading within a"),
        ("gdp", {"unit": "pp"}, "unit", "growth needs an indicator, a value and the unit %"),
        ("gdp", {"value": "5.5%"}, "value", "a number with a unit glued on"),
        ("gdp", {"baseline": "gdp_grow"}, "baseline", "unknown baseline 'gdp_grow'"),
        ("property_policies", {"reason": ""}, "reason", "a target without odds needs the reason why"),
        (
            "energy_emission_environment_limits",
            {"members": "gdp energy_emission_environment_limits"},
            "members",
            "'energy_emission_environment_limits' is all of itself",
        ),
        (
            "energy_emission_environment_limits",
            {"members": "gdp grain_outputs"},
            "members",
            "unknown target 'grain_outputs'; name targets that have odds and are not composite; "
            "did you mean 'grain_output'?",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_bad_cell_is_named_by_row_and_column(
    plan: Plan, tmp_path: Path, target: str, cells: dict[str, str], column: str, words: str
) -> None:
    folder, line, columns = change(plan, tmp_path, target, **cells)
    with pytest.raises(InputError) as caught:
        read_plan(folder)
    message = str(caught.value)
    assert f"targets.csv:{line}:{columns.index(column) + 1}: " in message
    assert words in message


@pytest.mark.parametrize("mark", [";", "\t"])
def test_fields_may_be_parted_as_spreadsheets_of_other_countries_do(plan: Plan, tmp_path: Path, mark: str) -> None:
    folder, _, _ = change(plan, tmp_path, "first_stores")
    path = folder / "targets.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=mark).writerows(rows)
    assert read_plan(folder).targets == plan.targets
    path.write_text(path.read_text(encoding="utf-8").replace(f"{mark}5.5{mark}", f"{mark}5,5{mark}"), encoding="utf-8")
    with pytest.raises(InputError, match=r"targets.csv:2:\d+: '5,5' has a comma in it; write 5.5"):
        read_plan(folder)


@pytest.mark.parametrize("cell", ["28-33", "28 至 33", "28～33", "28 and 33", "1,028−1,033"])
def test_a_count_may_be_promised_as_a_range(plan: Plan, tmp_path: Path, cell: str) -> None:
    folder, _, _ = change(plan, tmp_path, "first_stores", criterion="区间", value=cell)
    target = next(each for each in read_plan(folder).deliveries if each.id == "first_stores")
    assert (target.criterion, target.value % 1000, (target.upper or 0) % 1000) == ("between", 28, 33)


def test_a_repeated_id_is_named_with_the_line_it_repeats(plan: Plan, tmp_path: Path) -> None:
    folder, line, _ = change(plan, tmp_path, "grain_output", id="gdp")
    with pytest.raises(InputError, match=rf"targets.csv:{line}:1: 'gdp' is repeated; it stands in line 2 already"):
        read_plan(folder)


def test_a_composite_gets_odds_from_members_in_the_table(plan: Plan, tmp_path: Path) -> None:
    cells = {"members": "gdp grain_output", "reason": ""}
    folder, _, _ = change(plan, tmp_path, "energy_emission_environment_limits", **cells)
    assert len(read_plan(folder).judged) == len(plan.judged) + 1


def show(*words: str) -> str:
    result = CliRunner().invoke(main, ["targets", *words], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


def test_targets_are_printed_and_filtered() -> None:
    assert "158 targets" in show()
    assert "77 targets" in show("--with-odds")
    assert "81 targets" in show("--without-odds")
    assert "31 targets" in show("--kind", "milestone")
    green = show("--group", "green", "--kind", "count")
    assert "clean_energy_capacity" in green
    assert "charging_piles" not in green
    assert "1 target" in show("--find", "充电桩")


def test_an_unknown_filter_is_refused() -> None:
    result = CliRunner().invoke(main, ["targets", "--group", "gren"])
    assert result.exit_code == 2
    assert "--group: unknown 'gren'; allowed: macro" in result.output
    assert "did you mean 'green'?" in result.output
