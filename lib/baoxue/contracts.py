"""The contract with a county: every source it hands in, a line a column, with the limits of the data in words.

Reading, storing, checking and simulating all follow from this page (INPUTS: folders, headers, what is known when).
A column that names or reaches a person is marked `identity`: it goes to the restricted table and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from baoxue import codes
from baoxue.codes import Coded

Kind = Literal[
    "text", "name", "id_number", "registry_number", "person_number", "disability_number", "phone",
    "school_code", "township_code", "division_code", "date", "month", "yes_no", "integer", "number",
    "grade", "class", "term", "year", "coded", "change", "pupil_code",
]  # fmt: skip
"""How a cell is read. `person_number` takes an ID number or a registry number under one header; `grade` 1-9 or the
entry year of the stage; `change` is a word, or a code whose header names its list; `pupil_code` is a pseudonym that
intake itself has found."""


@dataclass(frozen=True)
class Column:
    """One column: its name in the store, its header in the county's file, how it is read."""

    name: str
    header: str
    kind: Kind = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    coded: type[Coded] | None = None
    known_with: str | None = None
    """Name of the date column before which this column is empty (a case has no closing before it is closed)."""
    identity: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that means this column."""
        return (self.header, *self.aliases)


@dataclass(frozen=True)
class Source:
    """One folder of the drop: one row is `row`, its rows become `table`."""

    table: str
    folder: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """The row a later row corrects: same key, the one known last wins."""
    known: str = ""
    """The date column that says when a row became known; empty where a rule of its own says so (`store`)."""
    snapshot: bool = False
    """Lies in a folder named by its day, and holds on that day."""
    person: tuple[str, ...] = ()
    """Columns that identify the child, in order of preference; empty if the row is not about a child."""
    one_of: tuple[str, ...] = field(default=())
    """At least one of these columns must be there (and hold a valid value in each row)."""
    school: str = ""
    """The column of the school that answers for a row; `pupil`: the school the child is registered at on the row's day;
    empty: the bureau or the department that hands the list in."""
    is_answer: bool = False
    """Answers a workbook that a run has written, so that a drop has none before the first run."""

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return next(c for c in self.columns if c.name == name)


def _person(header: str = "学籍号", *, required: bool = True) -> Column:
    also = ("全国学籍号", "个人标识码", "学籍号或身份证件号", "学籍号/身份证件号", "身份证件号", "身份证号", "学籍号")
    aliases = tuple(other for other in also if other != header)
    return Column("person_number", header, "person_number", required, aliases, identity=True)


_ID = Column("id_number", "身份证件号", "id_number", True, ("身份证号", "公民身份号码"), identity=True)
_NAME = Column("full_name", "姓名", "name", True, ("学生姓名",), identity=True)
_TERM = Column("term", "学年学期", "term", True, ("学期",))

SCHOOLS = Source(
    "schools", "学校/学校名单", "a school",
    (
        Column("school_code", "学校标识码", "school_code", True),
        Column("school_name", "学校名称", required=True),
        Column("school_type", "办学类型", "coded", True, coded=codes.SchoolType),
        Column("ownership", "办别", "coded", coded=codes.Ownership),
        Column("urban_rural", "城乡分类", "coded", coded=codes.UrbanRural),
        Column("township_code", "乡镇街道代码", "township_code", True),
        Column("zone", "教育学区"),
        Column("has_boarding", "寄宿制", "yes_no"),
        Column("longitude_deg", "经度", "number"),
        Column("latitude_deg", "纬度", "number"),
        Column("inspector_name", "责任督学", identity=True),
        Column("office_phone", "联系电话", "phone", identity=True),
    ),
    key=("school_code",),
)  # fmt: skip
"""Known from the beginning: a list of schools has no date of its own."""

DUTY_HOLDERS = Source(
    "duty_holders", "学校/责任人", "a duty-holder and the unit they answer for",
    (
        Column("line", "责任线", "coded", True, coded=codes.DutyLine),
        Column("level", "层级", "coded", True, coded=codes.DutyLevel),
        Column("unit", "责任对象", required=True),
        Column("holder_name", "责任人", "name", True, identity=True),
        Column("post", "职务"),
        Column("holder_phone", "联系电话", "phone", identity=True),
        Column("starts_on", "起始日期", "date", True),
        Column("ends_on", "终止日期", "date", known_with="ends_on"),
    ),
    key=("line", "level", "unit", "starts_on", "holder"),
    known="starts_on",
)  # fmt: skip
"""`holder` is the pseudonym of the person named; the name and phone lie with the identities."""


def _family_member(n: int) -> tuple[Column, ...]:
    who = f"成员{n}"
    return (
        Column(f"guardian_{n}", f"{who}姓名", "name", identity=True),
        Column(f"guardian_{n}_relation", f"{who}关系"),
        Column(f"guardian_{n}_phone", f"{who}联系电话", "phone", identity=True),
        Column(f"guardian_{n}_is_guardian", f"{who}是否监护人", "yes_no"),
    )


ENROLMENTS = Source(
    "enrolments", "学籍", "a pupil on the registry on that day",
    (
        Column("school_code", "学校标识码", "school_code", True),
        _NAME,
        Column("id_number", "身份证件号", "id_number", aliases=("身份证号", "公民身份号码"), identity=True),
        Column("registry_number", "全国学籍号", "registry_number", aliases=("学籍号", "个人标识码"), identity=True),
        Column("status", "学籍状态", "coded", coded=codes.Status, aliases=("学生当前状态",)),
        Column("grade", "年级", "grade"),
        Column("class", "班级号", "class", aliases=("班号", "班级")),
        Column("entry_month", "入学年月", "month"),
        Column("sex", "性别", "coded", coded=codes.Sex),
        Column("birth_date", "出生日期", "date", identity=True),
        Column("nation", "民族"),
        Column("hukou_division", "户口所在地行政区划", "division_code"),
        Column("hukou_kind", "户口性质"),
        Column("boarding", "就读方式", "coded", coded=codes.Boarding),
        Column("left_behind", "是否留守儿童", "coded", coded=codes.LeftBehind),
        Column("is_migrant_child", "是否进城务工人员随迁子女", "yes_no"),
        Column("is_orphan", "是否孤儿", "yes_no"),
        Column("needs_aid", "是否需要申请资助", "yes_no"),
        Column("gets_boarding_aid", "是否享受一补", "yes_no"),
        Column("disability", "残疾类型", "coded", aliases=("残疾人类型",), coded=codes.Disability),
        Column("inclusion", "随班就读"),
        Column("had_preschool", "是否受过学前教育", "yes_no"),
        Column("is_only_child", "是否独生子女", "yes_no"),
        Column("health", "健康状况"),
        Column("distance_km", "上下学距离", "number"),
        Column("transport", "上下学方式", aliases=("上下学交通方式",)),
        Column("needs_bus", "是否需要乘坐校车", "yes_no", aliases=("是否乘坐校车",)),
        Column("entry_way", "入学方式"),
        Column("origin", "学生来源"),
        Column("address", "现住址", identity=True),
        Column("phone", "联系电话", "phone", identity=True),
        *_family_member(1),
        *_family_member(2),
    ),
    key=("pupil", "snapshot_on", "school_code", "registration"),
    known="snapshot_on",
    snapshot=True,
    person=("id_number", "registry_number"),
    one_of=("id_number", "registry_number"),
    school="school_code",
)  # fmt: skip
"""Grade is stored 1-9: as written, or from the entry month or entry year, the stage of the school and the age.
`registration` is the pseudonym of the registry number, so that one child under two numbers stays two rows; `has_id`,
`has_phone`, `has_guardian` say whether the identities hold one; `birth_month` is the first day of the month of birth;
`cohort` is the first calendar year whose 1 September finds the child six full years old (from the exact birth date).
Columns of the template that no one here needs (blood group, home page, skills, ...) are read past, not kept."""

ROSTERS = Source(
    "rosters", "在校", "a child really sitting in class that day, as the class teacher counts",
    (
        Column("school_code", "学校标识码", "school_code", True),
        Column("grade", "年级", "grade", True),
        Column("class", "班级号", "class", True, ("班号", "班级")),
        _NAME,
        Column("id_number", "身份证件号", "id_number", aliases=("身份证号",), identity=True),
        Column("registry_number", "学籍号", "registry_number", aliases=("全国学籍号",), identity=True),
        Column("note", "备注", identity=True),
    ),
    key=("pupil", "snapshot_on", "school_code"),
    known="snapshot_on",
    snapshot=True,
    person=("id_number", "registry_number"),
    school="school_code",
)  # fmt: skip
"""A row with neither number is a candidate (`pupil` empty), for a human to confirm."""

CHANGES = Source(
    "changes", "学籍变动", "a change of registry status",
    (
        _person(),
        Column("full_name", "姓名", "name", identity=True),
        Column("change", "变动类别", "change", True, ("学籍异动类别", "学生变动")),
        Column("reason", "变动原因"),
        Column("changed_on", "变动日期", "date", True),
        Column("accepted_on", "受理日期", "date", True),
        Column("suspended_until", "休学截止日期", "date"),
        Column("reviewed_on", "审核日期", "date", known_with="reviewed_on"),
        Column("from_school_code", "原学校标识码", "school_code"),
        Column("from_grade", "原年级", "grade"),
        Column("from_class", "原班级", "class"),
        Column("to_school_code", "目标学校标识码", "school_code"),
        Column("to_school_name", "目标学校名称"),
        Column("transfer_scope", "转学范围", "coded", coded=codes.TransferScope),
        Column("confirmed_on", "目标校确认日期", "date", known_with="confirmed_on"),
        Column("proof", "证明材料"),
        Column("review", "审核状态", "coded", coded=codes.Review, known_with="reviewed_on"),
        Column("note", "备注", identity=True),
    ),
    key=("pupil", "change", "changed_on"),
    known="accepted_on",
    person=("person_number",),
    school="from_school_code",
)  # fmt: skip

ABSENCES = Source(
    "absences", "考勤/缺勤", "one absence",
    (
        _person(),
        Column("date", "日期", "date", True),
        Column("absence", "缺勤类别", "coded", True, coded=codes.Absence),
        Column("session", "时段", "coded", True, coded=codes.Session),
        Column("recorded_on", "登记日期", "date"),
    ),
    key=("pupil", "date", "session"),
    known="recorded_on",
    person=("person_number",),
    school="pupil",
)  # fmt: skip
"""Known on the day it was recorded, else the day after."""

ROLLS = Source(
    "rolls", "考勤/点名", "a class on a day: was the roll taken",
    (
        Column("school_code", "学校标识码", "school_code", True),
        Column("grade", "年级", "grade", True),
        Column("class", "班级号", "class", True, ("班号", "班级")),
        Column("date", "日期", "date", True),
        Column("expected", "应到人数", "integer", True),
        Column("present", "实到人数", "integer", True),
        Column("is_taken", "是否点名", "yes_no", True),
    ),
    key=("school_code", "grade", "class", "date"),
    known="date",
    school="school_code",
)  # fmt: skip
"""A class and day without a row, or with `is_taken` false, is *missing*, not present."""

MARKS = Source(
    "marks", "成绩", "a mark",
    (
        _person(),
        _TERM,
        Column("subject", "科目", required=True),
        Column("mark", "成绩", "number"),
        Column("full_mark", "满分", "number", True),
        Column("missed_exam", "缺考", "yes_no"),
        Column("exam_on", "考试日期", "date"),
    ),
    key=("pupil", "term", "subject"),
    known="exam_on",
    person=("person_number",),
    school="pupil",
)  # fmt: skip
"""Known 14 days after the exam, else on the last day of the term."""

AID = Source(
    "aid", "资助", "a payment",
    (
        _person(),
        _TERM,
        Column("aid", "资助项目", "coded", True, coded=codes.Aid),
        Column("amount_yuan", "金额", "number", True),
        Column("paid_on", "发放日期", "date"),
    ),
    key=("pupil", "term", "aid", "paid_on", "amount_yuan"),
    known="paid_on",
    person=("person_number",),
    school="pupil",
)  # fmt: skip

HOUSEHOLDS = Source(
    "households", "户籍", "a child of school age on the household register or living here",
    (
        _ID,
        _NAME,
        Column("sex", "性别", "coded", coded=codes.Sex),
        Column("birth_date", "出生日期", "date", True, identity=True),
        Column("township_code", "乡镇街道代码", "township_code", True),
        Column("village", "村居"),
        Column("household_number", "户号", identity=True),
        Column("head_name", "户主姓名", "name", identity=True),
        Column("head_relation", "与户主关系"),
        Column("residence", "户籍标记", "coded", True, coded=codes.Residence),
        Column("guardian_1", "监护人", "name", identity=True),
        Column("phone", "联系电话", "phone", identity=True),
        Column("schooling", "就学情况", "coded", coded=codes.Schooling),
        Column("schooling_at", "就读学校"),
        Column("schooling_checked_on", "就学核实日期", "date"),
        Column("listed_on", "登记日期", "date"),
    ),
    key=("pupil", "snapshot_on"),
    known="snapshot_on",
    snapshot=True,
    person=("id_number",),
)  # fmt: skip
"""`household` is the pseudonym of the household number, so that 一家一案 can be linked; `birth_month`, `cohort`,
`has_phone` and `has_guardian` as in the enrolments."""

ADMISSIONS = Source(
    "admissions", "招生", "a child at the passage to primary or junior school",
    (
        Column("admission_year", "招生年度", "year", True),
        Column("passage", "学段", "coded", True, coded=codes.Passage),
        _ID,
        _NAME,
        Column("sex", "性别", "coded", coded=codes.Sex),
        Column("birth_date", "出生日期", "date", identity=True),
        Column("guardian_1", "监护人", "name", identity=True),
        Column("phone", "联系电话", "phone", identity=True),
        Column("hukou_division", "户籍区划", "division_code"),
        Column("address", "现居住地", identity=True),
        Column("from_school_code", "毕业学校标识码", "school_code"),
        Column("to_school_code", "录取学校标识码", "school_code"),
        Column("arrival", "报到状态", "coded", True, coded=codes.Arrival, known_with="arrived_on"),
        Column("arrived_on", "报到日期", "date", known_with="arrived_on"),
        Column("whereabouts", "去向", "coded", coded=codes.Whereabouts, known_with="whereabouts_checked_on"),
        Column("whereabouts_checked_on", "去向核实日期", "date", known_with="whereabouts_checked_on"),
    ),
    key=("pupil", "admission_year", "passage"),
    person=("id_number",),
)  # fmt: skip
"""The row is known on 1 July of the year of admission; `birth_month`, `cohort`, `has_phone` as in the enrolments."""

LOW_INCOME = Source(
    "low_income", "部门名单/低收入农户", "a child of a low-income household, as its department lists it",
    (
        _NAME,
        _ID,
        Column("hardship", "困难类别", "coded", True, coded=codes.Hardship),
        Column("ruling_number", "认定文号"),
        Column("listed_on", "认定日期", "date", True),
        Column("delisted_on", "退出日期", "date", known_with="delisted_on"),
        Column("township_code", "乡镇街道代码", "township_code"),
        Column("village", "村居"),
    ),
    key=("pupil", "hardship", "listed_on"),
    known="listed_on",
    person=("id_number",),
)  # fmt: skip

DISABLED = Source(
    "disabled", "部门名单/残疾儿童", "a disabled child, as the disabled persons' federation lists it",
    (
        _NAME,
        Column("disability_number", "残疾人证号", "disability_number", True, identity=True),
        Column("disability", "残疾类别", "coded", coded=codes.Disability),
        Column("disability_grade", "残疾等级"),
        Column("listed_on", "发证日期", "date", True),
        Column("placement", "安置方式", "coded", coded=codes.Placement),
        Column("home_lessons", "送教次数", "integer"),
    ),
    key=("pupil", "listed_on"),
    known="listed_on",
    person=("disability_number",),
)  # fmt: skip
"""The first 18 characters of the certificate number are the ID number."""

CARE = Source(
    "care", "部门名单/留守困境儿童", "a child on the civil affairs list",
    (
        _NAME,
        _ID,
        Column("care", "类型", "coded", True, coded=codes.CareKind),
        Column("listed_on", "登记日期", "date", True),
        Column("delisted_on", "退出日期", "date", known_with="delisted_on"),
    ),
    key=("pupil", "care", "listed_on"),
    known="listed_on",
    person=("id_number",),
)  # fmt: skip

VISITS = Source(
    "visits", "劝返/劝返记录", "one persuasion visit",
    (
        Column("case", "案件编号", required=True),
        _person(),
        Column("attempt", "劝返次数", "integer", True),
        Column("visited_on", "劝返日期", "date", True),
        Column("visitor_name", "劝返人员", identity=True),
        Column("way", "劝返方式", "coded", coded=codes.VisitWay),
        Column("measure", "措施类型", "coded", coded=codes.Measure),
        Column("result", "劝返结果", "coded", True, coded=codes.VisitResult),
        Column("note", "备注", identity=True),
    ),
    key=("case", "pupil", "attempt"),
    known="visited_on",
    person=("person_number",),
    school="pupil",
)  # fmt: skip

CASES = Source(
    "cases", "劝返/案件", "a case (一生一案)",
    (
        Column("case", "案件编号", required=True),
        _person(),
        Column("clue", "线索来源", required=True),
        Column("opened_on", "立案日期", "date", True),
        Column("first_absent_on", "首次缺勤日期", "date"),
        Column("conclusion", "认定结论", "coded", coded=codes.Conclusion, known_with="concluded_on"),
        Column("concluded_on", "认定日期", "date", known_with="concluded_on"),
        Column("dropout_reason", "辍学原因", "coded", coded=codes.DropoutReason, known_with="concluded_on"),
        Column("reported_township_on", "书面报告乡镇日期", "date", known_with="reported_township_on"),
        Column("reported_bureau_on", "书面报告教育局日期", "date", known_with="reported_bureau_on"),
        Column("criticised_on", "批评教育日期", "date", known_with="criticised_on"),
        Column("order_number", "责令限期改正文号", known_with="ordered_on"),
        Column("ordered_on", "责令送达日期", "date", known_with="ordered_on"),
        Column("order_due_on", "限期", "date", known_with="ordered_on"),
        Column("judicial_kind", "司法文书类别", known_with="judicial_on"),
        Column("judicial_number", "司法文书文号", known_with="judicial_on"),
        Column("judicial_on", "司法文书送达日期", "date", known_with="judicial_on"),
        Column("closed_on", "销案日期", "date", known_with="closed_on"),
        Column("closing", "销案类型", "coded", coded=codes.Closing, known_with="closed_on"),
        Column("resettlement", "复学安置方式", "coded", coded=codes.Resettlement, known_with="closed_on"),
        Column("reviewer_name", "审核人", identity=True),
    ),
    key=("case", "pupil"),
    known="opened_on",
    person=("person_number",),
)  # fmt: skip

TERMS = Source(
    "terms", "校历/学期", "a term",
    (
        _TERM,
        Column("starts_on", "开始日期", "date", True),
        Column("ends_on", "结束日期", "date", True),
    ),
    key=("term",),
)  # fmt: skip
"""Known from the beginning: a calendar is announced before its term."""

CALENDAR_DAYS = Source(
    "calendar_days", "校历/调整", "a day that departs from the week",
    (
        Column("date", "日期", "date", True),
        Column("day_kind", "类型", "coded", True, coded=codes.DayKind),
        Column("note", "说明"),
    ),
    key=("date",),
)  # fmt: skip

ANSWERS = Source(
    "answers", "反馈", "a pupil on a list that a school was handed, with the school's answer",
    (
        Column("reference", "编号", required=True),
        Column("pupil_code", "学生代码", "pupil_code", True, identity=True),
        Column("list_as_of", "名单截止日", "date", True),
        Column("school_code", "学校标识码", "school_code", True),
        Column("answer_due_on", "反馈期限", "date", True),
        Column("visited_on", "走访日期", "date", known_with="visited_on"),
        Column("result", "走访结果", "coded", coded=codes.AnswerResult, known_with="visited_on"),
        Column("objection", "异议", "coded", coded=codes.Objection, known_with="visited_on"),
        Column("note", "备注", identity=True),
    ),
    key=("list_as_of", "pupil"),
    person=("pupil_code",),
    is_answer=True,
)  # fmt: skip
"""The workbook that `lists` wrote, as a school hands it back; `intake.answered` opens it, checks that nothing but the
answers was changed, and finds the child of each 编号. The row is known on the day after the list, the answer on the day
of the visit."""

OBJECTION_REPLIES = Source(
    "objection_replies", "反馈/异议答复", "what the bureau answered to an objection against a list",
    (
        Column("list_as_of", "名单截止日", "date", True),
        Column("reference", "编号", required=True),
        Column("replied_on", "答复日期", "date", True),
        Column("reply", "处理结果", "coded", True, coded=codes.Reply),
        Column("note", "备注", identity=True),
    ),
    key=("list_as_of", "reference"),
    known="replied_on",
    is_answer=True,
)  # fmt: skip

REVIEWS = Source(
    "reviews", "复核", "a human's answer: are an entry without an identity number and a child one and the same",
    (
        Column("review", "复核编号", required=True),
        Column("is_same", "是否同一人", "yes_no"),
        Column("reviewed_on", "核实日期", "date"),
        Column("reviewer_name", "核实人", identity=True),
    ),
    key=("review",),
    is_answer=True,
)  # fmt: skip
"""The review list of a run (`restricted/review/candidates.xlsx`) with its answer columns filled, by whoever the bureau
asks. Known from the day it comes in. Only a 是 makes the two one child, and a 否 after it undoes that from then on; an
empty answer leaves the question open."""

PUBLICITY = Source(
    "publicity", "工作/宣传活动", "an activity of a publicity month, of a township or of a school",
    (
        Column("township_code", "乡镇街道代码", "township_code"),
        Column("school_code", "学校标识码", "school_code"),
        Column("held_on", "活动日期", "date", True),
        Column("form", "活动形式", required=True),
        Column("people", "参加人数", "integer"),
    ),
    key=("township_code", "school_code", "held_on", "form"),
    known="held_on",
    one_of=("township_code", "school_code"),
)  # fmt: skip
"""Optional, as all of 工作: a county that hands nothing in has no section about it."""

INSPECTIONS = Source(
    "inspections", "工作/督导记录", "an item that the responsible inspector looked at in a school",
    (
        Column("school_code", "学校标识码", "school_code", True),
        Column("inspected_on", "督导日期", "date", True),
        Column("item", "督导事项", required=True),
        Column("verdict", "督导结论", "coded", True, coded=codes.InspectionResult),
        Column("problem", "发现问题"),
        Column("mend_by", "整改期限", "date"),
        Column("mended_on", "整改完成日期", "date", known_with="mended_on"),
        Column("inspector_name", "责任督学", "name", identity=True),
    ),
    key=("school_code", "inspected_on", "item"),
    known="inspected_on",
)  # fmt: skip

MEETINGS = Source(
    "meetings", "工作/会议", "a meeting of the leading group, or one that the bureau calls",
    (
        Column("meeting", "会议类别", "coded", True, coded=codes.MeetingKind),
        Column("held_on", "会议日期", "date", True),
        Column("subject", "议题", required=True),
        Column("decided", "议定事项"),
    ),
    key=("meeting", "held_on", "subject"),
    known="held_on",
)  # fmt: skip

REFERRALS = Source(
    "referrals", "工作/部门协作", "what the bureau asked a department for, a clue handed over, and its answer",
    (
        Column("referral", "移送编号", required=True),
        Column("department", "移送部门", "coded", True, coded=codes.Department),
        Column("kind", "协作事项", "coded", True, coded=codes.ReferralKind),
        Column("referred_on", "移送日期", "date", True),
        Column("subject", "事由", identity=True),
        Column("answered_on", "答复日期", "date", known_with="answered_on"),
        Column("outcome", "办理结果", "coded", coded=codes.ReferralOutcome, known_with="answered_on"),
    ),
    key=("referral",),
    known="referred_on",
)  # fmt: skip

VILLAGE_RULES = Source(
    "village_rules", "工作/村规民约", "a village and whether its rules speak of compulsory school",
    (
        Column("township_code", "乡镇街道代码", "township_code", True),
        Column("village", "村居", required=True),
        Column("has_rules", "有无村规民约", "yes_no", True),
        Column("has_schooling", "含义务教育条款", "yes_no", True),
        Column("revised_on", "修订日期", "date"),
        Column("reported_on", "登记日期", "date", True),
    ),
    key=("township_code", "village"),
    known="reported_on",
)  # fmt: skip

HOME_LESSONS = Source(
    "home_lessons", "工作/送教记录", "a lesson at home (送教上门)",
    (
        _person(),
        Column("taught_on", "送教日期", "date", True),
        Column("hours", "课时", "number"),
        Column("teacher_name", "送教教师", "name", identity=True),
        Column("note", "备注", identity=True),
    ),
    key=("pupil", "taught_on"),
    known="taught_on",
    person=("person_number",),
)  # fmt: skip

SOURCES: tuple[Source, ...] = (
    SCHOOLS, DUTY_HOLDERS, TERMS, CALENDAR_DAYS, ENROLMENTS, ROSTERS, CHANGES, ABSENCES, ROLLS, MARKS, AID,
    HOUSEHOLDS, ADMISSIONS, LOW_INCOME, DISABLED, CARE, VISITS, CASES, REVIEWS, ANSWERS, OBJECTION_REPLIES,
    PUBLICITY, INSPECTIONS, MEETINGS, REFERRALS, VILLAGE_RULES, HOME_LESSONS,
)  # fmt: skip
"""In reading order: schools and terms first, because grades and terms are read with them."""

SOURCE_OF: dict[str, Source] = {source.table: source for source in SOURCES}

SIMULATED = "模拟"
"""What the name of every school of a simulated county begins with, and of no real one."""

ALWAYS_KNOWN = "1900-01-01"
"""`known_on` of what has no date of its own (schools, terms, calendar)."""

IDENTITY_COLUMNS = (
    "pupil", "full_name", "id_number", "registry_number", "birth_date", "guardian", "phone", "address", "known_on",
)  # fmt: skip
REJECT_COLUMNS = ("drop", "file", "sheet", "row", "column", "value_class", "reason")
