"""What no law of growth can hold and what no memory can, is refused with its place and limit, and at once."""

import io
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_plans import WritePlan

import sim
from sim.cli import main
from sim.errors import InputError, ResultError, tell_faults
from sim.inputs.files.documents import read_rows
from sim.inputs.files.yaml_files import read_yaml
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import read_scenario
from sim.learning.loading import load_model
from sim.results.run import Run
from sim.results.soundness import refuse_impossible

SECONDS = 10  # two on a machine of one's own
SHOCK = """\
schema_version: 1
title: {en: a, zh: 甲}
why: to see
sources: [s]
shocks:
  slump:
    title: {en: a, zh: 甲}
    probability: 0.3
    onset: Q1
    size: {law: normal, mean: 1, sd: 0.5}
    profile: step
    loadings: {gdp: -1}
    speed: {all: -0.1}
    source: s
"""


def read_in_time(path: Path, plan: Plan) -> str:
    """The faults of a scenario, which must come at once."""
    started = time.monotonic()
    with pytest.raises(InputError) as caught:
        read_scenario(path, plan)
    assert time.monotonic() - started < SECONDS
    return str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "place", "words"),
    [
        ("{gdp: -1}", "{gdp: -1.0e+39}", "12:21", "-1e+39 is out of range; allowed: at least -1000"),
        ("{gdp: -1}", "{gdp: -1.0e+5}", "12:21", "allowed: at least -1000"),
        ("{gdp: -1}", "{gdp: -900}", "7:5", "loadings of 'gdp' times the largest sizes reach 2.82e+03"),
        ("sd: 0.5", "sd: 1.0e+308", "10:38", "allowed: at most 1e+09"),
        ("sd: 0.5", "sd: 5000", "7:5", "times the largest sizes reach"),
        ("law: normal, mean: 1, sd: 0.5", "law: uniform, low: -1.0e+308, high: 1.0e+308", "10:31", "allowed: at least"),
        ("law: normal, mean: 1, sd: 0.5", "law: lognormal, interval_90: [1.0e-300, 1.0e+300]", "10:", "at most 1e+09"),
        ("law: normal, mean: 1, sd: 0.5", "law: lognormal, interval_90: [0.0001, 1.5]", "7:5", "largest sizes reach"),
        ("mean: 1, sd: 0.5", "mean: 1, scale: 1, degrees_of_freedom: 0.001", "10:", "allowed: at least 1"),
        ("probability: 0.3", "probability: 1.0e-320", "8:18", "allowed: 0, or from 1e-09 to 1"),
        ("{all: -0.1}", "{all: 1.0e+300}", "13:18", "allowed: at most 1000"),
        ("profile: step", "profile: {shape: list, values: [1, 1.0e+308]}", "11:", "allowed: at most 1000"),
        ("profile: step", f"profile: {{shape: list, values: [{', '.join(['1'] * 100_000)}]}}", "", "more than 20,000"),
        ("profile: step", "profile: {shape: dip_recover, quarters: 10000000000}", "11:", "allowed: at most 400"),
        ("probability: 0.3", "probability: 7", "8:18", "allowed: at most 1"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_number_of_a_shock_that_no_law_holds(
    before: str, after: str, place: str, words: str, plan: Plan, tmp_path: Path
) -> None:
    text = SHOCK.replace(before, after)
    text = text.replace("law: normal", "law: student_t") if "degrees" in after else text
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    told = read_in_time(path, plan)
    assert words in told
    assert f"odd.yaml:{place}" in told


@pytest.mark.parametrize(
    "size",
    ["{law: student_t, mean: 1, scale: 0.01, degrees_of_freedom: 1}", "{law: lognormal, interval_90: [0.5, 1.5]}"],
)
def test_heavy_tails_that_a_law_holds_are_read(size: str, plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "tail.yaml"
    path.write_text(SHOCK.replace("{law: normal, mean: 1, sd: 0.5}", size), encoding="utf-8")
    result = sim.run(plan.folder, [path], n_calibrations=0)
    assert result.odds.probability.dropna().between(0, 1).all()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("innovation_sd: {value: 0.6", "innovation_sd: {value: 1.0e+38", "allowed: at most 1000"),
        ("centre: {value: 5.2", "centre: {value: 1.0e+39", "allowed: at most 1000"),
        ("trend_sd: {value: 0.7, sd: 0.1", "trend_sd: {value: 0.7, sd: 1.0e+300", "allowed: at most 1000"),
        ("degrees_of_freedom: {value: 5", "degrees_of_freedom: {value: 0.001", "allowed: more than 2"),
        ("persistence: {value: 0.75", "persistence: {value: 1.5", "allowed:"),
    ],
)
def test_a_number_of_the_calibration_that_no_law_holds(
    before: str, after: str, words: str, two_indicator_plan: WritePlan
) -> None:
    folder = two_indicator_plan(calibration=(before, after))
    with pytest.raises(InputError, match=words) as caught:
        load_model(folder)
    assert all(fault.line for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            r"common: {value: [\d.]+",
            "common: {value: 0.995",
            "squares of common and macro add up to 1; allowed: up to 0.96",
        ),
        (r"macro: {value: [\d.]+", "macro: {value: 0.99", "squares of common and macro"),
    ],
)
def test_loadings_that_leave_a_milestone_nothing_of_its_own(old: str, new: str, words: str, tmp_path: Path) -> None:
    import re
    import shutil

    from sim.inputs.bundled import find_plan

    folder = tmp_path / "city"
    shutil.copytree(find_plan("qingdao-2024"), folder)
    text = (folder / "calibration.yaml").read_text(encoding="utf-8")
    head, _, tail = text.partition("\nmilestones:")
    (folder / "calibration.yaml").write_text(head + "\nmilestones:" + re.sub(old, new, tail, count=1), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(words)):
        load_model(folder)


