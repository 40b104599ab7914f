"""Shards that answer like one list, and an endpoint in front of them."""

import pickle
from collections.abc import Hashable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    CompletedLesson,
    CompletedLessonQuery,
    InvalidValue,
    MissingEntity,
    MissingReference,
    Tracker,
)
from coursetrack.endpoint import Endpoint, Principal, Request
from coursetrack.errors import MissingShard
from coursetrack.sharding import Shards, split
from coursetrack.testing import strategies as kit
from coursetrack.testing.strategies import START
from tests.sharding.worlds import big, few, placements, trackers

ADMIN = Principal(name="admin@example.com", is_unrestricted_admin=True)
PATH = "/api/content/coursecompletedlessons"


@few
@given(trackers(), st.integers(1, 4), st.data())
def test_shards_answer_as_one_store_does(tracker: Tracker, count: int, data: st.DataObject) -> None:
    shard_of = data.draw(placements(count))
    parts = [Tracker.restore(part) for part in split(tracker.snapshot(), count, shard_of)]
    one = tracker.completed_lessons
    for many in (Shards(parts), Shards(parts, shard_of=shard_of)):
        assert len(many) == len(one)
        seen = [(record, one.joined(record)) for record in one]
        query = data.draw(kit.queries(seen=seen))
        page = many.find(query)
        assert page == one.find(query)
        assert [*map(many.joined, page.records)] == [*map(one.joined, page.records)]
        for record in one:
            assert many.get(record.id) == record
            if record.lesson_id and record.member_id:
                assert many.get_pair(record.lesson_id, record.member_id) == record
            assert many.joined(record) == one.joined(record)
        assert many.get(10**9) is many.get(0) is many.get_pair(10**9, 1) is None
        assert many.get_pair(0, 1) is None


@pytest.fixture
def parts() -> list[Tracker]:
    """Three shards of an academy of six members."""
    academy = big(members=6, lessons=4)
    return [Tracker.restore(part) for part in split(academy.snapshot(), 3, lambda id_: id_ % 3)]


def answered(endpoint: Endpoint, method: str, query: str = "", body: Any = None) -> Any:
    path, _, query = f"{PATH}{query}".partition("?")
    request = Request(method, path, query=query, body=body)
    response = endpoint.handle(request, principal=ADMIN, at=START)
    return response.status, response.body


def test_an_endpoint_stands_in_front_of_them(parts: list[Tracker]) -> None:
    many, one = Endpoint(Shards(parts)), Endpoint(big(members=6, lessons=4))
    for query in (
        "?page=2&size=5&orderBy=CourseLessonTitle&dir=-1",
        "?CourseCompletedLesson_CourseMember_Coworker_FullName=n3",
        "/7",
        "/?id=[3,1,99]",
        "/99",
        "?page=0",
    ):
        assert answered(many, "GET", query) == answered(one, "GET", query)


def test_writes_go_to_the_shard_of_the_member(parts: list[Tracker]) -> None:
    for shards in (Shards(parts), Shards(parts, shard_of=lambda id_: id_ % 3)):
        endpoint = Endpoint(shards)
        status, _ = answered(endpoint, "DELETE", "/7")
        assert status == 200
        assert answered(endpoint, "GET", "/7")[0] == 404
        body = {"CourseLessonId": 3, "CourseMemberId": 2}
        assert answered(endpoint, "POST", body=body)[0] == 200
        record = shards.get_pair(3, 2)
        assert record is not None
        assert parts[2].completed_lessons.get(record.id) == record
        update = {"Id": record.id, **body}
        assert answered(endpoint, "PUT", body=update)[0] == 200
        parts[2].delete_completed(id=record.id)
        parts[2].add(CompletedLesson(id=7, lesson_id=3, member_id=2, created_on=START))


def test_a_record_does_not_move_to_a_member_of_another_shard(parts: list[Tracker]) -> None:
    shards = Shards(parts)
    shards.delete_completed(id=1)
    with pytest.raises(MissingReference):
        shards.update_completed(id=7, lesson_id=1, member_id=1, at=START, by="me")


