"""What a learner does on the page of an open lesson, by what completes the lesson."""

from collections.abc import Iterator
from math import ceil
from typing import assert_never

from coursetrack.domain.entities import CompletionType, Lesson
from coursetrack.domain.events import ButtonClick, Event, VideoFinish, VideoProgress
from coursetrack.simulation.draws import Draws, Uniforms
from coursetrack.simulation.habits import Habits
from coursetrack.simulation.outlines import instant

VIDEO_SECONDS = 240
"""How long a video is whose lesson does not say. (decided)"""

_REWATCHED = 10.0


def page_events(
    member_id: int,
    lesson: Lesson,
    at: int,
    pressed_at: int | None,
    u: Uniforms,
    habits: Habits,
    draws: Draws,
    *,
    fully: bool = False,
) -> Iterator[Event]:
    """What follows the visit at second `at`, in order of time.

    `pressed_at` is when the learner is done with the lesson, None for one who leaves it; `fully`
    is for one who must complete it to get on.
    """
    match lesson.completion_type:
        case CompletionType.NONE | CompletionType.VISITED | None:
            return
        case CompletionType.BUTTON:
            if pressed_at is not None:
                yield ButtonClick(member_id=member_id, lesson_id=lesson.id, at=instant(pressed_at))
        case CompletionType.VIDEO:
            share = 1.0 if fully else habits.coverage(u.extra)
            where = draws(member_id, lesson.id, 1 << 40)
            yield from _watching(member_id, lesson, at, share, where)
            if lesson.video_coverage is None and pressed_at is not None:
                end = max(pressed_at, at + ceil(share * VIDEO_SECONDS + _REWATCHED))
                yield VideoFinish(member_id=member_id, lesson_id=lesson.id, at=instant(end))
        case _:
            assert_never(lesson.completion_type)


def _watching(
    member_id: int, lesson: Lesson, at: int, share: float, where: Uniforms
) -> Iterator[VideoProgress]:
    """A part from the start, a few seconds of it again, and the rest after a jump to the end.

    Together the stretches cover the share `share` of the video.
    """
    duration = float(VIDEO_SECONDS)
    seen = share * duration
    turn = where.skip * seen
    back = max(0.0, turn - _REWATCHED)
    jump = where.leap < 0.5
    stretches = [(0.0, turn), (back, turn if jump else seen)]
    if jump:
        stretches.append((duration - (seen - turn), duration))
    clock = float(at)
    for start, end in stretches:
        clock += end - start
        yield VideoProgress(
            member_id=member_id,
            lesson_id=lesson.id,
            at=instant(ceil(clock)),
            start=start,
            end=end,
            duration=duration,
        )
