"""Sweeps: designs, settings, results, and going on after a kill."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import sim
from sim.analysis.sweep import running as running_module
from sim.analysis.sweep.design import SweepFile, list_settings, read_sweep
from sim.analysis.sweep.running import run_sweep
from sim.analysis.sweep.settings import list_numbers, set_numbers
from sim.cli import main
from sim.engine.run import run
from sim.errors import InputError, QuestionWarning
from sim.inputs.scenario.reading import read_scenario
from sim.model.model import Model

GRID = """\
schema_version: 1
scenario: export-slump
design: grid
vary:
  shocks.export_slump.size_factor: {low: 0, high: 2, steps: 3}
  shocks.export_slump.probability: [0.5, 1]
  targets.gdp.tolerance: [0.2, 0.4]
"""


def write(folder: Path, text: str = GRID) -> Path:
    path = folder / "sweep.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("size_factor", "size_facto", "5:3: no number 'shocks.export_slump.size_facto'"),
        (
            "design: grid",
            "design: gird",
            "3:9: unknown 'gird'; allowed: grid, list, latin_hypercube; did you mean 'grid'",
        ),
        ("steps: 3", "stpes: 3", "unknown key 'stpes'; allowed: low, high, steps; did you mean 'steps'?"),
        (", steps: 3", "", "a range without steps; write {low: 0, high: 1, steps: 11}"),
        ("[0.5, 1]", "[0.5, 1.5]", "6:36: 1.5 cannot be: Input should be less than or equal to 1"),
        ("low: 0", "low: -1", "5:36: -1.0 cannot be: a size times -1"),
        ("design: grid", "design: list", "lists of different lengths: 2, 3; make them equal"),
        ("design: grid", "design: latin_hypercube", "a latin_hypercube needs cases; write cases: 100"),
        ("scenario: export-slump", "scenario: export-slmup", "export-slmup"),
        ("steps: 3", "steps: 90000", "360,000 cases; allowed: up to 100,000"),
    ],
)
def test_a_faulty_sweep_is_refused_where_it_is_faulty(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert before in GRID
    result = call("sweep", write(tmp_path, GRID.replace(before, after)), "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "odd", "told"),
    [
        ("targets.gdp.value", 105.5, "105.5 %; an index, last year = 100? growth would be 5.5"),
        ("targets.retail_sales.value", 0.055, "0.055 %; a share? in % it would be 5.5"),
        ("targets.gdp.value", 500, "500 %; a level, perhaps in money? growth is due, in %"),
        ("calibration.indicators.gdp.centre", 104.9, "104.9 %; an index, last year = 100? growth would be 4.9"),
    ],
)
def test_a_value_unlike_growth_is_asked_about(model: Model, tmp_path: Path, name: str, odd: float, told: str) -> None:
    text = f"schema_version: 1\nscenario: baseline\ndesign: list\nvary: {{{name}: [5, {odd}]}}\n"
    task = read_sweep(write(tmp_path, text), model)
    assert [setting[name] for setting in task.settings] == [5, odd]
    (question,) = task.warnings
    assert str(question).endswith(f"sweep.yaml:4:{len(name) + 10}: {name}: {told}")
    sober = read_sweep(write(tmp_path, text.replace(f", {odd}", ", 6.5")), model)
    assert not sober.warnings


def test_code_hears_of_values_unlike_growth(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_module, "run_sweep", lambda *_: pd.DataFrame())
    vary = {"calibration.indicators.gdp.centre": [0.055]}
    with pytest.warns(QuestionWarning, match="a share"):
        sim.sweep(model, {"scenario": "baseline", "design": "list", "vary": vary})


def test_designs_lay_their_cases() -> None:
    file = {"schema_version": 1, "scenario": "s", "vary": {"a": [1, 2], "b": {"low": 0, "high": 1, "steps": 2}}}
    grid = list_settings(SweepFile.model_validate({**file, "design": "grid"}))
    assert [tuple(each.values()) for each in grid] == [(1, 0), (1, 1), (2, 0), (2, 1)]
    together = list_settings(SweepFile.model_validate({**file, "design": "list"}))
    assert [tuple(each.values()) for each in together] == [(1, 0), (2, 1)]
    vary = {"a": {"low": 2, "high": 4}, "b": {"low": 0, "high": 1}}
    cube = SweepFile.model_validate({**file, "design": "latin_hypercube", "cases": 50, "vary": vary})
    values = np.array([[*map(float, each.values())] for each in list_settings(cube)])
    for column, (low, high) in zip(values.T, [(2, 4), (0, 1)], strict=True):
        assert sorted(np.floor((column - low) / (high - low) * 50).astype(int)) == list(range(50))
    assert abs(np.corrcoef(values.T)[0, 1]) < 0.4


def test_every_number_that_is_listed_can_be_set(model: Model) -> None:
    scenario = read_scenario("external-and-property", model.plan)
    names = list_numbers(model, scenario)
    assert len(names) > 200
    for name in names:
        if name.startswith("calibration") and "indicators.gdp" not in name:
            continue
        value: float | str = "Q2" if name.endswith("onset") else 0.4321
        changed, shocked, problems = set_numbers(model, scenario, {name: value})
        assert set(problems) <= {name}
        if not problems:
            assert (changed.plan, changed.calibration, shocked.shocks) != (
                model.plan,
                model.calibration,
                scenario.shocks,
            )


def test_a_case_has_the_odds_of_its_scenario(model: Model, tmp_path: Path) -> None:
    sweep = read_sweep(write(tmp_path), model)
    frame = run_sweep(sweep, tmp_path / "pieces")
    assert frame.case.nunique() == len(sweep.settings) == 12
    odds = frame.set_index(["case", "quantity", "name", "reading"])
    names = [target.id for target in model.plan.headline]
    for case in (1, 8, 12):
        changed, scenario, _ = set_numbers(model, sweep.scenario, sweep.settings[case - 1])
        whole = run(changed, [scenario], n_paths=1000, n_calibrations=0).attainments[0]
        stated = whole.odds.set_index(["target", "reading"]).probability
        for reading in ("printed", "tolerance"):
            found = [odds.probability[case, "target", name, reading] for name in names]
            np.testing.assert_allclose(found, [stated[name, reading] for name in names], atol=4e-3)  # other points
        joint = odds.loc[(case, "joint", "headline", "printed")]
        assert joint.probability == pytest.approx(whole.number_met["headline"][-1], abs=5 * joint.mc_se + 3e-4)


def test_all_targets_and_other_calibrations(model: Model, tmp_path: Path) -> None:
    text = GRID.partition("vary:")[0] + "vary:\n  calibration.indicators.gdp.centre: [4.5, 5.5]\n"
    frame = run_sweep(read_sweep(write(tmp_path, text), model), tmp_path / "pieces", all_targets=True)
    odds = frame.set_index(["case", "quantity", "name", "reading"]).probability
    assert frame[frame.quantity == "target"].name.nunique() == len(model.plan.judged)
    assert odds[2, "target", "gdp", "printed"] > odds[1, "target", "gdp", "printed"] + 0.1
    for name in ("retail_sales", "charging_piles"):
        assert odds[2, "target", name, "printed"] == pytest.approx(odds[1, "target", name, "printed"], abs=1e-6)


def test_a_sweep_of_something_else_is_not_gone_on_with(model: Model, tmp_path: Path) -> None:
    assert call("sweep", write(tmp_path), "--out", tmp_path / "out").exit_code == 0
    assert not (tmp_path / "out.unfinished").exists()
    (tmp_path / "more.unfinished").mkdir()
    (tmp_path / "more.unfinished" / "sweep.sha256").write_text("other")
    result = call("sweep", write(tmp_path), "--out", tmp_path / "more")
    assert result.exit_code == 2
    assert "holds pieces of another sweep" in result.output
    with pytest.raises(InputError, match="no such file"):
        read_sweep(tmp_path / "none.yaml", model)


@pytest.mark.slow
def test_a_killed_sweep_goes_on_without_doing_finished_work_again(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, GRID.replace("steps: 3", "steps: 35"))  # 140 cases, 6 pieces
    words = [sys.executable, "-m", "sim", "sweep", str(path), "--out", str(tmp_path / "out"), "--executor", "threads:1"]
    process = subprocess.Popen(words, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL)
    pieces = tmp_path / "out.unfinished"
    while process.poll() is None and len(list(pieces.glob("*.csv"))) < 2:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = {each.name: each.stat().st_mtime_ns for each in pieces.glob("*.csv")}
    assert 2 <= len(kept) < 6
    done: list[int] = []
    piece = running_module.sweep_piece

    def note(model: object, scenario: object, start: int, *rest: object) -> object:
        done.append(start)
        return piece(model, scenario, start, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(running_module, "sweep_piece", note)
    assert call("sweep", path, "--out", tmp_path / "out").exit_code == 0
    assert len(done) == 6 - len(kept)
    assert not {f"cases-{start:06d}.csv" for start in done} & set(kept)
    whole = run_sweep(read_sweep(path, model), tmp_path / "again")
    found = pd.read_csv(tmp_path / "out" / "sweep.csv")
    pd.testing.assert_frame_equal(found, whole, check_dtype=False, atol=1e-6)


def test_kept_paths_count_what_new_paths_would(model: Model, tmp_path: Path) -> None:
    text = GRID.partition("  shocks.export_slump.probability")[0]
    frame = run_sweep(read_sweep(write(tmp_path, text), model), tmp_path / "pieces", method="paths")
    odds = frame.set_index(["case", "quantity", "name", "reading"]).probability
    sweep = read_sweep(write(tmp_path, text), model)
    for case in (1, 3):
        _, scenario, _ = set_numbers(model, sweep.scenario, sweep.settings[case - 1])
        whole = run(model, [scenario], n_paths=200_000, n_calibrations=0, method="paths").attainments[0]
        stated = whole.odds.set_index(["target", "reading"]).probability
        for target in model.plan.headline:  # a margin summed in another order may fall on the other side of the line
            assert odds[case, "target", target.id, "printed"] == pytest.approx(stated[target.id, "printed"], abs=2e-5)
        assert odds[case, "joint", "headline", "printed"] == pytest.approx(whole.number_met["headline"][-1], abs=2e-5)


def test_paths_are_counted_anew_where_more_than_sizes_changes(model: Model, tmp_path: Path) -> None:
    text = GRID.partition("vary:")[0] + "vary:\n  shocks.export_slump.onset: [Q1, Q4]\n"
    counted, exact = (
        run_sweep(read_sweep(write(tmp_path, text), model), tmp_path / method, method=method)
        for method in ("paths", "auto")
    )
    both = counted.merge(exact, on=["case", "quantity", "name", "reading"])
    assert len(both) == len(counted) == len(exact)
    z = (both.probability_x - both.probability_y) / np.hypot(both.mc_se_x, both.mc_se_y)
    assert z.abs().max() < 4.5


def test_a_sweep_in_code_is_that_of_its_file(model: Model, tmp_path: Path) -> None:
    vary = {
        "shocks.export_slump.size_factor": np.linspace(0, 2, 3),
        "shocks.export_slump.probability": [0.5, 1],
        "targets.gdp.tolerance": [0.2, 0.4],
    }
    frame = sim.sweep(model, {"scenario": "export-slump", "design": "grid", "vary": vary})
    pd.testing.assert_frame_equal(frame, sim.sweep(model.plan, write(tmp_path), folder=tmp_path / "pieces"))
    assert not (tmp_path / "pieces").exists()
    mild = sim.scenario(
        "export-slump", name="mild", plan=model.plan, shocks={"export_slump": {"loadings": {"gdp": -0.1}}}
    )
    changed = sim.sweep(model, {"scenario": mild, "design": "grid", "vary": vary})
    stated = [each.query("name == 'gdp' and reading == 'stated'").probability for each in (changed, frame)]
    assert (stated[0].to_numpy() >= stated[1].to_numpy()).all()
    assert (stated[0].to_numpy() > stated[1].to_numpy()).any()


def test_a_sweep_in_code_is_refused_as_its_file_would_be(model: Model) -> None:
    design = {"scenario": "export-slump", "design": "grid", "vary": {"shocks.export_slump.probability": [0.5, 7]}}
    with pytest.raises(InputError, match=r"^sweep: vary.shocks.export_slump.probability: 7.0 cannot be: "):
        sim.sweep(model, design)
    with pytest.raises(InputError, match=r"^sweep: desing: unknown key 'desing'; .*did you mean 'design'"):
        sim.sweep(model, {**design, "desing": "grid"})
    with pytest.raises(InputError, match=r"^design: an object of type int stands where a design is due"):
        sim.sweep(model, 3)  # type: ignore[arg-type]
    design["vary"] = {"shocks.export_slump.probability": [0.5]}
    with pytest.raises(InputError, match=r"^method: unknown 'analytic'; allowed: auto, paths"):
        sim.sweep(model, design, method="analytic")
    wrong = read_scenario("export-slump", model.plan)
    shock = wrong.shocks["export_slump"].model_copy(update={"loadings": {"gpd": -1}})
    with pytest.raises(InputError, match=r"unknown indicator 'gpd'; .*did you mean 'gdp'"):
        sim.sweep(model, {**design, "scenario": replace(wrong, shocks={"export_slump": shock})})


def test_pieces_of_a_scenario_changed_in_code_are_those_of_another_sweep(model: Model, tmp_path: Path) -> None:
    scenario = read_scenario("export-slump", model.plan)
    design = {"scenario": scenario, "design": "grid", "vary": {"shocks.export_slump.probability": [0.5]}}
    run_sweep(read_sweep(design, model), tmp_path / "pieces")
    shock = scenario.shocks["export_slump"].model_copy(update={"loadings": {"gdp": -1.0}})
    changed = {**design, "scenario": replace(scenario, shocks={"export_slump": shock})}
    with pytest.raises(sim.OutputError, match="holds pieces of another sweep; remove it or name another `folder`"):
        sim.sweep(model, changed, folder=tmp_path / "pieces")


def test_each_case_has_its_own_targets_sizes_and_chances(model: Model) -> None:
    """What cases share is kept among them; one alone has the same odds, to the bit."""
    vary = {
        "targets.gdp.value": [4.5, 6.0, 6.0, 6.0],
        "shocks.export_slump.size_factor": [1.0, 1.0, 0.5, 0.5],
        "shocks.export_slump.probability": [0.3, 0.3, 0.3, 0.9],
    }
    asked = {"scenario": "export-slump", "design": "list"}
    together = sim.sweep(model, {**asked, "vary": vary})
    for case in range(4):
        alone = sim.sweep(model, {**asked, "vary": {name: [values[case]] for name, values in vary.items()}})
        among = together[together.case == case + 1].reset_index(drop=True)
        pd.testing.assert_frame_equal(among.drop(columns="case"), alone.drop(columns="case"), check_exact=True)
