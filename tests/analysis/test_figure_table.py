"""Figures that a page supposes: without heavy tails all laws are normal, and few points speak for many."""

import numpy as np
import pytest
from scipy.special import ndtr
from small_models import make_law, make_model

from sim.analysis.figure_table import choose_figures, describe_figures, draw_figures
from sim.analysis.packing import unpack
from sim.analysis.point_weights import list_moments, weigh_points
from sim.engine.exact.points import lay_points
from sim.inputs.plan.plan import Plan
from sim.learning.loading import load_model
from sim.model.figure_pieces import weigh_figure
from sim.model.growth import lift
from sim.model.model import Model

NODES = 9  # of a figure supposed, 0.4 apart in the inverse hyperbolic sine of standard deviations


@pytest.fixture(scope="module")
def normal(twin: Plan) -> Model:
    """Two indicators, three quarters, and tails as good as normal."""
    return make_model(load_model(twin), make_law(1, 2, 3, 1e7))


def test_normal_growth_has_the_regression_of_its_covariance(normal: Model) -> None:
    points, many = lay_points(normal, 64, 3, range(1)), lay_points(normal, 256, 3)
    pieces = [
        [weigh_figure(lift(normal.law), np.ones((3, 1)), 1, quarter, series) for series in range(2)]
        for quarter in range(3)
    ]
    sd = np.array([[np.sqrt((each.common**2).sum() + (each.own**2).sum()) for each in row] for row in pieces])
    mean = many.cumulative.mean(axis=-1)
    chosen = choose_figures(normal, points)
    assert chosen == [0, 1]
    drawn = draw_figures(points, chosen, mean, sd)
    for place, told in zip(chosen, describe_figures(chosen, many, sd, drawn), strict=True):
        printed = sd[0, place] ** 2 + 0.1**2 / 12
        density = unpack(told["density"])[:20]
        away = np.sinh(0.1 * np.arange(20)) * sd[0, place]
        assert density == pytest.approx(-0.5 * (away**2 / printed + np.log(printed)), abs=0.01)
        laws = {name: unpack(packed).reshape(2, 3, NODES, -1) for name, packed in told["laws"].items()}
        for other in range(2):
            for period in range(3):
                one, two = pieces[0][place], pieces[period][other]
                shared = (one.common * two.common).sum() + (place == other) * (one.own * two.own).sum()
                slope = shared / printed * sd[0, place] / sd[period, other]
                left = np.sqrt(1 - shared**2 / printed / sd[period, other] ** 2)
                assert laws["mean"][other, period] == pytest.approx(slope, abs=1e-3)
                assert laws["spread"][other, period] == pytest.approx(left, abs=1e-3)
                assert laws["shape"][other, period][:, 4:17] == pytest.approx(0, abs=2e-3)


def test_a_drawn_figure_and_the_year_move_together(normal: Model) -> None:
    """By Matheron's rule: less its slope times the figure, the year does not go along with the figure."""
    points = lay_points(normal, 1024, 3)
    mean, sd = points.cumulative.mean(axis=-1), points.cumulative.std(axis=-1)
    for figure in draw_figures(points, [0, 1], mean, sd):
        place = int(figure["indicator"])
        assert figure["drawn"].std() == pytest.approx(float(figure["wide"][0]), rel=0.02)
        for other in range(2):
            year = (
                figure["year"] if other == place else (points.cumulative[-1, other] - mean[-1, other]) / sd[-1, other]
            )
            rest = year - figure["slopes"][other] * figure["drawn"]
            assert np.corrcoef(rest, figure["drawn"])[0, 1] == pytest.approx(0, abs=0.02)


def test_weights_give_few_points_the_means_of_many() -> None:
    random = np.random.default_rng(5)
    many = random.normal(size=40_000)
    functions = [np.tanh, np.cos, lambda x: ndtr(2 * x - 1)]
    few = many[:400]
    weight = weigh_points(
        np.array([each(few) for each in functions]), np.array([each(many).mean() for each in functions])
    )
    for each in (*functions, np.ones_like):
        assert (weight * each(few)).mean() == pytest.approx(each(many).mean(), abs=1e-3)
    assert weight.min() > 0
    assert abs((weight * few**2).mean() - 1) < abs((few**2).mean() - 1)


def test_moments_of_a_shock_are_told_apart_by_its_onsets() -> None:
    onsets, effects = np.array([0, 0, 2, 2]), np.array([[1.0, 3.0, 2.0, 2.0]])
    moments = list_moments(onsets, effects, 3)
    assert moments.shape == (2 * 4, 4)
    assert moments[0].tolist() == [1, 1, 0, 0]
    assert moments[5].tolist() == [0, 0, 0.5, 0.5]
