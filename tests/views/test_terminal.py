"""Tables of the terminal."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from sim.engine.run import run
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import read_scenarios
from sim.model.model import Model
from sim.results.run import Run
from sim.views.terminal.breaks import break_lines
from sim.views.terminal.odds import print_run


def test_square_brackets_in_names_are_shown_as_they_are(plan: Plan, model: Model) -> None:
    hostile = plan.headline[0].model_copy(update={"name_en": "GDP [/bold] [real]"})
    others = tuple(target for target in plan.targets if target.id != hostile.id)
    changed = replace(model, plan=replace(plan, targets=(hostile, *others)))
    result = run(changed, read_scenarios(["baseline"], plan), n_paths=100, n_calibrations=0)
    with StringIO() as written:
        print_run(result, Console(file=written, width=120, markup=False))
        assert "GDP [/bold] [real]" in written.getvalue()


def test_a_plan_without_marked_headline_opens_with_its_growth_targets(plan: Plan) -> None:
    unmarked = tuple(target.model_copy(update={"headline": "no"}) for target in plan.targets)
    assert [target.id for target in replace(plan, targets=unmarked).headline] == [each.id for each in plan.headline]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_tables_speak_the_readers_language_alone_and_fit(
    result: Run, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    said = {}
    for lang in ("en", "zh"):
        print_run(result, lang=lang)
        said[lang] = capsys.readouterr().out
        assert max(map(cell_len, said[lang].splitlines())) <= width
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in said["en"])
    plain = "".join(said["zh"].split())
    assert all("".join(target.name_zh.split()) in plain for target in result.model.plan.judged[6:])
    assert not any(line.startswith(tuple("，。；：、）”")) for line in said["zh"].splitlines())
    words = set("".join(letter if letter.isascii() else " " for letter in said["zh"]).split())
    assert not words & {"target", "odds", "range", "printed", "headline", "record", "by", "of"}


@pytest.mark.parametrize("width", [9, 16, 40])
def test_broken_lines_hold_the_text_and_nothing_else(width: int) -> None:
    text = "固定资产投资增长5%以上（见“计划”），共 27 项；GDP about 5.5 %"
    lines = str(break_lines(text, width)).split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(cell_len, lines)) <= width
    assert not any(line[0] in "，；）”%" or line[-1] in "（“" for line in lines)
    assert break_lines("no Chinese here", width) == "no Chinese here"
