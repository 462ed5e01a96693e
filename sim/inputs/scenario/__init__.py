"""Scenarios: what a file may hold, how it inherits, and what only the plan can check."""
