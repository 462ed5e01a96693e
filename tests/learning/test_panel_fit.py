"""What a panel teaches: planted parameters are found again, and the shipped file agrees with its own summary."""

from pathlib import Path

import numpy as np
import pytest

from sim.inputs.history import History
from sim.inputs.outlook import Outlook
from sim.learning.panel import PANEL_FILE, TRANSFORMS, Panel, read_panel
from sim.learning.panel_fit import learn_panel, write_panel
from sim.learning.track_record import read_panel_reliability, read_panel_scores, read_record

PLANTED = {
    "bias": 0.2,
    "outlook_response": 1.2,
    "lean": 0.3,
    "at_least": 0.4,
    "premium_reversion": 0.25,
    "gap_persistence": 0.25,
    "common_sd": 0.5,
    "scale": 0.7,
}


def make_panel(regions: int, years: range) -> tuple[History, Outlook]:
    """Targets and outcomes that follow the annual law, written out for all regions at once."""
    rng, p = np.random.default_rng(11), PLANTED
    national = {year: 7 + 0.7 * rng.standard_normal() for year in range(years[0] - 1, years[-1] + 1)}
    forecast = {year: national[year - 1] + rng.normal(0, 0.7) for year in years}
    last, gap, none = national[years[0] - 1] + rng.normal(0, 1.5, regions), np.zeros(regions), np.full(regions, np.nan)
    rows = [(none, np.zeros(regions, dtype=bool), last)]  # before the first target there is an outcome
    for year in years:
        target, at_least = last + rng.normal(0.3, 0.8, regions), rng.random(regions) < 0.5
        shift, premium = forecast[year] - national[year - 1], last - national[year - 1]
        outside = last + p["outlook_response"] * shift - p["premium_reversion"] * premium
        outside = outside + p["gap_persistence"] * (gap - gap.mean())
        odds = p["lean"] / (1 - p["lean"]) + 0.05 * (shift**2 + gap**2)
        location = outside + odds / (1 + odds) * (target - outside) + p["bias"] + p["at_least"] * at_least
        last = location + rng.normal(0, p["common_sd"]) + p["scale"] * rng.standard_t(4, regions)
        gap = last - target
        rows.append((target, at_least, last))
    target, at_least, outcome = (np.concatenate(column) for column in zip(*rows, strict=True))
    history = History(
        np.tile([f"R{region}" for region in range(regions)], len(rows)).astype(object),
        np.repeat([years[0] - 1, *years], regions),
        np.full(len(target), "gdp", dtype=object),
        target,
        np.where(at_least, ">=", "~").astype(object),
        outcome,
    )
    return history, Outlook(forecast, national)


@pytest.fixture(scope="module")
def learned() -> Panel:
    return learn_panel(*make_panel(30, range(2008, 2022)), noun="made-up regions")


def test_planted_parameters_are_found_again(learned: Panel) -> None:
    found = learned.learned["gdp"]
    for name, value in PLANTED.items():
        assert found[name].from_data > 0.3, name
        assert found[name].value == pytest.approx(value, abs=3 * found[name].sd), name
    assert found["scale"].source.startswith("fitted on 420 gdp targets and outcomes of 30 made-up regions, 2008-2021")
    assert found["lean_age"].source.startswith("prior kept")  # no outcome is missing, so nothing tells of age


def test_a_panel_that_is_written_reads_back_the_same(learned: Panel, tmp_path: Path) -> None:
    assert read_panel(write_panel(learned, tmp_path / "panel.yaml")) == learned
    assert [each.n for each in learned.yearly["gdp"]] == [30] * 14


def test_the_shipped_file_is_as_the_writer_writes_it(tmp_path: Path) -> None:
    assert write_panel(read_panel(), tmp_path / "panel.yaml").read_bytes() == PANEL_FILE.read_bytes()


def test_what_was_learned_agrees_with_prior_and_summary() -> None:
    panel = read_panel()
    prior, yearly = panel.priors["gdp"], panel.yearly["gdp"]
    turn = {"identity": lambda x: x, "log": np.exp, "logit": lambda x: 1 / (1 + np.exp(-x))}
    for name, each in panel.learned["gdp"].items():
        mean, sd = each.real_line_mean, each.real_line_sd
        transform = turn[TRANSFORMS[name]]
        assert each.value == pytest.approx(transform(mean), rel=6e-5, abs=1e-4), name
        slope = (transform(mean + 1e-5) - transform(mean - 1e-5)) / 2e-5
        assert each.sd == pytest.approx(slope * sd, abs=2e-4), name
        assert each.from_data == pytest.approx(1 - (sd / prior.real_line[name].sd) ** 2, abs=2e-3), name
        assert each.n == sum(year.n for year in yearly)
        assert each.years == (yearly[0].year, yearly[-1].year)


def test_the_shipped_scores_agree_with_the_summary() -> None:
    """The base rate needs only how many targets were met in each year: its score follows from the summary."""
    scores, bins, yearly = read_panel_scores(), read_panel_reliability(), read_panel().yearly["gdp"]
    brier = scores.set_index(["forecaster", "sample"]).brier
    count = scores.set_index(["forecaster", "sample"]).n
    met = {year.year: round(year.n * year.share_met) for year in yearly}
    n = {year.year: year.n for year in yearly}
    scored = [int(sample) for sample in scores["sample"].unique() if sample.isdigit()]
    for year in scored:
        before = [each for each in n if each < year]
        said = (sum(met[each] for each in before) + 0.5) / (sum(n[each] for each in before) + 1)
        share = met[year] / n[year]
        assert brier["base_rate", str(year)] == pytest.approx(share * (1 - said) ** 2 + (1 - share) * said**2, abs=1e-6)
        assert count["model", str(year)] == n[year]
    for forecaster in scores.forecaster.unique():
        mean = np.average([brier[forecaster, str(year)] for year in scored], weights=[n[year] for year in scored])
        assert brier[forecaster, "all"] == pytest.approx(mean, abs=1e-6)
    assert bins.n.sum() == count["model", "all"] == read_record()["gdp"].n == sum(n[year] for year in scored)
    assert (bins.n * bins.met).sum() == pytest.approx(sum(met[year] for year in scored))