def test_what_is_in_no_shard_is_named(parts: list[Tracker]) -> None:
    shards = Shards(parts)
    with pytest.raises(MissingEntity, match="there is no completed lesson 99"):
        shards.delete_completed(id=99)
    with pytest.raises(MissingEntity, match="no shard has a CourseMember 99"):
        shards.complete(lesson_id=1, member_id=99, at=START, by="me")


# -- shards at the other end of something


def gone(*_: object) -> Any:
    raise ConnectionError("no route")


def silent(*_: object) -> Any:
    return None


@pytest.mark.parametrize("dead", [gone, silent])
def test_a_shard_that_is_gone_is_named_and_never_left_out(parts: list[Tracker], dead: Any) -> None:
    named: dict[Hashable, Any] = {"a": parts[0], "b": dead}
    shards = Shards(named)
    for ask in (
        lambda: shards.find(CompletedLessonQuery()),
        lambda: shards.get(1),
        lambda: len(shards),
        lambda: shards.joined(CompletedLesson(id=1, lesson_id=1, member_id=1, created_on=START)),
        lambda: shards.delete_completed(id=99),
    ):
        with pytest.raises(MissingShard, match="shard 'b' did not answer"):
            ask()
    status, body = answered(Endpoint(shards), "GET")
    assert status == 503
    assert "shard 'b' did not answer" in body["Message"]


def test_one_members_questions_go_to_that_members_shard_alone(parts: list[Tracker]) -> None:
    named: list[Any] = [gone, parts[1], gone]
    shards = Shards(named, shard_of=lambda id_: id_ % 3)
    assert shards.find(CompletedLessonQuery(member_id=4)).total_items == 4
    with pytest.raises(MissingShard, match="shard 0"):
        shards.find(CompletedLessonQuery(member_id=3))
    with pytest.raises(MissingShard, match="shard_of names 5, which is no shard here"):
        Shards(parts, shard_of=lambda _: 5).find(CompletedLessonQuery(member_id=3))


def test_a_callable_cannot_be_written_to(parts: list[Tracker]) -> None:
    shards = Shards([part.completed_lessons.answer for part in parts])
    assert shards.find(CompletedLessonQuery()).total_items == 24
    with pytest.raises(InvalidValue, match=r"shards\[1\]: expected a tracker, to be written to"):
        shards.complete(lesson_id=1, member_id=1, at=START, by="me")


class FarAway:
    """A tracker in another process, as far as anybody here can tell: all goes through pickle."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker

    def __call__(self, *asked: Any) -> Any:
        return pickle.loads(pickle.dumps(self.tracker.completed_lessons.answer(*asked)))

    def complete(self, **told: Any) -> Any:
        return pickle.loads(pickle.dumps(self.tracker.complete(**pickle.loads(pickle.dumps(told)))))

    def update_completed(self, **told: Any) -> Any:
        return self.tracker.update_completed(**told)

    def delete_completed(self, **told: Any) -> Any:
        return self.tracker.delete_completed(**told)


def test_an_endpoint_writes_to_shards_far_away(parts: list[Tracker]) -> None:
    endpoint = Endpoint(Shards([FarAway(part) for part in parts], shard_of=lambda id_: id_ % 3))
    assert answered(endpoint, "DELETE", "/7")[0] == 200
    body = {"CourseLessonId": 3, "CourseMemberId": 2}
    status, told = answered(endpoint, "POST", body=body)
    assert status == 200
    record = parts[2].completed_lessons.get_pair(3, 2)
    assert record is not None
    assert answered(endpoint, "GET", f"/{record.id}") == (200, told["Value"])


def test_what_is_no_shard_is_named() -> None:
    with pytest.raises(InvalidValue, match=r"shards\[0\]: expected a tracker, or a callable"):
        Shards([1])  # type: ignore[list-item]
    with pytest.raises(InvalidValue, match="shards: expected at least one shard"):
        Shards([])
