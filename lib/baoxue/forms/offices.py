"""Names of the offices that write and receive papers, and the numbers papers carry (发文字号)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from baoxue import policy
from baoxue.contracts import SIMULATED
from baoxue.forms.paper import blank


class Offices(policy.Policy):
    """Names after the county's."""

    bureau: str
    justice: str
    labour: str
    market: str
    group: str


class Signs(policy.Policy):
    """The letters before the year in the number of each paper."""

    persuasion: str
    report: str
    order: str
    justice: str
    labour: str
    supervision: str
    file: str
    return_plan: str


class Letters(policy.Policy):
    """The content of `params/policy/letters.yaml`."""

    offices: Offices
    signs: Signs
    supervised_after_days: int = Field(ge=0)
    supervised_answer_days: int = Field(ge=1)
    justice_answer_days: int = Field(ge=1)


def rules() -> Letters:
    """What the county has set for its letters; PolicyError if the file does not fit."""
    return policy.load("letters", Letters)


@dataclass(frozen=True)
class Names:
    """What the offices of a county are called: the county, its townships by code, its schools by code."""

    county: str
    townships: Mapping[str, str]
    schools: Mapping[str, str]

    @property
    def is_simulated(self) -> bool:
        """Whether this is a simulated county, where nobody is real."""
        return any(name.startswith(SIMULATED) for name in self.schools.values())

    def of(self, office: str) -> str:
        """An office of the county by its key in the policy, `bureau` or another."""
        return self.county + getattr(rules().offices, office)

    def all(self) -> dict[str, str]:
        """Every office of the county by its key."""
        return {office: self.of(office) for office in Offices.model_fields}

    def school(self, code: str | None) -> str:
        """A school; a blank where there is none."""
        return self.schools.get(code or "") or blank(8)

    def township(self, code: str | None) -> str:
        """The office of a township; a blank for its name where the township is not known."""
        name = self.townships.get(code or "")
        return township_office(self.county, name) if name else f"{blank(6)}乡镇人民政府（街道办事处）"


def township_office(county: str, name: str) -> str:
    """The office of a township: a subdistrict has 办事处, a town or township 人民政府.

    >>> township_office("乐清市", "城东街道"), township_office("乐清市", "大荆镇")
    ('乐清市城东街道办事处', '乐清市大荆镇人民政府')
    """
    return f"{county}{name}{'办事处' if name.endswith('街道') else '人民政府'}"


def number(sign: str, case: str, year: int) -> str:
    """The number of a paper about a case, of the year it is written in: the case's own running number, before it the
    year of the case where that is another; a blank where the case has no number.

    No 第 and no leading zero (GB/T 9704-2012, 7.2.5).

    >>> number("义劝通", "乐控辍2024-0012", 2024), number("义劝通", "乐控辍2022-0012", 2024)
    ('义劝通〔2024〕12号', '义劝通〔2024〕220012号')
    """
    found = re.search(r"20(\d\d)\D+(\d+)$", case)
    if not found:
        return f"{sign}〔{year}〕{blank(4)}号"
    running = found[2].lstrip("0") if int(found[1]) == year % 100 else f"{found[1]}{found[2]}".lstrip("0")
    return f"{sign}〔{year}〕{running}号"
