"""Colours: each is written down once, and each is used."""

import re
from pathlib import Path

import sim
from sim.views.palette import HEAT, PALETTE, paint_odds, write_properties

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


def test_odds_are_painted_between_the_colours_of_the_scale() -> None:
    assert [paint_odds(place / 4)[0] for place in range(5)] == list(HEAT)
    assert paint_odds(float("nan"))[0] == PALETTE["shade"]
