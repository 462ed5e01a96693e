"""What is typed: one module a command, from arguments to calls to printing.

Stands on top: imports any room, and no room imports it. Commands are imported when they are
called, and what they need inside them, so that `sim --help` answers at once.
"""

from __future__ import annotations

import os

import click

from sim._version import __version__
from sim.cli.listing import Commands
from sim.cli.program import Program

__all__ = ["Program", "main"]

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Program, commands=Commands(), context_settings=_SETTINGS, epilog="Example: sim run")
@click.version_option(__version__, prog_name="sim")
def main() -> None:
    """Odds of meeting the targets of a plan, and the shocks under which they break.

    Without further words, the plan is Qingdao's for 2024 and the scenarios are the shipped ones.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: its threads would fight with ours
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it would look for some in everything installed
