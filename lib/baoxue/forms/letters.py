"""Papers drawn from the cases and handed over: each says only what the case says, or leaves a ruled blank."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from baoxue import disclosure, policy
from baoxue.cases import deadlines
from baoxue.cases.board import case_table
from baoxue.cases.facts import KEY
from baoxue.cases.states import Owner
from baoxue.disclosure import Tier
from baoxue.forms import documents, offices, supervision
from baoxue.forms.documents import FORM_OF, Document, NoPower
from baoxue.forms.dossiers import Dossier, dossiers
from baoxue.forms.fragments import Fragments
from baoxue.forms.offices import Names
from baoxue.forms.paper import Paper
from baoxue.forms.supervision import Supervision
from baoxue.forms.wordings import filled
from baoxue.words import label, say

if TYPE_CHECKING:
    from baoxue.store import Known, Store

REGISTER = ("document", "number", "writer", "office", "case", "cases", "tier", "file")
Entry = dict[str, Any]


class Letters:
    """The papers of a county's cases as of a day.

    `county` and `townships` are names, of the county and by township code; `table` is the `case_table` of that day, if
    it is there already.
    """

    def __init__(
        self, store: Store, known: Known, county: str, townships: Mapping[str, str], table: pd.DataFrame | None = None
    ) -> None:
        self.known, self.day, self._store = known, known.as_of, store
        self._table = case_table(known) if table is None else table
        frame = known.table("schools").select("school_code", "school_name").to_pandas()
        self._names = Names(county, townships, dict(zip(frame["school_code"], frame["school_name"], strict=True)))

    @cached_property
    def needed(self) -> pd.DataFrame:
        """The papers that the cases need, see `documents.needed`."""
        return documents.needed(self.known, self._table)

    def draw(self, document: str, case: str) -> Paper:
        """One paper of a case; of its first child, should it have several.

        Raises NoPower, with the article, where the law gives no power for it or the case does not need it yet; KeyError
        for a case that there is not.
        """
        rows = self._table[self._table["case"].eq(case)].head(1)
        if rows.empty:
            raise KeyError(case)
        asked: list[Any] = documents.asked(self.known, rows).to_dict("records")
        why_not = documents.refusal(document, asked[0])
        if why_not:
            raise NoPower(why_not)
        if Document(document) is Document.SUPERVISION:
            return next(self._pressed(paper) for paper in self._supervisions() if case in set(paper.cases["case"]))
        dossier = dossiers(self._store, self.known, rows, f"{document} of {case}")[0]
        return self._about(Document(document), dossier)

    def write_all(self, out: str | Path, lang: str = "zh") -> pd.DataFrame:
        """Write every paper the cases need below `out`/restricted/documents, and the register; nothing if `out` is "".

        The name of a file holds the code of the school or township that writes it, by which it is handed over; a 督办单
        that of the unit it goes to, and so its tier. The register, written beside them for the bureau
        and returned, has a row a paper (`REGISTER`). The identities are opened once. Papers are Chinese; `lang` is that
        of their titles on the index.
        """
        written: list[Entry] = []
        if not out:
            return pd.DataFrame(written, columns=list(REGISTER))
        folder = policy.path(out)
        for entry, paper in self._all():
            title = say("forms.title_document", lang, document=label(entry["document"], lang), case=entry["about"])
            file = folder / "restricted" / "documents" / entry["file"]
            disclosure.release(file, partial(paper.write, title=title), tier=entry["tier"], title=title)
            written.append(entry)
        register = pd.DataFrame(written, columns=list(REGISTER))
        title = say("forms.title_register", lang)
        disclosure.write_table(register, folder / "restricted" / "documents.csv", tier=Tier.BUREAU, title=title)
        return register

    def _all(self) -> Iterator[tuple[Entry, Paper]]:
        """Every paper in the order of `FORMS`, with its row of the register and the case or unit it is `about`."""
        about_cases = self.needed[self.needed["document"].ne(Document.SUPERVISION.value)]
        rows = self._table.merge(about_cases[list(KEY)].drop_duplicates(), on=list(KEY))
        why = f"papers of {len(rows)} cases"
        told = dossiers(self._store, self.known, rows, why) if len(rows) else []
        of_case: dict[Any, Dossier] = {(dossier["case"], dossier["pupil"]): dossier for dossier in told}
        names: Counter[str] = Counter()
        for row in about_cases[["document", *KEY]].itertuples(index=False, name=None):
            document, dossier = Document(row[0]), of_case[row[1:]]
            office, place = self._office(document, dossier)
            stem = f"{document.key}_{place}_{dossier['case'].replace('/', '-')}"
            names[stem] += 1
            file = stem if names[stem] == 1 else f"{stem}_{names[stem]}"
            entry = self._entry(document, self._number(document, dossier), office, f"{file}.docx")
            about = {"case": dossier["case"], "cases": 1, "about": dossier["case"]}
            yield entry | about, self._about(document, dossier)
        for paper in self._supervisions():
            file = f"{Document.SUPERVISION.key}_{paper.code}.docx"
            entry = self._entry(Document.SUPERVISION, paper.number, self._names.of("group"), file)
            tier = self._names.tier(paper.code)
            about = {"case": "", "cases": len(paper.cases), "tier": tier, "about": paper.unit}
            yield entry | about, self._pressed(paper)

    def _supervisions(self) -> list[Supervision]:
        late = self.needed[self.needed["document"].eq(Document.SUPERVISION.value)]
        return supervision.supervisions(self._table.merge(late[list(KEY)], on=list(KEY)), self._names, self.day)

    def _pressed(self, paper: Supervision) -> Paper:
        return self._set(Document.SUPERVISION, supervision.values(paper, self.day))

    def _about(self, document: Document, dossier: Dossier) -> Paper:
        """A paper about one case: the dossier, and what is worked out of it and of the county's rules."""
        visits, limits = dossier["all_visits"], deadlines.rules()
        born, days = dossier["birth_date"], sum(kind["days"] for kind in dossier["absences"])
        ahead = {"watch_on": None, "reached": False, "attendance_pct": None, "left_again": False}
        points = dossier["watch_points"] or [{"watch_day": day, **ahead} for day in limits.watch_days]
        told = {
            "number": self._number(document, dossier),
            "school": self._names.school(dossier["school_code"]),
            "township_name": self._names.townships.get(dossier["township_code"]),
            "township_office": self._names.township(dossier["township_code"]),
            "letter_days": limits.persuasion.days,
            "visits_made": len(visits),
            "answer_on": self.day + dt.timedelta(days=offices.rules().justice_answer_days),
            "birth_month": f"{born.year}年{born.month}月" if born else None,
            "measures": Counter(visit["measure"] for visit in visits),
            "points": points,
            "watch_days": limits.watch_days,
            "missed_words": f"本学年登记缺勤{days:g}天" if days else "本学年没有缺勤登记",
        }
        return self._set(document, dossier | told)

    def _set(self, document: Document, told: Mapping[str, Any]) -> Paper:
        shared = {**self._names.all(), "county": self._names.county, "day": self.day}
        paper = Paper(self.day, header=say("forms.simulated", "zh") if self._names.is_simulated else "")
        Fragments(paper).markdown(filled(document.key, {**shared, **told}))
        return paper

    def _number(self, document: Document, dossier: Dossier) -> str:
        return offices.number(getattr(offices.rules().signs, document.key), dossier["case"], self.day.year)

    def _office(self, document: Document, dossier: Dossier) -> tuple[str, str]:
        """The office that writes a paper, and its code."""
        writer = FORM_OF[document.value].writer
        if writer is Owner.SCHOOL:
            return self._names.school(dossier["school_code"]), dossier["school_code"] or "bureau"
        if writer is Owner.TOWNSHIP:
            return self._names.township(dossier["township_code"]), dossier["township_code"] or "bureau"
        return self._names.of("bureau"), "bureau"

    def _entry(self, document: Document, number: str, office: str, file: str) -> Entry:
        form = FORM_OF[document.value]
        names = {"document": document.value, "writer": form.writer.value, "tier": form.tier}
        return {**names, "number": number, "office": office, "file": file}
