"""The periodic brief: what the month was, said in computed sentences a vice-mayor reads in five minutes.

`Month(known)` holds what the sentences and tables of a month rest on, each computed once; `key_points` and
`next_steps` say it; `month_table` is the official monthly table (控辍保学月报表).
"""

from baoxue.briefs.checks import ChecksFailed, checked
from baoxue.briefs.month import Month, month_table, opened, visits_by_result
from baoxue.briefs.sentences import basis, key_points, moves_sentence, next_steps, overdue_sentence
from baoxue.briefs.shown import shown
from baoxue.briefs.tables import visits_shown, write_month_table

__all__ = [
    "ChecksFailed", "Month", "basis", "checked", "key_points", "month_table", "moves_sentence", "next_steps", "opened",
    "overdue_sentence", "shown", "visits_by_result", "visits_shown", "write_month_table",
]  # fmt: skip
