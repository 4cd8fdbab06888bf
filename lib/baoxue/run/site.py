"""The page one opens first: what this run is, whether all of it came about, and every product by its reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any, get_args

import jinja2

from baoxue.run.changes import TableChanges, changes, period_before
from baoxue.run.earlier import read_record
from baoxue.run.pages import HOUSE, HTML_LANG, sections, style
from baoxue.run.params import Reader
from baoxue.words import catalogue, say

_OPEN = 6
"""A group of so many files is shown open, a larger one closed."""

_MANY = 12
"""A reader with more reports than this has them in columns, without what belongs to each."""

_CHANGES_SHOWN = 12
"""So many changed numbers of a table are shown, the largest first."""

_READERS = {"T0": "bureau", "T1": "township", "T2": "school", "T3": "bureau", "T4": "research"}
"""For whom a file of a tier is."""


def write(folder: Path) -> None:
    """Write index.html of the run in a folder, from its run.json, its pages and the period before beside it."""
    record = read_record(folder)
    before = period_before(folder)
    moved = changes(before, folder) if before else []
    (folder / "index.html").write_text(index(record, _sections(folder, record), before, moved), encoding="utf-8")


def index(
    record: Mapping[str, Any],
    contents: Mapping[str, Sequence[tuple[str, str]]],
    before: Path | None = None,
    moved: Iterable[TableChanges] = (),
) -> str:
    """The index for the content of run.json, in the language of the run.

    `contents` has the sections (place, heading) of each unit's page, `before` is the folder of the period before and
    `moved` what changed since.
    """
    lang = record["lang"]
    told = partial(_word, lang=lang)
    readers = [_reader(reader, record, contents, told) for reader in get_args(Reader)]
    return _template().render(
        record=record,
        lang=HTML_LANG[lang],
        style=style(),
        title=record["title"].get(lang, record["run"]),
        say=told,
        readers=[reader for reader in readers if reader["units"] or reader["papers"]],
        failed=[unit for unit in record["units"] if unit["status"] != "finished"],
        titles={unit["name"]: unit["title"] for unit in record["units"]},
        before={"as_of": read_record(before)["as_of"], "href": f"../{before.name}/index.html"} if before else None,
        moved=[_moved(table) for table in moved],
    )


def _word(key: str, lang: str, **values: object) -> str:
    return say(f"site.{key}", lang, **values)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HOUSE)
    undefined = jinja2.StrictUndefined
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=undefined
    )
    return environment.get_template("site.html.j2")


def _sections(folder: Path, record: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    names = [unit["name"] for unit in record["units"] if unit["status"] == "finished"]
    return {name: sections((folder / _page(name)).read_text(encoding="utf-8")) for name in names}


def _page(name: str) -> str:
    return f"reports/{name}.html"


def _moved(table: TableChanges) -> dict[str, Any]:
    shown = table.changes[:_CHANGES_SHOWN]
    return {"table": table, "shown": shown, "more": len(table.changes) - len(shown)}


def _reader(reader: str, record: Mapping[str, Any], contents: Mapping[str, Any], told: Any) -> dict[str, Any]:
    """What is for a reader: the units made for them, and the papers for them that units for others wrote."""
    made_for = {unit["name"]: unit["reader"] for unit in record["units"]}
    papers = [file for file in record["files"] if _is_paper(file)]
    mine = [file for file in papers if _reader_of(file, made_for[file["unit"]]) == reader]
    units = [unit for unit in record["units"] if unit["reader"] == reader]
    is_many = len(units) > _MANY
    return {
        "title": told(f"reader_{reader}"),
        "lead": told(f"reader_{reader}_lead"),
        "units": [_unit(unit, mine, {} if is_many else contents, told) for unit in units],
        "is_many": is_many,
        "papers": _groups([file for file in mine if made_for[file["unit"]] != reader], told),
    }


def _is_paper(file: Mapping[str, Any]) -> bool:
    """Whether a file is neither a page nor a notebook."""
    return not file["file"].startswith(("reports/", "notebooks/")) or not file["file"].endswith((".html", ".ipynb"))


def _reader_of(file: Mapping[str, Any], made_for: str) -> str:
    """For whom a file is, by its tier; a report for researchers keeps the county's tables beside it."""
    reader = _READERS[file["tier"]]
    return made_for if reader == "bureau" and made_for == "research" else reader


def _unit(
    unit: Mapping[str, Any], files: Sequence[Mapping[str, Any]], contents: Mapping[str, Any], told: Any
) -> dict[str, Any]:
    page = _page(unit["name"])
    return {
        **unit,
        "page": page,
        "notebook": f"notebooks/{unit['name']}.ipynb",
        "sections": [{"href": f"{page}#{place}", "name": words} for place, words in contents.get(unit["name"], ())],
        "groups": _groups([file for file in files if file["unit"] == unit["name"]], told),
    }


def _groups(files: Sequence[Mapping[str, Any]], told: Any) -> list[dict[str, Any]]:
    """Files under headings: reports as documents, tables, restricted files, and each folder below restricted/."""
    by_folder: dict[str, list[Mapping[str, Any]]] = {}
    for file in files:
        by_folder.setdefault(str(PurePosixPath(file["file"]).parent), []).append(file)
    return [
        {
            "title": told("group", name=_named(PurePosixPath(folder), told), count=len(inside)),
            "files": [_file(file, told) for file in inside],
            "is_open": len(inside) <= _OPEN,
        }
        for folder, inside in by_folder.items()
    ]


def _file(file: Mapping[str, Any], told: Any) -> dict[str, Any]:
    return {
        "href": file["file"],
        "name": file.get("title") or _named(PurePosixPath(file["file"]), told),
        "tier": told(f"tier_{file['tier']}"),
        "detail": told("rows", rows=file["rows"]) if file.get("rows") is not None else "",
    }


def _named(place: PurePosixPath, told: Any) -> str:
    """What a file or folder without a title is called: by the catalogue, else its own name."""
    key = f"file_{place.stem}"
    return told(key) if f"site.{key}" in catalogue() else place.name
