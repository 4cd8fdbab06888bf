"""The wording of papers (`wording/*.md.j2`) filled: Markdown in which a value that is not known is a ruled blank."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup, escape

from baoxue.forms.paper import blank, written_day

_MARKS = str.maketrans({mark: f"&#{ord(mark)};" for mark in "*_`[]\\~"})


def filled(name: str, values: Mapping[str, Any]) -> str:
    """The wording of that name with its values, dates written out; None becomes a blank of six characters.

    A value is text wherever it stands: neither its `<` nor its `*` is taken for a mark. Raises UndefinedError for a
    value that the wording asks for and nobody gave.
    """
    return _environment().get_template(f"{name}.md.j2").render({name: _said(value) for name, value in values.items()})


def _said(value: Any) -> Any:
    """Dates in words, also in lists of rows, so that they can be joined with other text."""
    if isinstance(value, dt.date):
        return written_day(value)
    if isinstance(value, list):
        return [_said(item) for item in value]
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items()}
    return value


def _shown(value: Any) -> Any:
    if value is None:
        return blank(6)
    return value if isinstance(value, Markup) else Markup(str(escape(value)).translate(_MARKS))


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("baoxue.forms", "wording"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["blank"] = blank
    return environment
