"""The last screen of a run at the terminal."""

import re
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from sim.engine.run import run
from sim.model.model import Model
from sim.results.run import Run
from sim.views.terminal.closing import choose_language, list_closing, print_closing


def show(result: Run, lang: str, width: int = 80) -> list[str]:
    with StringIO() as written:
        print_closing(result, lang, "out", Console(file=written, width=width, markup=False))
        return written.getvalue().strip("\n").splitlines()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_run_ends_on_one_screen_in_one_language(result: Run, lang: str) -> None:
    lines = show(result, lang)
    assert 10 < len(lines) < 22
    assert any("sim show out --all" in line for line in lines)
    assert max(len(line) for line in lines) <= 80
    chinese = re.findall(r"[\u4e00-\u9fff]", " ".join(lines))
    assert bool(chinese) == (lang == "zh")


def test_every_number_of_the_last_screen_is_one_of_the_run(result: Run) -> None:
    odds = result.odds[result.odds.reading == "printed"]
    first = odds[odds.scenario == "baseline"].set_index("target")
    told = "\n".join(phrase.en for phrase in list_closing(result))
    for target in result.model.plan.headline:
        row = first.loc[target.id]
        assert f"{target.name_en} " in told
        ends = f"({100 * row.range_low:.0f}–{100 * row.range_high:.0f} %)"
        assert f"{100 * row.probability:.0f} % {ends}" in told
    worst = odds[odds.target == "gdp"].sort_values("probability").iloc[0]
    title = result[worst.scenario].scenario.title_en
    assert f"“{title}”: GDP falls to {100 * worst.probability:.0f} %" in told
    others = first.drop([target.id for target in result.model.plan.headline]).probability.sort_values()
    names = {target.id: target.name_en for target in result.model.plan.judged}
    last = next(line for line in told.splitlines() if line.startswith("Least likely"))
    assert all(names[target] in last for target in others.index[others < others.iloc[3]])
    assert f"{int((first.evidence == 'assumption').sum())} of {len(first)} odds" in told


def test_a_plan_of_nothing_that_can_be_judged_ends_in_a_line(model: Model) -> None:
    alone = run(model, "baseline", n_paths=100, n_points=16, n_calibrations=0)
    assert "falls to" not in "\n".join(phrase.en for phrase in list_closing(alone))
    judged = {target.id for target in model.plan.judged}
    barren = replace(model.plan, targets=tuple(each for each in model.plan.targets if each.id not in judged))
    empty = replace(alone, model=replace(model, plan=barren))
    assert len(list_closing(empty)) == 1


@pytest.mark.parametrize(("system", "lang"), [("zh_CN", "zh"), ("Chinese (Simplified)_China", "zh"), ("de_DE", "en")])
def test_the_language_is_the_systems(system: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getlocale", lambda _: (system, "UTF-8"))
    assert choose_language() == lang
