"""What is printed at the terminal."""

from sim.terminal.odds import print_run, print_sweep
from sim.terminal.record import print_backtest, print_calibration, print_targets, print_trust
from sim.terminal.tables import show_progress

__all__ = [
    "print_backtest",
    "print_calibration",
    "print_run",
    "print_sweep",
    "print_targets",
    "print_trust",
    "show_progress",
]
