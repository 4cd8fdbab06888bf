"""The chain of duty (联控联保): who answers today for a class, school, zone, village or township, and where nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from baoxue.cases.homes import homes
from baoxue.codes import DutyLevel, DutyLine
from baoxue.remembered import kept

if TYPE_CHECKING:
    from baoxue.store import Known

L = DutyLevel

LINE_OF: dict[DutyLevel, DutyLine] = {
    L.CITY: DutyLine.ADMINISTRATIVE,
    L.TOWNSHIP: DutyLine.ADMINISTRATIVE,
    L.VILLAGE: DutyLine.ADMINISTRATIVE,
    L.BUREAU: DutyLine.EDUCATION,
    L.ZONE: DutyLine.EDUCATION,
    L.SCHOOL: DutyLine.EDUCATION,
    L.GRADE: DutyLine.EDUCATION,
    L.CLASS: DutyLine.EDUCATION,
    L.SUBJECT: DutyLine.EDUCATION,
}
"""Two lines of duty: 行政线 and 教育线."""

UNIT_OF: dict[DutyLevel, str] = {
    L.CITY: "township",
    L.TOWNSHIP: "village",
    L.VILLAGE: "village",
    L.BUREAU: "zone",
    L.ZONE: "school",
    L.SCHOOL: "grade",
    L.GRADE: "grade",
    L.CLASS: "class",
    L.SUBJECT: "class",
}
"""What each level answers for (包): 市领导包乡镇, 乡镇包村, 教育局包学区, 学区包学校, 学校包年级, 班主任包班级,
科任包学生 (by class)."""

WIDER: dict[DutyLevel, tuple[str, ...]] = {
    L.TOWNSHIP: ("township",),
    L.ZONE: ("zone",),
    L.SCHOOL: ("school",),
    L.SUBJECT: ("grade",),
}
"""A wider unit that a holder of the level may also be named for: then everyone in it is answered for."""

PLACE = ("township_code", "village", "zone", "school_code", "grade", "class")


def holders(known: Known) -> ibis.Table:
    """Who holds a duty today: `line, level, unit_key, holder, post, starts_on`.

    A duty holds from 起始日期 to 终止日期, both days included. `unit_key` is the unit as this module writes it, however
    the county wrote it: a nine-digit township, a village, a zone, `school`, `school-grade`, `school-grade-class` (grade
    and class without leading zeros).
    """
    rows = known.table("duty_holders")
    today = ibis.literal(known.as_of)
    valid = rows.filter((rows.starts_on <= today) & (rows.ends_on.isnull() | (rows.ends_on >= today)))
    valid = valid.filter(valid.holder.notnull())
    return valid.select("line", "level", "holder", "post", "starts_on", unit_key=_unit_key(valid))


def units(known: Known) -> ibis.Table:
    """Every unit that somebody must answer for at each level: `level, unit_kind, unit_key, pupils` and its place.

    A village is told apart as `township/village`, though the county names only the village as 责任对象.

    Classes, grades, schools and zones are those of children on the latest registry snapshot, villages those of the
    latest household snapshot, townships those of either. `pupils` is the number of these children in the unit.
    """
    return kept(known, "_duty_units", lambda: _units(known))


def coverage(known: Known) -> ibis.Table:
    """Every unit at every level with who answers for it: `line, level, unit_kind, unit_key, pupils`, the place,
    `holder` (empty: a gap), `post`, `since`; see `responsible` for who that is."""
    return kept(known, "_duty_coverage", lambda: _coverage(known))


def gaps(known: Known) -> ibis.Table:
    """The units at each level for which nobody answers today, in the order of the chain."""
    rows = coverage(known).filter(ibis._.holder.isnull())
    order = ibis.cases(*((rows.level == level.value, number) for number, level in enumerate(LINE_OF)))
    return rows.drop("holder", "post", "since").order_by(order, "unit_key")


def everyone(known: Known) -> ibis.Table:
    """Every unit at every level with all who are named for it, a row a person; a gap has one row without `holder`.

    Columns as `coverage`. Where nobody is named for the unit itself, those named for a wider unit stand for it.
    """
    rows, held = units(known), holders(known).select("level", "holder", "post", "unit_key", since="starts_on")
    parts = []
    for level in LINE_OF:
        at_level = rows.filter(rows.level == level.value)
        for rank, kind in enumerate((UNIT_OF[level], *WIDER.get(level, ()))):
            asked = at_level.mutate(named_for=_place_key(at_level, kind), rank=ibis.literal(rank))
            given = held.filter(held.level == level.value).rename(given_for="unit_key").drop("level")
            parts.append(asked.inner_join(given, asked.named_for == given.given_for).drop("named_for", "given_for"))
    named = ibis.union(*parts)
    nearest = ibis.window(group_by=["level", "unit_key"])
    named = named.mutate(_nearest=named.rank.min().over(nearest)).filter(ibis._.rank == ibis._._nearest)
    gap = gaps(known).drop("line").mutate(holder=ibis.null("string"), post=ibis.null("string"), since=ibis.null("date"))
    both = named.drop("rank", "_nearest").union(gap.select(*named.drop("rank", "_nearest").columns))
    return both.mutate(line=_line(both.level)).relocate("line")


def responsible(known: Known, people: ibis.Table, level: DutyLevel) -> ibis.Table:
    """`people` with `holder, post, since`: who answers for each of them at a level; empty where nobody does.

    `people` has the columns of a place (`PLACE`), as `homes` gives them. The person named for the unit itself comes
    before one named for a wider unit; of two, who began last.
    """
    named, kinds = _named(known, level), (UNIT_OF[level], *WIDER.get(level, ()))
    for kind in kinds:
        keys = named.rename({f"_{column}_{kind}": column for column in named.columns})
        people = people.left_join(keys, _place_key(people, kind) == keys[f"_unit_key_{kind}"])
    has = [people[f"_holder_{kind}"].notnull() for kind in kinds]
    found = {
        column: ibis.cases(*((there, people[f"_{column}_{kind}"]) for there, kind in zip(has, kinds, strict=True)))
        for column in ("holder", "post", "since")
    }
    return people.mutate(**found).drop(*[name for name in people.columns if name.startswith("_")])


def chain(known: Known, people: ibis.Table) -> ibis.Table:
    """`people` with a column for every level, in English (`holder_city` … `holder_subject`)."""
    for level in LINE_OF:
        named = responsible(known, people, level).drop("post", "since")
        people = named.rename({f"holder_{level.name.lower()}": "holder"})
    return people


def _coverage(known: Known) -> ibis.Table:
    rows = units(known)
    parts = [responsible(known, rows.filter(rows.level == level.value), level) for level in LINE_OF]
    covered = ibis.union(*parts)
    return covered.mutate(line=_line(covered.level)).relocate("line")


def _line(level: ibis.Value) -> ibis.Value:
    return level.substitute({name.value: line.value for name, line in LINE_OF.items()})


def _named(known: Known, level: DutyLevel) -> ibis.Table:
    """Who is named for each unit at a level: `unit_key, holder, post, since`, one a unit."""
    held = holders(known).filter(ibis._.level == level.value)
    order = ibis.window(group_by="unit_key", order_by=[held.starts_on.desc(), held.holder])
    first = held.mutate(_first=ibis.row_number().over(order)).filter(ibis._._first == 0)
    return first.select("unit_key", "holder", "post", since="starts_on")


def _place_key(rows: ibis.Table, kind: str) -> ibis.Value:
    """The key of the unit of that kind in which each row lies; empty where the row does not say."""
    school, dash = rows.school_code, ibis.literal("-")
    grade = rows.grade.cast("string")
    match kind:
        case "township":
            return rows.township_code
        case "village":
            return rows.village
        case "zone":
            return rows.zone
        case "school":
            return school
        case "grade":
            return school + dash + grade
        case _:
            return school + dash + grade + dash + _plain(rows["class"])


def _plain(number: ibis.Value) -> ibis.Value:
    return ibis.coalesce(number.try_cast("int32").cast("string"), number)


def _unit_key(rows: ibis.Table) -> ibis.Value:
    """The county's 责任对象 as a key: codes of schools taken apart, a 12-digit township cut to nine."""
    text = rows.unit.strip()
    pattern = r"^(\d{10})(?:\D*([1-9]))?(?:\D*(\d{1,3}))?\D*$"
    parts = [text.re_extract(pattern, group) for group in (1, 2, 3)]
    school, grade, room = (part.nullif("") for part in parts)
    dash = ibis.literal("-")
    in_school = ibis.coalesce(school + dash + grade + dash + _plain(room), school + dash + grade, school)
    township = text.re_extract(r"^(\d{9})(?:000)?$", 1).nullif("")
    education = rows.level.isin([L.ZONE.value, L.SCHOOL.value, L.GRADE.value, L.CLASS.value, L.SUBJECT.value])
    return ibis.coalesce(ibis.ifelse(education, in_school, ibis.null("string")), township, text)


