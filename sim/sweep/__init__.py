"""Sweeps: one scenario under many settings of its numbers, on the same draws."""

from sim.sweep.design import Sweep, list_settings, read_sweep
from sim.sweep.running import finish_sweep, run_sweep

__all__ = ["Sweep", "finish_sweep", "list_settings", "read_sweep", "run_sweep"]
