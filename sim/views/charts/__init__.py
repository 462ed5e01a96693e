"""Charts: fans, odds and changes drawn from finished results; nothing is simulated or shown here.

Every function takes the axes to draw on, or None for a figure of its own, and returns the axes. In a notebook, end
the cell with `.figure` to see them. Where one attainment is due, a run of one scenario is taken too; where several
are, a run. The public names stand in the stub beside this file.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
