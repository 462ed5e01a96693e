"""Colours of all views, once: charts, page, notebook; the blues of probabilities keep their order in grey."""

from __future__ import annotations

from collections.abc import Mapping

from sim.views.likelihood_words import BANDS, find_band

__all__ = ["DARK", "HEAT", "PALETTE", "SERIES", "measure_contrast", "paint_odds", "write_properties"]

PALETTE: Mapping[str, str] = {
    "ink": "#1d2126",
    "soft": "#3b4048",
    "grey": "#5f6670",
    "pale": "#8a8f98",
    "interval": "#c3c9d1",
    "grid": "#e3e6ea",
    "track": "#e9edf2",
    "shade": "#f3f5f8",
    "link": "#1c5a99",
    "median": "#0b3c6f",
    "band-50": "#6aa5d8",
    "band-80": "#a9cae8",
    "band-90": "#d3e3f3",
    "aim": "#c4420c",
    "more": "#2f6fb0",
    "more-text": "#245a92",
    "less": "#d9791f",
    "less-text": "#9c4a08",
    "less-pale": "#f3c08a",
    "heat-0": "#f2f6fa",
    "heat-25": "#c3d9ea",
    "heat-50": "#7fb0d3",
    "heat-75": "#35719f",
    "heat-100": "#0b2f55",
    "series-1": "#0072b2",
    "series-2": "#e69f00",
    "series-3": "#009e73",
    "series-4": "#cc79a7",
    "series-5": "#56b4e9",
    "series-6": "#d55e00",
    "series-7": "#f0e442",
    "series-8": "#5f6670",
}
"""By name; in the page's styles `var(--name)`."""


HEAT = tuple(colour for name, colour in PALETTE.items() if name.startswith("heat-"))
"""Of probabilities from 0 to 1, evenly spaced."""


SERIES = tuple(colour for name, colour in PALETTE.items() if name.startswith("series-"))
"""Of things side by side, told apart by all eyes (Okabe and Ito, 2008)."""


DARK = 0.66
"""Probability from which white numbers stand out better than dark ones."""


def paint_odds(share: float, digits: int = 0) -> tuple[str, str]:
    """Find the fill and the ink of a probability: those of the band whose words it has as it is printed.

    Parameters
    ----------
    share : float
        From 0 to 1; NaN is shaded.
    digits : int
        Decimals of it in per cent.

    Returns
    -------
    fill, ink : str
        Of a contrast of 4.5 at least.

    Examples
    --------
    >>> paint_odds(0.05), paint_odds(0.95)
    (('#e9f0f7', '#1d2126'), ('#133c64', '#ffffff'))
    """
    if share != share:
        return PALETTE["shade"], PALETTE["ink"]
    band = find_band(round(share, 2 + digits))
    top = min((each.lowest for each in BANDS if each.lowest > band.lowest), default=1.0)
    fill = _mix((band.lowest + top) / 2)
    return fill, max("#ffffff", PALETTE["ink"], key=lambda ink: measure_contrast(fill, ink))


def _mix(share: float) -> str:
    """Mix the colour of a place on the scale."""
    place = share * (len(HEAT) - 1)
    first = min(int(place), len(HEAT) - 2)
    low, high = (_split(HEAT[at]) for at in (first, first + 1))
    mixed = (round(a + (b - a) * (place - first)) for a, b in zip(low, high, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def measure_contrast(one: str, other: str) -> float:
    """Measure the contrast of two colours, from 1 to 21 (Web Content Accessibility Guidelines 2.2, 1.4.3).

    Examples
    --------
    >>> round(measure_contrast("#ffffff", "#000000"), 1)
    21.0
    """
    dark, light = sorted(_find_luminance(colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _find_luminance(colour: str) -> float:
    parts = [part / 255 for part in _split(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _split(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def write_properties() -> str:
    """Write the colours as custom properties of a style sheet.

    Returns
    -------
    str

    Examples
    --------
    >>> write_properties()[:24]
    ':root { --ink: #1d2126; '
    """
    return f":root {{ {' '.join(f'--{name}: {colour};' for name, colour in PALETTE.items())} }}\n"
