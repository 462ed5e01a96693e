"""What is typed: one module a command, from arguments to calls to printing.

Stands on top: imports any room, and no room imports it. Imports are inside the commands, so that `sim --help` answers
at once.
"""

from __future__ import annotations

import os

import click

from sim._version import __version__
from sim.cli.archive import archive
from sim.cli.backtest import backtest
from sim.cli.calibrate import calibrate
from sim.cli.chart import chart
from sim.cli.compare import compare
from sim.cli.lint import lint
from sim.cli.misses import misses
from sim.cli.new import new
from sim.cli.next import next_release
from sim.cli.path import path
from sim.cli.probability import probability
from sim.cli.program import Program
from sim.cli.promise import promise
from sim.cli.report import report
from sim.cli.run import run
from sim.cli.schema import schema
from sim.cli.show import show
from sim.cli.stress import stress
from sim.cli.sweep import sweep
from sim.cli.targets import targets
from sim.cli.verify import verify
from sim.cli.why import why

__all__ = ["Program", "main"]

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


_COMMANDS = (
    run,
    report,
    chart,
    probability,
    compare,
    promise,
    stress,
    misses,
    path,
    verify,
    archive,
    next_release,
    why,
    sweep,
    backtest,
    calibrate,
    new,
    lint,
    show,
    targets,
    schema,
)


@click.group(cls=Program, context_settings=_SETTINGS, epilog="Example: sim run")
@click.version_option(__version__, prog_name="sim")
def main() -> None:
    """Odds of meeting the targets of a plan, and the shocks under which they break.

    Without further words, the plan is Qingdao's for 2024 and the scenarios are the shipped ones.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: its threads would fight with ours


for _command in _COMMANDS:
    main.add_command(_command)
