"""What README says: its odds and scores are those on record, its commands, code and files are understood."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
import refresh_expected as record
from click.testing import CliRunner

import sim
from sim.analysis.sweep.design import read_sweep
from sim.cli import main
from sim.inputs.plan.plan import Plan
from sim.learning.track_record import read_panel_scores, read_record
from sim.model.model import Model
from sim.results.run import Run
from sim.views.numbers import print_odds

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SIGNS = {"about": "≈", "at_least": "≥"}
FORECASTERS = {
    "**this method**": "model",
    "always half": "coin",
    "base rate so far": "base_rate",
    "last year's gap": "last_gap",
    "outlook line": "outlook_line",
}


def cut(heading: str) -> str:
    """A section's text."""
    return README.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def read_table(text: str) -> list[list[str]]:
    """Cells of the first table, its head first."""
    block = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert block
    lines = block[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in [lines[0], *lines[2:]]]


def list_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def list_commands() -> list[str]:
    """Every `sim ...`: of blocks, and of sentences where it has words of its own."""
    blocks = re.findall(r"^sim [^#\n]*[^#\s]", "\n".join(list_blocks("sh")), re.MULTILINE)
    return sorted({*blocks, *(" ".join(each.split()) for each in re.findall(r"`(sim\s[a-z]+\s[^`]*)`", README))})


def test_the_odds_are_those_on_record(plan: Plan) -> None:
    figures = record.read_figures("qingdao-2024")
    head, *rows = read_table(cut("What it answers"))
    aims = [f"{SIGNS[each.criterion]} {each.value:g} %" for each in plan.headline]
    assert [re.search(r"\S \S+ %", cell)[0] for cell in head[1:-1]] == aims
    printed = figures["attainment"].xs("printed", level="reading")
    for scenario, *cells in rows:
        odds = [printed[scenario, target.id, "probability"] for target in plan.headline]
        odds.append(figures["joint"][scenario, "headline", len(plan.headline), "probability"])
        assert cells == [print_odds(each) for each in odds], scenario
    assert [row[0] for row in rows] == list(printed.index.unique("scenario"))


def test_counts_and_errors_are_those_of_the_plan(plan: Plan, result: Run) -> None:
    judged, all_targets = len(plan.judged), len(plan.targets)
    assert f"{all_targets} promises, of which {judged} can have odds" in README
    assert f"and {all_targets - judged} cannot" in README
    assert "standard errors are below 0.17" in README
    assert f"for all {judged - len(plan.headline)} other targets" in README
    for attainment in result.attainments:  # with as many points as an ordinary run
        printed = attainment.odds[attainment.odds.reading == "printed"].set_index("target")
        assert printed.mc_se[[target.id for target in plan.headline]].max() < 0.17 / 100
    for table in result.tables:
        assert f"`{table}.csv`" in README


def name_indicator(indicator: str) -> str:
    return sim.read_plan("qingdao-2024").find_indicator(indicator).name_en


