"""The terminal: results as tables."""
