"""Scenarios: sparse differences from the baseline, in files that inherit and combine."""

from sim.scenario.document import Dependence, ScenarioFile, Shock, Title
from sim.scenario.reading import ORDINARY, Scenario, dump_scenario, read_scenario, read_scenarios

__all__ = [
    "ORDINARY",
    "Dependence",
    "Scenario",
    "ScenarioFile",
    "Shock",
    "Title",
    "dump_scenario",
    "read_scenario",
    "read_scenarios",
]
