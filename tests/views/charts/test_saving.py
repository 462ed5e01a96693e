"""Charts as files."""

import pytest
from chart_reading import has_chinese

import sim
from sim.inputs.files.marks import mark
from sim.learning.track_record import read_panel_reliability
from sim.views import charts, fonts
from sim.views.charts.saving import draw_file


@pytest.fixture(scope="module")
def few(twin):
    return sim.run(sim.load_model(twin), sim.read_scenarios([], twin), n_paths=500, n_calibrations=0)


@has_chinese
def test_files_in_chinese(few, tmp_path):
    assert len(charts.write_charts(few, tmp_path, "zh")) == 8
    assert "生产总值" in (tmp_path / "fan-gdp.svg").read_text(encoding="utf-8")


def test_charts_come_in_the_formats_that_are_asked_for(few, tmp_path):
    assert {path.suffix for path in charts.write_charts(few, tmp_path / "one", formats=["svg"])} == {".svg"}
    assert not charts.write_charts(few, tmp_path / "none", formats=[])


def test_one_warning_for_all_charts_of_a_run(few, monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "find_chinese", lambda: None)
    with pytest.warns(UserWarning, match="no font with Chinese characters") as caught:
        charts.write_charts(few, tmp_path, "zh")
    assert len(caught) == 1


@pytest.mark.slow
def test_files_are_named_for_what_they_show_and_hold_text_and_no_date(counted, tmp_path):
    written = charts.write_charts(counted, tmp_path)
    fans = [f"fan-{indicator.id}" for indicator in counted.model.plan.indicators]
    pages = [f"all-odds-page-{number}" for number in (1, 2, 3)]
    names = ["odds", "change", *fans, "all-odds", *pages, "number-met", "milestones"]
    given = [path.name for path in written]
    assert given[: 2 * len(names)] == [f"{name}.{ending}" for name in names for ending in ("png", "svg")]
    assert all(name.startswith("burn-up-") for name in given[2 * len(names) :])
    assert sorted(written) == sorted(tmp_path.iterdir())
    text = (tmp_path / "fan-gdp.svg").read_text(encoding="utf-8")
    assert "<text" in text
    assert "real growth on a year earlier, %" in text
    assert "dc:date" not in text


def test_a_file_holds_the_bytes_of_its_chart(counted, tmp_path):
    """Which are the same whatever the user has set: see the contract of the charts."""
    file = charts.save_chart(charts.plot_fan(counted.attainments[0], "gdp"), tmp_path / "fan.svg")
    assert file.read_bytes() == mark(draw_file(charts.plot_fan(counted.attainments[0], "gdp"), "svg"), ".svg")


def test_pdf_keeps_letters_and_no_date():
    content = draw_file(charts.plot_reliability(read_panel_reliability()), "pdf")
    assert b"/CIDFontType2" in content
    assert b"/Type3" not in content
    assert b"CreationDate" not in content
    assert draw_file(charts.plot_reliability(read_panel_reliability()), "pdf") == content
