"""What an event may do, and what it does: the decision about one event and one lesson.

Refusals come first and are all listed, in the order of :class:`RefusalCode`. What cannot be asked
is not listed: nothing is said about an unknown lesson's course, and locks are judged only for a
lesson of the member's own course. They are in two parts: *standing* ones, which hold whatever the
member has completed, and *locks*, which never hold for a completed lesson.
"""

from collections.abc import Container, Iterator
from datetime import datetime

import attrs

from coursetrack.domain.entities import CourseMember, Lesson
from coursetrack.domain.events import Event, VideoFinish, VideoProgress
from coursetrack.domain.outline import Outline
from coursetrack.domain.refusals import Refusal, RefusalCode
from coursetrack.domain.unlocking import locks
from coursetrack.domain.watched import Watched


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

    `watched` is the evidence as it is afterwards; None when the event is no evidence.
    """

    completes: bool
    watched: Watched | None = None


NOTHING = Decision(completes=False)
COMPLETES = Decision(completes=True)


def decide(lesson: Lesson, event: Event, watched: Watched | None) -> Decision:
    """Rules 1 and 2: whether `event` completes `lesson`, given what was `watched` before.

    A decision that completes nothing and has no evidence means that the event is ignored.
    """
    if lesson.completion_type is not event.completes:
        return NOTHING
    if isinstance(event, VideoProgress):
        return _watch(lesson, event, watched)
    if isinstance(event, VideoFinish) and lesson.video_coverage is not None:
        return NOTHING
    return COMPLETES


def _watch(lesson: Lesson, event: VideoProgress, watched: Watched | None) -> Decision:
    before = watched or Watched(member_id=event.member_id, lesson_id=event.lesson_id)
    after = before.plus(event.stretch, event.duration_ms)
    threshold = lesson.video_coverage
    return Decision(completes=threshold is not None and after.reaches(threshold), watched=after)
