"""The national registry template as the county's schools fill it in: both header versions, 71 columns each.

Sources: the two import templates described in DOMAIN 1.1 (2013-14) and 1.2 (about 2020); 1.4 for the words in the
cells.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from baoxue import codes
from baoxue.demo import gazetteer, places

_FAMILY = (
    "姓名", "关系", "关系说明", "现住址", "户口所在地行政区划", "联系电话", "是否监护人", "身份证件类型",
    "身份证件号", "民族", "工作单位", "职务",
)  # fmt: skip
_MEMBERS = tuple(f"成员{n}{what}" for n in (1, 2) for what in _FAMILY)

VERSION_A: tuple[str, ...] = (
    "学校标识码", "姓名", "性别", "出生日期", "出生地行政区划代码", "籍贯", "民族", "国籍/地区", "身份证件类型",
    "港澳台侨外", "健康状况", "政治面貌", "身份证件号", "户口性质", "户口所在地行政区划", "班号", "入学年月",
    "入学方式", "就读方式", "现住址", "通信地址", "家庭地址", "联系电话", "邮政编码", "是否独生子女",
    "是否受过学前教育", "是否留守儿童", "是否需要申请资助", "是否享受一补", "是否孤儿", "是否烈士或优抚子女",
    "上下学距离", "上下学方式", "是否需要乘坐校车", "曾用名", "身份证件有效期", "血型", "特长", "学籍辅号",
    "班内学号", "学生来源", "电子信箱", "主页地址", "残疾类型", "是否由政府购买学位", "随班就读", *_MEMBERS,
    "是否进城务工人员随迁子女",
)  # fmt: skip
"""学生基础信息, 2013-14."""

VERSION_B: tuple[str, ...] = (
    "学籍接续标识", "学校标识码", "姓名", "性别", "出生日期", "身份证件类型", "身份证件号", "出生地行政区划代码",
    "民族", "国籍/地区", "港澳台侨外", "户口性质", "户口所在地行政区划", "现住址", "是否独生子女", "是否留守儿童",
    "是否进城务工人员随迁子女", "是否孤儿", "籍贯", "健康状况", "政治面貌", "年级", "班级号", "入学年月", "入学方式",
    "就读方式", "通信地址", "家庭地址", "联系电话", "邮政编码", "是否受过学前教育", "残疾人类型",
    "是否由政府购买学位", "是否需要申请资助", "是否享受一补", "是否烈士或优抚子女", "上下学距离", "上下学交通方式",
    "是否需要乘坐校车", "曾用名", "身份证件有效期", "特长", "学籍辅号", "班内学号", "学生来源", "电子信箱",
    "主页地址", *_MEMBERS,
)  # fmt: skip
"""With 学籍接续标识, about 2020: 血型 is gone, 班号 is 年级 and 班级号, 残疾类型 and 随班就读 are one."""

EXPORTED: tuple[str, ...] = ("全国学籍号", "学校名称", "学籍状态")
"""What the system's export adds."""

YES_NO = np.array(["否", "是"])
_INCLUSION = {
    codes.Disability.VISION: "视力残疾随班就读", codes.Disability.HEARING: "听力残疾随班就读",
    codes.Disability.INTELLECTUAL: "智力残疾随班就读", codes.Disability.NONE: "非随班就读",
}  # fmt: skip
_RENAMED = {"班级号": "班号", "上下学交通方式": "上下学方式", "残疾人类型": "残疾类型"}


def constant_columns(everyone: pd.DataFrame, where: places.Places) -> dict[str, np.ndarray]:
    """Columns that stay the same for a pupil from snapshot to snapshot, by header of version B; blank ones left out."""
    p = everyone
    village = where.villages["village"].to_numpy()[p["village"]]
    address = np.array(
        [f"乐清市{v}{n % 300 + 1}号" for v, n in zip(village, p["household"], strict=True)], dtype=object
    )
    division = gazetteer.home_division(p["province"])
    nation = np.where(p["minority"] == "", "汉族", p["minority"])
    phone = np.where(p["phone_known"], p["father_phone"], "")
    return {
        "姓名": p["name"].to_numpy(),
        "性别": np.where(p["is_male"], codes.Sex.MALE.value, codes.Sex.FEMALE.value),
        "出生日期": p["birth"].dt.strftime("%Y%m%d").to_numpy(),
        "身份证件类型": np.where(p["has_id"], "居民身份证", "其他"),
        "身份证件号": np.where(p["has_id"], p["id_number"], ""),
        "出生地行政区划代码": division,
        "民族": nation,
        "国籍/地区": np.full(len(p), "中国"),
        "港澳台侨外": np.full(len(p), "否"),
        "户口性质": np.where(p["is_migrant"], "农业户口", "居民户口"),
        "户口所在地行政区划": division,
        "现住址": address,
        "是否独生子女": YES_NO[(p["siblings"] == 1).astype(int)],
        "是否进城务工人员随迁子女": YES_NO[p["is_migrant"].astype(int)],
        "健康状况": np.where(p["disability"] != "", "残疾", np.where(p["health"] > 3.2, "一般或较弱", "健康或良好")),
        "政治面貌": np.full(len(p), "群众"),
        "入学方式": np.full(len(p), "就近入学"),
        "家庭地址": address,
        "联系电话": phone,
        "邮政编码": np.full(len(p), "325600"),
        "是否受过学前教育": YES_NO[p["had_preschool"].astype(int)],
        "是否由政府购买学位": np.full(len(p), "否"),
        "是否烈士或优抚子女": np.full(len(p), "否"),
        "上下学距离": p["distance_km"].astype(str).to_numpy(),
        "上下学交通方式": _transport(p["distance_km"].to_numpy()),
        "是否需要乘坐校车": YES_NO[(p["distance_km"] > 2).astype(int)],
        "学生来源": np.where(p["is_arrival"].eq(True), "其他", "正常入学"),
        **_member(1, p["father"], "父亲", p["father_phone"].where(p["phone_known"], ""), division, nation),
        **_member(2, p["mother"], "母亲", p["mother_phone"], division, nation),
    }


