"""A calibration knows what it was made from: cells that move are told, and fitted anew or refused; never in silence."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sim
from sim.cli import main
from sim.inputs.calibration import compare_calibration
from sim.inputs.walkthrough import check_plan
from sim.learning.loading import take_model

Edit = Callable[[str, str, str], None]


def call(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of one indicator of a place that nobody has heard of, with its calibration."""
    folder = tmp_path_factory.mktemp("made") / "lakeside"
    sim.new_plan(folder, ["gdp"], country="China")
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8-sig")
        rows = {"plan.csv": ["lakeside", "Lakeside", "湖城", "2024", "China"], "indicators.csv": ["5.6"]}.get(
            path.name, []
        )
        lines = text.splitlines()
        if path.name == "plan.csv":
            lines = [lines[0], *(f"{key},{value},report" for key, value in zip(FIELDS, rows, strict=True))]
        elif path.name == "indicators.csv":
            lines[1] = "gdp,GDP,生产总值,%,real,5.6,,,higher,0,assumed,report"
        elif path.name == "targets.csv":
            columns = dict.fromkeys(lines[0].split(","), "")
            lines[1] = ",".join({**columns, **TARGET}.values())
        elif path.name == "history.csv":
            lines += [f"Lakeside,{year},gdp,6,~,{out},%,report" for year, out in ((2020, 4.1), (2021, 7.9), (2022, 4))]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "scenarios" / "my-shock.yaml").unlink()
    sim.write_calibration(sim.fit_calibration(folder), folder / "calibration.yaml", folder)
    return folder


FIELDS = ("name", "place_en", "place_zh", "year", "country")
TARGET = {
    **{"id": "gdp", "section": "1", "phrase": "5.5", "name_en": "GDP", "name_zh": "生产总值", "kind": "growth"},
    **{"indicator": "gdp", "value": "5.5", "unit": "%", "criterion": "about", "tolerance": "0.2", "headline": "yes"},
    **{"baseline_relation": "none", "decided_by": "own", "group": "macro", "source": "report"},
}


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "lakeside"))


def edit(folder: Path, file: str, before: str, after: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")


def find_centre(folder: Path) -> float:
    return sim.load_model(folder).calibration.indicators["gdp"].centre.value


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("indicators.csv", "real,5.6", "real,3.2", "indicators.csv:2:6: baseline of gdp was 5.6"),
        ("targets.csv", ",5.5,,%", ",7,,%", "value of gdp was 5.5 when"),
        ("history.csv", "~,4,%", "~,2,%", "history.csv:4:6: outcome of Lakeside 2022 gdp was 4 when"),
        ("quarters.csv", "gdp,Q1,0.2221", "gdp,Q1,0.2222", "quarters.csv:2:3: share of gdp Q1 was 0.2221"),
        ("outlook.csv", "2024,forecast,4.6", "2024,forecast,5.6", "value of 2024 forecast 2024-01-30 was 4.6"),
        (
            "prior.yaml",
            "innovation_common: {value: 0.85",
            "innovation_common: {value: 0.8",
            "indicators.gdp is not as it",
        ),
    ],
)
def test_a_moved_cell_is_named_and_the_odds_are_those_of_a_new_fit(
    folder: Path, file: str, before: str, after: str, told: str
) -> None:
    former = find_centre(folder)
    edit(folder, file, before, after)
    model = sim.load_model(folder)
    assert len(model.warnings) == 1
    assert told in str(model.warnings[0])
    assert "sim calibrate --plan" in str(model.warnings[0])
    assert model.calibration == sim.fit_calibration(folder)
    step = next(step for step in check_plan(folder).steps if step.file == "calibration.yaml")
    assert step.warnings == model.warnings
    if file in ("indicators.csv", "targets.csv", "history.csv", "outlook.csv"):
        assert find_centre(folder) != former


def test_commands_say_which_cell_moved_and_give_the_odds_of_the_plan_at_hand(folder: Path, tmp_path: Path) -> None:
    edit(folder, "indicators.csv", "real,5.6", "real,3.2")
    options = ["--plan", folder, "--calibrations", "0"]
    ran = call("run", "baseline", *options, "--no-charts", "--out", tmp_path / "out")
    assert "baseline of gdp was 5.6 when the calibration was fitted and is 3.2" in ran.stderr
    noted = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert "baseline of gdp was 5.6" in noted["warnings"][0]
    assert "baseline of gdp was 5.6" in call("lint", folder).output
    for words in (["report", "baseline", *options, "--out", tmp_path / "page.html"],):
        assert "baseline of gdp was 5.6" in call(*words).stderr
    anew = sim.load_model(folder, sim.fit_calibration(folder))
    expected = sim.run(anew, "baseline", n_paths=1024, n_calibrations=0).odds.probability[0]
    table = (tmp_path / "out" / "attainment.csv").read_text(encoding="utf-8-sig")
    assert f"{expected:.4f}"[:5] in table
    call("calibrate", "--plan", folder, "--out", folder / "calibration.yaml")
    assert sim.load_model(folder).warnings == ()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("year,2024", "year,2026", "made for year 2024, and the plan's year is 2026"),
        ("place_en,Lakeside", "place_en,Hilltop", "made for place Lakeside, and the plan's place is Hilltop"),
    ],
)
def test_the_calibration_of_another_place_or_year_is_refused(
    folder: Path, tmp_path: Path, before: str, after: str, told: str
) -> None:
    edit(folder, "plan.csv", before, after)
    for words in (["lint", folder], ["run", "baseline", "--plan", folder, "--no-charts", "--out", tmp_path / "out"]):
        result = call(*words)
        assert result.exit_code == 2
        assert told in result.output
    assert not (tmp_path / "out").exists()
    with pytest.raises(sim.InputError, match=told):
        sim.read_calibration(folder / "calibration.yaml", folder)


