"""What an event may do, and what it does: the decision about one event and one lesson.

Refusals come first and are all listed, in the order of :class:`RefusalCode`. What cannot be asked
is not listed: nothing is said about an unknown lesson's course, and locks are judged only for a
lesson of the member's own course. They are in two parts: *standing* ones, which hold whatever the
member has completed, and *locks*, which never hold for a completed lesson.
"""

from collections.abc import Container, Iterator
from datetime import datetime

import attrs

from coursetrack.domain.criteria.criterion import Criterion, EvidenceByKind, Known
from coursetrack.domain.entities import CourseMember, Lesson
from coursetrack.domain.events import Event
from coursetrack.domain.evidence import Added
from coursetrack.domain.outline import Outline
from coursetrack.domain.refusals import Refusal, RefusalCode
from coursetrack.domain.unlocking import locks


def refusals(
    outline: Outline, lesson: Lesson, member: CourseMember, done: Container[int], at: datetime
) -> tuple[Refusal, ...]:
    """Every reason why an event at `at` may not count (rule 4): () when it may.

    `outline` is that of the lesson's course; `done` are the lessons the member has completed.
    """
    standing = (*member_refusals(member, at), *lesson_refusals(outline, lesson))
    if member.course_id != lesson.course_id:
        return (other_course(lesson, member), *standing)
    return (*standing, *locks(outline, lesson, member, done, at))


def unknown_refusals(
    lesson_id: int,
    member_id: int,
    outline: Outline | None,
    member: CourseMember | None,
    at: datetime,
) -> tuple[Refusal, ...]:
    """Every reason that holds when the lesson, the member, or both are unknown.

    `outline` is that of the lesson's course, None when the lesson is unknown.
    """
    return tuple(_unknown(lesson_id, member_id, outline, member, at))


def _unknown(
    lesson_id: int,
    member_id: int,
    outline: Outline | None,
    member: CourseMember | None,
    at: datetime,
) -> Iterator[Refusal]:
    if outline is None:
        yield Refusal(code=RefusalCode.UNKNOWN_LESSON, lesson_id=lesson_id)
    if member is None:
        yield Refusal(code=RefusalCode.UNKNOWN_MEMBER, member_id=member_id)
    else:
        yield from member_refusals(member, at)
    if outline is not None:
        yield from lesson_refusals(outline, outline.lesson(lesson_id))


def member_refusals(member: CourseMember, at: datetime) -> Iterator[Refusal]:
    """The standing reasons on the member's side, whatever the lesson is."""
    if at < member.created_on:
        yield Refusal(
            code=RefusalCode.BEFORE_ENROLMENT, member_id=member.id, opens_at=member.created_on
        )
    if not member.approved:
        yield Refusal(code=RefusalCode.NOT_APPROVED, member_id=member.id)
    if member.blocked:
        yield Refusal(code=RefusalCode.BLOCKED, member_id=member.id)


def lesson_refusals(outline: Outline, lesson: Lesson) -> Iterator[Refusal]:
    """The standing reasons on the lesson's side: an inactive course, section or lesson."""
    if not outline.course.active:
        yield Refusal(code=RefusalCode.COURSE_INACTIVE, course_id=outline.course.id)
    section = outline.section_of(lesson)
    if section is not None and not section.active:
        yield Refusal(code=RefusalCode.SECTION_INACTIVE, section_id=section.id)
    if not lesson.active:
        yield Refusal(code=RefusalCode.LESSON_INACTIVE, lesson_id=lesson.id)


def other_course(lesson: Lesson, member: CourseMember) -> Refusal:
    """The refusal for a lesson of another course than the member's."""
    return Refusal(
        code=RefusalCode.OTHER_COURSE,
        course_id=lesson.course_id,
        lesson_id=lesson.id,
        member_id=member.id,
    )


@attrs.frozen(kw_only=True)
class Decision:
    """What an event that was not refused does with a lesson that is not completed.

    `since` is the instant at which the criterion was first met (UTC), None where it is not.
    `evidence` is what changes of the evidence, piece by piece.
    `adds` is False where the event tells nothing new, though an instant may move.
    """

    since: datetime | None = None
    evidence: tuple[Added, ...] = ()
    adds: bool = False

    @property
    def completes(self) -> bool:
        """Whether the event completes the lesson."""
        return self.since is not None


NOTHING = Decision()


def concerns(lesson: Lesson, event: Event) -> bool:
    """Whether `event` may count towards `lesson` being completed, whatever is known (rule 1)."""
    criterion, kind_of_event = lesson.criterion, type(event)
    if kind_of_event is criterion.trigger:
        return True
    return any(kind.event is kind_of_event and kind.hears(event) for kind in criterion.reads)


def decide(lesson: Lesson, event: Event, evidence: EvidenceByKind) -> Decision:
    """Rules 1 to 3 and 8: whether `event` completes `lesson`, given the evidence before.

    An event that adds nothing to the evidence completes nothing, even where there is enough.
    An event that concerns the lesson and adds nothing is a repeat, though an instant may move.
    """
    criterion = lesson.criterion
    if type(event) is criterion.trigger:
        return Decision(since=event.at, adds=True)
    added = tuple(_added(criterion, event, evidence))
    if not added:
        return NOTHING
    now, adds = dict(evidence), False
    for each in added:
        now[type(each.after)] = each.after
        adds = adds or each.before is None or each.after.says_more_than(each.before)
    if not adds:
        return Decision(evidence=added)
    return Decision(since=criterion.since(known(lesson, now)), evidence=added, adds=True)


def known(lesson: Lesson, evidence: EvidenceByKind) -> Known:
    """What is known of a member and `lesson`, as its criterion is asked about it."""
    return Known(evidence, lesson.video_duration_ms)


def _added(criterion: Criterion, event: Event, evidence: EvidenceByKind) -> Iterator[Added]:
    """The evidence that `event` adds to."""
    for kind in criterion.reads:
        if kind.event is type(event):
            told, before = kind.of(event), evidence.get(kind)
            if told is not None:
                after = told if before is None else before.merged(told)
                if after is not before:
                    yield Added(before, told, after)
