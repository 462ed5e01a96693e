"""Words for probabilities, at every boundary."""

import math
from itertools import pairwise

import pytest

from sim.views.likelihood_words import BANDS, describe, say_likelihood


@pytest.mark.parametrize("probability", [-0.01, 1.01, math.nan, math.inf])
def test_refuses_what_is_no_probability(probability):
    with pytest.raises(ValueError, match="is not a probability; allowed: 0 to 1"):
        describe(probability)


def test_refuses_another_language():
    with pytest.raises(ValueError, match="no words in language 'fr'; allowed: en, zh"):
        describe(0.5, "fr")


@pytest.mark.parametrize(
    ("probability", "en", "zh"),
    [
        (1.0, "very likely", "可能性很大"),
        (0.9, "very likely", "可能性很大"),
        (math.nextafter(0.9, 0), "likely", "可能性较大"),
        (0.6, "likely", "可能性较大"),
        (math.nextafter(0.6, 0), "about even", "可能性各半"),
        (0.5, "about even", "可能性各半"),
        (math.nextafter(0.4, 1), "about even", "可能性各半"),
        (0.4, "unlikely", "可能性较小"),
        (math.nextafter(0.1, 1), "unlikely", "可能性较小"),
        (0.1, "very unlikely", "可能性很小"),
        (0.0, "very unlikely", "可能性很小"),
    ],
)
def test_every_boundary(probability, en, zh):
    assert describe(probability) == en
    assert describe(probability, "zh") == zh


@pytest.mark.parametrize(
    ("ends", "en", "zh"),
    [
        ((math.nan, math.nan), "unlikely", "可能性较小"),
        ((0.21, 0.39), "unlikely", "可能性较小"),
        ((0.21, 0.404), "unlikely", "可能性较小"),  # printed as 40
        ((0.21, 0.41), "unlikely to about even", "可能性较小至各半"),
        ((0.03, 0.97), "very unlikely to very likely", "可能性很小至很大"),
        ((0.3496, 0.3504), "unlikely", "可能性较小"),
    ],
)
def test_a_range_over_several_bands_is_said_by_its_ends(ends, en, zh):
    assert say_likelihood(0.35, ends) == (en, zh)


def test_bands_fall_to_zero_and_mirror_each_other():
    assert all(upper.lowest > lower.lowest for upper, lower in pairwise(BANDS))
    assert BANDS[-1].lowest == 0
    words = [band.words.en for band in BANDS]
    for thousandth in range(1001):
        place = words.index(describe(thousandth / 1000))
        assert words.index(describe((1000 - thousandth) / 1000)) == len(words) - 1 - place
