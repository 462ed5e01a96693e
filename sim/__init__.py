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

from lazy_loader import attach_stub

from sim._version import __version__

__getattr__, _, __all__ = attach_stub(__name__, __file__)
__all__ += ["__version__"]


def __dir__() -> list[str]:
    return __all__
