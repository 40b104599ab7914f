"""Why an event may not complete anything: a stable code and the data that explains it."""

from datetime import datetime
from enum import StrEnum

import attrs

from coursetrack.domain.reprs import short_repr


class RefusalCode(StrEnum):
    """The reasons of rule 4, in the order in which refusals are listed; each has its docstring."""

    def __new__(cls, value: str, doc: str = "") -> "RefusalCode":
        code = str.__new__(cls, value)
        code._value_ = value
        code.__doc__ = doc
        return code

    UNKNOWN_LESSON = "unknown_lesson", "There is no lesson with this id."
    UNKNOWN_MEMBER = "unknown_member", "There is no course member with this id."
    OTHER_COURSE = "other_course", "The lesson is of another course than the member's."
    BEFORE_ENROLMENT = "before_enrolment", "The instant lies before the member was enrolled."
    NOT_APPROVED = "not_approved", "The member's enrolment is not approved."
    BLOCKED = "blocked", "The member is blocked."
    COURSE_INACTIVE = "course_inactive", "The lesson's course is inactive."
    SECTION_INACTIVE = "section_inactive", "The lesson's section is inactive."
    LESSON_INACTIVE = "lesson_inactive", "The lesson itself is inactive."
    LESSON_LOCKED = "lesson_locked", "The lesson's own lock is closed to the member (rule 5)."
    SECTION_LOCKED = "section_locked", "The lock of the lesson's section is closed (rule 5)."


@attrs.frozen(kw_only=True)
class Refusal:
    """One reason. The ids name what the code is about; ids it is not about are None.

    A lock says what opens it: `requires` are the lessons still to be completed, in reading order,
    and `opens_at` is the first instant (UTC, inclusive) at which time no longer forbids. It is
    None when time is not the reason, and when that instant lies beyond the year 9999.
    """

    __repr__ = short_repr

    code: RefusalCode
    course_id: int | None = None
    section_id: int | None = None
    lesson_id: int | None = None
    member_id: int | None = None
    requires: tuple[int, ...] = ()
    opens_at: datetime | None = None

    @property
    def is_lock(self) -> bool:
        """Whether completing lessons or waiting lifts this refusal, with nobody changing facts."""
        return self.code in _LOCKS

    def __str__(self) -> str:
        """One readable sentence. To be shown, not to be parsed."""
        return _SENTENCES[self.code].format(self) + self._remedy()

    def _remedy(self) -> str:
        if self.requires:
            return " until " + _lessons(self.requires) + " completed"
        if self.code not in _TIMED:
            return ""
        return " for ever" if self.opens_at is None else f" until {self.opens_at.isoformat()}"


_LOCKS = frozenset({RefusalCode.LESSON_LOCKED, RefusalCode.SECTION_LOCKED})
_TIMED = _LOCKS | {RefusalCode.BEFORE_ENROLMENT}

_SENTENCES = {
    RefusalCode.UNKNOWN_LESSON: "there is no lesson {0.lesson_id}",
    RefusalCode.UNKNOWN_MEMBER: "there is no member {0.member_id}",
    RefusalCode.OTHER_COURSE: (
        "lesson {0.lesson_id} is of course {0.course_id}, member {0.member_id} of another"
    ),
    RefusalCode.BEFORE_ENROLMENT: "member {0.member_id} is not enrolled",
    RefusalCode.NOT_APPROVED: "member {0.member_id} is not approved",
    RefusalCode.BLOCKED: "member {0.member_id} is blocked",
    RefusalCode.COURSE_INACTIVE: "course {0.course_id} is inactive",
    RefusalCode.SECTION_INACTIVE: "section {0.section_id} is inactive",
    RefusalCode.LESSON_INACTIVE: "lesson {0.lesson_id} is inactive",
    RefusalCode.LESSON_LOCKED: "lesson {0.lesson_id} is locked",
    RefusalCode.SECTION_LOCKED: "section {0.section_id} is locked",
}


def _lessons(ids: tuple[int, ...]) -> str:
    if len(ids) == 1:
        return f"lesson {ids[0]} is"
    return "lessons " + ", ".join(map(str, ids)) + " are"
