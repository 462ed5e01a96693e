"""History and outlook tables: alone or in a plan, one file means the same, or is refused in the same words."""

from pathlib import Path

import numpy as np
import pytest
from small_plans import WritePlan

from sim.errors import InputError
from sim.inputs.history import History, collect_history, read_history
from sim.inputs.outlook import Outlook, read_outlook
from sim.inputs.plan.past import recall_outlook
from sim.inputs.plan.reading import read_plan
from sim.inputs.walkthrough import check_plan
from sim.model.growth import compute_outlook_shift

COLUMNS = "region,year,indicator,target,comparator,outcome,unit,source"
SAID = "year,kind,value,unit,published,source"

HISTORIES = {
    "every comparator": f"{COLUMNS}\n"
    + "".join(f"A,{2010 + place},gdp,7,{sign},6,%,s\n" for place, sign in enumerate((">=", ">", "<=", "<", "~", "="))),
    "a range": f"{COLUMNS},target_hi\nA,2016,gdp,7,range,6,% yoy real,s,8\n",
    "a short name": f"{COLUMNS}\nA,2016,retail,7,~,6,%,s\nA,2017,retail_sales,7,~,6,%,s\n",
    "cells that are unknown": f"{COLUMNS}\nA,2016,gdp,,,6,,\nA,2017,gdp,7,~,,,\n",
    "a misspelt column": f"{COLUMNS.replace('outcome', 'outcom')}\nA,2016,gdp,7,~,6,%,s\n",
    "a missing column": f"{COLUMNS.removesuffix(',source')}\nA,2016,gdp,7,~,6,%\n",
    "a level": f"{COLUMNS}\nA,2016,gdp,700,~,600,亿元,s\n",
    "an unknown comparator": f"{COLUMNS}\nA,2016,gdp,7,hopefully,6,%,s\n",
    "a comparator in words": f"{COLUMNS}\nA,2016,gdp,7,about,6,%,s\nA,2017,gdp,7,不低于,6,%,s\n",
    "a repeated row": f"{COLUMNS}\nA,2016,retail,7,~,6,%,s\nA,2016,retail_sales,7,~,6,%,s\n",
    "a unit glued on": f"{COLUMNS}\nA,2016,gdp,7%,~,6,%,s\n",
    "oddities": f"{COLUMNS}\n" + "".join(f"A,{year},gdp,6,~,60,%,s\n" for year in (2014, 2015, 2016)),
}

OUTLOOKS = {
    "the longer names": f"{SAID}\n2016,imf_january_forecast,6.3,%,,\n2016,other_january_forecast,6.7,% yoy real,,\n"
    "2015,announced_outcome,6.9,%,2016-01-19,s\n",
    "a target set in March": f"{SAID}\n2016,national_target,6.5-7,%,2016-03-05,s\n2016,forecast,6.3,%,2016-01,s\n",
    "a forecast that comes too late": f"{SAID}\n2016,forecast,6,%,2016-02-28,s\n2016,forecast,9,%,2016-04-12,s\n",
    "few columns": "year,kind,value\n2016,forecast,6\n2015,announced,6.9\n",
    "other columns": f"{SAID},confidence\n2016,forecast,6,%,2016-01-19,s,high\n",
    "a misspelt column": f"{SAID.replace('published', 'publishd')}\n2016,forecast,6,%,2016-04-12,s\n",
    "an unknown kind": f"{SAID}\n2016,forcast,6,%,2016-01-19,s\n",
    "no number": f"{SAID}\n2016,forecast,six,%,2016-01-19,s\n",
}


def told(error: InputError) -> list[str]:
    return [str(fault).rpartition("/")[2] for fault in error.faults]