def test_scores_are_those_on_record() -> None:
    text = cut("How far to trust it")
    head, *rows = read_table(text)
    scores = read_panel_scores().set_index(["forecaster", "sample"])
    counts = scores.loc["model"].n
    assert (f"all {counts['all']}" in head[1], f"{counts['ordinary']} in ordinary years" in head[2]) == (True, True)
    for name, *cells in rows:
        every, ordinary = (scores.loc[FORECASTERS[name], sample] for sample in ("all", "ordinary"))
        held = "" if pd.isna(every.coverage_80) else f"{100 * every.coverage_80:.0f} %"
        expected = [f"{each.brier:.3f} ± {each.brier_se:.3f}" for each in (every, ordinary)]
        assert cells == [*expected, f"{every.log_score:.3f}", held], name
    assert sorted(FORECASTERS[row[0]] for row in rows) == sorted(scores.index.unique("forecaster"))
    brier = scores.xs("all", level="sample").brier
    leads = {name: f"{brier[name] - brier['model']:.3f} ± " for name in ("coin", "base_rate", "outlook_line")}
    assert f"beats a coin (by {leads['coin']}" in text
    assert f"the base rate ({leads['base_rate']}" in text
    assert f"is {leads['outlook_line']}" in text
    one, rest = (scores.loc[("model", sample)] for sample in ("2020", "all"))
    outside = (rest.n * rest.coverage_80 - one.n * one.coverage_80) / (rest.n - one.n)
    assert f"80 % intervals hold {100 * outside:.0f} % of the outcomes" in text
    others = read_table(text.split("Of the other indicators")[1])
    assert [row[0] for row in others[1:]] == [name_indicator(name) for name in read_record() if name != "gdp"]
    for (_, *cells), name in zip(others[1:], [name for name in read_record() if name != "gdp"], strict=True):
        own = read_panel_scores(name).set_index(["forecaster", "sample"]).xs("all", level="sample")
        model, references = own.loc["model"], [own.brier[each] for each in ("base_rate", "last_gap", "outlook_line")]
        expected = [f"{model.n:.0f}", read_record()[name].years, f"{model.brier:.3f} ± {model.brier_se:.3f}"]
        expected += [*(f"{each:.3f}" for each in references), f"{100 * model.coverage_80:.0f} %"]
        assert cells == expected, name
    aimed = re.search(r"score of (\S+) was aimed at and missed by (\S+)\.\n", text)
    assert aimed
    assert float(aimed[1]) + float(aimed[2]) == pytest.approx(round(brier["model"], 3))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that README writes down."""
    monkeypatch.chdir(tmp_path)
    scenario, sweep = list_blocks("yaml")
    Path("mine.yaml").write_text(scenario, encoding="utf-8")
    Path("sweep.yaml").write_text(sweep, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("line", list_commands())
def test_each_command_is_understood(line: str) -> None:
    name, *words = shlex.split(line)[1:]
    with main.commands[name].make_context(name, words) as context:
        assert not context.args


def test_each_command_named_is_one() -> None:
    assert {*re.findall(r"`sim ([a-z]+)`", README)} <= {*main.commands}


@pytest.mark.usefixtures("here")
def test_commands_that_read_do_what_is_said() -> None:
    def call(line: str) -> str:
        result = CliRunner().invoke(main, shlex.split(line)[1:])
        assert result.exit_code in (0, 2), result.output
        return result.output

    listed = list_commands()
    assert {"sim show external-and-property", "sim targets --group green", "sim new my-city"} < {*listed}
    assert "External and property" in call("sim show external-and-property")
    assert "green" in call("sim targets --group green")
    call("sim new my-city")
    unfinished = call("sim lint my-city")
    assert "my-city" in unfinished
    assert "targets.csv" in unfinished


@pytest.mark.usefixtures("here")
def test_the_scenario_is_one_and_a_misspelt_word_is_answered_as_said(plan: Plan) -> None:
    assert sim.read_scenario("mine.yaml", plan).name == "mine"
    good = Path("mine.yaml").read_text(encoding="utf-8")
    Path("mine.yaml").write_text(good.replace("decay", "decya"), encoding="utf-8")
    answer = CliRunner().invoke(main, ["lint", "mine.yaml"])
    assert answer.exit_code == 2
    (said,) = re.findall(r"^mine\.yaml:.*$", README, re.MULTILINE)
    assert said in answer.output.splitlines()


@pytest.mark.usefixtures("here")
def test_the_sweep_is_one(model: Model) -> None:
    assert len(read_sweep("sweep.yaml", model).settings) == 21 * 3 * 3


def test_the_code_runs_as_it_stands() -> None:
    (code,) = list_blocks("python")
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert isinstance(names["result"], Run)


def test_what_readme_points_to_is_there() -> None:
    for text in (README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        links = [each for each in re.findall(r"\]\(([^)]+)\)", text) if not each.startswith("http")]
        paths = re.findall(r"`((?:sim|tests|seeds|docs|notebooks|scenarios)/[\w./-]*)`", text)
        assert not [each for each in [*links, *paths] if not (ROOT / each).exists()]


def test_every_room_is_listed() -> None:
    rooms = {f"`sim/{each.parent.name}`" for each in (ROOT / "sim").glob("*/__init__.py")}
    assert {row[0] for row in read_table(cut("Where each room of the code is"))[1:]} == rooms


def test_the_test_command_is_the_same_wherever_it_stands() -> None:
    words = next(line for line in list_blocks("sh") if "pytest" in line).strip()
    assert words in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert words in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert ".ci/run\n" in (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
