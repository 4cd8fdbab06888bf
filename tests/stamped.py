"""What `charts.house.stamp` put on axes, read back as a reader would: line by line, from left to right."""

from __future__ import annotations

from matplotlib.axes import Axes


def numbers(ax: Axes) -> list[str]:
    """The numbers in the cells of axes whose first line is on top."""
    return _stamped(ax, in_cells=True)


def months(ax: Axes) -> list[str]:
    """The numbers below the axes."""
    return _stamped(ax, in_cells=False)


def _stamped(ax: Axes, in_cells: bool) -> list[str]:
    lines = [line for line in ax.lines if str(line.get_label())[1:].isdigit() and line.get_clip_on() == in_cells]
    placed = [(y, x, line.get_label()[1:]) for line in lines for x, y in zip(*line.get_data(), strict=True)]
    return [number for *_, number in sorted(placed)]
