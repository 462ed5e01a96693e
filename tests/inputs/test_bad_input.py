"""Bad input through the terminal: the words of each message, exit code 2, nothing written, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_plans import TABLES, WritePlan

from sim.cli import main
from sim.inputs.bundled import list_scenario_files

SCENARIO = """\
schema_version: 1
title: {en: One, zh: 一}
why: because
sources: [here]
shocks:
  slump:
    title: {en: Slump, zh: 下滑}
    probability: 0.5
    onset: {Q1: 0.5, Q2: 0.5}
    size: {law: normal, mean: 1, sd: 0.5}
    profile: pulse
    loadings: {gdp: -1, retail_sales: -2}
    source: here
  storm:
    title: {en: Storm, zh: 风暴}
    depends_on: {shock: slump, probability_if_happened: 0.7, probability_if_not: 0.1}
    onset: Q3
    size: {law: fixed, value: 1}
    profile: {shape: decay, half_life: 2}
    loadings: {gdp: -1}
    source: here
"""
SCENARIO_KEYS = "schema_version, extends, title, why, sources, shocks, rules, judgements, mixture"
SHOCK_KEYS = "title, onset, size, profile, loadings, speed, delay, source, probability, depends_on"
INDICATORS = "gdp, retail_sales"
LAWS = "fixed, normal, lognormal, triangular, uniform, student_t"
SHAPES = "pulse, step, ramp, decay, dip_recover, list"
GLUED = "is a number with a unit glued on; write the number alone; units have their place"
NUMBER = "is not a number; write a plain finite number such as 5.5"
COLUMNS = "id, name_en, name_zh, unit, measure, baseline, level, level_unit, better, momentum, momentum_basis, source"
CRITERIA = "at_least, at_most, about, between, in_step, meet_or_exceed, multiple_of, under_way, complete, all_of, none"
NUMBERS = "centre, trend_sd, trend_common, innovation_sd, innovation_common, persistence, quarter_sd"
CALIBRATION_KEYS = (
    "schema_version, degrees_of_freedom, indicators, spillovers, shocks, deliveries, milestones, made_from"
)
SHIPPED = ", ".join(path.stem for path in list_scenario_files())

IN_SCENARIO = [
    pytest.param(
        "why:",
        "wyh:",
        f"1:1: key 'why' is missing\n3:1: unknown key 'wyh'; allowed: {SCENARIO_KEYS}; did you mean 'why'?",
        id="unknown key",
    ),
    pytest.param(
        "onset: Q3",
        "onste: Q3",
        f"15:5: key 'onset' is missing\n17:5: unknown key 'onste'; allowed: {SHOCK_KEYS}; did you mean 'onset'?",
        id="unknown key of a shock",
    ),
    pytest.param(
        "sd: 0.5",
        "std: 0.5",
        "10:11: law normal needs mean and sd; or interval_90: [low, high]\n"
        "10:34: unknown key 'std'; allowed: interval_90, unit, law, mean, sd; did you mean 'sd'?",
        id="unknown size field",
    ),
    pytest.param(
        "half_life: 2",
        "half_life: 2, halflife: 2",
        "19:43: unknown key 'halflife'; allowed: shape, half_life; did you mean 'half_life'?",
        id="unknown profile field",
    ),
    pytest.param(
        "{gdp: -1, retail",
        "{gpd: -1, retail",
        f"12:16: unknown indicator 'gpd'; allowed: {INDICATORS}; did you mean 'gdp'?",
        id="unknown indicator",
    ),
    pytest.param(
        "{gdp: -1, retail",
        "{weather: -1, retail",
        f"12:16: unknown indicator 'weather'; allowed: {INDICATORS}",
        id="unknown indicator, nothing near",
    ),
    pytest.param(
        "profile: pulse",
        "profile: pusle",
        f"11:14: unknown 'pusle'; allowed: {SHAPES}; did you mean 'pulse'?",
        id="misspelt profile",
    ),
    pytest.param(
        "shape: decay",
        "shape: dacay",
        f"19:14: unknown 'dacay'; allowed: {SHAPES}; did you mean 'decay'?",
        id="misspelt profile in a mapping",
    ),
    pytest.param("shape: decay, ", "", f"19:14: key 'shape' is missing; allowed: {SHAPES}", id="profile without shape"),
    pytest.param(
        "{shape: decay, half_life: 2}", "decay", "19:14: key 'half_life' is missing", id="profile without half-life"
    ),
    pytest.param(
        "probability: 0.5", "probability: 1.4", "8:18: 1.4 is out of range; allowed: at most 1", id="probability of 1.4"
    ),
    pytest.param(
        "probability: 0.5",
        "probability: -0.1",
        "8:18: -0.1 is out of range; allowed: at least 0",
        id="negative probability",
    ),
    pytest.param(
        "probability: 0.5",
        "probability: 50%",
        "8:18: '50%' is in per cent, and a share is due; write 0.5",
        id="probability in %",
    ),
    pytest.param("probability: 0.5", "probability: true", f"8:18: 'true' {NUMBER}", id="probability of true"),
    pytest.param(
        "happened: 0.7",
        "happened: 1.4",
        "16:57: 1.4 is out of range; allowed: at most 1",
        id="conditional probability of 1.4",
    ),
    pytest.param(
        "sd: 0.5", "sd: -0.5", "10:38: -0.5 is out of range; allowed: more than 0", id="negative standard deviation"
    ),
    pytest.param(
        "sd: 0.5", "sd: 0", "10:38: 0 is out of range; allowed: more than 0", id="standard deviation of nought"
    ),
    pytest.param("mean: 1", "mean: .inf", f"10:31: inf {NUMBER}", id="infinite mean"),
    pytest.param("mean: 1", "mean: .nan", f"10:31: nan {NUMBER}", id="mean that is no number"),
    pytest.param(
        "Q2: 0.5",
        "Q2: 0.4",
        "9:12: the onset weights sum to 0.9; they must sum to 1",
        id="weights that do not sum to one",
    ),
    pytest.param(
        "{Q1: 0.5, Q2: 0.5}",
        "{Q1: 1, Q2: -0.1}",
        "9:24: -0.1 is out of range; allowed: at least 0",
        id="negative weight",
    ),
    pytest.param(
        "onset: Q3",
        "onset: Q5",
        "17:12: unknown quarter 'Q5'; the year has Q1, Q2, Q3, Q4",
        id="quarter outside the year",
    ),
    pytest.param(
        "Q2: 0.5",
        "Q7: 0.5",
        "9:22: unknown quarter 'Q7'; the year has Q1, Q2, Q3, Q4",
        id="weight on a quarter outside the year",
    ),
    pytest.param(
        "onset: Q3",
        "onset: [Q3]",
        "17:12: the onset is neither a quarter nor weights; write Q2 or {Q1: 0.4, Q2: 0.6}",
        id="onset that is a list",
    ),
    pytest.param(
        "probability: 0.5\n",
        "depends_on: {shock: storm, probability_if_happened: 1, probability_if_not: 0}\n",
        "8:25: circular dependence: slump -> storm -> slump; break the circle\n"
        "16:25: circular dependence: storm -> slump -> storm; break the circle",
        id="circular dependence",
    ),
    pytest.param(
        "shock: slump",
        "shock: storm",
        "16:25: circular dependence: storm -> storm; break the circle",
        id="shock that depends on itself",
    ),
    pytest.param(
        "shock: slump",
        "shock: slumps",
        "16:25: depends on unknown shock 'slumps'; allowed: slump; did you mean 'slump'?",
        id="unknown parent",
    ),
    pytest.param(
        "    probability: 0.5\n",
        "",
        "7:5: a shock needs either a probability or depends_on; give one of the two",
        id="neither probability nor dependence",
    ),
    pytest.param(
        "    depends_on",
        "    probability: 0.1\n    depends_on",
        "15:5: a shock needs either a probability or depends_on; give one of the two",
        id="probability and dependence",
    ),
    pytest.param(
        "why: because",
        "why: because\nwhy: again",
        "4:1: key 'why' is repeated; it stands in line 3 already: keep one",
        id="duplicate key",
    ),
    pytest.param(
        "  storm:",
        "  slump:",
        "14:3: key 'slump' is repeated; it stands in line 6 already: keep one",
        id="duplicate shock",
    ),
    pytest.param("mean: 1", "mean: 1pp", f"10:31: '1pp' {GLUED}", id="unit glued on"),
    pytest.param(
        "mean: 1", "mean: '1,000'", "10:31: '1,000' has a comma in it; write 1000 or 1.000", id="thousands separator"
    ),
    pytest.param(
        "gdp: -1, ",
        "gdp: -1%, ",
        "12:21: '-1%' is in %, a loading is in percentage points; write -0.8 or '-0.8 pp'",
        id="loading in %",
    ),
    pytest.param(
        "gdp: -1, ",
        "gdp: -1 %, ",
        "12:21: '-1 %' is in %, a loading is in percentage points; write -0.8 or '-0.8 pp'",
        id="loading in % with a blank",
    ),
    pytest.param("gdp: -1, ", "gdp: minus one, ", f"12:21: 'minus one' {NUMBER}", id="loading that is no number"),
    pytest.param("gdp: -1, ", "gdp: , ", "12:20: a number is due, nothing is written", id="loading of nothing"),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: nromal, mean: 1, sd: 0.5}",
        f"10:11: unknown 'nromal'; allowed: {LAWS}; did you mean 'normal'?",
        id="unknown law",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{mean: 1, sd: 0.5}",
        f"10:11: key 'law' is missing; allowed: {LAWS}",
        id="missing law",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: normal, mean: 1}",
        "10:11: law normal needs mean and sd; or interval_90: [low, high]",
        id="law without parameter",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: normal, mean: 1, sd: 0.5, interval_90: [0, 2]}",
        "10:11: both interval_90 and parameters are given; give either, not both: mean and sd",
        id="interval and parameters",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: uniform, low: 0, interval_90: [0, 2]}",
        "10:11: both interval_90 and parameters are given; give either, not both: low and high",
        id="interval and one parameter",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: lognormal, interval_90: [-1, 2]}",
        "10:11: a lognormal size is positive; put the sign into the loadings",
        id="lognormal from below nought",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: normal, interval_90: [2, 1]}",
        "10:11: interval_90 does not rise; write [low, high] with low < high",
        id="interval that falls",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: normal, interval_90: [1, 2, 3]}",
        "10:38: the list has 3 items; allowed: at most 2",
        id="interval of three",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: triangular, low: 1, mode: 3, high: 2}",
        "10:11: low, mode and high do not rise; write low <= mode <= high",
        id="triangle out of order",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: uniform, low: 2, high: 1}",
        "10:11: low is not below high; write low < high",
        id="uniform out of order",
    ),
    pytest.param(
        "{law: normal, mean: 1, sd: 0.5}",
        "{law: student_t, mean: 0, scale: 1}",
        "10:11: key 'degrees_of_freedom' is missing",
        id="no degrees of freedom",
    ),
    pytest.param(
        "pulse",
        "{shape: dip_recover, quarters: 1.5}",
        "11:45: 1.5 is not a whole number; write a whole number such as 2",
        id="half a quarter of dip",
    ),
    pytest.param(
        "{en: Slump, zh: 下滑}",
        "[Slump, 下滑]",
        "7:12: a list stands where a mapping is due",
        id="list where a mapping is due",
    ),
    pytest.param(
        "{gdp: -1, retail_sales: -2}",
        "gdp",
        "12:15: 'gdp' stands where a mapping is due",
        id="text where a mapping is due",
    ),
    pytest.param("why: because", "why: 3", "3:6: 3 stands where a text is due", id="number where a text is due"),
    pytest.param(
        "sources: [here]", "sources: here", "4:10: 'here' stands where a list is due", id="text where a list is due"
    ),
    pytest.param("sources: [here]", "sources: []", "4:10: the list has 0 items; allowed: at least 1", id="no sources"),
    pytest.param("why: because", "why: '  '", "3:6: the text is empty; say it in a few words", id="empty text"),
    pytest.param("why: because", "why:", "4:1: nothing stands where a text is due", id="nothing where a text is due"),
    pytest.param(
        "    source: here\n  storm",
        "    source: ''\n  storm",
        "13:13: the text is empty; say it in a few words",
        id="empty source",
    ),
    pytest.param("en: One, zh: 一", "en: One", "2:8: key 'zh' is missing", id="no Chinese title"),
    pytest.param("schema_version: 1", "schema_version: 2", "1:17: unknown 2; allowed: 1", id="unknown version"),
    pytest.param(
        "  slump:",
        "  slump of 2024:",
        "7:5: 'slump of 2024' is not a name; allowed: English letters, digits, '_' and '-'\n"
        "16:25: depends on unknown shock 'slump'; allowed: slump of 2024",
        id="name with a blank",
    ),
    pytest.param(
        "{en: One, zh: 一}",
        "{en: One, zh: 一",
        "3:4: not valid YAML: expected ',' or '}', but got ':'",
        id="YAML syntax",
    ),
    pytest.param(
        "why: because",
        "why: because\nextends: basline",
        f"4:10: extends 'basline', and there is no such scenario; allowed: a file, or {SHIPPED}; did you mean "
        f"'baseline'?",
        id="extends what is not there",
    ),
    pytest.param(
        "why: because",
        "why: because\nextends: bad.yaml",
        "4:10: circular extends: bad -> bad; a scenario cannot extend itself",
        id="extends itself",
    ),
    pytest.param(
        "why: because", "why: because\nextends: 3", "4:10: 3 stands where a list is due", id="extends a number"
    ),
]
IN_PLAN = [
    pytest.param(
        "plan.csv",
        "place_en,Twin,s\n",
        "",
        "1:1: field 'place_en' is missing; add a row `place_en,…,source`",
        id="plan: missing fact",
    ),
    pytest.param(
        "plan.csv",
        "place_zh",
        "place_cn",
        "4:1: unknown 'place_cn'; allowed: name, place_en, place_zh, year, country, first_month; "
        "did you mean 'place_en'?",
        id="plan: unknown fact",
    ),
    pytest.param(
        "plan.csv",
        "place_zh",
        "place_en",
        "4:1: 'place_en' is repeated; it stands in line 3 already",
        id="plan: repeated fact",
    ),
    pytest.param("plan.csv", "2024", "24", "5:2: '24' is not a year; write four digits", id="plan: year of two digits"),
    pytest.param(
        "indicators.csv",
        "baseline",
        "base_line",
        f"1:6: unknown column 'base_line'; allowed: {COLUMNS}; did you mean 'baseline'?\n"
        f"1:12: column 'baseline' is missing; allowed: {COLUMNS}",
        id="indicators: unknown column",
    ),
    pytest.param(
        "indicators.csv",
        ",0.2,derived,s",
        ",0.2,derived",
        "3:11: the row has 11 fields, the header 12; leave unknown fields empty",
        id="indicators: row with a field too few",
    ),
    pytest.param(
        "indicators.csv",
        "GDP",
        "GDP, real",
        "2:12: the row has 13 fields, the header 12; quote a field that holds a comma",
        id="indicators: row with a field too many",
    ),
    pytest.param("indicators.csv", "5.9", "5.9%", f"2:6: '5.9%' {GLUED}", id="indicators: unit glued on"),
    pytest.param(
        "indicators.csv", ",5.9,", ",,", "2:6: a number is due, nothing is written", id="indicators: number missing"
    ),
    pytest.param("indicators.csv", "5.9", "inf", f"2:6: 'inf' {NUMBER}", id="indicators: infinite number"),
    pytest.param("indicators.csv", "5.9", "NaN", f"2:6: 'NaN' {NUMBER}", id="indicators: NaN"),
    pytest.param(
        "indicators.csv",
        "15760.34",
        "-15760.34",
        "2:7: '-15760.34' is out of range; allowed: more than 0",
        id="indicators: negative level",
    ),
    pytest.param(
        "indicators.csv", "%,real", "percent,real", "2:4: unknown 'percent'; allowed: %", id="indicators: unknown unit"
    ),
    pytest.param("indicators.csv", "%,real", ",real", "2:4: nothing is written; allowed: %", id="indicators: no unit"),
    pytest.param(
        "indicators.csv",
        "higher",
        "hihger",
        "2:9: unknown 'hihger'; allowed: higher, lower; did you mean 'higher'?",
        id="indicators: misspelt direction",
    ),
    pytest.param(
        "indicators.csv",
        "-0.3,derived,s",
        "-0.3,derived,",
        "2:12: nothing stands where a text is due",
        id="indicators: empty source",
    ),
    pytest.param(
        "quarters.csv",
        "gdp,Q4,0.25",
        "gdp,Q4,0.35",
        "5:3: the shares of 'gdp' sum to 1.1000; they must sum to 1",
        id="quarters: shares that do not sum to one",
    ),
    pytest.param(
        "quarters.csv",
        "gdp,Q4,0.25",
        "gdp,Q4,-0.25",
        "5:3: '-0.25' is out of range; allowed: more than 0",
        id="quarters: negative share",
    ),
    pytest.param(
        "quarters.csv",
        "retail_sales,Q4,0.25,assumed,,0,assumed,s\n",
        "",
        "8:1: indicator 'retail_sales' lacks Q4; one row a quarter",
        id="quarters: missing quarter",
    ),
    pytest.param(
        "quarters.csv",
        "gdp,Q4",
        "gdp,Q5",
        "5:2: unknown quarter 'Q5'; allowed: Q1, Q2, Q3, Q4\n9:1: indicator 'gdp' lacks Q4; one row a quarter",
        id="quarters: quarter outside the year",
    ),
    pytest.param(
        "quarters.csv",
        "gdp,Q2",
        "gdp,Q1",
        "3:2: 'gdp Q1' is repeated; it stands in line 2 already\n9:1: indicator 'gdp' lacks Q2; one row a quarter",
        id="quarters: repeated quarter",
    ),
    pytest.param(
        "quarters.csv",
        "gdp,Q4",
        "gpd,Q4",
        f"5:1: unknown indicator 'gpd'; allowed: {INDICATORS}; did you mean 'gdp'?\n"
        "9:1: indicator 'gdp' lacks Q4; one row a quarter",
        id="quarters: unknown indicator",
    ),
    pytest.param(
        "quarters.csv",
        "assumed",
        "asumed",
        "2:4: unknown 'asumed'; allowed: published, derived, assumed; did you mean 'assumed'?",
        id="quarters: misspelt basis",
    ),
    pytest.param(
        "targets.csv",
        "零售总额,retail_sales",
        "零售总额,retail_sale",
        f"3:6: unknown indicator 'retail_sale'; allowed: {INDICATORS}; did you mean 'retail_sales'?",
        id="targets: unknown indicator",
    ),
    pytest.param(
        "targets.csv",
        "at_least,5,%,0",
        "at_least,5,%,0.2",
        "3:10: only 'about' and 'in_step' have a tolerance; write 0, or the criterion 'about'",
        id="targets: tolerance on at_least",
    ),
    pytest.param(
        "targets.csv",
        "0.2,yes",
        "-0.2,yes",
        "2:10: '-0.2' is out of range; allowed: at least 0",
        id="targets: negative tolerance",
    ),
    pytest.param(
        "targets.csv", "增长5.5%左右", "", "2:3: nothing stands where a text is due", id="targets: empty phrase"
    ),
    pytest.param(
        "targets.csv",
        "0.2,yes,macro,s",
        "0.2,yes,macro,",
        "2:13: nothing stands where a text is due",
        id="targets: empty source",
    ),
    pytest.param("targets.csv", "about,5.5", "about,5.5%", f"2:8: '5.5%' {GLUED}", id="targets: unit glued on"),
    pytest.param(
        "targets.csv",
        "at_least",
        "atleast",
        f"3:7: unknown 'atleast'; allowed: {CRITERIA}; did you mean 'at_least'?",
        id="targets: misspelt criterion",
    ),
    pytest.param(
        "targets.csv",
        "at_least",
        "complete",
        "3:7: criterion 'complete' does not go with growth; allowed: at_least, at_most, about, between, "
        "meet_or_exceed, in_step",
        id="targets: criterion of another kind",
    ),
    pytest.param(
        "targets.csv",
        "5,%,0,",
        "5,pp,0,",
        "3:9: growth needs an indicator, a value and the unit %",
        id="targets: points where per cent are meant",
    ),
    pytest.param(
        "targets.csv",
        "retail_growth",
        "gdp_growth",
        "3:1: 'gdp_growth' is repeated; it stands in line 2 already",
        id="targets: repeated id",
    ),
    pytest.param(
        "targets.csv",
        "yes",
        "yse",
        "2:11: unknown 'yse'; allowed: yes, no; did you mean 'yes'?",
        id="targets: misspelt headline",
    ),
    pytest.param(
        "calibration.yaml",
        "value: 0.75,",
        "value: 1.2,",
        "10:26: 1.2 is out of range; allowed: less than 1",
        id="calibration: persistence of 1.2",
    ),
    pytest.param(
        "calibration.yaml",
        "value: 5,",
        "value: 1.5,",
        "2:29: 1.5 is out of range; allowed: more than 2",
        id="calibration: degrees of freedom of 1.5",
    ),
    pytest.param(
        "calibration.yaml",
        "sd: 0.2",
        "sd: -0.2",
        "5:30: -0.2 is out of range; allowed: at least 0",
        id="calibration: negative uncertainty",
    ),
    pytest.param(
        "calibration.yaml",
        "value: 0.6,",
        "value: -0.6,",
        "8:28: -0.6 is out of range; allowed: at least 0",
        id="calibration: negative spread",
    ),
    pytest.param(
        "calibration.yaml",
        "trend_common: {value: 0.7",
        "trend_common: {value: 1.1",
        "7:27: 1.1 is out of range; allowed: at most 1",
        id="calibration: correlation of 1.1",
    ),
    pytest.param(
        "calibration.yaml",
        "  retail_sales:",
        "  retail_sales2:",
        "4:3: 'retail_sales' is missing in indicators\n"
        f"11:3: unknown name 'retail_sales2' in indicators; allowed: {INDICATORS}; did you mean 'retail_sales'?",
        id="calibration: unknown indicator",
    ),
    pytest.param("calibration.yaml", ", source: s}", "}", "2:21: key 'source' is missing", id="calibration: no source"),
    pytest.param(
        "calibration.yaml",
        "centre:",
        "center:",
        f"5:5: key 'centre' is missing\n5:5: unknown key 'center'; allowed: {NUMBERS}; did you mean 'centre'?",
        id="calibration: unknown number",
    ),
    pytest.param(
        "calibration.yaml",
        "unit: pp,",
        "unit: '%',",
        "5:41: unknown '%'; allowed: pp, pp/pp, share, quarters, 1",
        id="calibration: unit of another kind",
    ),
    pytest.param(
        "calibration.yaml",
        "value: 0.75,",
        "value: 0.75pp,",
        f"10:26: '0.75pp' {GLUED}",
        id="calibration: unit glued on",
    ),
    pytest.param(
        "calibration.yaml",
        "schema_version: 1\n",
        "schema_version: 1\nspillovers:\n- {origin: gdp, reaches: retial_sales, value: 0.1, sd: 0, unit: pp/pp, "
        "source: s}\n",
        f"3:26: unknown indicator 'retial_sales'; allowed: {INDICATORS}; did you mean 'retail_sales'?",
        id="calibration: spillover to an unknown indicator",
    ),
    pytest.param(
        "calibration.yaml",
        "indicators:\n",
        "indicators: [gdp, retail_sales]\nothers:\n",
        f"3:13: a list stands where a mapping is due\n4:1: unknown key 'others'; allowed: {CALIBRATION_KEYS}",
        id="calibration: list of indicators",
    ),
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, two_indicator_plan: WritePlan) -> Path:
    """A working folder with a sound plan and a sound scenario."""
    monkeypatch.chdir(tmp_path)
    two_indicator_plan(tmp_path / "twin")
    (tmp_path / "good.yaml").write_text(SCENARIO, "utf-8")
    return tmp_path


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def run(*words: object) -> Result:
    return call("run", "--plan", "twin", "--paths", 10, "--no-charts", *words)


def list_files(folder: Path) -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def refuse(folder: Path, *words: object) -> str:
    """What a faulty run says; it ends with code 2, prints no result, writes nothing and shows no traceback."""
    before = list_files(folder)
    result = run(*words)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert list_files(folder) == before
    return result.stderr.rstrip("\n")


def change(text: str, before: str, after: str) -> str:
    assert before in text
    return text.replace(before, after, 1)


@pytest.mark.parametrize(("before", "after", "words"), IN_SCENARIO)
def test_a_fault_of_a_scenario_is_told(desk: Path, before: str, after: str, words: str) -> None:
    (desk / "bad.yaml").write_text(change(SCENARIO, before, after), "utf-8")
    assert refuse(desk, "bad.yaml").replace("bad.yaml:", "") == words


@pytest.mark.parametrize(("file", "before", "after", "words"), IN_PLAN)
def test_a_fault_of_a_plan_is_told(desk: Path, file: str, before: str, after: str, words: str) -> None:
    (desk / "twin" / file).write_text(change(TABLES[file], before, after), "utf-8")
    assert refuse(desk, "good.yaml").replace(f"twin/{file}:", "") == words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\r\n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00", "the file is binary, not text; allowed: UTF-8 (with or without BOM) or GBK"),
        (None, "no such file"),
    ],
    ids=["empty", "empty but for its mark", "binary", "missing"],
)
@pytest.mark.parametrize("file", ["plan.csv", "indicators.csv", "quarters.csv", "targets.csv", "calibration.yaml"])
def test_a_file_of_a_plan_that_is_no_text_is_told(desk: Path, file: str, content: bytes | None, words: str) -> None:
    (desk / "twin" / file).unlink()
    if content is not None:
        (desk / "twin" / file).write_bytes(content)
    if content is None and file == "calibration.yaml":
        words = f"{words}; `sim calibrate --plan twin --out twin/{file}` writes it"
    assert refuse(desk, "good.yaml") == f"twin/{file}: {words}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ": the file is empty"),
        (
            b"PK\x03\x04\x00",
            ": the file is a ZIP archive or a workbook, not text; the name of a workbook ends in .xlsx",
        ),
        (SCENARIO.encode("utf-16"), ": the file is UTF-16 text; save it as UTF-8"),
        (b"- a\n- b\n", ":1:1: the top level is not a mapping; write `key: value` lines"),
        (b"just words", ":1:1: the top level is not a mapping; write `key: value` lines"),
        (None, f".yaml: no such file; allowed: a file, or {SHIPPED}"),
    ],
    ids=["empty", "binary", "UTF-16", "a list", "words", "missing"],
)
def test_a_scenario_that_is_none_is_told(desk: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (desk / "bad.yaml").write_bytes(content)
    assert refuse(desk, "bad.yaml").removeprefix("bad.yaml") == words.removeprefix(".yaml")


@pytest.mark.parametrize("name", ["exprot-slump", "export-slumps.yaml"])
def test_a_misspelt_scenario_is_put_right(desk: Path, name: str) -> None:
    words = refuse(desk, name)
    assert words.startswith(f"{Path(name).stem}.yaml: no such file; allowed: a file, or baseline")
    assert words.endswith("; did you mean 'export-slump'?")


def test_a_misspelt_plan_is_put_right(desk: Path) -> None:
    before = list_files(desk)
    result = call("run", "--plan", "qingdao-2042")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("qingdao-2042: no such plan folder; allowed: a folder of tables, or ")
    assert result.stderr.endswith("; did you mean 'qingdao-2024'?\n")
    assert list_files(desk) == before


def test_a_circle_of_files_is_told_once(desk: Path) -> None:
    for name, parent in (("a", "b"), ("b", "c"), ("c", "a")):
        (desk / f"{name}.yaml").write_text(f"schema_version: 1\nextends: {parent}\n")
    assert refuse(desk, "a") == "c.yaml:2:10: circular extends: a -> b -> c -> a; a scenario cannot extend itself"


def test_every_fault_is_told_in_one_go(desk: Path) -> None:
    text = change(change(SCENARIO, "probability: 0.5", "probability: 1.4"), "profile: pulse", "profile: pusle")
    text = change(change(text, "sd: 0.5", "sd: -0.5"), "gdp: -1,", "gpd: -1%,")
    (desk / "bad.yaml").write_text(change(text, "why: because", "why: because\nwhy: again"), "utf-8")
    assert [line.split(": ")[0] for line in refuse(desk, "bad.yaml").splitlines()] == [
        f"bad.yaml:{place}" for place in ("4:1", "9:18", "11:38", "12:14", "13:16", "13:21")
    ]


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ("0", "--paths: 0 paths; allowed: 1 to 1,000,000,000"),
        ("-5", "--paths: -5 paths; allowed: 1 to 1,000,000,000"),
        ("1e12", "--paths: 1,000,000,000,000 paths would take 32 TB if kept, "),
        ("many", "'many' is not a number; write 200000 or 2e5"),
        ("1.5", "'1.5' is not a whole number; write 200000 or 2e5"),
        ("inf", "'inf' is not a whole number; write 200000 or 2e5"),
        ("nan", "'nan' is not a whole number; write 200000 or 2e5"),
    ],
)
def test_a_number_of_paths_that_means_nothing_is_refused(desk: Path, paths: str, words: str) -> None:
    assert words in refuse(desk, "good.yaml", "--paths", paths)


def test_a_negative_seed_is_refused(desk: Path) -> None:
    assert "-1 is not in the range x>=0" in refuse(desk, "good.yaml", "--seed", "-1")


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("good.yaml", "is a file; name a folder"),
        ("twin", "holds files that no run wrote; name another folder or empty it"),
        ("good.yaml/out", "cannot be written ("),
    ],
    ids=["a file", "a folder of something else", "below a file"],
)
def test_an_output_folder_that_cannot_be_written_is_named(desk: Path, out: str, words: str) -> None:
    assert refuse(desk, "good.yaml", "--out", out).startswith(f"--out {desk / out}: {words}")


def test_lint_and_show_say_what_run_says(desk: Path) -> None:
    (desk / "bad.yaml").write_text(change(SCENARIO, "probability: 0.5", "probability: 1.4"), "utf-8")
    for command in ("lint", "show"):
        result = call(command, "bad.yaml", "--plan", "twin")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "bad.yaml:8:18: 1.4 is out of range; allowed: at most 1\n"


def test_lint_tells_the_faults_of_every_file(desk: Path, two_indicator_plan: WritePlan) -> None:
    two_indicator_plan(desk / "other", targets=("about", "abuot"))
    (desk / "bad.yaml").write_text(change(SCENARIO, "pulse", "pusle"), "utf-8")
    (desk / "calibration-b.yaml").write_text(change(TABLES["calibration.yaml"], "value: 5", "value: 1"), "utf-8")
    (desk / "table.csv").write_text("a,b\n")
    result = call("lint", "table.csv", "other", "good.yaml", "calibration-b.yaml", "bad.yaml", "--plan", "twin")
    assert result.exit_code == 2
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        "bad.yaml:11:14",
        "calibration-b.yaml:2:29",
        "other/targets.csv:2:7",
        "table.csv:1:1",
    ]


def test_a_process_ends_with_code_2_and_no_traceback(desk: Path) -> None:
    (desk / "bad.yaml").write_text(change(SCENARIO, "profile: pulse", "profile: pusle"), "utf-8")
    words = [sys.executable, "-m", "sim", "lint", "bad.yaml", "--plan", "twin"]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bad.yaml:11:14: unknown 'pusle'")
    assert len(done.stderr.splitlines()) == 1


def test_sound_files_run(desk: Path) -> None:
    result = run("good.yaml")
    assert result.exit_code == 0, result.output
    assert (desk / "out" / "attainment.csv").is_file()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_other_encodings_run(desk: Path, encoding: str) -> None:
    for path in [desk / "good.yaml", *(desk / "twin").iterdir()]:
        path.write_bytes(path.read_text("utf-8").encode(encoding))
    assert run("good.yaml").exit_code == 0
