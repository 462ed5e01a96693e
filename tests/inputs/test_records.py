"""Record tables: recognised by their header, every fault by its row, and judged as they should be."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.inputs.bundled import find_seed
from sim.inputs.files.documents import read_rows
from sim.inputs.record_rows import TABLES
from sim.inputs.records import Records, find_kind, read_classes, read_programmes, read_records

COUNTS = "region,year,item,class,promised,delivered,unit,as_of,source\n"
LISTS = "region,year,item,class,items,met,as_of\n"
MILESTONES = "region,item,class,stated,planned,actual,sampled\n"


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> Records:
    return read_records(write(folder, text))


def find_faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, text)
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


@pytest.mark.parametrize("name", TABLES)
def test_shipped_tables_are_recognised_by_their_header(name: str) -> None:
    assert find_kind(find_seed("records") / f"{name}.csv") == name


@pytest.mark.parametrize("name", ["track_record.csv", "qingdao-2024/history.csv", "records/classes.csv"])
def test_other_tables_are_not_taken_for_records(name: str) -> None:
    assert find_kind(find_seed(name)) is None


def test_every_fault_is_named_by_row_and_column_at_once(tmp_path: Path) -> None:
    found = find_faults(
        tmp_path,
        COUNTS
        + "A,2020,jobs,jobs,about 5,6,1,year,s\nA,soon,jobs,jobs,5,6,1,,s\nA,2021,jobs,jobs,0,6,1,Okt,s\n"
        + "A,2022,jobs,jobs,5,6,1,,s\nA,2022,jobs,jobs,5,7,1,,s\n",
    )
    assert [each.partition(": ")[0] for each in found] == [
        *("table.csv:2:5", "table.csv:3:2", "table.csv:4:5", "table.csv:4:8", "table.csv:6:1"),
    ]
    assert "did you mean 'Oct'?" in found[3]
    assert "'A 2022 jobs year' is repeated; it stands in line 5 already" in found[4]


def test_an_unknown_class_is_named_with_the_nearest(tmp_path: Path) -> None:
    (fault,) = find_faults(tmp_path, COUNTS + "A,2020,stations,netwrok,5,6,1,,s\n")
    assert fault.startswith("table.csv:2:4: unknown class 'netwrok'; allowed: jobs, ")
    assert fault.endswith("did you mean 'network'?")


def test_a_misspelt_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    found = find_faults(tmp_path, "region,year,item,class,promissed,delivered\nA,2020,jobs,jobs,5,6\n")
    assert any("table.csv:1:5: unknown column 'promissed'" in each and "'promised'?" in each for each in found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LISTS + "A,2020,deeds,list_of_deeds,10,11,\n", "11 of 10 items are met"),
        ("title,year,pool,won\nrose,2020,3,4\n", "4 of a pool of 3 won"),
        (MILESTONES + "A,line 1,works_opening,2020,mid 2020,,\n", "'mid 2020' is not a date"),
        (MILESTONES + "A,line 1,works_opening,2020,missed,,\n", "'missed' is not a date"),
        ("a,b\n1,2\n", "the header is that of no record table"),
        (COUNTS, "the table has no rows"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    assert any(problem in each for each in find_faults(tmp_path, text))


def test_faults_of_all_tables_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, COUNTS + "A,2020,jobs,jobs,no,6,1,,s\n", "one.csv")
    write(tmp_path, LISTS + "A,2020,deeds,list_of_deeds,10,no,\n", "two.csv")
    with pytest.raises(InputError) as caught:
        read_records(tmp_path)
    assert {Path(fault.file).name for fault in caught.value.faults} == {"one.csv", "two.csv"}
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no record tables"):
        read_records(tmp_path / "empty")


def judge(records: Records) -> list[tuple[str, int, int]]:
    return list(zip(records.state, records.reached.tolist(), records.count.tolist(), strict=True))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("5,5,1,year", ("final", 1, 1)),
        ("5,4.999,1,", ("final", 0, 1)),
        ("0.3,0.30000000000000004,1,Dec", ("final", 1, 1)),
        ("5,6,1,Sep", ("early", 1, 1)),
        ("5,4,1,Sep", ("open", 0, 1)),
        ("5,,1,", ("open", 0, 1)),
    ],
)
def test_counts_are_judged_by_figure_and_date(tmp_path: Path, cells: str, expected: tuple[str, int, int]) -> None:
    assert judge(read(tmp_path, COUNTS + f"A,2020,jobs,jobs,{cells},s\n")) == [expected]


def test_a_figure_within_the_year_gives_way_to_the_years_own(tmp_path: Path) -> None:
    rows = "A,2020,jobs,jobs,5,6,1,Sep,s\nA,2020,jobs,jobs,5,4,1,year,s\nB,2020,jobs,jobs,5,6,1,Sep,s\n"
    assert judge(read(tmp_path, COUNTS + rows)) == [("open", 1, 1), ("final", 0, 1), ("early", 1, 1)]


def test_lists_count_as_many_as_they_have_items_once_they_are_final(tmp_path: Path) -> None:
    rows = "A,2020,deeds,list_of_deeds,10,8,year\nA,2021,deeds,list_of_deeds,10,8,Sep\n"
    assert judge(read(tmp_path, LISTS + rows)) == [("final", 8, 10), ("open", 8, 10)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("2019,2020,2020-12-31,plans", ("final", 1, 1)),
        ("2019,2020-03,2020-12,", ("final", 1, 1)),
        ("2019,2020,2021-01-23,", ("final", 0, 1)),
        ("2019,2020,missed,", ("final", 0, 1)),
        ("2019,2020,,", ("open", 0, 1)),
        ("2019,2020,2020-12-31,openings", ("sample", 1, 1)),
    ],
)
def test_milestones_are_judged_by_the_planned_year(tmp_path: Path, cells: str, expected: tuple[str, int, int]) -> None:
    assert judge(read(tmp_path, MILESTONES + f"A,line 1,works_opening,{cells}\n")) == [expected]


def test_the_least_that_a_milestone_needs(tmp_path: Path) -> None:
    records = read(tmp_path, "region,stated,planned,actual\nA,2020,2021,2021-05\nB,2020,2021,missed\n")
    assert judge(records) == [("final", 1, 1), ("final", 0, 1)]


def test_titles_without_a_pool_are_no_rate(tmp_path: Path) -> None:
    records = read(tmp_path, "title,year,pool,won\nrose,2020,10,6\nrose,2021,,6\n")
    assert judge(records) == [("final", 6, 10), ("open", 6, 0)]
    assert records.counted.tolist() == [True, False]


def test_classes_of_ones_own_stand_beside_the_table(tmp_path: Path) -> None:
    header = "id,name_en,name_zh,kind,family,definition\n"
    write(tmp_path, header + "trees,Trees,树,count,green,trees planted\n", "classes.csv")
    records = read(tmp_path, COUNTS + "A,2020,trees,trees,5,6,1,,s\n")
    assert list(records.classes) == ["trees"]


def test_a_number_out_of_all_proportion_is_warned_of_and_kept(tmp_path: Path) -> None:
    records = read(tmp_path, COUNTS + "A,2020,jobs,jobs,5,50000,1,,s\nA,2021,jobs,jobs,5,0.05,1,Jan,s\n")
    (warning,) = records.warnings
    assert "table.csv:2:6: A jobs: 1e+04 times what was promised" in str(warning)


def test_shipped_facts_that_others_rest_on() -> None:
    records = read_records()
    facts = records.to_frame()
    jobs = facts[(facts.class_id == "jobs") & (facts.region == "Qingdao") & (facts.state == "final")]
    np.testing.assert_allclose(jobs.ratio, [36.5 / 35, 36.8 / 35])
    metro = facts[facts.item.str.startswith("metro") & (facts.state == "sample")]
    assert len(metro) == 84, "a sample of openings is never a rate"
    counts = facts[(facts.table == "counts") & facts.state.isin(["final", "early"])]
    assert (counts["count"] == 1).all()
    assert (counts.reached == 1).all(), "no figure of a year below its promise was found"
    assert records.year[records.year > 0].max() <= 2023
    assert not records.warnings
    assert set(records.class_id) <= set(read_classes())


def test_every_shipped_row_has_a_source_and_is_known_before_2024() -> None:
    faults: Sequence[object]
    for name in TABLES:
        path = find_seed("records") / f"{name}.csv"
        header = path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
        rows, faults = read_rows(path, dict.fromkeys(header, True))
        assert not faults
        for row in rows:
            assert len(row["source"]) > 3, row
            assert not any(
                f"{year}" in str(row[name] or "")[:4]
                for name in ("actual", "year")
                if name in row
                for year in (2024, 2025)
            )


def test_programmes_say_what_is_not_yet_under_way() -> None:
    programmes = read_programmes()
    here = (programmes.region == "Qingdao") & (programmes.year == 2019)
    np.testing.assert_allclose(programmes.missing[here], [37 / 200, 11 / 200])
    assert programmes.month[here].tolist() == [6, 9]
    with pytest.raises(ValueError, match="read-only"):
        read_records().ratio[0] = 2
