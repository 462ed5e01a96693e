"""Judgements at the door: faults with their places, inheritance, composition, code."""

from pathlib import Path

import pytest

import sim
from sim.errors import InputError
from sim.inputs.files.values import lay_out
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.building import check_scenario, describe_scenario, recall_scenario
from sim.inputs.scenario.reading import Scenario, read_scenario

BY = "who: planning office, why: talks of March"
HEAD = "schema_version: 1\nextends: export-slump\njudgements:\n"


def write(folder: Path, *rows: str, name: str = "judged.yaml", head: str = HEAD) -> Path:
    path = folder / name
    path.write_text(head + "".join(f"  - {{{row}}}\n" for row in rows), encoding="utf-8")
    return path


def list_words(scenario: Scenario) -> list[tuple[str, str, float]]:
    return [(each.say, each.words, each.asked) for each in scenario.judgements]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("say: probability, shock: export_slum, is: 0.3, " + BY, "4:31: unknown shock 'export_slum'"),
        ("say: mean, series: gdp, period: H1, is: 5.2, " + BY, "4:5: a mean cannot be judged: news has heavy tails"),
        ("say: median, series: gpd, period: H1, is: 5.2, " + BY, "4:27: unknown indicator 'gpd'"),
        ("say: median, series: gdp, period: H3, is: 5.2, " + BY, "4:40: unknown period 'H3'; allowed: Q1, Q2"),
        ("say: probability, shock: export_slump, is: 1.7, " + BY, "4:49: 1.7 is out of range; allowed: at most 0.999"),
        ("say: probability, series: gdp, period: FY, is: 0.7, " + BY, "4:5: the figure is not told"),
        ("say: probability, shock: export_slump, series: gdp, is: 0.7, " + BY, "4:5: a probability is of a shock or"),
        ("say: centre, series: gdp, iz: 5.8, sd: 0.5, " + BY, "4:32: unknown key 'iz'"),
        ("say: centre, series: gdp, is: 5.8, sd: 0, " + BY, "4:45: 0 is out of range; allowed: more than 0.01"),
        ("say: media, series: gdp, period: H1, is: 5.2, " + BY, "4:5: unknown 'media'; allowed: probability, median"),
        ("series: gdp, period: H1, is: 5.2, " + BY, "4:5: key 'say' is missing"),
        ("say: median, series: gdp, period: H1, is: 5.2, who: me", "4:5: key 'why' is missing"),
    ],
)
def test_faults_have_their_places(plan: Plan, tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_scenario(write(tmp_path, row), plan)
    assert any(f"judged.yaml:{said}" in str(fault) for fault in caught.value.faults), str(caught.value)


def test_two_of_the_same_are_refused_however_they_are_written(plan: Plan, tmp_path: Path) -> None:
    figure = "say: probability, series: gdp, period: FY, "
    path = write(tmp_path, figure + "at_least: 5.0, is: 0.7, " + BY, figure + "below: 5, is: 0.4, " + BY)
    with pytest.raises(InputError, match=r"judged\.yaml:5:5: a judgement is repeated; judgement 1 is of the same"):
        read_scenario(path, plan)


def test_mixtures_hold_none_and_neither_do_their_parts(plan: Plan, tmp_path: Path) -> None:
    head = (
        "schema_version: 1\ntitle: {en: a, zh: b}\nwhy: c\nsources: [assumption]\nmixture: {baseline: 0.5, %s: 0.5}\n"
    )
    one = write(
        tmp_path, "say: median, series: gdp, period: H1, is: 5.2, " + BY, head=head % "tax-refunds" + "judgements:\n"
    )
    with pytest.raises(InputError, match="a mixture is not judged"):
        read_scenario(one, plan)
    write(tmp_path, "say: median, series: gdp, period: H1, is: 5.2, " + BY)
    other = write(tmp_path, name="mixed.yaml", head=head % "judged")
    with pytest.raises(InputError, match="'judged' holds judgements; a mixture takes scenarios without"):
        read_scenario(other, plan)


def test_they_are_inherited_added_and_replaced_by_what_they_are_about(plan: Plan, tmp_path: Path) -> None:
    slump = "say: probability, shock: rare_common_shock, is: {}, " + BY
    median = "say: median, series: gdp, period: H1, is: 5.2, " + BY
    write(tmp_path, slump.format(0.3), median)
    over = write(tmp_path, slump.format(0.4), name="over.yaml", head=HEAD.replace("export-slump", "judged.yaml"))
    found = read_scenario(over, plan)
    assert list_words(found) == [("median", "gdp H1", 5.2), ("probability", "rare_common_shock", 0.4)]
    none = tmp_path / "none.yaml"
    none.write_text("schema_version: 1\nextends: judged.yaml\njudgements: null\n", encoding="utf-8")
    assert read_scenario(none, plan).judgements == ()
    centre = write(tmp_path, "say: centre, series: gdp, is: 5, sd: 0.5, " + BY, name="centre.yaml")
    joined = read_scenario(f"{over}+{centre}", plan)
    assert [each.say for each in joined.judgements] == ["centre", "median", "probability"]


def test_the_order_of_rows_does_not_count(plan: Plan, tmp_path: Path) -> None:
    rows = [
        "say: median, series: gdp, period: H1, is: 5.2, " + BY,
        "say: centre, series: gdp, is: 5, sd: 0.5, " + BY,
    ]
    first, second = (read_scenario(write(tmp_path, *each), plan).judgements for each in (rows, rows[::-1]))
    assert first == second


def test_code_says_what_a_file_says(plan: Plan) -> None:
    rows = [{"say": "median", "series": "gdp", "period": "H1", "is": 5.2, "who": "me", "why": "data"}]
    built = sim.scenario("baseline", name="mine", plan=plan, judgements=rows)
    assert list_words(built) == [("median", "gdp H1", 5.2)]
    assert check_scenario(built, plan) is built
    recalled = check_scenario(recall_scenario("mine", lay_out(describe_scenario(built), "mine")), plan)
    assert recalled.judgements == built.judgements
    assert sim.scenario(built, name="bare", plan=plan, judgements=[]).judgements == ()
    assert sim.scenario(built, name="same", plan=plan, judgements=built.judgements).judgements == built.judgements
    with pytest.raises(InputError, match=r"scenario 'mine': judgements.0.series: unknown indicator 'gpd'"):
        sim.scenario("baseline", name="mine", plan=plan, judgements=[{**rows[0], "series": "gpd"}])
