"""Odds of the shipped scenarios are those on record, and the changelog tells when the record was made anew."""

from pathlib import Path

import pandas as pd
import pytest
import refresh_expected as record

from sim.inputs.bundled import list_plans

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("plan_name", list_plans())
def test_odds_are_those_on_record(plan_name: str) -> None:
    moves = record.compare(plan_name, record.read_figures(plan_name), record.compute_figures(plan_name))
    assert not moves, f"{moves}\nIf this is meant: python tests/refresh_expected.py"


def test_the_changelog_tells_of_the_record() -> None:
    sections = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("### Numbers move\n")[1:]
    assert f"recorded odds {record.find_label()}" in " ".join(" ".join(sections).split())


def test_what_moved_is_named_with_its_size() -> None:
    before = record.read_figures("china-2024")
    odds, quantiles = before["attainment"], before["quantiles"]
    after = before | {"attainment": odds.copy(), "quantiles": quantiles.copy()}
    moved = ("export-slump", "gdp", "stated", "probability")
    gone = ("baseline", "grain", "FY", "万亿斤", "q50")
    after["attainment"][moved] += 0.0123
    after["attainment"].iloc[0] += 4e-6
    after["quantiles"] = quantiles.drop(gone)
    after["quantiles"].iloc[0] *= 1 + 9e-5
    assert record.compare("china-2024", before, after).splitlines() == [
        "china-2024, attainment, figures that moved: 1",
        f"  export-slump gdp stated: {odds[moved]:.6f} -> {odds[moved] + 0.0123:.6f} (+0.012300)",
        "china-2024, quantiles, figures that moved: 1",
        f"  baseline grain FY 万亿斤 q50: {quantiles[gone]:.6f} is gone",
    ]


def test_a_refresh_writes_what_moved_and_keeps_the_rest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = record.read_figures("china-2024")
    label = record.find_label()
    monkeypatch.setattr(record, "FOLDER", tmp_path)
    odds = before["attainment"] + 4e-6
    odds.iloc[3] += 0.5
    record.write_figures("china-2024", before, before | {"attainment": odds.iloc[1:]})
    written = record.read_figures("china-2024")
    expected = before["attainment"].iloc[1:].copy()
    expected.iloc[2] = round(odds.iloc[3], 6)
    pd.testing.assert_series_equal(written["attainment"], expected)
    pd.testing.assert_series_equal(written["quantiles"], before["quantiles"])
    assert record.find_label() != label
