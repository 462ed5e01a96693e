"""A thousand damaged files: each is read, or refused in words, in time, and no odds are such as cannot be."""

import sys

import pytest
from fuzzing import FILES, fuzz

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="stops a hang by an alarm"),
]


@pytest.mark.parametrize("first", range(0, 1000, 100))
def test_no_damaged_file_does_harm(first: int) -> None:
    pytest.importorskip("openpyxl")
    judged = [*fuzz(range(first, first + 100))]
    assert {name for _, name, _ in judged} == {*FILES}
    assert [each for each in judged if each[2] not in ("run", "refused")] == []
    assert {each[2] for each in judged} == {"run", "refused"}  # neither alone would tell anything
