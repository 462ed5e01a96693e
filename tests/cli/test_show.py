"""A finished run is printed again from its tables alone; what is not asked for stays unsaid."""

import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from sim.analysis.recall import recall_run
from sim.cli import main
from sim.errors import InputError
from sim.results.run import Run

FEW = ("--paths", "2000", "--method", "paths", "--calibrations", "16")
WORDS = ("run", "baseline", "export-slump", "--no-charts", *FEW, "--lang", "en")


def call(*words: object) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("shown") / "out"
    done = call(*WORDS, "--all", "--out", out)
    assert done.exit_code == 0, done.output
    return out, done.output


def test_a_run_shown_later_prints_what_it_printed(finished: tuple[Path, str]) -> None:
    out, printed = finished
    shown = call("show", out, "--all", "--lang", "en").output
    assert printed.startswith(shown)
    assert re.fullmatch(r"\d+ files in .*\n", printed.removeprefix(shown))


def test_a_run_read_back_holds_the_numbers_that_were_saved(result: Run, tmp_path: Path) -> None:
    result.save(tmp_path / "saved")
    found = recall_run(tmp_path / "saved")
    assert [*found] == [*result]
    for name, frame in result.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], frame, check_exact=False, rtol=1e-8, atol=2e-6)
    for read, made in zip(found.attainments, result.attainments, strict=True):
        assert (read.n_points, read.n_paths) == (made.n_points, made.n_paths)
        assert read.number_met["all"] == pytest.approx(made.number_met["all"], abs=2e-6)


def test_judgements_are_read_back(tmp_path: Path) -> None:
    said = "{say: probability, shock: rare_common_shock, is: 0.15, who: planning office, why: news}"
    (tmp_path / "judged.yaml").write_text(
        f"schema_version: 1\nextends: baseline\njudgements:\n  - {said}\n", encoding="utf-8"
    )
    few = ("--method", "paths", "--paths", "2000", "--calibrations", "0", "--lang", "en")
    printed = call("run", tmp_path / "judged.yaml", "--no-charts", *few, "--out", tmp_path / "out").output
    shown = " ".join(call("show", tmp_path / "out", "--lang", "en").output.split())
    told = pd.read_csv(tmp_path / "out" / "judgements.csv")
    model = f"{100 * told.before[0]:.0f} % (news)."
    line = f"Baseline: planning office puts “Rare common shock” at 15 %, the model at {model}"
    assert line in " ".join(printed.split())
    assert line in shown
    numbers = ["before", "after", "divergence", "heads", "effective"]
    pd.testing.assert_frame_equal(recall_run(tmp_path / "out").judgements[numbers], told[numbers], atol=2e-6)


def test_the_last_screen_is_all_unless_more_is_asked_for(finished: tuple[Path, str]) -> None:
    out, printed = finished
    screen = call("show", out, "--lang", "en").output
    assert screen in printed
    assert len(screen.splitlines()) < 24
    target = call("show", out, "--target", "gdp", "--lang", "en").output
    odds = recall_run(out).odds.query("target == 'gdp' and reading == 'printed'").set_index("scenario").probability
    for title, name in (("Baseline", "baseline"), ("Export slump", "export-slump")):
        line = next(each for each in target.splitlines() if each.startswith(title))
        assert f" {100 * odds[name]:.0f} " in line
    alone = call("show", out, "--scenario", "export-slump").output
    assert "export-slump: all other targets" in alone
    assert "baseline:" not in alone


def test_what_a_run_does_not_have_is_refused_before_it_runs(finished: tuple[Path, str], tmp_path: Path) -> None:
    for words in (("show", finished[0]), (*WORDS, "--out", tmp_path / "out")):
        refused = call(*words, "--target", "gpd", "--scenario", "export-slum")
        assert refused.exit_code == 2
        assert "did you mean 'gdp'?" in refused.output
        assert "did you mean 'export-slump'?" in refused.output
    assert not (tmp_path / "out").exists()
    assert "is a scenario" in call("show", "export-slump", "--all").output
    assert "--plan: a run's folder says this itself" in call("show", finished[0], "--plan", "china-2024").output


def test_tables_of_another_run_are_refused(finished: tuple[Path, str], result: Run, tmp_path: Path) -> None:
    result.save(tmp_path / "other")
    (tmp_path / "other/joint.csv").write_bytes((finished[0] / "conditional.csv").read_bytes())
    with pytest.raises(InputError, match="the tables are not those of the manifest"):
        recall_run(tmp_path / "other")


@pytest.mark.parametrize(("words", "found"), [("地铁", 2), ("Metro LINE", 2), ("５Ｇ", 2), ("5g", 2)])
def test_targets_are_found_in_either_language_whatever_their_case_and_width(words: str, found: int) -> None:
    assert f"{found} targets" in call("targets", "--find", words).output