def test_nothing_is_drawn_beyond_what_may_be_written(model: sim.Model) -> None:
    """Even where an uncertainty as large as the number would carry it there."""
    import dataclasses

    milestones = model.calibration.milestones
    assert milestones is not None
    shaky = milestones.model_copy(update={"common": milestones.common.model_copy(update={"value": 0.6, "sd": 0.3})})
    calibration = model.calibration.model_copy(update={"milestones": shaky})
    result = sim.run(dataclasses.replace(model, calibration=calibration), ["baseline"], n_calibrations=32)
    assert result.odds[["range_low", "range_high"]].dropna().stack().between(0, 1).all()
    assert result.uncertainty.notna().all(axis=None)


def test_odds_that_cannot_be_end_a_run(result: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refuse_impossible(result) is result
    for table, column, value, words in (
        ("odds", "probability", float("nan"), "odds of 'gdp' under 'baseline' cannot be"),
        ("odds", "probability", 1.2, "odds of"),
        ("joint", "probability", -0.1, "joint odds of"),
        ("quantiles", "q50", float("inf"), "quantiles of"),
        ("odds", "range_high", float("nan"), "range of"),
    ):
        frame = getattr(result, table).copy()
        row = frame.index[frame.target == "gdp"][0] if table == "odds" else frame.index[0]
        frame.loc[row, column] = value
        monkeypatch.setitem(result.__dict__, table, frame)
        with pytest.raises(ResultError, match=words):
            refuse_impossible(result)
        monkeypatch.undo()


def nest(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return SHOCK + "\n".join(lines) + "\n"


@pytest.mark.parametrize("text", [nest(5), nest(9), nest(30)], ids=["5", "9", "30"])
def test_aliases_of_aliases_are_counted(text: str, plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text(text, encoding="utf-8")
    assert "the file holds more than 20,000 values" in read_in_time(path, plan)


def test_a_file_that_many_extend_is_read_once(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "f0.yaml").write_text(SHOCK, encoding="utf-8")
    for depth in range(1, 30):
        below = f"f{depth - 1}.yaml"
        head = SHOCK.partition("shocks:")[0]
        (tmp_path / f"f{depth}.yaml").write_text(f"extends: [{below}, {below}]\n{head}", encoding="utf-8")
    started = time.monotonic()
    scenario = read_scenario(tmp_path / "f29.yaml", plan)
    assert time.monotonic() - started < SECONDS
    assert [*scenario.shocks] == ["slump"]
    assert len(scenario.files) == 30


def test_a_line_of_files_that_extend_each_other_has_an_end(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "f0.yaml").write_text(SHOCK, encoding="utf-8")
    for depth in range(1, 60):
        (tmp_path / f"f{depth}.yaml").write_text(f"extends: f{depth - 1}.yaml\n{SHOCK}", encoding="utf-8")
    assert "files extend each other more than 50 deep" in read_in_time(tmp_path / "f59.yaml", plan)


def test_a_chain_of_too_many_shocks(plan: Plan, tmp_path: Path) -> None:
    head, _, shock = SHOCK.partition("  slump:\n")
    chain = [f"  s0:\n{shock}"]
    for number in range(1, 3000):
        depends = f"depends_on: {{shock: s{number - 1}, probability_if_happened: 0.5, probability_if_not: 0.1}}"
        chain.append(f"  s{number}:\n{shock.replace('probability: 0.3', depends)}")
    for count, words in ((600, "the mapping has 600 items; allowed: at most 500"), (3000, "more than 20,000 values")):
        path = tmp_path / "chain.yaml"
        path.write_text(head + "".join(chain[:count]), encoding="utf-8")
        assert words in read_in_time(path, plan)


def test_a_cell_far_away_costs_nothing(two_indicator_plan: WritePlan) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    folder = two_indicator_plan(indicators=None)
    book = openpyxl.Workbook()
    book.active.title = "indicators"
    book.active["XFD1048576"] = "x"
    book.save(folder / "indicators.xlsx")
    started = time.monotonic()
    with pytest.raises(InputError, match="the first line is empty"):
        sim.read_plan(folder)
    assert time.monotonic() - started < SECONDS


def test_a_workbook_that_unpacks_to_very_much(two_indicator_plan: WritePlan) -> None:
    pytest.importorskip("openpyxl")
    folder = two_indicator_plan(indicators=None)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 40_000_000)
    (folder / "indicators.xlsx").write_bytes(content.getvalue())
    with pytest.raises(InputError, match="allowed: up to 30 MB"):
        sim.read_plan(folder)


def test_files_of_a_size_that_nobody_writes(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_bytes(b"region,year\n" + b"x,2020\n" * 2_000_000)
    (tmp_path / "s.yaml").write_bytes(b"why: x\n" * 400_000)
    started = time.monotonic()
    with pytest.raises(InputError, match="the file has more than 10 MB; leave out what is not used"):
        read_rows(tmp_path / "history.csv", {"region": True})
    with pytest.raises(InputError, match="the file has more than 2 MB"):
        read_yaml(tmp_path / "s.yaml")
    assert time.monotonic() - started < SECONDS


def test_very_many_faults_and_very_long_ones_are_cut(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text(SHOCK + "".join(f"unknown_{number}: 1\n" for number in range(8_000)), encoding="utf-8")
    told = read_in_time(path, plan).splitlines()
    assert len(told) == 101
    assert told[-1] == "and 7,900 more faults"
    path.write_text(SHOCK.replace("onset: Q1", f"onset: {'Q' * 70_000}"), encoding="utf-8")
    assert len(read_in_time(path, plan)) < 2_500
    assert tell_faults(()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--paths", "1e10"), "--paths: "),
        (("--method", "paths", "--tolerance", "1e-6"), "--tolerance: 1e-06 takes "),
        (("--tolerance", "nan"), "--tolerance: "),
        (("--executor", "threads:100000"), "--executor: unknown 'threads:100000'"),
        (("--calibrations", "1000000000"), "Usage: "),
    ],
)
def test_arguments_that_no_machine_holds(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(main, ["run", "baseline", "--no-charts", *words])
    assert (answer.exit_code, [*tmp_path.iterdir()]) == (2, [])
    assert answer.output.startswith(told), answer.output


@pytest.mark.parametrize(
    "row", ["x,999999999999999999999999999999,GDP,5,5.2,%", "x,2020,GDP,5,1e300,%", "x,2020,GDP,5,15760,%"]
)
def test_a_history_that_no_law_holds(row: str, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(f"region,year,indicator,target,outcome,unit\nx,2019,GDP,5,5.2,%\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"history\.csv:3:\d: .*out of range"):
        sim.read_history(path)
