"""The naive model: the surface of ``Tracker`` in lists and full scans, written from the rules.

It is the oracle that the engine is held against, so it shares the engine's values (entities,
events, query, page, refusals, errors) and none of its evaluation. Every answer is worked out
anew from three lists, as the rule says it, whatever that costs.
"""

from collections.abc import Iterable
from copy import copy
from datetime import datetime, timedelta
from fractions import Fraction
from functools import reduce
from itertools import count, pairwise
from typing import Any, assert_never

import attrs

from coursetrack.domain.criteria.criterion import Known
from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
    UnlockType,
)
from coursetrack.domain.events import Event, VideoProgress
from coursetrack.domain.evidence import Evidence
from coursetrack.domain.kinds import ENTITY_KINDS
from coursetrack.domain.refusals import Refusal, RefusalCode
from coursetrack.domain.values import MAX_ID, derived_unique_id
from coursetrack.errors import (
    CoursetrackError,
    DuplicateCompletion,
    DuplicateId,
    EventConflict,
    IdsExhausted,
    ImportProblem,
    ImportProblems,
    MissingReference,
    StillReferenced,
)
from coursetrack.knowledge.member_ids import Ids
from coursetrack.testing.model.facts import ModelFacts
from coursetrack.testing.model.outcomes import ModelOutcome, ModelProgress, ModelTally
from coursetrack.testing.model.records import ModelCompletedLessons

KINDS = tuple(ENTITY_KINDS.values())
MOST_EACH = 2**22
"""By member, a record's id is its member's times this, and how manieth of theirs it is."""


