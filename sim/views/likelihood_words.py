"""Bands: words for probabilities, so that every sentence, table and chart uses the same ones."""

from __future__ import annotations

from math import nan
from typing import NamedTuple

from sim.views.numbers import choose_digits
from sim.views.words import LANGUAGES, Phrase, say

__all__ = ["BANDS", "Band", "describe", "find_band", "say_likelihood"]


class Band(NamedTuple):
    """A range of probabilities and its words.

    Attributes
    ----------
    name : str
        Key of its words, under `likelihood`.
    lowest : float
        Where the band begins; it ends where the one before it begins.
    closed : bool
        Whether `lowest` itself belongs to the band.
    """

    name: str
    lowest: float
    closed: bool

    @property
    def words(self) -> Phrase:
        """What a probability of the band is called."""
        return say(f"likelihood.{self.name}")


BANDS = (
    Band("very_likely", 0.9, True),
    Band("likely", 0.6, True),
    Band("even", 0.4, False),
    Band("unlikely", 0.1, False),
    Band("very_unlikely", 0.0, True),
)
"""From the surest down; what is said of p is mirrored in what is said of 1 - p."""


def find_band(probability: float) -> Band:
    """Find the band of a probability.

    Parameters
    ----------
    probability : float
        From 0 to 1.

    Returns
    -------
    Band

    Raises
    ------
    ValueError
        If `probability` is not from 0 to 1.

    Examples
    --------
    >>> find_band(0.6).name
    'likely'
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability!r} is not a probability; allowed: 0 to 1")
    return next(band for band in BANDS if probability > band.lowest or (band.closed and probability == band.lowest))


def say_likelihood(share: float, ends: tuple[float, float] = (nan, nan)) -> Phrase:
    """Say a probability in words, both where its range goes from one band into another.

    Parameters
    ----------
    share : float
        From 0 to 1.
    ends : (float, float)
        Its range; NaN where there is none.

    Returns
    -------
    Phrase

    Notes
    -----
    Words are those of the number as it stands beside them: 0.8996, printed as 90.0, is not merely likely.

    Examples
    --------
    >>> say_likelihood(0.8996).en, say_likelihood(0.35).zh
    ('very likely', '可能性较小')
    >>> say_likelihood(0.35, (0.22, 0.44))
    Phrase(en='unlikely to about even', zh='可能性较小至各半')
    """
    digits = 2 + choose_digits(*ends)
    low, high = (find_band(round(share if end != end else end, digits)) for end in ends)
    if low is high:
        return low.words
    return say("odds.between_words", low=low.words, high=say(f"likelihood_end.{high.name}"))


def describe(probability: float, lang: str = "en") -> str:
    """Say a probability in words of one language.

    Parameters
    ----------
    probability : float
        From 0 to 1. Where a number stands beside the words, pass it as it is printed.
    lang : str
        `en` or `zh`.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If `probability` is not from 0 to 1, or `lang` is another language.

    Examples
    --------
    >>> describe(0.35)
    'unlikely'
    >>> describe(0.6, lang="zh")
    '可能性较大'
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no words in language {lang!r}; allowed: {', '.join(LANGUAGES)}")
    return find_band(probability).words.pick(lang)
