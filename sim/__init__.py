"""Odds of meeting the targets of a plan, and the shocks under which they break.

>>> import sim
>>> plan = sim.read_plan("qingdao-2024")
>>> model = sim.load_model(plan)
>>> draws = sim.draw(model, n_paths=10_000, seed=2024)
>>> paths = sim.simulate(model, sim.read_scenario("export-slump", plan), draws)
>>> sim.attain(paths, plan).caption
'Qingdao 2024, export-slump: 10,000 paths, seed 2024'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sim._version import __version__

if TYPE_CHECKING:
    from sim.analysis.sensitivity import Sensitivity as Sensitivity
    from sim.analysis.sensitivity import measure_sensitivity as measure_sensitivity
    from sim.analysis.what_if import Odds as Odds
    from sim.engine.counting import attain as attain
    from sim.engine.draws import Draws as Draws
    from sim.engine.draws import draw as draw
    from sim.engine.paths import Paths as Paths
    from sim.engine.paths import simulate as simulate
    from sim.engine.run import run as run
    from sim.errors import InputError as InputError
    from sim.errors import OutputError as OutputError
    from sim.errors import SimError as SimError
    from sim.inputs.history import History as History
    from sim.inputs.history import read_history as read_history
    from sim.inputs.outlook import Outlook as Outlook
    from sim.inputs.outlook import read_outlook as read_outlook
    from sim.inputs.plan.plan import Plan as Plan
    from sim.inputs.plan.reading import read_plan as read_plan
    from sim.inputs.scenario.reading import Scenario as Scenario
    from sim.inputs.scenario.reading import read_scenario as read_scenario
    from sim.inputs.scenario.reading import read_scenarios as read_scenarios
    from sim.learning.backtest import Backtest as Backtest
    from sim.learning.backtest import backtest as backtest
    from sim.learning.fit import fit_calibration as fit_calibration
    from sim.model.model import Model as Model
    from sim.model.model import load_model as load_model
    from sim.results.attainment import Attainment as Attainment
    from sim.results.run import Run as Run
    from sim.views import charts as charts
    from sim.views.notebook.sliders import explore as explore


_ROOMS = {
    "Attainment": "results.attainment",
    "Backtest": "learning.backtest",
    "Draws": "engine.draws",
    "History": "inputs.history",
    "InputError": "errors",
    "Model": "model.model",
    "Odds": "analysis.what_if",
    "Outlook": "inputs.outlook",
    "OutputError": "errors",
    "Paths": "engine.paths",
    "Plan": "inputs.plan.plan",
    "Run": "results.run",
    "Scenario": "inputs.scenario.reading",
    "Sensitivity": "analysis.sensitivity",
    "SimError": "errors",
    "attain": "engine.counting",
    "backtest": "learning.backtest",
    "load_model": "model.model",
    "charts": "",
    "draw": "engine.draws",
    "explore": "views.notebook.sliders",
    "fit_calibration": "learning.fit",
    "measure_sensitivity": "analysis.sensitivity",
    "read_history": "inputs.history",
    "read_outlook": "inputs.outlook",
    "read_plan": "inputs.plan.reading",
    "read_scenario": "inputs.scenario.reading",
    "read_scenarios": "inputs.scenario.reading",
    "run": "engine.run",
    "simulate": "engine.paths",
}
__all__ = [*_ROOMS, "__version__"]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: `import sim` costs nothing else."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    if not _ROOMS[name]:
        return import_module(f"sim.views.{name}")
    found = getattr(import_module(f"sim.{_ROOMS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
