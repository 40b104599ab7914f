"""Small worlds to serve, and short ways to ask."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from coursetrack.domain.entities import CompletedLesson, Course, CourseMember, Coworker, Lesson
from coursetrack.endpoint import Endpoint, Principal, Request, Response
from coursetrack.tracker import Tracker

PATH = "/api/content/coursecompletedlessons"
ADMIN = Principal(name="admin@example.com", is_unrestricted_admin=True)
NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """A UTC instant from ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ENTITIES = (
    Course(id=1, title="Onboarding"),
    Lesson(id=10, course_id=1, title="Welcome"),
    Lesson(id=11, course_id=1, title="Zoë's tour"),
    Lesson(id=12, course_id=1, title="Farewell"),
    Coworker(
        id=100, full_name="Ada Lovelace", company_name="Engines", team_names=("Design", "Ops")
    ),
    Coworker(id=101, full_name="Zoë Ångström"),
    CourseMember(id=7, course_id=1, coworker_id=100, created_on=at("2025-01-01")),
    CourseMember(id=8, course_id=1, coworker_id=101, created_on=at("2025-01-01")),
    CompletedLesson(id=1, lesson_id=10, member_id=7, created_on=at("2025-01-10T08:00:00")),
    CompletedLesson(
        id=2,
        lesson_id=11,
        member_id=7,
        created_on=at("2025-01-11T08:00:00.250000"),
        updated_on=at("2025-03-01T09:30:00"),
        updated_by="admin@example.com",
        system_id="sys-2",
        custom_fields={"Points": [1, 2]},
    ),
    CompletedLesson(id=3, lesson_id=10, member_id=8, created_on=at("2025-02-01T00:00:00")),
)

SEED_RECORD = CompletedLesson(
    id=87654321,
    lesson_id=0,
    member_id=0,
    created_on=at("2025-01-10T08:00:00"),
    updated_on=at("2025-01-15T10:30:00"),
    updated_by="admin@example.com",
    unique_id="a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    to_string_text="CourseCompletedLesson Example",
)


def filled(tracker: Any, entities: Iterable[Any] = ENTITIES) -> Any:
    """`tracker` with `entities` in it."""
    for entity in entities:
        tracker.add(entity)
    return tracker


class Caller:
    """Asks one endpoint on behalf of one principal."""

    def __init__(self, tracker: Any = None, *, principal: object = ADMIN, **options: Any) -> None:
        self.tracker = filled(Tracker()) if tracker is None else tracker
        self.endpoint = Endpoint(self.tracker, **options)
        self.principal = principal

    def ask(
        self, method: Any, path: Any = PATH, *, query: Any = "", body: Any = None, when: Any = NOW
    ) -> Response:
        """One request."""
        request = Request(method, path, query=query, body=body)
        response = self.endpoint.handle(request, principal=self.principal, at=when)  # type: ignore[arg-type]
        if not (isinstance(response.body, list) and len(response.body) > 1_000):
            form: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}
            assert response.content == json.dumps(response.body, **form).encode()
        return response

    def get(self, query: Any = "", path: Any = PATH) -> Response:
        """GET `path` with `query`."""
        return self.ask("GET", path, query=query)

    def ids(self, query: Any) -> list[int]:
        """The ids on the page that `query` asks for; the answer must be 200."""
        response = self.get(query)
        assert response.status == 200, response.body
        return [record["Id"] for record in response.body["Records"]]

    def complaints(self, query: Any) -> dict[str, str]:
        """What is wrong with `query`, by property; the answer must be 400."""
        response = self.get(query)
        assert response.status == 400, response.body
        return problems_in(response)


def problems_in(response: Response) -> dict[str, str]:
    """The messages of an answer's Errors by property."""
    return {each["PropertyName"]: each["Message"] for each in response.body["Errors"]}


def state_of(tracker: Any) -> list[Any]:
    """All that a caller could change."""
    return list(tracker.completed_lessons)
