"""A tracker and the naive model next to each other, and all that can be compared."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

import attrs

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
from coursetrack.domain.events import Event
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.query import CompletedLessonQuery
from coursetrack.listing.store import Joined
from coursetrack.testing import strategies
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.machine.step import Feature, Finder
from coursetrack.testing.machine.story import Call, Listening
from coursetrack.testing.model import expected
from coursetrack.testing.model.expected import Attempt, attempt, reasons, same
from coursetrack.testing.model.model import Model
from coursetrack.testing.strategies import Academy, ShownRecord
from coursetrack.tracker import Tracker

with needs_hypothesis():
    from hypothesis import strategies as st
    from hypothesis.stateful import (
        RuleBasedStateMachine,
    )
    from hypothesis.strategies import SearchStrategy


class SideBySide(RuleBasedStateMachine):
    """Holds a tracker and a model, compares them, and knows what there is to draw from."""

    features: ClassVar[frozenset[Feature]] = frozenset(Feature)
    finder: ClassVar[Finder | None] = None
    """Who is told of each step and each failure; see :func:`run_machine`."""

    criteria: ClassVar[tuple[type[Criterion], ...]] = ()
    """Classes of criteria of your own; :meth:`own_criteria` draws from them."""

    def own_criteria(self) -> SearchStrategy[Any] | None:
        """The criteria that every other lesson is drawn with; None for those of the package."""
        return None

    def make_tracker(self) -> Any:
        """An empty tracker."""
        return Tracker(remember_events=2, remember_answers=32, criteria=self.criteria)

    def make_model(self) -> Model:
        """The model of an empty tracker. Says what :meth:`make_tracker` says."""
        return Model(remember_events=2)

    def restart(self, tracker: Any) -> Any:
        """The tracker after a stop and a start: what was known before has to be known again."""
        return Tracker.restore(tracker.snapshot(), criteria=self.criteria)

    def before_step(self) -> None:
        """Runs before each step."""

    def after_step(self) -> None:
        """Runs after each step: compares what can be read, and has the tracker check itself."""
        self.steps += 1
        self.compare()
        if Feature.REPLAY in self.features:
            del self.marks[:-3]
            self.marks.append((len(self.changes), self.model.fork()))
        if hasattr(self.tracker, "check"):
            self.tracker.check()

    def __init__(self) -> None:
        super().__init__()
        self.tracker: Any = self.make_tracker()
        self.model: Model = self.make_model()
        self.other: tuple[Any, Model, list[Any], Any] | None = None
        self.asked: list[CompletedLessonQuery] = []
        self.sent: dict[str, Event] = {}
        self.steps: int = 0
        self.calls: list[Call] = []
        self.changes: list[Any] = []
        self.marks: list[tuple[int, Model]] = []

    # -- comparing

    def both(self, call: Callable[[Any], Any]) -> tuple[Attempt, Attempt]:
        """Calls with the tracker and with the model; both succeed, or raise the same error."""
        version = self.tracker.version if Feature.VERSIONS in self.features else 0
        listening = Listening(self.tracker, self.calls)
        got, wanted = attempt(lambda: call(listening)), attempt(lambda: call(self.model))
        same("the error raised", got.error, wanted.error)
        made = list(getattr(got.result, "changes", ()))
        if Feature.VERSIONS in self.features and hasattr(got.result, "changes"):
            same(
                "numbers of changes",
                [x.sequence for x in made],
                [*range(version + 1, version + 1 + len(made))],
            )
            same("the version", self.tracker.version, version + len(made))
        self.changes += made
        return got, wanted

    def go_on_with(self, tracker: Any, model: Model, changes: list[Any]) -> None:
        """Puts others in the place of the tracker, the model and the changes so far."""
        self.tracker, self.model, self.changes = tracker, model, changes

    def leave_behind(self) -> None:
        """Keeps tracker and model as they are now, to come back to them."""
        changes = list(self.changes)
        self.other = (self.tracker, self.model, changes, self.tracker.snapshot())

    def ask_after_each_step(self, query: CompletedLessonQuery) -> None:
        """Asks `query` after each step from now on; of those before, the last two."""
        self.asked = [*self.asked[-2:], query]

    def compare(self) -> None:
        """Fails unless tracker and model hold the same, and answer the last queries alike."""
        mine, theirs = self.tracker.completed_lessons, self.model.completed_lessons
        same("the completed lessons", list(mine), list(theirs))
        same("how many there are", len(mine), len(theirs))
        for record in theirs:
            same("the record by id", mine.get(record.id), record)
            same("the names shown", tuple(mine.joined(record)), tuple(theirs.joined(record)))
            if record.lesson_id and record.member_id:
                pair = mine.get_pair(record.lesson_id, record.member_id)
                same("the record by lesson and member", pair, record)
        if Feature.ENTITIES in self.features:
            entities = [x for x in self.model.entities if not isinstance(x, CompletedLesson)]
            same("the entities", _sorted(self.tracker.entities()), _sorted(entities))
        if Feature.QUERIES in self.features:
            self.compare_pages((*self.asked, *self._usual_queries()))
        if {Feature.FORKS, Feature.EVENTS} <= self.features and self.sent:
            self._compare_memory()
        members = self.known(CourseMember)
        if Feature.PROGRESS in self.features and members:
            at = strategies.START + timedelta(days=self.steps % 4)
            self.compare_member(members[self.steps % len(members)], at)

    def _compare_memory(self) -> None:
        """Another body for an event id, on forks: a conflict as long as the first is remembered."""
        sent = list(self.sent.values())[self.steps % len(self.sent)]
        other = attrs.evolve(sent, at=sent.at + timedelta(days=1))
        got = attempt(lambda: self.tracker.fork().record(other))
        wanted = attempt(lambda: self.model.fork().record(other))
        same("what is remembered of an event id", got.error, wanted.error)

    def _usual_queries(self) -> Iterator[CompletedLessonQuery]:
        """What is asked after each step: by each order in turn, by each record's names in turn.

        Of each order later pages too: a service may go wrong on those alone.
        """
        order_by = list(ORDERS)[self.steps % len(ORDERS)]
        direction: Literal[1, -1] = 1 if self.steps % 2 else -1
        yield CompletedLessonQuery(order_by=order_by, direction=direction)
        later = 2 + self.steps // len(ORDERS) % 2
        yield CompletedLessonQuery(order_by=order_by, direction=direction, page=later, size=3)
        lasting: dict[str, Any] = {
            "created_from": _EARLY,
            "updated_to": _FAR,
        }
        yield CompletedLessonQuery(order_by="CourseLessonTitle", size=3, **lasting)
        yield CompletedLessonQuery(order_by="CourseMemberCoworkerFullName", direction=-1, **lasting)
        if seen := self.seen():
            record, names = seen[self.steps % len(seen)]
            yield from self.by_names(names)
            of_member: dict[str, Any] = {"member_id": record.member_id or None}
            yield CompletedLessonQuery(**of_member, updated_to=_FAR, order_by=order_by)
            yield CompletedLessonQuery(**of_member, updated_from=record.updated_on)

    def by_names(self, names: Joined) -> Iterator[CompletedLessonQuery]:
        """What finds a record by each of the names that it is shown with."""
        yield CompletedLessonQuery(lesson_title=_upper(names.lesson_title))
        yield CompletedLessonQuery(full_name=_upper(names.full_name))
        yield CompletedLessonQuery(company_name=_upper(names.company_name))
        yield CompletedLessonQuery(team_names=_upper(names.team_names), direction=-1)

    def compare_member(self, member_id: int, at: datetime) -> None:
        """Fails unless both say the same of a member's progress and of what is open to it."""
        for instant in (None, at):
            self.compare_progress(
                self.tracker.progress(member_id=member_id, at=instant),
                self.model.progress(member_id=member_id, at=instant),
            )
        found = self.tracker.open_lessons(member_id=member_id, at=at)
        locks = self.model.locks(member_id=member_id, at=at)
        same("open lessons", list(found.open_lesson_ids), [x for x in locks if not locks[x]])
        closed = {each.lesson_id: reasons(each.refusals) for each in found.closed}
        same("closed lessons", closed, {x: reasons(locks[x]) for x in locks if locks[x]})

    def compare_pages(self, queries: Iterable[CompletedLessonQuery]) -> None:
        """Fails unless both answer each query with the same page."""
        mine, theirs = self.tracker.completed_lessons, self.model.completed_lessons
        for query in queries:
            expected.same_page(mine.find(query), theirs.find(query), query)

    # -- what to draw from

    def known(self, kind: type[Entity]) -> list[int]:
        """The ids of this kind that are there."""
        return [each.id for each in self.model.all_of(kind)]

    def ids(self, kind: type[Entity]) -> SearchStrategy[int]:
        """Ids of this kind: mostly those that are there."""
        return strategies.ids(known=self.known(kind))

    @property
    def academy(self) -> Academy:
        """The academy as it is now."""
        return Academy(
            courses=tuple(self.model.all_of(Course)),
            sections=tuple(self.model.all_of(Section)),
            lessons=tuple(self.model.all_of(Lesson)),
            coworkers=tuple(self.model.all_of(Coworker)),
            members=tuple(self.model.all_of(CourseMember)),
        )

    def open_pairs(self, at: datetime) -> list[tuple[Lesson, CourseMember]]:
        """The lessons that each member could complete at this instant."""
        completed = {(x.lesson_id, x.member_id) for x in self.model.all_of(CompletedLesson)}
        return [
            (lesson, member)
            for lesson in self.model.all_of(Lesson)
            for member in self.model.all_of(CourseMember)
            if lesson.course_id == member.course_id
            and (lesson.id, member.id) not in completed
            and not self.model.reasons(lesson.id, member.id, at)
        ]

    def seen(self) -> list[ShownRecord]:
        """The records as they are shown now."""
        read = self.model.completed_lessons
        return [(record, read.joined(record)) for record in read]

    def some(self, kind: type[Entity], id: SearchStrategy[int]) -> SearchStrategy[Any]:
        """Entities of this kind that mostly refer to what is there."""
        course = self.ids(Course)
        sections = st.sampled_from([None, *self.known(Section)])
        made: dict[type[Entity], Callable[[], SearchStrategy[Any]]] = {
            Coworker: lambda: strategies.coworkers(id=id),
            Course: lambda: strategies.courses(id=id),
            Section: lambda: strategies.sections(id=id, course_id=course),
            Lesson: lambda: strategies.lessons(
                id=id, course_id=course, section_id=sections, criterion=self.own_criteria()
            ),
            CourseMember: lambda: strategies.course_members(
                id=id, course_id=course, coworker_id=self.ids(Coworker)
            ),
            CompletedLesson: lambda: strategies.completed_lessons(
                id=id, lesson_id=self.ids(Lesson), member_id=self.ids(CourseMember)
            ),
        }
        return made[kind]()

    def compare_progress(self, got: Any, wanted: Any) -> None:
        """Fails unless both say the same of how far a member is."""
        for name in _PROGRESS:
            same(f"progress: {name}", getattr(got, name), getattr(wanted, name))


_PROGRESS = (
    "completed",
    "countable",
    "completeness",
    "finished",
    "last_completed",
    "finished_on",
    "completed_lesson_ids",
    "countable_lesson_ids",
)
_EARLY = datetime.min.replace(tzinfo=UTC)
_FAR = datetime.max.replace(tzinfo=UTC)


def _upper(text: str | None) -> str | None:
    return None if text is None else text.upper()


def _sorted(entities: Iterable[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda each: (type(each).__name__, each.id))
