"""Support and the bureau's own work: aid, places for disabled children, the way to school, departments, duties."""

from baoxue.support.aid import aid_by_hardship, aid_by_township, aid_due, reached_by_list
from baoxue.support.departments import marks_against_lists, referral_table, referrals_by_department
from baoxue.support.distance import bands, far_by_township, travels
from baoxue.support.placement import disabled_children, placement_table, taught_at_home, without_place
from baoxue.support.planned import DUTIES, STATES, mending, planned, summary
from baoxue.support.settings import DutyCalendar, rules
from baoxue.support.villages import STATES as VILLAGE_STATES
from baoxue.support.villages import village_table, villages

__all__ = [
    "DUTIES", "STATES", "VILLAGE_STATES", "DutyCalendar", "aid_by_hardship", "aid_by_township", "aid_due", "bands",
    "disabled_children", "far_by_township", "marks_against_lists", "mending", "placement_table", "planned",
    "reached_by_list", "referral_table", "referrals_by_department", "rules", "summary", "taught_at_home", "travels",
    "village_table", "villages", "without_place",
]  # fmt: skip
