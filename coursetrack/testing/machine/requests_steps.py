"""Requests to the endpoint: lists, records, writes."""

from datetime import datetime
from typing import Any

from coursetrack.domain.entities import (
    CompletedLesson,
    CourseMember,
    Lesson,
)
from coursetrack.endpoint.handler import Endpoint
from coursetrack.endpoint.requests import Principal, Request
from coursetrack.testing import strategies
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.side_by_side import SideBySide
from coursetrack.testing.machine.step import Feature, step
from coursetrack.testing.machine.story import Call
from coursetrack.testing.model import expected
from coursetrack.testing.model.expected import attempt, same

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DataObject

PATH = "/api/content/coursecompletedlessons"
ADMIN = Principal("admin@example.com", is_unrestricted_admin=True)


class RequestSteps(SideBySide):
    """Requests to the endpoint: lists, records, writes."""

    @step(Feature.ENDPOINT)
    def list_request(self, data: DataObject) -> None:
        """Asks a query through the list endpoint, in one of its spellings."""
        query = data.draw(
            strategies.queries(seen=self.seen(), text_match="contains"), label="query"
        )
        text = data.draw(strategies.spellings(query=query), label="query string")
        answer = Endpoint(self.tracker).handle(Request("GET", PATH, query=text), principal=ADMIN)
        same("the status", answer.status, 200)
        body = expected.listed(self.model, query)
        same("the list's answer", answer.body, body)
        same("the order of its keys", list(answer.body), list(body))

    @step(Feature.ENDPOINT)
    def read_request(self, data: DataObject) -> None:
        """Asks for one record and for several."""
        ids = data.draw(st.lists(self.ids(CompletedLesson), min_size=1, max_size=3), label="ids")
        found = [self.model.completed_lessons.get(id) for id in ids]
        bodies = [expected.shown(self.model, each) for each in found if each]
        endpoint = Endpoint(self.tracker)
        several = Request("GET", PATH + "/", query=f"id={ids}".replace(" ", ""))
        same("several", endpoint.handle(several, principal=ADMIN).body, bodies)
        one = endpoint.handle(Request("GET", f"{PATH}/{ids[0]}"), principal=ADMIN)
        wanted = bodies[0] if found[0] else "Not found"
        same("one", (one.status, one.body), (200 if found[0] else 404, wanted))

    @step(
        Feature.ENDPOINT,
        method=st.sampled_from(["POST", "PUT", "DELETE"]),
        principal=st.sampled_from([ADMIN, ADMIN, Principal("nobody"), None]),
        at=strategies.instants(),
    )
    def write_request(
        self, data: DataObject, method: str, principal: Principal | None, at: datetime
    ) -> None:
        """Creates, updates or deletes through the endpoint, with and without the right to."""
        id = data.draw(self.ids(CompletedLesson), label="id")
        lesson_id = data.draw(self.ids(Lesson), label="lesson_id")
        member_id = data.draw(self.ids(CourseMember), label="member_id")
        body = {"CourseLessonId": lesson_id, "CourseMemberId": member_id, "TypeName": "extra"}
        path = f"{PATH}/{id}" if method == "DELETE" else PATH
        sent = Request(method, path, body=body | {"Id": id} if method == "PUT" else body)
        answer = Endpoint(self.tracker).handle(sent, principal=principal, at=at)
        self.changes.extend(answer.changes)
        if principal is not ADMIN:
            same("the status", answer.status, 401)
            return
        pair: dict[str, Any] = {
            "lesson_id": lesson_id,
            "member_id": member_id,
            "at": at,
            "by": ADMIN.name,
        }
        meant = {
            "POST": Call("complete", named=pair),
            "PUT": Call("update_completed", named={"id": id, **pair}),
            "DELETE": Call("delete_completed", named={"id": id}),
        }[method]
        self.calls.append(meant)
        wanted = attempt(lambda: meant.on(self.model))
        status = wanted.error.status_hint if wanted.error else 200
        same("the status", answer.status, 400 if status == 409 else status)
        if status == 200 and method != "DELETE":
            same(
                "the record",
                answer.body["Value"],
                expected.shown(self.model, wanted.result.completed),
            )
