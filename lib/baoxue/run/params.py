"""A params file: one run, every key a field of a frozen model, and nothing started before all of it is checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from baoxue import policy
from baoxue.run.declared import Parameter, parameters
from baoxue.run.errors import RunError, unknown
from baoxue.run.lines import OWN, UNIT, Line, Reader, check_reads, in_order
from baoxue.run.written import Where, read_yaml
from baoxue.words import Lang

__all__ = ["Line", "Reader", "RunParams", "arguments", "load"]


class RunParams(policy.Policy):
    """The content of a params file."""

    run: str = Field(pattern=r"^[a-z0-9_-]+$")
    title: dict[Lang, str]
    notebooks: tuple[Line, ...] = Field(min_length=1)
    store: str = ""
    as_of: dt.date | None = None
    lang: Lang = "zh"
    edition: str = "{as_of}"
    outputs: str = "outputs"
    at_once: int = Field(default=2, ge=1, le=64)
    cell_timeout_s: int = Field(default=600, ge=1)
    params: dict[str, object] = Field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder of this run's products: outputs/<run>/<edition>. RunError if the edition cannot be filled."""
        values = {name: Path(str(value)).stem for name, value in self.params.items()}
        values |= {"as_of": self.as_of.isoformat() if self.as_of else "", "lang": self.lang}
        try:
            edition = self.edition.format(**values)
        except (KeyError, IndexError, ValueError) as error:
            raise RunError("edition", edition=self.edition, valid=", ".join(sorted(values))) from error
        if not edition:
            raise RunError("missing_key", file=self.run, name="as_of")
        return policy.path(self.outputs) / self.run / edition


def load(file: Path, overrides: Sequence[str] = ()) -> RunParams:
    """The params file with `name=value` overrides, every key, type and notebook parameter checked.

    Raises RunError, naming the key and the nearest valid one, or how to write the value; NotebookError for a notebook
    that declares its parameters badly.
    """
    content, written = read_yaml(file)
    given = [_split(text) for text in overrides]
    fields = {name: value for name, value in given if _is_field(name)}
    params = _validated({**content, **fields}, written, file.name)
    declared = {line.notebook: parameters(line.file) for line in params.notebooks}
    _check(params, declared, written, file.name)
    known = {name: parameter for takes in declared.values() for name, parameter in takes.items() if name not in OWN}
    by_hand = {name: _read_text(name, value, known) for name, value in given if not _is_field(name)}
    lines = tuple(_without(line, by_hand) for line in params.notebooks)
    return params.model_copy(update={"params": {**params.params, **by_hand}, "notebooks": lines})


def arguments(params: RunParams, line: Line, out: Path | None, unit: str = "") -> dict[str, object]:
    """What a notebook of the run is given: its own parameters, the run's, and those the run fills in itself.

    `unit` is the code of the school, township or zone, where the line is for each of them.
    """
    declared = parameters(line.file)
    own: dict[str, object] = {"store": params.store, "lang": params.lang, "out": str(out) if out else ""}
    if params.as_of:
        own["as_of"] = params.as_of.isoformat()
    if line.for_each:
        own |= dict(zip(UNIT, (line.for_each, unit), strict=True))
    merged = {**params.params, **line.params, **own}
    return {name: declared[name].read(value) for name, value in merged.items() if name in declared}


def _without(line: Line, names: Iterable[str]) -> Line:
    """The line with what the command line says otherwise left out."""
    return line.model_copy(update={"params": {k: v for k, v in line.params.items() if k not in set(names)}})


def _is_field(name: str) -> bool:
    return name in RunParams.model_fields and name not in {"notebooks", "params", "title"}


def _split(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name.strip():
        raise RunError("override_form", text=text)
    return name.strip(), value.strip()


def _validated(content: dict, written: Mapping[Where, str], file: str) -> RunParams:
    try:
        return RunParams.model_validate(content)
    except ValidationError as error:
        # a misspelt key is a missing one too; the misspelling says more
        problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        raise _told(problems[0], written, file) from error


def _told(problem: ErrorDetails, written: Mapping[Where, str], file: str) -> RunError:
    where = tuple(problem["loc"])
    name = ".".join(map(str, where))
    if problem["type"] == "extra_forbidden":
        model = Line if len(where) > 1 else RunParams
        return unknown("key", str(where[-1]), model.model_fields, file=file)
    if problem["type"] == "missing":
        return RunError("missing_key", file=file, name=name)
    if problem["type"] == "string_type" and where in written:
        return RunError("quote", file=file, name=name, text=written[where])
    return RunError("wrong_value", file=file, name=name, why=problem["msg"])


def _read_text(name: str, text: str, known: Mapping[str, Parameter]) -> object:
    if name not in known:
        fields = {field for field in RunParams.model_fields if _is_field(field)}
        raise unknown("parameter", name, {*known, *fields}, file="-p")
    try:
        return known[name].read_text(text)
    except ValidationError as error:
        raise RunError("wrong_type", file="-p", name=name, kind=known[name].kind, value=text) from error


def _check(
    params: RunParams,
    declared: Mapping[str, Mapping[str, Parameter]],
    written: Mapping[Where, str],
    file: str,
) -> None:
    names = [line.name for line in params.notebooks]
    for number, line in enumerate(params.notebooks):
        if line.document and params.as_of is None:
            raise RunError("missing_key", file=file, name="as_of")
        takes = declared[line.notebook]
        for name, value in line.params.items():
            if line.for_each and name in UNIT:
                raise RunError("set_by_for_each", file=file, name=line.name, parameter=name)
            _check_one(name, value, takes, written.get(("notebooks", number, "params", name)), f"{file}, {line.name}")
        if line.for_each and not set(UNIT) <= set(takes):
            raise RunError("not_for_each", file=file, name=line.name, needed=", ".join(UNIT))
        check_reads(line, params.notebooks, file)
    everywhere = {name: parameter for takes in declared.values() for name, parameter in takes.items()}
    for name, value in params.params.items():
        _check_one(name, value, everywhere, written.get(("params", name)), file)
    if len(set(names)) < len(names):
        raise RunError("twice", file=file, name=next(name for name in names if names.count(name) > 1))
    in_order(params.notebooks, file)


def _check_one(name: str, value: object, takes: Mapping[str, Parameter], text: str | None, file: str) -> None:
    if name not in takes or name in OWN:
        raise unknown("parameter", name, set(takes) - set(OWN), file=file)
    try:
        takes[name].read(value)
    except ValidationError as error:
        if takes[name].kind == "str" and text is not None:
            raise RunError("quote", file=file, name=name, text=text) from error
        raise RunError("wrong_type", file=file, name=name, kind=takes[name].kind, value=value) from error
