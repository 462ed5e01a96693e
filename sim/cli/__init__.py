"""The terminal: one module a family of commands.

Imports are inside the commands, so that `sim --help` answers at once.
"""

from __future__ import annotations

import os

import click

from sim import __version__
from sim.cli import charting, fitting, reading, reporting, running, starting, sweeping

__all__ = ["main"]

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_COMMANDS = (
    *(running.run, reporting.report, charting.chart, sweeping.sweep, fitting.backtest, fitting.calibrate),
    *(starting.new, reading.lint, reading.show, reading.targets, reading.schema),
)


@click.group(context_settings=_SETTINGS, epilog="Example: sim run")
@click.version_option(__version__, prog_name="sim")
def main() -> None:
    """Odds of meeting the targets of a plan, and the shocks under which they break.

    Without further words, the plan is Qingdao's for 2024 and the scenarios are the shipped ones.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: its threads would fight with ours


for _command in _COMMANDS:
    main.add_command(_command)
