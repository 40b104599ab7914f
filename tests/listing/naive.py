"""The list query as a full scan over records: what every answer of the store is held against."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from unicodedata import combining

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker, Lesson
from coursetrack.domain.folding import folded, folded_teams
from coursetrack.listing.query import CompletedLessonQuery

AT = datetime(2025, 1, 1, tzinfo=UTC)

# Written out again: a wrong row of the table of fields must not agree with itself.
ORDERS = {
    "Id": "id",
    "CreatedOn": "created_on",
    "UpdatedOn": "updated_on",
    "UpdatedBy": "updated_by",
    "UniqueId": "unique_id",
    "CourseLessonId": "lesson_id",
    "CourseLessonTitle": "lesson_title",
    "CourseMemberId": "member_id",
    "CourseMemberCoworkerFullName": "full_name",
    "CourseMemberCoworkerCompanyName": "company_name",
    "CourseMemberCoworkerTeamNames": "team_names",
    "SystemId": "system_id",
}
TEXTS = ("lesson_title", "full_name", "company_name", "team_names")


class World:
    """Records and the names that they are shown with, in plain dicts."""

    def __init__(self) -> None:
        self.records: dict[int, CompletedLesson] = {}
        self.lessons: dict[int, Lesson] = {}
        self.coworkers: dict[int, Coworker] = {}
        self.members: dict[int, CourseMember] = {}

    def shown(self, record: CompletedLesson) -> dict[str, Any]:
        """All that a record can be filtered and sorted by."""
        lesson = self.lessons.get(record.lesson_id)
        member = self.members.get(record.member_id)
        coworker = self.coworkers.get(member.coworker_id) if member else None
        return {
            "id": record.id,
            "created_on": record.created_on,
            "updated_on": record.updated_on,
            "updated_by": record.updated_by,
            "unique_id": record.unique_id,
            "system_id": record.system_id,
            "lesson_id": record.lesson_id,
            "member_id": record.member_id,
            "lesson_title": lesson.title if lesson else None,
            "full_name": coworker.full_name if coworker else None,
            "company_name": coworker.company_name if coworker else None,
            "team_names": coworker.teams_text if coworker else None,
        }

    def find(self, query: CompletedLessonQuery) -> tuple[int, list[CompletedLesson]]:
        """How many records match, and those of the page."""
        found = [record for record in self.records.values() if self.matches(record, query)]
        name = ORDERS[query.order_by]

        def key(record: CompletedLesson) -> tuple[Any, ...]:
            value = self.shown(record)[name]
            if isinstance(value, str):
                value = folded_teams(value) if name == "team_names" else folded(value)
            return (0, record.id) if value is None else (1, value, record.id)

        found.sort(key=key, reverse=query.direction == -1)
        first = (query.page - 1) * query.size
        return len(found), found[first : first + query.size]

    def matches(self, record: CompletedLesson, query: CompletedLessonQuery) -> bool:
        """Whether every filter lets the record pass."""
        shown = self.shown(record)
        exact = ("id", "lesson_id", "member_id", "unique_id", "system_id")
        return (
            all(getattr(query, name) in (None, shown[name]) for name in exact)
            and all(_text(query, name, shown[name]) for name in TEXTS)
            and _within(shown["created_on"], query.created_from, query.created_to)
            and _within(shown["updated_on"], query.updated_from, query.updated_to)
            and _second(shown["created_on"], query.created_on)
            and _second(shown["updated_on"], query.updated_on)
        )


def _text(query: CompletedLessonQuery, name: str, text: str | None) -> bool:
    wanted = getattr(query, name)
    if wanted is None or text is None:
        return wanted is None
    fold = folded_teams if name == "team_names" else folded
    part, key = fold(wanted), fold(text)
    if query.text_match == "exact":
        teams = [team.strip(" \t") for team in key.split(",")] if name == "team_names" else []
        return part == key or bool(part.strip(" \t") and part.strip(" \t") in teams)
    ends = (at + len(part) for at in range(len(key) + 1) if key.startswith(part, at))
    return any(not combining(key[end : end + 1] or " ") for end in ends)


def _within(at: datetime, first: datetime | None, last: datetime | None) -> bool:
    return (first is None or first <= at) and (last is None or at <= last)


def _second(at: datetime, wanted: datetime | None) -> bool:
    return wanted is None or at.replace(microsecond=0) == wanted.replace(microsecond=0)


def ids(records: Iterable[CompletedLesson]) -> list[int]:
    """The records' ids, which say enough where two lists differ."""
    return [record.id for record in records]
