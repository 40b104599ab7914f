"""The naive model's completed lessons: every query is a scan, a sort and a slice."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Any

from coursetrack.domain.entities import CompletedLesson, CourseMember, Coworker, Lesson
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.listing.store import Joined
from coursetrack.testing.model.facts import ModelFacts


class ModelCompletedLessons:
    """The completed lessons of a model, to read."""

    def __init__(self, facts: ModelFacts, *, accents: bool = True) -> None:
        self._facts = facts
        self._accents = accents

    def __len__(self) -> int:
        return len(self._facts.all_of(CompletedLesson))

    def __iter__(self) -> Iterator[CompletedLesson]:
        return iter(self._facts.all_of(CompletedLesson))

    def get(self, id_: int) -> CompletedLesson | None:
        """The completed lesson with this id, or None."""
        return self._facts.one(CompletedLesson, id_)

    def get_pair(self, lesson_id: int, member_id: int) -> CompletedLesson | None:
        """This lesson's completion by this member, or None."""
        return next((x for x in self if (x.lesson_id, x.member_id) == (lesson_id, member_id)), None)

    def joined(self, record: CompletedLesson) -> Joined:
        """The names that `record` is shown with."""
        return self.names(record.lesson_id, record.member_id)

    def names(self, lesson_id: int, member_id: int) -> Joined:
        """The names that this lesson and this member are shown with."""
        lesson = self._facts.one(Lesson, lesson_id)
        member = self._facts.one(CourseMember, member_id)
        who = self._facts.one(Coworker, member.coworker_id) if member else None
        return Joined(
            lesson.title if lesson else None,
            who.full_name if who else None,
            who.company_name if who else None,
            ", ".join(who.team_names) if who and who.team_names else None,
        )

    def find(self, query: CompletedLessonQuery) -> Page:
        """The page that `query` asks for."""
        found = [record for record in self if self._matches(record, query)]
        found.sort(key=lambda record: self._key(record, query.order_by))
        if query.direction == -1:
            found.reverse()
        first = (query.page - 1) * query.size
        return Page(
            records=tuple(found[first : first + query.size]),
            total_items=len(found),
            page_number=query.page,
            page_size=query.size,
        )

    def _matches(self, record: CompletedLesson, query: CompletedLessonQuery) -> bool:
        same = [(getattr(record, name), getattr(query, name)) for name in EXACT]
        seconds = [
            (record.created_on, query.created_on),
            (record.updated_on, query.updated_on),
        ]
        return (
            all(want is None or has == want for has, want in same)
            and all(want is None or _second(has) == _second(want) for has, want in seconds)
            and (query.created_from is None or query.created_from <= record.created_on)
            and (query.created_to is None or query.created_to >= record.created_on)
            and (query.updated_from is None or query.updated_from <= record.updated_on)
            and (query.updated_to is None or query.updated_to >= record.updated_on)
            and self._reads(record, query)
        )

    def _reads(self, record: CompletedLesson, query: CompletedLessonQuery) -> bool:
        names = self.joined(record)
        for name in ("lesson_title", "full_name", "company_name"):
            has, want = getattr(names, name), getattr(query, name)
            if want and not _says(self._folded(has), self._folded(want), query.text_match):
                return False
        if not query.team_names:
            return True
        teams, team = self._tight(names.team_names), self._tight(query.team_names)
        return _says(teams, team, query.text_match) or _is_team(teams, team, query.text_match)

    def _key(self, record: CompletedLesson, order_by: str) -> tuple[Any, ...]:
        if order_by in BY_NAME:
            text = getattr(self.joined(record), BY_NAME[order_by])
            fold = self._tight if order_by == "CourseMemberCoworkerTeamNames" else self._folded
            value = fold(text)
        else:
            value = getattr(record, BY_VALUE[order_by])
            value = self._folded(value) if order_by in ("UpdatedBy", "SystemId") else value
        return (False, record.id) if value is None else (True, value, record.id)

    def _folded(self, text: str | None) -> str | None:
        if text is None:
            return None
        caseless = unicodedata.normalize("NFD", text).casefold()
        key = unicodedata.normalize("NFD", caseless)
        return key if self._accents else re.sub(".", _no_mark, key, flags=re.DOTALL)

    def _tight(self, teams: str | None) -> str | None:
        return None if teams is None else re.sub("[ \t]*,[ \t]*", ",", self._folded(teams) or "")


BY_NAME = MappingProxyType(
    {
        "CourseLessonTitle": "lesson_title",
        "CourseMemberCoworkerFullName": "full_name",
        "CourseMemberCoworkerCompanyName": "company_name",
        "CourseMemberCoworkerTeamNames": "team_names",
    }
)
BY_VALUE = MappingProxyType(
    {
        "Id": "id",
        "CreatedOn": "created_on",
        "UpdatedOn": "updated_on",
        "UpdatedBy": "updated_by",
        "UniqueId": "unique_id",
        "CourseLessonId": "lesson_id",
        "CourseMemberId": "member_id",
        "SystemId": "system_id",
    }
)
EXACT = ("id", "unique_id", "system_id", "lesson_id", "member_id")


def _says(has: str | None, want: str | None, match: str) -> bool:
    """Whether a key holds another one, up to the end of a letter; or is it."""
    if not want:
        return True
    if has is None or match == "exact":
        return has == want
    places = (at for at in range(len(has)) if has.startswith(want, at))
    return any(not _goes_on(has[at + len(want) :]) for at in places)


def _no_mark(found: re.Match[str]) -> str:
    return "" if unicodedata.combining(found[0]) else found[0]


def _goes_on(rest: str) -> bool:
    """Whether `rest` starts with a mark, or the end of a Korean syllable."""
    return bool(rest) and (unicodedata.combining(rest[0]) != 0 or 0x1160 <= ord(rest[0]) <= 0x11FF)


def _is_team(teams: str | None, want: str | None, match: str) -> bool:
    """Whether the wanted team is, exactly, one of those that are shown."""
    if match == "contains" or teams is None or want is None or not want.strip(" \t"):
        return False
    return want.strip(" \t") in [team.strip(" \t") for team in teams.split(",")]


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
