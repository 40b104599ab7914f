"""The answer to "why is this lesson completed, or not?" as a tree of values.

::

    Explanation
      completed   the record, when there is one
      refusals    what would refuse an event at `at`: standing reasons, then locks
      locks       each lock with what satisfied it, and what still opens it
      video       what is watched, what remains, how little would be enough
      steps       lessons that remain to be completed, this one last, each with its action

Every node has data to work with and a readable ``str()``, which is not to be parsed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from operator import itemgetter

import attrs

from coursetrack.domain.entities import (
    CompletedLesson,
    CompletionType,
    CourseMember,
    Lesson,
    UnlockType,
)
from coursetrack.domain.outline import Lock, Outline
from coursetrack.domain.refusals import Refusal
from coursetrack.domain.rules import refusals
from coursetrack.domain.unlocking import is_open, missing, opens_at
from coursetrack.domain.watched import Stretch, Watched
from coursetrack.errors import shown

Completions = Mapping[int, CompletedLesson]
"""A member's completions by lesson id."""


class Action(StrEnum):
    """What completes a lesson: the name of an event, or an administrator's hand."""

    PAGE_VISIT = "page_visit"
    BUTTON_CLICK = "button_click"
    VIDEO_FINISH = "video_finish"
    VIDEO_PROGRESS = "video_progress"
    BY_HAND = "by_hand"


_ACTIONS = {
    CompletionType.NONE: Action.BY_HAND,
    CompletionType.VISITED: Action.PAGE_VISIT,
    CompletionType.BUTTON: Action.BUTTON_CLICK,
    CompletionType.VIDEO: Action.VIDEO_FINISH,
}

_ACTION_TEXTS = {
    Action.PAGE_VISIT: "a visit to its page",
    Action.BUTTON_CLICK: "a click on its button",
    Action.VIDEO_FINISH: "its video played to the end",
    Action.VIDEO_PROGRESS: "enough of its video watched",
    Action.BY_HAND: "an administrator, by hand",
}


def action(lesson: Lesson) -> Action:
    """What completes `lesson` (rules 1 and 2)."""
    watches = lesson.completion_type is CompletionType.VIDEO and lesson.video_coverage is not None
    return Action.VIDEO_PROGRESS if watches else _ACTIONS[lesson.completion_type]


@attrs.frozen(kw_only=True)
class ExplainedLock:
    """One lock on the lesson: its own when `section_id` is None, else that of its section.

    `completed` are the completions that it asked for and got; `requires` the lessons it still
    asks for. `opens_at` is when a TIMED lock opens (UTC), None beyond the year 9999.
    """

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
        if self.unlock_type is UnlockType.TIMED:
            if self.opens_at is None:
                return " for ever"
            return f" {'since' if self.is_open else 'until'} {self.opens_at.isoformat()}"
        done = [f"{each.lesson_id} at {each.created_on.isoformat()}" for each in self.completed]
        parts = (_few("completed", done), _few("missing", [str(id_) for id_ in self.requires]))
        said = "; ".join(part for part in parts if part)
        return f": {said}" if said else ""


@attrs.frozen(kw_only=True)
class ExplainedVideo:
    """What is watched of a VIDEO lesson; milliseconds, stretches half-open.

    `threshold` is the share the lesson asks for, None when it completes on VideoFinish. `missing`
    are the fewest further milliseconds that reach it, None without a threshold or any report.
    """

    coverage: Fraction
    threshold: Fraction | None
    duration: int | None
    stretches: tuple[Stretch, ...]
    remaining: tuple[Stretch, ...]
    missing: int | None

    def __str__(self) -> str:
        """One readable line."""
        asked = "" if self.threshold is None else f", {_percent(self.threshold)} is asked for"
        left = "" if not self.missing else f", {self.missing / 1000:g} s more would do"
        gaps = _few("not seen", [_seconds(stretch) for stretch in self.remaining])
        return f"watched {_percent(self.coverage)}{asked}{left}" + (f"; {gaps}" if gaps else "")


