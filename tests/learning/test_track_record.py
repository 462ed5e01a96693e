"""Trust: the shipped record is the one that the back-test gives, and it stands beside the odds."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from rich.console import Console

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

SHARED = Path(__file__).parents[3] / "shared" / "data"


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
    assert Verdict(indicator="gdp", record=few).words == "hardly scored: 3 forecasts, 2014-2021"


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


def test_a_run_shows_trust_words_and_both_errors(tmp_path: Path) -> None:
    words = ["run", "baseline", "--paths", "4000", "--out", str(tmp_path / "out"), "--no-charts"]
    output = CliRunner().invoke(main, words).output
    for part in ("how far to trust these odds", "Brier 0.208", "in words", "可能性较小", "which dominates", "±6"):
        assert part in output, part


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


@pytest.mark.skipif(not SHARED.is_dir(), reason="the panel is not at hand")
def test_the_shipped_record_is_re_created() -> None:
    """The only slow test: eight fits on the panel."""
    history = read_history(SHARED / "panel_targets_2011_2021.csv")
    result = backtest(history, read_outlook(SHARED / "outlook.csv"))
    pd.testing.assert_frame_equal(result.scores, read_panel_scores(), atol=2e-5)
    pd.testing.assert_frame_equal(measure_reliability(result), read_panel_reliability(), atol=2e-5)
    shipped = pd.read_csv(find_seed("track_record.csv"))
    source = shipped.source[0]
    pd.testing.assert_frame_equal(tabulate_record([(result, source)]), shipped[:1], atol=1e-4)
