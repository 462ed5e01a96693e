"""Levels of indicators: the level that a report names and the growth that carries it there are one target."""

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from small_plans import TABLES, WritePlan

import sim
from sim.engine.draws import draw
from sim.engine.paths import simulate
from sim.errors import InputError, QuestionWarning
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan, reread_table
from sim.inputs.plan.targets import Delivery, Growth, describe_aim
from sim.inputs.scenario.reading import ORDINARY
from sim.learning.fit import fit_calibration
from sim.model.model import Model, build_model

REACHES = {"kind": "level", "value": "16627", "unit": "亿元", "criterion": "meet_or_exceed", "tolerance": "0"}
GROWS = {"criterion": "meet_or_exceed", "tolerance": "0"}


def change(plan: Plan, folder: Path, table: str, row: int, **cells: str) -> Path:
    """A copy of the plan's tables in which some cells of a row are others."""
    if not folder.exists():
        shutil.copytree(plan.folder, folder)
    path = folder / table
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[row].update(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def reaching(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan, had it said that GDP reaches 16,627 亿元."""
    return read_plan(change(plan, tmp_path_factory.mktemp("plans") / "reaching", "targets.csv", 0, **REACHES))


def test_a_level_and_its_growth_are_one_target_with_one_law(plan: Plan, reaching: Plan, tmp_path: Path) -> None:
    growing = read_plan(change(plan, tmp_path / "growing", "targets.csv", 0, **GROWS))
    level, growth = reaching.growth[0], growing.growth[0]
    assert (level.level, growth.level) == ("16627 亿元", "")
    assert level.model_copy(update={"level": ""}) == growth
    assert describe_aim(level) == "≥ 5.5 % (16627 亿元)"
    assert fit_calibration(reaching).indicators == fit_calibration(growing).indicators


def test_years_that_reach_the_level_are_those_that_are_counted(reaching: Plan, model: Model) -> None:
    """The other road: base level times one plus growth as it is printed, in whole 亿元."""
    known = build_model(reaching, model.calibration)
    paths = simulate(known, ORDINARY, draw(known, 4_000))
    figures = paths.cumulative[-1, 0].astype(float)
    base = reaching.indicators[0].level
    assert base is not None
    level = np.floor(base * (1 + np.floor(figures * 10 + 0.5) / 1000) + 0.5)
    bound = reaching.growth[0].value - 0.05
    assert 0.2 < (level >= 16627).mean() < 0.5
    np.testing.assert_array_equal(level >= 16627, figures >= bound)


def test_two_sentences_may_say_both(plan: Plan, tmp_path: Path) -> None:
    folder = change(plan, tmp_path / "both", "targets.csv", 0)
    rows = (folder / "targets.csv").read_text(encoding="utf-8-sig").splitlines()
    with (folder / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.DictReader(file))
    names = rows[0].split(",")
    with (folder / "targets.csv").open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, names).writerow({**first, **REACHES, "id": "gdp_level", "headline": "no"})
    both = read_plan(folder)
    said = [each for each in both.growth if each.indicator == "gdp"]
    assert [each.value for each in said] == [5.5, 5.5]
    places = {row.id: record.values_at["value"].line for row, record in reread_table(both, "targets.csv")}
    assert places["gdp_level"] == len(both.targets) + 1


@pytest.mark.parametrize(
    ("table", "cells", "problem"),
    [
        ("targets.csv", {"unit": "万元"}, "16627 is in '万元', and the level of 'gdp' in 亿元; write it in 亿元"),
        ("targets.csv", {"value": "much"}, "'much' is not a number; write the level in digits"),
        ("targets.csv", {"indicator": "gdq"}, "unknown indicator 'gdq'"),
        ("targets.csv", {"season": "steady"}, "a target of kind level with an indicator has no season; leave it empty"),
        ("indicators.csv", {"level": "", "level_unit": ""}, "'gdp' has no level in the table of indicators"),
    ],
)
def test_what_stands_in_the_way_is_told_once(
    plan: Plan, tmp_path: Path, table: str, cells: dict[str, str], problem: str
) -> None:
    folder = change(plan, tmp_path / "plan", "targets.csv", 0, **REACHES)
    with pytest.raises(InputError) as caught:
        read_plan(change(plan, folder, table, 0, **cells))
    assert problem in str(caught.value)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(("level", "growth"), [("16600", 5.3), ("16640", 5.6), ("15760.34", 0.0), ("15000", -4.8)])
def test_the_growth_is_that_which_is_printed(plan: Plan, tmp_path: Path, level: str, growth: float) -> None:
    target = read_plan(change(plan, tmp_path / "plan", "targets.csv", 0, **{**REACHES, "value": level})).growth[0]
    assert isinstance(target, Growth)
    assert target.value == pytest.approx(growth)


HEAD = (
    "id,section,phrase,name_en,name_zh,kind,indicator,criterion,value,unit,tolerance,headline,season,"
    "decided_by,group,source\n"
)
GROWTH = "gdp_growth,二,增长5.5%左右,GDP,生产总值,growth,gdp,about,5.5,%,0.2,yes,,own,macro,s\n"


def write(write_plan: WritePlan, folder: Path, row: str, level: tuple[str, str] = ("15760.34", "亿元")) -> Plan:
    indicators = TABLES["indicators.csv"].replace("15760.34,亿元", ",".join(level))
    season = row.replace("SEASON", "steady")
    return read_plan(write_plan(folder, targets=(HEAD + GROWTH + season).encode(), indicators=indicators.encode()))


@pytest.mark.parametrize(
    ("cells", "level"),
    [
        ("gdp_level,二,p,X,某,level,,at_least,16627,亿元", ("15760.34", "亿元")),
        ("size,二,p,GDP,某,level,,at_least,1.6627,万亿元", ("15760.34", "亿元")),
        ("size,二,p,A,生产总值总量,level,,meet_or_exceed,16627,亿元", ("15760.34", "亿元")),
        ("gdp_total,二,p,A,某,level,,at_least,2871257,INR crore", ("2721571", "INR crore")),
        ("gdp_total,二,p,A,某,level,,at_least,28.71257,EUR billion", ("27215.71", "EUR million")),
    ],
)
def test_a_level_of_an_indicator_is_its_growth(
    cells: str, level: tuple[str, str], two_indicator_plan: WritePlan, tmp_path: Path
) -> None:
    plan = write(two_indicator_plan, tmp_path, f"{cells},0,yes,SEASON,own,macro,s\n", level)
    target = plan.growth[1]
    assert isinstance(target, Growth)
    assert (target.indicator, target.value) == ("gdp", pytest.approx(5.5, abs=0.005))
    assert re.search(r"is growth of gdp by 5\.5 %; read as such, from", str(plan.warnings[0]))


def test_said_as_level_or_as_growth_it_has_the_same_probability(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    row = "gdp_level,二,p,X,某,level,,at_least,16627,亿元,0,yes,SEASON,own,macro,s\n"
    folder = write(two_indicator_plan, tmp_path, row).folder
    with pytest.warns(QuestionWarning, match="is growth of gdp by"):
        run = sim.run(sim.load_model(folder, calibration=folder / "calibration.yaml"), "baseline", n_paths=2_000)
    odds = run["baseline"].odds
    odds = odds[odds["reading"].isin(["printed", "stated"])].set_index(["target", "reading"])["probability"]
    assert odds["gdp_level"].tolist() == odds["gdp_growth"].tolist()
    pairs = run["baseline"].joint
    assert odds["gdp_level", "printed"] in pairs.to_numpy()


def test_a_number_that_bears_no_name_is_asked_about(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    row = "size,二,p,A,某,level,,at_least,16627,亿元,0,yes,SEASON,own,macro,s\n"
    plan = write(two_indicator_plan, tmp_path, row)
    assert isinstance(plan.deliveries[0], Delivery)
    (question,) = plan.warnings
    assert "16627 亿元 is growth of gdp by 5.5 %; if it is the level of gdp, write so" in str(question)


@pytest.mark.parametrize("value", ["6400", "16300", "120"])
def test_other_numbers_in_its_unit_are_none_of_its_levels(
    value: str, two_indicator_plan: WritePlan, tmp_path: Path
) -> None:
    row = f"size,二,p,A,某,level,,at_least,{value},亿元,0,yes,SEASON,own,macro,s\n"
    plan = write(two_indicator_plan, tmp_path, row)
    assert [target.id for target in plan.deliveries] == ["size"]
    assert not plan.warnings


def test_a_range_of_levels_is_a_range_of_growth(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    row = "size,二,p,A,某,level,gdp,about,1.6627,万亿元,0.003,yes,,own,macro,s\n"
    about = write(two_indicator_plan, tmp_path / "about", row).growth[1]
    assert (about.value, about.tolerance) == (5.5, pytest.approx(0.003e4 / 15760.34 * 100))
    row = "size,二,p,A,某,level,gdp,between,16627-17000,亿元,0,yes,,own,macro,s\n"
    between = write(two_indicator_plan, tmp_path / "between", row).growth[1]
    assert isinstance(between, Growth)
    assert (between.value, between.upper) == (5.5, 7.9)
