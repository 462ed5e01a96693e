"""A plan of one's own: what `sim new` writes, and how `sim lint` leads through it to the first run."""

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import sim
from sim.cli import main
from sim.inputs.calibration import read_prior
from sim.inputs.new_plan import list_known, new_plan
from sim.inputs.walkthrough import check_plan
from sim.model.model import build_model

FIGURES = {"gdp": 5.5, "retail_sales": 4.2, "fixed_asset_investment": 3.1, "income_per_capita": 5.2}
PLACE = {"name": "mycity", "place_en": "Testville", "place_zh": "测试市", "year": "2025"}
PLACE |= {"country": "China", "first_month": "1"}


def call(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def edit(path: Path, change: Callable[[dict[str, str]], None], encoding: str = "utf-8") -> None:
    """Fill in a table as a spreadsheet would: read, change each row, save."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        table = csv.DictReader(stream)
        rows, columns = list(table), list(table.fieldnames or [])
    for row in rows:
        change(row)
        if row.get("source", "").startswith("FILL IN"):
            row["source"] = "Plan report 2025, page 2"
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)


def fill_place(row: dict[str, str]) -> None:
    row["value"] = PLACE[row["field"]]


def fill_indicator(row: dict[str, str]) -> None:
    given = {"name_en": "Exports", "name_zh": "出口", "measure": "nominal", "better": "higher"}
    row.update({key: value for key, value in given.items() if row[key].startswith("FILL IN")})
    row["baseline"] = str(FIGURES.get(row["id"], 5.2))


def fill_target(row: dict[str, str]) -> None:
    given = {"name_en": "Exports", "name_zh": "出口", "section": "1", "phrase": "增长5%左右", "value": "5"}
    row.update({key: value for key, value in given.items() if row[key].startswith("FILL IN")})
    row["criterion"], row["tolerance"] = "about", "0.2"


def fill_tables(folder: Path, encoding: str = "utf-8") -> None:
    edit(folder / "plan.csv", fill_place, encoding)
    edit(folder / "indicators.csv", fill_indicator, encoding)
    edit(folder / "targets.csv", fill_target, encoding)


def replace(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def fill_shock(folder: Path) -> None:
    path = folder / "scenarios" / "my-shock.yaml"
    replace(path, ("FILL IN: such as -0.5", "-0.5"), ("FILL IN: ", ""))


def find_state(folder: Path, file: str) -> tuple[str, int]:
    step = next(step for step in check_plan(folder).steps if step.file == file)
    return step.state, step.left


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    new_plan("mycity", country="China")
    return Path("mycity")


def test_new_says_where_to_begin_and_what_comes_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("new", "mycity", "--country", "China")
    assert result.exit_code == 0
    assert result.output == (
        "11 files in mycity: begin with mycity/README.md\n"
        "outlook, seasons, dynamics and a rare shock are lent by places of China: each says so in its source\n"
        "next: sim lint mycity\n"
    )
    names = {path.relative_to("mycity").as_posix() for path in Path("mycity").rglob("*") if path.is_file()}
    tables = {f"{name}.csv" for name in ("plan", "indicators", "quarters", "targets", "groups", "history", "outlook")}
    assert names == tables | {"README.md", "prior.yaml", "scenarios/baseline.yaml", "scenarios/my-shock.yaml"}


def test_guide_explains_each_file_in_english_and_chinese(city: Path) -> None:
    guide = (city / "README.md").read_text(encoding="utf-8")
    for path in city.rglob("*.*"):
        assert path.name == "README.md" or f"`{path.relative_to(city).as_posix()}`" in guide, path
    assert "sim lint mycity" in guide
    assert "需要填写" in guide
    assert "{{" not in guide


def test_lint_lists_every_placeholder_that_is_left(city: Path) -> None:
    result = call("lint", "mycity")
    assert result.exit_code == 2
    texts = [path.read_text(encoding="utf-8") for path in city.rglob("*.*") if path.name != "README.md"]
    marks = sum(text.count("FILL IN") for text in texts)
    assert marks > 40
    assert result.output.count("still to be filled in") == marks
    assert (
        "mycity/plan.csv:5:2: still to be filled in: the year of the targets in four digits [year: value]"
        in result.output
    )
    assert "mycity/targets.csv:3:8: still to be filled in: the target in % [retail_sales: value]" in result.output
    assert result.output.endswith(f"{marks} things left; next: plan.csv, then `sim lint mycity` again\n")


def test_run_refuses_a_plan_with_placeholders(city: Path) -> None:
    result = call("run", "--plan", city, "--out", "out")
    assert result.exit_code == 2
    assert "mycity/indicators.csv:2:6: still to be filled in: last year's figure in % 上年实际" in result.output
    assert not Path("out").exists()


def test_a_beginner_comes_from_an_empty_folder_to_the_first_run_by_doing_what_lint_says(city: Path) -> None:
    todo = [
        ("plan.csv, then", lambda: edit(city / "plan.csv", fill_place)),
        ("indicators.csv, then", lambda: edit(city / "indicators.csv", fill_indicator)),
        ("targets.csv, then", lambda: edit(city / "targets.csv", fill_target)),
        ("sim calibrate --plan mycity --out mycity/calibration.yaml", None),
        ("scenarios/my-shock.yaml, then", lambda: fill_shock(city)),
    ]
    left = 1000
    for told, do in todo:
        result = call("lint", city)
        assert result.exit_code == 2
        last = result.output.splitlines()[-1]
        count, _, what = last.partition(" left; next: ")
        assert what.startswith(told)
        assert int(count.split()[0]) < left
        left = int(count.split()[0])
        if do:
            do()
        else:
            assert call(*what.split()[1:]).exit_code == 0
    result = call("lint", city)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "ready: sim run --plan mycity"
    result = call("run", "--plan", "mycity", "--paths", 5000, "--calibrations", 0, "--no-charts")
    assert result.exit_code == 0, result.output
    assert "Testville 2025" in result.output.splitlines()[0]
    odds = pd.read_csv("out/attainment.csv")
    assert set(odds.scenario) == {"baseline", "my-shock"}
    stated = odds[odds.reading == "stated"].set_index(["scenario", "target"]).probability
    assert stated["my-shock", "gdp"] < stated["baseline", "gdp"]


def test_run_before_calibrate_says_what_to_run(city: Path) -> None:
    fill_tables(city)
    fill_shock(city)
    result = call("run", "--plan", city, "--out", "out")
    assert result.exit_code == 2
    command = "sim calibrate --plan mycity --out mycity/calibration.yaml"
    assert result.output == f"mycity/calibration.yaml: no such file; `{command}` writes it\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_tables_saved_by_a_spreadsheet_read_the_same(city: Path, encoding: str) -> None:
    fill_tables(city, encoding)
    assert sim.read_plan(city).place_zh == "测试市"


def test_every_known_indicator_and_an_unknown_one_make_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    city = Path("mycity")
    assert call("new", city, "--indicators", ",".join([*list_known(), "exports"]), "--country", "China").exit_code == 0
    fill_tables(city)
    fill_shock(city)
    baseline, expected = "FILL IN: points that such a shock moves it by, 0 if none", "FILL IN: the figure you expect of"
    replace(city / "scenarios" / "baseline.yaml", (f'"{baseline}"', "-7"))
    replace(
        city / "prior.yaml",
        (f'"{expected} an ordinary year"', "3"),
        ('"FILL IN: how far that may be off"', "0.5"),
        ("FILL IN: who says so, or the word assumption", "assumption"),
    )
    assert call("calibrate", "--plan", city, "--out", city / "calibration.yaml").exit_code == 0
    walk = check_plan(city)
    assert walk.left == 0, list(walk.tell())
    plan = sim.read_plan(city)
    assert [each.measure for each in plan.indicators][-3:] == ["rate", "price", "nominal"]


def test_deliveries_and_milestones_are_added_as_the_guide_says(city: Path) -> None:
    fill_tables(city)
    with (city / "targets.csv").open(encoding="utf-8-sig", newline="") as stream:
        columns = next(csv.reader(stream))
    common = {"section": "2", "phrase": "原文", "headline": "no", "baseline_relation": "none", "tolerance": "0"}
    common |= {"decided_by": "own", "group": "macro", "source": "report"}
    jobs = {"id": "jobs", "name_en": "Jobs", "name_zh": "就业", "kind": "count", "value": "3.5", "unit": "万人"}
    line = {"id": "line", "name_en": "Metro line", "name_zh": "地铁", "kind": "milestone", "criterion": "complete"}
    with (city / "targets.csv").open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        season = {"season": "enrolment_jobs", "reference_class": "job"}
        writer.writerow({**common, **jobs, **season, "criterion": "at_least"})
        writer.writerow({**common, **line, "quarter": "Q3"})
    assert find_state(city, "prior.yaml") == ("1 fault", 1)
    told = next(step for step in check_plan(city).steps if step.file == "prior.yaml").faults[0]
    assert told.problem == "'job' is missing in classes"
    replace(city / "targets.csv", (",job,", ",jobs,"))
    state, left = find_state(city, "prior.yaml")
    assert (state.startswith("numbers that are not fitted; lent by Qingdao: "), left) == (True, 0)
    fill_shock(city)
    plan = sim.read_plan(city)
    run = sim.run(
        build_model(plan, sim.fit_calibration(plan)), sim.read_scenarios([], plan), n_paths=2000, n_calibrations=0
    )
    printed = run.attainments[0].odds.query("reading == 'printed'").set_index("target").probability
    assert printed.index[-2:].tolist() == ["jobs", "line"]
    assert printed[["jobs", "line"]].between(0.5, 0.999).all()


def test_what_is_known_of_the_lender_s_own_targets_is_not_lent(city: Path) -> None:
    fill_tables(city)
    prior = read_prior(city / "prior.yaml", sim.read_plan(city))
    lender = sim.read_plan("qingdao-2024")
    lent = read_prior(lender.folder / "prior.yaml", lender)
    for mine, theirs in ((prior.deliveries, lent.deliveries), (prior.milestones, lent.milestones)):
        assert mine is not None
        assert theirs is not None
        assert mine.classes == theirs.classes
        assert mine.targets == {}
    assert prior.deliveries.levels == {}
    assert lent.deliveries.levels


def test_walk_tells_faults_from_placeholders_and_optional_tables_from_needed_ones(city: Path) -> None:
    fill_tables(city)
    replace(city / "targets.csv", ("about", "abuot"))
    (city / "quarters.csv").unlink()
    (city / "outlook.csv").unlink()
    assert find_state(city, "quarters.csv") == ("missing: `sim new` writes one to copy", 1)
    state, left = find_state(city, "outlook.csv")
    assert state.startswith("not there, not needed")
    assert left == 0
    assert find_state(city, "targets.csv") == ("4 faults", 4)
    output = call("lint", city).output
    assert "mycity/targets.csv:2:11: unknown 'abuot'; allowed: at_least, at_most, about" in output
    assert "did you mean 'about'? [gdp: criterion]" in output


def test_tables_that_stand_in_a_workbook_are_walked_through_too(city: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    fill_tables(city)
    book = openpyxl.Workbook()
    for number, table in enumerate(("plan", "indicators", "quarters", "targets", "groups", "outlook")):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = table
        with (city / f"{table}.csv").open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.reader(stream):
                sheet.append(row)
        (city / f"{table}.csv").unlink()
    book.save(city / "plan.xlsx")
    assert find_state(city, "targets.csv") == ("4 targets, 4 with odds", 0)
    assert find_state(city, "outlook.csv")[0] == "no forecast for 2025: odds are wider without one"
    book["targets"]["H3"] = "FILL IN: the target in %"
    book.create_sheet("tragets")["A1"] = "id"
    book.save(city / "plan.xlsx")
    assert find_state(city, "targets.csv") == ("1 to fill in", 1)
    output = call("lint", city).output
    assert "mycity/plan.xlsx[targets]:3:8: still to be filled in: the target in %" in output
    assert "unknown table 'tragets'" in output


def test_walk_names_faults_of_scenarios_and_of_a_broken_file(city: Path) -> None:
    fill_tables(city)
    fill_shock(city)
    replace(city / "scenarios" / "my-shock.yaml", ("gdp:", "gpd:"))
    state, left = find_state(city, "scenarios/my-shock.yaml")
    assert (state, left) == ("1 fault; delete the file if you do not want it", 1)
    (city / "scenarios" / "baseline.yaml").write_bytes(b"\x00\x01")
    assert find_state(city, "scenarios/baseline.yaml")[1] == 1
    (city / "plan.csv").write_bytes(b"\x00\x01")
    assert find_state(city, "plan.csv")[1] >= 1
    assert call("lint", city).exit_code == 2


def test_lint_of_an_empty_folder_names_the_command_that_fills_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mycity").mkdir()
    result = call("lint", "mycity")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "1 thing left; next: sim new mycity"
    assert call("new", "mycity", "--country", "China").exit_code == 0


@pytest.mark.parametrize("plan", ["qingdao-2024", "china-2024"])
def test_shipped_plans_are_ready(plan: str) -> None:
    result = call("lint", plan)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == f"ready: sim run --plan {plan}"
    assert "to do" not in result.output


def test_new_writes_over_nothing(city: Path) -> None:
    before = {path: path.read_bytes() for path in city.rglob("*.*")}
    Path("letter.txt").write_text("dear", encoding="utf-8")
    for target, words in ((city, "holds files already; name a new folder"), ("letter.txt", "is a file; name a folder")):
        result = call("new", target)
        assert result.exit_code == 2
        assert result.output == f"{target}: {words}\n"
    assert {path: path.read_bytes() for path in city.rglob("*.*")} == before
    assert sorted(path.name for path in Path().iterdir()) == ["letter.txt", "mycity"]  # no half-written folder either


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            "../../x",
            "--indicators: '../../x' is not a name; allowed: English letters, digits, '_' and '-', such as gdp",
        ),
        ("gdp,gdp", "--indicators: 'gdp' is given twice"),
        (",", "--indicators: no indicator is named; allowed: gdp, budget_revenue"),
    ],
)
def test_new_refuses_indicators_that_are_no_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("new", "mycity", "--indicators", given)
    assert result.exit_code == 2
    assert result.output.startswith(words)
    assert result.output.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_with_a_chinese_name_asks_for_a_short_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("new", "青岛").exit_code == 0
    assert "青岛/plan.csv:2:2: still to be filled in: a short name in English letters" in call("lint", "青岛").output


@pytest.mark.parametrize("name", ["../../x", "../mycity/../../etc", "/etc/passwd", "a\nb", "x" * 5000])
def test_a_plan_that_is_not_there_gives_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("run", "--plan", name, "--out", "out")
    assert result.exit_code == 2
    assert "no such plan folder; allowed: a folder of tables, or china-2024, qingdao-2024" in result.output
    assert result.output.count("\n") == 1
    assert not Path("out").exists()


@pytest.mark.parametrize("parent", ["../../etc/passwd", "/etc/passwd", "../baseline", "..", "~/baseline"])
def test_a_scenario_that_extends_what_is_not_there_gives_one_line(city: Path, parent: str) -> None:
    fill_tables(city)
    fill_shock(city)
    replace(city / "scenarios" / "my-shock.yaml", ("extends: baseline", f"extends: {parent}"))
    result = call("lint", city / "scenarios" / "my-shock.yaml", "--plan", city)
    assert result.exit_code == 2
    assert result.output.startswith("mycity/scenarios/my-shock.yaml:4:10: extends '")
    assert result.output.count("\n") == 1


def test_a_plan_s_name_cannot_lead_out_of_a_folder(city: Path) -> None:
    edit(city / "plan.csv", lambda row: row.update(value={**PLACE, "name": "../../x"}[row["field"]]))
    output = call("lint", city).output
    assert "mycity/plan.csv:2:2: '../../x' is not a name; allowed: English letters, digits, '_' and '-'" in output


def test_tags_in_texts_are_texts(city: Path) -> None:
    tag = '<script>alert("x")</script>'
    fill_tables(city)
    fill_shock(city)
    edit(city / "plan.csv", lambda row: row.update(value=tag if "place" in row["field"] else row["value"], source=tag))
    texts = ("section", "phrase", "name_en", "name_zh", "source")
    edit(city / "targets.csv", lambda row: row.update(dict.fromkeys(texts, tag)))
    edit(city / "indicators.csv", lambda row: row.update(dict.fromkeys(("name_en", "name_zh", "source"), tag)))
    replace(city / "scenarios" / "my-shock.yaml", ("a title in English", "<script>alert(1)</script>"))
    plan = sim.read_plan(city)
    assert plan.place_en == plan.targets[0].name_zh == plan.indicators[0].source == tag
    scenario = sim.read_scenario(str(city / "scenarios" / "my-shock.yaml"), plan)
    assert scenario.title_en == "<script>alert(1)</script>"
