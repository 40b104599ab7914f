"""What a change of the course would do to its members, worked out on a fork.

Nothing is changed. Every member of the courses concerned is compared before and after: who gains
progress, who loses some, who keeps it, and for which lessons.

The courses concerned are those that the facts asked about, and whatever goes with them, are of
before and after, though nothing be different about them. A completion is of its member's course,
as progress is, whichever course its lesson is of. A coworker, and a completion without a member,
are of none.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

import attrs

from coursetrack.domain.entities import (
    CompletedLesson,
    Course,
    CourseMember,
)
from coursetrack.domain.facts import Fact
from coursetrack.domain.open_lessons import open_lessons
from coursetrack.domain.progress import Progress
from coursetrack.domain.reprs import html_table, short_repr
from coursetrack.knowledge.members_progress import progress_of
from coursetrack.knowledge.settling import due, due_in_time
from coursetrack.knowledge.state import State


class Effect(StrEnum):
    """What happens to a member's completeness. JOINS and LEAVES: there is none before or after."""

    GAINS = "gains"
    LOSES = "loses"
    KEEPS = "keeps"
    JOINS = "joins"
    LEAVES = "leaves"


class DifferenceReason(StrEnum):
    """What is different about a lesson for one member."""

    COUNTS_COMPLETED = "counts_completed"
    """It counts from now on, and the member has completed it: more progress."""
    COUNTS_OPEN = "counts_open"
    """It counts from now on, and is not completed: less progress."""
    NO_LONGER_COUNTS_COMPLETED = "no_longer_counts_completed"
    """It counts no more, and was completed: less progress, unless all else is completed."""
    NO_LONGER_COUNTS_OPEN = "no_longer_counts_open"
    """It counts no more, and was not completed: more progress."""
    COMPLETED = "completed"
    """It counts as before, and is completed from now on."""
    NOT_COMPLETED = "not_completed"
    """It counts as before, and is not completed any more."""
    ENOUGH = "enough"
    """The evidence is enough for its criterion, and was not: ``settle`` completes it.

    At the instant asked about; without one, once its locks are open and the member is enrolled.
    """
    OPENS = "opens"
    """It is open at the instant asked about, and was not."""
    CLOSES = "closes"
    """It is closed at the instant asked about, and was open."""


@attrs.frozen(kw_only=True)
class Difference:
    """One lesson that is different for a member, and in which way."""

    __repr__ = short_repr

    lesson_id: int
    reason: DifferenceReason


@attrs.frozen(kw_only=True)
class MemberWhatIf:
    """One member before and after; a `before` or `after` of None is a member who is not there."""

    __repr__ = short_repr

    member_id: int
    before: Progress | None
    after: Progress | None
    differences: tuple[Difference, ...]
    """Why: the lessons that are different for the member, by lesson id."""

    @property
    def gained(self) -> Fraction:
        """By how much the completeness rises; negative where it falls."""
        return _completeness(self.after) - _completeness(self.before)

    @property
    def effect(self) -> Effect:
        """Whether the member gains, loses or keeps progress, joins or leaves."""
        if self.before is None:
            return Effect.JOINS
        if self.after is None:
            return Effect.LEAVES
        if self.gained == 0:
            return Effect.KEEPS
        return Effect.GAINS if self.gained > 0 else Effect.LOSES


@attrs.frozen(kw_only=True)
class WhatIf:
    """All members of the courses concerned, by member id; which these are, see the module."""

    __repr__ = short_repr

    members: tuple[MemberWhatIf, ...]

    def _repr_html_(self) -> str:
        shown = self.members[:_SHOWN]
        more = len(self.members) - len(shown)
        caption = "What if" + (f": the first {len(shown)} of {len(self.members)}" if more else "")
        heads = ("member", "effect", "before", "after", "lessons that differ")
        return html_table(caption, heads, map(_cells, shown))

    def having(self, effect: Effect) -> tuple[MemberWhatIf, ...]:
        """The members to whom this happens. O(members)."""
        return tuple(member for member in self.members if member.effect is effect)

    @property
    def gaining(self) -> tuple[MemberWhatIf, ...]:
        """Who would gain progress."""
        return self.having(Effect.GAINS)

    @property
    def losing(self) -> tuple[MemberWhatIf, ...]:
        """Who would lose progress."""
        return self.having(Effect.LOSES)

    @property
    def keeping(self) -> tuple[MemberWhatIf, ...]:
        """Whose progress would stay as it is."""
        return self.having(Effect.KEEPS)


