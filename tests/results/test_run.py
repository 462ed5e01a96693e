"""A run: what may be asked for, and what a result is to whoever holds it."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.analysis.repeat import repeat
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.model.model import Model

FEW = {"n_paths": 500, "n_calibrations": 0, "n_points": 64}


@pytest.fixture(scope="module")
def result(model: Model, plan: Plan) -> sim.Run:
    mine = sim.scenario("baseline", name="mine", plan=plan, shocks={"rare_common_shock": {"probability": 0.5}})
    return sim.run(model, ["baseline", Path("tax-refunds"), mine], **FEW)


def test_a_name_stands_for_what_it_names(model: Model, plan: Plan) -> None:
    one = sim.run(model, "baseline", **FEW)
    same = [
        sim.run("qingdao-2024", ["baseline"], **FEW),
        sim.run(plan, sim.read_scenario("baseline", plan), **FEW),
        sim.run(model, (each for each in ["baseline"]), **FEW),
    ]
    for other in same:
        assert other.odds.equals(one.odds)
    assert list(sim.run(model, **FEW)) == sim.list_scenarios() == sim.list_scenarios(plan)
    assert list(sim.run(model, "tax-refunds+property-slide", **FEW)) == ["tax-refunds+property-slide"]
    assert [each.name for each in sim.read_scenarios("baseline", "qingdao-2024")] == ["baseline"]


@pytest.mark.parametrize(
    ("scenarios", "words"),
    [
        ([], "scenarios: none is named; name one or several, or leave them out"),
        (["baseline", "baseline"], "scenarios: a scenario named 'baseline' is given twice"),
        (["basline"], "basline.yaml: no such file; allowed: .*; did you mean 'baseline'"),
        ({"mine": "baseline"}, "scenarios: an object of type dict stands where a scenario is due"),
        ([3], "scenario: an object of type int stands where a scenario is due"),
    ],
)
def test_what_is_no_scenario_is_refused_in_words(model: Model, scenarios: object, words: str) -> None:
    with pytest.raises(InputError, match=f"^{words}"):
        sim.run(model, scenarios)  # type: ignore[arg-type]


def test_faults_of_scenarios_and_settings_are_told_together(model: Model) -> None:
    with pytest.raises(InputError) as caught:
        sim.run(model, ["basline", "tax-refund"], n_paths=0)
    assert [fault.file for fault in caught.value.faults] == ["basline.yaml", "n_paths", "tax-refund.yaml"]


@pytest.mark.parametrize("n_paths", [0, -5, 1.5, "many"])
def test_draws_of_no_paths_are_refused(model: Model, n_paths: object) -> None:
    with pytest.raises(InputError, match=r"^n_paths: "):
        sim.draw(model, n_paths)  # type: ignore[arg-type]


def test_draws_show_themselves_in_a_line(model: Model) -> None:
    assert repr(sim.draw(model, 1000, seed=7)) == "<Draws: 1,000 paths of 4 quarters and 6 indicators, seed 7>"


def test_a_run_is_a_mapping_of_attainments(result: sim.Run) -> None:
    names = ["baseline", "tax-refunds", "mine"]
    assert list(result) == list(result.keys()) == names
    assert len(result) == len(result.attainments) == 3
    assert result["mine"] is result.attainments[2]
    assert "mine" in result
    assert "yours" not in result
    assert result.get("yours") is None
    assert dict(result) == dict(zip(names, result.attainments, strict=True))
    assert result == result
    assert result != replace(result)
    with pytest.raises(
        KeyError, match=r"the run has no scenario 'base-line', but baseline, .*; did you mean 'baseline'"
    ):
        result["base-line"]


@pytest.mark.parametrize("name", ["odds", "joint", "conditional", "quantiles"])
def test_tables_of_a_run_are_those_of_its_scenarios(result: sim.Run, name: str) -> None:
    table = getattr(result, name)
    assert table.columns[0] == "scenario"
    for scenario, attainment in result.items():
        own = table[table.scenario == scenario].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, getattr(attainment, name))


def test_a_saved_run_can_be_repeated(result: sim.Run, tmp_path: Path) -> None:
    written = result.save(tmp_path / "out")
    assert sorted(tmp_path.joinpath("out").iterdir()) == sorted(written)
    assert {path.stem for path in written} == {*result.tables, "manifest"}
    again = repeat(tmp_path / "out")
    assert again.odds.equals(result.odds)
    assert again.settings == result.settings
    with pytest.raises(sim.OutputError, match=r"holds files that no run wrote"):
        result.save(tmp_path)


def test_a_run_of_numbers_from_code_says_so_when_it_is_to_be_repeated(model: Model, plan: Plan, tmp_path: Path) -> None:
    fitted = sim.load_model(plan, model.calibration)
    bare = replace(model, plan=replace(plan, targets=plan.targets[:-1]))
    for given, words in ((fitted, "calibration"), (bare, "plan")):
        sim.run(given, "baseline", **FEW).save(tmp_path / words)
        with pytest.raises(InputError, match=f"the {words} of this run came from code, and no file holds it"):
            repeat(tmp_path / words)
    sim.run(sim.load_model(plan, plan.folder / "calibration.yaml"), **FEW).save(tmp_path / "file")
    assert len(repeat(tmp_path / "file")) == len(sim.list_scenarios())


def test_what_is_no_run_cannot_be_written(result: sim.Run, tmp_path: Path) -> None:
    for write, name in (
        (sim.write_report, "odds.html"),
        (sim.write_workbook, "odds.xlsx"),
        (sim.charts.write_charts, ""),
    ):
        with pytest.raises(InputError, match=r"^run: an object of type Attainment stands where a run is due"):
            write(result["baseline"], tmp_path / name)  # type: ignore[operator]
    assert list(tmp_path.iterdir()) == []


def test_what_are_no_paths_are_not_counted(model: Model, plan: Plan) -> None:
    paths = sim.simulate(model, "baseline", sim.draw(model, 100))
    assert sim.attain(paths, "qingdao-2024").odds.equals(sim.attain(paths).odds)
    with pytest.raises(InputError, match=r"^paths: an object of type Draws stands where paths are due"):
        sim.attain(sim.draw(model, 100))  # type: ignore[arg-type]
    broken = plan.headline[0].model_copy(update={"value": float("nan")})
    with pytest.raises(InputError, match=r"^targets: gdp.value: nan is not a number"):
        sim.attain(paths, replace(plan, targets=(broken,)))
