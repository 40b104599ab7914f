"""What goes over the wire: the bytes, equal to the plain values, made without objects and dicts."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coursetrack.domain.entities import CompletedLesson, Course, CourseMember, Coworker, Lesson
from coursetrack.domain.values import compact_json
from coursetrack.endpoint import Request, Response, page_dict, responses
from coursetrack.errors import CoursetrackError
from coursetrack.listing import record_texts
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.store import Store
from coursetrack.listing.table import Table
from coursetrack.testing.strategies import any_instants, json_values, texts
from coursetrack.tracker import Tracker
from tests.endpoint.worlds import ADMIN, NOW, PATH, Caller, at, filled

FORM: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}
LARGEST = 2**63 - 1
maybe = st.none() | texts()
names = st.tuples(texts(), maybe, st.lists(texts(), max_size=2))
numbers = st.integers(-LARGEST, LARGEST) | st.floats(allow_nan=False, allow_infinity=False)
awkward = json_values() | st.dictionaries(texts(), numbers, max_size=2) | numbers
records = st.fixed_dictionaries(
    {"created_on": any_instants()},
    optional={
        "updated_on": any_instants(),
        "updated_by": maybe,
        "system_id": maybe,
        "to_string_text": maybe,
        "unique_id": st.uuids().map(str),
        "custom_fields": awkward,
        "localization_details": awkward,
    },
)
ids = st.sampled_from([1, 2, 3, 25, 2**31, 2**53 + 1, LARGEST])


def world(
    titles: dict[int, str], people: dict[int, Any], held: dict[tuple[int, int, int], Any]
) -> Tracker:
    """A tracker with these titles, people and records, by id; records also by their pair."""
    tracker = Tracker()
    tracker.add(Course(id=1, title="C"))
    for id_, title in titles.items():
        tracker.add(Lesson(id=id_, course_id=1, title=title))
    for id_, (full_name, company_name, team_names) in people.items():
        who = Coworker(
            id=id_, full_name=full_name, company_name=company_name, team_names=team_names
        )
        member = CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=at("2025-01-01"))
        tracker.add_all([who, member])
    pairs = set()
    for id_, (lesson_id, member_id, fields) in enumerate(
        ((lesson, member, fields) for (_, lesson, member), fields in held.items()), 1
    ):
        if lesson_id in titles and member_id in people and (lesson_id, member_id) not in pairs:
            pairs.add((lesson_id, member_id))
            tracker.add(CompletedLesson(id=id_, lesson_id=lesson_id, member_id=member_id, **fields))
    return tracker


def plain(tracker: Tracker, query: CompletedLessonQuery) -> dict[str, Any]:
    """The list's answer through records and dicts."""
    read = tracker.completed_lessons
    return page_dict(
        read.find(query), read.joined, order_by=query.order_by, direction=query.direction
    )


@given(
    st.dictionaries(ids, texts(), min_size=1, max_size=3),
    st.dictionaries(ids, names, min_size=1, max_size=3),
    st.dictionaries(st.tuples(st.integers(0, 9), ids, ids), records, max_size=6),
    st.sampled_from([1, -1]),
)
@settings(max_examples=30)
@example(
    {1: '"\\\u2028\x7f\x00é\U0001f600'}, {1: ("", None, ("",))}, {(0, 1, 1): {"created_on": NOW}}, 1
)
def test_the_bytes_are_those_of_the_plain_values(
    titles: dict[int, str], people: dict[int, Any], held: Any, direction: int
) -> None:
    tracker = world(titles, people, held)
    caller = Caller(tracker)
    for page in (1, 2):
        query = CompletedLessonQuery(order_by="UpdatedOn", direction=direction, page=page, size=4)
        expected = plain(tracker, query)
        for _ in ("written", "kept"):
            response = caller.get(f"orderBy=UpdatedOn&dir={direction}&page={page}&size=4")
            assert response.content == json.dumps(expected, **FORM).encode()
            assert response.body == expected
            assert list(response.body) == list(expected)


@given(awkward)
def test_the_compact_form_is_json_dumps(value: Any) -> None:
    assert compact_json(value) == json.dumps(value, **FORM)


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "GET", "path": f"{PATH}/2"},
        {"method": "GET", "query": "id=[2,1]"},
        {"method": "POST", "body": {"CourseLessonId": 12, "CourseMemberId": 8}},
        {"method": "PUT", "body": {"Id": 1, "CourseLessonId": 12, "CourseMemberId": 8}},
        {"method": "DELETE", "path": f"{PATH}/1"},
        {"method": "GET", "path": "/other"},
        {"method": "PATCH"},
        {"method": "GET", "query": "page=0&size=%ff&dir=é"},
        {"method": "POST", "body": {"CourseLessonId": [], "CourseMemberId": 1e300}},
    ],
)
def test_every_operation_has_content_too(asked: dict[str, Any]) -> None:
    response = Caller().ask(**asked)
    assert response.content == json.dumps(response.body, **FORM).encode()
    assert json.loads(response.content) == response.body


