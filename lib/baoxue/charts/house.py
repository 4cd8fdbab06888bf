"""The house look: one style, a font that has the characters, and no picture with a missing glyph."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
from IPython.display import Image
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path as Shape
from matplotlib.textpath import TextPath
from matplotlib.transforms import Transform

STYLE = Path(__file__).parents[1] / "baoxue.mplstyle"

INSTALLED = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC", "Microsoft YaHei", "PingFang SC",
    "SimHei", "WenQuanYi Zen Hei",
)  # fmt: skip
"""Fonts with simplified Chinese, looked for in this order before the one that a package brings."""

BUNDLED = "NotoSansCJKsc-Regular.otf"

INK, MID, PALE = "#1d3557", "#7a8fa8", "#dfe6ee"
"""Dark, middle and light of one hue: they stay apart in print without colour and for every kind of colour vision."""


COLOURS = 12
"""Shades in a picture kept in a notebook: enough for smooth letters in a few inks."""

NOTEBOOK_DPI = 96
"""Dots per inch of a picture kept in a notebook; a file for print has those of the house style."""


class MissingGlyph(ValueError):
    """A character of a figure that no font at hand can draw."""


@cache
def cjk_font() -> str:
    """The font that draws the figures: the first installed of `INSTALLED`, else the one bundled with mplfonts.

    Raises MissingGlyph if there is neither.
    """
    there = {font.name for font in font_manager.fontManager.ttflist}
    found = next((name for name in INSTALLED if name in there), None)
    if found:
        return found
    package = find_spec("mplfonts")
    file = Path(package.origin).parent / "fonts" / BUNDLED if package and package.origin else None
    if file is None or not file.exists():
        raise MissingGlyph("no Chinese font is installed and the mplfonts package is not there: install one of them")
    font_manager.fontManager.addfont(file)
    return font_manager.FontProperties(fname=file).get_name()


def use_style() -> None:
    """Set the house style for every figure that follows."""
    plt.style.use(STYLE)
    plt.rcParams["font.family"] = [cjk_font()]


def axes(width_in: float = 8.0, height_in: float = 3.6) -> Axes:
    """The axes of a new figure in the house style."""
    use_style()
    return plt.subplots(figsize=(width_in, height_in))[1]


def stamp(
    ax: Axes, x: npt.ArrayLike, y: npt.ArrayLike, numbers: Sequence[str], size: float, colour: str,
    where: Transform | None = None,
) -> None:  # fmt: skip
    """Numbers of one colour in the middle of their places, `size` in points; `where` other than in data coordinates.

    Equal numbers are one shape drawn many times: a strip with two hundred texts takes three times as long to draw.
    """
    for number, places in pd.DataFrame({"x": x, "y": y}).groupby(np.asarray(numbers)):
        shape = TextPath((0, 0), str(number), size=size, prop=font_manager.FontProperties(family=cjk_font()))
        middle = shape.get_extents()
        centred = Shape(shape.vertices - [(middle.x0 + middle.x1) / 2, (middle.y0 + middle.y1) / 2], shape.codes)
        # a marker is scaled to its size: twice the furthest vertex leaves it as large as it is
        width = 2 * float(np.abs(centred.vertices).max())
        # a label with a line before it is in no legend
        marks = Line2D(places["x"], places["y"], marker=centred, markersize=width, label=f"_{number}")
        marks.set(color=colour, linewidth=0, markeredgewidth=0, clip_on=where is None)
        if where is not None:
            marks.set_transform(where)
        ax.add_line(marks)


@contextmanager
def no_missing_glyph() -> Iterator[None]:
    """Within it, drawing a character that the font does not have raises MissingGlyph instead of an empty box."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"Glyph .* missing")
        try:
            yield
        except UserWarning as warning:
            raise MissingGlyph(f"{cjk_font()}: {warning}; install a Chinese font or check the text") from warning


def save(ax: Axes, file: Path) -> Path:
    """Write the figure of `ax` to a file, the format by its suffix; MissingGlyph, and no file, if a glyph is
    missing."""
    file.write_bytes(_drawn(ax, file.suffix.removeprefix(".")))
    return file


def picture(ax: Axes, alt: str) -> Image:
    """The figure of `ax` for a notebook, with its sentence for those who cannot see it; the figure is closed.

    In few colours, a third of the bytes, because it is stored in the notebook. Raises MissingGlyph, and ValueError
    without a sentence.
    """
    if not alt.strip():
        raise ValueError("a picture needs its alt text")
    shown = Image(data=png(ax), format="png", alt=alt)
    plt.close(_page(ax))
    return shown


def png(ax: Axes) -> bytes:
    """The figure of `ax` as it is stored in a notebook; MissingGlyph as `picture`."""
    return _in_few_colours(_drawn(ax, "png", NOTEBOOK_DPI))


def _drawn(ax: Axes, form: str, dpi: int | None = None) -> bytes:
    page = io.BytesIO()
    # no date and no program version in the file, so that the same figure is the same bytes
    metadata = {"Software": None} if form == "png" else {"Date": None} if form == "svg" else {"CreationDate": None}
    with no_missing_glyph():
        _page(ax).savefig(page, format=form, metadata=metadata, dpi=dpi or "figure")
    return page.getvalue()


def _in_few_colours(png: bytes) -> bytes:
    from PIL import Image as Pixels

    few = io.BytesIO()
    whole = Pixels.open(io.BytesIO(png)).convert("RGB")
    whole.quantize(colors=COLOURS, method=Pixels.Quantize.MEDIANCUT, dither=Pixels.Dither.NONE).save(
        few, "PNG", optimize=True
    )
    return few.getvalue()


def _page(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure")
    return figure