def _units(known: Known) -> ibis.Table:
    people = homes(known)
    in_school = people.filter(people.on_registry & people.grade.notnull())
    at_home = people.filter(people.at_home & people.village.notnull())
    sources = {"township": people.filter(people.on_registry | people.at_home), "village": at_home}
    places = {kind: _places(sources.get(kind, in_school), kind) for kind in set(UNIT_OF.values())}
    parts = [
        places[kind].mutate(level=ibis.literal(level.value), unit_kind=ibis.literal(kind))
        for level, kind in UNIT_OF.items()
    ]
    return ibis.union(*parts).select("level", "unit_kind", "unit_key", "pupils", *PLACE)


def _places(people: ibis.Table, kind: str) -> ibis.Table:
    """Units of one kind: `unit_key, pupils` and as much of the place as the unit fixes."""
    inside = {
        "township": ("township_code",),
        "village": ("township_code", "village"),
        "zone": ("zone",),
        "school": ("school_code", "zone"),
        "grade": ("school_code", "zone", "grade"),
        "class": ("school_code", "zone", "grade", "class"),
    }[kind]
    key = _place_key(people, kind)
    # villages of one name lie in several townships
    key = people.township_code + ibis.literal("/") + key if kind == "village" else key
    rows = people.mutate(unit_key=key).filter(ibis._.unit_key.notnull())
    empty = {name: ibis.null("int32" if name == "grade" else "string") for name in PLACE}
    fixed = {name: rows[name].min() if name in inside else empty[name] for name in PLACE}
    return rows.group_by("unit_key").aggregate(pupils=rows.pupil.nunique(), **fixed)
