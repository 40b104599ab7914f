"""The answer to "why is this lesson completed, or not?" as a tree of values.

::

    Explanation
      completed   the record, when there is one
      refusals    what would refuse an event at `at`: standing reasons, then locks
      locks       each lock with what satisfied it, and what still opens it
      criterion   what is met since when, and what is missing, part by part
      steps       lessons that remain to be completed, this one last, each with its action

Every node has data to work with and a readable ``str()``, which is not to be parsed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from operator import itemgetter
from typing import assert_never

import attrs

from coursetrack.domain.criteria.criterion import Action, Criterion, EvidenceByKind, Known, Need
from coursetrack.domain.criteria.video import ExplainedVideo
from coursetrack.domain.entities import (
    CompletedLesson,
    CourseMember,
    Lesson,
    UnlockType,
)
from coursetrack.domain.outline import Lock, Outline
from coursetrack.domain.refusals import Refusal
from coursetrack.domain.reprs import short_repr
from coursetrack.domain.rules import known, refusals
from coursetrack.domain.unlocking import is_open, missing, opens_at
from coursetrack.domain.values import few
from coursetrack.errors import shown

Completions = Mapping[int, CompletedLesson]
"""A member's completions by lesson id."""


@attrs.frozen(kw_only=True)
class ExplainedLock:
    """One lock on the lesson: its own when `section_id` is None, else that of its section.

    `completed` are the completions that it asked for and got; `requires` the lessons it still
    asks for. `opens_at` is when a TIMED lock opens (UTC), None beyond the year 9999.
    """

    __repr__ = short_repr

    lesson_id: int
    section_id: int | None
    unlock_type: UnlockType
    is_open: bool
    completed: tuple[CompletedLesson, ...] = ()
    requires: tuple[int, ...] = ()
    opens_at: datetime | None = None

    def __str__(self) -> str:
        """One readable line."""
        named = "its own" if self.section_id is None else f"section {self.section_id}'s"
        state = "open" if self.is_open else "closed"
        return f"{named} lock, {self.unlock_type.name}, is {state}{self._because()}"

    def _because(self) -> str:
        match self.unlock_type:
            case UnlockType.IMMEDIATE:
                return ""
            case UnlockType.SEQUENTIAL:
                return self._by_lessons()
            case UnlockType.TIMED:
                since = "since" if self.is_open else "until"
                opens = self.opens_at
                return " for ever" if opens is None else f" {since} {opens.isoformat()}"
            case _:
                assert_never(self.unlock_type)

    def _by_lessons(self) -> str:
        done = [f"{each.lesson_id} at {each.created_on.isoformat()}" for each in self.completed]
        parts = (few("completed", done), few("missing", [str(id_) for id_ in self.requires]))
        said = "; ".join(part for part in parts if part)
        return f": {said}" if said else ""


@attrs.frozen(kw_only=True)
class ExplainedCriterion:
    """A criterion beside what is known: since when it is met (UTC), or what it needs.

    `missing` is the shortest way, the shortest step first: () exactly when `since` is not None.
    `details` show what is known in more depth; an :class:`ExplainedVideo` for a video. A criterion
    over others has them as `parts`, each explained in the same way.
    """

    criterion: Criterion
    since: datetime | None
    missing: tuple[Need, ...]
    details: object | None
    parts: "tuple[ExplainedCriterion, ...]"

    def __iter__(self) -> "Iterator[ExplainedCriterion]":
        """This one and all that it is made of, at any depth, in the order in which it says them."""
        yield self
        for part in self.parts:
            yield from part

    def __str__(self) -> str:
        """One readable line."""
        named = type(self.criterion).__name__
        if self.since is not None:
            return f"{named} is met since {self.since.isoformat()}"
        return f"{named} needs {_needs(self.missing)}"


def explained(criterion: Criterion, known: Known) -> ExplainedCriterion:
    """`criterion` and its parts beside what is known. O(parts x their cost)."""
    return ExplainedCriterion(
        criterion=criterion,
        since=criterion.since(known),
        missing=criterion.missing(known),
        details=criterion.details(known),
        parts=tuple(explained(part, known) for part in criterion.parts),
    )