_SHOWN = 50


def _cells(member: MemberWhatIf) -> tuple[object, ...]:
    shares = (f"{float(_completeness(each)):.0%}" for each in (member.before, member.after))
    lesson_ids = dict.fromkeys(str(each.lesson_id) for each in member.differences)
    return (member.member_id, member.effect, *shares, ", ".join(lesson_ids))


@attrs.frozen
class _Member:
    """What is compared of one member, on one side."""

    progress: Progress
    enough: frozenset[int]
    open_ids: frozenset[int]


def what_if(before: State, after: State, touched: Iterable[Fact], at: datetime | None) -> WhatIf:
    """How the members of the courses of `touched` differ. O(members x lessons of them).

    `at` is the instant at which locks are compared; they are left out without one.
    """
    facts = tuple(touched)
    course_ids = sorted({*_courses(before, facts), *_courses(after, facts)})
    olds = dict(_members(before, course_ids, at))
    news = dict(_members(after, course_ids, at))
    return WhatIf(
        members=tuple(
            _compared(member_id, olds.get(member_id), news.get(member_id))
            for member_id in sorted(olds.keys() | news.keys())
        )
    )


def _courses(state: State, facts: Iterable[Fact]) -> Iterator[int]:
    for fact in facts:
        if isinstance(fact, Course):
            yield fact.id
        elif isinstance(fact, CompletedLesson):
            member = state.entity_tables.table(CourseMember).get(fact.member_id)
            if member is not None:
                yield member.course_id
        elif (course_id := getattr(fact, "course_id", None)) is not None:
            yield course_id


def _members(
    state: State, course_ids: Iterable[int], at: datetime | None
) -> Iterator[tuple[int, _Member]]:
    for course_id in course_ids:
        if state.entity_tables.get(Course, course_id) is not None:
            ids = sorted(state.entity_tables.ids(CourseMember, "course_id", course_id))
            for progress in progress_of(state, course_id, ids):
                yield progress.member_id, _member(state, progress, at)


def _member(state: State, progress: Progress, at: datetime | None) -> _Member:
    member = state.entity_tables.table(CourseMember)[progress.member_id]
    open_ids = frozenset() if at is None else _open(state, member, at)
    found = due_in_time(state, member) if at is None else due(state, member, at)
    return _Member(progress, frozenset(each.lesson.id for each in found), open_ids)


def _open(state: State, member: CourseMember, at: datetime) -> frozenset[int]:
    done = state.completions.completed_by(member.id)
    outline = state.entity_tables.outline(member.course_id)
    return frozenset(open_lessons(outline, member, done, at).open_lesson_ids)


def _compared(member_id: int, old: _Member | None, new: _Member | None) -> MemberWhatIf:
    reasons = [] if old is None or new is None else list(_differences(old, new))
    return MemberWhatIf(
        member_id=member_id,
        before=None if old is None else old.progress,
        after=None if new is None else new.progress,
        differences=tuple(sorted(reasons, key=lambda each: (each.lesson_id, each.reason))),
    )


def _differences(old: _Member, new: _Member) -> Iterator[Difference]:
    counted, counts = old.progress.countable_lesson_ids, new.progress.countable_lesson_ids
    was, now = set(old.progress.completed_lesson_ids), set(new.progress.completed_lesson_ids)
    stays = set(counted) & set(counts)
    reasons: dict[DifferenceReason, set[int] | frozenset[int]] = {
        DifferenceReason.COUNTS_COMPLETED: now - set(counted),
        DifferenceReason.COUNTS_OPEN: set(counts) - set(counted) - now,
        DifferenceReason.NO_LONGER_COUNTS_COMPLETED: was - set(counts),
        DifferenceReason.NO_LONGER_COUNTS_OPEN: set(counted) - set(counts) - was,
        DifferenceReason.COMPLETED: stays & (now - was),
        DifferenceReason.NOT_COMPLETED: stays & (was - now),
        DifferenceReason.ENOUGH: new.enough - old.enough,
        DifferenceReason.OPENS: new.open_ids - old.open_ids,
        DifferenceReason.CLOSES: old.open_ids - new.open_ids,
    }
    for reason, lesson_ids in reasons.items():
        for lesson_id in lesson_ids:
            yield Difference(lesson_id=lesson_id, reason=reason)


def _completeness(progress: Progress | None) -> Fraction:
    return Fraction(0) if progress is None else progress.completeness
