"""`python -m sim` is `sim`."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

__all__ = ["main"]


def main() -> None:
    """Run the command line; a signal ends it in words even while it is being loaded."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    from sim.cli import main as program

    try:
        program(prog_name="sim")
    except SystemExit as stop:
        if stop.code in (130, 143):  # stopped: threads in the middle of a piece are not waited for
            sys.stderr.flush()
            os._exit(stop.code)
        raise


def _end(number: int, _: FrameType | None) -> None:
    sys.stderr.write("stopped\n")
    sys.stderr.flush()
    os._exit(128 + number)


if __name__ == "__main__":
    main()
