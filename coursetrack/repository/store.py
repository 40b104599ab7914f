"""v0 of the store: a dict and full scans, to be replaced behind the same interface."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker, Lesson
from coursetrack.domain.values import folded, folded_teams
from coursetrack.repository.query import ORDERS, CompletedLessonQuery, Page

Row = tuple[int, int, int, datetime]
"""A completion made by an event: id, lesson id, member id, instant (both created and updated)."""

NamedEntity = Lesson | Coworker | CourseMember


class Joined(NamedTuple):
    """The live names that a record is shown with; None where there is none."""

    lesson_title: str | None
    full_name: str | None
    company_name: str | None
    team_names: str | None


class Store:
    """Completed lessons with live names. Written by the tracker only."""

    def __init__(self, *, remember_answers: int = 256) -> None:
        self._records: dict[int, CompletedLesson] = {}
        self._lessons: dict[int, Lesson] = {}
        self._members: dict[int, CourseMember] = {}
        self._coworkers: dict[int, Coworker] = {}

    # -- writing: nothing here judges; every call is idempotent, so an undo may repeat it

    def put_named(self, before: NamedEntity | None, after: NamedEntity | None) -> None:
        entity = after or before
        table = {Lesson: self._lessons, Coworker: self._coworkers, CourseMember: self._members}[
            type(entity)
        ]
        if after is None:
            table.pop(entity.id, None)
        else:
            table[entity.id] = after

    def append(self, row: Row) -> None:
        self._records[row[0]] = CompletedLesson(
            id=row[0], lesson_id=row[1], member_id=row[2], created_on=row[3]
        )

    def put(self, before: CompletedLesson | None, after: CompletedLesson | None) -> None:
        if after is None:
            self._records.pop(before.id, None)
        else:
            self._records[after.id] = after

    def mark(self) -> int:
        """A place to `rewind` to; good as long as only `append` was called since."""
        return len(self._records)

    def rewind(self, mark: int) -> None:
        while len(self._records) > mark:
            self._records.popitem()

    def fork(self) -> "Store":
        other = Store()
        for name, value in vars(self).items():
            setattr(other, name, value.copy())
        return other

    # -- reading

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[CompletedLesson]:
        """All records by id."""
        return iter(sorted(self._records.values(), key=lambda record: record.id))

    def get(self, id_: int) -> CompletedLesson | None:
        return self._records.get(id_)

    def id_of_unique(self, unique_id: str) -> int | None:
        return next((r.id for r in self if r.unique_id == unique_id), None)

    def get_pair(self, lesson_id: int, member_id: int) -> CompletedLesson | None:
        return next((r for r in self.of_member(member_id) if r.lesson_id == lesson_id), None)

    def of_lesson(self, lesson_id: int) -> tuple[CompletedLesson, ...]:
        """The lesson's records by id."""
        return tuple(record for record in self if record.lesson_id == lesson_id)

    def of_member(self, member_id: int) -> tuple[CompletedLesson, ...]:
        """The member's records by id."""
        return tuple(record for record in self if record.member_id == member_id)

    def joined(self, record: CompletedLesson) -> Joined:
        lesson = self._lessons.get(record.lesson_id)
        member = self._members.get(record.member_id)
        coworker = self._coworkers.get(member.coworker_id) if member else None
        return Joined(
            lesson and lesson.title,
            coworker and coworker.full_name,
            coworker and coworker.company_name,
            coworker and coworker.teams_text,
        )

    def find(self, query: CompletedLessonQuery) -> Page:
        rows = [record for record in self if self._matches(record, query)]
        name = ORDERS[query.order_by]

        def key(record: CompletedLesson) -> tuple:
            value = (
                getattr(record, name, None)
                if hasattr(record, name)
                else getattr(self.joined(record), name)
            )
            if isinstance(value, str):
                value = folded_teams(value) if name == "team_names" else folded(value)
            return (
                (value is not None, value, record.id)
                if value is not None
                else (False, 0, record.id)
            )

        rows.sort(key=key, reverse=query.direction < 0)
        first = (query.page - 1) * query.size
        return Page(
            records=tuple(rows[first : first + query.size]),
            total_items=len(rows),
            page_number=query.page,
            page_size=query.size,
        )

    def _matches(self, record: CompletedLesson, query: CompletedLessonQuery) -> bool:
        joined = self.joined(record)

        def text(shown: str | None, wanted: str | None, fold=folded) -> bool:
            if wanted is None:
                return True
            if shown is None:
                return False
            if query.text_match == "exact":
                return fold(shown) == fold(wanted)
            return fold(wanted) in fold(shown)

        def exact(shown, wanted) -> bool:
            return wanted is None or shown == wanted

        def second(shown: datetime, wanted: datetime | None) -> bool:
            if wanted is None:
                return True
            return shown.replace(microsecond=0) == wanted.replace(microsecond=0)

        return (
            exact(record.lesson_id, query.lesson_id)
            and exact(record.member_id, query.member_id)
            and exact(record.id, query.id)
            and exact(record.unique_id, query.unique_id)
            and exact(record.system_id, query.system_id)
            and text(joined.lesson_title, query.lesson_title)
            and text(joined.full_name, query.full_name)
            and text(joined.company_name, query.company_name)
            and text(joined.team_names, query.team_names, folded_teams)
            and (query.created_from is None or query.created_from <= record.created_on)
            and (query.created_to is None or record.created_on <= query.created_to)
            and (query.updated_from is None or query.updated_from <= record.updated_on)
            and (query.updated_to is None or record.updated_on <= query.updated_to)
            and second(record.created_on, query.created_on)
            and second(record.updated_on, query.updated_on)
        )

    def check(self) -> None:
        """Proves every index against the records, or raises CorruptStore."""
