"""History and outlook tables: every fault by its row, warnings for what is merely odd."""

from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.inputs.history import read_history
from sim.inputs.outlook import read_outlook
from sim.inputs.plan.past import recall_history, recall_outlook
from sim.inputs.plan.plan import Plan

HEADER = "region,year,indicator,target,comparator,outcome,unit,source\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "history.csv"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_history(path)
    return [str(fault).replace(str(path.parent) + "/", "") for fault in caught.value.faults]


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    found = faults(
        write(tmp_path, "region,year,indicator,target,comparator,outcom,unit,source\nA,2015,gdp,7,~,7,%,s\n")
    )
    assert any("history.csv:1:6: unknown column 'outcom'" in each and "'outcome'?" in each for each in found)
    assert any("column 'outcome' is missing" in each for each in found)


def test_every_fault_is_named_by_row_and_all_at_once(tmp_path: Path) -> None:
    rows = "A,2015,gdp,about 7,~,7,%,s\nA,soon,gdp,7,~,7,%,s\nA,2016,gdp,7,~,6,%,s\nA,2016,gdp,8,~,6,%,s\n"
    found = faults(write(tmp_path, HEADER + rows + "A,2017,gdp,8,more,6,%,s\nA,2018,gdp,8,~,6\n"))
    assert [each.partition(": ")[0] for each in found] == [
        *("history.csv:2:4", "history.csv:3:2", "history.csv:5:2", "history.csv:6:5", "history.csv:7:6"),
    ]
    assert "'about 7' is not a number" in found[0]
    assert "'A gdp 2016' is repeated; it stands in line 4" in found[2]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_history(tmp_path / "none.csv")


def test_oddities_are_warned_of_and_kept(tmp_path: Path) -> None:
    rows = "A,2015,gdp,7,~,70,%,s\nA,2016,gdp,7,~,,%,s\n" + "".join(
        f"B,{y},gdp,7,~,6,%,s\n" for y in (2015, 2017, 2018)
    )
    history = read_history(write(tmp_path, HEADER + rows))
    words = [str(each).partition("history.csv:")[2] for each in history.warnings]
    assert words[0].startswith("2:6: A 2015 gdp: outcome 70 is a factor of ten from target 7")
    assert words[1].startswith("3:2: year 2016 has no outcomes (1 rows)")
    assert words[2].startswith("4:1: B gdp: all 3 outcomes are 6, a constant series")
    assert history.outcome[0] == 70


def test_one_single_year_is_warned_of(tmp_path: Path) -> None:
    (warning,) = read_history(write(tmp_path, HEADER + "A,2015,gdp,7,~,7.2,%,s\nB,2015,gdp,7,~,6,%,s\n")).warnings
    assert "one single year, 2015" in str(warning)


def test_ranges_short_names_extra_columns_and_byte_order_marks_are_read(tmp_path: Path) -> None:
    header = "\ufeff" + HEADER.strip() + ",confidence,target_hi\n"
    history = read_history(write(tmp_path, header + "A,2016,fai,7.5,range,8,%,s,high,8\nA,2017,gdp,,,8,%,s,high,\n"))
    assert history.indicator.tolist() == ["fixed_asset_investment", "gdp"]
    assert history.target[0] == 7.5
    assert np.isnan(history.target[1])
    assert history.comparator.tolist() == ["range", ""]


def test_january_has_no_outcomes_and_arrays_cannot_be_written(plan: Plan) -> None:
    history = recall_history(plan)
    january = history.open_january(2019)
    assert not hasattr(january, "outcome")
    assert len(january) == 4
    with pytest.raises(ValueError, match="read-only"):
        history.outcome[0] = 3


def test_a_plan_and_its_file_hold_the_same_history(plan: Plan) -> None:
    recalled, read = recall_history(plan), read_history(plan.folder / "history.csv")
    np.testing.assert_array_equal(recalled.outcome, read.outcome)
    np.testing.assert_array_equal(recalled.indicator, read.indicator)


def test_the_outlook_is_the_mean_of_what_january_said(plan: Plan) -> None:
    outlook = read_outlook(plan.folder / "outlook.csv")
    assert outlook == recall_outlook(plan)
    assert outlook.forecast[2024] == pytest.approx(4.55)
    seen = outlook.cut_to_january(2020)
    assert max(seen.forecast) == 2020
    assert max(seen.national) == 2019


def test_the_longer_names_of_kinds_are_read_and_march_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "outlook.csv"
    rows = "2016,imf_january_forecast,6.3,x\n2016,other_january_forecast,6.7,x\n2015,announced_outcome,6.9,x\n"
    path.write_text("year,kind,value,comparator\n" + rows + "2016,national_target,6.5-7,x\n", encoding="utf-8")
    outlook = read_outlook(path)
    assert (outlook.forecast, outlook.national) == ({2016: 6.5}, {2015: 6.9})
    assert [fault.problem for fault in outlook.warnings] == ["'comparator' is a column that nothing reads"]


def test_outlook_faults_are_named_and_late_forecasts_left_out(tmp_path: Path) -> None:
    path = tmp_path / "outlook.csv"
    path.write_text("year,kind,value\n2016,forcast,6.3\n2016,forecast,six\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_outlook(path)
    assert "2:2: unknown kind 'forcast'" in str(caught.value)
    assert "3:3: 'six' is not a number" in str(caught.value)
    path.write_text("year,kind,value,published\n2016,forecast,6,2016-01-19\n2016,forecast,9,2016-04-12\n")
    outlook = read_outlook(path)
    assert outlook.forecast == {2016: 6.0}
    assert "3:4: forecast for 2016 published in 2016-04: not known in January; left out" in str(outlook.warnings[0])


def test_a_panel_of_many_regions_is_read_as_it_stands(tmp_path: Path) -> None:
    """Ranges, bare numbers, targets without outcome, outcomes without target, notes: as panels are."""
    rng = np.random.default_rng(3)
    signs, rows = ["~", ">=", "=", "range"], []
    for region in range(31):
        for year in range(2011, 2022):
            target, outcome = round(rng.uniform(5, 13), 1), round(rng.uniform(2, 15), 1)
            sign = signs[(region + year) % 4]
            told = "" if (region, year) == (7, 2015) else f"{outcome:g}"
            aimed = ("", "") if (region, year) == (9, 2018) else (f"{target:g}", sign)
            rows.append(f"Province {region},{year},gdp,{aimed[0]},{aimed[1]},{told},% yoy real,s,medium,a note\n")
    history = read_history(write(tmp_path, HEADER.strip() + ",confidence,note\n" + "".join(rows)))
    assert len(history) == 31 * 11
    assert sorted(set(history.comparator)) == ["", "=", ">=", "range", "~"]
    assert (history.comparator == "range").sum() == sum(",range," in row for row in rows)
    assert repr(history) == "<History: 341 rows, 31 regions, 2011-2021, 339 targets with outcomes>"
    assert history.target[0] == float(rows[0].split(",")[3])
    assert not history.warnings


def test_the_shipped_outlook_goes_as_far_back_as_the_panel(plan: Plan) -> None:
    assert read_outlook(plan.folder / "outlook.csv").forecast[2011] == 8.7
