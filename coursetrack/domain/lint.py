"""What is odd about a course: findings that its author would want to know, and none that guess.

A course cannot be made unfinishable by its sequences: they look past lessons that no event can
complete, and ask only for lessons that come earlier, so there is no cycle to find. What remains
is found here: content that no event completes, settings without any effect, waits without end,
and sequences that wait for something else than their neighbour.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from operator import itemgetter

import attrs

from coursetrack.domain.criteria.criterion import Criterion, EvidenceByKind
from coursetrack.domain.entities import CompletionType, CourseMember, Lesson, Section, UnlockType
from coursetrack.domain.outline import Lock, Outline, is_trackable
from coursetrack.domain.reprs import short_repr
from coursetrack.domain.rules import known

CENTURY = timedelta(days=36_525)
"""A TIMED wait longer than this opens to nobody. (decided)"""


class FindingCode(StrEnum):
    """The findings, in the order in which they are listed."""

    COURSE_INACTIVE = "course_inactive"
    COURSE_WITHOUT_COUNTABLE_LESSONS = "course_without_countable_lessons"
    SECTION_WITHOUT_COUNTABLE_LESSONS = "section_without_countable_lessons"
    LESSONS_IN_INACTIVE_SECTION = "lessons_in_inactive_section"
    NEVER_OPENS = "never_opens"
    BEHIND_NEVER_OPENING = "behind_never_opening"
    THRESHOLD_WITHOUT_VIDEO = "threshold_without_video"
    CRITERION_NEVER_MET = "criterion_never_met"
    CRITERION_PART_NEVER_MET = "criterion_part_never_met"
    DURATION_UNKNOWN = "duration_unknown"
    DAYS_WITHOUT_TIMED = "days_without_timed"
    TIMED_WITHOUT_DAYS = "timed_without_days"
    TIMED_WITHIN_SECTION_WAIT = "timed_within_section_wait"
    SEQUENCE_WITHOUT_START = "sequence_without_start"
    SEQUENCE_SKIPS = "sequence_skips"
    TIED_SEQUENCE = "tied_sequence"
    COWORKER_ENROLLED_TWICE = "coworker_enrolled_twice"
    FOREIGN_COMPLETIONS = "foreign_completions"


@attrs.frozen(kw_only=True)
class Finding:
    """One finding: what it is about, and the other lessons and sections that explain it.

    `member_ids` are the members concerned: the enrolments of one coworker, or those who have
    completed one lesson that is not of their course.
    """

    __repr__ = short_repr

    code: FindingCode
    course_id: int
    section_ids: tuple[int, ...] = ()
    lesson_ids: tuple[int, ...] = ()
    because_section_ids: tuple[int, ...] = ()
    because_lesson_ids: tuple[int, ...] = ()
    coworker_ids: tuple[int, ...] = ()
    member_ids: tuple[int, ...] = ()

    def __str__(self) -> str:
        """One readable sentence. To be shown, not to be parsed."""
        about = _named(self.section_ids, self.lesson_ids, self.coworker_ids)
        because = _named(self.because_section_ids, self.because_lesson_ids, (), self.member_ids)
        about = about or f"course {self.course_id}"
        return f"{about}: {_SENTENCES[self.code]}" + (f" ({because})" if because else "")


_SENTENCES = {
    FindingCode.COURSE_INACTIVE: "inactive, so no event completes any of its lessons",
    FindingCode.COURSE_WITHOUT_COUNTABLE_LESSONS: "no lesson counts, so nobody can finish it",
    FindingCode.SECTION_WITHOUT_COUNTABLE_LESSONS: "no lesson counts; sequences look past it",
    FindingCode.LESSONS_IN_INACTIVE_SECTION: "active, but no event completes what is in here",
    FindingCode.NEVER_OPENS: "opens more than a century after the enrolment",
    FindingCode.BEHIND_NEVER_OPENING: "waits for lessons that open after more than a century",
    FindingCode.THRESHOLD_WITHOUT_VIDEO: "a coverage threshold has no effect without VIDEO",
    FindingCode.CRITERION_NEVER_MET: "no event can meet its criterion, so it does not count",
    FindingCode.CRITERION_PART_NEVER_MET: "a part of its criterion has no effect: nothing meets it",
    FindingCode.DURATION_UNKNOWN: (
        "players report durations that differ by more than 1 %; set its video_duration"
    ),
    FindingCode.DAYS_WITHOUT_TIMED: "unlock_after_days has no effect without TIMED",
    FindingCode.TIMED_WITHOUT_DAYS: "TIMED with 0 days is open from the enrolment",
    FindingCode.TIMED_WITHIN_SECTION_WAIT: (
        "its days count from the enrolment and are over before its section opens"
    ),
    FindingCode.SEQUENCE_WITHOUT_START: "SEQUENTIAL, but nothing before it counts: open at once",
    FindingCode.SEQUENCE_SKIPS: "SEQUENTIAL, but what is just before does not count: looked past",
    FindingCode.TIED_SEQUENCE: "a sequence among equal display_order goes by id",
    FindingCode.COWORKER_ENROLLED_TWICE: "enrolled more than once; each enrolment starts anew",
    FindingCode.FOREIGN_COMPLETIONS: "completed by members of another course; counts for nobody",
}


_PLACES = {code: place for place, code in enumerate(FindingCode)}


def lint(
    outline: Outline,
    members: Iterable[CourseMember] = (),
    foreign: Iterable[tuple[int, int]] = (),
    evidence: Iterable[tuple[int, EvidenceByKind]] = (),
) -> tuple[Finding, ...]:
    """Every finding about the course, by code, then in reading order.

    `members` are those of the course. `foreign` are the lesson and member of each completion that
    joins this course with another one, `evidence` the lesson id and the evidence of each pair.
    O(L log L + m log m + e) for L lessons, m members and pairs, and e pieces of evidence.
    """
    about_course = (finding for rule in _RULES for finding in rule(outline))
    found = (
        *about_course,
        *_enrolled_twice(outline, members),
        *_foreign_completions(outline, foreign),
        *_doubtful(outline, evidence),
    )
    return tuple(sorted(found, key=lambda finding: _PLACES[finding.code]))


def _enrolled_twice(outline: Outline, members: Iterable[CourseMember]) -> Iterator[Finding]:
    enrolments: dict[int, list[int]] = {}
    for member in members:
        enrolments.setdefault(member.coworker_id, []).append(member.id)
    for coworker_id, ids in sorted(enrolments.items()):
        if len(ids) > 1:
            yield Finding(
                code=FindingCode.COWORKER_ENROLLED_TWICE,
                course_id=outline.course.id,
                coworker_ids=(coworker_id,),
                member_ids=tuple(sorted(ids)),
            )


def _doubtful(
    outline: Outline, evidence: Iterable[tuple[int, EvidenceByKind]]
) -> Iterator[Finding]:
    kept: dict[int, list[EvidenceByKind]] = {}
    for lesson_id, found in evidence:
        kept.setdefault(lesson_id, []).append(found)
    for lesson in outline.lessons:
        told = [known(lesson, found) for found in kept.get(lesson.id, ())]
        if lesson.criterion.is_doubtful(told):
            yield _finding(outline, FindingCode.DURATION_UNKNOWN, lessons=(lesson.id,))


def _foreign_completions(outline: Outline, foreign: Iterable[tuple[int, int]]) -> Iterator[Finding]:
    for lesson_id, pairs in groupby(sorted(foreign), key=itemgetter(0)):
        yield Finding(
            code=FindingCode.FOREIGN_COMPLETIONS,
            course_id=outline.course.id,
            lesson_ids=(lesson_id,),
            member_ids=tuple(member_id for _, member_id in pairs),
        )


def _course_inactive(outline: Outline) -> Iterator[Finding]:
    if not outline.course.active:
        yield _finding(outline, FindingCode.COURSE_INACTIVE)


def _course_empty(outline: Outline) -> Iterator[Finding]:
    if not outline.countable_ids:
        yield _finding(outline, FindingCode.COURSE_WITHOUT_COUNTABLE_LESSONS)


def _section_empty(outline: Outline) -> Iterator[Finding]:
    code = FindingCode.SECTION_WITHOUT_COUNTABLE_LESSONS
    full = _sections_that_count(outline)
    for section in outline.sections:
        if section.active and section.id not in full:
            yield _finding(outline, code, sections=(section.id,))


def _section_inactive(outline: Outline) -> Iterator[Finding]:
    code = FindingCode.LESSONS_IN_INACTIVE_SECTION
    for section, lessons in _by_section(outline):
        active = tuple(lesson.id for lesson in lessons if is_trackable(lesson))
        if section is not None and not section.active and active:
            yield _finding(outline, code, lessons=active, because_sections=(section.id,))


def _never_opens(outline: Outline) -> Iterator[Finding]:
    for section in outline.sections:
        if _endless(outline.section_locks[section.id]):
            yield _finding(outline, FindingCode.NEVER_OPENS, sections=(section.id,))
    for lesson in outline.lessons:
        if _endless(outline.lesson_lock(lesson)):
            yield _finding(outline, FindingCode.NEVER_OPENS, lessons=(lesson.id,))


def _behind_never(outline: Outline) -> Iterator[Finding]:
    shut = _shut(outline)
    behind = tuple(each.id for each in shut if not _waits_endlessly(outline, each))
    if behind:
        roots = tuple(each.id for each in shut if _waits_endlessly(outline, each))
        code = FindingCode.BEHIND_NEVER_OPENING
        yield _finding(outline, code, lessons=behind, because_lessons=roots)


def _threshold(outline: Outline) -> Iterator[Finding]:
    for lesson in outline.lessons:
        if lesson.video_coverage is not None and lesson.completion_type is not CompletionType.VIDEO:
            yield _finding(outline, FindingCode.THRESHOLD_WITHOUT_VIDEO, lessons=(lesson.id,))


def _never_met(outline: Outline) -> Iterator[Finding]:
    # A criterion without parts that nothing meets is what somebody chose: the origin's NONE.
    for lesson in outline.lessons:
        if lesson.criterion.parts and not lesson.criterion.can_be_met:
            yield _finding(outline, FindingCode.CRITERION_NEVER_MET, lessons=(lesson.id,))


def _part_never_met(outline: Outline) -> Iterator[Finding]:
    for lesson in outline.lessons:
        if lesson.criterion.can_be_met and _has_idle_part(lesson.criterion):
            yield _finding(outline, FindingCode.CRITERION_PART_NEVER_MET, lessons=(lesson.id,))


def _has_idle_part(criterion: Criterion) -> bool:
    return any(not part.can_be_met or _has_idle_part(part) for part in criterion.parts)


def _days_without_timed(outline: Outline) -> Iterator[Finding]:
    return _about(
        outline,
        FindingCode.DAYS_WITHOUT_TIMED,
        lambda each: each.unlock_type is not UnlockType.TIMED and each.unlock_after_days > 0,
    )


def _timed_without_days(outline: Outline) -> Iterator[Finding]:
    return _about(
        outline,
        FindingCode.TIMED_WITHOUT_DAYS,
        lambda each: each.unlock_type is UnlockType.TIMED and each.unlock_after_days == 0,
    )


def _timed_within_section(outline: Outline) -> Iterator[Finding]:
    code = FindingCode.TIMED_WITHIN_SECTION_WAIT
    for lesson in outline.lessons:
        own, section = outline.lesson_lock(lesson).wait, outline.section_lock(lesson).wait
        if own and section and own < section and lesson.section_id is not None:
            because = (lesson.section_id,)
            yield _finding(outline, code, lessons=(lesson.id,), because_sections=because)


def _lesson_sequences(outline: Outline) -> Iterator[Finding]:
    skipped: list[int] = []
    for lesson in outline.lessons:
        if not outline.is_countable(lesson):
            skipped.append(lesson.id)
            continue
        if skipped and lesson.unlock_type is UnlockType.SEQUENTIAL:
            code = _sequence_code(outline.lesson_lock(lesson))
            yield _finding(outline, code, lessons=(lesson.id,), because_lessons=tuple(skipped))
        skipped = []


def _section_sequences(outline: Outline) -> Iterator[Finding]:
    skipped: list[int] = []
    full = _sections_that_count(outline)
    loose = tuple(each for each in outline.countable_ids if outline.lesson(each).section_id is None)
    for section in outline.sections:
        if section.id not in full:
            skipped.append(section.id)
            continue
        if section.unlock_type is UnlockType.SEQUENTIAL:
            code = _sequence_code(outline.section_locks[section.id])
            beside = loose if code is FindingCode.SEQUENCE_WITHOUT_START else ()
            if skipped or beside:
                yield _finding(
                    outline,
                    code,
                    sections=(section.id,),
                    because_sections=tuple(skipped),
                    because_lessons=beside,
                )
        skipped = []


def _tied_lessons(outline: Outline) -> Iterator[Finding]:
    countable = (outline.lesson(each) for each in outline.countable_ids)
    for _, tied in groupby(countable, key=lambda each: (each.section_id, each.display_order)):
        found = tuple(tied)
        if _is_tied_sequence(found):
            ids = tuple(each.id for each in found)
            yield _finding(outline, FindingCode.TIED_SEQUENCE, lessons=ids)


def _tied_sections(outline: Outline) -> Iterator[Finding]:
    full = _sections_that_count(outline)
    counting = (section for section in outline.sections if section.id in full)
    for _, tied in groupby(counting, key=lambda each: each.display_order):
        found = tuple(tied)
        if _is_tied_sequence(found):
            ids = tuple(each.id for each in found)
            yield _finding(outline, FindingCode.TIED_SEQUENCE, sections=ids)


_RULES: tuple[Callable[[Outline], Iterator[Finding]], ...] = (
    _course_inactive,
    _course_empty,
    _section_empty,
    _section_inactive,
    _never_opens,
    _behind_never,
    _threshold,
    _never_met,
    _part_never_met,
    _days_without_timed,
    _timed_without_days,
    _timed_within_section,
    _section_sequences,
    _lesson_sequences,
    _tied_sections,
    _tied_lessons,
)


def _finding(
    outline: Outline,
    code: FindingCode,
    *,
    sections: tuple[int, ...] = (),
    lessons: tuple[int, ...] = (),
    because_sections: tuple[int, ...] = (),
    because_lessons: tuple[int, ...] = (),
) -> Finding:
    return Finding(
        code=code,
        course_id=outline.course.id,
        section_ids=sections,
        lesson_ids=lessons,
        because_section_ids=because_sections,
        because_lesson_ids=because_lessons,
    )


def _about(
    outline: Outline, code: FindingCode, holds: Callable[[Section | Lesson], bool]
) -> Iterator[Finding]:
    for section in outline.sections:
        if holds(section):
            yield _finding(outline, code, sections=(section.id,))
    for lesson in outline.lessons:
        if holds(lesson):
            yield _finding(outline, code, lessons=(lesson.id,))


def _by_section(outline: Outline) -> Iterator[tuple[Section | None, Iterable[Lesson]]]:
    for section_id, lessons in groupby(outline.lessons, key=lambda each: each.section_id):
        yield None if section_id is None else outline.section_by_id[section_id], lessons


def _sections_that_count(outline: Outline) -> frozenset[int | None]:
    return frozenset(outline.lesson(each).section_id for each in outline.countable_ids)


def _endless(lock: Lock) -> bool:
    return lock.wait is not None and lock.wait > CENTURY


def _waits_endlessly(outline: Outline, lesson: Lesson) -> bool:
    return _endless(outline.lesson_lock(lesson)) or _endless(outline.section_lock(lesson))


def _shut(outline: Outline) -> list[Lesson]:
    """The lessons that never open, by their own wait or by what they require, in reading order."""
    ids: set[int] = set()
    shut: list[Lesson] = []
    for section, lessons in _by_section(outline):
        # A section requires lessons of earlier sections only, and those are judged by now.
        section_shut = section is not None and _stays_shut(outline.section_locks[section.id], ids)
        for lesson in lessons:
            if section_shut or _stays_shut(outline.lesson_lock(lesson), ids):
                ids.add(lesson.id)
                shut.append(lesson)
    return shut


def _stays_shut(lock: Lock, shut: set[int]) -> bool:
    return _endless(lock) or any(lesson_id in shut for lesson_id in lock.requires)


def _sequence_code(lock: Lock) -> FindingCode:
    return FindingCode.SEQUENCE_SKIPS if lock.requires else FindingCode.SEQUENCE_WITHOUT_START


def _is_tied_sequence(tied: tuple[Lesson, ...] | tuple[Section, ...]) -> bool:
    return len(tied) > 1 and any(each.unlock_type is UnlockType.SEQUENTIAL for each in tied)


def _named(
    sections: tuple[int, ...],
    lessons: tuple[int, ...],
    coworkers: tuple[int, ...] = (),
    members: tuple[int, ...] = (),
) -> str:
    kinds = {"section": sections, "lesson": lessons, "coworker": coworkers, "member": members}
    return ", ".join(told for kind, ids in kinds.items() for told in _ids(kind, ids))


def _ids(kind: str, ids: tuple[int, ...]) -> Iterator[str]:
    if ids:
        yield f"{kind}{'s' if len(ids) > 1 else ''} {', '.join(map(str, ids))}"
