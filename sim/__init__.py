"""Odds of meeting the targets of a plan, and the shocks under which they break.

Public names stand in the stub beside this file and are imported when they are first asked for: `import sim` costs
nothing else.

>>> import sim
>>> plan = sim.read_plan("qingdao-2024")
>>> model = sim.load_model(plan)
>>> draws = sim.draw(model, n_paths=10_000, seed=2024)
>>> paths = sim.simulate(model, sim.read_scenario("export-slump", plan), draws)
>>> sim.attain(paths, plan).caption
'Qingdao 2024, export-slump: 10,000 paths, seed 2024'
"""

from sim._version import __version__ as __version__


def __getattr__(name: str) -> object:
    if name.startswith("__") and name != "__all__":
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    from lazy_loader import attach_stub  # reads the stub, which the command does without

    find, _, names = attach_stub(__name__, __file__)
    globals()["__all__"] = [*names, "__version__"]
    globals()["__getattr__"] = find
    return globals()["__all__"] if name == "__all__" else find(name)


def __dir__() -> list[str]:
    names: list[str] = globals().get("__all__") or __getattr__("__all__")
    return names
