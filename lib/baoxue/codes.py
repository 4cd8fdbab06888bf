"""Official code lists: the word a form prints, and every way a county writes it.

The store keeps the official Chinese word, so that a table needs no key to be read; code compares with the members
below. Sources: JY/T 1001-2012 and the national registry template.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class Coded(StrEnum):
    """A code list: a member is its official word and knows the codes and other spellings that mean it."""

    spellings: tuple[str, ...]

    def __new__(cls, word: str, *spellings: str) -> Coded:
        member = str.__new__(cls, word)
        member._value_ = word
        member.spellings = spellings
        return member

    @classmethod
    def read(cls, text: str) -> Coded | None:
        """The member that a cell means, written as word, as code or as `code-word`; None if it means none.

        >>> Sex.read("1-男"), Sex.read("女"), Sex.read("3")
        (<Sex.MALE: '男'>, <Sex.FEMALE: '女'>, None)
        """
        folded = unicodedata.normalize("NFKC", text).strip()
        by_spelling = {s: m for m in cls for s in (m.value, *m.spellings)}
        if folded in by_spelling:
            return by_spelling[folded]
        code, dash, word = re.sub(r"[—–－]", "-", folded).partition("-")
        if not dash:
            return None
        member = by_spelling.get(word.strip())
        return member if member and by_spelling.get(code.strip(), member) is member else None


class Stage(Coded):
    """学段. Primary is grades 1-6, junior grades 7-9."""

    PRIMARY = "小学"
    JUNIOR = "初中"


class SchoolType(Coded):
    """办学类型."""

    PRIMARY = "小学", "21"
    JUNIOR = "初级中学", "31", "初中"
    NINE_YEAR = "九年一贯制学校", "九年一贯制"
    SPECIAL = "特殊教育学校", "51", "特教学校"
    CORRECTIONAL = "专门学校", "37", "工读学校"


class Ownership(Coded):
    """办别."""

    PUBLIC = "公办"
    PRIVATE = "民办"


class UrbanRural(Coded):
    """城乡分类, with the words used before 2012."""

    URBAN = "城区", "1", "城市"
    TOWN = "镇区", "2", "县镇"
    RURAL = "乡村", "3", "农村"


class Sex(Coded):
    """性别."""

    MALE = "男", "1"
    FEMALE = "女", "2"


class Boarding(Coded):
    """就读方式."""

    DAY = "走读", "1"
    BOARDER = "住校", "2", "寄宿"


class Status(Coded):
    """学籍状态, JY/T 1001 XSDQZT."""

    ENROLLED = "在读", "01", "1"
    SUSPENDED = "休学", "02", "2"
    WITHDRAWN = "退学", "03", "3"
    STOPPED = "停学", "04", "4"
    RESUMED = "复学", "05", "5"
    LOST = "流失", "06", "6"
    GRADUATED = "毕业", "07", "7"
    COMPLETED = "结业", "08", "8"
    UNFINISHED = "肄业", "09", "9"
    TRANSFERRED = "转学", "10", "转学(转出)"
    DEAD = "死亡", "11"
    PLACE_KEPT = "保留入学资格", "12"
    ABROAD = "公派出国", "13"
    EXPELLED = "开除", "14"
    WHEREABOUTS_UNKNOWN = "下落不明", "15"
    OTHER = "其他", "99"


class Change(Coded):
    """变动类别 in words (JY/T 1001 XJYDLB and XSBD, whose numbers clash, so a bare code is never read here).

    `CHANGE_CODES` holds the numbers, to be read only under a header that names its list.
    """

    ADMITTED = "招生", "入学"
    TRANSFER_IN = "转入", "转学(转入)"
    RESUMED = "复学"
    RETURNED = "劝返复学", "返校复学"
    TRANSFER_OUT = "转出", "转学(转出)", "转学"
    SUSPENDED = "休学"
    DROPPED_OUT = "辍学", "流失"
    DEAD = "死亡"
    EMIGRATED = "出国(境)", "出境", "出国", "出国境"
    GRADUATED = "毕业"
    COMPLETED = "结业"
    WITHDRAWN = "退学"
    EXPELLED = "开除", "开除学籍"
    SKIPPED = "跳级"
    REPEATED = "留级"
    OTHER = "其他"


CHANGE_CODES: dict[str, dict[str, Change]] = {
    "学籍异动类别": {
        "01": Change.EMIGRATED, "02": Change.REPEATED, "04": Change.SKIPPED, "11": Change.SUSPENDED,
        "12": Change.RESUMED, "21": Change.TRANSFER_OUT, "22": Change.TRANSFER_IN, "31": Change.WITHDRAWN,
        "42": Change.EXPELLED, "51": Change.DEAD, "62": Change.COMPLETED, "99": Change.OTHER,
    },
    "学生变动": {
        "11": Change.ADMITTED, "12": Change.RESUMED, "13": Change.TRANSFER_IN, "21": Change.GRADUATED,
        "22": Change.COMPLETED, "23": Change.SUSPENDED, "24": Change.WITHDRAWN, "25": Change.EXPELLED,
        "26": Change.DEAD, "27": Change.TRANSFER_OUT, "28": Change.DROPPED_OUT,
    },
}  # fmt: skip


class TransferScope(Coded):
    """转学范围."""

    COUNTY = "县区内"
    PROVINCE = "省内"
    OUTSIDE = "省外"


class Review(Coded):
    """审核状态."""

    PASSED = "通过"
    PENDING = "审核中"
    RETURNED = "退回"


class Absence(Coded):
    """缺勤类别. Only 旷课 (unexcused) counts towards a suspected dropout."""

    SICK = "病假"
    LEAVE = "事假"
    UNEXCUSED = "旷课"
    LATE = "迟到"
    EARLY = "早退"


class Session(Coded):
    """时段 of a school day."""

    DAY = "全天"
    MORNING = "上午"
    AFTERNOON = "下午"


class LeftBehind(Coded):
    """是否留守儿童, registry definition (a parent away three months or more; not civil affairs' definition)."""

    NO = "非留守儿童", "0", "否"
    ONE_PARENT = "单亲留守儿童", "1"
    BOTH_PARENTS = "双亲留守儿童", "2"


class Disability(Coded):
    """残疾(人)类型, GB/T 26341."""

    NONE = "无残疾", "0"
    VISION = "视力残疾", "1", "视力"
    HEARING = "听力残疾", "2", "听力"
    SPEECH = "言语残疾", "3", "言语"
    PHYSICAL = "肢体残疾", "4", "肢体"
    INTELLECTUAL = "智力残疾", "5", "智力"
    MENTAL = "精神残疾", "6", "精神"
    MULTIPLE = "多重残疾", "7", "多重"
    OTHER = "其他残疾", "9", "其他"


class Placement(Coded):
    """安置方式 of a disabled child (Regulations on the Education of Persons with Disabilities, art. 17)."""

    INCLUSION = "随班就读", "普通学校随班就读"
    SPECIAL_CLASS = "附设特教班"
    SPECIAL_SCHOOL = "特殊教育学校", "特教学校"
    HOME = "送教上门"
    NONE = "未安置"


class Hardship(Coded):
    """困难类别 of a household; 建档立卡 ended as a status in 2021 and remains in the notice's words."""

    REGISTERED_POOR = "建档立卡"
    ALLOWANCE = "低保"
    ALLOWANCE_MARGIN = "低保边缘"
    EXTREME = "特困"
    OTHER_LOW_INCOME = "其他低收入农户"
    OUT_OF_POVERTY = "脱贫户"
    MONITORED = "监测户"


class CareKind(Coded):
    """类型 on civil affairs' list of children in need of care (its 留守 is not the registry's)."""

    LEFT_BEHIND = "留守儿童"
    ORPHAN = "孤儿"
    UNSUPPORTED = "事实无人抚养", "事实无人抚养儿童"
    DISTRESSED = "困境儿童"
    PARENT_IN_PRISON = "服刑人员未成年子女"


class Aid(Coded):
    """资助项目 (两免一补 and other aid)."""

    FEES = "免杂费"
    TEXTBOOKS = "免教科书费"
    BOARDING = "寄宿生生活补助"
    MEALS = "营养餐"
    OTHER = "其他"


class Residence(Coded):
    """户籍标记: registered here or elsewhere, living here or elsewhere."""

    HERE = "本籍在本"
    AWAY = "本籍在外"
    INCOMER = "外籍在本"


class Schooling(Coded):
    """就学情况 on the household register."""

    IN_COUNTY = "县内就读"
    ELSEWHERE = "县外就读"
    NONE = "未就读"
    UNKNOWN = "不详"


class Passage(Coded):
    """学段 of an admission."""

    TO_PRIMARY = "幼升小"
    TO_JUNIOR = "小升初"


class Arrival(Coded):
    """报到状态."""

    ARRIVED = "已报到"
    MISSING = "未报到"


class Whereabouts(Coded):
    """去向 of an admitted child."""

    IN_COUNTY = "县内就读"
    IN_PROVINCE = "省内就读"
    OUTSIDE = "省外就读"
    ABROAD = "出国境", "出国(境)", "出境"
    DEFERRED = "缓学"
    NOT_ENTERED = "未入学"
    UNKNOWN = "不详"


class Conclusion(Coded):
    """认定结论 of a case."""

    BACK = "返校"
    ON_LEAVE = "请假"
    SUSPENDED = "休学"
    TRANSFERRED = "转学"
    DROPPED_OUT = "辍学"
    LOST = "失联"


class DropoutReason(Coded):
    """辍学原因."""

    TIRED_OF_STUDY = "学习困难、厌学", "01", "1", "厌学"
    WORK = "外出务工", "02", "2"
    POVERTY = "家庭经济困难", "03", "3", "因贫"
    MARRIAGE = "早婚早育", "04", "4"
    RELIGION = "宗教原因", "05", "5", "信教"
    ILLNESS = "重大疾病、心理疾病", "06", "6", "重大疾病、心理(精神)疾病", "因病"
    DISABILITY = "残疾", "07", "7", "因残"
    FAMILY = "家庭变故、监护缺失", "08", "8", "家庭变故/监护缺失"
    DISTANCE = "上学远、上学难", "09", "9"
    BULLYING = "校园欺凌、人际矛盾", "10"
    INTERNET = "沉迷网络、不良行为", "11"
    PRIVATE_TEACHING = "私塾、在家自学", "12"
    MOVING = "随父母流动未入学", "13"
    LOST = "失联、去向不明", "14"
    OTHER = "其他", "99"


class VisitWay(Coded):
    """劝返方式."""

    PHONE = "电话"
    HOME = "家访"
    OTHER = "其他"


class Measure(Coded):
    """措施类型 (the notice, 三(二)1)."""

    ADMINISTRATIVE = "行政"
    ECONOMIC = "经济"
    LEGAL = "法律"
    PERSONAL = "感情"


class VisitResult(Coded):
    """劝返结果."""

    BACK = "已返校", "1"
    PROMISED = "承诺返校", "2", "承诺返校(限期)"
    GUARDIAN_REFUSED = "监护人拒绝", "3"
    PUPIL_REFUSED = "学生拒绝", "4"
    NOT_MET = "未见到人", "5"
    LOST = "失联", "6"
    UNABLE = "客观不能", "7", "客观不能(病残)"
    ELSEWHERE = "已在外地就读", "8", "已在外地就读(待证明)"


class Closing(Coded):
    """销案类型."""

    BACK = "返校复学"
    OTHER_SCHOOL = "转入他校"
    HOME_TEACHING = "送教上门"
    VOCATIONAL = "职教安置"
    CORRECTIONAL = "专门学校"
    ABROAD = "出国境"
    DEAD = "死亡"
    OF_AGE = "年满且完成"
    HANDED_OVER = "迁出移交户籍地"


class Resettlement(Coded):
    """复学安置方式."""

    SAME_CLASS = "插班", "1"
    OWN_CLASS = "单独编班", "2"
    VOCATIONAL_MIX = "普职融合", "3"
    OTHER_SCHOOL = "转入他校", "4"
    INCLUSION = "随班就读", "5", "普通学校随班就读"
    SPECIAL_CLASS = "附设特教班", "6"
    SPECIAL_SCHOOL = "特殊教育学校", "7"
    HOME = "送教上门", "8"
    CORRECTIONAL = "专门学校", "9"
    DEFERRED = "缓学、休学", "10", "缓学/休学(已批准)"
    ABROAD = "出国(境)", "11"
    DEAD = "死亡", "12"
    HANDED_OVER = "迁出移交户籍地", "13"
    OTHER = "其他", "99"


class DutyLine(Coded):
    """责任线."""

    ADMINISTRATIVE = "行政线"
    EDUCATION = "教育线"


class DutyLevel(Coded):
    """层级 of the duty chain (the notice, 三(一)1)."""

    CITY = "市领导"
    TOWNSHIP = "乡镇街道"
    VILLAGE = "村居"
    BUREAU = "教育局"
    ZONE = "教育学区"
    SCHOOL = "学校"
    GRADE = "年级"
    CLASS = "班级"
    SUBJECT = "科任"


class DayKind(Coded):
    """类型 of a calendar adjustment."""

    CLOSED = "停课"
    OPEN = "上课"


class AnswerResult(Coded):
    """走访结果: what a school found on a visit that a list asked for."""

    FINE = "在校正常"
    HELPED = "有困难已帮扶"
    WATCH = "需继续关注"
    UNWILLING = "不愿到校待劝返"
    NOT_MET = "未见到人"
    LOST = "已失去联系"
    TRANSFERRED = "已转学(有证明)"
    ON_LEAVE = "休学或请假(已批准)"


class Objection(Coded):
    """异议 to what a list says of a child, and whose; empty where there is none."""

    GUARDIAN = "家长有异议"
    PUPIL = "学生有异议"


class Reply(Coded):
    """异议处理结果."""

    CORRECTED = "已更正记录"
    EXPLAINED = "已说明情况"
    WITHDRAWN = "异议已撤回"


class Department(Coded):
    """The departments of the leading group (the notice, 四(一)); 市场监管局 has a task and is no member."""

    UNITED_FRONT = "统战部", "市委统战部"
    DEVELOPMENT = "发改局", "市发改局"
    EDUCATION = "教育局", "市教育局"
    ETHNIC_RELIGIOUS = "民宗局", "市民宗局"
    POLICE = "公安局", "市公安局"
    CIVIL_AFFAIRS = "民政局", "市民政局"
    JUSTICE = "司法局", "市司法局"
    FINANCE = "财政局", "市财政局"
    LABOUR = "人力社保局", "市人力社保局", "人社局"
    AGRICULTURE = "农业农村局", "市农业农村局"
    HEALTH = "卫生健康局", "市卫生健康局", "卫健局"
    YOUTH_LEAGUE = "团市委", "共青团市委"
    WOMEN = "妇联", "市妇联"
    DISABLED_PERSONS = "残联", "市残联"
    MARKET = "市场监管局", "市市场监管局"


class ReferralKind(Coded):
    """协作事项: what a department is asked for (the notice, 三(二)2)."""

    CARE = "关爱帮扶"
    LAW_TEACHING = "法治宣传"
    LEGAL_AID = "法律援助"
    CHILD_LABOUR = "违法招用未成年人"
    LICENCE = "吊销营业执照"
    OTHER = "其他"


class ReferralOutcome(Coded):
    """办理结果 of a referral."""

    DONE = "已办结"
    UNFOUNDED = "经查不属实"
    PASSED_ON = "已转其他部门"


class MeetingKind(Coded):
    """会议类别."""

    LEADING_GROUP = "领导小组会议"
    SPECIAL = "专题会议"


class InspectionResult(Coded):
    """督导结论 on one item."""

    GOOD = "符合要求"
    TO_MEND = "需整改"
