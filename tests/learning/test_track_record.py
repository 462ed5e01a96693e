"""Trust: the shipped record is the one that the back-test gives, and it stands beside the odds."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from refresh_record import add_own, describe_record, stack_scores
from rich.console import Console
from small_histories import OUTLOOK, make_history

import sim
from sim.cli import main
from sim.errors import InputError
from sim.inputs.bundled import find_seed
from sim.inputs.history import read_history
from sim.inputs.outlook import read_outlook
from sim.inputs.plan.plan import Plan
from sim.learning.backtest import backtest
from sim.learning.track_record import (
    Record,
    Verdict,
    list_verdicts,
    measure_reliability,
    read_panel_reliability,
    read_panel_scores,
    read_record,
    tabulate_record,
)
from sim.views.charts import plot_reliability, plot_skill
from sim.views.terminal.record import print_trust


def test_a_faulty_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "track_record.csv"
    path.write_text("indicator,n,brier,coverage_80,years,source\ngdp,many,0.2,0.8,2014,s\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"track_record\.csv:2:2: 'many' is not a number"):
        read_record(path)


@pytest.mark.parametrize(("brier", "words"), [(0.21, "better than"), (0.25, "no better than"), (0.3, "worse than")])
def test_verdicts_say_what_the_figures_say(brier: float, words: str) -> None:
    record = Record(indicator="gdp", n=200, brier=brier, coverage_80=0.82, years="2014-2021", source="s")
    assert f", {words} a coin" in Verdict(indicator="gdp", record=record).words
    few = record.model_copy(update={"n": 3})
    words = f"hardly scored: Brier {brier:.3f} on 3 forecasts, 2014-2021"
    assert Verdict(indicator="gdp", record=few).words == words


def test_what_was_never_scored_says_so() -> None:
    assert [each.words for each in list_verdicts(["industrial_value_added"])] == ["never scored"]


def test_every_headline_indicator_has_its_line(plan: Plan) -> None:
    console = Console(width=80, record=True, file=None, quiet=False)
    with console.capture() as captured:
        print_trust(plan, console)
    text = captured.get()
    for target in plan.headline:
        assert target.name_en in text
    assert text.count("never scored") >= 2
    assert "hardly scored" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_run_shows_trust_words_error_and_range(tmp_path: Path) -> None:
    words = ["run", "baseline", "--all", "--paths", "4000", "--out", str(tmp_path / "out"), "--no-charts"]
    output = CliRunner().invoke(main, words).output
    for part in (
        "how far to trust these odds",
        "Brier 0.208",
        "In words",
        "unlikely to",
        "calibrations that may be right",
        "24–43",
    ):
        assert part in output, part
    chinese = CliRunner().invoke(main, ["show", str(tmp_path / "out"), "--all", "--lang", "zh"]).output
    assert all(part in chinese for part in ("可信程度", "布里尔评分 0.208", "可能性较小", "24–43"))


def test_charts_draw_what_they_are_given(plan: Plan) -> None:
    folder = plan.folder
    history, outlook = read_history(folder / "history.csv"), read_outlook(folder / "outlook.csv")
    result = backtest(history, outlook, first=2019)
    bins = measure_reliability(result)
    assert bins.n.sum() == result.forecasts.outcome.notna().sum()
    axes = plot_reliability(bins, "title")
    assert axes.get_title(loc="left") == "title"
    assert plot_skill(result, axes) is axes


def test_the_shipped_scores_agree_with_each_other() -> None:
    scores, bins, record = read_panel_scores(), read_panel_reliability(), read_record()["gdp"]
    model = scores[(scores.forecaster == "model") & (scores["sample"] == "all")].iloc[0]
    assert (model.n, round(model.brier, 4), round(model.coverage_80, 4)) == (record.n, record.brier, record.coverage_80)
    assert bins.n.sum() == record.n


def test_every_row_of_the_record_agrees_with_the_scores_beside_the_references() -> None:
    record = read_record()
    assert {"gdp", "budget_revenue", "fixed_asset_investment", "retail_sales", "income_per_capita"} == set(record)
    together = {}
    for name, row in record.items():
        scores = read_panel_scores(name).set_index(["forecaster", "sample"])
        model = scores.loc[("model", "all")]
        assert (model.n, round(model.brier, 4), round(model.coverage_80, 4)) == (row.n, row.brier, row.coverage_80)
        assert scores.loc[("coin", "all")].brier == 0.25
        together[name] = scores.xs("all", level="sample")
    others = pd.concat({name: table for name, table in together.items() if name != "gdp"}, names=["indicator"])
    brier, n = others.brier.unstack(), others.n.xs("model", level="forecaster")
    mean = brier.mul(n, axis=0).sum() / n.sum()
    assert mean["model"] < mean["coin"] - 0.02
    assert mean["model"] < mean["base_rate"]
    assert 0.7 <= (others.coverage_80.xs("model", level="forecaster") * n).sum() / n.sum() <= 0.9


def test_a_new_record_is_laid_out_as_the_shipped_one() -> None:
    results = {
        name: backtest(make_history(4, range(2010, 2016), 1, 0.8, name), OUTLOOK, name) for name in ("gdp", "exports")
    }
    scores, record = stack_scores(results), describe_record(results)
    assert scores.columns.tolist() == pd.read_csv(find_seed("panel_scores.csv")).columns.tolist()
    assert record.columns.tolist() == list(Record.model_fields)
    for name, result in results.items():
        pd.testing.assert_frame_equal(
            scores[scores.indicator == name].drop(columns="indicator").reset_index(drop=True), result.scores
        )
    both = add_own(make_history(2, range(2018, 2022)))
    assert sorted({int(year) for year in both.year if year > 2021}) == [2022, 2023]
    assert (both.region[both.year > 2021] == "Qingdao").all()


def test_a_record_that_is_written_reads_back_the_same(tmp_path: Path) -> None:
    result = backtest(make_history(12, range(2008, 2016), seed=4), OUTLOOK)
    tabulate_record([(result, "a made-up history")]).to_csv(tmp_path / "record.csv", index=False)
    record = read_record(tmp_path / "record.csv")["gdp"]
    met = result.forecasts.outcome >= result.forecasts.target
    assert record.brier == pytest.approx(((result.forecasts.probability - met) ** 2).mean(), abs=1e-4)
    inside = (result.forecasts.outcome >= result.forecasts.q10) & (result.forecasts.outcome <= result.forecasts.q90)
    assert record.coverage_80 == pytest.approx(inside.mean(), abs=1e-4)
    assert (record.n, record.years) == (60, "2011-2015")
    assert measure_reliability(result).n.sum() == 60


def test_the_record_is_a_mapping_by_any_name_of_an_indicator(plan: Plan) -> None:
    record = sim.read_track_record()
    assert dict(record) == read_record()
    assert record["retail_sales"] is record["retail"]
    assert record["gdp"].n > 100
    assert "umbrellas" not in record
    assert record.judge("umbrellas").words == "never scored"
    names = [indicator.id for indicator in plan.indicators]
    assert [record.judge(name) for name in names] == list_verdicts(names)
    pd.testing.assert_frame_equal(record.scores, read_panel_scores())
    pd.testing.assert_frame_equal(record.reliability, read_panel_reliability())
