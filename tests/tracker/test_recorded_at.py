"""When the host came to know: `updated_on`, clients that poll by it, and clocks that are ahead."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack import (
    CompletedLesson,
    InvalidValue,
    PageVisit,
    RefusalCode,
    Tracker,
    VideoProgress,
)
from coursetrack.endpoint import Endpoint, Principal, Request
from tests.domain.courses import DAY, SEQUENTIAL, START, TICK, TIMED, VIDEO, lesson, member, section
from tests.tracker.test_rules_properties import academy, events

VISIT = PageVisit(member_id=7, lesson_id=10, at=START + DAY)
LATE = START + 9 * DAY
AHEAD = datetime(2099, 1, 1, tzinfo=UTC)
PATH = "/api/content/coursecompletedlessons"


def instants(record: CompletedLesson | None) -> tuple[datetime, datetime]:
    assert record is not None
    return record.created_on, record.updated_on


# -- what it becomes


@pytest.mark.parametrize("event_id", [None, "e"])
def test_it_becomes_updated_on_and_what_happened_stays_created_on(event_id):
    event = attrs.evolve(VISIT, event_id=event_id)
    single, bulk = academy([lesson(10)]), academy([lesson(10)])
    outcome = single.record(event, recorded_at=LATE)
    assert instants(outcome.completed) == (START + DAY, LATE)
    assert bulk.record_many([event], recorded_at=LATE).changes == outcome.changes
    for tracker in (single, bulk, Tracker.restore(single.snapshot()), single.fork()):
        assert instants(tracker.completed_lessons.get(1)) == (START + DAY, LATE)
        assert tracker == single
        tracker.check()
    fresh = academy([lesson(10)])
    fresh.replay(outcome.changes)
    assert fresh == single


def test_without_it_or_where_it_is_the_same_both_instants_are_one():
    for when in ({}, {"recorded_at": None}, {"recorded_at": START + DAY}):
        tracker = academy([lesson(10)])
        assert instants(tracker.record(VISIT, **when).completed) == (START + DAY, START + DAY)


def test_evidence_completes_when_it_was_enough_and_is_updated_when_that_was_known():
    tracker = academy([lesson(10, completion_type=VIDEO, video_coverage=1)])
    report = {"member_id": 7, "lesson_id": 10, "duration": 10}
    tracker.record(VideoProgress(**report, at=START + 2 * DAY, start=0, end=5), recorded_at=LATE)
    outcome = tracker.record(
        VideoProgress(**report, at=START + DAY, start=5, end=10), recorded_at=LATE + DAY
    )
    assert instants(outcome.completed) == (START + 2 * DAY, LATE + DAY)


def test_a_completion_by_hand_may_be_dated_back_and_is_still_found():
    tracker = academy([lesson(10)])
    outcome = tracker.complete(lesson_id=10, member_id=7, at=START, recorded_at=LATE)
    assert instants(outcome.completed) == (START, LATE)


def test_it_is_checked_as_every_instant_is():
    tracker = academy([lesson(10)])
    naive = datetime(2025, 1, 1)  # noqa: DTZ001
    for call in (
        lambda: tracker.record(VISIT, recorded_at=naive),
        lambda: tracker.record_many([VISIT], recorded_at=naive),
        lambda: tracker.refusals(VISIT, recorded_at=naive),
        lambda: tracker.complete(lesson_id=10, member_id=7, at=START, recorded_at=naive),
    ):
        with pytest.raises(InvalidValue, match="recorded_at: expected an aware datetime"):
            call()
    assert tracker.record_many([], recorded_at=LATE).events == 0
    assert len(tracker.completed_lessons) == 0


def test_rows_with_and_without_it_may_follow_each_other_in_any_way():
    tracker = academy([lesson(id_) for id_ in range(10, 20)])
    for place, id_ in enumerate(range(10, 20)):
        when = {"recorded_at": LATE + place * TICK} if place % 3 else {}
        event = attrs.evolve(VISIT, lesson_id=id_)
        if place % 2:
            tracker.record(event, **when)
        else:
            tracker.record_many([event], **when)
    found = [each.updated_on for each in tracker.completed_lessons]
    assert found == [LATE + place * TICK if place % 3 else START + DAY for place in range(10)]
    tracker.check()


# -- it never moves back


def test_an_update_with_an_earlier_instant_keeps_the_later_one():
    tracker = academy([lesson(10), lesson(11)])
    tracker.record(VISIT, recorded_at=LATE)
    moved = tracker.update_completed(id=1, lesson_id=11, at=START, by="ada").completed
    assert instants(moved) == (START + DAY, LATE)
    assert (moved.lesson_id, moved.updated_by) == (11, "ada")
    kept = tracker.replace(attrs.evolve(moved, updated_on=START, system_id="S")).completed
    assert (instants(kept), kept.system_id) == ((START + DAY, LATE), "S")
    assert tracker.replace(attrs.evolve(kept, updated_on=START)).changes == ()
    later = tracker.update_completed(id=1, at=LATE + DAY).completed
    assert instants(later) == (START + DAY, LATE + DAY)


# -- clients that poll


ADMIN = Principal("client", is_unrestricted_admin=True)


class Poller:
    """A client that keeps what it found, and asks for what was updated since its last answer."""

    def __init__(self, tracker: Tracker) -> None:
        self.endpoint = Endpoint(tracker)
        self.cursor = "1970-01-01T00:00:00Z"
        self.found: dict[int, dict[str, Any]] = {}

    def poll(self) -> None:
        page, more, cursor = 1, True, self.cursor
        while more:
            asked = {
                "from_CourseCompletedLesson_UpdatedOn": cursor,
                "orderBy": "UpdatedOn",
                "page": page,
                "size": 2,
            }
            request = Request("GET", PATH, query=urlencode(asked))
            body = self.endpoint.handle(request, principal=ADMIN).body
            for record in body["Records"]:
                self.found[record["Id"]] = record
                self.cursor = max(self.cursor, record["UpdatedOn"])
            page, more = page + 1, body["HasNextPage"]


WRITES = st.sampled_from(["record", "record_many", "complete", "update", "endpoint"])
steps = st.tuples(
    WRITES, events(st.integers(10, 13)), st.integers(10, 13), st.sampled_from([0, 1, 86_400])
)


@given(st.lists(steps, max_size=12))
def test_a_client_that_polls_by_updated_on_misses_nothing(made):
    film = lesson(13, completion_type=VIDEO, video_coverage=0.5)
    tracker = academy([lesson(10), lesson(11), lesson(12), film])
    client, now = Poller(tracker), START + 5 * DAY
    for kind, event, lesson_id, seconds in made:
        now += timedelta(seconds=seconds)
        taken = tracker.completed_lessons.get_pair(lesson_id, 7)
        if kind == "record":
            tracker.record(event, recorded_at=now)
        elif kind == "record_many":
            tracker.record_many([event, attrs.evolve(event, lesson_id=lesson_id)], recorded_at=now)
        elif kind == "complete" and not taken:
            tracker.complete(lesson_id=lesson_id, member_id=7, at=event.at, recorded_at=now)
        elif kind == "update" and taken:
            tracker.update_completed(id=taken.id, at=now, by=f"admin {now}")
        elif kind == "endpoint" and not taken:
            body = {"CourseLessonId": lesson_id, "CourseMemberId": 7}
            Endpoint(tracker).handle(Request("POST", PATH, body=body), principal=ADMIN, at=now)
        client.poll()
    whole = Poller(tracker)
    whole.poll()
    assert client.found == whole.found
    assert len(client.found) == len(tracker.completed_lessons)


def test_without_it_the_late_event_is_what_nobody_syncs():
    tracker = academy([lesson(10), lesson(11)])
    client = Poller(tracker)
    tracker.record(attrs.evolve(VISIT, at=LATE))
    client.poll()
    tracker.record(attrs.evolve(VISIT, lesson_id=11, at=START))
    client.poll()
    assert [*client.found] == [1]


# -- the sender's clock


@pytest.mark.parametrize("event_id", [None, "e"])
@pytest.mark.parametrize("within", [None, 5])
def test_an_event_that_is_dated_ahead_opens_no_timed_lesson(event_id, within):
    waiting = {"unlock_type": TIMED, "unlock_after_days": 30}
    given_parts = (
        [lesson(10, **waiting)] if within is None else [section(5, **waiting), lesson(10, 5)]
    )
    code = RefusalCode.LESSON_LOCKED if within is None else RefusalCode.SECTION_LOCKED
    event = attrs.evolve(VISIT, at=AHEAD, event_id=event_id)
    for recorded_at, opens in (
        (START + 30 * DAY - TICK, False),
        (START + 30 * DAY, True),
        (None, True),
    ):
        tracker = academy(given_parts)
        told = tracker.refusals(event, recorded_at=recorded_at)
        tally = tracker.fork().record_many([event], recorded_at=recorded_at)
        outcome = tracker.record(event, recorded_at=recorded_at)
        assert (outcome.completed is not None) == opens == bool(tally.completed)
        assert outcome.refused == told == tuple(y for x in tally.refusals for y in x.refusals)
        if not opens:
            assert [(each.code, each.opens_at) for each in told] == [(code, START + 30 * DAY)]


def test_nor_is_anybody_enrolled_earlier_by_it():
    tracker = academy([lesson(10)], created_on=START + 10 * DAY)
    event = attrs.evolve(VISIT, at=AHEAD)
    (reason,) = tracker.record(event, recorded_at=START + 9 * DAY).refused
    assert reason.code is RefusalCode.BEFORE_ENROLMENT
    assert tracker.record(event, recorded_at=START + 10 * DAY).completed


def test_a_late_event_is_judged_at_its_own_instant():
    tracker = academy([lesson(10, unlock_type=TIMED, unlock_after_days=3)])
    assert tracker.record(VISIT, recorded_at=START + 30 * DAY).refused
    assert tracker.record(attrs.evolve(VISIT, at=START + 3 * DAY), recorded_at=LATE).completed


def test_a_sequence_is_not_a_matter_of_clocks():
    tracker = academy([lesson(10), lesson(11, unlock_type=SEQUENTIAL)])
    tracker.record(attrs.evolve(VISIT, at=AHEAD), recorded_at=LATE)
    assert tracker.record(attrs.evolve(VISIT, lesson_id=11), recorded_at=LATE).completed
    tracker.add(member(id=8))
    assert tracker.record(attrs.evolve(VISIT, lesson_id=11, member_id=8, at=AHEAD)).refused