def read_both(two_indicator_plan: WritePlan, tmp_path: Path, file: str, text: str) -> tuple[object, object]:
    """What the table means alone and in a plan: faults in words, or what was read and its warnings."""
    folder, answers = two_indicator_plan(tmp_path / "plan"), list[object]()
    (folder / file).write_text(text, encoding="utf-8")
    (tmp_path / file).write_text(text, encoding="utf-8")
    read = read_history if file == "history.csv" else read_outlook

    def recall() -> History | Outlook:
        plan = read_plan(folder)
        history = collect_history(plan.history, plan.warnings)
        return history if file == "history.csv" else Outlook(**_list(recall_outlook(plan)), warnings=plan.warnings)

    for task in (lambda: read(tmp_path / file), recall):
        try:
            found = task()
        except InputError as error:
            answers.append(told(error))
        else:
            questions = [
                fault for fault in found.warnings if "no row is of" not in fault.problem
            ]  # asked of plans alone
            warnings = sorted(str(fault).rpartition("/")[2] for fault in questions)
            answers.append((_list(found), warnings))
    return answers[0], answers[1]


def _list(found: History | Outlook) -> dict[str, object]:
    kept = {name: getattr(found, name) for name in found.__dataclass_fields__ if name != "warnings"}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in kept.items()}


@pytest.mark.parametrize("text", HISTORIES.values(), ids=HISTORIES)
def test_a_history_means_the_same_in_a_plan(two_indicator_plan: WritePlan, tmp_path: Path, text: str) -> None:
    alone, within = read_both(two_indicator_plan, tmp_path, "history.csv", text)
    assert repr(alone) == repr(within)  # as text, in which unknown is unknown


@pytest.mark.parametrize("text", OUTLOOKS.values(), ids=OUTLOOKS)
def test_an_outlook_means_the_same_in_a_plan(two_indicator_plan: WritePlan, tmp_path: Path, text: str) -> None:
    alone, within = read_both(two_indicator_plan, tmp_path, "outlook.csv", text)
    assert alone == within


@pytest.mark.parametrize("case", ["a misspelt column", "a missing column", "a level", "an unknown comparator"])
def test_a_faulty_history_is_refused(tmp_path: Path, case: str) -> None:
    (tmp_path / "history.csv").write_text(HISTORIES[case], encoding="utf-8")
    with pytest.raises(InputError):
        read_history(tmp_path / "history.csv")


def test_a_misspelt_column_is_not_taken_for_another_one(tmp_path: Path) -> None:
    (tmp_path / "outlook.csv").write_text(OUTLOOKS["a misspelt column"], encoding="utf-8")
    with pytest.raises(InputError, match=r"outlook.csv:1:5: unknown column 'publishd'.*did you mean 'published'"):
        read_outlook(tmp_path / "outlook.csv")


def test_a_forecast_that_comes_too_late_moves_no_plan(two_indicator_plan: WritePlan, tmp_path: Path) -> None:
    folder = two_indicator_plan(tmp_path / "plan")
    rows = f"{SAID}\n2023,announced,5.2,%,2024-01-17,s\n2024,forecast,4.6,%,2024-01-30,s\n"
    (folder / "outlook.csv").write_text(rows, encoding="utf-8")
    before = compute_outlook_shift(read_plan(folder))
    assert before == pytest.approx(-0.6)
    (folder / "outlook.csv").write_text(rows + "2024,forecast,5.2,%,2024-07-16,s\n", encoding="utf-8")
    plan = read_plan(folder)
    assert compute_outlook_shift(plan) == before
    (warning,) = plan.warnings
    assert str(warning).endswith("4:5: forecast for 2024 published in 2024-07: not known in January; left out")
    assert f"       warning: {warning}" in list(check_plan(folder).tell())


def test_a_history_may_be_a_workbook(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    text = HISTORIES["every comparator"]
    (tmp_path / "history.csv").write_text(text, encoding="utf-8")
    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append(line.split(","))
    book.save(tmp_path / "history.xlsx")
    first, second = (_list(read_history(tmp_path / f"history.{ending}")) for ending in ("csv", "xlsx"))
    assert first == second


def test_an_indicator_that_the_plan_does_not_know_is_refused_by_the_name_that_is_written(
    two_indicator_plan: WritePlan, tmp_path: Path
) -> None:
    folder = two_indicator_plan(tmp_path / "plan")
    (folder / "history.csv").write_text(f"{COLUMNS}\nA,2016,fai,7,~,6,%,s\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"history.csv:2:3: unknown indicator 'fai'; allowed: gdp, retail_sales"):
        read_plan(folder)
