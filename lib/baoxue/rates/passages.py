"""幼升小 and 小升初: every child who had to pass, and where it went, known or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.leavings import leavings
from baoxue.codes import Change, Passage, Residence, Schooling, Status, TransferScope, Whereabouts
from baoxue.rates.fates import GONE, fates
from baoxue.rates.populations import by_year, households, opening_snapshots

if TYPE_CHECKING:
    from baoxue.store import Known

GRADUATES, OF_AGE, FROM_ELSEWHERE = "本县六年级", "户籍名册适龄", "只在招生名单"
ELSEWHERE, SUSPENDED = "县外就读", Status.SUSPENDED.value
LEFT, TO_CHECK, NOWHERE = "辍学", "去向待核实", "去向不明"
DESTINATIONS = (
    Whereabouts.IN_COUNTY.value, Whereabouts.IN_PROVINCE.value, Whereabouts.OUTSIDE.value, Whereabouts.ABROAD.value,
    ELSEWHERE, Whereabouts.DEFERRED.value, SUSPENDED, Whereabouts.NOT_ENTERED.value, LEFT, TO_CHECK, NOWHERE,
)  # fmt: skip
UNKNOWN = (TO_CHECK, NOWHERE)
"""Destinations that nobody has proved: these children are to be looked for."""


def passage_flows(known: Known) -> pd.DataFrame:
    """Children at each passage by where they came from and where they are: a row per year, passage, origin,
    destination.

    Columns: `admission_year, passage, origin, destination, is_known, pupils`; the pupils of a year and passage are
    everybody who had to pass. 小升初: pupils in grade 6 of this county in the year before who had not moved by June
    (本县六年级), and whoever is only on the admissions list. 幼升小: children of the household register six full years
    old on 1 September who live here (户籍名册适龄: 本籍在本, 外籍在本), and whoever is only on the admissions list.

    `destination`: 县内就读 if the registry has the child in school in the year that begins (休学 if on leave); else
    辍学 if a leaving since June has not ended; else where a confirmed transfer out of that year leads; else the
    verified 去向 of the admission; else what the household register verified (县外就读, 未就读); else 去向待核实
    (said to be here, or moved without confirmation, and on no registry) or 去向不明. `is_known` is false for the last
    two. Only years whose registry opening is known. Source: county notice 三(一)3 (核清标注学生去向和联系方式).
    """
    rows = _placed(_children(known), known)
    keys = ["admission_year", "passage", "origin", "destination"]
    counts = rows.group_by(*keys).aggregate(pupils=rows.pupil.count()).to_pandas()
    place = {word: number for number, word in enumerate([*Passage, GRADUATES, OF_AGE, FROM_ELSEWHERE, *DESTINATIONS])}
    counts = counts.sort_values(keys, key=lambda c: c if c.name == "admission_year" else c.map(place))
    counts.insert(4, "is_known", ~counts["destination"].isin(UNKNOWN))
    return counts.reset_index(drop=True)


def passage_balance(flows: pd.DataFrame) -> pd.DataFrame:
    """`passage_flows` per year and passage: `children`, `in_county`, `elsewhere`, `not_in_school` (缓学, 休学, 未入学,
    辍学), `unknown`; the four add up to the children."""
    homes = {Whereabouts.IN_COUNTY.value: "in_county"}
    out = (Whereabouts.DEFERRED.value, Whereabouts.NOT_ENTERED.value, SUSPENDED, LEFT)
    kinds = homes | dict.fromkeys(out, "not_in_school") | dict.fromkeys(UNKNOWN, "unknown")
    kind = flows["destination"].map(kinds).fillna("elsewhere")
    table = flows.assign(kind=kind).pivot_table(
        index=["admission_year", "passage"], columns="kind", values="pupils", aggfunc="sum", fill_value=0
    )
    columns = ["in_county", "elsewhere", "not_in_school", "unknown"]
    table = table.reindex(columns=columns, fill_value=0).rename_axis(columns=None).astype(int)
    table.insert(0, "children", table.sum(axis=1))
    order = {word.value: place for place, word in enumerate(Passage)}
    frame = table.reset_index()
    return frame.sort_values(
        ["admission_year", "passage"], key=lambda c: c.map(order) if c.name == "passage" else c
    ).reset_index(drop=True)


def _children(known: Known) -> ibis.Table:
    """Everybody who had to pass: `admission_year, passage, pupil, origin`, each child once."""
    listed = known.table("admissions").select("admission_year", "passage", "pupil")
    pupils = fates(known)
    sixth = pupils.filter((pupils.grade == 6) & pupils.is_complete)
    sixth = _beside(
        sixth.select("pupil", "fate", admission_year=_year(sixth.school_year + 1)),
        _moved(known).select("admission_year", "pupil", is_summer=ibis.literal(True)),
        ["admission_year", "pupil"],
    )
    # who moved before June did not pass here; who moved at the passage did, though the year's fate is the move
    passing = sixth.filter(~sixth.fate.isin(GONE) | sixth.is_summer.fill_null(False))
    graduates = passing.select("pupil", "admission_year", passage=ibis.literal(Passage.TO_JUNIOR.value))
    register = households(known)
    here = register.filter((register.age == 6) & register.residence.isin([Residence.HERE, Residence.INCOMER]))
    of_age = here.select(
        "pupil", admission_year=_year(here.school_year), passage=ibis.literal(Passage.TO_PRIMARY.value)
    )
    keys = ["admission_year", "passage", "pupil"]
    ours = ibis.union(
        graduates.mutate(origin=ibis.literal(GRADUATES)).select(*keys, "origin"),
        of_age.mutate(origin=ibis.literal(OF_AGE)).select(*keys, "origin"),
    )
    ours = ours.filter(ours.pupil.notnull()).distinct()
    others = listed.mutate(admission_year=_year(listed.admission_year)).filter(listed.pupil.notnull())
    others = others.select(*keys).distinct().anti_join(ours, keys).mutate(origin=ibis.literal(FROM_ELSEWHERE))
    began = fates(known).select(admission_year=_year(ibis._.school_year)).distinct()
    return ours.union(others.select(*keys, "origin")).semi_join(began, "admission_year")


def _placed(children: ibis.Table, known: Known) -> ibis.Table:
    """`children` with their `destination`."""
    rows = children
    for more in (_on_registry(known), _admitted(known), _moved(known), _on_households(known), _left(known)):
        rows = _beside(rows, more, [name for name in ("admission_year", "passage", "pupil") if name in more.columns])
    in_county = Whereabouts.IN_COUNTY.value
    proved = rows.whereabouts.notnull() & ~rows.whereabouts.isin([Whereabouts.UNKNOWN, Whereabouts.IN_COUNTY])
    is_said = rows.moved_to.notnull() | (rows.whereabouts == in_county) | (rows.schooling == Schooling.IN_COUNTY)
    return rows.mutate(
        destination=ibis.cases(
            (rows.seen_as == SUSPENDED, SUSPENDED),
            (rows.seen_as.notnull(), in_county),
            (rows.has_left.fill_null(False), LEFT),
            (rows.moved_to.notnull() & rows.is_confirmed, rows.moved_to),
            (proved, rows.whereabouts),
            (rows.schooling == Schooling.ELSEWHERE, ELSEWHERE),
            (rows.schooling == Schooling.NONE, Whereabouts.NOT_ENTERED.value),
            (is_said.fill_null(False), TO_CHECK),
            else_=NOWHERE,
        )
    )


def _on_registry(known: Known) -> ibis.Table:
    """`seen_as`: 在读 or 休学, of whoever the registry has in the year that begins."""
    pupils, entries = fates(known), known.table("enrolments")
    there = pupils.select("pupil", admission_year=_year(pupils.school_year), seen_as=ibis.literal("在读"))
    opened = by_year(opening_snapshots(known), "snapshot_on")
    away = entries.filter(entries.status == Status.SUSPENDED).inner_join(opened, "snapshot_on")
    on_leave = away.select("pupil", admission_year=_year(away.school_year), seen_as=ibis.literal(SUSPENDED))
    every = there.union(on_leave)
    return every.group_by("admission_year", "pupil").aggregate(seen_as=every.seen_as.max())


def _admitted(known: Known) -> ibis.Table:
    rows = known.table("admissions")
    keys = {"admission_year": _year(rows.admission_year), "passage": rows.passage, "pupil": rows.pupil}
    return rows.group_by(**keys).aggregate(whereabouts=rows.whereabouts.max())


def _moved(known: Known) -> ibis.Table:
    """`moved_to`: where a transfer out between June and the next August leads, `is_confirmed`: whether it arrived."""
    changes = known.table("changes").filter(ibis._.change == Change.TRANSFER_OUT)
    changes = changes.filter(changes.transfer_scope.fill_null("") != TransferScope.COUNTY)
    year = changes.changed_on.year() - (changes.changed_on.month() < 6).cast("int32")
    scopes = {TransferScope.PROVINCE: Whereabouts.IN_PROVINCE.value, TransferScope.OUTSIDE: Whereabouts.OUTSIDE.value}
    words = ((changes.transfer_scope == scope, word) for scope, word in scopes.items())
    told = changes.select(
        "pupil", admission_year=_year(year), moved_to=ibis.cases(*words, else_=ELSEWHERE),
        is_confirmed=changes.confirmed_on.notnull(),
    )  # fmt: skip
    return told.group_by("admission_year", "pupil").aggregate(
        moved_to=told.moved_to.max(), is_confirmed=told.is_confirmed.any()
    )


def _on_households(known: Known) -> ibis.Table:
    rows = households(known).filter(ibis._.schooling_checked_on.notnull())
    return rows.group_by("pupil", admission_year=_year(rows.school_year)).aggregate(schooling=rows.schooling.max())


def _left(known: Known) -> ibis.Table:
    """Who left between June and the next May and is not back."""
    rows = leavings(known).filter(ibis._.ended_on.isnull())
    year = rows.left_on.year() - (rows.left_on.month() < 6).cast("int32")
    return rows.select("pupil", admission_year=_year(year), has_left=ibis.literal(True)).distinct()


def _year(year: ibis.Value) -> ibis.Value:
    return year.cast("int64")


def _beside(rows: ibis.Table, more: ibis.Table, keys: list[str]) -> ibis.Table:
    return rows.left_join(more, keys).drop(*(f"{key}_right" for key in keys))
