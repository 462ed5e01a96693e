"""The back-test of promises: no leak (a planted one is caught), scores by hand, references, and the shipped record."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from scipy import stats

import sim
from sim.cli import main
from sim.errors import InputError
from sim.inputs.bundled import find_seed
from sim.inputs.history import LeakError
from sim.inputs.records import Records, read_programmes, read_records
from sim.learning.class_rates import SILENCE, learn_rates
from sim.learning.programme_shares import fit_shares
from sim.learning.record_backtest import (
    FORECAST_COLUMNS,
    REFERENCES,
    SCORE_COLUMNS,
    RecordBacktest,
    backtest_records,
    read_record_scores,
    tabulate_records,
)
from sim.results.tables import format_table

HEADER = "region,year,item,class,promised,delivered\n"


@pytest.fixture(scope="module")
def records() -> Records:
    return read_records()


@pytest.fixture(scope="module")
def result(records: Records) -> RecordBacktest:
    return backtest_records(records)


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_samples_and_forecasters(result: RecordBacktest) -> None:
    assert list(result.forecasts.columns) == FORECAST_COLUMNS
    assert list(result.scores.columns) == SCORE_COLUMNS
    assert set(result.scores.forecaster) == {"model", *REFERENCES}
    samples = set(result.scores["sample"])
    assert {"all", "recorded", "counts", "recorded lists", "titles", "jobs", "2023"} <= samples
    np.testing.assert_allclose(result.scores.brier[result.scores.forecaster == "coin"], 0.25)
    assert result.forecasts.probability.between(0, 1, inclusive="neither").all()


def test_only_what_was_judged_is_scored(records: Records, result: RecordBacktest) -> None:
    final = (records.state == "final") & (records.year >= result.years[0])
    assert len(result.forecasts) == final.sum()
    assert result.find_score()["n"] == records.count[final].sum()
    assert not result.forecasts.item.isin(["metro 4", "5G stations opened"]).any()


def test_a_planted_leak_is_caught(records: Records) -> None:
    def look_ahead(every: Records, year: int) -> Records:
        return every.where((every.year > 0) & (every.year <= year))

    with pytest.raises(LeakError, match="not before 2018"):
        backtest_records(records, first=2018, known=look_ahead)


def test_later_outcomes_change_no_earlier_forecast(records: Records) -> None:
    late = records.year >= 2017
    other = replace(records, reached=np.where(late, 0, records.reached), ratio=np.where(late, 0.1, records.ratio))
    before, after = (backtest_records(each, first=2010, last=2017).forecasts for each in (records, other))
    pd.testing.assert_series_equal(before.probability, after.probability)
    assert (before.reached != after.reached).any()


def test_a_forecast_is_its_own_series_over_its_class_less_silence(records: Records, result: RecordBacktest) -> None:
    forecasts = result.forecasts
    rates = learn_rates(records.before(2023))
    (row,) = forecasts[
        (forecasts.region == "Qingdao") & (forecasts.year == 2023) & (forecasts["class"] == "jobs")
    ].index
    own = rates.find_target("jobs", "Qingdao", ["urban new jobs"])
    assert own.n == 2
    assert forecasts.probability[row] == pytest.approx(own.mean * (1 - SILENCE.value))
    title = forecasts[(forecasts["class"] == "title_final_round") & (forecasts.year == 2019)]
    expected = learn_rates(records.before(2019))["title_final_round"].mean
    assert title.probability.item() == pytest.approx(expected), "others publish what they award"


def test_scores_by_hand(tmp_path: Path) -> None:
    rows = "A,2019,x,jobs,5,6\nA,2020,x,jobs,5,4\nB,2020,x,jobs,5,6\nA,2021,x,jobs,5,6\n"
    result = backtest_records(read_records(write(tmp_path, HEADER + rows)))
    said, met, year = result.forecasts.probability.to_numpy(), np.array([0.0, 1.0, 1.0]), np.array([2020, 2020, 2021])
    score = result.find_score()
    assert score["brier"] == pytest.approx(np.mean((said - met) ** 2))
    assert score["log_score"] == pytest.approx(-np.mean(np.log(np.where(met > 0, said, 1 - said))))
    sums = [((said - met) ** 2 - score["brier"])[year == one].sum() for one in (2020, 2021)]
    assert score["brier_se"] == pytest.approx(np.sqrt(2 * np.square(sums).sum()) / 3)
    assert result.find_score("always")["log_score"] == np.inf, "one miss ruins it"
    assert result.find_score("base_rate", "2020")["brier"] == pytest.approx(np.mean([0.75**2, 0.25**2]))
    (lead,) = result.leads[(result.leads.reference == "coin") & (result.leads["sample"] == "all")].lead
    assert lead == pytest.approx(0.25 - score["brier"])


def test_a_list_is_scored_as_so_many_promises(tmp_path: Path) -> None:
    rows = "region,year,item,class,items,met\nA,2019,x,list_of_deeds,4,4\nA,2020,x,list_of_deeds,10,8\n"
    result = backtest_records(read_records(write(tmp_path, rows)))
    said = result.forecasts.probability.item()
    assert result.find_score()["n"] == 10
    assert result.find_score()["brier"] == pytest.approx(0.8 * (1 - said) ** 2 + 0.2 * said**2)


def test_the_method_knows_simulated_classes(tmp_path: Path) -> None:
    """On promises kept at a known rate it does as well as the rate itself, within its error."""
    rng, rows = np.random.default_rng(7), []
    for year in range(2000, 2020):
        for place in range(12):
            rows.append(f"R{place},{year},x,jobs,1,{int(rng.random() < 0.9)}\n")
            rows.append(f"R{place},{year},y,network,1,{int(rng.random() < 0.5)}\n")
    result = backtest_records(read_records(write(tmp_path, HEADER + "".join(rows))), first=2005)
    for name, chance in (("jobs", 0.9), ("network", 0.5)):
        score = result.find_score(sample=name)
        assert score["brier"] == pytest.approx(chance * (1 - chance), abs=3 * score["brier_se"] + 0.01)
        assert result.rates[name].mean == pytest.approx(chance, abs=0.05)


def test_counts_and_lists_reach_their_goals(result: RecordBacktest) -> None:
    assert result.find_score(sample="recorded counts")["brier"] <= 0.03
    assert result.find_score(sample="recorded lists")["brier"] <= 0.03
    model = result.scores[result.scores.forecaster == "model"]
    assert np.isfinite(model.log_score).all()
    leads = result.leads[result.leads["sample"] == "recorded"].set_index("reference").lead
    assert leads["coin"] > 0.1
    assert leads["always"] > 0


def test_calibration_of_what_was_said_of_counts(result: RecordBacktest) -> None:
    """None of the counts failed: that is no surprise to the forecasts, taken with their own spread."""
    counts = result.forecasts[(result.forecasts.table == "counts") & (result.forecasts.known > 0)]
    assert stats.binom(len(counts), counts.probability.mean()).sf(len(counts) - 1) > 0.01


def test_the_record_of_every_class(records: Records, result: RecordBacktest) -> None:
    table = tabulate_records(result, fit_shares(read_programmes())).set_index("class")
    assert set(table.index) == set(records.classes)
    assert table.verdict["paper_in_own_hands"] == table.verdict["programme"] == "never scored"
    assert table.verdict["network"].startswith("hardly scored: Brier 0.001 on 2 promises")
    assert table.verdict["jobs"] == "Brier 0.001 on 49 promises"
    assert "programme" not in set(tabulate_records(result)["class"])


def test_the_shipped_record_is_what_the_command_gives(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["backtest", "records", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "record_scores.csv").read_bytes() == find_seed("record_scores.csv").read_bytes()
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        *("forecasts.csv", "scores.csv", "leads.csv", "record_scores.csv", "manifest.json"),
    }
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert "records/counts.csv" in manifest["inputs"]
    assert len(read_record_scores()) == 22
    assert max(len(line) for line in done.output.splitlines()[:-1]) <= 80
    for words in ("recorded counts", "works_opening", "1 of 5", "never", "12 figures", "lead over coin: +0."):
        assert words in done.output


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["backtest", *words])


@pytest.mark.parametrize("name", ["counts", "lists", "milestones", "titles"])
def test_the_command_takes_a_single_table_of_each_kind(tmp_path: Path, name: str) -> None:
    done = run(str(find_seed("records") / f"{name}.csv"), "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert "promises, " in done.output


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("records", "--indicator", "jobs"), "--indicator: records of promises have none"),
        (("records", "--outlook", "o.csv"), "--outlook: records of promises have none"),
        (("records", "--from", "2030"), "no promise was judged in 2030-2023; the records have 2004-2023"),
    ],
)
def test_the_command_refuses_what_records_do_not_have(tmp_path: Path, words: tuple[str, ...], problem: str) -> None:
    done = run(*words, "--out", str(tmp_path / "out"))
    assert done.exit_code == 2
    assert problem in done.output
    assert not (tmp_path / "out").exists()


def test_faulty_tables_and_programmes_alone_are_refused(tmp_path: Path) -> None:
    faulty = write(tmp_path, HEADER + "A,2020,x,jbos,5,6\n")
    done = run(str(faulty), "--out", str(tmp_path / "out"))
    assert (done.exit_code, "table.csv:2:4: unknown class 'jbos'" in done.output) == (2, True)
    done = run(str(find_seed("records") / "programmes.csv"), "--out", str(tmp_path / "out"))
    assert (done.exit_code, "the header is that of no record table" in done.output) == (2, True)


def test_growth_is_still_scored_as_growth(tmp_path: Path) -> None:
    history = find_seed("qingdao-2024") / "history.csv"
    done = run(str(history), "--from", "2023", "--no-charts", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert "gdp, 2023-2023" in done.output


def test_python_takes_them_too(records: Records, result: RecordBacktest) -> None:
    same = sim.backtest(records)
    assert isinstance(same, RecordBacktest)
    assert format_table(same.scores) == format_table(result.scores)
    assert repr(same) == "<RecordBacktest, 2005-2023: n = 1176, Brier 0.094>"
    with pytest.raises(InputError, match="records of promises have neither"):
        sim.backtest(records, indicator="jobs")  # type: ignore[call-overload]


def test_records_without_outcomes_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "A,2020,x,jobs,5,\nA,,x,jobs,5,6\n")
    with pytest.raises(InputError, match="no promise was judged in a known year"):
        backtest_records(read_records(path))