@attrs.frozen(kw_only=True)
class Step:
    """One lesson that remains to be completed.

    It waits for earlier steps: the lessons that its own lock and that of its section require.
    `opens_at` is the first instant at which time lets it be completed: at the earliest the
    enrolment; None when that is beyond the year 9999.
    """

    lesson: Lesson
    action: Action
    lesson_requires: tuple[int, ...]
    section_requires: tuple[int, ...]
    opens_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether an earlier step has to be taken first."""
        return bool(self.lesson_requires or self.section_requires)

    def __str__(self) -> str:
        """One readable line."""
        opens = "never open" if self.opens_at is None else f"open from {self.opens_at.isoformat()}"
        return f"{_named(self.lesson)} by {_ACTION_TEXTS[self.action]}, {opens}"


@attrs.frozen(kw_only=True)
class Explanation:
    """Why `lesson` is completed by `member` or not, as it is at `at` (UTC). See the module."""

    lesson: Lesson
    member: CourseMember
    at: datetime
    completed: CompletedLesson | None
    refusals: tuple[Refusal, ...]
    locks: tuple[ExplainedLock, ...]
    video: ExplainedVideo | None
    steps: tuple[Step, ...]

    @property
    def action(self) -> Action:
        """What completes the lesson, or would have."""
        return action(self.lesson)

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

    def _answer(self) -> str:
        head = f"{_named(self.lesson)}, member {self.member.id}, at {self.at.isoformat()}: "
        if self.completed is None:
            return f"{head}not completed; needs {_ACTION_TEXTS[self.action]}"
        changed = self.completed.updated_by
        hand = "" if changed is None else f", last changed by {shown(changed)}"
        return f"{head}completed at {self.completed.created_on.isoformat()}" + (
            f" (record {self.completed.id}{hand})"
        )

    def _reasons(self) -> Iterator[str]:
        yield from (f"refused: {refusal}" for refusal in self.standing)
        yield from (str(lock) for lock in self.locks)
        if self.video is not None:
            yield str(self.video)
        if self.next_step is not None:
            yield f"next: {self.next_step}"
        if len(self.steps) > 1:
            yield f"lessons to complete, this one included: {len(self.steps)}"


def explanation(
    outline: Outline,
    lesson: Lesson,
    member: CourseMember,
    completions: Completions,
    watched: Watched | None,
    at: datetime,
) -> Explanation:
    """The explanation of `lesson` for `member` at `at`. O(lessons of the course).

    `outline` is that of the lesson's course, `completions` all of the member's by lesson id, and
    `watched` the member's evidence for this lesson.
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
        video=_video(lesson, watched or Watched(member_id=member.id, lesson_id=lesson.id)),
        steps=tuple(_steps(outline, lesson, member, completions)) if judged else (),
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


def _video(lesson: Lesson, watched: Watched) -> ExplainedVideo | None:
    if lesson.completion_type is not CompletionType.VIDEO:
        return None
    threshold = lesson.video_coverage
    return ExplainedVideo(
        coverage=watched.coverage,
        threshold=threshold,
        duration=watched.duration,
        stretches=watched.stretches,
        remaining=watched.remaining,
        missing=None if threshold is None else watched.missing(threshold),
    )


def _steps(
    outline: Outline, lesson: Lesson, member: CourseMember, done: Completions
) -> Iterator[Step]:
    # The lessons of one section share one tuple: else two long sections would cost their product.
    shared = {section_id: missing(lock, done) for section_id, lock in outline.section_locks.items()}
    for each in _to_complete(outline, lesson, done, shared):
        own = outline.lesson_lock(each)
        yield Step(
            lesson=each,
            action=action(each),
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
    for each in reversed(outline.lessons[: outline.place(lesson.id) + 1]):
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


def _percent(share: Fraction) -> str:
    # Cut, not rounded: a share below the threshold must not read like the threshold.
    return f"{int(share * 10_000) / 100:g} %"


def _seconds(stretch: Stretch) -> str:
    return f"{stretch[0] / 1000:g}-{stretch[1] / 1000:g} s"


def _few(label: str, items: list[str]) -> str:
    more = f" and {len(items) - 3} more" if len(items) > 3 else ""
    return f"{label} {', '.join(items[:3])}{more}" if items else ""
