"""Scores of an archive: by hand, against the base rate and the first vintage."""

import datetime
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.analysis.archive_scores import NEAREST, ArchiveScores, find_base_rates, judge_targets, score_archive
from sim.errors import InputError
from sim.inputs.published.figures import Published
from sim.inputs.published.reading import collect_published
from sim.results.archive import append_vintage, read_archive

CAME = {
    "gdp": "5.7",
    "budget_revenue": "-0.5",
    "fixed_asset_investment": "5.0",
    "old_communities": "440",
    "charging_piles": "2.3",
    "metro_line_6": "yes",
    "metro_line_2_extension": "no",
}
KEPT = {
    "gdp": True,
    "budget_revenue": False,
    "fixed_asset_investment": True,
    "old_communities": True,
    "charging_piles": False,
    "metro_line_6": True,
    "metro_line_2_extension": False,
}


@pytest.fixture(scope="module")
def result() -> sim.Run:
    return sim.run("qingdao-2024", ["baseline", "export-slump"], n_paths=500, n_calibrations=0, n_points=16)


def tell(model: sim.Model, series: str, value: str, **other: str) -> dict[str, object]:
    units = {each.id: each.unit for each in model.plan.deliveries} | {each.id: "%" for each in model.plan.indicators}
    row = {"date": "2025-01-24", "period": "FY", "series": series, "value": value, "unit": units.get(series), **other}
    return {**row, "source": "s"}


@pytest.fixture(scope="module")
def outcomes(result: sim.Run) -> Published:
    return collect_published(result.model.plan, [tell(result.model, *each) for each in CAME.items()])


def test_targets_are_judged_as_printed(result: sim.Run, outcomes: Published) -> None:
    assert judge_targets(result.model, outcomes) == KEPT


def test_the_first_print_counts(result: sim.Run) -> None:
    plan, model = result.model.plan, result.model
    rows = [tell(model, "gdp", "5.5"), tell(model, "gdp", "5.0", date="2025-12-26", status="revised")]
    assert judge_targets(model, collect_published(plan, rows)) == {"gdp": True}


def test_what_is_reached_early_is_met_and_what_is_not_known_is_not_judged(result: sim.Run) -> None:
    plan, model = result.model.plan, result.model
    early = {"period": "H1", "date": "2024-07-10"}
    rows = [
        tell(model, "urban_jobs", "35", status="at_least", **early),
        tell(model, "old_communities", "200", **early),
        tell(model, "metro_line_6", "no", **early),
        tell(model, "metro_line_2_extension", "yes", **early),
        tell(model, "gdp", "5.8", **early),
        tell(model, "startups_supported", "2.9", status="at_least"),
    ]
    met = judge_targets(model, collect_published(plan, rows))
    assert met == {"metro_line_2_extension": True, "urban_jobs": True}


def test_a_programme_needs_the_share_that_the_calibration_asks_for(result: sim.Run) -> None:
    model = result.model
    target = next(each for each in model.plan.deliveries if each.is_programme and each.value >= 100)
    law = model.delivery_law
    due = math.ceil(target.value * law.required[law.ids.index(target.id)])
    for number, met in ((due, True), (due - 1, False)):
        figures = collect_published(model.plan, [tell(model, target.id, str(number))])
        assert judge_targets(model, figures) == {target.id: met}


@pytest.fixture(scope="module")
def scored(result: sim.Run, outcomes: Published, tmp_path_factory: pytest.TempPathFactory) -> ArchiveScores:
    folder = tmp_path_factory.mktemp("scored") / "archive"
    append_vintage(folder, result, datetime.date(2024, 1, 1))
    moved = [replace(each, met=np.clip(each.met * 0.8, 0, 1)) for each in result.attainments]
    append_vintage(folder, replace(result, attainments=tuple(moved)), datetime.date(2024, 7, 31))
    return score_archive(read_archive(folder), result.model, outcomes)


def test_scores_are_those_of_the_definition(result: sim.Run, scored: ArchiveScores) -> None:
    """The second road: a loop over targets."""
    ids = [each.id for each in result.model.plan.judged]
    base = find_base_rates(result.model.plan)
    for scenario in result:
        briers, logs = np.zeros(2), np.zeros(2)
        for target, met in KEPT.items():
            for vintage, factor in enumerate((1.0, 0.8)):
                chance = float(result[scenario].met[0, ids.index(target)]) * factor
                chance = min(max(chance, NEAREST), 1 - NEAREST)
                briers[vintage] += (chance - met) ** 2 / len(KEPT)
                logs[vintage] -= math.log(chance if met else 1 - chance) / len(KEPT)
        rows = scored.table[scored.table.scenario == scenario].set_index("vintage")
        assert rows.brier[["1", "2"]].to_numpy() == pytest.approx(briers, abs=1e-5)
        assert rows.log[["1", "2"]].to_numpy() == pytest.approx(logs, abs=1e-4)
        assert rows.brier["all"] == pytest.approx(rows.brier[["1", "2"]].mean())
        assert rows.brier_first["2"] == rows.brier["1"]
        by_hand = np.mean([(min(max(base[name], NEAREST), 1 - NEAREST) - met) ** 2 for name, met in KEPT.items()])
        assert rows.brier_base["1"] == pytest.approx(by_hand)
        assert list(rows.n) == [7, 7, 7]


def test_without_outcomes_nothing_is_scored(result: sim.Run, tmp_path: Path, outcomes: Published) -> None:
    append_vintage(tmp_path / "a", result, datetime.date(2024, 1, 1))
    archive = read_archive(tmp_path / "a")
    with pytest.raises(InputError, match="outcomes: no target's outcome is known"):
        score_archive(archive, result.model, Published(year=2024))
    with pytest.raises(InputError, match="the archive is of qingdao-2024, not of china-2024"):
        score_archive(archive, sim.load_model("china-2024"), outcomes)
