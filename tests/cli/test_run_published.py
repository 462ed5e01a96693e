"""`sim run` given published figures: what it prints and writes, and what it refuses."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from sim.cli import main
from sim.inputs.plan.plan import Plan

HEAD = "date,period,series,value,unit,step,status,source\n"


def invoke(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def run_given(out: Path, *words: str | Path) -> Result:
    return invoke("run", "baseline", "--paths", "500", "--calibrations", "0", "--no-charts", "--out", out, *words)


def test_a_run_given_figures_says_so_and_can_be_repeated(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run_given(out, "--published", "qingdao-2024-h1", "--as-of", "2024-04-30")
    assert done.exit_code == 0, done.output
    assert "Given 4 figures published to 2024-04-25" in " ".join(done.output.split())
    surprise = pd.read_csv(out / "surprise.csv")
    assert surprise.figure.tolist()[0] == "gdp Q1 5.9 %"
    assert surprise.tail_probability.between(1e-6, 1).all()
    given = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["given"]
    assert given["published"] == {"file": "qingdao-2024-h1", "as_of": "2024-04-30"}
    odds = pd.read_csv(out / "attainment.csv").set_index(["target", "reading"]).probability
    assert odds["gdp", "Q1"] == 1
    page = tmp_path / "page.html"
    assert invoke("report", out, "--out", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "Given 4 figures published to 2024-04-25" in text
    assert '"given":{"step":0.5' in text  # the what-if knows the figures


def test_a_question_takes_the_figures_of_the_plan_and_says_so(plan: Plan, tmp_path: Path) -> None:
    folder = shutil.copytree(plan.folder, tmp_path / "plan")
    words = ("probability", "baseline", "--target", "gdp", "--calibrations", "0", "--plan", folder)
    silent = invoke(*words, "--out", tmp_path / "silent")
    assert (silent.exit_code, "given" in silent.output) == (0, False)
    (folder / "published.csv").write_text(f"{HEAD}2024-04-25,Q1,gdp,5.9,%,,first,bulletin\n", encoding="utf-8")
    told = invoke(*words, "--out", tmp_path / "told")
    assert (told.exit_code, "given 1 figure published to 2024-04-25" in told.output) == (0, True)
    odds = [pd.read_csv(tmp_path / name / "probability.csv").probability[0] for name in ("silent", "told")]
    assert odds[1] > odds[0] + 0.1
    manifest = json.loads((tmp_path / "told" / "manifest.json").read_text(encoding="utf-8"))
    assert [each["series"] for each in manifest["published"]] == ["gdp"]
    none = invoke(*words, "--published", "none", "--out", tmp_path / "none")
    assert (none.exit_code, "given" in none.output) == (0, False)
    assert (tmp_path / "none" / "probability.csv").read_bytes() == (tmp_path / "silent/probability.csv").read_bytes()


def test_none_is_the_forecast_of_february(tmp_path: Path) -> None:
    for name, words in (("plain", ()), ("none", ("--published", "none"))):
        assert run_given(tmp_path / name, *words).exit_code == 0
    tables = [(tmp_path / name / "attainment.csv").read_bytes() for name in ("plain", "none")]
    assert tables[0] == tables[1]
    assert not (tmp_path / "none" / "surprise.csv").exists()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("2024-04-18,Q1,gdp,60,%,0.1,first,x\n", "--published: gdp Q1 60.0 % comes less than once in a million years"),
        (
            "2024-04-18,Q1,gdp,5.2,%,0.1,first,x\n2024-07-18,H1,gdp,5.0,%,0.1,first,x\n"
            "2024-07-18,Q2,gdp,6.9,%,0.1,first,x\n",
            "--published: gdp Q2 6.9 % contradicts gdp Q1 5.2 %, gdp H1 5.0 %: they imply 4.83 ± 0.14 % of Q2",
        ),
    ],
)
def test_what_cannot_be_believed_is_refused_and_nothing_is_written(tmp_path: Path, rows: str, said: str) -> None:
    (tmp_path / "published.csv").write_text(HEAD + rows, encoding="utf-8")
    refused = run_given(tmp_path / "out", "--published", tmp_path / "published.csv")
    assert refused.exit_code == 2
    assert said in refused.output
    assert not (tmp_path / "out").exists()


def test_a_day_before_the_year_is_refused(tmp_path: Path) -> None:
    refused = run_given(tmp_path / "out", "--published", "qingdao-2024-h1", "--as-of", "2023-12-31")
    assert refused.exit_code == 2
    assert "--as-of: 2023-12-31 is before the plan's year 2024" in refused.output


def test_figures_of_the_whole_year_settle_its_targets(tmp_path: Path) -> None:
    rows = ["date,period,series,value,unit,step,status,source", "2025-01-25,FY,gdp,5.7,%,0.1,first,s"]
    rows += ["2025-01-25,FY,charging_piles,2.3,万个,0.1,first,s", "2025-01-20,FY,metro_line_6,yes,,,first,s"]
    table = tmp_path / "year.csv"
    table.write_text("\n".join(rows), encoding="utf-8")
    result = run_given(tmp_path / "out", "--published", table, "--method", "analytic", "--all")
    assert "25-01-25" in result.output
    assert "by Year" not in result.output
    odds = pd.read_csv(tmp_path / "out/attainment.csv", encoding="utf-8-sig").query("reading == 'printed'")
    known = odds.set_index("target").probability[["gdp", "charging_piles", "metro_line_6"]]
    assert known.tolist() == [1, 0, 1]
    pace = pd.read_csv(tmp_path / "out/pace.csv", encoding="utf-8-sig")
    assert pace[(pace.period == "FY")].needed_low.isna().all()


def test_a_day_before_all_figures_is_said(tmp_path: Path) -> None:
    words = ("--published", "qingdao-2024-h1", "--as-of", "2024-01-05", "--method", "analytic", "--calibrations", "0")
    result = run_given(tmp_path / "out", *words)
    assert "none of the published figures was known on 2024-01-05" in result.output
