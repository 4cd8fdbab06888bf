"""Hand-over packages: for each township and school what its tier lets it see of a run, and a form that goes with it."""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import jinja2
import pandas as pd
from msoffcrypto.format.ooxml import OOXMLFile

from baoxue.disclosure import Tier
from baoxue.intake.references import LETTERS
from baoxue.run.neighbours import untied
from baoxue.run.pages import HOUSE, HTML_LANG, style
from baoxue.words import say

TIER_OF = {"townships": Tier.TOWNSHIP, "schools": Tier.SCHOOL}
"""What those of a kind may hold, beside what is public."""

_CODE = re.compile(r"(?<!\d)\d{9,10}(?!\d)")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|]')
_OFFICE = {".xlsx", ".docx"}
_OLE = b"\xd0\xcf\x11\xe0"
_SAME_DAY = (1980, 1, 1, 0, 0, 0)
"""Of every file in a package, so that nothing but its content tells packages apart."""


@dataclass(frozen=True)
class Package:
    """What one township or school is handed: its code, its name, and the files of the run."""

    kind: str
    code: str
    name: str
    files: tuple[Mapping[str, Any], ...]

    @property
    def place(self) -> str:
        """Where it lies below the folder of packages."""
        return f"{self.kind}/{self.code}.zip"


def packages(record: Mapping[str, Any], names: Mapping[str, str]) -> list[Package]:
    """The packages of a run: one for each township and school that a file of its tier belongs to, by code.

    A file belongs to the unit that its notebook was run for (parameter `unit`, `school` or `township`), else to the
    one whose code its name holds. A page of the tier that belongs to nobody in particular is for all of the kind, a
    public table for everybody; a file below `restricted/` that belongs to nobody goes to nobody. No notebook is handed
    over.
    """
    given = {unit["name"]: unit["parameters"] for unit in record["units"]}
    handed = [file for file in record["files"] if not file["file"].endswith(".ipynb")]
    found = []
    for kind, tier in TIER_OF.items():
        of_tier = [file for file in handed if file["tier"] == tier]
        owners = {file["file"]: _owner(file, given[file["unit"]]) for file in of_tier}
        shared = [file for file in of_tier if not owners[file["file"]] and file["file"].startswith("reports/")]
        shared += [file for file in handed if file["tier"] == Tier.PUBLIC]
        for code in sorted({owner for owner in owners.values() if owner}):
            own = [file for file in of_tier if owners[file["file"]] == code]
            found.append(Package(kind, code, names.get(code, code), (*own, *shared)))
    return found


def write(package: Package, run: Path, place: Path, password: str, about: Mapping[str, Any]) -> int:
    """Write a package as .zip (mode 0600); the number of files in it.

    A workbook or document below `restricted/` that is not encrypted yet is encrypted with `password`. `about` is the
    record of the run, with who signed it off.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in package.files:
            archive.writestr(zipfile.ZipInfo(_name(file), _SAME_DAY), _handed(file, run, password))
        form = zipfile.ZipInfo(f"{say('release.form', about['lang'])}.html", _SAME_DAY)
        archive.writestr(form, _form(package, about))
    place.chmod(0o600)
    return len(package.files)


def passwords(run: Path, codes: Iterable[str]) -> dict[str, str]:
    """A password for each code: the one of its lists where it has one, else a new one by chance."""
    file = run / "restricted" / "passwords.csv"
    lists = pd.read_csv(file, dtype=str, encoding="utf-8-sig") if file.is_file() else pd.DataFrame(columns=["", ""])
    there = dict(lists.itertuples(index=False, name=None))
    return {code: there.get(code) or _new_password() for code in codes}


def _owner(file: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
    asked = parameters.get("unit") or parameters.get("school") or parameters.get("township")
    codes = _CODE.findall(PurePosixPath(file["file"]).stem)
    return str(asked) if asked else (codes[0] if codes else "")


def _name(file: Mapping[str, Any]) -> str:
    """What a file is called in the package: its title, else its own name with its folder's before it."""
    place = PurePosixPath(file["file"])
    title = _NOT_IN_NAMES.sub("", file.get("title") or "")
    folder = "-".join(place.parts[1:]) if place.parts[0] == "restricted" else place.name
    return f"{title}{place.suffix}" if title else folder


def _handed(file: Mapping[str, Any], run: Path, password: str) -> bytes:
    """The content as it is handed over: a page without links to others, a document that may name a child encrypted."""
    content = (run / file["file"]).read_bytes()
    if file["file"].endswith(".html"):
        return untied(content.decode()).encode()
    is_named = file["file"].startswith("restricted/") and PurePosixPath(file["file"]).suffix in _OFFICE
    if not is_named or content.startswith(_OLE):
        return content
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, locked)
    return locked.getvalue()


def _new_password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _form(package: Package, about: Mapping[str, Any]) -> str:
    lang = about["lang"]
    files = [{"name": _name(file), "title": file.get("title") or "", "tier": file["tier"]} for file in package.files]
    return _template().render(
        lang=HTML_LANG[lang],
        style=style(),
        say=lambda key, **values: say(f"release.{key}", lang, **values),
        tier=lambda tier: say(f"site.tier_{tier}", lang),
        simulated=say("site.page_simulated", lang),
        package=package,
        files=files,
        about=about,
    )


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HOUSE)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("form.html.j2")
