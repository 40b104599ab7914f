"""What a change of the course would do to its members, worked out on a fork.

Nothing is changed. Every member of the courses concerned is compared before and after: who gains
progress, who loses some, who keeps it, and for which lessons.
"""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

import attrs

from coursetrack.domain.entities import Course, CourseMember, Lesson
from coursetrack.domain.facts import Fact
from coursetrack.domain.open_lessons import open_lessons
from coursetrack.domain.progress import Progress
from coursetrack.repository.advance import progress_of
from coursetrack.repository.ledger import Ledger


class Effect(StrEnum):
    """What happens to a member's completeness. JOINS and LEAVES: there is none before or after."""

    GAINS = "gains"
    LOSES = "loses"
    KEEPS = "keeps"
    JOINS = "joins"
    LEAVES = "leaves"


class Reason(StrEnum):
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
    WATCHED_ENOUGH = "watched_enough"
    """What was watched reaches the threshold: the next report completes it, were it only empty."""
    OPENS = "opens"
    """It is open at the instant asked about, and was not."""
    CLOSES = "closes"
    """It is closed at the instant asked about, and was open."""


@attrs.frozen(kw_only=True)
class Difference:
    """One lesson that is different for a member, and in which way."""

    lesson_id: int
    reason: Reason


@attrs.frozen(kw_only=True)
class MemberWhatIf:
    """One member before and after; a `before` or `after` of None is a member who is not there."""

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
    """All members of the courses concerned, by member id."""

    members: tuple[MemberWhatIf, ...]

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


@attrs.frozen
class _Member:
    """What is compared of one member, on one side."""

    progress: Progress
    enough: frozenset[int]
    open_ids: frozenset[int]


def what_if(before: Ledger, after: Ledger, touched: Iterable[Fact], at: datetime | None) -> WhatIf:
    """How the members of the courses of `touched` differ. O(members x lessons of them).

    `at` is the instant at which locks are compared; they are left out without one.
    """
    course_ids = sorted(set(_courses(touched)))
    olds = dict(_members(before, course_ids, at))
    news = dict(_members(after, course_ids, at))
    return WhatIf(
        members=tuple(
            _compared(member_id, olds.get(member_id), news.get(member_id))
            for member_id in sorted(olds.keys() | news.keys())
        )
    )


def _courses(touched: Iterable[Fact]) -> Iterator[int]:
    for entity in touched:
        if isinstance(entity, Course):
            yield entity.id
        elif (course_id := getattr(entity, "course_id", None)) is not None:
            yield course_id


def _members(
    ledger: Ledger, course_ids: Iterable[int], at: datetime | None
) -> Iterator[tuple[int, _Member]]:
    for course_id in course_ids:
        if ledger.catalogue.get(Course, course_id) is not None:
            ids = sorted(ledger.catalogue.ids(CourseMember, "course_id", course_id))
            for progress in progress_of(ledger, course_id, ids):
                yield progress.member_id, _member(ledger, course_id, progress, at)


def _member(ledger: Ledger, course_id: int, progress: Progress, at: datetime | None) -> _Member:
    done = ledger.pairs.completed_by(progress.member_id)
    return _Member(
        progress,
        frozenset(_watched_enough(ledger, progress.member_id, done)),
        frozenset() if at is None else _open(ledger, course_id, progress.member_id, at),
    )


def _open(ledger: Ledger, course_id: int, member_id: int, at: datetime) -> frozenset[int]:
    member = ledger.catalogue.table(CourseMember)[member_id]
    done = ledger.pairs.completed_by(member_id)
    return frozenset(
        open_lessons(ledger.catalogue.outline(course_id), member, done, at).open_lesson_ids
    )


def _watched_enough(ledger: Ledger, member_id: int, done: Container[int]) -> Iterator[int]:
    lessons = ledger.catalogue.table(Lesson)
    for watched in ledger.evidence.of_member(member_id):
        threshold = lessons[watched.lesson_id].video_coverage
        if watched.lesson_id not in done and threshold is not None and watched.reaches(threshold):
            yield watched.lesson_id


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
    reasons: dict[Reason, set[int] | frozenset[int]] = {
        Reason.COUNTS_COMPLETED: now - set(counted),
        Reason.COUNTS_OPEN: set(counts) - set(counted) - now,
        Reason.NO_LONGER_COUNTS_COMPLETED: was - set(counts),
        Reason.NO_LONGER_COUNTS_OPEN: set(counted) - set(counts) - was,
        Reason.COMPLETED: stays & (now - was),
        Reason.NOT_COMPLETED: stays & (was - now),
        Reason.WATCHED_ENOUGH: new.enough - old.enough,
        Reason.OPENS: new.open_ids - old.open_ids,
        Reason.CLOSES: old.open_ids - new.open_ids,
    }
    for reason, lesson_ids in reasons.items():
        for lesson_id in lesson_ids:
            yield Difference(lesson_id=lesson_id, reason=reason)


def _completeness(progress: Progress | None) -> Fraction:
    return Fraction(0) if progress is None else progress.completeness