class Model(ModelFacts):
    """A naive ``Tracker``. Every operation is a scan over everything."""

    def __init__(
        self,
        *,
        first_id: int = 1,
        id_step: int = 1,
        remember_events: int = 100_000,
        accents: bool = True,
        ids: Ids = "in_order",
        **_: object,
    ) -> None:
        self.accents = accents
        self.ids: Ids = ids
        self.given: dict[int, int] = {}
        """Where ids go by member: member id -> the highest number of theirs that is given."""
        self.next_id: int = first_id
        self.id_step: int = id_step
        self.remember_events: int = remember_events
        super().__init__()
        self.reports: list[tuple[type[Evidence], Event]] = []
        self.remembered: list[Event] = []

    def fork(self) -> "Model":
        """An independent model in the same state."""
        twin = copy(self)
        twin._become(self)
        return twin

    def _become(self, other: "Model") -> None:
        self.next_id = other.next_id
        self.given = dict(other.given)
        self.entities: list[Entity] = list(other.entities)
        self.reports = list(other.reports)
        self.remembered = list(other.remembered)

    # -- looking

    @property
    def completed_lessons(self) -> ModelCompletedLessons:
        """The completed lessons, to read."""
        return ModelCompletedLessons(self, accents=self.accents)

    # -- entities (domain: Entities; rule 7)

    def add(self, entity: Entity) -> ModelOutcome:
        """Adds an entity of any kind."""
        if self.one(type(entity), entity.id):
            raise DuplicateId(f"{type(entity).__name__} {entity.id} is there already")
        self._judge(entity)
        self.entities.append(entity)
        if isinstance(entity, CompletedLesson):
            self._give(entity.id)
            return ModelOutcome(completed=entity)
        return ModelOutcome()

    # -- ids (spec: 1, 2, 3, … in the order of creation, or each member its own)

    def coming_id(self, member_id: int, many: int = 0) -> int:
        """The id that the member's next record gets, or the one after `many` more."""
        if self.ids == "in_order":
            return self.next_id + many * self.id_step
        return member_id * MOST_EACH + self.given.get(member_id, 0) + 1 + many

    def give_none_of(self, other: "Model") -> None:
        """Makes the ids that `other` gave be given here too: none is given twice."""
        self.next_id, self.given = other.next_id, dict(other.given)

    def _give(self, id_: int) -> None:
        ahead, (whose, number) = id_ - self.next_id, divmod(id_, MOST_EACH)
        if ahead >= 0 and ahead % self.id_step == 0:
            self.next_id = id_ + self.id_step
        self.given[whose] = max(number, self.given.get(whose, 0))

    def _new_id(self, member_id: int) -> int:
        taken = [each.unique_id for each in self.all_of(CompletedLesson)]
        ids = (self.coming_id(member_id, many) for many in count())
        id = next(x for x in ids if derived_unique_id("CompletedLesson", x) not in taken)
        by_member = self.ids == "by_member"
        if id > MAX_ID or (by_member and id // MOST_EACH != member_id):
            raise IdsExhausted(f"there is no id left for a record of member {member_id}")
        return id

    def add_all(self, entities: Iterable[Entity]) -> None:
        """Adds all, or none where some are wrong; all that is wrong is told."""
        before, problems = self.fork(), []
        for place, entity in enumerate(entities):
            try:
                self.add(entity)
            except CoursetrackError as error:
                problems.append(ImportProblem(place, entity, error))
        if problems:
            self._become(before)
            raise ImportProblems(problems)

    def replace(self, entity: Entity) -> ModelOutcome:
        """Puts `entity` in the place of the one with its id."""
        before = self.need(type(entity), entity.id)
        self._judge(entity)
        if isinstance(before, CompletedLesson) and _pair(before) != _pair(entity):
            self._forget(before.member_id, before.lesson_id)
        lessons = [each for each in self.all_of(Lesson) if each.section_id == entity.id]
        if isinstance(entity, Section) and any(x.course_id != entity.course_id for x in lessons):
            raise StillReferenced(f"lessons of another course are in section {entity.id}")
        if isinstance(entity, Lesson | CourseMember):
            records, reference = self.all_of(CompletedLesson), _reference_to(type(entity))
            moves = getattr(before, "course_id", None) != entity.course_id
            if moves and any(getattr(each, reference) == entity.id for each in records):
                raise StillReferenced(f"{type(entity).__name__} {entity.id} has completions")
        if isinstance(before, CompletedLesson) and isinstance(entity, CompletedLesson):
            latest = max(before.updated_on, entity.updated_on)
            entity = attrs.evolve(entity, updated_on=latest)
        self.entities[self.entities.index(before)] = entity
        return ModelOutcome()

    def remove(self, entity: Entity) -> ModelOutcome:
        """Removes it; a lesson's or member's completions and evidence go with it."""
        before = self.need(type(entity), entity.id)
        if isinstance(entity, Course | Section | Coworker) and self._dependents(entity):
            raise StillReferenced(f"{type(entity).__name__} {entity.id} is still referred to")
        gone = [before, *self._dependents(entity)]
        self.entities[:] = [each for each in self.entities if each not in gone]
        if isinstance(entity, Lesson | CourseMember):
            reference = _reference_to(type(entity))
            self.reports = [x for x in self.reports if getattr(x[1], reference) != entity.id]
        if isinstance(before, CompletedLesson):
            self._forget(before.member_id, before.lesson_id)
        return ModelOutcome()

    def _forget(self, member_id: int, lesson_id: int) -> None:
        pair = (lesson_id, member_id)
        self.reports = [x for x in self.reports if (x[1].lesson_id, x[1].member_id) != pair]

    def _dependents(self, entity: Entity) -> list[Entity]:
        reference = _reference_to(type(entity))
        return [each for each in self.entities if getattr(each, reference, None) == entity.id]

    def _judge(self, entity: Entity) -> None:
        others = [x for x in self.all_of(type(entity)) if x.id != entity.id]
        for kind in KINDS:
            referred = getattr(entity, _reference_to(kind), None)
            if referred and self.one(kind, referred) is None:
                raise MissingReference(f"there is no {kind.__name__} {referred}")
        if isinstance(entity, Lesson) and entity.section_id is not None:
            section = self.need(Section, entity.section_id)
            if section.course_id != entity.course_id:
                raise MissingReference(f"section {section.id} is of another course")
        if isinstance(entity, CompletedLesson) and entity.lesson_id and entity.member_id:
            pair = (entity.lesson_id, entity.member_id)
            if any(
                (x.lesson_id, x.member_id) == pair
                for x in self.all_of(CompletedLesson)
                if x.id != entity.id
            ):
                raise DuplicateCompletion(f"lesson and member {pair} are there already")
        if hasattr(entity, "unique_id") and any(
            getattr(x, "unique_id", "") == entity.unique_id for x in others
        ):
            raise DuplicateId(f"the unique id {entity.unique_id} is taken")

    def _all_or_nothing(self, call: Any, items: Iterable[Any]) -> list[Any]:
        before = self.fork()
        try:
            return [call(item) for item in items]
        except BaseException:
            self._become(before)
            raise

    # -- completions by hand (rule 7)

    def complete(
        self,
        *,
        lesson_id: int,
        member_id: int,
        at: datetime,
        by: str | None = None,
        recorded_at: datetime | None = None,
    ) -> ModelOutcome:
        """Records a completion whatever the rules say; the pair must be free."""
        return self.add(
            CompletedLesson(
                id=self._new_id(member_id),
                lesson_id=lesson_id,
                member_id=member_id,
                created_on=at,
                updated_on=recorded_at or at,
                updated_by=by,
            )
        )

    def update_completed(
        self,
        *,
        id: int,
        at: datetime,
        lesson_id: int | None = None,
        member_id: int | None = None,
        by: str | None = None,
    ) -> ModelOutcome:
        """Moves a completion to another pair; `created_on` stays, `updated_on` is `at` or later."""
        before = self.need(CompletedLesson, id)
        after = attrs.evolve(
            before,
            lesson_id=lesson_id or before.lesson_id,
            member_id=member_id or before.member_id,
            updated_on=max(at, before.updated_on),
            updated_by=by,
        )
        self.replace(after)
        return ModelOutcome(completed=after)

    def delete_completed(self, *, id: int) -> ModelOutcome:
        """Removes a completion; the evidence of its pair goes with it."""
        return self.remove(self.need(CompletedLesson, id))

    def reset(self, *, member_id: int, lesson_id: int | None = None) -> ModelOutcome:
        """Removes the completions and the evidence of a member: of one lesson, or of all."""
        self.need(CourseMember, member_id)
        lessons = self.all_of(Lesson) if lesson_id is None else [self.need(Lesson, lesson_id)]
        for lesson in lessons:
            record = self.completed_lessons.get_pair(lesson.id, member_id)
            if record:
                self.remove(record)
            self._forget(member_id, lesson.id)
        loose = [x for x in self.all_of(CompletedLesson) if x.member_id == member_id]
        for record in loose if lesson_id is None else []:
            self.remove(record)
        return ModelOutcome()

    def settle(self, *, course_id: int, at: datetime) -> ModelOutcome:
        """Completes what the evidence is enough for at `at`, lesson by lesson."""
        self.need(Course, course_id)
        for member in self.all_of(CourseMember):
            for lesson in self.reading_order(course_id) if member.course_id == course_id else []:
                since = lesson.criterion.since(self.known(lesson, member.id))
                taken = self.completed_lessons.get_pair(lesson.id, member.id)
                if since is None or since > at or taken:
                    continue
                if not self.reasons(lesson.id, member.id, at):
                    self.complete(
                        lesson_id=lesson.id, member_id=member.id, at=since, recorded_at=at
                    )
        return ModelOutcome()

    # -- events (rules 1 to 4, 8)

    def record(self, event: Event, recorded_at: datetime | None = None) -> ModelOutcome:
        """What the event completes, or why it may not."""
        known = [each for each in self.remembered if each.event_id == event.event_id]
        if event.event_id is not None and known:
            if known != [event]:
                raise EventConflict(f"event {event.event_id} was another one", value=event)
            return ModelOutcome(repeated=True)
        judged_at = min(event.at, recorded_at or event.at)
        if refused := self.reasons(event.lesson_id, event.member_id, judged_at):
            return ModelOutcome(refused=tuple(refused))
        if not self._concerns(event):
            return ModelOutcome()
        if self.completed_lessons.get_pair(event.lesson_id, event.member_id):
            self._remember(event)
            return ModelOutcome(repeated=True)
        lesson = self.need(Lesson, event.lesson_id)
        before = self.known(lesson, event.member_id)
        since = self._completes(event)
        after = self.known(lesson, event.member_id)
        if since is None and after == before:
            return ModelOutcome(repeated=True)
        self._remember(event)
        if since is None:
            grown = _says_more(after, before)
            return ModelOutcome(advanced=grown, repeated=not grown)
        return self.complete(
            lesson_id=lesson.id, member_id=event.member_id, at=since, recorded_at=recorded_at
        )

    def record_many(
        self, events: Iterable[Event], recorded_at: datetime | None = None
    ) -> ModelTally:
        """Records each, or none where one conflicts."""
        outcomes = self._all_or_nothing(lambda event: self.record(event, recorded_at), events)
        return ModelTally(outcomes)

    def _remember(self, event: Event) -> None:
        if event.event_id is not None and self.remember_events:
            self.remembered = [*self.remembered, event][-self.remember_events :]

    def _concerns(self, event: Event) -> bool:
        criterion = self.need(Lesson, event.lesson_id).criterion
        told = [kind.of(event) for kind in criterion.reads if kind.event is type(event)]
        return type(event) is criterion.trigger or any(each is not None for each in told)

    def _completes(self, event: Event) -> datetime | None:
        """Since when `event` completes its lesson; None where it does not."""
        lesson = self.need(Lesson, event.lesson_id)
        if type(event) is lesson.criterion.trigger:
            return event.at
        before = self.known(lesson, event.member_id)
        kinds = [kind for kind in lesson.criterion.reads if kind.event is type(event)]
        self.reports += [(kind, event) for kind in kinds]
        after = self.known(lesson, event.member_id)
        return lesson.criterion.since(after) if _says_more(after, before) else None

    def known(self, lesson: Lesson, member_id: int) -> Known:
        """What is known of a member and a lesson: the evidence made anew from every report."""
        told: dict[type[Evidence], list[Any]] = {}
        for kind, event in self.reports:
            if (event.lesson_id, event.member_id) == (lesson.id, member_id):
                told.setdefault(kind, []).append(kind.of(event))
        kept = {kind: [x for x in found if x is not None] for kind, found in told.items()}
        return Known(
            {kind: reduce(kind.merged, found) for kind, found in kept.items() if found},
            None if lesson.video_duration is None else round(lesson.video_duration * 1000),
        )

    def coverage(self, lesson_id: int, member_id: int) -> Fraction:
        """The watched share of the video, the best over the durations that count."""
        mine, known = (
            self.watched(lesson_id, member_id),
            self.need(Lesson, lesson_id).video_duration,
        )
        told: list[int] = sorted(each.duration_ms for each in mine)
        near = [x for x in told if told[-1] - x <= 1000 or told[-1] - x <= told[-1] / 100]
        durations = near if known is None else [round(known * 1000)]
        return max((_covered(mine, each) for each in durations), default=Fraction(0))

    def watched(self, lesson_id: int, member_id: int) -> list[VideoProgress]:
        """What was reported of a video; a reversed stretch is no report."""
        pair = (lesson_id, member_id)
        return [
            each
            for _, each in self.reports
            if isinstance(each, VideoProgress)
            and each.start <= each.end
            and (each.lesson_id, each.member_id) == pair
        ]

    # -- what is refused and what is locked (rules 4, 5, 6)

    def refusals(self, event: Event, recorded_at: datetime | None = None) -> tuple[Refusal, ...]:
        """Why the event would be refused now: what a twin says that records it."""
        return self.fork().record(event, recorded_at).refused

    def reasons(self, lesson_id: int, member_id: int, at: datetime) -> list[Refusal]:
        """Every reason why an event of the member on the lesson at `at` counts for nothing."""
        lesson, member = self.one(Lesson, lesson_id), self.one(CourseMember, member_id)
        section = self.one(Section, lesson.section_id) if lesson else None
        reasons = {
            "unknown_lesson": not lesson,
            "unknown_member": not member,
            "other_course": lesson and member and lesson.course_id != member.course_id,
            "before_enrolment": member and at < member.created_on,
            "not_approved": member and not member.approved,
            "blocked": member and member.blocked,
            "course_inactive": lesson and not self.need(Course, lesson.course_id).active,
            "section_inactive": section and not section.active,
            "lesson_inactive": lesson and not lesson.active,
        }
        since = member.created_on if member else None
        found = [
            Refusal(code=RefusalCode(code), opens_at=since if code == "before_enrolment" else None)
            for code, holds in reasons.items()
            if holds
        ]
        if lesson and member and lesson.course_id == member.course_id:
            found += self._locks(lesson, member, at)
        return found

    def _locks(self, lesson: Lesson, member: CourseMember, at: datetime) -> list[Refusal]:
        if self.completed_lessons.get_pair(lesson.id, member.id):
            return []
        section = self.one(Section, lesson.section_id)
        found = [self._lock("lesson_locked", lesson, self._previous_lesson(lesson), member, at)]
        if section:
            before = self._previous_section(section)
            found.append(self._lock("section_locked", section, before, member, at))
        return [each for each in found if each]

    def _lock(
        self,
        code: str,
        what: Lesson | Section,
        before: list[int],
        member: CourseMember,
        at: datetime,
    ) -> Refusal | None:
        match what.unlock_type:
            case UnlockType.IMMEDIATE:
                return None
            case UnlockType.SEQUENTIAL:
                missing = [x for x in before if not self.completed_lessons.get_pair(x, member.id)]
                return Refusal(code=RefusalCode(code), requires=tuple(missing)) if missing else None
            case UnlockType.TIMED:
                return self._timed_lock(code, what, member, at)
            case _:
                assert_never(what.unlock_type)

    def _timed_lock(
        self, code: str, what: Lesson | Section, member: CourseMember, at: datetime
    ) -> Refusal | None:
        wait = timedelta(days=what.unlock_after_days)
        if at - member.created_on >= wait:
            return None
        try:
            return Refusal(code=RefusalCode(code), opens_at=member.created_on + wait)
        except OverflowError:
            return Refusal(code=RefusalCode(code))

    def reading_order(self, course_id: int) -> list[Lesson]:
        """The course's lessons: unsectioned first, then by section; by display order, then id."""

        def place(lesson: Lesson) -> tuple[Any, ...]:
            section = self.one(Section, lesson.section_id)
            within = (lesson.display_order, lesson.id)
            return ((1, section.display_order, section.id) if section else (0, 0, 0), within)

        return sorted((x for x in self.all_of(Lesson) if x.course_id == course_id), key=place)

    def _counts(self, lesson: Lesson) -> bool:
        section = self.one(Section, lesson.section_id)
        tracked = lesson.criterion.can_be_met
        usable = lesson.active and tracked and (section is None or section.active)
        return usable and lesson.required

    def _previous_lesson(self, lesson: Lesson) -> list[int]:
        order = self.reading_order(lesson.course_id)
        before = [each.id for each in order[: order.index(lesson)] if self._counts(each)]
        return before[-1:]

    def _previous_section(self, section: Section) -> list[int]:
        place = (section.display_order, section.id)
        mine = [x for x in self.all_of(Section) if x.course_id == section.course_id]
        for other in sorted(mine, key=lambda x: (x.display_order, x.id), reverse=True):
            inside = [x for x in self.reading_order(other.course_id) if x.section_id == other.id]
            counting = [x.id for x in inside if self._counts(x)]
            if (other.display_order, other.id) < place and counting:
                return counting
        return []

    def locks(self, *, member_id: int, at: datetime) -> dict[int, list[Refusal]]:
        """For each lesson of the member's course, in reading order, what keeps it closed."""
        member = self.need(CourseMember, member_id)
        lessons = self.reading_order(member.course_id)
        return {each.id: self.reasons(each.id, member_id, at) for each in lessons}

    # -- progress

    def progress(self, *, member_id: int, at: datetime | None = None) -> ModelProgress:
        """How far the member is, counted from the records up to `at` and the course as it is."""
        course_id = self.need(CourseMember, member_id).course_id
        mine = [x for x in self.all_of(CompletedLesson) if x.member_id == member_id]
        mine = [x for x in mine if at is None or x.created_on <= at]
        countable = [x.id for x in self.reading_order(course_id) if self._counts(x)]
        completed = {each.lesson_id: each.created_on for each in mine}
        finished = countable and all(x in completed for x in countable)
        return ModelProgress(
            completed_lesson_ids=tuple(x for x in countable if x in completed),
            countable_lesson_ids=tuple(countable),
            last_completed=max(mine, key=lambda x: (x.created_on, x.id), default=None),
            finished_on=max(completed[x] for x in countable) if finished else None,
        )


def _reference_to(kind: type[Entity]) -> str:
    return "member_id" if kind is CourseMember else f"{kind.__name__.lower()}_id"


def _pair(record: Any) -> tuple[int, int]:
    return record.lesson_id, record.member_id


def _covered(stretches: Iterable[VideoProgress], duration_ms: int) -> Fraction:
    # What lies between two neighbouring ends of stretches was watched wholly or not at all.
    watched = [each.stretch for each in stretches]
    places = sorted({duration_ms, *(x for pair in watched for x in pair if x < duration_ms)})
    seen = sum(
        after - before
        for before, after in pairwise(places)
        if any(start <= before and after <= end for start, end in watched)
    )
    return Fraction(seen, duration_ms)


def _says_more(after: Known, before: Known) -> bool:
    """Whether something new is known, and not only a later instant of the same."""
    return any(
        kind not in before.evidence or found.says_more_than(before.evidence[kind])
        for kind, found in after.evidence.items()
    )
