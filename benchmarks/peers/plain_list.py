"""A list of tuples and full scans: the peer that needs nothing, and the model of the others."""

from collections.abc import Callable
from datetime import datetime
from operator import itemgetter
from typing import Any

from benchmarks.peers.engine import Answer, AnswerRow
from benchmarks.workload import Completion, Workload
from coursetrack.domain.folding import folded, folded_teams
from coursetrack.domain.values import microseconds
from coursetrack.listing.query import CompletedLessonQuery

ID, LESSON, TITLE, MEMBER, NAME, COMPANY, TEAMS, CREATED, UPDATED = range(9)

COLUMNS = {
    "Id": ID,
    "CourseLessonId": LESSON,
    "CourseLessonTitle": TITLE,
    "CourseMemberId": MEMBER,
    "CourseMemberCoworkerFullName": NAME,
    "CourseMemberCoworkerCompanyName": COMPANY,
    "CourseMemberCoworkerTeamNames": TEAMS,
    "CreatedOn": CREATED,
    "UpdatedOn": UPDATED,
}

Test = Callable[[AnswerRow], bool]


def answer_rows(workload: Workload) -> list[AnswerRow]:
    """The workload's completions with their names joined."""
    joiner = Joiner(workload)
    return [joiner.row(completion) for completion in workload.rows()]


class Joiner:
    """Joins a completion with its names."""

    def __init__(self, workload: Workload) -> None:
        self._titles = {lesson.id: lesson.title for lesson in workload.lessons}
        self._shown = {
            id_: (who.full_name, who.company_name, who.teams_text)
            for id_, who in workload.coworker_of.items()
        }

    def row(self, completion: Completion) -> AnswerRow:
        """The completion with the lesson's title and the coworker's names."""
        id_, lesson_id, member_id, created, updated = completion
        shown = self._shown[member_id]
        return (id_, lesson_id, self._titles[lesson_id], member_id, *shown, created, updated)


class PlainList:
    """Tests every row, sorts what is left. O(n) and more for every ask."""

    name = "plain list"
    takes_writes = True

    def build(self, workload: Workload) -> None:
        self._joiner = Joiner(workload)
        self._rows = answer_rows(workload)
        # Folding each distinct text once is what a careful loop would do as well.
        people = workload.coworkers
        texts = {lesson.title for lesson in workload.lessons}
        texts.update(who.full_name for who in people)
        texts.update(workload.company_names)
        self._folded: dict[str | None, str | None] = {text: folded(text) for text in texts}
        teams = {who.teams_text for who in people if who.teams_text}
        self._folded.update({text: folded_teams(text) for text in teams})
        self._folded[None] = None

    def prepare(self, query: CompletedLessonQuery) -> CompletedLessonQuery:
        return query

    def ask(self, prepared: CompletedLessonQuery) -> Answer:
        rows = self._rows
        for test in self._tests(prepared):
            rows = [row for row in rows if test(row)]
        rows = sorted(rows, key=self._key(prepared), reverse=prepared.direction < 0)
        first = (prepared.page - 1) * prepared.size
        return len(rows), rows[first : first + prepared.size]

    def answer(self, asked: Answer) -> Answer:
        return asked

    def write(self, completion: Completion) -> None:
        self._rows.append(self._joiner.row(completion))

    def forget(self) -> None:
        pass

    def _key(self, query: CompletedLessonQuery) -> Callable[[AnswerRow], Any]:
        column, fold = COLUMNS[query.order_by], self._folded
        if column in (TITLE, NAME, COMPANY, TEAMS):
            return lambda row: (fold[row[column]] is not None, fold[row[column]] or "", row[ID])
        return lambda row: (row[column], row[ID])

    def _tests(self, query: CompletedLessonQuery) -> list[Test]:
        tests: list[Test] = []
        for column, wanted in ((LESSON, query.lesson_id), (MEMBER, query.member_id)):
            if wanted is not None:
                tests.append(self._is(column, wanted))
        tests.extend(self._range(CREATED, query.created_from, query.created_to))
        tests.extend(self._range(UPDATED, query.updated_from, query.updated_to))
        texts = (
            (TITLE, query.lesson_title),
            (NAME, query.full_name),
            (COMPANY, query.company_name),
            (TEAMS, query.team_names),
        )
        exactly = query.text_match == "exact"
        tests.extend(self._text(c, text, exactly) for c, text in texts if text is not None)
        return tests

    def _is(self, column: int, wanted: int) -> Test:
        return lambda row: row[column] == wanted

    def _range(self, column: int, low: datetime | None, high: datetime | None) -> list[Test]:
        if low is None and high is None:
            return []
        start = microseconds(low) if low else -(2**63)
        end = microseconds(high) if high else 2**63
        at: Callable[[AnswerRow], Any] = itemgetter(column)
        return [lambda row: start <= at(row) <= end]

    def _text(self, column: int, wanted: str, exactly: bool) -> Test:
        text = folded_teams(wanted) if column == TEAMS else folded(wanted)
        if exactly:
            found = {shown for shown, fold in self._folded.items() if fold == text}
        else:
            found = {shown for shown, fold in self._folded.items() if fold and text in fold}
        return lambda row: row[column] in found
