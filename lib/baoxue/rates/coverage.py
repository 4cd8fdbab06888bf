"""入学率 and 完成率: how many of the children who ought to be in school are, by the household register and the
lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from baoxue.cases.leavings import school_year_of, stage_of_grade
from baoxue.codes import Arrival, Change, Passage, Placement, Residence, Schooling, Stage
from baoxue.rates.cube import TOTAL, counted, in_order
from baoxue.rates.fates import IN_SCHOOL, fates
from baoxue.rates.intervals import with_share
from baoxue.rates.policy import indicators
from baoxue.rates.populations import by_year, households, opening_snapshots, openings

if TYPE_CHECKING:
    from baoxue.store import Known

REGISTERED_HERE = (Residence.HERE, Residence.AWAY)
"""户籍人口: registered in the county, wherever they live. 常住人口 would be 本籍在本 and 外籍在本."""


def net_enrolment_on_households(known: Known, residences: Sequence[Residence] = REGISTERED_HERE) -> pd.DataFrame:
    """(净)入学率: children of school age who are in school, per hundred on the household register; 合计 = 九年.

    A row per school year and stage of age (小学 6-11, 初中 12-14 full years on 1 September). `enrolled_here`: on the
    registry at the beginning of the year, in any grade; `enrolled_elsewhere`: 县外就读 with a date of verification;
    `to_verify`: the rest, a list for visits and not a count of children out of school. Pupils on leave are not in
    school. Jeffreys interval. Population: 户籍 (本籍在本, 本籍在外) unless `residences` says otherwise.
    Source: two-basics audit rules: 小学适龄人口中在小学及以上在校生 ÷ 小学适龄人口; the same over nine years.
    """
    children = _of_school_age(known, residences)
    here = openings(known).select("school_year", "pupil").mutate(_here=True)
    rows = children.left_join(here, ["school_year", "pupil"]).drop("school_year_right", "pupil_right")
    is_here = rows._here.fill_null(False)
    is_elsewhere = (rows.schooling == Schooling.ELSEWHERE) & rows.schooling_checked_on.notnull()
    rows = rows.mutate(is_here=is_here, is_elsewhere=is_elsewhere.fill_null(False) & ~is_here)
    measures = {
        "population": rows.pupil.count(),
        "enrolled_here": rows.is_here.sum(),
        "enrolled_elsewhere": rows.is_elsewhere.sum(),
    }
    frame = _both_known(counted(rows, ["stage"], measures), known)
    frame = frame.assign(enrolled=frame["enrolled_here"] + frame["enrolled_elsewhere"])
    frame = frame.assign(to_verify=frame["population"] - frame["enrolled"])
    return with_share(frame, "enrolled", "population")


def gross_enrolment_on_households(known: Known, residences: Sequence[Residence] = REGISTERED_HERE) -> pd.DataFrame:
    """毛入学率: pupils of a stage, whatever their age, per hundred children of that stage's age on the household
    register.

    Official for 初中 (初中在校生总数 ÷ 初中学龄人口); 小学 is given beside it. `rate_pct` exceeds 100 where many pupils
    came from elsewhere or are over age; `capped_pct` is for official tables. Two full counts of different children:
    no interval is claimed. Empty where the register has no child of the age.
    """
    children = _of_school_age(known, residences)
    population = counted(children, ["stage"], {"population": children.pupil.count()})
    there = openings(known)
    enrolled = counted(there, ["stage"], {"enrolled": there.pupil.count()})
    frame = population.merge(enrolled, on=["school_year", "stage"])
    frame = in_order(frame[frame["stage"] != TOTAL], ["school_year", "stage"])
    rate = 100 * frame["enrolled"] / frame["population"].where(frame["population"] > 0)
    return frame.assign(rate_pct=rate, capped_pct=rate.clip(upper=indicators().cap_pct))


def completion_on_households(known: Known, residences: Sequence[Residence] = REGISTERED_HERE) -> pd.DataFrame:
    """完成率: of those 15 (17) full years old on 1 September, who has completed primary (junior) school, per cent.

    A row per school year and stage. Completed 小学: ever on the registry in grade 7 or above, or arrived at 小升初, or
    graduated (毕业) from grade 6. Completed 初中: in school in grade 9 at the end of a year, or 毕业 from grade 9. What
    the county cannot see (schooling elsewhere) counts as not completed, so this is a lower bound.

    The household register hands in children of school age: the population is the last snapshot for whose school year
    the cohort was of that age (`register_on`), empty with the rate where there is none. Jeffreys interval.
    Source: two-basics audit rules.
    """
    children = _of_completion_age(known, residences)
    done = _completed(known)
    rows = children.left_join(done, ["pupil", "stage"]).drop("pupil_right", "stage_right")
    counts = rows.group_by("school_year", "stage", "register_on").aggregate(
        population=rows.pupil.count(),
        completed=(rows.done_on <= ibis.date(rows.school_year, 9, 1)).fill_null(False).sum(),
    )
    years = pd.DataFrame({"school_year": list(opening_snapshots(known))}, dtype="int32")
    wanted = years.merge(pd.DataFrame({"stage": [stage.value for stage in Stage]}), how="cross")
    frame = wanted.merge(counts.to_pandas(), on=["school_year", "stage"], how="left")
    return with_share(in_order(frame, ["school_year", "stage"]), "completed", "population")


def disabled_enrolment_on_list(known: Known) -> pd.DataFrame:
    """残疾儿童少年入学率: listed disabled children of school age who are taught, per hundred listed.

    A row per school year, from the list of the disabled persons' federation (certificates issued by the beginning of
    the year). `in_class`: on the registry, in an ordinary or special school; `taught_at_home`: 送教上门; `not_placed`:
    the rest, of whom `placed_unregistered` have a placement on the list and no registry entry: to be checked.
    `age_unknown`: listed, but on no register that tells the age; not in the population. Jeffreys interval. The
    placement has no date of its own: the last one known is used for every year.
    Source: two-basics audit rules: 在校 (普校 + 特教 + 送教) ÷ 适龄残疾儿童少年总数.
    """
    rows = _disabled(known)
    ages = indicators().school_age
    of_age = rows.age.between(ages[Stage.PRIMARY][0], ages[Stage.JUNIOR][1])
    at_home = (rows.placement == Placement.HOME).fill_null(False)
    is_placed = rows.placement.notnull() & (rows.placement != Placement.NONE)
    counts = rows.group_by("school_year").aggregate(
        population=of_age.sum(),
        in_class=(of_age & rows.is_here & ~at_home).sum(),
        taught_at_home=(of_age & at_home).sum(),
        placed_unregistered=(of_age & is_placed & ~at_home & ~rows.is_here).sum(),
        age_unknown=rows.age.isnull().sum(),
    )
    frame = counts.order_by("school_year").to_pandas()
    numbers = [name for name in frame if name != "school_year"]
    frame = frame.assign(**{name: frame[name].fillna(0).astype(int) for name in numbers})
    frame = frame.assign(enrolled=frame["in_class"] + frame["taught_at_home"])
    return with_share(frame.assign(not_placed=frame["population"] - frame["enrolled"]), "enrolled", "population")


def _of_school_age(known: Known, residences: Sequence[Residence]) -> ibis.Table:
    ages = indicators().school_age
    children = households(known)
    word = ibis.cases(*((children.age.between(*ages[stage]), stage.value) for stage in Stage))
    staged = children.mutate(stage=word)
    return staged.filter(staged.stage.notnull() & staged.residence.isin(list(residences)))


def _both_known(frame: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Only school years with a registry opening: without one nobody would seem to be in school."""
    told = frame[frame["school_year"].isin(list(opening_snapshots(known)))]
    return in_order(told, ["school_year", "stage"])