def _member(
    n: int, name: pd.Series, relation: str, phone: pd.Series, division: np.ndarray, nation: np.ndarray
) -> dict[str, np.ndarray]:
    who = f"成员{n}"
    return {
        f"{who}姓名": name.to_numpy(),
        f"{who}关系": np.full(len(name), relation),
        f"{who}户口所在地行政区划": division,
        f"{who}联系电话": phone.to_numpy(),
        f"{who}是否监护人": np.full(len(name), "是"),
        f"{who}民族": nation,
    }


def _transport(distance_km: np.ndarray) -> np.ndarray:
    far = np.where(distance_km <= 5, "家长自行接送", "公共交通(含城市公交、农村客运、地铁)")
    return np.where(distance_km <= 1, "步行", far)


def filled(constant: dict[str, np.ndarray], rows: pd.DataFrame) -> pd.DataFrame:
    """Registry rows by header of version B, with the export columns.

    `rows` has `pupil`, the school's code and name, `grade, class_number, entry_month, registry_number, id_number,
    status, boards, gets_aid, disability, is_special, is_orphan, needs_aid, left_behind, number_in_class`.
    """
    at = rows["pupil"].to_numpy()
    behind = np.array([word.value for word in codes.LeftBehind])
    made = {header: values[at] for header, values in constant.items()}
    made |= {
        "学校标识码": rows["school_code"].to_numpy(),
        "身份证件号": rows["id_number"].to_numpy(),
        "年级": rows["grade"].astype(str).to_numpy(),
        "班级号": two_digits(rows["class_number"]),
        "入学年月": rows["entry_month"].to_numpy(),
        "就读方式": np.where(rows["boards"], codes.Boarding.BOARDER.value, codes.Boarding.DAY.value),
        "是否留守儿童": behind[rows["left_behind"]],
        "是否孤儿": YES_NO[rows["is_orphan"].astype(int)],
        "残疾人类型": rows["disability"].to_numpy(),
        "_inclusion": _inclusion(rows),
        "是否需要申请资助": YES_NO[rows["needs_aid"].astype(int)],
        "是否享受一补": YES_NO[rows["gets_aid"].astype(int)],
        "班内学号": rows["number_in_class"].astype(str).to_numpy(),
        "全国学籍号": rows["registry_number"].to_numpy(),
        "学校名称": rows["school_name"].to_numpy(),
        "学籍状态": rows["status"].to_numpy(),
    }
    return pd.DataFrame(made, dtype=object)


def version_a(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows under the headers of version A."""
    return _under(rows.rename(columns=_RENAMED | {"_inclusion": "随班就读"}), (*VERSION_A, *EXPORTED))


def version_b(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows under the headers of version B."""
    return _under(rows, (*VERSION_B, *EXPORTED))


def _under(rows: pd.DataFrame, headers: tuple[str, ...]) -> pd.DataFrame:
    return rows.reindex(columns=list(headers), fill_value="")


def two_digits(numbers: pd.Series) -> np.ndarray:
    """01, 02, ... as class numbers are written."""
    return np.array([f"{number:02d}" for number in range(100)], dtype=object)[numbers]


def _inclusion(rows: pd.DataFrame) -> np.ndarray:
    """随班就读 by kind of disability; in a special school nobody is included in an ordinary class."""
    words = rows["disability"].map(_INCLUSION).fillna("其他残疾随班就读")
    return words.where(~rows["is_special"], "非随班就读").to_numpy()
