"""Figures: one figure, one message; each takes `ax` and returns it, and has its sentence for those who cannot see it.

The data behind each figure is a function of `rates`, tested there. Words come from the catalogue, the look from
`baoxue.mplstyle`; the shades stay apart in black and white.
"""

from baoxue.charts.house import MissingGlyph, axes, no_missing_glyph, picture, save, use_style
from baoxue.charts.months import monthly_strip, monthly_strip_alt, season, season_alt
from baoxue.charts.units import funnel, funnel_alt, yearly_rates, yearly_rates_alt

__all__ = [
    "MissingGlyph", "axes", "funnel", "funnel_alt", "monthly_strip", "monthly_strip_alt", "no_missing_glyph",
    "picture", "save", "season", "season_alt", "use_style", "yearly_rates", "yearly_rates_alt",
]  # fmt: skip
