"""What answers a query string with JSON: coursetrack, or something to build a service with."""

import sqlite3
from typing import Any, Protocol

from benchmarks.answers.asked import PATH
from benchmarks.peers.store import filled_store, put_completion
from benchmarks.workload import Completion, Workload
from coursetrack.endpoint import Endpoint, Principal, Request
from coursetrack.listing.completed_lessons import CompletedLessons
from coursetrack.listing.record_texts import RecordTexts


class Peer(Protocol):
    """One way to answer. Peers of one size share a database, which is written for all of them."""

    name: str

    def answer(self, text: str) -> bytes:
        """The JSON that answers a query string."""


class Coursetrack:
    """The endpoint over a store, as a host calls it."""

    name = "coursetrack"

    def __init__(self, workload: Workload) -> None:
        self._store = filled_store(workload)
        self._store.prepare()
        self.completed_lessons = CompletedLessons(lambda: self._store, lambda: 0)
        served: Any = self
        self._endpoint = Endpoint(served)
        self._admin = Principal(name="admin@example.com", is_unrestricted_admin=True)

    def answer(self, text: str) -> bytes:
        request = Request("GET", PATH, query=text)
        return self._endpoint.handle(request, principal=self._admin).content

    def write(self, completion: Completion) -> None:
        """Adds one completion."""
        put_completion(self._store, completion)

    def forget(self) -> None:
        """Forgets every answer, and every text that was made for one."""
        indexes = self._store.indexes
        indexes.cache.clear()
        indexes.texts = RecordTexts(indexes.table, self._store._live_names)


Row = tuple[Any, ...]
"""The columns of a record in the order that it shows them, but for what is made from others."""

COLUMNS = (
    ("c.lesson_id", "CourseLessonId"),
    ("l.title", "CourseLessonTitle"),
    ("c.member_id", "CourseMemberId"),
    ("w.full_name", "CourseMemberCoworkerFullName"),
    ("w.company_name", "CourseMemberCoworkerCompanyName"),
    ("w.team_names", "CourseMemberCoworkerTeamNames"),
    ("c.id", "Id"),
    ("c.updated_on", "UpdatedOn"),
    ("c.created_on", "CreatedOn"),
    ("c.unique_id", "UniqueId"),
    ("c.updated_by", "UpdatedBy"),
    ("c.system_id", "SystemId"),
    ("c.to_string_text", "ToStringText"),
    ("c.localization_details", "LocalizationDetails"),
    ("c.custom_fields", "CustomFields"),
)


def records(rows: list[Any]) -> list[dict[str, Any]]:
    """The records of `rows`, whose columns are `COLUMNS`."""
    return [
        {
            "CourseLessonId": lesson_id,
            "CourseLessonTitle": title,
            "CourseMemberId": member_id,
            "CourseMemberCoworkerFullName": full_name,
            "CourseMemberCoworkerCompanyName": company_name,
            "CourseMemberCoworkerTeamNames": team_names,
            "Id": id_,
            "UpdatedOn": updated_on,
            "CreatedOn": created_on,
            "UniqueId": unique_id,
            "UpdatedBy": updated_by,
            "IsNew": False,
            "SystemId": system_id,
            "ToStringText": f"CourseCompletedLesson {id_}" if text is None else text,
            "LocalizationDetails": localization_details,
            "CustomFields": custom_fields,
        }
        for (
            lesson_id,
            title,
            member_id,
            full_name,
            company_name,
            team_names,
            id_,
            updated_on,
            created_on,
            unique_id,
            updated_by,
            system_id,
            text,
            localization_details,
            custom_fields,
        ) in rows
    ]


Database = sqlite3.Connection