def _of_completion_age(known: Known, residences: Sequence[Residence]) -> ibis.Table:
    """Children of the completion ages, from the last household snapshot at which their cohort was of school age."""
    register = known.table("households")
    years = [
        (year, stage.value, year + 6 - age, day)
        for year, day in opening_snapshots(known).items()
        for stage, age in indicators().completion_age.items()
    ]
    columns = {"school_year": "int32", "stage": "string", "cohort": "int32", "by_day": "date"}
    frame = pd.DataFrame(years, columns=list(columns), dtype="object")
    asked = ibis.memtable(frame, schema=ibis.schema(columns))
    rows = register.filter(register.residence.isin(list(residences))).inner_join(asked, "cohort")
    was_of_age = 6 + school_year_of(rows.snapshot_on) - rows.cohort <= indicators().school_age[Stage.JUNIOR][1]
    rows = rows.filter((rows.snapshot_on <= rows.by_day) & was_of_age)
    newest = rows.snapshot_on.max().over(ibis.window(group_by=["school_year", "stage"]))
    last = rows.mutate(register_on=newest).filter(ibis._.snapshot_on == ibis._.register_on)
    return last.select("school_year", "stage", "pupil", "register_on").distinct()


def _completed(known: Known) -> ibis.Table:
    """Who completed a stage, and since when it shows: `pupil, stage, done_on`."""
    enrolments = known.table("enrolments").filter(ibis._.grade >= 7)
    grown = enrolments.select("pupil", stage=ibis.literal(Stage.PRIMARY.value), done_on=enrolments.snapshot_on)
    admissions = known.table("admissions")
    came = admissions.filter((admissions.passage == Passage.TO_JUNIOR) & (admissions.arrival == Arrival.ARRIVED))
    came = came.select("pupil", stage=ibis.literal(Stage.PRIMARY.value), done_on=came.arrived_on)
    changes = known.table("changes").filter(ibis._.change == Change.GRADUATED)
    left = changes.select("pupil", stage=stage_of_grade(changes.from_grade), done_on=changes.changed_on)
    ended = fates(known).filter((ibis._.grade == 9) & (ibis._.fate == IN_SCHOOL) & ibis._.is_complete)
    stayed = ended.select(
        "pupil", stage=ibis.literal(Stage.JUNIOR.value), done_on=ibis.date(ended.school_year + 1, 8, 31)
    )
    every = ibis.union(grown, came, left, stayed)
    return every.filter(every.stage.notnull()).group_by("pupil", "stage").aggregate(done_on=every.done_on.min())


def _disabled(known: Known) -> ibis.Table:
    """Listed disabled children, a row per school year in whose beginning they were listed, with age and registry."""
    listed = known.table("disabled")
    last = ibis.row_number().over(
        ibis.window(group_by="pupil", order_by=[listed.listed_on.desc(), listed.known_on.desc()])
    )
    first_on = listed.listed_on.min().over(ibis.window(group_by="pupil"))
    children = listed.mutate(_rank=last, since=first_on).filter(ibis._._rank == 0).select("pupil", "since", "placement")
    years = by_year(opening_snapshots(known), "opened_on")
    rows = children.cross_join(years).filter(ibis._.since <= ibis._.opened_on)
    ages = ibis.union(*(known.table(name).select("pupil", "cohort") for name in ("enrolments", "households")))
    ages = ages.filter(ages.cohort.notnull()).group_by("pupil").aggregate(cohort=ages.cohort.min())
    rows = rows.left_join(ages, "pupil").drop("pupil_right")
    here = openings(known).select("school_year", "pupil").mutate(_here=True)
    rows = rows.left_join(here, ["school_year", "pupil"]).drop("school_year_right", "pupil_right")
    return rows.mutate(age=6 + rows.school_year - rows.cohort, is_here=rows._here.fill_null(False))
