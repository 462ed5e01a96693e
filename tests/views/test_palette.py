"""Colours: each is written down once, and each is used."""

import re
from pathlib import Path

import sim
from sim.views.likelihood_words import BANDS, find_band
from sim.views.palette import PALETTE, measure_contrast, paint_odds, write_properties

VIEWS = Path(sim.__file__).parent / "views"
SOURCES = {
    path: path.read_text(encoding="utf-8")
    for path in VIEWS.rglob("*")
    if path.suffix in (".py", ".css", ".js", ".jinja") and path.name != "palette.py"
}


def test_no_view_writes_a_colour_of_its_own() -> None:
    found = {path.name for path, text in SOURCES.items() if re.search(r"#[0-9a-fA-F]{6}\b", text)}
    assert found == set()


def test_every_colour_is_used_and_every_colour_that_is_used_is_there() -> None:
    everything = "".join(SOURCES.values())
    asked = {*re.findall(r"var\(--([\w-]+)\)", everything)}
    assert asked <= {*PALETTE}
    drawn = {name for name in PALETTE if f'PALETTE["{name}"]' in everything}
    assert {name for name in PALETTE if not name.startswith(("heat-", "series-"))} <= asked | drawn
    assert all(f"--{name}: {colour};" in write_properties() for name, colour in PALETTE.items())


def test_odds_have_the_colour_of_their_words_and_a_contrast_to_read_them() -> None:
    painted = {place: paint_odds(place / 1000, digits=1) for place in range(1001)}
    named: dict[str, set[tuple[str, str]]] = {}
    for place, colours in painted.items():
        named.setdefault(find_band(place / 1000).name, set()).add(colours)
    assert [len(colours) for colours in named.values()] == [1] * len(BANDS)
    assert len({*painted.values()}) == len(BANDS)
    assert min(measure_contrast(*colours) for colours in painted.values()) >= 4.5
    assert paint_odds(0.396) == paint_odds(0.40)  # both are printed as 40
    assert paint_odds(float("nan"))[0] == PALETTE["shade"]


def test_words_stand_out_from_what_is_behind_them() -> None:
    behind = ("#ffffff", PALETTE["shade"])
    for name in ("ink", "soft", "grey", "link", "median", "aim", "more-text", "less-text"):
        assert min(measure_contrast(PALETTE[name], each) for each in behind) >= 4.5, name
