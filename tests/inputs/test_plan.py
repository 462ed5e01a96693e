"""The plan: tables read into rows, and what only all of them together can tell."""

import random
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plans import TABLES, WritePlan

from sim.errors import Fault, InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan


def refusals(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_plan(folder)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def contents(plan: Plan) -> dict[str, object]:
    values = {field.name: getattr(plan, field.name) for field in fields(plan)}
    values = {name: value for name, value in values.items() if name not in ("folder", "files", "given")}
    return {name: frozenset(value) if isinstance(value, tuple) else value for name, value in values.items()}


def test_five_faults_of_a_table_are_told_in_order(two_indicator_plan: WritePlan) -> None:
    rows = TABLES["targets.csv"].replace("about,5.5", "abuot,5.5pp").replace("gdp_growth", "gdp growth")
    rows = rows.replace("at_least,5,%,0,yes", "at_least,5,%,-1,yse")
    faults = refusals(two_indicator_plan(targets=rows.encode()))
    places = [(2, 1), (2, 7), (2, 8), (3, 10), (3, 11)]
    assert [fault.split(": ")[0] for fault in faults] == [f"targets.csv:{line}:{field}" for line, field in places]


def test_faults_of_all_tables_are_told_together(two_indicator_plan: WritePlan) -> None:
    folder = two_indicator_plan(plan=None, indicators=("real", "rael"), quarters=b"", targets=("yes", "yea"))
    assert refusals(folder) == [
        "indicators.csv:2:5: unknown 'rael'; allowed: real, nominal, price, rate; did you mean 'real'?",
        "plan.csv: no such file",
        "quarters.csv: the file is empty",
        "targets.csv:2:11: unknown 'yea'; allowed: yes, no; did you mean 'yes'?",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"indicators": ("5.9", "5,9")},
        {"indicators": ("5.9", "x")},
        {"indicators": None},
        {"quarters": ("0.22", "x")},
        {"quarters": ("gdp,Q1", "gdp")},
        {"plan": ("2024", "")},
        {"targets": ("5.5,%", "x,%")},
    ],
    ids=["row too long", "faulty row", "no table", "faulty share", "row too short", "faulty fact", "faulty target"],
)
def test_one_fault_brings_no_others_with_it(two_indicator_plan: WritePlan, changes: dict[str, tuple[str, str]]) -> None:
    assert len(refusals(two_indicator_plan(**changes))) == 1


def test_every_table_but_history_and_outlook_is_needed(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    tmp_path.joinpath("empty").mkdir()
    missing = [line.split(":")[0] for line in refusals(tmp_path / "empty")]
    assert missing == ["indicators.csv", "plan.csv", "quarters.csv", "targets.csv"]
    assert read_plan(two_indicator_plan()).history == ()


def test_a_plan_has_the_rows_of_its_tables(twin: Plan) -> None:
    assert (twin.name, twin.place_en, twin.place_zh, twin.year) == ("twin", "Twin", "双城", 2024)
    assert [indicator.id for indicator in twin.indicators] == ["gdp", "retail_sales"]
    assert [target.id for target in twin.headline] == ["gdp_growth", "retail_growth"]
    assert twin.quarter_names == ("Q1", "Q2", "Q3", "Q4")
    assert [row.share for row in twin.quarters["gdp"]] == [0.22, 0.26, 0.27, 0.25]
    assert twin.find_indicator("gdp").baseline == 5.9


def test_an_empty_cell_means_unknown_never_nought(twin: Plan) -> None:
    assert twin.find_indicator("retail_sales").level is None
    assert twin.quarters["gdp"][0].cumulative is None


def test_a_year_may_have_other_quarters(two_indicator_plan: WritePlan) -> None:
    rows = TABLES["quarters.csv"].splitlines()
    halves = [row.replace("0.22", "0.4").replace("0.26", "0.6") for row in rows if "Q3" not in row and "Q4" not in row]
    assert read_plan(two_indicator_plan(quarters="\n".join(halves).encode())).quarter_names == ("Q1", "Q2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["unix", "windows"])
def test_encoding_and_line_ending_change_nothing(
    two_indicator_plan: WritePlan, twin: Plan, encoding: str, ending: str
) -> None:
    tables = {Path(file).stem: text.replace("\n", ending).encode(encoding) for file, text in TABLES.items()}
    assert contents(read_plan(two_indicator_plan(**tables))) == contents(twin)


@settings(max_examples=8)
@given(shuffler=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    plan: Plan, tmp_path_factory: pytest.TempPathFactory, shuffler: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("shuffled")
    for path in plan.folder.glob("*.csv"):
        header, *rows = path.read_text("utf-8-sig").splitlines()
        shuffler.shuffle(rows)
        (folder / path.name).write_text("\n".join([header, *rows]), "utf-8")
    assert contents(read_plan(folder)) == contents(plan)


@given(columns=st.permutations(TABLES["targets.csv"].splitlines()[0].split(",")))
def test_the_order_of_columns_changes_nothing(two_indicator_plan: WritePlan, twin: Plan, columns: list[str]) -> None:
    header, *rows = [line.split(",") for line in TABLES["targets.csv"].splitlines()]
    order = [header.index(column) for column in columns]
    lines = [",".join(row[number] for number in order) for row in (header, *rows)]
    folder = two_indicator_plan(targets="\n".join(lines).encode())
    assert read_plan(folder).targets == twin.targets


@given(place=st.floats(0, 1), junk=st.text('",\n0x%Q中\x00', max_size=4), cut=st.integers(0, 12))
def test_a_damaged_table_is_read_or_refused(two_indicator_plan: WritePlan, place: float, junk: str, cut: int) -> None:
    for file, text in TABLES.items():
        if file.endswith(".csv"):
            start = int(place * len(text))
            damaged = text[:start] + junk + text[start + cut :]
            folder = two_indicator_plan(**{Path(file).stem: damaged.encode()})
            faults: tuple[Fault, ...] = ()
            try:
                read_plan(folder)
            except InputError as error:
                faults = error.faults
            assert all(Path(fault.file).parent == folder and fault.problem for fault in faults)
