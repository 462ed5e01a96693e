"""Heat maps of odds and changes: the numbers of the frames, on one scale."""

from itertools import pairwise

import pytest
from chart_reading import list_printed, render
from matplotlib.colors import to_rgb

from sim.views import charts
from sim.views.numbers import print_change, print_odds, print_range


@pytest.fixture
def headline(counted):
    return [target.id for target in counted.model.plan.headline]


def test_heat_map_shows_the_odds(counted, headline):
    axes = charts.plot_odds(counted.attainments, targets=headline)
    large, small = (
        {(round(x), round(y)): text.get_text() for text in axes.texts for x, y in [text.get_position()] if chosen(text)}
        for chosen in (lambda text: text.get_fontsize() == 13, lambda text: text.get_fontsize() == 8)
    )
    judged = counted.model.plan.judged
    for column, attainment in enumerate(counted.attainments):
        printed = list_printed(attainment)
        for row, target in enumerate(headline):
            assert large[column, row] == print_odds(printed[target])
            place = next(place for place, each in enumerate(judged) if each.id == target)
            assert small[column, row] == print_range(*attainment.find_range(place))
    assert len(large) == len(small) == len(headline) * len(counted.attainments)


def test_heat_map_grows_with_its_rows(counted, headline):
    every = charts.plot_odds(counted.attainments)
    few = charts.plot_odds(counted.attainments[:1], targets=headline)
    assert len(every.get_yticks()) == len(counted.model.plan.judged)
    assert every.figure.get_figheight() > 2 * few.figure.get_figheight()
    assert few.figure.get_figwidth() / few.figure.get_figheight() == pytest.approx(16 / 9)
    every.figure.canvas.draw()
    edges = [label.get_window_extent() for label in every.get_yticklabels()]
    assert min(edge.x0 for edge in edges) > 0
    assert all(upper.y0 >= lower.y1 - 2 for upper, lower in pairwise(edges))


def test_colours_darken_steadily_and_numbers_stand_out():
    from matplotlib.colors import LinearSegmentedColormap

    from sim.views.charts.style import INK
    from sim.views.palette import DARK, HEAT

    def lighten(colour):
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    colours = LinearSegmentedColormap.from_list("odds", HEAT)
    light = [lighten(colours(percent / 100)) for percent in range(101)]
    assert all(darker < lighter for lighter, darker in pairwise(light[::5]))
    for percent, cell in enumerate(light):
        ink = lighten("white" if percent / 100 > DARK else INK)
        assert (max(ink, cell) + 0.05) / (min(ink, cell) + 0.05) > 3.9


def test_change_of_the_baseline_against_itself_is_zero(counted, headline):
    baseline = counted.attainments[0]
    for attainments in ([baseline], [baseline, baseline]):
        axes = charts.plot_change(attainments, targets=headline)
        assert [text.get_text() for text in axes.texts[: len(headline)]] == ["0.0"] * len(headline)
        assert {bar.get_width() for bar in axes.patches[-len(headline) :]} == {0.0}
        render(axes)


def test_change_shows_points_and_bars_on_one_scale(counted, headline):
    axes = charts.plot_change(counted.attainments, targets=headline)
    printed = [list_printed(each)[headline] for each in counted.attainments]
    points = [100 * float(each[target] - printed[0][target]) for each in printed[1:] for target in headline]
    assert [text.get_text() for text in axes.texts[: len(points)]] == [print_change(point) for point in points]
    widths = [bar.get_width() for container in axes.containers for bar in container]
    scale = max(widths, key=abs) / max(points, key=abs)
    assert widths == pytest.approx([scale * point for point in points])
    assert scale > 0
