"""Bands: words for probabilities, so that every sentence, table and chart uses the same ones."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["BANDS", "Band", "describe"]


class Band(NamedTuple):
    """A range of probabilities and its words.

    Attributes
    ----------
    lowest : float
        Where the band begins; it ends where the one before it begins.
    closed : bool
        Whether `lowest` itself belongs to the band.
    en, zh : str
        The words.
    """

    lowest: float
    closed: bool
    en: str
    zh: str


BANDS = (
    Band(0.9, True, "very likely", "很可能"),
    Band(0.6, True, "likely", "较可能"),
    Band(0.4, False, "about even", "五五开"),
    Band(0.1, False, "unlikely", "不太可能"),
    Band(0.0, True, "very unlikely", "很不可能"),
)
"""From the surest down; what is said of p is mirrored in what is said of 1 - p."""


def describe(probability: float, lang: str = "en") -> str:
    """The words for a probability.

    Parameters
    ----------
    probability : float
        From 0 to 1. Where a number stands beside the words, pass it as it is printed: so 0.8996, printed as
        90.0 %, is not called merely likely.
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
    '较可能'
    """
    if lang not in ("en", "zh"):
        raise ValueError(f"no words in language {lang!r}; allowed: en, zh")
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability!r} is not a probability; allowed: 0 to 1")
    for band in BANDS:
        if probability > band.lowest or (band.closed and probability == band.lowest):
            break
    return band.zh if lang == "zh" else band.en
