"""Notebooks: sliders, and the sketches that they redraw."""