def test_cells_that_no_fit_reads_may_change(folder: Path) -> None:
    before = sim.load_model(folder).law.momentum[0]
    edit(folder, "indicators.csv", "GDP,生产总值", "Gross product,生产总值")
    edit(folder, "indicators.csv", "higher,0,", "higher,0.4,")  # momentum: the model reads it, the fit does not
    edit(folder, "targets.csv", "about,0.2", "about,0.3")
    model = sim.load_model(folder)
    assert model.warnings == ()
    assert model.law.momentum[0] != before


def test_numbers_set_by_hand_are_kept_as_long_as_no_cell_moves(folder: Path) -> None:
    text = (folder / "calibration.yaml").read_text(encoding="utf-8")
    start = text.index("centre: {value: ") + len("centre: {value: ")
    end = text.index(",", start)
    (folder / "calibration.yaml").write_text(f"{text[:start]}4.9{text[end:]}", encoding="utf-8")
    assert find_centre(folder) == 4.9
    edit(folder, "indicators.csv", "real,5.6", "real,3.2")
    with pytest.raises(sim.InputError, match="holds numbers set by hand") as refused:
        sim.load_model(folder)
    assert refused.value.faults[0].line == 2
    assert call("lint", folder).exit_code == 2
    text = (folder / "calibration.yaml").read_text(encoding="utf-8")
    kept = text[: text.index("made_from:\n")] + "made_from: hand\n"
    (folder / "calibration.yaml").write_text(kept, encoding="utf-8")
    assert find_centre(folder) == 4.9


def test_what_another_version_learned_is_said_and_kept(folder: Path) -> None:
    text = (folder / "calibration.yaml").read_text(encoding="utf-8")
    start = text.index("learned: ") + len("learned: ")
    end = text.index("\n", start)
    (folder / "calibration.yaml").write_text(f'{text[:start]}"0123456789ab"{text[end:]}', encoding="utf-8")
    former = sim.read_calibration(folder / "calibration.yaml", folder)
    model = sim.load_model(folder)
    assert "what another version of this package had learned" in str(model.warnings[0])
    assert model.calibration == former


def test_a_cell_of_a_workbook_is_named_by_its_sheet(folder: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    book = tmp_path / "book"
    book.mkdir()
    with pandas.ExcelWriter(book / "plan.xlsx") as sheets:
        for path in sorted(folder.glob("*.csv")):
            table = pandas.read_csv(path, encoding="utf-8-sig")
            if path.stem == "indicators":
                table["baseline"] = 3.2
            table.to_excel(sheets, sheet_name=path.stem, index=False)
    for name in ("calibration.yaml", "prior.yaml"):
        shutil.copy(folder / name, book / name)
    told = [str(each) for each in sim.load_model(book).warnings]
    assert len(told) == 1
    assert "plan.xlsx[indicators]:2:6: baseline of gdp was 5.6" in told[0]


def test_a_file_with_fitted_numbers_says_what_they_were_fitted_to(folder: Path) -> None:
    text = (folder / "calibration.yaml").read_text(encoding="utf-8")
    (folder / "calibration.yaml").write_text(text[: text.index("made_from:\n")], encoding="utf-8")
    with pytest.raises(sim.InputError, match="does not say to what"):
        sim.load_model(folder)


def test_python_and_sweeps_obey_the_same_rule(folder: Path) -> None:
    plan = sim.read_plan(folder)
    model = sim.load_model(plan)
    target = plan.growth[0].model_copy(update={"value": 7.0})
    promised = replace(plan, targets=(target,))
    moved = take_model(replace(model, plan=promised))
    assert "plan: targets.gdp.value" in str(moved.warnings[0])
    assert moved.calibration == sim.fit_calibration(promised)
    vary = {"targets.gdp.value": [5.5, 7.0]}
    frame = sim.sweep(model, {"scenario": "baseline", "design": "grid", "vary": vary})
    swept = frame[frame.reading == "printed"].set_index("targets.gdp.value").probability
    for value, each in ((5.5, model), (7.0, moved)):
        odds = sim.run(each, "baseline", n_paths=1024, n_calibrations=0).odds
        assert swept[value].iloc[0] == pytest.approx(odds.probability[0], abs=0.002)
    numbers = model.calibration.indicators["gdp"]
    lower = numbers.model_copy(update={"centre": numbers.centre.model_copy(update={"value": 4.0})})
    by_hand = model.calibration.model_copy(update={"indicators": {"gdp": lower}})
    with pytest.raises(sim.InputError, match="set by hand"):
        sim.sweep(sim.load_model(plan, by_hand), {"scenario": "baseline", "design": "grid", "vary": vary})


def test_the_cell_that_counts_is_the_one_that_the_fit_leans_on(folder: Path) -> None:
    row = (folder / "targets.csv").read_text(encoding="utf-8").splitlines()[1]
    aside = row.replace("gdp,1,", "gdp_aside,1,", 1).replace(",yes,", ",no,").replace(",5.5,,%", ",4,,%")
    with (folder / "targets.csv").open("a", encoding="utf-8") as file:
        file.write(aside + "\n")
    assert sim.load_model(folder).warnings == ()  # one more target, which the year does not lean on
    edit(folder, "targets.csv", ",yes,", ",no,")
    edit(folder, "targets.csv", aside, aside.replace(",no,", ",yes,"))
    told = [str(each) for each in sim.load_model(folder).warnings]
    assert any("gdp_aside is new since" in each for each in told)


def test_the_shipped_calibrations_hold() -> None:
    for name in sim.list_plans():
        plan = sim.read_plan(name)
        assert compare_calibration(plan.folder / "calibration.yaml", plan)[1] == ()
