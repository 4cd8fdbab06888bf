"""The periodic report: what a month, quarter, term or school year was, said in computed sentences.

`Period(store, as_of, kind)` holds what the sentences and tables rest on, each computed once. `conclusion`, `key_points`
and `next_steps` say it; the sections of the four parts are the functions of `situation`, `work` and `problems`, each
`(period) -> Section | None`, shown by `show`: a section whose data are missing does not appear. A new section is a
function of that shape and a line in the notebook. `period_table` is the official table (控辍保学月报表).
"""

from baoxue.briefs import problems, situation, work
from baoxue.briefs.checks import ChecksFailed, checked
from baoxue.briefs.next_steps import next_steps
from baoxue.briefs.period import KINDS, Period, opened, visits_by_result
from baoxue.briefs.period_table import period_table, period_table_by_township
from baoxue.briefs.section import Section, section, show
from baoxue.briefs.sentences import basis, conclusion, key_points, moves_sentence, overdue_sentence, title
from baoxue.briefs.shown import shown
from baoxue.briefs.spoken import name_of
from baoxue.briefs.tables import write_period_table

__all__ = [
    "KINDS", "ChecksFailed", "Period", "Section", "basis", "checked", "conclusion", "key_points", "moves_sentence",
    "name_of", "next_steps", "opened", "overdue_sentence", "period_table", "period_table_by_township", "problems",
    "section", "show", "shown", "situation", "title", "visits_by_result", "work", "write_period_table",
]  # fmt: skip
