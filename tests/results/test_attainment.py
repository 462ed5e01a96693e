"""An attainment: its tables, and how it shows itself."""

import pytest
from chart_reading import rename

from sim.results.attainment import Attainment
from sim.results.run import Run


@pytest.fixture
def attainment(counted: Run) -> Attainment:
    return counted["export-slump"]


def test_columns_are_those_of_the_files(attainment: Attainment) -> None:
    assert " ".join(attainment.odds.columns) == (
        "scenario target name_en name_zh criterion reading value unit probability mc_se"
        " range_low range_high exact_calibration evidence"
    )
    assert " ".join(attainment.joint.columns) == "scenario group at_least probability mc_se range_low range_high"
    assert " ".join(attainment.conditional.columns) == "scenario missed met probability mc_se"
    assert " ".join(attainment.quantiles.columns) == "scenario series period unit q05 q10 q25 q50 q75 q90 q95"
    growth, others = 6, 71
    assert len(attainment.odds) == growth * 6 + others * 4
    assert len(attainment.conditional) == growth * (growth - 1)
    assert len(attainment.joint.query("group == 'all'")) == growth + others
    levels, deliveries = 4, 40
    assert len(attainment.quantiles) == growth * 7 + levels + deliveries * 4


def test_it_shows_itself(attainment: Attainment) -> None:
    assert "export-slump: 2,000 paths, seed 2024" in repr(attainment)
    assert "地区生产总值" in repr(attainment)
    assert attainment._repr_html_().count("<tr") == 1 + 77


def test_markup_in_a_name_is_shown_as_text(attainment: Attainment) -> None:
    shown = rename(attainment, name_en="<script>alert(1)</script>")._repr_html_()
    assert "alert(1)" in shown
    assert "<script" not in shown
