"""Sweeps: odds under every case of a design over numbers of a scenario."""
