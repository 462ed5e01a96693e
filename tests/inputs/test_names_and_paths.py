"""Names and paths as people have them: with signs that mean something, in no encoding, in closed folders."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sim
from sim.cli import main
from sim.errors import InputError, QuestionWarning
from sim.inputs.bundled import find_plan
from sim.inputs.files.documents import read_rows, read_text
from sim.inputs.files.yaml_files import read_yaml
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.inheritance import split_composition

openpyxl = pytest.importorskip("openpyxl")
FEW = ("--no-charts", "--calibrations", 0, "--paths", 300, "--method", "paths")
SHIPPED = find_plan("qingdao-2024")


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def copy_scenario(path: Path, name: str = "typhoon-season") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (SHIPPED.parent.parent / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("extends: baseline\n", ""), encoding="utf-8")
    return path


def fill_workbook(path: Path, source: Path = SHIPPED) -> Path:
    import csv

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in ("plan", "indicators", "quarters", "targets", "groups", "figures", "history", "outlook"):
        page = book.create_sheet(name)
        with (source / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                page.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize(
    "name", ["north+south/storm.yaml", "c++/1+1=2.yaml", "+.yaml", "a+b+c.yaml", "storm+.yaml", "宁+波/风.yaml"]
)
def test_a_path_with_a_plus_is_a_path(here: Path, plan: Plan, name: str) -> None:
    copy_scenario(here / name)
    assert sim.read_scenario(name, plan).name == Path(name).stem
    both = sim.read_scenario(f"{name}+tax-refunds", plan)
    assert set(both.shocks) >= {"typhoon", "tax_refunds"} or len(both.shocks) >= 2
    assert both.name == f"{Path(name).stem}+tax-refunds"
    assert sim.read_scenario(f"tax-refunds+{here / name}", plan).name == f"tax-refunds+{Path(name).stem}"


def test_a_plan_below_a_plus_runs(here: Path) -> None:
    shutil.copytree(SHIPPED, here / "c++" / "city")
    copy_scenario(here / "c++" / "city" / "scenarios" / "=1+1.yaml")
    answer = call("run", "--plan", here / "c++" / "city", *FEW)
    assert answer.exit_code == 0, answer.output
    assert "=1+1" in (here / "out" / "attainment.csv").read_text(encoding="utf-8-sig")


def test_names_of_many_plus_signs_are_split_at_once() -> None:
    assert split_composition("+".join(["a"] * 5000)) == ["a"] * 5000


def test_what_is_shipped_is_not_replaced_by_what_lies_here(here: Path, plan: Plan) -> None:
    (here / "baseline.yaml").write_text("no scenario at all")
    (here / "qingdao-2024").mkdir()
    assert "rare_common_shock" in sim.read_scenario("baseline", plan).shocks
    answer = call("show", "baseline")
    assert answer.exit_code == 0, answer.output
    assert answer.stderr == "baseline: the scenario that comes with the plan; the file here is baseline.yaml\n"
    assert call("show", "baseline.yaml").exit_code == 2
    assert call("targets").stderr == ""
    answer = call("targets", "--plan", "qingdao-2024")
    assert answer.exit_code == 0
    assert answer.stderr == "--plan qingdao-2024: the shipped plan; what lies here is --plan ./qingdao-2024\n"
    assert call("targets", "--plan", "./qingdao-2024").exit_code == 2
    copy_scenario(here / "mine.yaml")
    assert call("lint", "mine").output == "1 checked, no faults\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there")
def test_a_scenario_whose_name_is_no_utf8_is_refused_in_words(here: Path, plan: Plan) -> None:
    name = os.fsdecode(b"\xb7\xe7.yaml")
    copy_scenario(here / name)
    with pytest.raises(InputError, match=r"\\udcb7\\udce7\.yaml: the file's name is no UTF-8; rename the file"):
        sim.read_scenario(name, plan)
    answer = call("run", name, *FEW)
    assert (answer.exit_code, answer.output.count("\n")) == (2, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of another kind")
@pytest.mark.parametrize("words", [("run", "--plan", "city"), ("lint", "city"), ("targets", "--plan", "city")])
def test_a_folder_that_cannot_be_read_is_told_in_a_line(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    call(words[0], "--help")  # imports what it needs while everything can be read
    call("targets")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.chdir(folder)
        shutil.copytree(SHIPPED, "city")
        Path("city").chmod(0)
        is_root = os.geteuid() == 0
        if is_root:  # who may read everything
            os.seteuid(65534)
        try:
            answer = call(*words)
        finally:
            if is_root:
                os.seteuid(0)
            Path("city").chmod(0o755)
            monkeypatch.undo()
    assert answer.exit_code == 2
    assert answer.output == "city: cannot be read (Permission denied)\n"


def test_a_workbook_of_any_name_is_a_plan(here: Path, plan: Plan) -> None:
    book = fill_workbook(here / "2024 年计划 (final).xlsx")
    found = sim.read_plan(book)
    assert found.targets == plan.targets
    assert found.history == plan.history
    (here / "history.csv").write_text("of something else")  # nothing beside it counts
    assert sim.read_plan(str(book)).files == (book,)
    assert call("targets", "--plan", book.name).exit_code == 0
    answer = call("lint", book.name)
    assert "17 targets with outcome" in answer.output
    assert f"sim calibrate --plan '{book.name}' --out calibration.yaml" in answer.output


def test_the_only_workbook_of_a_folder_is_its_plan(here: Path, plan: Plan) -> None:
    fill_workbook(here / "mine.xlsx")
    (here / "~$mine.xlsx").write_bytes(b"a lock of a spreadsheet program")
    assert sim.read_plan(here).targets == plan.targets
    fill_workbook(here / "other.xlsx")
    with pytest.raises(InputError, match=r"holds 2 workbooks and no table: mine\.xlsx, other\.xlsx; name the workbook"):
        sim.read_plan(here)
    shutil.copytree(SHIPPED, here / "city")
    fill_workbook(here / "city" / "results.xlsx")  # not a plan beside tables
    assert sim.read_plan(here / "city").targets == plan.targets


def write(folder: Path, content: str | bytes) -> Path:
    (folder / "file.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / "file.csv"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=repr)
def test_lines_may_end_in_any_way(tmp_path: Path, end: str) -> None:
    path = write(tmp_path, end.join(["id,name", '1,"a, b"', "", '2,"two', 'lines"', "3,c", ""]))
    rows, faults = read_rows(path, {"id": True, "name": True})
    assert faults == []
    assert [row["name"] for row in rows] == ["a, b", "two\nlines", "c"]
    assert [row.place.line for row in rows] == [2, 4, 6]


def test_columns_and_fields_that_hold_nothing_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, "id,,name,,\n1,,a,,\n2,,b\n3,, c,\n")
    rows, faults = read_rows(path, {"id": True, "name": True})
    assert faults == []
    assert rows == [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}, {"id": "3", "name": "c"}]
    assert rows[0].values_at["name"].column == 3
    _, faults = read_rows(write(tmp_path, "id,,name,,\n1,x,a,,\n2,,b,,y\n"), {"id": True, "name": True})
    assert [str(fault).partition(":")[2].partition(";")[0] for fault in faults] == [
        f"{tmp_path}"[:0] + "1:2: column 2 has no name",
        "3:3: the row has 5 fields, the header 3",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,name\n1,a\n".encode("utf-16"), "the file is UTF-16 text; save it as UTF-8"),
        (b"PK\x03\x04\0\0", "the file is a ZIP archive or a workbook, not text; the name of a workbook ends in .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "the file is a workbook of an old format, not text; save it as .xlsx"),
        (b"id,name\n1,a\0b\n", "the file is binary, not text; allowed: UTF-8 (with or without BOM) or GBK"),
        ("id,name\n1,青\x0b岛\n2,b\n", "2:4: a control character U+000B; delete it: nobody sees it"),
        ("id,name\n\x011,a\n" + "2,b\x02\n" * 9 + "3,c\n" * 99, "2:1: a control character U+0001, the first of 10"),
    ],
)
def test_what_is_no_text_is_called_what_it_is(tmp_path: Path, content: str | bytes, words: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_text(path, "file")
    assert str(caught.value).removeprefix("file:").strip().startswith(words)


def test_half_a_character_is_refused_where_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path, 'a: "x\\ud800"\nb: {"\\udfff": 1}\nc: "\\U0001F409"\n')
    record, faults = read_yaml(path, "file")
    assert [str(fault) for fault in faults] == [
        "file:1:4: half of a character; write the whole, not one of its surrogates",
        "file:2:5: a key with half of a character; write the whole, not one of its surrogates",
    ]
    assert record["c"] == "🐉"


@pytest.mark.parametrize(
    ("name", "told"),
    [("", "names no scenario"), ("baseline+", "on one side of a"), ("+", "on one side"), ("no + baseline", "no.yaml")],
)
def test_a_composition_with_a_part_missing_says_so(name: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        sim.read_scenario(name, "qingdao-2024")


def test_spaces_around_a_plus_do_not_matter() -> None:
    assert split_composition("export-slump + tax-refunds ") == ["export-slump", "tax-refunds"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "out", "--target", "固投", "--target", "GDP"), "Fixed-asset investment"),
        (("chart", "fan", "--scenario", "baseline", "--of", "社零"), "fan-retail_sales-baseline"),
    ],
)
@pytest.mark.usefixtures("here")
def test_targets_are_named_in_commands_as_people_write_them(words: tuple[str, ...], told: str) -> None:
    if words[0] == "show":
        assert call("run", "baseline", *FEW, "--out", "out").exit_code == 0
    found = call(*words)
    assert found.exit_code == 0, found.output
    assert told in found.output


@pytest.mark.parametrize(("given", "told"), [({"even_so": "no"}, "even_so: "), ({"executor": 2}, "executor: ")])
def test_arguments_of_the_wrong_kind_are_told(given: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        sim.run("qingdao-2024", "baseline", n_paths=10, n_calibrations=0, method="paths", **given)


@pytest.mark.parametrize(
    ("call_it", "told"),
    [
        (lambda: sim.backtest(5), "history: an object of type int stands where a history is due"),  # type: ignore[arg-type]
        (lambda: sim.value_rules("out"), "result: an object of type str stands where a run is due"),  # type: ignore[arg-type]
        (lambda: sim.draw("qingdao-2024", 10, first_block=-1), "first_block: -1; allowed: a whole number"),
        (lambda: sim.new_plan("mycity", country=5), "country: an object of type int"),  # type: ignore[arg-type]
    ],
)
def test_what_is_handed_over_in_python_is_checked(call_it: Callable[[], object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        call_it()


def test_a_new_plan_knows_indicators_as_people_write_them(here: Path) -> None:
    with pytest.warns(QuestionWarning, match="'gpd'; .*did you mean 'gdp'"):
        sim.new_plan(here / "town", "GDP, 社零,gpd")
    rows = (here / "town" / "indicators.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["gdp", "retail_sales", "gpd"]


@pytest.mark.parametrize("words", [("stress", "gdp", "--below"), ("promise", "--odds")])
def test_a_probability_in_per_cent_is_told_how_to_write_it(words: tuple[str, ...]) -> None:
    found = call(*words, "10%")
    assert (found.exit_code, "'10%' is not a number; write 0.1" in found.output) == (2, True)