@attrs.frozen(kw_only=True)
class Step:
    """One lesson that remains to be completed.

    `needs` is what its criterion still asks for, by the shortest way; () where it is met already,
    and the next event that adds to the evidence, or `settle`, completes it. It waits for earlier
    steps: the lessons that its own lock and that of its section require. `opens_at` is the first
    instant at which time lets it be completed: at the earliest the enrolment; None when that is
    beyond the year 9999.
    """

    __repr__ = short_repr

    lesson: Lesson
    needs: tuple[Need, ...]
    lesson_requires: tuple[int, ...]
    section_requires: tuple[int, ...]
    opens_at: datetime | None

    @property
    def action(self) -> Action | None:
        """What is to be done first for it; None where nothing is."""
        return self.needs[0].action if self.needs else None

    @property
    def waits(self) -> bool:
        """Whether an earlier step has to be taken first."""
        return bool(self.lesson_requires or self.section_requires)

    def __str__(self) -> str:
        """One readable line."""
        opens = "never open" if self.opens_at is None else f"open from {self.opens_at.isoformat()}"
        return f"{_named(self.lesson)} by {_needs(self.needs)}, {opens}"


@attrs.frozen(kw_only=True)
class Explanation:
    """Why `lesson` is completed by `member` or not, as it is at `at` (UTC). See the module."""

    __repr__ = short_repr

    lesson: Lesson
    member: CourseMember
    at: datetime
    completed: CompletedLesson | None
    refusals: tuple[Refusal, ...]
    locks: tuple[ExplainedLock, ...]
    criterion: ExplainedCriterion
    steps: tuple[Step, ...]

    @property
    def action(self) -> Action:
        """What completes the lesson, or would have; of several things the shortest."""
        return self.lesson.criterion.missing(known(self.lesson, {}))[0].action

    @property
    def video(self) -> ExplainedVideo | None:
        """What is watched of the lesson's video; None where the criterion looks at no video."""
        shown = (each.details for each in self.criterion)
        return next((each for each in shown if isinstance(each, ExplainedVideo)), None)

    @property
    def is_open(self) -> bool:
        """Whether no event on the lesson would be refused at `at`."""
        return not self.refusals

    @property
    def standing(self) -> tuple[Refusal, ...]:
        """The refusals that only somebody else, or the enrolment's beginning, can lift."""
        return tuple(refusal for refusal in self.refusals if not refusal.is_lock)

    @property
    def next_step(self) -> Step | None:
        """The step to take first: of those that wait for no other, the one that opens first.

        None when the lesson is completed, and when time never opens the way. Standing refusals
        are to be lifted besides.
        """
        opening = [(step, step.opens_at) for step in self.steps if step.opens_at is not None]
        if len(opening) < len(self.steps):
            return None
        ready = [(max(self.at, opens), step) for step, opens in opening if not step.waits]
        return min(ready, key=itemgetter(0), default=(None, None))[1]

    def __str__(self) -> str:
        """Some readable lines, the answer first; short however long the course is."""
        return "\n  ".join((self._answer(), *self._reasons()))

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def _answer(self) -> str:
        head = f"{_named(self.lesson)}, member {self.member.id}, at {self.at.isoformat()}: "
        if self.completed is None:
            return f"{head}not completed; needs {_needs(self.criterion.missing)}"
        changed = self.completed.updated_by
        hand = "" if changed is None else f", last changed by {shown(changed)}"
        return f"{head}completed at {self.completed.created_on.isoformat()}" + (
            f" (record {self.completed.id}{hand})"
        )

    def _reasons(self) -> Iterator[str]:
        yield from (f"refused: {refusal}" for refusal in self.standing)
        yield from (str(lock) for lock in self.locks)
        for each in self.criterion:
            if each is not self.criterion and not each.parts:
                yield str(each)
            if each.details is not None:
                yield str(each.details)
        if self.next_step is not None:
            yield f"next: {self.next_step}"
        if len(self.steps) > 1:
            yield f"lessons to complete, this one included: {len(self.steps)}"


