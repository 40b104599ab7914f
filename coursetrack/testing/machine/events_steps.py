"""Events: some, many, again, and videos stretch by stretch."""

from datetime import timedelta
from fractions import Fraction
from itertools import count
from math import ceil
from typing import Any

import attrs

from coursetrack.domain.criteria.video import ExplainedVideo
from coursetrack.domain.entities import (
    CompletedLesson,
    CompletionType,
    CourseMember,
    Lesson,
)
from coursetrack.domain.events import Event, VideoProgress
from coursetrack.testing import strategies
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.side_by_side import SideBySide
from coursetrack.testing.machine.step import Feature, step
from coursetrack.testing.model.expected import attempt, reasons, same
from coursetrack.testing.strategies.events import triggers
from coursetrack.testing.strategies.values import mostly

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.strategies import DataObject, SearchStrategy

VIDEO = Lesson(
    id=99,
    course_id=1,
    title="Film",
    completion_type=CompletionType.VIDEO,
    video_coverage=Fraction(9, 10),
)
_LATE = strategies.START + timedelta(days=9)


class EventSteps(SideBySide):
    """Events: some, many, again, and videos stretch by stretch."""

    @step(Feature.EVENTS)
    def record(self, data: DataObject) -> None:
        """Records some events, one by one."""
        self.record_some(data)

    @step(Feature.RECORDED_AT)
    def record_late(self, data: DataObject) -> None:
        """Records some events, one by one, as the host came to know of them at one instant."""
        self.record_some(data)

    def record_some(self, data: DataObject) -> None:
        """Records some events, one by one, most of them on what is open."""
        event = strategies.academy_events(academy=self.academy)
        if pairs := self.open_pairs(_LATE):
            event = mostly(st.sampled_from(pairs).flatmap(triggers).map(_late), event, times=2)
        when = self.recorded_at(data)
        for each in data.draw(st.lists(event, min_size=2, max_size=6), label="events"):
            self._record(each, when)

    def recorded_at(self, data: DataObject) -> dict[str, Any]:
        """The argument that says when the host recorded something, or none."""
        if Feature.RECORDED_AT not in self.features:
            return {}
        instant = data.draw(st.none() | strategies.instants(), label="recorded_at")
        return {} if instant is None else {"recorded_at": instant}

    @step(Feature.EVENTS)
    def record_again(self, data: DataObject) -> None:
        """Records an event on a lesson that is completed: a repeat, or standing reasons."""
        completed = [(x.lesson_id, x.member_id) for x in self.model.all_of(CompletedLesson)]
        if not completed:
            return
        lesson_id, member_id = data.draw(st.sampled_from(completed), label="pair")
        if not (lesson_id and member_id):
            return
        event = data.draw(
            strategies.events(lesson_id=st.just(lesson_id), member_id=st.just(member_id)),
            label="event",
        )
        self._record(event)

    @step(Feature.DRY_RUNS)
    def refusals(self, data: DataObject) -> None:
        """Asks why an event would be refused; nothing happens."""
        event = data.draw(strategies.academy_events(academy=self.academy), label="event")
        when = self.recorded_at(data)
        got, wanted = self.both(lambda each: each.refusals(event, **when))
        if wanted.error is None:
            same("the reasons of a dry run", reasons(got.result), reasons(wanted.result))

    @step(Feature.EVENTS)
    def record_many(self, data: DataObject) -> None:
        """Records a stream of events: all, or none where one conflicts."""
        stream = data.draw(
            strategies.event_streams(academy=self.academy, max_size=8), label="stream"
        )
        when = self.recorded_at(data)
        got, wanted = self.both(lambda each: each.record_many(stream, **when))
        if wanted.error is None:
            self._compare_tallies(got.result, wanted.result)

    def _compare_tallies(self, got: Any, wanted: Any) -> None:
        for name in ("completed", "advanced", "repeated", "ignored_at", "refused"):
            same(f"tally: {name}", getattr(got, name), getattr(wanted, name))
        told = [(place, reasons(refused)) for place, refused in got.refusals]
        same("tally: refusals", told, [(place, reasons(x)) for place, x in wanted.refusals])

    @step(Feature.EVENTS)
    def record_same_id(self, data: DataObject) -> None:
        """Sends an event id again: with the same body a repeat, with another one a conflict."""
        if self.sent:
            event = data.draw(st.sampled_from(list(self.sent.values())), label="event")
            moved = timedelta(days=data.draw(st.integers(0, 1), label="days later"))
            self._record(attrs.evolve(event, at=event.at + moved))

    @step(Feature.EVENTS)
    def watch(self, data: DataObject) -> None:
        """Watches a video stretch by stretch, and asks each time how much is covered."""
        self.watch_some(data)

    def watch_some(self, data: DataObject) -> None:
        """Watches a new video, or goes on with one."""
        if Feature.ENTITIES in self.features and self.known(CourseMember):
            film = data.draw(st.none() | self._films(), label="new film")
            if film:
                self.both(lambda each: each.add(film))
        pairs = [pair for pair in self.open_pairs(_LATE) if _is_video(pair[0])]
        if pairs:
            self._watch(data, *data.draw(st.sampled_from(pairs[::-1]), label="lesson and member"))

    def _watch(self, data: DataObject, lesson: Lesson, member: CourseMember) -> None:
        pair: dict[str, Any] = {"lesson_id": lesson.id, "member_id": member.id}
        who: dict[str, Any] = {name: st.just(id) for name, id in pair.items()}
        some = mostly(strategies.video_progresses(**who), strategies.video_finishes(**who))
        for event in data.draw(st.lists(some, min_size=3, max_size=8), label="events"):
            self._record(attrs.evolve(_late(event), event_id=None))
            self._compare_coverage(**pair)
        # At last from the start to where it is enough, or a little less.
        duration = min((x.duration_ms for x in self.model.watched(**pair)), default=10_000)
        enough = ceil((lesson.video_coverage or 1) * duration)
        end = max(0, enough - data.draw(st.sampled_from([1, 999, 0]), label="less")) / 1000
        self._record(VideoProgress(**pair, at=_LATE, start=0, end=end, duration=duration / 1000))
        self._compare_coverage(**pair)

    def _films(self) -> SearchStrategy[Lesson]:
        """A video that nothing keeps closed, in a course that somebody is in."""
        free = next(id for id in count(VIDEO.id) if id not in self.known(Lesson))
        courses = sorted({each.course_id for each in self.model.all_of(CourseMember)})
        return st.builds(
            attrs.evolve,
            st.just(attrs.evolve(VIDEO, id=free)),
            course_id=st.sampled_from(courses),
            video_coverage=strategies.coverages(),
        )

    def _compare_coverage(self, **pair: int) -> None:
        told = self.tracker.explain(**pair, at=strategies.START)
        coverage = self.model.coverage(**pair)
        same("the coverage", told.video.coverage if told.video else 0, coverage)
        for each in told.criterion:
            if isinstance(each.details, ExplainedVideo) and each.details.threshold is not None:
                reached = each.details.threshold <= coverage
                same("whether enough is watched", each.since is not None, reached)

    def _record(self, event: Event, when: dict[str, Any] | None = None) -> None:
        when = when or {}
        if event.event_id is not None:
            self.sent[event.event_id] = event
        dry_runs = Feature.DRY_RUNS in self.features
        dry = attempt(lambda: self.tracker.refusals(event, **when)) if dry_runs else None
        got, wanted = self.both(lambda each: each.record(event, **when))
        if dry is not None:
            same("the error of a dry run", dry.error, wanted.error)
        if wanted.error is None:
            self._compare_outcomes(got.result, wanted.result)
            if dry is not None:
                same("the reasons of a dry run", reasons(dry.result), reasons(got.result.refused))

    def _compare_outcomes(self, got: Any, wanted: Any) -> None:
        same("what was completed", got.completed, wanted.completed)
        same("the reasons", reasons(got.refused), reasons(wanted.refused))
        for name in ("repeated", "advanced", "ignored"):
            same(f"whether {name}", getattr(got, name), getattr(wanted, name))


def _is_video(lesson: Lesson) -> bool:
    return lesson.completion_type == CompletionType.VIDEO


def _late(event: Event) -> Event:
    return attrs.evolve(event, at=_LATE)
