"""Odds of meeting the targets of a plan, and the shocks under which they break.

>>> import sim
>>> plan = sim.read_plan("qingdao-2024")
>>> model = sim.calibrate(plan)
>>> draws = sim.draw(model, n_paths=10_000, seed=2024)
>>> paths = sim.simulate(model, sim.read_scenario("export-slump", plan), draws)
>>> sim.attain(paths, plan).caption
'Qingdao 2024, export-slump: 10,000 paths, seed 2024'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim import charts as charts
    from sim.attainment import Attainment as Attainment
    from sim.attainment import attain as attain
    from sim.backtests import Backtest as Backtest
    from sim.backtests import backtest as backtest
    from sim.calibrating import fit_calibration as fit_calibration
    from sim.draws import Draws as Draws
    from sim.draws import draw as draw
    from sim.errors import InputError as InputError
    from sim.errors import OutputError as OutputError
    from sim.errors import SimError as SimError
    from sim.history import History as History
    from sim.history import read_history as read_history
    from sim.live import Odds as Odds
    from sim.model import Model as Model
    from sim.model import calibrate as calibrate
    from sim.outlook import Outlook as Outlook
    from sim.outlook import read_outlook as read_outlook
    from sim.paths import Paths as Paths
    from sim.paths import simulate as simulate
    from sim.plan import Plan as Plan
    from sim.plan import read_plan as read_plan
    from sim.runs import Run as Run
    from sim.runs import run as run
    from sim.scenario import Scenario as Scenario
    from sim.scenario import read_scenario as read_scenario
    from sim.scenario import read_scenarios as read_scenarios
    from sim.sensitivity import Sensitivity as Sensitivity
    from sim.sensitivity import measure_sensitivity as measure_sensitivity
    from sim.sliders import explore as explore

__version__ = "0.1.0"

_ROOMS = {
    "Attainment": "attainment",
    "Backtest": "backtests",
    "Draws": "draws",
    "History": "history",
    "InputError": "errors",
    "Model": "model",
    "Odds": "live",
    "Outlook": "outlook",
    "OutputError": "errors",
    "Paths": "paths",
    "Plan": "plan",
    "Run": "runs",
    "Scenario": "scenario",
    "Sensitivity": "sensitivity",
    "SimError": "errors",
    "attain": "attainment",
    "backtest": "backtests",
    "calibrate": "model",
    "charts": "",
    "draw": "draws",
    "explore": "sliders",
    "fit_calibration": "calibrating",
    "measure_sensitivity": "sensitivity",
    "read_history": "history",
    "read_outlook": "outlook",
    "read_plan": "plan",
    "read_scenario": "scenario",
    "read_scenarios": "scenario",
    "run": "runs",
    "simulate": "paths",
}
__all__ = [*_ROOMS, "__version__"]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: `import sim` costs nothing else."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    if not _ROOMS[name]:
        return import_module(f"sim.{name}")
    found = getattr(import_module(f"sim.{_ROOMS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
