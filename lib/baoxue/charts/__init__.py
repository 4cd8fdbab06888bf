"""Figures: one figure, one message; each takes `ax` and returns it, and has its sentence for those who cannot see it.

The data behind each figure is a function of `rates`, tested there. Words come from the catalogue, the look from
`baoxue.mplstyle`; the shades stay apart in black and white.
"""

from baoxue.charts.cohorts import group_rates, group_rates_alt, survival_curves, survival_curves_alt
from baoxue.charts.flows import latest, passage_flow, passage_flow_alt
from baoxue.charts.house import MissingGlyph, axes, no_missing_glyph, picture, save, use_style
from baoxue.charts.maps import grid_cells, grid_map, grid_map_alt, township_centres
from baoxue.charts.months import monthly_strip, monthly_strip_alt, season, season_alt, season_strip, season_strip_alt
from baoxue.charts.units import funnel, funnel_alt, yearly_rates, yearly_rates_alt

__all__ = [
    "MissingGlyph", "axes", "funnel", "funnel_alt", "grid_cells", "grid_map", "grid_map_alt", "group_rates",
    "group_rates_alt", "latest", "monthly_strip", "monthly_strip_alt", "no_missing_glyph", "passage_flow",
    "passage_flow_alt", "picture", "save", "season", "season_alt", "season_strip", "season_strip_alt",
    "survival_curves", "survival_curves_alt", "township_centres", "use_style", "yearly_rates", "yearly_rates_alt",
]  # fmt: skip
