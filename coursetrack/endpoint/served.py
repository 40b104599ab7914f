"""What an endpoint can be put in front of, as protocols: the endpoint never imports the tracker."""

from datetime import datetime
from typing import Any, Protocol

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import CompletedLesson
from coursetrack.endpoint.records import Names
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.listing.record_texts import JsonPage


class Records(Protocol):
    """The reading side that the endpoint needs: what ``tracker.completed_lessons`` offers."""

    def get(self, id_: int, /) -> CompletedLesson | None:
        """The record with this id, or None."""

    def get_pair(self, lesson_id: int, member_id: int, /) -> CompletedLesson | None:
        """The record of this pair, or None."""

    def find(self, query: CompletedLessonQuery, /) -> Page:
        """The page that `query` asks for."""

    def joined(self, record: CompletedLesson, /) -> Names:
        """The live names that `record`, which was just found, is shown with."""

    def names(self, lesson_id: int, member_id: int, /) -> Names:
        """The live names of a lesson and a member: no title, no full name where there is none."""


class WritesJson(Protocol):
    """What records may offer beside :class:`Records`, so that a list costs no record objects."""

    def find_json(self, query: CompletedLessonQuery, /) -> JsonPage:
        """The page that ``find`` finds, each record as UTF-8 JSON in the compact form."""


class Written(Protocol):
    """What a write of the endpoint must tell."""

    @property
    def completed(self) -> Any:
        """The CompletedLesson that `complete` created; not looked at after other writes."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed, in order."""


class Served(Protocol):
    """What an endpoint can be put in front of: a tracker, or anything that answers like one."""

    @property
    def completed_lessons(self) -> Records:
        """The records, to read."""

    def complete(self, *, lesson_id: int, member_id: int, at: datetime, by: str) -> Written:
        """Creates a record by hand."""

    def update_completed(
        self, *, id: int, lesson_id: int, member_id: int, at: datetime, by: str
    ) -> Written:
        """Moves a record to another pair."""

    def delete_completed(self, *, id: int) -> Written:
        """Removes a record."""
