"""Formats of chart files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["FORMATS"]

FORMATS: Mapping[str, Mapping[str, Any]] = {
    "png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}},
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
}
"""File formats, and what keeps dates and versions out of them."""
