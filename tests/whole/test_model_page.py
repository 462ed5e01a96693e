"""The page of the model: what it names is there, its links lead somewhere, its example computes what it prints."""

import doctest
import re
from math import inf
from pathlib import Path

import pytest

from sim.inputs.delivery_numbers import Chance
from sim.learning.loading import load_model
from sim.model.values import list_numbers

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
MODEL = ROOT / "docs" / "model.md"


def read_tables(text):
    """Rows of cells, table by table."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    return [[[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()] for block in blocks]


def name_anchor(heading):
    """The anchor that code hosts give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_what_the_page_names_stands_in_the_file_it_names():
    found = 0
    for header, _, *rows in read_tables(MODEL.read_text(encoding="utf-8")):
        if header[-1] != "file":
            continue
        for row in rows:
            source = (ROOT / row[-1].strip("`")).read_text(encoding="utf-8")
            names = re.findall(r"`([^`]+)`", row[-2])
            assert names, row
            for name in names:
                assert re.search(rf"(?<!\w){re.escape(name)}(?!\w)", source), f"{name} is not in {row[-1]}"
            found += len(names)
    assert found > 110


def test_every_file_that_the_page_names_is_there():
    names = re.findall(r"`((?:sim|tests|seeds)/[^`]+)`", MODEL.read_text(encoding="utf-8"))
    assert len(names) > 60
    assert [name for name in names if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tables_are_whole_and_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for table in read_tables(text):
        assert {len(row) for row in table} == {len(table[0])}, table[0]
    anchors = {name_anchor(heading) for heading in re.findall(r"^#+ (.*)", text, flags=re.MULTILINE)}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors
        else:
            assert (page.parent / target).exists(), target


def test_numbers_are_moved_within_the_ranges_that_the_page_gives():
    """Every number of a shipped calibration stands in the row of its range."""
    (rows,) = (table[2:] for table in read_tables(MODEL.read_text(encoding="utf-8")) if table[0][0] == "ranges")
    bounds = {"at least": lambda low: (low, inf), "any": lambda: (-inf, inf), "to": lambda low, high: (low, high)}
    given = []
    for words, names in rows:
        kind = next(kind for kind in bounds if kind in words)
        numbers = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", words)]
        given += [(bounds[kind](*numbers), name) for name in [*re.findall(r"`([^`]+)`", names), *names.split()]]
    calibration = load_model("qingdao-2024").calibration
    moved = {place: number for place, number in list_numbers(calibration).items() if not isinstance(number, Chance)}
    for place, number in moved.items():
        *_, name = (part for part in place.split("/") if not part.isdigit())
        assert {(number.range, name), (number.range, f"{place.split('/')[0]}.{name}")} & set(given), place
    assert len(moved) > 100


def test_examples_print_what_they_say():
    failed, tried = doctest.testfile(str(MODEL), module_relative=False, encoding="utf-8")
    assert not failed
    assert tried


def test_the_glossary_is_in_alphabetical_order():
    *_, glossary = read_tables(MODEL.read_text(encoding="utf-8"))
    words = [row[0] for row in glossary[2:]]
    assert words == sorted(words)
