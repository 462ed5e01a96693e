"""The order of the rooms: one direction, no circle, nine floors at most, every room in the contract."""

import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
FLOORS = 9


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """What each module imports, inside functions and for types as well."""
    graph = grimp.build_graph("sim", exclude_type_checking_imports=False, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def find_room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_the_contracts_of_the_imports_are_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(ROOT)  # which takes back what the linter adds
    assert lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True) == 0, capsys.readouterr().out


def test_the_contract_names_every_room(imports: dict[str, set[str]]) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert settings["exclude_type_checking_imports"] is False
    layers, siblings = settings["contracts"]
    named = {name for layer in layers["layers"] for name in layer.split(" | ")}
    assert siblings["ancestors"] == ["sim"]
    assert not {"ignore_imports", "skip_descendants", "depth"} & {*layers, *siblings}
    assert named == {find_room(module) for module in imports} - {"sim", "sim.__main__"}


def test_files_import_one_another_without_a_circle(imports: dict[str, set[str]]) -> None:
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the circle


def test_rooms_have_nine_floors_at_most(imports: dict[str, set[str]]) -> None:
    rooms: dict[str, set[str]] = {find_room(module): set() for module in imports}
    for module, imported in imports.items():
        rooms[find_room(module)] |= {find_room(each) for each in imported} - {find_room(module)}
    del rooms["sim"]  # the public names: see below
    floor: dict[str, int] = {}
    for room in TopologicalSorter(rooms).static_order():
        floor[room] = 1 + max((floor[each] for each in rooms[room]), default=0)
    assert max(floor.values()) <= FLOORS, floor


def test_no_room_takes_the_public_names(imports: dict[str, set[str]]) -> None:
    """They come from every room, by name alone: an import of them is an arrow up that no contract sees."""
    assert not [module for module, imported in imports.items() if "sim" in imported]
