"""What a chart says, and what it is drawn with."""

import io
from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from sim.results.attainment import Attainment
from sim.views import fonts

__all__ = ["LANGUAGES", "has_chinese", "list_printed", "read_all", "rename", "render"]

has_chinese = pytest.mark.skipif(fonts.find_chinese() is None, reason="no font with Chinese characters")
LANGUAGES = ["en", pytest.param("zh", marks=has_chinese)]


def read_all(axes: Axes) -> list[str]:
    """Every text of the figure, also titles and labels."""
    return [text.get_text() for text in axes.figure.findobj(Text) if text.get_text()]


def render(axes: Axes) -> None:
    """Draw the figure in both formats, for what only then is found amiss."""
    for file_format in ("png", "svg"):
        axes.figure.savefig(io.BytesIO(), format=file_format, dpi=60)


def rename(attainment: Attainment, **names: object) -> Attainment:
    """The same attainment with other names of its first target."""
    plan = attainment.plan
    first, *rest = plan.targets
    plan = replace(plan, targets=(first.model_copy(update=names), *rest))
    return replace(attainment, model=replace(attainment.model, plan=plan))


def list_printed(attainment: Attainment) -> pd.Series:
    """Probabilities as printed, by target."""
    return attainment.odds.query("reading == 'printed'").set_index("target")["probability"]
