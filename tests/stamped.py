"""What `charts.house.stamp` put on axes, read back as a reader would: line by line, from left to right."""

from __future__ import annotations

from matplotlib.axes import Axes


def numbers(ax: Axes) -> list[str]:
    """The numbers stamped on axes whose first line is on top."""
    lines = [line for line in ax.lines if str(line.get_label())[1:].isdigit()]
    placed = [(y, x, line.get_label()[1:]) for line in lines for x, y in zip(*line.get_data(), strict=True)]
    return [number for *_, number in sorted(placed)]
