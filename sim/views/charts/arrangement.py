"""The arrangement of a chart: what stands around its axes is measured, wrapped and given room at any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.views.charts.layout import Around
from sim.views.charts.lettering import SLACK, Lettering
from sim.views.charts.room import find_room
from sim.views.charts.style import GREY, Counted, Look, sign
from sim.views.fan_layout import set_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["arrange", "finish"]

_EDGE = 0.12  # inches that stay empty at every edge
_FOOT = 0.2  # inches of a figure's signature
_MOST_NAMES, _MOST_BESIDE = 0.4, 0.3  # of the room's width: names at the left, words at the right


def arrange(around: Around, axes: Axes, look: Look, own: bool) -> tuple[float, float]:
    """Give everything its place.

    Parameters
    ----------
    around : Around
    axes : Axes
    look : Look
    own : bool
        Whether the figure is the chart's own, and signed at its foot.

    Returns
    -------
    width, height : float
        Of the axes, in inches.
    """
    from matplotlib.layout_engine import TightLayoutEngine

    root: Any = axes.figure.figure
    if isinstance(root.get_layout_engine(), TightLayoutEngine):
        root.set_layout_engine("none")  # it would move the axes over what stands around them
    look.draw_in(axes)
    axes.tick_params(labelsize=look.points(10))
    size = 0.0, 0.0
    for _ in range(3):  # ticks and lines depend on the size of the axes, which depends on them
        before, size = size, _Arrangement(around, axes, look, own).place()
        if max(abs(size[0] - before[0]), abs(size[1] - before[1])) < 0.01:
            break
    return size


def finish(axes: Axes, around: Around, own: bool, result: Counted, look: Look) -> Axes:
    """Give everything its place, and sign a figure of the chart's own.

    Parameters
    ----------
    axes : Axes
    around : Around
    own : bool
        Whether the figure is the chart's own.
    result : Counted
    look : Look

    Returns
    -------
    Axes
    """
    arrange(around, axes, look, own)
    if own:
        sign(axes.figure, result, look)
    return axes


class _Arrangement:
    """One pass: sides first, then what is as wide as the room, then the position of the axes."""

    def __init__(self, around: Around, axes: Axes, look: Look, own: bool) -> None:
        for artist in around.made:
            artist.remove()
        around.made.clear()
        self.around, self.axes, self.look, self.own = around, axes, look, own
        self.left, self.bottom, self.wide, self.high = find_room(axes)
        self.letters = Lettering(axes.figure, look.families, look.spacing)
        box = axes.get_window_extent()
        self.width, self.height = box.width / axes.figure.dpi, box.height / axes.figure.dpi

    def place(self) -> tuple[float, float]:
        left, right = self._name_rows() + self._name_height(), self._measure_beside()
        self.width = max(self.wide - left - right - 2 * _EDGE, 0.15 * self.wide)
        above, below = self._write_above(left, right), self._write_below(left, right)
        self.height = max(self.high - above - below - 2 * _EDGE, 0.15 * self.high)
        figure = self.axes.figure
        whole = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
        at = self.left + _EDGE + left, self.bottom + _EDGE + below
        position = at[0] / whole[0], at[1] / whole[1], self.width / whole[0], self.height / whole[1]
        self.axes.set_position(position)
        self._write_beside()
        return self.width, self.height

    def _annotate(self, words: str, at: tuple[float, float], shift: tuple[float, float], **style: Any) -> None:
        """Write words at a shift in inches from a place."""
        coords = style.pop("xycoords", "axes fraction")
        points = shift[0] * 72, shift[1] * 72
        family: dict[str, Any] = {
            "fontfamily": [*self.look.families],
            "linespacing": self.look.spacing,
            "parse_math": False,
        }
        self.around.made.append(
            self.axes.annotate(words, at, points, coords, "offset points", annotation_clip=False, **family, **style)
        )

    def _name_rows(self) -> float:
        """Names down the left; returns the inches that they take."""
        axes, rows = self.axes, self.around.rows
        points = self.look.points(self.around.row_points)
        if rows:
            low, high = axes.get_ylim()
            room = self.height / max(abs(high - low), 1e-9) - 0.02
            most = _MOST_NAMES * self.wide
            wrap = self.letters.wrap
            ways = (
                [
                    "\n".join(filter(None, (wrap(name, most, points, level=True), wrap(more, most, points))))
                    for name, more in rows
                ],
                ["  ·  ".join(filter(None, pair)) for pair in rows],
                [name for name, _ in rows],
            )
            for words in ways:
                sizes = [self.letters.measure(each, points) for each in words]
                if max(each[1] for each in sizes) <= room and max(each[0] for each in sizes) <= most:
                    break
            else:
                words = [wrap(name, most, points, most=1) for name, _ in rows]
            axes.set_yticks(self.around.row_heights or range(len(rows)), words)
        axes.tick_params(axis="y", labelsize=points)
        self.look.draw_in(axes)
        return self._measure_ticks("left")

    def _measure_ticks(self, side: str) -> float:
        """Inches that tick labels stand out on a side of the axes."""
        found = self.axes.yaxis if side == "left" else self.axes.xaxis
        low, high = sorted(found.get_view_interval())
        found.get_ticklabels()  # brings them up to date
        boxes = [
            label.get_window_extent()
            for tick in found.get_major_ticks()
            for label in (tick.label1, tick.label2)
            if label.get_visible() and label.get_text() and low <= tick.get_loc() <= high
        ]
        axes = self.axes.get_window_extent()
        beyond = {
            "left": [axes.x0 - box.x0 for box in boxes],
            "bottom": [axes.y0 - box.y0 for box in boxes],
            "top": [box.y1 - axes.y1 for box in boxes],
        }[side]
        slack = 1 + SLACK / self.look.points(9)
        return slack * max(0.0, *beyond) / self.axes.figure.dpi if beyond else 0.0

    def _name_height(self) -> float:
        """Name what is measured upward; returns the inches that it takes."""
        if not self.around.ylabel:
            return 0.0
        points = self.look.points(10)
        words = self.letters.wrap(self.around.ylabel, max(self.height, 0.3 * self.high), points, level=True)
        self.axes.set_ylabel(words, fontsize=points, labelpad=4)
        return self.letters.measure(words, points)[1] + 5 / 72

    def _measure_beside(self) -> float:
        """Inches that the words at the right take."""
        wide = 0.0
        for each in self.around.beside:
            points = self.look.points(each.points)
            words = self.letters.wrap(each.words, _MOST_BESIDE * self.wide, points, each.weight, level=True)
            wide = max(wide, self.letters.measure(words, points, each.weight)[0] + (0.3 if each.key else 0.0))
        return wide + 0.09 if wide else self._measure_last_tick()

    def _measure_last_tick(self) -> float:
        """Inches by which the last tick's label stands out at the right."""
        boxes = [label.get_window_extent() for label in self.axes.get_xticklabels() if label.get_text()]
        beyond = max((box.x1 for box in boxes), default=0.0) - self.axes.get_window_extent().x1
        return float(min(max(beyond, 0.0) / self.axes.figure.dpi, 0.3 * self.wide))

    def _write_beside(self) -> None:
        """Words at the right, apart from each other."""
        around, low_high = self.around, self.axes.get_ylim()
        start, end = low_high
        an_inch = abs(end - start) / self.height
        told = []
        for each in around.beside:
            points = self.look.points(each.points)
            words = self.letters.wrap(each.words, _MOST_BESIDE * self.wide, points, each.weight, level=True)
            told.append((each, points, words, self.letters.measure(words, points, each.weight)[1]))
        heights = [each.height for each in around.beside]
        if around.apart and told:
            heights = _spread(heights, [high * an_inch for *_, high in told], min(start, end), max(start, end))
        for (each, points, words, _), height in zip(told, heights, strict=True):
            shift = 0.37 if each.key else 0.08
            style: dict[str, Any] = {"va": "center_baseline" if not around.apart else "center", "fontsize": points}
            at = ("axes fraction", "data")
            self._annotate(words, (1, height), (shift, 0), xycoords=at, color=each.colour, weight=each.weight, **style)
            if each.key:
                across = [1 + inches / self.width for inches in (0.1, 0.3)]
                transform = self.axes.get_yaxis_transform()
                line = self.axes.plot(across, [height] * 2, color=each.key, lw=3, clip_on=False, transform=transform)
                around.made.extend(line)

    def _write_above(self, left: float, right: float) -> float:
        """Names along the top, notes and the title; returns the inches that they take."""
        room, rise = self.wide - 2 * _EDGE, 0.0
        if self.around.columns:
            rise = self._name_columns() + 0.03
        if self.around.captions:
            rise += 0.08
            points = self.look.points(9.5)
            ends = [at for at, _ in self.around.captions[1:]] + [None]
            start, end = self.axes.get_xlim()
            most = 0.0
            for (at, words), until in zip(self.around.captions, ends, strict=True):
                share = ((end if until is None else until) - at) / (end - start)
                wide = share * self.width + (right if until is None else 0.0) - 0.05
                lines = self.letters.wrap(words, wide, points)
                style: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "va": "bottom", "color": GREY}
                self._annotate(lines, (at, 1), (0, rise), fontsize=points, **style)
                most = max(most, self.letters.measure(lines, points)[1])
            rise += most
        rise += 0.09
        points = self.look.points(9.5)
        notes = "\n".join(self.letters.wrap(note, room, points) for note in self.around.notes if note)
        if notes:
            self._annotate(notes, (0, 1), (-left, rise), va="bottom", color=GREY, fontsize=points)
            rise += self.letters.measure(notes, points)[1] + 0.06
        points = self.look.points(self.around.title_points)
        title = self.letters.wrap(self.around.title, room, points, "bold")
        style = {"x": -left / self.width, "y": 1.0, "pad": rise * 72, "fontsize": points}
        self.axes.set_title(title, loc="left", fontfamily=[*self.look.families], linespacing=self.look.spacing, **style)
        return rise + self.letters.measure(title, points, "bold")[1]

    def _name_columns(self) -> float:
        """Names along the top, upright where they are too narrow; returns the inches that they take."""
        start, end = self.axes.get_xlim()
        cell = self.width / (end - start) - 0.06
        for points in map(self.look.points, (9.5, 8.5)):
            words = [self.letters.wrap(name, cell, points, level=True) for name in self.around.columns]
            sizes = [self.letters.measure(each, points) for each in words]
            upright = max(wide for wide, _ in sizes) > cell + 0.01 or max(high for _, high in sizes) > 0.3 * self.high
            if not upright:
                break
        if upright:
            line = self.letters.measure("X", points)[1]
            most = max(1, int(cell / (line * self.look.spacing)))
            words = [
                self.letters.wrap(name, 0.3 * self.high, points, most=most, level=True) for name in self.around.columns
            ]
        style: dict[str, Any] = {"rotation": 90 if upright else 0, "va": "bottom", "ha": "center"}
        self.axes.set_xticks(range(len(words)), words, fontsize=points, **style)
        self.axes.tick_params(axis="x", length=0, pad=4, top=False, labeltop=True, bottom=False, labelbottom=False)
        self.look.draw_in(self.axes)
        return self._measure_ticks("top")

    def _write_below(self, left: float, right: float) -> float:
        """Ticks, what they are, small print and the key; returns the inches that they take."""
        around = self.around
        self._thin_ticks()
        fall = 0.0 if around.columns else self._measure_ticks("bottom")
        fall += self._write_spans(fall, right)
        points = self.look.points(10)
        if around.xlabel:
            room = self.width + 2 * min(left, right) if right > 0.2 else self.width
            words = self.letters.wrap(around.xlabel, max(room, 0.6 * self.wide), points, level=True)
            wide, high = self.letters.measure(words, points)
            self.axes.set_xlabel(words, fontsize=points, labelpad=4)
            over = max(0.0, wide - self.width - 2 * right) / 2  # words wider than the axes end where the room ends
            centre = 0.5 - over / self.width if wide > self.width else 0.5
            self.axes.xaxis.label.set_x(centre)
            fall += high + 5 / 72
        room, small = self.wide - 2 * _EDGE, self.look.points(9.5)
        if around.key:
            fall += 0.08
            fall += self._write_key(left, fall, room, small)
        if around.foot:
            fall += 0.08
            foot = self.letters.wrap(around.foot, room, small)
            self._annotate(foot, (0, 0), (-left, -fall), va="top", color=GREY, fontsize=small)
            fall += self.letters.measure(foot, small)[1]
        return fall + (_FOOT if self.own else 0.02)

    def _write_spans(self, fall: float, right: float) -> float:
        most, points = 0.0, self.look.points(9.5)
        start, end = self.axes.get_xlim()
        for low, high, words in self.around.spans:
            wide = self.width * (high - low) / (end - start) - 0.04
            if high == end and len(self.around.spans) < 3:
                wide += 2 * min(right, 0.5)  # words under the last span may go on beyond the axes
            lines = self.letters.wrap(words, wide, points, level=True)
            style: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": "top", "color": GREY}
            self._annotate(lines, ((low + high) / 2, 0), (0, -fall - 0.04), fontsize=points, **style)
            most = max(most, self.letters.measure(lines, points)[1] + 0.05)
        return most

    def _write_key(self, left: float, fall: float, room: float, points: float) -> float:
        """Write the key in as few rows as there is room for; returns its height in inches."""
        from matplotlib.transforms import ScaledTranslation

        em = points / 72
        key, words = [*self.around.key], [str(each.get_label()) for each in self.around.key]
        words = [self.letters.wrap(each, room - 2.2 * em, points) for each in words]
        wide = [self.letters.measure(each, points)[0] + 2.0 * em for each in words]
        columns = len(key)
        while columns > 1:
            rows = -(-len(key) // columns)
            least, more = divmod(len(key), columns)
            ends, at = [], 0
            for column in range(columns):
                count = least + (column < more)
                ends.append(max(wide[at : at + count], default=0.0))
                at += count
            if rows and sum(ends) + 1.3 * em * (columns - 1) <= 0.97 * room:
                break
            columns -= 1
        shift = ScaledTranslation(-left, -fall, self.axes.figure.dpi_scale_trans)
        legend = self.axes.legend(
            key,
            words,
            loc="upper left",
            bbox_to_anchor=(0, 0),
            bbox_transform=self.axes.transAxes + shift,
            ncols=columns,
            columnspacing=1.3,
            handlelength=1.4,
            handletextpad=0.5,
            borderpad=0,
            borderaxespad=0,
            prop={"family": [*self.look.families], "size": points},
        )
        self.look.draw_in(self.axes)
        return float(legend.get_window_extent().height) / self.axes.figure.dpi

    def _thin_ticks(self) -> None:
        """Leave out labels of ticks along the bottom that would touch the next one, from the last on."""
        if self.around.columns:
            return
        axes, dpi = self.axes, self.axes.figure.dpi
        start, end = axes.get_xlim()
        scale = self.width / (end - start)
        free = float("inf")
        shown = [tick for tick in axes.xaxis.get_major_ticks() if min(start, end) <= tick.get_loc() <= max(start, end)]
        for tick in sorted(shown, key=lambda each: -each.get_loc()):
            tick.label1.set_visible(True)
            box = tick.label1.get_window_extent()
            at, half = (tick.get_loc() - start) * scale, box.width / dpi / 2
            if not tick.label1.get_text():
                continue
            if at + half + 0.04 > free:
                tick.label1.set_visible(False)
            else:
                free = at - half


def _spread(heights: Sequence[float], tall: Sequence[float], low: float, high: float) -> list[float]:
    """Move heights apart by what stands there, within the limits if there is room."""
    apart = max(tall)
    moved = set_apart(heights, apart)
    order = sorted(range(len(moved)), key=lambda place: -moved[place])
    top = high + 0.2 * apart
    for place in order:
        moved[place] = min(moved[place], top - tall[place] / 2)
        top = moved[place] - apart + tall[place] / 2
    bottom = low - 0.2 * apart
    for place in reversed(order):
        moved[place] = max(moved[place], bottom + tall[place] / 2)
        bottom = moved[place] + apart - tall[place] / 2
    return moved