def test_a_list_that_is_only_sent_makes_no_record_and_no_dict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caller = Caller()
    expected = caller.get("size=2").content

    def refuse(*_: object, **__: object) -> Any:
        raise AssertionError("this costs too much")

    monkeypatch.setattr(Table, "records", refuse)
    monkeypatch.setattr(responses.json, "loads", refuse)
    monkeypatch.setattr("coursetrack.endpoint.records.record_dict", refuse)
    request = Request("GET", PATH, query="size=2")
    response = caller.endpoint.handle(request, principal=ADMIN)
    assert response.content == expected


def test_content_and_body_are_made_once() -> None:
    response = Caller().get()
    assert response.content is response.content
    assert response.body is response.body


def test_an_answer_stays_what_it_was() -> None:
    caller = Caller()
    before = caller.get().content
    response = responses.listed(lambda: before)
    answer = caller.get()
    caller.tracker.replace(Lesson(id=10, course_id=1, title="Other"))
    caller.tracker.delete_completed(id=1)
    assert (answer.content, answer) == (before, response)
    assert caller.get().content != before


def test_names_are_live_in_what_is_kept() -> None:
    caller = Caller()
    assert "Welcome" in caller.get().content.decode()
    caller.tracker.replace(Lesson(id=10, course_id=1, title="Hello"))
    caller.tracker.replace(Coworker(id=100, full_name="Bob"))
    caller.tracker.update_completed(id=1, at=NOW, by="somebody")
    body = caller.get().body
    assert body == plain(caller.tracker, CompletedLessonQuery())
    assert [body["Records"][0][key] for key in ("CourseLessonTitle", "UpdatedBy")] == [
        "Hello",
        "somebody",
    ]
    assert body["Records"][0]["CourseMemberCoworkerFullName"] == "Bob"


def test_a_name_of_somebody_else_makes_no_record_anew() -> None:
    tracker = filled(Tracker())
    before = tracker.completed_lessons.find_json().records
    tracker.replace(Coworker(id=101, full_name="Eve"))
    after = tracker.completed_lessons.find_json().records
    assert [one is other for one, other in zip(before, after, strict=True)] == [True, True, False]
    again = tracker.completed_lessons.find_json().records
    assert all(one is other for one, other in zip(after, again, strict=True))


def test_no_more_is_kept_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_texts, "_KEPT", 2)
    monkeypatch.setattr(record_texts, "_KEPT_DAYS", 2)
    tracker = filled(Tracker())
    texts = tracker.completed_lessons._store.indexes.texts
    for _ in range(3):
        Caller(tracker).get()
        assert max(map(len, (texts._rows, texts._days))) <= 2


def test_rows_that_were_taken_back_leave_no_text() -> None:
    store, everything = Store(), CompletedLessonQuery()
    savepoint = store.savepoint()
    store.extend([(1, 10, 7, at("2025-01-01"))])
    assert b'"CourseLessonId":10' in store.find_json(everything).records[0]
    store.roll_back_to(savepoint)
    store.extend([(1, 10, 7, at("2025-02-02"))])
    assert b'"CreatedOn":"2025-02-02T00:00:00Z"' in store.find_json(everything).records[0]


def test_responses_compare_by_what_goes_over_the_wire() -> None:
    made = Response(200, {}, body={"a": 1})
    assert made == responses.Response(200, {}, write=lambda: b'{"a":1}')
    assert made != Response(201, {}, body={"a": 1})
    assert made != Response(200, {}, body={"a": 2})
    assert made != "200"
    assert repr(made) == "<Response 200>"
    assert repr(Caller().get("page=0")) == "<Response 400, invalid_request>"


class Refusing:
    """Raises a documented error whose text cannot be written as UTF-8."""

    completed_lessons = Caller().tracker.completed_lessons

    def delete_completed(self, **_: object) -> Any:
        raise CoursetrackError("\ud800")


def test_an_error_that_is_not_ours_can_be_written() -> None:
    response = Caller(Refusing()).ask("DELETE", f"{PATH}/1")
    assert response.body["Message"] == "?"
