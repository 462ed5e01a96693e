"""`sim verify`."""

from __future__ import annotations

import sys

import click

from sim.cli.options import executor_option, report_faults

__all__ = ["verify"]


@click.command(epilog="Example: sim verify out")
@click.argument("folder", metavar="RUN")
@click.option("--bits", is_flag=True, help="Every bit, even where another version or processor made it.")
@executor_option
def verify(folder: str, bits: bool, workers: str | None) -> None:
    """Whether RUN, a folder that sim run wrote, comes out the same: one line a file.

    Exits with 0 if it does, 1 if it does not, 2 if that cannot be told.
    """
    with report_faults():
        from sim.analysis.verify import verify as verify_run
        from sim.engine.executors import open_executor
        from sim.views.terminal.questions import print_verification
        from sim.views.terminal.tables import show_progress

        with show_progress("again") as advance, open_executor(workers) as executor:
            found = verify_run(folder, bits=bits, advance=advance, executor=executor)
        print_verification(found)
    sys.exit(found.outcome)
