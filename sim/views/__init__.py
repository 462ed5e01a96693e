"""What is seen: charts, report page, workbook, notebook widgets, terminal tables and folders of results.

Draws finished results and computes nothing that belongs in them. Imports every room below it; only `cli` stands above.
"""

from lazy_loader import attach  # type: ignore[import-untyped]

__getattr__, __dir__, __all__ = attach(__name__, ["charts"])
