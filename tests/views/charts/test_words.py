"""Words of the charts: every phrase in both languages, and Chinese charts are Chinese."""

from chart_reading import has_chinese, read_all

from sim.views.charts.catalogue import plot_chart
from sim.views.charts.words import WORDS


@has_chinese
def test_chinese_charts_are_chinese(counted):
    drawn = {name: read_all(plot_chart(name, counted, lang="zh")) for name in ("fan", "odds", "change")}
    assert any("地区生产总值增长5.5%左右：" in words for words in drawn["fan"])
    assert "一般公共预算收入\n5%左右" in drawn["odds"]
    assert any("条路径" in words for words in drawn["change"])


def test_every_phrase_is_there_in_both_languages_with_the_same_blanks():
    import re

    quarters = {"Q1", "Q2", "Q3", "Q4", "H1", "Q1-Q3", "FY"}
    assert set(WORDS["zh"]) - quarters == set(WORDS["en"])
    for key, english in WORDS["en"].items():
        blanks = [sorted(re.findall(r"{(\w*)", words)) for words in (english, WORDS["zh"][key])]
        assert blanks[0] == blanks[1], key
