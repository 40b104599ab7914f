"""The facade: one verb for each thing that may happen, and every question's answer.

The tracker decides nothing itself. It turns a call into edits, hands them to the state's one
commit, and answers questions by handing what is known to the pure rules.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar, get_args

import attrs

from coursetrack.column_recording import EventColumns, record_columns
from coursetrack.domain.changes import Change
from coursetrack.domain.criteria.criterion import Criterion
from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
)
from coursetrack.domain.explanation import Explanation, explanation
from coursetrack.domain.facts import Fact, described
from coursetrack.domain.kinds import ENTITY_KINDS, kinds_with
from coursetrack.domain.lint import Finding, lint
from coursetrack.domain.open_lessons import OpenLessons, open_lessons
from coursetrack.domain.outcomes import MetSince, Outcome, Tally
from coursetrack.domain.outline import Outline
from coursetrack.domain.progress import Progress
from coursetrack.domain.reprs import html_table
from coursetrack.domain.rows import Edit, in_sequence
from coursetrack.domain.values import (
    MAX_ID,
    as_bool,
    as_id,
    as_instant,
    as_int,
    as_iterable,
    as_optional_instant,
    as_optional_text,
)
from coursetrack.errors import (
    CoursetrackError,
    ImportProblem,
    ImportProblems,
    InvalidValue,
    MissingEntity,
)
from coursetrack.knowledge.evidence import in_order
from coursetrack.knowledge.member_ids import Ids
from coursetrack.knowledge.members_progress import progress_of
from coursetrack.knowledge.settling import due
from coursetrack.knowledge.state import State
from coursetrack.listing.completed_lessons import CompletedLessons
from coursetrack.listing.plain_columns import CountKey
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.recording import Recording
from coursetrack.snapshots import restore, snapshot
from coursetrack.what_if import WhatIf, what_if

Found = TypeVar("Found", Course, Section, Lesson, Coworker, CourseMember)


class Tracker(Recording):
    """Events in, completed lessons out; everything it knows leaves it as values.

    `first_id` and `id_step` number the completed lessons in order, so that a fixed number of shards
    can interleave. With ``ids="by_member"`` an id depends on its member and that member's own past
    alone, and so is the same under any number of shards: ``member_id * 2**22 + 1, 2, 3, …``.
    `remember_events` bounds how many `event_id` are known: a repeat of an older one counts as a new
    event, which then finds the lesson completed. `remember_answers` bounds how many answers of
    ``completed_lessons.find`` are kept; no answer depends on it. With ``accents=False`` texts are
    filtered and ordered as if nothing had accents: É is E. `criteria` are the classes of criteria
    of your own that its lessons may have, beside those of the package.

    Every call that changes something takes `expect_version`: if it is given and is not
    :attr:`version`, VersionConflict is raised. A call that raises anything has changed nothing;
    what an interrupt kept from being taken back is taken back by the next call, were it a question.

    Threads hold one lock around all calls, questions too: those catch indexes up and remember
    answers. What a call returns is immutable, and needs none.
    """

    __slots__ = ("_completed_lessons",)

    def __init__(
        self,
        *,
        first_id: int = 1,
        id_step: int = 1,
        remember_events: int = 100_000,
        remember_answers: int = 256,
        accents: bool = True,
        criteria: Iterable[type[Criterion]] = (),
        ids: Ids = "in_order",
    ) -> None:
        if ids not in get_args(Ids):
            raise InvalidValue.of("ids", ids, "'in_order' or 'by_member'")
        if ids == "by_member" and (first_id, id_step) != (1, 1):
            given = f"first_id {first_id} and id_step {id_step}"
            raise InvalidValue.of("ids", given, "neither of them where ids go by member")
        self._adopt(
            State(
                first_id=as_id("first_id", first_id),
                id_step=as_id("id_step", id_step),
                remember_events=as_int("remember_events", remember_events, low=0, high=MAX_ID),
                remember_answers=as_int("remember_answers", remember_answers, low=0, high=MAX_ID),
                accents=as_bool("accents", accents),
                kinds=kinds_with(criteria),
                ids=ids,
            )
        )

    def _adopt(self, state: State) -> None:
        super()._adopt(state)
        self._completed_lessons = CompletedLessons(state.current_store, state.current_version)

    @property
    def completed_lessons(self) -> CompletedLessons:
        """The completed lessons, to read: ``find``, ``get``, ``get_pair``, ``len``. Live."""
        return self._completed_lessons

    def __repr__(self) -> str:
        return f"<Tracker: version {self.version}, {len(self.completed_lessons)} completed lessons>"

    def _repr_html_(self) -> str:
        kinds = Counter(type(entity).__name__ for entity in self.entities())
        kinds[CompletedLesson.__name__] = len(self.completed_lessons)
        return html_table(f"Tracker, version {self.version}", ("kind", "how many"), kinds.items())

    @property
    def version(self) -> int:
        """How many changes were made so far: the sequence number of the last one."""
        return self._state.version

    # -- entities

    def add(self, entity: Entity, *, expect_version: int | None = None) -> Outcome:
        """Adds an entity. DuplicateId, DuplicateCompletion or MissingReference if it cannot be."""
        self._state.expect(expect_version)
        return self._state.commit([(None, _as_entity(entity))])

    def record_columns(
        self,
        kinds: Iterable[str] | str,
        member_ids: Iterable[int],
        lesson_ids: Iterable[int],
        instants: Iterable[int],
        *,
        event_ids: Iterable[str | None] | None = None,
        bodies: Iterable[Sequence[Any]] | None = None,
        recorded_at: datetime | None = None,
        expect_version: int | None = None,
    ) -> Tally:
        """What events did that come as columns; as :meth:`record_many` of them, events not made.

        The columns are those of ``event.to_plain()``: names of kinds (one text is the kind of all),
        ids, whole microseconds since 1970 (UTC); where events have them, their ids, and as a tuple
        what their kind has besides. InvalidValue names the column and place of what is wrong.
        """
        columns = EventColumns.of(
            kinds,
            member_ids=member_ids,
            lesson_ids=lesson_ids,
            instants=instants,
            event_ids=event_ids,
            bodies=bodies,
        )
        state = self._state
        state.expect(expect_version)
        at = None if recorded_at is None else as_instant("recorded_at", recorded_at)
        return record_columns(state, columns, at)

    def add_all(self, entities: Iterable[Entity], *, expect_version: int | None = None) -> Outcome:
        """Adds all of them in this order, or none. What an entity refers to comes before it.

        ImportProblems holds everything that is wrong, each with its place: what :meth:`add` would
        have raised there.
        """
        # Taken whole before anything starts: what a generator does must not run within a write.
        taken = [*as_iterable("entities", entities)]
        self._state.expect(expect_version)
        try:
            return self._state.commit([(None, _as_entity(entity)) for entity in taken])
        except CoursetrackError as error:
            problems = tuple(_import_problems(self._state.fork(), taken))
            if not problems:
                raise
            raise ImportProblems(problems) from error

    def replace(self, entity: Entity, *, expect_version: int | None = None) -> Outcome:
        """Puts `entity` in the place of the one with its kind and id; MissingEntity without one.

        This is how a lesson is renamed, a member blocked, a coworker moved to another company.
        Of a completion that moves to another pair, the evidence of the pair before is forgotten.
        The `updated_on` of a completion never moves back: the later one stays (rule 8).
        """
        self._state.expect(expect_version)
        before = self._current(_as_entity(entity))
        after = _never_earlier(before, entity)
        if before == after:
            return self._state.commit([])
        edits = [*self._forgotten(before, after), (before, after)]
        return self._state.commit(edits, just_read=True)

    def remove(
        self,
        entity: Entity | type[Entity],
        id: int | None = None,
        *,
        expect_version: int | None = None,
    ) -> Outcome:
        """Removes the entity with this one's kind and id, or ``remove(Lesson, 10)``.

        MissingEntity without one.

        With a lesson, member or completion go its completions and evidence. Of a course, section or
        coworker that others refer to, StillReferenced is raised.
        """
        self._state.expect(expect_version)
        current = self._named(entity, id)
        edits: list[Edit] = [(fact, None) for fact in self._dependents(current)]
        return self._state.commit([*edits, (current, None)], just_read=True)

    def _current(self, entity: Entity) -> Fact:
        current = self._state.current(entity)
        if current is None:
            raise MissingEntity(f"there is no {described(entity)}", value=entity)
        return current

    def _named(self, entity: Entity | type[Entity], id_: int | None) -> Fact:
        """The entity that is meant by itself or by its kind and id."""
        if not isinstance(entity, type):
            if id_ is not None:
                raise InvalidValue.of("id", id_, "nothing, as the entity was handed over itself")
            return self._current(_as_entity(entity))
        if entity is CompletedLesson:
            return self._completed(as_id("id", id_))
        kind = _as_kind(entity)
        found: Fact = self._entity(kind, as_id("id", id_))
        return found

    def _dependents(self, fact: Fact) -> Iterator[Fact]:
        state = self._state
        if isinstance(fact, Lesson):
            yield from state.store.of_lesson(fact.id)
            yield from state.evidence.of_lesson(fact.id)
        elif isinstance(fact, CourseMember):
            yield from state.store.of_member(fact.id)
            yield from state.evidence.of_member(fact.id)
        elif isinstance(fact, CompletedLesson):
            yield from in_order(state.evidence.of_pair(fact.member_id, fact.lesson_id))

    def _forgotten(self, before: Fact, after: Fact) -> Iterator[Edit]:
        """The edits that forget the evidence of a pair whose completion is moved to another."""
        if isinstance(before, CompletedLesson) and isinstance(after, CompletedLesson):
            pair = (before.lesson_id, before.member_id)
            if pair != (after.lesson_id, after.member_id):
                yield from ((each, None) for each in self._dependents(before))

    # -- by hand

    def complete(
        self,
        *,
        lesson_id: int,
        member_id: int,
        at: datetime,
        by: str | None = None,
        recorded_at: datetime | None = None,
        expect_version: int | None = None,
    ) -> Outcome:
        """Creates a completion whatever the rules say (rule 7); `by` becomes `updated_by`.

        `at` becomes `created_on`, and `updated_on` too unless `recorded_at` is given (rule 8).
        MissingReference for an unknown lesson or member, DuplicateCompletion for a known pair.
        """
        self._state.expect(expect_version)
        lesson_id, member_id = as_id("lesson_id", lesson_id), as_id("member_id", member_id)
        record = CompletedLesson(
            id=self._state.new_id(member_id),
            lesson_id=lesson_id,
            member_id=member_id,
            created_on=as_instant("at", at),
            updated_on=as_instant("recorded_at", at if recorded_at is None else recorded_at),
            updated_by=as_optional_text("by", by),
        )
        return self._state.commit([(None, record)])

    def update_completed(
        self,
        *,
        id: int,
        at: datetime,
        lesson_id: int | None = None,
        member_id: int | None = None,
        by: str | None = None,
        expect_version: int | None = None,
    ) -> Outcome:
        """Moves a completion to another lesson or member; what is left out stays.

        `created_on` stays too, `updated_by` becomes `by`, and `updated_on` becomes `at`, unless it
        is later already: it never moves back (rule 8). Of a pair that it leaves, the evidence is
        forgotten.
        MissingEntity for an unknown id, else as :meth:`complete`.
        """
        self._state.expect(expect_version)
        before = self._completed(id)
        after = attrs.evolve(
            before,
            lesson_id=before.lesson_id if lesson_id is None else as_id("lesson_id", lesson_id),
            member_id=before.member_id if member_id is None else as_id("member_id", member_id),
            updated_on=max(before.updated_on, as_instant("at", at)),
            updated_by=as_optional_text("by", by),
        )
        edits = [*self._forgotten(before, after), (before, after)]
        return self._state.commit(edits, just_read=True)

    def delete_completed(self, *, id: int, expect_version: int | None = None) -> Outcome:
        """Deletes a completion and forgets the evidence of its pair; later ones stay (rule 6).

        So the member starts that lesson anew: no report of before completes it again.
        """
        self._state.expect(expect_version)
        before = self._completed(id)
        edits: list[Edit] = [(fact, None) for fact in self._dependents(before)]
        return self._state.commit([*edits, (before, None)], just_read=True)

    def reset(
        self,
        *,
        member_id: int,
        lesson_id: int | None = None,
        expect_version: int | None = None,
    ) -> Outcome:
        """Deletes the member's completions and evidence: of one lesson, or of all.

        The member starts there anew (rule 6). MissingEntity for an unknown member or lesson; where
        there is nothing to delete, nothing changes. O(completions and evidence of the member).
        """
        self._state.expect(expect_version)
        member = self._entity(CourseMember, member_id, "member_id")
        lesson = None if lesson_id is None else self._entity(Lesson, lesson_id, "lesson_id")
        gone = [
            fact
            for fact in self._dependents(member)
            if lesson is None or getattr(fact, "lesson_id", None) == lesson.id
        ]
        return self._state.commit([(fact, None) for fact in gone], just_read=True)

    def settle(self, *, course_id: int, at: datetime, expect_version: int | None = None) -> Outcome:
        """Completes every lesson of a course for everybody whose evidence is enough by `at`.

        That is so after a criterion was changed: a lower threshold completes nobody by itself
        (rule 9), and :meth:`what_if` says beforehand who would be. `created_on` is the instant
        since when the criterion is met, `updated_on` is `at`. Nothing is completed that an event
        at `at` would be refused for. O(members x lessons that they have evidence for).
        """
        self._state.expect(expect_version)
        course, state = self._entity(Course, course_id, "course_id"), self._state
        instant = as_instant("at", at)
        found = [
            each
            for member in state.entity_tables.of_course(CourseMember, course.id)
            for each in due(state, member, instant)
        ]
        ids = state.new_ids([MetSince(x.lesson.id, x.member.id, x.since) for x in found])
        return state.commit(
            (
                None,
                CompletedLesson(
                    id=id_,
                    lesson_id=each.lesson.id,
                    member_id=each.member.id,
                    created_on=each.since,
                    updated_on=instant,
                ),
            )
            for id_, each in zip(ids, found, strict=True)
        )

    def _completed(self, id_: int) -> CompletedLesson:
        record = self._state.store.get(as_id("id", id_))
        if record is None:
            raise MissingEntity(f"there is no completed lesson {id_}", value=id_)
        return record

    # -- looking up

    def course(self, id: int) -> Course:
        """The course with this id; MissingEntity without one. So for every kind below."""
        return self._entity(Course, id)

    def section(self, id: int) -> Section:
        """The section with this id."""
        return self._entity(Section, id)

    def lesson(self, id: int) -> Lesson:
        """The lesson with this id."""
        return self._entity(Lesson, id)

    def coworker(self, id: int) -> Coworker:
        """The coworker with this id."""
        return self._entity(Coworker, id)

    def member(self, id: int) -> CourseMember:
        """The course member with this id."""
        return self._entity(CourseMember, id)

    def lessons(self, *, course_id: int) -> tuple[Lesson, ...]:
        """All lessons of a course, in reading order."""
        return self._outline(course_id).lessons

    def sections(self, *, course_id: int) -> tuple[Section, ...]:
        """All sections of a course, in reading order."""
        return self._outline(course_id).sections

    def members(self, *, course_id: int) -> tuple[CourseMember, ...]:
        """All members of a course, by id. O(n log n)."""
        course = self._entity(Course, course_id, "course_id")
        return self._state.entity_tables.of_course(CourseMember, course.id)

    def _outline(self, course_id: int) -> Outline:
        return self._state.entity_tables.outline(self._entity(Course, course_id, "course_id").id)

    def entities(self) -> Iterator[Entity]:
        """All courses, sections, lessons, coworkers and members: those referred to come first."""
        return iter(tuple(self._state.entity_tables))

    def _entity(self, kind: type[Found], id_: int, field: str = "id") -> Found:
        found = self._state.entity_tables.table(kind).get(as_id(field, id_))
        if found is None:
            raise MissingEntity(f"there is no {kind.__name__} with id {id_}", value=id_)
        return found

    # -- asking

    def progress(self, *, member_id: int, at: datetime | None = None) -> Progress:
        """How far a member is; with `at`, as of that instant. O(lessons of the course).

        As of an instant: by the completions with `created_on` up to then, `at` included. The
        course is as it is now, and a completion that was deleted since is not known any more.
        """
        member = self._entity(CourseMember, member_id, "member_id")
        instant = as_optional_instant("at", at)
        return next(progress_of(self._state, member.course_id, (member.id,), instant))

    def course_progress(
        self, *, course_id: int, at: datetime | None = None
    ) -> tuple[Progress, ...]:
        """How far each member of a course is, by member id; with `at`, as :meth:`progress` of each.

        All members of today are told of: one who is enrolled after `at` has completed nothing by
        then. O(members x lessons), in one pass.
        """
        course = self._entity(Course, course_id, "course_id")
        member_ids = sorted(self._state.entity_tables.ids(CourseMember, "course_id", course.id))
        instant = as_optional_instant("at", at)
        return tuple(progress_of(self._state, course.id, member_ids, instant))

    def open_lessons(self, *, member_id: int, at: datetime) -> OpenLessons:
        """Which lessons are open to a member at `at`; for the rest, why not. O(lessons)."""
        member = self._entity(CourseMember, member_id, "member_id")
        return open_lessons(
            self._state.entity_tables.outline(member.course_id),
            member,
            self._state.completions.completed_by(member.id),
            as_instant("at", at),
        )

    def explain(self, *, lesson_id: int, member_id: int, at: datetime) -> Explanation:
        """Why a lesson is completed by a member or not, as it is at `at`: a tree of values.

        O(lessons + completions of the member).
        """
        lesson = self._entity(Lesson, lesson_id, "lesson_id")
        member = self._entity(CourseMember, member_id, "member_id")
        state = self._state
        return explanation(
            state.entity_tables.outline(lesson.course_id),
            lesson,
            member,
            {record.lesson_id: record for record in state.store.of_member(member.id)},
            state.evidence.by_lesson(member.id),
            as_instant("at", at),
        )

    def counts(
        self, *, by: CountKey | Sequence[CountKey], query: CompletedLessonQuery | None = None
    ) -> dict[tuple[Any, ...], int]:
        """Completions per lesson, member, course or day, or any combination: key -> how many.

        `by` is one or several of ``lesson_id``, ``member_id``, ``course_id`` (the lesson's; 0
        where the record has no lesson) and ``day`` (the UTC date of `created_on`). A key is a tuple
        with a value for each; keys ascend, and none has 0. `query` filters; its page, size and
        order do not matter. Makes no records: O(completions found).
        """
        return self._completed_lessons.counts(by=by, query=query)

    def lint(self, *, course_id: int) -> tuple[Finding, ...]:
        """What about a course its author should know: lessons that never open, and the like.

        Also who is enrolled in it twice, completions that join it with another course, and videos
        whose length players do not agree on.
        """
        outline, members = self._outline(course_id), self.members(course_id=course_id)
        foreign = self._state.completions.foreign(outline.course.id)
        by_lesson = self._state.evidence.by_lesson
        evidence = (pair for member in members for pair in by_lesson(member.id).items())
        return lint(outline, members, foreign, evidence)

    # -- leaving as values, and coming back

    def replay(self, changes: Iterable[Change], *, expect_version: int | None = None) -> Outcome:
        """Applies changes that a tracker returned, all of them or none.

        They must follow :attr:`version` without a gap (SequenceGap) or repeat (SequenceRepeat),
        and each must start from what is known here (ChangeConflict).
        """
        taken = [*as_iterable("changes", changes)]
        self._state.expect(expect_version)
        return self._state.commit(list(in_sequence(taken, self.version)))

    def snapshot(self) -> dict[str, Any]:
        """Everything that is known, as a fresh plain value for ``json.dumps``. O(facts)."""
        return snapshot(self._state)

    @classmethod
    def restore(
        cls,
        snapshot: object,
        changes: Iterable[Change] = (),
        criteria: Iterable[type[Criterion]] = (),
    ) -> "Tracker":
        """The tracker that `snapshot` was taken of, with the `changes` since then. O(facts).

        `criteria` are the classes of your own that it was made with. InvalidSnapshot says where it
        is not a snapshot. Nothing in it is trusted.
        """
        tracker = cls.__new__(cls)
        tracker._adopt(restore(snapshot, kinds_with(criteria)))
        tracker.replay(changes)
        return tracker

    def fork(self) -> "Tracker":
        """An independent tracker with the same facts and version.

        O(lessons + courses), and a byte for each completion. What both share is copied when either
        side first writes to it: the state of a member by itself, a table of entities as a whole.

        What a subclass keeps in attributes of its own, the fork shares.
        """
        other = type(self).__new__(type(self))
        other._adopt(self._state.fork())
        for attributes in self._own_attributes():
            for name, value in attributes.items():
                object.__setattr__(other, name, value)
        return other

    def _own_attributes(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a subclass has added: in a dict, and in slots."""
        held: Any = object.__getstate__(self)
        attributes, slots = held
        return attributes or {}, {
            name: value for name, value in slots.items() if name not in _SLOTS
        }

    def __copy__(self) -> "Tracker":
        """A fork: a copy that shared what changes would be no copy."""
        return self.fork()

    def __deepcopy__(self, _: object) -> "Tracker":
        """A fork: what it shares with this tracker never changes."""
        return self.fork()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles as its snapshot, with the attributes that a subclass has added."""
        attributes, slots = self._own_attributes()
        restoring = self.snapshot(), (), self._state.kinds.own
        return type(self).restore, restoring, (attributes or None, slots)

    def what_if(
        self,
        *,
        replace: Iterable[Entity] = (),
        add: Iterable[Entity] = (),
        remove: Iterable[Entity] = (),
        at: datetime | None = None,
    ) -> WhatIf:
        """Who would gain, lose or keep progress, and why, if entities were changed like this.

        Added first, then replaced, then removed; nothing changes here. Everybody is told of in the
        courses that the entities are of, before and after: a completion is of its member's course,
        a coworker of none; what is replaced by its like concerns its course too. With `at`, lessons
        that would open or close at that instant are told too. Costs a fork and O(members x lessons)
        of the courses concerned. Raises what those calls would raise.
        """
        adding = _as_entities("add", add)
        replacing, removing = _as_entities("replace", replace), _as_entities("remove", remove)
        fork = self.fork()
        calls = ((fork.add, adding), (fork.replace, replacing), (fork.remove, removing))
        done = [call(entity) for call, entities in calls for entity in entities]
        changed = [
            fact
            for outcome in done
            for change in outcome.changes
            for fact in (change.before, change.after)
            if fact is not None
        ]
        instant = None if at is None else as_instant("at", at)
        # What is replaced by its like is asked about too, and is in no change.
        return what_if(self._state, fork._state, [*changed, *replacing], instant)

    def check(self) -> None:
        """Proves every invariant and index; CorruptStore says what is broken. O(facts)."""
        self._state.check()

    def __eq__(self, other: object) -> bool:
        """Whether `other` is a tracker that knows the same facts, at whatever version. O(facts)."""
        if not isinstance(other, Tracker):
            return NotImplemented
        return self._state.knows_the_same(other._state)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]


_SLOTS = frozenset((*Recording.__slots__, *Tracker.__slots__))


def _as_entity(entity: Entity) -> Entity:
    if type(entity) not in ENTITY_KINDS.values():
        raise InvalidValue.of("entity", entity, f"one of {', '.join(ENTITY_KINDS)}")
    return entity


def _never_earlier(before: Fact, after: Entity) -> Entity:
    """`after`, with the `updated_on` of `before` where that is later."""
    if isinstance(after, CompletedLesson) and isinstance(before, CompletedLesson):
        return attrs.evolve(after, updated_on=max(before.updated_on, after.updated_on))
    return after


def _as_kind(kind: type[Any]) -> Any:
    if kind not in ENTITY_KINDS.values():
        expected = f"one of {', '.join(ENTITY_KINDS)}, or one of these kinds"
        raise InvalidValue.of("entity", kind, expected)
    return kind


def _import_problems(trial: State, entities: Iterable[Entity]) -> Iterator[ImportProblem]:
    """What is wrong with each of `entities`, tried one by one on `trial`, which is spent."""
    for place, entity in enumerate(entities):
        try:
            trial.commit([(None, _as_entity(entity))])
        except CoursetrackError as error:
            yield ImportProblem(place, entity, error)


def _as_entities(field: str, entities: Iterable[Entity]) -> list[Entity]:
    # Taken whole before anything starts: what a generator does must not run within a write,
    # nor between the question after the version and the write.
    return [_as_entity(entity) for entity in as_iterable(field, entities)]
