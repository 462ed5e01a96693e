"""A small rule for tests: investment is pushed where the first half is weak."""

from typing import Any

__all__ = ["PUSH"]

PUSH: dict[str, Any] = {
    "title": {"en": "Investment push", "zh": "投资加力"},
    "when": {"series": "gdp", "period": "H1", "printed_below": 5.0},
    "onset": "Q3",
    "size": {"law": "fixed", "value": 3},
    "profile": "step",
    "loadings": {"fixed_asset_investment": 1, "gdp": 0.1},
    "source": "assumption: what if",
}
