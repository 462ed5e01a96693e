"""`sim next`, and runs that know figures of the year."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import sim
from sim.analysis.repeat import repeat
from sim.cli import main
from sim.results.archive import read_archive

KNOWN = "qingdao-2024-h1"
FEW = ("--paths", "3000", "--calibrations", "0", "--no-charts")


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_next_prints_sentences_and_writes_every_figure(tmp_path: Path) -> None:
    result = call("next", "--published", KNOWN, "--series", "gdp", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    words = " ".join(result.output.split())
    assert "If GDP prints 5." in words
    assert "for Q1–Q3" in words
    frame = pd.read_csv(tmp_path / "out" / "next.csv")
    assert list(frame.columns) == ["series", "period", "value", "beyond", "probability", "target", "odds", "mc_se"]
    first = frame[frame.target == "gdp"]
    assert first.probability.sum() == pytest.approx(1, abs=1e-4)
    assert len(frame) == len(first) * len(sim.read_plan("qingdao-2024").judged)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert len(manifest["published"]) == 7


def test_next_refuses_what_is_not_to_come(tmp_path: Path) -> None:
    result = call("next", "--published", KNOWN, "--period", "Q2", "--out", tmp_path / "out")
    assert (result.exit_code, "--period: no period 'Q2'" in result.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Two vintages: as of May and with all that is known."""
    folder = tmp_path_factory.mktemp("ran")
    for day, out in (("2024-05-01", "may"), ("2024-08-31", "august")):
        words = ("run", "baseline", "--published", KNOWN, "--as-of", day, "--archive", folder / "archive")
        result = call(*words, "--all", "--out", folder / out, *FEW)
        assert result.exit_code == 0, result.stderr
    return folder, result


def test_a_run_tells_the_pace_and_writes_it(ran: tuple[Path, Result]) -> None:
    folder, result = ran
    assert "what the rest of the year must bring" in result.output
    pace = pd.read_csv(folder / "august" / "pace.csv").set_index(["target", "reading"])
    odds = pd.read_csv(folder / "august" / "attainment.csv").set_index(["target", "reading"])
    assert pace.loc[("gdp", "printed"), "period"] == "H1"
    assert pace.loc[("gdp", "printed"), "probability"] == odds.loc[("gdp", "printed"), "probability"]
    assert pd.read_csv(folder / "may" / "pace.csv").period.iloc[0] == "Q1"


def test_a_run_is_added_to_the_archive_and_can_be_had_again(ran: tuple[Path, Result]) -> None:
    folder, result = ran
    archive = read_archive(folder / "archive")
    assert [each.as_of.isoformat() for each in archive.vintages] == ["2024-05-01", "2024-08-31"]
    assert list(archive.table.figures) == [4, 7]
    assert archive.vintages[-1].digest in result.output
    again = repeat(folder / "august")
    assert again.published is not None
    assert len(again.published) == 7
    odds = pd.read_csv(folder / "august" / "attainment.csv").probability
    assert np.allclose(again.odds.probability, odds, atol=1e-6, equal_nan=True)


def test_the_pace_of_the_engine_is_the_model_s_rest(ran: tuple[Path, Result]) -> None:
    """P(rest >= needed) is the odds: the expected rest lies above what is needed where the odds are above one half."""
    folder, _ = ran
    pace = pd.read_csv(folder / "august" / "pace.csv")
    growth = pace[(pace.unit == "%") & (pace.period != "")]
    assert ((growth.expected > growth.needed_high) == (growth.probability > 0.5))[
        (growth.expected - growth.needed_high).abs() > 0.1
    ].all()


def test_faults_of_figures_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    for words, told in {
        ("--published", "qingdao-2024-h2"): "--published: no such figures 'qingdao-2024-h2'",
        ("--published", KNOWN, "--as-of", "2023-12-01"): "--as-of: 2023-12-01 is before the plan's year 2024",
        ("--as-of", "soon"): "--as-of: 'soon' is not a date",
    }.items():
        result = call("run", "baseline", *words, "--out", tmp_path / "out", "--archive", tmp_path / "a", *FEW)
        assert (result.exit_code, told in result.stderr) == (2, True), result.stderr
        assert list(tmp_path.iterdir()) == []


def test_a_figure_gives_its_row_again() -> None:
    plan = sim.read_plan("qingdao-2024")
    figures = sim.read_published(plan, KNOWN)
    again = sim.collect_published(plan, [figure.row for figure in figures])
    assert again.figures == figures.figures
