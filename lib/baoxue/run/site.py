"""The page one opens first: what this run is, whether all of it came about, and every product by its reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import PurePosixPath
from typing import Any, get_args

import jinja2

from baoxue.run.pages import HOUSE, HTML_LANG, style
from baoxue.run.params import Reader
from baoxue.words import catalogue, say

_SHOWN_BY_NAME = 12
"""So many restricted files are listed by name; a folder with more is one link."""


def index(record: Mapping[str, Any], lang: str) -> str:
    """index.html for the content of run.json, in a language."""
    told = partial(_word, lang=lang)
    sections = [
        {"title": told(f"reader_{reader}"), "lead": told(f"reader_{reader}_lead"), "units": units}
        for reader in get_args(Reader)
        if (units := [_unit(unit, record["files"], told) for unit in record["units"] if unit["reader"] == reader])
    ]
    return _template().render(
        record=record,
        lang=HTML_LANG[lang],
        style=style(),
        title=record["title"].get(lang, record["run"]),
        say=told,
        sections=sections,
        failed=[unit for unit in record["units"] if unit["status"] != "finished"],
        titles={unit["name"]: unit["title"] for unit in record["units"]},
    )


def _word(key: str, lang: str, **values: object) -> str:
    return say(f"run.site_{key}", lang, **values)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HOUSE)
    undefined = jinja2.StrictUndefined
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=undefined
    )
    return environment.get_template("site.html.j2")


def _unit(unit: Mapping[str, Any], files: Sequence[Mapping[str, Any]], told: Any) -> dict[str, Any]:
    own = [file for file in files if file["unit"] == unit["name"]]
    notebook, page = f"notebooks/{unit['name']}.ipynb", f"reports/{unit['name']}.html"
    attached = [file for file in own if file["file"] not in (notebook, page)]
    return {
        **unit,
        "page": page,
        "notebook": notebook,
        "tables": [_file(file, told) for file in attached if not file["file"].startswith("restricted/")],
        "restricted": _restricted([file for file in attached if file["file"].startswith("restricted/")], told),
    }


def _file(file: Mapping[str, Any], told: Any) -> dict[str, Any]:
    place = PurePosixPath(file["file"])
    return {
        "href": file["file"],
        "name": file["title"] or _named(place, told),
        "tier": told(f"tier_{file['tier']}"),
        "detail": told("rows", rows=file["rows"]) if file.get("rows") is not None else "",
    }


def _named(place: PurePosixPath, told: Any) -> str:
    """What a file or folder without a title is called: by the catalogue, else its own name."""
    key = f"file_{place.stem}"
    return told(key) if f"run.site_{key}" in catalogue() else place.name


def _restricted(files: Sequence[Mapping[str, Any]], told: Any) -> list[dict[str, Any]]:
    """Files below restricted/, a folder with many of them as one line."""
    by_folder: dict[str, list[Mapping[str, Any]]] = {}
    for file in files:
        by_folder.setdefault(str(PurePosixPath(file["file"]).parent), []).append(file)
    lines = []
    for folder, inside in by_folder.items():
        if len(inside) <= _SHOWN_BY_NAME:
            lines += [_file(file, told) for file in inside]
            continue
        name = told("folder", name=_named(PurePosixPath(folder), told), count=len(inside))
        tiers = sorted({file["tier"] for file in inside})
        tier = told("or").join(told(f"tier_{tier}") for tier in tiers)
        lines.append({"href": f"{folder}/", "name": name, "tier": tier, "detail": ""})
    return lines
