"""One replication: a tracker that is lived, and what came of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from math import ceil

import attrs

from coursetrack.domain.entities import Course, CourseMember
from coursetrack.domain.events import Event, PageVisit
from coursetrack.domain.values import as_optional_instant
from coursetrack.simulation.behaviours import Events
from coursetrack.simulation.outlines import History, whole_second
from coursetrack.tracker import Tracker


class Life:
    """A tracker that is lived on, up to one instant after the other."""

    __slots__ = ("_event", "_stream", "tracker")

    def __init__(self, tracker: Tracker, stream: Events) -> None:
        self.tracker: Tracker = tracker
        """The fork that lives; to be looked at between two runs, not to be changed."""
        self._stream = stream
        self._event = next(stream, None)

    def run(self, until: datetime | None = None) -> Tracker:
        """Lives on up to `until` (excluded), or to the end; returns the tracker."""
        end = as_optional_instant("until", until)
        record, event, send = self.tracker.record, self._event, self._stream.send
        while event is not None and (end is None or event.at < end):
            outcome = record(event)
            try:
                event = send(outcome)
            except StopIteration:
                event = None
        self._event = event
        return self.tracker


@attrs.frozen
class Lived:
    """What came of one replication, counted."""

    total: int
    """How many lessons are completed."""
    completions: Mapping[int, int]
    """By how many members each lesson is completed, by lesson id."""
    finishers: int
    """How many members have completed all that counts."""
    refused: int
    """How many events were refused."""
    arrivals: Mapping[int, int]
    """How many events there were in each interval, if that was asked for."""


def live(tracker: Tracker, begun: Iterable[Events], end: datetime | None, per: int) -> Lived:
    """Lives one life after the other: no member's outcome depends on another member."""
    record, refused, arrivals = tracker.record, 0, Counter[int]()
    for life in begun:
        event = next(life, None)
        while event is not None and (end is None or event.at < end):
            outcome = record(event)
            if outcome.refused:
                refused += 1
            if per:
                arrivals[whole_second(event.at) // per] += 1
            try:
                event = life.send(outcome)
            except StopIteration:
                break
    return _counted(tracker, refused, arrivals)


def _counted(tracker: Tracker, refused: int, arrivals: Counter[int]) -> Lived:
    completions: Counter[int] = Counter()
    finishers = 0
    for course_id in course_ids(tracker):
        completions.update(dict.fromkeys((x.id for x in tracker.lessons(course_id=course_id)), 0))
        for progress in tracker.course_progress(course_id=course_id):
            completions.update(progress.completed_lesson_ids)
            finishers += progress.finished
    return Lived(
        total=len(tracker.completed_lessons),
        completions=completions,
        finishers=finishers,
        refused=refused,
        arrivals=arrivals,
    )


def finished(tracker: Tracker, share: Fraction, members: frozenset[int]) -> Iterator[datetime]:
    """When each of these members who did had completed so much of the course."""
    instants: dict[int, dict[int, datetime]] = {}
    for record in tracker.completed_lessons:
        if record.member_id in members:
            instants.setdefault(record.member_id, {})[record.lesson_id] = record.created_on
    for course_id in course_ids(tracker):
        for progress in tracker.course_progress(course_id=course_id):
            needed = ceil(share * progress.countable)
            if progress.member_id in members and 0 < needed <= progress.completed:
                done = instants[progress.member_id]
                yield sorted(done[id_] for id_ in progress.completed_lesson_ids)[needed - 1]


def histories(tracker: Tracker, events: Iterable[Event], at: datetime) -> Mapping[int, History]:
    """What is known of each member at `at`, for streams that go on from there.

    `events` are all that happened, and `tracker` has recorded them. O(events + members).
    """
    visits: dict[int, dict[int, int]] = {}
    for event in events:
        if isinstance(event, PageVisit):
            first = visits.setdefault(event.member_id, {})
            second = whole_second(event.at)
            first[event.lesson_id] = min(second, first.get(event.lesson_id, second))
    done: dict[int, set[int]] = {}
    for record in tracker.completed_lessons:
        done.setdefault(record.member_id, set()).add(record.lesson_id)
    until = whole_second(at)
    return {
        each.id: History(
            visits=tuple(sorted((s, id_) for id_, s in visits.get(each.id, {}).items())),
            completed=frozenset(done.get(each.id, ())),
            until=until,
        )
        for each in tracker.entities()
        if isinstance(each, CourseMember)
    }


def course_ids(tracker: Tracker) -> Iterator[int]:
    """The ids of all courses."""
    return (each.id for each in tracker.entities() if isinstance(each, Course))
