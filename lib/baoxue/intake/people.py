"""Who a row is about: identity numbers and registry numbers of a batch of rows, and what may be kept of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from baoxue.contracts import Source
from baoxue.intake import shape
from baoxue.intake.pseudonyms import Pseudonyms

_SIX = 6
"""Years of age at which school begins on 1 September."""


@dataclass(frozen=True)
class People:
    """Per row the child's identity number (its own, else the one inside a G-number), registry number and pseudonym.

    The pseudonym is there only in a source whose file leads to it without either number (a list handed back).
    """

    id_number: pa.Array
    registry_number: pa.Array
    own_id: pa.Array
    code: pa.Array

    @classmethod
    def of(cls, source: Source, values: Mapping[str, Sequence[pa.Array]]) -> People:
        """The persons of rows whose cleaned columns are given, in the order the contract prefers them."""
        length = len(next(iter(values.values()))[0])
        ids, numbers = [pa.nulls(length, pa.string())], [pa.nulls(length, pa.string())]
        for name in source.person:
            for column in values[name]:
                an_id, a_number = _split(source.column(name).kind, column)
                ids.append(an_id)
                numbers.append(a_number)
        own, number = pc.coalesce(*ids), pc.coalesce(*numbers)
        code = next((values[c.name][0] for c in source.columns if c.kind == "pupil_code"), ids[0])
        return cls(pc.coalesce(own, _where(number, "G", start=1)), number, own, code)

    @property
    def known(self) -> np.ndarray:
        """Rows that name a person."""
        either = pc.coalesce(self.id_number, self.registry_number, self.code)
        return pc.is_valid(either).to_numpy(zero_copy_only=False)

    @property
    def doubtful(self) -> pa.Array:
        """Rows whose identity number may have lost its last digits, and no G-number beside it says it has not."""
        cut = pc.fill_null(pc.ends_with(self.own_id, "000"), False)
        confirmed = pc.fill_null(pc.equal(self.own_id, _where(self.registry_number, "G", start=1)), False)
        return pc.and_(cut, pc.invert(confirmed))


def derived(
    source: Source, values: Mapping[str, pa.Array], people: People, pseudonyms: Pseudonyms, snapshot_on: dt.date | None
) -> dict[str, pa.Array]:
    """The columns that intake adds to a batch of rows: pseudonyms, what replaces identities, and the identities.

    `_person` is the pseudonym by identity number, `_alias` the one by a registry number that holds none, `_cohort` the
    year of schooling age; identities are named `identity_...` and `detail_...`, and `_identity` digests them.
    """
    birth = _birth(values, people)
    identities = _identities(source, values, people, birth)
    made = {
        "_person": pc.coalesce(people.code, _pseudonyms(people.id_number, "p", pseudonyms)),
        "_alias": _pseudonyms(_without(people.registry_number, "G"), "p", pseudonyms),
        "_doubtful": people.doubtful,
        "_cohort": _cohort(birth),
        "_identity": _digests(_besides_numbers(identities), len(birth), pseudonyms),
    }
    made |= _replacements(source, values, people, birth, pseudonyms, snapshot_on)
    return made | identities


def _replacements(
    source: Source,
    values: Mapping[str, pa.Array],
    people: People,
    birth: pa.Array,
    pseudonyms: Pseudonyms,
    snapshot_on: dt.date | None,
) -> dict[str, pa.Array]:
    length = len(people.id_number)
    phones = [values[name] for name in values if name == "phone" or name.endswith("_phone")]
    guardians = [values[name] for name in ("guardian_1", "guardian_2") if name in values]
    makers = {
        "snapshot_on": lambda: pa.array([snapshot_on] * length, pa.date32()),
        "registration": lambda: _pseudonyms(people.registry_number, "r", pseudonyms),
        "has_id": lambda: pc.is_valid(people.id_number),
        "has_phone": lambda: pc.is_valid(pc.coalesce(*phones)),
        "has_guardian": lambda: pc.is_valid(pc.coalesce(*guardians)),
        "birth_month": lambda: pc.floor_temporal(birth, unit="month"),
        "cohort": lambda: _cohort(birth),
        "household": lambda: _pseudonyms(values["household_number"], "h", pseudonyms),
        "holder": lambda: _pseudonyms(_holder(values), "s", pseudonyms),
        "candidate": lambda: _pseudonyms(_candidate(values, people), "c", pseudonyms),
    }
    return {name: makers[name]() for name in shape.derived(source)}


def _identities(source: Source, values: Mapping[str, pa.Array], people: People, birth: pa.Array) -> dict[str, pa.Array]:
    special = {"id_number": people.id_number, "registry_number": people.registry_number}
    if "birth_date" in values:
        special["birth_date"] = birth
    found: dict[str, pa.Array] = {}
    for name, origins in shape.identities(source).items():
        given = special.get(name)
        found[f"identity_{name}"] = given if given is not None else pc.coalesce(*(values[o] for o in origins))
    return found | {f"detail_{name}": values[name] for name in shape.details(source)}


def _split(kind: str, values: pa.Array) -> tuple[pa.Array, pa.Array]:
    nobody = pa.nulls(len(values), pa.string())
    if kind == "pupil_code":
        return nobody, nobody
    if kind == "id_number":
        return values, nobody
    if kind == "registry_number":
        return nobody, values
    if kind == "disability_number":
        return pc.utf8_slice_codeunits(values, 0, 18), nobody
    lettered = pc.match_substring_regex(values, "^[GJL]")
    return pc.if_else(lettered, None, values), pc.if_else(lettered, values, None)


def _where(numbers: pa.Array, letter: str, start: int) -> pa.Array:
    return pc.if_else(pc.starts_with(numbers, letter), pc.utf8_slice_codeunits(numbers, start), None)


def _without(numbers: pa.Array, letter: str) -> pa.Array:
    return pc.if_else(pc.starts_with(numbers, letter), None, numbers)


def _birth(values: Mapping[str, pa.Array], people: People) -> pa.Array:
    """The date in the identity number (its check digit guards it), else as written, else in the registry number."""
    written = values.get("birth_date", pa.nulls(len(people.id_number), pa.date32()))
    in_id = _date_in(people.id_number, 6)
    return pc.coalesce(in_id, written, _date_in(people.registry_number, 7))


def _date_in(numbers: pa.Array, start: int) -> pa.Array:
    eight = pc.utf8_slice_codeunits(numbers, start, start + 8)
    return pc.strptime(eight, format="%Y%m%d", unit="s", error_is_null=True).cast(pa.date32())


def _cohort(birth: pa.Array) -> pa.Array:
    later = pc.greater(pc.add(pc.multiply(pc.month(birth), 100), pc.day(birth)), 901)
    return pc.add(pc.add(pc.year(birth), _SIX), later.cast(pa.int64())).cast(pa.int32())


def _holder(values: Mapping[str, pa.Array]) -> pa.Array:
    """A duty-holder is a name with its telephone, or with its unit where no telephone is given."""
    told_apart = pc.coalesce(values["holder_phone"], values["unit"])
    return pc.binary_join_element_wise(values["holder_name"], told_apart, "|")


def _candidate(values: Mapping[str, pa.Array], people: People) -> pa.Array:
    grade = values["grade"].cast(pa.string())
    who = pc.binary_join_element_wise(values["full_name"], values["school_code"], grade, values["class"], "|")
    return pc.if_else(people.known, None, who)


def _pseudonyms(identifiers: pa.Array, letter: str, pseudonyms: Pseudonyms) -> pa.Array:
    coded = identifiers.dictionary_encode()
    made = [text and pseudonyms.of(letter, text) for text in coded.dictionary.to_pylist()]
    return pa.array(made, pa.string()).take(coded.indices)


def _besides_numbers(identities: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """The pseudonyms already tell two persons apart, so only the other identities need a digest."""
    numbers = {"identity_id_number", "identity_registry_number"}
    return {name: column for name, column in identities.items() if name not in numbers}


def _digests(identities: Mapping[str, pa.Array], length: int, pseudonyms: Pseudonyms) -> pa.Array:
    if not identities:
        return pa.nulls(length, pa.int64())
    as_text = [column.cast(pa.string()) for column in identities.values()]
    joined = pc.binary_join_element_wise(*as_text, "\x1f", null_handling="replace", null_replacement="")
    coded = joined.dictionary_encode()
    return pa.array([pseudonyms.digest(text) for text in coded.dictionary.to_pylist()], pa.int64()).take(coded.indices)
