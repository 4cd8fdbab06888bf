"""What so few leavings can show, and what they cannot: said before anybody reads a difference into them."""

from __future__ import annotations

import math

Z_95, Z_80 = 1.959964, 0.841621
"""Normal quantiles: a two-sided test at 5 %, shown with a chance of 80 %."""


def recall_margin(events: int, recall: float) -> float:
    """Half the width of a 95 % interval around a recall (0-1) judged on so many events (normal approximation).

    >>> round(recall_margin(50, 0.2), 2)
    0.11
    """
    return Z_95 * math.sqrt(recall * (1 - recall) / events) if events else 1.0


def detectable_gain(events: int, recall: float) -> float:
    """The smallest gain in recall over a rule of that recall that would be shown with a chance of 80 %.

    As if both were judged on different children: paired on the same ones it is somewhat smaller.

    >>> round(detectable_gain(50, 0.2), 2), round(detectable_gain(800, 0.2), 2)
    (0.22, 0.06)
    """
    return (Z_95 + Z_80) * math.sqrt(2 * recall * (1 - recall) / events) if events else 1.0


def detectable_change(yearly: float) -> float:
    """The smallest relative change of a yearly count (0.5: by half) that would be shown with a chance of 80 %.

    Both years Poisson. A county with 60 leavings a year sees a change by half, not one by a third.

    >>> round(detectable_change(60), 2), round(detectable_change(750), 2)
    (0.51, 0.14)
    """
    return (Z_95 + Z_80) * math.sqrt(2 / yearly) if yearly else math.inf
