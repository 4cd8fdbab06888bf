"""Who should be visited: every pupil scored or with a reason why not; a list for each school, with no score on it."""

from baoxue.intake.references import password, reference
from baoxue.lists.alerts import FATES, alert_sentence, alert_table, alert_tables, alerts, result_table, write_alerts
from baoxue.lists.audit import audit, audit_groups, audit_places
from baoxue.lists.choosing import HANDLED, capacity, choose, handled
from baoxue.lists.contenders import contenders
from baoxue.lists.drift import drift
from baoxue.lists.early import lead_time, listed_rows, month_to_month, overlap, under
from baoxue.lists.handing import hand_over, keep_model
from baoxue.lists.judging import RANKINGS, Judged, Ranking, fitted, guarded, judged, judgement, ranking, settled
from baoxue.lists.rows import Rows, rows_of
from baoxue.lists.scoring import SCORES, score
from baoxue.lists.study import studied
from baoxue.lists.workbook import HEADINGS, workbook

__all__ = [
    "FATES", "HANDLED", "HEADINGS", "RANKINGS", "SCORES", "Judged", "Ranking", "Rows", "alert_sentence",
    "alert_table", "alert_tables", "alerts", "audit", "audit_groups", "audit_places", "capacity", "choose",
    "contenders", "drift", "fitted", "guarded", "hand_over", "handled", "judged", "judgement", "keep_model",
    "lead_time", "listed_rows", "month_to_month", "overlap", "password", "ranking", "reference", "result_table",
    "rows_of", "score", "settled", "studied", "under", "workbook", "write_alerts",
]  # fmt: skip
