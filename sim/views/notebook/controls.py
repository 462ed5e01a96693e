"""Controls of a notebook: sliders, choices and fields of one width, and how they lie beside what they move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from sim.views.words import Phrase, say

__all__ = ["ControlMaker"]


@dataclass(frozen=True)
class ControlMaker:
    """What makes widgets of one width, in one language."""

    widgets: Any
    lang: str

    def slide(self, text: Phrase, value: float, most: float, form: str, least: float = 0.0, step: float = 0.01) -> Any:
        """Make a slider."""
        numbers = {"value": value, "min": least, "max": most, "step": step}
        return self._widen(
            self.widgets.FloatSlider(**numbers, description=text.pick(self.lang), readout_format=form), "32em"
        )

    def choose(self, text: Phrase, options: Sequence[tuple[Phrase, Any]]) -> Any:
        """Make a list of choices, of which the first stands."""
        listed = [(name.pick(self.lang), value) for name, value in options]
        choice = self.widgets.Dropdown(options=listed, value=listed[0][1], description=text.pick(self.lang))
        return self._widen(choice, "32em")

    def ask(self, text: Phrase) -> Any:
        """Make a field for a number, which nobody asks for yet."""
        field = self.widgets.FloatText(value=0.0, step=0.1, description=text.pick(self.lang), disabled=True)
        return self._widen(field, "20em")

    def lay_out(self, parts: Mapping[str, Any], titles: Mapping[str, Any]) -> Any:
        """Lay the sliders out beside fan and table, those of each shock below its title."""
        rows = []
        for name, title in titles.items():
            rows += [self._head(getattr(title, self.lang)), parts["probabilities"][name], parts["sizes"][name]]
            rows.append(parts["onsets"][name])
        rows += [self._head(say("what_if.values").pick(self.lang)), *parts["values"].values()]
        rows += [*parts["tolerances"].values(), parts["figure"], parts["print"], parts["reset"]]
        box = self.widgets.VBox(rows, layout=self.widgets.Layout(flex="0 0 auto", overflow="hidden"))
        shown = self.widgets.VBox([parts["indicator"], parts["fan"]])
        wrapped = self.widgets.Layout(flex_flow="row wrap")
        return self.widgets.VBox([self.widgets.HBox([box, shown], layout=wrapped), parts["table"]])

    def _head(self, text: str) -> Any:
        return self.widgets.HTML(f"<b>{escape(text)}</b>")

    @staticmethod
    def _widen(widget: Any, width: str) -> Any:
        widget.style.description_width, widget.layout.width = "13em", width
        return widget
