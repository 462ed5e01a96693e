"""The plan: a place and a year, read from a folder of tables."""

from sim.plan.reading import Plan, read_plan
from sim.plan.rows import CRITERIA, Expectation, Figure, Group, Identity, Indicator, Outcome, Quarter, Target

__all__ = [
    "CRITERIA",
    "Expectation",
    "Figure",
    "Group",
    "Identity",
    "Indicator",
    "Outcome",
    "Plan",
    "Quarter",
    "Target",
    "read_plan",
]
