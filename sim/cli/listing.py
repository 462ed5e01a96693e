"""Commands by name, each imported when it is asked for: `sim --help` imports none of them."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module

import click

__all__ = ["SUMMARIES", "Commands"]

SUMMARIES = {
    "archive": "Odds as they were on each day, in a folder that `sim run --archive DIR` adds to and nothing rewrites.",
    "backtest": "Score the method on past years, each forecast from earlier years only.",
    "calibrate": "Fit the numbers of the model to the plan's own history and outlook, and write them to --out.",
    "chart": "Draw chart NAME into one file.",
    "compare": "Change of every odds from SCENARIO_A to SCENARIO_B with its paired error, and what makes it.",
    "lint": "Check scenarios, calibrations (calibration*, prior*) and plan folders; name every fault of every FILE.",
    "misses": "Tell what years that miss TARGET are like, the likeliest way to miss it, and a rule in few words.",
    "new": "Begin a plan of your own in DIR.",
    "next": "Figures that coming releases may print, how likely each is, and the odds of every target "
    "if it is printed.",
    "path": "Replay path NUMBER of a run: its quarters, shocks, deliveries and targets.",
    "probability": "Odds of targets with numbers of your own, together, or given that others are missed.",
    "promise": "Find the number that could have been promised at given odds, alone and together.",
    "report": "One HTML file of odds, charts, assumptions and trust, to mail and to open without a network.",
    "run": "Odds of every target under each SCENARIO: what matters most on one screen here, all of it "
    "as files in --out.",
    "schema": "Print the JSON Schema of a plan's scenario files, by which editors complete, explain and check them.",
    "show": "Print a finished run, or a scenario as it stands after inheritance and composition.",
    "stress": "Find the mildest shocks that bring the odds of TARGET down, and how rare they are.",
    "sweep": "Odds under every case of SWEEP.yaml: a grid, a list or a Latin hypercube over any numbers of a scenario.",
    "targets": "Print the targets of a plan, or those that fit the filters.",
    "verify": "Whether RUN, a folder that sim run wrote, comes out the same: one line a file.",
    "why": "Why odds moved from A to B: figures one by one, calibration, scenario, the plan's own numbers.",
}
"""First paragraph of each command's help; a command `x` stands in the module `sim.cli.x`."""


_CALLED = {"next": "next_release"}  # where a command's function cannot have its name


class Commands(UserDict[str, click.Command | None]):
    """The commands, as a mapping that imports what is looked up."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(SUMMARIES))

    def __getitem__(self, name: str) -> click.Command | None:
        """Look a command up."""
        if self.data[name] is None:
            self.data[name] = getattr(import_module(f"sim.cli.{name}"), _CALLED.get(name, name))
        return self.data[name]
