"""Pages that lead to each other: at the foot of each, the other reports of the run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from baoxue.words import say

_OPENS, _CLOSES = "<!-- others -->", "<!-- /others -->"
_PLACE = re.compile(f"{_OPENS}.*?{_CLOSES}", re.DOTALL)
_FOOT = re.compile(r"<footer>.*?</footer>", re.DOTALL)
_LISTED = 12
"""So many reports are listed at the foot of each; in a larger run the one before and the one after."""


def tie(folder: Path, pages: Sequence[tuple[str, str]], lang: str) -> None:
    """Write into each page of a run the links to the others; `pages` are name and title, in the order of the run.

    Doing it again changes nothing. A page that is not there has failed and is not linked to.
    """
    made = [(name, title) for name, title in pages if (folder / "reports" / f"{name}.html").is_file()]
    for place, (name, _) in enumerate(made):
        page = folder / "reports" / f"{name}.html"
        near = made if len(made) <= _LISTED else made[max(place - 1, 0) : place + 2]
        links = _links([other for other in near if other[0] != name], lang)
        parts = _PLACE.split(page.read_text(encoding="utf-8"), maxsplit=1)
        page.write_text(f"{_OPENS}{links}{_CLOSES}".join(parts), encoding="utf-8")


def untied(page: str) -> str:
    """A page by itself, as it is handed over: without the links to reports that are not handed over with it."""
    return re.sub(r'<a href="\.\./index\.html">[^<]*</a>', "", _FOOT.sub("", page), count=1)


def _links(pages: Sequence[tuple[str, str]], lang: str) -> str:
    lines = "".join(f'<li><a href="{escape(name)}.html">{escape(title)}</a></li>' for name, title in pages)
    home = f'<li><a href="../index.html">{say("site.page_home", lang)}</a></li>'
    return f"<h2>{say('site.page_others', lang)}</h2><ul>{lines}{home}</ul>"
