"""The one shape of a finding, and its evidence in words: a sentence of the catalogue, filled for every row."""

from __future__ import annotations

from string import Formatter
from typing import Any

import ibis
import ibis.expr.types as ir

from baoxue.words import say

_DATE = {"zh": "%Y年%-m月%-d日", "en": "%Y-%m-%d"}


def as_finding(rows: ir.Table, *, since: Any, evidence: ir.StringValue) -> ir.Table:
    """`pupil, school_code, township_code, grade, class, since, evidence`: places the rows do not have are empty."""
    kinds = {"school_code": "string", "township_code": "string", "grade": "int32", "class": "string"}
    places = {name: rows[name] if name in rows.columns else ibis.null(kind) for name, kind in kinds.items()}
    day = since if isinstance(since, ir.Value) else ibis.literal(since, type="date")
    return rows.select("pupil", **places, since=day, evidence=evidence)


def sentence(key: str, lang: str, **values: Any) -> ir.StringValue:
    """The words `registers.evidence_<key>`, each `{name}` filled with a column or a plain value; an empty cell shows —.

    Raises KeyError if the words have a name that no value is given for.
    """
    words: ir.StringValue = ibis.literal("")
    for text, name, _, _ in Formatter().parse(say(f"registers.evidence_{key}", lang)):
        words = words + ibis.literal(text)
        if name:
            words = words + shown(values[name], lang)
    return words


def shown(value: Any, lang: str) -> ir.StringValue:
    """A column or plain value as a reader sees it: dates in the language's form, an empty cell as —."""
    column = value if isinstance(value, ir.Value) else ibis.literal(value)
    text = column.strftime(_DATE[lang]) if column.type().is_date() else column.cast("string")
    return text.fill_null("—")