def explanation(
    outline: Outline,
    lesson: Lesson,
    member: CourseMember,
    completions: Completions,
    evidence: Mapping[int, EvidenceByKind],
    at: datetime,
) -> Explanation:
    """The explanation of `lesson` for `member` at `at`. O(lessons of the course).

    `outline` is that of the lesson's course, `completions` and `evidence` all of the
    member's by lesson id.
    """
    completed = completions.get(lesson.id)
    judged = completed is None and lesson.course_id == member.course_id
    return Explanation(
        lesson=lesson,
        member=member,
        at=at,
        completed=completed,
        refusals=refusals(outline, lesson, member, completions, at),
        locks=tuple(_locks(outline, lesson, member, completions, at)) if judged else (),
        criterion=explained(lesson.criterion, known(lesson, evidence.get(lesson.id, {}))),
        steps=tuple(_steps(outline, lesson, member, completions, evidence)) if judged else (),
    )


def _locks(
    outline: Outline, lesson: Lesson, member: CourseMember, done: Completions, at: datetime
) -> Iterator[ExplainedLock]:
    section = (lesson.section_id, outline.section_lock(lesson))
    for section_id, lock in ((None, outline.lesson_lock(lesson)), section):
        if lock.unlock_type is not UnlockType.IMMEDIATE:
            yield ExplainedLock(
                lesson_id=lesson.id,
                section_id=section_id,
                unlock_type=lock.unlock_type,
                is_open=is_open(lock, member, done, at),
                completed=tuple(done[each] for each in lock.requires if each in done),
                requires=missing(lock, done),
                opens_at=opens_at(lock, member),
            )


def _steps(
    outline: Outline,
    lesson: Lesson,
    member: CourseMember,
    done: Completions,
    evidence: Mapping[int, EvidenceByKind],
) -> Iterator[Step]:
    # The lessons of one section share one tuple: else two long sections would cost their product.
    shared = {section_id: missing(lock, done) for section_id, lock in outline.section_locks.items()}
    for each in _to_complete(outline, lesson, done, shared):
        own = outline.lesson_lock(each)
        yield Step(
            lesson=each,
            needs=each.criterion.missing(known(each, evidence.get(each.id, {}))),
            lesson_requires=missing(own, done),
            section_requires=_of_section(shared, each),
            opens_at=_latest(own, outline.section_lock(each), member),
        )


def _latest(own: Lock, section: Lock, member: CourseMember) -> datetime | None:
    latest = member.created_on
    for lock in (own, section):
        if lock.wait is not None:
            opened = opens_at(lock, member)
            if opened is None:
                return None
            latest = max(latest, opened)
    return latest


def _to_complete(
    outline: Outline, lesson: Lesson, done: Completions, shared: Mapping[int, tuple[int, ...]]
) -> list[Lesson]:
    # Locks ask only for lessons that come earlier, so one walk backwards finds them all.
    wanted, sections = {lesson.id}, set()
    for each in reversed(outline.lessons):
        if each.id in wanted:
            wanted.update(missing(outline.lesson_lock(each), done))
            if each.section_id not in sections:
                sections.add(each.section_id)
                wanted.update(_of_section(shared, each))
    return [each for each in outline.lessons if each.id in wanted]


def _of_section(shared: Mapping[int, tuple[int, ...]], lesson: Lesson) -> tuple[int, ...]:
    return () if lesson.section_id is None else shared[lesson.section_id]


def _named(lesson: Lesson) -> str:
    return f"lesson {lesson.id} {shown(lesson.title)}"


def _needs(needs: tuple[Need, ...]) -> str:
    if not needs:
        return "any event that adds to what is known"
    *first, last = map(str, needs)
    return f"{', '.join(first)} and {last}" if first else last
