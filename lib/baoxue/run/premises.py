"""What must hold in the county's data before a kernel starts: the store, the day, the places."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from baoxue import policy
from baoxue.contracts import SIMULATED
from baoxue.run.declared import Parameter, parameters
from baoxue.run.errors import RunError, unknown
from baoxue.run.lines import UNIT, Kind, Line
from baoxue.run.params import RunParams, arguments
from baoxue.run.places import Place, places
from baoxue.store import Known, Store
from baoxue.words import Lang

FILES = ("data", "key")
"""Parameters that name a file or a folder."""


def check(params: RunParams) -> None:
    """Raise RunError if a notebook of the run would meet a store, a day, a place or a file that is not there.

    A place is looked up by its parameter's name, or by `kind` where that is `code`. Townships are those of
    params/policy/places.yaml; schools and zones those of the store; a parameter whose default is an ISO date must be
    one; `data` and `key` must be there; the folder of the run must have a name and hold no run that was signed off.
    Empty text means all, where the default is empty.
    """
    _refuse_released(params.folder)
    asked = {name for line in params.notebooks for name in parameters(line.file)}
    known = _known(params) if "store" in asked else None
    valid: dict[str, Callable[[], Mapping[str, str]]] = {
        "township": lambda: {code: place.name for code, place in places().townships.items()},
        "school": lambda: _schools(known),
        "zone": lambda: _zones(known),
    }
    for line in params.notebooks:
        declared = parameters(line.file)
        given = {name: value for name, value in arguments(params, line, None).items() if name not in _own(line)}
        for name, value in given.items():
            # `kind` says of what kind of place `code` is the code
            what = str(given.get("kind", "")) if name == "code" else name.removesuffix("_code").removesuffix("s")
            if what in valid:
                _check_place(what, value, declared[name], valid[what]())
            elif _is_date(declared[name].default) and not _is_date(value):
                raise RunError("not_a_date", name=name, value=value)
            elif name in FILES and value and not policy.path(str(value)).exists():
                raise RunError("no_data", name=name, value=value)


def _own(line: Line) -> tuple[str, ...]:
    """What the store itself says for a line that is for each of its places."""
    return UNIT if line.for_each else ()


def _refuse_released(folder: Path) -> None:
    """What was signed off is not written over."""
    record = folder / "run.json"
    released = json.loads(record.read_text(encoding="utf-8")).get("released") if record.is_file() else None
    if released:
        raise RunError("released_folder", folder=folder.name, by=released["by"], day=released["at"][:10])


def places_of(params: RunParams, kind: Kind) -> dict[str, str]:
    """The schools, townships or zones of the county's schools as of the day: name by code, in order of code."""
    schools = _known(params).table("schools").select("school_code", "school_name", "township_code", "zone").to_pandas()
    if kind == "school":
        found = dict(zip(schools["school_code"], schools["school_name"], strict=True))
    elif kind == "zone":
        found = {zone: zone for zone in schools["zone"].dropna()}
    else:
        named = places().townships
        found = {code: _in(named[code], params.lang) if code in named else code for code in schools["township_code"]}
    return dict(sorted(found.items()))


def _in(place: Place, lang: Lang) -> str:
    return place.name if lang == "zh" else place.name_en


def _known(params: RunParams) -> Known:
    store = policy.path(params.store)
    if not params.store or not (store / "intake.json").is_file():
        raise RunError("no_store", store=params.store or "-")
    if params.as_of is None:
        raise RunError("missing_key", file="params", name="as_of")
    known = Store(store).known_by(params.as_of)
    if not known.table("enrolments").count().execute():
        first = Store(store).known_by(dt.date.max).table("enrolments").known_on.min().execute()
        raise RunError("nothing_known", as_of=params.as_of, first=first or "-")
    return known


def _schools(known: Known | None) -> dict[str, str]:
    if known is None:
        return {}
    frame = known.table("schools").select("school_code", "school_name").to_pandas()
    return dict(zip(frame["school_code"], frame["school_name"], strict=True))


def _zones(known: Known | None) -> dict[str, str]:
    if known is None:
        return {}
    zones = known.table("schools").select("zone").distinct().to_pandas()["zone"].dropna()
    return {zone: zone for zone in sorted(zones)}


def _check_place(what: str, value: object, parameter: Parameter, valid: Mapping[str, str]) -> None:
    for place in value if isinstance(value, list) else [value]:
        if place in valid or (place == "" and parameter.default == ""):
            continue
        by_name = {name: code for code, name in valid.items()}
        if place in by_name:
            raise RunError("name_for_code", name=parameter.name, value=place, code=by_name[place])
        error = unknown("place", str(place), {*valid, *by_name}, what=parameter.name)
        raise _with_name(error, valid, by_name)


def _with_name(error: RunError, valid: Mapping[str, str], by_name: Mapping[str, str]) -> RunError:
    near = str(error.values.get("near", ""))
    if not near:
        return error
    code = near if near in valid else by_name[near]
    return RunError(error.key, **{**error.values, "near": f"{code} ({valid[code]})"})


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def simulated(params: RunParams) -> bool:
    """Whether the run reads the store of a simulated county: its schools are called 模拟…, which no real one is."""
    store = policy.path(params.store)
    if not params.store or not (store / "intake.json").is_file():
        return False
    names = Store(store).known_by(dt.date.max).table("schools").select("school_name").to_pandas()["school_name"]
    return bool(names.str.startswith(SIMULATED).any())
