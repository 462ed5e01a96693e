"""Colours of all views, once: charts, page, notebook; the blues of probabilities keep their order in grey."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["DARK", "HEAT", "PALETTE", "SERIES", "paint_odds", "write_properties"]

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


def paint_odds(share: float) -> tuple[str, str]:
    """Find the fill and the ink of a probability.

    Parameters
    ----------
    share : float
        From 0 to 1; NaN is shaded.

    Returns
    -------
    fill, ink : str

    Examples
    --------
    >>> paint_odds(0.0), paint_odds(1.0)
    (('#f2f6fa', '#1d2126'), ('#0b2f55', '#ffffff'))
    """
    if share != share:
        return PALETTE["shade"], PALETTE["ink"]
    place = min(share, 1.0) * (len(HEAT) - 1)
    first = min(int(place), len(HEAT) - 2)
    low, high = ([int(HEAT[at][start : start + 2], 16) for start in (1, 3, 5)] for at in (first, first + 1))
    mixed = (round(a + (b - a) * (place - first)) for a, b in zip(low, high, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed), "#ffffff" if share > DARK else PALETTE["ink"]


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
