"""Scenarios: sparse files that inherit and combine, laws of size, profiles."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import stats

from sim.cli import main
from sim.errors import Fault, InputError
from sim.inputs.bundled import list_scenario_files
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.profiles import Profile
from sim.inputs.scenario.reading import Scenario, read_scenario, read_scenarios
from sim.inputs.scenario.sizes import Size, scale_size

HEAD = "schema_version: 1\ntitle: {en: One, zh: 一}\nwhy: because\nsources: [here]\n"
SHOCK = """\
    title: {en: Slump, zh: 下滑}
    probability: 0.5
    onset: Q2
    size: {law: normal, mean: 1, sd: 0.5}
    profile: pulse
    loadings: {gdp: -1, retail_sales: -2}
    source: here
"""
SLUMP = f"{HEAD}shocks:\n  slump:\n{SHOCK}"


@pytest.fixture
def read(tmp_path: Path, twin: Plan) -> Callable[..., Scenario]:
    """Writes files into a new folder, and reads the one named, or the last."""

    def write_and_read(files: dict[str, str | bytes], name: str = "") -> Scenario:
        for file, text in files.items():
            (tmp_path / f"{file}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        parts = (name or list(files)[-1]).split("+")
        return read_scenario("+".join(f"{tmp_path / part}.yaml" for part in parts), twin)

    return write_and_read


def overlay(changes: str, extends: str = "base") -> str:
    return f"schema_version: 1\nextends: {extends}\nshocks:\n{changes}"


def refusals(call: Callable[[], object]) -> list[str]:
    with pytest.raises(InputError) as caught:
        call()
    return [str(fault)[len(str(Path(fault.file).parent)) + 1 :] for fault in caught.value.faults]


def test_every_fault_of_a_file_is_told_in_order(read: Callable[..., Scenario]) -> None:
    text = SLUMP.replace("why:", "wyh:").replace("0.5\n", "1.4\n").replace("Q2", "Q7").replace("sd: 0.5", "sd: -1")
    text = text.replace("gdp: -1", "gpd: -1 %").replace("    source: here\n", "")
    places = ["1:1", "3:1", "7:5", "8:18", "9:12", "10:38", "12:16", "12:21"]
    assert [fault.split(": ")[0] for fault in refusals(lambda: read({"a": text}))] == [f"a.yaml:{at}" for at in places]


def test_a_fault_is_told_in_the_file_that_has_it(read: Callable[..., Scenario]) -> None:
    files = {"base": SLUMP.replace("pulse", "pusle"), "own": overlay("  slump: {loadings: {gpd: 1}}\n")}
    assert [fault.split(": ")[0] for fault in refusals(lambda: read(files))] == ["base.yaml:11:14", "own.yaml:4:22"]


def test_a_missing_parent_hides_no_other_fault_and_invents_none(read: Callable[..., Scenario]) -> None:
    found = refusals(lambda: read({"own": overlay("  slump: {probability: 1.4}\n", "[base, bsae]")}))
    assert [fault.split(": ")[0] for fault in found] == ["own.yaml:2:11", "own.yaml:2:17", "own.yaml:4:24"]


def test_all_files_of_a_composition_are_checked(read: Callable[..., Scenario]) -> None:
    found = refusals(lambda: read({"a": "", "b": "- x\n"}, "a+b+c"))
    assert [fault.split("; ")[0] for fault in found] == [
        "a.yaml: the file is empty",
        "b.yaml:1:1: the top level is not a mapping",
        "c.yaml: no such file",
    ]


def test_faults_of_several_scenarios_are_told_together(tmp_path: Path, twin: Plan) -> None:
    names = [str(tmp_path / name) for name in ("b.yaml", "a.yaml")]
    assert [fault.split(":")[0] for fault in refusals(lambda: read_scenarios(names, twin))] == ["a.yaml", "b.yaml"]


def test_a_name_given_twice_is_refused(tmp_path: Path, twin: Plan) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.yaml").write_text(SLUMP)
    names = [str(tmp_path / folder / "a.yaml") for folder in ("one", "two")]
    with pytest.raises(InputError, match="a scenario named 'a' is given twice"):
        read_scenarios(names, twin)


@pytest.mark.parametrize(
    "law",
    [
        {"law": "fixed", "value": 2.5},
        {"law": "normal", "mean": 1, "sd": 2},
        {"law": "student_t", "mean": 1, "scale": 2, "degrees_of_freedom": 3},
    ],
    ids=lambda law: law["law"],
)
def test_sizes_have_the_shape_of_their_uniforms(law: dict[str, Any]) -> None:
    assert size_of(law).quantile(np.full((3, 2), 0.3)).shape == (3, 2)


@pytest.mark.parametrize("quarters", [1, 2, 4, 12])
@pytest.mark.parametrize(
    "profile",
    [
        {"shape": "pulse"},
        {"shape": "step"},
        {"shape": "ramp", "quarters": 3},
        {"shape": "decay", "half_life": 1},
        {"shape": "dip_recover", "quarters": 2},
        {"shape": "list", "values": [1, 2, 3, 4, 5]},
    ],
    ids=lambda profile: profile["shape"],
)
def test_a_profile_has_a_strength_for_every_quarter(profile: dict[str, Any], quarters: int) -> None:
    assert len(profile_of(profile).follow(quarters)) == quarters


def size_of(law: dict[str, Any]) -> Any:
    return TypeAdapter(Size).validate_python(law)


def profile_of(profile: dict[str, Any]) -> Any:
    return TypeAdapter(Profile).validate_python(profile)


CENTRES = st.floats(-50, 50)
SPREADS = st.floats(0.01, 50)
LEVELS = np.array([1e-9, 0.001, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999, 1 - 1e-9])


@given(centre=CENTRES, spread=SPREADS, part=st.floats(0, 1), freedom=st.floats(1, 60))
def test_quantiles_agree_with_scipy(centre: float, spread: float, part: float, freedom: float) -> None:
    high, mode = centre + spread, centre + part * spread
    for law, reference in (
        ({"law": "normal", "mean": centre, "sd": spread}, stats.norm(centre, spread)),
        ({"law": "lognormal", "median": spread, "sigma": 0.1 + part}, stats.lognorm(0.1 + part, scale=spread)),
        ({"law": "uniform", "low": centre, "high": high}, stats.uniform(centre, spread)),
        (
            {"law": "triangular", "low": centre, "mode": min(mode, high), "high": high},
            stats.triang(min(part, 1), centre, spread),
        ),
        (
            {"law": "student_t", "mean": centre, "scale": spread, "degrees_of_freedom": freedom},
            stats.t(freedom, centre, spread),
        ),
    ):
        expected = reference.ppf(LEVELS)
        np.testing.assert_allclose(size_of(law).quantile(LEVELS), expected, rtol=1e-7, atol=1e-6 * spread)


INTERVAL_LAWS = ["normal", "lognormal", "triangular", "uniform", "student_t"]


@pytest.mark.parametrize("law", INTERVAL_LAWS)
@given(low=st.floats(0.01, 50), width=SPREADS, freedom=st.floats(1, 60))
def test_a_90_percent_interval_is_what_it_says(law: str, low: float, width: float, freedom: float) -> None:
    more = {"degrees_of_freedom": freedom} if law == "student_t" else {}
    size = size_of({"law": law, "interval_90": [low, low + width], **more})
    ends = size.quantile(np.array([0.05, 0.95]))
    np.testing.assert_allclose(ends, [low, low + width], rtol=1e-9, atol=1e-9 * (low + width))


def test_a_fixed_size_has_no_spread() -> None:
    assert size_of({"law": "fixed", "value": -2.5}).quantile(LEVELS).tolist() == [-2.5] * len(LEVELS)


@pytest.mark.parametrize(
    ("profile", "strengths"),
    [
        ({"shape": "pulse"}, [1, 0, 0, 0]),
        ({"shape": "step"}, [1, 1, 1, 1]),
        ({"shape": "ramp", "quarters": 2}, [0.5, 1, 1, 1]),
        ({"shape": "decay", "half_life": 1}, [1, 0.5, 0.25, 0.125]),
        ({"shape": "decay", "half_life": 2}, [1, 0.5**0.5, 0.5, 0.5**1.5]),
        ({"shape": "dip_recover", "quarters": 2}, [1, 0.5, 0, 0]),
        ({"shape": "dip_recover", "quarters": 2, "rebound": 0.3}, [1, 0.5, -0.3, 0]),
        ({"shape": "list", "values": [0.2, 1]}, [0.2, 1, 0, 0]),
        ({"shape": "list", "values": [1, 2, 3, 4, 5]}, [1, 2, 3, 4]),
    ],
    ids=["pulse", "step", "ramp", "decay", "slow decay", "dip_recover", "rebound", "short list", "long list"],
)
def test_profiles_have_their_known_strengths(profile: dict[str, Any], strengths: list[float]) -> None:
    assert profile_of(profile).follow(4) == pytest.approx(strengths)


def test_onset_weights_follow_the_years_quarters(read: Callable[..., Scenario], twin: Plan) -> None:
    shock = read({"a": SLUMP.replace("Q2", "{Q4: 0.4, Q2: 0.6}")}).shocks["slump"]
    assert shock.weigh_onsets(twin.quarter_names) == [0, 0.6, 0, 0.4]
    assert read({"a": SLUMP}).shocks["slump"].weigh_onsets(twin.quarter_names) == [0, 1, 0, 0]


def test_an_opposite_sign_is_as_ordinary(read: Callable[..., Scenario]) -> None:
    assert read({"a": SLUMP.replace("gdp: -1", "gdp: 1")}).shocks["slump"].loadings["gdp"] == 1


def test_a_sparse_override_of_one_loading_keeps_the_others(read: Callable[..., Scenario]) -> None:
    shock = read({"base": SLUMP, "own": overlay("  slump: {loadings: {gdp: -3}}\n")}).shocks["slump"]
    assert shock.loadings == {"gdp": -3, "retail_sales": -2}
    assert shock.probability == 0.5


def test_null_takes_away_an_inherited_loading(read: Callable[..., Scenario]) -> None:
    shock = read({"base": SLUMP, "own": overlay("  slump: {loadings: {gdp: null}}\n")}).shocks["slump"]
    assert shock.loadings == {"retail_sales": -2}


def test_null_takes_away_an_inherited_shock(read: Callable[..., Scenario]) -> None:
    assert read({"base": SLUMP, "own": overlay("  slump: null\n")}).shocks == {}


def test_a_law_is_replaced_whole(read: Callable[..., Scenario]) -> None:
    own = overlay("  slump: {size: {law: lognormal, interval_90: [1, 2]}}\n")
    assert read({"base": SLUMP, "own": own}).shocks["slump"].size.law == "lognormal"


def test_words_are_inherited_unless_said_anew(read: Callable[..., Scenario]) -> None:
    scenario = read({"base": SLUMP, "own": "schema_version: 1\nextends: base\nwhy: otherwise\n"})
    assert (scenario.title_en, scenario.why, scenario.sources) == ("One", "otherwise", ("here",))
    assert [path.stem for path in scenario.files] == ["own", "base"]


BOTH = SLUMP.replace("why: because", "why: {en: because, zh: 因为}")


def test_reasons_may_be_given_in_both_languages(read: Callable[..., Scenario]) -> None:
    scenario = read({"base": BOTH})
    assert (scenario.why, scenario.why_zh) == ("because", "因为")
    once = read({"base": BOTH, "own": "schema_version: 1\nextends: base\nwhy: otherwise\n"})
    assert (once.why, once.why_zh) == ("otherwise", "")


def test_a_composition_has_the_reasons_of_its_parts_in_both_languages(read: Callable[..., Scenario]) -> None:
    other = SLUMP.replace("why: because", "why: besides")
    scenario = read({"one": BOTH, "two": other}, "one+two")
    assert (scenario.why, scenario.why_zh) == ("because\nbesides", "因为\nbesides")
    alone = read({"one": SLUMP, "two": other}, "one+two")
    assert (alone.why, alone.why_zh) == ("because\nbesides", "")


def test_reasons_in_one_of_two_languages_are_refused(read: Callable[..., Scenario]) -> None:
    with pytest.raises(InputError, match=r"3:6: key 'zh' is missing"):
        read({"base": SLUMP.replace("why: because", "why: {en: because}")})


def test_the_later_of_two_parents_holds(read: Callable[..., Scenario]) -> None:
    second = SLUMP.replace("0.5\n", "0.9\n").replace("gdp: -1, ", "")
    scenario = read({"one": SLUMP, "two": second, "own": "schema_version: 1\nextends: [one, two]\n"})
    assert scenario.shocks["slump"].probability == 0.9
    assert scenario.shocks["slump"].loadings == {"gdp": -1, "retail_sales": -2}


def test_dependence_and_probability_replace_each_other(read: Callable[..., Scenario]) -> None:
    chained = "{shock: storm, probability_if_happened: 0.7, probability_if_not: 0.1}"
    base = f"{SLUMP}  storm:\n{SHOCK}"
    depending = read({"base": base, "own": overlay(f"  slump: {{depends_on: {chained}}}\n")})
    assert depending.shocks["slump"].probability is None
    assert depending.shocks["slump"].depends_on.probability_if_happened == 0.7
    again = read({"last": overlay("  slump: {probability: 0.2}\n", "own")})
    assert (again.shocks["slump"].probability, again.shocks["slump"].depends_on) == (0.2, None)
    assert read({"base": base, "own": overlay("  slump: {depends_on: null}\n")}).shocks["slump"].probability == 0.5


@pytest.mark.parametrize(("name", "probability"), [("a+b", 0.9), ("b+a", 0.5)])
def test_the_later_file_of_a_composition_wins(read: Callable[..., Scenario], name: str, probability: float) -> None:
    other = (
        SLUMP.replace("0.5\n", "0.9\n").replace("en: One, zh: 一", "en: Two, zh: 二", 1).replace("[here]", "[there]")
    )
    scenario = read({"a": SLUMP, "b": other}, name)
    assert scenario.name == name
    assert scenario.shocks["slump"].probability == probability
    assert set(scenario.title_zh.split(" + ")) == {"一", "二"}
    assert set(scenario.sources) == {"here", "there"}


@pytest.mark.parametrize("points", ["-0.8", "-0.8 pp", "'-0.8 pp'", '"-0.8"'])
def test_points_may_be_written_with_their_unit(read: Callable[..., Scenario], points: str) -> None:
    assert read({"a": SLUMP.replace("gdp: -1", f"gdp: {points}")}).shocks["slump"].loadings["gdp"] == -0.8


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_encoding_changes_nothing(read: Callable[..., Scenario], encoding: str) -> None:
    assert read({"a": SLUMP.encode(encoding)}) == read({"a": SLUMP})


@given(order=st.permutations(["flood", "quake", "slump", "storm"]))
def test_the_order_of_shocks_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, twin: Plan, order: list[str]
) -> None:
    cause = {"flood": "storm", "slump": "quake", "storm": "slump"}
    chained = "    depends_on: {{shock: {}, probability_if_happened: 1, probability_if_not: 0}}\n"
    parts = {name: f"  {name}:\n{SHOCK}" for name in order}
    for name, parent in cause.items():
        parts[name] = parts[name].replace("    probability: 0.5\n", chained.format(parent))
    path = tmp_path_factory.getbasetemp() / "order.yaml"
    path.write_text(f"{HEAD}shocks:\n{''.join(parts.values())}", "utf-8")
    assert list(read_scenario(path, twin).shocks) == ["quake", "slump", "storm", "flood"]


@pytest.mark.parametrize(
    "law",
    [
        {"law": "fixed", "value": 2.5},
        {"law": "normal", "mean": 1, "sd": 2},
        {"law": "student_t", "mean": 1, "scale": 2, "degrees_of_freedom": 3},
        {"law": "lognormal", "median": 1.2, "sigma": 0.4},
        {"law": "triangular", "low": 0.5, "mode": 1, "high": 3},
        {"law": "uniform", "low": 0.5, "high": 3},
        *({"law": law, "interval_90": [0.5, 3]} for law in ("normal", "lognormal", "uniform")),
    ],
    ids=str,
)
def test_a_scaled_size_has_all_of_its_law_scaled(law: dict[str, Any]) -> None:
    levels = np.linspace(0.01, 0.99, 15)
    for factor in (0.3, 1.5):
        scaled = scale_size(size_of(law), factor).quantile(levels)
        np.testing.assert_allclose(scaled, factor * size_of(law).quantile(levels), rtol=1e-9)


@given(law=st.sampled_from(INTERVAL_LAWS), levels=st.lists(st.floats(1e-12, 1 - 1e-12), min_size=2, max_size=20))
def test_a_higher_level_never_gives_a_smaller_size(law: str, levels: list[float]) -> None:
    more = {"degrees_of_freedom": 3} if law == "student_t" else {}
    sizes = size_of({"law": law, "interval_90": [0.5, 3], **more}).quantile(np.sort(levels))
    assert (np.diff(sizes) >= -1e-12).all()


def interval(law: str, **more: float) -> st.SearchStrategy[dict[str, object]]:
    ends = st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)).map(lambda pair: [pair[0], pair[0] + pair[1]])
    return ends.map(lambda both: {"law": law, "interval_90": both, **more})


NUMBERS = st.floats(-10, 10)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\ufeff"), min_size=1, max_size=12
) | st.sampled_from(["yes", "null", "1", "2024-01-01", "a: b", "# no", "- x", "'", "中文 词", "{a}", "1e3", "~"])
SIZES = st.one_of(
    NUMBERS.map(lambda value: {"law": "fixed", "value": value, "unit": "half of 2020"}),
    st.tuples(NUMBERS, st.floats(0.1, 5)).map(lambda pair: {"law": "normal", "mean": pair[0], "sd": pair[1]}),
    interval("lognormal"),
    interval("triangular"),
    interval("uniform"),
    interval("student_t", degrees_of_freedom=4),
)
PROFILES = st.one_of(
    st.sampled_from(["pulse", "step"]),
    st.floats(0.1, 9).map(lambda half_life: {"shape": "decay", "half_life": half_life}),
    st.lists(NUMBERS, min_size=1, max_size=5).map(lambda values: {"shape": "list", "values": values}),
)
SHOCKS = st.fixed_dictionaries(
    {
        "title": st.fixed_dictionaries({"en": WORDS, "zh": WORDS}),
        "onset": st.sampled_from(["Q1", "Q4", {"Q1": 0.25, "Q2": 0.75}]),
        "size": SIZES,
        "profile": PROFILES,
        "loadings": st.dictionaries(
            st.sampled_from(["gdp", "retail_sales"]), NUMBERS | NUMBERS.map(lambda points: f"{points:.3f} pp")
        ),
        "source": WORDS,
    },
)
CHANCES = st.floats(0, 1)
DOCUMENTS = st.fixed_dictionaries(
    {
        "title": st.fixed_dictionaries({"en": WORDS, "zh": WORDS}),
        "why": WORDS | st.fixed_dictionaries({"en": WORDS, "zh": WORDS}),
        "sources": st.lists(WORDS, min_size=1, max_size=3),
        "shocks": st.dictionaries(st.sampled_from(["a", "b-c", "d_1"]), SHOCKS),
    }
)


def show(path: Path, plan: Plan) -> str:
    result = CliRunner().invoke(main, ["show", str(path), "--plan", str(plan.folder)])
    assert result.exit_code == 0, result.output
    return result.stdout


@settings(max_examples=30)
@given(document=DOCUMENTS, chance=CHANCES)
def test_a_scenario_is_what_show_says_of_it(
    tmp_path_factory: pytest.TempPathFactory, twin: Plan, document: dict[str, Any], chance: float
) -> None:
    earlier = ""
    for name, shock in sorted(document["shocks"].items()):
        depends = {"shock": earlier, "probability_if_happened": chance, "probability_if_not": 0.5}
        document["shocks"][name] = shock | ({"depends_on": depends} if earlier else {"probability": chance})
        earlier = name
    path = tmp_path_factory.getbasetemp() / "shown.yaml"
    path.write_text(json.dumps({"schema_version": 1, **document}, ensure_ascii=False), "utf-8")
    scenario = read_scenario(path, twin)
    path.write_text(show(path, twin), "utf-8")
    assert read_scenario(path, twin) == scenario


@pytest.mark.parametrize("name", [path.stem for path in list_scenario_files()])
def test_a_shipped_scenario_is_what_show_says_of_it(tmp_path: Path, plan: Plan, name: str) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(show(Path(name), plan), "utf-8")
    assert replace(read_scenario(path, plan), files=()) == replace(read_scenario(name, plan), files=())


@given(place=st.floats(0, 1), junk=st.text("{}[],:'\"-#&*!|>%@ \n\t01Q中\x00", max_size=5), cut=st.integers(0, 12))
def test_a_damaged_scenario_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, twin: Plan, place: float, junk: str, cut: int
) -> None:
    start = int(place * len(SLUMP))
    path = tmp_path_factory.getbasetemp() / "damaged.yaml"
    path.write_bytes((SLUMP[:start] + junk + SLUMP[start + cut :]).encode())
    faults: tuple[Fault, ...] = ()
    try:
        read_scenario(path, twin)
    except InputError as error:
        faults = error.faults
    assert all(fault.file == str(path) and fault.problem for fault in faults)
