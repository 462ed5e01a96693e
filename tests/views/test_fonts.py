"""Fonts with Chinese characters: found wherever they are, however they are called."""

import io
import logging
from dataclasses import replace

import pytest
from chart_reading import has_chinese, read_all
from matplotlib import font_manager

from sim.views import charts, fonts


def test_fonts_installed_later_are_found(monkeypatch):
    found = iter([None, "SimHei"])
    monkeypatch.setattr(fonts, "_search", lambda: next(found))
    monkeypatch.setattr(fonts, "_list_new_files", lambda: True)
    assert fonts.find_chinese() == "SimHei"


def test_no_font_is_found_where_none_is(monkeypatch):
    from matplotlib import font_manager

    latin = [entry for entry in font_manager.fontManager.ttflist if entry.name == fonts.LATIN_FAMILY]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", latin)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    assert fonts.find_chinese() is None


FAMILIES = ["Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei", "WenQuanYi Micro Hei"]


@has_chinese
@pytest.mark.parametrize("family", FAMILIES)
def test_each_common_family_is_found_and_draws_every_glyph(counted, family, monkeypatch, caplog):
    manager = font_manager.fontManager
    chinese = fonts.find_chinese()
    latin = [entry for entry in manager.ttflist if entry.name == fonts.LATIN_FAMILY]
    only = [replace(entry, name=family) for entry in manager.ttflist if entry.name == chinese]
    monkeypatch.setattr(manager, "ttflist", [*latin, *only])
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    assert fonts.find_chinese() == family
    with caplog.at_level(logging.WARNING):
        axes = charts.plot_joint(counted.attainments[0], lang="zh")
        axes.figure.savefig(io.BytesIO(), dpi=60)
    assert not caplog.records
    assert "同时实现" in read_all(axes)
