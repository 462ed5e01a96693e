"""The back-test: no leak (a planted one is caught), exact columns, references as described, files whole."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from small_histories import OUTLOOK, make_history

from sim.cli import main
from sim.errors import InputError
from sim.inputs.history import History, LeakError
from sim.inputs.outlook import Outlook
from sim.learning.annual_law import fit_annual, predict
from sim.learning.backtest import FORECAST_COLUMNS, SCORE_COLUMNS, Backtest, backtest, choose_years, find_ordinary_years
from sim.learning.reference_forecasts import REFERENCES

HEADER = "region,year,indicator,target,comparator,outcome,unit,source\n"


@pytest.fixture(scope="module")
def history() -> History:
    return make_history(6, range(2012, 2018), seed=3)


@pytest.fixture(scope="module")
def result(history: History) -> Backtest:
    return backtest(history, OUTLOOK, "gdp", 2014, 2017)


def test_what_cannot_be_forecast_is_refused(history: History) -> None:
    with pytest.raises(InputError, match=r"^indicator: no target of 'retail' in the history; allowed: gdp"):
        backtest(history, OUTLOOK, "retail")
    with pytest.raises(InputError, match=r"^first, last: no target of 'gdp' in 2030-2017; the history has 2012-2017"):
        backtest(history, OUTLOOK, first=2030)


def test_a_planted_leak_is_caught(history: History) -> None:
    def look_ahead(full: History, year: int) -> History:
        return full.where(full.year <= year)

    with pytest.raises(LeakError, match="not before 2014"):
        backtest(history, OUTLOOK, "gdp", 2014, 2017, known=look_ahead)


def test_later_outcomes_targets_and_announcements_change_nothing(history: History, result: Backtest) -> None:
    late, rng = history.year >= 2015, np.random.default_rng(5)
    changed = replace(
        history,
        outcome=np.where(late, history.outcome + rng.normal(0, 5, len(history)), history.outcome),
        target=np.where(history.year > 2015, history.target + 3, history.target),
    )
    national = {year: value + 9 * (year >= 2015) for year, value in OUTLOOK.national.items()}
    forecast = {year: value + 9 * (year > 2015) for year, value in OUTLOOK.forecast.items()}
    other = backtest(changed, Outlook(forecast, national), "gdp", 2014, 2015).forecasts
    known = [name for name in FORECAST_COLUMNS if name not in ("outcome", "crps", "pit")]
    pd.testing.assert_frame_equal(result.forecasts[result.forecasts.year <= 2015][known], other[known])


def test_columns_samples_and_forecasters(result: Backtest) -> None:
    assert list(result.forecasts.columns) == FORECAST_COLUMNS
    assert list(result.scores.columns) == SCORE_COLUMNS
    assert set(result.scores.forecaster) == {"model", *REFERENCES}
    assert set(result.scores["sample"]) == {"all", "ordinary", "2014", "2015", "2016", "2017"}
    assert len(result.forecasts) == 24
    np.testing.assert_allclose(result.scores.brier[result.scores.forecaster == "coin"], 0.25)
    assert np.isfinite(result.scores.log_score).all()
    quantiles = result.forecasts.filter(regex=r"^q\d\d$").to_numpy()
    assert (np.diff(quantiles, axis=1) > 0).all()


def test_two_roads_to_one_probability_and_score(history: History, result: Backtest) -> None:
    past, now = history.before(2016), history.open_january(2016)
    law = predict(fit_annual(past, OUTLOOK, "gdp", 2016), past, now, OUTLOOK)
    rows = result.forecasts[result.forecasts.year == 2016]
    np.testing.assert_array_equal(rows.probability, law.attain(now.target))
    met = rows.outcome >= rows.target
    assert result.find_score("model", "2016")["brier"] == pytest.approx(((rows.probability - met) ** 2).mean())
    lead = result.find_score("coin")["brier"] - result.find_score("model")["brier"]
    assert result.leads.lead[0] == pytest.approx(lead)


def test_the_outlook_line_is_the_line(history: History) -> None:
    past, now = history.before(2016), history.open_january(2016)
    said = REFERENCES["outlook_line"](past, now, Outlook({2016: 6.0}, {2015: 6.9}), "gdp")
    assert said.law is not None
    np.testing.assert_allclose(said.law.location, history.outcome[history.year == 2015] - 0.9)
    assert (said.probability < 0.9).all()


def test_a_target_to_stay_below_is_judged_from_the_other_side(history: History) -> None:
    down = replace(history, comparator=np.full(len(history), "<=", dtype=object))
    above, below = (backtest(each, OUTLOOK, "gdp", 2016, 2016).forecasts for each in (history, down))
    np.testing.assert_allclose(above.probability + below.probability, 1, atol=0.06)
    assert set(below.criterion) == {"at_most"}


def test_ordinary_years_are_found_by_rule(history: History) -> None:
    jolt = Outlook(OUTLOOK.forecast, {**OUTLOOK.national, 2015: 2.0})
    assert find_ordinary_years(history, jolt, "gdp") == {2012, 2013, 2014, 2017}
    assert find_ordinary_years(history, OUTLOOK, "gdp") == set(range(2012, 2018))


def test_without_years_named_the_first_three_are_for_learning(history: History) -> None:
    assert choose_years(history, "gdp") == (2015, 2016, 2017)
    assert choose_years(history.where(history.year == 2012), "gdp") == (2012,)


def test_a_year_without_outcomes_is_forecast_and_not_scored(history: History) -> None:
    outcome = np.where(history.year == 2017, np.nan, history.outcome)
    result = backtest(replace(history, outcome=outcome), OUTLOOK, "gdp", 2016, 2017)
    assert len(result.forecasts) == 12
    assert result.forecasts.probability.between(0, 1).all()
    assert "2017" not in set(result.scores["sample"])


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("scored") / "out"
    return out, call("backtest", "--from", 2019, "--out", out)


def test_the_command_runs_out_of_the_box_and_fits_the_terminal(finished: tuple[Path, Result]) -> None:
    out, result = finished
    assert result.exit_code == 0, result.output
    assert max(len(line) for line in result.output.splitlines()) <= 80
    for words in ("model", "outlook_line", "lead over", "2022*", "which may be chance"):
        assert words in result.output
    charts = {f"{name}.{kind}" for name in ("reliability", "pit", "skill") for kind in ("png", "svg")}
    tables = {"forecasts.csv", "scores.csv", "leads.csv", "reliability.csv", "manifest.json"}
    tables |= {"within_year.csv", "within_year_forecasts.csv"}
    assert {path.name for path in out.iterdir()} == charts | tables
    assert pd.read_csv(out / "forecasts.csv").columns.tolist() == FORECAST_COLUMNS
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    files = ("history", "outlook", "quarters_history")
    assert {f"qingdao-2024/{name}.csv" for name in files} == set(manifest["inputs"])


def test_the_same_backtest_writes_the_same_bytes(finished: tuple[Path, Result], tmp_path: Path) -> None:
    out, _ = finished
    assert call("backtest", "--from", 2019, "--out", tmp_path / "out").exit_code == 0
    for path in out.iterdir():
        if path.name != "manifest.json":  # it holds the command line
            assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes(), path.name


def test_faults_end_with_code_2_and_leave_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(HEADER + "A,2015,gdp,seven,~,7,%,s\n", encoding="utf-8")
    result = call("backtest", bad, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "bad.csv:2:4: 'seven' is not a number" in result.output
    assert not (tmp_path / "out").exists()


def test_one_year_without_outcomes_is_warned_of_and_forecast(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text(HEADER + "A,2015,exports,7,>=,,%,s\n", encoding="utf-8")
    result = call("backtest", path, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "warning: " in result.output
    assert "1 forecasts of exports, none with an outcome" in result.output
    assert pd.read_csv(tmp_path / "out" / "forecasts.csv").probability.between(0, 1).all()


def test_help_ends_with_an_example() -> None:
    for command in ("backtest", "calibrate"):
        assert call(command, "--help").output.rstrip().splitlines()[-1].strip().startswith(f"Example: sim {command}")
